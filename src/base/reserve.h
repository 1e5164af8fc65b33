/*
 * reserve - room on the disk that is given up when the disk is full
 *
 * A file with its blocks allocated.  Given up it stays, empty.
 */
#ifndef RESERVE_H
#define RESERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "fault.h"

struct reserve {
	bool	 held;		/* the room is there */
	/* private */
	int64_t	 size;
	int	 fd;		/* -1: closed */
	char	*path;
};

/* Opens the file, which may be there from a run before: then it counts when all
 * of it is allocated.  With a size of 0 there is none, and one that is there
 * is removed.  EX_CANTCREAT, EX_IOERR. */
int	reserve_open(struct reserve *r, const char *path, int64_t size,
	    struct fault *f);
/* Allocates the room, unless it is held or less than floor bytes were left of
 * the free ones: 1 it is held now, 0 nothing was done, -1. */
int	reserve_make(struct reserve *r, int64_t free, int64_t floor,
	    struct fault *f);
/* Gives the room up: true when there was any. */
bool	reserve_release(struct reserve *r);
/* The file stays.  Harmless on a zeroed struct. */
void	reserve_close(struct reserve *r);

#endif
