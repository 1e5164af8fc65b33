/*
 * ltpsift - is this a row of topic ltp? judged without taking it apart
 *
 * What the tables of topic ltp are known by, symbol and ts, is looked at here;
 * whether a figure is a number, is the store's to say.  Much quicker than
 * ltp_take(), which makes numbers of all of it.
 */
#ifndef LTPSIFT_H
#define LTPSIFT_H

#include <stdbool.h>

#include "clk.h"
#include "fault.h"

enum { LTPSIFT_COLS = 5 };

struct ltpsift {		/* private, by ltpsift_head() */
	int	 ncol;
	int	 col[LTPSIFT_COLS];
	char	 day[CLK_DAY];	/* the last one that was one */
};

struct ltpsifted {
	const char *why;	/* it is bad, or NULL */
	const char *symbol, *ts;	/* within the row */
	bool	 oi;		/* it has an open interest */
};

/* Takes the header of the rows that follow.  EX_DATAERR: a column is missing. */
int	ltpsift_head(struct ltpsift *s, const char *header, struct fault *f);
/* Judges a row, whose newline is at nl. */
struct ltpsifted ltpsift_row(struct ltpsift *s, const char *row,
	    const char *nl);

#endif
