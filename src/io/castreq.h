/*
 * castreq - what clients of das-cast ask, and what is said to them
 *
 * A request is one JSON object with a member type; das-cast(1) has them all.
 * What is wrong with one is answered, and the connection lives on.
 */
#ifndef CASTREQ_H
#define CASTREQ_H

#include <stddef.h>

#include "castclient.h"

enum { CASTREQ_TIME = 40 };	/* bytes of a time, with NUL */

/* The wall clock, UTC, ISO 8601 with +00:00; gives out. */
char	*castreq_now(char out[CASTREQ_TIME]);
/* Adds a message of status.  -1: ENOMEM. */
int	castreq_status(struct cast *k, struct buf *b);
/* The first message to a client. */
void	castreq_welcome(struct castclient *c);
/* A message of a client: UTF-8. */
void	castreq_take(struct castclient *c, const char *text, size_t n);

#endif
