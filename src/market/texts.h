/*
 * texts - texts.tsv: the text messages of a day, each as it came
 *
 *	recvTime conn type text
 *
 * type is the message's own word for what it is, or \N; text is all of it,
 * escaped as das-spool(5) has it, a NUL as \0.  Stands in nobody's way: the
 * file is made with the first message, rows that the disk does not take are
 * held up to a bound and written later, those beyond it are counted and gone.
 */
#ifndef TEXTS_H
#define TEXTS_H

#include <stdbool.h>
#include <stdint.h>

#include "append.h"
#include "capture.h"
#include "fault.h"
#include "hold.h"

struct texts {
	uint64_t	 count;		/* taken */
	uint64_t	 lost;		/* of them, beyond the bound */
	struct hold	 hold;		/* why: of the last failure */
	/* private */
	struct append	 file;
	const char	*path;
};

/* path outlives it; max is the bound in bytes of what is held. */
void	texts_init(struct texts *t, const char *path, size_t max);
/* c is of kind CAPTURE_TEXT; type may be NULL.  0: written; 1: held; -1: lost,
 * t->hold.why says why. */
int	texts_put(struct texts *t, const struct capture_frame *c,
	    const char *type);
/* Writes what is held, as hold_retry(). */
int	texts_retry(struct texts *t);
/* Tries once more, then closes; -1 with f when rows were lost by that.
 * Harmless on a zeroed struct. */
int	texts_close(struct texts *t, struct fault *f);

#endif
