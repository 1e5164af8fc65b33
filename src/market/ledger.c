#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clk.h"
#include "file.h"
#include "ledger.h"
#include "num.h"
#include "tsv.h"

enum { C_FROM, C_TO, C_SECONDS, C_CONN, C_CAUSE, C_INSTRUMENTS, C_RESOLVED,
	C_REASON, COLS };
static const char *const cols[COLS] = { "from", "to", "seconds", "conn",
	"cause", "instruments", "resolved", "reason" };

const char ledger_header[] =
    "from\tto\tseconds\tconn\tcause\tinstruments\tresolved\treason";

static const char *const causes[LEDGER_CAUSES] = {
	[LEDGER_DIAL] = "dial", [LEDGER_HTTP] = "http",
	[LEDGER_SILENT] = "silent", [LEDGER_NOTICKS] = "noticks",
	[LEDGER_RESET] = "reset", [LEDGER_CLOSED] = "closed",
	[LEDGER_PROTOCOL] = "protocol", [LEDGER_DISK] = "disk",
	[LEDGER_SLEPT] = "slept", [LEDGER_CLOCK] = "clock",
	[LEDGER_KILLED] = "killed", [LEDGER_STOPPED] = "stopped",
	[LEDGER_LATE] = "late",
};

const char *
ledger_cause_name(enum ledger_cause c)
{
	return causes[c];
}

int
ledger_cause_from(const char *s, enum ledger_cause *c)
{
	for (int i = 0; i < LEDGER_CAUSES; i++)
		if (strcmp(s, causes[i]) == 0) {
			*c = (enum ledger_cause)i;
			return 0;
		}
	return -1;
}

/* ---- rows to text ---- */

static int
format(struct buf *b, const struct ledger_gap *g)
{
	int64_t us = g->to_us - g->from_us;
	char from[CLK_TEXT], to[CLK_TEXT];
	size_t before = b->len;
	int rc;

	clk_to_ist(g->from_us, from);
	if (g->to_us == 0)
		rc = buf_addf(b, "%s\t\\N\t\\N", from);
	else
		rc = buf_addf(b, "%s\t%s\t%" PRId64 ".%03d", from,
		    clk_to_ist(g->to_us, to), us / US_PER_SEC,
		    (int)(us % US_PER_SEC / US_PER_MS));
	if (rc == 0 && buf_addf(b, "\t%u\t%s\t%zu\t%s\t", (unsigned)g->conn,
	    causes[g->cause], g->instruments, g->resolved ? "yes" : "no") == 0
	    && tsv_add(b, g->reason) == 0 && buf_adds(b, "\n") == 0)
		return 0;
	b->len = before;
	return -1;
}

/* The whole file; on -1 b is a part of it. */
static int
format_all(struct buf *b, const struct ledger *l)
{
	if (buf_adds(b, ledger_header) != 0 || buf_adds(b, "\n") != 0 ||
	    buf_add(b, l->done.p != NULL ? l->done.p : "", l->done.len) != 0)
		return -1;
	if (l->last.from_us != 0 && format(b, &l->last) != 0)
		return -1;
	for (int i = 0; i < KITE_CONNS_MAX; i++)
		if (l->open[i].from_us != 0 && format(b, &l->open[i]) != 0)
			return -1;
	return 0;
}

/* Brings a change to the file; without memory ledger_behind() does. */
static void
changed(struct ledger *l)
{
	struct buf b = { 0 };

	l->dirty = format_all(&b, l) != 0 ||
	    replace_put(&l->file, b.p, b.len) != 0;
	buf_free(&b);
}

/* Puts a gap that has ended behind the others, or what is one too many into
 * the last of them. */
static void
add(struct ledger *l, const struct ledger_gap *g)
{
	struct ledger_gap *last = &l->last;

	if (last->from_us == 0) {
		*last = *g;
		return;
	}
	if (l->ndone + 1 < LEDGER_ROWS_MAX && format(&l->done, last) == 0) {
		l->ndone++;
		*last = *g;
		return;
	}
	if (g->from_us < last->from_us)
		last->from_us = g->from_us;
	if (g->to_us > last->to_us)
		last->to_us = g->to_us;
	if (g->instruments > last->instruments)
		last->instruments = g->instruments;
	if (g->conn != last->conn)
		last->conn = 0;
	last->resolved &= g->resolved;
	snprintf(last->reason, sizeof(last->reason),
	    "several gaps: there were too many for rows of their own");
}

/* ---- text to rows ---- */

/* NULL, or the name of the column that is wrong. */
static const char *
read_gap(struct ledger_gap *g, char *const f[COLS])
{
	int64_t conn, n;

	*g = (struct ledger_gap){ 0 };
	if (clk_from_ist(f[C_FROM], &g->from_us) != 0 || g->from_us <= 0)
		return cols[C_FROM];
	if (!tsv_null(f[C_TO]) && (clk_from_ist(f[C_TO], &g->to_us) != 0 ||
	    g->to_us < g->from_us))
		return cols[C_TO];
	if (num_i64(f[C_CONN], g->to_us == 0, KITE_CONNS_MAX, &conn) != 0)
		return cols[C_CONN];
	if (ledger_cause_from(f[C_CAUSE], &g->cause) != 0)
		return cols[C_CAUSE];
	if (num_i64(f[C_INSTRUMENTS], 0, INT32_MAX, &n) != 0)
		return cols[C_INSTRUMENTS];
	g->conn = (uint32_t)conn;
	g->instruments = (size_t)n;
	g->resolved = strcmp(f[C_RESOLVED], "yes") == 0;
	snprintf(g->reason, sizeof(g->reason), "%s",
	    tsv_decode(f[C_REASON]));
	g->first = strlen(g->reason);
	return NULL;
}

/* The same connection may have two open gaps only by way of one that is gone. */
static void
reopen(struct ledger *l, struct ledger_gap *g, unsigned conns)
{
	struct ledger_gap *open;

	if (g->conn > conns)
		g->conn = conns;
	open = &l->open[g->conn - 1];
	if (open->from_us == 0 || g->from_us < open->from_us)
		*open = *g;
}

static int
read_rows(struct ledger *l, struct tsv *t, unsigned conns, struct fault *f)
{
	struct ledger_gap g;
	char *field[COLS];
	const char *bad;
	int col[COLS], rc;

	for (int i = 0; i < COLS; i++)
		if ((col[i] = tsv_col(t, cols[i])) == -1)
			return fault_set(f, EX_DATAERR, "no column %s",
			    cols[i]);
	while ((rc = tsv_next(t)) == 1) {
		for (int i = 0; i < COLS; i++)
			field[i] = t->f[col[i]];
		if ((bad = read_gap(&g, field)) != NULL)
			return fault_set(f, EX_DATAERR, "line %ld: bad %s",
			    t->line, bad);
		if (g.to_us == 0)
			reopen(l, &g, conns);
		else
			add(l, &g);
	}
	if (rc == -1)
		return fault_set(f, EX_DATAERR, "line %ld: %s", t->line,
		    t->why);
	return 0;
}

/* 0 read, or nothing there; -1 with f. */
static int
read_file(struct ledger *l, const char *path, unsigned conns, struct fault *f)
{
	FILE *in = fopen(path, "re");
	struct tsv t;
	int rc;

	if (in == NULL)
		return errno == ENOENT ? 0 : fault_sys(f, EX_IOERR, "%s", path);
	tsv_init(&t, in, path);
	rc = read_rows(l, &t, conns, f);
	if (ferror(in))
		rc = fault_set(f, EX_IOERR, "%s: cannot be read", path);
	tsv_free(&t);
	fclose(in);		/* only read from: nothing to lose */
	return rc;
}

/* A file that is not ours, of an older das-tick, or that cannot be read, is kept
 * beside: nothing of it is worth a day that is not captured. */
static int
put_aside(struct ledger *l, const char *path, struct fault *f)
{
	char aside[4096], why[sizeof(f->text)];

	buf_free(&l->done);
	*l = (struct ledger){ .rows = 0 };
	snprintf(why, sizeof(why), "%s", f->text);
	if (snprintf(aside, sizeof(aside), "%s.aside", path) >=
	    (int)sizeof(aside))
		return fault_set(f, EX_IOERR, "%s: path too long", path);
	if (rename(path, aside) == -1)
		return fault_sys(f, EX_IOERR, "%s", aside);
	fault_set(f, EX_DATAERR, "%s: %s; put aside as %s", path, why,
	    strrchr(aside, '/') != NULL ? strrchr(aside, '/') + 1 : aside);
	return 1;
}

/* What comes after the first reason, in the place of what did before. */
static void
add_reason(struct ledger_gap *g, const char *more)
{
	if (strncmp(g->reason, more, g->first) == 0 && more[g->first] == '\0')
		more = "";
	snprintf(g->reason + g->first, sizeof(g->reason) - g->first, "%s%s",
	    *more != '\0' ? "; " : "", more);
}

int
ledger_open(struct ledger *l, const char *path, unsigned conns,
    int64_t now_us, struct fault *f)
{
	struct fault why;
	int rc;

	*l = (struct ledger){ .rows = 0 };
	if ((rc = read_file(l, path, conns, &why)) != 0) {
		rc = put_aside(l, path, &why);
		if (f != NULL)
			*f = why;
	}
	if (rc == -1 || replace_open(&l->file, path, f) != 0) {
		buf_free(&l->done);
		return -1;
	}
	for (unsigned i = 0; i < conns; i++)
		if (l->open[i].from_us > now_us) {
			l->open[i].from_us = now_us;
			add_reason(&l->open[i], "the clock was set back");
			l->open[i].first = strlen(l->open[i].reason);
		}
	changed(l);
	return rc;
}

/* ---- gaps ---- */

void
ledger_begin(struct ledger *l, const struct ledger_gap *g)
{
	struct ledger_gap *open = &l->open[g->conn - 1];

	if (open->from_us != 0) {
		if (g->from_us < open->from_us)
			open->from_us = g->from_us;
		add_reason(open, g->reason);
	} else {
		*open = *g;
		open->to_us = 0;
		open->resolved = false;
		open->first = strlen(open->reason);
	}
	changed(l);
}

/* An open gap becomes a row that has ended; changed() is the caller's. */
static void
end(struct ledger *l, struct ledger_gap *open, int64_t to_us, bool resolved)
{
	/* a clock that was set back ends nothing before it began */
	open->to_us = to_us > open->from_us ? to_us : open->from_us;
	open->resolved = resolved;
	add(l, open);
	l->rows++;
	*open = (struct ledger_gap){ 0 };
}

void
ledger_end(struct ledger *l, uint32_t conn, int64_t to_us)
{
	if (l->open[conn - 1].from_us == 0)
		return;
	end(l, &l->open[conn - 1], to_us, true);
	changed(l);
}

void
ledger_give_up(struct ledger *l, int64_t to_us)
{
	for (int i = 0; i < KITE_CONNS_MAX; i++)
		if (l->open[i].from_us != 0)
			end(l, &l->open[i], to_us, false);
	changed(l);
}

void
ledger_add(struct ledger *l, const struct ledger_gap *g)
{
	struct ledger_gap whole = *g;

	end(l, &whole, g->to_us, g->resolved);
	changed(l);
}

int64_t
ledger_since(const struct ledger *l, uint32_t conn)
{
	return l->open[conn - 1].from_us;
}

bool
ledger_wait(struct ledger *l, int ms)
{
	return !l->dirty && replace_wait(&l->file, ms);
}

bool
ledger_behind(struct ledger *l, struct fault *f)
{
	if (l->dirty)
		changed(l);
	if (l->dirty)
		fault_set(f, EX_TEMPFAIL, "%s: out of memory", l->file.path);
	return l->dirty || replace_failing(&l->file, f);
}

int
ledger_close(struct ledger *l, struct fault *f)
{
	int rc;

	if (l->dirty)
		changed(l);
	rc = replace_close(&l->file, f);
	if (rc == 0 && l->dirty)
		rc = fault_set(f, EX_TEMPFAIL, "%s: out of memory",
		    l->file.path);
	buf_free(&l->done);
	return rc;
}
