#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clk.h"
#include "sum.h"
#include "tls.h"
#include "wire.h"
#include "ws.h"
#include "wsf.h"
#include "wshs.h"
#include "wsurl.h"

enum {
	GOODBYE_S = 2,		/* longest for the answer to a close message */
	PONG_ROOM = 16 * 1024,	/* no pong while more than that waits */
	CLOSE_NORMAL = 1000	/* RFC 6455, section 7.4.1 */
};

struct ws_loop {
	struct tls	*tls;
	struct ws	*first;
	unsigned	 n;
	int64_t		 now;		/* clk_mono() of this turn */
	uint8_t		 in[WS_CHUNK];	/* what was read just now */
};

enum ws_state { DIALLING, UPGRADING, OPEN, OVER };

struct ws {
	struct ws_loop	*loop;
	struct ws	*next;
	struct ws_spec	 spec;
	enum ws_state	 state;
	struct wire	 wire;
	struct wshs	 answer;	/* to the upgrade */
	struct wsf	 in;
	struct buf	 out;		/* the request; then frames */
	size_t		 sent;		/* of out */
	int		 slot;		/* in poll()'s table; -1: none */
	bool		 bye;		/* we said goodbye */
	bool		 closed;	/* the other side did, first or not */
	unsigned	 code;		/* that it closed with; 0: none */
	int64_t		 heard;		/* clk_mono(): when bytes came last */
	int64_t		 pinged;	/* since then; 0: not */
	int64_t		 begun;		/* a message that is not whole; 0: none */
	int64_t		 due;		/* upgrade or goodbye must be done */
	int		 status;
	struct fault	 why;
	char		 origin[300];
};

/* ---- ends ---- */

static void
say(struct ws *w, enum ws_event e, const void *p, size_t n)
{
	w->spec.on(w, e, p, n, w->spec.arg);
}

static void
say_part(struct ws *w, const struct wsf_msg *m)
{
	say(w, m->op == WSF_BINARY ? WS_PART : WS_FRAGMENT, m->p, m->n);
}

/* Forgets what was to be sent; the token is in a request. */
static void
wipe_out(struct ws *w)
{
	if (w->out.p != NULL)
		explicit_bzero(w->out.p, w->out.cap);
	buf_reset(&w->out);
	w->sent = 0;
}

void
ws_hand_on(struct ws *w)
{
	struct wsf_msg m;

	wsf_end(&w->in);
	while (wsf_next(&w->in, &m) == WSF_PART)
		say_part(w, &m);
}

/* Over: what is held of a message is handed on, w->why says why. */
static void
finish(struct ws *w)
{
	ws_hand_on(w);
	wire_close(&w->wire);
	wipe_out(w);
	w->state = OVER;
	if (*w->why.text == '\0')
		fault_set(&w->why, EX_TEMPFAIL, "%s: closed", w->origin);
	say(w, WS_CLOSED, NULL, 0);
}

/* Over, for a reason that the wire gave. */
static void
lost(struct ws *w, const struct fault *why)
{
	if (w->closed || w->bye)
		;			/* it is as it should be */
	else if (w->state == UPGRADING && why->ex == EX_TEMPFAIL)
		fault_set(&w->why, why->ex, "%s: %.150s before the upgrade was "
		    "answered", w->origin, why->text);
	else
		fault_set(&w->why, why->ex, "%s: %s", w->origin, why->text);
	finish(w);
}

/* The answer to the upgrade is whole, and no WebSocket. */
static void
refused(struct ws *w)
{
	int s = w->status;

	if (s == 401 || s == 403)
		fault_set(&w->why, EX_NOPERM, "%s: refuses the credentials "
		    "(HTTP %d)", w->origin, s);
	else if (s == 429)
		fault_set(&w->why, EX_TEMPFAIL, "%s: too many connections "
		    "(HTTP 429): the broker takes 3 of an API key; is another "
		    "program connected?", w->origin);
	else if (s >= 500)
		fault_set(&w->why, EX_TEMPFAIL, "%s: answers HTTP %d",
		    w->origin, s);
	else if (s >= 300 && s < 400)
		fault_set(&w->why, EX_PROTOCOL, "%s: redirects (HTTP %d), which "
		    "is not followed; correct the URL", w->origin, s);
	else
		fault_set(&w->why, EX_PROTOCOL, "%s: answers HTTP %d instead of "
		    "a WebSocket", w->origin, s);
	finish(w);
}

/* ---- what goes ---- */

/* Adds a frame to what is to be sent.  -1: ENOMEM. */
static int
queue(struct ws *w, enum wsf_op op, const void *p, size_t n)
{
	if (w->sent > 0) {
		w->out.len -= w->sent;
		memmove(w->out.p, w->out.p + w->sent, w->out.len);
		w->sent = 0;
	}
	return wsf_put(&w->out, op, p, n, arc4random());
}

static bool
has_more(const struct ws *w)
{
	return w->sent < w->out.len;
}

static void
send_out(struct ws *w)
{
	struct fault f;
	ssize_t n;

	if (!has_more(w))
		return;
	n = wire_write(&w->wire, w->out.p + w->sent, w->out.len - w->sent, &f);
	if (n == -1) {
		lost(w, &f);
		return;
	}
	w->sent += (size_t)n;
	if (!has_more(w))
		wipe_out(w);
}

static void
say_close(struct ws *w, unsigned code)
{
	const uint8_t p[2] = { (uint8_t)(code >> 8), (uint8_t)code };

	(void)queue(w, WSF_CLOSE, p, sizeof(p));	/* a courtesy */
}

/* ---- what comes ---- */

static void
on_close(struct ws *w, const struct wsf_msg *m)
{
	w->closed = true;
	w->code = m->n < 2 ? 0 : (unsigned)(m->p[0] << 8 | m->p[1]);
	if (!w->bye && m->n < 2)
		fault_set(&w->why, EX_TEMPFAIL, "%s: closed by the server",
		    w->origin);
	else if (!w->bye)
		fault_set(&w->why, EX_TEMPFAIL, "%s: closed by the server "
		    "(%u%s%.*s)", w->origin, w->code, m->n > 2 ? ": " : "",
		    (int)(m->n - 2), (const char *)m->p + 2);
	if (!w->bye)
		say_close(w, m->n < 2 ? CLOSE_NORMAL : w->code);
}

static void
on_message(struct ws *w, const struct wsf_msg *m)
{
	switch (m->op) {
	case WSF_BINARY:
		say(w, WS_BINARY, m->p, m->n);
		break;
	case WSF_TEXT:
		say(w, WS_TEXT, m->p, m->n);
		break;
	case WSF_PING:
		if (w->out.len - w->sent < PONG_ROOM)
			(void)queue(w, WSF_PONG, m->p, m->n);
		say(w, WS_PULSE, NULL, 0);
		break;
	case WSF_PONG:
		say(w, WS_PULSE, NULL, 0);
		break;
	default:
		on_close(w, m);
	}
}

/* Reads frames of p[n]; may end the connection. */
static void
take(struct ws *w, const uint8_t *p, size_t n)
{
	struct wsf_msg m;
	enum wsf_rc rc;
	bool any = false;

	wsf_feed(&w->in, p, n);
	while ((rc = wsf_next(&w->in, &m)) == WSF_MESSAGE || rc == WSF_PART) {
		any = true;
		if (rc == WSF_PART)
			say_part(w, &m);
		else
			on_message(w, &m);
	}
	if (rc == WSF_BAD) {
		fault_set(&w->why, EX_PROTOCOL, "%s: sent %s", w->origin,
		    w->in.why);
		finish(w);
		return;
	}
	if (!any)
		say(w, WS_ALIVE, NULL, 0);
	if (!wsf_begun(&w->in))
		w->begun = 0;
	else if (any || w->begun == 0)
		w->begun = w->loop->now;
	if (w->closed) {		/* the server closes the connection */
		send_out(w);
		if (w->state != OVER)
			finish(w);
	}
}

static void
upgrade(struct ws *w, const uint8_t *p, size_t n)
{
	size_t used;
	enum wshs_rc rc = wshs_feed(&w->answer, p, n, &used);

	w->status = w->answer.status;
	if (rc == WSHS_BAD) {
		fault_set(&w->why, w->status == 0 ? EX_TEMPFAIL : EX_PROTOCOL,
		    "%s: answers with %s", w->origin, w->answer.why);
		finish(w);
	} else if (rc == WSHS_DONE && w->status != 101)
		refused(w);
	else if (rc == WSHS_DONE) {
		w->state = OPEN;
		say(w, WS_OPEN, NULL, 0);
		if (used < n)
			take(w, p + used, n - used);
	}
}

static void
receive(struct ws *w)
{
	uint8_t *p = w->loop->in;
	struct fault f;
	ssize_t n = wire_read(&w->wire, p, WS_CHUNK, &f);

	if (n == -1)
		lost(w, &f);
	if (n <= 0)
		return;
	w->heard = w->loop->now;
	w->pinged = 0;
	if (w->state == UPGRADING)
		upgrade(w, p, (size_t)n);
	else
		take(w, p, (size_t)n);
}

/* ---- time ---- */

/* When mind_time() has something to do. */
static int64_t
due_of(const struct ws *w)
{
	int64_t due;

	if (w->state == UPGRADING || w->bye)
		return w->due;
	if (w->state == DIALLING)
		return wire_due(&w->wire);
	due = w->pinged != 0 ? w->pinged + WS_PONG_S * US_PER_SEC :
	    w->heard + WS_PING_S * US_PER_SEC;
	if (w->begun != 0 && w->begun + WS_MESSAGE_S * US_PER_SEC < due)
		due = w->begun + WS_MESSAGE_S * US_PER_SEC;
	return due;
}

static void
mind_time(struct ws *w)
{
	int64_t now = w->loop->now;

	if (now < due_of(w) || (w->state == DIALLING && !w->bye))
		return;
	if (w->bye)
		;			/* it was not answered: all the same */
	else if (w->state == UPGRADING)
		fault_set(&w->why, EX_TEMPFAIL, w->answer.total == 0 ?
		    "%s: connected, but no answer to the upgrade for %d s" :
		    "%s: the answer to the upgrade is not whole after %d s",
		    w->origin, WS_UPGRADE_S);
	else if (w->begun != 0 && now >= w->begun + WS_MESSAGE_S * US_PER_SEC)
		fault_set(&w->why, EX_TEMPFAIL, "%s: a message that is not "
		    "whole after %d s", w->origin, WS_MESSAGE_S);
	else if (w->pinged != 0)
		fault_set(&w->why, EX_TEMPFAIL, "%s: silent for %d s, and no "
		    "answer to a ping", w->origin, WS_PING_S + WS_PONG_S);
	else {
		w->pinged = now;
		(void)queue(w, WSF_PING, NULL, 0);	/* or it ends later */
		return;
	}
	finish(w);
}

/* ---- the loop ---- */

static void
dial_on(struct ws *w)
{
	struct fault f;
	int rc = wire_step(&w->wire, &f);

	if (rc == -1)
		lost(w, &f);
	else if (rc == 1) {
		w->state = UPGRADING;
		w->due = w->loop->now + WS_UPGRADE_S * US_PER_SEC;
	}
}

/* Does what can be done for a connection; revents is poll()'s. */
static void
serve(struct ws *w, short revents)
{
	if (w->state == DIALLING)
		dial_on(w);
	if ((w->state == UPGRADING || w->state == OPEN) &&
	    ((revents & ~POLLOUT) != 0 || wire_pending(&w->wire)))
		receive(w);
	if (w->state != OVER)
		mind_time(w);
	if (w->state == UPGRADING || w->state == OPEN)
		send_out(w);
}

int
ws_loop_open(struct ws_loop **out, const char *cafile, struct fault *f)
{
	struct ws_loop *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return fault_sys(f, 0, "WebSockets");
	if (tls_open(&l->tls, cafile, f) != 0) {
		free(l);
		return -1;
	}
	*out = l;
	return 0;
}

void
ws_loop_close(struct ws_loop *l)
{
	if (l == NULL)
		return;
	tls_close(l->tls);
	free(l);
}

/* Fills in what to wait for; how long at most, ms. */
static int
prepare(struct ws_loop *l, struct pollfd *fd, nfds_t *n, int ms)
{
	int64_t now = clk_mono(), wait = ms * US_PER_MS, left;

	*n = 0;
	for (struct ws *w = l->first; w != NULL; w = w->next) {
		w->slot = -1;
		if (w->state == OVER)
			continue;
		w->slot = (int)*n;
		fd[(*n)++] = (struct pollfd){ .fd = wire_fd(&w->wire),
		    .events = wire_events(&w->wire, has_more(w)) };
		left = wire_pending(&w->wire) ? 0 : due_of(w) - now;
		if (left < wait)
			wait = left > 0 ? left : 0;
	}
	return (int)((wait + US_PER_MS - 1) / US_PER_MS);
}

int
ws_turn(struct ws_loop *l, int ms, struct fault *f)
{
	struct pollfd fd[WS_CONNS];
	nfds_t n;

	ms = prepare(l, fd, &n, ms);
	if (poll(fd, n, ms) == -1) {
		if (errno != EINTR)
			return fault_sys(f, EX_OSERR, "poll");
		return 0;
	}
	l->now = clk_mono();
	for (struct ws *w = l->first; w != NULL; w = w->next)
		if (w->state != OVER && w->slot != -1)
			serve(w, fd[w->slot].revents);
	return 0;
}

int64_t
ws_now(const struct ws_loop *l)
{
	return l->now;
}

/* ---- connections ---- */

/* The request, into out, and what the answer must have. */
static int
prepare_upgrade(struct ws *w, const struct wsurl *p)
{
	uint8_t nonce[WSHS_NONCE], hash[WSHS_HASH];
	char key[WSHS_KEY], text[WSHS_KEY + sizeof(WSHS_GUID)];
	struct wshs_request r = { .host = strstr(p->origin, "//") + 2,
	    .key = key, .headers = w->spec.headers };
	struct buf path = { 0 };
	size_t n = strcspn(p->rest, "#");
	int rc = -1;

	arc4random_buf(nonce, sizeof(nonce));
	wshs_base64(nonce, sizeof(nonce), key);
	snprintf(text, sizeof(text), "%s%s", key, WSHS_GUID);
	if (buf_room(&path, n + 1) == 0 &&
	    buf_addf(&path, "%s%.*s", *p->rest == '/' ? "" : "/", (int)n,
	    p->rest) == 0 && sum_sha1(text, strlen(text), hash) == 0) {
		r.path = path.p;
		wshs_init(&w->answer, hash);
		rc = wshs_request(&w->out, &r);
	}
	if (path.p != NULL)
		explicit_bzero(path.p, path.cap);	/* the token is in it */
	buf_free(&path);
	return rc;
}

static int
start(struct ws *w, const struct wsurl *p, struct fault *f)
{
	struct fault why;

	if (prepare_upgrade(w, p) != 0)
		return errno == EINVAL ? fault_set(f, EX_CONFIG, "%s: a URL or "
		    "header with blanks or control characters", p->origin) :
		    fault_sys(f, EX_TEMPFAIL, "%s", p->origin);
	if (wire_dial(&w->wire, p->host, p->port, p->tls ? w->loop->tls : NULL,
	    &why) != 0)
		return fault_set(f, why.ex, "%s: %s", p->origin, why.text);
	return 0;
}

int
ws_connect(struct ws **out, struct ws_loop *l, const struct ws_spec *spec,
    struct fault *f)
{
	struct wsurl p;
	struct ws *w, **end = &l->first;

	*out = NULL;
	if (wsurl_read(&p, spec->url) != 0)
		return fault_set(f, EX_CONFIG, "no URL of a WebSocket: want "
		    "wss://HOST");
	if (!p.tls && !wsurl_loopback(&p))
		return fault_set(f, EX_CONFIG, "%s: plain ws is for this "
		    "machine only; use wss", p.origin);
	if (l->n == WS_CONNS)
		return fault_set(f, EX_TEMPFAIL, "%s: %d connections are open "
		    "already", p.origin, WS_CONNS);
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return fault_sys(f, EX_TEMPFAIL, "%s", p.origin);
	w->loop = l;
	w->spec = *spec;
	w->spec.url = NULL;
	w->slot = -1;
	memcpy(w->origin, p.origin, sizeof(w->origin));
	wsf_init(&w->in, spec->max);
	while (*end != NULL)		/* who dials first is served first */
		end = &(*end)->next;
	*end = w;
	l->n++;
	if (start(w, &p, f) != 0) {
		ws_delete(w);
		return -1;
	}
	*out = w;
	return 0;
}

int
ws_send_text(struct ws *w, const char *p, size_t n, struct fault *f)
{
	if (w->state != OPEN || w->bye || w->closed)
		return fault_set(f, EX_PROTOCOL, "%s: not connected",
		    w->origin);
	if (w->out.len - w->sent + n > WS_QUEUE)
		return fault_set(f, EX_TEMPFAIL, "%s: %zu bytes wait already",
		    w->origin, w->out.len - w->sent);
	if (queue(w, WSF_TEXT, p, n) != 0)
		return fault_sys(f, EX_TEMPFAIL, "%s", w->origin);
	return 0;
}

void
ws_goodbye(struct ws *w)
{
	if (w->bye)
		return;
	w->bye = true;
	w->due = clk_mono();
	if (w->state == OPEN && !w->closed) {
		w->due += GOODBYE_S * US_PER_SEC;
		say_close(w, CLOSE_NORMAL);
	}
}

void
ws_delete(struct ws *w)
{
	struct ws **at;

	if (w == NULL)
		return;
	for (at = &w->loop->first; *at != w; at = &(*at)->next)
		;
	*at = w->next;
	w->loop->n--;
	wire_close(&w->wire);
	wsf_free(&w->in);
	wipe_out(w);
	buf_free(&w->out);
	free(w);
}

bool
ws_peer_closed(const struct ws *w)
{
	return w->closed;
}

unsigned
ws_close_code(const struct ws *w)
{
	return w->code;
}

int
ws_status(const struct ws *w)
{
	return w->status;
}

const struct fault *
ws_why(const struct ws *w)
{
	return &w->why;
}
