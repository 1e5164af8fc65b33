#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_maria.h"

/* ---- what is there ---- */

/* The tokens of dailytable that set has not, into more: found in the index,
 * without looking at every row. */
static int
find_strangers(struct maria *s, const struct inst_set *set,
    struct inst_set *more, struct fault *f)
{
	struct buf b = { 0 };
	bool ok = buf_addf(&b, "SELECT DISTINCT instrument_token FROM "
	    "`%s`.dailytable", s->db) == 0;
	struct my_stmt *st = maria_prep(s, &b, ok, f);
	struct inst *in;
	int rc;

	if (st == NULL)
		return -1;
	while ((rc = my_step(st, f)) == 1) {
		int64_t token = my_col_int(st, 0);

		if (token < 0 || token > UINT32_MAX) {
			rc = fault_set(f, EX_DATAERR, "%s: dailytable: token "
			    "%jd", s->my.where, (intmax_t)token);
			break;
		}
		if (inst_find(set, (uint32_t)token) != NULL)
			continue;
		if ((in = inst_add(more)) == NULL) {
			rc = maria_nomem(f);
			break;
		}
		in->token = (uint32_t)token;
	}
	my_done(st);
	return rc;
}

/* Fills in what the rows of the day say of a token: 1; 0 there are none; -1. */
static int
describe(struct my_stmt *st, struct inst *in, struct fault *f)
{
	int rc;

	my_int(st, 3, in->token);
	if ((rc = my_step(st, f)) != 1)
		return rc;
	if (my_col_int(st, 0) == 0)
		rc = 0;
	/* An index has no volume, and a table of two columns. */
	else if (store_describe(in, my_col_text(st, 1), my_col_text(st, 2),
	    my_col_text(st, 3), my_col_int(st, 4) == 0, f) != 0)
		return -1;
	return my_step(st, f) == -1 ? -1 : rc;		/* to its end */
}

int
maria_add_insts(struct store *store, const char *day, struct inst_set *set,
    struct fault *f)
{
	struct maria *s = maria_of(store);
	struct maria_span span = maria_span_of(day);
	struct inst_set more = { 0 };
	struct my_stmt *st = NULL;
	struct buf b = { 0 };
	bool ok;
	int rc;

	if (maria_fixed(s, f) != 0 || my_ready(&s->my, f) != 0 ||
	    (rc = find_strangers(s, set, &more, f)) == -1)
		goto bad;
	ok = buf_addf(&b, "SELECT COUNT(*), MIN(tradingsymbol), "
	    "MIN(tablename), MIN(dbname), COUNT(volume) FROM "
	    "`%s`.dailytable WHERE timestamp BETWEEN ? AND ? AND "
	    "instrument_token = ?", s->db) == 0;
	if ((st = maria_prep_day(s, &b, ok, &span, f)) == NULL)
		goto bad;
	for (size_t i = 0; i < more.n; i++)
		if ((rc = describe(st, &more.v[i], f)) == -1 || (rc == 1 &&
		    store_take(set, &more.v[i], f) != 0))
			goto bad;
	my_done(st);
	inst_free(&more);
	inst_sort(set);
	return 0;
bad:
	my_done(st);
	inst_free(&more);
	inst_sort(set);
	return -1;
}

/* ---- filing ---- */

/* " SELECT ... ": the day's rows of an instrument, in the order of both keys. */
static bool
add_rows(struct buf *b, const struct maria *s, const struct inst *in)
{
	return buf_adds(b, " SELECT ") == 0 && maria_columns(b, "",
	    store_col + STORE_MAIN,
	    store_main_ncol(in->kind), false) == 0 &&
	    buf_addf(b, " FROM `%s`.dailytable WHERE timestamp BETWEEN ? AND ? "
	    "AND instrument_token = %u ORDER BY timestamp", s->db,
	    in->token) == 0;
}

static bool
add_create(struct buf *b, const struct inst *in)
{
	return buf_addf(b, "CREATE TABLE `%s`.`%s` (", in->db, in->table) ==
	    0 && maria_columns(b, "",
	    store_col + STORE_MAIN, store_main_ncol(in->kind),
	    true) == 0 && buf_adds(b, ", PRIMARY KEY (timestamp))") == 0;
}

/* Runs text (freed) over the day. */
static int
run_day(struct maria *s, struct buf *text, bool whole, const struct maria_span *span,
    struct fault *f)
{
	struct my_stmt *st = maria_prep_day(s, text, whole, span, f);
	int rc = st == NULL ? -1 : my_do(st, f);

	my_done(st);
	return rc;
}

/*
 * Makes a main table with an instrument's rows of the day in it, which a server
 * does in two thirds of the time that it takes to insert them: whole pages are
 * made, in order.  -1 and my.error: what is in the way.
 */
static int
create_filled(struct maria *s, const struct inst *in,
    const struct maria_span *span, struct fault *f)
{
	struct buf b = { 0 };
	bool ok = add_create(&b, in) && add_rows(&b, s, in);

	return run_day(s, &b, ok, span, f);
}

static int
create_empty(struct maria *s, const struct inst *in, struct fault *f)
{
	struct buf b = { 0 };
	int rc = add_create(&b, in) ? my_run(&s->my, b.p, f) : maria_nomem(f);

	buf_free(&b);
	return rc;
}

/* Makes the main table, filled or, without a span, empty, and its database. */
static int
create(struct maria *s, const struct inst *in, const struct maria_span *span,
    struct fault *f)
{
	int rc;

	s->my.error = 0;
	rc = span != NULL ? create_filled(s, in, span, f) :
	    create_empty(s, in, f);
	if (rc == 0 || s->my.error != MY_NO_DATABASE)
		return rc;
	if (maria_database(&s->my, in->db, f) != 0)
		return -1;
	return span != NULL ? create_filled(s, in, span, f) :
	    create_empty(s, in, f);
}

/*
 * Makes the main table, filled: 1; 0 there is one, which is looked at, or it is
 * made and empty, because the server makes none from a question; -1.
 */
static int
make_main(struct maria *s, const struct inst *in,
    const struct maria_span *span, struct fault *f)
{
	struct fault why;
	int rc = create(s, in, span, &why);
	bool filled = rc == 0;

	if (rc != 0 && s->my.error != MY_TABLE_THERE && why.ex == EX_DATAERR)
		rc = create(s, in, NULL, &why);
	if (rc == 0) {
		memset(s->other, 0, sizeof(s->other));
		s->seen = s->made = in;
		return filled;
	}
	if (s->my.error == MY_TABLE_THERE)
		return maria_look_at(s, in, f) == -1 ? -1 : 0;
	if (f != NULL)
		*f = why;
	return -1;
}

static int
copy_by(struct maria *s, const char *verb, const struct inst *in,
    const struct maria_span *span, struct fault *f)
{
	struct buf b = { 0 };
	bool ok = buf_addf(&b, "%s INTO `%s`.`%s` (", verb, in->db,
	    in->table) == 0 && maria_columns(&b, "",
	    store_col + STORE_MAIN,
	    store_main_ncol(in->kind), false) == 0 && buf_adds(&b, ")") == 0 &&
	    add_rows(&b, s, in);

	return run_day(s, &b, ok, span, f);
}

/* Copies an instrument's rows of the day into its table, over those of the same
 * second, which are few when it is filed the first time: then INSERT is faster. */
static int
copy(struct maria *s, const struct inst *in, const struct maria_span *span,
    struct fault *f)
{
	struct fault why;

	if (copy_by(s, "INSERT", in, span, &why) == 0)
		return 0;
	if (s->my.error == MY_ROW_THERE)
		return copy_by(s, "REPLACE", in, span, f);
	if (f != NULL)
		*f = why;
	return -1;
}

/* Killed at any moment, it leaves a table that is whole or empty, or that the
 * next try goes over. */
int
maria_file(struct store *store, const struct inst_group *g, const char *day,
    struct fault *f)
{
	struct maria *s = maria_of(store);
	struct maria_span span = maria_span_of(day);
	int rc;

	s->seen = s->made = NULL;
	if (maria_fixed(s, f) != 0 || my_ready(&s->my, f) != 0 ||
	    (rc = make_main(s, g->v[0], &span, f)) == -1)
		return -1;
	if (rc == 0 || g->n > 1) {
		if (my_begin(&s->my, f) != 0)
			return -1;
		for (size_t i = (size_t)rc; rc != -1 && i < g->n; i++)
			rc = copy(s, g->v[i], &span, f);
		if (my_end(&s->my, rc == -1 ? -1 : 0, f) != 0)
			return -1;
	}
	return 0;
}
