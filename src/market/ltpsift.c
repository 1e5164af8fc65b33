#include <string.h>

#include "ltp.h"
#include "ltpsift.h"
#include "tsv.h"

enum { SYMBOL, TOKEN, TS, OI, SOURCE };		/* of ltpsift.col */

int
ltpsift_head(struct ltpsift *s, const char *header, struct fault *f)
{
	static const char *const name[LTPSIFT_COLS] = { "symbol", "token", "ts",
	    "oi", "source" };
	struct tsv t;
	int rc = 0;

	tsv_init(&t, NULL, "ltp");
	if (tsv_head(&t, header, strlen(header)) != 0)
		rc = fault_set(f, EX_DATAERR, "%s", t.why);
	for (int i = 0; rc == 0 && i < LTPSIFT_COLS; i++)
		if ((s->col[i] = tsv_col(&t, name[i])) == -1)
			rc = fault_set(f, EX_DATAERR, "no column %s", name[i]);
	s->ncol = t.ncol;
	tsv_free(&t);
	return rc;
}

struct field { const char *p; size_t n; };

/* Finds the fields that matter here; false when their number is wrong. */
static bool
split(const struct ltpsift *s, const char *row, const char *nl,
    struct field x[LTPSIFT_COLS])
{
	const char *p = row, *tab = row - 1;

	for (int j = 0; j < s->ncol; j++, p = tab + 1) {
		if (tab == nl)
			return false;
		if ((tab = memchr(p, '\t', (size_t)(nl - p))) == NULL)
			tab = nl;
		for (int i = 0; i < LTPSIFT_COLS; i++)
			if (s->col[i] == j)
				x[i] = (struct field){ p, (size_t)(tab - p) };
	}
	return tab == nl;
}

static bool
is_null(const struct field *x)
{
	return x->n == 2 && memcmp(x->p, "\\N", 2) == 0;
}

/* Words of up to max bytes, in which nothing is escaped. */
static bool
is_text(const struct field *x, size_t max)
{
	for (size_t i = 0; i < x->n; i++)
		if ((unsigned char)x->p[i] < ' ' || x->p[i] == '\\')
			return false;
	return x->n > 0 && x->n <= max;
}

static bool
digits(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] < '0' || p[i] > '9')
			return false;
	return true;
}

/* "2026-01-02T08:13:05+00:00", with 3 or 6 decimals or without. */
static bool
is_ts(struct ltpsift *s, const struct field *x)
{
	const char *p = x->p;
	char day[CLK_DAY];
	int32_t dayno;

	if ((x->n != 25 && x->n != 29 && x->n != 32) || p[10] != 'T' ||
	    p[13] != ':' || p[16] != ':' || !digits(p + 11, 2) ||
	    !digits(p + 14, 2) || !digits(p + 17, 2) ||
	    memcmp(p + 11, "24", 2) >= 0 || p[14] > '5' || p[17] > '5' ||
	    memcmp(p + x->n - 6, "+00:00", 6) != 0 ||
	    (x->n > 25 && (p[19] != '.' || !digits(p + 20, x->n - 26))))
		return false;
	if (memcmp(p, s->day, CLK_DAY - 1) == 0)
		return true;
	memcpy(day, p, CLK_DAY - 1);
	day[CLK_DAY - 1] = '\0';
	if (clk_day_from(day, &dayno) != 0)
		return false;
	memcpy(s->day, day, sizeof(day));
	return true;
}

struct ltpsifted
ltpsift_row(struct ltpsift *s, const char *row, const char *nl)
{
	struct ltpsifted r = { NULL, NULL, NULL, false };
	struct field x[LTPSIFT_COLS] = { { NULL, 0 } };

	if (!split(s, row, nl, x))
		r.why = "the number of fields is not that of the columns";
	else if (!is_text(&x[SYMBOL], LTP_SYMBOL - 1))
		r.why = "symbol is no name";
	else if (x[TOKEN].n < 1 || x[TOKEN].n > 10 ||
	    !digits(x[TOKEN].p, x[TOKEN].n))
		r.why = "token is no number";
	else if (!is_ts(s, &x[TS]))
		r.why = "ts is no time of UTC";
	else if (!is_null(&x[SOURCE]) && !is_text(&x[SOURCE], LTP_WORD))
		r.why = "source is no word";
	r.symbol = x[SYMBOL].p;
	r.ts = x[TS].p;
	r.oi = r.why == NULL && !is_null(&x[OI]);
	return r;
}
