/*
 * packfile - the records of a packed segment
 *
 * Private to pack.c and unpack.c.
 */
#ifndef PACKFILE_H
#define PACKFILE_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"

/*
 * A file is the magic and records: kind, length and CRC-32 of what follows.
 * Integers are little-endian.
 */
enum {
	MAGIC = 8,
	REC_KIND = 0, REC_LEN = 1, REC_CRC = 5, REC_HEAD = 9,
	KIND_HEADER = 'H',	/* the first line, without its newline */
	KIND_BLOCK = 'B',
	KIND_END = 'E'		/* rows, bytes of the segment; a torn tail */
};
enum {				/* the beginning of a block */
	BL_SEQ = 0,		/* u64: of its first row */
	BL_ROWS = 8,		/* u32 */
	BL_TEXT = 12,		/* u32: bytes of rows that are text */
	BL_TOKENS = 16,		/* u32: instruments that are new */
	BL_PAIRS = 20,		/* u32: pairs that are new */
	BL_NEW = 24,		/* u32: bytes of both */
	BL_HEAD = 28
};
enum { END_ROWS = 0, END_BYTES = 8, END_TAIL = 16 };

/* CRC-32 as of zlib, PNG and IEEE 802.3. */
uint32_t packfile_crc(const uint8_t *p, size_t n);
/* Integers of n bytes, the low one first. */
void	packfile_put(void *to, uint64_t v, int n);
uint64_t packfile_get(const uint8_t *p, int n);
/* EX_TEMPFAIL: no memory.  -1. */
int	packfile_nomem(struct fault *f);

#endif
