#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "castplace.h"

enum {
	PIECE = 64 * 1024,
	SEQ_SHIFT = 29		/* a segment is shorter than 2^29 bytes, there
				 * are less than 2^24 */
};

uint64_t
castplace_seq(const struct spool_pos *pos)
{
	return (uint64_t)pos->segment << SEQ_SHIFT | pos->offset;
}

struct spool_pos
castplace_of(uint64_t seq)
{
	uint64_t segment = seq >> SEQ_SHIFT;

	return (struct spool_pos){ segment < UINT32_MAX ? (uint32_t)segment :
	    UINT32_MAX, seq & ((UINT64_C(1) << SEQ_SHIFT) - 1) };
}

ssize_t
castplace_read(const char *dir, const struct spool_pos *pos, char *out,
    size_t size)
{
	char path[SPOOL_PATH + 16];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%06u.tsv", dir,
	    (unsigned)pos->segment);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	n = pread(fd, out, size, (off_t)pos->offset);
	close(fd);
	return n;
}

bool
castplace_is_row(const char *dir, const struct spool_pos *pos)
{
	struct spool_pos before = { pos->segment, pos->offset - 1 };
	char c;

	return pos->offset == 0 || (castplace_read(dir, &before, &c, 1) == 1 &&
	    c == '\n');
}

/* The first row behind pos, which is inside of a segment; 0: none. */
static uint64_t
row_behind(const char *dir, const struct spool_pos *pos)
{
	static char piece[PIECE];
	ssize_t n = castplace_read(dir, pos, piece, sizeof(piece));
	char *nl = n > 0 ? memchr(piece, '\n', (size_t)n) : NULL;

	return nl != NULL ? pos->offset + (uint64_t)(nl + 1 - piece) : 0;
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
			pos.offset = size - left;
			pos.offset = row_behind(dir, &pos);
			break;
		}
		left -= size;
	}
	return pos;
}

