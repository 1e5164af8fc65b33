/*
 * casthttp - the requests that das-cast takes on its port
 *
 *	GET /		the upgrade to a WebSocket; ?shape=batch, ?token=...;
 *			without one the page (castpage.h)
 *	GET /events	the same rows as server-sent events (castevents.h)
 *	GET /healthz	200 "ok", or 503 and what is wrong
 *	GET /metrics	Prometheus' text format
 *
 * Pages of browsers must be ours or on the list, or any page that somebody opens
 * could read the feed (casthost.h).
 */
#ifndef CASTHTTP_H
#define CASTHTTP_H

#include <stddef.h>

#include "castclient.h"
#include "hreq.h"

/* A whole head, written over. */
void	casthttp_take(struct castclient *c, char *head, size_t n);
/* Answers with that status, 400 and on, and ends; in words of its own. */
void	casthttp_refuse(struct castclient *c, int status);
void	casthttp_refuse_words(struct castclient *c, int status,
	    const char *words);

#endif
