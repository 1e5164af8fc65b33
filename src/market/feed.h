/*
 * feed - the ticker's frames in, rows of topic ticks out
 *
 * Keeps per instrument what a row says about its predecessor: the last packet
 * and exchange time, and on which connection it was seen.  Where instruments are
 * on two connections each packet becomes a row once (arbiter).
 */
#ifndef FEED_H
#define FEED_H

#include <stddef.h>
#include <stdint.h>

#include "arbiter.h"
#include "buf.h"
#include "capture.h"
#include "confirm.h"
#include "drift.h"
#include "fault.h"
#include "inst.h"
#include "kite.h"

enum {
	/* Tokens nobody subscribed that are followed all the same; the rows of
	 * more have no flag. */
	FEED_STRANGERS_MAX = 65536
};

struct feed_token;

/* What came since feed_init(). */
struct feed_count {
	uint64_t frames;	/* binary, heartbeats not among them */
	uint64_t heartbeats;
	uint64_t bytes;		/* of frames */
	uint64_t ticks;		/* rows made */
	uint64_t cached, repeats, older;	/* of them, by flag */
	uint64_t strangers;	/* ticks of tokens that instruments.tsv lacks */
	uint64_t rejects;	/* frames that did not decode, or not wholly */
	uint64_t packets_bad;	/* packets in them that did not */
	uint64_t arbitrated;	/* packets that made no row: another connection
				 * had brought them */
	uint64_t seen;		/* instruments with a tick */
};

struct feed {
	struct buf	 rows;		/* made so far; the caller empties it */
	uint64_t	 seq;		/* of the last row */
	int64_t		 last_us;	/* receive time of the last tick, or 0 */
	int64_t		 lag_us;	/* of the last tick that was not cached: how
					 * long after its exchange time it came,
					 * which is in whole seconds */
	uint32_t	 newest_s;	/* newest exchange time so far, 0 none; one
					 * that is a day ahead is not believed */
	int64_t		 moved_us;	/* when it came, or 0 */
	struct drift	 drift;		/* of our clock against the exchange's */
	struct feed_count count;
	struct confirm	 confirm;	/* what each connection brings; nothing
					 * before feed_plan() */
	struct arbiter	 arbiter;	/* what each has missed, likewise */
	/* private */
	struct feed_token *token;
	size_t		 n, cap, known;
	uint32_t	*slot;		/* hash: number of a token and 1, or 0 */
	size_t		 mask;
	struct buf	 symbols;	/* escaped, NUL behind each */
	struct {
		uint32_t turn;		/* of opening; 0 never */
		uint32_t open_s;
		uint64_t fresh;
	} conn[KITE_CONNS_MAX];
};

/* set may be NULL; it is not needed afterwards.  -1: EX_TEMPFAIL, memory. */
int	feed_init(struct feed *d, const struct inst_set *set, struct fault *f);
void	feed_free(struct feed *d);
/* Which connection carries which of the set's instruments, in the set's order;
 * from now on that is looked after.  -1: EX_TEMPFAIL. */
int	feed_plan(struct feed *d, const struct plan *p, struct fault *f);

/* A connection was opened and subscribed: the first packet of each token that
 * it brings is a cached one when its exchange time is older. */
void	feed_opened(struct feed *d, uint32_t conn, int64_t at_us);
/* Packets that a connection has brought and that were not cached. */
uint64_t feed_fresh(const struct feed *d, uint32_t conn);

/*
 * Takes a frame of kind CAPTURE_BINARY or CAPTURE_OPEN.  0: all of it is in
 * rows; 1: a part of it, or nothing, which is counted: keep the frame; -1 out
 * of memory, then what fits is in rows.
 */
int	feed_frame(struct feed *d, const struct capture_frame *c);

#endif
