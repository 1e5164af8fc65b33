/*
 * castsay - what das-cast says to a client: answers, errors, the welcome
 *
 * The id of the request that is being answered stands in cast->id and goes into
 * the answer.  What is big is refused while too much of it waits for clients
 * that do not take it.
 */
#ifndef CASTSAY_H
#define CASTSAY_H

#include <stdbool.h>
#include <stddef.h>

#include "castclient.h"
#include "js.h"

enum { CASTSAY_TIME = 40 };	/* bytes of a time, with NUL */

/* The wall clock, UTC, ISO 8601 with +00:00; gives out. */
char	*castsay_now(char out[CASTSAY_TIME]);
/* Adds a message of status.  -1: ENOMEM. */
int	castsay_status(struct cast *k, struct buf *b);
/* The first message to a client. */
void	castsay_welcome(struct castclient *c);

/* Takes over the id of a request, none where it has none: what is wrong with
 * it, or NULL. */
const char *castsay_id(struct cast *k, const struct js *doc);
/* Says an object, with the id in it; b is freed.  rc not 0: memory was out when
 * it was made. */
void	castsay_answer(struct castclient *c, struct buf *b, int rc);
/* The same of a text, made with printf(). */
void	castsay_text(struct castclient *c, const char *text);
/* code: one of das-cast(1)'s words. */
void	castsay_error(struct castclient *c, const char *code,
	    const char *words);
/* Is there room for a big answer?  Else an error busy was said. */
bool	castsay_room(struct castclient *c);

#endif
