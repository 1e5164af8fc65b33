/*
 * sift - which rows of topic ticks belong into a day's table, and where
 *
 * A row belongs there when its exchange time is of the day and its instrument
 * is known; what is no row of ticks at all is bad.
 */
#ifndef SIFT_H
#define SIFT_H

#include <stdint.h>

#include "clk.h"
#include "fault.h"
#include "inst.h"

struct sift {
	const struct inst_set *set;	/* stays the caller's */
	char		 day[CLK_DAY];
	/* private, by sift_head() */
	int		 ncol, token, symbol, time, last;
};

enum sift_as { SIFT_TAKE, SIFT_KEEP_OUT, SIFT_UNKNOWN, SIFT_BAD };

struct sifted {
	enum sift_as	 as;
	uint32_t	 token;
	const struct inst *in;
	int		 sec;		/* of the day, when it is to be taken */
	const char	*why;		/* it is bad */
};

/* Takes the header of the rows that follow.  EX_DATAERR: a column is missing. */
int	sift_head(struct sift *s, const char *header, struct fault *f);
/* Judges a row, whose newline is at nl. */
struct sifted sift_row(const struct sift *s, const char *row, const char *nl);

#endif
