/*
 * rows - the rows of a day's topic, wherever they are
 *
 * From the spool, like spool_r (spool.h); a segment that is not there any more
 * comes out of the archive (archive.h): the same bytes at the same positions.
 */
#ifndef ROWS_H
#define ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aseg.h"
#include "buf.h"
#include "conf.h"
#include "fault.h"
#include "spool.h"

enum { ROWS_END = SPOOL_END };

struct rows {
	struct spool_pos pos;		/* behind the rows given last */
	const char	*header;	/* of the segment of pos, no newline;
					 * NULL before the first rows */
	const char	*dir;		/* that the segment of pos is in */
	/* private */
	struct spool_r	 spool;
	uint32_t	 first;		/* segment that it began with */
	char		 archive[SPOOL_PATH];	/* the topic's directory there */
	char		*root, *day, *topic;	/* as spool_r_open() wants them */
	struct aseg	*seg;		/* read from; NULL: the spool */
	char		*block;		/* of it, SPOOL_BLOCK bytes */
	size_t		 have, given;	/* bytes in it; of these given out */
	struct buf	 head;
};

/* from: where to go on, NULL or segment 0 for the beginning.  The topic need
 * not exist yet.  The struct stays where it is. */
int	rows_open(struct rows *r, const struct conf *c, const char *day,
	    const char *topic, const struct spool_pos *from, struct fault *f);

/*
 * As spool_r_next(): 1 and the next whole rows of one segment, at most
 * SPOOL_BLOCK bytes, which the caller may change and which are valid until the
 * next call; 0 nothing more now; ROWS_END; -1 with EX_IOERR or EX_DATAERR.
 */
int	rows_next(struct rows *r, char **rows, size_t *len, struct fault *f);

/* As spool_r_sync(), spool_r_wait() and spool_r_close(). */
int	rows_sync(const struct rows *r, uint32_t first, struct fault *f);
void	rows_wait(struct rows *r, int ms);
void	rows_close(struct rows *r);

/* Does a row, or the segment, begin at r->pos?  Before the first rows_next(): 0,
 * or -1 with EX_NOINPUT no such segment, EX_DATAERR it does not, EX_IOERR. */
int	rows_check(struct rows *r, struct fault *f);

/* Is the segment to go on in behind all there are, some of them in the spool, so
 * that nothing would ever come of these?  Before the first rows_next(): 0, or -1
 * with EX_DATAERR. */
int	rows_ahead(const struct rows *r, struct fault *f);

/* Is there anything of the topic?  1 or 0. */
int	rows_exist(const struct conf *c, const char *day, const char *topic);
/* Is the topic of the day CLOSED, so that nothing will be added?  1 or 0. */
int	rows_are_closed(const struct conf *c, const char *day,
	    const char *topic);

#endif
