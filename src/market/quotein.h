/*
 * quotein - of a row of topic ticks what a chain needs, and no more
 *
 * A day is 10^8 rows of 52 columns; of those of other instruments only two are
 * looked at, of a quote the first side of the depth.  Columns are found by name;
 * recvTime, instrument_token and price must be there, what else is not there
 * reads as not known.  A side without quantity, or without price, is none.
 */
#ifndef QUOTEIN_H
#define QUOTEIN_H

#include <stdbool.h>
#include <stdint.h>

#include "fault.h"
#include "quote.h"

enum { QUOTEIN_COLS = 12 };

struct quotein_day {		/* the text of a day that was read last */
	char	 text[12];
	int64_t	 us;
};

struct quotein {
	const char *name;	/* of the stream, for messages */
	/* private */
	int	 col[QUOTEIN_COLS];	/* needed ones, ascending */
	int	 what[QUOTEIN_COLS];	/* and what they are */
	int	 n, early;	/* how many; how many until token and time */
	bool	 has_qty[2];
	struct quotein_day day[3];
};

struct quotein_row {
	uint32_t token;
	int64_t	 recv_us;
	/* private */
	const char *field[QUOTEIN_COLS];	/* by what */
	const char *p, *end;
	int	 col;
};

/* The header of the rows that follow, no newline; EX_DATAERR names a column that
 * is missing.  name must outlive in. */
int	quotein_open(struct quotein *in, const char *header, const char *name,
	    struct fault *f);
/* Token and receive time of a row, from row up to end, where its newline was and
 * a NUL is; EX_DATAERR. */
int	quotein_begin(struct quotein *in, const char *row, const char *end,
	    struct quotein_row *r, struct fault *f);
/* The rest of it.  *older: flag says it is older than the row before it. */
int	quotein_rest(struct quotein *in, struct quotein_row *r,
	    struct quote *q, bool *older, struct fault *f);

#endif
