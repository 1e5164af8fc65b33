/*
 * quote - the last that is known of an instrument, and a price out of it
 *
 * Prices are int64_t in units of 1e-7 rupee, 0: there is none; times are us
 * since the epoch on two clocks, never mixed: ours (received) and the
 * exchange's, which has whole seconds.
 *
 * An implied volatility wants the price of one moment.  That is the middle
 * between bid and ask where these are two-sided, close together and fresh; a
 * trade only when it has just happened.
 */
#ifndef QUOTE_H
#define QUOTE_H

#include <stdbool.h>
#include <stdint.h>

#define QUOTE_UNKNOWN	INT64_MIN	/* a volume, an oi */

struct quote {			/* zeroed but for the two: never heard of */
	int64_t	 ltp_e7, bid_e7, ask_e7;
	int64_t	 volume, oi;	/* or QUOTE_UNKNOWN */
	int64_t	 seen_us;	/* received; 0: never, or a cached one */
	int64_t	 exch_us;	/* exchange time; 0 not there */
	int64_t	 trade_us;	/* of the last trade, exchange time; 0 never */
};

struct quote_rules {
	int64_t	 quote_age_us;	/* a quote is fresh for so long */
	int64_t	 trade_age_us;	/* a trade counts for so long */
	double	 spread_part;	/* widest spread, as a part of the middle */
	int64_t	 spread_ticks;	/* or so many ticks, if that is more */
	bool	 ltp_only;	/* the last price, whenever it was: as brokers */
};

/* The two clocks at the moment that is looked at. */
struct quote_now {
	int64_t	 us;		/* ours */
	int64_t	 exch_us;	/* the exchange's, of the newest tick of all */
};

enum quote_src { QUOTE_NONE, QUOTE_MID, QUOTE_LTP };
enum quote_why { QUOTE_OK, QUOTE_STALE, QUOTE_ONE_SIDED, QUOTE_CROSSED,
    QUOTE_WIDE, QUOTE_NO_PRICE };

struct quote_price {
	enum quote_src	 src;
	enum quote_why	 why;	/* not QUOTE_OK: src is QUOTE_NONE */
	double	 price;		/* rupees */
	double	 half;		/* half the spread, rupees; NAN: no two sides */
};

void	quote_init(struct quote *q);

/* Both sides are there and the ask is above the bid. */
bool	quote_two_sided(const struct quote *q);
/* Received not longer ago than that. */
bool	quote_fresh(const struct quote *q, int64_t age_us, int64_t now_us);
/* The middle of a two-sided quote, rupees. */
double	quote_mid(const struct quote *q);

/* Is the middle good enough?  QUOTE_OK, or what is wrong with it. */
enum quote_why quote_mid_why(const struct quote *q, int64_t tick_e7,
	    const struct quote_rules *rules, int64_t now_us);
/* The price that an implied volatility is made of. */
struct quote_price quote_price(const struct quote *q, int64_t tick_e7,
	    const struct quote_rules *rules, const struct quote_now *now);

/* "MID", "LTP", "" and "OK", "STALE" ...: as they are published. */
const char *quote_src_name(enum quote_src s);
const char *quote_why_name(enum quote_why w);

#endif
