/*
 * tick - one tick as the broker sent it, and its row in topic ticks
 *
 * Prices are int64_t in units of 1e-7 rupee: the wire's divisors 1e2, 1e4 and
 * 1e7 all fit exactly.  Quantities, volume and open interest are the wire's
 * unsigned 32 bits: a real day's volume passes 2^31.
 */
#ifndef TICK_H
#define TICK_H

#include <stddef.h>
#include <stdint.h>

enum tick_kind {		/* which fields the packet had */
	TICK_LTP,		/*   8 bytes: token, price */
	TICK_INDEX_QUOTE,	/*  28: price, OHLC of an index */
	TICK_INDEX_FULL,	/*  32: and exchange time */
	TICK_QUOTE,		/*  44: price, quantities, OHLC */
	TICK_FULL		/* 184: and times, open interest, depth */
};

enum { TICK_DEPTH = 5 };	/* levels a side */

struct tick_level {
	int64_t	 price_e7;
	uint32_t qty;
	uint32_t orders;	/* 16 bits on the wire */
};

struct tick {
	uint32_t	 token;		/* instrument_token */
	enum tick_kind	 kind;
	int64_t		 price_e7;	/* last traded */
	int64_t		 open_e7, high_e7, low_e7, close_e7; /* close: previous day */
	int64_t		 avg_e7;	/* average traded price of the day */
	uint32_t	 qty;		/* last traded quantity */
	uint32_t	 volume;	/* of the day */
	uint32_t	 buy_qty, sell_qty;	/* total pending */
	uint32_t	 trade_s;	/* last trade, s since the epoch; 0 never */
	uint32_t	 exch_s;	/* exchange time, s; 0 not there */
	uint32_t	 oi, oi_high, oi_low;
	struct tick_level buy[TICK_DEPTH], sell[TICK_DEPTH];
};

/* What the row says beside the tick. */
struct tick_row {
	uint64_t	 seq;		/* 1, 2, 3 ... per day, no holes */
	int64_t		 recv_us;	/* receive time, us since the epoch */
	uint32_t	 conn;		/* which connection brought it, from 1 */
	const char	*flag;		/* "-" or letters: c cached, d repeat,
					 * o older than the row before it */
	const char	*symbol;	/* tradingsymbol, already escaped for TSV;
					 * "\\N" when the token is unknown */
};

/* Column names with tabs between, no newline: the header of topic ticks. */
extern const char tick_header[];

enum { TICK_ROW_MAX = 1536 };	/* longest row that tick_format() writes, for a
				 * symbol of up to 128 bytes */

/*
 * Writes the row, newline included, to out (at least TICK_ROW_MAX bytes) and
 * gives its length.  What the kind does not have, and times of 0, are \N.
 * Prices have the decimals of the token's segment: 2, 4 or 7.  changeper is the
 * change against close in percent, 4 decimals, \N without a close.
 */
size_t	tick_format(char *out, const struct tick *t, const struct tick_row *r);

#endif
