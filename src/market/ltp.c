#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clk.h"
#include "ltp.h"
#include "num.h"

/* What a column holds: how it is written and read. */
enum what { TEXT, WORD, TOKEN, TIME, PRICE, COUNT, REAL };

struct column {
	const char	*name;
	enum what	 what;
	size_t		 at;	/* in struct ltp_row */
	int		 decimals;	/* of a REAL in a plain row */
	bool		 needed;
};

#define COL(name, what, member, ...) \
	{ name, what, offsetof(struct ltp_row, member), __VA_ARGS__ }
#define MORE(what, member) \
	{ #member, what, offsetof(struct ltp_row, more.member), 0, false }

static const struct column columns[] = {
	COL("symbol", TEXT, symbol, 0, true),
	COL("token", TOKEN, token, 0, true),
	COL("ts", TIME, ts_us, 0, true),
	COL("ltp", PRICE, ltp_e7, 0, true),
	COL("bid", PRICE, bid_e7, 0, false),
	COL("ask", PRICE, ask_e7, 0, false),
	COL("volume", COUNT, volume, 0, false),
	COL("oi", COUNT, oi, 0, false),
	COL("delta", REAL, delta, 8, false),
	COL("gamma", REAL, gamma, 10, false),
	COL("theta", REAL, theta, 6, false),
	COL("vega", REAL, vega, 6, false),
	COL("iv", REAL, iv, 8, false),
	COL("source", TEXT, source, 0, false),
	/* extended rows; ltp_more_header has the same order */
	MORE(REAL, forward),
	MORE(WORD, forward_src),
	MORE(REAL, tte),
	MORE(REAL, rate),
	MORE(WORD, iv_src),
	MORE(WORD, sigma_src),
	MORE(REAL, iv_unc),
	MORE(WORD, status),
	MORE(REAL, price),
	MORE(WORD, iv_status),
	MORE(REAL, sigma),
	MORE(WORD, kind),
	COL("strike", PRICE, more.strike_e7, 0, false),
	COL("expiry", TIME, more.expiry_us, 0, false),
	COL("event", TIME, more.event_us, 0, false),
	MORE(REAL, forward_age),
	MORE(REAL, forward_unc),
	MORE(REAL, rho),
	MORE(REAL, pcr),
	COL("max_pain", PRICE, more.max_pain_e7, 0, false),
};
enum {
	NPLAIN = 14,
	REAL_MAX = 32,		/* "-2.2250738585072014e-308" and NUL */
	NALL = sizeof(columns) / sizeof(*columns)
};
_Static_assert(NALL <= (int)LTP_COLS, "LTP_COLS");

#define PLAIN "symbol\ttoken\tts\tltp\tbid\task\tvolume\toi\tdelta\tgamma\t" \
	"theta\tvega\tiv\tsource"
const char ltp_header[] = PLAIN;
const char ltp_more_header[] = PLAIN "\tforward\tforward_src\ttte\trate\t"
    "iv_src\tsigma_src\tiv_unc\tstatus\tprice\tiv_status\tsigma\tkind\t"
    "strike\texpiry\tevent\tforward_age\tforward_unc\trho\tpcr\tmax_pain";

void
ltp_init(struct ltp_row *r)
{
	*r = (struct ltp_row){ .ts_us = LTP_NONE, .source = "ws" };
	r->ltp_e7 = r->bid_e7 = r->ask_e7 = r->volume = r->oi = LTP_NONE;
	r->delta = r->gamma = r->theta = r->vega = r->iv = NAN;
	r->more = (struct ltp_more){ .strike_e7 = LTP_NONE,
	    .expiry_us = LTP_NONE, .event_us = LTP_NONE,
	    .max_pain_e7 = LTP_NONE, .forward = NAN,
	    .forward_age = NAN, .forward_unc = NAN, .tte = NAN, .rate = NAN, .price = NAN,
	    .iv_unc = NAN, .sigma = NAN, .rho = NAN, .pcr = NAN };
}

/* ---- writing: no printf() where a plain row comes by ---- */

static char *
put_null(char *p)
{
	memcpy(p, "\\N", 2);
	return p + 2;
}

static char *
put_uint(char *p, uint64_t v)
{
	char text[20];
	size_t n = sizeof(text);

	do
		text[--n] = (char)('0' + v % 10);
	while ((v /= 10) > 0);
	memcpy(p, text + n, sizeof(text) - n);
	return p + sizeof(text) - n;
}

/* v as n digits, zeros in front. */
static char *
put_digits(char *p, uint64_t v, int n)
{
	for (int i = n - 1; i >= 0; i--, v /= 10)
		p[i] = (char)('0' + v % 10);
	return p + n;
}

static char *
put_int(char *p, int64_t v)
{
	if (v < 0)
		*p++ = '-';
	return put_uint(p, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

/* Two decimals, or four, or seven where fewer would not do. */
static char *
put_price(char *p, int64_t e7)
{
	uint64_t v = e7 < 0 ? 0 - (uint64_t)e7 : (uint64_t)e7;
	uint64_t low = v % E7;

	if (e7 < 0)
		*p++ = '-';
	p = put_uint(p, v / E7);
	*p++ = '.';
	if (low % 100000 == 0)
		return put_digits(p, low / 100000, 2);
	if (low % 1000 == 0)
		return put_digits(p, low / 1000, 4);
	return put_digits(p, low, 7);
}

/* x with so many decimals; one too large for that, and all of an extended row
 * (decimals 0), with the 17 digits that bring the same bits back. */
static char *
put_real(char *p, double x, int decimals)
{
	static const uint64_t scale[] = { 1, 10, 100, 1000, 10000, 100000,
	    1000000, 10000000, 100000000, 1000000000, UINT64_C(10000000000) };
	double v = fabs(x) * (double)scale[decimals];
	uint64_t n;

	if (!isfinite(x))
		return put_null(p);
	if (decimals == 0 || v >= 0x1p53)
		return p + snprintf(p, REAL_MAX, "%.17g", x + 0.0);
	n = (uint64_t)llrint(v);
	if (x < 0 && n > 0)
		*p++ = '-';
	p = put_uint(p, n / scale[decimals]);
	*p++ = '.';
	return put_digits(p, n % scale[decimals], decimals);
}

char *
ltp_ts(char *out, int64_t us)
{
	char day[CLK_DAY];
	int64_t d = us / US_PER_DAY - (us % US_PER_DAY < 0);
	uint64_t in = (uint64_t)(us - d * US_PER_DAY), s = in / 1000000;
	unsigned frac = (unsigned)(in % 1000000);
	char *p = out;

	memcpy(p, clk_day_to((int32_t)d, day), 10);
	p += 10;
	*p++ = 'T';
	p = put_digits(p, s / 3600, 2);
	*p++ = ':';
	p = put_digits(p, s / 60 % 60, 2);
	*p++ = ':';
	p = put_digits(p, s % 60, 2);
	if (frac != 0) {
		*p++ = '.';
		p = frac % 1000 == 0 ? put_digits(p, frac / 1000, 3) :
		    put_digits(p, frac, 6);
	}
	memcpy(p, "+00:00", 7);
	return p + 6;
}

/* At most max bytes of s, escaped as tsv.h has it; empty is null. */
static char *
put_text(char *p, const char *s, size_t max)
{
	if (s == NULL || *s == '\0')
		return put_null(p);
	for (; *s != '\0' && max > 0; s++, max--) {
		char c = *s == '\t' ? 't' : *s == '\n' ? 'n' : *s == '\\' ?
		    '\\' : '\0';

		if (c != '\0')
			*p++ = '\\';
		*p++ = c != '\0' ? c : *s;
	}
	return p;
}

static char *
put(char *p, const struct column *c, const struct ltp_row *r, bool extended)
{
	const void *at = (const char *)r + c->at;
	int64_t v = LTP_NONE;

	if (c->what == TIME || c->what == PRICE || c->what == COUNT) {
		memcpy(&v, at, sizeof(v));
		if (v == LTP_NONE)
			return put_null(p);
	}
	switch (c->what) {
	case TEXT:
		return put_text(p, *(const char *const *)at, LTP_SYMBOL - 1);
	case WORD:
		return put_text(p, at, LTP_WORD - 1);
	case TOKEN:
		return put_uint(p, *(const uint32_t *)at);
	case TIME:
		return ltp_ts(p, v);
	case PRICE:
		return put_price(p, v);
	case COUNT:
		return put_int(p, v);
	case REAL:
		break;
	}
	return put_real(p, *(const double *)at, extended ? 0 : c->decimals);
}

size_t
ltp_format(char *out, const struct ltp_row *r, bool extended)
{
	int n = extended ? NALL : NPLAIN;
	char *p = out;

	for (int i = 0; i < n; i++) {
		p = put(p, &columns[i], r, extended);
		*p++ = i < n - 1 ? '\t' : '\n';
	}
	return (size_t)(p - out);
}

/* ---- reading ---- */

int
ltp_open(struct ltp_in *in, struct tsv *rows, struct fault *f)
{
	for (int i = 0; i < NALL; i++) {
		in->col[i] = tsv_col(rows, columns[i].name);
		if (in->col[i] == -1 && columns[i].needed)
			return fault_set(f, EX_DATAERR, "%s: no column %s",
			    rows->name, columns[i].name);
	}
	return 0;
}

static int
take(const struct column *c, char *text, struct ltp_row *r)
{
	void *at = (char *)r + c->at;

	switch (c->what) {
	case TEXT:
		*(const char **)at = tsv_decode(text);
		return *text != '\0' && strlen(text) < LTP_SYMBOL ? 0 : -1;
	case WORD:
		if (strlen(text) >= LTP_WORD)
			return -1;
		memcpy(at, text, strlen(text) + 1);
		return 0;
	case TOKEN:
		return num_u32(text, at);
	case TIME:
		return clk_from_iso(text, at);
	case PRICE:
		return num_e7(text, at);
	case COUNT:
		return num_i64(text, 0, INT64_MAX, at);
	case REAL:
		break;
	}
	return num_double(text, -HUGE_VAL, HUGE_VAL, at);
}

int
ltp_take(const struct ltp_in *in, struct tsv *rows, struct ltp_row *r,
    struct fault *f)
{
	ltp_init(r);
	r->source = NULL;
	for (int i = 0; i < NALL; i++) {
		char *text;

		if (in->col[i] == -1)
			continue;
		text = rows->f[in->col[i]];
		if (tsv_null(text) && (!columns[i].needed ||
		    columns[i].what == PRICE))
			continue;
		if (tsv_null(text) || take(&columns[i], text, r) != 0)
			return fault_set(f, EX_DATAERR, "%s:%ld: %s is '%.40s'",
			    rows->name, rows->line, columns[i].name, text);
	}
	return 0;
}
