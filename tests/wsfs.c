/*
 * wsfs - frames as a server reads and writes them: whole, in pieces, and wrong;
 * and messages packed (wsz)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wsfs.h"
#include "wsz.h"

static struct buf in;

/* A client's frame; first: its first byte. */
static void
frame(unsigned first, const void *p, size_t n)
{
	size_t at = in.len;

	assert_int_equal(wsf_put(&in, WSF_TEXT, p, n, 0x12345678 + (uint32_t)n),
	    0);
	in.p[at] = (char)first;
}

/*
 * Reads what is in `in' in pieces of step bytes; gives "text:hello;ping:;" and
 * at the end the code and why, where it was bad.
 */
static char *
hear(uint32_t max, bool deflate, size_t step)
{
	static const char *const names[] = { "cont", "text", "binary", "", "",
	    "", "", "", "close", "ping", "pong" };
	static struct buf said;
	struct wsfs_msg m;
	enum wsfs_rc rc = WSFS_MORE;
	struct wsfs r;

	buf_reset(&said);
	assert_int_equal(buf_adds(&said, ""), 0);
	wsfs_init(&r, max, deflate);
	for (size_t at = 0; at < in.len && rc != WSFS_BAD; at += step) {
		size_t n = in.len - at < step ? in.len - at : step;
		uint8_t *piece = malloc(n);

		assert_non_null(piece);
		memcpy(piece, in.p + at, n);
		wsfs_feed(&r, piece, n);
		while ((rc = wsfs_next(&r, &m)) == WSFS_MESSAGE) {
			buf_addf(&said, "%s%s:", m.packed ? "packed " : "",
			    names[m.op]);
			buf_add(&said, m.p, m.n);
			buf_adds(&said, ";");
		}
		free(piece);
	}
	if (rc == WSFS_BAD) {
		buf_addf(&said, "%u %s", r.code, r.why);
		assert_int_equal(wsfs_next(&r, &m), WSFS_BAD);
	} else {
		assert_int_equal(r.code, 0);
	}
	wsfs_free(&r);
	return said.p;
}

static void
says(uint32_t max, bool deflate, const char *want)
{
	for (size_t step = 1; step < 40; step++)
		assert_string_equal(hear(max, deflate, step), want);
	assert_string_equal(hear(max, deflate, in.len), want);
	buf_reset(&in);
}

static void
messages(void **state)
{
	char text[200], want[220];

	(void)state;
	frame(0x81, "{}", 2);
	frame(0x81, "", 0);
	frame(0x82, "\1\2\3", 3);
	frame(0x89, "hi", 2);
	frame(0x8a, "", 0);
	says(16, false, "text:{};text:;binary:\1\2\3;ping:hi;pong:;");
	frame(0x01, "a", 1);
	frame(0x00, "", 0);
	frame(0x89, "", 0);
	frame(0x00, "b", 1);
	frame(0x80, "c", 1);
	frame(0x88, "\3\xe8" "bye", 5);
	says(16, false, "ping:;text:abc;close:\3\xe8" "bye;");
	memset(text, 'x', 199);
	text[199] = '\0';
	snprintf(want, sizeof(want), "text:%s;text:yy;", text);
	frame(0x81, text, 199);
	frame(0x01, "y", 1);
	frame(0x80, "y", 1);
	says(199, false, want);
	frame(0xc1, "\xff", 1);		/* packed: who unpacks it looks at it */
	frame(0x41, "\xff", 1);
	frame(0x80, "b", 1);
	frame(0x81, "c", 1);
	says(16, true, "packed text:\xff;packed text:\xff" "b;text:c;");
}

static void
wrong(void **state)
{
	static const struct { unsigned first; const char *p; size_t n;
	    const char *want; } t[] = {
		{ 0xc1, "", 0, "1002 a frame with reserved bits set" },
		{ 0xa1, "", 0, "1002 a frame with reserved bits set" },
		{ 0xc9, "", 0, "1002 a frame with reserved bits set" },
		{ 0x83, "", 0, "1002 a frame of an unknown kind" },
		{ 0x8b, "", 0, "1002 a frame of an unknown kind" },
		{ 0x09, "", 0, "1002 a control frame in fragments" },
		{ 0x80, "", 0, "1002 the continuation of no message" },
		{ 0x81, "\xff", 1, "1007 text that is no UTF-8" },
		{ 0x81, "\xc0\x80", 2, "1007 text that is no UTF-8" },
		{ 0x81, "\xed\xa0\x80", 3, "1007 text that is no UTF-8" },
		{ 0x81, "\xf4\x90\x80\x80", 4, "1007 text that is no UTF-8" },
		{ 0x81, "\xe2\x82", 2, "1007 text that is no UTF-8" },
		{ 0x82, "12345678901234567", 17,
		    "1009 a message that is too long" },
		{ 0x88, "\3", 1, "1002 a close frame with half a code" },
		{ 0x88, "\3\xed", 2, "1002 a close frame with a code that is "
		    "none" },
		{ 0x88, "\0\0", 2, "1002 a close frame with a code that is "
		    "none" },
		{ 0x88, "\3\xe8\xff", 3, "1007 text that is no UTF-8" },
	};
	char want[100], big[126] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		frame(0x81, "ok", 2);
		frame(t[i].first, t[i].p, t[i].n);
		frame(0x81, "never", 5);
		snprintf(want, sizeof(want), "text:ok;%s", t[i].want);
		says(16, false, want);
	}
	frame(0x89, big, sizeof(big));
	says(1000, false, "1002 a control frame of more than 125 bytes");
	frame(0x01, "a", 1);
	frame(0x81, "b", 1);
	says(16, false, "1002 a message inside of another");
	frame(0x01, "1234567890", 10);
	frame(0x80, "1234567", 7);
	says(16, false, "1009 a message that is too long");
	frame(0x01, "\xe2\x82", 2);
	frame(0x80, "\xac", 1);		/* a character in two frames */
	says(16, false, "text:\xe2\x82\xac;");
	assert_int_equal(buf_add(&in, "\x81\x02hi", 4), 0);
	says(16, false, "1002 a frame without a mask");
	assert_int_equal(buf_add(&in, "\x81\xfe\0\x02", 4), 0);
	says(16, false, "1002 a length in more bytes than it needs");
	assert_int_equal(buf_add(&in, "\x82\xff\x80\0\0\0\0\0\0\0", 10), 0);
	says(16, false, "1002 a length in more bytes than it needs");
	assert_int_equal(buf_add(&in, "\x82\xff\0\0\0\0\7\0\0\0", 10), 0);
	says(16, false, "1009 a message that is too long");
}

/* A reader that takes one message and lets the piece go. */
static void
paused(void **state)
{
	struct wsfs_msg m;
	struct wsfs r;
	uint8_t *piece;

	(void)state;
	frame(0x81, "one", 3);
	frame(0x81, "two", 3);
	frame(0x01, "thr", 3);
	frame(0x80, "ee", 2);
	frame(0x81, "four", 4);
	wsfs_init(&r, 16, false);
	piece = malloc(in.len - 2);
	assert_non_null(piece);
	memcpy(piece, in.p, in.len - 2);
	wsfs_feed(&r, piece, in.len - 2);
	assert_int_equal(wsfs_next(&r, &m), WSFS_MESSAGE);
	wsfs_pause(&r);
	free(piece);
	wsfs_feed(&r, NULL, 0);
	assert_int_equal(wsfs_next(&r, &m), WSFS_MESSAGE);
	assert_memory_equal(m.p, "two", 3);
	wsfs_pause(&r);
	wsfs_feed(&r, (uint8_t *)in.p + in.len - 2, 2);
	assert_int_equal(wsfs_next(&r, &m), WSFS_MESSAGE);
	assert_memory_equal(m.p, "three", 5);
	assert_int_equal(wsfs_next(&r, &m), WSFS_MESSAGE);
	assert_memory_equal(m.p, "four", 4);
	assert_int_equal(wsfs_next(&r, &m), WSFS_MORE);
	wsfs_pause(&r);
	assert_null(r.held.p);		/* and nothing is held */
	wsfs_free(&r);
	buf_reset(&in);
}

/* What is written is what our client's side reads. */
static void
own_frames(void **state)
{
	static const size_t n[] = { 0, 1, 125, 126, 65535, 65536, 100000 };
	struct buf b = { 0 };
	struct wsf_msg m;
	struct wsf r;
	char *text = calloc(1, 100000);

	(void)state;
	assert_non_null(text);
	wsf_init(&r, 1 << 20);
	for (size_t i = 0; i < sizeof(n) / sizeof(*n); i++) {
		text[n[i] / 2] = 'x';
		buf_reset(&b);
		assert_int_equal(wsfs_put(&b, WSF_TEXT, text, n[i]), 0);
		wsf_feed(&r, (uint8_t *)b.p, b.len);
		assert_int_equal(wsf_next(&r, &m), WSF_MESSAGE);
		assert_int_equal(m.op, WSF_TEXT);
		assert_int_equal(m.n, n[i]);
		assert_memory_equal(m.p, text, n[i]);
		assert_int_equal(wsf_next(&r, &m), WSF_MORE);
	}
	memset(text, 'y', 500);
	text[500] = '\0';
	buf_reset(&b);
	assert_int_equal(wsfs_put_close(&b, 1008, text), 0);
	wsf_feed(&r, (uint8_t *)b.p, b.len);
	assert_int_equal(wsf_next(&r, &m), WSF_MESSAGE);
	assert_int_equal(m.op, WSF_CLOSE);
	assert_int_equal(m.n, 125);
	assert_memory_equal(m.p, "\3\xf0yyy", 5);
	wsf_free(&r);
	buf_free(&b);
	free(text);
}

static void
packed(void **state)
{
	/* RFC 7692, section 7.2.3.1 */
	static const uint8_t hello[] = { 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07,
	    0x00 };
	static const char *const good[] = { "permessage-deflate",
	    "permessage-deflate; client_max_window_bits",
	    "x-webkit-deflate-frame, permessage-deflate ;"
	    "server_no_context_takeover;client_max_window_bits=10" };
	static const char *const bad[] = { "", "permessage", "deflate",
	    "permessage-deflate; server_max_window_bits=9",
	    "permessage-deflate; what", "permessage-deflatex", ";,;" };
	char text[3000];
	struct buf b = { 0 };
	const void *p;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_int_equal(wsz_offered(good[i]), 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(wsz_offered(bad[i]), 0);
	for (int i = 0; i < 2; i++) {		/* nothing is left of it */
		buf_reset(&b);
		assert_int_equal(wsz_unpack(hello, sizeof(hello), &b, 5), 0);
		assert_string_equal(b.p, "Hello");
		buf_reset(&b);
		assert_int_equal(wsz_unpack(hello, sizeof(hello), &b, 4), -1);
		buf_reset(&b);
		assert_int_equal(wsz_unpack("\xff\xff", 2, &b, 100), -1);
	}
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 7);
	assert_int_equal(wsz_pack(text, sizeof(text), &p, &n), 0);
	assert_true(n < 200);
	buf_reset(&b);
	assert_int_equal(wsz_unpack(p, n, &b, sizeof(text)), 0);
	assert_int_equal(b.len, sizeof(text));
	assert_memory_equal(b.p, text, sizeof(text));
	assert_int_equal(wsz_pack("q8", 2, &p, &n), -1);	/* longer */
	/* Only so much is unpacked as may be. */
	memset(text, 0, sizeof(text));
	assert_int_equal(wsz_pack(text, sizeof(text), &p, &n), 0);
	buf_reset(&b);
	assert_int_equal(wsz_unpack(p, n, &b, 100), -1);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
		cmocka_unit_test(wrong),
		cmocka_unit_test(paused),
		cmocka_unit_test(own_frames),
		cmocka_unit_test(packed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
