/*
 * syncer - a disk that refuses what it was given: written again, the same bytes
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "syncer.h"

static char dir[] = "/tmp/das-syncer-XXXXXX";
static int dirfd_, fd;
static atomic_int refuse;		/* an errno */
static atomic_int synced, again;	/* calls; bytes that were written again */
static atomic_long from;		/* where that began last */

/* In the place of the system's. */
int
fdatasync(int f)
{
	synced++;
	if (refuse != 0) {
		errno = refuse;
		return -1;
	}
	return fsync(f);
}

ssize_t
pwrite(int f, const void *p, size_t n, off_t at)
{
	if (again == 0)
		from = at;
	again += (int)n;
	return syscall(SYS_pwrite64, f, p, n, at);
}

static int
make(const char *name)
{
	return openat(dirfd_, name, O_WRONLY | O_CREAT | O_APPEND, 0644);
}

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	dirfd_ = open(dir, O_RDONLY | O_DIRECTORY);
	fd = make("1");
	synced = again = refuse = 0;
	return fd == -1;
}

static int
teardown(void **state)
{
	(void)state;
	unlinkat(dirfd_, "1", 0);
	unlinkat(dirfd_, "2", 0);
	close(dirfd_);
	rmdir(dir);
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	return 0;
}

static void
append(struct syncer *s, uint64_t size, size_t n, char c)
{
	char bytes[200000];

	memset(bytes, c, n);
	assert_int_equal(write(fd, bytes, n), n);
	syncer_wrote(s, size);
}

/* Waits for n more calls of fdatasync(), and what follows them. */
static void
rounds(int n)
{
	int until = synced + n;

	for (int i = 0; i < 1000 && synced < until; i++)
		usleep(10000);
	usleep(100000);
	assert_true(synced >= until);
}

static void
is_file(const char *name, size_t a, size_t b)
{
	char path[64], c;
	struct stat st;
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, a + b);
	in = fopen(path, "r");
	assert_non_null(in);
	for (size_t i = 0; i < a + b; i++) {
		c = (char)getc(in);
		if (c != (i < a ? 'a' : 'b'))
			fail_msg("byte %zu is %d", i, c);
	}
	fclose(in);
}

static void
refused(void **state)
{
	struct syncer s = { 0 };
	struct fault f;

	(void)state;
	assert_int_equal(syncer_start(&s, fd, 0, dirfd_, &f), 0);
	append(&s, 1000, 1000, 'a');
	rounds(1);
	assert_int_equal(syncer_error(&s), 0);
	refuse = EIO;
	append(&s, 151000, 150000, 'b');
	rounds(1);
	assert_int_equal(syncer_error(&s), EIO);
	rounds(1);			/* without anything new */
	assert_int_equal(syncer_error(&s), EIO);
	assert_int_equal(again, 150000);	/* what was synced is not */
	assert_int_equal(from, 1000);
	refuse = 0;
	rounds(1);
	assert_int_equal(syncer_error(&s), 0);
	assert_int_equal(again, 300000);
	append(&s, 151010, 10, 'b');
	rounds(1);
	assert_int_equal(again, 300000);
	assert_int_equal(syncer_stop(&s), 0);
	is_file("1", 1000, 150010);
	close(fd);
}

/* One that is not the current file any more is not forgotten. */
static void
refused_old(void **state)
{
	struct syncer s = { 0 };
	struct fault f;
	int was = fd;

	(void)state;
	assert_int_equal(syncer_start(&s, fd, 0, dirfd_, &f), 0);
	refuse = ENOSPC;
	append(&s, 500, 500, 'a');
	assert_true(syncer_can_change(&s));
	fd = make("2");
	syncer_change(&s, fd, 0);
	append(&s, 40, 40, 'b');
	rounds(2);
	assert_int_equal(syncer_error(&s), ENOSPC);
	refuse = 0;
	rounds(2);
	assert_int_equal(syncer_error(&s), 0);
	assert_int_equal(fcntl(was, F_GETFD), -1);	/* closed */
	assert_int_equal(syncer_stop(&s), 0);
	is_file("1", 500, 0);
	is_file("2", 0, 40);
	close(fd);
}

static void
refused_at_the_end(void **state)
{
	struct syncer s = { 0 };
	struct fault f;

	(void)state;
	assert_int_equal(syncer_start(&s, fd, 0, dirfd_, &f), 0);
	refuse = EIO;
	append(&s, 10, 10, 'a');
	assert_int_equal(syncer_stop(&s), EIO);
	assert_int_equal(syncer_stop(&s), 0);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test_setup_teardown(refused, setup, teardown),
		cmocka_unit_test_setup_teardown(refused_old, setup, teardown),
		cmocka_unit_test_setup_teardown(refused_at_the_end, setup,
		    teardown),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
