/*
 * castfill - what a client of das-cast has missed, from the spool
 *
 * A client that knows the number of the last row it has got is given those behind
 * it, read from the segments of the day a piece at a time, as its socket takes
 * them; when it stands where the feed stands, it joins its channel's log, and
 * nothing is missing or twice in between.  Nobody's memory holds more than a piece
 * of it, and those who only listen have their turn before each.
 */
#ifndef CASTFILL_H
#define CASTFILL_H

#include <stdbool.h>

#include "castclient.h"

/* Rows behind from, of its channel's topic, which must be where one begins.
 * -1: it has ended, perhaps now, for ENOMEM. */
int	castfill_begin(struct castclient *c, const struct spool_pos *from);
/* No more of them: it goes on with what is new. */
void	castfill_stop(struct castclient *c);
/* The same of one that has ended. */
void	castfill_forget(struct castclient *c);
/* Those whose turn it is, for a bounded time; k->may_fill: there is more. */
void	castfill_turn(struct cast *k);
/* Some of them into c->out, which is empty; false: not now. */
bool	castfill_step(struct castclient *c);

#endif
