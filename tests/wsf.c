/*
 * wsf - frames of a server, cut anywhere, and wrong in every way
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wsf.h"

enum { MAX = 300, NOTES = 1 << 16 };

/* What came, as text: "B5 T2 P0 ...", with a sum of the bytes behind each. */
static char notes[NOTES];
static size_t noted;

static void
note(char kind, const uint8_t *p, size_t n)
{
	uint32_t sum = 2166136261u;

	for (size_t i = 0; i < n; i++)
		sum = (sum ^ p[i]) * 16777619u;
	noted += (size_t)snprintf(notes + noted, sizeof(notes) - noted,
	    "%c%zu:%08x ", kind, n, sum);
	assert_true(noted < sizeof(notes));
}

static char
letter(enum wsf_op op)
{
	return op == WSF_BINARY ? 'B' : op == WSF_TEXT ? 'T' :
	    op == WSF_PING ? 'I' : op == WSF_PONG ? 'O' : op == WSF_CLOSE ?
	    'C' : '?';
}

/* Feeds a piece, which is copied so that a read past it is seen. */
static enum wsf_rc
feed(struct wsf *r, const uint8_t *p, size_t n)
{
	uint8_t *own = malloc(n + (n == 0));
	struct wsf_msg m;
	enum wsf_rc rc;

	assert_non_null(own);
	if (n > 0)
		memcpy(own, p, n);
	wsf_feed(r, own, n);
	while ((rc = wsf_next(r, &m)) == WSF_MESSAGE)
		note(letter(m.op), m.p, m.n);
	free(own);
	return rc;
}

/* The bytes of all parts, one after the other. */
static struct buf parts;

static enum wsf_rc
feed_bad(struct wsf *r, const uint8_t *p, size_t n)
{
	struct wsf_msg m;
	enum wsf_rc rc;

	wsf_feed(r, p, n);
	while ((rc = wsf_next(r, &m)) == WSF_MESSAGE || rc == WSF_PART)
		if (rc == WSF_PART)
			assert_int_equal(buf_add(&parts, m.p, m.n), 0);
		else
			note(letter(m.op), m.p, m.n);
	return rc;
}

static size_t
frame(uint8_t *out, uint8_t first, size_t n, uint8_t fill)
{
	size_t head = 2;

	out[0] = first;
	if (n < 126)
		out[1] = (uint8_t)n;
	else {
		out[1] = 126;
		out[2] = (uint8_t)(n >> 8);
		out[3] = (uint8_t)n;
		head = 4;
	}
	for (size_t i = 0; i < n; i++)
		out[head + i] = (uint8_t)(fill + i);
	return head + n;
}

/* All kinds of frames; its length. */
static size_t
stream(uint8_t *s)
{
	size_t n = 0;

	n += frame(s + n, 0x82, 1, 'a');
	n += frame(s + n, 0x82, 190, 'b');
	n += frame(s + n, 0x81, 0, 0);
	n += frame(s + n, 0x89, 125, 'p');
	n += frame(s + n, 0x01, 5, 'c');	/* in fragments, a pong inside */
	n += frame(s + n, 0x8a, 0, 0);
	n += frame(s + n, 0x00, 0, 0);
	n += frame(s + n, 0x00, 200, 'd');
	n += frame(s + n, 0x80, 7, 'e');
	n += frame(s + n, 0x02, 0, 0);
	n += frame(s + n, 0x80, 0, 0);
	n += frame(s + n, 0x82, 126, 'f');
	n += frame(s + n, 0x82, MAX, 'g');
	n += frame(s + n, 0x88, 2, 3);
	return n;
}

static uint8_t bytes[4096];
static size_t len;
static char whole[1024];

static void
in_one_piece(void **state)
{
	struct wsf r;

	(void)state;
	wsf_init(&r, MAX);
	noted = 0;
	assert_int_equal(feed(&r, bytes, len), WSF_MORE);
	assert_false(wsf_begun(&r));
	assert_true(noted < sizeof(whole));
	memcpy(whole, notes, noted + 1);
	/* Kinds and lengths; the sums are compared with these bytes' below. */
	for (char *s = notes; (s = strchr(s, ':')) != NULL;)
		memmove(s, s + 9, strlen(s + 9) + 1);
	assert_string_equal(notes, "B1 B190 T0 I125 O0 T212 B0 B126 B300 C2 ");
	wsf_free(&r);
}

static void
payloads_are_right(void **state)
{
	struct wsf r;
	struct wsf_msg m;
	uint8_t want[256];

	(void)state;
	wsf_init(&r, MAX);
	wsf_feed(&r, bytes, len);
	assert_int_equal(wsf_next(&r, &m), WSF_MESSAGE);
	assert_ptr_equal(m.p, bytes + 2);		/* in place */
	assert_int_equal(m.p[0], 'a');
	assert_int_equal(wsf_next(&r, &m), WSF_MESSAGE);
	assert_ptr_equal(m.p, bytes + 7);
	for (int i = 0; i < 4; i++)
		assert_int_equal(wsf_next(&r, &m), WSF_MESSAGE);
	assert_int_equal(m.op, WSF_TEXT);
	for (size_t i = 0; i < 212; i++)
		want[i] = (uint8_t)(i < 5 ? 'c' + i : i < 205 ? 'd' + i - 5 :
		    'e' + i - 205);
	assert_int_equal(m.n, 212);
	assert_memory_equal(m.p, want, 212);
	wsf_free(&r);
}

static void
cut_anywhere(void **state)
{
	struct wsf r;

	(void)state;
	for (size_t a = 0; a <= len; a++)
		for (size_t b = a; b <= len; b += b < a + 20 ? 1 : 31) {
			wsf_init(&r, MAX);
			noted = 0;
			feed(&r, bytes, a);
			feed(&r, bytes + a, b - a);
			assert_int_equal(feed(&r, bytes + b, len - b),
			    WSF_MORE);
			assert_string_equal(notes, whole);
			wsf_free(&r);
		}
}

static void
a_byte_at_a_time(void **state)
{
	struct wsf r;

	(void)state;
	wsf_init(&r, MAX);
	noted = 0;
	for (size_t i = 0; i < len; i++)
		assert_int_equal(feed(&r, bytes + i, 1), WSF_MORE);
	assert_string_equal(notes, whole);
	assert_true(r.part.cap <= 2 * (MAX + 1));
	wsf_free(&r);
}

/* ---- violations ---- */

static const struct {
	const char *why;
	size_t n;
	uint8_t p[16];
} wrong[] = {
	{ "a frame with reserved bits set", 3, { 0xc2, 1, 7 } },
	{ "a frame with reserved bits set", 3, { 0xa2, 1, 7 } },
	{ "a frame with reserved bits set", 2, { 0x99, 0 } },
	{ "a masked frame", 7, { 0x82, 0x81, 1, 2, 3, 4, 5 } },
	{ "a frame of an unknown kind", 3, { 0x83, 1, 7 } },
	{ "a frame of an unknown kind", 2, { 0x87, 0 } },
	{ "a frame of an unknown kind", 2, { 0x8b, 0 } },
	{ "a frame of an unknown kind", 2, { 0x8f, 0 } },
	{ "a control frame in fragments", 2, { 0x09, 0 } },
	{ "a control frame in fragments", 2, { 0x08, 0 } },
	{ "a control frame of more than 125 bytes", 4, { 0x89, 126, 0, 1 } },
	{ "a control frame of more than 125 bytes", 10, { 0x88, 127 } },
	{ "the continuation of no message", 3, { 0x80, 1, 7 } },
	{ "the continuation of no message", 3, { 0x00, 1, 7 } },
	{ "a frame of 2^63 bytes or more", 10, { 0x82, 127, 0x80 } },
};

static void
violations(void **state)
{
	struct wsf r;
	uint8_t s[64];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		for (size_t cut = 0; cut <= 3 + wrong[i].n; cut++) {
			size_t n = frame(s, 0x82, 1, 'x');

			memcpy(s + n, wrong[i].p, wrong[i].n);
			n += wrong[i].n;
			memcpy(s + n, "rest", 4);
			wsf_init(&r, MAX);
			noted = 0;
			buf_reset(&parts);
			if (feed_bad(&r, s, cut) == WSF_MORE)
				assert_int_equal(feed_bad(&r, s + cut, n + 4 -
				    cut), WSF_BAD);
			else
				assert_int_equal(buf_add(&parts, s + cut,
				    n + 4 - cut), 0);
			assert_string_equal(r.why, wrong[i].why);
			assert_string_equal(notes, "B1:fd0c5087 ");
			/* ... and nothing is lost. */
			assert_int_equal(parts.len, wrong[i].n + 4);
			assert_memory_equal(parts.p, s + 3, parts.len);
			assert_int_equal(feed_bad(&r, s, 0), WSF_BAD);
			wsf_free(&r);
		}
}

static void
a_message_inside_of_another(void **state)
{
	static const uint8_t s[] = { 0x01, 2, 'a', 'b', 0x82, 1, 'c' };
	struct wsf r;
	struct wsf_msg m;

	(void)state;
	wsf_init(&r, MAX);
	wsf_feed(&r, s, sizeof(s));
	assert_int_equal(wsf_next(&r, &m), WSF_PART);
	assert_int_equal(m.op, WSF_TEXT);
	assert_int_equal(m.n, 2);
	assert_memory_equal(m.p, "ab", 2);
	assert_int_equal(wsf_next(&r, &m), WSF_PART);
	assert_int_equal(m.op, WSF_CONT);	/* raw */
	assert_int_equal(m.n, 3);
	assert_memory_equal(m.p, s + 4, 3);
	assert_int_equal(wsf_next(&r, &m), WSF_BAD);
	assert_string_equal(r.why, "a message inside of another");
	wsf_free(&r);
}

/* n bytes in one frame or in two: all that was fed comes out. */
static void
too_long(size_t n, size_t first, size_t step)
{
	static uint8_t s[2 * MAX + 100];
	struct wsf r;
	enum wsf_rc rc = WSF_MORE;
	size_t end = first == 0 ? frame(s, 0x82, n, 0) :
	    frame(s, 0x02, first, 0);
	char why[80];

	if (first > 0)
		end += frame(s + end, 0x80, n - first, (uint8_t)first);
	wsf_init(&r, MAX);
	buf_reset(&parts);
	noted = 0;
	for (size_t i = 0; i < end && rc == WSF_MORE; i += step)
		rc = feed_bad(&r, s + i, i + step < end ? step : end - i);
	snprintf(why, sizeof(why), "a message of more than %d bytes", MAX);
	assert_int_equal(rc, WSF_BAD);
	assert_string_equal(r.why, why);
	assert_int_equal(noted, 0);
	assert_in_range(parts.len, MAX + 1, n + 4);
	for (size_t i = 0; i < MAX; i++)
		assert_int_equal((uint8_t)parts.p[i], (uint8_t)i);
	assert_true(r.part.cap <= 2 * (MAX + step + 1));
	wsf_free(&r);
}

static void
longer_than_max(void **state)
{
	(void)state;
	for (size_t step = 1; step < 700; step++) {
		too_long(MAX + 1, 0, step);
		too_long(2 * MAX, 0, step);
		too_long(MAX + 1, MAX, step);
		too_long(MAX + 1, 1, step);
	}
}

/* What belongs to the message that is too long, and what is behind it. */
static void
frames_behind_what_is_too_long(void **state)
{
	static uint8_t s[2 * MAX];
	size_t n = frame(s, 0x82, MAX + 9, 0), all = n + frame(s + n, 0x82, 5,
	    'x');
	struct wsf r;
	struct wsf_msg m;

	(void)state;
	wsf_init(&r, MAX);
	wsf_feed(&r, s, 100);
	assert_int_equal(wsf_next(&r, &m), WSF_MORE);
	wsf_feed(&r, s + 100, all - 100);
	assert_int_equal(wsf_next(&r, &m), WSF_PART);
	assert_int_equal(m.op, WSF_BINARY);
	assert_int_equal(m.n, MAX + 9);
	assert_memory_equal(m.p, s + 4, MAX + 9);
	assert_int_equal(wsf_next(&r, &m), WSF_PART);
	assert_int_equal(m.op, WSF_CONT);
	assert_int_equal(m.n, 7);
	assert_memory_equal(m.p, s + n, 7);
	assert_int_equal(wsf_next(&r, &m), WSF_BAD);
	wsf_free(&r);
}

static void
a_length_that_lies(void **state)
{
	static const uint8_t s[] = { 0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 'a' };
	struct wsf r;

	(void)state;
	wsf_init(&r, MAX);
	noted = 0;
	assert_int_equal(feed(&r, s, sizeof(s)), WSF_MORE);
	assert_true(wsf_begun(&r));
	assert_true(r.part.cap <= 2 * (MAX + 1));	/* it is not believed */
	wsf_free(&r);
}

static void
a_length_with_zeros_before_it(void **state)
{
	static const uint8_t s[] = { 0x82, 127, 0, 0, 0, 0, 0, 0, 0, 1, 'a',
	    0x82, 126, 0, 1, 'a', 0x82, 126, 0, 0 };
	struct wsf r;

	(void)state;
	wsf_init(&r, MAX);
	noted = 0;
	assert_int_equal(feed(&r, s, sizeof(s)), WSF_MORE);
	assert_string_equal(notes, "B1:e40c292c B1:e40c292c B0:811c9dc5 ");
	wsf_free(&r);
}

static void
ends_anywhere(void **state)
{
	struct wsf r;
	struct wsf_msg m;
	size_t got;
	bool begun;

	(void)state;
	for (size_t cut = 0; cut <= len; cut++) {
		wsf_init(&r, MAX);
		noted = 0;
		feed(&r, bytes, cut);
		begun = wsf_begun(&r);
		wsf_end(&r);
		for (got = 0; wsf_next(&r, &m) == WSF_PART; got += m.n)
			;
		assert_int_equal(wsf_next(&r, &m), WSF_BAD);
		assert_int_equal(r.why[0] != '\0', begun);
		assert_true(begun || got == 0);
		assert_memory_equal(notes, whole, noted);
		wsf_free(&r);
	}
	wsf_init(&r, MAX);
	feed(&r, (const uint8_t *)"\x82\x03mn", 4);
	wsf_end(&r);
	assert_int_equal(wsf_next(&r, &m), WSF_PART);
	assert_int_equal(m.op, WSF_BINARY);
	assert_int_equal(m.n, 2);
	assert_memory_equal(m.p, "mn", 2);
	assert_string_equal(r.why, "only the beginning of a message");
	wsf_free(&r);
}

/* ---- random bytes, against a reference that has all of them at once ---- */

/* Whole messages of s[n] into notes, the plain way; whether it ends well. */
static bool
reference(const uint8_t *s, size_t n)
{
	static uint8_t msg[MAX];
	size_t at = 0, have = 0;
	int kind = 0;

	for (;;) {
		uint64_t size;
		size_t head = 2;
		int op;

		if (n - at < 2)
			return true;
		op = s[at] & 15;
		size = s[at + 1] & 127;
		if (size > 125)
			head = size == 126 ? 4 : 10;
		if (n - at < head)
			return true;
		if (head > 2)
			size = 0;
		for (size_t i = 2; i < head; i++)
			size = size << 8 | s[at + i];
		if ((s[at] & 0x70) != 0 || s[at + 1] > 127 || op > 10 ||
		    (op > 2 && op < 8) || size >> 63 != 0 ||
		    (op >= 8 && (s[at] < 128 || head > 2)) ||
		    (op == 0 && kind == 0) || (op > 0 && op < 8 && kind != 0))
			return false;
		at += head;
		if (op < 8 && size > MAX - have)
			return n - at <= MAX - have;
		if (op > 0 && op < 8)
			kind = op;
		if (size > n - at)
			return true;
		if (op >= 8)
			note(letter(op), s + at, (size_t)size);
		else {
			memcpy(msg + have, s + at, (size_t)size);
			have += (size_t)size;
			if (s[at - head] >= 128) {
				note(letter(kind), msg, have);
				kind = 0;
				have = 0;
			}
		}
		at += (size_t)size;
	}
}

static unsigned long seed = 1;

static unsigned
below(unsigned n)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return (unsigned)(seed >> 33) % n;
}

/* Frames that are mostly right, then some bytes of them changed. */
static size_t
random_stream(uint8_t *s)
{
	static const uint8_t first[] = { 0x82, 0x82, 0x81, 0x02, 0x00, 0x00,
	    0x80, 0x89, 0x8a, 0x88 };
	size_t n = 0;
	int kind = 0;

	while (n < 1500) {
		uint8_t f = first[below(sizeof(first))];
		int op = f & 15;

		if (op < 8 && below(50) != 0) {
			if (kind != 0)
				f &= 0xf0;
			else if (op == 0)
				f |= 2;
			kind = f < 128;
		}
		n += frame(s + n, f, op >= 8 ? below(126) : below(9) == 0 ?
		    below(MAX + 2) : below(140), (uint8_t)below(256));
	}
	for (unsigned i = below(4); i > 1; i--)
		s[below((unsigned)n)] = (uint8_t)below(256);
	return n;
}

static void
random_frames(void **state)
{
	static uint8_t s[4096];
	static char expect[NOTES];
	struct wsf r;
	unsigned good = 0, wrongs = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t n = random_stream(s);
		enum wsf_rc rc = WSF_MORE;
		bool ok;

		noted = 0;
		notes[0] = '\0';
		ok = reference(s, n);
		memcpy(expect, notes, noted + 1);
		noted = 0;
		notes[0] = '\0';
		wsf_init(&r, MAX);
		for (size_t i = 0, step; i < n && rc == WSF_MORE; i += step) {
			step = 1 + below(round % 2 == 0 ? 20 : 700);
			if (step > n - i)
				step = n - i;
			rc = feed(&r, s + i, step);
		}
		assert_string_equal(notes, expect);
		assert_int_equal(rc == WSF_MORE, ok);
		good += ok;
		wrongs += !ok;
		wsf_free(&r);
	}
	assert_true(good > 1000 && wrongs > 1000);
}

/* ---- a client's frames ---- */

static void
frames_of_a_client(void **state)
{
	static const size_t sizes[] = { 0, 1, 125, 126, 65535, 65536, 70001 };
	static const uint8_t key[4] = { 0x11, 0x22, 0x33, 0x44 };
	static uint8_t in[70001];
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 7);
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		size_t n = sizes[k], head = n < 126 ? 2 : n < 65536 ? 4 : 10;
		const uint8_t *p;
		uint64_t size = 0;

		buf_reset(&b);
		assert_int_equal(buf_adds(&b, "before"), 0);
		assert_int_equal(wsf_put(&b, WSF_TEXT, in, n, 0x44332211), 0);
		assert_int_equal(b.len, 6 + head + 4 + n);
		p = (uint8_t *)b.p + 6;
		assert_int_equal(p[0], 0x81);
		assert_int_equal(p[1], 0x80 | (n < 126 ? n : n < 65536 ? 126 :
		    127));
		for (size_t i = 2; i < head; i++)
			size = size << 8 | p[i];
		assert_int_equal(size, head == 2 ? 0 : n);
		assert_memory_equal(p + head, key, 4);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[head + 4 + i], in[i] ^ key[i % 4]);
	}
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_one_piece),
		cmocka_unit_test(payloads_are_right),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(a_byte_at_a_time),
		cmocka_unit_test(violations),
		cmocka_unit_test(a_message_inside_of_another),
		cmocka_unit_test(longer_than_max),
		cmocka_unit_test(frames_behind_what_is_too_long),
		cmocka_unit_test(a_length_that_lies),
		cmocka_unit_test(a_length_with_zeros_before_it),
		cmocka_unit_test(ends_anywhere),
		cmocka_unit_test(random_frames),
		cmocka_unit_test(frames_of_a_client),
	};
	int rc;

	len = stream(bytes);
	rc = cmocka_run_group_tests_name("wsf", tests, NULL, NULL);
	buf_free(&parts);
	return rc;
}
