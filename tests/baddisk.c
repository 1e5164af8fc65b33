/*
 * baddisk - a disk in trouble, for the tests: LD_PRELOAD=baddisk.so
 *
 * Files below the directory $BADDISK are on a disk that is as the file
 * $BADDISK_RULE says, which is read anew with every call:
 *
 *	room N		N bytes of files, all in all; beyond that ENOSPC
 *	errno N		nothing can be written
 *	sync N		nothing of it gets to the disk
 *
 * Anything else, or no such file: all is well.  What goes through stdio is not
 * stopped, but counted.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

ssize_t write(int fd, const void *p, size_t n);
ssize_t writev(int fd, const struct iovec *iov, int n);
int posix_fallocate(int fd, off_t from, off_t n);
int statvfs(const char *path, struct statvfs *v);
int fdatasync(int fd);

/* The next function of that name. */
#define REAL(name)	((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))

/* Whether a file is below $BADDISK. */
static int
is_ours(int fd)
{
	const char *dir = getenv("BADDISK");
	char link[64], path[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (dir == NULL || (n = readlink(link, path, sizeof(path) - 1)) == -1)
		return 0;
	path[n] = '\0';
	return strncmp(path, dir, strlen(dir)) == 0 && path[strlen(dir)] == '/';
}

static off_t
size_of(const char *dir)
{
	DIR *d = opendir(dir);
	char path[PATH_MAX + 300];
	struct dirent *e;
	struct stat st;
	off_t sum = 0;

	while (d != NULL && (e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
		    lstat(path, &st) == -1)
			continue;
		sum += S_ISDIR(st.st_mode) ? size_of(path) : st.st_size;
	}
	if (d != NULL)
		closedir(d);
	return sum;
}

static void
read_rule(char *text, size_t size)
{
	const char *rule = getenv("BADDISK_RULE");
	int fd = rule != NULL ? open(rule, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t n = fd != -1 ? read(fd, text, size - 1) : 0;

	text[n > 0 ? n : 0] = '\0';
	if (fd != -1)
		close(fd);
}

/* How many more bytes there is room for; -1 and errno: the disk is broken. */
static off_t
room(void)
{
	char text[64];
	long long left;

	read_rule(text, sizeof(text));
	if (strncmp(text, "errno ", 6) == 0) {
		errno = atoi(text + 6);
		return -1;
	}
	if (strncmp(text, "room ", 5) != 0)
		return LLONG_MAX;
	left = atoll(text + 5) - size_of(getenv("BADDISK"));
	return left > 0 ? left : 0;
}

ssize_t
write(int fd, const void *p, size_t n)
{
	off_t left;

	if (n > 0 && is_ours(fd)) {
		if ((left = room()) == -1)
			return -1;
		if (left == 0) {
			errno = ENOSPC;
			return -1;
		}
		n = (size_t)left < n ? (size_t)left : n;
	}
	return REAL(write)(fd, p, n);
}

ssize_t
writev(int fd, const struct iovec *iov, int n)
{
	off_t left, want = 0;

	for (int i = 0; i < n; i++)
		want += (off_t)iov[i].iov_len;
	if (is_ours(fd)) {
		if ((left = room()) == -1)
			return -1;
		if (left < want) {
			errno = ENOSPC;
			return -1;
		}
	}
	return REAL(writev)(fd, iov, n);
}

int
posix_fallocate(int fd, off_t from, off_t n)
{
	struct stat st;
	off_t left;

	if (is_ours(fd) && fstat(fd, &st) == 0) {
		if ((left = room()) == -1)
			return errno;
		if (left < from + n - st.st_size)
			return ENOSPC;
	}
	return REAL(posix_fallocate)(fd, from, n);
}

int
fdatasync(int fd)
{
	char text[64];

	read_rule(text, sizeof(text));
	if (strncmp(text, "sync ", 5) == 0 && is_ours(fd)) {
		errno = atoi(text + 5);
		return -1;
	}
	return REAL(fdatasync)(fd);
}

int
statvfs(const char *path, struct statvfs *v)
{
	const char *dir = getenv("BADDISK");
	int rc = REAL(statvfs)(path, v);
	off_t left;

	if (rc == 0 && dir != NULL && strncmp(path, dir, strlen(dir)) == 0 &&
	    (left = room()) != LLONG_MAX && left >= 0) {
		v->f_frsize = 4096;
		v->f_bavail = (fsblkcnt_t)(left / 4096);
	}
	return rc;
}
