#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "append.h"
#include "buf.h"

enum { BLOCK = 64 * 1024 };

/* Where the last newline is, looked for backwards; -1 there is none, -2 it
 * cannot be read. */
static off_t
last_newline(const struct append *a, char *block)
{
	off_t from = a->size, end = a->size > APPEND_ROW_MAX ? a->size -
	    APPEND_ROW_MAX : 0;
	const char *nl;
	ssize_t n;

	while (from > end) {
		size_t want = from - end > BLOCK ? BLOCK : (size_t)(from - end);

		from -= (off_t)want;
		if ((n = pread(a->fd, block, want, from)) == -1)
			return -2;
		if ((nl = memrchr(block, '\n', (size_t)n)) != NULL)
			return from + (nl - block);
	}
	return -1;
}

/* Cuts off what follows the last newline. */
static int
mend(struct append *a, struct fault *f)
{
	char *block = malloc(BLOCK);
	off_t nl = block != NULL ? last_newline(a, block) : -2;

	free(block);
	if (nl == -2)
		return fault_sys(f, EX_IOERR, "%s", a->path);
	if (nl == -1 && a->size > APPEND_ROW_MAX)
		return fault_set(f, EX_DATAERR, "%s: no row end in its last %d "
		    "bytes; is not ours", a->path, APPEND_ROW_MAX);
	if (nl + 1 < a->size && ftruncate(a->fd, nl + 1) == -1)
		return fault_sys(f, EX_IOERR, "%s", a->path);
	a->size = nl + 1;
	return 0;
}

int
append_open(struct append *a, const char *path, const char *header,
    struct fault *f)
{
	struct buf b = { 0 };
	struct stat st;
	int rc = -1;

	*a = (struct append){ .fd = -1 };
	if ((a->path = strdup(path)) == NULL)
		return fault_sys(f, 0, "%s", path);
	a->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (a->fd == -1 || fstat(a->fd, &st) == -1) {
		fault_sys(f, 0, "%s", path);
		goto out;
	}
	a->size = st.st_size;
	if (a->size > 0 && mend(a, f) != 0)
		goto out;
	if (a->size == 0) {
		if (buf_addf(&b, "%s\n", header) != 0)
			fault_sys(f, 0, "%s", path);
		else
			rc = append_put(a, b.p, b.len, f);
	} else
		rc = 0;
out:
	buf_free(&b);
	if (rc != 0)
		append_close(a, NULL);
	return rc;
}

int
append_put(struct append *a, const void *rows, size_t n, struct fault *f)
{
	ssize_t got;

	if (a->ragged && ftruncate(a->fd, a->size) == -1)
		return fault_sys(f, 0, "%s", a->path);
	a->ragged = false;
	do
		got = write(a->fd, rows, n);
	while (got == -1 && errno == EINTR);
	if (got == (ssize_t)n) {
		a->size += got;
		return 0;
	}
	if (got >= 0) {		/* regular files: only when the disk fills */
		a->ragged = ftruncate(a->fd, a->size) == -1;
		errno = ENOSPC;
	}
	return fault_sys(f, 0, "%s", a->path);
}

int
append_close(struct append *a, struct fault *f)
{
	int rc = 0;

	if (a->path == NULL)
		return 0;
	if (a->fd != -1) {
		if (fdatasync(a->fd) == -1)
			rc = fault_sys(f, EX_IOERR, "%s", a->path);
		if (close(a->fd) == -1 && rc == 0)
			rc = fault_sys(f, EX_IOERR, "%s", a->path);
	}
	free(a->path);
	*a = (struct append){ .fd = -1 };
	return rc;
}
