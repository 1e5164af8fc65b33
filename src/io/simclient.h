/*
 * simclient - one client of the simulated ticker: the frames it is sent, and
 * what a fault does to its connection
 */
#ifndef SIMCLIENT_H
#define SIMCLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "serve.h"
#include "simfault.h"
#include "subs.h"

enum {
	SIMCLIENT_HIGH	= 256 * 1024,	/* bytes in its queue that are many */
	SIMCLIENT_FRAME	= 32 * 1024,	/* longest frame that is made */
	SIMCLIENT_HEAD	= 4		/* bytes before the message of a
					 * SIMCLIENT_PART */
};

/* What a message is; serve hands it to the sent() of its calls.  A PART is the
 * beginning of a message that does not end. */
enum simclient_tag { SIMCLIENT_OTHER, SIMCLIENT_TEXT, SIMCLIENT_LIVE,
	SIMCLIENT_CACHED, SIMCLIENT_PART };

/* Tokens whose request was passed over, once. */
struct simclient_asked {
	uint32_t	 token[KITE_TOKENS_MAX];
	size_t		 n;
};

struct simclient {
	struct serve_conn *conn;
	struct simfault	*faults;
	struct subs	 subs;
	size_t		 npending;	/* of subs: their cached packet is to
					 * be sent, then they are live */
	int64_t		 settled;	/* clk_mono() when pending ones are sent */
	int64_t		 opened, beat;	/* clk_mono(); of the last heartbeat */
	bool		 meta;		/* instruments_meta was sent */
	/* the frame being filled */
	uint8_t		 frame[SIMCLIENT_FRAME];
	size_t		 len;		/* 0: none begun */
	uint16_t	 count;
	enum simclient_tag tag;
	/* what goes wrong */
	bool		 ending;	/* gets nothing more */
	bool		 thin;		/* misses packets */
	uint64_t	 thinned;	/* how many it would have got */
	int64_t		 reset_by;	/* clk_mono(); 0: is not to be reset */
	size_t		 big_left;	/* bytes to come of a big message */
	int64_t		 drip;		/* clk_mono() of the next byte; 0: none */
	struct simclient_asked forgot, downgraded;
};

/* Made with calloc(), freed with free(); NULL: no memory. */
struct simclient *simclient_new(struct serve_conn *c, struct simfault *faults);

/* Puts the packet of t into the frame being filled; tag is SIMCLIENT_LIVE or
 * SIMCLIENT_CACHED. */
void	simclient_packet(struct simclient *k, const struct tick *t,
	    enum tick_kind kind, enum simclient_tag tag);
/* Sends that frame, if one was begun. */
void	simclient_flush(struct simclient *k);
/* A whole frame, a text, a heartbeat. */
void	simclient_frame(struct simclient *k, const void *p, size_t n,
	    enum simclient_tag tag);
void	simclient_text(struct simclient *k, const char *p, size_t n);
void	simclient_beat(struct simclient *k);

/* ---- faults ---- */

/* Resets the connection once the client has all that was sent before, or
 * after a second. */
void	simclient_reset(struct simclient *k);
/* Closes it with 1001. */
void	simclient_close(struct simclient *k);
/* Ends it inside of a frame with these ticks, in the last one. */
void	simclient_close_inside(struct simclient *k, const struct tick *t,
	    size_t n);
/* Text messages of every kind. */
void	simclient_texts(struct simclient *k);
/* Begins a message of 64 MB. */
void	simclient_big(struct simclient *k);
/* Is the connection busy with a fault, so that it can take nothing else? */
bool	simclient_busy(const struct simclient *k);
/* Does what a fault wants done now; false: nothing, the client is to be served
 * as ever. */
bool	simclient_turn(struct simclient *k, int64_t now);

#endif
