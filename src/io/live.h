/*
 * live - a day's capture of the live ticker
 *
 * Drives the connections (ticker) and brings what they carry to the rows
 * (record), keeps the gap ledger and status.tsv, and ends at the close.  Says in
 * words when a connection opens or is lost, and how it ended.
 */
#ifndef LIVE_H
#define LIVE_H

#include <stdint.h>

#include "conf.h"
#include "fault.h"
#include "inst.h"
#include "plan.h"
#include "record.h"

struct live_spec {
	const struct conf *conf;
	const struct inst_set *set;	/* to be subscribed, at least one */
	const struct plan *plan;	/* on which connection */
	struct record	*record;	/* after record_init() */
	const char	*out;		/* rows go to this file; NULL: the spool */
	const char	*raw;		/* raw frames go there too, or NULL; */
	uint64_t	 raw_limit;	/* bytes of a segment of them */
};

/*
 * 0: ran to the close.  -1: EX_TEMPFAIL asked to stop; EX_UNAVAILABLE never
 * connected; EX_NOPERM, EX_CONFIG ... what no new attempt would cure; faults of
 * record.  The record is closed in each case, or has nothing left to close.
 */
int	live_run(const struct live_spec *spec, struct fault *f);

#endif
