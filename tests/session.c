/* When the exchanges of some instruments trade, and when a capture ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clk.h"
#include "session.h"

static struct cal cal;
static struct inst_set set;
static char path[] = "/tmp/das-session-XXXXXX";

static const char rules[] =
    "exchange\tfrom\tto\tdays\topen\tclose\tnote\n"
    "NSE\t2000-01-01\t\\N\tMon-Fri\t09:15\t15:30\t\n"
    "BSE\t2000-01-01\t\\N\tMon-Fri\t09:15\t15:30\t\n"
    "NFO\t2000-01-01\t2026-07-31\tMon-Fri\t09:15\t15:30\t\n"
    "NFO\t2026-08-03\t\\N\tMon-Fri\t09:15\t15:40\t\n"
    "MCX\t2000-01-01\t\\N\tMon-Fri\t09:00\t23:30\t\n"
    "NSE\t2024-01-20\t2024-01-20\tspecial\t09:15\t10:00\t\n"
    "NSE\t2024-01-20\t2024-01-20\tspecial\t11:30\t12:30\t\n"
    "NFO\t2024-01-20\t2024-01-20\tspecial\t09:15\t10:00\t\n"
    "NFO\t2024-01-20\t2024-01-20\tspecial\t11:45\t12:45\t\n"
    "NSE\t2026-11-08\t2026-11-08\tspecial\t18:00\t19:00\tmuhurat\n";

static void
add(uint32_t token, const char *exchange)
{
	struct inst *i = inst_add(&set);

	assert_non_null(i);
	*i = (struct inst){ .token = token };
	snprintf(i->exchange, sizeof(i->exchange), "%s", exchange);
}

static int32_t
day(const char *s)
{
	int32_t d;

	assert_int_equal(clk_day_from(s, &d), 0);
	return d;
}

static int64_t
at(const char *s)
{
	int64_t us;

	assert_int_equal(clk_from_ist(s, &us), 0);
	return us;
}

static int
setup(void **state)
{
	struct fault f;
	FILE *fp = fopen(path, "w");

	(void)state;
	assert_non_null(fp);
	assert_true(fputs(rules, fp) != EOF);
	assert_int_equal(fclose(fp), 0);
	assert_int_equal(cal_sessions(&cal, path, &f), 0);
	add(256265, "NSE");		/* an index */
	add(408065, "NSE");
	add(11958786, "NFO");
	add(265, "BSE");
	inst_sort(&set);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	cal_free(&cal);
	inst_free(&set);
	return 0;
}

static struct session
make(const char *date, const uint32_t *token, size_t n)
{
	struct session s;

	session_make(&s, &cal, day(date), &set, token, n);
	return s;
}

static void
ordinary(void **state)
{
	static const uint32_t shares[] = { 408065, 256265, 4711 };
	struct session s = make("2026-11-25", NULL, 0);

	(void)state;
	assert_int_equal(s.n, 1);
	assert_string_equal(s.unknown, "");
	assert_int_equal(session_open(&s), at("2026-11-25 09:15:00"));
	assert_int_equal(session_close(&s), at("2026-11-25 15:40:00"));
	assert_null(session_at(&s, at("2026-11-25 09:14:59.999999")));
	assert_ptr_equal(session_at(&s, at("2026-11-25 09:15:00")), &s.w[0]);
	assert_non_null(session_at(&s, at("2026-11-25 15:39:59.999999")));
	assert_null(session_at(&s, at("2026-11-25 15:40:00")));
	/* a share of them, and a token that the set lacks */
	s = make("2026-11-25", shares, 3);
	assert_int_equal(session_close(&s), at("2026-11-25 15:30:00"));
	s = make("2026-07-31", NULL, 0);
	assert_int_equal(session_close(&s), at("2026-07-31 15:30:00"));
}

static void
none(void **state)
{
	struct session s = make("2026-11-22", NULL, 0);

	(void)state;
	assert_int_equal(s.n, 0);
	assert_null(session_at(&s, at("2026-11-22 10:00:00")));
	assert_true(session_open(&s) == INT64_MAX);
	assert_true(session_close(&s) == INT64_MIN);
	assert_true(session_change(&s, at("2026-11-22 10:00:00")) ==
	    INT64_MAX);
	assert_true(session_end(&s, at("2026-11-22 10:00:00")) == INT64_MIN);
	/* of no instruments; NULL would be all */
	s = make("2026-11-25", &(uint32_t){ 0 }, 0);
	assert_int_equal(s.n, 0);
}

/* Two windows, of two exchanges that differ; and a session on a Sunday. */
static void
special(void **state)
{
	struct session s = make("2024-01-20", NULL, 0);

	(void)state;
	assert_int_equal(s.n, 2);
	assert_int_equal(s.w[0].close_us, at("2024-01-20 10:00:00"));
	assert_int_equal(s.w[1].open_us, at("2024-01-20 11:30:00"));
	assert_int_equal(session_close(&s), at("2024-01-20 12:45:00"));
	assert_null(session_at(&s, at("2024-01-20 11:00:00")));
	assert_ptr_equal(session_at(&s, at("2024-01-20 12:40:00")), &s.w[1]);
	assert_int_equal(session_change(&s, at("2024-01-20 08:00:00")),
	    at("2024-01-20 09:15:00"));
	assert_int_equal(session_change(&s, at("2024-01-20 09:15:00")),
	    at("2024-01-20 10:00:00"));
	assert_int_equal(session_change(&s, at("2024-01-20 10:00:00")),
	    at("2024-01-20 11:30:00"));
	assert_true(session_change(&s, at("2024-01-20 12:45:00")) ==
	    INT64_MAX);
	s = make("2026-11-08", NULL, 0);
	assert_int_equal(s.n, 1);
	assert_int_equal(session_open(&s), at("2026-11-08 18:00:00"));
}

static void
unknown_exchange(void **state)
{
	struct session s;

	(void)state;
	add(1234567, "NSEIX");
	add(2345678, "MCX");
	inst_sort(&set);
	s = make("2026-11-25", NULL, 0);
	assert_string_equal(s.unknown, "NSEIX");
	assert_int_equal(s.n, 1);	/* the others count all the same */
	assert_int_equal(session_open(&s), at("2026-11-25 09:00:00"));
	assert_int_equal(session_close(&s), at("2026-11-25 23:30:00"));
}

static void
end(void **state)
{
	struct session s = make("2026-11-25", NULL, 0);	/* to 15:40 */

	(void)state;
	/* nothing moves from the morning on: the table is followed */
	assert_int_equal(session_end(&s, at("2026-11-25 09:00:00")),
	    at("2026-11-25 15:50:00"));
	assert_int_equal(session_end(&s, at("2026-11-25 15:40:00")),
	    at("2026-11-25 15:50:00"));
	assert_int_equal(session_end(&s, at("2026-11-25 15:45:30")),
	    at("2026-11-25 15:55:30"));
	assert_int_equal(session_end(&s, at("2026-11-25 16:00:00")),
	    at("2026-11-25 16:10:00"));
	assert_int_equal(session_end(&s, at("2026-11-25 16:05:00")),
	    at("2026-11-25 16:10:00"));
	assert_int_equal(session_end(&s, INT64_MAX), at("2026-11-25 16:10:00"));
	/* the pause between two windows is no end */
	s = make("2024-01-20", NULL, 0);
	assert_int_equal(session_end(&s, at("2024-01-20 10:00:00")),
	    at("2024-01-20 12:55:00"));
}

/* More windows than there is room for: none of the time is lost. */
static void
too_many(void **state)
{
	struct cal_window w[2];
	size_t n = 0;

	(void)state;
	n = cal_join(w, n, 2, (struct cal_window){ 10, 20 });
	n = cal_join(w, n, 2, (struct cal_window){ 50, 60 });
	n = cal_join(w, n, 2, (struct cal_window){ 30, 40 });
	assert_int_equal(n, 2);
	assert_int_equal(w[0].open_us, 10);
	assert_int_equal(w[0].close_us, 40);
	n = cal_join(w, n, 2, (struct cal_window){ 1, 2 });
	n = cal_join(w, n, 2, (struct cal_window){ 70, 80 });
	assert_int_equal(n, 2);
	assert_int_equal(w[0].open_us, 1);
	assert_int_equal(w[1].open_us, 50);
	assert_int_equal(w[1].close_us, 80);
	n = cal_join(w, n, 2, (struct cal_window){ 40, 50 });
	assert_int_equal(n, 1);
	assert_int_equal(w[0].close_us, 80);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test_setup_teardown(ordinary, setup, teardown),
		cmocka_unit_test_setup_teardown(none, setup, teardown),
		cmocka_unit_test_setup_teardown(special, setup, teardown),
		cmocka_unit_test_setup_teardown(unknown_exchange, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(end, setup, teardown),
		cmocka_unit_test(too_many),
	};
	int fd = mkstemp(path), rc;

	if (fd == -1)
		return 1;
	close(fd);
	rc = cmocka_run_group_tests_name("session", t, NULL, NULL);
	unlink(path);
	return rc;
}
