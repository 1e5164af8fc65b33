/*
 * Topic ltp into ltp_ticks; and of the rows with an open interest, the latest of
 * each symbol and minute into oi_snapshots.  The rows of a symbol together, and the
 * symbols in order, since both tables have an index by symbol and time: as the rows
 * come, a snapshot after the other, every row would be put into another page of it.
 */
#include <stdlib.h>
#include <string.h>

#include "load_topic.h"
#include "ltp.h"

static int
head(struct load *l, const char *header, struct fault *f)
{
	l->ncol = store_columns(&store_ltp, header, l->col[0], f);
	return l->ncol == -1 ||
	    store_columns(&store_oi, header, l->col[1], f) == -1 ||
	    ltpsift_head(&l->ltpsift, header, f) != 0 ? -1 : 0;
}

/* FNV-1a of a field. */
static uint64_t
hash_of(const char *p)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *p != '\t' && *p != '\n'; p++)
		h = (h ^ (unsigned char)*p) * UINT64_C(1099511628211);
	return h;
}

static enum sift_as
row(struct load *l, const char *text, const char *nl, const char **why)
{
	struct ltpsifted j = ltpsift_row(&l->ltpsift, text, nl);

	if ((*why = j.why) != NULL)
		return SIFT_BAD;
	l->item[l->n++] = (struct load_item){ .hash = hash_of(j.symbol),
	    .row = text, .oi = j.oi, .symbol = (uint32_t)(j.symbol - text),
	    .ts = (uint32_t)(j.ts - text) };
	return SIFT_TAKE;
}

/* The rows of a batch are in memory in the order in which they came. */
static int
by_hash(const void *a, const void *b)
{
	const struct load_item *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

/* Two symbols with one hash stay apart here; that they are mixed costs time, at
 * most. */
static bool
same_minute(const struct load_item *a, const struct load_item *b)
{
	enum { MINUTE = 16 };		/* "2026-01-02T08:13" */
	const char *x = a->row + a->symbol, *y = b->row + b->symbol;

	if (a->hash != b->hash ||
	    memcmp(a->row + a->ts, b->row + b->ts, MINUTE) != 0)
		return false;
	while (*x == *y && *x != '\t' && *x != '\n')
		x++, y++;
	return *x == *y;
}

static int
by_symbol(const void *a, const void *b)
{
	const struct load_group *x = a, *y = b;
	const char *p = x->first->row + x->first->symbol,
	    *q = y->first->row + y->first->symbol;

	while (*p == *q && *p != '\t' && *p != '\n')
		p++, q++;
	return (unsigned char)*p - (unsigned char)*q;
}

/* Puts the rows of each symbol together, and the symbols in order: fewer to sort
 * than rows.  How many there are. */
static size_t
sort(struct load *l)
{
	size_t n = 0;

	qsort(l->item, l->n, sizeof(*l->item), by_hash);
	for (size_t i = 0; i < l->n; i++)
		if (i > 0 && l->item[i].hash == l->item[i - 1].hash)
			l->group[n - 1].n++;
		else
			l->group[n++] = (struct load_group){ &l->item[i], 1 };
	qsort(l->group, n, sizeof(*l->group), by_symbol);
	return n;
}

static void
parts(struct load *l, struct store_batch *b)
{
	const struct load_item *last = NULL;
	size_t ngroup = sort(l), n = 0, noi = 0;

	for (size_t k = 0; k < ngroup; k++)
		for (size_t i = 0; i < l->group[k].n; i++) {
			const struct load_item *x = &l->group[k].first[i];

			l->row[n++] = (struct store_row){ x->row, NULL };
			if (!x->oi)
				continue;
			if (last == NULL || !same_minute(last, x))
				noi++;
			l->sorted[noi - 1] = l->row[n - 1];
			last = x;
		}
	b->part[0] = (struct store_part){ &store_ltp, l->col[0], l->row, n };
	b->part[1] = (struct store_part){ &store_oi, l->col[1], l->sorted, noi };
}

const struct load_topic load_ltp = { LTP_TOPIC, ".load-ltp", false, head, row,
    parts };
