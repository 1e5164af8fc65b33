#include <endian.h>
#include <string.h>

#include "clk.h"
#include "kite.h"
#include "num.h"
#include "packrow.h"

enum { TIME_LEN = 19, DAY_LEN = 11 };	/* "YYYY-MM-DD HH:MM:SS", to the blank */

/*
 * Reads fields one after the other.  It need not be strict: a row that was read
 * wrongly does not come out of packrow_format() again.
 */
struct fields {
	const char	*p, *end;	/* end: the newline, or the tab before */
	bool		 bad;
};

/* ---- fields ---- */

/* The digits of a number, and what stands behind them. */
static inline uint64_t
digits(struct fields *f)
{
	uint64_t v = 0;
	unsigned d;

	while ((d = (unsigned char)*f->p - (unsigned)'0') < 10) {
		v = v * 10 + d;
		f->p++;
	}
	return v;
}

/* Over the tab, or the newline, that must come. */
static inline void
step(struct fields *f)
{
	if (*f->p != '\t' && *f->p != '\n')
		f->bad = true;
	else if (f->p < f->end)
		f->p++;
}

/*
 * A field of up to seven bytes with its tab, the last byte in the high one and
 * zeros below the first; its length to *n, 0 when it is empty, longer, or near
 * the end of the row.
 */
static inline uint64_t
short_field(const struct fields *f, unsigned *n)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t x, t;

	*n = 0;
	if (f->end - f->p < (int)sizeof(x))
		return 0;
	memcpy(&x, f->p, sizeof(x));
	x = le64toh(x);
	t = x ^ ones * '\t';
	t = (t - ones) & ~t & ones * 0x80;	/* the first tab has its bit */
	if (t == 0 || (*n = (unsigned)__builtin_ctzll(t) / 8) == 0)
		return 0;
	return x << (64 - 8 * *n);
}

/* The number of eight digits, the last one in the high byte. */
static inline uint32_t
of_digits(uint64_t x)
{
	x = (x & UINT64_C(0x0f0f0f0f0f0f0f0f)) * (10 * 256 + 1) >> 8;
	x = (x & UINT64_C(0x00ff00ff00ff00ff)) * (100 * 65536 + 1) >> 16;
	x = (x & UINT64_C(0x0000ffff0000ffff)) *
	    ((UINT64_C(10000) << 32) + 1) >> 32;
	return (uint32_t)x;
}

static inline uint32_t
get_u32(struct fields *f)
{
	unsigned n;
	uint64_t v = short_field(f, &n);

	if (n > 0) {
		f->p += n + 1;
		return of_digits(v);
	}
	v = digits(f);
	step(f);
	return (uint32_t)v;
}

/* In wire units: the decimals are as many as the unit has. */
static inline uint32_t
get_price(struct fields *f)
{
	const uint64_t high = UINT64_C(0xffff) << 48;
	unsigned d, n;
	uint64_t v = short_field(f, &n);

	if (n > 3 && (v >> 40 & 0xff) == '.') {
		f->p += n + 1;
		return of_digits((v & high) | (v << 8 & ~high));
	}
	v = digits(f);
	if (*f->p == '.') {
		f->p++;
		while ((d = (unsigned char)*f->p - (unsigned)'0') < 10) {
			v = v * 10 + d;
			f->p++;
		}
	}
	step(f);
	return (uint32_t)v;
}

/* A text; its length. */
static inline size_t
get_text(struct fields *f, const char **text)
{
	const char *tab = memchr(f->p, '\t', (size_t)(f->end - f->p));

	*text = f->p;
	if (tab == NULL) {
		f->bad = true;
		return 0;
	}
	f->p = tab + 1;
	return (size_t)(tab - *text);
}

static inline unsigned
pair(const char *p)
{
	return (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
}

/* Seconds since the epoch; 0 is \N.  There are TIME_LEN bytes in front of the
 * end, or it is bad. */
static uint32_t
get_time(struct fields *f, struct packrow_seen *seen)
{
	const char *p = f->p;
	char day[CLK_DAY];
	int32_t dayno;

	if (f->end - p < TIME_LEN || *p == '\\') {
		f->bad |= f->end - p < 2 || p[0] != '\\' || p[1] != 'N';
		if (!f->bad)
			f->p += 2;
		return 0;
	}
	if (memcmp(p, seen->day, DAY_LEN) != 0) {
		memcpy(day, p, sizeof(day) - 1);
		day[sizeof(day) - 1] = '\0';
		if (clk_day_from(day, &dayno) != 0 || p[DAY_LEN - 1] != ' ') {
			f->bad = true;
			return 0;
		}
		memcpy(seen->day, p, DAY_LEN);
		seen->day_s = clk_day_start(dayno) / US_PER_SEC;
	}
	f->p += TIME_LEN;
	p += DAY_LEN;
	return (uint32_t)(seen->day_s + pair(p) * 3600 + pair(p + 3) * 60 +
	    pair(p + 6));
}

static int64_t
get_recv(struct fields *f, struct packrow_seen *seen)
{
	const char *p = f->p;
	unsigned us = 0;
	int64_t s;

	enum { LEN = TIME_LEN + 7 };

	if (f->end - p <= LEN || p[LEN] != '\t') {
		f->bad = true;
		return 0;
	}
	if (memcmp(p, seen->recv, LEN) == 0) {
		f->p += LEN + 1;
		return seen->recv_us;
	}
	s = get_time(f, seen);
	for (int i = 1; i < 7; i++)
		us = us * 10 + (unsigned)(p[TIME_LEN + i] - '0');
	f->p = p + LEN + 1;
	seen->recv_us = s * US_PER_SEC + us;
	memcpy(seen->recv, p, LEN);
	return seen->recv_us;
}

static void
skip(struct fields *f)
{
	const char *text;

	(void)get_text(f, &text);
}

/* ---- rows ---- */

/* From seq to tradingsymbol. */
static void
get_head(struct fields *f, struct packrow *r, struct packrow_seen *seen)
{
	size_t n;

	r->seq = digits(f);
	step(f);
	if (f->bad)
		return;
	r->recv_us = get_recv(f, seen);
	r->conn = get_u32(f);
	n = get_text(f, &r->flag);
	f->bad |= n > PACK_FLAG_MAX;
	r->nflag = (uint8_t)n;
	r->token = get_u32(f);
	n = get_text(f, &r->symbol);
	f->bad |= n > PACK_SYMBOL_MAX;
	r->nsymbol = (uint8_t)n;
}

static void
get_prices(struct fields *f, struct packrow *r)
{
	for (int i = PACK_OPEN; i <= PACK_CLOSE; i++)
		r->v[i] = get_price(f);
	skip(f);		/* changeper follows from price and close */
}

static void
get_side(struct fields *f, uint32_t *v)
{
	for (int i = 0; i < TICK_DEPTH; i++, v += 3) {
		v[0] = get_u32(f);
		v[1] = get_price(f);
		v[2] = get_u32(f);
	}
}

static void
get_rest(struct fields *f, struct packrow *r, struct packrow_seen *seen)
{
	r->v[PACK_QTY] = get_u32(f);
	r->v[PACK_AVG] = get_price(f);
	r->v[PACK_VOLUME] = get_u32(f);
	r->v[PACK_BQTY] = get_u32(f);
	r->v[PACK_SQTY] = get_u32(f);
	get_prices(f, r);
	if (f->bad)
		return;
	r->v[PACK_TRADE] = get_time(f, seen);
	step(f);
	for (int i = PACK_OI; i <= PACK_OILOW; i++)
		r->v[i] = get_u32(f);
	get_side(f, r->v + PACK_BUY);
	get_side(f, r->v + PACK_SELL);
}

int
packrow_parse(struct packrow *r, struct packrow_seen *seen, const char *row,
    size_t n)
{
	struct fields f = { row, row + n - 1, false };

	if (n < 2 || n > TICK_ROW_MAX || row[n - 1] != '\n')
		return 0;
	memset(r->v, 0, sizeof(r->v));
	get_head(&f, r, seen);
	if (f.bad)
		return 0;
	r->v[PACK_EXCH] = get_time(&f, seen);
	step(&f);
	r->v[PACK_PRICE] = get_price(&f);
	if (f.bad)
		return 0;
	r->index = *f.p == '\\';
	if (!r->index) {
		get_rest(&f, r, seen);
	} else {
		for (int i = 0; i < 5; i++)
			skip(&f);
		get_prices(&f, r);
	}
	return !f.bad && packrow_format(r, seen->check) == n &&
	    memcmp(seen->check, row, n) == 0;
}

static void
side_of(struct tick_level *side, const uint32_t *v, int64_t unit)
{
	for (int i = 0; i < TICK_DEPTH; i++, v += 3) {
		side[i].qty = v[0];
		side[i].price_e7 = v[1] * unit;
		side[i].orders = v[2];
	}
}

size_t
packrow_format(const struct packrow *r, char *out)
{
	char flag[PACK_FLAG_MAX + 1], symbol[PACK_SYMBOL_MAX + 1];
	const struct tick_row row = { .seq = r->seq, .recv_us = r->recv_us,
	    .conn = r->conn, .flag = flag, .symbol = symbol };
	int64_t unit = kite_unit_e7(r->token);
	const uint32_t *v = r->v;
	struct tick t;

	memcpy(flag, r->flag, r->nflag);
	flag[r->nflag] = '\0';
	memcpy(symbol, r->symbol, r->nsymbol);
	symbol[r->nsymbol] = '\0';
	t.token = r->token;
	t.kind = r->index ? TICK_INDEX_FULL : TICK_FULL;
	t.price_e7 = v[PACK_PRICE] * unit;
	t.open_e7 = v[PACK_OPEN] * unit;
	t.high_e7 = v[PACK_HIGH] * unit;
	t.low_e7 = v[PACK_LOW] * unit;
	t.close_e7 = v[PACK_CLOSE] * unit;
	t.avg_e7 = v[PACK_AVG] * unit;
	t.qty = v[PACK_QTY];
	t.volume = v[PACK_VOLUME];
	t.buy_qty = v[PACK_BQTY];
	t.sell_qty = v[PACK_SQTY];
	t.trade_s = v[PACK_TRADE];
	t.exch_s = v[PACK_EXCH];
	t.oi = v[PACK_OI];
	t.oi_high = v[PACK_OIHIGH];
	t.oi_low = v[PACK_OILOW];
	side_of(t.buy, v + PACK_BUY, unit);
	side_of(t.sell, v + PACK_SELL, unit);
	return tick_format(out, &t, &row);
}
