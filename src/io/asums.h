/*
 * asums - is a file of the archive the one that SHA256SUMS beside it names?
 *
 * Every record of a packed segment has a checksum of its own (pack.h), which
 * damage does not get past; a whole segment of another number or day under this
 * name does, and is found here.
 */
#ifndef ASUMS_H
#define ASUMS_H

#include "fault.h"

/* Checks dir/name: 0, also where SHA256SUMS does not name it (yet); -1 with
 * EX_DATAERR it is another file, or damaged; EX_IOERR, EX_NOINPUT. */
int	asums_check(const char *dir, const char *name, struct fault *f);

#endif
