/*
 * Topic ticks into dailytable: of several rows of an instrument and a second the
 * latest, by instrument and second, as the table is clustered.
 */
#include <stdlib.h>

#include "load_topic.h"

static int
head(struct load *l, const char *header, struct fault *f)
{
	l->ncol = store_columns(&store_daily, header, l->col[0], f);
	return l->ncol != -1 ? sift_head(&l->sift, header, f) : -1;
}

static enum sift_as
row(struct load *l, const char *text, const char *nl, const char **why)
{
	struct sifted j = sift_row(&l->sift, text, nl);

	if (j.as == SIFT_TAKE) {
		l->row[l->n] = (struct store_row){ text, j.in };
		l->item[l->n] = (struct load_item){ .i = l->n,
		    .key = (uint64_t)j.token << 32 | (uint32_t)j.sec };
		l->n++;
	} else if (j.as == SIFT_UNKNOWN && l->unknown == 0) {
		l->stranger = j.token;
	}
	*why = j.why;
	return j.as;
}

static int
by_key(const void *a, const void *b)
{
	const struct load_item *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->i < y->i ? -1 : x->i > y->i;
}

static void
parts(struct load *l, struct store_batch *b)
{
	size_t n = 0;

	qsort(l->item, l->n, sizeof(*l->item), by_key);
	for (size_t i = 0; i < l->n; i++)
		if (i + 1 == l->n || l->item[i].key != l->item[i + 1].key)
			l->sorted[n++] = l->row[l->item[i].i];
	b->part[0] = (struct store_part){ &store_daily, l->col[0], l->sorted,
	    n };
}

const struct load_topic load_ticks = { LOAD_TOPIC, ".load", true, head, row,
    parts };
