/*
 * subconn - one connection to a das-cast at a time: a WebSocket, or lines on a
 * Unix socket
 *
 * Both carry the same messages, and requests as text.
 */
#ifndef SUBCONN_H
#define SUBCONN_H

#include <stddef.h>

#include "fault.h"

struct subconn;

enum subconn_event {
	SUBCONN_OPEN,		/* messages can be sent */
	SUBCONN_TEXT,		/* p[n] is a message, valid during the call */
	SUBCONN_CLOSED		/* it is over, or never was: subconn_why() */
};

struct subconn_spec {
	const char	*where;		/* URL of a WebSocket, or a path with a
					 * slash in it */
	const char	*token;		/* "" none; not for a Unix socket */
	const char	*cafile;	/* "" the system's certificates */
	/* Must not call subconn_drop() or subconn_close(). */
	void		(*on)(enum subconn_event e, const char *p, size_t n,
			    void *arg);
	void		*arg;
};

/* EX_CONFIG, EX_OSERR.  All that spec points to must outlive it. */
int	subconn_open(struct subconn **c, const struct subconn_spec *spec,
	    struct fault *f);
/* What messages call the server: no path, no token. */
const char *subconn_name(const struct subconn *c);
/* Starts connecting, after subconn_drop(); the rest comes as events.  -1 (no
 * event comes): as subconn_why(). */
int	subconn_dial(struct subconn *c, struct fault *f);
/* -1: it is not sent. */
int	subconn_send(struct subconn *c, const char *p, size_t n);
/* Waits at most ms milliseconds and calls back.  -1: EX_OSERR. */
int	subconn_turn(struct subconn *c, int ms, struct fault *f);
/* After SUBCONN_CLOSED: the code that the server closed with, 0 none; and why,
 * with the codes of ws_why(). */
unsigned subconn_code(const struct subconn *c);
const struct fault *subconn_why(const struct subconn *c);
/* Ends the connection, if there is one, without an event. */
void	subconn_drop(struct subconn *c);
/* Says goodbye, does not wait for the answer, frees.  NULL is fine. */
void	subconn_close(struct subconn *c);

#endif
