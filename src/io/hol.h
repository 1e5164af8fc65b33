/*
 * hol - what the sources of holidays say, made one
 *
 * Upstox, GET /v2/market/holidays: {"status":"success","data":[{"date":
 * "YYYY-MM-DD", "description", "holiday_type", "closed_exchanges":["NSE"..],
 * "open_exchanges":[{"exchange", "start_time", "end_time" in ms}..]}..]}.
 * NSE is closed when it is among the closed and not among the open ones;
 * holiday_type misleads.
 *
 * NSE, GET /api/holiday-master?type=trading: {"CM":[{"tradingDate":
 * "DD-Mon-YYYY", "description"..}..], "FO":..}: CM is the cash market.
 */
#ifndef HOL_H
#define HOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"

enum { HOL_EXCHANGES = 16, HOL_DAYS_MAX = 1000 };

struct hol_session {
	char	 exchange[8];
	int64_t	 open_us, close_us;	/* wall time; both 0: closed that day */
};

struct hol_day {
	int32_t	 day;
	bool	 closed;		/* NSE does not trade */
	char	 note[64];
	size_t	 n;
	struct hol_session s[HOL_EXCHANGES];
};

struct hol {
	struct hol_day	*v;		/* in the source's order */
	size_t		 n;
};

/*
 * Reads an answer into a zeroed h; end with hol_free(), also after -1:
 * EX_DATAERR when it is no JSON, has another shape, or names no day on which
 * NSE is closed: an HTML page and an empty list are no list.
 */
int	hol_upstox(struct hol *h, const char *text, size_t len,
	    struct fault *f);
int	hol_nse(struct hol *h, const char *text, size_t len, struct fault *f);
void	hol_free(struct hol *h);

/* The entry of a day; NULL when there is none. */
const struct hol_day *hol_find(const struct hol *h, int32_t day);
/* True when some entry is of the year of day. */
bool	hol_covers(const struct hol *h, int32_t day);

#endif
