/*
 * desk - one instrument of the made-up market through its day
 *
 * When it ticks, its book, its trades, and what they make of the day's fields.
 * Its random numbers are its own, so that its ticks depend on nobody else's.
 */
#ifndef DESK_H
#define DESK_H

#include <stdbool.h>
#include <stdint.h>

#include "fair.h"
#include "inst.h"
#include "pulse.h"
#include "tick.h"
#include "walk.h"

/* What all instruments of a day share; outlives them. */
struct desk_day {
	struct fair	 fair;
	struct pulse	 pulse;
	double		 total;		/* busy minutes of the day */
	double		 rate;		/* mean ticks a minute */
};

/* How an instrument behaves; it follows from what it is and does not change. */
struct desk_habit {
	double	 rate;		/* ticks a busy minute, echoes aside */
	double	 echo;		/* chance that a tick has one */
	double	 trade;		/* chance that a tick is a trade */
	double	 lots;		/* traded between two ticks, in the mean */
	double	 day_lots;	/* and in a day */
	double	 spread;	/* of the value */
	bool	 far;		/* an option that hardly anybody wants */
};

struct desk {
	const struct inst *inst;
	struct tick	 t;		/* as last sent */
	int64_t		 next_us;	/* wall time of the next tick, INT64_MAX:
					 * none is left */
	/* private */
	const struct pulse_hours *hours;
	struct fair_item item;
	struct desk_habit habit;
	struct walk_rng	 rng;
	double		 minutes;	/* busy time of the regular event */
	int64_t		 regular_us;	/* and when that is */
	double		 turnover;	/* sum of price_e7 * quantity */
	int64_t		 tick_e7;	/* price step, whole units of the wire */
	int64_t		 unit_e7;	/* of the wire */
	uint32_t	 lot;		/* at least 1; 1e6 at most */
	bool		 begun;		/* has ticked today */
};

/*
 * Before the open: t is what the previous session left behind, next_us the
 * first tick's time.  hours: of its exchange, NULL when that does not open;
 * before_us: the previous session's close.  0, or -1 when out of memory.
 */
int	desk_init(struct desk *s, struct desk_day *day, const struct inst *i,
	    const struct pulse_hours *hours, int64_t before_us);

/* Makes the tick that is due at next_us into t, and finds the next next_us,
 * which must not be INT64_MAX. */
void	desk_advance(struct desk *s, const struct desk_day *day);

#endif
