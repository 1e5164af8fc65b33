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

/* A message of a client: UTF-8. */
void	castreq_take(struct castclient *c, const char *text, size_t n);

#endif
