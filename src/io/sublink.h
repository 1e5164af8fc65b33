/*
 * sublink - a subscription at a das-cast that outlives its connections
 *
 * Connects, subscribes, hands every row on; where the connection breaks it
 * connects again, with a back-off, and goes on behind the last row where the
 * server can give what was missed ("since" in das-cast(1)), or says that rows
 * may be missing.  No row is handed on twice.
 */
#ifndef SUBLINK_H
#define SUBLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clk.h"
#include "fault.h"
#include "subrow.h"

struct sublink;

struct sublink_place {			/* of a row in the topic of a day */
	char		 day[CLK_DAY];	/* "" not known: today */
	uint64_t	 seq;		/* of the last row */
};

struct sublink_spec {
	const char	*url;		/* ws:// of this machine, wss://, or
					 * the path of a Unix socket */
	const char	*token;		/* "" none */
	const char	*cafile;	/* "" the system's certificates */
	const char	*want;		/* members of the request, like
					 * "\"index\":\"NIFTY\"", or "" */
	bool		 tick;		/* every row; else the latest of each */
	int64_t		 tries;		/* to connect, one after the other */
	int64_t		 delay_s;	/* between two of them, at most */
	const struct sublink_place *from;	/* go on behind it; NULL: begin
						 * with what comes.  Only read
						 * by sublink_open() */
	/* A row, and the message that it was.  False: enough. */
	bool		(*row)(const struct subrow *r, const char *p, size_t n,
			    void *arg);
	/* The server has taken the subscription; called once. */
	void		(*begun)(void *arg);
	/* A line for people: a loss, a gap. */
	void		(*say)(const char *text, void *arg);
	void		*arg;
};

enum { SUBLINK_ON, SUBLINK_ENOUGH, SUBLINK_END };

/* EX_CONFIG, EX_OSERR.  All that spec points to must outlive the link. */
int	sublink_open(struct sublink **l, const struct sublink_spec *spec,
	    struct fault *f);
/*
 * Waits at most ms milliseconds and calls back.  SUBLINK_ENOUGH: row() said so;
 * SUBLINK_END: the server closed for good, or said goodbye and did not come
 * back.  -1: EX_UNAVAILABLE no connection after all tries, or a certificate that
 * does not verify; EX_NOPERM the token is refused; EX_PROTOCOL it is no das-cast,
 * or refuses the subscription; EX_CONFIG; EX_OSERR.
 */
int	sublink_turn(struct sublink *l, int ms, struct fault *f);
/* Behind which row to go on; NULL: not known. */
const struct sublink_place *sublink_at(const struct sublink *l);
/* Says goodbye without waiting for an answer.  NULL is fine. */
void	sublink_close(struct sublink *l);

#endif
