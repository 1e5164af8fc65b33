/*
 * zst - files compressed with zstd (libzstd)
 *
 * What zst_pack() writes is what zstd(1) writes: one frame with a checksum.
 * Memory is that of the library's window, a few MiB, whatever the file's size.
 */
#ifndef ZST_H
#define ZST_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "buf.h"
#include "fault.h"

/* Compresses the file path into to, from which the caller then makes a file;
 * *raw becomes the bytes read.  EX_NOINPUT, EX_IOERR, EX_TEMPFAIL (full). */
int	zst_pack(const char *path, FILE *to, uint64_t *raw, struct fault *f);

/* Reading: zst_read() gives the bytes read, up to n and 0 only at the end, or
 * -1: EX_DATAERR damaged or cut short, EX_IOERR. */
struct zst;
int	zst_open(struct zst **z, const char *path, struct fault *f);
ssize_t	zst_read(struct zst *z, void *p, size_t n, struct fault *f);
void	zst_close(struct zst *z);	/* NULL is fine */

/* Appends the whole to out; EX_DATAERR when that is more than max bytes. */
int	zst_slurp(const char *path, size_t max, struct buf *out,
	    struct fault *f);

/* Are the bytes in the compressed file those of the other one?  1, 0 no, -1. */
int	zst_same(const char *packed, const char *path, struct fault *f);

#endif
