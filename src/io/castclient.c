#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "castask.h"
#include "castclient.h"
#include "castfill.h"
#include "casthttp.h"
#include "castline.h"
#include "castout.h"
#include "castreq.h"
#include "castsock.h"
#include "clk.h"
#include "wsz.h"

enum {
	OUT_PAUSE = 64 * 1024,	/* with more to be sent nothing is read */
	REQUESTS_S = 1000,	/* requests a second */
	BURST = 500,		/* and at once */
	PIECES = 4		/* read in a row */
};

/* Real time, us. */
static const int64_t HELD_US = US_PER_SEC / 4;	/* welcome, then a request: its
				 * answer is the next message, as the original's
				 * clients expect it */

struct castclient *
castclient_new(struct cast *k, int fd, bool secure)
{
	struct castclient *c = calloc(1, sizeof(*c));
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP |
	    EPOLLET };

	e.data.ptr = c;
	if (c == NULL || epoll_ctl(k->epoll, EPOLL_CTL_ADD, fd, &e) == -1) {
		free(c);
		close(fd);
		return NULL;
	}
	c->cast = k;
	c->fd = fd;
	c->secure = secure;
	c->born_us = c->heard_us = c->moved_us = c->budget_us = k->now;
	c->budget = BURST * 1000;
	TAILQ_INSERT_TAIL(&k->clients, c, link);
	k->nclient++;
	k->count.accepted++;
	return c;
}

/* The connection is over; the memory goes at the end of the turn. */
void
castclient_end(struct castclient *c)
{
	struct cast *k = c->cast;

	if (c->state == CASTCLIENT_GONE)
		return;
	c->state = CASTCLIENT_GONE;
	c->behind = true;		/* its place in the log is nobody's */
	TAILQ_REMOVE(&k->clients, c, link);
	TAILQ_INSERT_TAIL(&k->gone, c, link);
	k->nclient--;
	if (c->held)
		TAILQ_REMOVE(&k->fresh, c, fresh_link);
	castpeer_drop(c->peer);
	c->peer = NULL;
	if (c->again)
		TAILQ_REMOVE(&k->again, c, again_link);
	castfill_forget(c);
	castask_forget(c);
	c->held = c->again = false;
	castsock_close(c);
}

void
castclient_bury(struct cast *k)
{
	struct castclient *c;

	while ((c = TAILQ_FIRST(&k->gone)) != NULL) {
		TAILQ_REMOVE(&k->gone, c, link);
		if (c->ch != NULL) {
			castchan_leave(c);
			k->nopen--;
		}
		k->pending -= c->counted;
		buf_free(&c->out);
		wsfs_free(&c->in);
		free(c);
	}
}

void
castclient_abort_all(struct cast *k)
{
	struct castclient *c;

	while ((c = TAILQ_FIRST(&k->clients)) != NULL)
		castclient_end(c);
	castclient_bury(k);
}

void
castclient_fresh(struct cast *k)
{
	struct castclient *c;

	while ((c = TAILQ_FIRST(&k->fresh)) != NULL &&
	    k->now - c->born_us >= HELD_US) {
		TAILQ_REMOVE(&k->fresh, c, fresh_link);
		c->held = false;
		castout_flush(c);
	}
}

/* ---- in ---- */

static void
message(struct castclient *c, const struct wsfs_msg *m)
{
	struct buf text = { 0 };

	c->budget -= 1000;
	if (m->op < WSF_CLOSE)
		c->part_us = 0;
	switch (m->op) {
	case WSF_PING:
		castout_frame(c, WSF_PONG, m->p, m->n);
		break;
	case WSF_CLOSE:
		castout_close(c, m->n >= 2 ? (unsigned)m->p[0] << 8 |
		    m->p[1] : WSFS_NORMAL, "");
		break;
	case WSF_BINARY:
		c->cast->count.closed_bad++;
		castout_close(c, WSFS_UNSUPPORTED, "text, please");
		break;
	case WSF_TEXT:
		if (!m->packed) {
			castreq_take(c, (const char *)m->p, m->n);
			break;
		}
		if (wsz_unpack(m->p, m->n, &text, CAST_MESSAGE) == 0 &&
		    wsfs_utf8((uint8_t *)text.p, text.len))
			castreq_take(c, text.p, text.len);
		else
			castout_close(c, WSFS_NO_UTF8, "not what it was "
			    "packed as, too long, or no UTF-8");
		buf_free(&text);
		break;
	default:
		break;
	}
}

bool
castclient_may_read(struct castclient *c)
{
	int64_t now = c->cast->now;

	c->budget += (now - c->budget_us) * REQUESTS_S / 1000;
	c->budget_us = now;
	if (c->budget > BURST * 1000)
		c->budget = BURST * 1000;
	return c->budget > 0 && c->out.len - c->out_at < OUT_PAUSE;
}

/* Since when has a message begun, and not ended? */
static void
note_part(struct castclient *c, size_t held)
{
	if (held == 0)
		c->part_us = 0;
	else if (c->part_us == 0)
		c->part_us = c->cast->now;
}

static void
take_frames(struct castclient *c, uint8_t *p, size_t n)
{
	struct wsfs_msg m;
	enum wsfs_rc rc = WSFS_MORE;

	if (c->wire != CASTWIRE_WS) {
		if (c->wire == CASTWIRE_LINES)
			castline_take(c, (const char *)p, n);
		note_part(c, c->in.held.len);
		return;		/* who gets events has nothing to say */
	}
	wsfs_feed(&c->in, p, n);
	c->paused = false;
	while (c->state == CASTCLIENT_OPEN &&
	    (rc = wsfs_next(&c->in, &m)) == WSFS_MESSAGE) {
		message(c, &m);
		castout_flush(c);
		if (!castclient_may_read(c)) {
			wsfs_pause(&c->in);
			c->paused = true;
			return;
		}
	}
	note_part(c, c->in.held.len + c->in.part.len);
	if (rc == WSFS_BAD && c->state == CASTCLIENT_OPEN) {
		c->cast->count.closed_bad++;
		castout_close(c, c->in.code, c->in.why);
	}
}

/* Its request, which may come in pieces; what follows it are frames. */
static void
take_head(struct castclient *c, uint8_t *p, size_t n)
{
	struct buf head = c->in.held;
	size_t len;

	if (buf_add(&head, p, n) != 0) {
		castclient_end(c);
		return;
	}
	c->in.held = head;
	if ((len = hreq_end(head.p, head.len)) == 0 || len > HREQ_MAX) {
		if (len > 0 || head.len > HREQ_MAX)
			casthttp_refuse(c, 431);
		return;
	}
	c->in.held = (struct buf){ 0 };
	casthttp_take(c, head.p, len);
	if (c->state == CASTCLIENT_OPEN)
		take_frames(c, (uint8_t *)head.p + len, head.len - len);
	buf_free(&head);
}

static void
read_later(struct castclient *c)
{
	if (!c->again && c->state != CASTCLIENT_GONE) {
		c->again = true;
		TAILQ_INSERT_TAIL(&c->cast->again, c, again_link);
	}
}

/* Plain or TLS; whether there may be something to be read. */
static bool
begin(struct castclient *c)
{
	bool more;

	switch (castsock_begin(c, &more)) {
	case CASTSOCK_AGAIN:
		if (more)
			read_later(c);
		return false;
	case CASTSOCK_OVER:
		castclient_end(c);
		return false;
	case CASTSOCK_PLAIN:
		casthttp_refuse_words(c, 400, "this port speaks TLS: https:// "
		    "or wss://");
		return false;
	default:
		return true;
	}
}

/* Reads until there is nothing, or it is the others' turn. */
static void
take_input(struct castclient *c)
{
	struct cast *k = c->cast;
	ssize_t n;

	if (!castsock_ready(c) && !begin(c))
		return;
	for (int i = 0; i < PIECES; i++) {
		if (c->state == CASTCLIENT_GONE)
			return;
		if (!castclient_may_read(c))
			break;
		if (c->paused) {
			take_frames(c, NULL, 0);
			continue;
		}
		n = castsock_read(c, k->piece, sizeof(k->piece));
		if (n == CASTSOCK_AGAIN)
			return;
		if (n == 0 && (c->state == CASTCLIENT_LAST ||
		    c->wire == CASTWIRE_LINES)) {
			castline_end(c);
			return;		/* it may still read */
		}
		if (n <= 0) {
			castclient_end(c);
			return;
		}
		c->heard_us = k->now;
		c->pinged = false;
		if (c->state == CASTCLIENT_OPEN)
			take_frames(c, k->piece, (size_t)n);
		else if (c->state == CASTCLIENT_HEAD)
			take_head(c, k->piece, (size_t)n);
		castout_flush(c);
	}
	read_later(c);
}

void
castclient_event(struct castclient *c, unsigned events)
{
	if (c->state == CASTCLIENT_GONE)
		return;
	if ((events & EPOLLERR) || ((events & EPOLLHUP) && c->deaf)) {
		castclient_end(c);
		return;
	}
	if (events & EPOLLOUT) {
		c->blocked = false;
		castout_flush(c);
	}
	/* TLS may have to write before it can read. */
	if (c->deaf)
		return;
	if (((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)) ||
	    c->tls != NULL) && !c->again && c->state != CASTCLIENT_GONE)
		take_input(c);
}

void
castclient_again(struct cast *k)
{
	struct castclients list = TAILQ_HEAD_INITIALIZER(list);
	struct castclient *c;

	TAILQ_CONCAT(&list, &k->again, again_link);
	while ((c = TAILQ_FIRST(&list)) != NULL) {
		TAILQ_REMOVE(&list, c, again_link);
		c->again = false;
		take_input(c);
	}
}
