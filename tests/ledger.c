/* ledger, replace - gaps.tsv, over restarts and on disks that are full */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "clk.h"
#include "file.h"
#include "ledger.h"

#define HEAD "from\tto\tseconds\tconn\tcause\tinstruments\tresolved\treason\n"
#define S(sec) (T + (sec) * US_PER_SEC)

/* 2026-11-25 09:15:00 */
static const int64_t T = INT64_C(1795578300000000);
static char dir[] = "/tmp/das-ledger-XXXXXX", path[64], aside[64];
static struct ledger l;

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/gaps.tsv", dir);
	snprintf(aside, sizeof(aside), "%s/gaps.tsv.aside", dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	unlink(path);
	unlink(aside);
	rmdir(dir);
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	return 0;
}

static void
is_file(const char *name, const char *want)
{
	struct buf b = { 0 };
	struct fault f;

	if (file_slurp(name, 8 << 20, &b, &f) != 0)
		fail_msg("%s", f.text);
	assert_string_equal(b.p, want);
	buf_free(&b);
}

static void
put(const char *text)
{
	struct fault f;

	assert_int_equal(file_put(path, 0666, text, strlen(text), &f), 0);
}

static void
open_it(int rc)
{
	struct fault f;

	if (ledger_open(&l, path, 2, S(100), &f) != rc)
		fail_msg("%s", f.text);
}

/* Waits for the disk, like a das-tick that ends; a killed one leaves no less
 * once the thread has written. */
static void
close_it(void)
{
	struct fault f;

	if (ledger_close(&l, &f) != 0)
		fail_msg("%s", f.text);
}

static void
begin(uint32_t conn, int64_t from_us, enum ledger_cause cause,
    const char *reason)
{
	struct ledger_gap g = { .from_us = from_us, .conn = conn,
	    .cause = cause, .instruments = 1500 };

	snprintf(g.reason, sizeof(g.reason), "%s", reason);
	ledger_begin(&l, &g);
}

static void
disk_of(rlim_t n)
{
	struct rlimit r;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &r), 0);
	r.rlim_cur = n;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &r), 0);
}

static void
rows(void **state)
{
	(void)state;
	open_it(0);
	ledger_end(&l, 1, S(0));		/* there is no gap */
	begin(1, S(1), LEDGER_SILENT, "silent for 5 s");
	begin(2, S(1), LEDGER_RESET, "reset\tby peer");
	assert_true(ledger_since(&l, 1) == S(1));
	ledger_end(&l, 2, S(2) + 500000);
	ledger_end(&l, 2, S(3));		/* ended already */
	assert_int_equal(l.rows, 1);
	assert_true(ledger_since(&l, 2) == 0);
	ledger_add(&l, &(struct ledger_gap){ .from_us = S(4), .to_us = S(64),
	    .cause = LEDGER_SLEPT, .instruments = 3000, .resolved = true,
	    .reason = "the machine slept" });
	close_it();
	is_file(path, HEAD
	    "2026-11-25 09:15:01.000000\t2026-11-25 09:15:02.500000\t1.500\t2\t"
	    "reset\t1500\tyes\treset\\tby peer\n"
	    "2026-11-25 09:15:04.000000\t2026-11-25 09:16:04.000000\t60.000\t0\t"
	    "slept\t3000\tyes\tthe machine slept\n"
	    "2026-11-25 09:15:01.000000\t\\N\t\\N\t1\t"
	    "silent\t1500\tno\tsilent for 5 s\n");
}

/* Its header is there from the start: no gap is not no ledger. */
static void
no_gap(void **state)
{
	struct ledger zero = { 0 };

	(void)state;
	open_it(0);
	close_it();
	is_file(path, HEAD);
	assert_int_equal(ledger_close(&zero, NULL), 0);
}

static void
goes_on(void **state)
{
	(void)state;
	open_it(0);
	assert_true(ledger_wait(&l, 600000));
	is_file(path, HEAD);			/* before ledger_close() */
	begin(1, S(1), LEDGER_CLOSED, "closed by the server (1001)");
	ledger_end(&l, 1, S(2));
	begin(1, S(3), LEDGER_DIAL, "a \\ and\na newline");
	begin(2, S(4), LEDGER_DIAL, "no route");
	close_it();
	open_it(0);
	assert_int_equal(l.rows, 0);
	assert_true(ledger_since(&l, 1) == S(3));
	begin(2, S(2), LEDGER_KILLED, "no route");	/* it was earlier */
	begin(1, S(9), LEDGER_KILLED, "a \\ and\na newline");	/* it stays */
	ledger_end(&l, 1, S(10));
	ledger_give_up(&l, S(11));
	close_it();
	is_file(path, HEAD
	    "2026-11-25 09:15:01.000000\t2026-11-25 09:15:02.000000\t1.000\t1\t"
	    "closed\t1500\tyes\tclosed by the server (1001)\n"
	    "2026-11-25 09:15:03.000000\t2026-11-25 09:15:10.000000\t7.000\t1\t"
	    "dial\t1500\tyes\ta \\\\ and\\na newline\n"
	    "2026-11-25 09:15:02.000000\t2026-11-25 09:15:11.000000\t9.000\t2\t"
	    "dial\t1500\tno\tno route\n");
}

/* An open gap keeps its own reason, and tells of the newest beside it. */
static void
reasons(void **state)
{
	(void)state;
	open_it(0);
	begin(1, S(1), LEDGER_RESET, "lost");
	begin(1, S(2), LEDGER_DIAL, "no route");
	begin(1, S(3), LEDGER_HTTP, "HTTP 503");
	begin(2, S(1), LEDGER_RESET, "lost");
	begin(2, S(2), LEDGER_DIAL, "no route");
	begin(2, S(2), LEDGER_RESET, "lost");
	close_it();
	is_file(path, HEAD
	    "2026-11-25 09:15:01.000000\t\\N\t\\N\t1\treset\t1500\tno\t"
	    "lost; HTTP 503\n"
	    "2026-11-25 09:15:01.000000\t\\N\t\\N\t2\treset\t1500\tno\t"
	    "lost\n");
	open_it(0);
	for (int i = 0; i < 100; i++)		/* never too long */
		begin(1, S(2), LEDGER_HTTP, i % 2 ? "HTTP 500" :
		    "a long story, and as it goes on it does not become any "
		    "shorter, nor better; which is why the end of it is left "
		    "out here, so that the row keeps its length");
	ledger_end(&l, 2, S(3));
	close_it();
	is_file(path, HEAD
	    "2026-11-25 09:15:01.000000\t2026-11-25 09:15:03.000000\t2.000\t2\t"
	    "reset\t1500\tyes\tlost\n"
	    "2026-11-25 09:15:01.000000\t\\N\t\\N\t1\treset\t1500\tno\t"
	    "lost; HTTP 503; HTTP 500\n");
}

/* The new run's clock is behind that of the one before. */
static void
set_back(void **state)
{
	(void)state;
	put(HEAD "2026-11-25 09:17:00.000000\t\\N\t\\N\t1\tstopped\t1\tno\t"
	    "das-tick was stopped\n");
	open_it(0);
	assert_true(ledger_since(&l, 1) == S(100));
	ledger_end(&l, 1, S(102));
	close_it();
	is_file(path, HEAD "2026-11-25 09:16:40.000000\t"
	    "2026-11-25 09:16:42.000000\t2.000\t1\tstopped\t1\tyes\t"
	    "das-tick was stopped; the clock was set back\n");
}

/* A connection that the new run has no more leaves its gap to the last one. */
static void
fewer_connections(void **state)
{
	(void)state;
	put(HEAD
	    "2026-11-25 09:15:03.000000\t\\N\t\\N\t2\tdial\t1\tno\tlater\n"
	    "2026-11-25 09:15:01.000000\t\\N\t\\N\t3\tdial\t1\tno\tthird\n");
	open_it(0);
	assert_true(ledger_since(&l, 2) == S(1));
	assert_true(ledger_since(&l, 3) == 0);
	ledger_end(&l, 2, S(-1));		/* the clock was set back */
	close_it();
	is_file(path, HEAD "2026-11-25 09:15:01.000000\t"
	    "2026-11-25 09:15:01.000000\t0.000\t2\tdial\t1\tyes\tthird\n");
}

static void
put_aside(void **state)
{
	static const struct { const char *text, *words; } bad[] = {
		{ "from\tto\treason\tinstruments\tconn\n"
		    "2026-11-25 09:15:01.000000\t2026-11-25 09:15:02.000000\t"
		    "closed\t5\t1\n", "no column seconds" },
		{ HEAD "x\t\\N\t\\N\t1\tdial\t1\tno\t-\n", "line 2: bad from" },
		{ HEAD "2026-11-25 09:15:01\t2026-11-25 09:15:00\t0\t1\tdial\t"
		    "1\tno\t-\n", "bad to" },
		{ HEAD "2026-11-25 09:15:01\t\\N\t\\N\t0\tdial\t1\tno\t-\n",
		    "bad conn" },		/* open, and of none */
		{ HEAD "2026-11-25 09:15:01\t\\N\t\\N\t99\tdial\t1\tno\t-\n",
		    "bad conn" },
		{ HEAD "2026-11-25 09:15:01\t\\N\t\\N\t1\trats\t1\tno\t-\n",
		    "bad cause" },
		{ HEAD "2026-11-25 09:15:01\t\\N\t\\N\t1\tdial\t-1\tno\t-\n",
		    "bad instruments" },
		{ HEAD "2026-11-25 09:15:01\t\\N\t\\N\n", "fewer fields" },
		{ HEAD "2026-11-25 09:15:01", "torn" },
	};
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		put(bad[i].text);
		assert_int_equal(ledger_open(&l, path, 2, S(100), &f), 1);
		if (strstr(f.text, bad[i].words) == NULL ||
		    strstr(f.text, "put aside as gaps.tsv.aside") == NULL)
			fail_msg("file %zu: %s", i, f.text);
		close_it();
		is_file(path, HEAD);
		is_file(aside, bad[i].text);
	}
}

static void
full_disk(void **state)
{
	struct fault f;

	(void)state;
	open_it(0);
	begin(1, S(1), LEDGER_CLOSED, "one");
	close_it();
	disk_of(20);
	open_it(0);
	ledger_end(&l, 1, S(2));
	assert_false(ledger_wait(&l, 600000));	/* it does not wait for ever */
	assert_true(ledger_behind(&l, &f));
	assert_non_null(strstr(f.text, "gaps.tsv"));
	assert_int_equal(ledger_close(&l, &f), -1);
	/* what is there is whole, and says too much rather than too little */
	is_file(path, HEAD
	    "2026-11-25 09:15:01.000000\t\\N\t\\N\t1\tclosed\t1500\tno\tone\n");
	open_it(0);
	ledger_end(&l, 1, S(3));
	disk_of(RLIM_INFINITY);
	close_it();
	is_file(path, HEAD "2026-11-25 09:15:01.000000\t"
	    "2026-11-25 09:15:03.000000\t2.000\t1\tclosed\t1500\tyes\tone\n");
}

static void
bounded(void **state)
{
	struct buf b = { 0 };
	struct fault f;
	size_t lines = 0;
	char *last = NULL;

	(void)state;
	open_it(0);
	for (int i = 1; i <= LEDGER_ROWS_MAX + 5; i++)
		ledger_add(&l, &(struct ledger_gap){ .from_us = S(i),
		    .to_us = S(i + 1), .conn = 1 + (uint32_t)i % 2,
		    .cause = LEDGER_CLOSED, .instruments = 7,
		    .resolved = true, .reason = "again" });
	close_it();
	assert_int_equal(file_slurp(path, 8 << 20, &b, &f), 0);
	for (char *p = b.p, *nl; (nl = strchr(p, '\n')) != NULL; p = nl + 1) {
		lines++;
		last = p;
	}
	assert_int_equal(lines, 1 + LEDGER_ROWS_MAX);
	assert_string_equal(last, "2026-11-25 12:01:40.000000\t"
	    "2026-11-25 12:01:46.000000\t6.000\t0\tclosed\t7\tyes\t"
	    "several gaps: there were too many for rows of their own\n");
	buf_free(&b);
	open_it(0);				/* and stays so */
	ledger_add(&l, &(struct ledger_gap){ .from_us = S(20000),
	    .to_us = S(20001), .cause = LEDGER_CLOCK });
	close_it();
	assert_int_equal(file_slurp(path, 8 << 20, &b, &f), 0);
	assert_non_null(strstr(b.p, "2026-11-25 12:01:40.000000\t"
	    "2026-11-25 14:48:21.000000\t10001.000\t0\tclosed\t7\tno\t"));
	buf_free(&b);
}

static void
causes(void **state)
{
	enum ledger_cause c;

	(void)state;
	for (int i = 0; i < LEDGER_CAUSES; i++) {
		assert_int_equal(ledger_cause_from(ledger_cause_name(
		    (enum ledger_cause)i), &c), 0);
		assert_int_equal(c, i);
	}
	assert_int_equal(ledger_cause_from("", &c), -1);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test_setup_teardown(rows, setup, teardown),
		cmocka_unit_test_setup_teardown(no_gap, setup, teardown),
		cmocka_unit_test_setup_teardown(goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(reasons, setup, teardown),
		cmocka_unit_test_setup_teardown(set_back, setup, teardown),
		cmocka_unit_test_setup_teardown(fewer_connections, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(put_aside, setup, teardown),
		cmocka_unit_test_setup_teardown(full_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(bounded, setup, teardown),
		cmocka_unit_test(causes),
	};

	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests_name("ledger", t, NULL, NULL);
}
