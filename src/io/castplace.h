/*
 * castplace - places in a topic of the spool, and the number that says one
 *
 * The number of a row, its seq, is its segment and the byte behind it: it only
 * grows, and a double holds it exactly.
 */
#ifndef CASTPLACE_H
#define CASTPLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "spool.h"

/* Where a row begins about so many bytes before the end of what is there, or
 * the beginning; dir is the topic's. */
struct spool_pos castplace_back(const char *dir, uint64_t left);
uint64_t castplace_seq(const struct spool_pos *pos);
struct spool_pos castplace_of(uint64_t seq);
/* Does a row begin there, or the segment?  dir is the topic's. */
bool	castplace_is_row(const char *dir, const struct spool_pos *pos);
/* Bytes of a segment from pos on into out, at most size of them; -1: there is no
 * such segment, or it cannot be read. */
ssize_t	castplace_read(const char *dir, const struct spool_pos *pos, char *out,
	    size_t size);

#endif
