/*
 * rans - symbols into few bytes, and back: an entropy coder with contexts
 *
 * A context is an alphabet with frequencies of its own, which are those of the
 * block and stand before it; rare symbols cost many bits, frequent ones parts
 * of a bit.  Beside the symbols there are plain bits.  The bytes of a block are
 * described in das-spool(5), "Packed segments".
 * Source of the method: J. Duda, "Asymmetric numeral systems", arXiv 1311.2540;
 * the variant with 32-bit states and 16-bit words is F. Giesen's, 1402.3392.
 *
 * Pure: bytes in, bytes out.  A reader never reads past the end: it gives 0
 * then and sets bad, which stays set.
 */
#ifndef RANS_H
#define RANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum {
	RANS_BITS = 11,			/* of a frequency */
	RANS_TOTAL = 1 << RANS_BITS,	/* sum of the frequencies of a context */
	RANS_WORD = 16			/* bits */
};

#define RANS_LOW	(UINT32_C(1) << RANS_WORD)	/* least state */

/* Which contexts there are.  A slot is a symbol of a context. */
struct rans_shape {
	uint32_t	 n;		/* contexts */
	uint32_t	*slot;		/* n + 1: the first of each */
};

/* size[n]: how many symbols each context has.  0, or -1 with ENOMEM. */
int	rans_shape_make(struct rans_shape *s, const uint16_t *size, uint32_t n);
void	rans_shape_free(struct rans_shape *s);

/* Plain bits, the low ones first. */
struct rans_bits {
	struct buf	 out;
	uint64_t	 acc;
	unsigned	 n;		/* bits in acc, below 32 */
	bool		 full;		/* out of memory: some are missing */
};

void	rans_bits_flush(struct rans_bits *b);	/* the whole bytes of acc */

/* The low n bits of v, at most 32. */
static inline void
rans_bits_put(struct rans_bits *b, uint64_t v, unsigned n)
{
	b->acc |= (v & ((UINT64_C(1) << n) - 1)) << b->n;
	b->n += n;
	if (b->n >= 32)
		rans_bits_flush(b);
}

/* ---- writing ---- */

struct rans_w {
	struct rans_bits bits;		/* the plain ones of the block */
	size_t		 n;		/* symbols so far */
	/* private */
	const struct rans_shape *shape;
	uint32_t	*sym;		/* their slots */
	size_t		 cap;
	uint32_t	*freq;		/* by slot: frequency, start << 16 */
	uint64_t	 part[RANS_TOTAL];	/* by frequency: 2^43 divided by
						 * it, and 1 */
};

/* shape outlives it.  0 or -1 with ENOMEM. */
int	rans_w_init(struct rans_w *w, const struct rans_shape *shape);
void	rans_w_free(struct rans_w *w);
/* Makes room for n more symbols.  0 or -1 with ENOMEM. */
int	rans_w_room(struct rans_w *w, size_t n);

/* There must be room for it. */
static inline void
rans_put(struct rans_w *w, uint32_t context, uint32_t symbol)
{
	w->sym[w->n++] = w->shape->slot[context] + symbol;
}

/* Appends the block of what was put to out, and begins the next one.  0, or -1
 * with ENOMEM. */
int	rans_w_block(struct rans_w *w, struct buf *out);

/* ---- reading ---- */

enum {
	RANS_STEP = 2,			/* log2 of the places a lut entry is for */
	RANS_LUT = RANS_TOTAL >> RANS_STEP
};

struct rans_table {
	int32_t		 used;		/* its first; below 0: ~ of the only
					 * symbol */
	uint32_t	 lut;
};

struct rans_r {
	bool		 bad;		/* it is no such block */
	/* private */
	const struct rans_shape *shape;
	uint32_t	 x, y;		/* the states, x is next */
	const uint8_t	*p, *end;	/* words */
	const uint8_t	*bp, *bend;	/* plain bits */
	uint64_t	 acc;
	unsigned	 nacc;
	struct rans_table *table;	/* by context */
	uint32_t	*used;		/* of each its symbols, in order: start of
					 * its frequency, symbol << 16; behind
					 * them RANS_TOTAL */
	uint16_t	*lut;		/* which of used to begin at, RANS_LUT a
					 * context */
	uint32_t	 nused, nlut, caplut;
};

int	rans_r_init(struct rans_r *r, const struct rans_shape *shape);
void	rans_r_free(struct rans_r *r);
/* Begins the block p[n], which must live as long as it is read; 0, or -1: it is
 * none, errno 0, or ENOMEM. */
int	rans_r_block(struct rans_r *r, const uint8_t *p, size_t n);
/* Was all of it read, and nothing else?  1 or 0. */
int	rans_r_done(const struct rans_r *r);

static inline uint32_t
rans_get(struct rans_r *r, uint32_t context)
{
	const struct rans_table *t = &r->table[context];
	uint32_t x = r->x, low, start, sym;
	const uint32_t *u;

	if (t->used < 0)
		return (uint32_t)~t->used;
	low = x & (RANS_TOTAL - 1);
	u = r->used + t->used + r->lut[t->lut + (low >> RANS_STEP)];
	while ((u[1] & 0xffff) <= low)
		u++;
	start = *u & 0xffff;
	sym = *u >> 16;
	x = ((u[1] & 0xffff) - start) * (x >> RANS_BITS) + low - start;
	if (x < RANS_LOW) {
		if (r->end - r->p >= 2) {
			x = x << RANS_WORD | r->p[0] | (uint32_t)r->p[1] << 8;
			r->p += 2;
		} else {
			r->bad = true;
		}
	}
	r->x = r->y;
	r->y = x;
	return sym;
}

uint64_t rans_bits_slow(struct rans_r *r, unsigned n);

/* The next n plain bits, at most 32. */
static inline uint64_t
rans_bits_get(struct rans_r *r, unsigned n)
{
	uint64_t v;

	if (r->nacc < n)
		return rans_bits_slow(r, n);
	v = r->acc & ((UINT64_C(1) << n) - 1);
	r->acc >>= n;
	r->nacc -= n;
	return v;
}

#endif
