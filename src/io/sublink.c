#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "js.h"
#include "subconn.h"
#include "sublink.h"

enum { ANSWER_S = 10 };		/* for the answer to the subscription */

enum state { IDLE, DIALLING, ASKED, ON };

struct seen {				/* the last row of a symbol */
	uint64_t	 seq;
	char		 symbol[];
};

struct sublink {
	struct sublink_spec spec;
	struct subconn	*conn;
	enum state	 state;
	int64_t		 due;		/* clk_mono(): IDLE: dial; ASKED: answer */
	int64_t		 fails;		/* since it was ON last */
	int64_t		 lost;		/* clk_mono(): when it was; 0: never */
	bool		 begun;		/* it was ON once */
	bool		 bye;		/* the server ended its last connection,
					 * as it does before it ends itself */
	bool		 closed;	/* SUBCONN_CLOSED came */
	bool		 enough;
	bool		 over;		/* why says why */
	bool		 placed;
	struct sublink_place place;
	bool		 resumes;	/* the server knows "since" */
	bool		 since;		/* and was asked for it */
	void		*seen;		/* tsearch(3), by symbol */
	int32_t		 newest;	/* day of a row so far; -1: none came */
	struct subrow	 row;
	struct fault	 why;
};

static void
say(struct sublink *l, const char *text)
{
	l->spec.say(text, l->spec.arg);
}

/* ---- rows ---- */

static int
by_symbol(const void *a, const void *b)
{
	return strcmp(((const struct seen *)a)->symbol,
	    ((const struct seen *)b)->symbol);
}

/* Whether this row of its symbol was handed on before; remembers it. */
static bool
seen(struct sublink *l, const struct subrow *r)
{
	const char *symbol = r->value[0];
	struct seen *s = malloc(sizeof(*s) + r->len[0] + 1), **at = NULL;
	bool same = false;

	if (s != NULL) {
		s->seq = r->seq;
		memcpy(s->symbol, symbol, r->len[0] + 1);
		at = tsearch(s, &l->seen, by_symbol);
	}
	if (at == NULL) {	/* rather twice than not at all */
		free(s);
		return false;
	}
	if (*at != s) {
		same = (*at)->seq == s->seq;
		(*at)->seq = s->seq;
		free(s);
	}
	return same;
}

/* The day of the row's time, in the market's zone; -1 it has none. */
static int32_t
day_of(const struct subrow *r)
{
	static int ts = -1;
	int64_t us;

	if (ts == -1)
		ts = subrow_column("ts");
	return r->value[ts] != NULL && clk_from_iso(r->value[ts], &us) == 0 ?
	    clk_day_of(us) : -1;
}

/*
 * Whether the row is to be handed on.  Where nothing is new a server repeats the
 * latest of each symbol, in tick mode too, and there also of symbols that had no
 * row since we came.  Numbers that begin anew are those of another day.
 */
static bool
is_new(struct sublink *l, const struct subrow *r)
{
	int32_t day;

	if (r->seq == 0)
		return true;
	if (seen(l, r))
		return false;
	if (!l->spec.tick)
		return true;
	day = day_of(r);
	if (l->placed && r->seq <= l->place.seq) {
		if (day <= l->newest)
			return false;
		l->place.day[0] = '\0';
	}
	if (day > l->newest)
		l->newest = day;
	l->place.seq = r->seq;
	l->placed = true;
	return true;
}

/* It is over: the other side did, or said, what. */
static void
fatal(struct sublink *l, const char *did, const char *what)
{
	fault_set(&l->why, EX_PROTOCOL, "%s: %s%s", subconn_name(l->conn), did,
	    what);
	l->over = true;
	l->bye = false;
}

static void
take_row(struct sublink *l, const char *p, size_t n)
{
	const char *why = subrow_read(&l->row, p, n);

	if (why != NULL)
		fatal(l, "sent ", why);
	else if (is_new(l, &l->row) &&
	    !l->spec.row(&l->row, p, n, l->spec.arg))
		l->enough = true;
}

/* ---- requests and answers ---- */

/* Asks for the rows; behind the last one where there is one. */
static void
subscribe(struct sublink *l)
{
	struct buf b = { 0 };
	int rc;

	rc = buf_addf(&b, "{\"type\":\"subscribe\",\"mode\":\"%s\","
	    "\"shape\":\"flat\",\"seq\":true%s%s", l->spec.tick ? "tick" : "snapshot",
	    *l->spec.want != '\0' ? "," : "", l->spec.want);
	if (rc == 0 && !l->spec.tick)
		rc = buf_adds(&b, ",\"snapshot\":true");
	l->since = l->spec.tick && l->placed;
	if (rc == 0 && l->since)
		rc = buf_addf(&b, ",\"since\":%" PRIu64, l->place.seq);
	if (rc == 0 && l->since && *l->place.day != '\0')
		rc = buf_addf(&b, ",\"day\":\"%s\"", l->place.day);
	if (rc == 0)
		rc = buf_adds(&b, "}");
	if (rc == 0)
		(void)subconn_send(l->conn, b.p, b.len);	/* or no answer
								 * comes */
	buf_free(&b);
	l->state = ASKED;
	l->due = clk_mono() + ANSWER_S * US_PER_SEC;
}

/* What may be missing after a break, in words. */
static void
say_gap(struct sublink *l, const char *day)
{
	char text[200];

	if (day != NULL && *l->place.day != '\0')
		snprintf(text, sizeof(text), "gap: the server is at %s, rows "
		    "of %s after number %" PRIu64 " may be missing", day,
		    l->place.day, l->place.seq);
	else if (l->lost != 0)
		snprintf(text, sizeof(text), "gap: rows of the last %" PRId64
		    " s may be missing, the server cannot give them again",
		    (clk_mono() - l->lost) / US_PER_SEC + 1);
	else
		snprintf(text, sizeof(text), "gap: rows after number %" PRIu64
		    " may be missing, the server cannot give them again",
		    l->place.seq);
	say(l, text);
}

/* The subscription is taken.  Answers with a seq are those of a server that
 * can go back. */
static void
on_subscribed(struct sublink *l, const struct js *doc)
{
	const char *day = js_str(js_get(doc, "day"));
	int64_t seq = 0, fits;
	int32_t number;
	bool asked = l->since, other;

	if (day != NULL && clk_day_from(day, &number) != 0)
		day = NULL;
	l->resumes = day != NULL && js_int(js_get(doc, "seq"), &seq) == 0 &&
	    seq >= 0;
	other = l->resumes && *l->place.day != '\0' &&
	    strcmp(day, l->place.day) != 0;
	if (asked && (!l->resumes || other))
		say_gap(l, other ? day : NULL);
	else if (l->lost != 0)
		say(l, "connected again");
	if (l->resumes) {
		memcpy(l->place.day, day, CLK_DAY);
		l->newest = number;
		if (other)
			l->place.seq = 0;
		else if (!asked)
			l->place.seq = (uint64_t)seq;
		l->placed = true;
	}
	if (!l->begun && js_int(js_get(doc, "symbols"), &fits) == 0 &&
	    fits == 0)
		say(l, "no symbol that has a row today fits yet");
	if (!l->begun)
		l->spec.begun(l->spec.arg);
	l->begun = true;
	l->state = ON;
	l->fails = l->lost = 0;
	l->bye = false;
}

static void
on_error(struct sublink *l, const struct js *doc)
{
	const char *code = js_str(js_get(doc, "code"));
	const char *words = js_str(js_get(doc, "message"));

	if (l->state != ASKED || (code != NULL && strcmp(code, "busy") == 0))
		return;		/* without an answer it is asked again */
	if (l->since && l->begun) {	/* it has another spool, say */
		say_gap(l, NULL);
		l->placed = false;
		subscribe(l);
		return;
	}
	fatal(l, "refuses the subscription: ",
	    words != NULL ? words : "it does not say why");
}

/* We were too slow.  The latest of each symbol follows: for a snapshot that is
 * all there is to have. */
static void
on_skipped(struct sublink *l, const struct js *doc)
{
	int64_t n = 0;
	char text[100];

	if (l->state != ON || !l->spec.tick)
		return;
	if (l->resumes) {
		subscribe(l);
		return;
	}
	(void)js_int(js_get(doc, "n"), &n);
	snprintf(text, sizeof(text), "gap: %" PRId64 " rows are missing, they "
	    "were not taken in time", n);
	say(l, text);
}

static void
take_message(struct sublink *l, const char *p, size_t n)
{
	struct js *doc = js_parse(p, n, NULL);
	const char *type = js_str(js_get(doc, "type"));

	if (type == NULL)
		fatal(l, "is it a das-cast? It sent a message ", doc == NULL ?
		    "that is no JSON" : "without a type");
	else if (strcmp(type, "subscribed") == 0 && l->state == ASKED)
		on_subscribed(l, doc);
	else if (strcmp(type, "error") == 0)
		on_error(l, doc);
	else if (strcmp(type, "skipped") == 0)
		on_skipped(l, doc);
	js_free(doc);		/* others are of no concern */
}

static void
on_event(enum subconn_event e, const char *p, size_t n, void *arg)
{
	struct sublink *l = arg;

	if (l->over || l->enough)
		return;
	if (e == SUBCONN_OPEN)
		subscribe(l);
	else if (e == SUBCONN_CLOSED)
		l->closed = true;
	else if (!subrow_is(p, n))
		take_message(l, p, n);
	else if (l->state == ON)	/* before it comes what was not asked
					 * for */
		take_row(l, p, n);
}

/* ---- connections ---- */

/* Half to all of it, so that clients that lost the same server do not come back
 * at the same moment. */
static int64_t
pause_us(const struct sublink *l)
{
	int64_t s = l->fails < 7 ? INT64_C(1) << (l->fails - 1) : 64;

	if (s > l->spec.delay_s)
		s = l->spec.delay_s;
	return s * US_PER_SEC / 2 +
	    (int64_t)arc4random_uniform((uint32_t)(s * US_PER_SEC / 2 + 1));
}

/* The connection is over, or never was: why.  Decides how it goes on. */
static void
lost(struct sublink *l, const struct fault *why)
{
	char text[200];

	l->fails++;
	if (why->ex != EX_TEMPFAIL) {
		l->why = *why;
		l->over = true;
		l->bye = false;
	} else if (l->fails >= l->spec.tries) {
		fault_set(&l->why, EX_UNAVAILABLE, "%.150s; gave up after %"
		    PRId64 " tries", why->text, l->fails);
		l->over = true;
	} else if (l->fails == 1) {
		snprintf(text, sizeof(text), "%.180s; trying again", why->text);
		say(l, text);
	}
	if (l->state == ON)
		l->lost = clk_mono();
	l->state = IDLE;
	l->due = clk_mono() + pause_us(l);
	subconn_drop(l->conn);
}

static void
dial(struct sublink *l)
{
	struct fault f;

	l->closed = false;
	l->state = DIALLING;
	if (subconn_dial(l->conn, &f) != 0)
		lost(l, &f);
}

static void
on_closed(struct sublink *l)
{
	unsigned code = subconn_code(l->conn);

	if (l->state == ON && code == 1000) {	/* there will be no more */
		l->bye = l->over = true;
		return;
	}
	if (l->state == ON)
		l->bye = code == 1001;
	lost(l, subconn_why(l->conn));
}

int
sublink_turn(struct sublink *l, int ms, struct fault *f)
{
	struct fault slow = { .ex = EX_TEMPFAIL };
	int64_t left = (l->due - clk_mono()) / US_PER_MS;

	if (l->state == IDLE && left <= 0)
		dial(l);
	else if (l->state == IDLE && left < ms)
		ms = (int)left + 1;
	if (!l->over && subconn_turn(l->conn, ms, f) != 0)
		return -1;
	if (l->state != IDLE && l->closed && !l->over && !l->enough)
		on_closed(l);
	else if (l->state == ASKED && clk_mono() > l->due && !l->over) {
		fault_set(&slow, EX_TEMPFAIL, "%s: no answer to the "
		    "subscription for %d s", subconn_name(l->conn), ANSWER_S);
		lost(l, &slow);
	}
	if (l->enough)
		return SUBLINK_ENOUGH;
	if (l->over && l->bye)
		return SUBLINK_END;
	if (l->over)
		*f = l->why;
	return l->over ? -1 : SUBLINK_ON;
}

int
sublink_open(struct sublink **out, const struct sublink_spec *spec,
    struct fault *f)
{
	struct sublink *l = calloc(1, sizeof(*l));
	struct subconn_spec conn = { .where = spec->url, .token = spec->token,
	    .cafile = spec->cafile, .on = on_event, .arg = l };

	if (l == NULL)
		return fault_sys(f, EX_OSERR, "connection");
	l->spec = *spec;
	l->spec.from = NULL;
	l->newest = -1;
	if (spec->from != NULL) {
		l->place = *spec->from;
		l->placed = true;
	}
	if (subconn_open(&l->conn, &conn, f) != 0) {
		free(l);
		return -1;
	}
	*out = l;
	return 0;
}

const struct sublink_place *
sublink_at(const struct sublink *l)
{
	return l->placed && l->place.seq > 0 ? &l->place : NULL;
}

void
sublink_close(struct sublink *l)
{
	if (l == NULL)
		return;
	l->enough = true;		/* no more rows */
	subconn_close(l->conn);
	tdestroy(l->seen, free);
	subrow_free(&l->row);
	free(l);
}
