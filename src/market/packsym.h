/*
 * packsym - the contexts of a packed tick, and numbers as symbols of them
 *
 * Private to packmodel.c and packbook.h, whose names these are.  What is called
 * with a constant for get is made twice, for each direction.
 */
#ifndef PACKSYM_H
#define PACKSYM_H

#include <stdbool.h>
#include <stdint.h>

#include "packtok.h"
#include "rans.h"

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
	X(TOKEN, 1, PACKTOK_MAX >> TOKEN_LOW) \
	X(TOKEN2, PACKTOK_MAX >> TOKEN_LOW, 1 << TOKEN_LOW) \
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

/* ---- symbols, in both directions ---- */

struct code {
	struct rans_w	*w;
	struct rans_r	*r;
};

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

#endif
