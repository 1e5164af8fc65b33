/*
 * crc - CRC-32 as in zlib, Ethernet and SQL's CRC32()
 *
 * Finds accidents, not intent.
 */
#ifndef CRC_H
#define CRC_H

#include <stddef.h>
#include <stdint.h>

/* Of n bytes; crc is 0, or that of the bytes before them. */
uint32_t crc32_add(uint32_t crc, const void *p, size_t n);

#endif
