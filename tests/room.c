/*
 * room, reserve - what the disk has left, and what is kept back of it
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "file.h"
#include "reserve.h"
#include "room.h"

static char dir[] = "/tmp/das-room-XXXXXX";

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : chdir(dir);
}

static int
teardown(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	return chdir("/") != 0 || system(command) != 0;
}

/* A file of n bytes, its directories too. */
static void
make(const char *path, off_t n)
{
	char parent[128];
	struct fault f;

	snprintf(parent, sizeof(parent), "%s", path);
	*strrchr(parent, '/') = '\0';
	assert_int_equal(file_mkdirs(parent, &f), 0);
	assert_int_equal(file_put(path, 0644, "", 0, &f), 0);
	assert_int_equal(truncate(path, n), 0);
}

/* ---- room ---- */

static void
days(void **state)
{
	(void)state;
	assert_int_equal(room_day("s", "a", "2026-11-25"), 0);
	make("s/2026-11-25/ticks/000001.tsv", 99999);	/* today */
	make("s/2026-11-26/ticks/000001.tsv", 99999);
	make("s/outbox/1.eml", 99999);
	make("s/access_token", 99999);
	make("s/.reserve", 99999);
	make("s/2026-11-24x/ticks/000001.tsv", 99999);
	assert_int_equal(room_day("s", "a", "2026-11-25"), 0);
	make("s/2026-11-24/ticks/000001.tsv", 1000);
	make("s/2026-11-24/ticks/000002.tsv", 500);
	make("s/2026-11-24/ticks/CLOSED", 0);
	make("s/2026-11-24/rejects.bin", 30);
	make("s/2026-11-24/a/b/c", 99999);	/* nobody's */
	assert_int_equal(symlink("/", "s/2026-11-24/root"), 0);
	assert_int_equal(room_day("s", "a", "2026-11-25"), 1530);
	/* filed, and gone from the spool but for its status */
	make("a/2026-11-24/ticks/000001.tsv.zst", 150);
	make("a/2026-11-23/ticks/000001.tsv.zst", 200);
	make("s/2026-11-23/status.tsv", 70);
	assert_int_equal(room_day("s", "a", "2026-11-25"),
	    (1530 + 200 * ROOM_PACKED) / 2);
	/* the newest five */
	make("a/2026-11-20/ticks/000001.tsv.zst", 200);
	make("a/2026-10-01/ticks/000001.tsv.zst", 55555);
	make("a/2026-11-19/ticks/000001.tsv.zst", 200);
	make("a/2026-11-12/ticks/000001.tsv.zst", 200);
	make("a/2026-10-02/ticks/000001.tsv.zst", 55555);
	assert_int_equal(room_day("s", "a", "2026-11-25"),
	    (1530 + 4 * 200 * ROOM_PACKED) / 5);
	assert_int_equal(room_day("s", "a", "2026-10-02"), 55555 * ROOM_PACKED);
}

static void
arithmetic(void **state)
{
	static const int64_t spool[] = { 0, 0, 40 }, archive[] = { 0, 5, 10 };
	const int64_t gb = INT64_C(1) << 30;

	(void)state;
	assert_int_equal(room_mean(NULL, NULL, 0), 0);
	assert_int_equal(room_mean(spool, archive, 1), 0);
	assert_int_equal(room_mean(spool, archive, 2), 5 * ROOM_PACKED);
	assert_int_equal(room_mean(spool, archive, 3),
	    (5 * ROOM_PACKED + 40) / 2);
	assert_int_equal(room_left(&(struct room){ 10 * gb, 0 }), -1);
	assert_int_equal(room_left(&(struct room){ 10 * gb, 2 * gb }), 49);
	assert_int_equal(room_left(&(struct room){ gb, 2 * gb }), 4);
	assert_int_equal(room_left(&(struct room){ 0, 2 * gb }), 0);
	assert_int_equal(room_left(&(struct room){ -gb, 2 * gb }), 0);
	assert_int_equal(room_left(&(struct room){ INT64_MAX, 1 }), INT64_MAX);
}

static void
free_bytes(void **state)
{
	struct fault f;
	int64_t n = 0;

	(void)state;
	assert_int_equal(room_free(".", &n, &f), 0);
	assert_true(n >= 0);
	assert_int_equal(room_free("nothing", &n, &f), -1);
	assert_int_equal(f.ex, EX_IOERR);
}

/* ---- reserve ---- */

enum { SIZE = 1 << 20, FLOOR = 1 << 19 };

static off_t
size_of(void)
{
	struct stat st;

	return stat("reserve", &st) == 0 ? st.st_size : -1;
}

static void
reserving(void **state)
{
	struct reserve r;
	struct stat st;
	struct fault f;

	(void)state;
	assert_int_equal(reserve_open(&r, "reserve", SIZE, &f), 0);
	assert_false(r.held);
	assert_false(reserve_release(&r));
	/* never below the floor */
	assert_int_equal(reserve_make(&r, SIZE + FLOOR - 1, FLOOR, &f), 0);
	assert_false(r.held);
	assert_int_equal(size_of(), 0);
	assert_int_equal(reserve_make(&r, SIZE + FLOOR, FLOOR, &f), 1);
	assert_true(r.held);
	assert_int_equal(stat("reserve", &st), 0);
	assert_int_equal(st.st_size, SIZE);
	assert_true(st.st_blocks * 512 >= SIZE);	/* it is no hole */
	assert_int_equal(reserve_make(&r, SIZE + FLOOR, FLOOR, &f), 0);
	reserve_close(&r);
	/* is there still; a run after this one has it */
	assert_int_equal(reserve_open(&r, "reserve", SIZE, &f), 0);
	assert_true(r.held);
	assert_true(reserve_release(&r));
	assert_false(reserve_release(&r));
	assert_int_equal(size_of(), 0);
	assert_int_equal(reserve_make(&r, SIZE + FLOOR, FLOOR, &f), 1);
	reserve_close(&r);
	reserve_close(&r);
	/* another size: begun anew; none: gone */
	assert_int_equal(reserve_open(&r, "reserve", 2 * SIZE, &f), 0);
	assert_false(r.held);
	assert_int_equal(size_of(), 0);
	reserve_close(&r);
	assert_int_equal(reserve_open(&r, "reserve", 0, &f), 0);
	assert_int_equal(size_of(), -1);
	assert_int_equal(reserve_make(&r, SIZE + FLOOR, FLOOR, &f), 0);
	assert_false(reserve_release(&r));
	reserve_close(&r);
	assert_int_equal(reserve_open(&r, "nothing/reserve", SIZE, &f), -1);
	assert_int_equal(f.ex, EX_CANTCREAT);
}

/* A file of the right length that has no blocks is no reserve; room that cannot
 * be had leaves nothing behind. */
static void
no_room(void **state)
{
	struct rlimit was, now;
	struct reserve r;
	struct fault f;

	(void)state;
	make("./reserve", SIZE);
	assert_int_equal(reserve_open(&r, "reserve", SIZE, &f), 0);
	assert_false(r.held);
	assert_int_equal(size_of(), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	now = was;
	now.rlim_cur = SIZE / 2;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
	assert_int_equal(reserve_make(&r, INT64_MAX, FLOOR, &f), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_false(r.held);
	assert_int_equal(size_of(), 0);
	assert_int_equal(reserve_make(&r, INT64_MAX, FLOOR, &f), 1);
	reserve_close(&r);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test_setup_teardown(days, setup, teardown),
		cmocka_unit_test(arithmetic),
		cmocka_unit_test_setup_teardown(free_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(reserving, setup, teardown),
		cmocka_unit_test_setup_teardown(no_room, setup, teardown),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
