/*
 * ws - the client's side of WebSockets, with libwebsockets
 *
 * A loop carries any number of connections; ws_turn() waits for them and calls
 * back.  TLS is verified, host name included; plain ws:// only to loopback;
 * redirects and proxies are not followed.  Messages carry scheme, host and port
 * of a URL, never its path and query.  Nothing is logged.
 */
#ifndef WS_H
#define WS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"

enum {
	WS_QUEUE = 64,			/* messages that wait to be sent */
	WS_HANDSHAKE_S = 10,		/* longest for TCP, TLS and upgrade each */
	WS_CHUNK = 64 * 1024		/* what a read takes at most */
};

struct ws_loop;
struct ws;

enum ws_event {
	WS_OPEN,	/* the handshake is done, messages can be sent */
	WS_BINARY,	/* p[n] is a whole message, valid during the call */
	WS_TEXT,	/* the same; p[n] is no NUL */
	WS_PART,	/* p[n] is the start of one that is longer than max, or
			 * never ended; WS_CLOSED follows */
	WS_ALIVE,	/* bytes came that are no message yet, or a pong */
	WS_CLOSED	/* over, or never was: ws_why(); the last event */
};

struct ws_spec {
	const char	*url;		/* only read by ws_connect() */
	const char *const *headers;	/* "Name", "value", ..., NULL; outlives
					 * the connection; or NULL */
	size_t		 max;		/* longest message */
	/* Must not call ws_delete() or ws_loop_close(). */
	void		(*on)(struct ws *w, enum ws_event e, const uint8_t *p,
			    size_t n, void *arg);
	void		*arg;
};

/* cafile: "" for the system's certificates; EX_CONFIG when it cannot be read.
 * ws_delete() every connection before the end of its loop. */
int	ws_loop_open(struct ws_loop **l, const char *cafile, struct fault *f);
void	ws_loop_close(struct ws_loop *l);	/* NULL is fine */

/*
 * Waits at most ms milliseconds and calls back for what has happened; 0, or -1
 * with EX_OSERR when the loop itself is broken.
 */
int	ws_turn(struct ws_loop *l, int ms, struct fault *f);

/*
 * Starts connecting; the rest comes as events.  -1 (then no event comes, *w is
 * NULL): EX_CONFIG bad URL or plain ws beyond loopback; else as ws_why().
 */
int	ws_connect(struct ws **w, struct ws_loop *l,
	    const struct ws_spec *spec, struct fault *f);

/* Queues a text message.  -1: EX_TEMPFAIL the queue is full or memory is out,
 * EX_PROTOCOL the connection is not open. */
int	ws_send_text(struct ws *w, const char *p, size_t n, struct fault *f);

/* Says goodbye; WS_CLOSED comes in one of the next turns. */
void	ws_goodbye(struct ws *w);
/* Drops the connection, no event any more; frees.  NULL is fine. */
void	ws_delete(struct ws *w);

/* After WS_CLOSED: the other side closed it as the protocol has it. */
bool	ws_peer_closed(const struct ws *w);
/* HTTP status of the handshake: 101, 403, 429 ...; 0: none came. */
int	ws_status(const struct ws *w);
/*
 * After WS_CLOSED: EX_TEMPFAIL could not connect, time-out, reset, closed by
 * the other side, 429, 5xx; EX_NOPERM 401 or 403; EX_UNAVAILABLE the certificate
 * does not verify; EX_PROTOCOL anything that is no WebSocket.
 */
const struct fault *ws_why(const struct ws *w);

/* "wss://host:port" of a URL for messages, without path and query; -1: it is
 * none. */
int	ws_origin(const char *url, char *out, size_t size);

#endif
