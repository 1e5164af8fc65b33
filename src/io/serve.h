/*
 * serve - the server's end: HTTP requests, WebSockets, lines over TCP
 * (libwebsockets)
 *
 * One thread: every callback comes from inside of serve_turn().  A listener
 * for HTTP takes requests and WebSockets on one port, a listener for lines
 * anything whose messages end in a newline, e.g. SMTP.  All that is held for a
 * connection is bounded: head, body and message received, and the queue of what
 * is to be sent.  A sender asks serve_space() or waits for room() to be called.
 */
#ifndef SERVE_H
#define SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"

struct serve;
struct serve_conn;

enum { SERVE_HEADERS_MAX = 8192 };	/* bytes of a request's head, and of a
					 * reply's */

/* A request; its strings are valid until the callback returns.  A header that
 * did not come is "". */
struct serve_req {
	const char	*method;	/* "GET", "POST", "DELETE", ... */
	const char	*path;		/* decoded, from the "/" on, no query */
	const char	*agent;		/* User-Agent */
	const char	*auth;		/* Authorization */
	const char	*cookie;
	const char	*encoding;	/* Accept-Encoding */
	const char	*host;
	const char	*origin;
	const char	*body;		/* NUL behind it, not counted */
	size_t		 len;
	const char	*args;		/* for serve_arg() */
};

struct serve_reply {
	int		 status;	/* 200 ... */
	const char	*type;		/* Content-Type; NULL: none */
	const char *const *headers;	/* "Name: value" ..., NULL; or NULL */
	const void	*body;
	size_t		 len;
	bool		 keep;		/* body stays until serve_close(): not
					 * copied */
};

/* Of WebSocket messages; all the same for lines.  SERVE_RAW is only sent: bytes
 * as they are, for who wants to break the protocol. */
enum serve_kind { SERVE_TEXT, SERVE_BINARY, SERVE_RAW };

/* Any of them may be NULL but request, where there is an HTTP listener. */
struct serve_calls {
	/* To be answered with serve_answer() at once or later; until then the
	 * connection waits. */
	void	(*request)(struct serve_conn *c, const struct serve_req *q,
		    void *arg);
	/* A WebSocket wants to open: 0 welcome, -1 answered with
	 * serve_answer(), or not at all: then the client is left
	 * waiting.  NULL: all are welcome. */
	int	(*upgrade)(struct serve_conn *c, const struct serve_req *q,
		    void *arg);
	/* A WebSocket, or a connection of a listener for lines, is open. */
	void	(*opened)(struct serve_conn *c, void *arg);
	/* A whole WebSocket message; a NUL behind it is not counted. */
	void	(*message)(struct serve_conn *c, enum serve_kind kind,
		    const char *p, size_t n, void *arg);
	/* A line without its newline (and CR); whole is false for a piece of a
	 * line longer than line_max, the rest of it follows. */
	void	(*line)(struct serve_conn *c, const char *p, size_t n,
		    bool whole, void *arg);
	/* A message left the queue for the socket. */
	void	(*sent)(struct serve_conn *c, const void *p, size_t n,
		    unsigned tag, void *arg);
	/* The queue, refused before, is at most half full again. */
	void	(*room)(struct serve_conn *c, void *arg);
	/* The end of what opened() began; c is gone afterwards. */
	void	(*closed)(struct serve_conn *c, void *arg);
};

struct serve_spec {
	struct serve_calls calls;
	void		*arg;		/* for all of them */
	unsigned	 conns_max;	/* open at a time; others wait */
	size_t		 body_max;	/* of a request; more is answered 413 */
	size_t		 message_max;	/* received; more is closed with 1009 */
	size_t		 line_max;
	size_t		 queue_max;	/* bytes to be sent, per connection */
	/* PEM files; HTTP listeners speak TLS with them, and nothing else.
	 * Those for lines do not.  NULL: plain.  The names
	 * outlive the server. */
	const char	*cert, *key;
};

/* EX_OSERR.  The spec is copied. */
int	serve_open(struct serve **s, const struct serve_spec *spec,
	    struct fault *f);
void	serve_close(struct serve *s);

/*
 * Listens on host (an address, "127.0.0.1" or "::1") and port, 0: the kernel
 * chooses; *got is the port.  EX_UNAVAILABLE when it is taken or not ours, or
 * the certificate is none that the library takes.
 */
int	serve_http(struct serve *s, const char *host, int port, int *got,
	    struct fault *f);
int	serve_lines(struct serve *s, const char *host, int port, int *got,
	    struct fault *f);

/* Waits at most ms milliseconds for something to happen and deals with it;
 * returns early on a signal.  -1: the library gave up, errno says why. */
int	serve_turn(struct serve *s, int ms);

/* ---- one connection ---- */

void	serve_set_user(struct serve_conn *c, void *user);
void	*serve_user(const struct serve_conn *c);	/* NULL at first */
bool	serve_is_lines(const struct serve_conn *c);
/* The path and query it was opened with are gone after upgrade(). */

/* Answers a request, or refuses an upgrade (there at most SERVE_HEADERS_MAX
 * bytes of body).  Date (by clk) and Content-Length are added. */
void	serve_answer(struct serve_conn *c, const struct serve_reply *r);

/* Queues a message (copied), 0.  -1: EAGAIN the queue is full, and room() will
 * be called; ENOMEM; EPIPE it is ending.  A message is taken by an empty queue
 * whatever its length.  tag is handed to sent(). */
int	serve_send(struct serve_conn *c, enum serve_kind kind, const void *p,
	    size_t n, unsigned tag);
size_t	serve_queued(const struct serve_conn *c);	/* bytes */
/* Ends it once the queue is empty; a WebSocket with code and why (at most 120
 * bytes). */
void	serve_end(struct serve_conn *c, int code, const char *why);
/* The same without a word: no close message. */
void	serve_cut(struct serve_conn *c);
/* Ends it at once with a reset; what is queued is lost.  closed() is called in
 * a later turn. */
void	serve_reset(struct serve_conn *c);
/* Bytes that the other side's machine has not got yet: those queued here, and
 * those in the kernel.  What it has got, a reset does not take back. */
size_t	serve_unreceived(const struct serve_conn *c);

/* ---- what requests say ---- */

/* A parameter of the query, decoded; NULL when it is not there.  Valid like the
 * request. */
const char *serve_arg(const struct serve_req *q, const char *name);
#endif
