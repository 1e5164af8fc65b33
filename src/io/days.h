/*
 * days - the trading calendar as the configuration has it
 *
 *	sessions.tsv			shipped, or the user's own in lookupDir
 *	lookupDir/sessions_announced.tsv	what das-holiday heard of: special
 *					sessions, same columns; may be absent
 *	lookupDir/tradingHolidays.csv	das-holiday's list; may be absent
 *
 * For a special day the first of the two session files that has rows of an
 * exchange counts, so that a user's correction wins over an announcement.
 */
#ifndef DAYS_H
#define DAYS_H

#include "cal.h"
#include "conf.h"
#include "fault.h"

#define DAYS_ANNOUNCED	"sessions_announced.tsv"
#define DAYS_HOLIDAYS	"tradingHolidays.csv"

/* Fills a zeroed cal; end with cal_free(), also after -1: EX_CONFIG no session
 * table, EX_DATAERR naming file and line. */
int	days_load(struct cal *c, const struct conf *conf, struct fault *f);
/* The same without the holidays: for a day of which it is known that the
 * exchange trades, such as an expiry. */
int	days_sessions(struct cal *c, const struct conf *conf, struct fault *f);

#endif
