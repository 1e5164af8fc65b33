/*
 * castout - what goes out to a client of das-cast
 *
 * That is its channel's log from pos on, and out, what is for it alone: the
 * latter goes out between two frames of the log, as soon as one ends.  A client
 * that the log has overtaken is behind: when its socket takes bytes again it is
 * told how many frames it missed, and then gets, symbol by symbol, the latest
 * row of what changed meanwhile, made when there is room for it: however many
 * are slow, none needs memory of its own.  Who is behind too often, or takes
 * nothing for too long, is told why and closed (castclient.h).
 */
#ifndef CASTOUT_H
#define CASTOUT_H

#include <stddef.h>

#include "castclient.h"
#include "castspec.h"
#include "wsf.h"

/* Writes what its socket takes; a bounded part of it in a turn. */
void	castout_flush(struct castclient *c);
/* The log will lose what it has not sent: makes it behind. */
void	castout_overtake(struct castclient *c);

/* One message for it alone; without memory it ends. */
void	castout_frame(struct castclient *c, enum wsf_op op, const void *p,
	    size_t n);
/* The same of text, to a WebSocket that is not being closed. */
void	castout_say(struct castclient *c, const void *p, size_t n);
/* Raw bytes of HTTP, before the upgrade. */
void	castout_raw(struct castclient *c, const void *p, size_t n);
/* Ends it: with a close frame where it is a WebSocket. */
void	castout_close(struct castclient *c, unsigned code, const char *why);

/* The upgrade is done: it becomes a WebSocket with that channel. */
void	castout_open(struct castclient *c, const struct castspec *spec);
/* Into another channel, without losing what it has not got yet.  -1: ENOMEM,
 * and it has ended. */
int	castout_move(struct castclient *c, const struct castspec *spec);
/* What it has not got of its log goes out, and from then on nothing of it; and
 * back, behind all that is in it.  -1: ENOMEM, and it has ended. */
int	castout_leave_log(struct castclient *c);
void	castout_join_log(struct castclient *c);
/* All that its channel wants and has, now. */
void	castout_snapshot(struct castclient *c);

#endif
