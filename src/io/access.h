/*
 * access - the file that das-token keeps the access token in
 *
 * Header "timestamp user_id access_token" and rows, the newest last.
 */
#ifndef ACCESS_H
#define ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "fault.h"

enum { ACCESS_MAX = 256 };	/* of a token, with its NUL */

/*
 * The newest token of the file, and when it was made: 0 where the row does not
 * say; made_us may be NULL.  -1: EX_NOPERM no such file or no row; EX_DATAERR;
 * the texts have no secret.
 */
int	access_read(const char *path, char out[ACCESS_MAX], int64_t *made_us,
	    struct fault *f);

/* Which file it is: a new one is put in its place, or written anew. */
struct access_stamp {
	int64_t		 ns;		/* of its last change; 0: there is none */
	uint64_t	 ino, size;
};
struct access_stamp access_stamp(const char *path);
bool	access_same(const struct access_stamp *a, const struct access_stamp *b);

#endif
