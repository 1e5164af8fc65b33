/*
 * simlist - lists of the exchange and of Upstox, simulated
 *
 * GET /content/indices/ind_nifty500list.csv and /api/holiday-master?type=
 * trading, which refuse a client that does not call itself a browser, as NSE
 * does, and GET /v2/market/holidays.  From the same holidays comes the calendar
 * that the simulated market trades by.
 */
#ifndef SIMLIST_H
#define SIMLIST_H

#include <stdbool.h>
#include <stdint.h>

#include "cal.h"
#include "fault.h"
#include "inst.h"
#include "serve.h"

struct simlist;

struct simlist_spec {
	int32_t		 day;		/* its year's holidays are made up */
	const char	*holidays;	/* Upstox's JSON; NULL: made up */
	const char	*sessions;	/* sessions.tsv */
};

/* EX_NOINPUT, EX_DATAERR: one of the files. */
int	simlist_open(struct simlist **l, const struct simlist_spec *spec,
	    struct fault *f);
void	simlist_close(struct simlist *l);

/* Sessions and holidays; valid until simlist_close(). */
const struct cal *simlist_cal(const struct simlist *l);

/* The list of 500: path's bytes, or NULL: made from the set. */
int	simlist_nifty500(struct simlist *l, const char *path,
	    const struct inst_set *set, struct fault *f);

/* Answers the request and gives true when it is for one of the paths above. */
bool	simlist_request(struct simlist *l, struct serve_conn *c,
	    const struct serve_req *q);

#endif
