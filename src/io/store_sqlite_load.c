#include <stdio.h>
#include <string.h>

#include "num.h"
#include "store_sqlite.h"

/*
 * Rows go in MANY to a statement, which saves a fourth of the time: what is done
 * once a statement (cursors, memory) costs as much as a row.  That holds only as
 * long as no row can fail alone, for then SQLite would keep a copy of every page
 * that a statement changes: so OR ROLLBACK, and NOT NULL columns, which are in the
 * key or belong to it, are not set again.
 */
enum { MANY = 64 };

/* The end of a field: its tab or newline. */
static const char *
field_end(const char *p)
{
	while (*p != '\t' && *p != '\n')
		p++;
	return p;
}

/* Is it "YYYY-MM-DD HH:MM:SS", with sep between day and time? */
static bool
is_time(const char *p, char sep)
{
	static const char form[] = "0000-00-00 00:00:00";

	for (int i = 0; form[i] != '\0'; i++)
		if (form[i] == '0' ? p[i] < '0' || p[i] > '9' :
		    p[i] != (i == 10 ? sep : form[i]))
			return false;
	return memcmp(p + 5, "01", 2) >= 0 && memcmp(p + 5, "12", 2) <= 0 &&
	    memcmp(p + 8, "01", 2) >= 0 && memcmp(p + 8, "31", 2) <= 0 &&
	    memcmp(p + 11, "23", 2) <= 0 && p[14] <= '5' && p[17] <= '5';
}

/* Binds the minute of a time at p, which ends at end; the text stays. */
static void
bind_minute(struct sqlite3_stmt *st, int i, const char *p, char text[26])
{
	memcpy(text, p, 17);
	memcpy(text + 17, "00+00:00", 9);
	sq_text(st, i, text, 25);
}

/* Binds the field at p as value i; its end, or NULL when it does not fit the
 * column.  minute: room for one of these. */
static const char *
bind_field(struct sqlite3_stmt *st, int i, const struct store_col *c,
    const char *p, char minute[26])
{
	enum { TIME = 19, UTC = 25 };
	const char *end = p;
	int64_t n;
	double v;

	if (p[0] == '\\' && p[1] == 'N') {
		sq_null(st, i);
		return !c->need && (p[2] == '\t' || p[2] == '\n') ? p + 2 :
		    NULL;
	}
	switch (c->kind) {
	case STORE_INT:
		if ((end = num_field_i64(p, &n)) != NULL)
			sq_int(st, i, n);
		return end;
	case STORE_REAL:
	case STORE_DOUBLE:
		if ((end = num_field_double(p, &v)) != NULL)
			sq_real(st, i, v);
		return end;
	case STORE_TIME:
		if ((end = field_end(p)) - p != TIME || !is_time(p, ' '))
			return NULL;
		break;
	case STORE_UTC:
	case STORE_MINUTE:
		if ((end = field_end(p)) - p < UTC || !is_time(p, 'T'))
			return NULL;
		if (c->kind == STORE_MINUTE) {
			bind_minute(st, i, p, minute);
			return end;
		}
		break;
	case STORE_TEXT:
		end = field_end(p);
		break;
	}
	sq_text(st, i, p, (int)(end - p));
	return end;
}

/* The columns that come from the instrument; they stay bound. */
static void
bind_inst(struct sqlite3_stmt *st, int at, const struct inst *in)
{
	sq_int(st, at + STORE_TOKEN, in->token);
	sq_text(st, at + STORE_SYMBOL, in->tradingsymbol, -1);
	sq_text(st, at + STORE_TABLE, in->table, -1);
	sq_text(st, at + STORE_DB, in->db, -1);
}

/* Rows on their way into a table, and what must stay until they are in. */
struct putting {
	struct store_batch *b;
	const struct store_part *part;
	const struct inst *inst[MANY];	/* bound in that place */
	char	 minute[MANY][26];
};

/* Binds row i as the k-th of a statement. */
static int
bind_row(struct sqlite3_stmt *st, struct putting *p, size_t i, int k,
    struct fault *f)
{
	const struct store_table *t = p->part->table;
	const struct store_row *row = &p->part->row[i];
	int at = k * t->ncol + 1;	/* its first value */
	const char *s = row->text, *end;

	if (t->ninst > 0 && p->inst[k] != row->inst) {
		bind_inst(st, at, row->inst);
		p->inst[k] = row->inst;
	}
	for (int j = 0; j < p->b->nfield; j++, s = end + 1) {
		int c = p->part->col[j];

		if (c < t->ninst)
			end = field_end(s);
		else if ((end = bind_field(st, at + c, &t->col[c], s,
		    p->minute[k])) == NULL) {
			p->b->bad = row->text;
			return fault_set(f, EX_DATAERR, "%s is '%.*s'",
			    t->col[c].name, (int)(field_end(s) - s), s);
		}
	}
	return 0;
}

/* Behind INSERT: what becomes of a row that is there.  One with an id keeps
 * it. */
static int
add_update(struct buf *b, const struct store_table *t)
{
	const char *before = "";
	int rc = buf_addf(b, " ON CONFLICT (%s) DO UPDATE SET ", t->key);

	for (int i = 0; rc == 0 && i < t->ncol; i++)
		if (!t->col[i].need) {
			rc = buf_addf(b, "%s%s = excluded.%s", before,
			    t->col[i].name, t->col[i].name);
			before = ", ";
		}
	return rc;
}

/* The statement that puts n rows into a table, or NULL. */
static struct sqlite3_stmt *
prep_put(struct sq *q, const struct store_table *t, int n, struct fault *f)
{
	struct sqlite3_stmt *st = NULL;
	struct buf b = { 0 };
	int rc = buf_addf(&b, "INSERT OR ROLLBACK INTO main.%s (", t->name) != 0
	    || sqlite_columns(&b, t->col, t->ncol, false) != 0 ||
	    buf_adds(&b, ") VALUES ") != 0 ? -1 : 0;

	for (int i = 0; rc == 0 && i < n * t->ncol; i++)
		rc = buf_adds(&b, i % t->ncol > 0 ? ",?" : i > 0 ? "),(?" :
		    "(?");
	if (rc == 0 && (rc = buf_adds(&b, ")")) == 0)
		rc = add_update(&b, t);
	if (rc != 0)
		sqlite_nomem(f);
	else
		st = sq_prep(q, b.p, f);
	buf_free(&b);
	return st;
}

/* Puts the rows from *i on, n to a statement, while there are so many. */
static int
put_rows(struct sq *q, struct sqlite3_stmt *st, struct putting *p, size_t *i,
    int n, struct fault *f)
{
	int rc = 0;

	memset(p->inst, 0, sizeof(p->inst));
	while (rc == 0 && p->part->n - *i >= (size_t)n) {
		for (int k = 0; rc == 0 && k < n; k++)
			rc = bind_row(st, p, (*i)++, k, f);
		if (rc == 0)
			rc = sq_do(q, st, f);
	}
	return rc;
}

static int
prepare(struct sq *q, struct sqlite_put *put, const struct store_table *t,
    struct fault *f)
{
	if (put->table == t)
		return 0;
	sq_done(put->one);
	sq_done(put->many);
	*put = (struct sqlite_put){ 0 };
	if ((put->one = prep_put(q, t, 1, f)) == NULL ||
	    (put->many = prep_put(q, t, MANY, f)) == NULL)
		return -1;
	put->table = t;
	return 0;
}

/* One of the parts, its table made when it is not there. */
static int
put_part(struct sqlite *s, struct store_batch *b, int i, struct fault *f)
{
	struct putting p = { .b = b, .part = &b->part[i] };
	const struct store_table *t = p.part->table;
	struct sqlite_put *put = &s->put[i];
	size_t next = 0;

	if (t == NULL)
		return 0;
	if ((t == &store_daily ? sqlite_fixed(&s->q, f) :
	    sqlite_table(&s->q, t, f)) != 0 || prepare(&s->q, put, t, f) != 0)
		return -1;
	return put_rows(&s->q, put->many, &p, &next, MANY, f) != 0 ? -1 :
	    put_rows(&s->q, put->one, &p, &next, 1, f);
}

/* Moves the position, from where the batch found it. */
static int
move_pos(struct sq *q, struct store_batch *b, struct fault *f)
{
	const uint64_t v[] = { b->to.pos.segment, b->to.pos.offset, b->to.rows,
	    b->to.kept_out, b->from.pos.segment, b->from.pos.offset };
	bool first = b->from.pos.segment == 0;
	struct sqlite3_stmt *st = sq_prep(q, first ?
	    "INSERT INTO main.das_position VALUES (?5, ?6, ?1, ?2, ?3, ?4) "
	    "ON CONFLICT DO NOTHING" :
	    "UPDATE main.das_position SET segment = ?1, \"offset\" = ?2, rows = ?3, "
	    "kept_out = ?4 WHERE day = ?5 AND topic = ?6 AND segment = ?7 "
	    "AND \"offset\" = ?8", f);
	int rc;

	if (st == NULL)
		return -1;
	for (int i = 0; i < 6; i++)
		if (i < 4 || !first)
			sq_int(st, i < 4 ? i + 1 : i + 3, (int64_t)v[i]);
	sq_text(st, 5, b->day, -1);
	sq_text(st, 6, b->topic, -1);
	rc = sq_step(q, st, f);
	sq_done(st);
	b->moved = rc == 0 && sq_changes(q) != 1;
	return !b->moved ? rc : fault_set(f, EX_TEMPFAIL, "%s: somebody else is "
	    "loading %s of %s", q->path, b->topic, b->day);
}

/* A day that gets rows again is to be filed again. */
static int
not_filed(struct sq *q, const char *day, struct fault *f)
{
	struct sqlite3_stmt *st = sq_prep(q,
	    "DELETE FROM main.das_filed WHERE day = ?", f);
	int rc;

	if (st == NULL)
		return -1;
	sq_text(st, 1, day, -1);
	rc = sq_step(q, st, f);
	sq_done(st);
	return rc;
}

int
sqlite_load(struct store *store, struct store_batch *b, struct fault *f)
{
	struct sqlite *s = (struct sqlite *)store;
	int rc;

	if (sq_begin(&s->q, f) != 0)
		return -1;
	rc = put_part(s, b, 0, f);
	for (int i = 1; rc == 0 && i < STORE_PARTS; i++)
		rc = put_part(s, b, i, f);
	if (rc == 0)
		rc = move_pos(&s->q, b, f);
	if (rc == 0 && b->part[0].table == &store_daily)
		rc = not_filed(&s->q, b->day, f);
	return sq_end(&s->q, rc, f);
}
