#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "expiry.h"
#include "tsv.h"

enum { ROLL_MAX = 14, UNDERLYING = 32 };

struct expiry_rule {
	char	 underlying[UNDERLYING];
	bool	 monthly;
	int	 weekday;		/* 0 Sunday .. 6 Saturday */
	int32_t	 from, to;		/* trading days, both included */
	int32_t	 first, last;		/* expiry days, both included */
};

enum { C_UNDERLYING, C_CYCLE, C_WEEKDAY, C_FROM, C_TO, C_FIRST, C_LAST, NCOLS };
static const char *const cols[NCOLS] = {
	"underlying", "cycle", "weekday", "from", "to", "first", "last"
};

static const char months[12][4] = {
	"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
	"JUL", "AUG", "SEP", "OCT", "NOV", "DEC"
};

/* ---- the file ---- */

static int
take_day(int32_t *to, const char *s, int32_t ever)
{
	if (tsv_null(s)) {
		*to = ever;
		return 0;
	}
	return clk_day_from(s, to);
}

/* 0, or -1 and *bad is the column. */
static int
from_fields(struct expiry_rule *e, char *const f[NCOLS], int *bad)
{
	size_t n = strlen(f[C_UNDERLYING]);

	*bad = C_UNDERLYING;
	if (n == 0 || n >= sizeof(e->underlying))
		return -1;
	memcpy(e->underlying, f[C_UNDERLYING], n + 1);
	*bad = C_CYCLE;
	e->monthly = strcmp(f[C_CYCLE], "monthly") == 0;
	if (!e->monthly && strcmp(f[C_CYCLE], "weekly") != 0)
		return -1;
	*bad = C_WEEKDAY;
	if ((e->weekday = cal_weekday(f[C_WEEKDAY])) == -1)
		return -1;
	*bad = C_FROM;
	if (take_day(&e->from, f[C_FROM], INT32_MIN) != 0)
		return -1;
	*bad = C_TO;
	if (take_day(&e->to, f[C_TO], INT32_MAX) != 0 || e->to < e->from)
		return -1;
	*bad = C_FIRST;
	if (take_day(&e->first, f[C_FIRST], INT32_MIN) != 0)
		return -1;
	*bad = C_LAST;
	return take_day(&e->last, f[C_LAST], INT32_MAX) != 0 ||
	    e->last < e->first ? -1 : 0;
}

static bool
meet(const struct expiry_rule *a, const struct expiry_rule *b)
{
	return strcmp(a->underlying, b->underlying) == 0 &&
	    a->monthly == b->monthly && a->from <= b->to && b->from <= a->to &&
	    a->first <= b->last && b->first <= a->last;
}

static int
load_row(struct expiry_rules *r, struct tsv *row, const int col[NCOLS],
    struct fault *f)
{
	struct expiry_rule *v;
	char *field[NCOLS];
	int bad;

	v = reallocarray(r->v, r->n + 1, sizeof(*v));
	if (v == NULL)
		return fault_sys(f, 0, "%s", row->name);
	r->v = v;
	for (int c = 0; c < NCOLS; c++)
		field[c] = row->f[col[c]];
	if (from_fields(&v[r->n], field, &bad) != 0)
		return fault_set(f, EX_DATAERR, "%s:%ld: %s is '%.60s'",
		    row->name, row->line, cols[bad], field[bad]);
	for (size_t i = 0; i < r->n; i++)
		if (meet(&v[i], &v[r->n]))
			return fault_set(f, EX_DATAERR, "%s:%ld: %s has "
			    "another %s row for some of these days", row->name,
			    row->line, v[i].underlying, field[C_CYCLE]);
	r->n++;
	return 0;
}

static int
load(struct expiry_rules *r, struct tsv *row, struct fault *f)
{
	int col[NCOLS], rc;

	for (int c = 0; c < NCOLS; c++)
		if ((col[c] = tsv_col(row, cols[c])) == -1)
			return fault_set(f, EX_DATAERR, "%s: no column %s",
			    row->name, cols[c]);
	while ((rc = tsv_next(row)) > 0)
		if (load_row(r, row, col, f) != 0)
			return -1;
	return rc == 0 ? 0 : fault_set(f, EX_DATAERR, "%s:%ld: %s", row->name,
	    row->line, row->why);
}

int
expiry_load(struct expiry_rules *r, const char *path, struct fault *f)
{
	struct tsv row;
	FILE *in;
	int rc;

	if ((in = fopen(path, "re")) == NULL)
		return fault_sys(f, EX_NOINPUT, "%s", path);
	tsv_init(&row, in, path);
	if ((rc = load(r, &row, f)) != 0)
		expiry_free(r);
	tsv_free(&row);
	fclose(in);		/* only read from: nothing to lose */
	return rc;
}

void
expiry_free(struct expiry_rules *r)
{
	free(r->v);
	*r = (struct expiry_rules){ 0 };
}

bool
expiry_knows(const struct expiry_rules *r, const char *underlying)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i].underlying, underlying) == 0)
			return true;
	return false;
}

/* ---- the days ---- */

static bool
last_of_month(int32_t day)
{
	int y, m, d, next;

	clk_day_split(day, &y, &m, &d);
	clk_day_split(day + 7, &y, &next, &d);
	return next != m;
}

/* Would a contract of that cycle expire on day, holidays apart? */
static bool
rules_say(const struct expiry_rules *r, const struct expiry_ask *ask,
    bool monthly, int32_t day)
{
	int weekday = clk_weekday(day);

	if (monthly && !last_of_month(day))
		return false;
	for (size_t i = 0; i < r->n; i++) {
		const struct expiry_rule *e = &r->v[i];

		if (e->monthly == monthly && e->weekday == weekday &&
		    strcmp(e->underlying, ask->underlying) == 0 &&
		    e->from <= ask->day && ask->day <= e->to &&
		    e->first <= day && day <= e->last)
			return true;
	}
	return false;
}

static bool
is_weekly(const struct expiry_rules *r, const struct expiry_ask *ask,
    int32_t day)
{
	int32_t monday = day - (clk_weekday(day) + 6) % 7;

	if (!rules_say(r, ask, false, day))
		return false;
	for (int i = 0; i < 7; i++)
		if (rules_say(r, ask, true, monday + i))
			return false;
	return true;
}

/* The trading day itself or before.  A special session on a weekend is none: no
 * contract was ever moved to one. */
static int32_t
roll(const struct cal *c, int32_t day)
{
	for (int i = 0; i < ROLL_MAX; i++, day--)
		if (clk_weekday(day) != 0 && clk_weekday(day) != 6 &&
		    !cal_is_holiday(c, day))
			break;
	return day;
}

size_t
expiry_list(const struct expiry_rules *r, const struct cal *c,
    const struct expiry_ask *ask, struct expiry *out, size_t max)
{
	size_t n = 0;

	for (int32_t day = ask->day; n < max && day <= ask->day + ask->days;
	    day++) {
		struct expiry e = { roll(c, day), day, false };

		e.monthly = rules_say(r, ask, true, day);
		if (e.day >= ask->day &&
		    (e.monthly || (!ask->monthly && is_weekly(r, ask, day))))
			out[n++] = e;
	}
	return n;
}

/* ---- the symbols ---- */

void
expiry_prefix(char out[EXPIRY_PREFIX], const char *underlying,
    const struct expiry *e)
{
	int y, m, d;

	clk_day_split(e->monthly ? e->rule_day : e->day, &y, &m, &d);
	if (e->monthly)
		snprintf(out, EXPIRY_PREFIX, "%s%02d%s", underlying, y % 100,
		    months[m - 1]);
	else
		snprintf(out, EXPIRY_PREFIX, "%s%02d%c%02d", underlying,
		    y % 100, "123456789OND"[m - 1], d);
}

void
expiry_symbols(struct inst *i, const struct expiry *e)
{
	char prefix[EXPIRY_PREFIX], strike[INST_E7] = "";
	char symbol[EXPIRY_PREFIX + INST_E7 + 4];

	expiry_prefix(prefix, i->name, e);
	if (i->kind != INST_FUT)
		inst_e7(strike, i->strike_e7);
	snprintf(symbol, sizeof(symbol), "%s%s%s", prefix, strike,
	    inst_kind_name(i->kind));
	symbol[sizeof(i->tradingsymbol) - 1] = '\0';	/* of absurd ones */
	memcpy(i->tradingsymbol, symbol, sizeof(i->tradingsymbol));
	i->expiry = e->day;
	inst_make_symbol(i);
}
