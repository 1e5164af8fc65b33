/*
 * ring - a log of ready-made messages, shared by all who get them: frames of a
 * WebSocket, or text up to a newline or an empty line
 *
 * A frame is put once; each reader has an offset into the log, 64 bits that
 * only grow, and sends as many bytes at a time as its socket takes, frames cut
 * or not.  The last cap bytes are there; the log grows on demand up to max, and
 * then what is oldest is lost.  Who is in the middle of a frame finds its end,
 * and how many frames and which version are behind it, from a mark for every
 * 4 KB and the heads of the frames.
 *
 *	lost = ring_room(&r, n, low);	readers below lost: move them first
 *	ring_put(&r, head, nhead, p, n, version);
 *	writev(fd, iov, ring_iov(&r, at, r.head, iov));
 */
#ifndef RING_H
#define RING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum {
	RING_MIN = 16 * 1024,	/* bytes of a log that has begun */
	RING_CARD = 4096	/* bytes that share a mark */
};

enum ring_ends {			/* where a frame ends */
	RING_FRAMES,		/* its head says how long it is */
	RING_NEWLINE,		/* behind the first newline */
	RING_BLANK		/* behind the first two in a row */
};

struct ring_mark {		/* of the first frame that begins in a card */
	uint64_t	 at;		/* where it begins */
	uint64_t	 frame;		/* frames before it */
	uint64_t	 version;	/* as ring_put() was told */
};

struct ring {
	uint64_t	 head;		/* behind the last frame */
	uint64_t	 tail;		/* the oldest byte that is there */
	uint64_t	 last;		/* where the last frame begins */
	uint64_t	 frames;	/* put so far */
	uint64_t	 version;	/* of the last frame */
	size_t		 cap;		/* bytes; a power of two, or 0 */
	size_t		 max;		/* a frame that is longer gets its room */
	enum ring_ends	 ends;		/* RING_FRAMES, unless it is set then */
	/* private */
	uint8_t		*p;
	struct ring_mark *mark;		/* by card */
};

/* max: at least RING_MIN. */
void	ring_init(struct ring *r, size_t max);
/* Harmless on a zeroed struct. */
void	ring_free(struct ring *r);

/*
 * Makes room for a frame of n bytes.  low: where the slowest reader is.  Who is
 * before *lost must not be there any more when the frame is put; that is low or
 * less, unless the log is at its max.  A card more than is overwritten, so that
 * ring_next() is exact for all others.  -1: ENOMEM, and all as before.
 */
int	ring_room(struct ring *r, size_t n, uint64_t low, uint64_t *lost);

/* Puts a frame, for which ring_room() has made room. */
void	ring_put(struct ring *r, const void *head, size_t nhead, const void *p,
	    size_t n, uint64_t version);

/* Gives back the memory of a log that nobody has anything to read from, and
 * keeps its count. */
void	ring_forget(struct ring *r);

/*
 * The first frame that begins at at (tail <= at <= head) or behind it; head
 * where there is none.  version is that of this frame or of one before it.
 */
struct ring_mark ring_next(const struct ring *r, uint64_t at);

/* The bytes from..to (tail <= from <= to <= head): 0, 1 or 2 pieces. */
int	ring_iov(const struct ring *r, uint64_t from, uint64_t to,
	    struct iovec iov[2]);

#endif
