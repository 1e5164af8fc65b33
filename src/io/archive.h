/*
 * archive - a day's segments, compressed, verified and with their sums
 *
 *	archive/DAY/TOPIC/NNNNNN.tsv.pack	each a segment (aseg.h), .zst
 *						where it cannot be packed
 *	archive/DAY/TOPIC/SHA256SUMS		of these, for sha256sum -c
 *	archive/DAY/instruments.tsv.zst		what the instruments were
 *	archive/DAY/gaps.tsv.zst		what was missed
 *
 * Safe to be killed and run again: a file appears under its name when it is
 * whole, and is used again when it reads back as the segment.
 */
#ifndef ARCHIVE_H
#define ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "fault.h"

struct archive {
	uint64_t	 raw;		/* bytes of the segments */
	uint64_t	 packed;	/* bytes of the compressed ones */
	uint32_t	 segments;
};

/*
 * Compresses what is not in the archive, reads all of it back and compares it
 * with the spool; segments that are not in the spool any more are checked by
 * the sum that was written when they were.  EX_TEMPFAIL the disk is full or a
 * stop was asked for; EX_DATAERR the archive is damaged; EX_IOERR.
 */
int	archive_day(const struct conf *c, const char *day, const char *topic,
	    struct archive *a, struct fault *f);

/* Removes the segments from the spool: after archive_day(). */
int	archive_prune(const struct conf *c, const char *day, const char *topic,
	    struct fault *f);

#endif
