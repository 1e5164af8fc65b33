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
