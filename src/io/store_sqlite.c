/*
 * The SQLite back end: one file, write-ahead log.
 *
 * synchronous=NORMAL: a commit survives the death of the program, and a power
 * cut takes back at most the last commits, each as a whole, since the log is
 * brought to the disk at checkpoints only.  Nothing is lost by that: the rows
 * and the position behind them are one transaction, so das-load reads from the
 * spool again what the cut took back.  What has no spool behind it (filing,
 * which deletes) asks for store_durable() before it relies on a commit.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "buf.h"
#include "clk.h"
#include "file.h"
#include "stop.h"
#include "store_back.h"

enum {
	LOCKED_S = 5,		/* seconds to wait for another writer */
	LOCKED_STEP_MS = 20
};

struct sq {
	struct store	 base;
	sqlite3		*db;
	const char	*path;		/* in base.where */
	int64_t		 locked;	/* since when it waits, clk_mono() */
};

static struct sq *
sq(struct store *s)
{
	return (struct sq *)s;
}

/* ---- calls into SQLite, with faults ---- */

/* The exit code for what SQLite has just said. */
static int
code_of(sqlite3 *db)
{
	int e = sqlite3_system_errno(db);

	switch (sqlite3_errcode(db)) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
	case SQLITE_FULL:
	case SQLITE_NOMEM:
	case SQLITE_INTERRUPT:
		return EX_TEMPFAIL;
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		return e == ENOSPC || e == EDQUOT || e == EMFILE ||
		    e == ENFILE ? EX_TEMPFAIL :
		    sqlite3_errcode(db) == SQLITE_IOERR ? EX_IOERR :
		    EX_CANTCREAT;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return EX_CANTCREAT;
	default:	/* damaged, no database, no such table, constraint */
		return EX_DATAERR;
	}
}

/* "FILE: WHAT: trouble"; what may be NULL.  Gives -1. */
static int
sq_fault(struct sq *q, const char *what, struct fault *f)
{
	int ex = code_of(q->db), e = sqlite3_system_errno(q->db);
	const char *text = sqlite3_errmsg(q->db);

	if (sqlite3_errcode(q->db) == SQLITE_BUSY)
		text = "locked by another program";
	else if (sqlite3_errcode(q->db) == SQLITE_FULL)
		text = "the disk is full";
	else if (ex != EX_DATAERR && e != 0)
		text = strerror(e);
	return fault_set(f, ex, "%s%s%s: %s", q->path,
	    what != NULL ? ": " : "", what != NULL ? what : "", text);
}

/* Waits for the lock for LOCKED_S seconds in all, less when asked to stop. */
static int
on_busy(void *arg, int count)
{
	struct sq *q = arg;

	if (count == 0)
		q->locked = clk_mono();
	return clk_mono() - q->locked < LOCKED_S * US_PER_SEC &&
	    !stop_sleep(LOCKED_STEP_MS * US_PER_MS);
}

/* Runs statements that give no rows and need no values. */
static int
run(struct sq *q, const char *sql, struct fault *f)
{
	if (sqlite3_exec(q->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return sq_fault(q, NULL, f);
	return 0;
}

/* Prepares a statement; NULL and the fault when that fails. */
static sqlite3_stmt *
prep(struct sq *q, const char *sql, struct fault *f)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v3(q->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st,
	    NULL) == SQLITE_OK)
		return st;
	sq_fault(q, NULL, f);
	return NULL;
}

/* 1 a row, 0 done, -1. */
static int
step(struct sq *q, sqlite3_stmt *st, struct fault *f)
{
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return sq_fault(q, NULL, f);
	}
}

/* Ends what begin() began: with COMMIT when rc is 0, and gives -1 with nothing
 * changed when that fails or rc is not 0. */
static int
end(struct sq *q, int rc, struct fault *f)
{
	if (rc == 0)
		rc = run(q, "COMMIT", f);
	/* SQLite may have taken it back by itself, on a full disk. */
	if (rc != 0 && !sqlite3_get_autocommit(q->db))
		sqlite3_exec(q->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

/* Reads the schema again when another program has changed it: what has_any()
 * looks into is a copy. */
static int
refresh(struct sq *q, struct fault *f)
{
	return run(q, "SELECT 1 FROM sqlite_master LIMIT 1", f);
}

static int
begin(struct sq *q, struct fault *f)
{
	if (run(q, "BEGIN IMMEDIATE", f) != 0)
		return -1;
	return refresh(q, f) == 0 ? 0 : end(q, -1, f);
}

/* 1 when table is there, 0, -1. */
static int
has_any(struct sq *q, const char *table, struct fault *f)
{
	if (sqlite3_table_column_metadata(q->db, "main", table, NULL, NULL,
	    NULL, NULL, NULL, NULL) == SQLITE_OK)
		return 1;
	return sqlite3_errcode(q->db) == SQLITE_ERROR ? 0 :
	    sq_fault(q, table, f);
}

/* The text of a column into out; -1 when it does not fit. */
static int
text_of(sqlite3_stmt *st, int col, char *out, size_t size)
{
	const char *s = (const char *)sqlite3_column_text(st, col);
	int n = snprintf(out, size, "%s", s != NULL ? s : "");

	return n >= 0 && (size_t)n < size ? 0 : -1;
}

/* ---- opening ---- */

static void
sq_close(struct store *s)
{
	/* Fails only while statements live, and these are ours to end. */
	(void)sqlite3_close(sq(s)->db);
	free(s);
}

/*
 * The file holds the access token, so it is made for its owner only; the log
 * and its index, which SQLite makes beside it, get the same mode.
 */
static int
make_file(const char *path, struct fault *f)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd;

	if (slash != NULL && slash != path) {
		if ((size_t)(slash - path) >= sizeof(dir))
			return fault_set(f, EX_CONFIG, "%s: path too long",
			    path);
		snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
		if (file_mkdirs(dir, f) != 0)
			return -1;
	}
	if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) == -1)
		return fault_sys(f, 0, "%s", path);
	close(fd);
	return 0;
}

/* What the connection needs; the write-ahead log stays on in the file. */
static int
set_up(struct sq *q, struct fault *f)
{
	sqlite3_stmt *st;
	char mode[16] = "";
	int rc;

	if (run(q, "PRAGMA synchronous = NORMAL;"
	    "PRAGMA cache_size = -16384;"	/* KiB */
	    "PRAGMA wal_autocheckpoint = 4000;"
	    "PRAGMA journal_size_limit = 67108864", f) != 0 ||
	    (st = prep(q, "PRAGMA journal_mode = WAL", f)) == NULL)
		return -1;
	if ((rc = step(q, st, f)) == 1)
		rc = text_of(st, 0, mode, sizeof(mode));
	sqlite3_finalize(st);
	if (rc != -1 && strcmp(mode, "wal") != 0)
		return fault_set(f, EX_CONFIG, "%s: no write-ahead log here; is "
		    "it on a network file system?", q->path);
	return rc;
}

static const struct store_ops ops;

int
store_sqlite_open(struct store **s, const struct conf *c, struct fault *f)
{
	static const char what[] = "SQLite database ";
	const char *path = conf_str(c, "sqlitePath");
	struct sq *q;

	if (make_file(path, f) != 0)
		return -1;
	if ((q = calloc(1, sizeof(*q))) == NULL)
		return fault_sys(f, 0, "%s", path);
	q->base.ops = &ops;
	snprintf(q->base.where, sizeof(q->base.where), "%s%s", what, path);
	q->path = q->base.where + strlen(what);
	if (sqlite3_open_v2(path, &q->db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		sq_fault(q, NULL, f);
		goto bad;
	}
	sqlite3_busy_handler(q->db, on_busy, q);
	if (set_up(q, f) != 0)
		goto bad;
	*s = &q->base;
	return 0;
bad:
	sq_close(&q->base);
	return -1;
}

/* ---- kite1tokens ---- */

static int
token_put(struct store *s, const struct store_token *t, struct fault *f)
{
	sqlite3_stmt *st = NULL;
	int rc;

	if (begin(sq(s), f) != 0)
		return -1;
	rc = run(sq(s), "CREATE TABLE IF NOT EXISTS kite1tokens ("
	    "timestamp TEXT UNIQUE, requestUrl TEXT, reqToken TEXT, "
	    "accessToken TEXT)", f);
	if (rc == 0 && (st = prep(sq(s), "REPLACE INTO kite1tokens "
	    "(timestamp, requestUrl, reqToken, accessToken) "
	    "VALUES (?, '-', '-', ?)", f)) == NULL)
		rc = -1;
	if (rc == 0) {
		sqlite3_bind_text(st, 1, t->timestamp, -1, SQLITE_STATIC);
		sqlite3_bind_text(st, 2, t->access_token, -1, SQLITE_STATIC);
		rc = step(sq(s), st, f);
	}
	sqlite3_finalize(st);
	return end(sq(s), rc, f);
}

static int
token_last(struct store *s, struct store_token *t, struct fault *f)
{
	sqlite3_stmt *st;
	int rc;

	if (refresh(sq(s), f) != 0)
		return -1;
	if ((rc = has_any(sq(s), "kite1tokens", f)) != 1)
		return rc;
	if ((st = prep(sq(s), "SELECT timestamp, accessToken FROM kite1tokens "
	    "ORDER BY timestamp DESC LIMIT 1", f)) == NULL)
		return -1;
	if ((rc = step(sq(s), st, f)) == 1 &&
	    (text_of(st, 0, t->timestamp, sizeof(t->timestamp)) != 0 ||
	    text_of(st, 1, t->access_token, sizeof(t->access_token)) != 0))
		rc = fault_set(f, EX_DATAERR, "%s: kite1tokens: the newest row "
		    "is no token of ours", sq(s)->path);
	sqlite3_finalize(st);
	return rc;
}

/* ---- tables ---- */

static int
no_memory(struct fault *f)
{
	errno = ENOMEM;
	return fault_sys(f, 0, "store");
}

/* Appends columns from..from+n, with their types when asked. */
static int
add_columns(struct buf *b, int from, int n, bool types)
{
	static const char *const type[] = {
		[STORE_INT] = " INTEGER",
		[STORE_REAL] = " REAL",
		[STORE_TIME] = " TEXT",
		[STORE_TEXT] = " TEXT"
	};

	for (int i = from; i < from + n; i++)
		if (buf_addf(b, "%s%s%s", i > from ? ", " : "",
		    store_col[i].name, types ? type[store_col[i].kind] : "")
		    != 0)
			return -1;
	return 0;
}

/* True when table has a unique index over exactly these columns ("a,b"). */
static int
is_unique(struct sq *q, const char *table, const char *cols, struct fault *f)
{
	sqlite3_stmt *st = prep(q, "SELECT 1 FROM pragma_index_list(?1) AS l "
	    "WHERE l.\"unique\" AND (SELECT group_concat(name) "
	    "FROM pragma_index_info(l.name)) = ?2", f);
	int rc;

	if (st == NULL)
		return -1;
	sqlite3_bind_text(st, 1, table, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 2, cols, -1, SQLITE_STATIC);
	rc = step(q, st, f);
	sqlite3_finalize(st);
	return rc;
}

/* 1 when the table is there and has columns from..from+n and key, 0 when there
 * is none, -1. */
static int
has_table(struct sq *q, const char *table, int from, int n, const char *key,
    struct fault *f)
{
	int rc;

	if ((rc = has_any(q, table, f)) != 1)
		return rc;
	for (int i = from; i < from + n; i++)
		if (sqlite3_table_column_metadata(q->db, "main", table,
		    store_col[i].name, NULL, NULL, NULL, NULL, NULL) !=
		    SQLITE_OK)
			return fault_set(f, EX_DATAERR, "%s: table %s: no "
			    "column %s; rename that table and try again",
			    q->path, table, store_col[i].name);
	if ((rc = is_unique(q, table, key, f)) == 0)
		return fault_set(f, EX_DATAERR, "%s: table %s: (%s) is not "
		    "unique; rename that table and try again", q->path, table,
		    key);
	return rc;
}

/* The tables that every day needs. */
static int
make_fixed(struct sq *q, struct fault *f)
{
	struct buf b = { 0 };
	int rc;

	if ((rc = has_table(q, "dailytable", 0, STORE_NCOL,
	    "instrument_token,timestamp", f)) == 0) {
		rc = buf_adds(&b, "CREATE TABLE dailytable (") != 0 ||
		    add_columns(&b, 0, STORE_NCOL, true) != 0 || buf_adds(&b,
		    ", PRIMARY KEY (instrument_token, timestamp)) "
		    "WITHOUT ROWID") != 0 ? no_memory(f) : run(q, b.p, f);
		buf_free(&b);
	}
	return rc == -1 ? -1 : run(q,
	    "CREATE TABLE IF NOT EXISTS das_position (day TEXT, topic TEXT, "
	    "segment INTEGER, \"offset\" INTEGER, rows INTEGER, "
	    "kept_out INTEGER, PRIMARY KEY (day, topic)) WITHOUT ROWID", f);
}

/* The instruments of one table, usually one. */
struct group {
	const struct inst *const *v;
	size_t	 n;
	bool	 viewed;	/* its view is there and right */
};

struct plan {
	const struct inst **by_table;
	struct group *g;
	size_t	 n;
};

static int
by_table(const void *a, const void *b)
{
	const struct inst *x = *(const struct inst *const *)a;
	const struct inst *y = *(const struct inst *const *)b;
	int rc = strcasecmp(x->table, y->table);	/* as SQLite sees it */

	return rc != 0 ? rc : (x->token > y->token) - (x->token < y->token);
}

static int
check_group(const struct group *g, struct fault *f)
{
	const struct inst *a = g->v[0];

	if (!inst_table_ok(a->table))
		return fault_set(f, EX_DATAERR, "%s: '%s' cannot be a table "
		    "name", a->tradingsymbol, a->table);
	for (size_t i = 1; i < g->n; i++) {
		const struct inst *b = g->v[i];

		if (strcmp(a->db, b->db) != 0 || strcmp(a->table, b->table) != 0
		    || (a->kind == INST_INDEX) != (b->kind == INST_INDEX))
			return fault_set(f, EX_DATAERR, "%s and %s cannot "
			    "share table %s", a->tradingsymbol,
			    b->tradingsymbol, a->table);
	}
	return 0;
}

/* Groups the instruments by table; free with plan_free(), also after -1. */
static int
plan_make(struct plan *p, const struct inst_set *set, struct fault *f)
{
	*p = (struct plan){
		.by_table = calloc(set->n + 1, sizeof(*p->by_table)),
		.g = calloc(set->n + 1, sizeof(*p->g))
	};
	if (p->by_table == NULL || p->g == NULL)
		return no_memory(f);
	for (size_t i = 0; i < set->n; i++)
		p->by_table[i] = &set->v[i];
	qsort(p->by_table, set->n, sizeof(*p->by_table), by_table);
	for (size_t i = 0; i < set->n; i++) {
		const struct inst *const *v = p->by_table + i;

		if (i > 0 && strcasecmp(v[-1]->table, v[0]->table) == 0)
			p->g[p->n - 1].n++;
		else
			p->g[p->n++] = (struct group){ v, 1, false };
	}
	for (size_t i = 0; i < p->n; i++)
		if (check_group(&p->g[i], f) != 0)
			return -1;
	return 0;
}

static void
plan_free(struct plan *p)
{
	free(p->by_table);
	free(p->g);
}

/* Makes the main table of an instrument when it is not there. */
static int
make_main(struct sq *q, const struct inst *in, struct fault *f)
{
	int n = store_main_ncol(in->kind), rc;
	struct buf b = { 0 };

	if ((rc = has_table(q, in->table, STORE_MAIN, n, "timestamp", f)) != 0)
		return rc == 1 ? 0 : -1;
	rc = buf_addf(&b, "CREATE TABLE \"%s\" (", in->table) != 0 ||
	    add_columns(&b, STORE_MAIN, n, true) != 0 ||
	    buf_adds(&b, ", PRIMARY KEY (timestamp)) WITHOUT ROWID") != 0 ?
	    no_memory(f) : run(q, b.p, f);
	buf_free(&b);
	return rc;
}

/*
 * Views: TABLE_daily shows what dailytable has of TABLE.
 *
 * CREATE VIEW looks through the whole schema, so that thousands of them take
 * thousands times as long as one.  They are rows of sqlite_master without pages
 * of their own; we change these rows themselves, the way that SQLite's manual
 * shows for ALTER TABLE ("Making Other Kinds Of Table Schema Changes"): under
 * writable_schema, with a new schema_version behind it.
 */

#define VIEW_FROM " FROM dailytable WHERE instrument_token IN ("

static int
view_sql(struct buf *b, const struct group *g)
{
	buf_reset(b);
	if (buf_addf(b, "CREATE VIEW \"%s_daily\" AS SELECT ", g->v[0]->table)
	    != 0 || add_columns(b, STORE_MAIN, store_main_ncol(g->v[0]->kind),
	    false) != 0 || buf_adds(b, VIEW_FROM) != 0)
		return -1;
	for (size_t i = 0; i < g->n; i++)
		if (buf_addf(b, "%s%u", i > 0 ? ", " : "", g->v[i]->token) != 0)
			return -1;
	return buf_adds(b, ")");
}

static int
group_cmp(const void *key, const void *elem)
{
	return strcasecmp(key, ((const struct group *)elem)->v[0]->table);
}

/* The group that a view of this name would show, or NULL. */
static struct group *
group_of(const struct plan *p, const char *view)
{
	char table[sizeof(((struct inst *)NULL)->table)];
	size_t n = strlen(view) - strlen("_daily");

	if (n >= sizeof(table))
		return NULL;
	memcpy(table, view, n);
	table[n] = '\0';
	return bsearch(table, p->g, p->n, sizeof(*p->g), group_cmp);
}

/*
 * Looks through the views: marks the groups whose view is right, and collects
 * the row numbers of those that are ours and of another day ("1,2,").
 */
static int
look_at_views(struct sq *q, struct plan *p, struct buf *stale, struct fault *f)
{
	struct buf want = { 0 };
	sqlite3_stmt *st = prep(q, "SELECT rowid, name, sql FROM sqlite_master "
	    "WHERE type = 'view' AND name GLOB '?*_daily'", f);
	int rc = st != NULL ? 1 : -1;

	while (rc == 1 && (rc = step(q, st, f)) == 1) {
		const char *name = (const char *)sqlite3_column_text(st, 1);
		const char *text = (const char *)sqlite3_column_text(st, 2);
		struct group *g = group_of(p, name);

		if (g != NULL && view_sql(&want, g) != 0)
			rc = no_memory(f);
		else if (g != NULL && strcmp(want.p, text) == 0)
			g->viewed = true;
		else if (strstr(text, VIEW_FROM) != NULL)
			rc = buf_addf(stale, "%lld,",
			    sqlite3_column_int64(st, 0)) != 0 ?
			    no_memory(f) : 1;
		else if (g != NULL)
			rc = fault_set(f, EX_DATAERR, "%s: view %s is not ours;"
			    " rename it and try again", q->path, name);
	}
	sqlite3_finalize(st);
	buf_free(&want);
	return rc;
}

/* Adds the view of a group to the schema. */
static int
add_view(struct sq *q, sqlite3_stmt *ins, const struct group *g,
    struct buf *text, struct fault *f)
{
	sqlite3_stmt *select;
	char name[80];
	int rc;

	snprintf(name, sizeof(name), "%s_daily", g->v[0]->table);
	if (has_any(q, name, f) == 1)
		return fault_set(f, EX_DATAERR, "%s: %s is a table; rename it "
		    "and try again", q->path, name);
	if (view_sql(text, g) != 0)
		return no_memory(f);
	/* A view that cannot be parsed would make the file unreadable. */
	if ((select = prep(q, strstr(text->p, "SELECT"), f)) == NULL)
		return -1;
	sqlite3_finalize(select);
	sqlite3_bind_text(ins, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_text(ins, 2, text->p, -1, SQLITE_STATIC);
	rc = step(q, ins, f);
	sqlite3_reset(ins);
	return rc;
}

/* Takes the stale views away and makes those that are missing. */
static int
change_views(struct sq *q, struct plan *p, const char *stale, struct fault *f)
{
	struct buf text = { 0 };
	sqlite3_stmt *ins;
	int rc;

	rc = buf_addf(&text, "DELETE FROM sqlite_master WHERE type = 'view' AND "
	    "rowid IN (%s0)", stale) != 0 ? no_memory(f) : run(q, text.p, f);
	ins = prep(q, "INSERT INTO sqlite_master (type, name, tbl_name, "
	    "rootpage, sql) VALUES ('view', ?1, ?1, 0, ?2)", f);
	if (ins == NULL)
		rc = -1;
	for (size_t i = 0; rc == 0 && i < p->n; i++)
		if (!p->g[i].viewed)
			rc = add_view(q, ins, &p->g[i], &text, f);
	sqlite3_finalize(ins);
	buf_free(&text);
	return rc;
}

/* One more, so that every connection reads the schema again. */
static int
next_schema(struct sq *q, struct fault *f)
{
	sqlite3_stmt *st = prep(q, "PRAGMA schema_version", f);
	char sql[64];
	int rc;

	if (st == NULL)
		return -1;
	rc = step(q, st, f);
	snprintf(sql, sizeof(sql), "PRAGMA schema_version = %u",
	    (unsigned)sqlite3_column_int64(st, 0) + 1);
	sqlite3_finalize(st);
	return rc == -1 ? -1 : run(q, sql, f);
}

static int
make_views(struct sq *q, struct plan *p, struct fault *f)
{
	struct buf stale = { 0 };
	int rc;

	if ((rc = look_at_views(q, p, &stale, f)) == 0 &&
	    (rc = run(q, "PRAGMA writable_schema = ON", f)) == 0) {
		rc = change_views(q, p, stale.p != NULL ? stale.p : "", f);
		sqlite3_exec(q->db, "PRAGMA writable_schema = OFF", NULL, NULL,
		    NULL);
		if (rc == 0)
			rc = next_schema(q, f);
	}
	buf_free(&stale);
	return rc;
}

static int
prepare(struct store *s, const struct inst_set *set, struct fault *f)
{
	struct sq *q = sq(s);
	struct plan p;
	int rc;

	if ((rc = plan_make(&p, set, f)) == 0 && (rc = begin(q, f)) == 0) {
		rc = make_fixed(q, f);
		for (size_t i = 0; rc == 0 && i < p.n; i++)
			rc = make_main(q, p.g[i].v[0], f);
		if (rc == 0)
			rc = make_views(q, &p, f);
		rc = end(q, rc, f);
	}
	plan_free(&p);
	return rc;
}

/* ---- das_position ---- */

static int
pos_get(struct store *s, const char *day, const char *topic,
    struct store_pos *p, struct fault *f)
{
	sqlite3_stmt *st;
	int rc;

	*p = (struct store_pos){ 0 };
	if (refresh(sq(s), f) != 0)
		return -1;
	if ((rc = has_any(sq(s), "das_position", f)) != 1)
		return rc;
	if ((st = prep(sq(s), "SELECT segment, \"offset\", rows, kept_out "
	    "FROM das_position WHERE day = ? AND topic = ?", f)) == NULL)
		return -1;
	sqlite3_bind_text(st, 1, day, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 2, topic, -1, SQLITE_STATIC);
	if ((rc = step(sq(s), st, f)) == 1) {
		p->pos.segment = (uint32_t)sqlite3_column_int64(st, 0);
		p->pos.offset = (uint64_t)sqlite3_column_int64(st, 1);
		p->rows = (uint64_t)sqlite3_column_int64(st, 2);
		p->kept_out = (uint64_t)sqlite3_column_int64(st, 3);
		rc = 0;
	}
	sqlite3_finalize(st);
	return rc;
}

static const struct store_ops ops = {
	.close = sq_close,
	.token_put = token_put,
	.token_last = token_last,
	.prepare = prepare,
	.pos_get = pos_get
};
