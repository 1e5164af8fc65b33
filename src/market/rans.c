#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rans.h"

/* A count of symbols, bytes or words stands in 32 bits before them. */
enum { COUNT = 4 };

/*
 * A state is below frequency << 21 when it is divided by it, so the product with
 * 2^43 / frequency + 1 fits 64 bits; and it is below 2^32, the error of that
 * below 2^11, so the quotient is exact.
 */
enum { PART_BITS = 32 + RANS_BITS };
_Static_assert(PART_BITS == 43, "what the comment says");

/* ---- contexts ---- */

int
rans_shape_make(struct rans_shape *s, const uint16_t *size, uint32_t n)
{
	if ((s->slot = malloc((n + 1) * sizeof(*s->slot))) == NULL)
		return -1;
	s->n = n;
	s->slot[0] = 0;
	for (uint32_t i = 0; i < n; i++)
		s->slot[i + 1] = s->slot[i] + size[i];
	return 0;
}

void
rans_shape_free(struct rans_shape *s)
{
	free(s->slot);
	*s = (struct rans_shape){ 0 };
}

/* ---- bits ---- */

void
rans_bits_flush(struct rans_bits *b)
{
	char c[sizeof(b->acc)];
	size_t n = 0;

	for (; b->n >= 8; b->n -= 8) {
		c[n++] = (char)(b->acc & 0xff);
		b->acc >>= 8;
	}
	if (buf_add(&b->out, c, n) != 0)
		b->full = true;
}

/* What is left, filled up with zeros. */
static void
bits_end(struct rans_bits *b)
{
	b->n = (b->n + 7) / 8 * 8;
	rans_bits_flush(b);
}

static void
bits_clear(struct rans_bits *b)
{
	buf_reset(&b->out);
	b->acc = 0;
	b->n = 0;
	b->full = false;
}

/* v >= 1, Elias' gamma code: as many zeros as v has bits behind its first, a
 * one, and these. */
static void
put_gamma(struct rans_bits *b, uint32_t v)
{
	unsigned n = 31 - (unsigned)__builtin_clz(v);

	rans_bits_put(b, UINT64_C(1) << n, n + 1);
	rans_bits_put(b, v, n);
}

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

/* ---- writing ---- */

int
rans_w_init(struct rans_w *w, const struct rans_shape *shape)
{
	*w = (struct rans_w){ .shape = shape };
	for (uint32_t f = 1; f < RANS_TOTAL; f++)
		w->part[f] = (UINT64_C(1) << PART_BITS) / f + 1;
	w->freq = malloc((shape->slot[shape->n] + 1) * sizeof(*w->freq));
	return w->freq != NULL ? 0 : -1;
}

int
rans_w_room(struct rans_w *w, size_t n)
{
	size_t cap = w->cap != 0 ? w->cap : 4096;
	uint32_t *sym;

	if (w->cap - w->n >= n)
		return 0;
	while (cap - w->n < n)
		cap *= 2;
	if ((sym = realloc(w->sym, cap * sizeof(*sym))) == NULL)
		return -1;
	w->sym = sym;
	w->cap = cap;
	return 0;
}

void
rans_w_free(struct rans_w *w)
{
	buf_free(&w->bits.out);
	free(w->sym);
	free(w->freq);
	*w = (struct rans_w){ 0 };
}

/*
 * Counts of a context into frequencies: what occurs has one, and their sum is
 * RANS_TOTAL.
 */
static void
scale(uint32_t *f, uint32_t n)
{
	uint64_t total = 0;
	uint32_t sum = 0, most = 0;

	for (uint32_t i = 0; i < n; i++)
		total += f[i];
	for (uint32_t i = 0; i < n; i++) {
		if (f[i] == 0)
			continue;
		f[i] = (uint32_t)((f[i] * (uint64_t)RANS_TOTAL + total / 2) /
		    total);
		if (f[i] == 0)
			f[i] = 1;
		sum += f[i];
		if (f[i] > f[most])
			most = i;
	}
	if (sum <= RANS_TOTAL) {
		f[most] += RANS_TOTAL - sum;
		return;
	}
	/* The many that were rounded up: from the largest, a part at a time. */
	while (sum > RANS_TOTAL) {
		uint32_t take = sum - RANS_TOTAL;

		for (uint32_t i = 0; i < n; i++)
			if (f[i] > f[most])
				most = i;
		if (take > (f[most] + 7) / 8)
			take = (f[most] + 7) / 8;
		f[most] -= take;
		sum -= take;
	}
}

/* The table of a context; its frequencies get their starts. */
static void
put_table(struct rans_bits *b, uint32_t *f, uint32_t n)
{
	uint32_t used = 0, start = 0, last = 0;

	for (uint32_t i = 0; i < n; i++)
		used += f[i] != 0;
	put_gamma(b, used + 1);
	for (uint32_t i = 0, k = 0; k < used; i++) {
		uint32_t freq = f[i];

		if (freq == 0)
			continue;
		put_gamma(b, k == 0 ? i + 1 : i - last);
		if (++k < used)
			put_gamma(b, freq);
		f[i] |= start << 16;
		start += freq;
		last = i;
	}
}

static int
put_count(struct buf *out, size_t n)
{
	const uint8_t b[COUNT] = { (uint8_t)n, (uint8_t)(n >> 8),
	    (uint8_t)(n >> 16), (uint8_t)(n >> 24) };

	return buf_add(out, b, sizeof(b));
}

static int
put_bits(struct buf *out, struct rans_bits *b)
{
	bits_end(b);
	if (b->full) {
		errno = ENOMEM;
		return -1;
	}
	if (put_count(out, b->out.len) != 0)
		return -1;
	return b->out.len > 0 ? buf_add(out, b->out.p, b->out.len) : 0;
}

static int
put_tables(struct rans_w *w, struct buf *out)
{
	const struct rans_shape *s = w->shape;
	struct rans_bits b = { .n = 0 };
	int rc;

	memset(w->freq, 0, s->slot[s->n] * sizeof(*w->freq));
	for (size_t i = 0; i < w->n; i++)
		w->freq[w->sym[i]]++;
	for (uint32_t i = 0; i < s->n; i++) {
		uint32_t *f = w->freq + s->slot[i];
		uint32_t n = s->slot[i + 1] - s->slot[i];

		scale(f, n);
		put_table(&b, f, n);
	}
	rc = put_bits(out, &b);
	buf_free(&b.out);
	return rc;
}

/*
 * The words are made from the last symbol to the first, so that they are read
 * from the first on; each state takes every other symbol.
 */
static int
put_words(struct rans_w *w, struct buf *out)
{
	uint32_t x = RANS_LOW, y = RANS_LOW, f, freq, quot, other;
	size_t max = 2 * w->n + 2 * sizeof(x), n;
	uint8_t *end, *p;

	if (buf_room(out, COUNT + max) != 0)
		return -1;
	end = p = (uint8_t *)out->p + out->len + COUNT + max;
	for (size_t i = w->n; i-- > 0;) {
		f = w->freq[w->sym[i]];
		freq = f & 0xffff;
		if (freq == RANS_TOTAL)
			continue;		/* no other is possible */
		/* y is the state of this symbol: the one that comes next when
		 * it is read is x. */
		if (y >= freq << (32 - RANS_BITS)) {
			*--p = (uint8_t)(y >> 8);
			*--p = (uint8_t)y;
			y >>= RANS_WORD;
		}
		quot = (uint32_t)(y * w->part[freq] >> PART_BITS);
		y = (quot << RANS_BITS) + (y - quot * freq) + (f >> 16);
		other = x;
		x = y;
		y = other;
	}
	for (int k = 0; k < 2; k++) {
		other = k == 0 ? y : x;
		for (int i = 0; i < 4; i++)
			*--p = (uint8_t)(other >> (24 - 8 * i));
	}
	n = (size_t)(end - p);
	if (put_count(out, n) != 0)
		return -1;
	memmove(out->p + out->len, p, n);
	out->len += n;
	return 0;
}

int
rans_w_block(struct rans_w *w, struct buf *out)
{
	int rc = put_tables(w, out);

	if (rc == 0)
		rc = put_words(w, out);
	if (rc == 0)
		rc = put_bits(out, &w->bits);
	bits_clear(&w->bits);
	w->n = 0;
	return rc;
}

/* ---- reading ---- */

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
