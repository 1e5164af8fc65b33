/*
 * jump - the machine slept, or somebody set its clock
 *
 * Compares the machine's clocks at one look with those at the look before:
 * boot time goes on while the machine sleeps and monotonic time does not; the
 * wall clock keeps step with boot time unless it is set.  The simulated clock
 * of DAS_CLOCK is none of them.
 */
#ifndef JUMP_H
#define JUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "clk.h"

enum { JUMP_S = 1 };		/* less is not told */

struct jump {			/* zeroed: no look yet */
	struct clk_all	 last;
	bool		 looked;
	/* Found by the last look, us; 0: no. */
	int64_t		 slept_us;
	int64_t		 stepped_us;	/* negative: it was set back */
};

/* True when something was found. */
bool	jump_look(struct jump *j, const struct clk_all *now);

#endif
