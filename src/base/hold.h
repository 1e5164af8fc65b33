/*
 * hold - bytes that could not be written yet
 *
 * Stands before something that is appended to.  While that fails (a full disk)
 * the bytes are held, in their order, and put again when hold_retry() is
 * called: nothing is lost as long as memory bears it.  The bound is the
 * caller's to obey: once hold_over() is true it should stop making more.
 */
#ifndef HOLD_H
#define HOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "fault.h"

struct hold {
	struct buf	 b;		/* what waits, the oldest first */
	size_t		 max;		/* more than this is too much */
	struct fault	 why;		/* of the last failure */
	/* Appends p[n]; how many bytes of it, and why not all. */
	size_t		(*put)(void *arg, const void *p, size_t n,
			    struct fault *f);
	void		*arg;
};

/* 0: written; 1: held; -1: neither, out of memory. */
int	hold_put(struct hold *h, const void *p, size_t n);
/* Puts what waits: 0 nothing waits any more, -1 it still fails. */
int	hold_retry(struct hold *h);
bool	hold_over(const struct hold *h);
void	hold_free(struct hold *h);

#endif
