/*
 * file - files that appear whole or not at all
 */
#ifndef FILE_H
#define FILE_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "buf.h"
#include "fault.h"

struct file {
	FILE	*fp;		/* write here; NULL when closed */
	int	 dirfd;		/* directory of the file, -1 when closed */
	char	 name[256];	/* final name in it */
	char	 path[4096];	/* as it was asked for, for messages */
	char	 tmp[280];	/* dot-name while it is written */
};

/*
 * Begins the replacement of path under a dot-name in the same directory.
 * End with file_commit() or file_abort().  A kill -9 leaves ".NAME.PID", which
 * das-main sweeps after 36 hours: nobody may write at one file for so long.
 */
int	file_begin(struct file *f, const char *path, mode_t mode,
	    struct fault *why);
/* fsync, rename, fsync of the directory.  On -1 the old file is as it was. */
int	file_commit(struct file *f, struct fault *why);
/* Leaves the old file as it was.  Harmless on a zeroed or committed struct. */
void	file_abort(struct file *f);

/* All of that for bytes at hand. */
int	file_put(const char *path, mode_t mode, const void *p, size_t n,
	    struct fault *why);

/* The same without waiting for the disk, for what is written anew all the time:
 * a reader sees the old file or the new one, a power cut may leave neither. */
int	file_show(const char *path, mode_t mode, const void *p, size_t n,
	    struct fault *why);

/* The whole of a regular file, at most max bytes (EX_DATAERR if longer);
 * EX_NOINPUT when it cannot be opened. */
int	file_slurp(const char *path, size_t max, struct buf *out,
	    struct fault *why);

/* mkdir -p with mode 0777 and the umask, synced; an existing directory is
 * fine. */
int	file_mkdirs(const char *path, struct fault *why);

/* dir, "/", name into out; -1 (EX_CONFIG) when it does not fit. */
int	file_join(char *out, size_t size, const char *dir, const char *name,
	    struct fault *why);

#endif
