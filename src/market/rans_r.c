#include <errno.h>
#include <stdlib.h>

#include "rans.h"

enum { COUNT = 4 };		/* as in rans.c */

/* ---- bits ---- */

static uint32_t
get_gamma(struct rans_r *r)
{
	unsigned n = 0;

	while (rans_bits_get(r, 1) == 0)
		if (++n > 16 || r->bad) {
			r->bad = true;
			return 1;
		}
	return UINT32_C(1) << n | (uint32_t)rans_bits_get(r, n);
}

uint64_t
rans_bits_slow(struct rans_r *r, unsigned n)
{
	uint64_t v;

	while (r->nacc <= 56 && r->bp < r->bend) {
		r->acc |= (uint64_t)*r->bp++ << r->nacc;
		r->nacc += 8;
	}
	if (r->nacc < n) {
		r->bad = true;
		r->acc = 0;
		r->nacc = 0;
		return 0;
	}
	v = r->acc & ((UINT64_C(1) << n) - 1);
	r->acc >>= n;
	r->nacc -= n;
	return v;
}

/* ---- blocks ---- */

int
rans_r_init(struct rans_r *r, const struct rans_shape *shape)
{
	*r = (struct rans_r){ .shape = shape };
	r->table = calloc(shape->n, sizeof(*r->table));
	r->used = malloc((shape->slot[shape->n] + shape->n) *
	    sizeof(*r->used));
	if (r->table != NULL && r->used != NULL)
		return 0;
	rans_r_free(r);
	errno = ENOMEM;
	return -1;
}

void
rans_r_free(struct rans_r *r)
{
	free(r->table);
	free(r->used);
	free(r->lut);
	*r = (struct rans_r){ 0 };
}

/* Room for the lut of one more context. */
static int
lut_room(struct rans_r *r)
{
	uint32_t cap = r->caplut != 0 ? 2 * r->caplut : 64 * RANS_LUT;
	uint16_t *lut;

	if (r->nlut < r->caplut)
		return 0;
	if ((lut = realloc(r->lut, cap * sizeof(*lut))) == NULL)
		return -1;
	r->lut = lut;
	r->caplut = cap;
	return 0;
}

/* Reads n symbols of a context and their frequencies. */
static void
get_symbols(struct rans_r *r, uint32_t size, uint32_t n)
{
	uint32_t *u = r->used + r->nused, sym = 0, start = 0, f;
	uint16_t *lut = r->lut + r->nlut;

	for (uint32_t k = 0; k < n && !r->bad; k++) {
		sym += get_gamma(r) - (k == 0);
		if (r->bad || sym >= size || start >= RANS_TOTAL) {
			r->bad = true;
			return;
		}
		u[k] = start | sym << 16;
		f = k + 1 < n ? get_gamma(r) : RANS_TOTAL - start;
		if (f > RANS_TOTAL - start) {
			r->bad = true;
			return;
		}
		for (uint32_t i = (start + (1 << RANS_STEP) - 1) >> RANS_STEP;
		    i << RANS_STEP < start + f; i++)
			lut[i] = (uint16_t)k;
		start += f;
	}
	u[n] = RANS_TOTAL;
	r->nused += n + 1;
	r->nlut += RANS_LUT;
}

/* Reads the table of a context: 0, or -1 with ENOMEM. */
static int
get_table(struct rans_r *r, uint32_t context)
{
	struct rans_table *t = &r->table[context];
	uint32_t size = r->shape->slot[context + 1] - r->shape->slot[context];
	uint32_t n = get_gamma(r) - 1, sym;

	t->used = ~0;			/* never asked, in a good block */
	if (n == 0)
		return 0;
	if (n > size) {
		r->bad = true;
	} else if (n == 1) {
		sym = get_gamma(r) - 1;
		r->bad |= sym >= size;
		t->used = ~(int32_t)sym;
	} else {
		if (lut_room(r) != 0)
			return -1;
		t->used = (int32_t)r->nused;
		t->lut = r->nlut;
		get_symbols(r, size, n);
	}
	return 0;
}

/* Takes a counted part off p[n]; NULL when there is none. */
static const uint8_t *
part(const uint8_t **p, size_t *n, size_t *len)
{
	const uint8_t *at = *p + COUNT;

	if (*n < COUNT)
		return NULL;
	*len = at[-4] | (size_t)at[-3] << 8 | (size_t)at[-2] << 16 |
	    (size_t)at[-1] << 24;
	if (*len > *n - COUNT)
		return NULL;
	*p = at + *len;
	*n -= COUNT + *len;
	return at;
}

static void
begin_bits(struct rans_r *r, const uint8_t *p, size_t n)
{
	r->bp = p;
	r->bend = p + n;
	r->acc = 0;
	r->nacc = 0;
}

static uint32_t
get_state(struct rans_r *r)
{
	uint32_t x = r->p[0] | (uint32_t)r->p[1] << 8 |
	    (uint32_t)r->p[2] << 16 | (uint32_t)r->p[3] << 24;

	r->p += sizeof(x);
	r->bad |= x < RANS_LOW;
	return x;
}

int
rans_r_block(struct rans_r *r, const uint8_t *p, size_t n)
{
	const uint8_t *tables, *words, *bits;
	size_t ntables, nwords, nbits;

	errno = 0;
	r->bad = false;
	r->nused = r->nlut = 0;
	if ((tables = part(&p, &n, &ntables)) == NULL ||
	    (words = part(&p, &n, &nwords)) == NULL || nwords < 8 ||
	    (bits = part(&p, &n, &nbits)) == NULL || n != 0)
		return -1;
	begin_bits(r, tables, ntables);
	for (uint32_t i = 0; i < r->shape->n && !r->bad; i++)
		if (get_table(r, i) != 0) {
			errno = ENOMEM;
			return -1;
		}
	r->p = words;
	r->end = words + nwords;
	r->x = get_state(r);
	r->y = get_state(r);
	begin_bits(r, bits, nbits);
	return r->bad ? -1 : 0;
}

int
rans_r_done(const struct rans_r *r)
{
	return !r->bad && r->x == RANS_LOW && r->y == RANS_LOW &&
	    r->p == r->end && r->bp == r->bend && r->nacc < 8 && r->acc == 0;
}
