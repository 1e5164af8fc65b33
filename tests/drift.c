/*
 * drift - our clock against the exchange's
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "clk.h"
#include "drift.h"

enum { LIMIT = 5 * 1000000, EXCH = 1795578300 };

static uint32_t exch = EXCH;

/* n ticks, one a second of the exchange, each received 50 ms to 1.2 s later by
 * a clock that is ahead by ms. */
static void
ticks(struct drift *d, int n, int64_t ms)
{
	for (int i = 0; i < n; i++, exch++)
		drift_tick(d, exch * US_PER_SEC + ms * US_PER_MS + 50000 +
		    i * 7919 % 1150 * US_PER_MS, exch, exch - 1);
}

static void
right(void **state)
{
	struct drift d = { 0 };

	(void)state;
	assert_int_equal(drift_look(&d, LIMIT), 0);
	assert_false(d.known);
	ticks(&d, DRIFT_TICKS - 1, 0);
	assert_int_equal(drift_look(&d, LIMIT), 0);
	assert_false(d.known);
	ticks(&d, 1, 0);
	assert_int_equal(drift_look(&d, LIMIT), 0);
	assert_true(d.known);
	assert_in_range(d.offset_us, 0, 200000);
	assert_false(d.off);
}

/* Both ways, told once each time that it changes. */
static void
wrong(void **state)
{
	static const int64_t by_ms[] = { 5300, -5300, 4 * 3600 * 1000,
	    -4 * 3600 * 1000 };
	struct drift d = { 0 };

	(void)state;
	for (int i = 0; i < 4; i++) {
		ticks(&d, 2 * DRIFT_TICKS, by_ms[i]);
		assert_int_equal(drift_look(&d, LIMIT), 1);
		assert_true(d.off);
		assert_true(llabs(d.offset_us - by_ms[i] * US_PER_MS) < 200000);
		ticks(&d, DRIFT_TICKS - 1, by_ms[i]);
		assert_int_equal(drift_look(&d, LIMIT), 0);
		ticks(&d, 1, by_ms[i]);
		assert_int_equal(drift_look(&d, LIMIT), 0);
		assert_true(d.off);
		ticks(&d, DRIFT_TICKS, 4500 * (i % 2 ? -1 : 1));
		assert_int_equal(drift_look(&d, LIMIT), 1);
		assert_false(d.off);
	}
}

/* A few exchange times that are wrong are no wrong clock, and many that are late
 * in different measure are none either. */
static void
neither(void **state)
{
	struct drift d = { 0 };

	(void)state;
	ticks(&d, DRIFT_TICKS - DRIFT_ODD, 0);
	ticks(&d, DRIFT_ODD, -60000);
	assert_int_equal(drift_look(&d, LIMIT), 0);
	assert_true(d.known);
	assert_in_range(d.offset_us, 0, 200000);
	ticks(&d, DRIFT_TICKS / 2, 0);
	for (int i = 0; i < DRIFT_TICKS / 2; i++)
		ticks(&d, 1, i * 60000);
	assert_int_equal(drift_look(&d, LIMIT), 0);
	assert_true(d.known);
	assert_in_range(d.offset_us, 0, 200000);
	for (int i = 0; i < DRIFT_TICKS; i++)
		ticks(&d, 1, 10000 + i * 60000);
	assert_int_equal(drift_look(&d, LIMIT), 0);
	assert_false(d.known);
	assert_false(d.off);
}

/* What did not move tells nothing: the last known values of yesterday, an index
 * that stands still, packets without a time. */
static void
old_times(void **state)
{
	struct drift d = { 0 };
	int64_t now = (EXCH + 3600) * US_PER_SEC;

	(void)state;
	for (int i = 0; i < 2 * DRIFT_TICKS; i++) {
		drift_tick(&d, now, EXCH, 0);
		drift_tick(&d, now, EXCH, EXCH);
		drift_tick(&d, now, EXCH - 10, EXCH);
		drift_tick(&d, now, 0, EXCH);
		drift_tick(&d, now, 0, 0);
	}
	assert_int_equal(drift_look(&d, LIMIT), 0);
	assert_false(d.known);
	assert_int_equal(d.strange, 0);
}

static void
strange_times(void **state)
{
	struct drift d = { 0 };
	const int64_t now = EXCH * US_PER_SEC;

	(void)state;
	drift_tick(&d, now, EXCH + 86400, EXCH);	/* a day is none yet */
	drift_tick(&d, now, EXCH - 86400, EXCH);
	assert_int_equal(d.strange, 0);
	drift_tick(&d, now, EXCH + 86401, 0);
	assert_int_equal(d.strange, 1);
	assert_int_equal(d.strange_us, -86401 * US_PER_SEC);
	drift_tick(&d, now, EXCH - 86401, EXCH);
	assert_int_equal(d.strange, 2);
	drift_tick(&d, now, EXCH - 86401, EXCH - 90000);
	assert_int_equal(d.strange, 3);
	assert_int_equal(d.strange_us, 86401 * US_PER_SEC);
	drift_tick(&d, now, EXCH - 86401, 0);		/* a last known value */
	drift_tick(&d, now, EXCH - 86401, EXCH - 86401);
	assert_int_equal(d.strange, 3);
	drift_tick(&d, now, UINT32_MAX, EXCH);
	drift_tick(&d, now, 1, EXCH);
	drift_tick(&d, INT64_C(1) << 62, UINT32_MAX, EXCH);
	assert_int_equal(d.strange, 6);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test(right),
		cmocka_unit_test(wrong),
		cmocka_unit_test(neither),
		cmocka_unit_test(old_times),
		cmocka_unit_test(strange_times),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
