/*
 * session - when the exchanges of some instruments trade on a day
 *
 * The windows of cal.h, joined over the exchanges of a list of instruments: it
 * trades while one of them does.  Indices have the exchange that computes them,
 * NSE or BSE, and its hours.
 */
#ifndef SESSION_H
#define SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "cal.h"
#include "inst.h"

enum {
	SESSION_WINDOWS_MAX = 32,
	SESSION_STILL_S = 600,	/* see session_end() */
	SESSION_LATEST_S = 1800
};

struct session {		/* zeroed: never trades */
	struct cal_window w[SESSION_WINDOWS_MAX];	/* in order, apart */
	size_t		 n;	/* 0: no session on that day */
	char		 unknown[8];	/* an exchange without any row in the
					 * table, "": there is none */
};

/* Of the instruments token[n], those that the set lacks left out; of the whole
 * set when token is NULL. */
void	session_make(struct session *s, const struct cal *c, int32_t day,
	    const struct inst_set *set, const uint32_t *token, size_t n);

/* The window that t is in, its close not included; NULL: it does not trade. */
const struct cal_window *session_at(const struct session *s, int64_t t);
/* First open and last close; INT64_MAX and INT64_MIN without a session. */
int64_t	session_open(const struct session *s);
int64_t	session_close(const struct session *s);
/* The first open or close after t; INT64_MAX: there is none any more. */
int64_t	session_change(const struct session *s, int64_t t);

/*
 * When a capture that follows the table ends: when exchange time, which moved
 * on last at moved_us (wall time), has stood still for 10 minutes after the
 * last close, and 30 minutes after it at the latest.  INT64_MIN without a
 * session: there is nothing to wait for.
 */
int64_t	session_end(const struct session *s, int64_t moved_us);

#endif
