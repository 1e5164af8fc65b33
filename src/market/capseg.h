/*
 * capseg - the names of a capture's segments: FILE, FILE.0001, FILE.0002 ...
 */
#ifndef CAPSEG_H
#define CAPSEG_H

#include "fault.h"

/* Path of a segment, 0: base itself; to be freed, NULL without memory. */
char	*capseg_path(const char *base, unsigned n, struct fault *f);
/* The highest segment that is there, 0 when it is only base or nothing; -1 when
 * the directory cannot be read. */
int	capseg_newest(const char *base, unsigned *n, struct fault *f);

#endif
