#include <stdlib.h>
#include <string.h>

#include "castwatch.h"

static bool
is_option(const struct quote *q)
{
	return q->kind == INST_CE || q->kind == INST_PE;
}

static int
by_strike(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The nearest expiry of the index from day on, and its last price. */
static bool
money(const struct castbook *b, const char *index, int32_t day,
    int32_t *expiry, int64_t *spot_e7)
{
	bool spot = false;

	*expiry = INST_NO_EXPIRY;
	for (size_t i = 0; i < b->n; i++) {
		const struct quote *q = &b->v[i];

		if (strcmp(q->index, index) != 0)
			continue;
		if (is_option(q) && q->expiry >= day &&
		    (*expiry == INST_NO_EXPIRY || q->expiry < *expiry))
			*expiry = q->expiry;
		if (q->kind == INST_INDEX && castbook_ltp(q, spot_e7) == 0)
			spot = true;
	}
	return spot && *expiry != INST_NO_EXPIRY;
}

/* The strikes of an expiry that are quoted, sorted, each once. */
static size_t
strikes(const struct castbook *b, const char *index, int32_t expiry,
    int64_t *v)
{
	size_t n = 0, unique = 0;

	for (size_t i = 0; i < b->n; i++)
		if (is_option(&b->v[i]) && b->v[i].expiry == expiry &&
		    strcmp(b->v[i].index, index) == 0)
			v[n++] = b->v[i].strike_e7;
	qsort(v, n, sizeof(*v), by_strike);
	for (size_t i = 0; i < n; i++)
		if (unique == 0 || v[i] != v[unique - 1])
			v[unique++] = v[i];
	return unique;
}

/* Lowest and highest strike that is sent unasked. */
static void
window(const int64_t *v, size_t n, int64_t spot_e7, size_t width,
    int64_t *low, int64_t *high)
{
	size_t at = 0;

	for (size_t i = 1; i < n; i++)
		if (llabs(v[i] - spot_e7) < llabs(v[at] - spot_e7))
			at = i;
	*low = v[at > width ? at - width : 0];
	*high = v[at + width < n ? at + width : n - 1];
}

static size_t
mark(struct castbook *b, const char *index, int32_t day, size_t width,
    int64_t *room)
{
	int64_t spot_e7, low = 1, high = 0;
	int32_t expiry;
	size_t n, marked = 0;

	if (money(b, index, day, &expiry, &spot_e7) &&
	    (n = strikes(b, index, expiry, room)) > 0)
		window(room, n, spot_e7, width, &low, &high);
	for (size_t i = 0; i < b->n; i++) {
		struct quote *q = &b->v[i];

		if (strcmp(q->index, index) != 0)
			continue;
		q->watched = q->kind == INST_INDEX || q->kind == INST_FUT ||
		    (is_option(q) && q->expiry == expiry &&
		    q->strike_e7 >= low && q->strike_e7 <= high);
		marked += q->watched;
	}
	return marked;
}

int
castwatch_mark(struct castbook *b, const struct conf *c, int32_t day)
{
	bool all = strcmp(conf_str(c, "castSymbols"), "all") == 0;
	size_t width = (size_t)conf_int(c, "atmWindow"), marked = 0;
	int64_t *room = malloc((b->n + 1) * sizeof(*room));
	const char *index;

	if (room == NULL)
		return -1;
	for (size_t i = 0; i < b->n; i++)
		b->v[i].watched = all;
	if (!all) {
		for (size_t i = 0; (index = conf_item(c, "underlyings", i)) !=
		    NULL; i++)
			marked += mark(b, index, day, width, room);
		for (size_t i = 0; marked == 0 && i < b->n; i++)
			b->v[i].watched = true;
	}
	free(room);
	return 0;
}
