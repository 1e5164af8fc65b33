/*
 * cast - what the parts of das-cast share
 *
 * One thread.  Each turn of its loop takes what the sockets have, at most one
 * block of rows, puts ready-made frames into the logs of the channels, and then
 * writes as many bytes of its log to each client as its socket takes.
 *
 * This is no work for libwebsockets, which serves the simulator (serve.c): it
 * copies each message for each client behind room for a head, writes it with a
 * call of its own, and asks to be called back when it may write the next one.
 * A write() of one message over loopback takes 6 to 10 us whatever its length,
 * so that no loop of that kind brings more than 0.15 million messages a second
 * to its clients; and a connection of it weighs more than the 4 KB that
 * a client may cost here.
 *
 *	das-cast	the loop, signals, timers
 *	castnet		listening, accepting
 *	castport	who has a port
 *	casthost	which pages of browsers may ask
 *	casthttp	heads of requests: upgrade, /healthz, /metrics
 *	castpage	the page
 *	castclient	a connection: its input, its output, its time-outs
 *	castwait	and for how long
 *	castpeer	how many connections an address has
 *	castsock	its bytes, plain or over TLS
 *	castreq		messages of clients
 *	castsub		of these, subscriptions
 *	castinst	instruments
 *	castask		questions to the store
 *	castdepth	topic ticks, its latest rows
 *	castup		the capture: status.tsv, gaps.tsv
 *	castsay		answers, errors
 *	castevents	server-sent events
 *	castline	lines on a Unix socket
 *	castwire	messages as bytes of these three
 *	castspec	what a client wants
 *	castchan	clients that want the same, and their log
 *	castbook	the latest row of each symbol
 *	castfeed	topics ltp and live
 *	castfill	rows of before, from the spool
 *	castplace	the number of a row
 *	castwatch	what is sent unasked
 */
#ifndef CAST_H
#define CAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "buf.h"
#include "castbook.h"
#include "castdepth.h"
#include "castpeer.h"
#include "castup.h"
#include "clk.h"
#include "conf.h"
#include "spool.h"

/* A topic of rows, as far as it was read today. */
struct casttopic {
	const char	*name;
	struct castbook	 book;
	struct spool_pos pos;		/* behind the rows that were taken */
	bool		 there;		/* there were some */
	char		 trouble[200];	/* what is wrong with it; "" nothing */
};

struct castchan;
struct castclient;
struct tlss;
TAILQ_HEAD(castclients, castclient);
LIST_HEAD(castchans, castchan);

enum {
	CAST_MESSAGE = 64 * 1024,	/* longest message of a client */
	CAST_PIECE = 8 * 1024,		/* bytes read at a time */
	CAST_TOKEN = 256,	/* bytes of castToken, with NUL */
	CAST_ID = 64		/* bytes of the id of a request */
};

/* Counted since the start; /metrics shows them. */
struct cast_counts {
	uint64_t	 accepted, refused;	/* connections */
	uint64_t	 upgraded;
	uint64_t	 requests, errors;	/* messages of clients */
	uint64_t	 frames;		/* put into logs */
	uint64_t	 delivered;		/* frames of logs taken by sockets;
						 * counted when a client has
						 * caught up */
	uint64_t	 bytes;			/* taken by sockets */
	uint64_t	 skips, skipped;	/* times; frames */
	uint64_t	 closed_slow, closed_dead, closed_bad;
	uint64_t	 snapshots;
	uint64_t	 filled;		/* rows given for since */
};

struct cast {
	const struct conf *conf;
	int		 epoll;
	int		 port;		/* the first that is listened to */
	int64_t		 now;		/* clk_mono() of this turn */
	/* settings */
	int64_t		 interval_us;
	size_t		 queue;		/* bytes of a log at most */
	size_t		 max;		/* clients */
	unsigned	 max_address;	/* of one address */
	const char	*token;		/* "": none */
	struct tlss	*tls;		/* NULL: no certificate */
	/* state */
	struct casttopic ltp, live;
	struct castchans chans;
	size_t		 nchan, logs;	/* bytes of all logs */
	struct castclients clients;
	struct castpeers peers;
	size_t		 nclient, nopen;	/* all; behind the upgrade */
	struct castclients fresh;	/* first rows are held back, oldest
					 * first */
	struct castclients again;	/* have more to be read */
	struct castclients gone;	/* to be freed after this turn */
	bool		 stopping;
	unsigned	 shakes;	/* steps of handshakes left in this turn */
	bool		 unfinished;	/* somebody's turn was over */
	struct castclients fills;	/* get what they have missed, in turn */
	size_t		 nfill;
	bool		 may_fill;	/* there is more for one of them */
	/* the feed */
	char		 day[CLK_DAY];
	int64_t		 row_us;	/* clk_mono() of the last rows of ltp;
					 * 0: none */
	int64_t		 row_wall_us;	/* and clk_now() */
	struct cast_counts count;
	const struct dayinst *inst;	/* today's instruments */
	const struct indices *indices;
	struct castdepth depth;
	struct castup	 up;
	/* of the request that is answered: ,"id":"..." or "", every byte of it
	 * escaped at worst */
	char		 id[6 * CAST_ID + 16];
	size_t		 pending;	/* bytes in the outputs of all clients */
	struct buf	 scratch;	/* a frame being made for a log */
	struct buf	 own;		/* the same for one client: while a log
					 * makes room its clients are written to */
	struct buf	 wired;		/* a frame that is no WebSocket's */
	uint8_t		 piece[CAST_PIECE];
};

#endif
