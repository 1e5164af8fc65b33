#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "group.h"
#include "store_sqlite.h"

int
sqlite_columns(struct buf *b, int from, int n, bool types)
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
	struct sqlite3_stmt *st = sq_prep(q, "SELECT 1 "
	    "FROM pragma_index_list(?1) AS l WHERE l.\"unique\" AND "
	    "(SELECT group_concat(name) FROM pragma_index_info(l.name)) = ?2", f);
	int rc;

	if (st == NULL)
		return -1;
	sq_text(st, 1, table, -1);
	sq_text(st, 2, cols, -1);
	rc = sq_step(q, st, f);
	sq_done(st);
	return rc;
}

/* 1 when the table is there and has columns from..from+n and key, 0 when there
 * is none, -1. */
static int
has_table(struct sq *q, const char *table, int from, int n, const char *key,
    struct fault *f)
{
	int rc;

	if ((rc = sq_has(q, table, NULL, f)) != 1)
		return rc;
	for (int i = from; i < from + n; i++)
		if ((rc = sq_has(q, table, store_col[i].name, f)) != 1)
			return rc == -1 ? -1 :
			    fault_set(f, EX_DATAERR, "%s: table %s: no "
			    "column %s; rename that table and try again",
			    q->path, table, store_col[i].name);
	if ((rc = is_unique(q, table, key, f)) == 0)
		return fault_set(f, EX_DATAERR, "%s: table %s: (%s) is not "
		    "unique; rename that table and try again", q->path, table,
		    key);
	return rc;
}

int
sqlite_fixed(struct sq *q, struct fault *f)
{
	struct buf b = { 0 };
	int rc;

	if ((rc = has_table(q, "dailytable", 0, STORE_NCOL,
	    "instrument_token,timestamp", f)) == 0) {
		rc = buf_adds(&b, "CREATE TABLE dailytable (") != 0 ||
		    sqlite_columns(&b, 0, STORE_NCOL, true) != 0 || buf_adds(&b,
		    ", PRIMARY KEY (instrument_token, timestamp)) "
		    "WITHOUT ROWID") != 0 ? sqlite_nomem(f) : sq_run(q, b.p, f);
		buf_free(&b);
	}
	return rc == -1 ? -1 : sq_run(q,
	    "CREATE TABLE IF NOT EXISTS das_position (day TEXT, topic TEXT, "
	    "segment INTEGER, \"offset\" INTEGER, rows INTEGER, "
	    "kept_out INTEGER, PRIMARY KEY (day, topic)) WITHOUT ROWID;"
	    "CREATE TABLE IF NOT EXISTS das_filed (day TEXT PRIMARY KEY, "
	    "filed_at TEXT, instruments INTEGER, rows INTEGER, "
	    "kept_out INTEGER, pairs INTEGER, filed INTEGER, blank INTEGER) "
	    "WITHOUT ROWID", f);
}

int
sqlite_main(struct sq *q, const struct inst *in, struct fault *f)
{
	int n = store_main_ncol(in->kind), rc;
	struct buf b = { 0 };

	if ((rc = has_table(q, in->table, STORE_MAIN, n, "timestamp", f)) != 0)
		return rc == 1 ? 0 : -1;
	rc = buf_addf(&b, "CREATE TABLE \"%s\" (", in->table) != 0 ||
	    sqlite_columns(&b, STORE_MAIN, n, true) != 0 ||
	    buf_adds(&b, ", PRIMARY KEY (timestamp)) WITHOUT ROWID") != 0 ?
	    sqlite_nomem(f) : sq_run(q, b.p, f);
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
view_sql(struct buf *b, const struct inst_group *g)
{
	buf_reset(b);
	if (buf_addf(b, "CREATE VIEW \"%s_daily\" AS SELECT ", g->v[0]->table)
	    != 0 || sqlite_columns(b, STORE_MAIN,
	    store_main_ncol(g->v[0]->kind), false) != 0 || buf_adds(b, VIEW_FROM) != 0)
		return -1;
	for (size_t i = 0; i < g->n; i++)
		if (buf_addf(b, "%s%u", i > 0 ? ", " : "", g->v[i]->token) != 0)
			return -1;
	return buf_adds(b, ")");
}

/* Which views are there and right, and which must go. */
struct views {
	bool	*right;		/* of each group */
	struct buf stale;	/* row numbers in sqlite_master: "1,2," */
};

/* Judges one view: row, name, text. */
static int
look_at_view(struct sq *q, const struct inst_groups *all,
    struct sqlite3_stmt *st, struct views *v, struct fault *f)
{
	const char *name = sq_col_text(st, 1), *text = sq_col_text(st, 2);
	struct inst_group *g = groups_find(all, name,
	    strlen(name) - strlen("_daily"));
	struct buf want = { 0 };
	int rc = 0;

	if (g != NULL && view_sql(&want, g) != 0)
		rc = sqlite_nomem(f);
	else if (g != NULL && strcmp(want.p, text) == 0)
		v->right[g - all->v] = true;
	else if (strstr(text, VIEW_FROM) != NULL)	/* ours, another day's */
		rc = buf_addf(&v->stale, "%jd,", (intmax_t)sq_col_int(st, 0))
		    != 0 ? sqlite_nomem(f) : 0;
	else if (g != NULL)
		rc = fault_set(f, EX_DATAERR, "%s: view %s is not ours; "
		    "rename it and try again", q->path, name);
	buf_free(&want);
	return rc;
}

static int
look_at_views(struct sq *q, const struct inst_groups *all, struct views *v,
    struct fault *f)
{
	struct sqlite3_stmt *st = sq_prep(q, "SELECT rowid, name, sql "
	    "FROM sqlite_master WHERE type = 'view' AND name GLOB '?*_daily'",
	    f);
	int rc;

	if (st == NULL)
		return -1;
	while ((rc = sq_step(q, st, f)) == 1)
		if ((rc = look_at_view(q, all, st, v, f)) != 0)
			break;
	sq_done(st);
	return rc;
}

/* Adds the view of a group to the schema. */
static int
add_view(struct sq *q, struct sqlite3_stmt *ins, const struct inst_group *g,
    struct buf *text, struct fault *f)
{
	struct sqlite3_stmt *select;
	char name[80];
	int rc;

	snprintf(name, sizeof(name), "%s_daily", g->v[0]->table);
	if ((rc = sq_has(q, name, NULL, f)) != 0)
		return rc == -1 ? -1 : fault_set(f, EX_DATAERR, "%s: %s is a "
		    "table; rename it and try again", q->path, name);
	if (view_sql(text, g) != 0)
		return sqlite_nomem(f);
	/* A view that cannot be parsed would make the file unreadable. */
	if ((select = sq_prep(q, strstr(text->p, "SELECT"), f)) == NULL)
		return -1;
	sq_done(select);
	sq_text(ins, 1, name, -1);
	sq_text(ins, 2, text->p, -1);
	return sq_do(q, ins, f);
}

/* Takes the stale views away and makes those that are missing. */
static int
change_views(struct sq *q, const struct inst_groups *all,
    const struct views *v, struct fault *f)
{
	struct sqlite3_stmt *ins = sq_prep(q, "INSERT INTO sqlite_master "
	    "(type, name, tbl_name, rootpage, sql) "
	    "VALUES ('view', ?1, ?1, 0, ?2)", f);
	struct buf text = { 0 };
	int rc;

	if (ins == NULL)
		return -1;
	if (buf_addf(&text, "DELETE FROM sqlite_master WHERE type = 'view' AND "
	    "rowid IN (%s0)", v->stale.p != NULL ? v->stale.p : "") != 0)
		rc = sqlite_nomem(f);
	else
		rc = sq_run(q, text.p, f);
	for (size_t i = 0; rc == 0 && i < all->n; i++)
		if (!v->right[i])
			rc = add_view(q, ins, &all->v[i], &text, f);
	sq_done(ins);
	buf_free(&text);
	return rc;
}

/* One more, so that every connection reads the schema again. */
static int
next_schema(struct sq *q, struct fault *f)
{
	struct sqlite3_stmt *st = sq_prep(q, "PRAGMA schema_version", f);
	char sql[64];
	int rc;

	if (st == NULL)
		return -1;
	rc = sq_step(q, st, f);
	snprintf(sql, sizeof(sql), "PRAGMA schema_version = %u",
	    (unsigned)sq_col_int(st, 0) + 1);
	sq_done(st);
	return rc == -1 ? -1 : sq_run(q, sql, f);
}

static int
make_views(struct sq *q, const struct inst_groups *all, struct fault *f)
{
	struct views v = { .right = calloc(all->n + 1, sizeof(*v.right)) };
	int rc;

	if (v.right == NULL)
		return sqlite_nomem(f);
	if ((rc = look_at_views(q, all, &v, f)) == 0 &&
	    (rc = sq_run(q, "PRAGMA writable_schema = ON", f)) == 0) {
		rc = change_views(q, all, &v, f);
		if (sq_run(q, "PRAGMA writable_schema = OFF", f) != 0)
			rc = -1;
		if (rc == 0)
			rc = next_schema(q, f);
	}
	free(v.right);
	buf_free(&v.stale);
	return rc;
}

int
sqlite_prepare(struct store *s, const struct inst_set *set, struct fault *f)
{
	struct sq *q = sq_of(s);
	struct inst_groups g;
	int rc;

	if ((rc = groups_make(&g, set, f)) == 0 &&
	    (rc = sq_begin(q, f)) == 0) {
		rc = sqlite_fixed(q, f);
		for (size_t i = 0; rc == 0 && i < g.n; i++)
			rc = sqlite_main(q, g.v[i].v[0], f);
		if (rc == 0)
			rc = make_views(q, &g, f);
		rc = sq_end(q, rc, f);
	}
	groups_free(&g);
	return rc;
}
