/*
 * lines - sees to it that the connections bring what they should
 *
 * Asks again for instruments that a connection does not bring in full mode
 * (confirm), gives up one that brings no ticks while its exchanges trade
 * (quiet), and has a new access token made when the broker refuses ours (renew).
 * Says what it does.
 */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cal.h"
#include "conf.h"
#include "fault.h"
#include "feed.h"
#include "inst.h"
#include "plan.h"
#include "quiet.h"
#include "renew.h"
#include "session.h"
#include "status.h"
#include "ticker.h"

struct lines {			/* the rest zeroed */
	const struct conf *conf;
	const struct inst_set *set;
	const struct plan *plan;
	struct feed	*feed;		/* after feed_plan() */
	struct ticker	*ticker;	/* as soon as it is there */
	/* private */
	struct session	 session[KITE_CONNS_MAX];	/* of each one's share */
	struct quiet	 quiet[KITE_CONNS_MAX];
	struct renew	 renew;
	struct fault	 refusal;	/* the last one of the token */
	bool		 ever_open;
	bool		 renewed;	/* tokenCommand has ended well, and no
					 * connection was opened since */
	bool		 waits;		/* for a token, which was said */
};

/* When the exchanges trade on that day; without it no silence is too long. */
void	lines_hours(struct lines *w, const struct cal *cal, int32_t day);
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

/*
 * Rows of status.tsv: unconfirmed, instruments, counted on each connection that
 * should carry them, that it has not brought in full mode since it was opened;
 * arbitrated and missed_N, of feed.h and arbiter.h.
 */
void	lines_status(const struct lines *w, struct status *s);

#endif
