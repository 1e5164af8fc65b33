/*
 * aseg - a segment in the archive
 *
 *	NNNNNN.tsv.pack		of topic ticks, packed (pack.h)
 *	NNNNNN.tsv.zst		any other, and those of older archives (zst.h)
 *
 * Reading gives the bytes of the segment, whichever it is.
 */
#ifndef ASEG_H
#define ASEG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "fault.h"

enum { ASEG_NAME = 32 };

/* Its name, "000001.tsv.pack" or "000001.tsv.zst", of which is in dir; what
 * there is not gives "" and 0, else 1. */
int	aseg_find(const char *dir, uint32_t n, char name[ASEG_NAME]);
/* Number of a file of such a name, 0 when it is none. */
uint32_t aseg_number(const char *name);

/* Packs the file path into to: 0; 1: it cannot be packed, and what is in to is
 * of no use; -1 with EX_NOINPUT, EX_IOERR, EX_TEMPFAIL. */
int	aseg_pack(const char *path, FILE *to, struct fault *f);

/* Reading, as of zst.h; the name decides how. */
struct aseg;
int	aseg_open(struct aseg **a, const char *path, struct fault *f);
ssize_t	aseg_read(struct aseg *a, void *p, size_t n, struct fault *f);
void	aseg_close(struct aseg *a);	/* NULL is fine */

/* Are the bytes of the archived segment those of the file path?  1, 0, -1. */
int	aseg_same(const char *packed, const char *path, struct fault *f);
/* Reads the whole: its length into *raw. */
int	aseg_test(const char *packed, uint64_t *raw, struct fault *f);

#endif
