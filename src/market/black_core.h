/*
 * black_core - what the files of black share; not for others
 */
#ifndef BLACK_CORE_H
#define BLACK_CORE_H

#include <stdbool.h>

#include "black.h"

/* Below this a volatility to the expiry is none; far below anything real, and far
 * enough from the smallest double for all that is divided by it. */
#define BLACK_STILL	1e-100

/* ln(F/K); next to 1 through the exact difference, for log(F/K) costs all of
 * its digits there. */
double			black_log_ratio(double f, double k);

/* OK, EXPIRED, BAD_INPUT, NO_FORWARD: what of an option can be known without
 * volatility or price. */
enum black_status	black_check(const struct black_option *o);

/* OK or INDETERMINATE. */
static inline enum black_status
black_determined(double kappa)
{
	return (1 + kappa) * 0x1p-52 > BLACK_VAGUE ? BLACK_INDETERMINATE :
	    BLACK_OK;
}

/* black_iv() for ordinary options, see black_near.h: false where it is not one,
 * else sigma and kappa are set. */
bool			black_near(const struct black_option *o, double price,
			    double guess, double *sigma, double *kappa);

/* black_greeks() for ordinary options, see black_bend.h: likewise. */
bool			black_bend(const struct black_option *o, double sigma,
			    struct black_greeks *g);

/* black_iv() for all others. */
enum black_status	black_far(const struct black_option *o, double price,
			    double guess, double *sigma, double *kappa);

/* Row i by black_far(). */
void			black_row_far(const struct black_rows *r, size_t i);

/* Whether this machine has AVX2, and as many rows as are multiples of four by
 * it; returns how many. */
bool			black_avx2_here(void);
size_t			black_avx2(const struct black_rows *r);
size_t			black_avx2_greeks(const struct black_greek_rows *r);

/* black_iv_rows() and black_greeks_rows() from row i on without: what they must
 * agree with. */
void			black_plain(const struct black_rows *r, size_t i);
void			black_plain_greeks(const struct black_greek_rows *r,
			    size_t i);

/* Row i by black_greeks(). */
void			black_row_greeks(const struct black_greek_rows *r, size_t i);

#endif
