/*
 * wsfs - WebSocket frames (RFC 6455, section 5), the server's side
 *
 * Reads what a client sends, cut anywhere, and makes the frames of a server;
 * wsf.h is the other side.  Pure: bytes in, messages out.  A frame that lies
 * whole in the piece at hand is unmasked and given in place, so that a client
 * who has nothing half sent costs no memory; one that is cut is held, at most
 * max bytes and a head of it.
 *
 * What breaks the protocol ends it, as section 7.1.7 wants: WSFS_BAD says with
 * which code and why, and nothing behind it is read.  Text is checked to be
 * UTF-8.  With deflate (RFC 7692) a message may be packed: then its text is
 * checked by who unpacks it.
 */
#ifndef WSFS_H
#define WSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "wsf.h"

/* Codes of a close frame, section 7.4.1 and the registry of IANA. */
enum {
	WSFS_NORMAL = 1000,
	WSFS_GOING_AWAY = 1001,
	WSFS_PROTOCOL = 1002,
	WSFS_UNSUPPORTED = 1003,	/* a kind of data */
	WSFS_NO_UTF8 = 1007,
	WSFS_POLICY = 1008,
	WSFS_TOO_BIG = 1009,
	WSFS_INTERNAL = 1011,
	WSFS_LATER = 1013
};

enum { WSFS_HEAD_MAX = WSF_HEAD_MAX };

enum wsfs_rc {
	WSFS_MORE,		/* the piece is used up */
	WSFS_MESSAGE,		/* op is TEXT, BINARY, CLOSE, PING or PONG */
	WSFS_BAD		/* code and why say it; from now on always */
};

struct wsfs_msg {
	enum wsf_op	 op;
	bool		 packed;	/* deflated */
	uint8_t		*p;		/* valid until the next call */
	size_t		 n;
};

struct wsfs {
	uint32_t	 max;		/* longest message, less than 2^31 */
	bool		 deflate;	/* has been agreed on */
	uint16_t	 code;		/* after WSFS_BAD: to close with */
	const char	*why;		/* likewise; never changes */

	/* The rest is wsfs's own. */
	uint8_t		*p, *end;	/* not yet read */
	struct buf	 held;		/* of a frame that is cut */
	struct buf	 part;		/* of a message in fragments */
	uint8_t		 message;	/* op of that; WSF_CONT: none */
	bool		 packed;	/* that message is */
	bool		 spent;		/* part has been handed out */
};

void	wsfs_init(struct wsfs *r, uint32_t max, bool deflate);
/* Harmless on a zeroed struct. */
void	wsfs_free(struct wsfs *r);

/* The next piece, which is written over; the one before must be used up.  It
 * stays valid until wsfs_next() gives WSFS_MORE or WSFS_BAD. */
void	wsfs_feed(struct wsfs *r, uint8_t *p, size_t n);
enum wsfs_rc wsfs_next(struct wsfs *r, struct wsfs_msg *m);
/* Keeps what of the piece is not yet read, so that the piece may go; a feed of
 * nothing goes on there. */
void	wsfs_pause(struct wsfs *r);

/* Whether p[n] is UTF-8 (RFC 3629). */
bool	wsfs_utf8(const uint8_t *p, size_t n);

/* The head of a frame, one whole message of n bytes; gives its length. */
size_t	wsfs_head(uint8_t out[WSFS_HEAD_MAX], enum wsf_op op, bool packed,
	    size_t n);
/* Adds a frame, one whole message.  -1: ENOMEM, and b as it was. */
int	wsfs_put(struct buf *b, enum wsf_op op, const void *p, size_t n);
/* Adds a close frame; of why what fits. */
int	wsfs_put_close(struct buf *b, unsigned code, const char *why);

#endif
