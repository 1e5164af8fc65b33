/*
 * room - how much a disk has left, and for how many days like the last ones
 *
 * A day is what it takes in the spool, on the mean of the last five there are.
 * Of one that has left the spool only the archive is known, and it is taken as
 * ROOM_PACKED times as large.  That days are filed away and leave the spool is
 * not counted on: the days left are those that can be captured when nothing
 * else makes room.
 */
#ifndef ROOM_H
#define ROOM_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"

enum {
	ROOM_DAYS = 5,			/* days looked at; and with fewer left
					 * it is time to warn */
	ROOM_PACKED = 8
};

struct room {
	int64_t	 free;			/* bytes that we may still use */
	int64_t	 day;			/* bytes of a day, 0: there was none */
};

/* Bytes that are free for us on the file system of path.  EX_IOERR. */
int	room_free(const char *path, int64_t *bytes, struct fault *f);
/* Bytes of a day, from the directories YYYY-MM-DD before today in the spool and
 * in the archive (either may be absent); 0 when there are none. */
int64_t	room_day(const char *spool, const char *archive, const char *today);

/* "12.3 GB free, room for 4.5 days like the last ones (2.7 GB each)" into out;
 * gives out. */
const char *room_text(const struct room *r, char *out, size_t size);
/* Tenths of days left, -1 when nothing is known of a day. */
int64_t	room_left(const struct room *r);
/* The mean of the days of which something is known: bytes in the spool, and
 * in the archive, of n days. */
int64_t	room_mean(const int64_t *spool, const int64_t *archive, int n);

#endif
