/*
 * gz - bytes to gzip (zlib)
 */
#ifndef GZ_H
#define GZ_H

#include <stddef.h>

#include "buf.h"

/* Appends p[n] to out as one gzip member, quickly rather than small.  0, or -1
 * with ENOMEM and out as it was. */
int	gz_pack(struct buf *out, const void *p, size_t n);

#endif
