/*
 * wsf - WebSocket frames (RFC 6455, section 5), the client's side
 *
 * Reads what a server sends, cut anywhere, and makes the frames of a client.
 * Pure: bytes in, messages out.  A message that lies whole in the piece at hand
 * is given in place; only one that is cut, by the piece or by its sender, is
 * stored, and at most max bytes of it, with a piece behind them at the end.
 *
 * Nothing received is thrown away: after a violation, or the end, what was held
 * of a message and what of the piece could not be read come out as WSF_PART.
 * No extension is spoken, and text is not checked to be UTF-8.  A length that is
 * written in more bytes than it needs is taken as it is, though section 5.2
 * forbids it: it says one thing only, and the ticks behind it would be lost.
 *
 *	wsf_feed(&r, p, n);
 *	while ((rc = wsf_next(&r, &m)) != WSF_MORE && rc != WSF_BAD)
 *		...
 */
#ifndef WSF_H
#define WSF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum wsf_op {
	WSF_CONT = 0,
	WSF_TEXT = 1,
	WSF_BINARY = 2,
	WSF_CLOSE = 8,		/* payload: u16 code, then text; or nothing */
	WSF_PING = 9,
	WSF_PONG = 10
};

enum {
	WSF_CONTROL_MAX = 125,	/* payload of the last three */
	WSF_HEAD_MAX = 10	/* head of a server's frame: it has no mask */
};

enum wsf_rc {
	WSF_MORE,		/* the piece is used up */
	WSF_MESSAGE,		/* op is TEXT, BINARY, CLOSE, PING or PONG */
	WSF_PART,		/* op TEXT or BINARY: the start of a message; then
				 * CONT: raw bytes, heads of frames with them;
				 * either may be missing */
	WSF_BAD			/* why says it; from now on always */
};

struct wsf_msg {
	enum wsf_op	 op;
	const uint8_t	*p;	/* valid until the next call with the reader */
	size_t		 n;
};

struct wsf {
	size_t		 max;		/* longest message */
	char		 why[80];	/* after WSF_BAD: it sent this; "" where it
				 * just ended */

	/* The rest is wsf's own. */
	const uint8_t	*p, *end;	/* of the piece, not yet read */
	uint8_t		 head[WSF_HEAD_MAX];
	unsigned	 heads;		/* bytes of a head that is cut */
	uint64_t	 left;		/* payload that is to come of a frame */
	bool		 inside;	/* of a frame, behind its head */
	bool		 fin;		/* the frame is its message's last */
	bool		 bad;
	bool		 spent;		/* part has been handed out */
	enum wsf_op	 op;		/* of the frame */
	enum wsf_op	 message;	/* that it belongs to; CONT: none */
	struct buf	 part;		/* of a message that is cut */
	uint8_t		 control[WSF_CONTROL_MAX];
	unsigned	 controls;
};

/* max: at least 1.  wsf_free() takes a zeroed struct too. */
void	wsf_init(struct wsf *r, size_t max);
void	wsf_free(struct wsf *r);

/* The next piece; the one before must be used up.  p[n] stays valid until
 * wsf_next() gives WSF_MORE or WSF_BAD. */
void	wsf_feed(struct wsf *r, const uint8_t *p, size_t n);
/* No piece will come: wsf_next() gives what is held, then WSF_BAD. */
void	wsf_end(struct wsf *r);
enum wsf_rc wsf_next(struct wsf *r, struct wsf_msg *m);
/* Whether a message has begun and is not yet whole. */
bool	wsf_begun(const struct wsf *r);

/*
 * Adds a client's frame, one whole message, masked with key, which must be
 * random and fresh (section 5.3).  -1: ENOMEM.
 */
int	wsf_put(struct buf *b, enum wsf_op op, const void *p, size_t n,
	    uint32_t key);

#endif
