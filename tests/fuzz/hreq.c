/*
 * hreq - heads of requests: what is read lies inside of the head, is no longer
 * than it, and has no control character; where the head ends is where an empty
 * line is
 */
#include <string.h>

#include "fuzz.h"
#include "hreq.h"
#include "wsz.h"

static void
inside(const char *s, const char *head, size_t n)
{
	if (*s == '\0')
		return;
	MUST(s >= head && s + strlen(s) < head + n);
	for (; *s != '\0'; s++)
		MUST((unsigned char)*s >= ' ' || *s == '\t');
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char *head = malloc(n + 1), out[64];
	size_t len = hreq_end((const char *)p, n);
	struct hreq q;
	int rc;

	MUST(head != NULL && len <= n);
	if (len > 0) {
		MUST(p[len - 1] == '\n');
		MUST(hreq_end((const char *)p, len - 1) == 0);
		memcpy(head, p, len);
		rc = hreq_read(&q, head, len);
		MUST(rc == 0 || rc == 400 || rc == 505);
		if (rc == 0) {
			inside(q.method, head, len);
			inside(q.path, head, len);
			inside(q.query, head, len);
			inside(q.origin, head, len);
			inside(q.extensions, head, len);
			inside(q.length, head, len);
			MUST(q.path[0] == '/' && q.method[0] != '\0');
			rc = hreq_arg(&q, "shape", out, sizeof(out));
			MUST(rc != 1 || strlen(out) < sizeof(out));
			rc = hreq_websocket(&q);
			MUST(rc == 0 || rc == 400 || rc == 426);
			(void)wsz_offered(q.extensions);
		}
	}
	free(head);
	return 0;
}

void
fuzz_seeds(fuzz_add *add)
{
	static const char *const text[] = {
		"GET / HTTP/1.1\r\nHost: localhost:8765\r\n"
		"Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: x,"
		"permessage-deflate; client_max_window_bits=15;a\r\n"
		"Origin: http://localhost:8765\r\n\r\n\x81\x80zzzz",
		"GET /?token=%41b%zz&shape=batch&shape HTTP/1.0\n\n",
		"POST /x HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
		"GET /healthz HTTP/9.9\r\n\r\n", "\n\n", "\r\n\r\n", " / \n\n",
		"GET / HTTP/1.1\r\na:b\r\na: \r\n:\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++)
		add(text[i], strlen(text[i]));
}
