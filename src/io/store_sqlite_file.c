#include <stdio.h>
#include <string.h>

#include "store_sqlite.h"
#include "valsum.h"

/* The first and the last second of a day, as text. */
struct span { char from[20], to[20]; };

static struct span
span_of(const char *day)
{
	struct span s;

	snprintf(s.from, sizeof(s.from), "%.10s 00:00:00", day);
	snprintf(s.to, sizeof(s.to), "%.10s 23:59:59", day);
	return s;
}

/* Every token in dailytable, found by stepping from one to the next in the
 * clustering index instead of looking at every row. */
#define TOKENS "WITH RECURSIVE t(token) AS (" \
	"SELECT min(instrument_token) FROM main.dailytable UNION ALL " \
	"SELECT (SELECT min(instrument_token) FROM main.dailytable " \
	"WHERE instrument_token > token) FROM t WHERE token IS NOT NULL) "

/* ---- what is there ---- */

static int
add_inst(struct sqlite3_stmt *st, struct inst_set *set, struct fault *f)
{
	struct inst *in;
	int64_t token = sq_col_int(st, 0);

	if ((in = inst_add(set)) == NULL)
		return sqlite_nomem(f);
	in->token = (uint32_t)token;
	if (token < 0 || token > UINT32_MAX)
		return fault_set(f, EX_DATAERR, "dailytable: token %jd",
		    (intmax_t)token);
	return store_describe(in, sq_col_text(st, 1), sq_col_text(st, 2),
	    sq_col_text(st, 3), sq_col_int(st, 4) != 0, f);
}

int
sqlite_add_insts(struct store *s, const char *day, struct inst_set *set,
    struct fault *f)
{
	struct span span = span_of(day);
	struct sq *q = sq_of(s);
	struct sqlite3_stmt *st;
	struct inst_set more = { 0 };
	int rc;

	if (sq_refresh(q, f) != 0 ||
	    (rc = sq_has(q, "main", "dailytable", NULL, f)) == -1)
		return -1;
	if (rc == 0)
		return 0;
	/* An index has no volume, and a table of two columns. */
	st = sq_prep(q, TOKENS "SELECT d.instrument_token, d.tradingsymbol, "
	    "d.tablename, d.dbname, NOT EXISTS (SELECT 1 "
	    "FROM main.dailytable WHERE instrument_token = t.token AND "
	    "timestamp BETWEEN ?1 AND ?2 AND volume IS NOT NULL) "
	    "FROM t JOIN main.dailytable AS d "
	    "ON d.instrument_token = t.token AND d.timestamp = (SELECT "
	    "min(timestamp) FROM main.dailytable WHERE instrument_token = t.token "
	    "AND timestamp BETWEEN ?1 AND ?2) WHERE t.token IS NOT NULL", f);
	if (st == NULL)
		return -1;
	sq_text(st, 1, span.from, -1);
	sq_text(st, 2, span.to, -1);
	while ((rc = sq_step(q, st, f)) == 1)
		if (inst_find(set, (uint32_t)sq_col_int(st, 0)) == NULL &&
		    (rc = add_inst(st, &more, f)) != 0)
			break;
	sq_done(st);
	for (size_t i = 0; rc == 0 && i < more.n; i++)
		rc = store_take(set, &more.v[i], f);
	inst_free(&more);
	inst_sort(set);
	return rc;
}

/* Prepares text (freed), with the day bound; NULL and the fault. */
static struct sqlite3_stmt *
prep_day(struct sq *q, struct buf *text, const struct span *span, bool whole,
    struct fault *f)
{
	struct sqlite3_stmt *st = NULL;

	if (!whole)
		sqlite_nomem(f);
	else if ((st = sq_prep(q, text->p, f)) != NULL) {
		sq_text(st, 1, span->from, -1);
		sq_text(st, 2, span->to, -1);
	}
	buf_free(text);
	return st;
}

/* The number that a question gives. */
static int
number(struct sq *q, struct sqlite3_stmt *st, uint64_t *n, struct fault *f)
{
	int rc;

	if (st == NULL)
		return -1;
	if ((rc = sq_step(q, st, f)) == 1)
		*n = (uint64_t)sq_col_int(st, 0);
	sq_done(st);
	return rc == -1 ? -1 : 0;
}

/* The checksum of the row that a question has given (valsum.h). */
static uint32_t
sum_of(struct sqlite3_stmt *st, int ncol)
{
	uint64_t h = VALSUM_BEGIN;

	for (int i = 0; i < ncol; i++)
		switch (sq_col_type(st, i)) {
		case SQ_NULL:
			h = valsum_null(h);
			break;
		case SQ_INT:
			h = valsum_int(h, sq_col_int(st, i));
			break;
		case SQ_REAL:
			h = valsum_real(h, sq_col_real(st, i));
			break;
		case SQ_TEXT: {
			const char *s = sq_col_text(st, i);

			h = valsum_text(h, s, sq_col_len(st, i));
			break;
		}
		}
	return valsum_end(h);
}

int
sqlite_count(struct store *s, const struct inst_group *g, const char *day,
    struct store_counts *n, struct fault *f)
{
	const struct inst *in = g->v[0];
	int ncol = store_main_ncol(in->kind), rc;
	struct span span = span_of(day);
	struct sq *q = sq_of(s);
	struct sqlite3_stmt *st;
	struct buf b = { 0 };
	bool ok;

	if ((rc = sqlite_main_open(q, in, false, f)) == 1 &&
	    (rc = sq_refresh(q, f)) == 0)
		rc = sq_has(q, "filed", in->table, NULL, f);
	if (rc != 1)
		return rc;
	ok = buf_adds(&b, "SELECT ") == 0 && sqlite_columns(&b,
	    store_col + STORE_MAIN, ncol, false) == 0 &&
	    buf_addf(&b, " FROM filed.\"%s\" WHERE timestamp BETWEEN ?1 AND ?2",
	    in->table) == 0;
	if ((st = prep_day(q, &b, &span, ok, f)) == NULL)
		return -1;
	for (; (rc = sq_step(q, st, f)) == 1; n->main++)
		n->sum += sum_of(st, ncol);
	sq_done(st);
	return rc;
}

/* ---- filing ---- */

/* Copies the rows of one instrument. */
static int
copy(struct sq *q, const struct inst *in, const struct span *span,
    struct fault *f)
{
	int n = store_main_ncol(in->kind), rc;
	struct sqlite3_stmt *st;
	struct buf b = { 0 };
	bool ok;

	ok = buf_addf(&b, "REPLACE INTO filed.\"%s\" (", in->table) == 0 &&
	    sqlite_columns(&b, store_col + STORE_MAIN, n, false) == 0 &&
	    buf_adds(&b, ") SELECT ") == 0 &&
	    sqlite_columns(&b, store_col + STORE_MAIN, n, false) == 0 &&
	    buf_addf(&b, " FROM main.dailytable WHERE instrument_token = %u AND "
	    "timestamp BETWEEN ?1 AND ?2", in->token) == 0;
	if ((st = prep_day(q, &b, span, ok, f)) == NULL)
		return -1;
	rc = sq_do(q, st, f);
	sq_done(st);
	return rc;
}

int
sqlite_file(struct store *s, const struct inst_group *g, const char *day,
    struct fault *f)
{
	struct span span = span_of(day);
	struct sq *q = sq_of(s);
	int rc;

	/* dailytable is only read: it is there, but before its first row. */
	if (sqlite_main_open(q, g->v[0], true, f) == -1 || sq_begin(q, f) != 0)
		return -1;
	if ((rc = sqlite_fixed(q, f)) == 0)
		rc = sqlite_main(q, g->v[0], f);
	for (size_t i = 0; rc == 0 && i < g->n; i++)
		rc = copy(q, g->v[i], &span, f);
	return sq_end(q, rc, f);
}

/* Makes the tables from *i on that are in the same file, in one transaction. */
static int
make_some(struct sq *q, const struct inst_groups *all, size_t *i,
    struct fault *f)
{
	int rc;

	if (sqlite_main_open(q, all->filing[*i]->v[0], true, f) == -1 ||
	    sq_begin(q, f) != 0) {
		++*i;
		return f->ex == EX_TEMPFAIL || f->ex == EX_IOERR ? -1 : 0;
	}
	do {
		rc = sqlite_main(q, all->filing[*i]->v[0], f);
		if (rc == -1 && f->ex == EX_DATAERR)
			rc = 0;
	} while (rc == 0 && ++*i < all->n && sqlite_main_here(q,
	    all->filing[*i]->v[0]));
	return sq_end(q, rc, f);
}

int
sqlite_make(struct store *s, const struct inst_groups *all, struct fault *f)
{
	for (size_t i = 0; i < all->n; )
		if (make_some(sq_of(s), all, &i, f) != 0)
			return -1;
	return sq_detach(sq_of(s), f);
}

int
sqlite_settle(struct store *s, struct fault *f)
{
	return sq_detach(sq_of(s), f);
}

/* ---- the end of a day ---- */

/* Does dailytable have rows of days before or behind? */
static int
other_days(struct sq *q, const struct span *span, uint64_t *n, struct fault *f)
{
	struct buf b = { 0 };
	bool ok = buf_adds(&b, TOKENS "SELECT count(*) FROM t WHERE EXISTS "
	    "(SELECT 1 FROM main.dailytable WHERE instrument_token = token AND "
	    "timestamp < ?1) OR EXISTS (SELECT 1 FROM main.dailytable WHERE "
	    "instrument_token = token AND timestamp > ?2)") == 0;

	return number(q, prep_day(q, &b, span, ok, f), n, f);
}

/* Takes the day's rows out, token by token: a transaction each, so that the
 * log stays short. */
static int
delete_day(struct sq *q, const struct span *span, struct fault *f)
{
	struct sqlite3_stmt *next, *del = NULL;
	int64_t token = -1;
	int rc;

	next = sq_prep(q, "SELECT min(instrument_token) FROM main.dailytable "
	    "WHERE instrument_token > ?", f);
	if (next == NULL || (del = sq_prep(q, "DELETE FROM main.dailytable WHERE "
	    "instrument_token = ?3 AND timestamp BETWEEN ?1 AND ?2", f)) ==
	    NULL) {
		sq_done(next);
		return -1;
	}
	sq_text(del, 1, span->from, -1);
	sq_text(del, 2, span->to, -1);
	for (;;) {
		sq_int(next, 1, token);
		if ((rc = sq_step(q, next, f)) == -1)
			break;
		if (sq_col_text(next, 0)[0] == '\0') {	/* null: no more */
			rc = 0;
			break;
		}
		token = sq_col_int(next, 0);
		sq_reset(next);
		sq_int(del, 3, token);
		if ((rc = sq_do(q, del, f)) != 0)
			break;
	}
	sq_done(next);
	sq_done(del);
	return rc;
}

static int
record(struct sq *q, const struct store_day *d, struct fault *f)
{
	const uint64_t v[] = { d->instruments, d->rows, d->kept_out, d->pairs,
	    d->filed, d->blank };
	struct sqlite3_stmt *st = sq_prep(q, "REPLACE INTO main.das_filed (day, "
	    "filed_at, instruments, rows, kept_out, pairs, filed, blank) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)", f);
	int rc;

	if (st == NULL)
		return -1;
	sq_text(st, 1, d->day, -1);
	sq_text(st, 2, d->filed_at, -1);
	for (int i = 0; i < 6; i++)
		sq_int(st, i + 3, (int64_t)v[i]);
	rc = sq_do(q, st, f);
	sq_done(st);
	return rc;
}

int
sqlite_done(struct store *s, const struct store_day *d, struct fault *f)
{
	struct span span = span_of(d->day);
	struct sq *q = sq_of(s);
	uint64_t others = 0;
	int rc;

	/* The main tables are on the disk; this is about the first file. */
	if (sq_detach(q, f) != 0 || sq_begin(q, f) != 0)
		return -1;
	if ((rc = sqlite_fixed(q, f)) == 0 &&
	    (rc = other_days(q, &span, &others, f)) == 0 && others == 0) {
		/* Without WHERE it is pages that go, not row by row. */
		if ((rc = sq_run(q, "DELETE FROM main.dailytable", f)) == 0)
			rc = record(q, d, f);
	}
	if ((rc = sq_end(q, rc, f)) != 0 || others == 0)
		return rc;
	if (delete_day(q, &span, f) != 0 || sq_begin(q, f) != 0)
		return -1;
	return sq_end(q, record(q, d, f), f);
}

int
sqlite_done_get(struct store *s, const char *day, struct store_day *d,
    struct fault *f)
{
	uint64_t *const v[] = { &d->instruments, &d->rows, &d->kept_out,
	    &d->pairs, &d->filed, &d->blank };
	struct sq *q = sq_of(s);
	struct sqlite3_stmt *st;
	int rc;

	if (sq_refresh(q, f) != 0)
		return -1;
	if ((rc = sq_has(q, "main", "das_filed", NULL, f)) != 1)
		return rc;
	if ((st = sq_prep(q, "SELECT filed_at, instruments, rows, kept_out, "
	    "pairs, filed, blank FROM main.das_filed WHERE day = ?", f)) == NULL)
		return -1;
	sq_text(st, 1, day, -1);
	if ((rc = sq_step(q, st, f)) == 1) {
		snprintf(d->day, sizeof(d->day), "%s", day);
		snprintf(d->filed_at, sizeof(d->filed_at), "%s",
		    sq_col_text(st, 0));
		for (int i = 0; i < 6; i++)
			*v[i] = (uint64_t)sq_col_int(st, i + 1);
	}
	sq_done(st);
	return rc;
}

int
sqlite_sync(struct store *s, struct fault *f)
{
	/* Main tables are brought there when their file is left (sq_detach). */
	struct sq *q = sq_of(s);
	struct sqlite3_stmt *st = sq_prep(q, "PRAGMA main.wal_checkpoint(FULL)", f);
	int rc;

	if (st == NULL)
		return -1;
	if ((rc = sq_step(q, st, f)) == 1)
		rc = sq_col_int(st, 0) == 0 ? 0 : fault_set(f, EX_TEMPFAIL,
		    "%s: somebody reads it for too long", q->path);
	sq_done(st);
	return rc;
}
