/*
 * spool - the durable log between the tools
 *
 *	spool/YYYY-MM-DD/TOPIC/NNNNNN.tsv	segments, 000001 first
 *	spool/YYYY-MM-DD/TOPIC/CLOSED		the day is done
 *	spool/YYYY-MM-DD/TOPIC/.lock		held by the one writer
 *	spool/YYYY-MM-DD/TOPIC/.next		a segment without its header
 *
 * The highest segment is being written, the others never change.  A segment
 * begins with one header line; a row ends in a newline and goes out in one
 * write().  Readers take whole rows only, so a torn tail is invisible, and so are
 * the zeros that a power cut can leave where rows were not yet synced; the next
 * writer cuts both off and begins a new segment.  das-spool(5) has the table of
 * states and what a crash leaves in each.
 */
#ifndef SPOOL_H
#define SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "fault.h"
#include "syncer.h"

#define SPOOL_SEGMENT_MAX	(UINT64_C(256) << 20)	/* bytes; then rotate */

enum {
	SPOOL_BLOCK = 256 * 1024,	/* most that one spool_r_next() gives */
	SPOOL_PATH = 4096
};

/* ---- writing ---- */

struct spool_w {
	uint32_t	 segment;	/* being written */
	uint64_t	 size;		/* its bytes so far */
	uint64_t	 limit;		/* rotate beyond; SPOOL_SEGMENT_MAX */
	char		*last;		/* last whole row that was there when we
					 * opened, no newline; NULL: none */
	uint64_t	 torn;		/* bytes cut off its tail then */
	size_t		 taken;		/* of the last put, bytes in the file */
	/* private */
	char		 dir[SPOOL_PATH];
	struct buf	 header;	/* with its newline */
	int		 dirfd, lockfd, fd;
	bool		 ragged;	/* something may be behind size */
	struct syncer	 sync;		/* of fd, once it is started */
};

/*
 * Opens a topic of a day for writing: makes the directories, takes the lock,
 * cuts off such a tail, begins the next segment with header (column names with
 * tabs between, no newline).  Faults: EX_TEMPFAIL somebody else writes it or
 * the disk is full; EX_CANTCREAT the day is CLOSED, or the directory cannot be
 * written; EX_IOERR.
 */
int	spool_w_open(struct spool_w *w, const char *spool, const char *day,
	    const char *topic, const char *header, struct fault *f);

/*
 * Starts the thread that brings the rows to the disk (fdatasync) once a
 * second, so that spool_w_put() never waits for it.
 */
int	spool_w_sync_start(struct spool_w *w, struct fault *f);

/*
 * Appends whole rows (n bytes that end in a newline).  On -1 only the first
 * w->taken bytes are in the file, whole rows, and the rest can be put again:
 * what a reader may have seen is never taken back.  EX_TEMPFAIL when the disk
 * is full.  Nothing is taken while the disk has not what was put before: a
 * failed fdatasync is tried again, with the same bytes.
 */
int	spool_w_put(struct spool_w *w, const void *rows, size_t n,
	    struct fault *f);

/* Somebody has removed the segment: what is put there is lost. */
bool	spool_w_gone(const struct spool_w *w);

/* Ends the segment and begins the next. */
int	spool_w_rotate(struct spool_w *w, struct fault *f);

/* fdatasync of everything, then CLOSED when done is true; frees all, also on
 * -1.  Harmless on a zeroed struct. */
int	spool_w_close(struct spool_w *w, bool done, struct fault *f);

/* ---- reading ---- */

struct spool_pos {
	uint32_t	 segment;	/* 0: the beginning of the day */
	uint64_t	 offset;	/* bytes into it; 0: before the header */
};

struct spool_r {
	struct spool_pos pos;		/* behind the rows given last */
	const char	*header;	/* of the segment of pos, no newline;
					 * NULL before the first rows */
	/* private */
	char		 dir[SPOOL_PATH];
	int		 fd;		/* of the segment, -1: none yet */
	int		 watch;		/* inotify, -1: none yet */
	bool		 zeros;		/* behind pos, in the place of rows */
	struct buf	 head;
	char		*block;
};

enum { SPOOL_END = 2 };

/* from: where to go on, NULL for the beginning.  The topic need not exist
 * yet. */
int	spool_r_open(struct spool_r *r, const char *spool, const char *day,
	    const char *topic, const struct spool_pos *from, struct fault *f);

/*
 * The next whole rows, without header lines: 1 and *rows, *len (the caller may
 * change the bytes; valid until the next call; they are of one segment, whose
 * columns r->header names); 0 nothing more now; SPOOL_END the day is CLOSED and
 * all was read; -1 with EX_IOERR or EX_DATAERR (no row end within SPOOL_BLOCK,
 * pos is behind the end of its file, it has zeros in the place of rows, or a
 * segment is missing while a later one is there).
 */
int	spool_r_next(struct spool_r *r, char **rows, size_t *len,
	    struct fault *f);

/*
 * Brings what was read of segments first to r->pos.segment to the disk, so
 * that a reader who remembers its position durably never remembers rows that a
 * power cut can still take back.  0 or -1 with EX_IOERR.
 */
int	spool_r_sync(const struct spool_r *r, uint32_t first, struct fault *f);
/* Waits until the topic may have more, at most ms milliseconds. */
void	spool_r_wait(struct spool_r *r, int ms);
/* Harmless on a zeroed struct. */
void	spool_r_close(struct spool_r *r);

/* Cuts the next row out of a block: a NUL takes its newline's place and *p
 * moves behind it.  NULL at the end. */
char	*spool_row(char **p, const char *end);

/* Number of a file called NNNNNN.tsv plus suffix, 0 when it is none. */
uint32_t spool_segment(const char *name, const char *suffix);
/* "spool/DAY/TOPIC" into out (SPOOL_PATH bytes). */
int	spool_dir(char *out, const char *spool, const char *day,
	    const char *topic, struct fault *f);
/* 1 when the topic of the day is CLOSED, else 0. */
int	spool_is_closed(const char *spool, const char *day, const char *topic);

#endif
