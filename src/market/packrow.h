/*
 * packrow - a row of topic ticks as the numbers that the wire had
 *
 * For the packed archive (pack.h).  Prices are in the wire's units: paise, or
 * what kite_unit_e7() says of the token.  Only rows that tick_format() would
 * write, byte for byte, become one; all others stay text.
 */
#ifndef PACKROW_H
#define PACKROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tick.h"

enum {				/* numbers of a row, packrow.v */
	PACK_EXCH,		/* timestamp, s since the epoch; 0: \N */
	PACK_PRICE,
	PACK_QTY,
	PACK_AVG,
	PACK_VOLUME,
	PACK_BQTY,
	PACK_SQTY,
	PACK_OPEN,
	PACK_HIGH,
	PACK_LOW,
	PACK_CLOSE,
	PACK_TRADE,		/* lastTradeTime, likewise */
	PACK_OI,
	PACK_OIHIGH,
	PACK_OILOW,
	PACK_BUY,		/* five levels: quantity, price, orders */
	PACK_SELL = PACK_BUY + 3 * TICK_DEPTH,
	PACK_N = PACK_SELL + 3 * TICK_DEPTH
};

enum {				/* longest of each in a row that is packed */
	PACK_SYMBOL_MAX = 128,
	PACK_FLAG_MAX = 8
};

struct packrow {
	uint64_t	 seq;
	int64_t		 recv_us;
	uint32_t	 conn;
	uint32_t	 token;
	bool		 index;		/* TICK_INDEX_FULL, else TICK_FULL */
	uint8_t		 nflag, nsymbol;	/* bytes of these */
	const char	*flag, *symbol;	/* the caller's; no NUL behind them */
	uint32_t	 v[PACK_N];	/* of an index 0 what it has not */
};

/* What the last rows had, so that their texts are not read again; begin with
 * zeros. */
struct packrow_seen {
	char	 recv[32];
	int64_t	 recv_us;
	char	 day[16];		/* "YYYY-MM-DD " */
	int64_t	 day_s;			/* its midnight, s since the epoch */
	char	 check[TICK_ROW_MAX];
};

/* row[n] ends in its newline.  1: *r is it; 0: it is none that tick_format()
 * writes. */
int	packrow_parse(struct packrow *r, struct packrow_seen *seen,
	    const char *row, size_t n);

/* Writes the row, newline included, to out (TICK_ROW_MAX bytes); its length. */
size_t	packrow_format(const struct packrow *r, char *out);

#endif
