/*
 * ltp - a row of topic ltp: an instrument at a moment, with its greeks
 *
 *	symbol token ts ltp bid ask volume oi delta gamma theta vega iv source
 *
 * symbol is the broadcaster's spelling (inst.h), token instrument_token; ts is
 * UTC, "2026-01-02T08:13:05+00:00", with 3 or 6 decimals when it is no whole
 * second; prices in rupees; iv in percent a year, delta a rupee of the forward,
 * gamma a rupee of the forward more, theta a calendar day, vega a point of
 * volatility; source "ws": what came live.  What is not known is \N: all of
 * volume, oi and greeks of an index but volume, which is 0; greeks of a future.
 *
 * The extended row has behind it what its figures were made of: see
 * ltp_more_header.  There every double is written so that it reads back as the
 * same bits, and so are the greeks and iv before it.  Readers find columns by
 * name.  das-spool(5) has the topic, das-greeks(1) the meaning of each word.
 */
#ifndef LTP_H
#define LTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "tsv.h"

#define LTP_TOPIC	"ltp"
#define LTP_LIVE	"live"		/* every tick of every instrument */
#define LTP_NONE	INT64_MIN	/* an integer that is not known */

enum {
	LTP_WORD = 16,		/* a word and its NUL */
	LTP_SYMBOL = 64,	/* bytes of a symbol, with NUL */
	LTP_ROW_MAX = 1536,	/* longest row, extended */
	LTP_COLS = 40
};

/* What the figures were made of; doubles that are not known are NAN. */
struct ltp_more {
	char	 kind[LTP_WORD];	/* index FUT CE PE; "" not known */
	int64_t	 strike_e7;		/* 1e-7 rupee */
	int64_t	 expiry_us;		/* close of the expiry's session */
	int64_t	 event_us;		/* exchange time of the newest input */
	double	 forward;		/* rupees, of the expiry */
	char	 forward_src[LTP_WORD];	/* FUT PCP CARRY */
	double	 forward_age;		/* s, of its oldest input */
	double	 forward_unc;		/* rupees, see forward.h */
	double	 tte;			/* years of 31,536,000 s */
	double	 rate;			/* continuous, a year */
	double	 price;			/* rupees, that iv was made of */
	char	 iv_src[LTP_WORD];	/* MID LTP; "" none */
	char	 iv_status[LTP_WORD];	/* of price and solver */
	double	 iv_unc;		/* points, half the spread */
	double	 sigma;			/* a year, that the greeks were made of */
	char	 sigma_src[LTP_WORD];	/* own sibling; "" none */
	char	 status[LTP_WORD];	/* of the greeks */
	double	 rho;			/* rupees a point of rate */
	double	 pcr;			/* put/call ratio of oi, index rows */
	int64_t	 max_pain_e7;		/* strike, index rows */
};

struct ltp_row {
	const char *symbol;	/* not escaped; of a row that was read valid as
				 * long as the row's text */
	uint32_t token;
	int64_t	 ts_us;		/* since the epoch */
	int64_t	 ltp_e7, bid_e7, ask_e7;	/* 1e-7 rupee, or LTP_NONE */
	int64_t	 volume, oi;	/* or LTP_NONE */
	double	 delta, gamma, theta, vega, iv;	/* NAN: not known */
	const char *source;	/* as symbol */
	struct ltp_more more;	/* counts in an extended row only */
};

/* Column names with tabs between, no newline: the header of topic ltp, and of
 * extended rows. */
extern const char ltp_header[], ltp_more_header[];

/* A row of which nothing is known. */
void	ltp_init(struct ltp_row *r);

/*
 * Writes the row, newline included, to out (LTP_ROW_MAX bytes) and gives its
 * length.  Doubles that are not finite and empty words are \N.  Plain rows have
 * 8 decimals of delta and iv, 10 of gamma, 6 of theta and vega.
 */
size_t	ltp_format(char *out, const struct ltp_row *r, bool extended);

/* The time of a row as text, at most 33 bytes with NUL; gives its end. */
char	*ltp_ts(char *out, int64_t us);

/* ---- reading ---- */

struct ltp_in {
	int	 col[LTP_COLS];	/* where each is, -1: not there */
};

/* Finds the columns; EX_DATAERR names one that is missing.  symbol, token, ts
 * and ltp must be there; others that are not read as not known. */
int	ltp_open(struct ltp_in *in, struct tsv *rows, struct fault *f);
/* The row that rows->f holds, which is unescaped in place; EX_DATAERR names
 * line and column. */
int	ltp_take(const struct ltp_in *in, struct tsv *rows, struct ltp_row *r,
	    struct fault *f);

#endif
