#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "list.h"

const char *const list_form[LIST_FORMS] = { "", "-BE", "-BZ" };

int
list_base(const char *symbol, char *base)
{
	size_t n = strlen(symbol);
	int form = 0;

	for (int i = 1; i < LIST_FORMS && form == 0; i++)
		if (n > 3 && strcmp(symbol + n - 3, list_form[i]) == 0) {
			form = i;
			n -= 3;
		}
	if (n > LIST_SYMBOL - 1)
		n = LIST_SYMBOL - 1;
	memcpy(base, symbol, n);
	base[n] = '\0';
	return form;
}

struct list_row *
list_add(struct list *l, const char *symbol, const char *table)
{
	struct list_row *r;

	if (strlen(symbol) >= sizeof(r->symbol) ||
	    strlen(table) >= sizeof(r->table))
		return NULL;
	if (l->n == l->cap) {
		size_t cap = l->cap != 0 ? l->cap * 2 : 256;

		if ((r = realloc(l->v, cap * sizeof(*r))) == NULL)
			return NULL;
		l->v = r;
		l->cap = cap;
	}
	r = &l->v[l->n++];
	*r = (struct list_row){ 0 };
	strcpy(r->symbol, symbol);
	strcpy(r->table, table);
	return r;
}

void
list_free(struct list *l)
{
	free(l->v);
	*l = (struct list){ 0 };
}

struct list_row *
list_symbol(const struct list *l, const char *symbol)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].symbol, symbol) == 0)
			return &l->v[i];
	return NULL;
}

struct list_row *
list_table(const struct list *l, const char *table)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcasecmp(l->v[i].table, table) == 0)
			return &l->v[i];
	return NULL;
}

struct list_row *
list_base_row(const struct list *l, const char *base)
{
	char b[LIST_SYMBOL];

	for (size_t i = 0; i < l->n; i++) {
		list_base(l->v[i].symbol, b);
		if (strcmp(b, base) == 0)
			return &l->v[i];
	}
	return NULL;
}

/* ---- order and checks ---- */

static int
by_symbol(const void *a, const void *b)
{
	const struct list_row *x = a, *y = b;
	int c = strcmp(x->symbol, y->symbol);

	return c != 0 ? c : (x->line > y->line) - (x->line < y->line);
}

static int
by_table(const void *a, const void *b)
{
	const struct list_row *x = a, *y = b;
	int c = strcasecmp(x->table, y->table);

	return c != 0 ? c : (x->line > y->line) - (x->line < y->line);
}

static int
by_line(const void *a, const void *b)
{
	const struct list_row *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

static void
sort(struct list *l, int (*by)(const void *, const void *))
{
	if (l->n > 1)
		qsort(l->v, l->n, sizeof(*l->v), by);
}

void
list_sort(struct list *l)
{
	sort(l, by_symbol);
}

int
list_check(struct list *l, const char *name, struct fault *f)
{
	char a[LIST_SYMBOL], b[LIST_SYMBOL];

	sort(l, by_symbol);
	for (size_t i = 1; i < l->n; i++)
		if (strcmp(l->v[i].symbol, l->v[i - 1].symbol) == 0)
			return fault_set(f, EX_DATAERR, "%s:%ld: symbol %s is "
			    "there already (line %ld); delete one of them",
			    name, l->v[i].line, l->v[i].symbol,
			    l->v[i - 1].line);
	sort(l, by_table);
	for (size_t i = 1; i < l->n; i++) {
		list_base(l->v[i].symbol, a);
		list_base(l->v[i - 1].symbol, b);
		if (strcasecmp(l->v[i].table, l->v[i - 1].table) == 0 &&
		    strcmp(a, b) != 0)
			return fault_set(f, EX_DATAERR, "%s:%ld: table %s is "
			    "already that of %s (line %ld); give %s another",
			    name, l->v[i].line, l->v[i].table,
			    l->v[i - 1].symbol, l->v[i - 1].line,
			    l->v[i].symbol);
	}
	sort(l, by_line);
	return 0;
}
