/*
 * chaintest - what the tests of chains share: a small market made by hand
 */
#ifndef CHAINTEST_H
#define CHAINTEST_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cal.h"
#include "chain.h"
#include "clk.h"
#include "num.h"

#define S		INT64_C(1000000)
#define E7_OF(rupees)	((int64_t)llround((rupees) * 1e7))

static const struct index_def nifty = { .underlying = "NIFTY",
    .spot = "NIFTY 50", .spot_exchange = "NSE", .future_segment = "NFO-FUT",
    .option_segment = "NFO-OPT", .to = INT32_MAX };
static const struct index_def sensex = { .underlying = "SENSEX",
    .spot = "SENSEX", .spot_exchange = "BSE", .future_segment = "BFO-FUT",
    .option_segment = "BFO-OPT", .to = INT32_MAX };

static const struct chain_rules plain_rules = {
	.figure = { .quote = { 10 * S, 5 * S, 0.1, 2, false },
	    .rate = 0, .unc_part = 0.25 },
	.carry = NAN, .window = 2
};

static inline int64_t
at_ist(const char *s)
{
	int64_t us = 0;

	if (clk_from_ist(s, &us) != 0)
		abort();
	return us;
}

static inline int32_t
day_of(const char *s)
{
	int32_t day = 0;

	if (clk_day_from(s, &day) != 0)
		abort();
	return day;
}

/* expiry "" for an index; its tradingsymbol is name then. */
static inline struct inst *
add_inst(struct inst_set *set, uint32_t token, enum inst_kind kind,
    const char *name, const char *exchange, const char *expiry, double strike)
{
	struct inst *i = inst_add(set);

	if (i == NULL)
		abort();
	memset(i, 0, sizeof(*i));
	i->token = token;
	i->kind = kind;
	i->tick_e7 = 500000;
	i->expiry = *expiry != '\0' ? day_of(expiry) : INST_NO_EXPIRY;
	i->strike_e7 = E7_OF(strike);
	snprintf(i->exchange, sizeof(i->exchange), "%s", exchange);
	snprintf(i->name, sizeof(i->name), "%.40s", name);
	snprintf(i->segment, sizeof(i->segment), "%s-%s", exchange,
	    kind == INST_FUT ? "FUT" : "OPT");
	if (kind == INST_INDEX) {
		snprintf(i->tradingsymbol, sizeof(i->tradingsymbol), "%.40s",
		    name);
		snprintf(i->segment, sizeof(i->segment), "INDICES");
	} else
		snprintf(i->tradingsymbol, sizeof(i->tradingsymbol),
		    "%.40s%u", name, (unsigned)token);
	inst_make_symbol(i);
	return i;
}

static inline void
load_cal(struct cal *cal)
{
	const char *src = getenv("SRC");
	char path[4096];
	struct fault f;

	memset(cal, 0, sizeof(*cal));
	snprintf(path, sizeof(path), "%s/lookup/sessions.tsv",
	    src != NULL ? src : ".");
	if (cal_sessions(cal, path, &f) != 0)
		abort();
}

#endif
