/*
 * das-follow - print the rows of a spool topic as they come
 *
 * One header, then the rows of all segments, across restarts of their writer,
 * until the topic is CLOSED.  When a later segment has other columns its rows
 * are brought into the order of the header that was printed.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clk.h"
#include "conf.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "rows.h"
#include "stop.h"
#include "tsv.h"

enum { WAIT_MS = 1000 };

static struct rows in;
static char *first;		/* the header that was printed, or NULL */
static char *now;		/* header of the segment whose rows come */
static struct tsv other;	/* the same, split, when it is not the first */
static int from[TSV_MAX], ncol;	/* for each column of the first: that of other,
				 * -1 when it has none */

/* The reader went away, as head(1) does when it has seen enough: no error. */
static void
reader_left(void)
{
	msg_info("nobody reads any more");
	exit(0);
}

static void
put(const char *p, size_t n)
{
	ssize_t got;

	while (n > 0) {
		got = write(STDOUT_FILENO, p, n);
		if (got == -1 && errno == EPIPE)
			reader_left();
		if (got == -1 && errno == EINTR && !stop_asked())
			continue;
		if (got == -1 && errno == EINTR)
			msg_diex(EX_TEMPFAIL, "stopped inside of a row that "
			    "nobody took");
		if (got == -1)
			msg_die(EX_IOERR, "standard output");
		p += got;
		n -= (size_t)got;
	}
}

static char *
copy_of(const char *s)
{
	char *copy = strdup(s);

	if (copy == NULL)
		msg_die(EX_TEMPFAIL, "memory");
	return copy;
}

/* Finds the columns of the first header in that of a later segment. */
static void
other_columns(void)
{
	struct tsv t;
	int missing = 0;

	tsv_free(&other);
	tsv_init(&other, NULL, in.dir);
	tsv_init(&t, NULL, in.dir);
	if (tsv_head(&other, now, strlen(now)) != 0 ||
	    tsv_head(&t, first, strlen(first)) != 0)
		msg_diex(EX_DATAERR, "%s/%06u.tsv: %s", in.dir,
		    (unsigned)in.pos.segment, other.why != NULL ? other.why :
		    t.why);
	ncol = t.ncol;
	for (int i = 0; i < ncol; i++) {
		from[i] = tsv_col(&other, t.cols[i]);
		missing += from[i] == -1;
	}
	msg_warnx("%s/%06u.tsv has other columns: %d are null, %d left out",
	    in.dir, (unsigned)in.pos.segment, missing,
	    other.ncol - (ncol - missing));
	tsv_free(&t);
}

/* Prints the header once; looks at it when a segment begins. */
static void
header(void)
{
	if (in.header == NULL || (now != NULL && strcmp(now, in.header) == 0))
		return;
	free(now);
	now = copy_of(in.header);
	if (first == NULL) {
		first = copy_of(now);
		put(first, strlen(first));
		put("\n", 1);
	} else if (strcmp(first, now) != 0) {
		other_columns();
	}
}

/* Prints rows that have other columns than the first ones. */
static void
put_arranged(char *rows, size_t len)
{
	struct buf out = { 0 };
	char *row, *end = rows + len;

	while ((row = spool_row(&rows, end)) != NULL) {
		if (tsv_row(&other, row) != 0)
			msg_diex(EX_DATAERR, "%s/%06u.tsv, before byte %ju: %s",
			    in.dir, (unsigned)in.pos.segment,
			    (uintmax_t)in.pos.offset, other.why);
		for (int i = 0; i < ncol; i++)
			if (buf_adds(&out, i > 0 ? "\t" : "") != 0 ||
			    buf_adds(&out, from[i] != -1 ? other.f[from[i]] :
			    "\\N") != 0)
				msg_die(EX_TEMPFAIL, "memory");
		if (buf_adds(&out, "\n") != 0)
			msg_die(EX_TEMPFAIL, "memory");
	}
	put(out.p, out.len);
	buf_free(&out);
}

/* Waits for more; notices when the reader goes away meanwhile. */
static void
wait_for_more(void)
{
	struct pollfd pfd = { .fd = STDOUT_FILENO };

	rows_wait(&in, WAIT_MS);
	if (poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLERR))
		reader_left();
}

/* True at the end, false when a stop was asked for. */
static bool
run(bool wait)
{
	struct fault f;
	char *rows;
	size_t len;
	int rc;

	while (!stop_asked()) {
		if ((rc = rows_next(&in, &rows, &len, &f)) == -1)
			msg_diex(f.ex, "%s", f.text);
		header();
		if (rc == 1 && strcmp(first, now) == 0)
			put(rows, len);
		else if (rc == 1)
			put_arranged(rows, len);
		else if (rc == ROWS_END || !wait)
			return true;
		else
			wait_for_more();
	}
	return false;
}

/* -s SEGMENT:OFFSET */
static struct spool_pos
position(char *arg)
{
	char *colon = strchr(arg, ':');
	int64_t segment, offset;

	if (colon != NULL)
		*colon = '\0';
	if (colon == NULL || num_i64(arg, 1, 9999999, &segment) != 0 ||
	    num_i64(colon + 1, 0, INT64_MAX, &offset) != 0)
		msg_diex(EX_USAGE, "-s: not SEGMENT:OFFSET like 2:12345");
	return (struct spool_pos){ (uint32_t)segment, (uint64_t)offset };
}

int
main(int argc, char *argv[])
{
	struct spool_pos pos = { 0 };
	struct conf *conf;
	char day[CLK_DAY], dir[SPOOL_PATH];
	const char *topic;
	bool wait = true, done;
	struct fault f;
	int32_t dayno;
	int c;

	opt_init("das-follow", "[-n] [-d day] [-s segment:offset] topic");
	dayno = clk_day_of(clk_now());
	while ((c = opt_next(argc, argv, "d:ns:")) != -1)
		if (c == 'd')
			dayno = opt_day(optarg);
		else if (c == 'n')
			wait = false;
		else if (c == 's')
			pos = position(optarg);
	if (optind + 1 != argc || strchr(argv[optind], '/') != NULL)
		opt_usage();
	topic = argv[optind];
	if (conf_open(&conf, opt_config(), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	clk_day_to(dayno, day);
	if (spool_dir(dir, conf_str(conf, "spoolDir"), day, topic, &f) != 0 ||
	    rows_open(&in, conf, day, topic, &pos, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (!rows_exist(conf, day, topic)) {
		if (!wait)
			msg_die(EX_NOINPUT, "%s", dir);
		msg_warnx("%s: not there yet; waiting for it", dir);
	}
	/* One that is not between two rows would print half of one. */
	if (pos.segment != 0 && rows_check(&in, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	stop_catch();
	if (!(done = run(wait)))
		msg_warnx("stopped; -s %u:%ju goes on here",
		    (unsigned)in.pos.segment, (uintmax_t)in.pos.offset);
	rows_close(&in);
	conf_close(conf);
	return done ? 0 : EX_TEMPFAIL;
}
