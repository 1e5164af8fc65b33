#include <string.h>

#include "wsfs.h"

enum {
	FIN = 0x80, RESERVED = 0x70, PACKED = 0x40, OP = 0x0f,	/* first byte */
	MASKED = 0x80, LENGTH = 0x7f,				/* second */
	LENGTH_16 = 126, LENGTH_64 = 127, KEY = 4
};

void
wsfs_init(struct wsfs *r, uint32_t max, bool deflate)
{
	*r = (struct wsfs){ .max = max, .deflate = deflate };
}

void
wsfs_free(struct wsfs *r)
{
	buf_free(&r->held);
	buf_free(&r->part);
}

static enum wsfs_rc
bad(struct wsfs *r, unsigned code, const char *why)
{
	r->code = (uint16_t)code;
	r->why = why;
	r->p = r->end;
	return WSFS_BAD;
}

void
wsfs_feed(struct wsfs *r, uint8_t *p, size_t n)
{
	if (r->code != 0)
		return;
	if (r->held.len > 0) {
		if (buf_add(&r->held, p, n) != 0) {
			bad(r, WSFS_INTERNAL, "out of memory");
			return;
		}
		p = (uint8_t *)r->held.p;
		n = r->held.len;
	}
	r->p = p;
	r->end = p + n;
}

/* Keeps what is cut; without anything there is no memory held. */
static enum wsfs_rc
keep(struct wsfs *r)
{
	size_t n = (size_t)(r->end - r->p);

	if (n == 0) {
		buf_free(&r->held);
	} else if (r->held.len > 0) {
		memmove(r->held.p, r->p, n);
		r->held.len = n;
	} else if (buf_add(&r->held, r->p, n) != 0) {
		return bad(r, WSFS_INTERNAL, "out of memory");
	}
	r->p = r->end = NULL;
	return WSFS_MORE;
}

void
wsfs_pause(struct wsfs *r)
{
	if (r->code == 0)
		(void)keep(r);
}

/* ---- heads ---- */

static const char *
wrong_with(const struct wsfs *r, const uint8_t *h)
{
	unsigned op = h[0] & OP, reserved = h[0] & RESERVED;

	if (reserved == PACKED && r->deflate &&
	    (op == WSF_TEXT || op == WSF_BINARY))
		reserved = 0;
	if (reserved != 0)
		return "a frame with reserved bits set";
	if ((h[1] & MASKED) == 0)
		return "a frame without a mask";
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
	return NULL;
}

/* The length in a whole head, and whether it is written as section 5.2 wants. */
static int
length(const uint8_t *h, uint64_t *n)
{
	unsigned len = h[1] & LENGTH;

	*n = len;
	if (len == LENGTH_16)
		*n = (uint64_t)h[2] << 8 | h[3];
	if (len == LENGTH_64) {
		*n = 0;
		for (int i = 2; i < 10; i++)
			*n = *n << 8 | h[i];
	}
	return (len == LENGTH_16 && *n < LENGTH_16) ||
	    (len == LENGTH_64 && (*n <= UINT16_MAX || *n >> 63 != 0)) ? -1 : 0;
}

static void
unmask(uint8_t *p, size_t n, const uint8_t key[KEY])
{
	for (size_t i = 0; i < n; i++)
		p[i] ^= key[i % KEY];
}

/* ---- payloads ---- */

/* What a close frame says, section 5.5.1 and 7.4. */
static const char *
wrong_with_close(const uint8_t *p, size_t n)
{
	unsigned code;

	if (n == 0)
		return NULL;
	if (n == 1)
		return "a close frame with half a code";
	code = (unsigned)p[0] << 8 | p[1];
	if (!((code >= 1000 && code <= 1014 && code != 1004 && code != 1005 &&
	    code != 1006) || (code >= 3000 && code <= 4999)))
		return "a close frame with a code that is none";
	return NULL;
}

static enum wsfs_rc
give(struct wsfs *r, struct wsfs_msg *m, enum wsf_op op, void *p, size_t n)
{
	const char *why;

	*m = (struct wsfs_msg){ op, op < WSF_CLOSE && r->packed, p, n };
	if (op == WSF_CLOSE && (why = wrong_with_close(p, n)) != NULL)
		return bad(r, WSFS_PROTOCOL, why);
	if ((op == WSF_TEXT && !m->packed && !wsfs_utf8(p, n)) ||
	    (op == WSF_CLOSE && n > 2 && !wsfs_utf8((uint8_t *)p + 2, n - 2)))
		return bad(r, WSFS_NO_UTF8, "text that is no UTF-8");
	if (op < WSF_CLOSE)
		r->message = WSF_CONT;
	return WSFS_MESSAGE;
}

/* A whole frame, unmasked; WSFS_MORE: the message goes on. */
static enum wsfs_rc
frame(struct wsfs *r, struct wsfs_msg *m, unsigned first, uint8_t *p, size_t n)
{
	enum wsf_op op = first & OP;

	if (op >= WSF_CLOSE)
		return give(r, m, op, p, n);
	if (op != WSF_CONT) {
		r->message = op;
		r->packed = (first & PACKED) != 0;
		if ((first & FIN) != 0)
			return give(r, m, op, p, n);
	}
	if (buf_add(&r->part, p, n) != 0)
		return bad(r, WSFS_INTERNAL, "out of memory");
	if ((first & FIN) == 0)
		return WSFS_MORE;
	r->spent = true;
	return give(r, m, r->message, r->part.p, r->part.len);
}

enum wsfs_rc
wsfs_next(struct wsfs *r, struct wsfs_msg *m)
{
	const char *why;
	enum wsfs_rc rc;
	uint64_t n;

	if (r->spent)
		buf_free(&r->part);
	r->spent = false;
	while (r->code == 0) {
		size_t have = (size_t)(r->end - r->p), head;
		uint8_t *h = r->p;

		if (have < 2)
			return keep(r);
		if ((why = wrong_with(r, h)) != NULL)
			return bad(r, WSFS_PROTOCOL, why);
		head = (h[1] & LENGTH) == LENGTH_64 ? 10 :
		    (h[1] & LENGTH) == LENGTH_16 ? 4 : 2;
		if (have < head)
			return keep(r);
		if (length(h, &n) != 0)
			return bad(r, WSFS_PROTOCOL, "a length in more bytes "
			    "than it needs");
		if ((h[0] & OP) < WSF_CLOSE && n > r->max - r->part.len)
			return bad(r, WSFS_TOO_BIG, "a message that is too "
			    "long");
		if (have - head < KEY || have - head - KEY < n)
			return keep(r);
		unmask(h + head + KEY, (size_t)n, h + head);
		r->p += head + KEY + n;
		rc = frame(r, m, h[0], h + head + KEY, (size_t)n);
		if (rc != WSFS_MORE)
			return rc;
	}
	return WSFS_BAD;
}

/* Table 3-7 of the Unicode Standard: no overlong forms, no surrogates, nothing
 * above U+10FFFF. */
bool
wsfs_utf8(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		unsigned c = p[i++], more, low = 0x80, high = 0xbf;

		if (c < 0x80)
			continue;
		if (c < 0xc2 || c > 0xf4)
			return false;
		more = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
		if (c == 0xe0)
			low = 0xa0;
		else if (c == 0xed)
			high = 0x9f;
		else if (c == 0xf0)
			low = 0x90;
		else if (c == 0xf4)
			high = 0x8f;
		if (n - i < more)
			return false;
		for (; more > 0; more--, low = 0x80, high = 0xbf, i++)
			if (p[i] < low || p[i] > high)
				return false;
	}
	return true;
}

/* ---- a server's frames ---- */

size_t
wsfs_head(uint8_t out[WSFS_HEAD_MAX], enum wsf_op op, bool packed, size_t n)
{
	size_t len = n < LENGTH_16 ? 0 : n <= UINT16_MAX ? 2 : 8;

	out[0] = (uint8_t)(FIN | (packed ? PACKED : 0) | op);
	out[1] = (uint8_t)(len == 0 ? n : len == 2 ? LENGTH_16 : LENGTH_64);
	for (size_t i = 0; i < len; i++)
		out[1 + len - i] = (uint8_t)((uint64_t)n >> 8 * i);
	return 2 + len;
}

int
wsfs_put(struct buf *b, enum wsf_op op, const void *p, size_t n)
{
	uint8_t head[WSFS_HEAD_MAX];
	size_t len = wsfs_head(head, op, false, n);

	if (buf_room(b, len + n) != 0)
		return -1;
	(void)buf_add(b, head, len);	/* there is room */
	return buf_add(b, p, n);
}

int
wsfs_put_close(struct buf *b, unsigned code, const char *why)
{
	uint8_t p[WSF_CONTROL_MAX] = { (uint8_t)(code >> 8), (uint8_t)code };
	size_t n = strlen(why);

	if (n > sizeof(p) - 2)
		n = sizeof(p) - 2;
	memcpy(p + 2, why, n);
	return wsfs_put(b, WSF_CLOSE, p, n + 2);
}
