#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "num.h"
#include "store_sqlite.h"

/* A value of a question: an integer or a decimal as such, or columns and LIMIT
 * would not compare with it. */
static void
bind(struct sqlite3_stmt *st, int i, const char *s)
{
	int64_t n;
	double v;

	if (s == NULL)
		sq_null(st, i);
	else if (num_i64(s, INT64_MIN, INT64_MAX, &n) == 0)
		sq_int(st, i, n);
	else if (num_double(s, -1e300, 1e300, &v) == 0)
		sq_real(st, i, v);
	else
		sq_text(st, i, s, -1);
}

static int
give(struct sqlite3_stmt *st, const struct store_ask *a,
    struct store_cell *cell, bool names)
{
	int n = sq_ncol(st);

	for (int i = 0; i < n; i++) {
		cell[i].number = !names && sq_col_number(st, i);
		cell[i].text = names ? sq_col_name(st, i) :
		    sq_col_null(st, i) ? NULL : sq_col_text(st, i);
		cell[i].len = cell[i].text == NULL ? 0 : names ?
		    strlen(cell[i].text) : sq_col_len(st, i);
	}
	return a->row(a->user, cell, (size_t)n, names);
}

static int
run(struct sq *q, struct sqlite3_stmt *st, const struct store_ask *a,
    struct fault *f)
{
	struct store_cell *cell = calloc((size_t)sq_ncol(st) + 1,
	    sizeof(*cell));
	int64_t n = 0;
	int rc;

	if (cell == NULL)
		return sqlite_nomem(f);
	while ((rc = sq_step(q, st, f)) == 1 && n < a->rows)
		if ((n++ == 0 && give(st, a, cell, true) != 0) ||
		    give(st, a, cell, false) != 0) {
			rc = 0;
			break;
		}
	if (rc == 0 && n == 0)
		(void)give(st, a, cell, true);	/* it may end here */
	free(cell);
	return rc;
}

int
sqlite_ask(struct store *s, const struct store_ask *a, struct fault *f)
{
	struct sq *q = sq_of(s);
	struct sqlite3_stmt *st = NULL;
	struct buf b = { 0 };
	int rc;

	sq_limit(q, a->seconds);
	if (sqlite_reach((struct sqlite *)s, a->sql, &b, f) == 0)
		st = sq_prep(q, b.p, f);
	buf_free(&b);
	if (st == NULL)
		return -1;
	if ((size_t)sq_nvalue(st) != a->narg)
		rc = fault_set(f, EX_DATAERR, "%d values are asked for with ?, "
		    "%zu are given", sq_nvalue(st), a->narg);
	else {
		for (size_t i = 0; i < a->narg; i++)
			bind(st, (int)i + 1, a->arg[i]);
		rc = run(q, st, a, f);
	}
	sq_done(st);
	return rc;
}

int
sqlite_locate(struct store *s, const struct inst *in, const char *db,
    struct buf *b, struct fault *f)
{
	struct sq *q = sq_of(s);
	const char *schema = "main", *table = "dailytable";
	int rc;

	(void)db;			/* there is one dailytable */
	if (in != NULL) {
		schema = "filed";
		table = in->table;
		if ((rc = sqlite_main_open(q, in, false, f)) != 1)
			return rc;
	}
	if (sq_refresh(q, f) != 0)
		return -1;
	if ((rc = sq_has(q, schema, table, NULL, f)) != 1)
		return rc;
	return buf_addf(b, "%s.\"%s\"", schema, table) == 0 ? 1 :
	    sqlite_nomem(f);
}
