/*
 * universe - a made-up market that looks like the real one
 *
 * What the simulator lists when it is given no real dump: three indices with
 * futures and options (weekly and monthly expiries as the rules of that day
 * have them), a few more indices, 500 and some shares with the awkward names
 * that real ones have (M&M, BAJAJ-AUTO, one in series BE), each also on BSE.
 */
#ifndef UNIVERSE_H
#define UNIVERSE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "cal.h"
#include "fault.h"
#include "inst.h"

/* Fills set (zeroed before) with what the broker would list on day.  The same
 * day always gives the same set. */
int	universe_make(struct inst_set *set, const struct cal *cal, int32_t day,
	    struct fault *f);

/* The broker's dump of a set as CSV; exchange NULL: all.  All give 0 or -1 with
 * ENOMEM. */
int	universe_dump(struct buf *b, const struct inst_set *set,
	    const char *exchange);
/* The exchange's list of 500 of the shares in the set, as CSV. */
int	universe_nifty500(struct buf *b, const struct inst_set *set);

/* 1e-7 units as Kite writes them: no trailing zeros, no ".0".  Gives out. */
char	*universe_number(int64_t e7, char *out, size_t size);

/* The name that derivatives have on an index, "NIFTY" for "NIFTY 50"; NULL for
 * an index that is not known to have any. */
const char *universe_under(const char *index);

#endif
