/*
 * profile - whose access token it is, asked of the broker
 *
 * GET /user/profile: the cheapest request that needs a token.  Its answer also
 * tells what time it is at the broker's.
 */
#ifndef PROFILE_H
#define PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "fault.h"

struct profile {
	char	 user_id[64];
	bool	 timed;			/* the answer had a date: */
	int64_t	 ahead_us;		/* how far our clock is ahead of it; it is
					 * in whole seconds */
};

/*
 * Faults: EX_NOPERM the broker refuses the token; EX_TEMPFAIL, EX_UNAVAILABLE,
 * EX_CONFIG as http_do(), and EX_TEMPFAIL for a server in trouble; EX_PROTOCOL
 * the answer is not what was asked for.  In no text is a secret.
 */
int	profile_get(const struct conf *conf, const char *access_token,
	    struct profile *p, struct fault *f);

#endif
