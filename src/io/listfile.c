#include <stdio.h>
#include <string.h>

#include "csv.h"
#include "inst.h"
#include "listfile.h"

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
		return list_check(l, c->name, f);
	return fault_set(f, ferror(c->in) ? EX_IOERR : EX_DATAERR,
	    "%s:%ld: %s", c->name, c->line, c->why);
}

int
listfile_read(struct list *l, const char *path, struct fault *f)
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
listfile_text(struct list *l, struct buf *b)
{
	list_sort(l);
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
