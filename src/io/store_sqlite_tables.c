#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "group.h"
#include "msg.h"
#include "store_sqlite.h"

int
sqlite_columns(struct buf *b, const struct store_col *col, int n, bool types)
{
	static const char *const type[] = {
		[STORE_INT] = " INTEGER",
		[STORE_REAL] = " REAL",
		[STORE_DOUBLE] = " REAL",
		[STORE_TIME] = " TEXT",
		[STORE_UTC] = " TEXT",
		[STORE_MINUTE] = " TEXT",
		[STORE_TEXT] = " TEXT"
	};

	for (int i = 0; i < n; i++)
		if (buf_addf(b, "%s%s%s%s", i > 0 ? ", " : "", col[i].name,
		    types ? type[col[i].kind] : "",
		    types && col[i].need ? " NOT NULL" : "") != 0)
			return -1;
	return 0;
}

/* 1 when the table has a unique index over exactly these columns, 0, -1. */
static int
is_unique(struct sq *q, const struct sqlite_shape *want, struct fault *f)
{
	struct sqlite3_stmt *st = sq_prep(q, "SELECT 1 "
	    "FROM pragma_index_list(?1, ?3) AS l WHERE l.\"unique\" AND "
	    "(SELECT group_concat(name) FROM pragma_index_info(l.name, ?3)) "
	    "= ?2", f);
	int rc;

	if (st == NULL)
		return -1;
	sq_text(st, 1, want->table, -1);
	sq_text(st, 2, want->key, -1);
	sq_text(st, 3, want->schema, -1);
	rc = sq_step(q, st, f);
	sq_done(st);
	return rc;
}

int
sqlite_has(struct sq *q, const struct sqlite_shape *want, struct fault *f)
{
	const char *file = strcmp(want->schema, "main") == 0 ? q->path :
	    q->filed;
	int rc;

	if ((rc = sq_has(q, want->schema, want->table, NULL, f)) != 1)
		return rc;
	for (int i = 0; i < want->ncol; i++)
		if ((rc = sq_has(q, want->schema, want->table,
		    want->col[i].name, f)) != 1)
			return rc == -1 ? -1 :
			    fault_set(f, EX_DATAERR, "%s: table %s: no "
			    "column %s; rename that table and try again",
			    file, want->table, want->col[i].name);
	if ((rc = is_unique(q, want, f)) == 0)
		return fault_set(f, EX_DATAERR, "%s: table %s: (%s) is not "
		    "unique; rename that table and try again", file,
		    want->table, want->key);
	return rc;
}

/*
 * An id of ours is INTEGER PRIMARY KEY: the number of the row, one more than the
 * largest.  AUTOINCREMENT would look it up in a table for every row.
 */
static int
make_table(struct sq *q, const struct store_table *t, struct fault *f)
{
	struct buf b = { 0 };
	bool ok = buf_addf(&b, "CREATE TABLE main.%s (%s", t->name, t->id ?
	    "id INTEGER PRIMARY KEY, " : "") == 0 &&
	    sqlite_columns(&b, t->col, t->ncol, true) == 0 &&
	    buf_addf(&b, t->id ? ", UNIQUE (%s))" :
	    ", PRIMARY KEY (%s)) WITHOUT ROWID", t->key) == 0 &&
	    (t->index == NULL || buf_addf(&b, "; CREATE INDEX main.%s_%s ON "
	    "%s (%s)", t->name, t->index, t->name, t->index) == 0);
	int rc = ok ? sq_run(q, b.p, f) : sqlite_nomem(f);

	buf_free(&b);
	return rc;
}

int
sqlite_table(struct sq *q, const struct store_table *t, struct fault *f)
{
	const struct sqlite_shape want = { "main", t->name, t->key, t->col,
	    t->ncol };
	int rc = sqlite_has(q, &want, f);

	if (rc == -1 || (rc == 0 && make_table(q, t, f) != 0))
		return -1;
	return sq_run(q, "CREATE TABLE IF NOT EXISTS main.das_position ("
	    "day TEXT, topic TEXT, segment INTEGER, \"offset\" INTEGER, "
	    "rows INTEGER, kept_out INTEGER, PRIMARY KEY (day, topic)) "
	    "WITHOUT ROWID", f);
}

int
sqlite_fixed(struct sq *q, struct fault *f)
{
	return sqlite_table(q, &store_daily, f) != 0 ? -1 : sq_run(q,
	    "CREATE TABLE IF NOT EXISTS main.das_filed (day TEXT PRIMARY KEY, "
	    "filed_at TEXT, instruments INTEGER, rows INTEGER, "
	    "kept_out INTEGER, pairs INTEGER, filed INTEGER, blank INTEGER) "
	    "WITHOUT ROWID", f);
}

/*
 * Views: TABLE_daily shows what dailytable has of TABLE.  Every CREATE VIEW
 * looks through the names of the file once: 2,300 are made in half a second to
 * a whole one, 9,000 in 20 s.  One of 46 columns takes 6 KB of memory in every
 * program that has the file open.
 */

#define VIEW_FROM " FROM dailytable WHERE instrument_token IN ("

static int
view_sql(struct buf *b, const struct inst_group *g)
{
	buf_reset(b);
	if (buf_addf(b, "CREATE VIEW \"%s_daily\" AS SELECT ", g->v[0]->table)
	    != 0 || sqlite_columns(b, store_col + STORE_MAIN,
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
	struct buf drop;	/* DROP VIEW of those that are stale */
	size_t	 others;	/* tables, and views that are not ours, where
				 * a view should be */
	char	 first[80];
};

static void
in_the_way(struct views *v, const char *name)
{
	if (v->others++ == 0)
		snprintf(v->first, sizeof(v->first), "%s", name);
}

/* Appends DROP VIEW "name"; */
static int
add_drop(struct buf *b, const char *name)
{
	if (buf_adds(b, "DROP VIEW main.\"") != 0)
		return -1;
	for (; *name != '\0'; name++)
		if (buf_addf(b, *name == '"' ? "\"\"" : "%c", *name) != 0)
			return -1;
	return buf_adds(b, "\";");
}

/* Judges one view: name, text. */
static int
look_at_view(const struct inst_groups *all, struct sqlite3_stmt *st,
    struct views *v, struct fault *f)
{
	const char *name = sq_col_text(st, 0), *text = sq_col_text(st, 1);
	struct inst_group *g = groups_find(all, name,
	    strlen(name) - strlen("_daily"));
	struct buf want = { 0 };
	int rc = 0;

	if (g != NULL && view_sql(&want, g) != 0)
		rc = sqlite_nomem(f);
	else if (g != NULL && strcmp(want.p, text) == 0)
		v->right[g - all->v] = true;
	else if (strstr(text, VIEW_FROM) != NULL)	/* ours, another day's */
		rc = add_drop(&v->drop, name) != 0 ? sqlite_nomem(f) : 0;
	else if (g != NULL) {
		v->right[g - all->v] = true;
		in_the_way(v, name);
	}
	buf_free(&want);
	return rc;
}

static int
look_at_views(struct sq *q, const struct inst_groups *all, struct views *v,
    struct fault *f)
{
	struct sqlite3_stmt *st = sq_prep(q, "SELECT name, sql "
	    "FROM main.sqlite_master WHERE type = 'view' AND "
	    "name GLOB '?*_daily'", f);
	int rc;

	if (st == NULL)
		return -1;
	while ((rc = sq_step(q, st, f)) == 1)
		if ((rc = look_at_view(all, st, v, f)) != 0)
			break;
	sq_done(st);
	return rc;
}

static int
add_view(struct sq *q, const struct inst_group *g, struct buf *text,
    struct views *v, struct fault *f)
{
	char name[80];
	int rc;

	snprintf(name, sizeof(name), "%s_daily", g->v[0]->table);
	if ((rc = sq_has(q, "main", name, NULL, f)) == 1)
		in_the_way(v, name);
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	return view_sql(text, g) != 0 ? sqlite_nomem(f) : sq_run(q, text->p, f);
}

/* Takes the stale views away and makes those that are missing. */
static int
make_views(struct sq *q, const struct inst_groups *all, struct fault *f)
{
	struct views v = { .right = calloc(all->n + 1, sizeof(*v.right)) };
	struct buf text = { 0 };
	int rc;

	if (v.right == NULL)
		return sqlite_nomem(f);
	rc = look_at_views(q, all, &v, f);
	if (rc == 0 && v.drop.p != NULL)
		rc = sq_run(q, v.drop.p, f);
	for (size_t i = 0; rc == 0 && i < all->n; i++)
		if (!v.right[i])
			rc = add_view(q, &all->v[i], &text, &v, f);
	if (rc == 0 && v.others > 0)
		msg_warnx("%s: %zu names of views are taken by something else, "
		    "the first is %s, which is left alone", q->path, v.others,
		    v.first);
	free(v.right);
	buf_free(&v.drop);
	buf_free(&text);
	return rc;
}

int
sqlite_prepare(struct store *s, const struct inst_set *set, struct fault *f)
{
	struct sq *q = sq_of(s);
	struct inst_groups g;
	int rc = groups_make(&g, set, f);

	/* What cannot be filed in the evening is better known in the morning. */
	for (size_t i = 0; rc == 0 && i < g.n; i++)
		rc = sqlite_main_name(q, g.v[i].v[0], f);
	if (rc == 0 && (rc = sq_begin(q, f)) == 0) {
		if ((rc = sqlite_fixed(q, f)) == 0)
			rc = make_views(q, &g, f);
		rc = sq_end(q, rc, f);
	}
	groups_free(&g);
	return rc;
}
