/*
 * feed - frames to rows: numbers, names, flags, counts
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clk.h"
#include "feed.h"

#define OPEN_US (INT64_C(1795578300) * US_PER_SEC + 500000)
enum { OPEN_S = 1795578300, INFY = 408065, TATA = 884737, NIFTY = 256265 };

static struct inst_set set;
static struct feed feed;

static int
setup(void **state)
{
	static const struct {
		uint32_t token;
		const char *name;
	} i[] = { { INFY, "INFY" }, { TATA, "TATA\tMOTORS" },
	    { NIFTY, "NIFTY 50" } };
	struct fault f;

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		struct inst *p = inst_add(&set);

		if (p == NULL)
			return -1;
		p->token = i[k].token;
		snprintf(p->tradingsymbol, sizeof(p->tradingsymbol), "%s",
		    i[k].name);
	}
	inst_sort(&set);
	return feed_init(&feed, &set, &f);
}

static int
teardown(void **state)
{
	(void)state;
	feed_free(&feed);
	inst_free(&set);
	return 0;
}

/* Feeds a frame with one packet of a token. */
static int
tick(uint32_t conn, uint32_t token, uint32_t exch_s, uint32_t volume)
{
	struct tick t = { .token = token, .kind = TICK_FULL, .exch_s = exch_s,
	    .volume = volume };
	uint8_t p[4 + KITE_FULL_LEN] = { 0, 1 };
	size_t n = kite_encode(p + 4, &t, TICK_FULL);
	struct capture_frame c = { .recv_us = OPEN_US + US_PER_SEC,
	    .conn = conn, .kind = CAPTURE_BINARY, .p = p, .len = 4 + n };

	p[3] = (uint8_t)n;
	return feed_frame(&feed, &c);
}

/* seq, conn, flag and symbol of the rows since the last call. */
static void
rows(const char *want)
{
	char got[4096] = "", *end;
	size_t n = 0;

	for (char *p = feed.rows.p; feed.rows.len > 0 && *p != '\0';
	    p = end + 1) {
		char f[6][64];

		end = strchr(p, '\n');
		assert_non_null(end);
		assert_int_equal(sscanf(p, "%63[^\t]\t%63[^\t]\t%63[^\t]\t"
		    "%63[^\t]\t%63[^\t]\t%63[^\t]", f[0], f[1], f[2], f[3],
		    f[4], f[5]), 6);
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%s %s %s %s\n",
		    f[0], f[2], f[3], f[5]);
	}
	assert_string_equal(got, want);
	buf_reset(&feed.rows);
}

static void
flags(void **state)
{
	(void)state;
	feed.seq = 41;				/* a run before this one */
	feed_opened(&feed, 1, OPEN_US);
	tick(1, INFY, OPEN_S - 1, 1);		/* from yesterday, say */
	tick(1, INFY, OPEN_S - 1, 2);		/* late, but no longer first */
	tick(1, TATA, OPEN_S, 1);		/* first, and of now */
	tick(1, TATA, OPEN_S, 1);		/* to the byte the same */
	tick(1, TATA, OPEN_S, 2);		/* another in that second */
	tick(1, TATA, OPEN_S - 5, 3);		/* older */
	tick(1, TATA, OPEN_S - 4, 3);		/* newer than that */
	tick(1, NIFTY, OPEN_S - 90, 0);
	rows("42 1 c INFY\n43 1 - INFY\n44 1 - TATA\\tMOTORS\n"
	    "45 1 d TATA\\tMOTORS\n46 1 - TATA\\tMOTORS\n"
	    "47 1 o TATA\\tMOTORS\n48 1 - TATA\\tMOTORS\n49 1 c NIFTY 50\n");
	feed_opened(&feed, 1, OPEN_US + 60 * US_PER_SEC);
	tick(1, INFY, OPEN_S - 1, 2);		/* cached, and the same again */
	tick(1, TATA, OPEN_S - 10, 9);		/* cached, and older */
	tick(1, INFY, OPEN_S + 61, 3);
	rows("50 1 cd INFY\n51 1 co TATA\\tMOTORS\n52 1 - INFY\n");
	assert_int_equal(feed.count.ticks, 11);
	assert_int_equal(feed.count.cached, 4);
	assert_int_equal(feed.count.repeats, 2);
	assert_int_equal(feed.count.older, 2);
	assert_int_equal(feed.count.seen, 3);
	assert_int_equal(feed.lag_us, -59500000);
	assert_int_equal(feed.newest_s, OPEN_S + 61);
	assert_true(feed.moved_us == feed.last_us);
}

/* Each connection has its own first packets. */
static void
connections(void **state)
{
	(void)state;
	feed_opened(&feed, 1, OPEN_US);
	feed_opened(&feed, 2, OPEN_US);
	tick(1, INFY, OPEN_S - 9, 1);
	tick(2, TATA, OPEN_S - 9, 1);
	feed_opened(&feed, 2, OPEN_US + US_PER_SEC);
	tick(1, INFY, OPEN_S - 8, 2);
	tick(2, TATA, OPEN_S - 8, 2);
	/* and of a number that no broker gives */
	tick(60000, INFY, OPEN_S - 7, 3);
	rows("1 1 c INFY\n2 2 c TATA\\tMOTORS\n3 1 - INFY\n"
	    "4 2 c TATA\\tMOTORS\n5 60000 - INFY\n");
}

static void
bad_frames(void **state)
{
	static const uint8_t heart[1], none[2], odd[] = { 0, 3, 0, 2, 9, 9,
	    0, 8, 0x00, 0x06, 0x3a, 0x01, 0, 0, 0, 1, 0, 8, 0, 0 };
	struct capture_frame c = { .recv_us = OPEN_US, .conn = 1 };

	(void)state;
	c.p = heart;
	c.len = 1;
	assert_int_equal(feed_frame(&feed, &c), 0);
	c.len = 0;
	assert_int_equal(feed_frame(&feed, &c), 1);
	c.p = none;
	c.len = 2;
	assert_int_equal(feed_frame(&feed, &c), 0);
	c.p = odd;
	c.len = sizeof(odd);
	assert_int_equal(feed_frame(&feed, &c), 1);
	rows("1 1 - INFY\n");
	assert_int_equal(feed.count.heartbeats, 1);
	assert_int_equal(feed.count.frames, 3);
	assert_int_equal(feed.count.rejects, 2);
	assert_int_equal(feed.count.packets_bad, 1);
	assert_int_equal(feed.count.bytes, 1 + 0 + 2 + sizeof(odd));
}

/* Exchange times of 0, far ahead, backwards: all become rows as they are. */
static void
times(void **state)
{
	(void)state;
	feed_opened(&feed, 1, OPEN_US);
	tick(1, INFY, 0, 1);			/* none: says nothing of its age */
	tick(1, INFY, OPEN_S, 2);
	tick(1, INFY, UINT32_MAX, 3);		/* in 2106 */
	tick(1, INFY, OPEN_S + 1, 4);		/* and so this one is older */
	tick(1, INFY, OPEN_S, 5);
	tick(1, INFY, 0, 6);
	tick(1, INFY, OPEN_S - 1, 7);		/* than the last that had one */
	tick(1, TATA, UINT32_MAX, 1);
	rows("1 1 c INFY\n2 1 - INFY\n3 1 - INFY\n4 1 o INFY\n5 1 o INFY\n"
	    "6 1 - INFY\n7 1 o INFY\n8 1 - TATA\\tMOTORS\n");
	assert_int_equal(feed.lag_us, OPEN_US + US_PER_SEC -
	    UINT32_MAX * US_PER_SEC);
	assert_int_equal(feed.newest_s, OPEN_S + 1);
}

/* What a frame that was cut anywhere has whole is in rows, and the frame is
 * told. */
static void
prefixes(void **state)
{
	uint8_t p[2 + 3 * (2 + KITE_FULL_LEN)] = { 0, 3 };
	struct capture_frame c = { .recv_us = OPEN_US, .conn = 1, .p = p };
	size_t one = 2 + KITE_FULL_LEN;

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		struct tick t = { .token = INFY, .volume = i };

		p[2 + i * one + 1] = KITE_FULL_LEN;
		kite_encode(p + 2 + i * one + 2, &t, TICK_FULL);
	}
	for (c.len = 2; c.len < sizeof(p); c.len++) {
		uint64_t seq = feed.seq;

		assert_int_equal(feed_frame(&feed, &c), 1);
		assert_int_equal(feed.seq - seq, (c.len - 2) / one);
		buf_reset(&feed.rows);
	}
	assert_int_equal(feed.count.rejects, sizeof(p) - 2);
	assert_int_equal(feed_frame(&feed, &c), 0);
}

/* Tokens that nobody subscribed get rows; only so many are remembered. */
static void
strangers(void **state)
{
	(void)state;
	tick(1, 257, OPEN_S, 1);
	tick(1, 257, OPEN_S, 1);
	tick(1, INFY, OPEN_S, 1);
	rows("1 1 - \\N\n2 1 d \\N\n3 1 - INFY\n");
	assert_int_equal(feed.count.strangers, 2);
	for (uint32_t i = 0; i < FEED_STRANGERS_MAX; i++) {
		assert_int_equal(tick(1, (i + 1000) << 8 | 2, OPEN_S, 1), 0);
		buf_reset(&feed.rows);
	}
	tick(1, 1000 << 8 | 2, OPEN_S, 1);	/* known */
	tick(1, (FEED_STRANGERS_MAX + 999) << 8 | 2, OPEN_S, 1);	/* not */
	tick(1, INFY, OPEN_S, 1);
	rows("65540 1 d \\N\n65541 1 - \\N\n65542 1 d INFY\n");
}

static void
without_instruments(void **state)
{
	struct fault f;

	(void)state;
	feed_free(&feed);
	assert_int_equal(feed_init(&feed, NULL, &f), 0);
	tick(1, INFY, OPEN_S, 1);
	rows("1 1 - \\N\n");
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test_setup_teardown(flags, setup, teardown),
		cmocka_unit_test_setup_teardown(connections, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_frames, setup, teardown),
		cmocka_unit_test_setup_teardown(times, setup, teardown),
		cmocka_unit_test_setup_teardown(prefixes, setup, teardown),
		cmocka_unit_test_setup_teardown(strangers, setup, teardown),
		cmocka_unit_test_setup_teardown(without_instruments, setup,
		    teardown),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
