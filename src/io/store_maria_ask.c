#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "num.h"
#include "store_maria.h"

/* A value of a question: an integer as such, for LIMIT wants one. */
static void
bind(struct my_stmt *st, unsigned i, const char *s)
{
	int64_t n;

	if (s == NULL)
		my_null(st, i);
	else if (num_i64(s, INT64_MIN, INT64_MAX, &n) == 0)
		my_int(st, i, n);
	else
		my_text(st, i, s, -1);
}

static int
give(const struct my_stmt *st, const struct store_ask *a,
    struct store_cell *cell, bool names)
{
	unsigned n = my_ncol(st);

	for (unsigned i = 0; i < n; i++) {
		cell[i].number = !names && !my_col_null(st, i) &&
		    my_col_number(st, i);
		cell[i].text = names ? my_col_name(st, i) :
		    my_col_null(st, i) ? NULL : my_col_text(st, i);
		cell[i].len = cell[i].text == NULL ? 0 : names ?
		    strlen(cell[i].text) : my_col_len(st, i);
	}
	return a->row(a->user, cell, n, names);
}

static int
run(struct my_stmt *st, const struct store_ask *a, bool *ended,
    struct fault *f)
{
	struct store_cell *cell = calloc(my_ncol(st), sizeof(*cell));
	int64_t n = 0;
	int rc;

	if (cell == NULL)
		return maria_nomem(f);
	while ((rc = my_step(st, f)) == 1 && n < a->rows)
		if ((n++ == 0 && give(st, a, cell, true) != 0) ||
		    give(st, a, cell, false) != 0) {
			*ended = true;
			rc = 0;
			break;
		}
	if (rc == 0 && n == 0)
		(void)give(st, a, cell, true);	/* it may end here */
	free(cell);
	return rc;
}

/* MariaDB has one variable for it, MySQL another. */
static int
limit_time(struct maria *s, int64_t seconds, struct fault *f)
{
	char sql[80];
	struct fault own;

	snprintf(sql, sizeof(sql), "SET SESSION max_statement_time = %jd",
	    (intmax_t)seconds);
	if (my_run(&s->my, sql, &own) == 0)
		return 0;
	snprintf(sql, sizeof(sql), "SET SESSION max_execution_time = %jd",
	    (intmax_t)seconds * 1000);
	return my_run(&s->my, sql, f);
}

/*
 * The session only reads, and what gives no columns is not run: that leaves
 * out SELECT ... INTO a file of the server too.
 */
int
maria_ask(struct store *store, const struct store_ask *a, struct fault *f)
{
	struct maria *s = maria_of(store);
	struct my_stmt *st;
	bool ended = false;
	const char *db = a->db != NULL ? a->db : s->db;
	char use[160];
	int rc;

	if (!inst_name_ok(db))
		return fault_set(f, EX_DATAERR, "'%s' cannot be a database "
		    "name", db);
	snprintf(use, sizeof(use), "USE `%s`", db);
	if (my_ready(&s->my, f) != 0 || my_run(&s->my, use, f) != 0 ||
	    limit_time(s, a->seconds, f) != 0 ||
	    (st = my_prep(&s->my, a->sql, f)) == NULL)
		return -1;
	if (my_ncol(st) == 0)
		rc = fault_set(f, EX_DATAERR, "a question may only read");
	else if (my_nvalue(st) != a->narg)
		rc = fault_set(f, EX_DATAERR, "%u values are asked for with ?, "
		    "%zu are given", my_nvalue(st), a->narg);
	else {
		for (size_t i = 0; i < a->narg; i++)
			bind(st, (unsigned)i + 1, a->arg[i]);
		my_stream(st);
		rc = run(st, a, &ended, f);
	}
	if (rc != 0 || ended)
		my_close(&s->my);	/* rows may still be on their way */
	my_done(st);
	return rc;
}

int
maria_locate(struct store *store, const struct inst *in, const char *db,
    struct buf *b, struct fault *f)
{
	struct maria *s = maria_of(store);
	const struct maria_shape at = { .db = in != NULL ? in->db : s->db,
	    .table = in != NULL ? in->table : "dailytable" };
	int rc;

	(void)db;			/* there is one dailytable */
	if (my_ready(&s->my, f) != 0)
		return -1;
	if ((rc = maria_has(&s->my, &at, f)) != 1)
		return rc;
	return buf_addf(b, "`%s`.`%s`", at.db, at.table) == 0 ? 1 :
	    maria_nomem(f);
}
