#include <endian.h>
#include <string.h>

#include "clk.h"
#include "kite.h"
#include "tick.h"

/*
 * A busy day is some 10^8 rows, so there is no printf() here: every number is
 * written by hand, three digits at a time.
 */

#define LEVEL(s, i)	"\t" s "q" i "\t" s "p" i "\t" s "o" i
#define SIDE(s)		LEVEL(s, "0") LEVEL(s, "1") LEVEL(s, "2") \
			LEVEL(s, "3") LEVEL(s, "4")

const char tick_header[] =
    "seq\trecvTime\tconn\tflag\tinstrument_token\ttradingsymbol\ttimestamp\t"
    "price\tqty\tavgPrice\tvolume\tbQty\tsQty\topen\thigh\tlow\tclose\t"
    "changeper\tlastTradeTime\toi\toiHigh\toiLow" SIDE("b") SIDE("s");

enum {
	SYMBOL_MAX = 128,	/* bytes taken of a symbol */
	FLAG_MAX = 8,
	TIME_SLOTS = 16
};

/* "\t\\N" so often: a kind's missing columns are one memcpy(). */
#define NULL5 "\t\\N\t\\N\t\\N\t\\N\t\\N"
static const char nulls[] = NULL5 NULL5 NULL5 NULL5 NULL5 NULL5 NULL5 NULL5
    NULL5;
enum { NULL_LEN = 3 };

/*
 * The three digits of 0 to 999, the first one in the low byte; the high byte
 * says by how many bits to shift so that leading zeros fall out.
 */
#define THREE(a, b, c) \
    (('0' + (a)) | ('0' + (b)) << 8 | ('0' + (c)) << 16 | \
    ((a) > 0 ? 0 : (b) > 0 ? 8 : 16) << 24)
#define TEN(a, b) \
    THREE(a, b, 0), THREE(a, b, 1), THREE(a, b, 2), THREE(a, b, 3), \
    THREE(a, b, 4), THREE(a, b, 5), THREE(a, b, 6), THREE(a, b, 7), \
    THREE(a, b, 8), THREE(a, b, 9)
#define HUNDRED(a) \
    TEN(a, 0), TEN(a, 1), TEN(a, 2), TEN(a, 3), TEN(a, 4), \
    TEN(a, 5), TEN(a, 6), TEN(a, 7), TEN(a, 8), TEN(a, 9)

static const uint32_t three[1000] = {
	HUNDRED(0), HUNDRED(1), HUNDRED(2), HUNDRED(3), HUNDRED(4),
	HUNDRED(5), HUNDRED(6), HUNDRED(7), HUNDRED(8), HUNDRED(9)
};

static inline char *
put_nulls(char *p, int n)
{
	memcpy(p, nulls, (size_t)(n * NULL_LEN));
	return p + n * NULL_LEN;
}

/* The next three write four bytes, whatever they give. */

/* v, 0 to 99, as two digits. */
static inline char *
put_pair(char *p, uint32_t v)
{
	uint32_t x = htole32(three[v] >> 8);

	memcpy(p, &x, sizeof(x));
	return p + 2;
}

/* v, 0 to 999, as three digits. */
static inline char *
put_three(char *p, uint32_t v)
{
	uint32_t x = htole32(three[v]);

	memcpy(p, &x, sizeof(x));
	return p + 3;
}

/* v, 0 to 999, as one to three digits. */
static inline char *
put_first(char *p, uint32_t v)
{
	uint32_t x = three[v], shift = x >> 24;

	x = htole32(x >> shift);
	memcpy(p, &x, sizeof(x));
	return p + 3 - shift / 8;
}

static inline char *
put_u32(char *p, uint32_t v)
{
	if (v < 1000)
		return put_first(p, v);
	if (v < 1000000)
		return put_three(put_first(p, v / 1000), v % 1000);
	if (v < 1000000000)
		p = put_first(p, v / 1000000);
	else {
		*p++ = (char)('0' + v / 1000000000);
		p = put_three(p, v / 1000000 % 1000);
	}
	return put_three(put_three(p, v / 1000 % 1000), v % 1000);
}

static char *
put_u64(char *p, uint64_t v)
{
	uint32_t low = (uint32_t)(v % 1000000);

	if (v <= UINT32_MAX)
		return put_u32(p, (uint32_t)v);
	p = put_u64(p, v / 1000000);
	return put_three(put_three(p, low / 1000), low % 1000);
}

static inline char *
put_int(char *p, uint32_t v)		/* a column */
{
	*p++ = '\t';
	return put_u32(p, v);
}

/* The rare ones: 4 and 7 decimals, below 0, above 4 crore rupees. */
static char *
put_price_slow(char *p, int64_t e7, int64_t unit)
{
	uint64_t v = e7 < 0 ? 0 - (uint64_t)e7 : (uint64_t)e7;
	uint32_t low = (uint32_t)(v % 10000000);

	if (e7 < 0)
		*p++ = '-';
	p = put_u64(p, v / 10000000);
	*p++ = '.';
	p = put_pair(p, low / 100000);
	if (unit == 100000)
		return p;
	p = put_pair(p, low / 1000 % 100);
	if (unit == 1000)
		return p;
	return put_three(p, low % 1000);
}

/*
 * A column of a price.  unit is kite_unit_e7() of the token: 100000, 1000 or 1,
 * which leaves 2, 4 or 7 decimals.
 */
static inline char *
put_price(char *p, int64_t e7, int64_t unit)
{
	uint32_t v;

	*p++ = '\t';
	if (unit != 100000 || (uint64_t)e7 > UINT32_MAX * UINT64_C(100000))
		return put_price_slow(p, e7, unit);
	v = (uint32_t)((uint64_t)e7 / 100000);
	p = put_u32(p, v / 100);
	*p++ = '.';
	return put_pair(p, v % 100);
}

/*
 * "YYYY-MM-DD HH:MM:SS" of s seconds since the epoch, IST.  The texts of a few
 * seconds are kept, for rows that follow each other are of the same ones; the
 * answer does not depend on what was kept.
 */
static inline char *
put_time(char *p, uint32_t s)
{
	static _Thread_local struct {
		uint32_t s;
		char	 text[20];		/* "": nothing yet */
	} seen[TIME_SLOTS];
	uint32_t slot = s % TIME_SLOTS;

	if (seen[slot].s != s || *seen[slot].text == '\0') {
		clk_to_ist_s(s, seen[slot].text);
		seen[slot].s = s;
	}
	memcpy(p, seen[slot].text, 19);
	return p + 19;
}

/* A column of the receive time; \N for one that no clock shows (a capture can
 * say anything). */
static inline char *
put_recv(char *p, int64_t recv_us)
{
	int64_t s = recv_us / US_PER_SEC;
	uint32_t us = (uint32_t)(recv_us - s * US_PER_SEC);

	if (recv_us < 0 || s > UINT32_MAX)
		return put_nulls(p, 1);
	*p++ = '\t';
	p = put_time(p, (uint32_t)s);
	*p++ = '.';
	return put_three(put_three(p, us / 1000), us % 1000);
}

/* A column of a time in whole seconds; 0 is not there. */
static inline char *
put_column_time(char *p, uint32_t s)
{
	if (s == 0)
		return put_nulls(p, 1);
	*p++ = '\t';
	return put_time(p, s);
}

/*
 * A column of the change against close in percent, four decimals, rounded half
 * away from zero.  In wire units both are below 2^32, so the product fits.
 */
static char *
put_change(char *p, const struct tick *t, int64_t unit)
{
	int64_t close = t->close_e7 / unit, diff = t->price_e7 / unit - close;
	uint64_t v;

	if (close <= 0)
		return put_nulls(p, 1);
	*p++ = '\t';
	v = ((uint64_t)(diff < 0 ? -diff : diff) * 1000000 +
	    (uint64_t)close / 2) / (uint64_t)close;
	if (diff < 0 && v > 0)
		*p++ = '-';
	p = put_u64(p, v / 10000);
	*p++ = '.';
	p = put_pair(p, (uint32_t)(v / 100 % 100));
	return put_pair(p, (uint32_t)(v % 100));
}

static char *
put_text(char *p, const char *s, size_t max)
{
	size_t n = strnlen(s, max);

	*p++ = '\t';
	memcpy(p, s, n);
	return p + n;
}

/* seq to tradingsymbol */
static char *
put_head(char *p, const struct tick *t, const struct tick_row *r)
{
	p = put_u64(p, r->seq);
	p = put_recv(p, r->recv_us);
	p = put_int(p, r->conn);
	p = put_text(p, r->flag, FLAG_MAX);
	p = put_int(p, t->token);
	return put_text(p, r->symbol, SYMBOL_MAX);
}

static char *
put_ohlc(char *p, const struct tick *t, int64_t unit)
{
	p = put_price(p, t->open_e7, unit);
	p = put_price(p, t->high_e7, unit);
	p = put_price(p, t->low_e7, unit);
	p = put_price(p, t->close_e7, unit);
	return put_change(p, t, unit);
}

static char *
put_side(char *p, const struct tick_level *side, int64_t unit)
{
	for (int i = 0; i < TICK_DEPTH; i++) {
		p = put_int(p, side[i].qty);
		p = put_price(p, side[i].price_e7, unit);
		p = put_int(p, side[i].orders);
	}
	return p;
}

/* qty to the last column, of a share or derivative; full or quote */
static inline char *
put_traded(char *p, const struct tick *t, int64_t unit)
{
	p = put_int(p, t->qty);
	p = put_price(p, t->avg_e7, unit);
	p = put_int(p, t->volume);
	p = put_int(p, t->buy_qty);
	p = put_int(p, t->sell_qty);
	p = put_ohlc(p, t, unit);
	if (t->kind != TICK_FULL)
		return put_nulls(p, 4 + 6 * TICK_DEPTH);
	p = put_column_time(p, t->trade_s);
	p = put_int(p, t->oi);
	p = put_int(p, t->oi_high);
	p = put_int(p, t->oi_low);
	p = put_side(p, t->buy, unit);
	return put_side(p, t->sell, unit);
}

size_t
tick_format(char *out, const struct tick *t, const struct tick_row *r)
{
	int64_t unit = kite_unit_e7(t->token);
	char *p = put_head(out, t, r);

	if (t->kind == TICK_FULL || t->kind == TICK_INDEX_FULL)
		p = put_column_time(p, t->exch_s);
	else
		p = put_nulls(p, 1);
	p = put_price(p, t->price_e7, unit);
	switch (t->kind) {
	case TICK_FULL:
	case TICK_QUOTE:
		p = unit == 100000 ? put_traded(p, t, 100000) :
		    put_traded(p, t, unit);
		break;
	case TICK_INDEX_FULL:
	case TICK_INDEX_QUOTE:
		p = put_nulls(p, 5);
		p = put_ohlc(p, t, unit);
		p = put_nulls(p, 4 + 6 * TICK_DEPTH);
		break;
	case TICK_LTP:
		p = put_nulls(p, 14 + 6 * TICK_DEPTH);
		break;
	}
	*p++ = '\n';
	return (size_t)(p - out);
}
