#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "indices.h"
#include "inst.h"
#include "num.h"
#include "tsv.h"

enum {
	X_UNDERLYING, X_FROM, X_TO, X_SPOT, X_SPOT_EXCHANGE, X_TABLE,
	X_FUTURE_TABLE, X_FUTURE_SEGMENT, X_OPTION_SEGMENT, X_STEP, X_DB_KEY,
	X_DB_DEFAULT, X_STEM, X_COLS
};
static const char *const cols[X_COLS] = {
	"underlying", "from", "to", "spot", "spot_exchange", "table",
	"future_table", "future_segment", "option_segment", "strike_step",
	"db_key", "db_default", "file_stem"
};

static int
take_text(char *to, size_t size, const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n >= size || tsv_null(s))
		return -1;
	memcpy(to, s, n + 1);
	return 0;
}

static int
take_table(char *to, size_t size, const char *s)
{
	return inst_table_ok(s) ? take_text(to, size, s) : -1;
}

static int
take_name(char *to, size_t size, const char *s)
{
	return inst_name_ok(s) ? take_text(to, size, s) : -1;
}

/* Part of a file name: letters, digits, _ and -. */
static int
take_stem(char *to, size_t size, const char *s)
{
	static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_-";

	return s[strspn(s, good)] == '\0' ? take_text(to, size, s) : -1;
}

static int
take_days(struct index_def *d, const char *from, const char *to)
{
	d->to = INT32_MAX;
	if (clk_day_from(from, &d->from) != 0)
		return -1;
	if (!tsv_null(to) && clk_day_from(to, &d->to) != 0)
		return -1;
	return d->from <= d->to ? 0 : -1;
}

/* 0, or -1 and *bad is the column. */
static int
from_fields(struct index_def *d, char *const f[X_COLS], int *bad)
{
#define TAKE(how, to, c)	(*bad = (c), how(to, sizeof(to), f[c]))
	if (TAKE(take_text, d->underlying, X_UNDERLYING) != 0 ||
	    TAKE(take_text, d->spot, X_SPOT) != 0 ||
	    TAKE(take_text, d->spot_exchange, X_SPOT_EXCHANGE) != 0 ||
	    TAKE(take_table, d->table, X_TABLE) != 0 ||
	    TAKE(take_table, d->future_table, X_FUTURE_TABLE) != 0 ||
	    TAKE(take_text, d->future_segment, X_FUTURE_SEGMENT) != 0 ||
	    TAKE(take_text, d->option_segment, X_OPTION_SEGMENT) != 0 ||
	    TAKE(take_text, d->db_key, X_DB_KEY) != 0 ||
	    TAKE(take_name, d->db_default, X_DB_DEFAULT) != 0 ||
	    TAKE(take_stem, d->file_stem, X_STEM) != 0)
		return -1;
#undef TAKE
	*bad = X_FROM;
	if (take_days(d, f[X_FROM], f[X_TO]) != 0)
		return -1;
	*bad = X_STEP;
	return num_e7(f[X_STEP], &d->strike_step_e7) == 0 &&
	    d->strike_step_e7 > 0 ? 0 : -1;
}

static int
load_row(struct indices *x, struct tsv *row, const int col[X_COLS],
    struct fault *f)
{
	struct index_def *v, *d;
	char *field[X_COLS];
	int bad;

	if ((v = realloc(x->v, (x->n + 1) * sizeof(*v))) == NULL)
		return fault_sys(f, 0, "%s", row->name);
	x->v = v;
	d = &v[x->n];
	*d = (struct index_def){ 0 };
	for (int c = 0; c < X_COLS; c++) {
		field[c] = row->f[col[c]];
		if (!tsv_null(field[c]))
			tsv_decode(field[c]);
	}
	if (from_fields(d, field, &bad) != 0)
		return fault_set(f, EX_DATAERR, "%s:%ld: %s is '%.60s'",
		    row->name, row->line, cols[bad], field[bad]);
	for (size_t i = 0; i < x->n; i++)
		if (strcmp(v[i].underlying, d->underlying) == 0 &&
		    v[i].from <= d->to && d->from <= v[i].to)
			return fault_set(f, EX_DATAERR, "%s:%ld: %s has "
			    "another row for some of these days", row->name,
			    row->line, d->underlying);
	x->n++;
	return 0;
}

static int
load_rows(struct indices *x, struct tsv *row, struct fault *f)
{
	int col[X_COLS], rc;

	for (int c = 0; c < X_COLS; c++)
		if ((col[c] = tsv_col(row, cols[c])) == -1)
			return fault_set(f, EX_DATAERR, "%s: %s%s", row->name,
			    row->why != NULL ? row->why : "no column ",
			    row->why != NULL ? "" : cols[c]);
	while ((rc = tsv_next(row)) == 1)
		if (load_row(x, row, col, f) != 0)
			return -1;
	if (rc != 0)
		return fault_set(f, ferror(row->in) ? EX_IOERR : EX_DATAERR,
		    "%s:%ld: %s", row->name, row->line, row->why);
	return 0;
}

int
indices_load(struct indices *x, const char *path, struct fault *f)
{
	struct tsv row;
	FILE *in;
	int rc;

	if ((in = fopen(path, "re")) == NULL)
		return fault_sys(f, EX_NOINPUT, "%s", path);
	tsv_init(&row, in, path);
	if ((rc = load_rows(x, &row, f)) != 0)
		indices_free(x);
	tsv_free(&row);
	fclose(in);			/* only read from: nothing to lose */
	return rc;
}

void
indices_free(struct indices *x)
{
	free(x->v);
	*x = (struct indices){ 0 };
}

const struct index_def *
indices_find(const struct indices *x, const char *underlying, int32_t day)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->v[i].from <= day && day <= x->v[i].to &&
		    strcmp(x->v[i].underlying, underlying) == 0)
			return &x->v[i];
	return NULL;
}
