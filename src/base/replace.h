/*
 * replace - a file that is replaced whole by a thread
 *
 * For a small file that must be on the disk soon after each change, written by
 * a program that must not wait for the disk.  Only the newest contents count:
 * older ones that were not written yet are never written.  What a disk does not
 * take is tried again every second.
 */
#ifndef REPLACE_H
#define REPLACE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "fault.h"

struct replace {
	const char	*path;
	/* private; all below is shared with the thread, under mu */
	bool		 running;	/* the thread */
	struct buf	 next;		/* what the file should hold */
	bool		 waits;		/* next is not written yet */
	bool		 writing;	/* something older than next */
	bool		 failing, quit;
	struct fault	 why;		/* of the last failure */
	pthread_t	 thread;
	pthread_mutex_t	 mu;
	pthread_cond_t	 cv;
	pthread_cond_t	 done;		/* an attempt to write has ended */
};

/* path outlives it; nothing is written before replace_put().  EX_OSERR. */
int	replace_open(struct replace *r, const char *path, struct fault *f);
/* The file shall hold p[n].  -1: out of memory, then what was put before it is
 * what counts. */
int	replace_put(struct replace *r, const void *p, size_t n);
/* Waits until what was put is on the disk, at most ms milliseconds, and not when
 * it has failed; true: it is there. */
bool	replace_wait(struct replace *r, int ms);
/* True while the disk refuses, then f (NULL is fine) says why. */
bool	replace_failing(struct replace *r, struct fault *f);
/* Waits until what was put is on the disk, or has failed once more (-1).
 * Harmless on a zeroed struct. */
int	replace_close(struct replace *r, struct fault *f);

#endif
