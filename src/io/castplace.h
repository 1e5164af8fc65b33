/*
 * castplace - places in a topic of the spool
 */
#ifndef CASTPLACE_H
#define CASTPLACE_H

#include <stdint.h>

#include "spool.h"

/* Where a row begins about so many bytes before the end of what is there, or
 * the beginning; dir is the topic's. */
struct spool_pos castplace_back(const char *dir, uint64_t left);

#endif
