#include <stdlib.h>
#include <string.h>

#include "packmodel.h"

/*
 * Contexts.  A number stands as a symbol and plain bits: coarse ones have a
 * symbol each up to 15, then four for every power of two; fine ones up to 255.
 * A signed number is its magnitude's symbol twice, plus one when it is below 0.
 */
enum {
	COARSE = 4, FINE = 8,			/* log2 of the first limits */
	COARSE_N = 16 + 4 * 60, FINE_N = 256 + 4 * 56, SIGNED_N = 2 * COARSE_N,
	TOKEN_LOW = 6				/* bits of an instrument's number
						 * in its second symbol */
};

#define SETS(X) \
	X(LEAD, 32, 256)	/* kind, new frame, pair; by the last pair */ \
	X(RECV, 1, SIGNED_N)	/* us since the last frame */ \
	X(TOKEN, 1, PACKMODEL_TOKENS >> TOKEN_LOW) \
	X(TOKEN2, PACKMODEL_TOKENS >> TOKEN_LOW, 1 << TOKEN_LOW) \
	X(EXCH, 2, SIGNED_N)	/* s since the last; by new frame */ \
	X(UNIT, 2, FINE_N)	/* price step, lot */ \
	X(FULL, PACK_N, COARSE_N) \
	X(SIDES, 12, 192)	/* levels, which are as before */ \
	X(BEST, 48, SIGNED_N)	/* ticks from the best price before */ \
	X(STEP, 8, COARSE_N)	/* ticks between two levels */ \
	X(LOTS, 5, FINE_N)	/* of a level of a new price */ \
	X(DLOTS, 32, SIGNED_N)	/* of a level that was there */ \
	X(ORDERS, 40, FINE_N) \
	X(DORDERS, 24, SIGNED_N) \
	X(MASK, 24, 256)	/* what changed */ \
	X(VOLUME, 16, SIGNED_N) \
	X(PRICE, 2, 8)		/* where it was traded */ \
	X(DPRICE, 16, SIGNED_N) \
	X(QTY, 40, FINE_N) \
	X(AVG, 16, SIGNED_N) \
	X(TRADE, 2, SIGNED_N) \
	X(OI, 16, SIGNED_N) \
	X(RANGE, 2, 64) \
	X(DRANGE, 6, SIGNED_N) \
	X(REST, 32, SIGNED_N)	/* pending behind the five levels */

enum {				/* the first context of each set */
#define X(name, n, size) name, name##_END = name + (n) - 1,
	SETS(X)
#undef X
	NCONTEXTS
};

enum { VOL, PRI, BID, ASK, OIM, REST_B, REST_S, AVG_M };	/* mag */

enum {				/* bits of what changed */
	M_VOLUME = 1, M_TRADE = 2, M_PRICE = 4, M_QTY = 8, M_AVG = 16,
	M_OI = 32, M_RANGE = 64, M_REST = 128
};

/* ---- symbols, in both directions ---- */

struct code {
	struct rans_w	*w;
	struct rans_r	*r;
};

/* What is called with a constant for get is made twice, for each direction. */
#define BOTH static inline __attribute__((always_inline))

BOTH uint32_t
sym(const struct code *c, const bool get, uint32_t context, uint32_t s)
{
	if (get)
		return rans_get(c->r, context);
	rans_put(c->w, context, s);
	return s;
}

/* The symbol of a magnitude, and how many plain bits it has. */
static inline uint32_t
symbol_of(uint64_t v, unsigned low, unsigned *bits)
{
	unsigned e;

	*bits = 0;
	if (v < UINT64_C(1) << low)
		return (uint32_t)v;
	e = 63 - (unsigned)__builtin_clzll(v);
	*bits = e - 2;
	return (1u << low) + (e - low) * 4 + (uint32_t)(v >> (e - 2) & 3);
}

/* The plain bits of a magnitude, at most 61: above 32 the high ones first. */
BOTH uint64_t
plain(const struct code *c, const bool get, uint64_t v, unsigned bits)
{
	uint64_t high = 0;

	if (bits > 32) {
		if (get)
			high = rans_bits_get(c->r, bits - 32) << 32;
		else
			rans_bits_put(&c->w->bits, v >> 32, bits - 32);
		bits = 32;
	}
	if (get)
		return high | rans_bits_get(c->r, bits);
	rans_bits_put(&c->w->bits, v, bits);
	return v;
}

/* The magnitude of symbol s. */
BOTH uint64_t
magnitude(const struct code *c, uint32_t s, unsigned low)
{
	unsigned e;

	if (s < 1u << low)
		return s;
	s -= 1u << low;
	e = (s / 4 + low) & 63;
	return (uint64_t)(4 | (s & 3)) << (e - 2) |
	    plain(c, true, 0, e - 2);
}

BOTH uint64_t
num(const struct code *c, const bool get, uint32_t context, uint64_t v,
    unsigned low)
{
	unsigned bits;
	uint32_t s;

	if (get)
		return magnitude(c, rans_get(c->r, context), low);
	s = symbol_of(v, low, &bits);
	rans_put(c->w, context, s);
	if (bits > 0)
		(void)plain(c, false, v, bits);
	return v;
}

BOTH int64_t
snum(const struct code *c, const bool get, uint32_t context, int64_t v)
{
	uint64_t m = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	unsigned bits;
	uint32_t s;

	if (get) {
		s = rans_get(c->r, context);
		m = magnitude(c, s >> 1, COARSE);
		return (int64_t)(s & 1 ? 0 - m : m);
	}
	s = symbol_of(m, COARSE, &bits);
	rans_put(c->w, context, 2 * s + (v < 0));
	if (bits > 0)
		(void)plain(c, false, m, bits);
	return v;
}

/* ---- what contexts are chosen by ---- */

static inline unsigned
length(uint64_t v)
{
	return v == 0 ? 0 : 64 - (unsigned)__builtin_clzll(v);
}

/* 0 to 15: how large a number of the instrument usually is. */
static inline uint32_t
class_of(const struct packtok *t, int which, unsigned shift)
{
	unsigned k = t->mag[which] >> shift;

	return k < 15 ? k : 15;
}

static inline void
learn(struct packtok *t, int which, int64_t v)
{
	uint64_t m = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	t->mag[which] = (uint16_t)(t->mag[which] - (t->mag[which] >> 2) +
	    4 * length(m));
}

/* 0 to 39: itself to 15, then four for every power of two. */
static inline uint32_t
bucket(uint32_t v)
{
	unsigned bits;
	uint32_t s = symbol_of(v, COARSE, &bits);

	return s < 39 ? s : 39;
}

/* ---- the book ---- */

struct side {			/* five levels: quantity, price, orders */
	uint32_t	*u;		/* now */
	const uint32_t	*old;		/* before */
	bool		 sell;
};

/* Is price a worse than b? */
static inline bool
worse(const struct side *s, uint32_t a, uint32_t b)
{
	return s->sell ? a > b : a < b;
}

/* How many levels there are, and that behind them is nothing; -1: it is no
 * book. */
static inline int
levels(const uint32_t *u, bool sell)
{
	int n = 0;

	while (n < TICK_DEPTH && u[3 * n + 1] != 0)
		n++;
	for (int i = 1; i < n; i++)
		if (sell ? u[3 * i + 1] <= u[3 * i - 2] :
		    u[3 * i + 1] >= u[3 * i - 2])
			return -1;
	for (int i = 3 * n; i < 3 * TICK_DEPTH; i++)
		if (u[i] != 0)
			return -1;
	return n;
}

/* The first level of before, from j on, that is not better than price, or with
 * over one that is worse; TICK_DEPTH: none. */
static inline int
seek(const struct side *s, int j, uint32_t price, bool over)
{
	while (j < TICK_DEPTH && s->old[3 * j + 1] != 0 &&
	    !worse(s, s->old[3 * j + 1], price) &&
	    (over || s->old[3 * j + 1] != price))
		j++;
	return j < TICK_DEPTH && s->old[3 * j + 1] != 0 ? j : TICK_DEPTH;
}

/* Which of the n levels are as before, bit by bit. */
static inline uint32_t
same_levels(const struct side *s, int n)
{
	uint32_t mask = 0;
	int j = 0;

	for (int i = 0; i < n; i++) {
		if (i > 0)
			j = seek(s, j, s->u[3 * i - 2], true);
		if (j == TICK_DEPTH)
			break;
		if (memcmp(s->u + 3 * i, s->old + 3 * j,
		    3 * sizeof(*s->u)) == 0)
			mask |= 1u << i;
	}
	return mask;
}

/* 0 all levels are other ones, 1 some, 2 none. */
static inline uint32_t
side_class(uint32_t s)
{
	static const uint8_t all[8] = { 0, 1, 3, 7, 15, 31 };

	return (s & 31) == 0 ? 0 : (s & 31) == all[s >> 5] ? 2 : 1;
}

/* Quantity and orders of a level; old: where the price was before, or NULL. */
BOTH void
code_level(const struct code *c, const bool get, uint32_t *u,
    const uint32_t *old, int i, bool moved)
{
	int64_t d;
	uint32_t k;

	if (old == NULL) {
		u[0] = (uint32_t)num(c, get, LOTS + (uint32_t)i, u[0], FINE);
		u[2] = (uint32_t)num(c, get, ORDERS + bucket(u[0]), u[2], FINE);
		return;
	}
	k = length(old[0]);
	d = snum(c, get, DLOTS + (moved ? 16 : 0) + (k < 15 ? k : 15),
	    (int64_t)u[0] - old[0]);
	u[0] = old[0] + (uint32_t)d;
	k = (d < 0 ? 0 : d == 0 ? 8 : 16) + (old[2] < 7 ? old[2] : 7);
	d = snum(c, get, DORDERS + k, (int64_t)u[2] - old[2]);
	u[2] = old[2] + (uint32_t)d;
}

/* from: what the best price is foretold as; context: of how far off that is. */
BOTH int64_t
code_side(const struct code *c, const bool get, const struct side *s,
    uint32_t mask, int n, uint32_t from, uint32_t context)
{
	int64_t off = 0;
	uint32_t *u = s->u, v, e, k;
	bool hit = true;
	int j = 0;

	for (int i = 0; i < n; i++, u += 3) {
		if (i > 0)
			j = seek(s, j, u[-2], true);
		if (mask >> i & 1) {
			if (get)
				memcpy(u, s->old + 3 * (j % TICK_DEPTH),
				    3 * sizeof(*u));
			hit = true;
			continue;
		}
		if (i == 0) {
			off = snum(c, get, context, (int64_t)u[1] - from);
			u[1] = from + (uint32_t)off;
		} else {
			e = j < TICK_DEPTH ? s->old[3 * j + 1] : 0;
			k = e == 0 ? 0 : s->sell ? e - u[-2] : u[-2] - e;
			v = u[1] == e ? 0 : s->sell ? u[1] - u[-2] :
			    u[-2] - u[1];
			v = (uint32_t)num(c, get, STEP + 2 * (k < 3 ? k : 3) +
			    hit, v, COARSE);
			if (get)
				u[1] = v == 0 ? e : s->sell ? u[-2] + v :
				    u[-2] - v;
		}
		j = seek(s, j, u[1], false);
		hit = j < TICK_DEPTH && s->old[3 * j + 1] == u[1];
		code_level(c, get, u, hit ? s->old + 3 * j : NULL, i,
		    i == 0 && off != 0);
	}
	return off;
}

/* Both sides.  What is foretold of the best offer is that it goes with the best
 * bid. */
BOTH void
code_book(const struct code *c, const bool get, struct packtok *t, uint32_t *u)
{
	const struct side buy = { u + PACK_BUY, t->u + PACK_BUY, false };
	const struct side sell = { u + PACK_SELL, t->u + PACK_SELL, true };
	uint32_t was = side_class(t->side[0]), s, from;
	uint32_t *best = u + PACK_BUY + 1;
	int n = 0;
	int64_t off;

	if (!get) {
		n = levels(buy.u, false);
		s = (uint32_t)n << 5 | same_levels(&buy, n);
	}
	s = sym(c, get, SIDES + was, get ? 0 : s);
	t->side[0] = (uint8_t)s;
	from = buy.old[1] != 0 ? buy.old[1] : t->u[PACK_PRICE];
	off = code_side(c, get, &buy, s & 31, (int)(s >> 5), from,
	    BEST + class_of(t, BID, 3));
	if (s >> 5 > 0)
		learn(t, BID, off);

	was = 3 + 3 * side_class(t->side[1]) + side_class(s);
	off = s >> 5 > 0 && buy.old[1] != 0 ? (int64_t)*best - buy.old[1] : 0;
	if (!get) {
		n = levels(sell.u, true);
		s = (uint32_t)n << 5 | same_levels(&sell, n);
	}
	s = sym(c, get, SIDES + was, get ? 0 : s);
	t->side[1] = (uint8_t)s;
	from = sell.old[1] != 0 ? sell.old[1] + (uint32_t)off :
	    t->u[PACK_PRICE];
	off = code_side(c, get, &sell, s & 31, (int)(s >> 5), from,
	    BEST + 16 + (off != 0 ? 16 : 0) + class_of(t, ASK, 3));
	if (s >> 5 > 0)
		learn(t, ASK, off);
}

/* ---- the rest of a row ---- */

/* Pending behind the levels. */
static inline int64_t
rest(const uint32_t *u, bool sell)
{
	const uint32_t *s = u + (sell ? PACK_SELL : PACK_BUY);

	return (int64_t)u[sell ? PACK_SQTY : PACK_BQTY] -
	    ((int64_t)s[0] + s[3] + s[6] + s[9] + s[12]);
}

/* Open, high, low, close, oiHigh, oiLow as they would follow. */
static inline void
foretell_range(const struct packtok *t, const uint32_t *u, uint32_t *to)
{
	uint32_t price = u[PACK_PRICE] * t->tick;
	const uint32_t *old = t->u;

	to[0] = old[PACK_OPEN];
	to[1] = price > old[PACK_HIGH] ? price : old[PACK_HIGH];
	to[2] = price < old[PACK_LOW] ? price : old[PACK_LOW];
	to[3] = old[PACK_CLOSE];
	to[4] = u[PACK_OI] > old[PACK_OIHIGH] ? u[PACK_OI] : old[PACK_OIHIGH];
	to[5] = u[PACK_OI] < old[PACK_OILOW] ? u[PACK_OI] : old[PACK_OILOW];
}

static const uint8_t range_field[6] = {
	PACK_OPEN, PACK_HIGH, PACK_LOW, PACK_CLOSE, PACK_OIHIGH, PACK_OILOW
};

BOTH void
code_range(const struct code *c, const bool get, uint32_t *u,
    const uint32_t *told, bool index)
{
	uint32_t mask = 0;

	for (int i = 0; i < 6 && !get; i++)
		mask |= (uint32_t)(u[range_field[i]] != told[i]) << i;
	mask = sym(c, get, RANGE + index, mask);
	for (unsigned i = 0; i < 6; i++) {
		uint32_t *p = &u[range_field[i]];

		if (get)
			*p = told[i];
		if (mask >> i & 1)
			*p = told[i] + (uint32_t)snum(c, get, DRANGE + i,
			    (int64_t)*p - told[i]);
	}
}

/* The average price that follows from the one before and what was traded
 * since, at this price. */
static inline uint32_t
foretell_avg(const struct packtok *t, const uint32_t *u, uint64_t *turnover)
{
	uint32_t volume = u[PACK_VOLUME];

	if (volume <= t->u[PACK_VOLUME]) {
		*turnover = t->turnover;
		return t->u[PACK_AVG];
	}
	*turnover = t->turnover + (uint64_t)u[PACK_PRICE] * t->tick *
	    (volume - t->u[PACK_VOLUME]);
	return (uint32_t)((*turnover + volume / 2) / volume);
}

/* What turnover can be, with the average known. */
static inline uint64_t
turnover_of(uint64_t turnover, const uint32_t *u)
{
	uint64_t mid = (uint64_t)u[PACK_AVG] * u[PACK_VOLUME];
	uint64_t half = u[PACK_VOLUME] / 2;

	if (turnover > mid + half)
		return mid + half;
	return turnover + half < mid ? mid - half : turnover;
}

BOTH void
code_price(const struct code *c, const bool get, struct packtok *t,
    uint32_t *u, uint32_t mask)
{
	const uint32_t at[5] = { 0, u[PACK_BUY + 1], u[PACK_SELL + 1],
	    t->u[PACK_BUY + 1], t->u[PACK_SELL + 1] };
	uint32_t s = 1;
	int64_t d;

	while (s < 5 && at[s] != u[PACK_PRICE])
		s++;
	s %= 5;
	s = sym(c, get, PRICE + (mask & 1), s);
	if (s > 0) {
		u[PACK_PRICE] = at[s < 5 ? s : 0];
		return;
	}
	d = snum(c, get, DPRICE + class_of(t, PRI, 3),
	    (int64_t)u[PACK_PRICE] - t->u[PACK_PRICE]);
	learn(t, PRI, d);
	u[PACK_PRICE] = t->u[PACK_PRICE] + (uint32_t)d;
}

/* A number that is coded by how much it grew. */
BOTH void
code_growth(const struct code *c, const bool get, struct packtok *t,
    uint32_t *u, int field, uint32_t context, int which)
{
	int64_t d = snum(c, get, context + class_of(t, which, 4),
	    (int64_t)u[field] - t->u[field]);

	learn(t, which, d);
	u[field] = t->u[field] + (uint32_t)d;
}

/* What changed of a row, but for its book and its day's range. */
static inline uint32_t
changes(const struct packtok *t, const uint32_t *u)
{
	const uint32_t *old = t->u;
	uint32_t told[6], mask = 0;
	uint64_t turnover;

	if (u[PACK_VOLUME] != old[PACK_VOLUME])
		mask |= M_VOLUME;
	if (u[PACK_TRADE] != old[PACK_TRADE])
		mask |= M_TRADE;
	if (u[PACK_PRICE] != old[PACK_PRICE])
		mask |= M_PRICE;
	if (u[PACK_QTY] != old[PACK_QTY])
		mask |= M_QTY;
	if (u[PACK_AVG] != foretell_avg(t, u, &turnover))
		mask |= M_AVG;
	if (u[PACK_OI] != old[PACK_OI])
		mask |= M_OI;
	if (rest(u, false) != rest(old, false) ||
	    rest(u, true) != rest(old, true))
		mask |= M_REST;
	foretell_range(t, u, told);
	for (int i = 0; i < 6; i++)
		if (u[range_field[i]] != told[i])
			mask |= M_RANGE;
	return mask;
}

/* The totals: what is behind the levels is much as before. */
BOTH void
code_rest(const struct code *c, const bool get, struct packtok *t,
    uint32_t *u, uint32_t mask)
{
	for (uint32_t side = 0; side < 2; side++) {
		int field = side ? PACK_SQTY : PACK_BQTY;
		int64_t was = rest(t->u, side), d = 0;

		if (mask & M_REST) {
			d = snum(c, get, REST + 16 * side +
			    class_of(t, REST_B + (int)side, 4),
			    rest(u, side) - was);
			learn(t, REST_B + (int)side, d);
		}
		if (get) {
			u[field] = 0;
			u[field] = (uint32_t)was + (uint32_t)d -
			    (uint32_t)rest(u, side);
		}
	}
}

BOTH void
code_share(const struct code *c, const bool get, struct packtok *t,
    uint32_t *u)
{
	uint32_t mask = 0, told[6], avg, sides;
	uint64_t turnover;

	code_book(c, get, t, u);
	sides = side_class(t->side[0]) == 2 && side_class(t->side[1]) == 2;
	if (!get)
		mask = changes(t, u);
	mask = sym(c, get, MASK + 3 * (t->mask & 7) + sides, mask);
	t->mask = (uint8_t)mask;
	if (get) {
		u[PACK_VOLUME] = t->u[PACK_VOLUME];
		u[PACK_PRICE] = t->u[PACK_PRICE];
		u[PACK_QTY] = t->u[PACK_QTY];
		u[PACK_TRADE] = t->u[PACK_TRADE];
		u[PACK_OI] = t->u[PACK_OI];
	}
	if (mask & M_VOLUME)
		code_growth(c, get, t, u, PACK_VOLUME, VOLUME, VOL);
	if (mask & M_PRICE)
		code_price(c, get, t, u, mask);
	if (mask & M_QTY)
		u[PACK_QTY] = (uint32_t)num(c, get, QTY + bucket(
		    u[PACK_VOLUME] - t->u[PACK_VOLUME]), u[PACK_QTY], FINE);
	avg = foretell_avg(t, u, &turnover);
	if (get)
		u[PACK_AVG] = avg;
	if (mask & M_AVG) {
		int64_t d = snum(c, get, AVG + class_of(t, AVG_M, 3),
		    (int64_t)u[PACK_AVG] - avg);

		learn(t, AVG_M, d);
		u[PACK_AVG] = avg + (uint32_t)d;
	}
	t->turnover = turnover_of(turnover, u);
	if (mask & M_TRADE)
		u[PACK_TRADE] = u[PACK_EXCH] - (uint32_t)snum(c, get, TRADE +
		    (mask & 1), (int64_t)u[PACK_EXCH] - u[PACK_TRADE]);
	if (mask & M_OI)
		code_growth(c, get, t, u, PACK_OI, OI, OIM);
	foretell_range(t, u, told);
	if (mask & M_RANGE)
		code_range(c, get, u, told, false);
	else
		for (int i = 0; i < 6; i++)
			u[range_field[i]] = told[i];
	code_rest(c, get, t, u, mask);
}

BOTH void
code_index(const struct code *c, const bool get, struct packtok *t,
    uint32_t *u)
{
	uint32_t told[6];

	code_growth(c, get, t, u, PACK_PRICE, DPRICE, PRI);
	foretell_range(t, u, told);
	code_range(c, get, u, told, true);
}

/* ---- units ---- */

enum { ONE, TICK, LOT };

static const uint8_t unit_of[PACK_N] = {
	[PACK_PRICE] = TICK, [PACK_QTY] = LOT, [PACK_VOLUME] = LOT,
	[PACK_BQTY] = LOT, [PACK_SQTY] = LOT, [PACK_OI] = LOT,
	[PACK_OIHIGH] = LOT, [PACK_OILOW] = LOT,
#define LEVEL(i) [PACK_BUY + 3 * (i)] = LOT, [PACK_BUY + 3 * (i) + 1] = TICK, \
	[PACK_SELL + 3 * (i)] = LOT, [PACK_SELL + 3 * (i) + 1] = TICK
	LEVEL(0), LEVEL(1), LEVEL(2), LEVEL(3), LEVEL(4)
#undef LEVEL
};

static uint32_t
gcd(uint32_t a, uint32_t b)
{
	while (b != 0) {
		uint32_t r = a % b;

		a = b;
		b = r;
	}
	return a;
}

/* The numbers in ticks and lots; false when they are no multiples. */
static bool
to_units(const struct packtok *t, const uint32_t *v, uint32_t *u)
{
	const uint32_t unit[3] = { 1, t->tick, t->lot };
	const uint64_t part[3] = { 0, (UINT64_C(1) << 32) / t->tick + 1,
	    (UINT64_C(1) << 32) / t->lot + 1 };
	uint32_t odd = 0;

	memcpy(u, v, PACK_N * sizeof(*u));
	for (int i = 0; i < PACK_N; i++) {
		int k = unit_of[i];

		if (k == ONE)
			continue;
		u[i] = (uint32_t)(v[i] * part[k] >> 32);
		if (u[i] * unit[k] != v[i]) {	/* that was not exact */
			u[i] = v[i] / unit[k];
			odd |= v[i] - u[i] * unit[k];
		}
	}
	return odd == 0;
}

static void
from_units(const struct packtok *t, const uint32_t *u, uint32_t *v)
{
	const uint32_t unit[3] = { 1, t->tick, t->lot };

	for (int i = 0; i < PACK_N; i++)
		v[i] = u[i] * unit[unit_of[i]];
}

/* What divides the numbers of this row and of those before. */
static void
find_units(struct packtok *t, const uint32_t *v)
{
	uint32_t unit[3] = { 0, t->tick, t->lot };

	for (int i = 0; i < PACK_N; i++)
		if (unit_of[i] != ONE)
			unit[unit_of[i]] = gcd(unit[unit_of[i]], v[i]);
	t->tick = unit[TICK] != 0 ? unit[TICK] : 1;
	t->lot = unit[LOT] != 0 ? unit[LOT] : 1;
}

/* A row by itself. */
static void
code_full(const struct code *c, const bool get, struct packtok *t, uint32_t *v)
{
	t->tick = (uint32_t)num(c, get, UNIT, t->tick, FINE);
	t->lot = (uint32_t)num(c, get, UNIT + 1, t->lot, FINE);
	if (t->tick == 0)
		t->tick = 1;		/* nobody writes that */
	if (t->lot == 0)
		t->lot = 1;
	for (uint32_t i = PACK_EXCH + 1; i < PACK_N; i++)
		v[i] = (uint32_t)num(c, get, FULL + i, v[i], COARSE);
	(void)to_units(t, v, t->u);
	t->turnover = (uint64_t)t->u[PACK_AVG] * t->u[PACK_VOLUME];
	t->side[0] = t->side[1] = t->mask = 0;
}

/* ---- rows ---- */

/* Kind, new frame and pair in one symbol, then the times and the instrument. */
BOTH uint32_t
code_lead(struct packmodel *m, const struct code *c, const bool get,
    struct packrow *r, uint32_t *tok, uint32_t *pair, uint32_t kind)
{
	bool fresh = !get && r->recv_us != m->recv_us;
	uint32_t s = sym(c, get, LEAD + m->last, *pair << 3 | kind << 1 |
	    fresh);

	kind = s >> 1 & 3;
	if (kind >= PACKMODEL_TEXT)
		return PACKMODEL_TEXT;
	fresh = s & 1;
	*pair = s >> 3;
	m->last = *pair;
	if (fresh)
		m->recv_us = (int64_t)((uint64_t)m->recv_us + (uint64_t)snum(c,
		    get, RECV, r->recv_us - m->recv_us));
	r->recv_us = m->recv_us;
	s = sym(c, get, TOKEN, *tok >> TOKEN_LOW);
	*tok = s << TOKEN_LOW | sym(c, get, TOKEN2 + s,
	    *tok & ((1u << TOKEN_LOW) - 1));
	r->v[PACK_EXCH] = m->pair[*pair].exch + (uint32_t)snum(c, get, EXCH +
	    fresh, (int64_t)r->v[PACK_EXCH] - m->pair[*pair].exch);
	m->pair[*pair].exch = r->v[PACK_EXCH];
	return kind;
}

void
packmodel_put(struct packmodel *m, struct rans_w *w, const struct packrow *row,
    uint32_t tok, uint32_t pair)
{
	const struct code c = { w, NULL };
	struct packtok *t = &m->tok[tok];
	struct packrow r = *row;
	uint32_t u[PACK_N];
	bool delta = t->lot != 0 && to_units(t, r.v, u) &&
	    levels(u + PACK_BUY, false) != -1 &&
	    levels(u + PACK_SELL, true) != -1;

	code_lead(m, &c, false, &r, &tok, &pair, delta ? PACKMODEL_DELTA :
	    PACKMODEL_FULL);
	if (!delta) {
		find_units(t, r.v);
		code_full(&c, false, t, r.v);
		return;
	}
	if (t->index)
		code_index(&c, false, t, u);
	else
		code_share(&c, false, t, u);
	memcpy(t->u, u, sizeof(u));
}

void
packmodel_put_text(struct packmodel *m, struct rans_w *w)
{
	rans_put(w, LEAD + m->last, m->last << 3 | PACKMODEL_TEXT << 1);
}

enum packmodel_kind
packmodel_get(struct packmodel *m, struct rans_r *in, struct packrow *r)
{
	const struct code c = { NULL, in };
	uint32_t u[PACK_N] = { 0 }, tok = 0, pair = 0, kind;
	const struct packpair *p;
	struct packtok *t;

	kind = code_lead(m, &c, true, r, &tok, &pair, 0);
	if (kind == PACKMODEL_TEXT || in->bad)
		return PACKMODEL_TEXT;
	if (tok >= m->ntok || pair >= m->npair ||
	    (kind == PACKMODEL_DELTA && m->tok[tok].lot == 0)) {
		in->bad = true;
		return PACKMODEL_TEXT;
	}
	t = &m->tok[tok];
	p = &m->pair[pair];
	if (kind == PACKMODEL_FULL) {
		code_full(&c, true, t, r->v);
	} else {
		u[PACK_EXCH] = r->v[PACK_EXCH];
		if (t->index)
			code_index(&c, true, t, u);
		else
			code_share(&c, true, t, u);
		memcpy(t->u, u, sizeof(u));
		from_units(t, u, r->v);
	}
	r->conn = p->conn;
	r->flag = p->flag;
	r->nflag = p->nflag;
	r->token = t->token;
	r->index = t->index;
	r->symbol = m->name[tok].symbol;
	r->nsymbol = t->nsymbol;
	return (enum packmodel_kind)kind;
}

/* ---- the tables ---- */

int
packmodel_init(struct packmodel *m)
{
	static const uint16_t sizes[][2] = {
#define X(name, n, size) { n, size },
		SETS(X)
#undef X
	};
	uint16_t size[NCONTEXTS];
	size_t k = 0;

	*m = (struct packmodel){ .last = 0 };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (int n = 0; n < sizes[i][0]; n++)
			size[k++] = sizes[i][1];
	return rans_shape_make(&m->shape, size, NCONTEXTS);
}

void
packmodel_free(struct packmodel *m)
{
	rans_shape_free(&m->shape);
	free(m->tok);
	free(m->name);
	*m = (struct packmodel){ .last = 0 };
}

int
packmodel_add_token(struct packmodel *m, const struct packrow *r)
{
	uint32_t cap = m->captok != 0 ? 2 * m->captok : 256;
	struct packtok *t;
	void *p;

	if (m->ntok == m->captok) {
		if ((p = realloc(m->tok, cap * sizeof(*m->tok))) == NULL)
			return -1;
		m->tok = p;
		if ((p = realloc(m->name, cap * sizeof(*m->name))) == NULL)
			return -1;
		m->name = p;
		m->captok = cap;
	}
	memcpy(m->name[m->ntok].symbol, r->symbol, r->nsymbol);
	t = &m->tok[m->ntok++];
	memset(t, 0, sizeof(*t));
	t->token = r->token;
	t->index = r->index;
	t->nsymbol = r->nsymbol;
	return 0;
}

void
packmodel_add_pair(struct packmodel *m, const struct packrow *r)
{
	struct packpair *p = &m->pair[m->npair++];

	*p = (struct packpair){ .conn = r->conn, .nflag = r->nflag };
	memcpy(p->flag, r->flag, r->nflag);
}
