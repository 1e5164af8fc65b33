/*
 * quiet - how long a connection may bring nothing
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "clk.h"
#include "quiet.h"

enum { START = 1000 };			/* s, on whatever clock */

/* Looks every second from s to upto without a tick; gives the second at which
 * the connection is to be made anew, 0 never. */
static int
wait_in(struct quiet *q, int s, int upto, uint64_t ticks, int limit_s)
{
	for (; s <= upto; s++) {
		int n = quiet_look(q, (START + s) * US_PER_SEC, true, ticks,
		    limit_s);

		if (n != 0) {
			assert_in_range(n, limit_s, 3600);
			return s;
		}
	}
	return 0;
}

static void
after_the_limit(void **state)
{
	struct quiet q = { 0 };

	(void)state;
	assert_int_equal(wait_in(&q, 0, 29, 0, 30), 0);
	assert_int_equal(wait_in(&q, 30, 100, 0, 30), 30);
}

static void
a_tick_begins_it_anew(void **state)
{
	struct quiet q = { 0 };

	(void)state;
	for (int s = 0; s < 300; s++)
		assert_int_equal(quiet_look(&q, (START + s) * US_PER_SEC, true,
		    (uint64_t)s / 20, 30), 0);
	/* the last one came at 280 */
	assert_int_equal(wait_in(&q, 300, 400, 14, 30), 310);
}

static void
twice_as_long_after_each_vain_attempt(void **state)
{
	static const int after[] = { 30, 60, 120, 240, 480, 600, 600, 600 };
	struct quiet q = { 0 };
	int s = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(after) / sizeof(*after); i++) {
		int end = wait_in(&q, s, s + 1000, 5, 30);

		assert_int_equal(end - s, after[i]);
		s = end + 2;			/* dialled again */
	}
	quiet_look(&q, (START + s) * US_PER_SEC, true, 6, 30);
	assert_int_equal(wait_in(&q, s, s + 1000, 6, 30), s + 30);
}

static void
only_while_it_counts(void **state)
{
	struct quiet q = { 0 };

	(void)state;
	for (int s = 0; s < 7200; s++)		/* before the open */
		assert_int_equal(quiet_look(&q, (START + s) * US_PER_SEC,
		    false, 7, 30), 0);
	assert_int_equal(wait_in(&q, 7200, 8000, 7, 30), 7230);
	assert_int_equal(wait_in(&q, 8000, 9000, 7, 0), 0);	/* never */
}

static void
a_limit_beyond_the_longest(void **state)
{
	struct quiet q = { 0 };

	(void)state;
	assert_int_equal(wait_in(&q, 0, 5000, 0, 3600), 3600);
	assert_int_equal(wait_in(&q, 4000, 9000, 0, 3600), 7600);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(after_the_limit),
		cmocka_unit_test(a_tick_begins_it_anew),
		cmocka_unit_test(twice_as_long_after_each_vain_attempt),
		cmocka_unit_test(only_while_it_counts),
		cmocka_unit_test(a_limit_beyond_the_longest),
	};

	return cmocka_run_group_tests_name("quiet", tests, NULL, NULL);
}
