#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "group.h"
#include "msg.h"
#include "store_maria.h"

/*
 * The original's types, but where they lose data: oi and its day's high and low
 * are signed INT there, and real ones pass 2^31.
 */
static int
add_type(struct buf *b, const struct store_col *c)
{
	switch (c->kind) {
	case STORE_REAL:
		return buf_adds(b, strcmp(c->name, "changeper") == 0 ?
		    " DECIMAL(60,10)" : " DECIMAL(19,2)");
	case STORE_DOUBLE:
		return buf_adds(b, " DOUBLE");
	case STORE_TIME:
		return buf_adds(b, " DATETIME");
	case STORE_UTC:
	case STORE_MINUTE:	/* without DEFAULT an UPDATE could set it */
		return buf_adds(b, " TIMESTAMP(6) NOT NULL "
		    "DEFAULT CURRENT_TIMESTAMP(6)");
	case STORE_TEXT:
		return buf_addf(b, " VARCHAR(%d)%s", c->size, c->need ?
		    " NOT NULL" : "");
	case STORE_INT:
		break;
	}
	return buf_adds(b, strcmp(c->name, "instrument_token") == 0 ||
	    strcmp(c->name, "volume") == 0 || strncmp(c->name, "oi", 2) == 0 ?
	    " BIGINT" : " INT UNSIGNED");
}

int
maria_columns(struct buf *b, const char *prefix, const struct store_col *col,
    int n, bool types)
{
	for (int i = 0; i < n; i++)
		if (buf_addf(b, "%s%s`%s`", i > 0 ? ", " : "", prefix,
		    col[i].name) != 0 || (types && add_type(b, &col[i]) != 0))
			return -1;
	return 0;
}

/* ---- what is there ---- */

/* The answer of a question about db and table: rows counted and looked at. */
static struct my_stmt *
ask_schema(struct my *m, const struct maria_shape *want, const char *sql,
    struct fault *f)
{
	struct my_stmt *st = my_prep(m, sql, f);

	if (st != NULL) {
		my_text(st, 1, want->db, -1);
		my_text(st, 2, want->table, -1);
	}
	return st;
}

/* 1 when there is a unique index over exactly these columns, in this order. */
static int
is_unique(struct my *m, const struct maria_shape *want, struct fault *f)
{
	struct my_stmt *st = ask_schema(m, want, "SELECT 1 "
	    "FROM information_schema.statistics WHERE table_schema = ? AND "
	    "table_name = ? AND non_unique = 0 GROUP BY index_name HAVING "
	    "GROUP_CONCAT(column_name ORDER BY seq_in_index) = ?", f);
	int rc;

	if (st == NULL)
		return -1;
	my_text(st, 3, want->key, -1);
	rc = my_step(st, f);
	my_done(st);
	return rc;
}

/* The number of a column of want, -1 when it is none of them. */
static int
number_of(const struct maria_shape *want, const char *name)
{
	for (int i = 0; i < want->ncol; i++)
		if (strcasecmp(want->col[i].name, name) == 0)
			return i;
	return -1;
}

/* Is a column of a main table of a type that says the same as ours would?  An
 * integer of any width does. */
static bool
is_our_type(const struct store_col *c, const char *type)
{
	return c->kind == STORE_INT ? strstr(type, "int") != NULL :
	    strcmp(type, c->kind == STORE_TIME ? "datetime" :
	    strcmp(c->name, "changeper") == 0 ? "decimal(60,10)" :
	    "decimal(19,2)") == 0;
}

/* Which of the columns are there; how many of all are, or -1. */
static int
look_at_columns(struct my *m, const struct maria_shape *want,
    bool there[STORE_NMOST], struct fault *f)
{
	struct my_stmt *st = ask_schema(m, want, "SELECT column_name, "
	    "column_type FROM information_schema.columns WHERE "
	    "table_schema = ? AND table_name = ?", f);
	int n = 0, i, rc;

	if (st == NULL)
		return -1;
	while ((rc = my_step(st, f)) == 1) {
		if ((i = number_of(want, my_col_text(st, 0))) != -1) {
			there[i] = true;
			if (want->other != NULL)
				want->other[i] = !is_our_type(&want->col[i],
				    my_col_text(st, 1));
		}
		n++;
	}
	my_done(st);
	return rc == -1 ? -1 : n;
}

int
maria_has(struct my *m, const struct maria_shape *want, struct fault *f)
{
	bool there[STORE_NMOST] = { false };
	int rc = look_at_columns(m, want, there, f);

	if (rc <= 0)
		return rc;
	for (int i = 0; i < want->ncol; i++)
		if (!there[i])
			return fault_set(f, EX_DATAERR, "%s: table %s.%s: no "
			    "column %s; rename that table and try again",
			    m->where, want->db, want->table,
			    want->col[i].name);
	if (want->key != NULL && (rc = is_unique(m, want, f)) == 0)
		return fault_set(f, EX_DATAERR, "%s: table %s.%s: (%s) is not "
		    "unique; rename that table and try again", m->where,
		    want->db, want->table, want->key);
	return rc == -1 ? -1 : 1;
}

int
maria_database(struct my *m, const char *db, struct fault *f)
{
	struct my_stmt *st = my_prep(m, "SELECT 1 "
	    "FROM information_schema.schemata WHERE schema_name = ?", f);
	char sql[256];
	int rc;

	if (st == NULL)
		return -1;
	my_text(st, 1, db, -1);
	rc = my_step(st, f);
	my_done(st);
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	snprintf(sql, sizeof(sql), "CREATE DATABASE IF NOT EXISTS `%s` "
	    "CHARACTER SET utf8mb4", db);
	return my_run(m, sql, f);
}

/* ---- tables ---- */

static int
run_buf(struct my *m, struct buf *b, bool ok, struct fault *f)
{
	int rc = ok ? my_run(m, b->p, f) : maria_nomem(f);

	buf_free(b);
	return rc;
}

static int
make_table(struct maria *s, const struct store_table *t, struct fault *f)
{
	struct buf b = { 0 };
	bool ok = buf_addf(&b, "CREATE TABLE IF NOT EXISTS `%s`.%s (%s", s->db,
	    t->name, t->id ? "id BIGINT AUTO_INCREMENT PRIMARY KEY, " : "") ==
	    0 && maria_columns(&b, "", t->col, t->ncol, true) == 0 &&
	    buf_addf(&b, ", %s (%s)", t->id ? "UNIQUE" : "PRIMARY KEY",
	    t->key) == 0 && (t->index == NULL || buf_addf(&b, ", INDEX (%s)",
	    t->index) == 0) && buf_adds(&b, ") CHARACTER SET utf8mb4") == 0;

	return run_buf(&s->my, &b, ok, f);
}

/* A table of a topic is there, and as it must be. */
static int
have_table(struct maria *s, const struct store_table *t, struct fault *f)
{
	const struct maria_shape want = { s->db, t->name, t->key, t->col,
	    t->ncol, NULL };
	int rc = maria_has(&s->my, &want, f);

	return rc == 0 ? make_table(s, t, f) : rc == 1 ? 0 : -1;
}

static int
make_position(struct maria *s, struct fault *f)
{
	struct buf b = { 0 };
	bool ok = buf_addf(&b, "CREATE TABLE IF NOT EXISTS `%s`.das_position ("
	    "`day` DATE, `topic` VARCHAR(32), `segment` BIGINT, "
	    "`offset` BIGINT, `rows` BIGINT, `kept_out` BIGINT, "
	    "PRIMARY KEY (`day`, `topic`))", s->db) == 0;

	if (run_buf(&s->my, &b, ok, f) != 0)
		return -1;
	ok = buf_addf(&b, "CREATE TABLE IF NOT EXISTS `%s`.das_filed ("
	    "`day` DATE PRIMARY KEY, `filed_at` DATETIME, "
	    "`instruments` BIGINT, `rows` BIGINT, `kept_out` BIGINT, "
	    "`pairs` BIGINT, `filed` BIGINT, `blank` BIGINT)", s->db) == 0;
	return run_buf(&s->my, &b, ok, f);
}

/*
 * Is open interest narrower than what the wire can bring, as in the original's
 * table?  It is the user's to change: the statement that does is added to b.
 */
static int
look_for_narrow(struct maria *s, struct buf *b, struct fault *f)
{
	struct my_stmt *st = my_prep(&s->my, "SELECT column_name "
	    "FROM information_schema.columns WHERE table_schema = ? AND "
	    "table_name = 'dailytable' AND data_type = 'int' AND column_type "
	    "NOT LIKE '%unsigned%' AND column_name LIKE 'oi%'", f);
	int rc;

	if (st == NULL)
		return -1;
	my_text(st, 1, s->db, -1);
	while ((rc = my_step(st, f)) == 1)
		if (buf_addf(b, "%s MODIFY `%s` BIGINT", b->len > 0 ? "," : "",
		    my_col_text(st, 0)) != 0) {
			rc = maria_nomem(f);
			break;
		}
	my_done(st);
	s->narrow = s->base.cuts = b->len > 0;
	return rc;
}

int
maria_fixed(struct maria *s, struct fault *f)
{
	struct buf b = { 0 };
	int rc;

	if (s->shaped)
		return 0;
	if (my_ready(&s->my, f) != 0 ||
	    maria_database(&s->my, s->db, f) != 0 ||
	    have_table(s, &store_daily, f) != 0 || make_position(s, f) != 0)
		return -1;
	rc = look_for_narrow(s, &b, f);
	buf_free(&b);
	s->shaped = rc == 0;
	return rc;
}

int
maria_ltp(struct maria *s, struct fault *f)
{
	if (s->ltp_shaped)
		return 0;
	if (my_ready(&s->my, f) != 0 ||
	    maria_database(&s->my, s->db, f) != 0 ||
	    have_table(s, &store_ltp, f) != 0 ||
	    have_table(s, &store_oi, f) != 0 || make_position(s, f) != 0)
		return -1;
	s->ltp_shaped = true;
	return 0;
}

static int
warn_narrow(struct maria *s, struct fault *f)
{
	struct buf b = { 0 };
	int rc = look_for_narrow(s, &b, f);

	if (rc == 0 && s->narrow)
		msg_warnx("%s: %s.dailytable cannot hold an open interest "
		    "above 2147483647; ALTER TABLE `%s`.dailytable%s; widens "
		    "it", s->my.where, s->db, s->db, b.p);
	buf_free(&b);
	return rc;
}

/* ---- views ---- */

struct views {
	char	 name[128];	/* of the database, DATABASE_daily */
	bool	*done;		/* of each group: is there, or cannot be */
	struct buf drop;	/* "`DB`.`VIEW`, ..." of what is stale */
	size_t	 others;	/* tables, and views that are not ours, where
				 * a view should be */
	char	 first[128];
};

/* The group that has a view of this name in the database v->name, or NULL. */
static const struct inst_group *
group_of(const struct inst_groups *all, const struct views *v,
    const char *table)
{
	const struct inst_group *g = groups_find(all, table, strlen(table));
	size_t n = g != NULL ? strlen(g->v[0]->db) : 0;

	return g != NULL && strncmp(g->v[0]->db, v->name, n) == 0 &&
	    strcmp(v->name + n, "_daily") == 0 &&
	    strcmp(g->v[0]->table, table) == 0 ? g : NULL;
}

/*
 * Does a view show the rows of these tokens?  The server keeps its own wording
 * of what we wrote; the tokens are the numbers behind the last column's name.
 */
static bool
shows(const struct inst_group *g, const char *definition)
{
	static const char column[] = "`instrument_token`";
	const char *p = definition, *next;
	size_t n = 0;

	if ((p = strstr(definition, column)) == NULL)
		return false;
	while ((next = strstr(p + 1, column)) != NULL)
		p = next;
	for (p += sizeof(column) - 1; *p != '\0'; n++) {
		p += strcspn(p, "0123456789");
		if (*p == '\0')
			break;
		if (n == g->n || strtoul(p, NULL, 10) != g->v[n]->token)
			return false;
		p += strspn(p, "0123456789");
	}
	return n == g->n;
}

/* Judges one name in the database of views: name, type, whether it is ours and
 * has a column volume, the end of its definition. */
static int
look_at_view(struct my_stmt *st, const struct inst_groups *all,
    struct views *v)
{
	const char *table = my_col_text(st, 0);
	const struct inst_group *g = group_of(all, v, table);
	bool ours = my_col_int(st, 2) == 1, volume = my_col_int(st, 3) == 1;

	if (strcmp(my_col_text(st, 1), "VIEW") != 0 || !ours) {
		if (g == NULL)
			return 0;
		v->done[g - all->v] = true;
		if (v->others++ == 0)
			snprintf(v->first, sizeof(v->first), "%s", table);
	} else if (g != NULL)
		v->done[g - all->v] = shows(g, my_col_text(st, 4)) &&
		    volume == (g->v[0]->kind != INST_INDEX);
	else				/* another day's */
		return buf_addf(&v->drop, "%s`%s`.`%s`", v->drop.len > 0 ?
		    ", " : "", v->name, table);
	return 0;
}

static int
look_at_views(struct maria *s, const struct inst_groups *all,
    struct views *v, struct fault *f)
{
	struct my_stmt *st = my_prep(&s->my, "SELECT t.table_name, "
	    "t.table_type, v.view_definition LIKE ?, "
	    "v.view_definition LIKE '%`volume`%', "
	    "RIGHT(v.view_definition, 200) FROM information_schema.tables AS t "
	    "LEFT JOIN information_schema.views AS v ON "
	    "v.table_schema = t.table_schema AND v.table_name = t.table_name "
	    "WHERE t.table_schema = ?", f);
	char like[256];
	int rc;

	if (st == NULL)
		return -1;
	snprintf(like, sizeof(like), "%%from `%s`.`dailytable`%%", s->db);
	my_text(st, 1, like, -1);
	my_text(st, 2, v->name, -1);
	while ((rc = my_step(st, f)) == 1)
		if (look_at_view(st, all, v) != 0) {
			rc = maria_nomem(f);
			break;
		}
	my_done(st);
	return rc;
}

static int
make_view(struct maria *s, const struct inst_group *g, const char *db,
    struct fault *f)
{
	const struct inst *in = g->v[0];
	struct buf b = { 0 };
	bool ok = buf_addf(&b, "CREATE OR REPLACE VIEW `%s`.`%s` AS SELECT ",
	    db, in->table) == 0 && maria_columns(&b, "", store_col + STORE_MAIN,
	    store_main_ncol(in->kind), false) == 0 &&
	    buf_addf(&b, " FROM `%s`.dailytable WHERE instrument_token IN (",
	    s->db) == 0;

	for (size_t i = 0; i < g->n && ok; i++)
		ok = buf_addf(&b, "%s%u", i > 0 ? ", " : "",
		    g->v[i]->token) == 0;
	return run_buf(&s->my, &b, ok && buf_adds(&b, ")") == 0, f);
}

static int
drop_stale(struct maria *s, const struct views *v, struct fault *f)
{
	struct buf b = { 0 };
	bool ok;

	if (v->drop.len == 0)
		return 0;
	ok = buf_addf(&b, "DROP VIEW IF EXISTS %s", v->drop.p) == 0;
	return run_buf(&s->my, &b, ok, f);
}

/* The views of the groups from *i on that belong to one database. */
static int
make_views(struct maria *s, const struct inst_groups *all, size_t *i,
    struct fault *f)
{
	const char *db = all->filing[*i]->v[0]->db;
	struct views v = { .done = calloc(all->n, sizeof(*v.done)) };
	int rc;

	if (v.done == NULL)
		return maria_nomem(f);
	snprintf(v.name, sizeof(v.name), "%.100s_daily", db);
	if ((rc = maria_database(&s->my, v.name, f)) == 0 &&
	    (rc = look_at_views(s, all, &v, f)) == 0)
		rc = drop_stale(s, &v, f);
	for (; rc == 0 && *i < all->n &&
	    strcmp(all->filing[*i]->v[0]->db, db) == 0; (*i)++)
		if (!v.done[all->filing[*i] - all->v])
			rc = make_view(s, all->filing[*i], v.name, f);
	if (rc == 0 && v.others > 0)
		msg_warnx("%s: %zu names of views are taken by something else, "
		    "the first is %s.%s, which is left alone", s->my.where,
		    v.others, v.name, v.first);
	free(v.done);
	buf_free(&v.drop);
	return rc;
}

int
maria_prepare(struct store *store, const struct inst_set *set,
    struct fault *f)
{
	struct maria *s = maria_of(store);
	struct inst_groups g;
	size_t i = 0;
	int rc = groups_make(&g, set, f);

	if (rc == 0 && (rc = maria_fixed(s, f)) == 0 &&
	    (rc = warn_narrow(s, f)) == 0)
		rc = maria_sweep(s, f);
	while (rc == 0 && i < g.n)
		rc = make_views(s, &g, &i, f);
	groups_free(&g);
	return rc;
}
