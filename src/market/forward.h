/*
 * forward - the forward price of an expiry
 *
 * What an option of that expiry is an option on.  In this order, each only of
 * fresh quotes:
 *
 *	FUT	the middle of the future of the same expiry; where half of its
 *		spread is above 0.02 % of it and parity is closer, parity
 *	PCP	put-call parity, F = K + e^(rT) (C - P), of the five strikes
 *		nearest to the last forward; their weighted median, weight
 *		1/(sum of the two spreads)^2
 *	CARRY	spot e^(bT), b as configured or as of the nearest future;
 *		known to be off by the error of b
 *
 * Prices in rupees; pure functions.
 */
#ifndef FORWARD_H
#define FORWARD_H

#include <stddef.h>
#include <stdint.h>

enum { FORWARD_STRIKES = 5 };

enum forward_src { FORWARD_NONE, FORWARD_FUT, FORWARD_PCP, FORWARD_CARRY };

struct forward {
	double	 value;		/* NAN: none */
	double	 unc;		/* how far what made it is apart; NAN: not known.
				 * FUT: half the spread; PCP: the strike that is
				 * farthest from the median */
	enum forward_src src;
	int64_t	 seen_us;	/* when its oldest input was received */
	int64_t	 exch_us;	/* exchange time of its newest input */
};

/* A strike at which call and put have good quotes. */
struct forward_pair {
	double	 strike;
	double	 call, put;	/* the middle */
	double	 spread;	/* of both together, > 0 */
};

/* None. */
struct forward forward_none(void);

/*
 * By parity of n >= 1 pairs, at most FORWARD_STRIKES; growth is e^(rT).  NAN when
 * what comes out is no price.  *unc is as in struct forward.
 */
double	forward_parity(const struct forward_pair *p, size_t n, double growth,
	    double *unc);
/* spot e^(carry years), NAN when that is no price. */
double	forward_carry(double spot, double carry, double years);
/* The carry that takes spot to a future of that expiry; NAN when there is
 * none. */
double	forward_implied(double spot, double future, double years);

/* "FUT", "PCP", "CARRY", "". */
const char *forward_name(enum forward_src s);

#endif
