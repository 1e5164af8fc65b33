/*
 * append - a file of rows that only grows
 *
 * One header line, then rows; each goes out in one write().  A torn tail of a
 * writer that died is cut off by the next one.
 */
#ifndef APPEND_H
#define APPEND_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "fault.h"

struct append {
	int	 fd;		/* private */
	off_t	 size;
	bool	 ragged;	/* private: something may be behind size */
	char	*path;		/* NULL: closed */
};

enum { APPEND_ROW_MAX = 64 << 20 };	/* no row is longer */

/* header: column names with tabs between, no newline; written when the file is
 * new.  EX_CANTCREAT, EX_IOERR, EX_TEMPFAIL; EX_DATAERR it does not consist of
 * rows. */
int	append_open(struct append *a, const char *path, const char *header,
	    struct fault *f);
/* Appends whole rows.  On -1 nothing of them is in the file and the same bytes
 * can be put again. */
int	append_put(struct append *a, const void *rows, size_t n,
	    struct fault *f);
/* fdatasync and close, also on -1.  Harmless on a zeroed struct. */
int	append_close(struct append *a, struct fault *f);

#endif
