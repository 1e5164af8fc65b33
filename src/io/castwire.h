/*
 * castwire - messages of das-cast as bytes: over a WebSocket, as server-sent
 * events, or a line each
 *
 * Server-sent events (the HTML standard, section 9.2): a row is an event without a
 * name, whose id is its seq, so that a browser that comes back tells it; a message
 * with a type is an event of that name.
 */
#ifndef CASTWIRE_H
#define CASTWIRE_H

#include <stddef.h>

#include "buf.h"
#include "ring.h"
#include "wsf.h"

enum castwire {
	CASTWIRE_WS,
	CASTWIRE_EVENTS,
	CASTWIRE_LINES
};

/* Adds one message.  On a wire without control frames a ping is an empty comment,
 * or nothing.  -1: ENOMEM, and b as it was. */
int	castwire_put(struct buf *b, enum castwire w, enum wsf_op op,
	    const void *p, size_t n);
/* The last message: why it ends. */
int	castwire_put_close(struct buf *b, enum castwire w, unsigned code,
	    const char *why);
/* How messages end in a log of them. */
enum ring_ends castwire_ends(enum castwire w);

#endif
