#include <stdbool.h>
#include <string.h>

#include "sift.h"
#include "tsv.h"

int
sift_head(struct sift *s, const char *header, struct fault *f)
{
	static const char *const name[] = { "instrument_token",
	    "tradingsymbol", "timestamp" };
	int *const col[] = { &s->token, &s->symbol, &s->time };
	struct tsv t;
	int rc = 0;

	tsv_init(&t, NULL, "ticks");
	if (tsv_head(&t, header, strlen(header)) != 0)
		rc = fault_set(f, EX_DATAERR, "%s", t.why);
	s->last = 0;
	for (int i = 0; rc == 0 && i < 3; i++) {
		if ((*col[i] = tsv_col(&t, name[i])) == -1)
			rc = fault_set(f, EX_DATAERR, "no column %s", name[i]);
		if (*col[i] > s->last)
			s->last = *col[i];
	}
	s->ncol = t.ncol;
	tsv_free(&t);
	return rc;
}

struct fields { const char *token, *symbol, *time; size_t nsymbol, ntime; };

/* How many tabs there are from p to nl, eight bytes at a time. */
static int
count_tabs(const char *p, const char *nl)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t w;
	int n = 0;

	for (; nl - p >= 8; p += 8) {
		memcpy(&w, p, sizeof(w));
		w ^= UINT64_C(0x0909090909090909);	/* a tab becomes 0 */
		w = ~(((w & low) + low) | w | low);	/* and 0 its top bit */
		n += (int)(((w >> 7) * UINT64_C(0x0101010101010101)) >> 56);
	}
	for (; p < nl; p++)
		n += *p == '\t';
	return n;
}

/* Finds the fields that matter here; false when their number is wrong. */
static bool
split(const struct sift *s, const char *row, const char *nl, struct fields *x)
{
	const char *tab, *p = row;

	for (int j = 0; j <= s->last; j++, p = tab + 1) {
		if ((tab = memchr(p, '\t', (size_t)(nl - p))) == NULL) {
			if (j != s->ncol - 1)
				return false;
			tab = nl;
		}
		if (j == s->token) {
			x->token = p;
		} else if (j == s->symbol) {
			x->symbol = p;
			x->nsymbol = (size_t)(tab - p);
		} else if (j == s->time) {
			x->time = p;
			x->ntime = (size_t)(tab - p);
		}
		if (tab == nl)
			return true;
	}
	return s->last + 2 + count_tabs(p, nl) == s->ncol;
}

/* Two digits below max; -1. */
static int
two(const char *p, int max)
{
	int v = (p[0] - '0') * 10 + (p[1] - '0');

	return p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9' &&
	    v < max ? v : -1;
}

/* Second of the day of an exchange time; -1 none or another day's; -2 it is no
 * time. */
static int
second_of(const struct sift *s, const struct fields *x)
{
	const char *t = x->time;
	char day[CLK_DAY];
	int32_t other;
	int h, min, sec;

	if (x->ntime == 2 && memcmp(t, "\\N", 2) == 0)
		return -1;
	if (x->ntime != 19 || t[10] != ' ' || t[13] != ':' || t[16] != ':' ||
	    (h = two(t + 11, 24)) == -1 || (min = two(t + 14, 60)) == -1 ||
	    (sec = two(t + 17, 60)) == -1)
		return -2;
	if (memcmp(t, s->day, 10) == 0)
		return (h * 60 + min) * 60 + sec;
	memcpy(day, t, 10);
	day[10] = '\0';
	return clk_day_from(day, &other) == 0 ? -1 : -2;
}

static bool
token_of(const char *p, uint32_t *token)
{
	uint64_t v = 0;

	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++)
		if ((v = v * 10 + (uint64_t)(*p - '0')) > UINT32_MAX)
			return false;
	*token = (uint32_t)v;
	return *p == '\t' || *p == '\n';
}

/* Is the row's symbol the instrument's?  That of another day may have the same
 * token. */
static bool
same_symbol(const struct inst *in, const struct fields *x)
{
	if (x->nsymbol == 2 && memcmp(x->symbol, "\\N", 2) == 0)
		return true;
	return x->nsymbol < sizeof(in->tradingsymbol) &&
	    in->tradingsymbol[x->nsymbol] == '\0' &&
	    memcmp(in->tradingsymbol, x->symbol, x->nsymbol) == 0;
}

struct sifted
sift_row(const struct sift *s, const char *row, const char *nl)
{
	struct sifted r = { .as = SIFT_BAD };
	struct fields x = { 0 };

	if (!split(s, row, nl, &x))
		r.why = "the number of fields is not that of the columns";
	else if (!token_of(x.token, &r.token))
		r.why = "instrument_token is no number";
	else if ((r.sec = second_of(s, &x)) == -2)
		r.why = "timestamp is no time";
	else if ((r.in = inst_find(s->set, r.token)) == NULL)
		r.as = SIFT_UNKNOWN;
	else if (!same_symbol(r.in, &x))
		r.why = "tradingsymbol is not what instruments.tsv has for this "
		    "token; is that of another day?";
	else
		r.as = r.sec == -1 ? SIFT_KEEP_OUT : SIFT_TAKE;
	return r;
}
