/*
 * record - where a capture's messages go: rows, rejects, texts
 *
 * Frames become rows of topic ticks in the day's spool, or in a file (-o).  What
 * does not decode goes to rejects.bin beside the topic.  Rows that the disk does
 * not take are held and written later, in their order.  Says in words when the
 * state of the disk changes and when something comes for the first time.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "capture.h"
#include "conf.h"
#include "fault.h"
#include "feed.h"
#include "hold.h"
#include "keep.h"
#include "rejects.h"
#include "reserve.h"
#include "spool.h"
#include "texts.h"

struct record {
	struct feed	 feed;		/* what came: counts, seq, last tick */
	struct texts	 texts;		/* text messages, in texts.tsv */
	uint64_t	 fragments;	/* in rejects.bin, but no frames */
	struct keep	 rejects;	/* rejects.bin */
	struct rejects	 why;		/* what is wrong with them, by kind */
	struct hold	 rows;		/* len bytes of them wait for the disk */
	bool		 disk_full;	/* the last try to write failed */
	int64_t		 written_us;	/* when the newest row came that is not
					 * held; 0: none yet */
	struct reserve	 reserve;	/* given up when the disk is full; who
					 * wants one opens and closes it */
	unsigned	 released;	/* how often that was */
	struct spool_w	 spool;		/* last: the row before the first of ours;
					 * NULL when there is none */
	char		 dir[SPOOL_PATH];	/* of the day; "": a file */
	/* private */
	char		 rejects_path[SPOOL_PATH + 16];
	char		 texts_path[SPOOL_PATH + 16];
	bool		 said_rejects, said_texts;	/* that some were lost */
	const char	*name;		/* of the file; NULL: the spool */
	int		 fd;
	bool		 draining;	/* what is held is being written */
};

/* Neither is needed afterwards; set may be NULL, and plan where there are no
 * connections to look after.  EX_TEMPFAIL. */
int	record_init(struct record *r, const struct inst_set *set,
	    const struct plan *plan, struct fault *f);
/* Rows go to a file, "-" is standard output; rejects nowhere.  EX_CANTCREAT,
 * EX_IOERR. */
int	record_to_file(struct record *r, const char *name, struct fault *f);
/* Rows go to topic ticks of a day; seq goes on where its last row ended.
 * Faults of spool_w_open(); EX_DATAERR. */
int	record_to_spool(struct record *r, const struct conf *conf,
	    const char *day, struct fault *f);

/* Takes a message; broken: it is only the beginning of one.  EX_TEMPFAIL:
 * memory. */
int	record_take(struct record *r, const struct capture_frame *c,
	    bool broken, struct fault *f);
/* Brings the rows made so far to where they go, or holds them.  EX_TEMPFAIL
 * memory; EX_IOERR only for a file. */
int	record_flush(struct record *r, struct fault *f);
/* Writes what is held, for every second. */
void	record_retry(struct record *r);
/* True while more is held than may be: no more should be taken. */
bool	record_over(const struct record *r);

/* Flushes, and tries for at most wait_s seconds to write what is held.  -1: it
 * is lost, the text says how much. */
int	record_drain(struct record *r, int wait_s, struct fault *f);
/* Closes the files; the day is CLOSED when done is true and nothing was lost.
 * After a failure, or without record_to_...(), it is harmless. */
int	record_close(struct record *r, bool done, struct fault *f);
void	record_free(struct record *r);	/* after record_close() too */

#endif
