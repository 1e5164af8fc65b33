#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "buf.h"
#include "clk.h"
#include "form.h"
#include "ticker.h"
#include "ws.h"

enum {
	BACKOFF_MIN_MS = 200,
	BACKOFF_MAX_MS = 15000,
	LOOK_US = 200000		/* between looks at the token file */
};

enum state { WAITING, DIALLING, OPEN };

struct line {
	struct ticker	*t;
	uint32_t	 conn;
	enum state	 state;
	struct ws	*ws;
	bool		 closed;	/* WS_CLOSED came */
	bool		 proven;	/* brought more than heartbeats */
	unsigned	 fails;		/* in a row */
	bool		 refused;	/* the token of that file: */
	struct access_stamp used;
	int64_t		 due;		/* WAITING: when to dial, clk_mono() */
	int64_t		 looked;	/* at the token file */
	int64_t		 heard;		/* when something came last */
};

struct ticker {
	struct ticker_spec spec;
	struct ws_loop	*loop;
	struct line	 line[KITE_CONNS_MAX];
	unsigned	 lines;
	uint32_t	 chosen[KITE_TOKENS_MAX];	/* a connection's share */
	bool		 paused;
};

static const char *const headers[] = { "X-Kite-Version", "3", NULL };

/* ---- token and URL ---- */

int
ticker_no_plan(const struct fault *refusal, struct fault *f)
{
	return fault_set(f, EX_NOPERM, "%s though the access token is good: the "
	    "API app has no plan with market data, or apiKey is another app's",
	    refusal->text);
}

static int
make_url(const struct ticker_spec *s, struct buf *url, struct fault *f)
{
	char token[ACCESS_MAX];
	int rc = -1;

	if (access_read(s->token_file, token, NULL, f) != 0)
		return -1;
	if (buf_addf(url, "%s%sapi_key=", s->url,
	    strchr(s->url, '?') != NULL ? "&" : "?") != 0 ||
	    form_escape(url, s->api_key) != 0 ||
	    buf_adds(url, "&access_token=") != 0 ||
	    form_escape(url, token) != 0)
		fault_sys(f, 0, "ticker");
	else
		rc = 0;
	explicit_bzero(token, sizeof(token));
	return rc;
}

/* ---- one connection ---- */

/*
 * When to dial again: 0.2 s, doubled with every failure up to 15 s, and of that
 * a random part between a half and all, so that programs that lost the same
 * server do not all come back at once.  Where the token is refused only a new
 * one helps, which must_dial() looks for.
 */
static void
back_off(struct line *l, int ex)
{
	int64_t ms = BACKOFF_MIN_MS;

	for (unsigned i = 0; i < l->fails && ms < BACKOFF_MAX_MS; i++)
		ms *= 2;
	if (ms > BACKOFF_MAX_MS)
		ms = BACKOFF_MAX_MS;
	if ((l->refused = ex == EX_NOPERM))
		ms = TICKER_REFUSED_S * 1000;
	ms = ms / 2 + (int64_t)arc4random_uniform((uint32_t)(ms / 2 + 1));
	l->due = clk_mono() + ms * US_PER_MS;
	l->fails++;
}

static void
drop(struct line *l)
{
	if (l->state == OPEN)
		ws_hand_on(l->ws);	/* it was received */
	ws_delete(l->ws);
	l->ws = NULL;
	l->state = WAITING;
	l->closed = false;
}

/* Why a connection, or an attempt, ended by itself, in the ledger's words. */
static enum ledger_cause
cause(const struct line *l, const struct fault *why)
{
	int status = l->ws != NULL ? ws_status(l->ws) : 0;

	if (l->state != OPEN && status != 0 && status != 101)
		return LEDGER_HTTP;
	if (why->ex == EX_PROTOCOL)
		return LEDGER_PROTOCOL;
	if (l->state != OPEN)
		return LEDGER_DIAL;
	return ws_peer_closed(l->ws) ? LEDGER_CLOSED : LEDGER_RESET;
}

/* The connection, or the attempt, is over. */
static void
lose(struct line *l, enum ledger_cause c, const struct fault *why)
{
	struct fault f = *why;		/* drop() frees what it may be in */
	bool open = l->state == OPEN;

	drop(l);
	if (l->proven)
		l->fails = 0;
	l->proven = false;
	back_off(l, f.ex);
	l->t->spec.calls.lost(l->conn, open, c, &f, l->t->spec.arg);
}

/* One message: these tokens, or their mode. */
static int
say(struct line *l, const uint32_t *token, size_t n, bool mode,
    struct fault *f)
{
	struct buf b = { 0 };
	int rc;

	if ((mode ? kite_mode(&b, "full", token, n) :
	    kite_subscribe(&b, "subscribe", token, n)) != 0)
		rc = fault_sys(f, 0, "ticker");
	else
		rc = ws_send_text(l->ws, b.p, b.len, f);
	buf_free(&b);
	return rc;
}

static int
subscribe(struct line *l, const uint32_t *token, size_t n, struct fault *f)
{
	for (size_t i = 0; i < n; i += TICKER_CHUNK) {
		size_t k = n - i < TICKER_CHUNK ? n - i : TICKER_CHUNK;

		if (say(l, token + i, k, false, f) != 0 ||
		    say(l, token + i, k, true, f) != 0)
			return -1;
	}
	return 0;
}

static int
subscribe_all(struct line *l, struct fault *f)
{
	const struct plan *p = l->t->spec.plan;
	size_t n = p->share[l->conn - 1].n;

	for (size_t k = 0; k < n; k++)
		l->t->chosen[k] = l->t->spec.token[plan_item(p, l->conn, k)];
	return subscribe(l, l->t->chosen, n, f);
}

static void
on_ws(struct ws *w, enum ws_event e, const uint8_t *p, size_t n, void *arg)
{
	struct line *l = arg;
	const struct ticker_calls *c = &l->t->spec.calls;
	struct fault f;

	if (e != WS_PULSE)	/* heartbeats are messages; this is none */
		l->heard = ws_now(l->t->loop);
	switch (e) {
	case WS_OPEN:
		l->ws = w;
		l->state = OPEN;
		if (subscribe_all(l, &f) != 0)
			ws_goodbye(w);
		else
			c->opened(l->conn, l->t->spec.arg);
		break;
	case WS_BINARY:
	case WS_PART:
		l->proven |= n > 1;
		c->frame(l->conn, CAPTURE_BINARY, p, n, e == WS_PART,
		    l->t->spec.arg);
		break;
	case WS_TEXT:
		c->frame(l->conn, CAPTURE_TEXT, p, n, false, l->t->spec.arg);
		break;
	case WS_FRAGMENT:
		c->frame(l->conn, CAPTURE_FRAGMENT, p, n, true,
		    l->t->spec.arg);
		break;
	case WS_ALIVE:
	case WS_PULSE:
		break;
	case WS_CLOSED:
		l->closed = true;
		break;
	}
}

/* Is the token file another one than that whose token was refused? */
static bool
has_new_token(const struct line *l)
{
	struct access_stamp now = access_stamp(l->t->spec.token_file);

	return !access_same(&now, &l->used);
}

static bool
must_dial(struct line *l, int64_t now)
{
	if (l->t->paused || now >= l->due)
		return !l->t->paused;
	if (!l->refused || now < l->looked + LOOK_US)
		return false;
	l->looked = now;
	return has_new_token(l);
}

static void
dial(struct line *l)
{
	const struct ticker_spec *s = &l->t->spec;
	struct ws_spec spec = { .headers = headers, .max = TICKER_MESSAGE_MAX,
	    .on = on_ws, .arg = l };
	struct buf url = { 0 };
	struct fault f;
	int rc;

	l->heard = clk_mono();
	l->used = access_stamp(s->token_file);
	if ((rc = make_url(s, &url, &f)) == 0) {
		spec.url = url.p;
		rc = ws_connect(&l->ws, l->t->loop, &spec, &f);
	}
	if (url.p != NULL)
		explicit_bzero(url.p, url.cap);
	buf_free(&url);
	if (rc != 0)
		lose(l, cause(l, &f), &f);
	else if (l->state == WAITING)
		l->state = DIALLING;
}

/*
 * Ends what is over or silent.  Only behind a turn of the loop: when the machine
 * or the disk held us up, what has arrived meanwhile is received first.
 */
static void
judge(struct line *l)
{
	int64_t now = clk_mono();
	struct fault f;

	if (l->closed)
		lose(l, cause(l, ws_why(l->ws)), ws_why(l->ws));
	else if (l->state == OPEN &&
	    now - l->heard > TICKER_SILENT_S * US_PER_SEC) {
		fault_set(&f, EX_TEMPFAIL, "silent for %d s", TICKER_SILENT_S);
		lose(l, LEDGER_SILENT, &f);
	} else if (l->state == DIALLING &&
	    now - l->heard > TICKER_DIAL_S * US_PER_SEC) {
		fault_set(&f, EX_TEMPFAIL, "no answer for %d s", TICKER_DIAL_S);
		lose(l, LEDGER_DIAL, &f);
	}
}

/* ---- all of them ---- */

int
ticker_open(struct ticker **out, const struct ticker_spec *spec,
    struct fault *f)
{
	struct ticker *t;

	if (spec->plan->n == 0)
		return fault_set(f, EX_DATAERR, "no instruments");
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return fault_sys(f, EX_OSERR, "ticker");
	t->spec = *spec;
	if (ws_loop_open(&t->loop, spec->cafile, f) != 0) {
		free(t);
		return -1;
	}
	t->lines = spec->plan->conns;
	for (unsigned i = 0; i < t->lines; i++)
		t->line[i] = (struct line){ .t = t, .conn = i + 1 };
	*out = t;
	return 0;
}

int
ticker_turn(struct ticker *t, int ms, struct fault *f)
{
	for (unsigned i = 0; i < t->lines; i++)
		if (t->line[i].state == WAITING &&
		    must_dial(&t->line[i], clk_mono()))
			dial(&t->line[i]);
	if (ws_turn(t->loop, ms, f) != 0)
		return -1;
	for (unsigned i = 0; i < t->lines; i++)
		judge(&t->line[i]);
	return 0;
}

void
ticker_give_up(struct ticker *t, uint32_t conn, enum ledger_cause c,
    const struct fault *why)
{
	if (t->line[conn - 1].state == OPEN)
		lose(&t->line[conn - 1], c, why);
}

void
ticker_pause(struct ticker *t, bool pause)
{
	t->paused = pause;
	for (unsigned i = 0; pause && i < t->lines; i++) {
		drop(&t->line[i]);
		t->line[i].due = 0;
	}
}

bool
ticker_is_open(const struct ticker *t, uint32_t conn)
{
	return t->line[conn - 1].state == OPEN && !t->line[conn - 1].closed;
}

int
ticker_ask(struct ticker *t, uint32_t conn, const uint32_t *token, size_t n,
    struct fault *f)
{
	struct line *l = &t->line[conn - 1];

	if (!ticker_is_open(t, conn))
		return fault_set(f, EX_TEMPFAIL, "connection %u is not open",
		    conn);
	return subscribe(l, token, n, f);
}

static bool
any_open(const struct ticker *t)
{
	bool open = false;

	for (unsigned i = 0; i < t->lines; i++)
		open |= ticker_is_open(t, i + 1);
	return open;
}

void
ticker_close(struct ticker *t, int ms)
{
	int64_t end = clk_mono() + ms * US_PER_MS, left;
	struct fault f;

	if (t == NULL)
		return;
	for (unsigned i = 0; i < t->lines; i++)
		if (ticker_is_open(t, i + 1))
			ws_goodbye(t->line[i].ws);
	while (any_open(t) && (left = end - clk_mono()) > 0 &&
	    ws_turn(t->loop, (int)(left / US_PER_MS) + 1, &f) == 0)
		;
	for (unsigned i = 0; i < t->lines; i++)
		drop(&t->line[i]);
	ws_loop_close(t->loop);
	free(t);
}

unsigned
ticker_conns(const struct ticker *t)
{
	return t->lines;
}

unsigned
ticker_open_conns(const struct ticker *t)
{
	unsigned n = 0;

	for (unsigned i = 0; i < t->lines; i++)
		n += t->line[i].state == OPEN;
	return n;
}

bool
ticker_refused(const struct ticker *t)
{
	bool refused = false;

	for (unsigned i = 0; i < t->lines; i++)
		refused |= t->line[i].state == WAITING && t->line[i].refused &&
		    !has_new_token(&t->line[i]);
	return refused;
}

size_t
ticker_tokens(const struct ticker *t, uint32_t conn)
{
	return t->spec.plan->share[conn - 1].n;
}
