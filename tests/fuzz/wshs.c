/*
 * wshs - what a server answers to the upgrade: verdict, status and where the
 * frames begin are the same wherever the answer is cut
 *
 * The first byte of the input chooses the cuts.
 */
#include <string.h>

#include "fuzz.h"
#include "wshs.h"

static const uint8_t hash[WSHS_HASH];	/* zeros: what a seed can answer to */

/* Reads p[n] in pieces of at most step bytes; *used of them all. */
static enum wshs_rc
hear(struct wshs *h, const uint8_t *p, size_t n, size_t step, size_t *used)
{
	enum wshs_rc rc = WSHS_MORE;

	wshs_init(h, hash);
	for (*used = 0; *used < n && rc == WSHS_MORE;) {
		size_t len = n - *used < step ? n - *used : step, got;
		uint8_t *piece = malloc(len);

		MUST(piece != NULL);
		memcpy(piece, p + *used, len);
		rc = wshs_feed(h, piece, len, &got);
		free(piece);
		MUST(got <= len && (got == len || rc != WSHS_MORE));
		*used += got;
	}
	MUST(*used <= WSHS_MAX + 1);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct wshs a, b;
	enum wshs_rc rc;
	size_t used_a, used_b;

	if (n == 0)
		return 0;
	rc = hear(&a, p + 1, n - 1, SIZE_MAX, &used_a);
	MUST(rc != WSHS_BAD || a.why != NULL);
	MUST(rc != WSHS_DONE || (a.status >= 100 && a.status <= 599));
	MUST(hear(&b, p + 1, n - 1, p[0] % 64 + 1u, &used_b) == rc);
	MUST(used_a == used_b && a.status == b.status && a.why == b.why);
	return 0;
}

void
fuzz_seeds(fuzz_add *add)
{
	static const char good[] = "\5HTTP/1.1 101 Switching Protocols\r\n"
	    "Upgrade: WebSocket\r\nconnection: keep-alive, Upgrade\r\n"
	    "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n\x82\1";
	static const char *const text[] = {
		"\1HTTP/1.1 100 Continue\r\n\r\n"
		"HTTP/1.1 403 Forbidden\nContent-Length: 2\n\n{}",
		"\2HTTP/1.1 200 OK\r\n\r\n<html>", "\3GET / HTTP/1.1\r\n\r\n",
		"\4HTTP/2 101\r\n\r\n", "\1HTTP/1.1 101 \r\nUpgrade: websocket\r\n"
		"Connection: close\r\n\r\n", "\1HTTP/1.1 101\r\n:\r\n:x\r\nx\r\n\r\n",
		"\7HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
		"Sec-WebSocket-Extensions: permessage-deflate\r\n"
		"Sec-WebSocket-Accept:\t AAAAAAAAAAAAAAAAAAAAAAAAAAA= \r\n\r\n"
	};
	struct buf b = { 0 };

	add(good, sizeof(good) - 1);
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++)
		add(text[i], strlen(text[i]));
	MUST(buf_adds(&b, "\77HTTP/1.1 101 ") == 0);
	for (int i = 0; i < 2000; i++)		/* a long line, a long head */
		MUST(buf_adds(&b, i % 100 < 99 ? "long long " : "\r\nx: ") == 0);
	add(b.p, b.len);
	buf_free(&b);
}
