#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lock.h"

int
lock_take(const char *path, struct fault *f)
{
	char pid[24] = "";
	ssize_t n;
	int fd;

	if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) == -1)
		return fault_sys(f, 0, "%s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK) {
			fault_sys(f, EX_IOERR, "%s", path);
		} else {
			if ((n = pread(fd, pid, sizeof(pid) - 1, 0)) < 0)
				n = 0;
			pid[n] = '\0';
			pid[strcspn(pid, "\n")] = '\0';
			fault_set(f, EX_TEMPFAIL, "%s: held by process %s, "
			    "which is still running", path,
			    *pid != '\0' ? pid : "unknown");
		}
		close(fd);
		return -1;
	}
	n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	/* The pid is a help for people; the lock itself is flock()'s. */
	if (ftruncate(fd, 0) == -1 || pwrite(fd, pid, (size_t)n, 0) != n) {
		fault_sys(f, 0, "%s", path);
		close(fd);
		return -1;
	}
	return fd;
}
