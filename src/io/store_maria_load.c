#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "msg.h"
#include "store_maria.h"

/*
 * Rows go in as the spool has them: TSV with \N and backslashes is what LOAD
 * DATA reads.  Before each stand the columns that come from its instrument.
 */

enum {
	PUT_ROWS = 64,		/* of one INSERT where LOAD DATA is refused */
	ROW_MAX = 8192		/* longest row that is sent; ours have 600 bytes */
};

/* ---- das_position ---- */

int
maria_pos_get(struct store *store, const char *day, const char *topic,
    struct store_pos *p, struct fault *f)
{
	struct maria *s = maria_of(store);
	struct my_stmt *st;
	struct buf b = { 0 };
	bool ok;
	int rc;

	*p = (struct store_pos){ 0 };
	ok = buf_addf(&b, "SELECT `segment`, `offset`, `rows`, `kept_out` "
	    "FROM `%s`.das_position WHERE `day` = ? AND `topic` = ?",
	    s->db) == 0;
	if ((rc = maria_prep_if(s, &b, ok, &st, f)) != 1)
		return rc;
	my_text(st, 1, day, -1);
	my_text(st, 2, topic, -1);
	if ((rc = my_step(st, f)) == 1) {
		p->pos.segment = (uint32_t)my_col_int(st, 0);
		p->pos.offset = (uint64_t)my_col_int(st, 1);
		p->rows = (uint64_t)my_col_int(st, 2);
		p->kept_out = (uint64_t)my_col_int(st, 3);
		rc = 0;
	}
	my_done(st);
	return rc;
}

static struct my_stmt *
prep_move(struct maria *s, bool first, struct fault *f)
{
	struct buf b = { 0 };
	bool ok = buf_addf(&b, first ? "INSERT IGNORE INTO `%s`.das_position "
	    "(`segment`, `offset`, `rows`, `kept_out`, `day`, `topic`) VALUES "
	    "(?, ?, ?, ?, ?, ?)" : "UPDATE `%s`.das_position SET `segment` = ?, "
	    "`offset` = ?, `rows` = ?, `kept_out` = ? WHERE `day` = ? AND "
	    "`topic` = ? AND `segment` = ? AND `offset` = ?", s->db) == 0;

	return maria_prep(s, &b, ok, f);
}

/* Moves the position from where the batch found it: 1; 0 when it is not there
 * any more; -1. */
static int
move_pos(struct maria *s, const struct store_batch *b, struct fault *f)
{
	bool first = b->from.pos.segment == 0;
	struct my_stmt *st = prep_move(s, first, f);
	int rc;

	if (st == NULL)
		return -1;
	my_int(st, 1, b->to.pos.segment);
	my_int(st, 2, (int64_t)b->to.pos.offset);
	my_int(st, 3, (int64_t)b->to.rows);
	my_int(st, 4, (int64_t)b->to.kept_out);
	my_text(st, 5, b->day, -1);
	my_text(st, 6, b->topic, -1);
	if (!first) {
		my_int(st, 7, b->from.pos.segment);
		my_int(st, 8, (int64_t)b->from.pos.offset);
	}
	if ((rc = my_do(st, f)) == 0)
		rc = my_changes(st) == 1;
	my_done(st);
	return rc;
}

/* A day that gets rows again is to be filed again. */
static int
not_filed(struct maria *s, const char *day, struct fault *f)
{
	struct buf b = { 0 };
	bool ok = buf_addf(&b, "DELETE FROM `%s`.das_filed WHERE `day` = ?",
	    s->db) == 0;
	struct my_stmt *st = maria_prep(s, &b, ok, f);
	int rc;

	if (st == NULL)
		return -1;
	my_text(st, 1, day, -1);
	rc = my_do(st, f);
	my_done(st);
	return rc;
}

/* ---- rows ---- */

/* The tab or newline behind a field. */
static const char *
field_end(const char *p)
{
	while (*p != '\t' && *p != '\n')
		p++;
	return p;
}

/*
 * How a row of the spool becomes one of a table.  Where the fields from one on
 * are the columns behind those of the instrument, in their order, as das-tick
 * writes them, they are taken as they stand.
 */
struct shape {
	const struct store_part *part;
	const struct store_table *table;	/* of the part */
	int	 nfield;
	int	 tail;		/* number of that field, or -1 */
	int	 field[STORE_NMOST];	/* of each column: which field */
};

static bool
is_iso(const struct store_col *c)
{
	return c->kind == STORE_UTC || c->kind == STORE_MINUTE;
}

static struct shape
shape_of(const struct store_batch *b, const struct store_part *part)
{
	const struct store_table *t = part->table;
	struct shape s = { .part = part, .table = t, .nfield = b->nfield,
	    .tail = b->nfield - t->ncol + t->ninst };

	for (int j = 0; j < b->nfield; j++)
		if (part->col[j] >= t->ninst)
			s.field[part->col[j]] = j;
	for (int i = t->ninst; i < t->ncol && s.tail >= 0; i++)
		if (s.field[i] != s.tail + i - t->ninst || is_iso(&t->col[i]))
			s.tail = -1;
	return s;
}

/* What stands before the fields of an instrument's rows, which come one behind the
 * other. */
struct front {
	const struct inst *in;
	char	 text[ROW_MAX / 2];
	size_t	 len;
};

static size_t
put_inst(char *out, const struct inst *in, struct front *front)
{
	if (front->in != in) {
		/* names hold no byte that would have to be escaped (inst.h) */
		front->len = (size_t)snprintf(front->text, sizeof(front->text),
		    "%u\t%s\t%s\t%s\t", (unsigned)in->token,
		    in->tradingsymbol, in->table, in->db);
		front->in = in;
	}
	memcpy(out, front->text, front->len);
	return front->len;
}

/* A field of a row. */
struct field { const char *p; size_t len; };

/*
 * The times of a row in the session's zone, which is the market's: TIMESTAMP
 * takes no other, and keeps UTC.
 */
struct times { char text[2][CLK_TEXT]; };

static int
put_time(const struct store_col *c, struct field *x, char text[CLK_TEXT])
{
	char iso[40];
	int64_t us;

	if (x->len >= sizeof(iso))
		return -1;
	memcpy(iso, x->p, x->len);
	iso[x->len] = '\0';
	if (clk_from_iso(iso, &us) != 0)
		return -1;
	if (c->kind == STORE_MINUTE)
		us -= us % (60 * US_PER_SEC);
	x->p = clk_to_ist(us, text);
	x->len = CLK_TEXT - 1;
	return 0;
}

/* The fields of a row, for the columns from ninst on; -1 when a time is none. */
static int
fields_of(const struct shape *s, const char *row, struct field *x,
    struct times *times)
{
	const struct store_table *t = s->table;
	const char *p = row, *end;
	int n = 0;

	for (int j = 0; j < s->nfield; j++, p = end + 1) {
		int c = s->part->col[j];

		end = field_end(p);
		if (c < t->ninst)
			continue;
		x[c] = (struct field){ p, (size_t)(end - p) };
		if (is_iso(&t->col[c]) && (n == 2 ||
		    put_time(&t->col[c], &x[c], times->text[n++]) != 0))
			return -1;
	}
	return 0;
}

/* Writes a row of the table, newline included, into out (ROW_MAX bytes); its
 * length, 0 when it is longer or a time is none. */
static size_t
put_row(const struct shape *s, const struct store_row *r, struct front *front,
    char *out)
{
	struct field x[STORE_NMOST];
	struct times times;
	const char *p = r->text;
	size_t n = s->table->ninst > 0 ? put_inst(out, r->inst, front) : 0, len;

	if (s->tail >= 0) {
		for (int j = 0; j < s->tail; j++)	/* there are more */
			p = (const char *)rawmemchr(p, '\t') + 1;
		len = (size_t)((const char *)rawmemchr(p, '\n') + 1 - p);
		if (n + len > ROW_MAX)
			return 0;
		memcpy(out + n, p, len);
		return n + len;
	}
	if (fields_of(s, r->text, x, &times) != 0)
		return 0;
	for (int i = s->table->ninst; i < s->table->ncol; i++) {
		if (n + x[i].len + 1 > ROW_MAX)
			return 0;
		memcpy(out + n, x[i].p, x[i].len);
		n += x[i].len;
		out[n++] = i + 1 < s->table->ncol ? '\t' : '\n';
	}
	return n;
}

/* ---- LOAD DATA LOCAL ---- */

struct feeder {
	struct shape	 shape;
	size_t		 next;		/* row of the part */
	const char	*bad;		/* row that is too long, or NULL */
	struct front	 front;
	char		 row[ROW_MAX];	/* the part of one that had no room */
	size_t		 len, done;
};

static size_t
feed_rows(void *arg, char *out, size_t size)
{
	struct feeder *d = arg;
	const struct store_part *part = d->shape.part;
	size_t n = 0, take;

	while (n < size) {
		if (d->done == d->len) {
			if (d->next == part->n || d->bad != NULL)
				break;
			d->done = 0;
			d->len = put_row(&d->shape, &part->row[d->next],
			    &d->front, d->row);
			if (d->len == 0)
				d->bad = part->row[d->next].text;
			d->next++;
		}
		take = d->len - d->done < size - n ? d->len - d->done :
		    size - n;
		memcpy(out + n, d->row + d->done, take);
		d->done += take;
		n += take;
	}
	return n;
}

static int
load_local(struct maria *s, struct store_batch *b,
    const struct store_part *part, unsigned *warnings, struct fault *f)
{
	const struct store_table *t = part->table;
	struct feeder d = { .shape = shape_of(b, part) };
	struct buf sql = { 0 };
	int rc;

	if (buf_addf(&sql, "LOAD DATA LOCAL INFILE 'rows' REPLACE INTO TABLE "
	    "`%s`.%s CHARACTER SET utf8mb4 (", s->db, t->name) != 0 ||
	    maria_columns(&sql, "", t->col, t->ncol, false) != 0 ||
	    buf_adds(&sql, ")") != 0)
		rc = maria_nomem(f);
	else
		rc = my_load(&s->my, sql.p, feed_rows, &d, warnings, f);
	buf_free(&sql);
	if (d.bad != NULL) {
		b->bad = d.bad;
		return fault_set(f, EX_DATAERR, "longer than %d bytes, or a "
		    "time is none", ROW_MAX);
	}
	return rc;
}

/* ---- bound rows ---- */

static struct my_stmt *
prep_put(struct maria *s, const struct store_table *t, size_t rows,
    struct fault *f)
{
	struct buf b = { 0 };
	bool ok = buf_addf(&b, "REPLACE INTO `%s`.%s (", s->db, t->name) == 0 &&
	    maria_columns(&b, "", t->col, t->ncol, false) == 0 &&
	    buf_adds(&b, ") VALUES ") == 0;

	for (size_t i = 0; i < rows && ok; i++) {
		ok = buf_adds(&b, i > 0 ? ", (?" : "(?") == 0;
		for (int j = 1; j < t->ncol && ok; j++)
			ok = buf_adds(&b, ",?") == 0;
		ok = ok && buf_adds(&b, ")") == 0;
	}
	return maria_prep(s, &b, ok, f);
}

static int
bind_row(struct my_stmt *st, unsigned at, const struct shape *s,
    const struct store_row *r, struct times *times, struct fault *f)
{
	struct field x[STORE_NMOST];

	if (fields_of(s, r->text, x, times) != 0)
		return fault_set(f, EX_DATAERR, "a time is none");
	if (s->table->ninst > 0) {
		my_int(st, at + STORE_TOKEN + 1, r->inst->token);
		my_text(st, at + STORE_SYMBOL + 1, r->inst->tradingsymbol, -1);
		my_text(st, at + STORE_TABLE + 1, r->inst->table, -1);
		my_text(st, at + STORE_DB + 1, r->inst->db, -1);
	}
	for (int i = s->table->ninst; i < s->table->ncol; i++) {
		unsigned col = at + (unsigned)i + 1;

		if (x[i].len == 2 && memcmp(x[i].p, "\\N", 2) == 0)
			my_null(st, col);
		else
			my_text(st, col, x[i].p, (long)x[i].len);
	}
	return 0;
}

/* Puts the rows from *bad on in statements of step rows; *bad is the first of
 * the statement that failed. */
static int
put_rows(struct maria *s, const struct shape *shape, size_t step, size_t *bad,
    struct fault *f)
{
	const struct store_part *part = shape->part;
	unsigned ncol = (unsigned)shape->table->ncol;
	struct times times[PUT_ROWS];
	struct my_stmt *st = NULL;
	size_t made = 0;
	int rc = 0;

	for (size_t i = *bad; rc == 0 && i < part->n; i += made) {
		size_t n = part->n - i < step ? part->n - i : step;

		if (n != made) {
			my_done(st);
			if ((st = prep_put(s, shape->table, n, f)) == NULL)
				return -1;
			made = n;
		}
		for (size_t k = 0; rc == 0 && k < n; k++)
			rc = bind_row(st, (unsigned)k * ncol, shape,
			    &part->row[i + k], &times[k], f);
		if (rc != 0 || (rc = my_do(st, f)) != 0)
			*bad = i;
	}
	my_done(st);
	return rc;
}

/* Where a statement of many rows fails, the row is found with single ones. */
static int
load_bound(struct maria *s, struct store_batch *b,
    const struct store_part *part, struct fault *f)
{
	struct shape shape = shape_of(b, part);
	size_t bad = 0;

	if (put_rows(s, &shape, PUT_ROWS, &bad, f) == 0)
		return 0;
	if (f->ex != EX_DATAERR)
		return -1;
	if (put_rows(s, &shape, 1, &bad, f) == 0)
		return fault_set(f, EX_DATAERR, "%s: rows fail together that "
		    "do not fail alone", s->my.where);
	if (f->ex == EX_DATAERR)
		b->bad = part->row[bad].text;
	return -1;
}

/* In the original's narrow columns what is too large is cut, as it always was. */
static void
say_cut(struct maria *s, unsigned warnings)
{
	if (warnings > 0 && !s->cut_told)
		msg_warnx("%s: %s.dailytable: values that are too large for "
		    "its columns are cut (%u in this batch); das-lookup says "
		    "how to widen them", s->my.where, s->db, warnings);
	s->cut_told |= warnings > 0;
}

static int
load_rows(struct maria *s, struct store_batch *b,
    const struct store_part *part, struct fault *f)
{
	unsigned warnings = 0;
	struct fault why;

	if (part->n == 0)
		return 0;
	if (!s->no_local) {
		if (load_local(s, b, part, &warnings, &why) == 0) {
			say_cut(s, warnings);
			return 0;
		}
		if (why.ex == EX_DATAERR && b->bad == NULL)	/* which row? */
			return load_bound(s, b, part, f);
		if (why.ex != EX_UNAVAILABLE) {
			*f = why;
			return -1;
		}
		msg_warnx("%s; rows are inserted %d at a time, which is slower: "
		    "set local_infile = ON there", why.text, PUT_ROWS);
		s->no_local = true;
	}
	return load_bound(s, b, part, f);
}

/*
 * The position did not move from where the batch begins.  If it is where the
 * batch ends, an earlier try was committed and its answer lost: all is well.
 */
static int
look_at_pos(struct maria *s, struct store_batch *b, struct fault *f)
{
	struct store_pos now;

	if (maria_pos_get(&s->base, b->day, b->topic, &now, f) != 0)
		return -1;
	if (now.pos.segment == b->to.pos.segment &&
	    now.pos.offset == b->to.pos.offset && now.rows == b->to.rows &&
	    now.kept_out == b->to.kept_out)
		return 0;
	b->moved = true;
	return fault_set(f, EX_TEMPFAIL, "%s: somebody else is loading %s of "
	    "%s", s->my.where, b->topic, b->day);
}

int
maria_load(struct store *store, struct store_batch *b, struct fault *f)
{
	struct maria *s = maria_of(store);
	bool daily = b->part[0].table == &store_daily;
	int rc;

	if ((daily ? maria_fixed(s, f) : maria_ltp(s, f)) != 0 ||
	    my_begin(&s->my, f) != 0 || (daily && s->narrow &&
	    my_run(&s->my, "SET SESSION sql_mode = ''", f) != 0))
		return -1;
	/* First the position: it also keeps any rival out until the end. */
	if ((rc = move_pos(s, b, f)) == 0) {
		(void)my_end(&s->my, -1, NULL);
		return look_at_pos(s, b, f);
	}
	rc = rc == 1 ? 0 : -1;
	for (int i = 0; rc == 0 && i < STORE_PARTS; i++)
		if (b->part[i].table != NULL)
			rc = load_rows(s, b, &b->part[i], f);
	if (rc == 0 && daily)
		rc = not_filed(s, b->day, f);
	return my_end(&s->my, rc, f);
}
