/*
 * renew - a new access token when the broker refuses ours
 *
 * Runs tokenCommand, das-token as a rule, as a child with -c and the
 * configuration: not more often than every five minutes, never two at a time,
 * and not longer than five minutes.  That a new token is there is for who dials
 * to see, in the token file.
 */
#ifndef RENEW_H
#define RENEW_H

#include <stdbool.h>
#include <stdint.h>

#include "child.h"
#include "fault.h"

enum { RENEW_EVERY_S = 300, RENEW_LONGEST_S = 300 };

struct renew {			/* the rest zeroed */
	const char	*command;	/* looked for in PATH; "": never */
	const char	*config;	/* path of the configuration */
	/* private */
	struct child	 child;
	bool		 wanted;
	int64_t		 due;		/* not before, clk_mono() */
};

/* The broker refuses the token, until renew_accepted(). */
void	renew_refused(struct renew *r);
void	renew_accepted(struct renew *r);

enum renew_say {
	RENEW_QUIET,		/* nothing to do, or to be waited for */
	RENEW_RUNS,		/* the command was started */
	RENEW_DONE,		/* it has ended well */
	RENEW_FAILED		/* f: it ended badly, its status is the code; or
				 * cannot be started, EX_CONFIG */
};
/* Does what is due, for every second. */
enum renew_say renew_turn(struct renew *r, struct fault *f);
/* Ends a command that runs still, as child_end(). */
void	renew_close(struct renew *r);

#endif
