/*
 * tally - what a day's rows of topic ticks amount to, counted from the rows
 *
 * For every table the distinct seconds in which its instruments ticked, and the
 * checksum (rowsum.h) of the latest row of each: what the store must have.
 * Written apart from the code that loads, so that one finds the other's mistakes.
 * Memory: 8 to 16 bytes for each second of an instrument; the caller goes
 * through the rows once for every so many tables.
 */
#ifndef TALLY_H
#define TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "group.h"
#include "inst.h"
#include "rowsum.h"
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
	struct rowsum	 sum;		/* its values and cut_oi are the
					 * caller's to set */
	/* private */
	const struct inst_set *set;
	int32_t		 day;
	struct tally_run *run;		/* of each of the set */
	uint32_t	*crc;		/* of each second of the day: to sort in */
	uint64_t	*bit;		/* which of these are there */
	struct tsv	 tsv;
	int		 c_token, c_time;
};

/* Counts the rows.  End with tally_free(), also after -1 (no memory). */
int	tally_init(struct tally *t, const struct inst_set *set, int32_t day,
	    struct fault *f);
void	tally_free(struct tally *t);
/* And the seconds of a table, with that checksum or the one of rowimage.h. */
void	tally_want(struct tally *t, const struct inst_group *g, bool image);

/* The header of the rows that follow; EX_DATAERR. */
int	tally_head(struct tally *t, const char *header, struct fault *f);
/* Whole rows, which are changed; EX_DATAERR with the number of bad bytes from
 * the beginning, or no memory. */
int	tally_rows(struct tally *t, char *rows, size_t len, struct fault *f);

struct tally_table {
	uint64_t	 pairs;		/* instrument and second */
	uint64_t	 sum;		/* of the rows below; where two instruments have
					 * the same second, of the last one's */
	bool		 image;		/* sum is that of rowimage.h, 32 bits */
	uint32_t	 seconds;	/* of its instruments together */
};

struct tally_table tally_table(struct tally *t, const struct inst_group *g);

#endif
