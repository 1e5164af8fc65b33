/*
 * kite - the broker's wire: binary frames to struct tick and back
 *
 * Sources: Kite Connect 3 documentation, "WebSocket streaming"; pykiteconnect
 * kiteconnect/ticker.py; checked against the packets Zerodha publishes.  All
 * integers are big-endian.  kite.c has the offset of every field.
 *
 * A frame of 1 byte is a heartbeat.  Else: u16 number of packets, then for each
 * u16 length and that many bytes.  The length is the kind: 8, 28, 32, 44, 184.
 * The low byte of the token is the segment; it sets the price divisor.
 */
#ifndef KITE_H
#define KITE_H

#include <stddef.h>
#include <stdint.h>

#include "tick.h"

enum {
	KITE_NSE = 1, KITE_NFO, KITE_CDS, KITE_BSE, KITE_BFO, KITE_BCD,
	KITE_MCX, KITE_MCXSX, KITE_INDICES
};

enum {
	KITE_LTP_LEN	= 8,
	KITE_INDEX_QUOTE_LEN = 28,
	KITE_INDEX_FULL_LEN = 32,
	KITE_QUOTE_LEN	= 44,
	KITE_FULL_LEN	= 184,
	KITE_FRAME_MAX	= 1 << 20	/* more than any real frame: 3000
					 * full packets are 558 KB */
};

/* 1e7 / divisor: what a wire price is multiplied with to be in units of 1e-7
 * rupee: 1 (CDS), 1000 (BCD), 100000 (all others). */
int64_t	kite_unit_e7(uint32_t token);

/* A walk over the packets of one frame.  Set up by kite_begin(). */
struct kite_frame {
	uint32_t	 count;		/* packets that the frame announces */
	uint32_t	 seen;		/* packets given so far, bad ones too */
	uint32_t	 bad;		/* of these: unknown length, or a packet of a
					 * kind that its token cannot have */
	const uint8_t	*packet;	/* the last one given, and its length: */
	uint32_t	 packet_len;	/* bytes inside the caller's frame */
	/* private */
	const uint8_t	*p, *end;
};

enum kite_rc {
	KITE_END = 0,		/* all packets given, nothing behind them */
	KITE_TICK = 1,		/* *t is filled */
	KITE_BAD = 2,		/* this packet did not decode; go on */
	KITE_CUT = -1,		/* the frame ends inside of a packet or has bytes
				 * behind the last one: no more to get */
	KITE_HEARTBEAT = 3	/* only from kite_begin(): a frame of one byte */
};

/* Starts on frame[len]: KITE_TICK go on with kite_next(), KITE_HEARTBEAT, or
 * KITE_CUT (0 bytes). */
enum kite_rc	kite_begin(struct kite_frame *k, const uint8_t *frame,
		    size_t len);
enum kite_rc	kite_next(struct kite_frame *k, struct tick *t);

/* Decodes one packet by itself: KITE_TICK or KITE_BAD. */
enum kite_rc	kite_packet(const uint8_t *p, size_t len, struct tick *t);

/*
 * The other direction, for the simulator and the tests: writes the packet of t
 * as a packet of kind (its own or a smaller one: a full tick as quote or ltp)
 * to out (KITE_FULL_LEN bytes) and gives its length.  Prices must be whole
 * units of the token's divisor.
 */
size_t	kite_encode(uint8_t *out, const struct tick *t, enum tick_kind kind);

/*
 * Moves the exchange time and the time of the last trade of every packet in
 * frame[len] on by by_s seconds, but those before from_s.  What is no packet
 * stays as it is.
 */
void	kite_move(uint8_t *frame, size_t len, uint32_t from_s, uint32_t by_s);

/* ---- text ---- */
struct buf;

/* {"a":"subscribe","v":[...]}: appends one message over n tokens.  action is
 * "subscribe" or "unsubscribe".  0 or -1 with ENOMEM. */
int	kite_subscribe(struct buf *b, const char *action,
	    const uint32_t *token, size_t n);
/* {"a":"mode","v":["full",[...]]} */
int	kite_mode(struct buf *b, const char *mode, const uint32_t *token,
	    size_t n);

enum { KITE_TOKENS_MAX = 3000, KITE_CONNS_MAX = 3 };

#endif
