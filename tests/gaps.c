/* gaps - what a capture writes into the ledger, on clocks that are not ours */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* The clocks that gaps.c sees are set by the test. */
#define clk_now		test_now
#define clk_all		test_all
#include "../src/io/gaps.c"

#include "file.h"

#define HEAD "from\tto\tseconds\tconn\tcause\tinstruments\tresolved\treason\n"
#define S(sec) (T + (sec) * US_PER_SEC)

/* 2026-11-25 09:15:00 */
static const int64_t T = INT64_C(1795578300000000);
static int64_t now_us;
static struct clk_all machine;
static char dir[] = "/tmp/das-gaps-XXXXXX", path[64], status[64];
static struct gaps g;
static struct plan plan;
static struct session session;

int64_t
test_now(void)
{
	return now_us;
}

struct clk_all
test_all(void)
{
	return machine;
}

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/gaps.tsv", dir);
	snprintf(status, sizeof(status), "%s/status.tsv", dir);
	session = (struct session){ .n = 1,
	    .w = { { S(0), S(6 * 3600 + 900) } } };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	unlink(path);
	unlink(status);
	rmdir(dir);
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	return 0;
}

static void
is_file(const char *want)
{
	struct buf b = { 0 };
	struct fault f;

	if (file_slurp(path, 1 << 20, &b, &f) != 0)
		fail_msg("%s", f.text);
	assert_string_equal(b.p, want);
	buf_free(&b);
}

/* Begins at at_us, with n instruments on as many connections as copies. */
static void
begin_at(int64_t at_us, size_t n, unsigned copies, const char *last)
{
	struct gaps_spec s = { .dir = dir, .status = status, .last = last,
	    .plan = &plan, .session = &session, .now_us = at_us };
	struct fault f;

	assert_int_equal(plan_make(&plan, n, copies, &f), 0);
	if (gaps_open(&g, &s, &f) != 0)
		fail_msg("%s", f.text);
	now_us = at_us;
	machine = (struct clk_all){ at_us, 5000000, 7000000 };
	gaps_tend(&g);
}

static void
end(void)
{
	struct fault f;

	if (gaps_close(&g, &f) != 0)
		fail_msg("%s", f.text);
}

/* Lets time pass on the machine's clocks, and looks. */
static void
pass(int64_t real_s, int64_t mono_s, int64_t boot_s)
{
	now_us += real_s * US_PER_SEC;
	machine.real_us += real_s * US_PER_SEC;
	machine.mono_us += mono_s * US_PER_SEC;
	machine.boot_us += boot_s * US_PER_SEC;
	gaps_tend(&g);
}

static void
jumps(void **state)
{
	(void)state;
	begin_at(S(-60), 10, 1, NULL);
	gaps_opened(&g, 1, S(-60));
	pass(1, 1, 1);
	pass(600, 0, 600);			/* slept */
	pass(1, 1, 1);
	pass(61, 1, 1);				/* set forward by a minute */
	pass(-29, 1, 1);			/* back by half a one */
	pass(1, 1, 1);
	end();
	is_file(HEAD
	    "2026-11-25 09:14:01.000000\t2026-11-25 09:24:01.000000\t600.000\t0\t"
	    "slept\t10\tyes\tthe machine slept for 600.0 s\n"
	    "2026-11-25 09:24:03.000000\t2026-11-25 09:25:03.000000\t60.000\t0\t"
	    "clock\t0\tyes\tthe clock was set forward by 60.000 s\n"
	    "2026-11-25 09:24:34.000000\t2026-11-25 09:25:04.000000\t30.000\t0\t"
	    "clock\t0\tyes\tthe clock was set back by 30.000 s\n");
}

/* It slept over the close: noticed when the gaps are ended. */
static void
slept_over_the_close(void **state)
{
	(void)state;
	begin_at(S(-60), 10, 1, NULL);
	gaps_opened(&g, 1, S(-60));
	gaps_ticked(&g, 1, S(-60));
	now_us += 40000 * US_PER_SEC;
	machine.real_us += 40000 * US_PER_SEC;
	machine.boot_us += 40000 * US_PER_SEC;
	gaps_done(&g, S(23700));
	end();
	is_file(HEAD
	    "2026-11-25 09:14:00.000000\t2026-11-25 20:20:40.000000\t40000.000\t"
	    "0\tslept\t10\tyes\tthe machine slept for 40000.0 s\n");
}

static void
late_starts(void **state)
{
	(void)state;
	begin_at(S(100), 3001, 1, NULL);	/* two connections */
	gaps_opened(&g, 1, S(101));
	gaps_ticked(&g, 1, S(102));
	gaps_ticked(&g, 1, S(103));
	gaps_done(&g, S(200));
	end();
	is_file(HEAD
	    "2026-11-25 09:15:00.000000\t2026-11-25 09:16:42.000000\t102.000\t1\t"
	    "late\t1500\tyes\tnot connected at the market's open\n"
	    "2026-11-25 09:15:00.000000\t2026-11-25 09:18:20.000000\t200.000\t2\t"
	    "late\t1501\tno\tnot connected at the market's open\n");
	unlink(path);

	/* in time, but only one of two connected before the open */
	begin_at(S(-100), 3001, 1, NULL);
	gaps_opened(&g, 1, S(-99));
	gaps_opened(&g, 2, S(5));
	gaps_ticked(&g, 2, S(6));
	gaps_done(&g, S(200));
	end();
	is_file(HEAD
	    "2026-11-25 09:15:00.000000\t2026-11-25 09:15:06.000000\t6.000\t2\t"
	    "late\t1501\tyes\tnot connected at the market's open\n");
	unlink(path);

	/* no session today */
	session.n = 0;
	begin_at(S(100), 10, 1, NULL);
	gaps_opened(&g, 1, S(101));
	gaps_done(&g, S(200));
	end();
	is_file(HEAD);
}

static void
restarts(void **state)
{
	static const char left[] = "key\tvalue\nstate\tconnected\n"
	    "heard_1\t2026-11-25 09:16:41.000000\n"
	    "heard_2\t2026-11-25 09:16:30.000000\n";
	struct fault f;

	(void)state;
	assert_int_equal(file_put(status, 0666, left, strlen(left), &f), 0);
	begin_at(S(200), 3001, 1, "7\t2026-11-25 09:16:42.5\t1\t-\t258\tX");
	gaps_ticked(&g, 1, S(210));
	gaps_stopped(&g, S(220));
	end();
	is_file(HEAD
	    "2026-11-25 09:16:42.500000\t2026-11-25 09:18:30.000000\t107.500\t1\t"
	    "killed\t1500\tyes\tdas-tick was killed\n"
	    "2026-11-25 09:18:40.000000\t\\N\t\\N\t1\tstopped\t1500\tno\t"
	    "das-tick was stopped\n"
	    "2026-11-25 09:16:30.000000\t\\N\t\\N\t2\tkilled\t1501\tno\t"
	    "das-tick was killed; das-tick was stopped\n");
	/* killed again, before a tick: what was open stays so, and may have
	 * begun with the last row, if a power cut took those behind it */
	begin_at(S(300), 3001, 1, "7\t2026-11-25 09:18:30.5\t1\t-\t258\tX");
	gaps_ticked(&g, 1, S(301));
	gaps_ticked(&g, 2, S(302));
	end();
	is_file(HEAD
	    "2026-11-25 09:16:42.500000\t2026-11-25 09:18:30.000000\t107.500\t1\t"
	    "killed\t1500\tyes\tdas-tick was killed\n"
	    "2026-11-25 09:18:30.500000\t2026-11-25 09:20:01.000000\t90.500\t1\t"
	    "stopped\t1500\tyes\tdas-tick was stopped; das-tick was killed\n"
	    "2026-11-25 09:16:30.000000\t2026-11-25 09:20:02.000000\t212.000\t2\t"
	    "killed\t1501\tyes\tdas-tick was killed; das-tick was stopped; "
	    "das-tick was killed\n");
}

/* The same instruments on two connections: one makes up for the other. */
static void
two_copies(void **state)
{
	(void)state;
	begin_at(S(-60), 10, 2, NULL);
	for (uint32_t c = 1; c <= 2; c++) {
		gaps_opened(&g, c, S(-60));
		gaps_ticked(&g, c, S(-60));
	}
	gaps_lost(&g, 1, S(1), LEDGER_RESET, "lost");
	gaps_lost(&g, 2, S(2), LEDGER_RESET, "lost");
	gaps_ticked(&g, 1, S(3));
	gaps_ticked(&g, 2, S(4));
	gaps_stopped(&g, S(5));
	end();
	is_file(HEAD
	    "2026-11-25 09:15:01.000000\t2026-11-25 09:15:03.000000\t2.000\t1\t"
	    "reset\t0\tyes\tlost\n"
	    "2026-11-25 09:15:02.000000\t2026-11-25 09:15:04.000000\t2.000\t2\t"
	    "reset\t10\tyes\tlost\n"
	    "2026-11-25 09:15:05.000000\t\\N\t\\N\t1\tstopped\t10\tno\t"
	    "das-tick was stopped\n"
	    "2026-11-25 09:15:05.000000\t\\N\t\\N\t2\tstopped\t10\tno\t"
	    "das-tick was stopped\n");
}

/* One was lost and came back while nobody knew yet that the other is mute. */
static void
mute_meanwhile(void **state)
{
	(void)state;
	begin_at(S(-60), 10, 2, NULL);
	for (uint32_t c = 1; c <= 2; c++) {
		gaps_opened(&g, c, S(-60));
		gaps_ticked(&g, c, S(-60));
	}
	gaps_lost(&g, 2, S(2), LEDGER_RESET, "lost");
	gaps_ticked(&g, 2, S(3));
	gaps_lost(&g, 1, S(1), LEDGER_SILENT, "mute");
	gaps_ticked(&g, 1, S(7));
	gaps_lost(&g, 2, S(7), LEDGER_RESET, "lost");
	gaps_ticked(&g, 2, S(8));
	end();
	is_file(HEAD
	    "2026-11-25 09:15:02.000000\t2026-11-25 09:15:03.000000\t1.000\t2\t"
	    "reset\t0\tyes\tlost\n"
	    "2026-11-25 09:15:01.000000\t2026-11-25 09:15:07.000000\t6.000\t1\t"
	    "silent\t10\tyes\tmute\n"
	    "2026-11-25 09:15:07.000000\t2026-11-25 09:15:08.000000\t1.000\t2\t"
	    "reset\t0\tyes\tlost\n");
}

static void
nowhere(void **state)
{
	struct gaps none = { 0 };

	(void)state;
	gaps_opened(&none, 1, S(1));
	gaps_lost(&none, 1, S(1), LEDGER_DIAL, "-");
	gaps_ticked(&none, 1, S(1));
	assert_true(gaps_since(&none, 1) == 0);
	gaps_tend(&none);
	gaps_done(&none, S(1));
	gaps_stopped(&none, S(1));
	assert_int_equal(gaps_close(&none, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test_setup_teardown(jumps, setup, teardown),
		cmocka_unit_test_setup_teardown(slept_over_the_close, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(late_starts, setup, teardown),
		cmocka_unit_test_setup_teardown(restarts, setup, teardown),
		cmocka_unit_test_setup_teardown(two_copies, setup, teardown),
		cmocka_unit_test_setup_teardown(mute_meanwhile, setup,
		    teardown),
		cmocka_unit_test(nowhere),
	};

	return cmocka_run_group_tests_name("gaps", t, NULL, NULL);
}
