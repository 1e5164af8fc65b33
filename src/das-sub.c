/*
 * das-sub - the rows of a das-cast on standard output, as they come
 *
 * TSV with a header, or a JSON object a line; whole lines only, none of them
 * twice.  A connection that breaks is made again, and where the server can, what
 * came meanwhile is not missed (sublink.h).
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clk.h"
#include "conf.h"
#include "js.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "stop.h"
#include "sublink.h"

enum { WAIT_MS = 1000, PATTERNS = 64, PATTERN_MAX = 63 };

static int col[SUBROW_COLS], ncol;	/* what is printed of a row */
static bool json;
static int64_t left = -1;		/* rows to print; -1: any number */
static struct buf out;			/* whole lines */

/* The reader went away, as head(1) does when it has seen enough: no error. */
static void
reader_left(void)
{
	msg_info("nobody reads any more");
	exit(0);
}

/*
 * Writes the lines.  A stop that comes while nobody takes them ends it behind
 * the line that was begun; another one, inside of it.
 */
static void
flush_lines(void)
{
	const char *p = out.p, *end = p + out.len, *nl;
	bool cut = false;
	ssize_t got;

	while (p < end) {
		got = write(STDOUT_FILENO, p, (size_t)(end - p));
		if (got >= 0) {
			p += got;
			continue;
		}
		if (errno == EPIPE)
			reader_left();
		if (errno != EINTR)
			msg_die(EX_IOERR, "standard output");
		if (cut)
			msg_diex(EX_TEMPFAIL, "stopped inside of a row that "
			    "nobody took");
		if (!stop_asked())
			continue;
		cut = true;
		if (p == out.p || p[-1] == '\n')
			break;
		nl = memchr(p, '\n', (size_t)(end - p));
		end = nl + 1;		/* lines are whole */
	}
	buf_reset(&out);
}

static void
must(int rc)
{
	if (rc != 0)
		msg_die(EX_TEMPFAIL, "memory");
}

static bool
on_row(const struct subrow *r, const char *p, size_t n, void *arg)
{
	(void)arg;
	must(json ? subrow_json(p, n, &out) : subrow_tsv(r, col, ncol, &out));
	return left == -1 || --left > 0;
}

static void
on_begun(void *arg)
{
	(void)arg;
	for (int i = 0; i < ncol && !json; i++)
		must(buf_addf(&out, "%s%c", subrow_name(col[i]),
		    i + 1 < ncol ? '\t' : '\n'));
}

static void
on_words(const char *text, void *arg)
{
	(void)arg;
	msg_warnx("%s", text);
}

/* ---- options ---- */

/* -f ltp,iv,seq */
static void
choose_columns(char *list)
{
	for (char *next; list != NULL; list = next) {
		int i;

		if ((next = strchr(list, ',')) != NULL)
			*next++ = '\0';
		if ((i = subrow_column(list)) == -1)
			msg_diex(EX_USAGE, "-f %s: no such column; there are "
			    "symbol token ts ltp bid ask volume oi delta gamma "
			    "theta vega iv source seq", list);
		for (int k = 0; k < ncol; k++)
			if (col[k] == i)
				msg_diex(EX_USAGE, "-f %s: twice", list);
		col[ncol++] = i;
	}
}

/* -s [DAY:]SEQ */
static struct sublink_place
place(const char *arg)
{
	const char *colon = strchr(arg, ':');
	struct sublink_place at = { .day = "" };
	int32_t day;
	int64_t seq;

	if (colon != NULL)
		snprintf(at.day, sizeof(at.day), "%.*s",
		    colon - arg == CLK_DAY - 1 ? CLK_DAY - 1 : 0, arg);
	if ((colon != NULL && clk_day_from(at.day, &day) != 0) ||
	    num_i64(colon != NULL ? colon + 1 : arg, 0, INT64_MAX, &seq) != 0)
		msg_diex(EX_USAGE, "-s %s: not a number, nor one behind a day "
		    "like 2026-11-23:12345", arg);
	at.seq = (uint64_t)seq;
	return at;
}

static void
add_member(struct buf *b, const char *key, const char *value)
{
	must(buf_addf(b, "%s\"%s\":", b->len > 0 ? "," : "", key));
	must(js_add(b, value));
}

/* What the server is asked for, as members of JSON. */
static char *
wanted(const char *index, const char *expiry, int n, char *pattern[])
{
	struct buf b = { 0 };

	must(buf_room(&b, 0));
	if (index != NULL)
		add_member(&b, "index", index);
	if (expiry != NULL)
		add_member(&b, "expiry", expiry);
	if (n > 0)
		must(buf_addf(&b, "%s\"symbols\":", b.len > 0 ? "," : ""));
	for (int i = 0; i < n; i++) {
		if (*pattern[i] == '\0' || strlen(pattern[i]) > PATTERN_MAX)
			msg_diex(EX_USAGE, "pattern '%s': is empty, or longer "
			    "than %d", pattern[i], PATTERN_MAX);
		must(buf_adds(&b, i == 0 ? "[" : ","));
		must(js_add(&b, pattern[i]));
	}
	if (n > 0)
		must(buf_adds(&b, "]"));
	if (ncol > 0)			/* a symbol comes in any case */
		must(buf_addf(&b, "%s\"fields\":[\"ts\"", b.len > 0 ? "," :
		    ""));
	for (int i = 0; i < ncol; i++)
		if (col[i] != SUBROW_SEQ)
			must(buf_addf(&b, ",\"%s\"", subrow_name(col[i])));
	if (ncol > 0)
		must(buf_adds(&b, "]"));
	return b.p;
}

/* ---- the run ---- */

/* The exit status. */
static int
run(struct sublink *l)
{
	struct pollfd pfd = { .fd = STDOUT_FILENO };
	const struct sublink_place *at;
	struct fault f;
	int rc = SUBLINK_ON;

	while (rc == SUBLINK_ON && !stop_asked()) {
		rc = sublink_turn(l, WAIT_MS, &f);
		flush_lines();
		if (poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLERR))
			reader_left();
	}
	if (rc == -1)
		msg_diex(f.ex, "%s", f.text);
	if (rc != SUBLINK_ON)
		return 0;
	if ((at = sublink_at(l)) != NULL && *at->day != '\0')
		msg_warnx("stopped; -s %s:%" PRIu64 " goes on here", at->day,
		    at->seq);
	return EX_TEMPFAIL;
}

static void
check_day(const char *day)
{
	int32_t number;

	if (clk_day_from(day, &number) != 0)
		msg_diex(EX_USAGE, "-e %s: not a day like 2026-11-24", day);
}

int
main(int argc, char *argv[])
{
	struct sublink_spec spec = { .row = on_row, .begun = on_begun,
	    .say = on_words };
	const char *index = NULL, *expiry = NULL;
	struct sublink_place from;
	struct sublink *link;
	struct conf *conf;
	struct fault f;
	char *want;
	int c;

	opt_init("das-sub", "[-jt] [-e day] [-f column,...] [-i index] "
	    "[-n rows] [-s [day:]seq] [-u url] [pattern ...]");
	while ((c = opt_next(argc, argv, "e:f:i:jn:s:tu:")) != -1)
		switch (c) {
		case 'e':
			check_day(expiry = optarg);
			break;
		case 'f':
			ncol = 0;
			choose_columns(optarg);
			break;
		case 'i':
			index = optarg;
			break;
		case 'j':
			json = true;
			break;
		case 'n':
			if (num_i64(optarg, 1, INT64_MAX, &left) != 0)
				msg_diex(EX_USAGE, "-n %s: not a number from 1 "
				    "on", optarg);
			break;
		case 's':
			from = place(optarg);
			spec.from = &from;
			spec.tick = true;
			break;
		case 't':
			spec.tick = true;
			break;
		case 'u':
			spec.url = optarg;
			break;
		}
	if (argc - optind > PATTERNS)
		msg_diex(EX_USAGE, "more than %d patterns", PATTERNS);
	spec.want = want = wanted(index, expiry, argc - optind, argv + optind);
	for (int i = 0; ncol == 0 && i < CASTBOOK_FIELDS; i++)
		col[i] = i;
	ncol = ncol > 0 ? ncol : CASTBOOK_FIELDS;
	if (conf_open_any(&conf, opt_config(), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (spec.url == NULL)
		spec.url = conf_str(conf, "castUrl");
	spec.token = conf_str(conf, "castToken");
	spec.cafile = conf_str(conf, "caFile");
	spec.tries = conf_int(conf, "retryCount");
	spec.delay_s = conf_int(conf, "retryDelaySeconds");
	stop_catch();
	if (sublink_open(&link, &spec, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	c = run(link);
	sublink_close(link);
	conf_close(conf);
	free(want);
	buf_free(&out);
	return c;
}
