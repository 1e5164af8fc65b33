#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reserve.h"

int
reserve_open(struct reserve *r, const char *path, int64_t size,
    struct fault *f)
{
	struct stat st;

	*r = (struct reserve){ .fd = -1, .size = size };
	if (size == 0) {
		if (unlink(path) == -1 && errno != ENOENT)
			return fault_sys(f, 0, "%s", path);
		return 0;
	}
	if ((r->path = strdup(path)) == NULL ||
	    (r->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666)) == -1 ||
	    fstat(r->fd, &st) == -1) {
		fault_sys(f, 0, "%s", path);
		reserve_close(r);
		return -1;
	}
	/* one of another size, or cut off while it was made, is made anew */
	r->held = st.st_size == size && st.st_blocks * 512 >= size;
	if (!r->held && st.st_size > 0)
		(void)reserve_release(r);
	return 0;
}

int
reserve_make(struct reserve *r, int64_t free, int64_t floor, struct fault *f)
{
	if (r->path == NULL || r->held || free - r->size < floor)
		return 0;
	if ((errno = posix_fallocate(r->fd, 0, r->size)) != 0) {
		fault_sys(f, 0, "%s", r->path);
		(void)ftruncate(r->fd, 0);	/* of no use in part */
		return -1;
	}
	r->held = true;
	return 1;
}

bool
reserve_release(struct reserve *r)
{
	bool held = r->held;

	if (r->fd == -1 || r->path == NULL)
		return false;
	r->held = false;
	return ftruncate(r->fd, 0) == 0 && held;
}

void
reserve_close(struct reserve *r)
{
	if (r->path == NULL)
		return;
	if (r->fd != -1)
		close(r->fd);
	free(r->path);
	*r = (struct reserve){ .fd = -1 };
}
