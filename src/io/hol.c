#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "hol.h"
#include "js.h"
#include "num.h"

static struct hol_day *
add_day(struct hol *h, struct fault *f)
{
	struct hol_day *v;

	if (h->n == HOL_DAYS_MAX) {
		fault_set(f, EX_DATAERR, "more than %d days", HOL_DAYS_MAX);
		return NULL;
	}
	if ((v = reallocarray(h->v, h->n + 1, sizeof(*v))) == NULL) {
		fault_sys(f, 0, "holidays");
		return NULL;
	}
	h->v = v;
	v += h->n++;
	*v = (struct hol_day){ 0 };
	return v;
}

/* Copies a text of the source without anything that a row cannot have. */
static void
set_note(struct hol_day *d, const char *s)
{
	size_t n = 0;

	for (; s != NULL && *s != '\0' && n < sizeof(d->note) - 1; s++)
		d->note[n++] = (unsigned char)*s < ' ' || *s == '\\' ? ' ' : *s;
	d->note[n] = '\0';
}

/* Adds a session; -1 when the name is none or there are too many. */
static int
add_session(struct hol_day *d, const char *exchange, int64_t open_us,
    int64_t close_us)
{
	struct hol_session *s = &d->s[d->n];

	if (exchange == NULL || *exchange == '\0' || d->n == HOL_EXCHANGES ||
	    exchange[strspn(exchange, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_")] != '\0')
		return -1;
	if (strlen(exchange) >= sizeof(s->exchange))
		return 0;	/* none that we know: not of interest */
	memcpy(s->exchange, exchange, strlen(exchange) + 1);
	s->open_us = open_us;
	s->close_us = close_us;
	d->n++;
	return 0;
}

static bool
is_open(const struct hol_day *d, const char *exchange)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->s[i].exchange, exchange) == 0 &&
		    d->s[i].close_us != 0)
			return true;
	return false;
}

/* The lists of one entry.  NULL, or what is wrong. */
static const char *
read_exchanges(struct hol_day *d, const struct js *entry)
{
	const struct js *open = js_get(entry, "open_exchanges");
	const struct js *closed = js_get(entry, "closed_exchanges");
	bool shut = false;

	if (strcmp(js_type(open), "array") != 0)
		return "open_exchanges is no list";
	if (strcmp(js_type(closed), "array") != 0)
		return "closed_exchanges is no list";
	for (size_t i = 0; i < js_len(open); i++) {
		const struct js *o = js_at(open, i);
		int64_t from, to;

		if (js_int(js_get(o, "start_time"), &from) != 0 ||
		    js_int(js_get(o, "end_time"), &to) != 0 || from >= to ||
		    from < clk_day_start(d->day) / US_PER_MS ||
		    to > clk_day_start(d->day + 1) / US_PER_MS ||
		    add_session(d, js_str(js_get(o, "exchange")),
		    from * US_PER_MS, to * US_PER_MS) != 0)
			return "bad entry in open_exchanges";
	}
	for (size_t i = 0; i < js_len(closed); i++) {
		const char *name = js_str(js_at(closed, i));

		if (name == NULL)
			return "bad entry in closed_exchanges";
		if (is_open(d, name))
			continue;
		shut |= strcmp(name, "NSE") == 0;
		if (add_session(d, name, 0, 0) != 0)
			return "bad entry in closed_exchanges";
	}
	d->closed = shut;
	return NULL;
}

/* A list must name a holiday of NSE; an empty one is no list. */
static int
must_close(const struct hol *h, struct fault *f)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->v[i].closed)
			return 0;
	return fault_set(f, EX_DATAERR, "the list of holidays is empty");
}

int
hol_upstox(struct hol *h, const char *text, size_t len, struct fault *f)
{
	struct js *doc = js_parse(text, len, f);
	const struct js *data = js_get(doc, "data"), *entry;
	const char *status = js_str(js_get(doc, "status")), *bad, *date;
	struct hol_day *d;
	int rc = -1;

	if (doc == NULL)
		return -1;
	if (status == NULL || strcmp(status, "success") != 0 ||
	    strcmp(js_type(data), "array") != 0) {
		fault_set(f, EX_DATAERR, "the answer is no list of holidays");
		goto out;
	}
	for (size_t i = 0; i < js_len(data); i++) {
		entry = js_at(data, i);
		if ((d = add_day(h, f)) == NULL)
			goto out;
		date = js_str(js_get(entry, "date"));
		bad = date == NULL || clk_day_from(date, &d->day) != 0 ?
		    "bad date" : read_exchanges(d, entry);
		if (bad != NULL) {
			fault_set(f, EX_DATAERR, "holiday %zu: %s", i + 1, bad);
			goto out;
		}
		set_note(d, js_str(js_get(entry, "description")));
	}
	rc = must_close(h, f);
out:
	js_free(doc);
	return rc;
}

/* "26-Jan-2025" */
static int
nse_date(const char *s, int32_t *day)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char d[3] = { 0 };
	int64_t mday, year;

	if (s == NULL || strlen(s) != 11 || s[2] != '-' || s[6] != '-')
		return -1;
	memcpy(d, s, 2);
	if (num_i64(d, 1, 31, &mday) != 0 ||
	    num_i64(s + 7, 1970, 9999, &year) != 0)
		return -1;
	for (int m = 0; m < 12; m++)
		if (strncmp(s + 3, months + 3 * m, 3) == 0)
			return clk_day_make((int)year, m + 1, (int)mday, day);
	return -1;
}

int
hol_nse(struct hol *h, const char *text, size_t len, struct fault *f)
{
	struct js *doc = js_parse(text, len, f);
	const struct js *cm = js_get(doc, "CM"), *entry;
	struct hol_day *d;
	int rc = -1;

	if (doc == NULL)
		return -1;
	if (strcmp(js_type(cm), "array") != 0) {
		fault_set(f, EX_DATAERR, "the answer has no list CM");
		goto out;
	}
	for (size_t i = 0; i < js_len(cm); i++) {
		entry = js_at(cm, i);
		if ((d = add_day(h, f)) == NULL)
			goto out;
		if (nse_date(js_str(js_get(entry, "tradingDate")),
		    &d->day) != 0) {
			fault_set(f, EX_DATAERR, "CM, holiday %zu: bad "
			    "tradingDate", i + 1);
			goto out;
		}
		d->closed = true;
		set_note(d, js_str(js_get(entry, "description")));
	}
	rc = must_close(h, f);
out:
	js_free(doc);
	return rc;
}

void
hol_free(struct hol *h)
{
	free(h->v);
	*h = (struct hol){ 0 };
}

const struct hol_day *
hol_find(const struct hol *h, int32_t day)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->v[i].day == day)
			return &h->v[i];
	return NULL;
}

bool
hol_covers(const struct hol *h, int32_t day)
{
	int year, y, month, mday;

	clk_day_split(day, &year, &month, &mday);
	for (size_t i = 0; i < h->n; i++) {
		clk_day_split(h->v[i].day, &y, &month, &mday);
		if (y == year)
			return true;
	}
	return false;
}
