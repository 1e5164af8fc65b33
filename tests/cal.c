/* The calendar: session rules, special days, holidays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cal.h"
#include "clk.h"

static char path[] = "/tmp/das-cal-XXXXXX";

static const char *
file_of(const char *text)
{
	FILE *fp = fopen(path, "w");

	assert_non_null(fp);
	assert_true(fputs(text, fp) != EOF);
	assert_int_equal(fclose(fp), 0);
	return path;
}

static int32_t
day(const char *s)
{
	int32_t d;

	assert_int_equal(clk_day_from(s, &d), 0);
	return d;
}

/* The windows as text, "09:15-15:30 ...". */
static const char *
windows(const struct cal *c, const char *exchange, const char *date)
{
	static char out[200];
	struct cal_window w[CAL_WINDOWS_MAX];
	char a[CLK_TEXT], b[CLK_TEXT];
	size_t n = cal_windows(c, exchange, day(date), w), len = 0;

	*out = '\0';
	for (size_t i = 0; i < n; i++) {
		clk_to_ist_s(w[i].open_us / US_PER_SEC, a);
		clk_to_ist_s(w[i].close_us / US_PER_SEC, b);
		assert_memory_equal(a, date, 10);
		len += (size_t)snprintf(out + len, sizeof(out) - len,
		    "%s%.5s-%.5s", i > 0 ? " " : "", a + 11, b + 11);
	}
	return out;
}

#define HEAD "exchange\tfrom\tto\tdays\topen\tclose\tnote\n"

static const char rules[] = HEAD
    "NFO\t2000-01-01\t2026-07-31\tMon-Fri\t09:15\t15:30\told\n"
    "NFO\t2026-08-03\t\\N\tMon-Fri\t09:15\t15:40\tnew\n"
    "NSE\t2000-01-01\t\\N\tMon-Fri\t09:15\t15:30\t\n"
    "MCX\t2000-01-01\t\\N\tMon-Fri\t17:00\t23:30\tevening\n"
    "MCX\t2000-01-01\t\\N\tMon-Fri\t09:00\t17:00\tday\n"
    "XYZ\t2000-01-01\t\\N\tSat-Sun\t10:00\t11:00\t\n"
    "NSE\t2024-01-20\t2024-01-20\tspecial\t11:30\t12:30\tsecond\n"
    "NSE\t2024-01-20\t2024-01-20\tspecial\t09:15\t10:00\tfirst\n"
    "NSE\t2025-10-21\t2025-10-21\tspecial\t13:45\t14:45\tmuhurat\n"
    "NSE\t2025-03-05\t2025-03-05\tspecial\t-\t-\tshut\n";

static void
sessions(void **state)
{
	struct cal c = { 0 };
	struct fault f;

	(void)state;
	assert_string_equal(windows(&c, "NSE", "2025-03-03"), "");
	assert_int_equal(cal_sessions(&c, file_of(rules), &f), 0);
	assert_string_equal(windows(&c, "NFO", "2026-07-31"), "09:15-15:30");
	assert_string_equal(windows(&c, "NFO", "2026-08-03"), "09:15-15:40");
	assert_string_equal(windows(&c, "NFO", "2026-08-01"), "");
	assert_string_equal(windows(&c, "NSE", "2026-11-22"), "");
	assert_string_equal(windows(&c, "NSE", "1999-12-31"), "");
	assert_string_equal(windows(&c, "NSX", "2025-03-03"), "");
	/* neighbours are one window */
	assert_string_equal(windows(&c, "MCX", "2025-03-03"), "09:00-23:30");
	assert_string_equal(windows(&c, "XYZ", "2025-03-02"), "10:00-11:00");
	assert_string_equal(windows(&c, "XYZ", "2025-03-01"), "10:00-11:00");
	assert_string_equal(windows(&c, "XYZ", "2025-03-03"), "");
	cal_free(&c);
}

static void
special_days(void **state)
{
	struct cal c = { 0 };
	struct fault f;

	(void)state;
	assert_int_equal(cal_sessions(&c, file_of(rules), &f), 0);
	assert_string_equal(windows(&c, "NSE", "2024-01-20"),
	    "09:15-10:00 11:30-12:30");
	assert_true(cal_is_special(&c, "NSE", day("2024-01-20")));
	assert_false(cal_is_special(&c, "NFO", day("2024-01-20")));
	assert_string_equal(windows(&c, "NFO", "2024-01-20"), "");
	/* a special session on a holiday */
	assert_int_equal(cal_holiday_add(&c, day("2025-10-21")), 0);
	assert_true(cal_is_holiday(&c, day("2025-10-21")));
	assert_string_equal(windows(&c, "NSE", "2025-10-21"), "13:45-14:45");
	assert_string_equal(windows(&c, "NFO", "2025-10-21"), "");
	/* closed on an ordinary day */
	assert_string_equal(windows(&c, "NSE", "2025-03-05"), "");
	assert_false(cal_is_special(&c, "NSE", day("2025-03-05")));
	/* a second file adds days but does not overrule the first */
	assert_int_equal(cal_sessions(&c, file_of(HEAD
	    "NSE\t2024-01-20\t2024-01-20\tspecial\t09:15\t12:30\theard\n"
	    "NSE\t2024-03-02\t2024-03-02\tspecial\t09:15\t12:30\theard\n"), &f),
	    0);
	assert_string_equal(windows(&c, "NSE", "2024-01-20"),
	    "09:15-10:00 11:30-12:30");
	assert_string_equal(windows(&c, "NSE", "2024-03-02"), "09:15-12:30");
	cal_free(&c);
}

static void
neighbours(void **state)
{
	struct cal c = { 0 };
	struct fault f;
	int32_t d;

	(void)state;
	assert_int_equal(cal_sessions(&c, file_of(rules), &f), 0);
	assert_int_equal(cal_holiday_add(&c, day("2025-03-31")), 0);
	assert_int_equal(cal_next(&c, "NSE", day("2025-03-28"), 1, &d), 0);
	assert_int_equal(d, day("2025-04-01"));
	assert_int_equal(cal_next(&c, "NSE", day("2025-04-01"), -1, &d), 0);
	assert_int_equal(d, day("2025-03-28"));
	assert_int_equal(cal_next(&c, "NSE", day("2024-01-19"), 1, &d), 0);
	assert_int_equal(d, day("2024-01-20"));
	assert_int_equal(cal_next(&c, "none", day("2025-03-28"), 1, &d), -1);
	cal_free(&c);
}

static void
bad_rows(void **state)
{
	static const struct { const char *row, *words; } bad[] = {
		{ "NSE\t2000-01-01\t\\N\tMon-Fri\t9:15\t15:30\t\n", ":3: bad open" },
		{ "NSE\t2000-01-01\t\\N\tMon-Fri\t09:15\t25:30\t\n", "bad close" },
		{ "NSE\t2000-01-01\t\\N\tMon-Fri\t09:15\t09:15\t\n", "bad close" },
		{ "NSE\t2000-01-01\t\\N\tMon-Fri\t-\t15:30\t\n", "bad open" },
		{ "NSE\t2000-13-01\t\\N\tMon-Fri\t09:15\t15:30\t\n", "bad from" },
		{ "NSE\t2000-01-02\t2000-01-01\tMon\t09:15\t15:30\t\n", "bad to" },
		{ "NSE\t2000-01-01\t\\N\tMon-Fry\t09:15\t15:30\t\n", "bad days" },
		{ "\t2000-01-01\t\\N\tMon\t09:15\t15:30\t\n", "bad exchange" },
		{ "NSENSENSE\t2000-01-01\t\\N\tMon\t09:15\t15:30\t\n",
		    "bad exchange" },
		{ "NSE\t2000-01-01\n", ":3: fewer fields" },
		{ "NSE\t2000-01-01\t\\N\tMon\t09:15\t15:30\tx", "torn" },
	};
	struct cal c = { 0 };
	struct fault f;
	char text[500];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(text, sizeof(text), HEAD
		    "BSE\t2000-01-01\t\\N\tMon\t09:15\t15:30\t\n%s", bad[i].row);
		assert_int_equal(cal_sessions(&c, file_of(text), &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		if (strstr(f.text, bad[i].words) == NULL)
			fail_msg("row %zu: '%s' lacks '%s'", i, f.text,
			    bad[i].words);
		assert_int_equal(c.nrule, 0);
	}
	assert_int_equal(cal_sessions(&c, file_of("exchange\tfrom\n"), &f), -1);
	assert_non_null(strstr(f.text, "no column to"));
	assert_int_equal(cal_sessions(&c, "/nonexistent", &f), -1);
	assert_int_equal(f.ex, EX_NOINPUT);
	cal_free(&c);
}

static void
holidays(void **state)
{
	struct cal c = { 0 };
	struct fault f;

	(void)state;
	/* unsorted, twice, CR LF, no final newline: all seen in real lists */
	assert_int_equal(cal_holidays(&c, file_of("Date\r\n2026-12-25\r\n"
	    "2026-01-26\n\n2026-12-25\n2025-01-01"), &f), 0);
	assert_int_equal(c.nholiday, 3);
	assert_int_equal(c.holiday[0], day("2025-01-01"));
	assert_int_equal(c.holiday[2], day("2026-12-25"));
	assert_true(cal_is_holiday(&c, day("2026-01-26")));
	assert_false(cal_is_holiday(&c, day("2026-01-27")));
	/* a bad file changes nothing */
	assert_int_equal(cal_holidays(&c, file_of("Date\n2024-01-01\n"
	    "26-01-2024\n"), &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_non_null(strstr(f.text, ":3: '26-01-2024' is no date"));
	assert_int_equal(c.nholiday, 3);
	assert_int_equal(cal_holidays(&c, file_of("<html>\n"), &f), -1);
	assert_non_null(strstr(f.text, "no header"));
	assert_int_equal(cal_holidays(&c, file_of(""), &f), -1);
	assert_int_equal(cal_holidays(&c, "/nonexistent", &f), -1);
	assert_int_equal(f.ex, EX_NOINPUT);
	/* a second good one adds */
	assert_int_equal(cal_holidays(&c, file_of("Date\n2024-01-22\n"), &f), 0);
	assert_int_equal(c.nholiday, 4);
	cal_free(&c);
}

/* The table that ships with the programs, and the real list of eight years. */
static void
real_files(void **state)
{
	const char *src = getenv("SRC"), *shared = getenv("SHARED");
	char p[4096];
	struct cal c = { 0 };
	struct fault f;

	(void)state;
	snprintf(p, sizeof(p), "%s/lookup/sessions.tsv", src ? src : ".");
	if (cal_sessions(&c, p, &f) != 0)
		fail_msg("%s", f.text);
	assert_string_equal(windows(&c, "NFO", "2026-07-31"), "09:15-15:30");
	assert_string_equal(windows(&c, "NFO", "2026-08-03"), "09:15-15:40");
	assert_string_equal(windows(&c, "NSE", "2026-08-03"), "09:15-15:30");
	assert_string_equal(windows(&c, "BSE", "2026-02-01"), "09:15-15:30");
	assert_string_equal(windows(&c, "NSE", "2024-01-20"), "09:15-15:30");
	assert_string_equal(windows(&c, "NFO", "2024-03-02"),
	    "09:15-10:00 11:30-12:30");
	snprintf(p, sizeof(p), "%s/holidays/tradingHolidaysAllYears.csv",
	    shared ? shared : "../shared/data");
	if (access(p, R_OK) != 0) {
		print_message("# no %s: left out\n", p);
	} else {
		if (cal_holidays(&c, p, &f) != 0)
			fail_msg("%s", f.text);
		assert_true(cal_is_holiday(&c, day("2026-12-25")));
		for (size_t i = 1; i < c.nholiday; i++)
			assert_true(c.holiday[i - 1] < c.holiday[i]);
	}
	cal_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions),
		cmocka_unit_test(special_days),
		cmocka_unit_test(neighbours),
		cmocka_unit_test(bad_rows),
		cmocka_unit_test(holidays),
		cmocka_unit_test(real_files),
	};
	int fd = mkstemp(path), rc;

	if (fd == -1)
		return 1;
	close(fd);
	rc = cmocka_run_group_tests_name("cal", tests, NULL, NULL);
	unlink(path);
	return rc;
}
