/*
 * capture - raw frames as they came off the wire, kept to be decoded again
 *
 * Written by das-tick -w, read by das-tick -r and das-sim -r.  A file is
 *
 *	 0	8 bytes	"DAScapt1"
 *
 * and then frame after frame, integers big-endian as on the wire itself:
 *
 *	 0	i64	receive time, us since the epoch
 *	 8	u16	number of the connection, from 1
 *	10	u8	enum capture_kind
 *	11	u8	0
 *	12	u32	length
 *	16		that many bytes
 *
 * A frame goes out in one write().  A file that was cut anywhere reads up to
 * its last whole frame; the next writer cuts the torn tail off and goes on
 * behind it.
 *
 * A capture with a limit goes on in segments, each a file like that: FILE,
 * FILE.0001, FILE.0002 ...  Who reads FILE reads them all; one that is named
 * itself is read alone.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "buf.h"
#include "fault.h"

enum {
	CAPTURE_FRAME_MAX = 16 << 20,	/* longer is a damaged file */
	CAPTURE_CONN_MAX = 65535
};

enum capture_kind {
	CAPTURE_BINARY = 0,
	CAPTURE_TEXT = 1,
	CAPTURE_OPEN = 2,	/* no bytes: the connection was made and its
				 * subscriptions sent right then */
	CAPTURE_FRAGMENT = 3	/* bytes of no message: of a text that never
				 * ended, or raw ones that could not be read;
				 * kept, never decoded */
};

struct capture_frame {
	int64_t		 recv_us;	/* since the epoch */
	uint32_t	 conn;		/* from 1, at most CAPTURE_CONN_MAX */
	enum capture_kind kind;
	const uint8_t	*p;
	size_t		 len;
};

/* ---- writing ---- */

struct capture_w {
	uint64_t	 size;		/* bytes in the file, all frames whole */
	uint64_t	 torn;		/* bytes cut off when it was opened */
	unsigned	 segment;	/* 0: FILE itself */
	/* private */
	uint64_t	 limit;
	int		 fd;
	char		*base, *path;	/* FILE; the segment */
};

/*
 * Opens the newest segment of path (made with mode 0666 and the umask) to append
 * to; beyond limit bytes the next one is begun.  With a limit of 0 there are
 * no segments.  EX_TEMPFAIL somebody else writes it; EX_DATAERR it is something
 * else than a capture; EX_CANTCREAT, EX_IOERR.
 */
int	capture_w_open(struct capture_w *w, const char *path, uint64_t limit,
	    struct fault *f);
/* Appends a frame.  On -1 nothing of it is in the file and the same frame can
 * be put again; EX_TEMPFAIL when the disk is full.  Longer than
 * CAPTURE_FRAME_MAX is EX_SOFTWARE. */
int	capture_put(struct capture_w *w, const struct capture_frame *c,
	    struct fault *f);
/* The same in two steps, for who must hold frames while the disk is full:
 * appends the bytes of a frame to b (0, or -1 with ENOMEM); and appends whole
 * frames made by that. */
int	capture_add(struct buf *b, const struct capture_frame *c);
int	capture_write(struct capture_w *w, const void *p, size_t n,
	    struct fault *f);
/* fdatasync and close, also on -1; of segments before the last one the system
 * takes care, which takes some 30 s.  Harmless on a zeroed struct. */
int	capture_w_close(struct capture_w *w, struct fault *f);

/* ---- reading ---- */

struct capture_r {
	bool		 cut;		/* a segment ended inside of a frame: */
	struct fault	 cut_why;	/* the first one, and where */
	uint64_t	 offset;	/* of the next frame in its segment */
	/* private */
	FILE		*fp;
	unsigned	 segment;
	char		*base, *path;
	struct buf	 frame;
};

/* path "-" is standard input.  EX_NOINPUT; EX_DATAERR it is no capture. */
int	capture_r_open(struct capture_r *r, const char *path, struct fault *f);
/* 1: *c is filled, c->p valid until the next call; 0: end of the last segment;
 * -1: EX_IOERR, or EX_DATAERR with the offset for a frame that cannot be, or
 * for a segment that is missing while a later one is there. */
int	capture_next(struct capture_r *r, struct capture_frame *c,
	    struct fault *f);
/* Harmless on a zeroed struct. */
void	capture_r_close(struct capture_r *r);

#endif
