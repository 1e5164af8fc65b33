/*
 * expiry - on which days the contracts of an index expire, by rule
 *
 * The rules are data, lookup/expiries.tsv, effective-dated twice, because an
 * exchange that moves its expiry day revises some of the contracts that are
 * listed already and leaves others:
 *
 *	underlying cycle weekday from to first last note
 *
 * cycle is weekly or monthly; from and to are the trading days on which the row
 * holds, first and last the expiry days that it says something of; all are
 * included, \N is "ever".  A monthly contract expires on the last such weekday of
 * its month, a weekly one on every such weekday of a week without a monthly one;
 * where that is a holiday, on the trading day before.
 *
 * Source of the symbols: Kite Connect's instrument dumps.  A weekly contract has
 * the year, the month as 1-9 O N D, and the day on which it does expire
 * (NIFTY2580725000CE), a monthly one year and month alone (NIFTY25AUG25000CE),
 * whatever day that is.
 */
#ifndef EXPIRY_H
#define EXPIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cal.h"
#include "fault.h"
#include "inst.h"

enum { EXPIRY_PREFIX = 48 };	/* bytes of a prefix, with NUL */

struct expiry_rule;

struct expiry_rules {
	struct expiry_rule *v;
	size_t	 n;
};

struct expiry {
	int32_t	 day;		/* on which it does expire */
	int32_t	 rule_day;	/* and would without holidays */
	bool	 monthly;
};

/* Into a zeroed set.  EX_NOINPUT; EX_DATAERR names file and line. */
int	expiry_load(struct expiry_rules *r, const char *path, struct fault *f);
/* Harmless on a zeroed set. */
void	expiry_free(struct expiry_rules *r);
/* Is there a row of the underlying, of whatever day? */
bool	expiry_knows(const struct expiry_rules *r, const char *underlying);

/*
 * The expiries of day and after, in order, as they are known on day: at most max,
 * of the next days days; monthly: the monthly ones alone.  How many.
 */
struct expiry_ask {
	const char *underlying;
	int32_t	 day, days;
	bool	 monthly;
};
size_t	expiry_list(const struct expiry_rules *r, const struct cal *c,
	    const struct expiry_ask *ask, struct expiry *out, size_t max);

/* What Kite's symbols of the expiry begin with: "NIFTY25807", "NIFTY25AUG". */
void	expiry_prefix(char out[EXPIRY_PREFIX], const char *underlying,
	    const struct expiry *e);
/* Both symbols of a future or an option from name, kind and strike_e7 of i, and
 * its expiry: tradingsymbol (Kite's) and symbol (the broadcast's). */
void	expiry_symbols(struct inst *i, const struct expiry *e);

#endif
