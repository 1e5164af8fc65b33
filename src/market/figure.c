#include <math.h>
#include <string.h>

#include "figure.h"

/* An exchange time that is older than a day is none; nor is one that has not
 * come yet but for what clocks differ: the newest of all says which expiries are
 * over, and one from tomorrow would end them all. */
#define OLDEST_US	(86400 * INT64_C(1000000))
#define AHEAD_US	(300 * INT64_C(1000000))

int64_t
figure_event(const struct quote *q)
{
	int64_t off = q->exch_us - q->seen_us;

	if (q->seen_us == 0)
		return q->exch_us;
	if (q->exch_us == 0 || off > AHEAD_US || off < -OLDEST_US)
		return q->seen_us;
	return q->exch_us;
}

static struct black_option
option(enum black_type type, const struct figure_at *at, double rate,
    double years)
{
	return (struct black_option){ .type = type,
	    .forward = at->forward.value, .strike = at->strike,
	    .years = years, .rate = rate };
}

/* Event, time to expiry and price; false when no volatility can be had. */
static bool
begin(struct figure *f, const struct figure_leg *leg,
    const struct figure_at *at, const struct figure_rules *rules)
{
	f->event_us = figure_event(leg->q);
	if (at->forward.exch_us > f->event_us)
		f->event_us = at->forward.exch_us;
	f->price = quote_price(leg->q, leg->tick_e7, &rules->quote, &at->now);
	f->iv_status = quote_why_name(f->price.why);
	if (at->close_us == FIGURE_NO_TIME) {
		f->iv_status = f->status = "NO_EXPIRY";
		return false;
	}
	f->years = (double)(at->close_us - f->event_us) /
	    (double)FIGURE_YEAR_US;
	if (f->years <= 0) {
		f->iv_status = f->status = black_status_name(BLACK_EXPIRED);
		return false;
	}
	if (at->forward.src == FORWARD_NONE) {
		f->iv_status = f->status = black_status_name(BLACK_NO_FORWARD);
		return false;
	}
	return true;
}

/* The volatility of its own price, and the greeks at it. */
static void
own(struct figure *f, const struct black_option *o)
{
	enum black_status rc;
	struct black_iv iv;

	if (f->price.src == QUOTE_NONE)
		return;
	/* no guess: the last bits must not depend on what was before */
	rc = black_iv(o, f->price.price, 0, &iv);
	f->iv_status = black_status_name(rc);
	if (rc != BLACK_OK && rc != BLACK_INDETERMINATE)
		return;
	f->iv = iv.sigma;
	if (black_greeks(o, f->iv, &f->greeks) != BLACK_OK)
		return;
	f->sigma = f->iv;
	if (f->greeks.vega > 0 && isfinite(f->price.half / f->greeks.vega))
		f->iv_unc = f->price.half / f->greeks.vega;
}

/* Is it sure of itself? */
static bool
good(const struct figure *f, const struct figure_rules *rules)
{
	return f->iv > 0 && strcmp(f->iv_status, "OK") == 0 &&
	    !(f->iv_unc > rules->unc_part * f->iv * 100);
}

/* In the money, or at it: then the other one is not. */
static bool
needs_sibling(const struct figure *f, const struct black_option *o,
    const struct figure_rules *rules)
{
	return o->type * (o->forward - o->strike) >= 0 && !good(f, rules);
}

static void
ask_sibling(struct figure *f, const struct figure *other,
    const struct black_option *o, const struct figure_rules *rules)
{
	struct black_greeks g;

	if (needs_sibling(f, o, rules) && good(other, rules) &&
	    black_greeks(o, other->iv, &g) == BLACK_OK) {
		f->greeks = g;
		f->sigma = other->iv;
		f->sibling = true;
	}
	f->status = f->sibling ? "OK" : f->iv_status;
}

void
figure_make(struct figure out[FIGURE_LEGS],
    const struct figure_leg leg[FIGURE_LEGS], const struct figure_at *at,
    const struct figure_rules *rules, int which)
{
	static const enum black_type type[] = { BLACK_CALL, BLACK_PUT };
	struct black_option o[FIGURE_LEGS];
	bool live[FIGURE_LEGS] = { false };

	/* the wanted one first */
	for (int k = 0; k < FIGURE_LEGS; k++) {
		int i = which == FIGURE_PUT ? !k : k;

		out[i] = (struct figure){ .status = "", .iv_status = "",
		    .years = NAN, .price = { .price = NAN, .half = NAN },
		    .iv = NAN, .iv_unc = NAN, .sigma = NAN };
		if (k == 1 && which >= 0 && (!live[which] ||
		    !needs_sibling(&out[which], &o[which], rules)))
			continue;
		if (leg[i].q == NULL || !begin(&out[i], &leg[i], at, rules))
			continue;
		o[i] = option(type[i], at, rules->rate, out[i].years);
		own(&out[i], &o[i]);
		live[i] = true;
	}
	for (int i = 0; i < FIGURE_LEGS; i++)
		if (live[i])
			ask_sibling(&out[i], &out[!i], &o[i], rules);
}
