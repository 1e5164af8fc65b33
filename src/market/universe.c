#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "kite.h"
#include "num.h"
#include "universe.h"

/*
 * Shares that everybody knows.  code: NSE's number where it is a well-known
 * one, 0: one is made up.
 */
struct share {
	const char	*symbol, *name, *industry;
	uint32_t	 code;
};

static const struct share known[] = {
	{ "360ONE", "360 ONE WAM", "Financial Services", 0 },
	{ "3MINDIA", "3M INDIA", "Diversified", 0 },
	{ "ABB", "ABB INDIA", "Capital Goods", 0 },
	{ "ACC", "ACC", "Construction Materials", 22 },
	{ "ADANIENT", "ADANI ENTERPRISES", "Metals & Mining", 25 },
	{ "ADANIPORTS", "ADANI PORTS AND SPECIAL ECONOMIC ZONE", "Services", 0 },
	{ "APOLLOHOSP", "APOLLO HOSPITALS ENTERPRISE", "Healthcare", 0 },
	{ "ARE&M", "AMARA RAJA ENERGY & MOBILITY",
	    "Automobile and Auto Components", 100 },
	{ "ASIANPAINT", "ASIAN PAINTS", "Consumer Durables", 0 },
	{ "AXISBANK", "AXIS BANK", "Financial Services", 0 },
	{ "BAJAJ-AUTO", "BAJAJ AUTO", "Automobile and Auto Components", 16669 },
	{ "BAJAJFINSV", "BAJAJ FINSERV", "Financial Services", 0 },
	{ "BAJFINANCE", "BAJAJ FINANCE", "Financial Services", 0 },
	{ "BEL", "BHARAT ELECTRONICS", "Capital Goods", 0 },
	{ "BHARTIARTL", "BHARTI AIRTEL", "Telecommunication", 0 },
	{ "BPCL", "BHARAT PETROLEUM CORPORATION", "Oil Gas & Consumable Fuels",
	    0 },
	{ "BRITANNIA", "BRITANNIA INDUSTRIES", "Fast Moving Consumer Goods", 0 },
	{ "CIPLA", "CIPLA", "Healthcare", 0 },
	{ "COALINDIA", "COAL INDIA", "Oil Gas & Consumable Fuels", 0 },
	{ "DRREDDY", "DR. REDDY'S LABORATORIES", "Healthcare", 0 },
	{ "EICHERMOT", "EICHER MOTORS", "Automobile and Auto Components", 0 },
	{ "GRASIM", "GRASIM INDUSTRIES", "Construction Materials", 0 },
	{ "GVT&D", "GE VERNOVA T&D INDIA", "Capital Goods", 0 },
	{ "HCLTECH", "HCL TECHNOLOGIES", "Information Technology", 0 },
	{ "HDFCBANK", "HDFC BANK", "Financial Services", 1333 },
	{ "HDFCLIFE", "HDFC LIFE INSURANCE COMPANY", "Financial Services", 0 },
	{ "HEROMOTOCO", "HERO MOTOCORP", "Automobile and Auto Components", 0 },
	{ "HINDALCO", "HINDALCO INDUSTRIES", "Metals & Mining", 0 },
	{ "HINDUNILVR", "HINDUSTAN UNILEVER", "Fast Moving Consumer Goods", 0 },
	{ "ICICIBANK", "ICICI BANK", "Financial Services", 4963 },
	{ "INDUSINDBK", "INDUSIND BANK", "Financial Services", 0 },
	{ "INFY", "INFOSYS", "Information Technology", 1594 },
	{ "ITC", "ITC", "Fast Moving Consumer Goods", 0 },
	{ "J&KBANK", "JAMMU & KASHMIR BANK", "Financial Services", 0 },
	{ "JSWSTEEL", "JSW STEEL", "Metals & Mining", 0 },
	{ "KOTAKBANK", "KOTAK MAHINDRA BANK", "Financial Services", 0 },
	{ "LT", "LARSEN & TOUBRO", "Construction", 0 },
	{ "M&M", "MAHINDRA & MAHINDRA", "Automobile and Auto Components", 2031 },
	{ "M&MFIN", "MAHINDRA & MAHINDRA FINANCIAL SERVICES",
	    "Financial Services", 0 },
	{ "MARUTI", "MARUTI SUZUKI INDIA", "Automobile and Auto Components", 0 },
	{ "MCDOWELL-N", "UNITED SPIRITS", "Fast Moving Consumer Goods", 0 },
	{ "NAM-INDIA", "NIPPON LIFE INDIA ASSET MANAGEMENT",
	    "Financial Services", 0 },
	{ "NESTLEIND", "NESTLE INDIA", "Fast Moving Consumer Goods", 0 },
	{ "NTPC", "NTPC", "Power", 0 },
	{ "ONGC", "OIL & NATURAL GAS CORPORATION",
	    "Oil Gas & Consumable Fuels", 0 },
	{ "POWERGRID", "POWER GRID CORPORATION OF INDIA", "Power", 0 },
	{ "RELIANCE", "RELIANCE INDUSTRIES", "Oil Gas & Consumable Fuels",
	    2885 },
	{ "SBILIFE", "SBI LIFE INSURANCE COMPANY", "Financial Services", 0 },
	{ "SBIN", "STATE BANK OF INDIA", "Financial Services", 3045 },
	{ "SUNPHARMA", "SUN PHARMACEUTICAL INDUSTRIES", "Healthcare", 0 },
	{ "TATACONSUM", "TATA CONSUMER PRODUCTS", "Fast Moving Consumer Goods",
	    0 },
	{ "TATASTEEL", "TATA STEEL", "Metals & Mining", 0 },
	{ "TCS", "TATA CONSULTANCY SERVICES", "Information Technology", 11536 },
	{ "TECHM", "TECH MAHINDRA", "Information Technology", 0 },
	{ "TITAN", "TITAN COMPANY", "Consumer Durables", 0 },
	{ "TRENT", "TRENT", "Consumer Services", 0 },
	{ "ULTRACEMCO", "ULTRATECH CEMENT", "Construction Materials", 0 },
	{ "WIPRO", "WIPRO", "Information Technology", 0 },
};

/* All others are a place and a trade. */
static const char *const place[] = {
	"KAVERI", "GODAVARI", "NARMADA", "TAPTI", "SABARI", "VINDHYA",
	"ARAVALI", "NILGIRI", "SAHYADRI", "SURYA", "CHANDRA", "AGNI", "VAYU",
	"INDRA", "MERU", "KONARK", "AJANTA", "ELLORA", "HAMPI", "MALWA",
	"KUTCH", "KONKAN", "DECCAN", "MARWAR",
};

static const struct trade {
	const char	*symbol, *name, *industry;
} trade[] = {
	{ "CHEM", "CHEMICALS", "Chemicals" },
	{ "STEEL", "STEEL", "Metals & Mining" },
	{ "PHARM", "PHARMACEUTICALS", "Healthcare" },
	{ "INFRA", "INFRASTRUCTURE", "Construction" },
	{ "FIN", "FINANCE", "Financial Services" },
	{ "TEX", "TEXTILES", "Textiles" },
	{ "AUTO", "AUTO PARTS", "Automobile and Auto Components" },
	{ "CEM", "CEMENT", "Construction Materials" },
	{ "POWER", "POWER", "Power" },
	{ "FOOD", "FOODS", "Fast Moving Consumer Goods" },
	{ "TECH", "TECHNOLOGIES", "Information Technology" },
	{ "PAPER", "PAPER MILLS", "Forest Materials" },
	{ "AGRO", "AGRO", "Chemicals" },
	{ "TYRE", "TYRES", "Automobile and Auto Components" },
	{ "SHIP", "SHIPPING", "Services" },
	{ "GAS", "GAS", "Oil Gas & Consumable Fuels" },
	{ "HOTEL", "HOTELS", "Consumer Services" },
	{ "MEDIA", "MEDIA", "Media Entertainment & Publication" },
	{ "PORT", "PORTS", "Services" },
	{ "BANK", "BANK", "Financial Services" },
};

static const char *const fund[][2] = {
	{ "BANKBEES", "NIPPON INDIA ETF BANK BEES" },
	{ "GOLDBEES", "NIPPON INDIA ETF GOLD BEES" },
	{ "LIQUIDBEES", "NIPPON INDIA ETF LIQUID BEES" },
	{ "NIFTYBEES", "NIPPON INDIA ETF NIFTY 50 BEES" },
};

enum {
	NKNOWN = sizeof(known) / sizeof(known[0]),
	NPLACE = sizeof(place) / sizeof(place[0]),
	NTRADE = sizeof(trade) / sizeof(trade[0]),
	NFUND = sizeof(fund) / sizeof(fund[0]),
	NSHARE = 526,		/* <= NKNOWN + NPLACE * NTRADE */
	NOPTION = 200,		/* of these have futures and options */
	BE_SHARE = 301,		/* is in series BE */
	COMMA_SHARE = 251,	/* has a comma in its name */
	LIST_MAX = 500,		/* rows of the exchange's list */
	STOCK_SIDE = 2,		/* strikes above the middle, and below */
	FAR_SIDE = 20,		/* the same from the third expiry on */
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
 * from is not later holds.  weekly -1: monthly ones only.  Sources: circulars
 * of NSE and BSE as reported when they were announced.
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

/* FNV-1a: the same on every machine. */
static uint32_t
hash(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	return h;
}

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

/* 1e-7 units as Kite writes them: no trailing zeros, no ".0". */
static char *
number(int64_t e7, char *out, size_t size)
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
	    kind == INST_FUT ? "" : number(strike_e7, strike, sizeof(strike)),
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

/* 30 to 5500 rupees, as many of the cheap as of the dear. */
static int64_t
share_price(const char *symbol)
{
	uint32_t h = hash(symbol) % 40;
	int64_t price = 30;

	for (; h > 0; h--)
		price += price / 7;
	return price;
}

static void
add_stock_chain(struct make *k, const char *symbol, uint32_t n)
{
	static const int64_t steps[] = { 25, 50, 100, 200, 500, 1000 };
	int64_t price = share_price(symbol), step = 10;	/* 0.1 rupee */
	struct chain c = {
		.name = symbol, .exchange = "NFO", .fut = "NFO-FUT",
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

/* The n-th share on one exchange. */
static void
add_share(struct make *k, const char *exchange, const char *symbol,
    const char *name, uint32_t code)
{
	bool bse = strcmp(exchange, "BSE") == 0;
	int64_t price = share_price(symbol);
	struct inst *i = add(k, exchange, exchange, symbol, name);

	if (i == NULL)
		return;
	i->token = token_of(code, bse ? KITE_BSE : KITE_NSE);
	i->kind = INST_EQ;
	i->tick_e7 = bse ? E7 / 20 : price < 250 ? E7 / 100 :
	    price < 1000 ? E7 / 20 : price < 5000 ? E7 / 10 : E7 / 2;
	i->lot = 1;
}

static void
add_shares(struct make *k)
{
	char symbol[32], listed[40], name[64];
	const struct trade *t;
	uint32_t n, j, code;

	for (n = 0; n < NSHARE; n++) {
		code = 20001 + n;
		if (n < NKNOWN) {
			(void)snprintf(symbol, sizeof(symbol), "%s",
			    known[n].symbol);
			(void)snprintf(name, sizeof(name), "%s", known[n].name);
			if (known[n].code != 0)
				code = known[n].code;
		} else {
			j = n - NKNOWN;
			t = &trade[j / NPLACE];
			(void)snprintf(symbol, sizeof(symbol), "%s%s",
			    place[j % NPLACE], t->symbol);
			(void)snprintf(name, sizeof(name), "%s %s%s",
			    place[j % NPLACE], t->name,
			    n == COMMA_SHARE ? ", SURAT" : "");
		}
		(void)snprintf(listed, sizeof(listed), "%s%s", symbol,
		    n == BE_SHARE ? "-BE" : "");
		add_share(k, "NSE", listed, name, code);
		add_share(k, "BSE", symbol, name, 500001 + n);
		if (n < NOPTION)
			add_stock_chain(k, symbol, n);
	}
	for (n = 0; n < NFUND; n++)
		add_share(k, "NSE", fund[n][0], fund[n][1], 10001 + n);
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

/* ---- as CSV ---- */

/* The text in double quotes, those inside doubled. */
static int
add_quoted(struct buf *b, const char *s)
{
	const char *q;

	if (buf_adds(b, "\"") != 0)
		return -1;
	while ((q = strchr(s, '"')) != NULL) {
		if (buf_add(b, s, (size_t)(q - s)) != 0 ||
		    buf_adds(b, "\"\"") != 0)
			return -1;
		s = q + 1;
	}
	return buf_adds(b, s) != 0 || buf_adds(b, "\"") != 0 ? -1 : 0;
}

static int
add_dump_row(struct buf *b, const struct inst *i)
{
	char expiry[CLK_DAY] = "", strike[24], tick[24];
	const char *type = inst_kind_name(i->kind);

	if (i->expiry != INST_NO_EXPIRY)
		(void)clk_day_to(i->expiry, expiry);
	if (i->kind == INST_INDEX)
		type = "EQ";
	if (buf_addf(b, "%u,%u,%s,", i->token, i->token >> 8,
	    i->tradingsymbol) != 0 ||
	    (i->name[0] != '\0' && add_quoted(b, i->name) != 0))
		return -1;
	return buf_addf(b, ",0,%s,%s,%s,%u,%s,%s,%s\n", expiry,
	    number(i->strike_e7, strike, sizeof(strike)),
	    number(i->tick_e7, tick, sizeof(tick)), i->lot, type, i->segment,
	    i->exchange);
}

int
universe_dump(struct buf *b, const struct inst_set *set, const char *exchange)
{
	size_t n;

	for (n = 0; n < INST_DUMP_COLS; n++)
		if (buf_addf(b, "%s%s", n == 0 ? "" : ",",
		    inst_dump_cols[n]) != 0)
			return -1;
	if (buf_adds(b, "\n") != 0)
		return -1;
	for (n = 0; n < set->n; n++)
		if ((exchange == NULL ||
		    strcmp(set->v[n].exchange, exchange) == 0) &&
		    add_dump_row(b, &set->v[n]) != 0)
			return -1;
	return 0;
}

/* Does s end in tail? */
static bool
ends(const char *s, const char *tail)
{
	size_t n = strlen(s), m = strlen(tail);

	return n >= m && strcmp(s + n - m, tail) == 0;
}

static const char *
industry_of(const char *symbol)
{
	size_t n;

	for (n = 0; n < NKNOWN; n++)
		if (strcmp(known[n].symbol, symbol) == 0)
			return known[n].industry;
	for (n = 0; n < NTRADE; n++)
		if (ends(symbol, trade[n].symbol))
			return trade[n].industry;
	return trade[hash(symbol) % NTRADE].industry;
}

/* INE, five characters, 01, two digits and the check digit of ISO 6166: Luhn's
 * over the digits with A = 10 .. Z = 35. */
static void
isin_of(const char *symbol, char out[13])
{
	uint32_t h = hash(symbol);
	char digits[32];
	int i, n = 0, v, sum = 0;

	(void)snprintf(out, 13, "INE%03u%c01%03u", h % 1000,
	    'A' + (int)(h / 1000 % 26), h / 26000 % 1000);
	out[11] = '\0';
	for (i = 0; i < 11; i++) {
		v = out[i] <= '9' ? out[i] - '0' : out[i] - 'A' + 10;
		if (v > 9)
			digits[n++] = (char)(v / 10);
		digits[n++] = (char)(v % 10);
	}
	for (i = 0; i < n; i++) {
		v = digits[n - 1 - i] * (i % 2 == 0 ? 2 : 1);
		sum += v / 10 + v % 10;
	}
	out[11] = (char)('0' + (10 - sum % 10) % 10);
	out[12] = '\0';
}

/* "MAHINDRA & MAHINDRA" as the exchange writes it: Mahindra & Mahindra Ltd. */
static int
add_company(struct buf *b, const struct inst *i)
{
	char name[80];
	size_t n;
	bool word = false;

	(void)snprintf(name, sizeof(name), "%s Ltd.", i->name);
	for (n = 0; name[n] != '\0'; n++) {
		if (word && name[n] >= 'A' && name[n] <= 'Z')
			name[n] = (char)(name[n] - 'A' + 'a');
		word = (name[n] >= 'A' && name[n] <= 'Z') ||
		    (name[n] >= 'a' && name[n] <= 'z');
	}
	if (strchr(name, ',') != NULL || strchr(name, '"') != NULL)
		return add_quoted(b, name);
	return buf_adds(b, name);
}

static int
add_list_row(struct buf *b, const struct inst *i)
{
	bool be = ends(i->tradingsymbol, "-BE");
	char symbol[64], isin[13];

	(void)snprintf(symbol, sizeof(symbol), "%.*s",
	    (int)(strlen(i->tradingsymbol) - (be ? 3 : 0)), i->tradingsymbol);
	isin_of(symbol, isin);
	if (add_company(b, i) != 0)
		return -1;
	return buf_addf(b, ",%s,%s,%s,%s\n", industry_of(symbol), symbol,
	    be ? "BE" : "EQ", isin);
}

/* A share of a company, as far as the dump lets one see: no fund, no bond, no
 * other series than EQ and BE. */
static bool
is_company(const struct inst *i)
{
	const char *dash = strrchr(i->tradingsymbol, '-');
	size_t n;

	if (i->kind != INST_EQ || strcmp(i->segment, "NSE") != 0 ||
	    i->name[0] == '\0' || i->lot != 1 || strstr(i->name, "ETF") ||
	    strstr(i->name, "GOLD BOND") || ends(i->tradingsymbol, "BEES"))
		return false;
	if (dash == NULL || strcmp(dash, "-BE") == 0)
		return true;
	for (n = 0; n < NKNOWN; n++)
		if (strcmp(known[n].symbol, i->tradingsymbol) == 0)
			return true;
	return false;
}

static int
by_symbol(const void *a, const void *b)
{
	const struct inst *const *x = a, *const *y = b;

	return strcmp((*x)->tradingsymbol, (*y)->tradingsymbol);
}

static int
by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/*
 * Those with options come first, as large companies do, but not every one of
 * them: some with options are not in the real list either, and whoever merges
 * the two must have something to merge.  Gives how many are in pick.
 */
static size_t
choose(const struct inst_set *set, const char **optioned, size_t noption,
    const struct inst **pick)
{
	const struct inst *i;
	size_t n, npick = 0, seen = 0;
	const char *s;
	bool has, want;
	int pass;

	for (pass = 0; pass < 2; pass++)
		for (n = 0; n < set->n && npick < LIST_MAX; n++) {
			i = &set->v[n];
			if (!is_company(i))
				continue;
			s = i->tradingsymbol;
			has = noption > 0 && bsearch(&s, optioned, noption,
			    sizeof(*optioned), by_name) != NULL;
			want = has ? pass == 0 && ++seen % 20 != 0 : pass == 1;
			if (want)
				pick[npick++] = i;
		}
	return npick;
}

int
universe_nifty500(struct buf *b, const struct inst_set *set)
{
	const struct inst *pick[LIST_MAX];
	const char **optioned;
	size_t n, m = 0;
	int rc = -1;

	if ((optioned = malloc((set->n + 1) * sizeof(*optioned))) == NULL)
		return -1;
	for (n = 0; n < set->n; n++)
		if (strcmp(set->v[n].segment, "NFO-OPT") == 0)
			optioned[m++] = set->v[n].name;
	if (m > 0)
		qsort(optioned, m, sizeof(*optioned), by_name);
	m = choose(set, optioned, m, pick);
	qsort(pick, m, sizeof(pick[0]), by_symbol);
	if (buf_adds(b, "Company Name,Industry,Symbol,Series,ISIN Code\n") != 0)
		goto out;
	for (n = 0; n < m; n++)
		if (add_list_row(b, pick[n]) != 0)
			goto out;
	rc = 0;
out:
	free(optioned);
	return rc;
}
