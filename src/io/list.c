#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "csv.h"
#include "inst.h"
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
	if (n > 63)
		n = 63;
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
	char b[64];

	for (size_t i = 0; i < l->n; i++) {
		list_base(l->v[i].symbol, b);
		if (strcmp(b, base) == 0)
			return &l->v[i];
	}
	return NULL;
}

/* ---- checks ---- */

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

/* No symbol twice, no table for two that are not forms of one share. */
static int
check_unique(struct list *l, const char *name, struct fault *f)
{
	char a[64], b[64];

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

/* ---- reading and writing ---- */

static int
take_row(struct list *l, struct csv *c, const char *symbol, const char *table,
    struct fault *f)
{
	struct list_row *r;

	if (*symbol == '\0' || strlen(symbol) >= sizeof(r->symbol))
		return fault_set(f, EX_DATAERR, "%s:%ld: Symbol is '%.70s'",
		    c->name, c->line, symbol);
	if (!inst_table_ok(table))
		return fault_set(f, EX_DATAERR, "%s:%ld: TableName is '%.70s': "
		    "want letters, digits, _, and no name of DAS's own",
		    c->name, c->line, table);
	if ((r = list_add(l, symbol, table)) == NULL)
		return fault_sys(f, EX_TEMPFAIL, "%s", c->name);
	r->line = c->line;
	return 0;
}

static int
read_rows(struct list *l, struct csv *c, struct fault *f)
{
	int symbol = csv_col(c, "Symbol"), table = csv_col(c, "TableName");
	enum csv_rc rc;

	if (c->html)
		return fault_set(f, EX_DATAERR, "%s:1: is HTML, not a list",
		    c->name);
	if (c->why == NULL && (symbol == -1 || table == -1))
		return fault_set(f, EX_DATAERR, "%s:%ld: no column %s",
		    c->name, c->line, symbol == -1 ? "Symbol" : "TableName");
	if (c->why == NULL && csv_columns(c) != 2)
		return fault_set(f, EX_DATAERR, "%s:%ld: has %d columns, want "
		    "Symbol,TableName only", c->name, c->line, csv_columns(c));
	while ((rc = csv_next(c)) == CSV_OK)
		if (take_row(l, c, c->f[symbol], c->f[table], f) != 0)
			return -1;
	if (rc == CSV_END)
		return check_unique(l, c->name, f);
	return fault_set(f, ferror(c->in) ? EX_IOERR : EX_DATAERR,
	    "%s:%ld: %s", c->name, c->line, c->why);
}

int
list_read(struct list *l, const char *path, struct fault *f)
{
	struct csv c;
	FILE *in;
	int rc;

	if ((in = fopen(path, "re")) == NULL)
		return fault_sys(f, EX_NOINPUT, "%s", path);
	if (csv_open(&c, in, path) != 0)
		rc = fault_sys(f, EX_TEMPFAIL, "%s", path);
	else if ((rc = read_rows(l, &c, f)) != 0)
		list_free(l);
	csv_close(&c);
	fclose(in);			/* only read from: nothing to lose */
	return rc;
}

int
list_text(struct list *l, struct buf *b)
{
	sort(l, by_symbol);
	if (buf_adds(b, "Symbol,TableName\n") != 0)
		return -1;
	for (size_t i = 0; i < l->n; i++)
		if (csv_field(b, l->v[i].symbol) != 0 ||
		    buf_adds(b, ",") != 0 ||
		    csv_field(b, l->v[i].table) != 0 ||
		    buf_adds(b, "\n") != 0)
			return -1;
	return 0;
}
