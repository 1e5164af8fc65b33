/*
 * powercut - what a power cut would have left, recorded from inside
 *
 * To be loaded with LD_PRELOAD.  Every fsync() and fdatasync() of something below
 * $POWERCUT_OF is done, and then written to $POWERCUT/log, a record with one
 * write():
 *
 *	f INODE SIZE START END		so many bytes of a file are durable
 *	d PATH START END, then lines "INODE NAME", then "."
 *					these names are, in that directory
 *	s START				a sync that has begun
 *
 * Times are microseconds of CLOCK_MONOTONIC.  Files that are synced, or named in
 * a directory that is, also get a second name, $POWERCUT/INODE, so that what
 * they held can be had when they were replaced.  tests/aftercut makes of that what the next das-tick would find.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { RECORD_MAX = 64 * 1024 };

struct record {
	char	 text[RECORD_MAX];
	size_t	 len;
};

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* A shim that cannot do its work must not look like a disk that does. */
static void
give_up(const char *what)
{
	perror(what);
	abort();
}

__attribute__((format(printf, 2, 3))) static void
add(struct record *r, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(r->text + r->len, RECORD_MAX - r->len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= RECORD_MAX - r->len)
		give_up("powercut: a record");
	r->len += (size_t)n;
}

static void
put(const char *dir, const struct record *r)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/log", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (fd == -1 || write(fd, r->text, r->len) != (ssize_t)r->len)
		give_up(path);
	close(fd);
}

/* The second name, so that the number is not given to another file; one that
 * was removed already has no name to give. */
static void
keep(const char *dir, int at, const char *name, uintmax_t inode)
{
	char to[4096];

	snprintf(to, sizeof(to), "%s/%ju", dir, inode);
	if (linkat(at, name, AT_FDCWD, to, AT_SYMLINK_FOLLOW) == -1 &&
	    errno != EEXIST && errno != ENOENT)
		give_up(to);
}

/* The names in a directory, before it is synced. */
static void
list(struct record *r, const char *dir, const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	if (d == NULL)
		give_up(path);
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		add(r, "%ju %s\n", (uintmax_t)e->d_ino, e->d_name);
		if (e->d_type == DT_REG)
			keep(dir, dirfd(d), e->d_name, (uintmax_t)e->d_ino);
	}
	closedir(d);
	add(r, ".\n");
}

static int
sync_and_tell(int fd, const char *call)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, call);
	const char *dir = getenv("POWERCUT"), *of = getenv("POWERCUT_OF");
	char own[64], path[4096] = "";
	struct record names = { .len = 0 }, r = { .len = 0 };
	struct stat st;
	int64_t start = now();
	int rc;

	snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
	if (dir == NULL || of == NULL || fstat(fd, &st) == -1 ||
	    (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) ||
	    readlink(own, path, sizeof(path) - 1) == -1 ||
	    strncmp(path, of, strlen(of)) != 0)
		return real(fd);
	add(&r, "s %" PRId64 "\n", start);
	put(dir, &r);
	r.len = 0;
	if (S_ISREG(st.st_mode))
		keep(dir, AT_FDCWD, own, (uintmax_t)st.st_ino);
	else
		list(&names, dir, path);
	if ((rc = real(fd)) != 0)
		return rc;
	if (S_ISDIR(st.st_mode))
		add(&r, "d %s %" PRId64 " %" PRId64 "\n%s", path, start, now(),
		    names.text);
	else
		add(&r, "f %ju %jd %" PRId64 " %" PRId64 "\n",
		    (uintmax_t)st.st_ino, (intmax_t)st.st_size, start, now());
	put(dir, &r);
	return 0;
}

int
fsync(int fd)
{
	return sync_and_tell(fd, "fsync");
}

int
fdatasync(int fd)
{
	return sync_and_tell(fd, "fdatasync");
}
