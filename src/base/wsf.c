#include <stdio.h>
#include <string.h>

#include "wsf.h"

enum {
	FIN = 0x80, RESERVED = 0x70, OP = 0x0f,		/* first byte */
	MASKED = 0x80, LENGTH = 0x7f,			/* second byte */
	LENGTH_16 = 126, LENGTH_64 = 127
};

void
wsf_init(struct wsf *r, size_t max)
{
	*r = (struct wsf){ .max = max };
}

void
wsf_free(struct wsf *r)
{
	buf_free(&r->part);
}

void
wsf_feed(struct wsf *r, const uint8_t *p, size_t n)
{
	r->p = p;
	r->end = p + n;
}

bool
wsf_begun(const struct wsf *r)
{
	return r->inside || r->heads > 0 || r->message != WSF_CONT;
}

/* ---- after a violation ---- */

static enum wsf_rc
bad(struct wsf *r, const char *why)
{
	snprintf(r->why, sizeof(r->why), "%s", why);
	r->bad = true;
	return WSF_BAD;
}

void
wsf_end(struct wsf *r)
{
	if (!r->bad)
		(void)bad(r, wsf_begun(r) ? "only the beginning of a message" :
		    "");
	r->p = r->end = NULL;
}

/* What there is besides whole messages: first what is held of one, then, raw,
 * what is held of a head or a control frame and the rest of the piece. */
static enum wsf_rc
leavings(struct wsf *r, struct wsf_msg *m)
{
	*m = (struct wsf_msg){ WSF_CONT, r->p, (size_t)(r->end - r->p) };
	if (r->part.len > 0 && !r->spent) {
		*m = (struct wsf_msg){ r->message, (uint8_t *)r->part.p,
		    r->part.len };
		r->spent = true;
		return WSF_PART;
	}
	r->p = r->end;
	if (r->controls + r->heads > 0) {
		buf_reset(&r->part);
		if (buf_room(&r->part, r->controls + r->heads + m->n) == 0) {
			(void)buf_add(&r->part, r->control, r->controls);
			(void)buf_add(&r->part, r->head, r->heads);
			(void)buf_add(&r->part, m->p, m->n);
			m->p = (uint8_t *)r->part.p;
			m->n = r->part.len;
		}
		r->controls = r->heads = 0;
		r->spent = true;
	}
	return m->n > 0 ? WSF_PART : WSF_BAD;
}

/* ---- heads ---- */

/* How long a head is that begins so; n: how much of it is there. */
static size_t
head_len(const uint8_t *h, size_t n)
{
	unsigned len = n >= 2 ? h[1] & LENGTH : 0;

	return len == LENGTH_64 ? 10 : len == LENGTH_16 ? 4 : 2;
}

static const char *
wrong_with(const struct wsf *r, const uint8_t *h)
{
	unsigned op = h[0] & OP;

	if ((h[0] & RESERVED) != 0)
		return "a frame with reserved bits set";
	if ((h[1] & MASKED) != 0)
		return "a masked frame";
	if (op > WSF_PONG || (op > WSF_BINARY && op < WSF_CLOSE))
		return "a frame of an unknown kind";
	if (op >= WSF_CLOSE && (h[0] & FIN) == 0)
		return "a control frame in fragments";
	if (op >= WSF_CLOSE && (h[1] & LENGTH) > WSF_CONTROL_MAX)
		return "a control frame of more than 125 bytes";
	if (op == WSF_CONT && r->message == WSF_CONT)
		return "the continuation of no message";
	if (op != WSF_CONT && op < WSF_CLOSE && r->message != WSF_CONT)
		return "a message inside of another";
	if ((h[1] & LENGTH) == LENGTH_64 && h[2] > 0x7f)
		return "a frame of 2^63 bytes or more";
	return NULL;
}

/* Reads a whole head; -1: a violation. */
static int
enter(struct wsf *r, const uint8_t *h)
{
	const char *why = wrong_with(r, h);
	size_t n = head_len(h, 2);

	if (why != NULL)
		return bad(r, why), -1;
	r->left = n == 2 ? h[1] & LENGTH : 0;
	for (size_t i = 2; i < n; i++)
		r->left = r->left << 8 | h[i];
	r->fin = (h[0] & FIN) != 0;
	r->op = h[0] & OP;
	if (r->op == WSF_TEXT || r->op == WSF_BINARY)
		r->message = r->op;
	r->inside = true;
	return 0;
}

/* The next head: 1 entered, 0 more is needed, -1 a violation. */
static int
next_head(struct wsf *r)
{
	size_t have = (size_t)(r->end - r->p);

	if (r->heads == 0 && have >= 2 && have >= head_len(r->p, 2)) {
		if (enter(r, r->p) != 0)
			return -1;
		r->p += head_len(r->p, 2);
		return 1;
	}
	while (r->p < r->end) {
		r->head[r->heads++] = *r->p++;
		if (r->heads < 2 || r->heads < head_len(r->head, r->heads))
			continue;
		if (enter(r, r->head) != 0)
			return -1;
		r->heads = 0;
		return 1;
	}
	return 0;
}

/* ---- payloads ---- */

static enum wsf_rc
whole(struct wsf *r, struct wsf_msg *m, enum wsf_op op, const void *p, size_t n)
{
	*m = (struct wsf_msg){ op, p, n };
	r->inside = false;
	if (op < WSF_CLOSE)
		r->message = WSF_CONT;
	return WSF_MESSAGE;
}

static enum wsf_rc
control(struct wsf *r, struct wsf_msg *m)
{
	size_t have = (size_t)(r->end - r->p), n = r->controls;

	if (n == 0 && have >= r->left) {
		r->p += r->left;
		return whole(r, m, r->op, r->p - r->left, (size_t)r->left);
	}
	if (have > r->left)
		have = (size_t)r->left;
	if (have > 0)
		memcpy(r->control + n, r->p, have);
	r->p += have;
	r->controls += (unsigned)have;
	if ((r->left -= have) > 0)
		return WSF_MORE;
	n = r->controls;
	r->controls = 0;
	return whole(r, m, r->op, r->control, n);
}

static enum wsf_rc
data(struct wsf *r, struct wsf_msg *m)
{
	size_t have = (size_t)(r->end - r->p), room = r->max - r->part.len;
	bool fits = r->left <= room;

	if (r->fin && r->part.len == 0 && fits && have >= r->left) {
		r->p += r->left;
		return whole(r, m, r->message, r->p - r->left,
		    (size_t)r->left);
	}
	if (have > r->left)
		have = (size_t)r->left;
	if (have > room) {
		if (buf_add(&r->part, r->p, have) == 0)
			r->p += have;
		snprintf(r->why, sizeof(r->why), "a message of more than %zu "
		    "bytes", r->max);
		r->bad = true;
		return WSF_BAD;
	}
	if (buf_add(&r->part, r->p, have) != 0)
		return bad(r, "more than there is memory for");
	r->p += have;
	r->left -= have;
	if (r->left > 0)
		return WSF_MORE;
	r->inside = false;
	if (!r->fin)
		return WSF_MORE;
	r->spent = true;
	return whole(r, m, r->message, r->part.p, r->part.len);
}

enum wsf_rc
wsf_next(struct wsf *r, struct wsf_msg *m)
{
	enum wsf_rc rc;
	int got;

	if (r->bad)
		return leavings(r, m);
	if (r->spent)
		buf_reset(&r->part);
	r->spent = false;
	for (;;) {
		if (!r->inside && (got = next_head(r)) != 1)
			return got == 0 ? WSF_MORE : leavings(r, m);
		rc = r->op >= WSF_CLOSE ? control(r, m) : data(r, m);
		if (rc == WSF_BAD)
			return leavings(r, m);
		if (rc == WSF_MESSAGE || r->inside)
			return rc;
	}
}

/* ---- a client's frames ---- */

int
wsf_put(struct buf *b, enum wsf_op op, const void *p, size_t n, uint32_t key)
{
	const uint8_t *in = p;
	uint8_t head[14] = { (uint8_t)(FIN | op) }, *k;
	unsigned len = n < LENGTH_16 ? 0 : n <= UINT16_MAX ? 2 : 8;
	char *to;

	head[1] = (uint8_t)(MASKED | (len == 0 ? n : len == 2 ? LENGTH_16 :
	    LENGTH_64));
	for (unsigned i = 0; i < len; i++)
		head[1 + len - i] = (uint8_t)((uint64_t)n >> 8 * i);
	k = head + 2 + len;
	for (unsigned i = 0; i < 4; i++)
		k[i] = (uint8_t)(key >> 8 * i);
	if (buf_room(b, sizeof(head) + n) != 0)
		return -1;
	(void)buf_add(b, head, 6 + len);	/* there is room */
	to = b->p + b->len;
	for (size_t i = 0; i < n; i++)
		to[i] = (char)(in[i] ^ k[i & 3]);
	to[n] = '\0';
	b->len += n;
	return 0;
}
