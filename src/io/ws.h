/*
 * ws - the client's side of WebSockets (RFC 6455)
 *
 * A loop carries any number of connections up to WS_CONNS; ws_turn() waits for
 * them and calls back.  Handshake and frames are wshs's and wsf's, the bytes
 * wire's.  TLS is verified, host name included; plain ws:// only to loopback;
 * redirects and proxies are not followed; no extension is spoken.  Messages carry
 * scheme, host and port of a URL, never its path and query.  Nothing is logged.
 *
 * No wait is without an end: DNS, TCP and TLS take WIRE_STEP_S each at most, the
 * answer to the upgrade WS_UPGRADE_S, a message WS_MESSAGE_S from its first
 * byte to its last; an open connection on which nothing comes is sent a ping,
 * and ended when that changes nothing.
 */
#ifndef WS_H
#define WS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"

enum {
	WS_CONNS = 32,			/* of a loop */
	WS_QUEUE = 1 << 20,		/* bytes that wait to be sent */
	WS_CHUNK = 256 * 1024,		/* what a turn reads of each at most */
	WS_UPGRADE_S = 7,
	WS_MESSAGE_S = 10,
	WS_PING_S = 2,			/* nothing for so long: a ping */
	WS_PONG_S = 8			/* and then nothing still: the end */
};

struct ws_loop;
struct ws;

enum ws_event {
	WS_OPEN,	/* the handshake is done, messages can be sent */
	WS_BINARY,	/* p[n] is a whole message, valid during the call */
	WS_TEXT,	/* the same; p[n] is no NUL */
	WS_PART,	/* p[n] is the start of a binary message that is longer
			 * than max or never ended; WS_CLOSED follows */
	WS_FRAGMENT,	/* p[n] belongs to no whole message either: the start of
			 * a text, or raw bytes that could not be read;
			 * WS_CLOSED follows */
	WS_ALIVE,	/* bytes came that are no message yet */
	WS_PULSE,	/* a ping, or the answer to ours: the line is alive, and
			 * the other side's WebSocket, if nothing behind it */
	WS_CLOSED	/* over, or never was: ws_why(); the last event */
};

struct ws_spec {
	const char	*url;		/* only read by ws_connect() */
	const char *const *headers;	/* "Name", "value", ..., NULL; or NULL;
					 * only read by ws_connect() */
	size_t		 max;		/* longest message, at least 1 */
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
/* clk_mono() when the last turn had done its waiting: for its events, now. */
int64_t	ws_now(const struct ws_loop *l);

/*
 * Starts connecting; the rest comes as events.  -1 (then no event comes, *w is
 * NULL): EX_CONFIG bad URL or plain ws beyond loopback; EX_TEMPFAIL.  SIGPIPE
 * must be ignored.
 */
int	ws_connect(struct ws **w, struct ws_loop *l,
	    const struct ws_spec *spec, struct fault *f);

/* Queues a text message.  -1: EX_TEMPFAIL WS_QUEUE bytes wait or memory is out,
 * EX_PROTOCOL the connection is not open. */
int	ws_send_text(struct ws *w, const char *p, size_t n, struct fault *f);

/* Says goodbye; WS_CLOSED comes in one of the next turns, within 2 s.  Messages
 * still come until then. */
void	ws_goodbye(struct ws *w);
/* What is held of a message that is not whole comes as an event now, for who is
 * to drop the connection; nothing when it is over. */
void	ws_hand_on(struct ws *w);
/* Drops the connection, no event any more; frees.  NULL is fine. */
void	ws_delete(struct ws *w);

/* After WS_CLOSED: the other side closed it as the protocol has it. */
bool	ws_peer_closed(const struct ws *w);
/* The code that it closed with (RFC 6455, section 7.4); 0: none. */
unsigned ws_close_code(const struct ws *w);
/* HTTP status of the handshake: 101, 403, 429 ...; 0: none came. */
int	ws_status(const struct ws *w);
/*
 * After WS_CLOSED: EX_TEMPFAIL could not connect, time-out, reset, closed by
 * the other side, 429, 5xx, an answer that is no HTTP; EX_NOPERM 401 or 403;
 * EX_UNAVAILABLE the certificate does not verify; EX_PROTOCOL anything else that
 * is no WebSocket.
 */
const struct fault *ws_why(const struct ws *w);

#endif
