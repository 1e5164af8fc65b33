/*
 * castchan - a channel: the clients of das-cast that want the same
 *
 * Each frame of a channel is made once and put into its log (ring.h), at most
 * queue bytes long; a client has an offset into it.  One that falls behind the
 * log is told how much it missed and gets the latest row of what changed
 * (castclient.h).
 */
#ifndef CASTCHAN_H
#define CASTCHAN_H

#include "cast.h"
#include "castspec.h"
#include "ring.h"

struct castchan {
	LIST_ENTRY(castchan) link;
	struct cast	*cast;
	struct castspec	 spec;
	struct ring	 log;
	struct castclient **client;	/* n of them, in any order */
	size_t		 n, cap;
	int64_t		 put_us;	/* clk_mono() of the last frame */
	bool		 unfinished;	/* a client's turn was over */
	/* private */
	uint64_t	 flushed;	/* head, then */
	size_t		 next, todo;	/* client whose turn it is; how many
					 * are to be written to */
	uint64_t	 low;		/* nobody who is not behind is before */
	bool		 looked;	/* low is true since the last flush */
	uint64_t	 shown;		/* version of the last snapshot */
	uint64_t	 beat;		/* frames at the last interval */
	int8_t		*says;		/* of the terms, by id */
	size_t		 nsays, says_cap;
};

/* The channel of a spec, made where there is none.  NULL: out of memory. */
struct castchan *castchan_get(struct cast *k, const struct castspec *spec);
/* -1: ENOMEM.  The client begins behind all that is in the log. */
int	castchan_join(struct castchan *ch, struct castclient *c);
/* Out of its channel, which goes with its last client. */
void	castchan_leave(struct castclient *c);

/* Where its rows come from, or those of such a spec. */
struct casttopic *castchan_topic(const struct castchan *ch);
struct casttopic *castchan_topic_of(struct cast *k,
	    const struct castspec *spec);
/* Does the channel want this symbol?  q is of its topic's book. */
bool	castchan_wants(struct castchan *ch, const struct quote *q);
/* Instruments or symbols are others: every channel asks its terms again. */
void	castchan_forget(struct cast *k);

/* One text message into the log.  version: of the oldest row it tells of. */
void	castchan_put(struct castchan *ch, const void *p, size_t n,
	    uint64_t version);
/* A row of a topic to all channels in tick mode of it that want it. */
void	castchan_row(struct cast *k, const struct casttopic *t,
	    const struct quote *q);
/* Rows of a topic are another day's.  topic: live has begun, or is not of today,
 * and channels in tick mode change over. */
void	castchan_change(struct cast *k, bool topic);
/* A snapshot to all channels in that mode, and to those in tick mode that got
 * nothing since the last one; status to who wants it, and to who has no rows. */
void	castchan_snapshots(struct cast *k);
/* {"timestamp":...,"data":{...}} of what the channel wants.  -1: ENOMEM. */
int	castchan_batch(struct castchan *ch, struct buf *b);
/* A frame of one object with what the channel adds to it.  -1: ENOMEM. */
int	castchan_object(struct castchan *ch, const struct quote *q,
	    struct buf *b);
/* A message of status to all channels that want them. */
void	castchan_tell(struct cast *k);
/* A message of status to all channels that would be silent for 5 s. */
void	castchan_beat(struct cast *k);

/* To some clients of each channel what their sockets take, in turns: all have had
 * theirs when k->unfinished is false. */
void	castchan_flush(struct cast *k);
/* Once a minute: memory that the last burst wanted. */
void	castchan_trim(struct cast *k);

#endif
