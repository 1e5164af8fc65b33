#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "capseg.h"
#include "capture.h"

static const uint8_t magic[8] = { 'D', 'A', 'S', 'c', 'a', 'p', 't', '1' };

enum {				/* head of a frame */
	HEAD_RECV	=  0,	/* i64 */
	HEAD_CONN	=  8,	/* u16 */
	HEAD_KIND	= 10,	/* u8 */
	HEAD_LEN	= 12,	/* u32 */
	HEAD		= 16
};

enum { READ_AHEAD = 256 * 1024 };

static uint64_t
get(const uint8_t *p, int n)
{
	uint64_t v = 0;

	for (int i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static void
put(uint8_t *p, int n, uint64_t v)
{
	for (int i = n - 1; i >= 0; i--, v >>= 8)
		p[i] = (uint8_t)v;
}

/* A power cut can leave zeros where frames were not yet synced.  No head has
 * only zeros, for connections count from 1. */
static bool
zeros(const uint8_t *p, size_t n)
{
	while (n > 0 && p[n - 1] == 0)
		n--;
	return n == 0;
}

/* What is wrong with a head, or NULL. */
static const char *
head_trouble(const uint8_t *h)
{
	if (h[HEAD_KIND] > CAPTURE_FRAGMENT || h[HEAD_KIND + 1] != 0)
		return "unknown kind of frame";
	if (get(h + HEAD_LEN, 4) > CAPTURE_FRAME_MAX)
		return "impossible length";
	return NULL;
}

/* ---- writing ---- */

/* Finds the end of the last whole frame, by the heads alone. */
static int
whole(struct capture_w *w, uint64_t end, struct fault *f)
{
	uint8_t h[HEAD];
	const char *why;
	ssize_t n;

	w->size = sizeof(magic);
	while (end - w->size >= HEAD) {
		n = pread(w->fd, h, HEAD, (off_t)w->size);
		if (n != HEAD) {
			if (n >= 0)
				errno = EIO;
			return fault_sys(f, EX_IOERR, "%s", w->path);
		}
		if (zeros(h, HEAD))
			break;
		if ((why = head_trouble(h)) != NULL)
			return fault_set(f, EX_DATAERR, "%s: %s at byte %ju",
			    w->path, why, (uintmax_t)w->size);
		if (end - w->size - HEAD < get(h + HEAD_LEN, 4))
			break;
		w->size += HEAD + get(h + HEAD_LEN, 4);
	}
	return 0;
}

/* Makes an empty file a capture, or looks at the one that is there. */
static int
prepare(struct capture_w *w, struct fault *f)
{
	uint8_t start[sizeof(magic)];
	struct stat st;
	ssize_t n;

	if (fstat(w->fd, &st) == -1)
		return fault_sys(f, EX_IOERR, "%s", w->path);
	n = pread(w->fd, start, sizeof(start), 0);
	if (n > 0 && zeros(start, (size_t)n))
		n = 0;
	if (n < 0 || memcmp(start, magic, (size_t)n) != 0)
		return n < 0 ? fault_sys(f, EX_IOERR, "%s", w->path) :
		    fault_set(f, EX_DATAERR, "%s: is no capture; name another "
		    "file", w->path);
	if ((size_t)n < sizeof(magic)) {	/* new, or died right then */
		if (ftruncate(w->fd, 0) == -1 ||
		    write(w->fd, magic, sizeof(magic)) != sizeof(magic))
			return fault_sys(f, 0, "%s", w->path);
		w->size = sizeof(magic);
		return 0;
	}
	if (whole(w, (uint64_t)st.st_size, f) != 0)
		return -1;
	w->torn = (uint64_t)st.st_size - w->size;
	if (w->torn > 0 && ftruncate(w->fd, (off_t)w->size) == -1)
		return fault_sys(f, EX_IOERR, "%s", w->path);
	return 0;
}

/* Opens a segment; on -1 the one that is open stays so. */
static int
open_segment(struct capture_w *w, unsigned n, struct fault *f)
{
	struct capture_w own = { .fd = -1, .segment = n, .limit = w->limit,
	    .base = w->base };

	if ((own.path = capseg_path(w->base, n, f)) == NULL)
		return -1;
	own.fd = open(own.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (own.fd == -1)
		fault_sys(f, 0, "%s", own.path);
	else if (flock(own.fd, LOCK_EX | LOCK_NB) == -1)
		fault_set(f, EX_TEMPFAIL, "%s: somebody else writes it",
		    own.path);
	else if (prepare(&own, f) == 0) {
		if (w->fd != -1)
			close(w->fd);	/* all of it went through write() */
		free(w->path);
		*w = own;
		return 0;
	}
	if (own.fd != -1)
		close(own.fd);
	free(own.path);
	return -1;
}

int
capture_w_open(struct capture_w *w, const char *path, uint64_t limit,
    struct fault *f)
{
	unsigned n = 0;

	*w = (struct capture_w){ .fd = -1, .limit = limit };
	if ((w->base = strdup(path)) == NULL)
		fault_sys(f, 0, "%s", path);
	else if ((limit == 0 || capseg_newest(path, &n, f) == 0) &&
	    open_segment(w, n, f) == 0)
		return 0;
	capture_w_close(w, NULL);
	return -1;
}

static void
put_head(uint8_t *h, const struct capture_frame *c)
{
	put(h + HEAD_RECV, 8, (uint64_t)c->recv_us);
	put(h + HEAD_CONN, 2, c->conn);
	h[HEAD_KIND] = (uint8_t)c->kind;
	h[HEAD_KIND + 1] = 0;
	put(h + HEAD_LEN, 4, c->len);
}

int
capture_add(struct buf *b, const struct capture_frame *c)
{
	uint8_t h[HEAD];

	put_head(h, c);
	if (buf_room(b, HEAD + c->len) != 0 || buf_add(b, h, HEAD) != 0)
		return -1;
	return buf_add(b, c->p, c->len);	/* there is room */
}

/* All of iov or nothing; n is its length. */
static int
write_whole(struct capture_w *w, const struct iovec *iov, int parts,
    size_t n, struct fault *f)
{
	ssize_t got;

	if (w->limit != 0 && w->size > sizeof(magic) &&
	    w->size + n > w->limit && open_segment(w, w->segment + 1, f) != 0)
		return -1;
	do
		got = writev(w->fd, iov, parts);
	while (got == -1 && errno == EINTR);
	if (got == (ssize_t)n) {
		w->size += n;
		return 0;
	}
	if (got >= 0) {
		/* Regular files are written short only when the disk fills. */
		errno = ftruncate(w->fd, (off_t)w->size) == 0 ? ENOSPC : EIO;
	}
	return fault_sys(f, 0, "%s", w->path);
}

int
capture_write(struct capture_w *w, const void *p, size_t n, struct fault *f)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)p, .iov_len = n };

	return write_whole(w, &iov, 1, n, f);
}

int
capture_put(struct capture_w *w, const struct capture_frame *c,
    struct fault *f)
{
	uint8_t h[HEAD];
	struct iovec iov[2] = {
		{ .iov_base = h, .iov_len = HEAD },
		{ .iov_base = (void *)(uintptr_t)c->p, .iov_len = c->len }
	};

	if (c->len > CAPTURE_FRAME_MAX)
		return fault_set(f, EX_SOFTWARE, "%s: a frame of %zu bytes",
		    w->path, c->len);
	put_head(h, c);
	return write_whole(w, iov, 2, HEAD + c->len, f);
}

int
capture_w_close(struct capture_w *w, struct fault *f)
{
	int rc = 0;

	if (w->base == NULL)
		return 0;
	if (w->fd != -1) {
		/* A pipe or a device cannot be synced: EINVAL, nothing lost. */
		if (fdatasync(w->fd) == -1 && errno != EINVAL)
			rc = fault_sys(f, EX_IOERR, "%s", w->path);
		if (close(w->fd) == -1 && rc == 0)
			rc = fault_sys(f, EX_IOERR, "%s", w->path);
	}
	free(w->base);
	free(w->path);
	*w = (struct capture_w){ .fd = -1 };
	return rc;
}

/* ---- reading ---- */

/* Looks whether it is a capture, and goes behind its first bytes. */
static int
begin(struct capture_r *r, struct fault *f)
{
	uint8_t start[sizeof(magic)];

	/* Without it the default buffer serves, only slower. */
	(void)setvbuf(r->fp, NULL, _IOFBF, READ_AHEAD);
	r->offset = sizeof(magic);
	if (fread(start, 1, sizeof(start), r->fp) == sizeof(start) &&
	    memcmp(start, magic, sizeof(magic)) == 0)
		return 0;
	return ferror(r->fp) ? fault_sys(f, EX_IOERR, "%s", r->path) :
	    fault_set(f, EX_DATAERR, "%s: is no capture of das-tick -w",
	    r->path);
}

int
capture_r_open(struct capture_r *r, const char *path, struct fault *f)
{
	bool in = strcmp(path, "-") == 0;

	*r = (struct capture_r){ .fp = in ? stdin : NULL };
	if ((r->path = strdup(in ? "<stdin>" : path)) == NULL ||
	    (!in && (r->base = strdup(path)) == NULL))
		fault_sys(f, 0, "%s", path);
	else if (!in && (r->fp = fopen(path, "re")) == NULL)
		fault_sys(f, EX_NOINPUT, "%s", path);
	else if (begin(r, f) == 0)
		return 0;
	capture_r_close(r);
	return -1;
}

/* Goes on with the next segment: 1, 0 there is none, -1. */
static int
next_segment(struct capture_r *r, struct fault *f)
{
	unsigned last = 0;
	FILE *fp;

	if (r->base == NULL)
		return 0;
	if (capseg_newest(r->base, &last, f) != 0)
		return -1;
	if (last <= r->segment)
		return 0;
	free(r->path);
	if ((r->path = capseg_path(r->base, ++r->segment, f)) == NULL)
		return -1;
	if ((fp = fopen(r->path, "re")) == NULL)
		return errno == ENOENT ? fault_set(f, EX_DATAERR, "%s is "
		    "missing, and later segments are there", r->path) :
		    fault_sys(f, EX_IOERR, "%s", r->path);
	fclose(r->fp);			/* only read from: nothing to lose */
	r->fp = fp;
	return begin(r, f) == 0 ? 1 : -1;
}

/* End of a segment, inside of a frame when it had got some bytes of it. */
static int
at_end(struct capture_r *r, size_t got, struct fault *f)
{
	if (ferror(r->fp))
		return fault_sys(f, EX_IOERR, "%s", r->path);
	if (got > 0 && !r->cut)
		fault_set(&r->cut_why, EX_DATAERR, "%s: ends inside of a "
		    "frame, at byte %ju", r->path, (uintmax_t)r->offset);
	r->cut |= got > 0;
	return next_segment(r, f);
}

/* Reads one frame: 1; 0 the segment has no more, *got bytes of it are there;
 * -1. */
static int
read_frame(struct capture_r *r, struct capture_frame *c, size_t *got,
    struct fault *f)
{
	uint8_t h[HEAD];
	const char *why;
	size_t len;

	if ((*got = fread_unlocked(h, 1, HEAD, r->fp)) != HEAD)
		return 0;
	if (zeros(h, HEAD))
		return 0;
	if ((why = head_trouble(h)) != NULL)
		return fault_set(f, EX_DATAERR, "%s: %s at byte %ju", r->path,
		    why, (uintmax_t)r->offset);
	len = get(h + HEAD_LEN, 4);
	buf_reset(&r->frame);
	if (buf_room(&r->frame, len) != 0)
		return fault_sys(f, 0, "%s", r->path);
	if (fread_unlocked(r->frame.p, 1, len, r->fp) != len)
		return 0;
	r->frame.p[len] = '\0';
	r->offset += HEAD + len;
	*c = (struct capture_frame){
		.recv_us = (int64_t)get(h + HEAD_RECV, 8),
		.conn = (uint32_t)get(h + HEAD_CONN, 2),
		.kind = h[HEAD_KIND],
		.p = (const uint8_t *)r->frame.p,
		.len = len
	};
	return 1;
}

int
capture_next(struct capture_r *r, struct capture_frame *c, struct fault *f)
{
	size_t got;
	int rc;

	while ((rc = read_frame(r, c, &got, f)) == 0)
		if ((rc = at_end(r, got, f)) != 1)
			break;
	return rc;
}

void
capture_r_close(struct capture_r *r)
{
	if (r->fp != NULL && r->fp != stdin)
		fclose(r->fp);		/* only read from: nothing to lose */
	free(r->base);
	free(r->path);
	buf_free(&r->frame);
	*r = (struct capture_r){ 0 };
}
