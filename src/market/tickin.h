/*
 * tickin - a row of topic ticks back into a struct tick
 *
 * The other way of tick_format(): what the row has as \N is 0 in the tick, and
 * the kind is the fullest that the token can have.  Columns are found by name;
 * recvTime, instrument_token and price must be there.
 */
#ifndef TICKIN_H
#define TICKIN_H

#include "fault.h"
#include "tick.h"
#include "tsv.h"

enum { TICKIN_COLS = 49 };

struct tickin {
	int	 col[TICKIN_COLS];	/* where each is, -1: not there */
};

/* Finds the columns; EX_DATAERR names one that is missing. */
int	tickin_open(struct tickin *in, struct tsv *rows, struct fault *f);
/* The tick of the row that rows->f holds, and when it was received; EX_DATAERR
 * names line and column. */
int	tickin_row(const struct tickin *in, const struct tsv *rows,
	    struct tick *t, int64_t *recv_us, struct fault *f);

#endif
