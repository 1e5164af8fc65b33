/*
 * subs - which tokens a client of the ticker has subscribed, and in what mode
 */
#ifndef SUBS_H
#define SUBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kite.h"
#include "tick.h"

struct sub {
	uint32_t	 token;
	enum tick_kind	 kind;		/* TICK_LTP, _QUOTE or _FULL: the mode */
	bool		 pending;	/* the caller's: not served yet; true at
					 * first */
};

struct subs {				/* zeroed: none */
	struct sub	 v[KITE_TOKENS_MAX];	/* sorted by token */
	size_t		 n;
	size_t		 nfull;		/* in mode full */
};

/* NULL: it is not subscribed.  Valid until one is added or removed. */
struct sub *subs_find(struct subs *s, uint32_t token);
/* In mode quote: 1; 0 it was there already; -1 it is one too many. */
int	subs_add(struct subs *s, uint32_t token);
void	subs_remove(struct subs *s, struct sub *which);
void	subs_mode(struct subs *s, struct sub *which, enum tick_kind kind);
/* "ltp", "quote", "full"; -1: none of these. */
int	subs_mode_from(const char *name, enum tick_kind *kind);

#endif
