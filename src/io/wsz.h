/*
 * wsz - permessage-deflate (RFC 7692) without context takeover (zlib)
 *
 * Each message is packed by itself, so that one packed frame is good for all
 * clients that agreed to it.
 */
#ifndef WSZ_H
#define WSZ_H

#include <stddef.h>

#include "buf.h"

/* What the server answers to an offer that wsz_offered() likes. */
#define WSZ_AGREED "permessage-deflate; server_no_context_takeover; " \
	"client_no_context_takeover"

/* Is there an offer in Sec-WebSocket-Extensions that this can keep?  1 or 0. */
int	wsz_offered(const char *extensions);

/* Packs p[n]; *to is valid until the next call.  -1: out of memory, or it would
 * not be shorter. */
int	wsz_pack(const void *p, size_t n, const void **to, size_t *len);

/* Adds a message unpacked, max bytes at most.  -1: malformed, longer, or out of
 * memory. */
int	wsz_unpack(const void *p, size_t n, struct buf *b, size_t max);

#endif
