/*
 * wsf - what a server sends behind the upgrade: messages, leavings and verdict
 * are the same wherever the stream is cut into pieces
 *
 * The first two bytes of the input choose the longest message and the cuts.
 */
#include <string.h>

#include "fuzz.h"
#include "wsf.h"

/* All that a reader says. */
struct said {
	struct buf	 messages;	/* each behind its op and length */
	struct buf	 leavings;	/* bytes of no whole message */
	char		 why[sizeof(((struct wsf *)NULL)->why)];
};

static enum wsf_rc
listen_to(struct wsf *r, struct said *s)
{
	struct wsf_msg m;
	enum wsf_rc rc;
	uint32_t head[2];

	while ((rc = wsf_next(r, &m)) == WSF_MESSAGE || rc == WSF_PART) {
		if (rc == WSF_PART) {
			MUST(m.n > 0);
			MUST(buf_add(&s->leavings, m.p, m.n) == 0);
			continue;
		}
		MUST(s->why[0] == '\0' && s->leavings.len == 0);
		MUST(m.n <= r->max || m.op >= WSF_CLOSE);
		MUST(m.op < WSF_CLOSE || m.n <= WSF_CONTROL_MAX);
		MUST(m.op != WSF_CONT && m.op <= WSF_PONG);
		head[0] = m.op;
		head[1] = (uint32_t)m.n;
		MUST(buf_add(&s->messages, head, sizeof(head)) == 0);
		MUST(buf_add(&s->messages, m.p, m.n) == 0);
	}
	return rc;
}

/* Reads p[n] in pieces of 1 to step bytes, at random by seed; step 0: whole.
 * Each is gone when it is used up. */
static void
hear(struct said *s, const uint8_t *p, size_t n, size_t max, uint32_t step,
    uint32_t seed)
{
	struct wsf r;
	enum wsf_rc rc = WSF_MORE;

	*s = (struct said){ .why = "" };
	wsf_init(&r, max);
	while (n > 0) {
		size_t len = step == 0 ? n : 1 + (seed >> 16) % step;
		uint8_t *piece;

		seed = seed * 1103515245u + 12345u;
		if (len > n)
			len = n;
		MUST((piece = malloc(len)) != NULL);
		memcpy(piece, p, len);
		wsf_feed(&r, piece, len);
		rc = listen_to(&r, s);
		free(piece);
		p += len;
		n -= len;
	}
	MUST(rc == WSF_MORE || r.why[0] != '\0');
	wsf_end(&r);
	MUST(listen_to(&r, s) == WSF_BAD);
	memcpy(s->why, r.why, sizeof(s->why));
	wsf_free(&r);
}

static void
same_bytes(const struct buf *a, const struct buf *b)
{
	MUST(a->len == b->len);
	MUST(a->len == 0 || memcmp(a->p, b->p, a->len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const size_t longest[] = { 1, 16, 125, 126, 1000, 65536 };
	static const uint32_t step[] = { 1, 2, 3, 12, 90, 700 };
	struct said whole, cut;
	size_t max;

	if (n < 2)
		return 0;
	max = longest[p[0] % (sizeof(longest) / sizeof(*longest))];
	hear(&whole, p + 2, n - 2, max, 0, 0);
	MUST(whole.leavings.len <= n - 2);
	hear(&cut, p + 2, n - 2, max, step[p[1] % (sizeof(step) /
	    sizeof(*step))], p[1]);
	same_bytes(&whole.messages, &cut.messages);
	same_bytes(&whole.leavings, &cut.leavings);
	MUST(strcmp(whole.why, cut.why) == 0);
	buf_free(&cut.messages);
	buf_free(&cut.leavings);
	buf_free(&whole.messages);
	buf_free(&whole.leavings);
	return 0;
}

/* ---- seeds ---- */

static struct buf all;
static fuzz_add *give;

/* A server's frame. */
static void
put(struct buf *b, unsigned first, const void *p, size_t n)
{
	uint8_t head[WSF_HEAD_MAX] = { (uint8_t)first, (uint8_t)n };
	size_t len = 2;

	if (n > 125) {
		head[1] = 126;
		head[2] = (uint8_t)(n >> 8);
		head[3] = (uint8_t)n;
		len = 4;
	}
	MUST(buf_add(b, head, len) == 0 && buf_add(b, p, n) == 0);
}

/* A frame of the ticker as one message, and in three with a ping between. */
static void
frame(const void *p, size_t n)
{
	const uint8_t *at = p;
	struct buf b = { 0 };

	MUST(buf_add(&b, "\5\4", 2) == 0);
	put(&b, 0x80 | WSF_BINARY, p, n);
	put(&b, WSF_BINARY, p, n / 2);
	put(&b, 0x80 | WSF_PING, "beat", 4);
	put(&b, WSF_CONT, "", 0);
	put(&b, 0x80 | WSF_CONT, at + n / 2, n - n / 2);
	give(b.p, b.len);
	buf_free(&b);
	put(&all, 0x80 | WSF_BINARY, p, n);
}

void
fuzz_seeds(fuzz_add *add)
{
	/* one wrong thing each, behind a good heartbeat */
	static const char wrong[][12] = { "\x82\x81", "\xc2\1", "\x83\0",
	    "\x09\0", "\x89\x7e", "\x80\0", "\2\1a\1\1", "\x82\x7f\xff",
	    "\x82\x7f\0\0\0\0\4\0\0\0", "\x82\x7e\0\1a", "\2\1a\x88\2\3\xe8" };
	char b[4 + sizeof(*wrong) + 1];

	give = add;
	MUST(buf_add(&all, "\4\5", 2) == 0);
	put(&all, 0x80 | WSF_TEXT, "{\"type\":\"instruments_meta\"}", 27);
	seed_frames(frame);
	put(&all, 0x80 | WSF_CLOSE, "\3\xe9" "bye", 5);
	add(all.p, all.len);
	buf_free(&all);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		memcpy(b, "\1\1\x82\1", 4);
		b[4] = '\0';
		memcpy(b + 5, wrong[i], sizeof(*wrong));
		add(b, sizeof(b));
	}
}
