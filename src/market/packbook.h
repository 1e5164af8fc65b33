/*
 * packbook - the five levels of both sides, against those before
 *
 * Private to packmodel.c: code_book() in either direction.
 */
#ifndef PACKBOOK_H
#define PACKBOOK_H

#include <string.h>

#include "packsym.h"

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

#endif
