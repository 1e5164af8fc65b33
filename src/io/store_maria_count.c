/*
 * What the main tables have: which there are, their rows of a day, and checksums
 * of these, made by the server.
 */
#include <stdio.h>
#include <string.h>

#include "store_maria.h"

struct maria_span
maria_span_of(const char *day)
{
	struct maria_span s;

	snprintf(s.from, sizeof(s.from), "%.10s 00:00:00", day);
	snprintf(s.to, sizeof(s.to), "%.10s 23:59:59", day);
	return s;
}

struct my_stmt *
maria_prep_day(struct maria *s, struct buf *text, bool whole,
    const struct maria_span *span, struct fault *f)
{
	struct my_stmt *st = maria_prep(s, text, whole, f);

	if (st != NULL) {
		my_text(st, 1, span->from, -1);
		my_text(st, 2, span->to, -1);
	}
	return st;
}

/* A column of a main table in the text that its checksum is of (rowsum.h): its
 * own, where it has the type that we give it. */
static bool
add_value(struct buf *b, const struct store_col *c, bool other)
{
	const char *name = c->name;

	if (!other)
		return buf_addf(b, ", IFNULL(`%s`, '\\\\N')", name) == 0;
	return buf_addf(b, ", IFNULL(CAST(`%s` AS %s), '\\\\N')", name,
	    c->kind == STORE_TIME ? "DATETIME" :
	    c->kind == STORE_INT ? "SIGNED" :
	    strcmp(name, "changeper") == 0 ? "DECIMAL(60,10)" :
	    "DECIMAL(19,2)") == 0;
}

static struct my_stmt *
prep_sum(struct maria *s, const struct inst *in, const struct maria_span *span,
    struct fault *f)
{
	int n = store_main_ncol(in->kind);
	struct buf b = { 0 };
	bool ok = buf_adds(&b, "SELECT COUNT(*), SUM(CRC32(CONCAT_WS('\\t'") ==
	    0;

	for (int i = 0; i < n && ok; i++)
		ok = add_value(&b, &store_col[STORE_MAIN + i], s->other[i]);
	ok = ok && buf_addf(&b, "))) FROM `%s`.`%s` WHERE timestamp BETWEEN ? "
	    "AND ?", in->db, in->table) == 0;
	return maria_prep_day(s, &b, ok, span, f);
}

/* Looks at a main table, unless it is the one looked at or made last: 1, 0 there
 * is none, -1. */
int
maria_look_at(struct maria *s, const struct inst *in, struct fault *f)
{
	const struct maria_shape want = { in->db, in->table, "timestamp",
	    store_col + STORE_MAIN, store_main_ncol(in->kind), s->other };
	int rc;

	if (s->seen == in)
		return 1;
	s->seen = NULL;
	if ((rc = maria_has(&s->my, &want, f)) == 1)
		s->seen = in;
	return rc;
}

int
maria_count(struct store *store, const struct inst_group *g, const char *day,
    struct store_counts *n, struct fault *f)
{
	struct maria *s = maria_of(store);
	struct maria_span span = maria_span_of(day);
	struct my_stmt *st;
	int rc;

	if (maria_fixed(s, f) != 0 || my_ready(&s->my, f) != 0 ||
	    (rc = maria_look_at(s, g->v[0], f)) == -1)
		return -1;
	if (rc == 0)
		return 0;
	s->seen = NULL;			/* by the next call it may be another */
	if ((st = prep_sum(s, g->v[0], &span, f)) == NULL)
		return -1;
	if ((rc = my_step(st, f)) == 1) {
		n->main = (uint64_t)my_col_int(st, 0);
		n->sum = (uint64_t)my_col_int(st, 1);
		rc = 0;
	}
	my_done(st);
	return rc;
}

/* The number that a question gives, text freed. */
static int
ask_number(struct maria *s, struct buf *text, bool whole, unsigned col,
    const struct maria_span *span, uint64_t *n, struct fault *f)
{
	struct my_stmt *st = span != NULL ? maria_prep_day(s, text, whole, span, f) :
	    maria_prep(s, text, whole, f);
	int rc = st == NULL ? -1 : my_step(st, f);

	if (rc == 1 && (rc = !my_col_null(st, col)) == 1)
		*n = (uint64_t)my_col_int(st, col);
	my_done(st);
	return rc;
}

/* Marks the tables of one database. */
static int
mark_there(struct maria *s, const struct inst_groups *g, const char *db,
    bool *there, struct fault *f)
{
	struct my_stmt *st = my_prep(&s->my, "SELECT table_name FROM "
	    "information_schema.tables WHERE table_schema = ?", f);
	int rc;

	if (st == NULL)
		return -1;
	my_text(st, 1, db, -1);
	while ((rc = my_step(st, f)) == 1) {
		const char *table = my_col_text(st, 0);
		const struct inst_group *at = groups_find(g, table,
		    strlen(table));

		if (at != NULL && strcmp(at->v[0]->db, db) == 0)
			there[at - g->v] = true;
	}
	my_done(st);
	return rc;
}

int
maria_there(struct store *store, const struct inst_groups *g, bool *there,
    struct fault *f)
{
	struct maria *s = maria_of(store);
	const char *db = "";

	if (my_ready(&s->my, f) != 0)
		return -1;
	for (size_t i = 0; i < g->n; i++) {
		if (strcmp(g->filing[i]->v[0]->db, db) == 0)
			continue;
		db = g->filing[i]->v[0]->db;
		if (mark_there(s, g, db, there, f) != 0)
			return -1;
	}
	return 0;
}

int
maria_glance(struct store *store, const struct inst_group *g, const char *day,
    struct store_counts *n, struct fault *f)
{
	struct maria *s = maria_of(store);
	const struct inst *in = g->v[0];
	struct maria_span span = maria_span_of(day);
	struct buf b = { 0 };
	bool ok;
	int rc;

	if (s->made != in)
		return 0;
	s->made = NULL;
	ok = buf_addf(&b, "CHECKSUM TABLE `%s`.`%s` EXTENDED", in->db,
	    in->table) == 0;
	if ((rc = ask_number(s, &b, ok, 1, NULL, &n->sum, f)) != 1)
		/* not every server knows it */
		return rc == -1 && f->ex != EX_DATAERR ? -1 : 0;
	ok = buf_addf(&b, "SELECT COUNT(*) FROM `%s`.`%s` WHERE timestamp "
	    "BETWEEN ? AND ?", in->db, in->table) == 0;
	return ask_number(s, &b, ok, 0, &span, &n->main, f);
}
