#include <stdio.h>
#include <string.h>

#include "num.h"
#include "store_sqlite.h"

/* The end of a field: its tab or newline. */
static const char *
field_end(const char *p)
{
	while (*p != '\t' && *p != '\n')
		p++;
	return p;
}

/*
 * A decimal like 26310.55 as double: digits / 10^decimals with both exact in a
 * double is the nearest double.  Longer ones, and what is no such decimal, go
 * the slow way.  NULL when it is no number at all, else its end.
 */
static const char *
real_of(const char *p, double *v)
{
	static const double ten[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7 };
	const char *s = p + (*p == '-'), *dot = NULL, *end;
	uint64_t m = 0;
	char copy[64];
	int n = 0;

	for (; (*s >= '0' && *s <= '9') || (*s == '.' && dot == NULL); s++)
		if (*s == '.')
			dot = s;
		else if (n++ < 16)
			m = m * 10 + (uint64_t)(*s - '0');
	if ((*s == '\t' || *s == '\n') && n > 0 && n <= 15 &&
	    (dot == NULL || s - dot <= 8)) {
		*v = (double)m / ten[dot != NULL ? s - dot - 1 : 0];
		if (*p == '-')
			*v = -*v;
		return s;
	}
	end = field_end(p);
	if ((size_t)(end - p) >= sizeof(copy))
		return NULL;
	memcpy(copy, p, (size_t)(end - p));
	copy[end - p] = '\0';
	return num_double(copy, -1e300, 1e300, v) == 0 ? end : NULL;
}

static const char *
int_of(const char *p, int64_t *v)
{
	const char *s = p + (*p == '-');
	int64_t n = 0;
	int digits = 0;

	for (; *s >= '0' && *s <= '9' && digits < 18; s++, digits++)
		n = n * 10 + (*s - '0');
	if (digits == 0 || (*s != '\t' && *s != '\n'))
		return NULL;
	*v = *p == '-' ? -n : n;
	return s;
}

/* Binds the field at p to column col; its end, or NULL when it does not fit
 * the column. */
static const char *
bind_field(struct sqlite3_stmt *st, int col, const char *p)
{
	enum { TIME = 19 };
	const char *end = p;
	int64_t n;
	double v;

	if (p[0] == '\\' && p[1] == 'N') {
		sq_null(st, col + 1);
		return p[2] == '\t' || p[2] == '\n' ? p + 2 : NULL;
	}
	switch (store_col[col].kind) {
	case STORE_INT:
		if ((end = int_of(p, &n)) != NULL)
			sq_int(st, col + 1, n);
		return end;
	case STORE_REAL:
		if ((end = real_of(p, &v)) != NULL)
			sq_real(st, col + 1, v);
		return end;
	case STORE_TIME:
		if ((end = field_end(p)) - p != TIME)
			return NULL;
		break;
	case STORE_TEXT:
		end = field_end(p);
		break;
	}
	sq_text(st, col + 1, p, (int)(end - p));
	return end;
}

/* The columns that come from the instrument; they stay bound. */
static void
bind_inst(struct sqlite3_stmt *st, const struct inst *in)
{
	sq_int(st, STORE_TOKEN + 1, in->token);
	sq_text(st, STORE_SYMBOL + 1, in->tradingsymbol, -1);
	sq_text(st, STORE_TABLE + 1, in->table, -1);
	sq_text(st, STORE_DB + 1, in->db, -1);
}

static int
bind_row(struct sqlite3_stmt *st, const struct store_batch *b, size_t i,
    struct fault *f)
{
	const char *p = b->row[i].text, *end;

	for (int j = 0; j < b->nfield; j++, p = end + 1) {
		if (b->col[j] < STORE_MAIN)
			end = field_end(p);
		else if ((end = bind_field(st, b->col[j], p)) == NULL)
			return fault_set(f, EX_DATAERR, "%s is '%.*s'",
			    store_col[b->col[j]].name,
			    (int)(field_end(p) - p), p);
	}
	return 0;
}

static int
prepare_put(struct sqlite *s, struct fault *f)
{
	struct buf b = { 0 };
	int rc = buf_adds(&b, "REPLACE INTO main.dailytable (") != 0 ||
	    sqlite_columns(&b, 0, STORE_NCOL, false) != 0 ||
	    buf_adds(&b, ") VALUES (?") != 0 ? -1 : 0;

	for (int i = 1; rc == 0 && i < STORE_NCOL; i++)
		rc = buf_adds(&b, ",?");
	if (rc == 0)
		rc = buf_adds(&b, ")");
	if (rc != 0)
		sqlite_nomem(f);
	else if ((s->put = sq_prep(&s->q, b.p, f)) == NULL)
		rc = -1;
	buf_free(&b);
	return rc;
}

static int
put_rows(struct sqlite *s, struct store_batch *b, struct fault *f)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < b->n; i++) {
		if (i == 0 || b->row[i].inst != b->row[i - 1].inst)
			bind_inst(s->put, b->row[i].inst);
		if ((rc = bind_row(s->put, b, i, f)) != 0) {
			b->bad = i;
			break;
		}
		rc = sq_do(&s->q, s->put, f);
	}
	return rc;
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
	if ((rc = sqlite_fixed(&s->q, f)) == 0 && (s->put != NULL ||
	    (rc = prepare_put(s, f)) == 0) && (rc = put_rows(s, b, f)) == 0)
		rc = move_pos(&s->q, b, f);
	if (rc == 0)
		rc = not_filed(&s->q, b->day, f);
	return sq_end(&s->q, rc, f);
}
