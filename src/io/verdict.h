/*
 * verdict - would a capture work now? (das-tick -n)
 *
 * Asks the broker whose access token it is, then makes one connection to the
 * ticker, subscribes as many instruments as it takes, and looks at what comes.
 * Nothing is written to the spool.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include "conf.h"
#include "fault.h"
#include "inst.h"
#include "plan.h"
#include "status.h"

enum {
	VERDICT_LOOK_S = 10,	/* for packets, at most */
	VERDICT_CLOCK_S = 5	/* our clock may be off */
};

/*
 * 0: it would; s has the rows, *missing is how many of what was subscribed did
 * not come in full mode.  -1: one sentence why not, and the code:
 * EX_NOPERM the token is missing, refused, or good but not for the ticker;
 * EX_CONFIG the configuration, or the clock; EX_DATAERR nothing comes of these
 * instruments; EX_TEMPFAIL the network, a server in trouble, too many
 * connections; EX_UNAVAILABLE the certificate; EX_PROTOCOL it is no ticker.
 */
int	verdict_make(const struct conf *conf, const struct inst_set *set,
	    const struct plan *plan, struct status *s, size_t *missing,
	    struct fault *f);

#endif
