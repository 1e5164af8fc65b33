/*
 * capture - raw frames in a file: written, cut anywhere, gone on with
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture.h"
#include "file.h"

static char path[] = "/tmp/das-capture-XXXXXX";

static const struct capture_frame sample[] = {
	{ 1795578301123456, 1, CAPTURE_BINARY, (const uint8_t *)"\0", 1 },
	{ -1, CAPTURE_CONN_MAX, CAPTURE_TEXT,
	    (const uint8_t *)"{\"type\":1}", 10 },
	{ 1795578301123457, 2, CAPTURE_OPEN, (const uint8_t *)"", 0 },
	{ 1795578301123458, 2, CAPTURE_FRAGMENT, (const uint8_t *)"\202", 1 },
	{ INT64_MAX, 3, CAPTURE_BINARY,
	    (const uint8_t *)"\0\1\0\10abcdefgh", 12 },
};
enum { SAMPLES = sizeof(sample) / sizeof(*sample), HEAD = 16, MAGIC = 8 };

static int
setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd == -1 ? -1 : close(fd);
}

static int
teardown(void **state)
{
	(void)state;
	unlink(path);
	strcpy(path + sizeof(path) - 7, "XXXXXX");
	return 0;
}

static void
write_samples(void)
{
	struct capture_w w;
	struct fault f;

	assert_int_equal(capture_w_open(&w, path, 0, &f), 0);
	for (int i = 0; i < SAMPLES; i++)
		assert_int_equal(capture_put(&w, &sample[i], &f), 0);
	assert_int_equal(capture_w_close(&w, &f), 0);
}

/* Reads all; how many frames were whole, each compared with its sample. */
static int
read_samples(bool *cut)
{
	struct capture_frame c;
	struct capture_r r;
	struct fault f;
	int n = 0, rc;

	assert_int_equal(capture_r_open(&r, path, &f), 0);
	while ((rc = capture_next(&r, &c, &f)) == 1) {
		const struct capture_frame *s = &sample[n++ % SAMPLES];

		assert_int_equal(c.recv_us, s->recv_us);
		assert_int_equal(c.conn, s->conn);
		assert_int_equal(c.kind, s->kind);
		assert_int_equal(c.len, s->len);
		assert_memory_equal(c.p, s->p, c.len);
	}
	assert_int_equal(rc, 0);
	*cut = r.cut;
	capture_r_close(&r);
	return n;
}

static void
there_and_back(void **state)
{
	struct buf b = { 0 };
	bool cut;

	(void)state;
	write_samples();
	assert_int_equal(read_samples(&cut), SAMPLES);
	assert_false(cut);
	assert_int_equal(file_slurp(path, 4096, &b, NULL), 0);
	/* The bytes are a format: they may not change unnoticed. */
	assert_int_equal(b.len, MAGIC + HEAD * SAMPLES + 1 + 10 + 0 + 1 + 12);
	assert_memory_equal(b.p, "DAScapt1"
	    "\x00\x06\x61\x11\xa6\xce\x0b\x80" "\0\1" "\0" "\0" "\0\0\0\1" "\0"
	    "\xff\xff\xff\xff\xff\xff\xff\xff" "\xff\xff" "\1" "\0"
	    "\0\0\0\x0a" "{\"type\":1}", MAGIC + HEAD + 1 + HEAD + 10);
	buf_free(&b);
}

/* Cut at every byte: the whole frames are read; writing on loses none. */
static void
cut_anywhere(void **state)
{
	static const int end[] = { 8, 25, 51, 67, 84, 112 };
	struct capture_w w;
	struct fault f;
	int whole;
	bool cut;

	(void)state;
	for (int at = 8; at <= end[SAMPLES]; at++) {
		assert_int_equal(truncate(path, 0), 0);
		write_samples();
		assert_int_equal(truncate(path, at), 0);
		for (whole = 0; whole < SAMPLES && end[whole + 1] <= at;)
			whole++;
		assert_int_equal(read_samples(&cut), whole);
		assert_int_equal(cut, at != end[whole]);
		assert_int_equal(capture_w_open(&w, path, 0, &f), 0);
		assert_int_equal(w.torn, at - end[whole]);
		for (int i = whole; i < SAMPLES; i++)
			assert_int_equal(capture_put(&w, &sample[i], &f), 0);
		assert_int_equal(capture_w_close(&w, &f), 0);
		assert_int_equal(read_samples(&cut), SAMPLES);
		assert_false(cut);
	}
	for (int at = 0; at < 8; at++) {	/* died while making it */
		struct capture_r r;

		assert_int_equal(truncate(path, 0), 0);
		write_samples();
		assert_int_equal(truncate(path, at), 0);
		assert_int_equal(capture_r_open(&r, path, &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		write_samples();
		assert_int_equal(read_samples(&cut), SAMPLES);
	}
}

static void
damaged(void **state)
{
	struct capture_frame c;
	struct capture_w w;
	struct capture_r r;
	struct fault f;

	(void)state;
	assert_int_equal(file_put(path, 0644, "hello, world", 12, &f), 0);
	assert_int_equal(capture_w_open(&w, path, 0, &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_int_equal(capture_r_open(&r, path, &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_int_equal(file_put(path, 0644, "DAScapt1"
	    "\0\0\0\0\0\0\0\0\0\1\0\0\x7f\xff\xff\xff" "abcd", 28, &f), 0);
	assert_int_equal(capture_r_open(&r, path, &f), 0);
	assert_int_equal(capture_next(&r, &c, &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_non_null(strstr(f.text, "impossible length at byte 8"));
	capture_r_close(&r);
	assert_int_equal(capture_w_open(&w, path, 0, &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_int_equal(file_put(path, 0644, "DAScapt1"
	    "\0\0\0\0\0\0\0\0\0\1\4\0\0\0\0\1" "a", 25, &f), 0);
	assert_int_equal(capture_r_open(&r, path, &f), 0);
	assert_int_equal(capture_next(&r, &c, &f), -1);
	assert_non_null(strstr(f.text, "unknown kind"));
	capture_r_close(&r);
	assert_int_equal(capture_r_open(&r, "/nonexistent/x", &f), -1);
	assert_int_equal(f.ex, EX_NOINPUT);
	assert_int_equal(capture_w_open(&w, "/nonexistent/x", 0, &f), -1);
	assert_int_equal(f.ex, EX_CANTCREAT);
}

static void
one_writer(void **state)
{
	struct capture_w w, other;
	struct fault f;

	(void)state;
	assert_int_equal(capture_w_open(&w, path, 0, &f), 0);
	assert_int_equal(capture_w_open(&other, path, 0, &f), -1);
	assert_int_equal(f.ex, EX_TEMPFAIL);
	assert_int_equal(capture_w_close(&w, &f), 0);
}

/* A disk that is full in the middle of a frame: nothing of it stays, and it
 * can be put again. */
static void
full_disk(void **state)
{
	struct rlimit was, now;
	struct capture_w w;
	struct fault f;
	bool cut;

	(void)state;
	assert_int_equal(capture_w_open(&w, path, 0, &f), 0);
	for (int i = 0; i < SAMPLES - 1; i++)
		assert_int_equal(capture_put(&w, &sample[i], &f), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	now = was;
	now.rlim_cur = 67 + 20;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
	assert_int_equal(capture_put(&w, &sample[SAMPLES - 1], &f), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(read_samples(&cut), SAMPLES - 1);
	assert_false(cut);
	assert_int_equal(capture_put(&w, &sample[SAMPLES - 1], &f), 0);
	assert_int_equal(capture_w_close(&w, &f), 0);
	assert_int_equal(read_samples(&cut), SAMPLES);
	assert_false(cut);
}

/* ---- segments ---- */

static void
segment(char *out, int n)
{
	if (n == 0)
		snprintf(out, 64, "%s", path);
	else
		snprintf(out, 64, "%s.%04d", path, n);
}

static int
teardown_segments(void **state)
{
	char name[64];

	for (int n = 1; n <= 9; n++) {
		segment(name, n);
		unlink(name);
	}
	return teardown(state);
}

/* Each frame is of 16 + 8 bytes and carries its number as the time. */
static void
write_numbers(int from, int to, uint64_t limit)
{
	struct capture_frame c = { .conn = 1,
	    .p = (const uint8_t *)"12345678", .len = 8 };
	struct capture_w w;
	struct fault f;

	assert_int_equal(capture_w_open(&w, path, limit, &f), 0);
	for (c.recv_us = from; c.recv_us <= to; c.recv_us++)
		assert_int_equal(capture_put(&w, &c, &f), 0);
	assert_int_equal(capture_w_close(&w, &f), 0);
}

static off_t
size_of(int n)
{
	struct stat st;
	char name[64];

	segment(name, n);
	return stat(name, &st) == 0 ? st.st_size : -1;
}

/* Reads all: the last number, every one of which must come but for those in
 * lost[] (0 ends it); the status goes to *rc. */
static int
read_numbers(const char *from, const int *lost, struct capture_r *r, int *rc,
    struct fault *f)
{
	struct capture_frame c;
	int n = 0;

	assert_int_equal(capture_r_open(r, from, f), 0);
	while ((*rc = capture_next(r, &c, f)) == 1) {
		for (n++; *lost == n; lost++)
			n++;
		if (n == 1)
			n = (int)c.recv_us;	/* may begin anywhere */
		assert_int_equal(c.recv_us, n);
	}
	return n;
}

static void
segments(void **state)
{
	static const int none[] = { 0 };
	struct capture_r r;
	struct fault f;
	char name[64];
	int rc;

	(void)state;
	write_numbers(1, 7, MAGIC + 3 * 24);
	assert_int_equal(size_of(0), MAGIC + 3 * 24);
	assert_int_equal(size_of(1), MAGIC + 3 * 24);
	assert_int_equal(size_of(2), MAGIC + 24);
	assert_int_equal(size_of(3), -1);
	/* on with the newest */
	write_numbers(8, 10, MAGIC + 3 * 24);
	assert_int_equal(size_of(2), MAGIC + 3 * 24);
	assert_int_equal(size_of(3), MAGIC + 24);
	assert_int_equal(read_numbers(path, none, &r, &rc, &f), 10);
	assert_int_equal(rc, 0);
	assert_false(r.cut);
	capture_r_close(&r);
	/* one alone */
	segment(name, 2);
	assert_int_equal(read_numbers(name, none, &r, &rc, &f), 9);
	assert_int_equal(rc, 0);
	capture_r_close(&r);
	/* without a limit there is only the file itself */
	write_numbers(11, 20, 0);
	assert_int_equal(size_of(0), MAGIC + 13 * 24);
}

/* A torn end of one in the middle costs that frame only, and is told. */
static void
segments_cut(void **state)
{
	static const int lost[] = { 6, 0 };
	struct capture_r r;
	struct fault f;
	char name[64];
	int rc;

	(void)state;
	write_numbers(1, 10, MAGIC + 3 * 24);
	segment(name, 1);
	assert_int_equal(truncate(name, MAGIC + 3 * 24 - 1), 0);
	segment(name, 3);
	assert_int_equal(truncate(name, MAGIC + 20), 0);
	assert_int_equal(read_numbers(path, lost, &r, &rc, &f), 9);
	assert_int_equal(rc, 0);
	assert_true(r.cut);
	assert_non_null(strstr(r.cut_why.text, ".0001: ends inside of a frame, "
	    "at byte 56"));
	capture_r_close(&r);
	/* the newest is mended by the next writer */
	write_numbers(10, 12, MAGIC + 3 * 24);
	assert_int_equal(read_numbers(path, lost, &r, &rc, &f), 12);
	capture_r_close(&r);
	/* one that is gone is no end */
	segment(name, 2);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(read_numbers(path, lost, &r, &rc, &f), 5);
	assert_int_equal(rc, -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_non_null(strstr(f.text, ".0002 is missing"));
	capture_r_close(&r);
}

/* A disk that has no room for the next segment: the frame can be put again. */
static void
segments_full_disk(void **state)
{
	static const int none[] = { 0 };
	struct capture_frame c = { .conn = 1, .recv_us = 4,
	    .p = (const uint8_t *)"12345678", .len = 8 };
	struct rlimit was, now;
	struct capture_r r;
	struct capture_w w;
	struct fault f;
	int rc;

	(void)state;
	write_numbers(1, 3, MAGIC + 3 * 24);
	assert_int_equal(capture_w_open(&w, path, MAGIC + 3 * 24, &f), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	now = was;
	for (now.rlim_cur = 0; now.rlim_cur < MAGIC + 24; now.rlim_cur += 4) {
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
		assert_int_equal(capture_put(&w, &c, &f), -1);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(capture_put(&w, &c, &f), 0);
	assert_int_equal(capture_w_close(&w, &f), 0);
	assert_int_equal(read_numbers(path, none, &r, &rc, &f), 4);
	assert_int_equal(rc, 0);
	assert_false(r.cut);
	capture_r_close(&r);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test_setup_teardown(there_and_back, setup, teardown),
		cmocka_unit_test_setup_teardown(cut_anywhere, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(one_writer, setup, teardown),
		cmocka_unit_test_setup_teardown(full_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(segments, setup,
		    teardown_segments),
		cmocka_unit_test_setup_teardown(segments_cut, setup,
		    teardown_segments),
		cmocka_unit_test_setup_teardown(segments_full_disk, setup,
		    teardown_segments),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
