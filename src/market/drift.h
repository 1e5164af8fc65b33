/*
 * drift - is this machine's clock the exchange's?
 *
 * A tick carries its exchange time, in whole seconds, and comes a little later.
 * Over many ticks the smallest of these lags is how far our clock is ahead
 * (below 0: behind), but for what the quickest of them took.  Only packets
 * whose exchange time has moved count: what a broker sends on subscribe may
 * be days old.
 */
#ifndef DRIFT_H
#define DRIFT_H

#include <stdbool.h>
#include <stdint.h>

enum {
	DRIFT_TICKS = 256,	/* looked at at once; a power of two */
	DRIFT_ODD = 8		/* the smallest lags of them, left out: a few
				 * wrong exchange times are no wrong clock */
};

struct drift {				/* zeroed: nothing came yet */
	uint64_t	 strange;	/* exchange times off by more than a day */
	int64_t		 strange_us;	/* of the last of them: its lag */
	bool		 known;		/* offset_us is something: */
	int64_t		 offset_us;	/* our clock is so much ahead */
	bool		 off;		/* by more than the limit */
	/* private */
	uint64_t	 ticks, looked;
	int64_t		 lag_us[DRIFT_TICKS];
};

/* A tick received at recv_us; before_s is the exchange time of the packet of
 * this instrument before it, and each is 0 where there is none. */
void	drift_tick(struct drift *d, int64_t recv_us, uint32_t exch_s,
	    uint32_t before_s);

/*
 * Looks at the last DRIFT_TICKS ticks, once so many are new: 1 when d->off has
 * changed by that, else 0.  It does not change, and offset_us is not known,
 * while the smallest quarter of the lags is not within limit_us of each other:
 * then the ticks are late and not the clock.
 */
int	drift_look(struct drift *d, int64_t limit_us);

#endif
