/*
 * tally - what a day's rows of topic ticks amount to, counted from the rows
 *
 * For every instrument the distinct seconds in which it ticked: what the store
 * must have.  Written apart from the code that loads, so that one finds the
 * other's mistakes.  Memory: about 3.5 KB for each instrument that ticks
 * through a session of 7 hours, 11 KB through all 24; the caller goes through
 * the rows once for every so many tables.
 */
#ifndef TALLY_H
#define TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "group.h"
#include "inst.h"
#include "tsv.h"

enum { TALLY_STRANGERS = 1000 };	/* unknown tokens listed; more are counted */

struct tally_stranger {
	uint32_t	 token;
	uint64_t	 rows;
};

struct tally {
	uint64_t	 rows;		/* all of them */
	uint64_t	 kept_out;	/* without a time of the day, or unknown */
	uint64_t	 unknown;	/* of these: not in the set */
	struct tally_stranger *stranger;	/* in order of their first row */
	size_t		 nstranger;
	/* private */
	const struct inst_set *set;
	int32_t		 day;
	struct tally_bits *bits;	/* of each of the set */
	struct tsv	 tsv;
	int		 c_token, c_time;
};

/* Counts seconds for the n tables from g on.  End with tally_free(), also after
 * -1 (no memory). */
int	tally_init(struct tally *t, const struct inst_set *set, int32_t day,
	    const struct inst_group *g, size_t n, struct fault *f);
void	tally_free(struct tally *t);

/* The header of the rows that follow; EX_DATAERR. */
int	tally_head(struct tally *t, const char *header, struct fault *f);
/* Whole rows, which are changed; EX_DATAERR with the number of bad bytes from
 * the beginning, or no memory. */
int	tally_rows(struct tally *t, char *rows, size_t len, struct fault *f);

/* Distinct seconds of a table's instruments together, and their sum apart
 * (*pairs, may be NULL). */
uint32_t tally_seconds(const struct tally *t, const struct inst_group *g,
	    uint64_t *pairs);

#endif
