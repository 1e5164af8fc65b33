/*
 * hold - bytes that could not be written yet
 *
 * Stands before something that is appended to.  While that fails (a full disk)
 * the bytes are held, in their order, and put again when hold_retry() is
 * called: nothing is lost as long as memory bears it.  The bound is the
 * caller's to obey: once hold_over() is true it should stop making more.
 *
 * They wait in blocks, and a block goes back to the system when it is written,
 * so that a hold of hundreds of megabytes costs no copying and no lasting
 * memory.
 */
#ifndef HOLD_H
#define HOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "fault.h"

enum {
	HOLD_BLOCK = 1 << 20,		/* bytes of a block; a longer put has
					 * one of its own */
	HOLD_TURN = 16 << 20		/* bytes that one hold_retry() puts, or a
					 * block more: it stands in the feed's
					 * way meanwhile */
};

struct hold_block;

struct hold {
	size_t		 len;		/* bytes that wait */
	size_t		 max;		/* more than this is too much */
	struct fault	 why;		/* of the last failure */
	/* Appends p[n]; how many bytes of it, and why not all.  What it gets is
	 * one or more puts, whole but for what it took of them before. */
	size_t		(*put)(void *arg, const void *p, size_t n,
			    struct fault *f);
	void		*arg;
	/* private */
	struct hold_block *first, *last;
};

/* 0: written; 1: held; -1: neither, out of memory. */
int	hold_put(struct hold *h, const void *p, size_t n);
/* Puts what waits, the oldest first: 0 nothing waits any more; 1 there is more,
 * call again soon; -1 it still fails. */
int	hold_retry(struct hold *h);
bool	hold_over(const struct hold *h);
void	hold_free(struct hold *h);

#endif
