/* base - the modules under everything: num, clk, jump, tsv, buf, file, lock and
 * retry */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "buf.h"
#include "clk.h"
#include "fault.h"
#include "file.h"
#include "jump.h"
#include "lock.h"
#include "num.h"
#include "retry.h"
#include "tsv.h"

static void
num_takes_all_or_nothing(void **state)
{
	static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "1x",
	    "0x10", "9223372036854775808", "-9223372036854775809", "1.0" };
	int64_t v = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(num_i64(bad[i], INT64_MIN, INT64_MAX, &v), -1);
	assert_int_equal(v, 42);	/* left alone */
	assert_int_equal(num_i64("9223372036854775807", 0, INT64_MAX, &v), 0);
	assert_true(v == INT64_MAX);
	assert_int_equal(num_i64("-9223372036854775808", INT64_MIN, 0, &v), 0);
	assert_true(v == INT64_MIN);
	assert_int_equal(num_i64("101", 0, 100, &v), -1);
	assert_int_equal(num_i64("-1", 0, 100, &v), -1);
	assert_int_equal(num_i64("100", 0, 100, &v), 0);
}

static void
num_u32_is_unsigned(void **state)
{
	uint32_t v = 7;

	(void)state;
	assert_int_equal(num_u32("4294967295", &v), 0);
	assert_true(v == UINT32_MAX);
	assert_int_equal(num_u32("4294967296", &v), -1);
	assert_int_equal(num_u32("-1", &v), -1);
}

static void
num_e7_is_exact(void **state)
{
	static const struct { const char *s; int64_t v; } good[] = {
		{ "0", 0 }, { "0.05", 500000 }, { "26310.55", 263105500000 },
		{ "-12.5", -125000000 }, { "83.2175000", 832175000 },
		{ "0.0000001", 1 }, { "1.00000000", 10000000 },
	};
	static const char *const bad[] = { "", ".", "1.", ".5", "1e3", "+1",
	    "1,000", "0.00000001", "nan", "99999999999999", "1.5x" };
	int64_t v = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(num_e7(good[i].s, &v), 0);
		assert_true(v == good[i].v);
	}
	v = 42;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(num_e7(bad[i], &v), -1);
	assert_true(v == 42);
}

static void
num_fields_end_where_they_do(void **state)
{
	static const char *const good[] = { "0", "-0.05", "26310.55", "1.5e3",
	    "123456789012345.6", "0.123456789012345678", "99999999999999999" };
	static const char *const bad[] = { "", "-", ".", "x", "1x", "1 ", "1.2.3",
	    "--1", "+1", "nan", "1e999" };
	char field[64];
	int64_t n = 42;
	double v = 42, want;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		for (int end = 0; end < 3; end++) {
			snprintf(field, sizeof(field), "%s%s", good[i],
			    end == 0 ? "" : end == 1 ? "\t7" : "\n");
			assert_ptr_equal(num_field_double(field, &v),
			    field + strlen(good[i]));
			assert_int_equal(num_double(good[i], -1e300, 1e300,
			    &want), 0);
			assert_memory_equal(&v, &want, sizeof(v));
		}
	v = 42;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_null(num_field_double(bad[i], &v));
		assert_null(num_field_i64(bad[i], &n));
	}
	assert_null(num_field_i64("1.0", &n));
	assert_null(num_field_i64("1234567890123456789", &n));
	assert_true(v == 42 && n == 42);
	assert_non_null(num_field_i64("-123456789012345678\t5", &n));
	assert_true(n == -123456789012345678);
}

static void
num_double_refuses_words(void **state)
{
	double d = 1;

	(void)state;
	assert_int_equal(num_double("nan", -1e9, 1e9, &d), -1);
	assert_int_equal(num_double("inf", -1e9, 1e9, &d), -1);
	assert_int_equal(num_double("0x1p3", -1e9, 1e9, &d), -1);
	assert_int_equal(num_double("1e999", -1e9, 1e9, &d), -1);
	assert_int_equal(num_double("", -1e9, 1e9, &d), -1);
	assert_int_equal(num_double("2.5e1", 0, 25, &d), 0);
	assert_true(d == 25);
	assert_int_equal(num_double("25.1", 0, 25, &d), -1);
}

/* Every day of 400 years: there and back, weekday by weekday. */
static void
clk_days_round_trip(void **state)
{
	char text[CLK_DAY];
	int32_t day, first;
	int y, m, d;

	(void)state;
	assert_int_equal(clk_day_from("1970-01-01", &day), 0);
	assert_int_equal(day, 0);
	assert_int_equal(clk_weekday(0), 4);
	assert_int_equal(clk_day_from("2026-11-22", &first), 0);
	assert_int_equal(clk_weekday(first), 0);
	for (day = 0; day < 146097; day++) {
		int32_t back = -1;

		clk_day_split(day, &y, &m, &d);
		assert_int_equal(clk_day_make(y, m, d, &back), 0);
		assert_int_equal(back, day);
		assert_int_equal(clk_day_from(clk_day_to(day, text), &back), 0);
		assert_int_equal(back, day);
		assert_int_equal(clk_weekday(day), (day + 4) % 7);
	}
}

static void
clk_refuses_no_dates(void **state)
{
	static const char *const bad[] = { "2026-02-29", "2026-13-01",
	    "2026-00-10", "2026-04-31", "26-04-30", "2026-4-30", "2026-04-3",
	    "2026-04-30 ", "2026/04/30", "", "0000-01-01" };
	int32_t day = 5;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(clk_day_from(bad[i], &day), -1);
	assert_int_equal(day, 5);
	assert_int_equal(clk_day_from("2028-02-29", &day), 0);
}

static void
clk_is_in_india(void **state)
{
	char text[40];
	int64_t us;

	(void)state;
	setenv("TZ", "America/New_York", 1);
	assert_int_equal(clk_from_iso("2026-11-23T03:45:00Z", &us), 0);
	assert_string_equal(clk_to_ist(us + 7, text),
	    "2026-11-23 09:15:00.000007");
	assert_string_equal(clk_to_iso(us + 7000, text),
	    "2026-11-23T03:45:00.007+00:00");
	assert_string_equal(clk_to_ist_s(us / US_PER_SEC, text),
	    "2026-11-23 09:15:00");
	assert_int_equal(clk_from_ist("2026-11-23 09:15:00.000007", &us), 0);
	assert_string_equal(clk_to_ist(us, text), "2026-11-23 09:15:00.000007");
	/* 18:30 UTC is midnight in India */
	assert_int_equal(clk_from_iso("2026-11-22T18:29:59Z", &us), 0);
	assert_string_equal(clk_day_to(clk_day_of(us), text), "2026-11-22");
	assert_string_equal(clk_day_to(clk_day_of(us + US_PER_SEC), text),
	    "2026-11-23");
	assert_true(clk_day_start(clk_day_of(us + US_PER_SEC)) ==
	    us + US_PER_SEC);
	assert_int_equal(clk_from_ist("2026-11-23 24:00:00", &us), -1);
	assert_int_equal(clk_from_ist("2026-11-23 09:15:00.", &us), -1);
	assert_int_equal(clk_from_ist("2026-11-23 09:15:00.1234567", &us), -1);
	assert_int_equal(clk_from_ist("2026-11-23T09:15:00", &us), -1);
}

static void
clk_can_be_simulated(void **state)
{
	struct fault f;
	int64_t a, want;

	(void)state;
	assert_int_equal(clk_from_iso("2026-11-21T09:14:50+05:30", &want), 0);
	setenv("DAS_CLOCK", "2026-11-21T09:14:50+05:30@60", 1);
	assert_int_equal(clk_setup(&f), 0);
	a = clk_now();
	assert_true(a >= want && a < want + 60 * US_PER_SEC);
	assert_true(clk_speed() == 60);
	/* an hour ahead is a real minute away */
	a = clk_until(clk_now() + 3600 * US_PER_SEC);
	assert_true(a > 58 * US_PER_SEC && a <= 60 * US_PER_SEC);
	assert_true(clk_until(clk_now() - 1) == 0);
	/* anchored: 100 real seconds after the clock showed 09:14:50 */
	setenv("DAS_CLOCK", "2026-11-21T09:14:50+05:30@1/1000000000", 1);
	assert_int_equal(clk_setup(&f), 0);
	assert_true(clk_now() > want + US_PER_DAY);
	setenv("DAS_CLOCK", "yesterday", 1);
	assert_int_equal(clk_setup(&f), -1);
	assert_int_equal(f.ex, EX_USAGE);
	setenv("DAS_CLOCK", "2026-11-21T09:14:50+05:30@0", 1);
	assert_int_equal(clk_setup(&f), -1);
	unsetenv("DAS_CLOCK");
	assert_int_equal(clk_setup(&f), 0);
}

#define MS	US_PER_MS
#define S	US_PER_SEC

static void
jump_is_a_second_or_more(void **state)
{
	/* what passed since the look before; what is found */
	static const struct {
		int64_t real, mono, boot, slept, stepped;
	} look[] = {
		{ 0, 0, 0, 0, 0 },
		{ S, S, S, 0, 0 },
		{ 100 * S, 100 * S, 100 * S, 0, 0 },	/* we were stopped */
		{ 1999 * MS, S, S, 0, 0 },
		{ 2001 * MS, S, S, 0, 1001 * MS },
		{ 1 * MS, S, S, 0, 0 },
		{ -60 * S, S, S, 0, -61 * S },
		{ S, S, S, 0, 0 },			/* once */
		{ 3600 * S, S, 3600 * S, 3599 * S, 0 },
		{ S, S, 3600 * S, 3599 * S, -3599 * S },
		{ S, S, S, 0, 0 },
	};
	struct clk_all c = { 5 * S, 7 * S, 9 * S };
	struct jump j = { .looked = false };

	(void)state;
	for (size_t i = 0; i < sizeof(look) / sizeof(*look); i++) {
		c.real_us += look[i].real;
		c.mono_us += look[i].mono;
		c.boot_us += look[i].boot;
		assert_int_equal(jump_look(&j, &c), look[i].slept != 0 ||
		    look[i].stepped != 0);
		assert_int_equal(j.slept_us, look[i].slept);
		assert_int_equal(j.stepped_us, look[i].stepped);
	}
}

/* A wall clock that leaps is no jump when it is the simulated one. */
static void
jump_is_of_the_machine(void **state)
{
	struct jump j = { .looked = false };
	struct clk_all c;
	struct fault f;
	int64_t before;

	(void)state;
	c = clk_all();
	jump_look(&j, &c);
	before = clk_now();
	setenv("DAS_CLOCK", "2030-01-01T09:00:00+05:30@100000", 1);
	assert_int_equal(clk_setup(&f), 0);
	assert_true(clk_now() > before + US_PER_DAY);
	c = clk_all();
	assert_false(jump_look(&j, &c));
	unsetenv("DAS_CLOCK");
	assert_int_equal(clk_setup(&f), 0);
}

static void
tsv_escapes_and_finds_columns(void **state)
{
	struct buf b = { 0 };
	struct tsv t;
	char file[] = "a\tb\n1\t2\n\\N\tx\\ty\\\\n\n";
	FILE *in = fmemopen(file, sizeof(file) - 1, "r");

	(void)state;
	tsv_init(&t, in, "test");
	assert_int_equal(tsv_col(&t, "b"), 1);
	assert_int_equal(tsv_col(&t, "c"), -1);
	assert_int_equal(tsv_next(&t), 1);
	assert_string_equal(t.f[1], "2");
	assert_int_equal(tsv_next(&t), 1);
	assert_true(tsv_null(t.f[0]));
	assert_string_equal(tsv_decode(t.f[1]), "x\ty\\n");
	assert_int_equal(tsv_next(&t), 0);
	tsv_free(&t);
	fclose(in);
	assert_int_equal(tsv_add(&b, "x\ty\\n\n"), 0);
	assert_string_equal(b.p, "x\\ty\\\\n\\n");
	buf_reset(&b);
	assert_int_equal(tsv_add(&b, NULL), 0);
	assert_string_equal(b.p, "\\N");
	buf_free(&b);
}

static void
tsv_says_what_is_wrong(void **state)
{
	static const struct { const char *text, *why; long line; } bad[] = {
		{ "a\tb\n1\n", "fewer", 2 },
		{ "a\tb\n1\t2\n1\t2\t3\n", "more", 3 },
		{ "a\tb\n1\t2", "torn", 2 },
		{ "", "no header", 0 },
		{ "a\tb", "torn", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		FILE *in = tmpfile();
		struct tsv t;
		int rc;

		fputs(bad[i].text, in);
		rewind(in);
		tsv_init(&t, in, "test");
		while ((rc = tsv_next(&t)) == 1)
			;
		assert_int_equal(rc, -1);
		assert_non_null(strstr(t.why, bad[i].why));
		assert_int_equal(t.line, bad[i].line);
		tsv_free(&t);
		fclose(in);
	}
}

static void
buf_grows_and_ends_in_nul(void **state)
{
	struct buf b = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(buf_addf(&b, "%d,", i), 0);
		assert_int_equal(strlen(b.p), b.len);
	}
	assert_int_equal(b.len, 3890);
	assert_int_equal(buf_room(&b, SIZE_MAX / 2), -1);
	assert_int_equal(errno, ENOMEM);
	assert_int_equal(b.len, 3890);
	buf_free(&b);
	assert_null(b.p);
}

static void
file_appears_whole_or_not_at_all(void **state)
{
	struct buf b = { 0 };
	struct fault why;
	struct file f;
	struct stat st;

	(void)state;
	assert_int_equal(file_put("old", 0640, "old", 3, &why), 0);
	assert_int_equal(file_begin(&f, "old", 0600, &why), 0);
	fputs("half of the n", f.fp);
	fflush(f.fp);
	assert_int_equal(file_slurp("old", 100, &b, &why), 0);
	assert_string_equal(b.p, "old");
	assert_int_equal(access(f.tmp, F_OK), 0);
	file_abort(&f);
	assert_int_equal(access(f.tmp, F_OK), -1);
	file_abort(&f);				/* harmless */
	assert_int_equal(file_put("old", 0600, "new", 3, &why), 0);
	buf_reset(&b);
	assert_int_equal(file_slurp("old", 100, &b, &why), 0);
	assert_string_equal(b.p, "new");
	assert_int_equal(stat("old", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	buf_reset(&b);
	assert_int_equal(file_slurp("old", 2, &b, &why), -1);
	assert_int_equal(why.ex, EX_DATAERR);
	assert_int_equal(file_slurp("absent", 2, &b, &why), -1);
	assert_int_equal(why.ex, EX_NOINPUT);
	assert_int_equal(file_slurp(".", 2, &b, &why), -1);
	assert_int_equal(file_put("no/such/dir", 0600, "x", 1, &why), -1);
	assert_int_equal(why.ex, EX_CANTCREAT);
	buf_free(&b);
}

static void
file_tells_of_a_full_disk(void **state)
{
	struct fault why = { 0 };
	struct file f;

	(void)state;
	/* /dev/full takes the writes of the stream in place of a full disk */
	assert_int_equal(file_begin(&f, "full", 0600, &why), 0);
	fclose(f.fp);
	f.fp = fopen("/dev/full", "w");
	fputs("lost", f.fp);
	assert_int_equal(file_commit(&f, &why), -1);
	assert_int_equal(why.ex, EX_TEMPFAIL);
	assert_int_equal(access("full", F_OK), -1);
	assert_int_equal(access(f.tmp, F_OK), -1);
}

static void
file_makes_directories(void **state)
{
	struct fault why;
	char path[20];

	(void)state;
	assert_int_equal(file_mkdirs("a/b/c", &why), 0);
	assert_int_equal(file_mkdirs("a/b/c", &why), 0);
	assert_int_equal(file_put("a/file", 0600, "", 0, &why), 0);
	assert_int_equal(file_mkdirs("a/file", &why), -1);
	assert_int_equal(file_mkdirs("a/file/x", &why), -1);
	assert_int_equal(file_join(path, sizeof(path), "a/b", "c", &why), 0);
	assert_string_equal(path, "a/b/c");
	assert_int_equal(file_join(path, sizeof(path), "a/b/c/d/e/f",
	    "much/too/long", &why), -1);
}

static void
lock_is_for_one(void **state)
{
	struct fault why = { 0 };
	char pid[24];
	int fd, status;

	(void)state;
	assert_true((fd = lock_take("lock", &why)) >= 0);
	if (fork() == 0)
		_exit(lock_take("lock", &why) == -1 &&
		    why.ex == EX_TEMPFAIL ? 0 : 1);
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
	snprintf(pid, sizeof(pid), "process %ld", (long)getpid());
	assert_int_equal(lock_take("lock", &why), -1);
	assert_non_null(strstr(why.text, pid));
	close(fd);
	assert_true((fd = lock_take("lock", &why)) >= 0);
	close(fd);
	assert_int_equal(lock_take("no/lock", &why), -1);
	assert_int_equal(why.ex, EX_CANTCREAT);
}

static void
fault_is_one_line(void **state)
{
	struct fault f;

	(void)state;
	assert_int_equal(fault_set(&f, EX_DATAERR, "a\nb\t%s", "\x1b[31m"), -1);
	assert_string_equal(f.text, "a b  [31m");
	errno = ENOSPC;
	assert_int_equal(fault_sys(&f, 0, "x"), -1);
	assert_int_equal(f.ex, EX_TEMPFAIL);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(fault_set(NULL, 1, "nobody listens"), -1);
}

static void
retry_counts(void **state)
{
	struct retry r = retry_start(3, 0);
	int tries = 0;

	(void)state;
	while (retry_again(&r)) {
		tries++;
		assert_int_equal(retry_last(&r), tries == 3);
	}
	assert_int_equal(tries, 3);
}

static int
in_empty_directory(void **state)
{
	static char dir[] = "/tmp/das-base.XXXXXX";

	*state = dir;
	return mkdtemp(dir) == NULL || chdir(dir) != 0;
}

static int
remove_directory(void **state)
{
	char cmd[64];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", (char *)*state);
	return system(cmd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(num_takes_all_or_nothing),
		cmocka_unit_test(num_u32_is_unsigned),
		cmocka_unit_test(num_e7_is_exact),
		cmocka_unit_test(num_fields_end_where_they_do),
		cmocka_unit_test(num_double_refuses_words),
		cmocka_unit_test(clk_days_round_trip),
		cmocka_unit_test(clk_refuses_no_dates),
		cmocka_unit_test(clk_is_in_india),
		cmocka_unit_test(clk_can_be_simulated),
		cmocka_unit_test(jump_is_a_second_or_more),
		cmocka_unit_test(jump_is_of_the_machine),
		cmocka_unit_test(tsv_escapes_and_finds_columns),
		cmocka_unit_test(tsv_says_what_is_wrong),
		cmocka_unit_test(buf_grows_and_ends_in_nul),
		cmocka_unit_test(file_appears_whole_or_not_at_all),
		cmocka_unit_test(file_tells_of_a_full_disk),
		cmocka_unit_test(file_makes_directories),
		cmocka_unit_test(lock_is_for_one),
		cmocka_unit_test(fault_is_one_line),
		cmocka_unit_test(retry_counts),
	};

	return cmocka_run_group_tests(tests, in_empty_directory,
	    remove_directory);
}
