#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "buf.h"
#include "clk.h"
#include "file.h"
#include "js.h"
#include "simlist.h"
#include "universe.h"

enum { FILE_MAX = 4 << 20 };

struct simlist {
	struct cal	 cal;
	struct buf	 nifty, upstox, nse;
};

static const char *const weekdays[] = { "Sunday", "Monday", "Tuesday",
	"Wednesday", "Thursday", "Friday", "Saturday" };
static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

/* ---- holidays that are made up ---- */

/* One of these every year; the days that are no one's to choose. */
static const struct fixed {
	int		 month, mday;
	const char	*text;
	enum { CLOSED, OPEN, SETTLEMENT } what;
} fixed[] = {
	{ 1, 1, "New Year Day", OPEN },
	{ 1, 26, "Republic Day", CLOSED },
	{ 4, 1, "Annual Bank Closing", SETTLEMENT },
	{ 5, 1, "Maharashtra Day", CLOSED },
	{ 8, 15, "Independence Day", CLOSED },
	{ 10, 2, "Mahatma Gandhi Jayanti", CLOSED },
	{ 12, 25, "Christmas", CLOSED },
};

/* "NSE" from hhmm to hhmm of the day, with a comma before unless it is the
 * first. */
static int
add_open(struct buf *b, const char *exchange, int32_t day, int from, int to)
{
	int64_t start = clk_day_start(day) / US_PER_MS;
	const int64_t minute = 60000;

	return buf_addf(b, "%s{\"exchange\":\"%s\",\"start_time\":%" PRId64
	    ",\"end_time\":%" PRId64 "}", b->p[b->len - 1] == '[' ? "" : ",",
	    exchange, start + (from / 100 * 60 + from % 100) * minute,
	    start + (to / 100 * 60 + to % 100) * minute);
}

static int
begin_day(struct buf *b, int32_t day, const char *text, const char *type,
    const char *closed)
{
	char date[CLK_DAY];

	return buf_addf(b, "%s{\"date\":\"%s\",\"description\":\"%s\","
	    "\"holiday_type\":\"%s\",\"closed_exchanges\":[%s],"
	    "\"open_exchanges\":[", b->p[b->len - 1] == '[' ? "" : ",",
	    clk_day_to(day, date), text, type, closed);
}

static int
add_fixed(struct buf *b, const struct fixed *x, int32_t day)
{
	static const char *const all[] = { "NSE", "NFO", "BSE", "BFO", "CDS",
		"BCD" };

	if (x->what == CLOSED)
		return begin_day(b, day, x->text, "TRADING_HOLIDAY", "\"NSE\","
		    "\"NFO\",\"BSE\",\"BFO\",\"CDS\",\"BCD\"") != 0 ||
		    add_open(b, "MCX", day, 1700, 2330) != 0 ||
		    buf_adds(b, "]}") != 0 ? -1 : 0;
	if (begin_day(b, day, x->text, x->what == OPEN ? "TRADING_HOLIDAY" :
	    "SETTLEMENT_HOLIDAY", "") != 0)
		return -1;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (add_open(b, all[i], day, i < 4 ? 915 : 900,
		    i < 4 ? 1530 : 1700) != 0)
			return -1;
	return add_open(b, "MCX", day, 900, 1700) != 0 ||
	    buf_adds(b, "]}") != 0 ? -1 : 0;
}

/* A Saturday on which the shares trade for a while: the third of January. */
static int
add_special(struct buf *b, int32_t day)
{
	if (begin_day(b, day, "Special live trading session",
	    "TRADING_HOLIDAY", "\"MCX\",\"CDS\",\"BCD\"") != 0 ||
	    add_open(b, "NSE", day, 915, 1230) != 0 ||
	    add_open(b, "NFO", day, 915, 1230) != 0 ||
	    add_open(b, "BSE", day, 915, 1230) != 0 ||
	    add_open(b, "BFO", day, 915, 1230) != 0)
		return -1;
	return buf_adds(b, "]}");
}

/* The year's holidays as Upstox tells them. */
static int
make_up(struct buf *b, int year)
{
	int32_t day, special = 0;

	for (int d = 15; d <= 21; d++)
		if (clk_day_make(year, 1, d, &day) == 0 &&
		    clk_weekday(day) == 6)
			special = day;
	if (buf_adds(b, "{\"status\":\"success\",\"data\":[") != 0)
		return -1;
	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++) {
		if (i == 1 && add_special(b, special) != 0)
			return -1;
		if (clk_day_make(year, fixed[i].month, fixed[i].mday,
		    &day) != 0 || add_fixed(b, &fixed[i], day) != 0)
			return -1;
	}
	return buf_adds(b, "]}");
}

/* ---- Upstox's answer into calendar and NSE's answer ---- */

static bool
has(const struct js *list, const char *exchange)
{
	for (size_t i = 0; i < js_len(list); i++) {
		const char *s = js_str(js_at(list, i));

		if (s == NULL)
			s = js_str(js_get(js_at(list, i), "exchange"));
		if (s != NULL && strcmp(s, exchange) == 0)
			return true;
	}
	return false;
}

/* Rows of sessions.tsv for the hours of the day that are said. */
static int
add_sessions(struct buf *rows, const char *date, const struct js *open)
{
	for (size_t i = 0; i < js_len(open); i++) {
		const struct js *v = js_at(open, i);
		const char *x = js_str(js_get(v, "exchange"));
		char from[CLK_TEXT], to[CLK_TEXT];
		int64_t a, z;

		if (x == NULL || strchr(x, '\t') != NULL ||
		    js_int(js_get(v, "start_time"), &a) != 0 ||
		    js_int(js_get(v, "end_time"), &z) != 0 || a >= z ||
		    a < 0 || z > INT64_MAX / 1000000)
			continue;
		clk_to_ist_s(a / 1000, from);
		clk_to_ist_s(z / 1000, to);
		if (strncmp(from, date, 10) == 0 &&
		    strncmp(to, date, 10) == 0 && buf_addf(rows,
		    "%s\t%s\t%s\tspecial\t%.5s\t%.5s\tas announced\n", x, date,
		    date, from + 11, to + 11) != 0)
			return -1;
	}
	return 0;
}

/* NSE's entry for a day on which it does not trade. */
static int
add_nse(struct buf *b, int n, int32_t day, const char *text, bool com)
{
	int y, m, d;

	clk_day_split(day, &y, &m, &d);
	if (buf_addf(b, "%s{\"tradingDate\":\"%02d-%s-%d\",\"weekDay\":\"%s\","
	    "\"description\":", n > 1 ? "," : "", d, months[m - 1], y,
	    weekdays[clk_weekday(day)]) != 0 || js_add(b, text) != 0)
		return -1;
	return buf_addf(b, ",\"morning_session\":%s,\"evening_session\":%s,"
	    "\"Sr_no\":%d}", com ? "\"Closed\"" : "null",
	    com ? "\"Open\"" : "null", n);
}

/* What the holidays mean for one day: into the calendar, the rows of sessions
 * and the entries of NSE's list for shares and for commodities. */
struct into {
	struct cal	*cal;
	struct buf	 rows, cm, com;
	int		 n;
};

static int
take_day(struct into *t, const struct js *v)
{
	const char *date = js_str(js_get(v, "date"));
	const char *text = js_str(js_get(v, "description"));
	const struct js *open = js_get(v, "open_exchanges");
	int32_t day;

	if (date == NULL || clk_day_from(date, &day) != 0)
		return 0;	/* not for the simulator to judge */
	if (add_sessions(&t->rows, date, open) != 0)
		return -1;
	if (!has(js_get(v, "closed_exchanges"), "NSE") || has(open, "NSE"))
		return 0;
	t->n++;
	if (add_nse(&t->cm, t->n, day, text != NULL ? text : "", false) != 0 ||
	    add_nse(&t->com, t->n, day, text != NULL ? text : "", true) != 0)
		return -1;
	return cal_holiday_add(t->cal, day);
}

/* The calendar module reads files: give it the rows as one. */
static int
sessions_from(struct cal *cal, const struct buf *rows, struct fault *f)
{
	char path[64];
	int fd, rc = -1;

	if ((fd = memfd_create("sessions", MFD_CLOEXEC)) == -1)
		return fault_sys(f, EX_OSERR, "announced sessions");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, rows->p, rows->len) != (ssize_t)rows->len)
		fault_sys(f, EX_OSERR, "announced sessions");
	else
		rc = cal_sessions(cal, path, f);
	close(fd);
	return rc;
}

static int
nse_answer(struct buf *b, const struct into *t)
{
	static const char *const shares[] = { "CD", "CM", "CMOT", "FO", "IRD",
		"MF", "NDM", "NTRP", "SLBS" };

	if (buf_addf(b, "{\"COM\":[%s]", t->com.p != NULL ? t->com.p : "") != 0)
		return -1;
	for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++)
		if (buf_addf(b, ",\"%s\":[%s]", shares[i],
		    t->cm.p != NULL ? t->cm.p : "") != 0)
			return -1;
	return buf_adds(b, "}");
}

static int
read_holidays(struct simlist *l, const char *name, struct fault *f)
{
	struct into t = { .cal = &l->cal };
	struct js *doc;
	const struct js *data;
	int rc = 0;

	if ((doc = js_parse(l->upstox.p != NULL ? l->upstox.p : "",
	    l->upstox.len, f)) == NULL)
		return -1;
	data = js_get(doc, "data");
	if (data == NULL)
		rc = fault_set(f, EX_DATAERR, "%s: no \"data\" in it", name);
	if (buf_adds(&t.rows, "exchange\tfrom\tto\tdays\topen\tclose\tnote\n"))
		rc = -1;
	for (size_t i = 0; rc == 0 && i < js_len(data); i++)
		rc = take_day(&t, js_at(data, i));
	if (rc == 0)
		rc = sessions_from(&l->cal, &t.rows, f);
	if (rc == 0 && (rc = nse_answer(&l->nse, &t)) != 0)
		fault_sys(f, EX_OSERR, "%s", name);
	js_free(doc);
	buf_free(&t.rows);
	buf_free(&t.cm);
	buf_free(&t.com);
	return rc;
}

int
simlist_open(struct simlist **out, const struct simlist_spec *spec,
    struct fault *f)
{
	struct simlist *l = calloc(1, sizeof(*l));
	int y, m, d;

	if (l == NULL)
		return fault_sys(f, EX_OSERR, "the lists");
	if (cal_sessions(&l->cal, spec->sessions, f) != 0)
		goto fail;
	clk_day_split(spec->day, &y, &m, &d);
	if (spec->holidays != NULL) {
		if (file_slurp(spec->holidays, FILE_MAX, &l->upstox, f) != 0)
			goto fail;
	} else if (make_up(&l->upstox, y) != 0) {
		fault_sys(f, EX_OSERR, "the holidays");
		goto fail;
	}
	if (read_holidays(l, spec->holidays != NULL ? spec->holidays :
	    "the holidays", f) != 0)
		goto fail;
	*out = l;
	return 0;
fail:
	simlist_close(l);
	return -1;
}

void
simlist_close(struct simlist *l)
{
	if (l == NULL)
		return;
	cal_free(&l->cal);
	buf_free(&l->nifty);
	buf_free(&l->upstox);
	buf_free(&l->nse);
	free(l);
}

const struct cal *
simlist_cal(const struct simlist *l)
{
	return &l->cal;
}

int
simlist_nifty500(struct simlist *l, const char *path,
    const struct inst_set *set, struct fault *f)
{
	if (path != NULL)
		return file_slurp(path, FILE_MAX, &l->nifty, f);
	if (universe_nifty500(&l->nifty, set) != 0)
		return fault_sys(f, EX_OSERR, "the nifty 500 list");
	return 0;
}

/* ---- requests ---- */

static void
answer(struct serve_conn *c, int status, const char *type,
    const struct buf *body)
{
	const struct serve_reply r = { .status = status, .type = type,
	    .body = body->p, .len = body->len, .keep = true };

	serve_answer(c, &r);
}

/* NSE's gatekeeper. */
static void
answer_browser(struct serve_conn *c, const struct serve_req *q,
    const char *type, const struct buf *body)
{
	static char page[] = "<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n"
	    "</HEAD><BODY>\n<H1>Access Denied</H1>\nYou don't have permission "
	    "to access this on this server.\n</BODY>\n</HTML>\n";
	static const struct buf denied = { page, sizeof(page) - 1,
	    sizeof(page) };

	if (strncmp(q->agent, "Mozilla/", 8) == 0)
		answer(c, 200, type, body);
	else
		answer(c, 403, "text/html", &denied);
}

bool
simlist_request(struct simlist *l, struct serve_conn *c,
    const struct serve_req *q)
{
	static char nothing[] = "{}";
	static const struct buf empty = { nothing, 2, 3 };
	const char *type;

	if (strcmp(q->method, "GET") != 0 && strcmp(q->method, "HEAD") != 0)
		return false;
	if (strcmp(q->path, "/content/indices/ind_nifty500list.csv") == 0) {
		answer_browser(c, q, "text/csv", &l->nifty);
	} else if (strcmp(q->path, "/api/holiday-master") == 0) {
		type = serve_arg(q, "type");
		answer_browser(c, q, "application/json", type != NULL &&
		    strcmp(type, "trading") == 0 ? &l->nse : &empty);
	} else if (strcmp(q->path, "/v2/market/holidays") == 0) {
		answer(c, 200, "application/json", &l->upstox);
	} else {
		return false;
	}
	return true;
}
