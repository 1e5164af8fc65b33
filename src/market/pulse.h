/*
 * pulse - when the made-up market is busy
 *
 * Open and close are busy, midday is quiet, and there are spells and bursts.
 * Busy time runs as fast as there is business: one busy minute a minute in the
 * mean over all open minutes of the day, none while everything is closed.
 */
#ifndef PULSE_H
#define PULSE_H

#include <stddef.h>
#include <stdint.h>

#include "cal.h"

struct pulse_hours {			/* of one exchange, on one day */
	char	 exchange[8];
	struct cal_window w[CAL_WINDOWS_MAX];
	size_t	 n;
};

struct pulse {
	int64_t	 start_us;		/* wall time of the first open */
	size_t	 n;			/* seconds to the last close */
	double	*cum;			/* n + 1: busy minutes after n seconds */
};

/* From the hours of the exchanges, of which one at least has a window.  0, or
 * -1 when out of memory. */
int	pulse_init(struct pulse *p, const struct pulse_hours *h, size_t n,
	    uint64_t key);
void	pulse_free(struct pulse *p);

double	pulse_total(const struct pulse *p);	/* busy minutes of the day */
/* Busy minutes until wall time at_us, and back; both within the day. */
double	pulse_at(const struct pulse *p, int64_t at_us);
int64_t	pulse_when(const struct pulse *p, double minutes);

#endif
