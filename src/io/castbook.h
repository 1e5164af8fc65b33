/*
 * castbook - the latest row of every symbol of topic ltp, ready to be sent
 *
 * A row becomes one flat JSON object with the keys of the original broadcaster
 * in its order; numbers are those of the row, digit by digit.  A value that is
 * no number where one belongs is null.  What the instruments say of a symbol
 * (index, expiry, strike) is kept with it, for filters.
 */
#ifndef CASTBOOK_H
#define CASTBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "fault.h"
#include "indices.h"
#include "inst.h"

enum {
	CASTBOOK_FIELDS = 14,
	CASTBOOK_ALL = (1 << CASTBOOK_FIELDS) - 1,	/* a bit for each */
	CASTBOOK_MAX = 200000,		/* symbols; more are turned away */
	CASTBOOK_SYMBOL = 64		/* bytes of one, with NUL */
};

/* symbol token ts ltp bid ask volume oi delta gamma theta vega iv source */
extern const char *const castbook_fields[CASTBOOK_FIELDS];

struct quote {
	char		 symbol[CASTBOOK_SYMBOL];
	uint32_t	 token;		/* 0: the row's is no number */
	/* of the instruments; index "" where they do not have it */
	char		 index[64];	/* that it belongs to: NIFTY; or "" */
	enum inst_kind	 kind;
	int32_t		 expiry;	/* day, or INST_NO_EXPIRY */
	int64_t		 strike_e7;
	bool		 watched;	/* belongs to what is sent unasked */
	/* of its last row */
	uint64_t	 version;	/* how many rows had come, with it */
	uint64_t	 seq;		/* as castbook_row() was told */
	char		*json;		/* {"symbol":...,"source":"ws"} */
	size_t		 len, cap;
	uint16_t	 at[CASTBOOK_FIELDS + 1];	/* where a member
					 * begins; the last: the brace */
};

struct castbook {
	struct quote	*v;		/* by id, 0 and on */
	size_t		 n;
	uint64_t	 rows;		/* that came */
	uint64_t	 version;	/* grows with each of them */
	uint64_t	 refused;	/* rows without symbol, too long, or of a
					 * symbol too many */
	/* private */
	size_t		 cap, nslot;
	uint32_t	*slot;		/* hash table of id + 1 */
	int		 col[CASTBOOK_FIELDS];	/* in a row; -1: none */
	int		 ncol;
	char		*header;
};

/* Zeroed is empty; harmless on that. */
void	castbook_free(struct castbook *b);
/* Forgets all symbols, for a new day; ids begin anew, version goes on. */
void	castbook_clear(struct castbook *b);

/* Columns of the rows that follow, by name.  EX_DATAERR: no column symbol. */
int	castbook_header(struct castbook *b, const char *header,
	    struct fault *f);
/* Takes a row (no newline; written over): its quote, or NULL where
 * it is refused or memory is out.  Pointers to quotes are valid until then. */
struct quote *castbook_row(struct castbook *b, char *text, uint64_t seq);
/* The same of a row that does not go into the book, in q, which is the caller's:
 * zeroed at first, later written over; ends with free(q->json).  -1: refused. */
int	castbook_read(const struct castbook *b, char *text, struct quote *q);
/* By symbol; NULL: there was no row of it. */
struct quote *castbook_find(const struct castbook *b, const char *symbol);
/* Is the time of its row before that of the other's? */
bool	castbook_is_older(const struct quote *a, const struct quote *b);
/* The number of a field's name, -1. */
int	castbook_field(const char *name);
/* Last price in 1e-7 rupee; -1: none. */
int	castbook_ltp(const struct quote *q, int64_t *e7);

/* What an instrument says of a quote, on that day. */
void	castbook_inst(struct quote *q, const struct inst *i,
	    const struct indices *x, int32_t day);
/* Looks every symbol up, or those from id first on. */
void	castbook_know(struct castbook *b, size_t first,
	    const struct inst_set *set, const struct indices *x, int32_t day);

/*
 * Adds the object with these fields, and behind them tail, members like
 * ",\"seq\":7" or "".  -1: ENOMEM.
 */
int	castbook_put(struct buf *b, const struct quote *q, unsigned fields,
	    const char *tail);

#endif
