/*
 * arbiter - packets of two connections: once each, and who missed what
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arbiter.h"
#include "clk.h"

enum { N = 3 };				/* instruments */

static struct arbiter a;

/* The packet named by a letter, as a full one; where it differs from others is
 * its last byte. */
static bool
take_of(size_t i, uint32_t conn, int packet, int64_t ms)
{
	uint8_t p[KITE_FULL_LEN] = { 0, 1, 2 };

	p[KITE_FULL_LEN - 1] = (uint8_t)packet;
	p[KITE_FULL_LEN - 2] = (uint8_t)(packet >> 8);
	return arbiter_take(&a, conn, i, p, sizeof(p), ms * US_PER_MS);
}

static bool
take(uint32_t conn, int packet, int64_t ms)
{
	return take_of(1, conn, packet, ms);
}

static void
missed(unsigned one, unsigned two, int64_t ms)
{
	arbiter_sweep(&a, ms * US_PER_MS);
	assert_int_equal(a.missed[0], one);
	assert_int_equal(a.missed[1], two);
}

/* Both are open, and have brought the cached packet at 1 s. */
static int
setup(void **state)
{
	struct fault f;

	(void)state;
	if (arbiter_init(&a, N, &f) != 0)
		return -1;
	arbiter_opened(&a, 1, 900 * US_PER_MS);
	arbiter_opened(&a, 2, 900 * US_PER_MS);
	for (size_t i = 0; i < N; i++)
		if (!take_of(i, 1, '0', 1000) || take_of(i, 2, '0', 1001))
			return -1;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arbiter_free(&a);
	return 0;
}

static void
in_another_order(void **state)
{
	(void)state;
	assert_true(take(1, 'a', 2000));
	assert_true(take(1, 'b', 2001));
	assert_false(take(2, 'b', 2002));
	assert_true(take(2, 'c', 2003));
	assert_false(take(2, 'a', 2004));
	assert_false(take(1, 'c', 2005));
	missed(0, 0, 9000);
}

static void
the_same_content_of_two_instruments(void **state)
{
	(void)state;
	assert_true(take_of(0, 1, 'a', 2000));
	assert_true(take_of(2, 2, 'a', 2000));
	assert_true(take_of(N, 2, 'a', 2000));	/* of nobody: always */
	assert_true(take_of(N, 1, 'a', 2000));
	missed(1, 1, 4001);
}

static void
late_by_less_than_the_window(void **state)
{
	(void)state;
	assert_true(take(1, 'a', 2000));
	missed(0, 0, 3900);
	assert_false(take(2, 'a', 3900));
	missed(0, 0, 9000);
	assert_true(take(2, 'b', 10000));
	assert_false(take(1, 'b', 12000));
	missed(0, 0, 20000);
}

static void
late_by_more_than_the_window(void **state)
{
	(void)state;
	assert_true(take(1, 'a', 2000));
	assert_true(take(2, 'a', 4100));
	missed(0, 1, 9000);		/* and nobody owes what was late */
	assert_true(take(1, 'b', 10000));
	missed(0, 2, 12100);
	assert_true(take(2, 'b', 12101));
	missed(0, 2, 20000);
}

static void
dropped(void **state)
{
	(void)state;
	assert_true(take(1, 'a', 2000));
	assert_true(take(1, 'b', 2500));
	assert_false(take(2, 'b', 2501));
	missed(0, 0, 4000);
	missed(0, 1, 4001);
	missed(0, 1, 9000);		/* once */
	assert_true(take(2, 'c', 10000));
	missed(1, 1, 12001);
}

static void
repeats_come_in_pairs(void **state)
{
	(void)state;
	assert_true(take(1, 'a', 2000));
	assert_false(take(2, 'a', 2001));
	assert_true(take(1, 'a', 2100));	/* the same line: a repeat */
	assert_true(take(1, 'a', 2200));
	assert_false(take(2, 'a', 2201));
	assert_false(take(2, 'a', 2202));
	missed(0, 0, 9000);
	assert_true(take(1, 'b', 20000));	/* and in their order */
	assert_true(take(1, 'b', 21500));
	assert_false(take(2, 'b', 21900));
	assert_false(take(2, 'b', 23400));
	missed(0, 0, 30000);
	assert_true(take(2, 'a', 60000));	/* a quiet instrument */
	assert_false(take(1, 'a', 60001));
	missed(0, 0, 70000);
}

static void
the_last_byte_counts(void **state)
{
	(void)state;
	assert_true(take(1, 0x100 | 'a', 2000));
	assert_true(take(2, 0x200 | 'a', 2001));
	assert_false(take(1, 0x200 | 'a', 2002));
}

static void
reconnected(void **state)
{
	(void)state;
	assert_true(take(1, 'a', 2000));
	arbiter_lost(&a, 2);			/* before it could bring it */
	assert_true(take(1, 'b', 2500));	/* while it was away */
	arbiter_opened(&a, 2, 60000 * US_PER_MS);
	assert_true(take(1, 'c', 60010));	/* it may not have it yet */
	assert_false(take(2, 'b', 60020));	/* cached, of a minute ago */
	assert_true(take(1, 'd', 60030));
	missed(0, 0, 62030);
	missed(0, 1, 62031);			/* that it did owe */
	arbiter_lost(&a, 2);
	arbiter_opened(&a, 2, 70000 * US_PER_MS);
	assert_false(take(2, 'd', 70001));	/* cached, it never had it */
	arbiter_lost(&a, 2);
	arbiter_opened(&a, 2, 75000 * US_PER_MS);
	assert_false(take(2, 'd', 75001));	/* cached, as before */
	arbiter_lost(&a, 1);
	arbiter_lost(&a, 2);
	arbiter_opened(&a, 1, 80000 * US_PER_MS);
	arbiter_opened(&a, 2, 80001 * US_PER_MS);
	assert_true(take(2, 'e', 80010));	/* cached, but news */
	assert_false(take(1, 'e', 80011));
	assert_true(take(2, 'e', 80012));	/* not cached any more */
	assert_false(take(1, 'e', 80013));
	missed(0, 1, 90000);
}

/* A connection that is lost owes nothing that came before. */
static void
lost_while_it_owed(void **state)
{
	(void)state;
	assert_true(take(1, 'a', 2000));
	arbiter_lost(&a, 2);
	arbiter_opened(&a, 2, 2100 * US_PER_MS);
	missed(0, 0, 9000);
}

static void
further_behind_than_is_kept(void **state)
{
	(void)state;
	for (int i = 0; i < ARBITER_RING; i++)
		assert_true(take(1, 'a' + i, 2000 + i));
	missed(0, 0, 2100);
	assert_true(take(1, 'z', 2200));
	assert_int_equal(a.missed[1], 1);
	for (int i = 1; i < ARBITER_RING; i++)
		assert_false(take(2, 'a' + i, 2300 + i));
	assert_false(take(2, 'z', 2400));
	assert_true(take(2, 'a', 2500));
	missed(1, 1, 9000);
}

/* An index has shorter packets, and more of them are kept. */
static void
many_short_ones(void **state)
{
	uint8_t p[KITE_INDEX_FULL_LEN] = { 0 };

	(void)state;
	arbiter_free(&a);
	assert_int_equal(arbiter_init(&a, N, NULL), 0);
	arbiter_opened(&a, 1, 900 * US_PER_MS);
	arbiter_opened(&a, 2, 900 * US_PER_MS);
	for (uint32_t conn = 1; conn <= 2; conn++)
		for (uint8_t k = 0; k < ARBITER_SHORT_RING; k++) {
			p[31] = k;
			assert_int_equal(arbiter_take(&a, conn, 1, p,
			    sizeof(p), 2000 * US_PER_MS), conn == 1);
		}
	assert_true(take(1, 'a', 2100));	/* longer ones, suddenly */
	assert_false(take(2, 'a', 2100));
	assert_true(arbiter_take(&a, 2, 1, p, 8, 2200 * US_PER_MS));
	assert_false(arbiter_take(&a, 1, 1, p, 8, 2200 * US_PER_MS));
	missed(0, 0, 9000);
}

static void
a_clock_that_was_set_back(void **state)
{
	(void)state;
	assert_true(take(1, 'a', 3600000));
	assert_false(take(2, 'a', 2000));
	assert_true(take(1, 'b', 2001));
	assert_false(take(2, 'b', 2002));
	missed(0, 0, 2003);
}

/*
 * A day in small: packets that both bring in their own order and time, or one
 * of them, or none.  Each becomes one row, and each miss counts.
 */
static void
at_random(void **state)
{
	enum { STEPS = 20000, BEHIND = 6 };
	static int lines[2][STEPS];	/* when it comes, ms; 0 never */
	static bool seen[STEPS];
	unsigned drops[2] = { 0 };
	uint32_t r = 1;

	(void)state;
	for (int i = 0; i < STEPS; i++) {
		bool has[2];

		for (int c = 0; c < 2; c++) {
			r = r * 1664525 + 1013904223;
			has[c] = (r >> 24) >= 8;
			r = r * 1664525 + 1013904223;
			lines[c][i] = has[c] ? 2000 + 300 * i +
			    (int)((r >> 8) % (300 * BEHIND)) : 0;
		}
		drops[0] += !has[0] && has[1];
		drops[1] += !has[1] && has[0];
	}
	/* i's come between 300 i and 300 (i + BEHIND) */
	for (int ms = 2000; ms < 2000 + 300 * (STEPS + BEHIND); ms++)
		for (int i = (ms - 2000) / 300; i >= 0 &&
		    i > (ms - 2000) / 300 - BEHIND; i--)
			for (uint32_t c = 1; i < STEPS && c <= 2; c++)
				if (lines[c - 1][i] == ms) {
					assert_int_equal(take(c, 1000 + i, ms),
					    !seen[i]);
					seen[i] = true;
				}
	for (int i = 0; i < STEPS; i++)
		assert_int_equal(seen[i], lines[0][i] != 0 || lines[1][i] != 0);
	missed(drops[0], drops[1], 300 * (STEPS + 100));
	assert_in_range(drops[0], 100, STEPS);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(in_another_order),
		CASE(the_same_content_of_two_instruments),
		CASE(late_by_less_than_the_window),
		CASE(late_by_more_than_the_window),
		CASE(dropped),
		CASE(repeats_come_in_pairs),
		CASE(the_last_byte_counts),
		CASE(reconnected),
		CASE(lost_while_it_owed),
		CASE(further_behind_than_is_kept),
		CASE(many_short_ones),
		CASE(a_clock_that_was_set_back),
		CASE(at_random),
	};

	return cmocka_run_group_tests_name("arbiter", tests, NULL, NULL);
}
