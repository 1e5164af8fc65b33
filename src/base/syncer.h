/*
 * syncer - brings an appended file to the disk once a second, from a thread
 *
 * So that who appends never waits for it.  When fdatasync() fails the system
 * forgets that the bytes were not written: then they are read back and written
 * again, until the disk has them.  Who appends should stop meanwhile.
 */
#ifndef SYNCER_H
#define SYNCER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "fault.h"

enum {
	SYNCER_OLD_MAX = 8,	/* files waiting for their last fdatasync */
	SYNCER_WAIT_MS = 1000
};

struct syncer_file {
	int	 fd;
	uint64_t size;		/* bytes appended, of which the first */
	uint64_t synced;	/* so many are on the disk */
	bool	 again;		/* the others have to be written again */
};

struct syncer {			/* all private; zeroed: has no thread */
	bool		 runs;
	int		 dirfd;
	pthread_t	 thread;
	pthread_mutex_t	 mu;		/* for what follows */
	pthread_cond_t	 cv;
	struct syncer_file file;
	struct syncer_file old[SYNCER_OLD_MAX];	/* only the thread closes these */
	int		 nold, taken;	/* and so many of them it has in work */
	bool		 dirty, dirsync, hurry, quit;
	int		 error;		/* of the last try, or 0 */
};

/* A thread for a file of size bytes in a directory; both stay open while it
 * lives.  EX_OSERR. */
int	syncer_start(struct syncer *s, int fd, uint64_t size, int dirfd,
	    struct fault *f);
/* The file has size bytes now. */
void	syncer_wrote(struct syncer *s, uint64_t size);
/* Why the disk does not take what it was given before, an errno; 0: it does. */
int	syncer_error(struct syncer *s);
/* False when the disk is too far behind for another file, also after a wait of
 * SYNCER_WAIT_MS. */
bool	syncer_can_change(struct syncer *s);
/* Goes on with the next file, of size bytes; the thread closes the one before
 * it. */
void	syncer_change(struct syncer *s, int fd, uint64_t size);
/* Tries once more and ends the thread; the errno, or 0.  The current file stays
 * open. */
int	syncer_stop(struct syncer *s);

#endif
