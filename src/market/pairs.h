/*
 * pairs - how many distinct (token, exchange second) there are in a stream
 *
 * The ticks of one token must come in order of time, as they do on the wire, so
 * that its last second is all that has to be kept.
 */
#ifndef PAIRS_H
#define PAIRS_H

#include <stddef.h>
#include <stdint.h>

struct pairs {
	uint64_t	 count;
	/* private */
	struct pairs_seen *seen;
	size_t		 n, cap;
};

/* Counts the pair when it is new: 1, 0 it is not, -1 out of memory.  sec is not
 * 0.  A zeroed struct has none; end with pairs_free(). */
int	pairs_add(struct pairs *p, uint32_t token, uint32_t sec);
void	pairs_free(struct pairs *p);

#endif
