/*
 * spoil - good frames made bad, and texts that are none
 *
 * What a broken or hostile ticker may send, for the simulator and the tests:
 * the frames are made from good ones, so that what a decoder must still find in
 * them is known.
 */
#ifndef SPOIL_H
#define SPOIL_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum spoil_kind {
	/* not all of the frame decodes */
	SPOIL_UNKNOWN,		/* three packets of unknown length among them */
	SPOIL_SHORT,		/* ends inside of the last packet */
	SPOIL_TRAILING,		/* seven bytes behind the last packet */
	SPOIL_LIAR,		/* the count is 3 too large, next time 1 too
				 * small, and so on */
	SPOIL_ZERO,		/* a packet of length 0 at each end */
	SPOIL_HUGE,		/* behind the last packet one that says it has
				 * 65535 bytes, and has 100 */
	SPOIL_EMPTY,		/* before the frame comes one of no bytes */
	SPOIL_WRONGKIND,	/* behind the last packet an index packet of a
				 * share and a share's packet of an index */
	/* all of it decodes */
	SPOIL_STRANGER,		/* a packet of a token that nobody subscribed */
	SPOIL_NOTIME,		/* exchange times are 0, */
	SPOIL_FUTURE,		/* an hour ahead, */
	SPOIL_BACKWARDS,	/* each frame's a minute before the last one's */
	SPOIL_STALE,		/* three days old */
	SPOIL_REPEAT,		/* every packet comes twice */
	SPOIL_KINDS
};

/*
 * Appends a good frame in its spoilt form to out, which for SPOIL_EMPTY is the
 * frame itself.  turn: how many frames were spoilt this way before.  0, or -1
 * with ENOMEM.
 */
int	spoil_frame(struct buf *out, enum spoil_kind how, uint64_t turn,
	    const uint8_t *frame, size_t n);

/* Appends the frame without every 50th packet; *seen counts them through many
 * frames.  0, or -1 with ENOMEM. */
int	spoil_thin(struct buf *out, uint64_t *seen, const uint8_t *frame,
	    size_t n);

/* Is that a token of SPOIL_STRANGER? */
int	spoil_is_stranger(uint32_t token);

/* Appends text message number i, from 0 on, of those that a client must
 * survive: 1, 0 there are no more, -1 ENOMEM. */
int	spoil_text(struct buf *out, size_t i);

#endif
