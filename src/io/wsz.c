#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "wsz.h"

enum { LEVEL = 3, MEMORY = 5, TAIL = 4, PIECE = 4096 };

static const unsigned char tail[TAIL] = { 0, 0, 0xff, 0xff };

/* A parameter of an offer, s[n]: fine, or a window that is not zlib's full one? */
static bool
can_keep(const char *s, size_t n)
{
	static const char *const fine[] = { "server_no_context_takeover",
	    "client_no_context_takeover", "client_max_window_bits" };

	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++) {
		size_t len = strlen(fine[i]);

		if (n >= len && strncasecmp(s, fine[i], len) == 0 &&
		    (n == len || (i == 2 && s[len] == '=')))
			return true;
	}
	return false;
}

/* One offer: "name; parameter; parameter=value". */
static bool
good_offer(const char *s, size_t n)
{
	static const char name[] = "permessage-deflate";
	const char *end = s + n, *next;
	bool first = true;

	for (; s < end; s = next + (next < end), first = false) {
		if ((next = memchr(s, ';', (size_t)(end - s))) == NULL)
			next = end;
		while (s < next && (*s == ' ' || *s == '\t'))
			s++;
		n = (size_t)(next - s);
		if (!first && !can_keep(s, n))
			return false;
		while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
			n--;
		if (first && (n != sizeof(name) - 1 ||
		    strncasecmp(s, name, n) != 0))
			return false;
	}
	return !first;
}

int
wsz_offered(const char *s)
{
	while (*s != '\0') {
		size_t n = strcspn(s, ",");

		if (good_offer(s, n))
			return 1;
		s += n + (s[n] == ',');
	}
	return 0;
}

int
wsz_pack(const void *p, size_t n, const void **to, size_t *len)
{
	static z_stream z;
	static struct buf out;
	static bool ready;

	if (n > UINT_MAX / 2 || (!ready && deflateInit2(&z, LEVEL, Z_DEFLATED,
	    -MAX_WBITS, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK))
		return -1;
	ready = true;
	buf_reset(&out);
	if (deflateReset(&z) != Z_OK || buf_room(&out, n) != 0)
		return -1;
	z.next_in = (unsigned char *)p;		/* zlib does not write to it */
	z.avail_in = (uInt)n;
	z.next_out = (unsigned char *)out.p;
	z.avail_out = (uInt)n;
	/* A flush ends in the four bytes that section 7.2.1 takes away. */
	if (deflate(&z, Z_SYNC_FLUSH) != Z_OK || z.avail_out == 0 ||
	    z.total_out < TAIL)
		return -1;
	*to = out.p;
	*len = z.total_out - TAIL;
	return 0;
}

/* Adds what p[n] unpacks to; whether it all went well and fits. */
static bool
inflate_piece(z_stream *z, const void *p, size_t n, struct buf *b, size_t max)
{
	int rc;

	z->next_in = (unsigned char *)p;
	z->avail_in = (uInt)n;
	do {
		if (buf_room(b, PIECE) != 0)
			return false;
		z->next_out = (unsigned char *)b->p + b->len;
		z->avail_out = PIECE;
		rc = inflate(z, Z_SYNC_FLUSH);
		b->len += PIECE - z->avail_out;
		b->p[b->len] = '\0';
		if (b->len > max || (rc != Z_OK && rc != Z_BUF_ERROR))
			return false;
	} while (z->avail_out == 0);
	return z->avail_in == 0;
}

int
wsz_unpack(const void *p, size_t n, struct buf *b, size_t max)
{
	static z_stream z;
	static bool ready;

	if (n > UINT_MAX / 2 || (!ready && inflateInit2(&z, -MAX_WBITS) != Z_OK))
		return -1;
	ready = true;
	if (inflateReset(&z) != Z_OK || !inflate_piece(&z, p, n, b, max) ||
	    !inflate_piece(&z, tail, TAIL, b, max))
		return -1;
	return 0;
}
