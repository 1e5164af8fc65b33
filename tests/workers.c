/*
 * workers - every job once, whatever the number of processes; and what fails
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "workers.h"

enum { JOBS = 1000 };

struct work {
	unsigned char	 seen[JOBS];
	size_t		 begun;		/* in this process */
	size_t		 sum;
	size_t		 fail_at, die_at, stop_at;
	bool		 end_fails;
};

static int
begin(void *arg, struct fault *f)
{
	struct work *w = arg;

	(void)f;
	w->begun++;
	return 0;
}

static int
end(void *arg, struct fault *f)
{
	const struct work *w = arg;

	return w->end_fails ? fault_set(f, EX_IOERR, "not ended") : 0;
}

static int
no_begin(void *arg, struct fault *f)
{
	(void)arg;
	return fault_set(f, EX_NOPERM, "not begun");
}

static int
job(size_t i, void *result, void *arg, struct fault *f)
{
	const struct work *w = arg;
	size_t twice = 2 * i;

	if (i == w->fail_at)
		return fault_set(f, EX_DATAERR, "job %zu", i);
	if (i == w->die_at)
		raise(SIGKILL);
	memcpy(result, &twice, sizeof(twice));
	return 0;
}

static int
done(size_t i, const void *result, void *arg, struct fault *f)
{
	struct work *w = arg;
	size_t twice;

	memcpy(&twice, result, sizeof(twice));
	assert_int_equal(twice, 2 * i);
	w->seen[i]++;
	w->sum += twice;
	return i == w->stop_at ? fault_set(f, EX_TEMPFAIL, "stopped") : 0;
}

static struct work work;

static int
run(unsigned n, struct fault *f)
{
	const struct workers w = { .n = n, .jobs = JOBS, .begin = begin,
	    .end = end, .job = job, .done = done, .arg = &work };

	return workers_run(&w, f);
}

static int
fresh(void **state)
{
	(void)state;
	work = (struct work){ .fail_at = SIZE_MAX, .die_at = SIZE_MAX,
	    .stop_at = SIZE_MAX };
	return 0;
}

static void
does_each_job_once(void **state)
{
	static const unsigned n[] = { 1, 2, 7, WORKERS_MAX };

	for (size_t k = 0; k < sizeof(n) / sizeof(*n); k++) {
		fresh(state);
		assert_int_equal(run(n[k], NULL), 0);
		for (size_t i = 0; i < JOBS; i++)
			assert_int_equal(work.seen[i], 1);
		assert_int_equal(work.sum, JOBS * (JOBS - 1));
		assert_int_equal(work.begun, 0);	/* not in ours */
	}
}

static void
ends_with_the_first_that_fails(void **state)
{
	(void)state;
	for (unsigned n = 1; n < 4; n++) {
		struct fault f = { 0 };

		fresh(NULL);
		work.fail_at = 500;
		assert_int_equal(run(n, &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		assert_string_equal(f.text, "job 500");
		assert_int_equal(work.seen[500], 0);
	}
}

static void
notices_one_that_dies(void **state)
{
	struct fault f = { 0 };

	(void)state;
	work.die_at = 3;
	assert_int_equal(run(3, &f), -1);
	assert_int_equal(f.ex, EX_TEMPFAIL);
	assert_non_null(strstr(f.text, "1 of 1000 jobs are not done"));
}

static void
stops_when_asked(void **state)
{
	struct fault f = { 0 };

	(void)state;
	work.stop_at = 10;
	assert_int_equal(run(2, &f), -1);
	assert_string_equal(f.text, "stopped");
}

static void
says_why_it_cannot_begin(void **state)
{
	const struct workers w = { .n = 2, .jobs = JOBS, .begin = no_begin,
	    .end = end, .job = job, .done = done, .arg = &work };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(workers_run(&w, &f), -1);
	assert_int_equal(f.ex, EX_NOPERM);
}

static void
says_why_it_cannot_end(void **state)
{
	struct fault f = { 0 };

	(void)state;
	work.end_fails = true;
	assert_int_equal(run(2, &f), -1);
	assert_int_equal(f.ex, EX_IOERR);
	assert_string_equal(f.text, "not ended");
}

/* Two numbers that are the same unless two are at it at once; one of them dies
 * with the turn when fail_at says so. */
static struct shared { struct workers_turn turn; volatile size_t a, b; } *shared;

static int
by_turns(size_t i, void *result, void *arg, struct fault *f)
{
	(void)result;
	(void)arg;
	if (workers_turn_take(&shared->turn, f) != 0)
		return -1;
	if (i == work.die_at)
		raise(SIGKILL);
	if (shared->a != shared->b)
		return fault_set(f, EX_DATAERR, "another one is here");
	shared->a++;
	if (i % 50 == 0)
		usleep(100);
	shared->b++;
	workers_turn_give(&shared->turn);
	return 0;
}

static int
taken(size_t i, const void *result, void *arg, struct fault *f)
{
	(void)i;
	(void)result;
	(void)arg;
	(void)f;
	return 0;
}

static void
gives_turns(void **state)
{
	const struct workers w = { .n = 4, .jobs = JOBS, .begin = begin,
	    .end = end, .job = by_turns, .done = taken, .arg = &work };
	struct fault f = { 0 };

	(void)state;
	assert_non_null(shared = workers_share(sizeof(*shared), &f));
	assert_int_equal(workers_turn_init(&shared->turn, &f), 0);
	assert_int_equal(workers_run(&w, &f), 0);
	assert_int_equal(shared->b, JOBS);
	work.die_at = 100;
	assert_int_equal(workers_run(&w, &f), -1);	/* nobody waits for ever */
	assert_int_equal(f.ex, EX_TEMPFAIL);
}

#define TEST(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(does_each_job_once),
		TEST(ends_with_the_first_that_fails),
		TEST(notices_one_that_dies),
		TEST(stops_when_asked),
		TEST(says_why_it_cannot_begin),
		TEST(says_why_it_cannot_end),
		TEST(gives_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
