/*
 * keep - a capture beside the rows that never stands in their way
 *
 * For das-tick -w and for rejects.bin: the file is made with the first frame,
 * frames that the disk does not take are held up to a bound and written later,
 * those beyond it are counted and gone.
 */
#ifndef KEEP_H
#define KEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "capture.h"
#include "hold.h"

struct keep {
	uint64_t	 frames;	/* taken */
	uint64_t	 lost;		/* of them, beyond the bound */
	/* private */
	struct capture_w w;
	struct hold	 hold;
	struct buf	 one;
	const char	*path;
	uint64_t	 limit;
	bool		 open;
};

/* path outlives it; max is the bound in bytes of what is held, limit of a
 * segment (0: there are none). */
void	keep_init(struct keep *k, const char *path, size_t max,
	    uint64_t limit);
/* Opens the file now, to learn early that it cannot be had; as
 * capture_w_open(). */
int	keep_open(struct keep *k, struct fault *f);
/* 0: written; 1: held; -1: lost.  k->hold.why says why. */
int	keep_put(struct keep *k, const struct capture_frame *c);
/* Writes what is held, as hold_retry(). */
int	keep_retry(struct keep *k);
/* Tries once more, then closes; -1 with f when frames were lost by that. */
int	keep_close(struct keep *k, struct fault *f);

#endif
