/*
 * wsfs - what a client sends behind the upgrade: messages and verdict are the
 * same wherever the stream is cut into pieces, and no message is longer than it
 * may be; what is packed unpacks to what may be or not at all (wsz)
 *
 * The first two bytes of the input choose the longest message, whether deflate
 * was agreed on, and the cuts.
 */
#include <string.h>

#include "fuzz.h"
#include "wsfs.h"
#include "wsz.h"

/* Reads p[n] in pieces of 1 to step bytes, at random by seed; step 0: whole.
 * Gives the code. */
static unsigned
hear(struct buf *said, const uint8_t *p, size_t n, const uint8_t how[2],
    uint32_t step)
{
	static const uint32_t longest[] = { 1, 16, 125, 126, 1000, 65536 };
	struct buf text = { 0 };
	enum wsfs_rc rc = WSFS_MORE;
	uint32_t seed = how[1];
	struct wsfs_msg m;
	struct wsfs r;

	wsfs_init(&r, longest[how[0] % 6], (how[0] & 0x80) != 0);
	while (n > 0 && rc != WSFS_BAD) {
		size_t len = step == 0 ? n : 1 + (seed >> 16) % step;
		uint8_t *piece;

		seed = seed * 1103515245u + 12345u;
		if (len > n)
			len = n;
		MUST((piece = malloc(len)) != NULL);
		memcpy(piece, p, len);
		wsfs_feed(&r, piece, len);
		while ((rc = wsfs_next(&r, &m)) == WSFS_MESSAGE) {
			MUST(m.op != WSF_CONT && m.op <= WSF_PONG);
			MUST(m.n <= r.max || m.op >= WSF_CLOSE);
			MUST(m.op < WSF_CLOSE || m.n <= WSF_CONTROL_MAX);
			MUST(m.op != WSF_TEXT || m.packed ||
			    wsfs_utf8(m.p, m.n));
			MUST(buf_addf(said, "%d %d %zu:", m.op, m.packed,
			    m.n) == 0 && buf_add(said, m.p, m.n) == 0);
			buf_reset(&text);
			MUST(!m.packed || wsz_unpack(m.p, m.n, &text,
			    r.max) != 0 || text.len <= r.max);
		}
		free(piece);
		p += len;
		n -= len;
	}
	MUST((rc == WSFS_BAD) == (r.code != 0));
	MUST(r.code == 0 || (r.code >= 1002 && r.code <= 1009 &&
	    r.why != NULL));
	n = r.code;
	wsfs_free(&r);
	buf_free(&text);
	return (unsigned)n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const uint32_t step[] = { 1, 2, 3, 12, 90, 700 };
	struct buf whole = { 0 }, cut = { 0 };
	unsigned code;

	if (n < 2)
		return 0;
	code = hear(&whole, p + 2, n - 2, p, 0);
	MUST(hear(&cut, p + 2, n - 2, p, step[p[1] % 6]) == code);
	MUST(whole.len == cut.len && (whole.len == 0 ||
	    memcmp(whole.p, cut.p, cut.len) == 0));
	buf_free(&whole);
	buf_free(&cut);
	return 0;
}

void
fuzz_seeds(fuzz_add *add)
{
	static const unsigned first[] = { 0x81, 0x01, 0x00, 0x80, 0x89, 0xc1,
	    0x8a, 0x82, 0x88 };
	static const char text[] = "{\"type\":\"subscribe\",\"symbols\":[\"*\"]}";
	struct buf b = { 0 };
	const void *packed;
	size_t n, at;

	MUST(buf_add(&b, "\x84\3", 2) == 0);
	for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++) {
		at = b.len;
		MUST(wsf_put(&b, WSF_TEXT, "\3\xe8 is \xe2\x82\xac 1", 10,
		    0x1020304) == 0);
		b.p[at] = (char)first[i];
		add(b.p, b.len);
	}
	b.len = 2;
	MUST(wsf_put(&b, WSF_TEXT, text, strlen(text), 7) == 0);
	MUST(wsz_pack("aaaaaaaaaaaaaaaaaaaaaaaaaa", 26, &packed, &n) == 0);
	at = b.len;
	MUST(wsf_put(&b, WSF_TEXT, packed, n, 9) == 0);
	b.p[at] = (char)0xc1;
	for (int i = 0; i < 20; i++)
		MUST(wsf_put(&b, WSF_PING, text, 20, 11) == 0);
	add(b.p, b.len);
	buf_free(&b);
}
