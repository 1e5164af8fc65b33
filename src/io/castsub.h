/*
 * castsub - subscribe and unsubscribe: requests into a castspec
 */
#ifndef CASTSUB_H
#define CASTSUB_H

#include <stdbool.h>
#include <stddef.h>

#include "castclient.h"
#include "castspec.h"
#include "js.h"

/* The terms of a request (symbols, index, expiry) into s, that they are of an
 * unsubscribe or not; *n of them.  NULL, or what is wrong with them. */
const char *castsub_terms(struct castspec *s, const struct js *doc, bool out,
	    size_t *n);
/* Its limit: true and *n, which stays where there is none or a higher one. */
bool	castsub_limit(const struct js *doc, size_t *n);

/* A whole request subscribe into s; *now: the latest rows at once.  NULL, or what
 * is wrong with it. */
const char *castsub_read(struct castspec *s, const struct js *doc, bool *now);

void	castsub_add(struct castclient *c, const struct js *doc);
void	castsub_remove(struct castclient *c, const struct js *doc);

#endif
