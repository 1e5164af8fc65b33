/*
 * das-greeks - implied volatility and greeks of a day's ticks
 *
 * Topic ticks in, topic ltp out: a row for every watched instrument at the end
 * of every interval, or for every tick; or topic live, every tick of every
 * instrument.  What comes out depends on the ticks alone (greek.h), so a run that
 * was stopped goes on where its output stands: it reads the day again and leaves
 * out what is there.  And a calculator.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "calc.h"
#include "chainday.h"
#include "clk.h"
#include "conf.h"
#include "greek.h"
#include "ltp.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "rows.h"
#include "spool.h"
#include "stop.h"
#include "tsv.h"

#define TICKS		"ticks"

enum {
	WAIT_MS = 1000,
	SAY_BAD = 5,		/* rows that are none; more are counted only */
	READ = 256 * 1024,
	ROW_MAX = 64 * 1024	/* no row of ticks is longer */
};

static struct conf *conf;
static struct chainday chains;
static struct greek greek;
static char day[CLK_DAY];
static bool every, live, follow, to_stdout, extended, calculate;
static int64_t interval_s;
static double rate = NAN;

/* ---- where the rows go ---- */

static struct spool_w out;
static bool out_full;		/* and that was said */
static struct buf last;		/* the row put last */

static int
keep_last(const char *rows, size_t n, struct fault *f)
{
	const char *nl = n > 1 ? memrchr(rows, '\n', n - 1) : NULL;
	const char *row = nl != NULL ? nl + 1 : rows;

	buf_reset(&last);
	return buf_add(&last, row, (size_t)(rows + n - 1 - row)) == 0 ? 0 :
	    fault_sys(f, EX_TEMPFAIL, "rows");
}

/* The reader went away, as head(1) does when it has seen enough: no error. */
static int
put_stdout(const char *rows, size_t n, void *arg, struct fault *f)
{
	const char *p = rows, *end = rows + n;
	ssize_t got;

	(void)arg;
	while (p < end) {
		got = write(STDOUT_FILENO, p, (size_t)(end - p));
		if (got == -1 && errno == EPIPE) {
			msg_info("nobody reads any more");
			exit(0);
		}
		if (got == -1 && errno == EINTR && !stop_asked())
			continue;
		if (got == -1)
			return fault_sys(f, errno == EINTR ? EX_TEMPFAIL :
			    EX_IOERR, "standard output");
		p += got;
	}
	return keep_last(rows, n, f);
}

/* A disk that is full is waited for: the ticks do not run away. */
static int
put_spool(const char *rows, size_t n, void *arg, struct fault *f)
{
	const char *p = rows;

	(void)arg;
	while (spool_w_put(&out, p, n - (size_t)(p - rows), f) != 0) {
		p += out.taken;
		if (f->ex != EX_TEMPFAIL)
			return -1;
		if (!out_full)
			msg_warnx("%s; waiting, nothing is lost", f->text);
		out_full = true;
		if (stop_sleep(US_PER_SEC))
			return -1;
	}
	if (out_full)
		msg_warnx("there is room again");
	out_full = false;
	if (spool_w_gone(&out))
		return fault_set(f, EX_IOERR, "%s: was removed", out.dir);
	return keep_last(rows, n, f);
}

/* ---- rows of ticks from the spool, or the archive ---- */

/* One that is none is left out: the others are worth having at once, and who
 * looks into it later can have the day once more. */
static void
say_bad(uint64_t row, const char *why, void *arg)
{
	(void)arg;
	if (greek.bad <= SAY_BAD)
		msg_warnx("row %" PRIu64 " is left out: %s", row, why);
	if (greek.bad == SAY_BAD)
		msg_warnx("further such rows are counted only");
}

enum end { END_DONE, END_IDLE, END_STOP, END_AGAIN };

static const char *
topic(void)
{
	return live ? LTP_LIVE : LTP_TOPIC;
}

static const char *
header(void)
{
	return extended ? ltp_more_header : ltp_header;
}

/* Looks at the header when a segment begins. */
static int
head(const struct rows *r, char **now, struct fault *f)
{
	if (r->header == NULL || (*now != NULL && strcmp(*now, r->header) == 0))
		return 0;
	free(*now);
	if ((*now = strdup(r->header)) == NULL)
		return fault_sys(f, EX_TEMPFAIL, "%s", r->dir);
	return greek_head(&greek, *now, r->dir, f);
}

static int
read_some(struct rows *r, char **now, enum end *end, struct fault *f)
{
	size_t len;
	char *rows;
	int rc = rows_next(r, &rows, &len, f);

	if (rc == -1 || head(r, now, f) != 0)
		return -1;
	if (rc == 1)
		return greek_rows(&greek, rows, len, f) == 0 ? 1 : -1;
	*end = rc == ROWS_END ? END_DONE : END_IDLE;
	return 0;
}

/* Reads the day from its beginning. */
static int
read_day(enum end *end, struct fault *f)
{
	struct rows r;
	char *now = NULL;
	int rc;

	if (rows_open(&r, conf, day, TICKS, NULL, f) != 0)
		return -1;
	for (;;) {
		*end = END_STOP;
		if (stop_asked()) {
			rc = 0;
			break;
		}
		if (follow && dayinst_changed(&chains.inst)) {
			*end = END_AGAIN;
			rc = 0;
			break;
		}
		if ((rc = read_some(&r, &now, end, f)) == -1)
			break;
		if (rc == 0 && (*end == END_DONE || !follow))
			break;
		if (rc == 0)
			rows_wait(&r, WAIT_MS);
	}
	rows_close(&r);
	free(now);
	return rc;
}

/* ---- rows of ticks from files ---- */

/* Rows from a stream; in pieces, each up to its last newline. */
static int
read_stream(FILE *in, const char *name, struct fault *f)
{
	char *block = malloc(READ + ROW_MAX), *nl;
	size_t have = 0, n;
	bool begun = false;
	int rc = 0;

	if (block == NULL)
		return fault_sys(f, EX_TEMPFAIL, "%s", name);
	while (rc == 0 && !stop_asked() &&
	    (n = fread(block + have, 1, READ, in)) > 0) {
		char *p = block;

		have += n;
		if (!begun && (nl = memchr(p, '\n', have)) != NULL) {
			begun = true;
			*nl = '\0';
			rc = greek_head(&greek, p, name, f);
			p = nl + 1;
		}
		nl = begun ? memrchr(p, '\n', have - (size_t)(p - block)) :
		    NULL;
		if (rc == 0 && nl != NULL) {
			rc = greek_rows(&greek, p, (size_t)(nl + 1 - p), f);
			p = nl + 1;
		}
		have -= (size_t)(p - block);
		memmove(block, p, have);
		if (rc == 0 && have >= ROW_MAX)
			rc = fault_set(f, EX_DATAERR, "%s: no row end in %d "
			    "bytes", name, ROW_MAX);
	}
	if (rc == 0 && ferror(in))
		rc = fault_sys(f, EX_IOERR, "%s", name);
	else if (rc == 0 && !stop_asked() && (have > 0 || !begun))
		rc = fault_set(f, EX_DATAERR, begun ? "%s: ends inside of a "
		    "row" : "%s: has no header", name);
	free(block);
	return rc;
}

static int
read_files(char *const file[], enum end *end, struct fault *f)
{
	int rc = 0;

	for (; rc == 0 && *file != NULL; file++) {
		FILE *in = strcmp(*file, "-") == 0 ? stdin :
		    fopen(*file, "re");

		if (in == NULL)
			return fault_sys(f, EX_NOINPUT, "%s", *file);
		rc = read_stream(in, in == stdin ? "<stdin>" : *file, f);
		if (in != stdin)
			fclose(in);	/* only read from: nothing to lose */
	}
	*end = stop_asked() ? END_STOP : END_DONE;
	return rc;
}

/* ---- a run ---- */

static void
begin(struct fault *f)
{
	const struct greek_spec spec = { .chains = &chains.chains,
	    .rules = &chains.rules, .extended = extended, .source = "ws",
	    .interval_us = every ? 0 : interval_s * US_PER_SEC,
	    .put = to_stdout ? put_stdout : put_spool, .bad = say_bad };

	chains.rules.all |= live;
	if (!isnan(rate))
		chains.rules.figure.rate = rate;
	greek_free(&greek);
	if (greek_init(&greek, &spec, f) != 0 ||
	    greek_resume(&greek, last.len > 0 ? last.p : NULL, f) != 0)
		msg_diex(f->ex, "%s", f->text);
}

/* Over all ticks there are, again from the beginning when das-lookup has run. */
static enum end
run(char *const file[])
{
	struct fault f;
	enum end end;

	do {
		if (chainday_load(&chains, conf, day, &f) != 0)
			msg_diex(f.ex, "%s%s", f.text, f.ex == EX_NOINPUT ?
			    "; das-lookup makes it" : "");
		if (chains.inst.other_day)
			msg_warnx("%s of %s was not kept: taking that of "
			    "today", DAYINST_NAME, day);
		if (chains.chains.nitem == 0)
			msg_warnx("none of the instruments belongs to one of "
			    "the underlyings");
		begin(&f);
		if ((*file != NULL ? read_files(file, &end, &f) :
		    read_day(&end, &f)) != 0 && !(stop_asked() && f.ex ==
		    EX_TEMPFAIL))
			msg_diex(f.ex, "%s", f.text);
		if (stop_asked())
			return END_STOP;
	} while (end == END_AGAIN);
	/* of a day that goes on what is pending comes with its next tick */
	if ((end == END_DONE || to_stdout) && greek_end(&greek, &f) != 0 &&
	    !stop_asked())
		msg_diex(f.ex, "%s", f.text);
	return stop_asked() ? END_STOP : end;
}

static void
open_spool(void)
{
	struct fault f;

	if (rows_are_closed(conf, day, topic())) {
		msg_warnx("topic %s of %s is done", topic(), day);
		exit(0);
	}
	if (spool_w_open(&out, conf_str(conf, "spoolDir"), day, topic(),
	    header(), &f) != 0 || spool_w_sync_start(&out, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (out.last != NULL && buf_adds(&last, out.last) != 0)
		msg_die(EX_TEMPFAIL, "memory");
}

static int
work(char *const file[])
{
	struct fault f;
	enum end end;

	if (*file == NULL && !follow && !rows_exist(conf, day, TICKS))
		msg_diex(EX_NOINPUT, "%s: no topic " TICKS, day);
	if (to_stdout) {
		struct buf b = { 0 };

		if (buf_addf(&b, "%s\n", header()) != 0)
			msg_die(EX_TEMPFAIL, "memory");
		if (put_stdout(b.p, b.len, NULL, &f) != 0)
			msg_diex(f.ex, "%s", f.text);
		buf_free(&b);
		buf_reset(&last);
	} else {
		open_spool();
	}
	end = run(file);
	if (spool_w_close(&out, end == END_DONE, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	msg_info("%" PRIu64 " rows of " TICKS ", %" PRIu64 " of %s",
	    greek.in, greek.out, topic());
	if (end == END_STOP)
		return EX_TEMPFAIL;
	if (greek.bad > 0)
		msg_warnx("%" PRIu64 " rows of " TICKS " were none and are left "
		    "out", greek.bad);
	return greek.bad > 0 ? EX_DATAERR : 0;
}

/* ---- the calculator ---- */

static void
calc_stream(const struct calc *c)
{
	char text[CALC_ROW_MAX];
	struct calc cols = *c;
	struct tsv rows;
	struct fault f;
	int rc, n;

	tsv_init(&rows, stdin, "<stdin>");
	if (calc_open(&cols, &rows, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	/* nothing more is read for a reader that has gone */
	while ((rc = ferror(stdout) ? 0 : tsv_next(&rows)) > 0) {
		if ((n = calc_row(&cols, &rows, text, &f)) == -1)
			msg_diex(f.ex, "%s", f.text);
		fwrite(text, 1, (size_t)n, stdout); /* msg_close_stdout() tells */
	}
	if (rc < 0)
		msg_diex(ferror(stdin) ? EX_IOERR : EX_DATAERR, "%s:%ld: %s",
		    rows.name, rows.line, rows.why);
	tsv_free(&rows);
}

static void
calculator(int n, char *const word[])
{
	const struct calc c = { .rate = isnan(rate) ? 0 : rate,
	    .exact = extended };
	char text[CALC_ROW_MAX];
	struct fault f;

	if (n != 0 && n != 5)
		opt_usage();
	puts(calc_header);
	if (n == 0) {
		calc_stream(&c);
	} else {
		if (calc_words(&c, word, text, &f) == -1)
			msg_diex(f.ex, "%s", f.text);
		fputs(text, stdout);
	}
	msg_close_stdout();
}

static void
options(int argc, char *argv[])
{
	int c;

	clk_day_to(clk_day_of(clk_now()), day);
	while ((c = opt_next(argc, argv, "1d:efi:lo:r:x")) != -1)
		switch (c) {
		case '1':
			calculate = true;
			break;
		case 'd':
			clk_day_to(opt_day(optarg), day);
			break;
		case 'e':
			every = true;
			break;
		case 'f':
			follow = true;
			break;
		case 'i':
			if (num_i64(optarg, 1, 3600, &interval_s) != 0)
				msg_diex(EX_USAGE, "-i %s: not 1 to 3600",
				    optarg);
			break;
		case 'l':
			live = every = chains.rest = true;
			break;
		case 'o':
			if (strcmp(optarg, "-") != 0)
				msg_diex(EX_USAGE, "-o %s: only -, standard "
				    "output", optarg);
			to_stdout = true;
			break;
		case 'r':
			if (num_double(optarg, -1, 1, &rate) != 0)
				msg_diex(EX_USAGE, "-r %s: not -1 to 1; 0.07 "
				    "is 7 %%", optarg);
			break;
		case 'x':
			extended = true;
			break;
		}
}

int
main(int argc, char *argv[])
{
	struct fault f;
	int rc;

	opt_init("das-greeks", "[-eflx] [-d day] [-i seconds] [-o -] [-r rate] "
	    "[file ...]\n       das-greeks -1 [-x] [-r rate] "
	    "[CE|PE forward strike years price]");
	options(argc, argv);
	if (calculate) {
		calculator(argc - optind, argv + optind);
		return 0;
	}
	if ((every && interval_s > 0) || (optind < argc && follow))
		opt_usage();
	if (conf_open(&conf, opt_config(), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (interval_s == 0)
		interval_s = conf_int(conf, "castIntervalSeconds");
	to_stdout = to_stdout || optind < argc;
	stop_catch();
	rc = work(argv + optind);
	greek_free(&greek);
	chainday_free(&chains);
	buf_free(&last);
	conf_close(conf);
	return rc;
}
