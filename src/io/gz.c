#include <errno.h>
#include <limits.h>
#include <zlib.h>

#include "gz.h"

enum { LEVEL = 2, GZIP = 16 };	/* added to the window's bits: gzip, not zlib */

int
gz_pack(struct buf *out, const void *p, size_t n)
{
	z_stream z = { 0 };
	uLong most;
	int rc;

	errno = ENOMEM;
	if (n > UINT_MAX / 2 || deflateInit2(&z, LEVEL, Z_DEFLATED,
	    MAX_WBITS + GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return -1;
	most = deflateBound(&z, (uLong)n);
	if (buf_room(out, most) != 0) {
		deflateEnd(&z);
		return -1;
	}
	z.next_in = (unsigned char *)p;		/* zlib does not write to it */
	z.avail_in = (uInt)n;
	z.next_out = (unsigned char *)out->p + out->len;
	z.avail_out = (uInt)most;
	rc = deflate(&z, Z_FINISH);
	if (rc == Z_STREAM_END)
		out->len += z.total_out;
	out->p[out->len] = '\0';
	deflateEnd(&z);
	return rc == Z_STREAM_END ? 0 : -1;
}
