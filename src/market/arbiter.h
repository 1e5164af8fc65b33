/*
 * arbiter - each packet once, of connections that carry the same instruments
 *
 * Keeps for every instrument its last packets, when they came and which
 * connections brought them.  The same content from another connection within
 * the window is no new packet; from the same one it is a repeat, which is new.
 * The first packet of an instrument after a connection was opened, the cached
 * one, is no new packet either when its content is among those kept, however
 * long ago they came.
 *
 * A packet that a connection did not bring within the window, while it was
 * open and known to carry that instrument, is a miss of that connection.
 *
 * Contents are compared, not hashes.  Memory: 3.2 KB an instrument, 9.6 MB for
 * 3,000.  Times are the receive times, so that a raw capture gives the same
 * again; on a clock that was set back all that is kept counts as of now.
 */
#ifndef ARBITER_H
#define ARBITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "kite.h"

enum {
	ARBITER_WINDOW_MS = 2000,
	/* Packets of an instrument that are kept: the broker sends one or two
	 * a second, of an index up to six.  What a connection owes beyond that
	 * is missed at once. */
	ARBITER_RING = 16,
	ARBITER_SHORT_RING = 60,	/* of KITE_INDEX_FULL_LEN or less */
};

struct arbiter_token;

struct arbiter {		/* zeroed: all packets are new */
	uint64_t	 missed[KITE_CONNS_MAX];	/* of connection 1, 2 ... */
	/* private */
	struct arbiter_token *token;
	size_t		 n;
	int64_t		 since[KITE_CONNS_MAX];	/* opened; 0 not open */
};

/* For instruments 0 to n - 1.  EX_TEMPFAIL. */
int	arbiter_init(struct arbiter *a, size_t n, struct fault *f);
void	arbiter_free(struct arbiter *a);

void	arbiter_opened(struct arbiter *a, uint32_t conn, int64_t at_us);
void	arbiter_lost(struct arbiter *a, uint32_t conn);
/* A packet of instrument i < n, at most KITE_FULL_LEN bytes: is it new? */
bool	arbiter_look(struct arbiter *a, uint32_t conn, size_t i,
	    const uint8_t *p, size_t len, int64_t at_us);
/* The same for any i; those of others always are. */
static inline bool
arbiter_take(struct arbiter *a, uint32_t conn, size_t i, const uint8_t *p,
    size_t len, int64_t at_us)
{
	return i >= a->n || arbiter_look(a, conn, i, p, len, at_us);
}
/* Counts what has been missed until now, for every second. */
void	arbiter_sweep(struct arbiter *a, int64_t now_us);

#endif
