/*
 * das-holiday - is today, or DATE, a day without trading?
 *
 * Exit 0: yes, a holiday or weekend; 1: NSE trades; -n prints the next day on which
 * it does, -l a year.  The list is asked of
 * Upstox, then of NSE; one that is younger than an hour is used as it is; when
 * neither has one the old list and the weekends decide, with a warning.  A
 * special session, from sessions.tsv or announced by Upstox, is trading
 * whatever the weekday.
 *
 * Writes lookup/tradingHolidays.csv and lookup/sessions_announced.tsv.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "cal.h"
#include "clk.h"
#include "conf.h"
#include "days.h"
#include "file.h"
#include "hol.h"
#include "http.h"
#include "msg.h"
#include "opt.h"
#include "retry.h"
#include "stop.h"
#include "tsv.h"

/* NSE answers browsers only. */
#define BROWSER	"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 " \
		"Firefox/128.0"

enum { FRESH_S = 3600, NEAR_S = 1800, NEXT_MAX = 31 };

static const struct source {
	const char *name, *key, *agent;
	int (*read)(struct hol *, const char *, size_t, struct fault *);
	bool announces;			/* special sessions too */
} sources[] = {
	{ "Upstox", "upstoxHolidayUrl", NULL, hol_upstox, true },
	{ "NSE", "nseHolidayUrl", BROWSER, hol_nse, false },
};
enum { NSOURCES = sizeof(sources) / sizeof(*sources) };

static struct conf *conf;
static int32_t today;
static bool have_table;		/* sessions.tsv was read */
static char list_path[PATH_MAX], announced_path[PATH_MAX];

/* ---- asking ---- */

static int
get(struct http *h, const struct source *s, const char *url,
    struct http_reply *r, struct fault *f)
{
	static const char *const headers[] = {
		"Accept: application/json", "Accept-Language: en", NULL
	};
	struct http_req q = { .url = url, .headers = headers,
	    .agent = s->agent,
	    .seconds = (long)conf_int(conf, "httpTimeoutSeconds") };

	return http_do(h, &q, r, f);
}

/* NSE gives its lists to those who have been on its front page and have its
 * cookies; what that answers does not matter. */
static int
get_with_cookies(struct http *h, const struct source *s, const char *url,
    struct http_reply *r, struct fault *f)
{
	char front[HTTP_ORIGIN];

	if (get(h, s, url, r, f) != 0)
		return -1;
	if ((r->status != 401 && r->status != 403) ||
	    http_origin(url, front, sizeof(front) - 1) != 0)
		return 0;
	memcpy(front + strlen(front), "/", 2);
	(void)get(h, s, front, r, f);
	return get(h, s, url, r, f);
}

/* One try. */
static int
ask_once(struct http *h, const struct source *s, struct http_reply *r,
    struct hol *hol, struct fault *f)
{
	char day[CLK_DAY];
	struct fault why;

	if (get_with_cookies(h, s, conf_str(conf, s->key), r, f) != 0 ||
	    http_fault(r, f) != 0)
		return -1;
	if (strcmp(r->type, "text/html") == 0 || *r->body.p == '<')
		return fault_set(f, EX_DATAERR, "%s: sent a page where a list "
		    "of holidays was wanted", r->from);
	if (s->read(hol, r->body.p, r->body.len, &why) != 0)
		return fault_set(f, why.ex, "%s: %s", r->from, why.text);
	if (!hol_covers(hol, today))
		return fault_set(f, EX_PROTOCOL, "%s: lists no day of %.4s",
		    r->from, clk_day_to(today, day));
	return 0;
}

/* Whether another try may help: not when the answer is a clear no. */
static bool
may_pass(const struct fault *f, const struct http_reply *r)
{
	return f->ex == EX_TEMPFAIL || f->ex == EX_DATAERR ||
	    (f->ex == EX_PROTOCOL && r->status == 0);
}

/* All tries of one source: 0 and hol is filled, or -1. */
static int
ask(struct http *h, const struct source *s, struct hol *hol)
{
	struct http_reply reply = { 0 };
	struct fault f;
	struct retry r;
	int rc = -1;

	r = retry_start(conf_int(conf, "retryCount"),
	    conf_int(conf, "retryDelaySeconds"));
	while (rc != 0 && retry_again(&r)) {
		hol_free(hol);
		if ((rc = ask_once(h, s, &reply, hol, &f)) == 0)
			break;
		if (!may_pass(&f, &reply) || retry_last(&r)) {
			msg_warnx("%s", f.text);
			break;
		}
		msg_warnx("%s; asking again in %lld s", f.text,
		    (long long)r.delay_s);
	}
	http_reply_free(&reply);
	return rc;
}

/* Asks one source after the other; NULL when none has a list. */
static const struct source *
ask_all(struct hol *hol)
{
	const struct source *got = NULL;
	struct http *h;
	struct fault f;

	if (http_open(&h, conf_str(conf, "caFile"), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	for (int i = 0; i < NSOURCES && got == NULL && !stop_asked(); i++)
		if (ask(h, &sources[i], hol) == 0)
			got = &sources[i];
		else if (i + 1 < NSOURCES && !stop_asked())
			msg_warnx("%s has no list of holidays for us; asking "
			    "%s", sources[i].name, sources[i + 1].name);
	http_close(h);
	if (stop_asked())
		msg_diex(EX_TEMPFAIL, "stopped before an answer was there");
	return got;
}

/* ---- keeping ---- */

/* Session table and old list; what cannot be read is warned of and done
 * without. */
static void
load_base(struct cal *c)
{
	char path[PATH_MAX];
	struct fault f;

	if (conf_shipped(conf, "sessions.tsv", path, sizeof(path), &f) != 0 ||
	    cal_sessions(c, path, &f) != 0)
		msg_warnx("%s; going without the session table", f.text);
	if (access(list_path, F_OK) == 0 && cal_holidays(c, list_path, &f) != 0)
		msg_warnx("%s; going without that list", f.text);
}

/*
 * Puts what a source says into the list of c.  In the years that it covers it
 * rules from today on, for holidays do move; what is past stays, for it may
 * list only what is left of the year.
 */
static void
merge(struct cal *c, const struct hol *hol)
{
	struct cal m = { 0 };
	int rc = 0;

	for (size_t i = 0; i < c->nholiday; i++) {
		const struct hol_day *d = hol_find(hol, c->holiday[i]);

		if (!hol_covers(hol, c->holiday[i]) ||
		    (c->holiday[i] < today && (d == NULL || d->closed)))
			rc |= cal_holiday_add(&m, c->holiday[i]);
	}
	for (size_t i = 0; i < hol->n; i++)
		if (hol->v[i].closed)
			rc |= cal_holiday_add(&m, hol->v[i].day);
	if (rc != 0)
		msg_die(EX_TEMPFAIL, "%s", list_path);
	free(c->holiday);
	c->holiday = m.holiday;
	c->nholiday = m.nholiday;
}

static int
write_list(const struct cal *c, struct fault *f)
{
	struct buf b = { 0 };
	char day[CLK_DAY];
	struct timespec ts[2];
	int rc = buf_adds(&b, "Date\n");

	for (size_t i = 0; i < c->nholiday; i++)
		rc |= buf_addf(&b, "%s\n", clk_day_to(c->holiday[i], day));
	if (rc != 0)
		msg_die(EX_TEMPFAIL, "%s", list_path);
	rc = file_put(list_path, 0644, b.p, b.len, f);
	buf_free(&b);
	/* Its age counts by the clock that we believe.  When that fails it is
	 * the machine's, which is the same but for tests. */
	ts[0].tv_sec = (time_t)(clk_now() / US_PER_SEC);
	ts[0].tv_nsec = 0;
	ts[1] = ts[0];
	if (rc == 0)
		(void)utimensat(AT_FDCWD, list_path, ts, 0);
	return rc;
}

/* True when a source's only window is the usual one but for some minutes. */
static bool
is_usual(const struct cal_window *w, size_t n, const struct hol_session *s)
{
	return n == 1 && llabs(w->open_us - s->open_us) <= NEAR_S * US_PER_SEC &&
	    llabs(w->close_us - s->close_us) <= NEAR_S * US_PER_SEC;
}

static int
add_row(struct buf *b, const struct hol_day *d, const struct hol_session *s)
{
	char day[CLK_DAY], open[CLK_TEXT], close[CLK_TEXT];

	clk_day_to(d->day, day);
	if (s->close_us == 0)
		return buf_addf(b, "%s\t%s\t%s\tspecial\t-\t-\t%s\n",
		    s->exchange, day, day, d->note);
	clk_to_ist_s(s->open_us / US_PER_SEC, open);
	clk_to_ist_s(s->close_us / US_PER_SEC, close);
	if (s->close_us == clk_day_start(d->day + 1))
		memcpy(close + 11, "24:00", 5);
	return buf_addf(b, "%s\t%s\t%s\tspecial\t%.5s\t%.5s\t%s\n",
	    s->exchange, day, day, open + 11, close + 11, d->note);
}

/* Rows of one day: what differs from the table. */
static int
add_day(struct buf *b, const struct cal *c, const struct hol_day *d)
{
	struct cal_window w[CAL_WINDOWS_MAX];
	int32_t next;
	int rc = 0;

	/* Without a table all is news; with one, exchanges not in it are
	 * none of ours. */
	for (size_t i = 0; i < d->n; i++) {
		const struct hol_session *s = &d->s[i];
		size_t n = cal_windows(c, s->exchange, d->day, w);

		if ((s->close_us == 0 ? n == 0 : is_usual(w, n, s)) ||
		    cal_is_special(c, s->exchange, d->day) || (c->nrule > 0 &&
		    cal_next(c, s->exchange, d->day, 1, &next) != 0))
			continue;
		rc |= add_row(b, d, s);
	}
	return rc;
}

/* Rows of the old file for days of which the source says nothing and may not
 * know. */
static int
add_old_rows(struct buf *b, const struct hol *hol)
{
	FILE *in = fopen(announced_path, "re");
	struct tsv t;
	int32_t day;
	int col, got = 0, rc = 0;

	if (in == NULL)
		return 0;	/* none yet */
	tsv_init(&t, in, announced_path);
	col = tsv_col(&t, "from");
	while (col != -1 && rc == 0 && (got = tsv_next(&t)) == 1) {
		if (clk_day_from(t.f[col], &day) != 0 ||
		    hol_find(hol, day) != NULL ||
		    (day >= today && hol_covers(hol, day)))
			continue;
		for (int i = 0; i < t.nf; i++)
			rc |= buf_addf(b, "%s%c", t.f[i],
			    i + 1 < t.nf ? '\t' : '\n');
	}
	if (col == -1 || got == -1)
		msg_warnx("%s: cannot be read and is made anew",
		    announced_path);
	tsv_free(&t);
	fclose(in);		/* only read from: nothing to lose */
	return rc;
}

static int
write_announced(const struct cal *c, const struct hol *hol, struct fault *f)
{
	struct buf b = { 0 };
	int rc = buf_adds(&b, "exchange\tfrom\tto\tdays\topen\tclose\tnote\n");
	size_t head = b.len;

	rc |= add_old_rows(&b, hol);
	for (size_t i = 0; i < hol->n; i++)
		rc |= add_day(&b, c, &hol->v[i]);
	if (rc != 0)
		msg_die(EX_TEMPFAIL, "%s", announced_path);
	if (b.len > head || access(announced_path, F_OK) == 0)
		rc = file_put(announced_path, 0644, b.p, b.len, f);
	buf_free(&b);
	return rc;
}

/* Both files; a failure is warned of, the answer does not depend on it. */
static void
keep(struct cal *c, const struct source *s, const struct hol *hol)
{
	struct fault f;

	merge(c, hol);
	/* The list last: while it is old, all is asked again. */
	if (file_mkdirs(conf_str(conf, "lookupDir"), &f) != 0 ||
	    (s->announces && write_announced(c, hol, &f) != 0) ||
	    write_list(c, &f) != 0)
		msg_warnx("%s; the list of holidays is not kept", f.text);
}

/* ---- answering ---- */

static bool
is_fresh(const struct cal *c)
{
	struct stat st;
	int64_t age;

	if (c->nholiday == 0 || stat(list_path, &st) == -1)
		return false;
	age = clk_now() / US_PER_SEC - st.st_mtim.tv_sec;
	return age >= 0 && age < FRESH_S;
}

/* What the source says itself; -1 when it says nothing of the day. */
static int
said_open(const struct hol *hol, int32_t day)
{
	const struct hol_day *d = hol_find(hol, day);

	if (d == NULL)
		return -1;
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->s[i].exchange, "NSE") == 0)
			return d->s[i].close_us != 0;
	return d->closed ? 0 : -1;
}

/* True when NSE trades on the day. */
static bool
trades(const struct cal *c, const struct hol *hol, int32_t day)
{
	struct cal_window w[CAL_WINDOWS_MAX];
	char text[CLK_DAY];
	int wday = clk_weekday(day), said = said_open(hol, day);
	bool open;

	clk_day_to(day, text);
	if (!have_table)
		open = cal_is_special(c, "NSE", day) || (said != -1 ?
		    said == 1 : wday != 0 && wday != 6 &&
		    !cal_is_holiday(c, day));
	else
		open = cal_windows(c, "NSE", day, w) > 0 || (said == 1 &&
		    !cal_is_special(c, "NSE", day));
	msg_info("%s: %s%s", text, open ? "the market trades" :
	    wday == 0 || wday == 6 ? "weekend" : "holiday",
	    cal_is_special(c, "NSE", day) ? ", special session" : "");
	return open;
}

/* Says so when the list cannot know about the day. */
static void
warn_uncovered(const struct cal *c, int32_t day)
{
	char text[CLK_DAY];
	int year, y, m, d;

	clk_day_split(day, &year, &m, &d);
	for (size_t i = 0; i < c->nholiday; i++) {
		clk_day_split(c->holiday[i], &y, &m, &d);
		if (y == year)
			return;
	}
	msg_warnx("%s: no holiday of %.4s is known; going by weekends",
	    list_path, clk_day_to(day, text));
}

/* The next day after day on which the market trades. */
static int
print_next(const struct cal *c, const struct hol *hol, int32_t day)
{
	char text[CLK_DAY];

	for (int i = 1; i <= NEXT_MAX; i++)
		if (trades(c, hol, day + i)) {
			warn_uncovered(c, day + i);
			puts(clk_day_to(day + i, text));
			return 0;
		}
	msg_diex(1, "%s: no trading day in the %d days after it",
	    clk_day_to(day, text), NEXT_MAX);
}

/* The days of the year of day on which the market would trade by its weekday
 * and does not, or does and would not. */
static int
print_list(const struct cal *c, const struct hol *hol, int32_t day)
{
	static const char names[][4] = {
		"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"
	};
	char text[CLK_DAY];
	int year, y, m, d;

	warn_uncovered(c, day);
	clk_day_split(day, &year, &m, &d);
	if (clk_day_make(year, 1, 1, &day) != 0)
		msg_diex(EX_USAGE, "%d: not a year", year);
	puts("date\tweekday\tmarket");
	for (; clk_day_split(day, &y, &m, &d), y == year; day++) {
		int wday = clk_weekday(day);
		bool open = trades(c, hol, day);

		if (open == (wday == 0 || wday == 6))
			printf("%s\t%s\t%s\n", clk_day_to(day, text),
			    names[wday], open ? "open" : "closed");
	}
	return 0;
}

/* What a source says, where the kept list is old; and how special sessions were
 * announced. */
static void
look_up(struct cal *c, struct hol *hol, bool anew)
{
	const struct source *got;
	struct fault f;

	load_base(c);
	have_table = c->nrule > 0;
	if (anew || !is_fresh(c)) {
		if ((got = ask_all(hol)) != NULL)
			keep(c, got, hol);
		else
			msg_warnx("no source has the holidays; going by %s%s",
			    c->nholiday > 0 ? "the old list " : "weekends",
			    c->nholiday > 0 ? list_path : "");
	}
	if (access(announced_path, F_OK) == 0 &&
	    cal_sessions(c, announced_path, &f) != 0)
		msg_warnx("%s", f.text);
}

/* When the exchanges of ours trade on the day, as far as is known without asking
 * anybody. */
static int
print_windows(struct cal *c, int32_t day)
{
	static const char *const exchanges[] = { "NSE", "BSE", "NFO", "BFO" };
	struct cal_window w[CAL_WINDOWS_MAX];
	char open[CLK_TEXT], close[CLK_TEXT];
	struct fault f;

	if (days_load(c, conf, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	puts("exchange\topen\tclose");
	for (size_t i = 0; i < sizeof(exchanges) / sizeof(*exchanges); i++) {
		size_t n = cal_windows(c, exchanges[i], day, w);

		for (size_t k = 0; k < n; k++) {
			clk_to_ist_s(w[k].open_us / US_PER_SEC, open);
			clk_to_ist_s(w[k].close_us / US_PER_SEC, close);
			printf("%s\t%s\t%s\n", exchanges[i], open, close);
		}
	}
	return 0;
}

static bool anew;
static int letter;		/* n, l, w, or 0: the answer is the status */

static int32_t
options(int argc, char *argv[])
{
	int32_t day;
	int c;

	opt_init("das-holiday", "[-f] [-l | -n | -w] [date]");
	while ((c = opt_next(argc, argv, "flnw")) != -1)
		if (c == 'f')
			anew = true;
		else if (letter != 0 && letter != c)
			opt_usage();
		else
			letter = c;
	if (argc - optind > 1)
		opt_usage();
	today = day = clk_day_of(clk_now());
	if (optind < argc && clk_day_from(argv[optind], &day) != 0)
		msg_diex(EX_USAGE, "%s: no date YYYY-MM-DD", argv[optind]);
	return day;
}

int
main(int argc, char *argv[])
{
	struct hol hol = { 0 };
	struct cal cal = { 0 };
	struct fault f;
	int32_t day = options(argc, argv);
	int rc;

	if (conf_open(&conf, opt_config(), &f) != 0 ||
	    file_join(list_path, sizeof(list_path), conf_str(conf, "lookupDir"),
	    DAYS_HOLIDAYS, &f) != 0 || file_join(announced_path,
	    sizeof(announced_path), conf_str(conf, "lookupDir"),
	    DAYS_ANNOUNCED, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	stop_catch();
	if (letter != 'w')
		look_up(&cal, &hol, anew);
	if (letter == 'w') {
		rc = print_windows(&cal, day);
	} else if (letter == 'n') {
		rc = print_next(&cal, &hol, day);
	} else if (letter == 'l') {
		rc = print_list(&cal, &hol, day);
	} else {
		warn_uncovered(&cal, day);
		rc = trades(&cal, &hol, day);
	}
	hol_free(&hol);
	cal_free(&cal);
	conf_close(conf);
	msg_close_stdout();
	return rc;
}
