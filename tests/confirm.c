/*
 * plan, confirm - which connection carries what, and what it does not bring
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "clk.h"
#include "confirm.h"

static struct confirm c;
static const int64_t t0 = 1000 * US_PER_SEC;	/* when it was opened */

/* Every instrument is on as many connections as it should be, none of which
 * carries more than the broker takes; how much more one has than another. */
static size_t
check_plan(size_t n, unsigned copies, unsigned conns)
{
	struct plan p;
	struct fault f = { 0 };
	size_t least = SIZE_MAX, most = 0;

	assert_int_equal(plan_make(&p, n, copies, &f), 0);
	assert_int_equal(p.conns, conns);
	for (size_t i = 0; i < n; i++) {
		unsigned on = 0;

		for (uint32_t k = 1; k <= p.conns; k++)
			on += plan_has(&p, k, i);
		assert_int_equal(on, copies);
	}
	for (uint32_t k = 1; k <= p.conns; k++) {
		static uint8_t seen[KITE_TOKENS_MAX * KITE_CONNS_MAX];
		size_t share = p.share[k - 1].n;

		assert_in_range(share, 1, KITE_TOKENS_MAX);
		least = share < least ? share : least;
		most = share > most ? share : most;
		memset(seen, 0, sizeof(seen));
		for (size_t j = 0; j < share; j++) {
			assert_true(plan_has(&p, k, plan_item(&p, k, j)));
			assert_false(seen[plan_item(&p, k, j)]++);
		}
	}
	return most - least;
}

static void
each_is_on_as_many_as_it_should(void **state)
{
	(void)state;
	assert_int_equal(check_plan(1, 1, 1), 0);
	assert_int_equal(check_plan(3000, 1, 1), 0);
	assert_int_equal(check_plan(3001, 1, 2), 1);
	assert_int_equal(check_plan(6001, 1, 3), 1);
	assert_int_equal(check_plan(9000, 1, 3), 0);
	assert_int_equal(check_plan(1, 2, 2), 0);
	assert_int_equal(check_plan(2, 2, 2), 0);
	assert_int_equal(check_plan(3000, 2, 2), 0);
	assert_in_range(check_plan(3001, 2, 3), 0, 1);
	assert_in_range(check_plan(4499, 2, 3), 0, 1);
	assert_int_equal(check_plan(4500, 2, 3), 0);
}

static void
more_than_the_broker_takes(void **state)
{
	struct plan p = { .n = 7 };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(plan_make(&p, 9001, 1, &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_non_null(strstr(f.text, "9001 instruments, the broker takes "
	    "9000"));
	assert_int_equal(plan_make(&p, 4501, 2, &f), -1);
	assert_non_null(strstr(f.text, "4501 instruments, the broker takes "
	    "4500"));
	assert_non_null(strstr(f.text, "captureLines to 1"));
	assert_int_equal(p.n, 7);		/* left alone */
}

/* What is missed when a connection is lost while others are open. */
static void
what_no_other_one_carries(void **state)
{
	struct plan p;

	(void)state;
	assert_int_equal(plan_make(&p, 3000, 2, NULL), 0);
	assert_int_equal(plan_alone(&p, 1, 1 << 1), 0);
	assert_int_equal(plan_alone(&p, 1, 0), 3000);
	assert_int_equal(plan_alone(&p, 1, 1 << 0), 3000);	/* itself */
	assert_int_equal(plan_make(&p, 4500, 2, NULL), 0);
	assert_int_equal(plan_alone(&p, 3, 1 << 0 | 1 << 1), 0);
	assert_int_equal(plan_alone(&p, 3, 1 << 0), 1500);
	assert_int_equal(plan_alone(&p, 3, 0), 3000);
	assert_int_equal(plan_make(&p, 6000, 1, NULL), 0);
	assert_int_equal(plan_alone(&p, 2, 1 << 0), 3000);
}

/* Five instruments on one connection, which has just been opened. */
static int
setup(void **state)
{
	struct plan p;
	struct fault f;

	(void)state;
	if (plan_make(&p, 5, 1, &f) != 0 || confirm_init(&c, &p, &f) != 0)
		return -1;
	confirm_opened(&c, 1, t0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	confirm_free(&c);
	return 0;
}

static enum confirm_say
turn(int64_t ms)
{
	return confirm_turn(&c, 1, t0 + ms * US_PER_MS);
}

static void
all_come_at_once(void **state)
{
	(void)state;
	assert_int_equal(confirm_missing(&c, 1, NULL, 0), 5);
	for (size_t i = 0; i < 5; i++)
		confirm_packet(&c, 1, i, true);
	confirm_packet(&c, 1, 5, true);		/* not subscribed */
	confirm_packet(&c, 1, SIZE_MAX, true);
	assert_int_equal(confirm_missing(&c, 1, NULL, 0), 0);
	for (int ms = 0; ms < 300000; ms += 900)
		assert_int_equal(turn(ms), CONFIRM_QUIET);
}

static void
what_is_missing_is_asked_for_at_its_times(void **state)
{
	uint32_t which[2];
	int asked = 0;

	(void)state;
	confirm_packet(&c, 1, 1, true);
	confirm_packet(&c, 1, 3, true);
	confirm_packet(&c, 1, 4, false);	/* mode quote is not full */
	assert_int_equal(turn(4900), CONFIRM_QUIET);
	assert_int_equal(turn(5000), CONFIRM_ASK_FIRST);
	assert_int_equal(confirm_missing(&c, 1, which, 2), 3);
	assert_int_equal(which[0], 0);
	assert_int_equal(which[1], 2);
	assert_int_equal(turn(14900), CONFIRM_QUIET);
	assert_int_equal(turn(15000), CONFIRM_ASK);
	assert_int_equal(turn(74900), CONFIRM_QUIET);
	assert_int_equal(turn(75000), CONFIRM_ASK);
	for (int s = 76; s <= 75 + 3600; s++)
		asked += turn(s * 1000) == CONFIRM_ASK;
	assert_int_equal(asked, 60);
	confirm_packet(&c, 1, 0, true);
	confirm_packet(&c, 1, 2, true);
	assert_int_equal(turn(3735000), CONFIRM_ASK);
	confirm_packet(&c, 1, 4, true);
	assert_int_equal(turn(3735100), CONFIRM_ALL);
	assert_int_equal(turn(3735200), CONFIRM_QUIET);
	assert_int_equal(turn(3900000), CONFIRM_QUIET);
}

static void
a_mode_that_was_lost_is_noticed(void **state)
{
	(void)state;
	for (size_t i = 0; i < 5; i++)
		confirm_packet(&c, 1, i, true);
	assert_int_equal(turn(5000), CONFIRM_QUIET);
	confirm_packet(&c, 1, 2, false);
	assert_int_equal(turn(16000), CONFIRM_ASK_FIRST);
	confirm_packet(&c, 1, 2, true);
	assert_int_equal(turn(17000), CONFIRM_ALL);
}

static void
a_new_connection_begins_anew(void **state)
{
	(void)state;
	confirm_packet(&c, 1, 0, true);
	assert_int_equal(turn(5000), CONFIRM_ASK_FIRST);
	confirm_lost(&c, 1);
	assert_int_equal(confirm_missing(&c, 1, NULL, 0), 5);
	assert_int_equal(turn(60000), CONFIRM_QUIET);	/* whom to ask? */
	confirm_opened(&c, 1, t0 + 60 * US_PER_SEC);
	assert_int_equal(turn(64900), CONFIRM_QUIET);
	assert_int_equal(turn(65000), CONFIRM_ASK_FIRST);
}

static void
without_a_plan_nothing_is_asked(void **state)
{
	struct confirm none = { 0 };

	(void)state;
	confirm_packet(&none, 1, 0, true);
	confirm_opened(&none, 1, t0);
	confirm_lost(&none, 1);
	assert_int_equal(confirm_missing(&none, 1, NULL, 0), 0);
	assert_int_equal(confirm_turn(&none, 1, t0), CONFIRM_QUIET);
	confirm_free(&none);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_on_as_many_as_it_should),
		cmocka_unit_test(more_than_the_broker_takes),
		cmocka_unit_test(what_no_other_one_carries),
		cmocka_unit_test_setup_teardown(all_come_at_once, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_missing_is_asked_for_at_its_times, setup, teardown),
		cmocka_unit_test_setup_teardown(a_mode_that_was_lost_is_noticed,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(a_new_connection_begins_anew,
		    setup, teardown),
		cmocka_unit_test(without_a_plan_nothing_is_asked),
	};

	return cmocka_run_group_tests_name("confirm", tests, NULL, NULL);
}
