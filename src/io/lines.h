/*
 * lines - sees to it that the connections bring what they should
 *
 * Asks again for instruments that a connection does not bring in full mode
 * (confirm), and says so once.
 */
#ifndef LINES_H
#define LINES_H

#include <stddef.h>
#include <stdint.h>

#include "feed.h"
#include "inst.h"
#include "plan.h"
#include "ticker.h"

struct lines {
	const struct inst_set *set;
	const struct plan *plan;
	struct ticker	*ticker;
	struct feed	*feed;		/* after feed_plan() */
};

/* From the ticker's calls of the same names. */
void	lines_opened(struct lines *w, uint32_t conn);
void	lines_lost(struct lines *w, uint32_t conn);
/* Does what is due, for every second. */
void	lines_turn(struct lines *w);

/* Instruments, counted on each connection that should carry them, that it has
 * not brought in full mode since it was opened. */
size_t	lines_unconfirmed(const struct lines *w);

#endif
