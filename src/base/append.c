#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "append.h"
#include "buf.h"

enum { TAIL = 64 * 1024 };	/* no row is longer */

/* Cuts off what follows the last newline. */
static int
mend(struct append *a, struct fault *f)
{
	struct buf tail = { 0 };
	const char *nl;
	off_t from = a->size > TAIL ? a->size - TAIL : 0;
	ssize_t n;
	int rc = 0;

	if (buf_room(&tail, TAIL) != 0)
		return fault_sys(f, 0, "%s", a->path);
	if ((n = pread(a->fd, tail.p, TAIL, from)) == -1) {
		rc = fault_sys(f, EX_IOERR, "%s", a->path);
		goto out;
	}
	nl = memrchr(tail.p, '\n', (size_t)n);
	if (nl == NULL && from > 0) {
		rc = fault_set(f, EX_DATAERR, "%s: no row end in its last %d "
		    "bytes; is not ours", a->path, TAIL);
		goto out;
	}
	from = nl != NULL ? from + (nl + 1 - tail.p) : 0;
	if (from < a->size && ftruncate(a->fd, from) == -1)
		rc = fault_sys(f, EX_IOERR, "%s", a->path);
	else
		a->size = from;
out:
	buf_free(&tail);
	return rc;
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

	do
		got = write(a->fd, rows, n);
	while (got == -1 && errno == EINTR);
	if (got == (ssize_t)n) {
		a->size += got;
		return 0;
	}
	if (got >= 0)		/* regular files: only when the disk fills */
		errno = ftruncate(a->fd, a->size) == 0 ? ENOSPC : EIO;
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
