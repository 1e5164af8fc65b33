/*
 * rejects - why a frame did not decode
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "feed.h"
#include "rejects.h"

static char said[4096];			/* one line each */
static struct rejects r;

static void
say(const char *what, void *arg)
{
	(void)arg;
	strcat(said, what);
	strcat(said, "\n");
}

static int
setup(void **state)
{
	(void)state;
	r = (struct rejects){ 0 };
	return 0;
}

/* Adds a frame, and looks at the words. */
static void
is(const void *frame, size_t n, bool broken, const char *words)
{
	*said = '\0';
	rejects_add(&r, frame, n, broken, say, NULL);
	assert_string_equal(said, words);
}

#define FRAME(s)	(s), sizeof(s) - 1

static void
kinds(void **state)
{
	(void)state;
	is(FRAME("\0\1\0\3abc"), false,
	    "a packet of 3 bytes, a length that is not known\n");
	/* 1025 is NSE's: an index has 28 and 32 */
	is(FRAME("\0\1\0\x1c\0\0\4\1aaaaaaaaaaaaaaaaaaaaaaaa"), false,
	    "a packet of 28 bytes for token 1025, whose segment has none of "
	    "that length\n");
	is(FRAME("\0\2\0\x08\0\0\4\1\0\0\0\1\0\x08\0\0\4"), false,
	    "a frame of 17 bytes ends inside of packet 2 of 2\n");
	is(FRAME("\0\1\0\x08\0\0\4\1\0\0\0\1xyz"), false,
	    "3 bytes behind the last of 1 packets, in a frame of 15\n");
	is(FRAME("\0\3\0\x08\0\0\4\1\0\0\0\1"), false,
	    "a frame of 12 bytes announces 3 packets and has 1\n");
	is(FRAME(""), false, "an empty frame\n");
	is(FRAME("\0\1\0"), true, "only the first 3 bytes of a message are "
	    "there: it is too long, or the connection ended\n");
	for (int i = 0; i < REJECT_KINDS; i++)
		assert_int_equal(r.count[i], 1);
}

/* Said when new: another length is, another frame of the same is not.  Each
 * frame counts once. */
static void
news(void **state)
{
	uint64_t sum = 0;

	(void)state;
	is(FRAME("\0\3\0\3abc\0\4abcd\0\3abc"), false,
	    "a packet of 3 bytes, a length that is not known\n"
	    "a packet of 4 bytes, a length that is not known\n");
	is(FRAME("\0\3\0\3abc\0\4abcd\0\3abc"), false, "");
	is(FRAME("\0\1\0\4abcd-"), false,
	    "1 bytes behind the last of 1 packets, in a frame of 9\n");
	assert_int_equal(r.count[REJECT_LENGTH], 3);
	assert_int_equal(r.count[REJECT_BEHIND], 0);
	for (int i = 0; i < 1000; i++) {	/* no end of lengths */
		uint8_t frame[1028] = { 0, 1, (uint8_t)(i >> 8), (uint8_t)i };

		rejects_add(&r, frame, (size_t)i + 4, false, NULL, NULL);
	}
	is(FRAME("\0\1\0\5abcde"), false, "");
	for (int i = 0; i < REJECT_KINDS; i++)
		sum += r.count[i];
	assert_int_equal(sum, 3 + 1000 + 1 - 3);	/* 8, 44, 184 are good */
}

/* Whatever feed_frame() does not take has a reason, and only that. */
static void
all_that_feed_rejects(void **state)
{
	static const uint8_t base[] = "\0\2\0\x08\0\0\4\1\0\0\0\1"
	    "\0\x1c\0\0\4\11aaaaaaaaaaaaaaaaaaaaaaaa";
	struct capture_frame c = { .conn = 1 };
	struct feed d;
	struct fault f;
	uint64_t sum = 0, taken = 0;
	uint8_t frame[sizeof(base)];

	(void)state;
	assert_int_equal(feed_init(&d, NULL, &f), 0);
	for (size_t n = 0; n < sizeof(base); n++)
		for (size_t at = 0; at <= n; at++) {
			memcpy(frame, base, n);
			if (at < n)
				frame[at] ^= 5;
			c.p = frame;
			c.len = n;
			if (feed_frame(&d, &c) == 1)
				rejects_add(&r, frame, n, false, NULL, NULL);
			else
				taken++;
			buf_reset(&d.rows);
		}
	for (int i = 0; i < REJECT_KINDS; i++)
		sum += r.count[i];
	assert_int_equal(sum, d.count.rejects);
	assert_true(sum > 100 && taken > 10);
	feed_free(&d);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test_setup(kinds, setup),
		cmocka_unit_test_setup(news, setup),
		cmocka_unit_test_setup(all_that_feed_rejects, setup),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
