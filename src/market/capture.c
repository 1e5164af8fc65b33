#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

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

/* What is wrong with a head, or NULL. */
static const char *
head_trouble(const uint8_t *h)
{
	if (h[HEAD_KIND] > CAPTURE_OPEN || h[HEAD_KIND + 1] != 0)
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

int
capture_w_open(struct capture_w *w, const char *path, struct fault *f)
{
	*w = (struct capture_w){ .fd = -1 };
	if ((w->path = strdup(path)) == NULL)
		return fault_sys(f, 0, "%s", path);
	w->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (w->fd == -1) {
		fault_sys(f, 0, "%s", path);
		goto bad;
	}
	if (flock(w->fd, LOCK_EX | LOCK_NB) == -1) {
		fault_set(f, EX_TEMPFAIL, "%s: somebody else writes it", path);
		goto bad;
	}
	if (prepare(w, f) == 0)
		return 0;
bad:
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

	if (w->path == NULL)
		return 0;
	if (w->fd != -1) {
		/* A pipe or a device cannot be synced: EINVAL, nothing lost. */
		if (fdatasync(w->fd) == -1 && errno != EINVAL)
			rc = fault_sys(f, EX_IOERR, "%s", w->path);
		if (close(w->fd) == -1 && rc == 0)
			rc = fault_sys(f, EX_IOERR, "%s", w->path);
	}
	free(w->path);
	*w = (struct capture_w){ .fd = -1 };
	return rc;
}

/* ---- reading ---- */

int
capture_r_open(struct capture_r *r, const char *path, struct fault *f)
{
	uint8_t start[sizeof(magic)];
	int rc;

	*r = (struct capture_r){ .offset = sizeof(magic) };
	if (strcmp(path, "-") == 0) {
		r->fp = stdin;
		path = "<stdin>";
	} else if ((r->fp = fopen(path, "re")) == NULL)
		return fault_sys(f, EX_NOINPUT, "%s", path);
	if ((r->path = strdup(path)) == NULL) {
		rc = fault_sys(f, 0, "%s", path);
		goto bad;
	}
	/* Without it the default buffer serves, only slower. */
	(void)setvbuf(r->fp, NULL, _IOFBF, READ_AHEAD);
	if (fread(start, 1, sizeof(start), r->fp) == sizeof(start) &&
	    memcmp(start, magic, sizeof(magic)) == 0)
		return 0;
	rc = ferror(r->fp) ? fault_sys(f, EX_IOERR, "%s", path) :
	    fault_set(f, EX_DATAERR, "%s: is no capture of das-tick -w", path);
bad:
	capture_r_close(r);
	return rc;
}

/* End of the file: -1 when it is an error, else 0 with r->cut set by how much
 * of the frame was there. */
static int
at_end(struct capture_r *r, size_t got, struct fault *f)
{
	if (ferror(r->fp))
		return fault_sys(f, EX_IOERR, "%s", r->path);
	r->cut = got > 0;
	return 0;
}

int
capture_next(struct capture_r *r, struct capture_frame *c, struct fault *f)
{
	uint8_t h[HEAD];
	const char *why;
	size_t n, len;

	if ((n = fread_unlocked(h, 1, HEAD, r->fp)) != HEAD)
		return at_end(r, n, f);
	if ((why = head_trouble(h)) != NULL)
		return fault_set(f, EX_DATAERR, "%s: %s at byte %ju", r->path,
		    why, (uintmax_t)r->offset);
	len = get(h + HEAD_LEN, 4);
	buf_reset(&r->frame);
	if (buf_room(&r->frame, len) != 0)
		return fault_sys(f, 0, "%s", r->path);
	if (fread_unlocked(r->frame.p, 1, len, r->fp) != len)
		return at_end(r, HEAD, f);
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

void
capture_r_close(struct capture_r *r)
{
	if (r->fp != NULL && r->fp != stdin)
		fclose(r->fp);		/* only read from: nothing to lose */
	free(r->path);
	buf_free(&r->frame);
	*r = (struct capture_r){ 0 };
}
