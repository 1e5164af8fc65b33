/*
 * castclient - a connection to das-cast: HTTP, then a WebSocket or events; or
 * lines from the beginning
 *
 * Its life and its input; castout.h is its output.  What it may cost is
 * bounded: the length of its messages, how many of them a second are read (the
 * others wait in its socket), and times (castwait.h).
 */
#ifndef CASTCLIENT_H
#define CASTCLIENT_H

#include "cast.h"
#include "castchan.h"
#include "wsfs.h"

enum castclient_state {
	CASTCLIENT_HEAD,	/* its request has not come, or TLS not begun */
	CASTCLIENT_OPEN,	/* gets rows */
	CASTCLIENT_LAST,	/* out, then the end */
	CASTCLIENT_BYE,		/* all is sent; waits for the other side's end */
	CASTCLIENT_GONE
};

struct castclient {
	TAILQ_ENTRY(castclient) link, fresh_link, again_link, fill_link;
	struct cast	*cast;
	struct castchan	*ch;		/* NULL: none yet */
	size_t		 slot;		/* in ch->client */
	int		 fd;
	uint8_t		 state;
	uint8_t		 wire;		/* enum castwire */
	bool		 secure;	/* without TLS it is refused */
	bool		 begun;		/* its first byte has come */
	bool		 blocked;	/* the socket takes no more */
	bool		 held;		/* no rows yet: is in cast->fresh */
	bool		 again;		/* is in cast->again */
	bool		 paused;	/* in has messages that are not read */
	bool		 behind;	/* the log has overtaken it */
	bool		 sweeping;	/* gets what changed */
	bool		 filling;	/* is in cast->fills; and behind, which
					 * the log has nothing to do with */
	bool		 may_fill;	/* it is its turn */
	struct spool_pos fill;		/* the row it gets next */
	bool		 pinged;
	bool		 deaf;		/* it has said all that it will */
	uint8_t		 skips;		/* in the minute that skip_us began */
	uint64_t	 pos;		/* in the log */
	uint64_t	 finish;	/* with something in out: end of the frame
					 * that goes before it */
	uint64_t	 count;		/* frames of the log it has, when caught
					 * up */
	uint64_t	 skip_frame;	/* first that it misses */
	uint64_t	 since, upto;	/* versions: what a sweep gives */
	size_t		 sweep;		/* next id */
	struct tlss_conn *tls;		/* NULL: plain */
	struct castpeer	*peer;		/* NULL: not counted */
	struct buf	 out;
	size_t		 out_at;	/* sent of it */
	size_t		 counted;	/* bytes of out in cast->pending */
	int64_t		 born_us, heard_us, moved_us, skip_us;	/* clk_mono() */
	int64_t		 part_us;	/* a message began that has not ended;
					 * 0: none */
	int64_t		 end_us;	/* LAST, BYE: no longer than that */
	int64_t		 budget;	/* requests it may make, in 1/1000 */
	int64_t		 budget_us;
	struct wsfs	 in;
};

/* Takes a connected socket; secure: it must speak TLS.  -1: out of memory; NULL and
 * it is closed. */
struct castclient *castclient_new(struct cast *k, int fd, bool secure);
/* The socket has something (events of epoll). */
void	castclient_event(struct castclient *c, unsigned events);
/* May one more message of it be read?  Not too many a second, and not with much
 * to be sent before. */
bool	castclient_may_read(struct castclient *c);
/* Reads on where reading was put off. */
void	castclient_again(struct cast *k);
/* Lets those go who were held long enough. */
void	castclient_fresh(struct cast *k);

/* The connection is over; the memory goes with castclient_bury(). */
void	castclient_end(struct castclient *c);
/* Frees who is gone; nobody else does. */
void	castclient_bury(struct cast *k);
/* Ends and frees all. */
void	castclient_abort_all(struct cast *k);

#endif
