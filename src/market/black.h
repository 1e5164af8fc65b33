/*
 * black - prices and greeks of European options on a forward (Black, 1976)
 *
 * Pure functions in double precision; what cannot be computed is a status and
 * never a NaN.  Formulas: F. Black, "The pricing of commodity contracts", 1976;
 * the time value follows P. Jaeckel, "Let's Be Rational", 2015, section 6: it
 * keeps its relative accuracy for options that cost next to nothing, which the
 * textbook difference F N(d1) - K N(d2) does not.
 */
#ifndef BLACK_H
#define BLACK_H

#include <stddef.h>
#include <stdint.h>

enum black_type { BLACK_CALL = 1, BLACK_PUT = -1 };

enum black_status {
	BLACK_OK,
	BLACK_BAD_INPUT,	/* an argument outside of its domain */
	BLACK_NO_FORWARD,	/* forward is NaN: none is known */
	BLACK_EXPIRED,		/* years <= 0: the value is what is paid out */
	/* of black_iv() */
	BLACK_NO_PRICE,
	BLACK_BELOW_INTRINSIC,
	BLACK_ABOVE_MAX,
	BLACK_INDETERMINATE
};

struct black_option {
	enum black_type	 type;
	double		 forward;	/* rupees, > 0, or NaN: not known.  Of the
					 * option's own expiry: its future, or
					 * put-call parity, or spot and carry */
	double		 strike;	/* rupees, > 0; of the instrument */
	double		 years;		/* to the close of the expiry's session, in
					 * units of 31,536,000 s; <= 0: expired */
	double		 rate;		/* continuous, a year, 0.07 is 7 %, any
					 * sign; of the configuration */
};

/* What is beyond these is not a number of a market, but BAD_INPUT. */
#define BLACK_LEAST	1e-75		/* of forward, strike and years */
#define BLACK_MOST	1e75		/* of these, volatility and |rate| */
#define BLACK_GROWTH	100.0		/* of |rate * years| */

/* Derivatives are taken at a constant forward. */
struct black_greeks {
	double	 price;			/* rupees */
	double	 delta;			/* rupees a rupee of the forward */
	double	 gamma;			/* delta a rupee of the forward */
	double	 theta;			/* rupees a calendar day */
	double	 vega;			/* rupees a point of volatility (0.01) */
	double	 rho;			/* rupees a point of rate (0.01) */
	double	 vanna;			/* delta a point of volatility */
	double	 volga;			/* vega a point of volatility */
	double	 charm;			/* delta a calendar day */
};

/*
 * The price at volatility sigma (a year, 0.12 is 12 %; finite, 0 or more: as
 * implied by a price, or from a smile).  BLACK_OK,
 * BLACK_EXPIRED (*price is the intrinsic value), or BLACK_BAD_INPUT and
 * BLACK_NO_FORWARD with *price left alone.  What underflows is an exact 0.
 */
enum black_status	black_price(const struct black_option *o, double sigma,
			    double *price);

/*
 * The price and all greeks.  Status as black_price().  Expired: delta is 1, 1/2
 * or 0 (in, at, out of the money; negative for a put), all others 0.  Sigma 0:
 * the limit from above, in which gamma and vega are 0 at the money as well.
 */
enum black_status	black_greeks(const struct black_option *o, double sigma,
			    struct black_greeks *g);

/* What a price says of the volatility. */
struct black_iv {
	double	 sigma;			/* a year, 0.12 is 12 % */
	double	 kappa;			/* (dV/V) / (d sigma/sigma), inverted: by
					 * what factor a relative error of the
					 * price is one of sigma */
	double	 uncertainty;		/* relative, of sigma: (1 + kappa) 2^-52,
					 * what one rounding of the price costs */
};

/* Above this uncertainty a volatility is INDETERMINATE. */
#define BLACK_VAGUE	1e-6

/*
 * The volatility at which black_price() is price (rupees; NaN: none is known).
 * The error is at most 4 (1 + kappa) 2^-52 of sigma, for all options that are not
 * worth less than DBL_MIN.
 *
 * guess is a volatility to start from, as of the same option a moment ago; 0, or
 * what is none: without.  One within 0.12 % of the result saves a fifth to a third
 * of the time; ordinary options take no other.  A guess moves the last bits of the
 * result, within that bound: who wants the same bits whatever was before, as
 * das-greeks does, gives none.
 *
 *	OK, INDETERMINATE	*out is set
 *	NO_PRICE		price is not above 0, or below all that a double
 *				holds with its digits
 *	BELOW_INTRINSIC		nor above what exercise is worth today
 *	ABOVE_MAX		not below what the future (a call) or the strike
 *				(a put) is worth today
 *	BAD_INPUT, NO_FORWARD, EXPIRED
 *
 * With all others than the first two *out is left alone.
 */
enum black_status	black_iv(const struct black_option *o, double price,
			    double guess, struct black_iv *out);

/* Many of them, a row a place in each array; n of them.  What is where says
 * struct black_option. */
struct black_rows {
	size_t		 n;
	const int8_t	*type;		/* 1: call, -1: put */
	const double	*forward, *strike, *years, *rate, *price;
	double		*sigma, *kappa;	/* out; 0 and 0: see status */
	uint8_t		*status;	/* out, enum black_status */
};

/* black_iv() without a guess of every row, the same bits, faster. */
void			black_iv_rows(const struct black_rows *r);

/* The same for the greeks of many, of which these. */
struct black_greek_rows {
	size_t		 n;
	const int8_t	*type;
	const double	*forward, *strike, *years, *rate, *sigma;
	double		*price, *delta, *gamma, *theta, *vega, *rho;	/* out;
					 * 0 all where status is BAD_INPUT or
					 * NO_FORWARD */
	uint8_t		*status;	/* out */
};

/* black_greeks() of every row, the same bits, faster. */
void			black_greeks_rows(const struct black_greek_rows *r);

/* "OK", "BAD_INPUT" ...: the status as it is published. */
const char		*black_status_name(enum black_status s);

#endif
