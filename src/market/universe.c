#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "kite.h"
#include "num.h"
#include "shares.h"
#include "universe.h"

enum {
	STOCK_SIDE = 2,		/* strikes of a share above the middle, below */
	FAR_SIDE = 20,		/* of an index, from the third expiry on */
	NMONTH = 3,		/* monthly expiries listed */
	NWEEK = 5,		/* expiries of either kind listed at least */
	NEXPIRY = 16
};

/* Indices without derivatives: name, exchange, exchange's number. */
static const struct index {
	const char	*symbol, *exchange;
	uint32_t	 code;
} index_only[] = {
	{ "INDIA VIX", "NSE", 1035 },
	{ "NIFTY 100", "NSE", 1018 },
	{ "NIFTY 500", "NSE", 1047 },
	{ "NIFTY IT", "NSE", 1015 },
	{ "NIFTY MIDCAP 100", "NSE", 1003 },
	{ "NIFTY NEXT 50", "NSE", 1058 },
	{ "NIFTY PHARMA", "NSE", 1025 },
};

/*
 * Indices with derivatives.  level: about where it stood on LEVEL_DAY; side:
 * strikes above and below the middle in the two nearest expiries.  The first
 * three are what DAS records by default: 4 * (161 + 141 + 141) options.
 */
static const struct under {
	const char	*name, *spot, *spot_name, *exchange, *deriv;
	uint32_t	 code;
	int		 from;		/* first listed, yyyymmdd */
	int		 level, step, side;
	uint32_t	 lot;
	int64_t		 fut_tick_e7;
} under[] = {
	{ "NIFTY", "NIFTY 50", "NIFTY 50", "NSE", "NFO", 1001, 20000612,
	    26000, 50, 80, 65, E7 / 10 },
	{ "BANKNIFTY", "NIFTY BANK", "NIFTY BANK", "NSE", "NFO", 1016,
	    20050613, 59000, 100, 70, 30, E7 / 5 },
	{ "SENSEX", "SENSEX", "SENSEX", "BSE", "BFO", 1, 20000609,
	    85000, 100, 70, 20, E7 / 20 },
	{ "FINNIFTY", "NIFTY FIN SERVICE", "NIFTY FIN SERVICE", "NSE", "NFO",
	    1007, 20210111, 27500, 50, FAR_SIDE, 60, E7 / 10 },
	{ "MIDCPNIFTY", "NIFTY MID SELECT",
	    "NIFTY MIDCAP SELECT (MIDCPNIFTY)", "NSE", "NFO", 1125, 20220124,
	    13800, 25, FAR_SIDE, 120, E7 / 20 },
	{ "BANKEX", "BANKEX", "BSE INDEX BANKEX", "BSE", "BFO", 1072,
	    20230515, 66000, 100, FAR_SIDE, 30, E7 / 20 },
};

enum {
	NUNDER = sizeof(under) / sizeof(under[0]),
	LEVEL_DAY = 20780	/* 2026-11-23 */
};

/*
 * Which weekday is an expiry, by the day it would fall on; the last row whose
 * from is not later holds.  weekly -1: monthly ones only.  They follow what
 * the exchanges announced over the years; NIFTY, BANKNIFTY and SENSEX are
 * checked against real listings of 2025 and 2026, the others are plausible.
 */
enum { SUN, MON, TUE, WED, THU, FRI };

static const struct rule {
	const char	*name;		/* "": shares */
	int		 from;		/* yyyymmdd */
	int		 weekly, monthly;
} rules[] = {
	{ "", 20000101, -1, THU },
	{ "", 20250901, -1, TUE },
	{ "NIFTY", 20000101, -1, THU },
	{ "NIFTY", 20190211, THU, THU },
	{ "NIFTY", 20250901, TUE, TUE },
	{ "BANKNIFTY", 20000101, THU, THU },
	{ "BANKNIFTY", 20230904, WED, THU },
	{ "BANKNIFTY", 20240301, WED, WED },
	{ "BANKNIFTY", 20241114, -1, WED },
	{ "BANKNIFTY", 20250101, -1, THU },
	{ "BANKNIFTY", 20250901, -1, TUE },
	{ "SENSEX", 20000101, THU, THU },
	{ "SENSEX", 20230515, FRI, FRI },
	{ "SENSEX", 20250101, TUE, TUE },
	{ "SENSEX", 20250901, THU, THU },
	{ "FINNIFTY", 20210111, -1, THU },
	{ "FINNIFTY", 20211014, -1, TUE },
	{ "FINNIFTY", 20250101, -1, THU },
	{ "FINNIFTY", 20250901, -1, TUE },
	{ "MIDCPNIFTY", 20220124, -1, TUE },
	{ "MIDCPNIFTY", 20230821, -1, MON },
	{ "MIDCPNIFTY", 20250101, -1, THU },
	{ "MIDCPNIFTY", 20250901, -1, TUE },
	{ "BANKEX", 20230515, -1, FRI },
	{ "BANKEX", 20231016, -1, MON },
	{ "BANKEX", 20250101, -1, TUE },
	{ "BANKEX", 20250901, -1, THU },
};

struct expiry {
	int32_t	 day;
	bool	 monthly;
};

/* What the helpers below share while a set is made. */
struct make {
	struct inst_set	 *set;
	const struct cal *cal;
	int32_t		  day;
	bool		  full;		/* out of memory */
};

static int
yyyymmdd(int32_t day)
{
	int y, m, d;

	clk_day_split(day, &y, &m, &d);
	return y * 10000 + m * 100 + d;
}

/* ---- expiries ---- */

static const struct rule *
rule_of(const char *name, int32_t day)
{
	const struct rule *r = NULL;
	int ymd = yyyymmdd(day);
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strcmp(rules[i].name, name) == 0 && rules[i].from <= ymd)
			r = &rules[i];
	return r;
}

/* Is day, holidays aside, the monthly expiry: the last such weekday? */
static bool
is_monthly(const char *name, int32_t day)
{
	const struct rule *r = rule_of(name, day);

	return r != NULL && clk_weekday(day) == r->monthly &&
	    yyyymmdd(day + 7) / 100 != yyyymmdd(day) / 100;
}

/* A week has one expiry: the weekly one gives way to the monthly one. */
static bool
is_weekly(const char *name, int32_t day)
{
	const struct rule *r = rule_of(name, day);
	int32_t d = day - clk_weekday(day);	/* Sunday */
	int i;

	if (r == NULL || clk_weekday(day) != r->weekly)
		return false;
	for (i = MON; i <= FRI; i++)
		if (is_monthly(name, d + i))
			return false;
	return true;
}

static int32_t
moved_back(const struct cal *cal, int32_t day)
{
	while (clk_weekday(day) == SUN || clk_weekday(day) > FRI ||
	    cal_is_holiday(cal, day))
		day--;
	return day;
}

/* The expiries of an underlying that are listed, the nearest first. */
static int
expiries(const struct make *k, const char *name, struct expiry out[NEXPIRY])
{
	int months = 0, n = 0;
	int32_t d, at;
	bool monthly;

	for (d = k->day; months < NMONTH && n < NEXPIRY && d < k->day + 200;
	    d++) {
		if (!(monthly = is_monthly(name, d)) &&
		    (n >= NWEEK || !is_weekly(name, d)))
			continue;
		if ((at = moved_back(k->cal, d)) < k->day)
			continue;
		out[n].day = at;
		out[n++].monthly = monthly;
		months += monthly;
	}
	return n;
}

/* ---- instruments ---- */

static uint32_t
token_of(uint32_t code, int segment)
{
	return code * 256 + (uint32_t)segment;
}

/* A row in the set; NULL when there is no memory or a name is too long. */
static struct inst *
add(struct make *k, const char *exchange, const char *segment,
    const char *symbol, const char *name)
{
	struct inst *i;
	int a, b, c, d;

	if (k->full || (i = inst_add(k->set)) == NULL) {
		k->full = true;
		return NULL;
	}
	memset(i, 0, sizeof(*i));
	a = snprintf(i->exchange, sizeof(i->exchange), "%s", exchange);
	b = snprintf(i->segment, sizeof(i->segment), "%s", segment);
	c = snprintf(i->tradingsymbol, sizeof(i->tradingsymbol), "%s", symbol);
	d = snprintf(i->name, sizeof(i->name), "%s", name);
	k->full = a < 0 || (size_t)a >= sizeof(i->exchange) || b < 0 ||
	    (size_t)b >= sizeof(i->segment) || c < 0 ||
	    (size_t)c >= sizeof(i->tradingsymbol) || d < 0 ||
	    (size_t)d >= sizeof(i->name);
	i->expiry = INST_NO_EXPIRY;
	return k->full ? NULL : i;
}

char *
universe_number(int64_t e7, char *out, size_t size)
{
	int n = 7;
	int64_t frac = e7 % E7;

	if (frac == 0) {
		(void)snprintf(out, size, "%lld", (long long)(e7 / E7));
		return out;
	}
	for (; frac % 10 == 0; frac /= 10)
		n--;
	(void)snprintf(out, size, "%lld.%0*lld", (long long)(e7 / E7), n,
	    (long long)frac);
	return out;
}

/* NIFTY26MAY24050CE, NIFTY2650524050CE, NIFTY26MAYFUT */
static void
contract_symbol(char *out, size_t size, const char *name,
    const struct expiry *e, const char *tail)
{
	static const char months[][4] = { "JAN", "FEB", "MAR", "APR", "MAY",
	    "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC" };
	int y, m, d;

	clk_day_split(e->day, &y, &m, &d);
	if (e->monthly)
		(void)snprintf(out, size, "%s%02d%s%s", name, y % 100,
		    months[m - 1], tail);
	else
		(void)snprintf(out, size, "%s%02d%c%02d%s", name, y % 100,
		    "123456789OND"[m - 1], d, tail);
}

/* What the contracts of one underlying have in common. */
struct chain {
	const char	*name, *exchange, *fut, *opt;
	int		 segment;
	uint32_t	 number;	/* of the index, or of the share */
	bool		 share;
	uint32_t	 lot;
	int64_t		 fut_tick_e7, middle_e7, step_e7;
};

/*
 * A contract keeps its number for its life: underlying, expiry, strike and
 * kind are in it, 23 bits, so that tokens stay below 2^31 for clients that
 * read them signed.  An index's is used again after 512 days, a share's after
 * 8 months, as real ones are.
 */
static uint32_t
contract_code(const struct chain *c, int32_t day, enum inst_kind kind,
    int64_t strike_e7)
{
	uint32_t strike = (uint32_t)(strike_e7 / c->step_e7);
	uint32_t k = kind == INST_FUT ? 0 : kind == INST_CE ? 1 : 2;

	if (c->share)
		return 7u << 20 | (c->number & 255) << 12 |
		    ((uint32_t)yyyymmdd(day) / 100 & 7) << 9 |
		    (strike & 127) << 2 | k;
	return c->number << 20 | ((uint32_t)day & 511) << 11 |
	    (strike & 511) << 2 | k;
}

static void
add_contract(struct make *k, const struct chain *c, const struct expiry *e,
    enum inst_kind kind, int64_t strike_e7)
{
	char symbol[64], tail[32], strike[24];
	struct inst *i;

	(void)snprintf(tail, sizeof(tail), "%s%s",
	    kind == INST_FUT ? "" : universe_number(strike_e7, strike, sizeof(strike)),
	    inst_kind_name(kind));
	contract_symbol(symbol, sizeof(symbol), c->name, e, tail);
	i = add(k, c->exchange, kind == INST_FUT ? c->fut : c->opt, symbol,
	    c->name);
	if (i == NULL)
		return;
	i->token = token_of(contract_code(c, e->day, kind, strike_e7),
	    c->segment);
	i->kind = kind;
	i->expiry = e->day;
	i->strike_e7 = strike_e7;
	i->tick_e7 = kind == INST_FUT ? c->fut_tick_e7 : E7 / 20;
	i->lot = c->lot;
}

static void
add_options(struct make *k, const struct chain *c, const struct expiry *e,
    int side)
{
	int64_t strike;
	int i;

	for (i = -side; i <= side; i++) {
		strike = c->middle_e7 + i * c->step_e7;
		if (strike <= 0)
			continue;
		add_contract(k, c, e, INST_CE, strike);
		add_contract(k, c, e, INST_PE, strike);
	}
}

/* A smooth 12 % a year, taken a month before the expiry, so that the strikes
 * of a contract do not depend on the day that asks. */
static int64_t
level_on(const struct under *u, int32_t day)
{
	double years = (day - 30 - LEVEL_DAY) / 365.0, x = u->level;

	for (; years >= 0.25; years -= 0.25)
		x *= 1.03;
	for (; years < 0; years += 0.25)
		x /= 1.03;
	return (int64_t)(x * (1 + 0.12 * years)) / u->step * u->step;
}

static void
add_index(struct make *k, const char *exchange, const char *symbol,
    const char *name, uint32_t code)
{
	struct inst *i = add(k, exchange, "INDICES", symbol, name);

	if (i == NULL)
		return;
	i->token = token_of(code, KITE_INDICES);
	i->kind = INST_INDEX;
}

static void
add_under(struct make *k, uint32_t n)
{
	const struct under *u = &under[n];
	bool bse = strcmp(u->exchange, "BSE") == 0;
	struct chain c = {
		.name = u->name, .exchange = u->deriv,
		.fut = bse ? "BFO-FUT" : "NFO-FUT",
		.opt = bse ? "BFO-OPT" : "NFO-OPT",
		.segment = bse ? KITE_BFO : KITE_NFO,
		.number = 1 + n, .lot = u->lot,
		.fut_tick_e7 = u->fut_tick_e7,
		.step_e7 = (int64_t)u->step * E7
	};
	struct expiry e[NEXPIRY];
	int ne, j;

	add_index(k, u->exchange, u->spot, u->spot_name, u->code);
	if (yyyymmdd(k->day) < u->from)
		return;
	ne = expiries(k, u->name, e);
	for (j = 0; j < ne; j++) {
		if (e[j].monthly)
			add_contract(k, &c, &e[j], INST_FUT, 0);
		c.middle_e7 = level_on(u, e[j].day) * E7;
		add_options(k, &c, &e[j], j < 2 ? u->side : FAR_SIDE);
	}
}

static void
add_stock_chain(struct make *k, const struct share *s, uint32_t n)
{
	static const int64_t steps[] = { 25, 50, 100, 200, 500, 1000 };
	int64_t price = s->price, step = 10;	/* step: 0.1 rupee */
	struct chain c = {
		.name = s->symbol, .exchange = "NFO", .fut = "NFO-FUT",
		.opt = "NFO-OPT", .segment = KITE_NFO, .number = n,
		.share = true, .lot = (uint32_t)(1 + 20000 / price) * 25,
		.fut_tick_e7 = E7 / 20
	};
	struct expiry e[NEXPIRY];
	size_t i;
	int ne, j;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (step * 5 < price)
			step = steps[i];
	c.step_e7 = step * (E7 / 10);
	c.middle_e7 = price * E7 / c.step_e7 * c.step_e7;
	ne = expiries(k, "", e);
	for (j = 0; j < ne; j++) {
		add_contract(k, &c, &e[j], INST_FUT, 0);
		if (j == 0)
			add_options(k, &c, &e[j], STOCK_SIDE);
	}
}

static void
add_share(struct make *k, const char *exchange, const char *symbol,
    const struct share *s)
{
	bool bse = strcmp(exchange, "BSE") == 0;
	struct inst *i = add(k, exchange, exchange, symbol, s->name);

	if (i == NULL)
		return;
	i->token = bse ? token_of(s->bse, KITE_BSE) : token_of(s->nse, KITE_NSE);
	i->kind = INST_EQ;
	i->tick_e7 = bse ? E7 / 20 : s->price < 250 ? E7 / 100 :
	    s->price < 1000 ? E7 / 20 : s->price < 5000 ? E7 / 10 : E7 / 2;
	i->lot = 1;
}

static void
add_shares(struct make *k)
{
	char listed[48];
	struct share s;
	uint32_t n;

	for (n = 0; n < SHARES; n++) {
		share_get(n, &s);
		(void)snprintf(listed, sizeof(listed), "%s%s", s.symbol,
		    s.be ? "-BE" : "");
		add_share(k, "NSE", listed, &s);
		if (s.bse != 0)
			add_share(k, "BSE", s.symbol, &s);
		if (n < SHARES_OPTIONED)
			add_stock_chain(k, &s, n);
	}
}

int
universe_make(struct inst_set *set, const struct cal *cal, int32_t day,
    struct fault *f)
{
	struct make k = { .set = set, .cal = cal, .day = day };
	uint32_t n;

	for (n = 0; n < NUNDER; n++)
		add_under(&k, n);
	for (n = 0; n < sizeof(index_only) / sizeof(index_only[0]); n++)
		add_index(&k, index_only[n].exchange, index_only[n].symbol,
		    index_only[n].symbol, index_only[n].code);
	add_shares(&k);
	if (k.full) {
		inst_free(set);
		return fault_set(f, EX_TEMPFAIL, "the made-up market: out of "
		    "memory");
	}
	inst_sort(set);
	return 0;
}

const char *
universe_under(const char *index)
{
	size_t n;

	for (n = 0; n < NUNDER; n++)
		if (strcmp(under[n].spot, index) == 0)
			return under[n].name;
	return NULL;
}

