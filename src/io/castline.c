#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "castline.h"
#include "castout.h"
#include "castreq.h"
#include "castsay.h"
#include "castspec.h"

enum { BACKLOG = 256 };

/* ---- listening ---- */

/* 1: somebody listens there; 0 nobody does any more, or it is not there; -1. */
static int
is_live(const struct sockaddr_un *a)
{
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc, e;

	if (s == -1)
		return -1;
	rc = connect(s, (const struct sockaddr *)a, sizeof(*a));
	e = errno;
	close(s);
	if (rc == 0 || e == EAGAIN)
		return 1;
	errno = e;
	return e == ECONNREFUSED || e == ENOENT ? 0 : -1;
}

/* A socket that its owner has left behind goes; anything else stays. */
static int
take_over(const struct sockaddr_un *a, struct fault *f)
{
	const char *path = a->sun_path;
	struct stat st;

	if (lstat(path, &st) == -1)
		return errno == ENOENT ? 0 : fault_sys(f, EX_CONFIG,
		    "key castSocket: %s", path);
	if (!S_ISSOCK(st.st_mode))
		return fault_set(f, EX_CONFIG, "key castSocket: %s is there, "
		    "and is no socket", path);
	switch (is_live(a)) {
	case 1:
		return fault_set(f, EX_UNAVAILABLE, "%s: another program "
		    "listens there", path);
	case 0:
		if (unlink(path) == 0 || errno == ENOENT)
			return 0;
		/* FALLTHROUGH */
	default:
		return fault_sys(f, EX_CONFIG, "key castSocket: %s", path);
	}
}

int
castline_listen(const char *path, struct fault *f)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, rc;

	if (strlen(path) >= sizeof(a.sun_path))
		return fault_set(f, EX_CONFIG, "key castSocket: %s is longer "
		    "than %zu bytes", path, sizeof(a.sun_path) - 1);
	memcpy(a.sun_path, path, strlen(path) + 1);
	if (take_over(&a, f) != 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return fault_sys(f, EX_OSERR, "%s", path);
	mask = umask(0177);
	rc = bind(fd, (const struct sockaddr *)&a, sizeof(a));
	umask(mask);
	if (rc == -1 || listen(fd, BACKLOG) == -1) {
		fault_sys(f, EX_CONFIG, "key castSocket: %s", path);
		close(fd);
		return -1;
	}
	return fd;
}

void
castline_unlink(const char *path, int fd)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	/* Whoever listens there after fd is closed is another one. */
	close(fd);
	if (strlen(path) >= sizeof(a.sun_path))
		return;
	memcpy(a.sun_path, path, strlen(path) + 1);
	if (is_live(&a) == 0)
		(void)unlink(path);
}

/* ---- a client ---- */

void
castline_open(struct castclient *c)
{
	struct castspec spec = castspec_first;

	c->begun = true;
	spec.wire = CASTWIRE_LINES;
	castout_open(c, &spec);
	castsay_welcome(c);
	castout_flush(c);
}

static void
request(struct castclient *c, const char *p, size_t n)
{
	if (n > 0 && p[n - 1] == '\r')
		n--;
	if (n == 0)
		return;
	c->budget -= 1000;
	c->part_us = 0;
	if (wsfs_utf8((const uint8_t *)p, n))
		castreq_take(c, p, n);
	else
		castreq_take(c, "", 0);	/* no JSON either */
	castout_flush(c);
}

/* What is left of it waits for more, or for its turn. */
static void
keep(struct castclient *c, struct buf *b, size_t from)
{
	memmove(b->p, b->p + from, b->len - from);
	b->len -= from;
	if (b->len == 0)
		buf_free(b);
	c->in.held = *b;
}

void
castline_take(struct castclient *c, const char *p, size_t n)
{
	struct buf b = c->in.held;
	size_t at = 0;
	char *end;

	if ((n > 0 && buf_add(&b, p, n) != 0)) {
		castclient_end(c);
		return;
	}
	c->in.held = (struct buf){ 0 };
	c->paused = false;
	while (c->state == CASTCLIENT_OPEN && at < b.len &&
	    (end = memchr(b.p + at, '\n', b.len - at)) != NULL) {
		if (!castclient_may_read(c)) {
			c->paused = true;
			break;
		}
		request(c, b.p + at, (size_t)(end - b.p) - at);
		at = (size_t)(end - b.p) + 1;
	}
	if (c->state != CASTCLIENT_OPEN || b.len == 0) {
		buf_free(&b);
		return;
	}
	keep(c, &b, at);
	if (!c->paused && c->in.held.len > CAST_MESSAGE) {
		c->cast->count.closed_bad++;
		castout_close(c, WSFS_TOO_BIG, "a line that is too long");
	}
}

void
castline_end(struct castclient *c)
{
	struct buf b = c->in.held;

	c->deaf = true;
	if (c->state != CASTCLIENT_OPEN || b.len == 0)
		return;
	c->in.held = (struct buf){ 0 };
	request(c, b.p, b.len);		/* a last line without its newline */
	buf_free(&b);
}
