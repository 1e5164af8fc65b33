#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zstd.h>

#include "zst.h"

enum { LEVEL = 3, BLOCK = 256 * 1024 };

static int
nomem(const char *path, struct fault *f)
{
	errno = ENOMEM;
	return fault_sys(f, 0, "%s", path);
}

/* ---- writing ---- */

/* Feeds n bytes, or ends the frame; writes what comes out of that. */
static int
feed(ZSTD_CCtx *c, ZSTD_EndDirective what, const void *p, size_t n, FILE *to,
    char *out, struct fault *f)
{
	ZSTD_inBuffer in = { p, n, 0 };
	size_t left;

	do {
		ZSTD_outBuffer o = { out, BLOCK, 0 };

		left = ZSTD_compressStream2(c, &o, &in, what);
		if (ZSTD_isError(left))
			return fault_set(f, EX_IOERR, "zstd: %s",
			    ZSTD_getErrorName(left));
		if (fwrite(out, 1, o.pos, to) != o.pos)
			return fault_sys(f, 0, "writing the archive");
	} while (what == ZSTD_e_end ? left > 0 : in.pos < in.size);
	return 0;
}

static int
pack(ZSTD_CCtx *c, int fd, const char *path, FILE *to, uint64_t *raw,
    struct fault *f)
{
	char *in = malloc(2 * BLOCK), *out;
	ssize_t n;
	int rc = 0;

	*raw = 0;
	if (in == NULL)
		return nomem(path, f);
	out = in + BLOCK;
	ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	while (rc == 0 && (n = read(fd, in, BLOCK)) > 0) {
		*raw += (uint64_t)n;
		rc = feed(c, ZSTD_e_continue, in, (size_t)n, to, out, f);
	}
	if (rc == 0)
		rc = n < 0 ? fault_sys(f, EX_IOERR, "%s", path) :
		    feed(c, ZSTD_e_end, NULL, 0, to, out, f);
	free(in);
	return rc;
}

int
zst_pack(const char *path, FILE *to, uint64_t *raw, struct fault *f)
{
	ZSTD_CCtx *c;
	int fd, rc;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return fault_sys(f, EX_NOINPUT, "%s", path);
	if ((c = ZSTD_createCCtx()) == NULL)
		rc = nomem(path, f);
	else
		rc = pack(c, fd, path, to, raw, f);
	ZSTD_freeCCtx(c);
	close(fd);
	return rc;
}

/* ---- reading ---- */

struct zst {
	ZSTD_DCtx	*d;
	int		 fd;
	char		*path;
	ZSTD_inBuffer	 in;
	bool		 whole;		/* at the end of a frame */
	char		 block[BLOCK];
};

int
zst_open(struct zst **out, const char *path, struct fault *f)
{
	struct zst *z = calloc(1, sizeof(*z));

	*out = NULL;
	if (z == NULL)
		return nomem(path, f);
	z->in.src = z->block;
	if ((z->fd = open(path, O_RDONLY | O_CLOEXEC)) == -1) {
		fault_sys(f, EX_NOINPUT, "%s", path);
		free(z);
		return -1;
	}
	if ((z->d = ZSTD_createDCtx()) == NULL ||
	    (z->path = strdup(path)) == NULL) {
		zst_close(z);
		return nomem(path, f);
	}
	*out = z;
	return 0;
}

void
zst_close(struct zst *z)
{
	if (z == NULL)
		return;
	ZSTD_freeDCtx(z->d);
	close(z->fd);
	free(z->path);
	free(z);
}

ssize_t
zst_read(struct zst *z, void *p, size_t n, struct fault *f)
{
	ZSTD_outBuffer out = { p, n, 0 };
	ssize_t got;
	size_t left;

	while (out.pos == 0 && n > 0) {
		if (z->in.pos == z->in.size) {
			got = read(z->fd, z->block, BLOCK);
			if (got == -1)
				return fault_sys(f, EX_IOERR, "%s", z->path);
			z->in.size = (size_t)got;
			z->in.pos = 0;
			if (got == 0 && z->whole)
				return 0;
		}
		left = ZSTD_decompressStream(z->d, &out, &z->in);
		if (ZSTD_isError(left))
			return fault_set(f, EX_DATAERR, "%s: damaged: %s",
			    z->path, ZSTD_getErrorName(left));
		z->whole = left == 0;
		if (z->in.size == 0 && out.pos == 0 && !z->whole)
			return fault_set(f, EX_DATAERR, "%s: cut short",
			    z->path);
	}
	return (ssize_t)out.pos;
}

int
zst_slurp(const char *path, size_t max, struct buf *out, struct fault *f)
{
	struct zst *z;
	ssize_t n = -1;

	if (zst_open(&z, path, f) != 0)
		return -1;
	for (;;) {
		if (buf_room(out, BLOCK) != 0) {
			n = nomem(path, f);
			break;
		}
		if ((n = zst_read(z, out->p + out->len, BLOCK, f)) <= 0)
			break;
		out->len += (size_t)n;
		if (out->len > max) {
			n = fault_set(f, EX_DATAERR, "%s: more than %zu bytes",
			    path, max);
			break;
		}
	}
	if (n == 0)
		out->p[out->len] = '\0';
	zst_close(z);
	return (int)n;
}

/* Reads from fd until n bytes or the end are there; their number, or -1. */
static ssize_t
read_full(int fd, char *p, size_t n)
{
	size_t done = 0;
	ssize_t got;

	while (done < n) {
		if ((got = read(fd, p + done, n - done)) == -1)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

static int
compare(struct zst *z, int fd, const char *path, char *a, struct fault *f)
{
	char *b = a + BLOCK;	/* a has room for two */
	ssize_t n, m;

	while ((n = zst_read(z, a, BLOCK, f)) > 0) {
		if ((m = read_full(fd, b, (size_t)n)) == -1)
			return fault_sys(f, EX_IOERR, "%s", path);
		if (m != n || memcmp(a, b, (size_t)n) != 0)
			return 0;
	}
	if (n == -1)
		return -1;
	if ((m = read_full(fd, b, 1)) == -1)
		return fault_sys(f, EX_IOERR, "%s", path);
	return m == 0;
}

int
zst_same(const char *packed, const char *path, struct fault *f)
{
	char *block = malloc(2 * BLOCK);
	struct zst *z;
	int fd, rc = -1;

	if (block == NULL)
		return nomem(packed, f);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1) {
		fault_sys(f, EX_NOINPUT, "%s", path);
	} else if (zst_open(&z, packed, f) == 0) {
		rc = compare(z, fd, path, block, f);
		zst_close(z);
	}
	if (fd != -1)
		close(fd);
	free(block);
	return rc;
}
