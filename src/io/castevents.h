/*
 * castevents - GET /events: the rows as server-sent events, for curl and for
 * a browser's EventSource
 *
 *	?symbols=NIFTY*CE,BANK*&index=NIFTY&expiry=2026-11-24&mode=tick
 *	&fields=ltp,iv&shape=batch&seq=0&status=1&snapshot=1
 *
 * &since=SEQ, and a header Last-Event-ID likewise, begin behind that row.
 *
 * The members of a request subscribe, with commas for an array; seq is 1 unless
 * it is said to be 0.
 */
#ifndef CASTEVENTS_H
#define CASTEVENTS_H

#include "castclient.h"
#include "hreq.h"

/* Such a request, which may be made: answers it. */
void	castevents_take(struct castclient *c, const struct hreq *q);

#endif
