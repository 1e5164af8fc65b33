#include <endian.h>
#include <string.h>

#include "clk.h"
#include "kite.h"
#include "num.h"
#include "tick.h"

/*
 * A busy day is some 10^8 rows, so there is no printf() here: the text of a
 * number below 10^4 comes out of a table, with a tab behind it, and larger ones
 * are put together of such.  Each put_*() writes at p, ends in a tab and gives
 * the place behind it; it may write up to eight bytes more, which the next one
 * covers, and for which TICK_ROW_MAX has room behind the last.
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
	DAY_SLOTS = 16,
	DAY_S = 86400
};

/* "\\N\t" so often: a kind's missing columns are one memcpy(). */
#define NULL5 "\\N\t\\N\t\\N\t\\N\t\\N\t"
static const char nulls[] = NULL5 NULL5 NULL5 NULL5 NULL5 NULL5 NULL5 NULL5
    NULL5;
enum { NULL_LEN = 3 };

static inline char *
put_nulls(char *p, int n)
{
	memcpy(p, nulls, (size_t)(n * NULL_LEN));
	return p + n * NULL_LEN;
}

/* ---- numbers ---- */

/*
 * Of each number of up to four digits its text and a tab, the first byte in the
 * low one, and in byte 7 the length.  Made before main(), so that no row has to
 * ask.
 */
static uint64_t four[10000];

__attribute__((constructor)) static void
make_four(void)
{
	for (uint32_t v = 0; v < 10000; v++) {
		int zeros = v < 10 ? 3 : v < 100 ? 2 : v < 1000 ? 1 : 0;
		uint64_t text = UINT64_C(0x0930303030) + (v / 1000 |
		    v / 100 % 10 << 8 | v / 10 % 10 << 16 | v % 10 << 24);

		four[v] = text >> 8 * zeros | (uint64_t)(5 - zeros) << 56;
	}
}

/* Writes eight bytes, the low one first. */
static inline void
put8(char *p, uint64_t x)
{
	x = htole64(x);
	memcpy(p, &x, sizeof(x));
}

/* v < 10^4, without leading zeros. */
static inline char *
put_first(char *p, uint32_t v)
{
	uint64_t x = four[v];

	put8(p, x);
	return p + (x >> 56);
}

/* v < 10^4 as four digits: two and two of them are the end of "1vv", which are
 * few entries of the table and so in the cache. */
static inline char *
put_four(char *p, uint32_t v)
{
	put8(p, four[100 + v / 100] >> 8);
	put8(p + 2, four[100 + v % 100] >> 8);
	return p + 5;
}

/* Longer ones: each piece begins on the tab of the one before it. */
static char *
put_long(char *p, uint64_t v)
{
	p = v < 100000000 ? put_first(p, (uint32_t)(v / 10000)) :
	    put_long(p, v / 10000);
	return put_four(p - 1, (uint32_t)(v % 10000));
}

static inline char *
put_int(char *p, uint64_t v)
{
	if (v < 10000)
		return put_first(p, (uint32_t)v);
	if (v >= 100000000)
		return put_long(p, v);
	p = put_first(p, (uint32_t)v / 10000);
	return put_four(p - 1, (uint32_t)v % 10000);
}

/* The next three put a point and decimals in place of the tab before p. */

/* v < 100, two: of "1vv" out of the table the 1 becomes the point. */
static inline char *
put_point2(char *p, uint32_t v)
{
	put8(p - 1, four[100 + v] ^ ('1' ^ '.'));
	return p + 3;
}

/* v < 1000, three. */
static inline char *
put_point3(char *p, uint32_t v)
{
	put8(p - 1, four[1000 + v] ^ ('1' ^ '.'));
	return p + 4;
}

/* v < 10^4, four. */
static inline char *
put_point4(char *p, uint32_t v)
{
	p[-1] = '.';
	return put_four(p, v);
}

/* The rare ones: 4 and 7 decimals, below 0, from 10,000 rupees on. */
static char *
put_price_slow(char *p, int64_t e7, int64_t unit)
{
	uint64_t v = e7 < 0 ? 0 - (uint64_t)e7 : (uint64_t)e7;
	uint32_t low = (uint32_t)(v % E7);

	if (e7 < 0)
		*p++ = '-';
	p = put_int(p, v / E7);
	switch (unit) {
	case 100000:
		return put_point2(p, low / 100000);
	case 1000:
		return put_point4(p, low / 1000);
	default:
		p = put_point3(p, low / 10000);
		return put_four(p - 1, low % 10000);
	}
}

/*
 * A price.  unit is kite_unit_e7() of the token: 100000, 1000 or 1, which
 * leaves 2, 4 or 7 decimals.
 */
static inline char *
put_price(char *p, int64_t e7, int64_t unit)
{
	uint32_t paise;

	if (unit != 100000 || (uint64_t)e7 >= UINT64_C(10000) * E7)
		return put_price_slow(p, e7, unit);
	paise = (uint32_t)((uint64_t)e7 / 100000);
	return put_point2(put_first(p, paise / 100), paise % 100);
}

/*
 * The change against close in percent, four decimals, rounded half away from
 * zero.  In wire units both are below 2^32, so the product fits.
 */
static inline char *
put_change(char *p, const struct tick *t, int64_t unit)
{
	int64_t close = t->close_e7 / unit, diff = t->price_e7 / unit - close;
	uint64_t v;

	if (close <= 0)
		return put_nulls(p, 1);
	v = ((uint64_t)(diff < 0 ? -diff : diff) * 1000000 +
	    (uint64_t)close / 2) / (uint64_t)close;
	*p = '-';
	p += diff < 0 && v > 0;
	return put_point4(put_int(p, v / 10000), (uint32_t)(v % 10000));
}

/* ---- times ---- */

/* v < 100 as two digits, and a character. */
static inline char *
put_pair(char *p, uint32_t v, char then)
{
	put8(p, four[100 + v] >> 8);
	p[2] = then;
	return p + 3;
}

/*
 * "YYYY-MM-DD HH:MM:SS" of s seconds since the epoch, IST.  The texts of a few
 * days are kept; the answer does not depend on what was kept.
 */
static inline char *
put_time(char *p, uint32_t s)
{
	static _Thread_local struct {
		uint32_t day;
		char	 text[16];		/* "": nothing yet */
	} seen[DAY_SLOTS];
	uint64_t ist = s + (uint64_t)CLK_IST_US / US_PER_SEC;
	uint32_t day = (uint32_t)(ist / DAY_S), left = (uint32_t)(ist % DAY_S);
	uint32_t slot = day % DAY_SLOTS;

	if (seen[slot].day != day || *seen[slot].text == '\0') {
		clk_day_to((int32_t)day, seen[slot].text);
		seen[slot].text[CLK_DAY - 1] = ' ';
		seen[slot].day = day;
	}
	memcpy(p, seen[slot].text, sizeof(seen[slot].text));
	p = put_pair(p + CLK_DAY, left / 3600, ':');
	p = put_pair(p, left / 60 % 60, ':');
	return put_pair(p, left % 60, '\t');
}

static char *
make_recv(char *p, int64_t recv_us)
{
	uint64_t us = (uint64_t)recv_us, s = us / US_PER_SEC;

	if (recv_us < 0 || s > UINT32_MAX)
		return put_nulls(p, 1);
	us %= US_PER_SEC;
	p = put_point2(put_time(p, (uint32_t)s), (uint32_t)us / 10000);
	return put_four(p - 1, (uint32_t)us % 10000);
}

/*
 * The receive time; \N for one that no clock shows (a capture can say
 * anything).  The ticks of a frame have the same one, so its text is kept.
 */
static inline char *
put_recv(char *p, int64_t recv_us)
{
	static _Thread_local struct {
		int64_t	 us;
		int64_t	 len;			/* 0: nothing yet */
		char	 text[32];
	} seen;

	if (seen.us != recv_us || seen.len == 0) {
		seen.us = recv_us;
		seen.len = make_recv(seen.text, recv_us) - seen.text;
	}
	memcpy(p, seen.text, sizeof(seen.text));
	return p + seen.len;
}

/* A time in whole seconds; 0 is not there. */
static inline char *
put_seconds(char *p, uint32_t s)
{
	return s == 0 ? put_nulls(p, 1) : put_time(p, s);
}

/* ---- rows ---- */

/* seq to tradingsymbol */
static inline char *
put_head(char *p, const struct tick *t, const struct tick_row *r)
{
	size_t n = strnlen(r->symbol, SYMBOL_MAX);

	p = put_int(p, r->seq);
	p = put_recv(p, r->recv_us);
	p = put_int(p, r->conn);
	for (int i = 0; i < FLAG_MAX && r->flag[i] != '\0'; i++)
		*p++ = r->flag[i];
	*p++ = '\t';
	p = put_int(p, t->token);
	memcpy(p, r->symbol, n);
	p[n] = '\t';
	return p + n + 1;
}

static inline char *
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
	p = put_seconds(p, t->trade_s);
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
		p = put_seconds(p, t->exch_s);
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
	p[-1] = '\n';
	return (size_t)(p - out);
}
