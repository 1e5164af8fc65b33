/*
 * hold, append, keep, texts - what is written beside the rows, on disks that
 * are full or were left in the middle of a row
 */
#include <errno.h>
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

#include "append.h"
#include "clk.h"
#include "file.h"
#include "hold.h"
#include "keep.h"
#include "texts.h"

static char dir[] = "/tmp/das-hold-XXXXXX", path[64];

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/file", dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	unlink(path);
	rmdir(dir);
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	return 0;
}

static void
is_file(const char *want, size_t n)
{
	struct buf b = { 0 };
	struct fault f;

	if (file_slurp(path, 1 << 20, &b, &f) != 0)
		fail_msg("%s", f.text);
	assert_int_equal(b.len, n);
	assert_memory_equal(b.p, want, n);
	buf_free(&b);
}

/* Files may not grow beyond n bytes; RLIM_INFINITY lifts it. */
static void
disk_of(rlim_t n)
{
	struct rlimit r;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &r), 0);
	r.rlim_cur = n;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &r), 0);
}

/* ---- hold ---- */

struct disk {
	struct buf	 b;
	bool		 full;
	size_t		 room;		/* for so many bytes more; 0: any */
	int		 calls;
};

static size_t
put(void *arg, const void *p, size_t n, struct fault *f)
{
	struct disk *d = arg;

	d->calls++;
	if (d->full || (d->room > 0 && d->room < n))
		fault_set(f, EX_TEMPFAIL, "full");
	if (d->full)
		return 0;
	if (d->room > 0 && d->room < n)
		n = d->room;
	return buf_add(&d->b, p, n) == 0 ? n : 0;
}

static void
holding(void **state)
{
	struct disk d = { .full = false };
	struct hold h = { .max = 6, .put = put, .arg = &d };

	(void)state;
	assert_int_equal(hold_put(&h, "ab", 2), 0);
	d.full = true;
	assert_int_equal(hold_put(&h, "cd", 2), 1);
	assert_string_equal(h.why.text, "full");
	assert_false(hold_over(&h));
	d.full = false;
	/* In order: what waits goes first, and only hold_retry() tries. */
	assert_int_equal(hold_put(&h, "efgh", 4), 1);
	assert_false(hold_over(&h));
	assert_int_equal(hold_put(&h, "i", 1), 1);
	assert_true(hold_over(&h));
	assert_string_equal(d.b.p, "ab");
	d.full = true;
	assert_int_equal(hold_retry(&h), -1);
	assert_int_equal(h.len, 7);
	d.full = false;
	assert_int_equal(hold_retry(&h), 0);
	assert_string_equal(d.b.p, "abcdefghi");
	d.calls = 0;
	assert_int_equal(hold_retry(&h), 0);
	assert_int_equal(d.calls, 0);
	assert_int_equal(hold_put(&h, "j", 1), 0);
	assert_string_equal(d.b.p, "abcdefghij");
	/* What went in is not put again. */
	d.room = 2;
	assert_int_equal(hold_put(&h, "klmnop", 6), 1);
	assert_string_equal(d.b.p, "abcdefghijkl");
	assert_int_equal(h.len, 4);
	d.room = 3;
	assert_int_equal(hold_retry(&h), -1);
	assert_int_equal(hold_retry(&h), 0);
	assert_string_equal(d.b.p, "abcdefghijklmnop");
	hold_free(&h);
	buf_free(&d.b);
}

/* A disk that gives way after a while, and counts what it is shown. */
struct flaky {
	struct buf	 b;
	size_t		 shown;
	int		 errors;	/* that are left; one each call */
	size_t		 bite;		/* bytes taken by a call that fails */
};

static size_t
put_flaky(void *arg, const void *p, size_t n, struct fault *f)
{
	static const int why[] = { ENOSPC, EIO, EDQUOT, EROFS, EINTR };
	struct flaky *d = arg;

	d->shown += n;
	if (d->errors > 0) {
		errno = why[d->errors-- % 5];
		fault_sys(f, 0, "disk");
		n = n < d->bite ? n : d->bite;
	}
	return buf_add(&d->b, p, n) == 0 ? n : 0;
}

/* Whatever the disk says and however little it takes each time, the bytes are
 * those that were put, in their order. */
static void
every_error(void **state)
{
	struct flaky d = { .errors = 1 };
	struct hold h = { .max = 1 << 20, .put = put_flaky, .arg = &d };
	struct buf all = { 0 };
	char row[32];

	(void)state;
	for (int i = 0; i < 300000; i++) {	/* blocks end inside */
		int n = snprintf(row, sizeof(row), "%d\trow\n", i);

		assert_int_equal(buf_add(&all, row, (size_t)n), 0);
		assert_int_equal(hold_put(&h, row, (size_t)n), 1);
	}
	assert_true(h.len > 2 * HOLD_BLOCK);
	d.bite = 12345;
	d.errors = 300;		/* more than there is: ends in the middle */
	while (hold_retry(&h) == -1)
		assert_non_null(strstr(h.why.text, "disk: "));
	assert_int_equal(h.len, 0);
	assert_int_equal(d.b.len, all.len);
	assert_memory_equal(d.b.p, all.p, all.len);
	buf_free(&all);
	buf_free(&d.b);
}

static size_t
resident(void)
{
	unsigned long size, rss;
	FILE *in = fopen("/proc/self/statm", "r");

	assert_non_null(in);
	assert_int_equal(fscanf(in, "%lu %lu", &size, &rss), 2);
	fclose(in);
	return rss * (size_t)sysconf(_SC_PAGESIZE);
}

static size_t
put_nowhere(void *arg, const void *p, size_t n, struct fault *f)
{
	struct flaky *d = arg;

	(void)p;
	d->shown += n;
	if (d->errors == 0)
		return n;
	d->errors -= d->errors > 0;
	fault_set(f, EX_TEMPFAIL, "full");
	return 0;
}

/* What waits is not copied, nor shown to the disk again and again; the memory
 * goes back. */
static void
holding_much(void **state)
{
	enum { PUT = 64 * 1024, PUTS = 1024 };	/* 64 MB */
	static char bytes[PUT];
	struct flaky d = { .errors = -1 };
	struct hold h = { .max = PUT, .put = put_nowhere, .arg = &d };
	size_t before = resident(), most = (size_t)PUTS * PUT;
	int rc, turns = 0;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	for (int i = 0; i < PUTS; i++)
		assert_int_equal(hold_put(&h, bytes, PUT), 1);
	assert_int_equal(d.shown, PUT);		/* the first only */
	assert_true(resident() > before + most / 2);
	for (int i = 0; i < 100; i++)
		assert_int_equal(hold_retry(&h), -1);
	assert_true(d.shown <= PUT + 100 * (size_t)HOLD_BLOCK);
	d.errors = 0;
	d.shown = 0;
	while ((rc = hold_retry(&h)) == 1) {
		turns++;
		assert_int_equal(h.len, most - (size_t)turns * HOLD_TURN);
	}
	assert_int_equal(rc, 0);
	assert_int_equal(turns, most / HOLD_TURN - 1);
	assert_int_equal(d.shown, most);
	assert_true(resident() < before + most / 8);
}

/* ---- append ---- */

static void
appending(void **state)
{
	struct append a;
	struct fault f;

	(void)state;
	assert_int_equal(append_open(&a, path, "x\ty", &f), 0);
	assert_int_equal(append_put(&a, "1\t2\n", 4, &f), 0);
	assert_int_equal(append_close(&a, &f), 0);
	is_file("x\ty\n1\t2\n", 8);
	/* torn anywhere: whole rows stay, the header comes back */
	for (int at = 0; at <= 8; at++) {
		assert_int_equal(file_put(path, 0644, "x\ty\n1\t2\n", 8, &f), 0);
		assert_int_equal(truncate(path, at), 0);
		assert_int_equal(append_open(&a, path, "x\ty", &f), 0);
		assert_int_equal(append_put(&a, "3\t4\n", 4, &f), 0);
		assert_int_equal(append_close(&a, &f), 0);
		if (at < 8)
			is_file("x\ty\n3\t4\n", 8);
		else
			is_file("x\ty\n1\t2\n3\t4\n", 12);
	}
	assert_int_equal(append_open(&a, "/nonexistent/x", "h", &f), -1);
	assert_int_equal(f.ex, EX_CANTCREAT);
	assert_int_equal(append_close(&a, &f), 0);
}

static void
appending_to_a_full_disk(void **state)
{
	struct append a;
	struct fault f;

	(void)state;
	assert_int_equal(append_open(&a, path, "x", &f), 0);
	disk_of(4);
	assert_int_equal(append_put(&a, "123\n", 4, &f), -1);
	is_file("x\n", 2);
	disk_of(RLIM_INFINITY);
	assert_int_equal(append_put(&a, "123\n", 4, &f), 0);
	assert_int_equal(append_close(&a, &f), 0);
	is_file("x\n123\n", 6);
}

/* ---- keep ---- */

static int
frames_in_file(bool *cut)
{
	struct capture_frame c;
	struct capture_r r;
	struct fault f;
	int n = 0;

	assert_int_equal(capture_r_open(&r, path, &f), 0);
	while (capture_next(&r, &c, &f) == 1) {
		n++;
		assert_int_equal(c.recv_us, n);
	}
	*cut = r.cut;
	capture_r_close(&r);
	return n;
}

static void
keeping(void **state)
{
	struct capture_frame c = { .conn = 1, .kind = CAPTURE_BINARY,
	    .p = (const uint8_t *)"12345678", .len = 8 };
	struct fault f;
	struct keep k;
	bool cut;

	(void)state;
	keep_init(&k, path, 50, 0);
	assert_int_equal(access(path, F_OK), -1);	/* not before a frame */
	c.recv_us = 1;
	assert_int_equal(keep_put(&k, &c), 0);
	disk_of(40);			/* 8 + 24 are there, 24 more are not */
	for (c.recv_us = 2; c.recv_us <= 4; c.recv_us++)
		assert_int_equal(keep_put(&k, &c), 1);
	assert_int_equal(keep_put(&k, &c), -1);	/* 72 held, 50 is the bound */
	assert_int_equal(k.lost, 1);
	assert_int_equal(k.frames, 5);
	assert_int_equal(keep_retry(&k), -1);
	assert_int_equal(frames_in_file(&cut), 1);
	disk_of(RLIM_INFINITY);
	assert_int_equal(keep_close(&k, &f), 0);
	assert_int_equal(frames_in_file(&cut), 4);
	assert_false(cut);
}

static void
keeping_nothing(void **state)
{
	struct fault f;
	struct keep k;

	(void)state;
	keep_init(&k, path, 50, 0);
	assert_int_equal(keep_retry(&k), 0);
	assert_int_equal(keep_close(&k, &f), 0);
	assert_int_equal(access(path, F_OK), -1);
}

/* ---- texts ---- */

static void
take_text(struct texts *t, const char *p, size_t n, const char *type, int rc)
{
	struct capture_frame c = { .recv_us = INT64_C(1795578301000001),
	    .conn = 2, .kind = CAPTURE_TEXT, .p = (const uint8_t *)p,
	    .len = n };

	assert_int_equal(texts_put(t, &c, type), rc);
}

static void
texts(void **state)
{
	static const char want[] = "recvTime\tconn\ttype\ttext\n"
	    "2026-11-25 09:15:01.000001\t2\torder\t{\"a\":\"\\\\n\"}\n"
	    "2026-11-25 09:15:01.000001\t2\t\\N\tx\\ty\\nz\\0!\n"
	    "2026-11-25 09:15:01.000001\t2\t\t\n";
	struct texts t;
	struct fault f;

	(void)state;
	texts_init(&t, path, 10);
	assert_int_equal(texts_retry(&t), 0);
	assert_int_equal(access(path, F_OK), -1);	/* not before a text */
	take_text(&t, "{\"a\":\"\\n\"}", 10, "order", 0);
	disk_of(80);
	take_text(&t, "x\ty\nz\0!", 7, NULL, 1);
	take_text(&t, "", 0, "", -1);			/* 10 is the bound */
	assert_int_equal(t.lost, 1);
	assert_int_equal(texts_retry(&t), -1);
	disk_of(RLIM_INFINITY);
	assert_int_equal(texts_retry(&t), 0);
	take_text(&t, "", 0, "", 0);
	assert_int_equal(t.count, 4);
	assert_int_equal(texts_close(&t, &f), 0);
	is_file(want, sizeof(want) - 1);
}

/* One that is longer than any block, and torn: the next one cuts it off. */
static void
long_text(void **state)
{
	enum { LONG = 300000 };
	static char text[LONG];
	struct texts t;
	struct fault f;
	struct buf b = { 0 };

	(void)state;
	memset(text, '\t', LONG);
	texts_init(&t, path, LONG);
	take_text(&t, "one", 3, "a", 0);
	take_text(&t, text, LONG, "b", 0);
	assert_int_equal(texts_close(&t, &f), 0);
	assert_int_equal(file_slurp(path, 1 << 20, &b, &f), 0);
	assert_true(b.len > 2 * LONG);
	assert_int_equal(truncate(path, (off_t)b.len - 1), 0);
	texts_init(&t, path, LONG);
	take_text(&t, "two", 3, "c", 0);
	assert_int_equal(texts_close(&t, &f), 0);
	is_file("recvTime\tconn\ttype\ttext\n"
	    "2026-11-25 09:15:01.000001\t2\ta\tone\n"
	    "2026-11-25 09:15:01.000001\t2\tc\ttwo\n", 24 + 2 * 35);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test(holding),
		cmocka_unit_test(every_error),
		cmocka_unit_test(holding_much),
		cmocka_unit_test_setup_teardown(appending, setup, teardown),
		cmocka_unit_test_setup_teardown(appending_to_a_full_disk,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(keeping, setup, teardown),
		cmocka_unit_test_setup_teardown(keeping_nothing, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(texts, setup, teardown),
		cmocka_unit_test_setup_teardown(long_text, setup, teardown),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
