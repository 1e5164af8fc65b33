#include <math.h>
#include <stdio.h>
#include <string.h>

#include "black.h"
#include "calc.h"
#include "num.h"

enum { TYPE, FORWARD, STRIKE, YEARS, PRICE, RATE, SIGMA };
enum { NEEDED = 5, NAMES = 3, NUMBER = 32 };

const char calc_header[] = "type\tF\tK\tT\tr\tprice\tstatus\tiv\tdelta\tgamma\t"
    "theta\tvega\trho";

static const char *const names[CALC_COLS][NAMES] = {
	[TYPE] = { "type", "kind", NULL },
	[FORWARD] = { "F", "forward", NULL },
	[STRIKE] = { "K", "strike", NULL },
	[YEARS] = { "T", "T_years", "tte" },
	[PRICE] = { "price", NULL, NULL },
	[RATE] = { "r", "rate", NULL },
	[SIGMA] = { "sigma", NULL, NULL },
};

struct question {
	struct black_option o;
	double	 price, sigma;	/* NAN: not given */
};

int
calc_open(struct calc *c, struct tsv *rows, struct fault *f)
{
	for (int i = 0; i < CALC_COLS; i++) {
		c->col[i] = -1;
		for (int k = 0; k < NAMES && c->col[i] == -1; k++)
			if (names[i][k] != NULL)
				c->col[i] = tsv_col(rows, names[i][k]);
		if (i < NEEDED && c->col[i] == -1)
			return fault_set(f, EX_DATAERR, "%s: no column %s",
			    rows->name, names[i][0]);
	}
	return 0;
}

/* 1: an option; 0: a future, an index; -1: not a type. */
static int
take_type(const char *s, enum black_type *type)
{
	static const char *const calls[] = { "CE", "C", "call", "c" };
	static const char *const puts[] = { "PE", "P", "put", "p" };

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (strcmp(s, calls[i]) == 0)
			*type = BLACK_CALL;
		else if (strcmp(s, puts[i]) == 0)
			*type = BLACK_PUT;
		else
			continue;
		return 1;
	}
	return strcmp(s, "FUT") == 0 || strcmp(s, "index") == 0 ||
	    tsv_null(s) ? 0 : -1;
}

/* Years, or with a unit behind: 4.5d, 6h, 352015s. */
static int
take_years(const char *s, double *years)
{
	static const struct { char unit; double of; } units[] = {
		{ 'y', 1 }, { 'd', 365 }, { 'h', 8760 }, { 's', 31536000 },
	};
	char text[NUMBER];
	size_t n = strlen(s);
	double per = 1;

	if (n == 0 || n >= sizeof(text))
		return -1;
	memcpy(text, s, n + 1);
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (s[n - 1] == units[i].unit) {
			per = units[i].of;
			text[n - 1] = '\0';
		}
	if (num_double(text, -HUGE_VAL, HUGE_VAL, years) != 0)
		return -1;
	*years /= per;
	return 0;
}

static int
take_number(const char *s, double *x)
{
	*x = NAN;
	return tsv_null(s) ? 0 : num_double(s, -HUGE_VAL, HUGE_VAL, x);
}

/* A number, or null; in decimals, or with all of its bits. */
static const char *
number(char *out, double x, int decimals, bool exact)
{
	if (!isfinite(x))
		return "\\N";
	if (exact || fabs(x) >= 1e15)
		snprintf(out, NUMBER, "%.17g", x + 0.0);
	else
		snprintf(out, NUMBER, "%.*f", decimals, x + 0.0);
	return out;
}

static int
answer(const struct calc *c, const struct question *q, char *out)
{
	enum { G = 6 };
	static const int decimals[G] = { 8, 8, 10, 6, 6, 6 };
	char t[5][NUMBER], g[G][NUMBER];
	const char *a[G];
	struct black_greeks at;
	struct black_iv iv;
	enum black_status rc = black_iv(&q->o, q->price, 0, &iv);
	bool have = rc == BLACK_OK || rc == BLACK_INDETERMINATE;
	double sigma = !isnan(q->sigma) ? q->sigma : have ? iv.sigma : NAN;
	bool greeks = !isnan(sigma) && black_greeks(&q->o, sigma, &at) ==
	    BLACK_OK;
	const double v[G] = { have ? iv.sigma * 100 : NAN,
	    greeks ? at.delta : NAN, greeks ? at.gamma : NAN,
	    greeks ? at.theta : NAN, greeks ? at.vega : NAN,
	    greeks ? at.rho : NAN };

	for (int i = 0; i < G; i++)
		a[i] = number(g[i], v[i], decimals[i], c->exact);
	return snprintf(out, CALC_ROW_MAX, "%s\t%s\t%s\t%s\t%s\t%s\t%s"
	    "\t%s\t%s\t%s\t%s\t%s\t%s\n",
	    q->o.type == BLACK_CALL ? "CE" : "PE",
	    number(t[0], q->o.forward, 4, c->exact),
	    number(t[1], q->o.strike, 4, c->exact),
	    number(t[2], q->o.years, 12, c->exact),
	    number(t[3], q->o.rate, 6, c->exact),
	    number(t[4], q->price, 4, c->exact), black_status_name(rc),
	    a[0], a[1], a[2], a[3], a[4], a[5]);
}

static int
bad(const struct tsv *rows, int what, const char *text, struct fault *f)
{
	return fault_set(f, EX_DATAERR, "%s:%ld: %s is '%.40s'", rows->name,
	    rows->line, names[what][0], text);
}

int
calc_row(const struct calc *c, const struct tsv *rows, char *out,
    struct fault *f)
{
	struct question q = { .o.rate = c->rate, .sigma = NAN };
	double *to[CALC_COLS] = { NULL, &q.o.forward, &q.o.strike, &q.o.years,
	    &q.price, &q.o.rate, &q.sigma };
	const char *text = rows->f[c->col[TYPE]];
	int rc = take_type(text, &q.o.type);

	if (rc != 1)
		return rc == 0 ? 0 : bad(rows, TYPE, text, f);
	for (int i = FORWARD; i < CALC_COLS; i++) {
		if (c->col[i] == -1)
			continue;
		text = rows->f[c->col[i]];
		if (i == RATE && tsv_null(text))
			continue;
		if (i == YEARS && !tsv_null(text) ?
		    take_years(text, to[i]) != 0 :
		    take_number(text, to[i]) != 0)
			return bad(rows, i, text, f);
	}
	return answer(c, &q, out);
}

int
calc_words(const struct calc *c, char *const word[5], char *out,
    struct fault *f)
{
	struct question q = { .o.rate = c->rate, .sigma = NAN };
	double *to[NEEDED] = { NULL, &q.o.forward, &q.o.strike, &q.o.years,
	    &q.price };

	if (take_type(word[TYPE], &q.o.type) != 1)
		return fault_set(f, EX_USAGE, "'%.40s': not CE or PE",
		    word[TYPE]);
	for (int i = FORWARD; i < NEEDED; i++)
		if (i == YEARS ? take_years(word[i], to[i]) != 0 :
		    num_double(word[i], -HUGE_VAL, HUGE_VAL, to[i]) != 0)
			return fault_set(f, EX_USAGE, "%s: '%.40s' is no "
			    "number", names[i][0], word[i]);
	return answer(c, &q, out);
}
