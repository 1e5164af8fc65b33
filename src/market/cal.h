/*
 * cal - trading days and sessions
 *
 * Sessions are data, lookup/sessions.tsv, effective-dated per exchange:
 *
 *	exchange from to days open close note
 *
 * exchange is Kite's (NSE BSE NFO BFO CDS BCD MCX); from and to are days, both
 * included, \N for "still"; days are the weekdays it holds for, "Mon-Fri" or
 * "Sat"; a row whose days are "special" holds for every day from..to whatever
 * weekday or holiday it is, and then only the special rows of that exchange and
 * day count; open and close are HH:MM, "-" in both: closed.  Several rows may
 * hold for one day: several windows, joined where they overlap.  Indices trade
 * with NSE and BSE.  Several files may be read: of special rows of an exchange
 * and day only those of the first file that has any count.
 *
 * Holidays are lookup/tradingHolidays.csv: one column Date, YYYY-MM-DD.
 */
#ifndef CAL_H
#define CAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"

enum { CAL_WINDOWS_MAX = 8 };

struct cal_window {
	int64_t	 open_us, close_us;	/* wall time, us since the epoch */
};

struct cal_rule;		/* one row of sessions.tsv */

struct cal {
	struct cal_rule	*rule;
	size_t		 nrule;
	int32_t		*holiday;	/* sorted, unique */
	size_t		 nholiday;
};

/* A zeroed struct knows nothing: no session, no holiday.  Both add to what is
 * known.  EX_NOINPUT: cannot be opened; EX_DATAERR names file and line; then c
 * is as it was. */
int	cal_sessions(struct cal *c, const char *path, struct fault *f);
int	cal_holidays(struct cal *c, const char *path, struct fault *f);
int	cal_holiday_add(struct cal *c, int32_t day);	/* -1: out of memory */
/* Adds the column day of lookup/holidays.tsv: weekdays of the past, and of the
 * year that it was shipped in, without trading.  Errors as above, but what came
 * before a bad line stays. */
int	cal_past(struct cal *c, const char *path, struct fault *f);
int	cal_weekday(const char *s);	/* "Sun" 0 .. "Sat" 6; -1: none */
void	cal_free(struct cal *c);

bool	cal_is_holiday(const struct cal *c, int32_t day);
/* True when a special session is known for the exchange and day, and it is not
 * just "closed". */
bool	cal_is_special(const struct cal *c, const char *exchange, int32_t day);

/* Is there a row of the exchange, of whatever day? */
bool	cal_knows(const struct cal *c, const char *exchange);

/* The windows of the exchange on that day in order, at most CAL_WINDOWS_MAX; 0
 * on weekends and holidays without a special session. */
size_t	cal_windows(const struct cal *c, const char *exchange, int32_t day,
	    struct cal_window *w);
/* Puts a window among the n sorted ones of w, joining those that it meets; how
 * many there are now.  When that would be more than max (not 0) its neighbour
 * is made longer, up to and over it. */
size_t	cal_join(struct cal_window *w, size_t n, size_t max,
	    struct cal_window new);
/* The next (or previous) day after (before) day on which it trades; gives up
 * after 31 days with -1. */
int	cal_next(const struct cal *c, const char *exchange, int32_t day,
	    int step, int32_t *out);

#endif
