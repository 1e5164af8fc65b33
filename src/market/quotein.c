#include <string.h>

#include "clk.h"
#include "num.h"
#include "quotein.h"

enum what { RECV, TOKEN, PRICE, FLAG, TIME, VOLUME, TRADE, OI, BID_QTY, BID,
    ASK_QTY, ASK };
enum { NEEDED = 3 };

static const char *const names[QUOTEIN_COLS] = {
	[RECV] = "recvTime", [TOKEN] = "instrument_token", [PRICE] = "price",
	[FLAG] = "flag", [TIME] = "timestamp", [VOLUME] = "volume",
	[TRADE] = "lastTradeTime", [OI] = "oi", [BID_QTY] = "bq0",
	[BID] = "bp0", [ASK_QTY] = "sq0", [ASK] = "sp0",
};

/* ---- columns ---- */

static int
what_of(const char *name, size_t n)
{
	for (int i = 0; i < QUOTEIN_COLS; i++)
		if (strlen(names[i]) == n && memcmp(names[i], name, n) == 0)
			return i;
	return -1;
}

int
quotein_open(struct quotein *in, const char *header, const char *name,
    struct fault *f)
{
	bool seen[QUOTEIN_COLS] = { false };

	*in = (struct quotein){ .name = name };
	for (int col = 0; header != NULL && *header != '\0'; col++) {
		size_t n = strcspn(header, "\t");
		int what = what_of(header, n);

		if (what != -1 && !seen[what]) {
			seen[what] = true;
			in->col[in->n] = col;
			in->what[in->n++] = what;
			if (what == RECV || what == TOKEN)
				in->early = in->n;
		}
		header += n + (header[n] == '\t');
	}
	for (int i = 0; i < NEEDED; i++)
		if (!seen[i])
			return fault_set(f, EX_DATAERR, "%s: no column %s",
			    name, names[i]);
	in->has_qty[0] = seen[BID_QTY];
	in->has_qty[1] = seen[ASK_QTY];
	return 0;
}

/* ---- values: each ends at a tab or the row's NUL ---- */

static bool
at_end(const char *p)
{
	return *p == '\t' || *p == '\0';
}

static bool
is_null(const char *p)
{
	return p[0] == '\\' && p[1] == 'N' && at_end(p + 2);
}

static int
take_u32(const char *p, uint32_t *out)
{
	uint64_t v = 0;
	const char *s = p;

	for (; *p >= '0' && *p <= '9'; p++)
		if ((v = v * 10 + (uint64_t)(*p - '0')) > UINT32_MAX)
			return -1;
	if (p == s || !at_end(p))
		return -1;
	*out = (uint32_t)v;
	return 0;
}

static int
take_e7(const char *p, int64_t *out)
{
	enum { WHOLE_MAX = 2000000000 };	/* rupees */
	int64_t v = 0, unit = E7;
	bool neg = *p == '-';
	const char *s = p += neg;

	for (; *p >= '0' && *p <= '9'; p++)
		if ((v = v * 10 + (*p - '0')) > WHOLE_MAX)
			return -1;
	if (p == s)
		return -1;
	v *= E7;
	if (*p == '.') {
		s = ++p;
		for (; *p >= '0' && *p <= '9'; p++) {
			if ((unit /= 10) == 0 && *p != '0')
				return -1;
			v += (*p - '0') * unit;
		}
		if (p == s)
			return -1;
	}
	if (!at_end(p))
		return -1;
	*out = neg ? -v : v;
	return 0;
}

static int
two(const char *p, int max, char then, int64_t *out)
{
	int v = p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9' ?
	    (p[0] - '0') * 10 + p[1] - '0' : max + 1;

	if (v > max || (then != '\0' && p[2] != then))
		return -1;
	*out = v;
	return 0;
}

/* "YYYY-MM-DD HH:MM:SS" with or without a fraction; day keeps the date. */
static int
take_time(const char *p, struct quotein_day *day, int64_t *us)
{
	int64_t h, m, s, frac = 0, unit = 100000;
	int32_t d;

	if (strncmp(p, day->text, 10) != 0 || *p == '\0') {
		struct quotein_day new = { .us = 0 };

		memcpy(new.text, p, strnlen(p, 10));
		if (clk_day_from(new.text, &d) != 0)
			return -1;
		new.us = clk_day_start(d);
		*day = new;
	}
	p += 10;
	if (*p++ != ' ' || two(p, 23, ':', &h) != 0 ||
	    two(p + 3, 59, ':', &m) != 0 || two(p + 6, 59, '\0', &s) != 0)
		return -1;
	p += 8;
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
			frac += (*p - '0') * unit;
	if (!at_end(p))
		return -1;
	*us = day->us + (h * 3600 + m * 60 + s) * US_PER_SEC + frac;
	return 0;
}

/* ---- rows ---- */

static int
bad(const struct quotein *in, int what, const char *p, struct fault *f)
{
	return fault_set(f, EX_DATAERR, "%s: %s is '%.*s'", in->name,
	    names[what], (int)strnlen(p, strcspn(p, "\t") < 40 ? strcspn(p, "\t") : 40), p);
}

/* Finds the needed columns number from to to - 1. */
static int
find(const struct quotein *in, struct quotein_row *r, int from, int to,
    struct fault *f)
{
	const char *p = r->p;

	for (int i = from; i < to; i++) {
		for (; r->col < in->col[i]; r->col++) {
			p = memchr(p, '\t', (size_t)(r->end - p));
			if (p == NULL)
				return fault_set(f, EX_DATAERR, "%s: a row has "
				    "%d columns only", in->name, r->col + 1);
			p++;
		}
		r->field[in->what[i]] = p;
	}
	r->p = p;
	return 0;
}

int
quotein_begin(struct quotein *in, const char *row, const char *end,
    struct quotein_row *r, struct fault *f)
{
	memset(r->field, 0, sizeof(r->field));
	r->p = row;
	r->end = end;
	r->col = 0;
	if (find(in, r, 0, in->early, f) != 0)
		return -1;
	if (take_u32(r->field[TOKEN], &r->token) != 0)
		return bad(in, TOKEN, r->field[TOKEN], f);
	if (take_time(r->field[RECV], &in->day[0], &r->recv_us) != 0)
		return bad(in, RECV, r->field[RECV], f);
	return 0;
}

static int
count(const struct quotein *in, const struct quotein_row *r, int what,
    int64_t *out, struct fault *f)
{
	const char *p = r->field[what];
	uint32_t v;

	if (p == NULL || is_null(p))
		return 0;
	if (take_u32(p, &v) != 0)
		return bad(in, what, p, f);
	*out = v;
	return 0;
}

static int
price(const struct quotein *in, const struct quotein_row *r, int what,
    int64_t *out, struct fault *f)
{
	const char *p = r->field[what];

	if (p == NULL || is_null(p))
		return 0;
	return take_e7(p, out) == 0 ? 0 : bad(in, what, p, f);
}

static int
when(struct quotein *in, const struct quotein_row *r, int what, int64_t *out,
    struct fault *f)
{
	const char *p = r->field[what];

	if (p == NULL || is_null(p))
		return 0;
	return take_time(p, &in->day[what == TIME ? 1 : 2], out) == 0 ? 0 :
	    bad(in, what, p, f);
}

int
quotein_rest(struct quotein *in, struct quotein_row *r, struct quote *q,
    bool *older, struct fault *f)
{
	int64_t qty[2] = { 1, 1 };
	const char *flag;

	quote_init(q);
	if (find(in, r, in->early, in->n, f) != 0 ||
	    price(in, r, PRICE, &q->ltp_e7, f) != 0 ||
	    when(in, r, TIME, &q->exch_us, f) != 0 ||
	    when(in, r, TRADE, &q->trade_us, f) != 0 ||
	    count(in, r, VOLUME, &q->volume, f) != 0 ||
	    count(in, r, OI, &q->oi, f) != 0 ||
	    count(in, r, BID_QTY, &qty[0], f) != 0 ||
	    count(in, r, ASK_QTY, &qty[1], f) != 0 ||
	    price(in, r, BID, &q->bid_e7, f) != 0 ||
	    price(in, r, ASK, &q->ask_e7, f) != 0)
		return -1;
	if ((in->has_qty[0] && qty[0] == 0) || q->bid_e7 < 0)
		q->bid_e7 = 0;
	if ((in->has_qty[1] && qty[1] == 0) || q->ask_e7 < 0)
		q->ask_e7 = 0;
	if (q->ltp_e7 < 0)
		q->ltp_e7 = 0;
	flag = r->field[FLAG];
	*older = flag != NULL && memchr(flag, 'o', strcspn(flag, "\t")) != NULL;
	q->seen_us = flag != NULL && memchr(flag, 'c', strcspn(flag, "\t")) !=
	    NULL ? 0 : r->recv_us;
	return 0;
}
