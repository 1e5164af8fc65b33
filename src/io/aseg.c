#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aseg.h"
#include "buf.h"
#include "pack.h"
#include "spool.h"
#include "zst.h"

#define PACKED	".pack"

enum { BLOCK = 256 * 1024 };

/* ---- names ---- */

int
aseg_find(const char *dir, uint32_t n, char name[ASEG_NAME])
{
	static const char *const suffix[] = { PACKED, ".zst" };
	char path[SPOOL_PATH + ASEG_NAME];

	for (size_t i = 0; i < sizeof(suffix) / sizeof(*suffix); i++) {
		snprintf(name, ASEG_NAME, "%06u.tsv%s", (unsigned)n, suffix[i]);
		if (snprintf(path, sizeof(path), "%s/%s", dir, name) <
		    (int)sizeof(path) && access(path, F_OK) == 0)
			return 1;
	}
	*name = '\0';
	return 0;
}

uint32_t
aseg_number(const char *name)
{
	uint32_t n = spool_segment(name, PACKED);

	return n != 0 ? n : spool_segment(name, ".zst");
}

static bool
is_packed(const char *path)
{
	size_t n = strlen(path);

	return n > strlen(PACKED) &&
	    strcmp(path + n - strlen(PACKED), PACKED) == 0;
}

/* ---- writing ---- */

static int
write_out(struct buf *out, FILE *to, struct fault *f)
{
	size_t n = out->len;

	out->len = 0;
	return n == 0 || fwrite(out->p, 1, n, to) == n ? 0 :
	    fault_sys(f, 0, "writing the archive");
}

/* Packs what fd has.  EX_DATAERR: that cannot be packed. */
static int
pack_fd(struct pack *p, int fd, const char *path, FILE *to, struct fault *f)
{
	char *in = malloc(BLOCK);
	struct buf out = { 0 };
	ssize_t n = 0;
	int rc = in != NULL ? 0 : fault_sys(f, EX_TEMPFAIL, "%s", path);

	while (rc == 0 && (n = read(fd, in, BLOCK)) > 0)
		if ((rc = pack_put(p, in, (size_t)n, &out, f)) == 0)
			rc = write_out(&out, to, f);
	if (rc == 0 && n < 0)
		rc = fault_sys(f, EX_IOERR, "%s", path);
	if (rc == 0 && (rc = pack_end(p, &out, f)) == 0)
		rc = write_out(&out, to, f);
	buf_free(&out);
	free(in);
	return rc;
}

int
aseg_pack(const char *path, FILE *to, struct fault *f)
{
	struct pack *p;
	int fd, rc;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return fault_sys(f, EX_NOINPUT, "%s", path);
	if ((rc = pack_new(&p, f)) == 0)
		rc = pack_fd(p, fd, path, to, f);
	pack_delete(p);
	close(fd);
	return rc == -1 && f->ex == EX_DATAERR ? 1 : rc;
}

/* ---- reading ---- */

struct aseg {
	struct zst	*z;		/* this, or else: */
	struct unpack	*u;
	FILE		*fp;
	char		*path;
	bool		 done;
	/* what unpack_text() has given and nobody taken */
	size_t		 at, have;
	char		 block[BLOCK];
};

int
aseg_open(struct aseg **out, const char *path, struct fault *f)
{
	struct aseg *a = calloc(1, sizeof(*a));

	*out = NULL;
	if (a == NULL || (a->path = strdup(path)) == NULL) {
		free(a);
		errno = ENOMEM;
		return fault_sys(f, EX_TEMPFAIL, "%s", path);
	}
	if (!is_packed(path) ? zst_open(&a->z, path, f) != 0 :
	    unpack_new(&a->u, f) != 0)
		goto bad;
	if (a->z == NULL && (a->fp = fopen(path, "re")) == NULL) {
		fault_sys(f, EX_NOINPUT, "%s", path);
		goto bad;
	}
	*out = a;
	return 0;
bad:
	aseg_close(a);
	return -1;
}

void
aseg_close(struct aseg *a)
{
	if (a == NULL)
		return;
	zst_close(a->z);
	unpack_delete(a->u);
	if (a->fp != NULL)
		fclose(a->fp);		/* only read from */
	free(a->path);
	free(a);
}

/* Gives the unpacker the next part of the file; false at the end. */
static int
feed(struct aseg *a, bool *more, struct fault *f)
{
	size_t n;
	void *to = unpack_want(a->u, &n, f);

	*more = to != NULL;
	if (to == NULL && n > 0)
		return -1;
	if (to != NULL && fread(to, 1, n, a->fp) == n)
		return 0;
	if (ferror(a->fp))
		return fault_sys(f, EX_IOERR, "reading");
	if (to != NULL)
		return fault_set(f, EX_DATAERR, "cut short");
	if (getc(a->fp) != EOF)
		return fault_set(f, EX_DATAERR, "damaged: something is behind "
		    "its end");
	return 0;
}

/* Fills the block. */
static int
unpack_some(struct aseg *a, struct fault *f)
{
	bool more = true;
	long n;

	while ((n = unpack_text(a->u, a->block, BLOCK, f)) == 0 && more)
		if (feed(a, &more, f) != 0)
			return -1;
	a->at = 0;
	a->have = n > 0 ? (size_t)n : 0;
	a->done = n == 0;
	return n < 0 ? -1 : 0;
}

ssize_t
aseg_read(struct aseg *a, void *p, size_t n, struct fault *f)
{
	struct fault why;

	if (a->z != NULL)
		return zst_read(a->z, p, n, f);
	if (a->at == a->have && !a->done && unpack_some(a, &why) != 0)
		return fault_set(f, why.ex, "%s: %s", a->path, why.text);
	if (n > a->have - a->at)
		n = a->have - a->at;
	memcpy(p, a->block + a->at, n);
	a->at += n;
	return (ssize_t)n;
}

/* ---- looking whether it is whole ---- */

static int
compare(struct aseg *a, FILE *fp, const char *path, char *x, struct fault *f)
{
	char *y = x + BLOCK;	/* x has room for two */
	size_t m;
	ssize_t n;

	while ((n = aseg_read(a, x, BLOCK, f)) > 0) {
		m = fread(y, 1, (size_t)n, fp);
		if (ferror(fp))
			return fault_sys(f, EX_IOERR, "%s", path);
		if (m != (size_t)n || memcmp(x, y, m) != 0)
			return 0;
	}
	if (n == -1)
		return -1;
	m = fread(y, 1, 1, fp);
	return ferror(fp) ? fault_sys(f, EX_IOERR, "%s", path) : m == 0;
}

int
aseg_same(const char *packed, const char *path, struct fault *f)
{
	char *block = malloc(2 * BLOCK);
	struct aseg *a;
	FILE *fp;
	int rc = -1;

	if (block == NULL)
		return fault_sys(f, EX_TEMPFAIL, "%s", packed);
	if ((fp = fopen(path, "re")) == NULL) {
		fault_sys(f, EX_NOINPUT, "%s", path);
	} else if (aseg_open(&a, packed, f) == 0) {
		rc = compare(a, fp, path, block, f);
		aseg_close(a);
	}
	if (fp != NULL)
		fclose(fp);		/* only read from */
	free(block);
	return rc;
}

int
aseg_test(const char *packed, uint64_t *raw, struct fault *f)
{
	char *block = malloc(BLOCK);
	struct aseg *a;
	ssize_t n = -1;

	*raw = 0;
	if (block == NULL)
		return fault_sys(f, EX_TEMPFAIL, "%s", packed);
	if (aseg_open(&a, packed, f) == 0) {
		while ((n = aseg_read(a, block, BLOCK, f)) > 0)
			*raw += (uint64_t)n;
		aseg_close(a);
	}
	free(block);
	return n == 0 ? 0 : -1;
}
