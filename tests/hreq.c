/*
 * hreq - heads of requests: good, odd and wrong
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hreq.h"

#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define UPGRADE "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"

static char text[HREQ_MAX];

static int
read_head(struct hreq *q, const char *head)
{
	size_t n = strlen(head);

	memcpy(text, head, n + 1);
	assert_int_equal(hreq_end(text, n), n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(hreq_end(text, i), 0);
	return hreq_read(q, text, n);
}

static void
good(void **state)
{
	struct hreq q;
	char out[16];

	(void)state;
	assert_int_equal(read_head(&q, "GET /a/b?shape=batch&token=a%26+b&x "
	    "HTTP/1.1\r\nHost:  localhost:8765 \r\n" UPGRADE KEY
	    "Sec-WebSocket-Version: 13\r\nOrigin: http://a\r\nX-Other: y\r\n"
	    "Authorization: Bearer z\r\n\r\n"), 0);
	assert_string_equal(q.method, "GET");
	assert_string_equal(q.path, "/a/b");
	assert_string_equal(q.host, "localhost:8765");
	assert_string_equal(q.origin, "http://a");
	assert_string_equal(q.auth, "Bearer z");
	assert_string_equal(q.extensions, "");
	assert_string_equal(q.if_none_match, "");
	assert_int_equal(hreq_websocket(&q), 0);
	assert_int_equal(hreq_arg(&q, "shape", out, sizeof(out)), 1);
	assert_string_equal(out, "batch");
	assert_int_equal(hreq_arg(&q, "token", out, sizeof(out)), 1);
	assert_string_equal(out, "a& b");
	assert_int_equal(hreq_arg(&q, "x", out, sizeof(out)), 0);
	assert_int_equal(hreq_arg(&q, "tok", out, sizeof(out)), 0);
	assert_int_equal(hreq_arg(&q, "shape", out, 5), -1);
	assert_int_equal(read_head(&q, "GET / HTTP/1.0\n\n"), 0);
	assert_string_equal(q.query, "");
	assert_int_equal(hreq_arg(&q, "a", out, sizeof(out)), 0);
	assert_int_equal(hreq_websocket(&q), 400);
	assert_int_equal(read_head(&q, "GET /?a=%4&b=%zz&c=%00 HTTP/1.1\r\n"
	    "\r\n"), 0);
	assert_int_equal(hreq_arg(&q, "a", out, sizeof(out)), -1);
	assert_int_equal(hreq_arg(&q, "b", out, sizeof(out)), -1);
	assert_int_equal(hreq_arg(&q, "c", out, sizeof(out)), -1);
}

static void
wrong(void **state)
{
	static const struct { const char *head; int status; } t[] = {
		{ "\r\n\r\n", 400 }, { "GET\r\n\r\n", 400 },
		{ "GET /\r\n\r\n", 400 }, { "GET / HTTP/2\r\n\r\n", 505 },
		{ "GET / HTP/1.1\r\n\r\n", 400 },
		{ "G@T / HTTP/1.1\r\n\r\n", 400 },
		{ "GET http://a/ HTTP/1.1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1 x\r\n\r\n", 505 },
		{ "GET / HTTP/1.1\r\nno colon\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n folded: a\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n: a\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nOrigin: a\r\norigin: b\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: \1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 400 },
	};
	struct hreq q;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		size_t n = strlen(t[i].head);

		memcpy(text, t[i].head, n + 1);
		if (hreq_read(&q, text, n) != t[i].status)
			fail_msg("%s", t[i].head);
	}
	memcpy(text, "GET / HTTP/1.1\r\nA: \0\r\n\r\n", 24);
	assert_int_equal(hreq_read(&q, text, 24), 400);
}

static void
upgrades(void **state)
{
	static const struct { const char *head; int status; } t[] = {
		{ UPGRADE KEY "Sec-WebSocket-Version: 13\r\n", 0 },
		{ UPGRADE KEY "Sec-WebSocket-Version: 8\r\n", 426 },
		{ UPGRADE KEY, 426 },
		{ UPGRADE "Sec-WebSocket-Version: 13\r\n", 400 },
		{ KEY "Upgrade: websocket\r\nConnection: close\r\n", 400 },
		{ KEY "Upgrade: h2c\r\nConnection: Upgrade\r\n", 400 },
		{ UPGRADE "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n",
		    400 },
		{ UPGRADE "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=a\r\n",
		    400 },
	};
	char head[1000];
	struct hreq q;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		snprintf(head, sizeof(head), "GET / HTTP/1.1\r\n%s\r\n",
		    t[i].head);
		assert_int_equal(read_head(&q, head), 0);
		if (hreq_websocket(&q) != t[i].status)
			fail_msg("%s", t[i].head);
	}
	assert_true(hreq_lists("a, Upgrade ,b", "upgrade"));
	assert_false(hreq_lists("upgraded", "upgrade"));
	assert_false(hreq_lists(" ,, ", "upgrade"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(wrong),
		cmocka_unit_test(upgrades),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
