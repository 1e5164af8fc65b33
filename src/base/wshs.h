/*
 * wshs - the opening handshake of a WebSocket (RFC 6455, section 4), the
 * client's side
 *
 * Pure: makes the request, and reads the answer, cut anywhere, up to the empty
 * line; what follows are frames.  Names and the two words that matter are
 * compared without case, lines end in LF or CRLF, other headers are passed over.
 */
#ifndef WSHS_H
#define WSHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/* What is hashed (SHA-1) behind the key, section 1.3. */
#define WSHS_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

enum {
	WSHS_NONCE = 16,	/* random bytes */
	WSHS_KEY = 25,		/* the same in base64, with NUL */
	WSHS_HASH = 20,		/* bytes of SHA-1 */
	WSHS_ACCEPT = 29,	/* the same in base64, with NUL */
	WSHS_LINE = 512,	/* of a longer line the rest is passed over */
	WSHS_MAX = 16384	/* longest answer */
};

enum wshs_rc { WSHS_MORE, WSHS_DONE, WSHS_BAD };

struct wshs {
	int		 status;	/* of HTTP; 0: none came yet */
	const char	*why;		/* after WSHS_BAD: it answered with this */

	/* The rest is wshs's own. */
	char		 accept[WSHS_ACCEPT];	/* that is to come */
	char		 line[WSHS_LINE];
	size_t		 len;		/* of the line; may be more than fits */
	size_t		 total;
	bool		 upgrade, connection, accepted, extension;
};

struct wshs_request {
	const char	*host;		/* as the Host header has it */
	const char	*path;		/* with the query; begins with "/" */
	const char	*key;		/* of wshs_base64() */
	const char *const *headers;	/* "Name", "value", ..., NULL; or NULL */
};

/* n bytes in base64, with "=" and NUL; out: (n + 2) / 3 * 4 + 1 bytes. */
void	wshs_base64(const uint8_t *p, size_t n, char *out);

/* Adds the request.  -1: errno ENOMEM, or EINVAL where something that goes into
 * it has a blank or a control character that would make it another request. */
int	wshs_request(struct buf *b, const struct wshs_request *r);

/* hash: SHA-1 of the key and WSHS_GUID. */
void	wshs_init(struct wshs *h, const uint8_t hash[WSHS_HASH]);
/*
 * Reads of p[n]; *used is how much.  WSHS_DONE: a whole answer; where status is
 * 101 it is a WebSocket, and p[*used] begins its frames.  WSHS_BAD: why; status
 * is 0 where it is no HTTP at all.
 */
enum wshs_rc wshs_feed(struct wshs *h, const uint8_t *p, size_t n,
	    size_t *used);

#endif
