#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asums.h"
#include "rows.h"

/* ---- where a segment is ---- */

/* The highest segment that is in dir, of the spool or of the archive; 0: none. */
static uint32_t
highest(const char *dir)
{
	struct dirent *e;
	uint32_t n, max = 0;
	DIR *d;

	if ((d = opendir(dir)) == NULL)
		return 0;
	while ((e = readdir(d)) != NULL)
		if ((n = spool_segment(e->d_name, "")) > max ||
		    (n = aseg_number(e->d_name)) > max)
			max = n;
	closedir(d);
	return max;
}

static bool
in_spool(const struct rows *r, uint32_t n)
{
	char path[SPOOL_PATH + ASEG_NAME];

	snprintf(path, sizeof(path), "%s/%06u.tsv", r->spool.dir, (unsigned)n);
	return access(path, F_OK) == 0;
}

static bool
in_archive(const struct rows *r, uint32_t n)
{
	char name[ASEG_NAME];

	return aseg_find(r->archive, n, name) != 0;
}

/* Will nothing be added to the topic of the day that has these directories?  A
 * day that is in the archive only was CLOSED. */
static int
closed(const char *spool, const char *archive)
{
	char path[SPOOL_PATH + 16];

	snprintf(path, sizeof(path), "%s/CLOSED", spool);
	if (access(path, F_OK) == 0)
		return 1;
	snprintf(path, sizeof(path), "%s/SHA256SUMS", archive);
	return access(path, F_OK) == 0 && highest(spool) == 0;
}

/* ---- the spool ---- */

/* Goes on in the spool. */
static int
enter_spool(struct rows *r, const struct spool_pos *at, struct fault *f)
{
	spool_r_close(&r->spool);
	if (spool_r_open(&r->spool, r->root, r->day, r->topic, at, f) != 0)
		return -1;
	r->pos = r->spool.pos;
	r->first = r->pos.segment;
	r->dir = r->spool.dir;
	r->header = NULL;
	return 0;
}

int
rows_open(struct rows *r, const struct conf *c, const char *day,
    const char *topic, const struct spool_pos *from, struct fault *f)
{
	*r = (struct rows){ .spool = { .fd = -1, .watch = -1 } };
	if (spool_dir(r->archive, conf_str(c, "archiveDir"), day, topic, f) != 0
	    || (r->root = strdup(conf_str(c, "spoolDir"))) == NULL ||
	    (r->day = strdup(day)) == NULL ||
	    (r->topic = strdup(topic)) == NULL) {
		if (r->root != NULL)
			fault_sys(f, EX_TEMPFAIL, "%s", topic);
		goto bad;
	}
	if (enter_spool(r, from, f) == 0)
		return 0;
bad:
	rows_close(r);
	return -1;
}

void
rows_close(struct rows *r)
{
	spool_r_close(&r->spool);
	aseg_close(r->seg);
	free(r->block);
	buf_free(&r->head);
	free(r->root);
	free(r->day);
	free(r->topic);
	*r = (struct rows){ .spool = { .fd = -1, .watch = -1 } };
}

/* ---- the archive ---- */

/* Fills the block behind what it has: 1 there is more, 0 it is the end, -1. */
static int
fill(struct rows *r, struct fault *f)
{
	ssize_t n = 1;

	while (r->have < SPOOL_BLOCK && n > 0) {
		n = aseg_read(r->seg, r->block + r->have,
		    SPOOL_BLOCK - r->have, f);
		if (n == -1)
			return -1;
		r->have += (size_t)n;
	}
	return n > 0;
}

/* Drops n bytes at the beginning of the block. */
static void
drop(struct rows *r, size_t n)
{
	r->have -= n;
	memmove(r->block, r->block + n, r->have);
}

static int
bad(const struct rows *r, const char *what, struct fault *f)
{
	return fault_set(f, EX_DATAERR, "%s/%06u.tsv: %s, at byte %ju", r->dir,
	    (unsigned)r->pos.segment, what, (uintmax_t)r->pos.offset);
}

/* Reads the header and goes to r->pos; *before becomes the byte in front of
 * it. */
static int
go_to(struct rows *r, char *before, struct fault *f)
{
	uint64_t left = r->pos.offset;
	char *nl;

	if (fill(r, f) == -1)
		return -1;
	nl = memchr(r->block, '\n', r->have);
	buf_reset(&r->head);
	if (buf_add(&r->head, r->block, nl != NULL ? (size_t)(nl - r->block) :
	    0) != 0)
		return fault_sys(f, EX_TEMPFAIL, "%s", r->dir);
	if (nl != NULL)
		r->header = r->head.p;
	if (left == 0 && nl != NULL)
		left = r->pos.offset = (uint64_t)(nl + 1 - r->block);
	*before = '\n';
	while (left > 0) {
		size_t n = left < r->have ? (size_t)left : r->have;

		if (n == 0)
			return bad(r, "shorter than the position", f);
		*before = r->block[n - 1];
		drop(r, n);
		left -= n;
		if (fill(r, f) == -1)
			return -1;
	}
	return 0;
}

/* Goes on in the archive. */
static int
enter_archive(struct rows *r, const struct spool_pos *at, char *before,
    struct fault *f)
{
	char name[ASEG_NAME], path[SPOOL_PATH + ASEG_NAME];

	aseg_close(r->seg);
	r->seg = NULL;
	r->pos = *at;
	r->dir = r->archive;
	r->header = NULL;
	r->have = r->given = 0;
	if (r->block == NULL && (r->block = malloc(SPOOL_BLOCK)) == NULL)
		return fault_sys(f, EX_TEMPFAIL, "%s", r->dir);
	if (aseg_find(r->archive, at->segment, name) &&	/* else: no input */
	    asums_check(r->archive, name, f) != 0)
		return -1;
	snprintf(path, sizeof(path), "%s/%s", r->archive, name);
	return aseg_open(&r->seg, path, f) == 0 ? go_to(r, before, f) : -1;
}

/* The next rows of the archived segment: 1, 0 at its end, -1. */
static int
archived(struct rows *r, char **rows, size_t *len, struct fault *f)
{
	char *nl, *nul;
	int rc;

	drop(r, r->given);
	r->given = 0;
	if ((rc = fill(r, f)) == -1)
		return -1;
	nl = r->have > 0 ? memrchr(r->block, '\n', r->have) : NULL;
	if (nl == NULL)
		return r->have == SPOOL_BLOCK ? bad(r, "no row end", f) : 0;
	*len = (size_t)(nl + 1 - r->block);
	if ((nul = memchr(r->block, '\0', *len)) != NULL)
		return bad(r, "zeros in the place of rows", f);
	*rows = r->block;
	r->given = *len;
	r->pos.offset += *len;
	return 1;
}

/* ---- both ---- */

/* Segment n, which is in neither place, was there: later ones are in the
 * archive. */
static bool
lost(const struct rows *r, uint32_t n, struct fault *f)
{
	if (highest(r->archive) <= n)
		return false;
	fault_set(f, EX_DATAERR, "%s: segment %06u is missing, and later ones "
	    "are there", r->archive, (unsigned)n);
	return true;
}

/* Behind segment pos.segment of the archive: 1 go on, 0, ROWS_END, -1. */
static int
behind(struct rows *r, struct fault *f)
{
	const struct spool_pos at = { r->pos.segment + 1, 0 };
	char before;

	if (!in_spool(r, at.segment) && in_archive(r, at.segment))
		return enter_archive(r, &at, &before, f) == 0 ? 1 : -1;
	if (in_spool(r, at.segment) || highest(r->spool.dir) > at.segment) {
		aseg_close(r->seg);
		r->seg = NULL;
		return enter_spool(r, &at, f) == 0 ? 1 : -1;
	}
	if (lost(r, at.segment, f))
		return -1;
	return closed(r->spool.dir, r->archive) ? ROWS_END : 0;
}

/* Was the segment of the spool read to its end? */
static bool
read_whole(const struct rows *r)
{
	char path[SPOOL_PATH + ASEG_NAME];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%06u.tsv", r->spool.dir,
	    (unsigned)r->pos.segment);
	return stat(path, &st) == 0 && (uint64_t)st.st_size == r->pos.offset;
}

int
rows_next(struct rows *r, char **rows, size_t *len, struct fault *f)
{
	struct spool_pos at;
	char before;
	int rc;

	for (;;) {
		if (r->seg != NULL) {
			if ((rc = archived(r, rows, len, f)) != 0 ||
			    (rc = behind(r, f)) != 1)
				return rc;
			continue;
		}
		rc = spool_r_next(&r->spool, rows, len, f);
		r->pos = r->spool.pos;
		r->header = r->spool.header;
		if (rc == 1)
			return 1;
		/* What it does not find may have gone to the archive. */
		at = r->pos;
		if (in_spool(r, at.segment)) {
			if (rc == -1 && !read_whole(r))
				return -1;
			at = (struct spool_pos){ at.segment + 1, 0 };
		}
		if (in_spool(r, at.segment))
			return rc;
		if (!in_archive(r, at.segment))
			return rc != -1 && lost(r, at.segment, f) ? -1 : rc;
		if (enter_archive(r, &at, &before, f) != 0)
			return -1;
		if (before != '\n')
			return bad(r, "no row begins", f);
	}
}

int
rows_sync(const struct rows *r, uint32_t first, struct fault *f)
{
	if (r->seg != NULL)
		return 0;	/* what is in the archive is on the disk */
	return spool_r_sync(&r->spool, first > r->first ? first : r->first, f);
}

void
rows_wait(struct rows *r, int ms)
{
	spool_r_wait(&r->spool, ms);
}

int
rows_check(struct rows *r, struct fault *f)
{
	const struct spool_pos at = r->pos;
	char path[SPOOL_PATH + 16], before = '\n';
	int fd;

	if (!in_spool(r, at.segment) && in_archive(r, at.segment)) {
		if (enter_archive(r, &at, &before, f) != 0)
			return -1;
		return before == '\n' ? 0 : bad(r, "no row begins", f);
	}
	snprintf(path, sizeof(path), "%s/%06u.tsv", r->dir,
	    (unsigned)at.segment);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return fault_sys(f, EX_NOINPUT, "%s", path);
	if (at.offset > 0 &&
	    pread(fd, &before, 1, (off_t)at.offset - 1) != 1)
		before = '\0';
	close(fd);
	return before == '\n' ? 0 : fault_set(f, EX_DATAERR, "%s: no row "
	    "begins at byte %ju", path, (uintmax_t)at.offset);
}

int
rows_ahead(const struct rows *r, struct fault *f)
{
	uint32_t a = highest(r->spool.dir), b = highest(r->archive),
	    last = a > b ? a : b;

	if (a == 0 || r->pos.segment <= last)
		return 0;
	return fault_set(f, EX_DATAERR, "%s: to go on in segment %06u, but "
	    "the last one is %06u: was the spool begun anew?", r->spool.dir,
	    (unsigned)r->pos.segment, (unsigned)last);
}

static int
topic_dir(char *dir, const struct conf *c, const char *key, const char *day,
    const char *topic)
{
	return spool_dir(dir, conf_str(c, key), day, topic, NULL);
}

int
rows_exist(const struct conf *c, const char *day, const char *topic)
{
	char spool[SPOOL_PATH], archive[SPOOL_PATH];

	return topic_dir(archive, c, "archiveDir", day, topic) == 0 &&
	    topic_dir(spool, c, "spoolDir", day, topic) == 0 &&
	    (highest(archive) > 0 || access(spool, F_OK) == 0);
}

int
rows_are_closed(const struct conf *c, const char *day, const char *topic)
{
	char spool[SPOOL_PATH], archive[SPOOL_PATH];

	return topic_dir(archive, c, "archiveDir", day, topic) == 0 &&
	    topic_dir(spool, c, "spoolDir", day, topic) == 0 &&
	    closed(spool, archive);
}
