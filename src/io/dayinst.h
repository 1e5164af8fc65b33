/*
 * dayinst - the instruments of a day
 *
 * Today's are those of das-lookup, lookupDir/instruments.tsv; a copy of them is
 * kept with the day's spool, spoolDir/DAY/instruments.tsv, as soon as there is
 * one: who only reads does not begin a day.  What das-lookup no longer has stays
 * in the copy and counts for that day: das-tick goes on with what it has begun
 * with, and there are rows already.  A past day, and one that is CLOSED, is read
 * with its copy, which comes back from the archive when it is gone: the broker
 * uses an instrument_token again after its expiry.
 */
#ifndef DAYINST_H
#define DAYINST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "conf.h"
#include "fault.h"
#include "inst.h"
#include "spool.h"

#define DAYINST_NAME	"instruments.tsv"

struct dayinst {
	struct inst_set	 set;
	bool		 other_day;	/* no copy was kept: they are today's, and
					 * the day is past */
	/* private */
	char		 path[SPOOL_PATH];	/* where they are from */
	struct stat	 st;		/* of path, when they were read */
	int64_t		 looked;	/* at path, clk_mono() */
	bool		 changed;	/* path, since */
};

/* Reads them into a zeroed struct, or in the place of older ones: EX_NOINPUT,
 * EX_DATAERR, and what a copy that cannot be written gives; then they are as
 * before. */
int	dayinst_load(struct dayinst *d, const struct conf *c, const char *day,
	    struct fault *f);
/* Has das-lookup run since?  Looks once a second at most. */
bool	dayinst_changed(struct dayinst *d);
/* Harmless on a zeroed struct. */
void	dayinst_free(struct dayinst *d);

#endif
