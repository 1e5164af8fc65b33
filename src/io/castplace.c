#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "castplace.h"

enum { PIECE = 64 * 1024 };

/* The first row behind offset, which is inside of a segment; 0: none. */
static uint64_t
row_behind(const char *path, uint64_t offset)
{
	static char piece[PIECE];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	char *nl;

	if (fd == -1)
		return 0;
	n = pread(fd, piece, sizeof(piece), (off_t)offset);
	close(fd);
	nl = n > 0 ? memchr(piece, '\n', (size_t)n) : NULL;
	return nl != NULL ? offset + (uint64_t)(nl + 1 - piece) : 0;
}

static uint32_t
highest(const char *dir)
{
	uint32_t n = 0, v;
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d != NULL && (e = readdir(d)) != NULL)
		if ((v = spool_segment(e->d_name, "")) > n)
			n = v;
	if (d != NULL)
		closedir(d);
	return n;
}

struct spool_pos
castplace_back(const char *dir, uint64_t left)
{
	char path[SPOOL_PATH + 16];
	struct spool_pos pos = { highest(dir), 0 };
	uint64_t size;
	struct stat st;

	for (; pos.segment > 0; pos.segment--) {
		snprintf(path, sizeof(path), "%s/%06u.tsv", dir,
		    (unsigned)pos.segment);
		size = stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
		if (size >= left) {
			pos.offset = row_behind(path, size - left);
			break;
		}
		left -= size;
	}
	return pos;
}

