/*
 * black_core - what the files of black share; not for others
 */
#ifndef BLACK_CORE_H
#define BLACK_CORE_H

#include "black.h"

/* ln(F/K); next to 1 through the exact difference, for log(F/K) costs all of
 * its digits there. */
double			black_log_ratio(double f, double k);

/* OK, EXPIRED, BAD_INPUT, NO_FORWARD: what of an option can be known without
 * volatility or price. */
enum black_status	black_check(const struct black_option *o);

#endif
