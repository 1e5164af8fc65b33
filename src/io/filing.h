/*
 * filing - the tables of a day: into their main tables, and compared with the spool
 *
 * One process counts the spool (expect.h) while others file.  A server is given as
 * many as the configuration says; a file of SQLite takes one writer, so there are
 * two, which file in turns and compare while the other files.  A table that does not verify goes into the
 * report, and the others go on.
 */
#ifndef FILING_H
#define FILING_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "dayreport.h"
#include "expect.h"
#include "fault.h"
#include "store.h"

struct filing {
	/* the caller's */
	const struct conf *conf;
	const char	*day;
	struct store	**store;	/* may be another one afterwards */
	struct expect	*expect;	/* open */
	struct dayreport *report;
	bool		 check;		/* of a filed day: compare, file nothing */
	/* found */
	struct expect_rows spool;
	uint64_t	 filed;		/* rows of the day in the main tables */
	uint64_t	 pairs;		/* instrument and second, in the spool */
};

/* 0 when all was tried: report->nfailed tells.  -1: the store is away (after
 * retryCount tries of a table), an I/O error, a stop was asked for, or what
 * expect_pass() says. */
int	filing_run(struct filing *x, struct fault *f);

#endif
