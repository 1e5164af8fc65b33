/* spool - segments, torn tails, readers that keep up and writers that die */
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
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "buf.h"
#include "file.h"
#include "num.h"
#include "spool.h"

#define DAY "2026-11-25"

static int
fresh_directory(void **state)
{
	char *dir = strdup("/tmp/das-spool.XXXXXX");

	*state = dir;
	return dir == NULL || mkdtemp(dir) == NULL || chdir(dir) != 0;
}

static int
remove_directory(void **state)
{
	char cmd[64];
	int rc;

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", (char *)*state);
	rc = system(cmd);
	free(*state);
	return rc;
}

static void
open_w(struct spool_w *w)
{
	struct fault f = { 0 };

	if (spool_w_open(w, "s", DAY, "t", "seq\tx", &f) != 0)
		fail_msg("spool_w_open: %s", f.text);
}

static void
put(struct spool_w *w, const char *rows)
{
	struct fault f = { 0 };

	if (spool_w_put(w, rows, strlen(rows), &f) != 0)
		fail_msg("spool_w_put: %s", f.text);
}

/* Everything that a reader gets from pos on; *end says how it ended. */
static char *
read_all(struct spool_pos *pos, int *end)
{
	struct buf b = { 0 };
	struct fault f = { 0 };
	struct spool_r r;
	char *rows;
	size_t n;

	assert_int_equal(spool_r_open(&r, "s", DAY, "t", pos, &f), 0);
	while ((*end = spool_r_next(&r, &rows, &n, &f)) == 1) {
		assert_string_equal(r.header, "seq\tx");
		assert_int_equal(buf_add(&b, rows, n), 0);
	}
	if (pos != NULL)
		*pos = r.pos;
	spool_r_close(&r);
	return b.p != NULL ? b.p : strdup("");
}

static void
rows_come_out_as_they_went_in(void **state)
{
	struct spool_pos pos = { 0 };
	struct spool_w w;
	struct fault f;
	char *text;
	int end;

	(void)state;
	text = read_all(&pos, &end);		/* no such topic yet */
	assert_int_equal(end, 0);
	assert_string_equal(text, "");
	free(text);
	open_w(&w);
	assert_null(w.last);
	put(&w, "1\ta\n2\tb\n");
	text = read_all(&pos, &end);
	assert_string_equal(text, "1\ta\n2\tb\n");
	assert_int_equal(end, 0);
	free(text);
	put(&w, "3\tc\n");
	assert_int_equal(spool_w_rotate(&w, &f), 0);
	put(&w, "4\td\n");
	text = read_all(&pos, &end);		/* goes on where it was */
	assert_string_equal(text, "3\tc\n4\td\n");
	free(text);
	assert_int_equal(spool_is_closed("s", DAY, "t"), 0);
	assert_int_equal(spool_w_close(&w, true, &f), 0);
	assert_int_equal(spool_is_closed("s", DAY, "t"), 1);
	text = read_all(&pos, &end);
	assert_string_equal(text, "");
	assert_int_equal(end, SPOOL_END);
	free(text);
	text = read_all(NULL, &end);
	assert_string_equal(text, "1\ta\n2\tb\n3\tc\n4\td\n");
	assert_int_equal(end, SPOOL_END);
	free(text);
	assert_int_equal(spool_w_open(&w, "s", DAY, "t", "seq\tx", &f), -1);
	assert_int_equal(f.ex, EX_CANTCREAT);
	assert_non_null(strstr(f.text, "CLOSED"));
}

/* Every way in which a segment can end when the machine stops. */
static void
a_torn_tail_is_invisible_and_cut_off(void **state)
{
	static const struct { const char *seg, *rows, *last; } cases[] = {
		{ "seq\tx\n1\ta\n2\tb", "1\ta\n", "1\ta" },
		{ "seq\tx\n1\ta\n2\tb\n", "1\ta\n2\tb\n", "2\tb" },
		{ "seq\tx\n1", "", NULL },
		{ "seq\tx\n", "", NULL },
		{ "seq", "", NULL },
		{ "", "", NULL },
	};
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct spool_w w;
		char *text, want[64];
		int end;

		assert_int_equal(system("rm -rf s"), 0);
		assert_int_equal(file_mkdirs("s/" DAY "/t", &f), 0);
		assert_int_equal(file_put("s/" DAY "/t/000001.tsv", 0600,
		    cases[i].seg, strlen(cases[i].seg), &f), 0);
		text = read_all(NULL, &end);
		assert_string_equal(text, cases[i].rows);
		free(text);
		open_w(&w);
		assert_int_equal(w.segment, 2);
		if (cases[i].last == NULL)
			assert_null(w.last);
		else
			assert_string_equal(w.last, cases[i].last);
		put(&w, "9\tz\n");
		text = read_all(NULL, &end);
		snprintf(want, sizeof(want), "%s9\tz\n", cases[i].rows);
		assert_string_equal(text, want);
		free(text);
		assert_int_equal(spool_w_close(&w, false, &f), 0);
	}
}

/* The same with zeros, which a power cut leaves where the disk had the file's
 * new length before its bytes. */
static void
zeros_are_invisible_and_cut_off(void **state)
{
	static const struct {
		const char *seg;	/* "." is a NUL */
		const char *rows, *last;
	} cases[] = {
		{ "seq\tx\n1\ta\n2\tb\n....", "1\ta\n2\tb\n", "2\tb" },
		{ "seq\tx\n1\ta\n2\t...4\td\n", "1\ta\n", "1\ta" },
		{ "seq\tx\n1\ta\n....3\tc\n4\td\n", "1\ta\n", "1\ta" },
		{ "seq\tx\n....\n", "", NULL },
		{ "seq..\n1\ta\n", "", NULL },
		{ "......\n1\ta\n", "", NULL },
	};
	char *text;
	struct fault f;
	int end;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct spool_w w;
		char seg[64], want[64];
		size_t n = strlen(cases[i].seg);

		snprintf(seg, sizeof(seg), "%s", cases[i].seg);
		for (size_t k = 0; k < n; k++)
			if (cases[i].seg[k] == '.')
				seg[k] = '\0';
		assert_int_equal(system("rm -rf s"), 0);
		assert_int_equal(file_mkdirs("s/" DAY "/t", &f), 0);
		assert_int_equal(file_put("s/" DAY "/t/000001.tsv", 0600, seg,
		    n, &f), 0);
		text = read_all(NULL, &end);
		assert_string_equal(text, cases[i].rows);
		assert_int_equal(end, 0);
		free(text);
		open_w(&w);
		if (cases[i].last == NULL)
			assert_null(w.last);
		else
			assert_string_equal(w.last, cases[i].last);
		assert_true(w.torn > 0);
		put(&w, "9\tz\n");
		text = read_all(NULL, &end);
		snprintf(want, sizeof(want), "%s9\tz\n", cases[i].rows);
		assert_string_equal(text, want);
		free(text);
		assert_int_equal(spool_w_close(&w, false, &f), 0);
	}
	/* Nobody writes that segment any more: its rows are lost, and told. */
	assert_int_equal(file_put("s/" DAY "/t/000001.tsv", 0600,
	    "seq\tx\n1\ta\n\0\0\0\n", 15, &f), 0);
	text = read_all(NULL, &end);
	assert_string_equal(text, "1\ta\n");
	assert_int_equal(end, -1);
	free(text);
}

static void
the_last_row_is_found_behind_empty_segments(void **state)
{
	struct spool_w w;
	struct fault f;

	(void)state;
	open_w(&w);
	put(&w, "7\tq\n");
	assert_int_equal(spool_w_close(&w, false, &f), 0);
	for (int i = 0; i < 3; i++) {
		open_w(&w);
		assert_string_equal(w.last, "7\tq");
		assert_int_equal(spool_w_close(&w, false, &f), 0);
	}
}

static void
segments_rotate_by_size(void **state)
{
	struct spool_w w;
	struct fault f;
	struct stat st;
	char row[32], path[64], *text;
	int end, rows = 0;

	(void)state;
	open_w(&w);
	assert_int_equal(spool_w_sync_start(&w, &f), 0);
	w.limit = 100;
	for (int i = 1; i <= 200; i++) {
		snprintf(row, sizeof(row), "%d\tsome text\n", i);
		put(&w, row);
	}
	assert_true(w.segment > 20);
	for (uint32_t i = 1; i <= w.segment; i++) {
		snprintf(path, sizeof(path), "s/" DAY "/t/%06u.tsv", i);
		assert_int_equal(stat(path, &st), 0);
		assert_true(st.st_size <= 100);
	}
	assert_int_equal(spool_w_close(&w, true, &f), 0);
	text = read_all(NULL, &end);
	for (char *p = text, *e = text + strlen(text), *r; (r =
	    spool_row(&p, e)) != NULL;) {
		snprintf(row, sizeof(row), "%d\tsome text", ++rows);
		assert_string_equal(r, row);
	}
	assert_int_equal(rows, 200);
	free(text);
}

static void
there_is_one_writer(void **state)
{
	struct spool_w w, other;
	struct fault f;
	int status;

	(void)state;
	open_w(&w);
	if (fork() == 0)
		_exit(spool_w_open(&other, "s", DAY, "t", "seq\tx", &f) == -1 &&
		    f.ex == EX_TEMPFAIL ? 0 : 1);
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
	assert_int_equal(spool_w_close(&w, false, &f), 0);
}

/* RLIMIT_FSIZE stands in for a full disk: a short write, then an error. */
static void
a_failed_write_leaves_nothing_behind(void **state)
{
	struct rlimit small = { 64, RLIM_INFINITY }, old;
	struct spool_w w;
	struct fault f = { 0 };
	char *text;
	int end;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	open_w(&w);
	put(&w, "1\tok\n");
	getrlimit(RLIMIT_FSIZE, &old);
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(spool_w_put(&w, "2\tA row that is longer than what is "
	    "left of the room in here\n", 63, &f), -1);
	assert_true(f.ex != 0);
	setrlimit(RLIMIT_FSIZE, &old);
	text = read_all(NULL, &end);
	assert_string_equal(text, "1\tok\n");
	free(text);
	put(&w, "2\tnow\n");		/* the same bytes can be put again */
	text = read_all(NULL, &end);
	assert_string_equal(text, "1\tok\n2\tnow\n");
	free(text);
	assert_int_equal(spool_w_close(&w, false, &f), 0);
}

/* What a reader may have seen is never taken back. */
static void
a_disk_that_fills_takes_whole_rows(void **state)
{
	struct rlimit old, small = { .rlim_max = RLIM_INFINITY };
	const char rows[] = "1\ta\n2\tb\n3\tc\n";
	struct spool_w w;
	struct fault f = { 0 };
	char *text;
	int end;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	for (size_t room = 0; room < sizeof(rows) - 1; room++) {
		assert_int_equal(system("rm -rf s"), 0);
		open_w(&w);
		small.rlim_cur = strlen("seq\tx\n") + room;
		setrlimit(RLIMIT_FSIZE, &small);
		assert_int_equal(spool_w_put(&w, rows, sizeof(rows) - 1, &f),
		    -1);
		setrlimit(RLIMIT_FSIZE, &old);
		assert_int_equal(w.taken, room / 4 * 4);
		text = read_all(NULL, &end);
		assert_int_equal(strlen(text), w.taken);
		assert_memory_equal(text, rows, w.taken);
		free(text);
		put(&w, rows + w.taken);
		text = read_all(NULL, &end);
		assert_string_equal(text, rows);
		free(text);
		assert_int_equal(spool_w_close(&w, false, &f), 0);
	}
}

/* A segment that cannot be made is never there, not even for a moment. */
static void
a_segment_comes_with_its_header(void **state)
{
	struct rlimit old, small = { 3, RLIM_INFINITY };
	union {
		struct inotify_event e;
		char	 room[4096];
	} u;
	struct spool_w w;
	struct fault f = { 0 };
	ssize_t n;
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), fd;

	(void)state;
	assert_int_equal(file_mkdirs("s/" DAY "/t", &f), 0);
	fd = open("s/" DAY "/t/.lock", O_WRONLY | O_CREAT, 0600);
	assert_int_equal(close(fd), 0);
	assert_true(inotify_add_watch(watch, "s/" DAY "/t", IN_CREATE |
	    IN_MOVED_TO) != -1);
	open_w(&w);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(spool_w_rotate(&w, &f), -1);
	setrlimit(RLIMIT_FSIZE, &old);
	n = read(watch, &u, sizeof(u));
	assert_true(n > 0);
	for (char *p = u.room; p < u.room + n; p += sizeof(u.e) +
	    ((struct inotify_event *)(void *)p)->len)
		assert_null(strstr(((struct inotify_event *)(void *)p)->name,
		    "000002"));
	assert_int_equal(access("s/" DAY "/t/.next", F_OK), -1);
	put(&w, "1\ta\n");
	assert_int_equal(spool_w_rotate(&w, &f), 0);
	assert_int_equal(access("s/" DAY "/t/000002.tsv", F_OK), 0);
	assert_int_equal(spool_w_close(&w, false, &f), 0);
	close(watch);
}

static void
a_missing_segment_is_no_silence(void **state)
{
	static const char *const gone[] = { "000001", "000002", "000003" };
	struct spool_w w;
	struct fault f = { 0 };

	(void)state;
	for (int closed = 0; closed < 2; closed++)
		for (int i = 0; i < 3; i++) {
			char path[64], moved[80], *text;
			struct spool_r r;
			char *rows;
			size_t n;
			int rc;

			assert_int_equal(system("rm -rf s"), 0);
			open_w(&w);
			for (int k = 1; k <= 4; k++) {
				char row[16];

				snprintf(row, sizeof(row), "%d\ta\n", k);
				put(&w, row);
				if (k < 4)
					assert_int_equal(spool_w_rotate(&w,
					    &f), 0);
			}
			assert_int_equal(spool_w_close(&w, closed, &f), 0);
			snprintf(path, sizeof(path), "s/" DAY "/t/%s.tsv",
			    gone[i]);
			snprintf(moved, sizeof(moved), "%s.away", path);
			assert_int_equal(rename(path, moved), 0);
			assert_int_equal(spool_r_open(&r, "s", DAY, "t", NULL,
			    &f), 0);
			while ((rc = spool_r_next(&r, &rows, &n, &f)) == 1)
				;
			assert_int_equal(rc, -1);
			assert_int_equal(f.ex, EX_DATAERR);
			assert_non_null(strstr(f.text, gone[i]));
			spool_r_close(&r);
			/* A writer goes on all the same. */
			if (!closed) {
				open_w(&w);
				assert_string_equal(w.last, "4\ta");
				assert_int_equal(spool_w_close(&w, false, &f),
				    0);
			}
			/* An empty file says that its rows are given up. */
			assert_int_equal(file_put(path, 0600, "", 0, &f), 0);
			text = read_all(NULL, &rc);
			assert_int_equal(strlen(text), 12);
			assert_int_equal(rc, closed ? SPOOL_END : 0);
			free(text);
		}
}

/* Other files in the directory are nobody's segments. */
static void
segments_have_their_names(void **state)
{
	static const char *const other[] = { "1.tsv", "99.tsv", "0000007.tsv",
	    "000009.tsv.bak", "000000.tsv", "00001a.tsv", "-00001.tsv",
	    "000004.TSV", "000005tsv", ".000006.tsv" };
	struct spool_w w;
	struct fault f = { 0 };
	char path[64];

	(void)state;
	assert_int_equal(file_mkdirs("s/" DAY "/t", &f), 0);
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++) {
		snprintf(path, sizeof(path), "s/" DAY "/t/%s", other[i]);
		assert_int_equal(file_put(path, 0600, "x\n", 2, &f), 0);
		assert_int_equal(spool_segment(other[i], ""), 0);
	}
	assert_int_equal(spool_segment("000012.tsv", ""), 12);
	assert_int_equal(spool_segment("1234567.tsv", ""), 1234567);
	assert_int_equal(spool_segment("000012.tsv.zst", ".zst"), 12);
	assert_int_equal(spool_segment("000012.tsv", ".zst"), 0);
	open_w(&w);
	assert_int_equal(w.segment, 1);
	assert_null(w.last);
	assert_int_equal(spool_w_close(&w, false, &f), 0);
}

/*
 * A writer is killed again and again while a reader follows: every row that
 * the writer said it had put is read once, in order, and none is torn.
 */
static void
writers_may_die_at_any_moment(void **state)
{
	struct spool_pos pos = { 0 };
	struct fault f;
	int64_t next = 1, seq;

	(void)state;
	for (int round = 0; round < 20; round++) {
		struct spool_w w;
		char *text, row[64];
		int end, pipes[2];
		int64_t promised = 0;
		pid_t pid;

		assert_int_equal(pipe(pipes), 0);
		if ((pid = fork()) == 0) {
			open_w(&w);
			seq = w.last != NULL ? atoll(w.last) + 1 : 1;
			w.limit = 3000;
			spool_w_sync_start(&w, &f);
			for (;; seq++) {
				int n = snprintf(row, sizeof(row),
				    "%jd\tabcdefghij\n", (intmax_t)seq);

				if (spool_w_put(&w, row, (size_t)n, &f) != 0 ||
				    write(pipes[1], &seq, sizeof(seq)) < 0)
					_exit(1);
			}
		}
		close(pipes[1]);
		/* Let it promise some rows, each time another number. */
		for (int i = 0; i < 40 + round * 37; i++)
			assert_int_equal(read(pipes[0], &promised,
			    sizeof(promised)), sizeof(promised));
		kill(pid, SIGKILL);
		while (read(pipes[0], &seq, sizeof(seq)) == sizeof(seq))
			promised = seq;
		close(pipes[0]);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		text = read_all(&pos, &end);
		for (char *p = text, *e = text + strlen(text), *r; (r =
		    spool_row(&p, e)) != NULL; next++) {
			snprintf(row, sizeof(row), "%jd\tabcdefghij",
			    (intmax_t)next);
			assert_string_equal(r, row);
		}
		assert_true(next > promised);
		free(text);
	}
}

static void
a_position_behind_the_end_is_an_error(void **state)
{
	struct spool_pos pos = { 1, 1000 };
	struct spool_w w;
	struct spool_r r;
	struct fault f = { 0 };
	char *rows;
	size_t n;

	(void)state;
	open_w(&w);
	put(&w, "1\ta\n");
	assert_int_equal(spool_r_open(&r, "s", DAY, "t", &pos, &f), 0);
	assert_int_equal(spool_r_next(&r, &rows, &n, &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_non_null(strstr(f.text, "000001.tsv"));
	spool_r_close(&r);
	assert_int_equal(spool_w_close(&w, false, &f), 0);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fresh_directory, \
	    remove_directory)
	const struct CMUnitTest tests[] = {
		T(rows_come_out_as_they_went_in),
		T(a_torn_tail_is_invisible_and_cut_off),
		T(zeros_are_invisible_and_cut_off),
		T(the_last_row_is_found_behind_empty_segments),
		T(segments_rotate_by_size),
		T(there_is_one_writer),
		T(a_failed_write_leaves_nothing_behind),
		T(a_disk_that_fills_takes_whole_rows),
		T(a_segment_comes_with_its_header),
		T(a_missing_segment_is_no_silence),
		T(segments_have_their_names),
		T(writers_may_die_at_any_moment),
		T(a_position_behind_the_end_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
