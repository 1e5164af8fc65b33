/*
 * figure - implied volatility and greeks of the two options of a strike
 *
 * Each option's volatility is that of its own price.  Its greeks are made of
 * it, or of the other one's, when that is out of the money and good while its
 * own is not: an option deep in the money says next to nothing about it.
 *
 * What cannot be computed is a status, never a number.
 */
#ifndef FIGURE_H
#define FIGURE_H

#include <stdbool.h>
#include <stdint.h>

#include "black.h"
#include "forward.h"
#include "quote.h"

enum { FIGURE_CALL, FIGURE_PUT, FIGURE_LEGS };

/* A year, us. */
#define FIGURE_YEAR_US	(31536000 * INT64_C(1000000))

#define FIGURE_NO_TIME	INT64_MIN

struct figure_rules {
	struct quote_rules quote;
	double	 rate;		/* continuous, a year */
	double	 unc_part;	/* of iv: with more uncertainty than that the
				 * other option is asked */
};

struct figure_at {
	double	 strike;	/* rupees */
	int64_t	 close_us;	/* of the expiry's session; FIGURE_NO_TIME: not
				 * known */
	struct forward forward;
	struct quote_now now;
};

struct figure_leg {
	const struct quote *q;	/* NULL: there is no such option */
	int64_t	 tick_e7;
};

struct figure {
	const char *status;	/* OK; INDETERMINATE: greeks are there, and worth
				 * nothing; else why there are none */
	int64_t	 event_us;	/* exchange time of the newest input; 0: none */
	double	 years;		/* from there to close_us; NAN */
	struct quote_price price;
	const char *iv_status;	/* OK, INDETERMINATE: iv is there */
	double	 iv;		/* a year; NAN */
	double	 iv_unc;	/* points of volatility; NAN */
	double	 sigma;		/* a year, of the greeks; NAN */
	bool	 sibling;	/* it is the other option's */
	struct black_greeks greeks;	/* with OK, INDETERMINATE */
};

/* The figures of both; of one that is not there nothing.  With which, a leg's
 * number, that one's are wanted alone, and the other's may be missing; -1: both. */
void	figure_make(struct figure out[FIGURE_LEGS],
	    const struct figure_leg leg[FIGURE_LEGS],
	    const struct figure_at *at, const struct figure_rules *rules,
	    int which);

/* Exchange time of a quote, ours where it has none, or one from before yesterday or
 * from minutes ahead; 0: never heard of. */
int64_t	figure_event(const struct quote *q);

#endif
