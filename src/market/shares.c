#include <stdio.h>
#include <string.h>

#include "shares.h"

/*
 * Shares that everybody knows.  code: NSE's number where it is a well-known
 * one, 0: one is made up.
 */
struct known {
	const char	*symbol, *name, *industry;
	uint32_t	 code;
};

static const struct known known[] = {
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
	FIRST_FUND = SHARES - NFUND,	/* <= NKNOWN + NPLACE * NTRADE */
	BE_SHARE = 301,			/* is in series BE */
	COMMA_SHARE = 251		/* has a comma in its name */
};

/* FNV-1a. */
uint32_t
share_hash(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	return h;
}

/* 30 to 5500 rupees, as many of the cheap as of the dear. */
static int64_t
share_price(const char *symbol)
{
	uint32_t h = share_hash(symbol) % 40;
	int64_t price = 30;

	for (; h > 0; h--)
		price += price / 7;
	return price;
}

/* Symbol and name of share n, if they fit; they do. */
static void
set_text(struct share *s, const char *symbol, const char *tail,
    const char *name, const char *rest)
{
	(void)snprintf(s->symbol, sizeof(s->symbol), "%s%s", symbol, tail);
	(void)snprintf(s->name, sizeof(s->name), "%s%s%s", name,
	    *rest != '\0' ? " " : "", rest);
}

void
share_get(uint32_t n, struct share *s)
{
	uint32_t other = n - NKNOWN;

	memset(s, 0, sizeof(*s));
	s->nse = 20001 + n;
	s->bse = 500001 + n;
	if (n < NKNOWN) {
		set_text(s, known[n].symbol, "", known[n].name, "");
		if (known[n].code != 0)
			s->nse = known[n].code;
	} else if (n < FIRST_FUND) {
		set_text(s, place[other % NPLACE], trade[other / NPLACE].symbol,
		    place[other % NPLACE], n == COMMA_SHARE ? "POWER, SURAT" :
		    trade[other / NPLACE].name);
	} else {
		set_text(s, fund[n - FIRST_FUND][0], "",
		    fund[n - FIRST_FUND][1], "");
		s->bse = 0;
	}
	s->be = n == BE_SHARE;
	s->price = share_price(s->symbol);
}

bool
share_known(const char *symbol)
{
	size_t n;

	for (n = 0; n < NKNOWN; n++)
		if (strcmp(known[n].symbol, symbol) == 0)
			return true;
	return false;
}

/* Does s end in tail? */
static bool
ends(const char *s, const char *tail)
{
	size_t n = strlen(s), m = strlen(tail);

	return n >= m && strcmp(s + n - m, tail) == 0;
}

const char *
share_industry(const char *symbol)
{
	size_t n;

	for (n = 0; n < NKNOWN; n++)
		if (strcmp(known[n].symbol, symbol) == 0)
			return known[n].industry;
	for (n = 0; n < NTRADE; n++)
		if (ends(symbol, trade[n].symbol))
			return trade[n].industry;
	return trade[share_hash(symbol) % NTRADE].industry;
}
