/*
 * sum - SHA-256 (OpenSSL), and SHA-1 for WebSockets
 *
 * Sums of SHA-256 are 64 lower-case hexadecimal digits, as sha256sum(1) writes them.
 */
#ifndef SUM_H
#define SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"

enum {
	SUM_HEX = 65,		/* digits and NUL */
	SUM_SHA1 = 20		/* bytes */
};

/* Of n bytes at hand, into hex (SUM_HEX bytes).  -1: out of memory. */
int	sum_bytes(const void *p, size_t n, char *hex);

/* Of a file, read in blocks; *size (may be NULL) becomes its length in bytes.
 * EX_NOINPUT when it cannot be opened, EX_IOERR. */
int	sum_file(const char *path, char *hex, uint64_t *size, struct fault *f);

/*
 * In pieces: sum_new() is NULL when out of memory; sum_end() writes hex, frees
 * s and gives 0, or -1 when a piece was lost.  sum_end(NULL, hex) gives -1;
 * a hex of NULL only frees.
 */
struct sum;
struct sum *sum_new(void);
void	sum_add(struct sum *s, const void *p, size_t n);
int	sum_end(struct sum *s, char *hex);

/* SHA-1, no proof of anything, into out.  -1: out of memory. */
int	sum_sha1(const void *p, size_t n, uint8_t out[SUM_SHA1]);

/* Compares n bytes in a time that does not tell where they differ. */
bool	sum_equal(const void *a, const void *b, size_t n);

#endif
