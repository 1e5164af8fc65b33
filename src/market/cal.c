#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cal.h"
#include "clk.h"
#include "num.h"
#include "tsv.h"

enum { GIVE_UP = 31, MINUTES = 24 * 60 };

struct cal_rule {
	char	 exchange[8];
	int32_t	 from, to;		/* days, both included */
	unsigned weekdays;		/* bit 0 Sunday .. bit 6 Saturday */
	bool	 special;
	bool	 closed;		/* "-" for open and close */
	int	 open_min, close_min;	/* minutes since midnight, IST */
	unsigned file;			/* which cal_sessions() brought it */
};

enum { C_EXCHANGE, C_FROM, C_TO, C_DAYS, C_OPEN, C_CLOSE, NCOLS };
static const char *const cols[NCOLS] = {
	"exchange", "from", "to", "days", "open", "close"
};

static int
weekday(const char *s, size_t n)
{
	static const char names[] = "SunMonTueWedThuFriSat";

	for (int i = 0; i < 7; i++)
		if (n == 3 && strncmp(s, names + 3 * i, 3) == 0)
			return i;
	return -1;
}

int
cal_weekday(const char *s)
{
	return weekday(s, strlen(s));
}

/* "Mon-Fri", "Sat-Sun", "Sat"; -1 when it is none. */
static int
weekdays(const char *s, unsigned *out)
{
	size_t n = strcspn(s, "-");
	int a = weekday(s, n), b = a;
	unsigned set = 0;

	if (s[n] == '-')
		b = weekday(s + n + 1, strlen(s + n + 1));
	if (a == -1 || b == -1)
		return -1;
	for (;; a = (a + 1) % 7) {
		set |= 1u << a;
		if (a == b)
			break;
	}
	*out = set;
	return 0;
}

/* "HH:MM" up to 24:00 as minutes. */
static int
minutes(const char *s, int *out)
{
	char h[3] = { 0 }, m[3] = { 0 };
	int64_t hour, min;

	if (strlen(s) != 5 || s[2] != ':')
		return -1;
	memcpy(h, s, 2);
	memcpy(m, s + 3, 2);
	if (num_i64(h, 0, 24, &hour) != 0 || num_i64(m, 0, 59, &min) != 0 ||
	    hour * 60 + min > MINUTES)
		return -1;
	*out = (int)(hour * 60 + min);
	return 0;
}

/* One row into r; gives NULL, or the name of the column that is wrong. */
static const char *
read_rule(struct cal_rule *r, char *const f[NCOLS])
{
	*r = (struct cal_rule){ .to = INT32_MAX };
	if (*f[C_EXCHANGE] == '\0' ||
	    strlen(f[C_EXCHANGE]) >= sizeof(r->exchange))
		return cols[C_EXCHANGE];
	memcpy(r->exchange, f[C_EXCHANGE], strlen(f[C_EXCHANGE]));
	if (clk_day_from(f[C_FROM], &r->from) != 0)
		return cols[C_FROM];
	if (!tsv_null(f[C_TO]) && (clk_day_from(f[C_TO], &r->to) != 0 ||
	    r->to < r->from))
		return cols[C_TO];
	r->special = strcmp(f[C_DAYS], "special") == 0;
	if (!r->special && weekdays(f[C_DAYS], &r->weekdays) != 0)
		return cols[C_DAYS];
	r->closed = strcmp(f[C_OPEN], "-") == 0 &&
	    strcmp(f[C_CLOSE], "-") == 0;
	if (!r->closed && minutes(f[C_OPEN], &r->open_min) != 0)
		return cols[C_OPEN];
	if (!r->closed && (minutes(f[C_CLOSE], &r->close_min) != 0 ||
	    r->close_min <= r->open_min))
		return cols[C_CLOSE];
	return NULL;
}

static int
add_rule(struct cal *c, const struct cal_rule *r)
{
	struct cal_rule *v = c->rule;

	/* Room is doubled each time the number is a power of two. */
	if ((c->nrule & (c->nrule - 1)) == 0) {
		v = reallocarray(v, c->nrule > 0 ? 2 * c->nrule : 1,
		    sizeof(*v));
		if (v == NULL)
			return -1;
		c->rule = v;
	}
	v[c->nrule++] = *r;
	return 0;
}

/* The rows of an open file; on -1 c may have got some of them. */
static int
read_rules(struct cal *c, struct tsv *t, struct fault *f)
{
	unsigned file = c->nrule > 0 ? c->rule[c->nrule - 1].file + 1 : 0;
	char *field[NCOLS];
	struct cal_rule r;
	const char *bad;
	int col[NCOLS], rc;

	for (int i = 0; i < NCOLS; i++)
		if ((col[i] = tsv_col(t, cols[i])) == -1)
			return fault_set(f, EX_DATAERR, "%s:1: no column %s",
			    t->name, cols[i]);
	while ((rc = tsv_next(t)) == 1) {
		for (int i = 0; i < NCOLS; i++)
			field[i] = t->f[col[i]];
		if ((bad = read_rule(&r, field)) != NULL)
			return fault_set(f, EX_DATAERR, "%s:%ld: bad %s",
			    t->name, t->line, bad);
		r.file = file;
		if (add_rule(c, &r) != 0)
			return fault_sys(f, 0, "%s", t->name);
	}
	if (rc != 0)
		return fault_set(f, EX_DATAERR, "%s:%ld: %s", t->name, t->line,
		    t->why);
	return 0;
}

int
cal_sessions(struct cal *c, const char *path, struct fault *f)
{
	size_t before = c->nrule;
	struct tsv t;
	FILE *in;
	int rc;

	if ((in = fopen(path, "re")) == NULL)
		return fault_sys(f, EX_NOINPUT, "%s", path);
	tsv_init(&t, in, path);
	if ((rc = read_rules(c, &t, f)) != 0)
		c->nrule = before;
	tsv_free(&t);
	fclose(in);		/* only read from: nothing to lose */
	return rc;
}

/* Where day is or would be in the sorted list. */
static size_t
place(const struct cal *c, int32_t day)
{
	size_t lo = 0, hi = c->nholiday;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->holiday[mid] < day)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int
cal_holiday_add(struct cal *c, int32_t day)
{
	size_t at = place(c, day);
	int32_t *v;

	if (at < c->nholiday && c->holiday[at] == day)
		return 0;
	v = reallocarray(c->holiday, c->nholiday + 1, sizeof(*v));
	if (v == NULL)
		return -1;
	memmove(v + at + 1, v + at, (c->nholiday - at) * sizeof(*v));
	v[at] = day;
	c->holiday = v;
	c->nholiday++;
	return 0;
}

/* Lines of an open file; the last may lack its newline, any may have a CR. */
static int
read_holidays(struct cal *c, FILE *in, const char *path, struct fault *f)
{
	char line[64];
	long number = 0;
	int32_t day;

	while (fgets(line, sizeof(line), in) != NULL) {
		number++;
		line[strcspn(line, "\r\n")] = '\0';
		if (number == 1) {
			if (strcmp(line, "Date") != 0)
				return fault_set(f, EX_DATAERR, "%s:1: no "
				    "header 'Date'", path);
		} else if (*line != '\0') {
			if (clk_day_from(line, &day) != 0)
				return fault_set(f, EX_DATAERR, "%s:%ld: '%s' "
				    "is no date YYYY-MM-DD", path, number,
				    line);
			if (cal_holiday_add(c, day) != 0)
				return fault_sys(f, 0, "%s", path);
		}
	}
	if (ferror(in))
		return fault_sys(f, EX_IOERR, "%s", path);
	if (number == 0)
		return fault_set(f, EX_DATAERR, "%s: is empty", path);
	return 0;
}

int
cal_holidays(struct cal *c, const char *path, struct fault *f)
{
	struct cal new = { 0 };
	FILE *in;
	int rc;

	if ((in = fopen(path, "re")) == NULL)
		return fault_sys(f, EX_NOINPUT, "%s", path);
	rc = read_holidays(&new, in, path, f);
	fclose(in);		/* only read from: nothing to lose */
	for (size_t i = 0; rc == 0 && i < c->nholiday; i++)
		if (cal_holiday_add(&new, c->holiday[i]) != 0)
			rc = fault_sys(f, 0, "%s", path);
	if (rc == 0) {
		free(c->holiday);
		c->holiday = new.holiday;
		c->nholiday = new.nholiday;
	} else {
		free(new.holiday);
	}
	return rc;
}

/* Rows of an open file behind its header. */
static int
read_past(struct cal *c, struct tsv *row, struct fault *f)
{
	int32_t day;
	int col, rc;

	if ((col = tsv_col(row, "day")) == -1)
		return fault_set(f, EX_DATAERR, "%s: no column day", row->name);
	while ((rc = tsv_next(row)) > 0) {
		if (clk_day_from(row->f[col], &day) != 0)
			return fault_set(f, EX_DATAERR, "%s:%ld: day is '%.60s'",
			    row->name, row->line, row->f[col]);
		if (cal_holiday_add(c, day) != 0)
			return fault_sys(f, 0, "%s", row->name);
	}
	return rc == 0 ? 0 : fault_set(f, EX_DATAERR, "%s:%ld: %s", row->name,
	    row->line, row->why);
}

int
cal_past(struct cal *c, const char *path, struct fault *f)
{
	struct tsv row;
	FILE *in;
	int rc;

	if ((in = fopen(path, "re")) == NULL)
		return fault_sys(f, EX_NOINPUT, "%s", path);
	tsv_init(&row, in, path);
	rc = read_past(c, &row, f);
	tsv_free(&row);
	fclose(in);		/* only read from: nothing to lose */
	return rc;
}

void
cal_free(struct cal *c)
{
	free(c->rule);
	free(c->holiday);
	*c = (struct cal){ 0 };
}

bool
cal_is_holiday(const struct cal *c, int32_t day)
{
	size_t at = place(c, day);

	return at < c->nholiday && c->holiday[at] == day;
}

static bool
holds(const struct cal_rule *r, const char *exchange, int32_t day)
{
	return strcmp(r->exchange, exchange) == 0 && r->from <= day &&
	    day <= r->to &&
	    (r->special || (r->weekdays >> clk_weekday(day) & 1) != 0);
}

/* The first special rule of the exchange and day; NULL: an ordinary day. */
static const struct cal_rule *
special(const struct cal *c, const char *exchange, int32_t day)
{
	for (size_t i = 0; i < c->nrule; i++)
		if (c->rule[i].special && holds(&c->rule[i], exchange, day))
			return &c->rule[i];
	return NULL;
}

size_t
cal_join(struct cal_window *w, size_t n, size_t max, struct cal_window new)
{
	size_t i = 0, j;

	while (i < n && w[i].close_us < new.open_us)
		i++;
	if (n == max && (i == n || w[i].open_us > new.close_us)) {
		if (i > 0)
			w[i - 1].close_us = new.close_us;
		else
			w[i].open_us = new.open_us;
		return n;
	}
	for (j = i; j < n && w[j].open_us <= new.close_us; j++) {
		if (w[j].open_us < new.open_us)
			new.open_us = w[j].open_us;
		if (w[j].close_us > new.close_us)
			new.close_us = w[j].close_us;
	}
	memmove(w + i + 1, w + j, (n - j) * sizeof(*w));
	w[i] = new;
	return n - (j - i) + 1;
}

size_t
cal_windows(const struct cal *c, const char *exchange, int32_t day,
    struct cal_window *w)
{
	const struct cal_rule *s = special(c, exchange, day);
	int64_t start = clk_day_start(day);
	size_t n = 0;

	if (s == NULL && cal_is_holiday(c, day))
		return 0;
	for (size_t i = 0; i < c->nrule; i++) {
		const struct cal_rule *r = &c->rule[i];

		if (!holds(r, exchange, day) || r->closed ||
		    r->special != (s != NULL) ||
		    (s != NULL && r->file != s->file))
			continue;
		n = cal_join(w, n, CAL_WINDOWS_MAX, (struct cal_window){
		    start + r->open_min * 60 * US_PER_SEC,
		    start + r->close_min * 60 * US_PER_SEC });
	}
	return n;
}

bool
cal_knows(const struct cal *c, const char *exchange)
{
	for (size_t i = 0; i < c->nrule; i++)
		if (strcmp(c->rule[i].exchange, exchange) == 0)
			return true;
	return false;
}

bool
cal_is_special(const struct cal *c, const char *exchange, int32_t day)
{
	struct cal_window w[CAL_WINDOWS_MAX];

	return special(c, exchange, day) != NULL &&
	    cal_windows(c, exchange, day, w) > 0;
}

int
cal_next(const struct cal *c, const char *exchange, int32_t day, int step,
    int32_t *out)
{
	struct cal_window w[CAL_WINDOWS_MAX];

	for (int i = 0; i < GIVE_UP; i++) {
		day += step;
		if (cal_windows(c, exchange, day, w) > 0) {
			*out = day;
			return 0;
		}
	}
	return -1;
}
