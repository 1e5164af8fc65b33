/*
 * fair - what an instrument of the made-up market is worth at a moment
 *
 * Everything hangs on one path of the market.  A stock (an index, a share, or
 * whatever a derivative is on) follows it by its beta and has a path of its
 * own; futures carry; options are priced by black.h from a smile.  All of it is
 * a function of seed, day, name and time, whoever asks.
 */
#ifndef FAIR_H
#define FAIR_H

#include <stddef.h>
#include <stdint.h>

#include "cal.h"
#include "inst.h"

struct fair_stock;

struct fair {
	uint64_t	 key;		/* of seed and day */
	int32_t		 day;
	const struct cal *cal;
	struct fair_stock **slot;	/* hash table by name */
	size_t		 nslot, nstock;
};

struct fair_item {			/* what is known of an instrument */
	const struct fair_stock *stock;
	enum inst_kind	 kind;
	double		 strike;	/* rupees */
	int64_t		 expiry_us;	/* wall time; of a derivative */
};

/* Level and volatility (a year) of a stock. */
struct fair_state {
	double		 spot;		/* rupees */
	double		 sigma;
};

/* The set is read for the level of what it has options on: the middle of the
 * strikes of the nearest expiry.  0, or -1 when out of memory. */
int	fair_init(struct fair *f, const struct inst_set *set, uint64_t seed,
	    int32_t day, const struct cal *cal);
void	fair_free(struct fair *f);

/* 0, or -1 when out of memory.  i outlives f, for its names are kept. */
int	fair_item(struct fair *f, const struct inst *i, struct fair_item *it);

/* At x, 0 at the open to 1 at the close of the day, in busy time. */
struct fair_state fair_now(const struct fair *f, const struct fair_stock *s,
	    double x);
/* At the close of the previous session (ago 1) and of the one before (2). */
struct fair_state fair_close(const struct fair_stock *s, int ago);

/* In rupees, more than 0. */
double	fair_value(const struct fair_item *it, struct fair_state s,
	    int64_t at_us);
/* Strike over forward, less 1: how far from the money; 0 if not an option. */
double	fair_distance(const struct fair_item *it, double spot);

#endif
