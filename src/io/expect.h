/*
 * expect - what the spool says that the main tables of a day must have
 *
 * Counted (tally.h) from the rows of topic ticks, apart from what was loaded, in
 * passes: each goes through the spool once for a part of the tables, so that the
 * memory stays the same however long the day was.  Passes may be made by
 * different processes (workers.h); what they find all of them see.
 */
#ifndef EXPECT_H
#define EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "dayreport.h"
#include "fault.h"
#include "group.h"
#include "inst.h"
#include "tally.h"

struct expect {
	/* the caller's, before expect_open() */
	const struct conf *conf;
	const char	*day;
	const struct inst_set *set;
	const struct inst_groups *tables;
	const struct dayreport *report;	/* for tokens that nobody knows */
	uint64_t	 rows;		/* of the day, about */
	bool		 cut_oi, values;	/* store_cuts(), store_sums_values() */
	bool		*image;		/* of which of tables->v the sum is that of
					 * rowimage.h; NULL: none */
	bool		*only;		/* which are counted; NULL: all */
	/* found */
	struct tally_table *v;		/* in the order of tables->v */
};

struct expect_rows {			/* of the whole day; any pass knows them */
	uint64_t	 rows, kept_out;
};

/* Memory that all processes share, kept until the program ends; EX_TEMPFAIL. */
int	expect_open(struct expect *e, struct fault *f);
/* How many passes, at least one. */
size_t	expect_passes(const struct expect *e);
/* Makes one.  The last writes the report of unknown tokens.  EX_DATAERR a row is
 * not as it must be, EX_TEMPFAIL a stop was asked for or the day still grows,
 * and what rows.h says. */
int	expect_pass(const struct expect *e, size_t pass, struct expect_rows *r,
	    struct fault *f);

/* What a table must have. */
const struct tally_table *expect_of(const struct expect *e,
	    const struct inst_group *g);

#endif
