/*
 * dayreport - what das-backup has to report of a day, as CSV files in a directory
 *
 *	backupsFailed_DAY.csv			instruments that are not filed right
 *	blankNifty500Instruments_DAY.csv	tables of the list without a tick
 *	DAS_unsubscribedInstrumentTokens_DAY.csv	tokens that nobody knows
 *
 * Faults: those of file_put(), EX_TEMPFAIL no memory.
 */
#ifndef DAYREPORT_H
#define DAYREPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "conf.h"
#include "fault.h"
#include "group.h"
#include "spool.h"
#include "tally.h"

struct dayreport {
	uint64_t	 nfailed;	/* instruments that are not filed right */
	/* private */
	const char	*day;
	char		 dir[SPOOL_PATH];
	struct buf	 failed;	/* rows of backupsFailed_DAY.csv */
};

/* Makes the directory, logDir/DAY_DAS_Logs; day stays the caller's. */
int	dayreport_open(struct dayreport *r, const struct conf *c,
	    const char *day, struct fault *f);
void	dayreport_close(struct dayreport *r);

/* The instruments of a table are not filed right; the first tables get a line on
 * stderr, with why. */
int	dayreport_fail(struct dayreport *r, const struct inst_group *g,
	    const char *why, struct fault *f);
/* Writes backupsFailed_DAY.csv and says so, or takes away that of an earlier
 * try. */
int	dayreport_failed(const struct dayreport *r, struct fault *f);

/* Writes the tokens that t did not know, and says so; nothing when it knew all. */
int	dayreport_strangers(const struct dayreport *r, const struct tally *t,
	    struct fault *f);

/* Writes the tables of lookupDir's list for which ticked() is false, each with
 * all its symbols; how many to *blank.  Says so when there is no list. */
int	dayreport_blank(const struct dayreport *r, const struct conf *c,
	    bool (*ticked)(const char *table, void *arg), void *arg,
	    uint64_t *blank, struct fault *f);

#endif
