/*
 * wshs - the handshake of a WebSocket: the request, and answers of every kind
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wshs.h"

/* SHA-1 of the key of RFC 6455, section 1.3, and WSHS_GUID. */
static const uint8_t hash[WSHS_HASH] = { 0xb3, 0x7a, 0x4f, 0x2c, 0xc0, 0x62,
    0x4f, 0x16, 0x90, 0xf6, 0x46, 0x06, 0xcf, 0x38, 0x59, 0x45, 0xb2, 0xbe,
    0xc4, 0xea };

#define GOOD "Upgrade: websocket\r\nConnection: Upgrade\r\n" \
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

static void
base64(void **state)
{
	static const struct { const char *in, *out; } t[] = { { "", "" },
	    { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
	    { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
	    { "foobar", "Zm9vYmFy" } };		/* RFC 4648, section 10 */
	char out[WSHS_ACCEPT];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		wshs_base64((const uint8_t *)t[i].in, strlen(t[i].in), out);
		assert_string_equal(out, t[i].out);
	}
	wshs_base64(hash, sizeof(hash), out);
	assert_string_equal(out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static void
request(void **state)
{
	static const char *const headers[] = { "X-Kite-Version", "3", NULL };
	struct wshs_request r = { "ws.kite.trade", "/?api_key=x",
	    "dGhlIHNhbXBsZSBub25jZQ==", headers };
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(wshs_request(&b, &r), 0);
	assert_string_equal(b.p, "GET /?api_key=x HTTP/1.1\r\n"
	    "Host: ws.kite.trade\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	    "Sec-WebSocket-Version: 13\r\nX-Kite-Version: 3\r\n\r\n");
	r.headers = NULL;
	buf_reset(&b);
	assert_int_equal(wshs_request(&b, &r), 0);
	assert_null(strstr(b.p, "X-Kite"));
	buf_free(&b);
}

static void
request_that_is_two(void **state)
{
	static const char *const bad_name[] = { "X: y", "3", NULL };
	static const char *const bad_value[] = { "X", "3\r\nY: 4", NULL };
	static const char *const good[] = { "X", "3, 4: 5", NULL };
	const struct wshs_request r[] = {
		{ "h\r\nX: y", "/", "k", NULL }, { "h", "/ HTTP/1.1", "k", NULL },
		{ "h", "/\n", "k", NULL }, { "h", "/", "k", bad_name },
		{ "h", "/", "k", bad_value } };
	const struct wshs_request fine = { "h", "/", "k", good };
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(r) / sizeof(r[0]); i++) {
		errno = 0;
		assert_int_equal(wshs_request(&b, &r[i]), -1);
		assert_int_equal(errno, EINVAL);
		assert_int_equal(b.len, 0);
	}
	assert_int_equal(wshs_request(&b, &fine), 0);
	buf_free(&b);
}

/* Feeds s[n] in pieces of step bytes; *end is where it stopped. */
static enum wshs_rc
answer(struct wshs *h, const char *s, size_t n, size_t step, size_t *end)
{
	enum wshs_rc rc = WSHS_MORE;
	size_t used;

	wshs_init(h, hash);
	for (*end = 0; *end < n && rc == WSHS_MORE; *end += used) {
		rc = wshs_feed(h, (const uint8_t *)s + *end, n - *end < step ?
		    n - *end : step, &used);
		assert_true(rc != WSHS_MORE || used == (n - *end < step ?
		    n - *end : step));
	}
	return rc;
}

static const struct {
	const char *s;
	enum wshs_rc rc;
	int status;
	const char *why;
} answers[] = {
	{ "HTTP/1.1 101 Switching Protocols\r\n" GOOD "\r\n", WSHS_DONE, 101,
	    NULL },
	{ "HTTP/1.1 101\nUPGRADE:WebSocket\nconnection: keep-alive ,UPGRADE  \n"
	    "sec-websocket-accept:\ts3pPLMBiTxaQ9kYGzzhZRbK+xOo=\nno colon\n"
	    "Sec-WebSocket-Extensions:\n\n", WSHS_DONE, 101, NULL },
	{ "HTTP/1.0 101 x\r\n" GOOD "\r\n", WSHS_DONE, 101, NULL },
	{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n"
	    "\r\nHTTP/1.1 101 x\r\n" GOOD "\r\n", WSHS_DONE, 101, NULL },
	{ "HTTP/1.1 100 Continue\r\n" GOOD "\r\nHTTP/1.1 101 x\r\n\r\n",
	    WSHS_BAD, 101, "an upgrade to something that is no WebSocket" },
	{ "HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\n", WSHS_DONE, 403,
	    NULL },
	{ "HTTP/1.1 200 OK\r\n" GOOD "\r\n", WSHS_DONE, 200, NULL },
	{ "HTTP/1.1 599 \r\n\r\n", WSHS_DONE, 599, NULL },
	{ "HTTP/1.1 101 x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
	    WSHS_BAD, 101, "an upgrade to something that is no WebSocket" },
	{ "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: close, upgrad\r\n"
	    "\r\n", WSHS_BAD, 101, "HTTP 101 without \"Connection: Upgrade\"" },
	{ "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
	    WSHS_BAD, 101, "a wrong Sec-WebSocket-Accept" },
	{ "HTTP/1.1 101 x\r\n" GOOD "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZR"
	    "bK+xOo=\r\n\r\n", WSHS_BAD, 101, "a wrong Sec-WebSocket-Accept" },
	{ "HTTP/1.1 101 x\r\n" GOOD "Sec-WebSocket-Extensions: permessage-"
	    "deflate\r\n\r\n", WSHS_BAD, 101,
	    "an extension that nobody asked for" },
	{ "SSH-2.0-OpenSSH\r\n", WSHS_BAD, 0, "what is no HTTP" },
	{ "\r\n", WSHS_BAD, 0, "what is no HTTP" },
	{ "HTTP/1.1 abc\r\n", WSHS_BAD, 0, "what is no HTTP" },
	{ "HTTP/1.1 1010\r\n", WSHS_BAD, 0, "what is no HTTP" },
	{ "HTTP/1.1 001 x\r\n", WSHS_BAD, 0, "what is no HTTP" },
	{ "HTTP/1.1 600 x\r\n", WSHS_BAD, 0, "what is no HTTP" },
	{ "HTTP/1.\n", WSHS_BAD, 0, "what is no HTTP" },
	{ "HTTP/2 200\n", WSHS_BAD, 0, "what is no HTTP" },
	{ "HTTP/1.1 101 x\r\n" GOOD, WSHS_MORE, 101, NULL },
};

static void
answers_cut_anywhere(void **state)
{
	struct wshs h;
	char s[1024];
	size_t end;

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		size_t n = strlen(answers[i].s);
		bool done = answers[i].rc == WSHS_DONE;

		/* What follows an answer is not its own. */
		snprintf(s, sizeof(s), "%s%s", answers[i].s, done ? "ab" : "");
		for (size_t step = 1; step <= n + 2; step++) {
			assert_int_equal(answer(&h, s, n + (done ? 2 : 0), step,
			    &end), answers[i].rc);
			assert_int_equal(h.status, answers[i].status);
			if (answers[i].why != NULL)
				assert_string_equal(h.why, answers[i].why);
			if (done)
				assert_int_equal(end, n);
		}
	}
}

static void
long_lines(void **state)
{
	static char s[2 * WSHS_MAX];
	struct wshs h;
	size_t n, end;

	(void)state;
	/* A header that is longer than a line holds, and one that just fits. */
	for (size_t x = WSHS_LINE - 10; x < WSHS_LINE + 10; x++) {
		n = (size_t)sprintf(s, "HTTP/1.1 101 x\r\n%s", GOOD "C: ");
		memset(s + n, 'x', x);
		n += x;
		n += (size_t)sprintf(s + n, "\r\n\r\n");
		assert_int_equal(answer(&h, s, n, n, &end), WSHS_DONE);
		assert_int_equal(answer(&h, s, n, 1, &end), WSHS_DONE);
	}
	n = (size_t)sprintf(s, "HTTP/1.1 101 x\r\n");
	memset(s + n, 'x', sizeof(s) - n);
	assert_int_equal(answer(&h, s, WSHS_MAX, 700, &end), WSHS_MORE);
	assert_int_equal(answer(&h, s, sizeof(s), 700, &end), WSHS_BAD);
	assert_int_equal(end, WSHS_MAX + 1);
	/* Answers of 1xx without end. */
	for (n = 0; n + 30 < sizeof(s);)
		n += (size_t)sprintf(s + n, "HTTP/1.1 100 x\r\n\r\n");
	assert_int_equal(answer(&h, s, n, 700, &end), WSHS_BAD);
	assert_string_equal(h.why, "a head of more than 16 KB");
}

static void
random_bytes(void **state)
{
	unsigned long seed = 1;
	char s[1200];
	struct wshs h;
	size_t end;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t n = strlen(answers[1].s);

		memcpy(s, answers[1].s, n);
		for (int i = 0; i < 3; i++) {
			seed = seed * 6364136223846793005UL + 1;
			s[(seed >> 33) % n] = (char)(seed >> 56);
		}
		if (answer(&h, s, n, 1 + (seed >> 40) % 50, &end) == WSHS_DONE)
			assert_true(h.status >= 101);
		assert_true(end <= n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64),
		cmocka_unit_test(request),
		cmocka_unit_test(request_that_is_two),
		cmocka_unit_test(answers_cut_anywhere),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(random_bytes),
	};

	return cmocka_run_group_tests_name("wshs", tests, NULL, NULL);
}
