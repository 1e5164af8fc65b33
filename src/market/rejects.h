/*
 * rejects - what is wrong with frames that did not decode, by kind
 *
 * A second look at a frame that feed_frame() did not take wholly: why, counted
 * per kind and put in words when it is new.
 */
#ifndef REJECTS_H
#define REJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum reject_kind {
	REJECT_LENGTH,		/* a packet of a length that nobody documents */
	REJECT_KIND,		/* a packet of a kind its token cannot have */
	REJECT_CUT,		/* ends inside of a packet */
	REJECT_BEHIND,		/* bytes behind the last packet */
	REJECT_COUNT,		/* announces more packets than there are */
	REJECT_EMPTY,
	REJECT_BROKEN,		/* too long, or cut by the connection's end */
	REJECT_KINDS
};

/* Their names in status.tsv: "rejects_length" ... */
extern const char *const reject_name[REJECT_KINDS];

enum { REJECTS_NEW_MAX = 32 };	/* kinds, each with its length, put in words */

struct rejects {			/* zeroed: none yet */
	uint64_t	 count[REJECT_KINDS];	/* frames, by the first trouble
						 * in each */
	/* private */
	struct {
		enum reject_kind kind;
		size_t	 len;
	} known[REJECTS_NEW_MAX];
	int		 nknown;
};

/*
 * Looks at a frame; broken: it is only the beginning of one.  say, which may be
 * NULL, is called for every trouble in it that is new: of another kind than
 * all before it, or for REJECT_LENGTH and REJECT_KIND of another length.
 */
void	rejects_add(struct rejects *r, const uint8_t *frame, size_t len,
	    bool broken, void (*say)(const char *what, void *arg), void *arg);

#endif
