/*
 * rowsum - a checksum of what a main table must say, from the rows of the spool
 *
 * Of its values, from timestamp to so4 (of an index: timestamp and price).  For a
 * server that of a row is the CRC-32 of them as text, with a tab between and \N
 * for null: numbers in decimal, with as many decimals as their column has
 * (changeper 10, prices 2), rounded half away from zero, as the server rounds what
 * it is given.  For SQLite, which keeps numbers as they are read, it is that of
 * valsum.h.  That of a table is the sum of its rows', in whatever order they come.
 * Written apart from the code that loads, and from what asks the table for the
 * same.
 */
#ifndef ROWSUM_H
#define ROWSUM_H

#include <stdbool.h>
#include <stdint.h>

#include "fault.h"
#include "tsv.h"

enum {
	ROWSUM_NCOL = 46,	/* columns of a main table */
	ROWSUM_NINDEX = 2	/* of that of an index */
};

struct rowsum {
	bool	 values;	/* that of valsum.h */
	bool	 cut_oi;	/* the store keeps open interest as a signed INT */
	/* private */
	int	 field[ROWSUM_NCOL];	/* of a row */
};

/* Finds the columns under a header that t has; EX_DATAERR one is missing. */
int	rowsum_head(struct rowsum *r, struct tsv *t, struct fault *f);
/* Of the fields of a row; n is ROWSUM_NCOL or ROWSUM_NINDEX. */
uint32_t rowsum_of(const struct rowsum *r, char *const *field, int n);

#endif
