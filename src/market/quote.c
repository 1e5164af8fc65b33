#include <math.h>

#include "num.h"
#include "quote.h"

enum { SLACK_US = 1000000 };	/* exchange times are whole seconds */

void
quote_init(struct quote *q)
{
	*q = (struct quote){ .volume = QUOTE_UNKNOWN, .oi = QUOTE_UNKNOWN };
}

bool
quote_two_sided(const struct quote *q)
{
	return q->bid_e7 > 0 && q->ask_e7 > q->bid_e7;
}

bool
quote_fresh(const struct quote *q, int64_t age_us, int64_t now_us)
{
	return q->seen_us > 0 && now_us - q->seen_us <= age_us;
}

double
quote_mid(const struct quote *q)
{
	return (double)(q->bid_e7 + q->ask_e7) / (2.0 * E7);
}

enum quote_why
quote_mid_why(const struct quote *q, int64_t tick_e7,
    const struct quote_rules *rules, int64_t now_us)
{
	int64_t spread = q->ask_e7 - q->bid_e7;

	if (!quote_fresh(q, rules->quote_age_us, now_us))
		return QUOTE_STALE;
	if (q->bid_e7 <= 0 || q->ask_e7 <= 0)
		return QUOTE_ONE_SIDED;
	if (spread <= 0)
		return QUOTE_CROSSED;
	if (spread > rules->spread_ticks * tick_e7 &&
	    (double)spread > rules->spread_part * quote_mid(q) * E7)
		return QUOTE_WIDE;
	return QUOTE_OK;
}

static bool
just_traded(const struct quote *q, const struct quote_rules *rules,
    const struct quote_now *now)
{
	return q->trade_us > 0 && q->trade_us <= now->exch_us + SLACK_US &&
	    now->exch_us - q->trade_us <= rules->trade_age_us;
}

/* The last price, inside of a quote that is there. */
static int64_t
clamped(const struct quote *q)
{
	if (!quote_two_sided(q))
		return q->ltp_e7;
	if (q->ltp_e7 < q->bid_e7)
		return q->bid_e7;
	return q->ltp_e7 > q->ask_e7 ? q->ask_e7 : q->ltp_e7;
}

struct quote_price
quote_price(const struct quote *q, int64_t tick_e7,
    const struct quote_rules *rules, const struct quote_now *now)
{
	struct quote_price p = { .half = NAN, .price = NAN };

	if (quote_two_sided(q))
		p.half = (double)(q->ask_e7 - q->bid_e7) / (2.0 * E7);
	if (rules->ltp_only) {
		p.why = q->ltp_e7 > 0 ? QUOTE_OK : QUOTE_NO_PRICE;
		if (p.why != QUOTE_OK)
			return p;
		p.src = QUOTE_LTP;
		p.price = (double)q->ltp_e7 / E7;
		return p;
	}
	p.why = quote_mid_why(q, tick_e7, rules, now->us);
	if (p.why == QUOTE_OK) {
		p.src = QUOTE_MID;
		p.price = quote_mid(q);
	} else if (q->ltp_e7 > 0 && just_traded(q, rules, now)) {
		p.why = QUOTE_OK;
		p.src = QUOTE_LTP;
		p.price = (double)clamped(q) / E7;
	}
	return p;
}

const char *
quote_src_name(enum quote_src s)
{
	return s == QUOTE_MID ? "MID" : s == QUOTE_LTP ? "LTP" : "";
}

const char *
quote_why_name(enum quote_why w)
{
	static const char *const name[] = {
		[QUOTE_OK] = "OK",
		[QUOTE_STALE] = "STALE",
		[QUOTE_ONE_SIDED] = "ONE_SIDED",
		[QUOTE_CROSSED] = "CROSSED",
		[QUOTE_WIDE] = "WIDE",
		[QUOTE_NO_PRICE] = "NO_PRICE",
	};

	return name[w];
}
