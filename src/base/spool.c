#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clk.h"
#include "file.h"
#include "lock.h"
#include "num.h"
#include "spool.h"

#define NEXT	".next"		/* a segment until its header is in it */

enum { NAME = 16 };	/* "000001.tsv"; seven digits would still fit */

static void
segment_name(char *out, uint32_t n)
{
	snprintf(out, NAME, "%06u.tsv", (unsigned)n);
}

int
spool_dir(char *out, const char *spool, const char *day, const char *topic,
    struct fault *f)
{
	int n = snprintf(out, SPOOL_PATH, "%s/%s/%s", spool, day, topic);

	if (n < 0 || n >= SPOOL_PATH)
		return fault_set(f, EX_CONFIG, "%s: path too long", spool);
	return 0;
}

int
spool_is_closed(const char *spool, const char *day, const char *topic)
{
	char dir[SPOOL_PATH], path[SPOOL_PATH + 8];

	if (spool_dir(dir, spool, day, topic, NULL) != 0)
		return 0;
	snprintf(path, sizeof(path), "%s/CLOSED", dir);
	return access(path, F_OK) == 0;
}

uint32_t
spool_segment(const char *name, const char *suffix)
{
	size_t digits = strspn(name, "0123456789");
	char own[NAME], number[NAME];
	int64_t n;

	if (digits < 6 || digits > 7)
		return 0;
	snprintf(number, sizeof(number), "%.*s", (int)digits, name);
	if (num_i64(number, 1, 9999999, &n) != 0)
		return 0;
	segment_name(own, (uint32_t)n);		/* no other way to write it */
	return strncmp(name, own, strlen(own)) == 0 &&
	    strcmp(name + strlen(own), suffix) == 0 ? (uint32_t)n : 0;
}

/* Number of the highest segment of a topic directory, 0 when there is none. */
static int
highest(const char *dir, uint32_t *n, struct fault *f)
{
	struct dirent *e;
	DIR *d;
	uint32_t v;

	*n = 0;
	if ((d = opendir(dir)) == NULL)
		return fault_sys(f, 0, "%s", dir);
	while ((e = readdir(d)) != NULL)
		if ((v = spool_segment(e->d_name, "")) > *n)
			*n = v;
	closedir(d);
	return 0;
}

/* ---- writing ---- */

/* Offset of the first NUL of a file, its size when there is none, -1. */
static off_t
first_nul(int fd, char *block)
{
	off_t at = 0;
	ssize_t n;
	char *nul;

	while ((n = pread(fd, block, SPOOL_BLOCK, at)) > 0) {
		if ((nul = memchr(block, '\0', (size_t)n)) != NULL)
			return at + (nul - block);
		at += n;
	}
	return n == 0 ? at : -1;
}

/*
 * Finds the end of the last whole row of a segment, *good, 0 when there is no
 * line, and copies that row into w->last when it is not the header.  A power cut
 * can leave zeros in the place of rows that were not yet synced: what is behind
 * them does not count, or there would be a hole.
 */
static int
find_end(struct spool_w *w, int fd, const char *name, off_t *good,
    struct fault *f)
{
	char *block = malloc(2 * SPOOL_BLOCK), *nl, *p;
	off_t end, from;
	ssize_t n;
	int rc = -1;

	if (block == NULL)
		return fault_sys(f, 0, "%s/%s", w->dir, name);
	end = first_nul(fd, block);
	/* A row is far shorter than a block, so the last two are in the last
	 * two blocks. */
	from = end > 2 * SPOOL_BLOCK ? end - 2 * SPOOL_BLOCK : 0;
	if (end == -1 || (n = pread(fd, block, (size_t)(end - from),
	    from)) != end - from) {
		if (end != -1 && n >= 0)
			errno = EIO;
		fault_sys(f, EX_IOERR, "%s/%s", w->dir, name);
		goto out;
	}
	if ((nl = memrchr(block, '\n', (size_t)n)) == NULL && from > 0) {
		fault_set(f, EX_DATAERR, "%s/%s: no row end in the last %d "
		    "bytes; not a spool segment", w->dir, name,
		    2 * SPOOL_BLOCK);
		goto out;
	}
	*good = nl != NULL ? from + (nl + 1 - block) : 0;
	p = nl != NULL ? memrchr(block, '\n', (size_t)(nl - block)) : NULL;
	if (p != NULL &&		/* else the only line is the header */
	    (w->last = strndup(p + 1, (size_t)(nl - p - 1))) == NULL) {
		fault_sys(f, 0, "%s/%s", w->dir, name);
		goto out;
	}
	rc = 0;
out:
	free(block);
	return rc;
}

/* Cuts off what is behind the last whole row of segment n (*torn bytes). */
static int
mend(struct spool_w *w, uint32_t n, struct fault *f)
{
	char name[NAME];
	struct stat st;
	off_t good = 0;
	int fd, rc = -1;

	segment_name(name, n);
	if ((fd = openat(w->dirfd, name, O_RDWR | O_CLOEXEC)) == -1)
		return errno == ENOENT ? 0 :	/* its readers will say so */
		    fault_sys(f, 0, "%s/%s", w->dir, name);
	if (fstat(fd, &st) == -1)
		fault_sys(f, EX_IOERR, "%s/%s", w->dir, name);
	else if (find_end(w, fd, name, &good, f) == 0) {
		w->torn += (uint64_t)(st.st_size - good);
		rc = 0;
		if (good < st.st_size &&
		    (ftruncate(fd, good) == -1 || fdatasync(fd) == -1))
			rc = fault_sys(f, 0, "%s/%s", w->dir, name);
	}
	close(fd);
	return rc;
}

/* How many of the bytes were written; errno is set when not all. */
static size_t
write_all(int fd, const char *p, size_t n)
{
	size_t done = 0;
	ssize_t got;

	while (done < n) {
		got = write(fd, p + done, n - done);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0) {
			if (got == 0)
				errno = EIO;
			break;
		}
		done += (size_t)got;
	}
	return done;
}

/*
 * Makes segment n with its header; its descriptor, or -1 and no file.  It gets
 * its name when it has the header: a reader who had opened one that is removed
 * again would wait for its rows for ever.
 */
static int
make_segment(struct spool_w *w, uint32_t n, struct fault *f)
{
	char name[NAME];
	int fd;

	segment_name(name, n);
	fd = openat(w->dirfd, NEXT, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND |
	    O_CLOEXEC, 0666);
	if (fd == -1)
		return fault_sys(f, 0, "%s/%s", w->dir, name);
	/* n is above all there are, and nobody else makes any: we hold the
	 * lock. */
	if (write_all(fd, w->header.p, w->header.len) != w->header.len ||
	    renameat(w->dirfd, NEXT, w->dirfd, name) == -1) {
		fault_sys(f, 0, "%s/%s", w->dir, name);
		unlinkat(w->dirfd, NEXT, 0);
		close(fd);
		return -1;
	}
	return fd;
}

int
spool_w_open(struct spool_w *w, const char *spool, const char *day,
    const char *topic, const char *header, struct fault *f)
{
	char path[SPOOL_PATH + 8];
	uint32_t n;

	*w = (struct spool_w){ .dirfd = -1, .lockfd = -1, .fd = -1,
	    .limit = SPOOL_SEGMENT_MAX };
	if (spool_dir(w->dir, spool, day, topic, f) != 0 ||
	    file_mkdirs(w->dir, f) != 0)
		goto bad;
	snprintf(path, sizeof(path), "%s/.lock", w->dir);
	if ((w->lockfd = lock_take(path, f)) == -1)
		goto bad;
	if (spool_is_closed(spool, day, topic)) {
		fault_set(f, EX_CANTCREAT, "%s/CLOSED: the day is done; remove "
		    "this file to go on writing it", w->dir);
		goto bad;
	}
	w->dirfd = open(w->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->dirfd == -1) {
		fault_sys(f, 0, "%s", w->dir);
		goto bad;
	}
	if (buf_adds(&w->header, header) != 0 ||
	    buf_adds(&w->header, "\n") != 0) {
		fault_sys(f, 0, "%s", w->dir);
		goto bad;
	}
	if (highest(w->dir, &n, f) != 0)
		goto bad;
	w->segment = n + 1;
	for (; n > 0 && w->last == NULL; n--)	/* the newest may be empty */
		if (mend(w, n, f) != 0)
			goto bad;
	if ((w->fd = make_segment(w, w->segment, f)) == -1)
		goto bad;
	w->size = w->header.len;
	if (fsync(w->fd) == -1 || fsync(w->dirfd) == -1) {
		fault_sys(f, EX_IOERR, "%s", w->dir);
		goto bad;
	}
	return 0;
bad:
	spool_w_close(w, false, NULL);
	return -1;
}

int
spool_w_sync_start(struct spool_w *w, struct fault *f)
{
	return syncer_start(&w->sync, w->fd, w->size, w->dirfd, f);
}

int
spool_w_rotate(struct spool_w *w, struct fault *f)
{
	int fd, rc = 0;

	if (!syncer_can_change(&w->sync))
		return fault_set(f, EX_TEMPFAIL, "%s: the disk is %d segments "
		    "behind", w->dir, SYNCER_OLD_MAX);
	if (!w->sync.runs && fdatasync(w->fd) == -1)
		return fault_sys(f, 0, "%s: fdatasync", w->dir);
	if ((fd = make_segment(w, w->segment + 1, f)) == -1)
		return -1;
	if (w->sync.runs)
		syncer_change(&w->sync, fd, w->header.len);
	else {
		close(w->fd);		/* is on the disk */
		if (fsync(w->dirfd) == -1)
			rc = fault_sys(f, 0, "%s: fsync", w->dir);
	}
	w->fd = fd;
	w->segment++;
	w->size = w->header.len;
	w->ragged = false;	/* readers do not see what is left there */
	return rc;
}

/*
 * Appends what there is room for, in whole rows.  Of a row that was cut off
 * nothing may stay: the next one would be glued to it.
 */
static int
put_rows(struct spool_w *w, const char *rows, size_t n, struct fault *f)
{
	const char *nl;
	size_t done;
	int e;

	if (w->ragged && ftruncate(w->fd, (off_t)w->size) == -1)
		return fault_sys(f, 0, "%s/%06u.tsv", w->dir,
		    (unsigned)w->segment);
	w->ragged = false;
	if ((done = write_all(w->fd, rows, n)) < n) {
		e = errno;
		nl = memrchr(rows, '\n', done);
		w->taken = nl != NULL ? (size_t)(nl + 1 - rows) : 0;
		w->ragged = done > w->taken && ftruncate(w->fd,
		    (off_t)(w->size + w->taken)) == -1;
		errno = e;
	} else
		w->taken = n;
	w->size += w->taken;
	return done == n ? 0 : fault_sys(f, 0, "%s/%06u.tsv", w->dir,
	    (unsigned)w->segment);
}

int
spool_w_put(struct spool_w *w, const void *rows, size_t n, struct fault *f)
{
	int e;

	w->taken = 0;
	if ((e = syncer_error(&w->sync)) != 0) {	/* refused older rows */
		errno = e;
		return fault_sys(f, 0, "%s: fdatasync", w->dir);
	}
	if (w->size > w->header.len && w->size + n > w->limit &&
	    spool_w_rotate(w, f) != 0)
		return -1;
	if (put_rows(w, rows, n, f) != 0 && w->taken == 0)
		return -1;
	syncer_wrote(&w->sync, w->size);
	return w->taken == n ? 0 : -1;
}

bool
spool_w_gone(const struct spool_w *w)
{
	struct stat st;

	return fstat(w->fd, &st) == 0 && st.st_nlink == 0;
}

int
spool_w_close(struct spool_w *w, bool done, struct fault *f)
{
	struct fault own = { 0 };
	char path[SPOOL_PATH + 8];
	int rc = 0, e = syncer_stop(&w->sync);

	if (w->header.p == NULL)
		done = false;		/* never opened */
	if (w->fd > 0) {
		if (fdatasync(w->fd) == -1 || e != 0) {
			if (e != 0)
				errno = e;
			rc = fault_sys(&own, EX_IOERR, "%s: fdatasync", w->dir);
		}
		if (close(w->fd) == -1 && rc == 0)
			rc = fault_sys(&own, EX_IOERR, "%s", w->dir);
	}
	if (done && rc == 0) {
		snprintf(path, sizeof(path), "%s/CLOSED", w->dir);
		rc = file_put(path, 0666, "", 0, &own);
	}
	if (w->dirfd > 0)
		close(w->dirfd);
	if (w->lockfd > 0)
		close(w->lockfd);
	buf_free(&w->header);
	free(w->last);
	*w = (struct spool_w){ .dirfd = -1, .lockfd = -1, .fd = -1 };
	if (rc != 0 && f != NULL)
		*f = own;
	return rc;
}

/* ---- reading ---- */

int
spool_r_open(struct spool_r *r, const char *spool, const char *day,
    const char *topic, const struct spool_pos *from, struct fault *f)
{
	*r = (struct spool_r){ .fd = -1, .watch = -1 };
	if (from != NULL)
		r->pos = *from;
	if (r->pos.segment == 0)
		r->pos = (struct spool_pos){ 1, 0 };
	if (spool_dir(r->dir, spool, day, topic, f) != 0)
		return -1;
	if ((r->block = malloc(SPOOL_BLOCK)) == NULL)
		return fault_sys(f, 0, "%s", r->dir);
	return 0;
}

void
spool_r_close(struct spool_r *r)
{
	if (r->block == NULL)
		return;
	if (r->fd != -1)
		close(r->fd);
	if (r->watch != -1)
		close(r->watch);
	buf_free(&r->head);
	free(r->block);
	*r = (struct spool_r){ .fd = -1, .watch = -1 };
}

/* Opens segment n: 1, 0 when it does not exist, -1. */
static int
open_segment(struct spool_r *r, uint32_t n, int *fd, struct fault *f)
{
	char path[SPOOL_PATH + NAME], name[NAME];

	segment_name(name, n);
	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	if ((*fd = open(path, O_RDONLY | O_CLOEXEC)) != -1)
		return 1;
	return errno == ENOENT ? 0 : fault_sys(f, EX_IOERR, "%s", path);
}

/* Reads the header line of the open segment: 1, 0 not there yet, -1. */
static int
read_header(struct spool_r *r, struct fault *f)
{
	ssize_t n;
	char *nl;

	if ((n = pread(r->fd, r->block, SPOOL_BLOCK, 0)) == -1)
		return fault_sys(f, EX_IOERR, "%s/%06u.tsv", r->dir,
		    (unsigned)r->pos.segment);
	nl = memchr(r->block, '\n', (size_t)n);
	r->zeros = memchr(r->block, '\0', nl != NULL ?
	    (size_t)(nl - r->block) : (size_t)n) != NULL;
	if (nl == NULL || r->zeros)
		return 0;
	*nl = '\0';
	buf_reset(&r->head);
	if (buf_adds(&r->head, r->block) != 0)
		return fault_sys(f, 0, "%s", r->dir);
	r->header = r->head.p;
	if (r->pos.offset == 0)
		r->pos.offset = (uint64_t)(nl + 1 - r->block);
	return 1;
}

/* What is in the open segment behind pos: 1 rows, 0 nothing, or zeros that a
 * power cut has left (r->zeros), -1. */
static int
read_rows(struct spool_r *r, char **rows, size_t *len, struct fault *f)
{
	struct stat st;
	ssize_t n;
	char *nl, *nul;
	int rc;

	if (r->header == NULL && (rc = read_header(r, f)) != 1)
		return rc;
	n = pread(r->fd, r->block, SPOOL_BLOCK, (off_t)r->pos.offset);
	if (n == -1 || fstat(r->fd, &st) == -1)
		return fault_sys(f, EX_IOERR, "%s/%06u.tsv", r->dir,
		    (unsigned)r->pos.segment);
	if ((nul = n > 0 ? memchr(r->block, '\0', (size_t)n) : NULL) != NULL)
		n = nul - r->block;
	r->zeros = nul != NULL;
	if (n == 0 && (uint64_t)st.st_size < r->pos.offset)
		return fault_set(f, EX_DATAERR, "%s/%06u.tsv: shorter than the "
		    "position %ju in it", r->dir, (unsigned)r->pos.segment,
		    (uintmax_t)r->pos.offset);
	if ((nl = n > 0 ? memrchr(r->block, '\n', (size_t)n) : NULL) == NULL) {
		if (n == SPOOL_BLOCK)
			return fault_set(f, EX_DATAERR, "%s/%06u.tsv: no row "
			    "end within %d bytes of %ju", r->dir,
			    (unsigned)r->pos.segment, SPOOL_BLOCK,
			    (uintmax_t)r->pos.offset);
		return 0;
	}
	*rows = r->block;
	*len = (size_t)(nl + 1 - r->block);
	r->pos.offset += *len;
	return 1;
}

/*
 * Segment n is not there: 0 nor is a later one; 1 it has come meanwhile; -1 it
 * is missing, and its rows with it.
 */
static int
missing(struct spool_r *r, uint32_t n, struct fault *f)
{
	uint32_t last;
	int fd, rc;

	if (access(r->dir, F_OK) != 0)
		return 0;		/* the day has not begun */
	if (highest(r->dir, &last, f) != 0)
		return -1;
	if (last <= n)
		return last == n;
	if ((rc = open_segment(r, n, &fd, f)) == 1)
		close(fd);
	return rc != 0 ? rc : fault_set(f, EX_DATAERR, "%s/%06u.tsv is "
	    "missing, and later segments are there; bring it back, or touch it "
	    "to go on without its rows", r->dir, (unsigned)n);
}

int
spool_r_next(struct spool_r *r, char **rows, size_t *len, struct fault *f)
{
	char path[SPOOL_PATH + 8];
	bool closed;
	int rc = 0, next;

	for (;;) {
		/*
		 * The order matters: only what was seen to be over before the
		 * read is known to be read to its end.
		 */
		snprintf(path, sizeof(path), "%s/CLOSED", r->dir);
		closed = access(path, F_OK) == 0;
		if (r->fd == -1 && (rc = open_segment(r, r->pos.segment, &r->fd,
		    f)) == 0 && (rc = missing(r, r->pos.segment, f)) == 0)
			return closed ? SPOOL_END : 0;
		if (r->fd == -1 && rc == 1)
			continue;
		if (r->fd == -1 ||
		    (rc = open_segment(r, r->pos.segment + 1, &next, f)) < 0)
			return -1;
		if (rc == 0)
			next = -1;
		if ((rc = read_rows(r, rows, len, f)) != 0) {
			if (next != -1)
				close(next);
			return rc;
		}
		if (r->zeros && (next != -1 || closed)) {
			if (next != -1)
				close(next);
			return fault_set(f, EX_DATAERR, "%s/%06u.tsv: zeros "
			    "behind byte %ju, and the writer has gone on",
			    r->dir, (unsigned)r->pos.segment,
			    (uintmax_t)r->pos.offset);
		}
		if (next == -1 &&
		    (rc = missing(r, r->pos.segment + 1, f)) != 1)
			return rc == 0 && closed ? SPOOL_END : rc;
		if (next == -1)
			continue;
		close(r->fd);
		r->fd = next;
		r->pos = (struct spool_pos){ r->pos.segment + 1, 0 };
		r->header = NULL;
	}
}

/* Any descriptor of a file will do for that, whoever wrote to it. */
static int
sync_path(const char *path, struct fault *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = fd != -1 ? fdatasync(fd) : -1;

	if (rc == -1)
		fault_sys(f, EX_IOERR, "%s", path);
	if (fd != -1)
		close(fd);
	return rc;
}

int
spool_r_sync(const struct spool_r *r, uint32_t first, struct fault *f)
{
	char path[SPOOL_PATH + NAME], name[NAME];

	for (uint32_t n = first; n <= r->pos.segment; n++) {
		segment_name(name, n);
		snprintf(path, sizeof(path), "%s/%s", r->dir, name);
		if (n > 0 && sync_path(path, f) != 0)
			return -1;
	}
	return sync_path(r->dir, f);
}

void
spool_r_wait(struct spool_r *r, int ms)
{
	char events[4096];
	struct pollfd pfd;

	if (r->watch == -1) {
		r->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
		if (r->watch != -1 && inotify_add_watch(r->watch, r->dir,
		    IN_MODIFY | IN_CREATE | IN_MOVED_TO) == -1) {
			close(r->watch);	/* no such directory yet */
			r->watch = -1;
		}
		if (r->watch == -1) {
			poll(NULL, 0, ms < 100 ? ms : 100);
			return;
		}
		/* Something may have come before the watch stood: look. */
		return;
	}
	pfd = (struct pollfd){ .fd = r->watch, .events = POLLIN };
	if (poll(&pfd, 1, ms) == 1)
		while (read(r->watch, events, sizeof(events)) > 0)
			;
}

char *
spool_row(char **p, const char *end)
{
	char *row = *p, *nl;

	if (row >= end || (nl = memchr(row, '\n', (size_t)(end - row))) == NULL)
		return NULL;
	*nl = '\0';
	*p = nl + 1;
	return row;
}
