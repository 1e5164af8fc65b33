/*
 * simfeed - the broker's ticker, simulated: who is connected, who gets what
 *
 * A WebSocket at / with ?api_key and &access_token.  Messages, packets, limits
 * and refusals are as observed at the broker's; das-sim(1) has them.
 *
 * Where the broker cuts off a client that does not read, this one waits: while
 * any client's queue is above SIMCLIENT_HIGH nothing more is taken from the
 * source, so that every tick it makes for a client that stays is sent.
 */
#ifndef SIMFEED_H
#define SIMFEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "serve.h"
#include "simfault.h"
#include "simkite.h"
#include "simsrc.h"

struct simfeed_stats {
	unsigned	 connections;	/* open now */
	uint64_t	 connections_total;	/* since the start */
	unsigned	 subscribed;	/* instruments, in all connections, now */
	unsigned	 subscribed_most;	/* at any time */
	uint64_t	 ticks_sent;	/* packets that decode, cached ones too */
	uint64_t	 cached_sent;
	uint64_t	 cached_old;	/* of these: another day's, or no time */
	uint64_t	 frames_sent;	/* no heartbeats; messages that never end
					 * are among them */
	uint64_t	 bytes_sent;	/* of all messages */
	uint64_t	 pairs;		/* distinct (token, exchange second) of the
					 * day, cached ones too */
	uint64_t	 holds;		/* times that a slow client was waited
					 * for */
	uint64_t	 texts_sent;
	/* of faults */
	uint64_t	 packets_bad_sent;	/* do not decode */
	uint64_t	 frames_bad_sent;	/* do not decode, or not wholly; also
						 * messages that never end */
	uint64_t	 faults;	/* that began */
};

struct simfeed;

/* src, kite and faults must outlive it; instruments is how many the broker
 * lists.  EX_OSERR. */
int	simfeed_open(struct simfeed **d, struct simsrc *src,
	    struct simkite *kite, size_t instruments, struct simfault *faults,
	    struct fault *f);
void	simfeed_close(struct simfeed *d);

/* For struct serve_calls, connections for lines left out. */
int	simfeed_upgrade(struct simfeed *d, struct serve_conn *c,
	    const struct serve_req *q);
void	simfeed_opened(struct simfeed *d, struct serve_conn *c);
void	simfeed_message(struct simfeed *d, struct serve_conn *c,
	    enum serve_kind kind, const char *p, size_t n);
void	simfeed_sent(struct simfeed *d, const void *p, size_t n, unsigned tag);
void	simfeed_closed(struct simfeed *d, struct serve_conn *c);

/* Sends what is due, and gives in how many real milliseconds to come again at
 * the latest; -1: the recording cannot be read. */
int	simfeed_turn(struct simfeed *d, struct fault *f);

const struct simfeed_stats *simfeed_stats(const struct simfeed *d);
/* The market is closed, and all is sent. */
bool	simfeed_over(const struct simfeed *d);

#endif
