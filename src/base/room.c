#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "clk.h"
#include "room.h"

enum { DEPTH = 2 };		/* DAY/TOPIC/file */

int
room_free(const char *path, int64_t *bytes, struct fault *f)
{
	struct statvfs v;

	if (statvfs(path, &v) == -1)
		return fault_sys(f, EX_IOERR, "%s", path);
	*bytes = (int64_t)v.f_bavail * (int64_t)v.f_frsize;
	return 0;
}

/* ---- what there is ---- */

/* Bytes of the files in a directory and those below it; what cannot be read is
 * not counted. */
static int64_t
size_of(int at, const char *name, int depth)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	DIR *d = fd != -1 ? fdopendir(fd) : NULL;
	struct dirent *e;
	struct stat st;
	int64_t sum = 0;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 ||
		    fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1)
			continue;
		if (S_ISREG(st.st_mode))
			sum += st.st_size;
		else if (S_ISDIR(st.st_mode) && depth > 0)
			sum += size_of(fd, e->d_name, depth - 1);
	}
	if (d != NULL)
		closedir(d);
	else if (fd != -1)
		close(fd);
	return sum;
}

/* Adds a day to the newest ROOM_DAYS, the newest first, when it is one. */
static void
keep_newest(int32_t *day, int *n, int32_t d)
{
	int i;

	for (i = 0; i < *n && day[i] >= d; i++)
		if (day[i] == d)
			return;
	if (i == ROOM_DAYS)
		return;
	*n += *n < ROOM_DAYS;
	memmove(&day[i + 1], &day[i], (size_t)(*n - i - 1) * sizeof(*day));
	day[i] = d;
}

static void
list_days(const char *dir, int32_t before, int32_t *day, int *n)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int32_t v;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (clk_day_from(e->d_name, &v) == 0 && v < before)
			keep_newest(day, n, v);
	if (d != NULL)
		closedir(d);
}

static int64_t
day_in(const char *dir, int32_t day)
{
	char name[CLK_DAY];
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int64_t sum = size_of(fd, clk_day_to(day, name), DEPTH - 1);

	if (fd != -1)
		close(fd);
	return sum;
}

int64_t
room_day(const char *spool, const char *archive, const char *today)
{
	int64_t raw[ROOM_DAYS], packed[ROOM_DAYS];
	int32_t day[ROOM_DAYS], before;
	int n = 0;

	if (clk_day_from(today, &before) != 0)
		return 0;
	list_days(spool, before, day, &n);
	list_days(archive, before, day, &n);
	for (int i = 0; i < n; i++) {
		raw[i] = day_in(spool, day[i]);
		packed[i] = day_in(archive, day[i]);
	}
	return room_mean(raw, packed, n);
}

/* ---- arithmetic ---- */

int64_t
room_mean(const int64_t *spool, const int64_t *archive, int n)
{
	int64_t sum = 0, known = 0, one;

	for (int i = 0; i < n; i++) {
		/* of a day that was filed some small files stay there */
		one = spool[i] >= archive[i] ? spool[i] :
		    archive[i] * ROOM_PACKED;
		known += one > 0;
		sum += one;
	}
	return known > 0 ? sum / known : 0;
}

int64_t
room_left(const struct room *r)
{
	return r->day > 0 ? (r->free > 0 ? r->free : 0) / (r->day / 10 + 1) :
	    -1;
}

const char *
room_text(const struct room *r, char *out, size_t size)
{
	int64_t left = room_left(r);
	int n = snprintf(out, size, "%.1f GB free", (double)r->free / 1e9);

	if (left >= 0 && n > 0 && (size_t)n < size)
		snprintf(out + n, size - (size_t)n, ", room for %" PRId64 ".%"
		    PRId64 " days like the last ones (%.1f GB each)",
		    left / 10, left % 10, (double)r->day / 1e9);
	return out;
}
