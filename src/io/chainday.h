/*
 * chainday - the chains of a day, and their rules, as the configuration has them
 *
 * The day's instruments (dayinst.h), the indices of "underlyings", the session
 * table for the instants of the expiries, and the keys atmWindow, castSymbols
 * and iv... of das-config(5).
 */
#ifndef CHAINDAY_H
#define CHAINDAY_H

#include <stdbool.h>

#include "cal.h"
#include "chain.h"
#include "conf.h"
#include "dayinst.h"
#include "fault.h"
#include "underlyings.h"

struct chainday {
	bool		 rest;		/* before it is loaded: chains_rest() too */
	struct dayinst	 inst;
	struct underlyings under;
	struct cal	 cal;
	struct chains	 chains;
	struct chain_rules rules;
};

/* Into a zeroed struct (but rest), or in the place of what it was: EX_NOINPUT no
 * instruments, EX_CONFIG, EX_DATAERR, EX_TEMPFAIL.  End with chainday_free(),
 * also after -1. */
int	chainday_load(struct chainday *d, const struct conf *c,
	    const char *day, struct fault *f);
void	chainday_free(struct chainday *d);

#endif
