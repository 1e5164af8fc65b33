/*
 * lines - sees to it that the connections bring what they should
 *
 * Asks again for instruments that a connection does not bring in full mode
 * (confirm), and has a new access token made when the broker refuses ours
 * (renew).  Says what it does.
 */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "fault.h"
#include "feed.h"
#include "inst.h"
#include "plan.h"
#include "renew.h"
#include "ticker.h"

struct lines {			/* the rest zeroed */
	const struct conf *conf;
	const struct inst_set *set;
	const struct plan *plan;
	struct ticker	*ticker;
	struct feed	*feed;		/* after feed_plan() */
	/* private */
	struct renew	 renew;
	struct fault	 refusal;	/* the last one of the token */
	bool		 ever_open;
	bool		 renewed;	/* tokenCommand has ended well, and no
					 * connection was opened since */
};

/*
 * From the ticker's calls of the same names.  Before the first connection was
 * ever open lines_lost() and lines_turn() give -1 for what no new attempt will
 * cure; afterwards all is tried again, for ever.
 */
void	lines_opened(struct lines *w, uint32_t conn);
int	lines_lost(struct lines *w, uint32_t conn, const struct fault *why,
	    struct fault *f);
/* Does what is due, for every second. */
int	lines_turn(struct lines *w, struct fault *f);
void	lines_close(struct lines *w);

/* Instruments, counted on each connection that should carry them, that it has
 * not brought in full mode since it was opened. */
size_t	lines_unconfirmed(const struct lines *w);

#endif
