/*
 * quiet - the second clock of a connection: no tick though the market trades
 *
 * A line that is up but brings heartbeats only looks alive to the first clock.
 * Ticks are counted by the caller, those that are not cached.  The limit is
 * doubled with every vain attempt, up to ten minutes, because a halt of the
 * whole market looks the same; a tick brings it back.
 */
#ifndef QUIET_H
#define QUIET_H

#include <stdbool.h>
#include <stdint.h>

enum { QUIET_LONGEST_S = 600 };

struct quiet {			/* zeroed to begin with */
	/* private */
	uint64_t	 ticks;		/* that had come */
	int64_t		 since;		/* nothing came; 0: not counting */
	unsigned	 vain;		/* attempts */
};

/*
 * For every second; now is a clock that does not jump, in microseconds and not
 * 0.  counts: the connection is open and its instruments trade; ticks: how many
 * it has brought, ever; limit_s: the shortest, 0 never.  Gives 0, or for how
 * many seconds nothing has come: then the connection is to be made anew.
 */
int	quiet_look(struct quiet *q, int64_t now, bool counts, uint64_t ticks,
	    int limit_s);

#endif
