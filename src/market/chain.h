/*
 * chain - the state of the indices: spot, futures, options by expiry and strike
 *
 * Made once of the day's instruments; takes the quotes as they come; says at
 * any moment the forward of every expiry, the strike at the money, what is
 * watched, and the figures of an option.  Time is always an argument.
 *
 * An expiry's instant is the close of its exchange's last session on that day,
 * of the effective-dated table (cal.h).  Memory: some 200 bytes an instrument.
 */
#ifndef CHAIN_H
#define CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cal.h"
#include "fault.h"
#include "figure.h"
#include "forward.h"
#include "indices.h"
#include "inst.h"
#include "ltp.h"
#include "quote.h"

struct chain_item {		/* an instrument */
	const struct inst *inst;
	struct quote	 q;
	struct chain	*chain;		/* NULL: of none, chains_rest() */
	struct chain_expiry *expiry;	/* NULL: spot, or of none */
	uint32_t	 strike;	/* of an option: its place in the expiry */
	bool		 touched;	/* the caller's */
};

struct chain_strike {
	int64_t		 strike_e7;
	struct chain_item *leg[FIGURE_LEGS];	/* NULL: there is none */
};

struct chain_expiry {
	int32_t		 day;
	int64_t		 close_us;	/* or FIGURE_NO_TIME */
	struct chain_item *future;	/* NULL: there is none */
	struct chain_strike *strike;	/* ascending; none: a future alone */
	size_t		 n;
	struct forward	 forward;	/* as of the last chain_look() */
	double		 last;		/* the last one that there was; NAN */
};

struct chain {			/* an index */
	const struct index_def *def;
	struct chain_item *spot;	/* NULL: not among the instruments */
	struct chain_expiry *expiry;	/* ascending */
	size_t		 n;
	int64_t		 exch_us;	/* newest exchange time of all; 0 none */
	double		 carry;		/* of the nearest future; NAN */
};

struct chain_rules {
	struct figure_rules figure;
	double	 carry;		/* a year; NAN: that of the nearest future */
	size_t	 window;	/* strikes on each side of the money */
	bool	 all;		/* everything is watched */
};

struct chains {
	struct chain	*v;
	size_t		 n;
	/* private */
	struct chain_item *item, *rest;
	size_t		 nitem, nrest;
	struct chain_expiry *expiry;
	struct chain_strike *strike;
	struct chain_item **hash;	/* by token */
	uint32_t	 mask;
};

/* Of those n indices, from what set has of them; set and def must stay.  End with
 * chains_free(), also after -1: EX_TEMPFAIL no memory. */
int	chains_make(struct chains *c, const struct inst_set *set,
	    const struct index_def *const *def, size_t n,
	    const struct cal *cal, struct fault *f);
/* What else the set has becomes instruments of no index, which are watched
 * where all is.  EX_TEMPFAIL no memory. */
int	chains_rest(struct chains *c, const struct inst_set *set,
	    struct fault *f);
/* Harmless on a zeroed struct. */
void	chains_free(struct chains *c);
/* The instrument of a token, NULL when it is none of theirs. */
struct chain_item *chains_find(const struct chains *c, uint32_t token);
/* Forgets all quotes. */
void	chains_reset(struct chains *c);

/* Takes what is known of an instrument now. */
void	chain_take(struct chain_item *it, const struct quote *q);
/* The forwards at our time now_us, for what follows. */
void	chain_look(struct chain *c, const struct chain_rules *r,
	    int64_t now_us);
/* That of one expiry alone, with the carry that was known. */
void	chain_look_at(struct chain *c, struct chain_expiry *e,
	    const struct chain_rules *r, int64_t now_us);

/* The nearest expiry with options that has not come yet; NULL: none. */
struct chain_expiry *chain_nearest(const struct chain *c);
/* The place of the strike at the money: nearest to the forward, or to the last
 * one, or to the spot; -1: no price tells. */
ptrdiff_t chain_atm(const struct chain *c, const struct chain_expiry *e);

/* Calls fn for all that is watched and of which a price is known: spot, futures,
 * options by expiry, strike, call before put. */
typedef int	chain_fn(struct chain_item *it, void *arg, struct fault *f);
int	chain_watched(const struct chain *c, const struct chain_rules *r,
	    chain_fn *fn, void *arg, struct fault *f);
/* Is that one? */
bool	chain_is_watched(const struct chain_item *it,
	    const struct chain_rules *r);

/* The figures of an option, after chain_look(), or of both of its strike; see
 * figure_make(). */
void	chain_figures(const struct chain_item *it, const struct chain_rules *r,
	    int64_t now_us, bool both, struct figure out[FIGURE_LEGS]);

/* Open interest of puts to that of calls; NAN: that of one side is not known, or
 * the calls have none. */
double	chain_pcr(const struct chain_expiry *e);
/* The strike at which all options together would pay out least, 1e-7 rupee;
 * LTP_NONE: no open interest is known, or of one side none. */
int64_t	chain_max_pain(const struct chain_expiry *e);

#endif
