/*
 * spoil - what the simulated ticker does wrong, and when: frames made bad, and
 * the schedule of faults
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "clk.h"
#include "kite.h"
#include "simfault.h"
#include "spoil.h"

enum { TIME = 1795405500, PACKETS = 4 };

/* A frame of a share twice, an index, and a last price. */
static size_t
good_frame(uint8_t *p)
{
	static const struct tick t[PACKETS] = {
		{ .token = 257, .kind = TICK_FULL, .exch_s = TIME,
		    .price_e7 = 100 * INT64_C(10000000), .volume = 7 },
		{ .token = 513, .kind = TICK_FULL, .exch_s = TIME,
		    .price_e7 = 200 * INT64_C(10000000), .volume = 9 },
		{ .token = 265, .kind = TICK_INDEX_FULL, .exch_s = TIME,
		    .price_e7 = 300 * INT64_C(10000000) },
		{ .token = 769, .kind = TICK_LTP, .price_e7 = 100000 },
	};
	size_t n = 2, len;

	p[0] = 0;
	p[1] = PACKETS;
	for (int i = 0; i < PACKETS; i++) {
		len = kite_encode(p + n + 2, &t[i], t[i].kind);
		p[n] = 0;
		p[n + 1] = (uint8_t)len;
		n += 2 + len;
	}
	return n;
}

struct found {
	unsigned	 ticks, bad, strangers;
	enum kite_rc	 end;
	uint32_t	 time;		/* of the last tick that has one */
};

static struct found
look(const void *p, size_t n)
{
	struct found d = { 0 };
	struct kite_frame k;
	struct tick t;
	enum kite_rc rc = kite_begin(&k, p, n);

	while (rc > KITE_END && (rc = kite_next(&k, &t)) > KITE_END) {
		d.ticks += rc == KITE_TICK;
		d.bad += rc == KITE_BAD;
		if (rc == KITE_TICK && t.exch_s != 0)
			d.time = t.exch_s;
		d.strangers += rc == KITE_TICK && spoil_is_stranger(t.token);
	}
	d.end = rc;
	return d;
}

static struct found
spoilt(enum spoil_kind how, uint64_t turn)
{
	uint8_t frame[1024];
	size_t n = good_frame(frame);
	struct buf b = { 0 };
	struct found d;

	assert_int_equal(spoil_frame(&b, how, turn, frame, n), 0);
	d = look(b.p, b.len);
	buf_free(&b);
	return d;
}

static void
good_packets_survive(void **state)
{
	static const struct {
		enum spoil_kind	 how;
		uint64_t	 turn;
		unsigned	 ticks, bad;
		enum kite_rc	 end;
	} want[] = {
		{ SPOIL_UNKNOWN, 0, 4, 3, KITE_END },
		{ SPOIL_SHORT, 0, 3, 0, KITE_CUT },
		{ SPOIL_TRAILING, 0, 4, 0, KITE_CUT },
		{ SPOIL_LIAR, 0, 4, 0, KITE_CUT },
		{ SPOIL_LIAR, 1, 3, 0, KITE_CUT },
		{ SPOIL_ZERO, 0, 4, 2, KITE_END },
		{ SPOIL_HUGE, 0, 4, 0, KITE_CUT },
		{ SPOIL_EMPTY, 0, 4, 0, KITE_END },
		{ SPOIL_WRONGKIND, 0, 4, 2, KITE_END },
		{ SPOIL_STRANGER, 0, 5, 0, KITE_END },
		{ SPOIL_NOTIME, 0, 4, 0, KITE_END },
		{ SPOIL_FUTURE, 0, 4, 0, KITE_END },
		{ SPOIL_BACKWARDS, 0, 4, 0, KITE_END },
		{ SPOIL_STALE, 0, 4, 0, KITE_END },
		{ SPOIL_REPEAT, 0, 8, 0, KITE_END },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		struct found d = spoilt(want[i].how, want[i].turn);

		if (d.ticks != want[i].ticks || d.bad != want[i].bad ||
		    d.end != want[i].end)
			fail_msg("kind %d: %u ticks, %u bad, end %d",
			    want[i].how, d.ticks, d.bad, d.end);
	}
	for (uint64_t turn = 0; turn < 9; turn++)	/* all odd lengths */
		assert_int_equal(spoilt(SPOIL_UNKNOWN, turn).bad, 3);
	assert_int_equal(spoilt(SPOIL_STRANGER, 0).strangers, 1);
	assert_int_equal(spoilt(SPOIL_REPEAT, 0).strangers, 0);
}

static void
times_are_wrong(void **state)
{
	(void)state;
	assert_int_equal(spoilt(SPOIL_REPEAT, 0).time, TIME);
	assert_int_equal(spoilt(SPOIL_NOTIME, 0).time, 0);
	assert_int_equal(spoilt(SPOIL_FUTURE, 0).time, TIME + 3600);
	assert_int_equal(spoilt(SPOIL_STALE, 0).time, TIME - 3 * 86400);
	for (uint64_t turn = 1; turn < 60; turn++)
		assert_true(spoilt(SPOIL_BACKWARDS, turn).time <
		    spoilt(SPOIL_BACKWARDS, turn - 1).time);
}

static void
what_is_no_good_frame(void **state)
{
	uint8_t frame[1024];
	size_t n = good_frame(frame);
	struct buf b = { 0 };

	(void)state;
	for (int how = 0; how < SPOIL_KINDS; how++)
		for (size_t len = 0; len <= n; len++) {
			buf_reset(&b);
			assert_int_equal(spoil_frame(&b, how, len, frame, len),
			    0);
			assert_true(b.len >= 2);
		}
	/* a packet that was bad already stays as it is, those behind it too */
	frame[3] = 3;
	memmove(frame + 4 + 3, frame + 4 + 184, n - 4 - 184);
	buf_reset(&b);
	assert_int_equal(spoil_frame(&b, SPOIL_STALE, 0, frame, n - 181), 0);
	assert_int_equal(look(b.p, b.len).bad, 1);
	assert_int_equal(look(b.p, b.len).ticks, 3);
	assert_int_equal(look(b.p, b.len).time, TIME - 3 * 86400);
	buf_free(&b);
}

static void
a_thin_line(void **state)
{
	uint8_t frame[1024];
	size_t n = good_frame(frame);
	struct buf b = { 0 };
	uint64_t seen = 0, ticks = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		buf_reset(&b);
		assert_int_equal(spoil_thin(&b, &seen, frame, n), 0);
		assert_int_equal(look(b.p, b.len).end, KITE_END);
		ticks += look(b.p, b.len).ticks;
	}
	assert_int_equal(seen, 100 * PACKETS);
	assert_int_equal(ticks, 100 * PACKETS - 100 * PACKETS / 50);
	buf_free(&b);
}

/* ---- the schedule ---- */

static void
schedule_is_read(void **state)
{
	static const char *const bad[] = {
		"", "@", "mute", "mute@", "mute@9:15:00", "mute@09:15",
		"mute@24:00:00", "mute@09:15:00+", "mute@09:15:00+0",
		"mute@09:15:00+86401", "mute@09:15:00+1.5", "mute@09:15:00 +1",
		"reset@09:15:00+5", "mut@09:15:00", "mutes@09:15:00",
		"mute@09:15:000", "Mute@09:15:00"
	};
	static struct simfault s;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (simfault_add(&s, bad[i], &f) != -1 || f.ex != EX_USAGE)
			fail_msg("%s is taken", bad[i]);
	}
	assert_int_equal(s.n, 0);
	for (size_t i = 0; simfault_name(i) != NULL; i++) {
		char text[64];

		snprintf(text, sizeof(text), "%s@23:59:59", simfault_name(i));
		assert_int_equal(simfault_add(&s, text, &f), 0);
		assert_int_equal(s.v[i].kind, i);
	}
	assert_int_equal(s.n, SIMFAULT_KINDS);
	while (s.n < SIMFAULT_MAX)
		assert_int_equal(simfault_add(&s, "big@00:00:00", &f), 0);
	assert_int_equal(simfault_add(&s, "big@00:00:00", &f), -1);
}

static void
add(struct simfault *s, const char *text)
{
	struct fault f;

	assert_int_equal(simfault_add(s, text, &f), 0);
}

static void
faults_come_in_order(void **state)
{
	const int64_t nine = 9 * 3600 * US_PER_SEC;
	struct simfault s = { 0 };
	struct simfault_event e;

	(void)state;
	assert_false(simfault_next(&s, nine, 1, &e));
	add(&s, "close@09:00:02");
	add(&s, "mute@09:00:01+3600");
	add(&s, "reset@09:00:01");
	assert_false(simfault_next(&s, nine, 1, &e));
	assert_true(s.due_us == nine + US_PER_SEC);
	assert_true(simfault_next(&s, nine + 5 * US_PER_SEC, 1, &e));
	assert_int_equal(e.kind, SIMFAULT_MUTE);
	assert_true(simfault_is(&s, SIMFAULT_MUTE) && simfault_line(&s));
	assert_true(simfault_next(&s, nine + 5 * US_PER_SEC, 1, &e));
	assert_int_equal(e.kind, SIMFAULT_RESET);
	assert_true(simfault_next(&s, nine + 5 * US_PER_SEC, 1, &e));
	assert_int_equal(e.kind, SIMFAULT_CLOSE);
	assert_false(simfault_next(&s, nine + 5 * US_PER_SEC, 1, &e));
	assert_true(simfault_is(&s, SIMFAULT_MUTE));
	assert_false(simfault_is(&s, SIMFAULT_RESET));
	assert_int_equal(s.begun, 3);
}

/* What tests a time-out ends by real time, the rest by the market's. */
static void
faults_end(void **state)
{
	const int64_t nine = 9 * 3600 * US_PER_SEC;
	struct simfault s = { 0 };
	struct simfault_event e;

	(void)state;
	add(&s, "mute@09:00:00+60");
	add(&s, "forget@09:00:00+60");
	while (simfault_next(&s, nine, 1e9, &e))
		;
	assert_false(simfault_next(&s, nine + US_PER_SEC, 1e9, &e));
	assert_false(simfault_is(&s, SIMFAULT_MUTE));
	assert_true(simfault_is(&s, SIMFAULT_FORGET));
	assert_false(simfault_next(&s, nine + 60 * US_PER_SEC, 1, &e));
	assert_false(simfault_is(&s, SIMFAULT_FORGET));
	add(&s, "refuse@09:00:00+60");	/* which is over already */
	while (simfault_next(&s, nine + 3600 * US_PER_SEC, 1, &e))
		;
	assert_false(simfault_line(&s));
}

static void
frames_take_turns(void **state)
{
	const int64_t nine = 9 * 3600 * US_PER_SEC;
	struct simfault s = { 0 };
	struct simfault_event e;
	enum spoil_kind how;
	uint64_t turn;

	(void)state;
	assert_false(simfault_spoils(&s, &how, &turn));
	add(&s, "short@09:00:00");
	add(&s, "zero@09:00:00+10");
	while (simfault_next(&s, nine, 1, &e))
		;
	assert_true(simfault_spoils(&s, &how, &turn));
	assert_int_equal(how, SPOIL_SHORT);
	for (uint64_t i = 0; i < 3; i++) {
		assert_true(simfault_spoils(&s, &how, &turn));
		assert_int_equal(how, SPOIL_ZERO);
		assert_true(turn == i);
	}
	assert_false(simfault_next(&s, nine + 10 * US_PER_SEC, 1, &e));
	assert_false(simfault_spoils(&s, &how, &turn));
	/* one at least, however late; and the count goes on */
	add(&s, "zero@10:00:00+1");
	while (simfault_next(&s, 2 * nine, 1, &e))
		;
	assert_true(simfault_spoils(&s, &how, &turn));
	assert_true(turn == 3);
	assert_false(simfault_next(&s, 2 * nine, 1, &e));
	assert_false(simfault_spoils(&s, &how, &turn));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_packets_survive),
		cmocka_unit_test(times_are_wrong),
		cmocka_unit_test(what_is_no_good_frame),
		cmocka_unit_test(a_thin_line),
		cmocka_unit_test(schedule_is_read),
		cmocka_unit_test(faults_come_in_order),
		cmocka_unit_test(faults_end),
		cmocka_unit_test(frames_take_turns),
	};

	return cmocka_run_group_tests_name("spoil", tests, NULL, NULL);
}
