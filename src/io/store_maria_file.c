#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_maria.h"

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

/* Prepares text (freed) with the day bound as its first two values. */
static struct my_stmt *
prep_day(struct maria *s, struct buf *text, bool whole,
    const struct span *span, struct fault *f)
{
	struct my_stmt *st = maria_prep(s, text, whole, f);

	if (st != NULL) {
		my_text(st, 1, span->from, -1);
		my_text(st, 2, span->to, -1);
	}
	return st;
}

/* The number that a question gives. */
static int
number(struct my_stmt *st, uint64_t *n, struct fault *f)
{
	int rc;

	if (st == NULL)
		return -1;
	if ((rc = my_step(st, f)) == 1)
		*n = (uint64_t)my_col_int(st, 0);
	my_done(st);
	return rc == -1 ? -1 : 0;
}

/* " IN (1, 2)": the tokens of a group. */
static bool
add_tokens(struct buf *b, const struct inst_group *g)
{
	bool ok = buf_adds(b, " IN (") == 0;

	for (size_t i = 0; i < g->n && ok; i++)
		ok = buf_addf(b, "%s%u", i > 0 ? ", " : "",
		    g->v[i]->token) == 0;
	return ok && buf_adds(b, ")") == 0;
}

/* ---- what is there ---- */

/* The instruments of an answer of token, symbol, table, database, is index. */
static int
take_insts(struct my_stmt *st, const struct inst_set *set,
    struct inst_set *more, struct fault *f)
{
	struct inst *in;
	int rc;

	while ((rc = my_step(st, f)) == 1) {
		int64_t token = my_col_int(st, 0);

		if (inst_find(set, (uint32_t)token) != NULL)
			continue;
		if ((in = inst_add(more)) == NULL)
			return maria_nomem(f);
		in->token = (uint32_t)token;
		in->kind = my_col_int(st, 4) != 0 ? INST_INDEX : INST_EQ;
		if (snprintf(in->tradingsymbol, sizeof(in->tradingsymbol), "%s",
		    my_col_text(st, 1)) >= (int)sizeof(in->tradingsymbol) ||
		    snprintf(in->table, sizeof(in->table), "%s",
		    my_col_text(st, 2)) >= (int)sizeof(in->table) ||
		    snprintf(in->db, sizeof(in->db), "%s", my_col_text(st, 3))
		    >= (int)sizeof(in->db) || token < 0 || token > UINT32_MAX)
			return fault_set(f, EX_DATAERR, "dailytable: token %jd "
			    "has a name that is too long", (intmax_t)token);
	}
	return rc;
}

int
maria_add_insts(struct store *store, const char *day, struct inst_set *set,
    struct fault *f)
{
	struct maria *s = maria_of(store);
	struct span span = span_of(day);
	struct inst_set more = { 0 };
	struct my_stmt *st;
	struct buf b = { 0 };
	bool ok;
	int rc;

	/* An index has no volume, and a table of two columns. */
	ok = buf_addf(&b, "SELECT instrument_token, MIN(tradingsymbol), "
	    "MIN(tablename), MIN(dbname), COUNT(volume) = 0 FROM "
	    "`%s`.dailytable WHERE timestamp BETWEEN ? AND ? "
	    "GROUP BY instrument_token", s->db) == 0;
	if (maria_fixed(s, f) != 0 || my_ready(&s->my, f) != 0) {
		buf_free(&b);
		return -1;
	}
	if ((st = prep_day(s, &b, ok, &span, f)) == NULL)
		return -1;
	rc = take_insts(st, set, &more, f);
	my_done(st);
	for (size_t i = 0; rc == 0 && i < more.n; i++) {
		struct inst *in = inst_add(set);

		if (in == NULL)
			rc = maria_nomem(f);
		else
			*in = more.v[i];
	}
	inst_free(&more);
	inst_sort(set);
	return rc;
}

/* How many rows of dailytable the main table has just so. */
static bool
same_sql(struct buf *b, const struct maria *s, const struct inst_group *g)
{
	int n = store_main_ncol(g->v[0]->kind);
	bool ok = buf_addf(b, "SELECT COUNT(%sm.timestamp) FROM "
	    "`%s`.dailytable AS d JOIN `%s`.`%s` AS m ON m.timestamp = "
	    "d.timestamp WHERE d.timestamp BETWEEN ? AND ? AND "
	    "d.instrument_token", g->n > 1 ? "DISTINCT " : "", s->db,
	    g->v[0]->db, g->v[0]->table) == 0 && add_tokens(b, g);

	for (int i = STORE_MAIN + 1; i < STORE_MAIN + n && ok; i++)
		ok = buf_addf(b, " AND d.`%s` <=> m.`%s`", store_col[i].name,
		    store_col[i].name) == 0;
	return ok;
}

static int
count_daily(struct maria *s, const struct inst_group *g,
    const struct span *span, uint64_t *n, struct fault *f)
{
	struct buf b = { 0 };
	bool ok = buf_addf(&b, "SELECT COUNT(%stimestamp) FROM "
	    "`%s`.dailytable WHERE timestamp BETWEEN ? AND ? AND "
	    "instrument_token", g->n > 1 ? "DISTINCT " : "", s->db) == 0 &&
	    add_tokens(&b, g);

	return number(prep_day(s, &b, ok, span, f), n, f);
}

static int
count_main(struct maria *s, const struct inst *in, const struct span *span,
    uint64_t *n, struct fault *f)
{
	struct buf b = { 0 };
	bool ok = buf_addf(&b, "SELECT COUNT(*) FROM `%s`.`%s` WHERE timestamp "
	    "BETWEEN ? AND ?", in->db, in->table) == 0;

	return number(prep_day(s, &b, ok, span, f), n, f);
}

int
maria_count(struct store *store, const struct inst_group *g, const char *day,
    struct store_counts *n, struct fault *f)
{
	struct maria *s = maria_of(store);
	const struct inst *in = g->v[0];
	struct span span = span_of(day);
	struct buf b = { 0 };
	struct fault why;
	bool ok;

	if (maria_fixed(s, f) != 0 || my_ready(&s->my, f) != 0 ||
	    count_daily(s, g, &span, &n->daily, f) != 0)
		return -1;
	if (count_main(s, in, &span, &n->main, &why) != 0) {
		if (s->my.error == MY_NO_TABLE || s->my.error == MY_NO_DATABASE)
			return 0;
		*f = why;
		return -1;
	}
	if (n->daily == 0)
		return 0;
	ok = same_sql(&b, s, g);
	return number(prep_day(s, &b, ok, &span, f), &n->same, f);
}

/* ---- filing ---- */

static int
create_main(struct maria *s, const struct inst *in, struct fault *f)
{
	int n = store_main_ncol(in->kind), rc;
	struct buf b = { 0 };

	rc = buf_addf(&b, "CREATE TABLE `%s`.`%s` (", in->db, in->table) != 0 ||
	    maria_columns(&b, "", store_col + STORE_MAIN, n, true) != 0 ||
	    buf_adds(&b, ", PRIMARY KEY (timestamp))") != 0 ?
	    maria_nomem(f) : my_run(&s->my, b.p, f);
	buf_free(&b);
	return rc;
}

/* Most are there already, or new: only the former are looked at. */
static int
make_main(struct maria *s, const struct inst *in, struct fault *f)
{
	const struct maria_shape want = { in->db, in->table, "timestamp",
	    store_col + STORE_MAIN, store_main_ncol(in->kind) };
	struct fault why;
	int rc = create_main(s, in, &why);

	if (rc != 0 && s->my.error == MY_NO_DATABASE) {
		if (maria_database(&s->my, in->db, f) != 0)
			return -1;
		rc = create_main(s, in, &why);
	}
	if (rc != 0 && s->my.error == MY_TABLE_THERE)
		return maria_has(&s->my, &want, f) == -1 ? -1 : 0;
	if (rc != 0 && f != NULL)
		*f = why;
	return rc;
}

/* Copies the rows of one instrument, in the order of both keys. */
static int
copy(struct maria *s, const struct inst *in, const struct span *span,
    struct fault *f)
{
	int n = store_main_ncol(in->kind), rc;
	struct my_stmt *st;
	struct buf b = { 0 };
	bool ok = buf_addf(&b, "REPLACE INTO `%s`.`%s` (", in->db,
	    in->table) == 0 &&
	    maria_columns(&b, "", store_col + STORE_MAIN, n, false) == 0 &&
	    buf_adds(&b, ") SELECT ") == 0 &&
	    maria_columns(&b, "", store_col + STORE_MAIN, n, false) == 0 &&
	    buf_addf(&b, " FROM `%s`.dailytable WHERE timestamp BETWEEN ? AND "
	    "? AND instrument_token = %u ORDER BY timestamp", s->db,
	    in->token) == 0;

	if ((st = prep_day(s, &b, ok, span, f)) == NULL)
		return -1;
	rc = my_do(st, f);
	my_done(st);
	return rc;
}

int
maria_file(struct store *store, const struct inst_group *g, const char *day,
    struct fault *f)
{
	struct maria *s = maria_of(store);
	struct span span = span_of(day);
	int rc = 0;

	if (maria_fixed(s, f) != 0 || my_ready(&s->my, f) != 0 ||
	    make_main(s, g->v[0], f) != 0 || my_begin(&s->my, f) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < g->n; i++)
		rc = copy(s, g->v[i], &span, f);
	return my_end(&s->my, rc, f);
}

/* ---- the end of a day ---- */

static int
remember(struct maria *s, const struct store_day *d, struct fault *f)
{
	const uint64_t v[] = { d->instruments, d->rows, d->kept_out, d->pairs,
	    d->filed, d->blank };
	struct buf b = { 0 };
	bool ok = buf_addf(&b, "REPLACE INTO `%s`.das_filed (`day`, `filed_at`, "
	    "`instruments`, `rows`, `kept_out`, `pairs`, `filed`, `blank`) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)", s->db) == 0;
	struct my_stmt *st = maria_prep(s, &b, ok, f);
	int rc;

	if (st == NULL)
		return -1;
	my_text(st, 1, d->day, -1);
	my_text(st, 2, d->filed_at, -1);
	for (unsigned i = 0; i < 6; i++)
		my_int(st, i + 3, (int64_t)v[i]);
	rc = my_do(st, f);
	my_done(st);
	return rc;
}

/* Deletes what dailytable has of filed days, token by token, so that no
 * transaction grows with the day. */
static int
delete_filed(struct maria *s, struct fault *f)
{
	struct buf b = { 0 }, c = { 0 };
	bool ok = buf_addf(&b, "SELECT MIN(instrument_token) FROM "
	    "`%s`.dailytable WHERE instrument_token > ?", s->db) == 0;
	struct my_stmt *next = maria_prep(s, &b, ok, f), *del = NULL;
	int64_t token = -1;
	int rc = -1;

	ok = buf_addf(&c, "DELETE FROM `%s`.dailytable WHERE "
	    "instrument_token = ? AND DATE(timestamp) IN (SELECT `day` FROM "
	    "`%s`.das_filed)", s->db, s->db) == 0;
	if (next == NULL)
		buf_free(&c);
	else
		del = maria_prep(s, &c, ok, f);
	while (del != NULL) {
		my_int(next, 1, token);
		if ((rc = my_step(next, f)) != 1)
			break;
		if (my_col_null(next, 0)) {
			rc = 0;
			break;
		}
		token = my_col_int(next, 0);
		if ((rc = my_step(next, f)) != 0)	/* to its end */
			break;
		my_int(del, 1, token);
		if ((rc = my_do(del, f)) != 0)
			break;
	}
	my_done(next);
	my_done(del);
	return rc;
}

/* What a question that may have no answer but 0 and 1 gives: 0, 1 or -1. */
static int
exists(struct maria *s, const char *sql, struct fault *f)
{
	struct my_stmt *st = my_prep(&s->my, sql, f);
	uint64_t n = 0;

	return number(st, &n, f) != 0 ? -1 : n != 0;
}

/*
 * Empties dailytable when all it has is filed: 1 it is empty, 0 it has more,
 * or we may not lock it, -1.  Nobody loads a row between look and TRUNCATE,
 * which cannot be taken back.
 */
static int
truncate_filed(struct maria *s, struct fault *f)
{
	char sql[4][400];
	int rc;

	snprintf(sql[0], sizeof(sql[0]), "LOCK TABLES `%s`.dailytable WRITE, "
	    "`%s`.das_filed READ", s->db, s->db);
	snprintf(sql[1], sizeof(sql[1]), "SELECT EXISTS (SELECT 1 FROM "
	    "`%s`.dailytable)", s->db);
	snprintf(sql[2], sizeof(sql[2]), "SELECT EXISTS (SELECT 1 FROM "
	    "`%s`.dailytable WHERE DATE(timestamp) NOT IN (SELECT `day` FROM "
	    "`%s`.das_filed))", s->db, s->db);
	snprintf(sql[3], sizeof(sql[3]), "TRUNCATE TABLE `%s`.dailytable",
	    s->db);
	if (my_run(&s->my, sql[0], f) != 0)
		return f->ex == EX_NOPERM ? 0 : -1;
	if ((rc = exists(s, sql[1], f)) == 0)
		rc = 1;
	else if (rc == 1 && (rc = exists(s, sql[2], f)) != -1)
		rc = rc == 1 ? 0 : my_run(&s->my, sql[3], f) == 0 ? 1 : -1;
	(void)my_run(&s->my, "UNLOCK TABLES", NULL);	/* or we are lost */
	return rc;
}

/* A day is first known as filed, then it leaves dailytable: after a death in
 * between the rest goes the next time. */
int
maria_sweep(struct maria *s, struct fault *f)
{
	struct fault why;
	int rc = truncate_filed(s, &why);

	if (rc == 0)
		return delete_filed(s, f);
	if (rc == -1 && f != NULL)
		*f = why;
	return rc == 1 ? 0 : -1;
}

int
maria_done(struct store *store, const struct store_day *d, struct fault *f)
{
	struct maria *s = maria_of(store);

	if (maria_fixed(s, f) != 0 || my_ready(&s->my, f) != 0 ||
	    remember(s, d, f) != 0)
		return -1;
	return maria_sweep(s, f);
}

int
maria_done_get(struct store *store, const char *day, struct store_day *d,
    struct fault *f)
{
	uint64_t *const v[] = { &d->instruments, &d->rows, &d->kept_out,
	    &d->pairs, &d->filed, &d->blank };
	struct maria *s = maria_of(store);
	const struct maria_shape want = { .db = s->db, .table = "das_filed" };
	struct my_stmt *st;
	struct buf b = { 0 };
	bool ok;
	int rc;

	if (my_ready(&s->my, f) != 0 ||
	    (rc = maria_has(&s->my, &want, f)) == -1)
		return -1;
	if (rc == 0)
		return 0;
	ok = buf_addf(&b, "SELECT DATE_FORMAT(`filed_at`, '%%Y-%%m-%%d "
	    "%%H:%%i:%%s'), `instruments`, `rows`, `kept_out`, `pairs`, "
	    "`filed`, `blank` FROM `%s`.das_filed WHERE `day` = ?", s->db) == 0;
	if ((st = maria_prep(s, &b, ok, f)) == NULL)
		return -1;
	my_text(st, 1, day, -1);
	if ((rc = my_step(st, f)) == 1) {
		snprintf(d->day, sizeof(d->day), "%s", day);
		snprintf(d->filed_at, sizeof(d->filed_at), "%s",
		    my_col_text(st, 0));
		for (unsigned i = 0; i < 6; i++)
			*v[i] = (uint64_t)my_col_int(st, i + 1);
	}
	my_done(st);
	return rc;
}
