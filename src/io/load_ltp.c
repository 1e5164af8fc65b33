/*
 * Topic ltp into ltp_ticks, all rows in their order; and of the rows with an
 * open interest, the latest of each symbol and minute into oi_snapshots.
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

static enum sift_as
row(struct load *l, const char *text, const char *nl, const char **why)
{
	struct ltpsifted j = ltpsift_row(&l->ltpsift, text, nl);

	if ((*why = j.why) != NULL)
		return SIFT_BAD;
	l->row[l->n++] = (struct store_row){ text, NULL };
	if (j.oi)
		l->item[l->nitem++] = (struct load_item){ .row = text,
		    .symbol = (uint32_t)(j.symbol - text),
		    .ts = (uint32_t)(j.ts - text) };
	return SIFT_TAKE;
}

/* Compares symbol and minute. */
static int
compare(const struct load_item *a, const struct load_item *b)
{
	enum { MINUTE = 16 };		/* "2026-01-02T08:13" */
	const unsigned char *x, *y;

	x = (const unsigned char *)a->row + a->symbol;
	y = (const unsigned char *)b->row + b->symbol;
	while (*x == *y && *x > '\n')	/* a tab or a newline ends them */
		x++, y++;
	return *x != *y ? *x - *y : memcmp(a->row + a->ts, b->row + b->ts,
	    MINUTE);
}

/* The rows of a batch are in memory in the order in which they came. */
static int
by_minute(const void *a, const void *b)
{
	const struct load_item *x = a, *y = b;
	int rc = compare(x, y);

	return rc != 0 ? rc : x->row < y->row ? -1 : x->row > y->row;
}

static void
parts(struct load *l, struct store_batch *b)
{
	size_t n = 0;

	qsort(l->item, l->nitem, sizeof(*l->item), by_minute);
	for (size_t i = 0; i < l->nitem; i++)
		if (i + 1 == l->nitem ||
		    compare(&l->item[i], &l->item[i + 1]) != 0)
			l->sorted[n++] = (struct store_row){ l->item[i].row,
			    NULL };
	b->part[0] = (struct store_part){ &store_ltp, l->col[0], l->row, l->n };
	b->part[1] = (struct store_part){ &store_oi, l->col[1], l->sorted, n };
}

const struct load_topic load_ltp = { LTP_TOPIC, ".load-ltp", false, head, row,
    parts };
