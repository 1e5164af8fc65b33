#include <string.h>

#include "chainday.h"
#include "clk.h"
#include "days.h"

static void
take_rules(struct chain_rules *r, const struct conf *c)
{
	struct quote_rules *q = &r->figure.quote;

	q->quote_age_us = (int64_t)(conf_real(c, "ivQuoteAgeSeconds") *
	    (double)US_PER_SEC);
	q->trade_age_us = (int64_t)(conf_real(c, "ivTradeAgeSeconds") *
	    (double)US_PER_SEC);
	q->spread_part = conf_real(c, "ivSpreadPercent") / 100;
	q->spread_ticks = conf_int(c, "ivSpreadTicks");
	q->ltp_only = strcmp(conf_str(c, "ivPrice"), "ltp") == 0;
	r->figure.rate = conf_real(c, "ivRate");
	r->figure.unc_part = conf_real(c, "ivUncertaintyPercent") / 100;
	r->carry = conf_real(c, "ivCarry");
	r->window = (size_t)conf_int(c, "atmWindow");
	r->all = strcmp(conf_str(c, "castSymbols"), "all") == 0;
}

int
chainday_load(struct chainday *d, const struct conf *c, const char *day,
    struct fault *f)
{
	int32_t dayno;

	chains_free(&d->chains);
	underlyings_free(&d->under);
	cal_free(&d->cal);
	if (clk_day_from(day, &dayno) != 0)
		return fault_set(f, EX_USAGE, "%s: no day", day);
	take_rules(&d->rules, c);
	if (dayinst_load(&d->inst, c, day, f) != 0 ||
	    underlyings_load(&d->under, c, dayno, f) != 0 ||
	    days_sessions(&d->cal, c, f) != 0 ||
	    chains_make(&d->chains, &d->inst.set, d->under.def, d->under.n,
	    &d->cal, f) != 0)
		return -1;
	return d->rest ? chains_rest(&d->chains, &d->inst.set, f) : 0;
}

void
chainday_free(struct chainday *d)
{
	chains_free(&d->chains);
	underlyings_free(&d->under);
	cal_free(&d->cal);
	dayinst_free(&d->inst);
}
