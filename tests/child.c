/*
 * child - programs that run beside us: their ends, and ours for them
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "child.h"
#include "file.h"

static char dir[] = "/tmp/child-XXXXXX";

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL || chdir(dir) == -1 ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	unlink("out");
	return chdir("/") == -1 || rmdir(dir) == -1 ? -1 : 0;
}

/* Polls to the end, at most ten seconds. */
static int
poll_to_end(struct child *c, struct fault *f)
{
	int rc = 1;

	for (int i = 0; i < 1000 && (rc = child_poll(c, f)) == 1; i++)
		usleep(10000);
	return rc;
}

static void
start(struct child *c, const char *script, const char *input, int seconds)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct fault f = { 0 };

	if (child_start(c, argv, input, strlen(input), seconds, &f) != 0)
		fail_msg("%s", f.text);
}

/* What the script has left in the file "out". */
static void
out_is(const char *want)
{
	struct buf b = { 0 };
	struct fault f;

	assert_int_equal(file_slurp("out", 1000, &b, &f), 0);
	assert_string_equal(b.p, want);
	buf_free(&b);
}

static void
its_status_is_told_once(void **state)
{
	struct child c = { 0 };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(child_poll(&c, &f), 0);
	start(&c, "exit 0", "", 10);
	assert_true(child_runs(&c));
	assert_int_equal(poll_to_end(&c, &f), 0);
	assert_false(child_runs(&c));
	start(&c, "exit 77", "", 10);
	assert_int_equal(poll_to_end(&c, &f), -1);
	assert_int_equal(f.ex, 77);
	assert_string_equal(f.text, "sh ended with status 77");
	assert_int_equal(c.status, 77);
	assert_int_equal(child_poll(&c, &f), 0);
	start(&c, "kill -9 $$", "", 10);
	assert_int_equal(poll_to_end(&c, &f), -1);
	assert_string_equal(f.text, "sh was ended by signal 9");
	assert_int_equal(f.ex, EX_SOFTWARE);
}

static void
a_program_that_is_not_there(void **state)
{
	static const char *const argv[] = { "das-no-such-program", NULL };
	struct child c = { 0 };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(child_start(&c, argv, NULL, 0, 10, &f), -1);
	assert_int_equal(f.ex, EX_UNAVAILABLE);
	assert_non_null(strstr(f.text, "das-no-such-program: No such file"));
	assert_false(child_runs(&c));
}

static void
arguments_go_through_no_shell(void **state)
{
	static const char *const argv[] = { "sh", "-c",
	    "printf '%s' \"$1\" >out", "x", "a  b;$(exit)'", NULL };
	struct child c = { 0 };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(child_start(&c, argv, NULL, 0, 10, &f), 0);
	assert_int_equal(poll_to_end(&c, &f), 0);
	out_is("a  b;$(exit)'");
}

/* More than a pipe takes, and the child is slow to read. */
static void
input_is_whole(void **state)
{
	enum { N = 300000 };
	char *text = malloc(N + 1);
	struct child c = { 0 };
	struct fault f = { 0 };

	(void)state;
	assert_non_null(text);
	memset(text, 'x', N);
	text[N] = '\0';
	start(&c, "sleep 0.1; wc -c | tr -d ' \\n' >out", text, 10);
	free(text);
	assert_int_equal(poll_to_end(&c, &f), 0);
	out_is("300000");
	start(&c, "wc -c | tr -d ' \\n' >out", "", 10);
	assert_int_equal(poll_to_end(&c, &f), 0);
	out_is("0");
}

static void
output_goes_to_stderr(void **state)
{
	int kept = dup(STDERR_FILENO), fd = open("out", O_WRONLY | O_CREAT |
	    O_TRUNC, 0600);
	struct child c = { 0 };
	struct fault f = { 0 };

	(void)state;
	assert_true(kept != -1 && fd != -1);
	assert_int_not_equal(dup2(fd, STDERR_FILENO), -1);
	start(&c, "echo data; echo words >&2", "", 10);
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(fd);
	assert_int_equal(poll_to_end(&c, &f), 0);
	out_is("data\nwords\n");
}

static void
one_at_a_time(void **state)
{
	static const char *const argv[] = { "true", NULL };
	struct child c = { 0 };
	struct fault f = { 0 };

	(void)state;
	start(&c, "sleep 60", "", 100);
	assert_int_equal(child_start(&c, argv, NULL, 0, 10, &f), -1);
	assert_int_equal(f.ex, EX_TEMPFAIL);
	assert_int_equal(child_poll(&c, &f), 1);
	child_end(&c);
	assert_false(child_runs(&c));
	child_end(&c);				/* harmless */
}

/* Its time is over; it does not listen, and neither does its own child. */
static void
a_deaf_one_is_killed_with_its_group(void **state)
{
	struct child c = { 0 };
	struct fault f = { 0 };
	struct buf b = { 0 };
	pid_t pid;

	(void)state;
	start(&c, "trap '' TERM; (sleep 60) & echo $! >out; wait; wait", "", 1);
	assert_int_equal(poll_to_end(&c, &f), -1);
	assert_string_equal(f.text, "sh did not end within 1 s and was killed");
	assert_int_equal(f.ex, EX_SOFTWARE);
	assert_int_equal(file_slurp("out", 1000, &b, &f), 0);
	pid = (pid_t)atol(b.p);
	buf_free(&b);
	assert_true(pid > 1);
	/* It is init's then, which may take a while to notice. */
	for (int i = 0; i < 500 && kill(pid, 0) == 0; i++) {
		char path[40], line[200] = "";
		FILE *in;

		snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		if ((in = fopen(path, "r")) == NULL)
			break;
		if (fgets(line, sizeof(line), in) == NULL)
			line[0] = '\0';
		fclose(in);
		if (strstr(line, ") Z") != NULL)
			return;			/* dead, and nobody asks */
		usleep(10000);
	}
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_status_is_told_once),
		cmocka_unit_test(a_program_that_is_not_there),
		cmocka_unit_test(arguments_go_through_no_shell),
		cmocka_unit_test(input_is_whole),
		cmocka_unit_test(output_goes_to_stderr),
		cmocka_unit_test(one_at_a_time),
		cmocka_unit_test(a_deaf_one_is_killed_with_its_group),
	};

	return cmocka_run_group_tests_name("child", tests, setup, teardown);
}
