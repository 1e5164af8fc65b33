#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "js.h"
#include "subconn.h"
#include "ws.h"
#include "wsurl.h"

enum {
	MESSAGE_MAX = 256 * 1024,	/* das-cast's longest to a subscriber is
					 * far below */
	PIECE = 64 * 1024
};

struct subconn {
	struct subconn_spec spec;
	char		 name[300];
	unsigned	 code;
	struct fault	 why;
	/* a WebSocket */
	struct ws_loop	*loop;		/* NULL: lines */
	struct ws	*ws;
	const char	*header[3];
	struct buf	 secret;	/* that header's value */
	/* lines */
	struct sockaddr_un addr;
	int		 fd;		/* -1: none */
	struct buf	 in;		/* of a line that is not whole, at most */
};

static void
say(struct subconn *c, enum subconn_event e, const void *p, size_t n)
{
	c->spec.on(e, p, n, c->spec.arg);
}

/* ---- a WebSocket ---- */

static void
on_ws(struct ws *w, enum ws_event e, const uint8_t *p, size_t n, void *arg)
{
	struct subconn *c = arg;

	if (e == WS_OPEN)
		say(c, SUBCONN_OPEN, NULL, 0);
	else if (e == WS_TEXT)
		say(c, SUBCONN_TEXT, p, n);
	else if (e == WS_CLOSED) {
		c->code = ws_close_code(w);
		c->why = *ws_why(w);
		say(c, SUBCONN_CLOSED, NULL, 0);
	}
}

static int
open_ws(struct subconn *c, struct fault *f)
{
	struct wsurl u;

	if (wsurl_read(&u, c->spec.where) != 0)
		return fault_set(f, EX_CONFIG, "no URL of a das-cast: want one "
		    "like ws://localhost:8765, or the path of a socket");
	snprintf(c->name, sizeof(c->name), "%s", u.origin);
	if (*c->spec.token != '\0') {
		if (buf_addf(&c->secret, "Bearer %s", c->spec.token) != 0)
			return fault_sys(f, EX_OSERR, "connection");
		c->header[0] = "Authorization";
		c->header[1] = c->secret.p;
	}
	return ws_loop_open(&c->loop, c->spec.cafile, f);
}

static int
dial_ws(struct subconn *c, struct fault *f)
{
	struct ws_spec spec = { .url = c->spec.where, .max = MESSAGE_MAX,
	    .on = on_ws, .arg = c,
	    .headers = c->header[0] != NULL ? c->header : NULL };

	return ws_connect(&c->ws, c->loop, &spec, f);
}

/* ---- lines ---- */

static int
open_lines(struct subconn *c, struct fault *f)
{
	c->addr.sun_family = AF_UNIX;
	if ((size_t)snprintf(c->addr.sun_path, sizeof(c->addr.sun_path), "%s",
	    c->spec.where) >= sizeof(c->addr.sun_path))
		return fault_set(f, EX_CONFIG, "%.100s...: too long for the "
		    "path of a socket", c->spec.where);
	snprintf(c->name, sizeof(c->name), "%s", c->spec.where);
	return 0;
}

static void
over(struct subconn *c, int ex, const char *what)
{
	fault_set(&c->why, ex, "%.100s: %s", c->name, what);
	close(c->fd);
	c->fd = -1;
	say(c, SUBCONN_CLOSED, NULL, 0);
}

static int
dial_lines(struct subconn *c, struct fault *f)
{
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd == -1)
		return fault_sys(f, EX_OSERR, "%.100s", c->name);
	if (connect(c->fd, (const struct sockaddr *)&c->addr,
	    sizeof(c->addr)) != 0) {
		fault_sys(f, errno == EACCES ? EX_NOPERM : EX_TEMPFAIL,
		    "%.100s", c->name);
		close(c->fd);
		c->fd = -1;
		return -1;
	}
	buf_reset(&c->in);
	say(c, SUBCONN_OPEN, NULL, 0);
	return 0;
}

/* {"type":"closed","code":N,...} is what a close frame is to a WebSocket. */
static bool
is_close(struct subconn *c, const char *p, size_t n)
{
	static const char start[] = "{\"type\":\"closed\"";
	struct js *doc;
	int64_t code = 0;

	if (n < sizeof(start) || memcmp(p, start, sizeof(start) - 1) != 0)
		return false;
	doc = js_parse(p, n, NULL);
	(void)js_int(js_get(doc, "code"), &code);
	js_free(doc);
	c->code = code > 0 && code < 5000 ? (unsigned)code : 0;
	return true;
}

static void
take_lines(struct subconn *c)
{
	char *p = c->in.p, *end = p + c->in.len, *nl;

	while (c->fd != -1 && (nl = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		if (!is_close(c, p, (size_t)(nl - p)))
			say(c, SUBCONN_TEXT, p, (size_t)(nl - p));
		p = nl + 1;
	}
	c->in.len = (size_t)(end - p);
	memmove(c->in.p, p, c->in.len);
	if (c->in.len > MESSAGE_MAX)
		over(c, EX_PROTOCOL, "sent a line that does not end");
}

static int
turn_lines(struct subconn *c, int ms, struct fault *f)
{
	struct pollfd pfd = { .fd = c->fd, .events = POLLIN };
	ssize_t n;

	if (poll(&pfd, c->fd != -1, ms) == -1 && errno != EINTR)
		return fault_sys(f, EX_OSERR, "poll");
	if (c->fd == -1 || pfd.revents == 0)
		return 0;
	if (buf_room(&c->in, PIECE) != 0)
		return fault_sys(f, EX_OSERR, "memory");
	n = recv(c->fd, c->in.p + c->in.len, PIECE, 0);
	if (n > 0) {
		c->in.len += (size_t)n;
		take_lines(c);
	} else if (n == 0)
		over(c, EX_TEMPFAIL, c->code != 0 ? "closed by the server, "
		    "which said so" : "closed by the server");
	else if (errno != EAGAIN && errno != EINTR)
		over(c, EX_TEMPFAIL, strerror(errno));
	return 0;
}

static int
send_line(struct subconn *c, const char *p, size_t n)
{
	struct buf b = { 0 };
	int rc = -1;

	/* a request is short, and the buffer of a new socket empty */
	if (c->fd != -1 && buf_add(&b, p, n) == 0 && buf_adds(&b, "\n") == 0 &&
	    send(c->fd, b.p, b.len, MSG_NOSIGNAL) == (ssize_t)b.len)
		rc = 0;
	buf_free(&b);
	return rc;
}

/* ---- either ---- */

int
subconn_open(struct subconn **out, const struct subconn_spec *spec,
    struct fault *f)
{
	struct subconn *c = calloc(1, sizeof(*c));
	bool path = strchr(spec->where, '/') != NULL &&
	    strstr(spec->where, "://") == NULL;

	if (c == NULL)
		return fault_sys(f, EX_OSERR, "connection");
	c->spec = *spec;
	c->fd = -1;
	if ((path ? open_lines(c, f) : open_ws(c, f)) != 0) {
		subconn_close(c);
		return -1;
	}
	*out = c;
	return 0;
}

const char *
subconn_name(const struct subconn *c)
{
	return c->name;
}

int
subconn_dial(struct subconn *c, struct fault *f)
{
	c->code = 0;
	return c->loop != NULL ? dial_ws(c, f) : dial_lines(c, f);
}

int
subconn_send(struct subconn *c, const char *p, size_t n)
{
	struct fault f;

	if (c->loop == NULL)
		return send_line(c, p, n);
	return c->ws != NULL ? ws_send_text(c->ws, p, n, &f) : -1;
}

int
subconn_turn(struct subconn *c, int ms, struct fault *f)
{
	return c->loop != NULL ? ws_turn(c->loop, ms, f) :
	    turn_lines(c, ms, f);
}

unsigned
subconn_code(const struct subconn *c)
{
	return c->code;
}

const struct fault *
subconn_why(const struct subconn *c)
{
	return &c->why;
}

void
subconn_drop(struct subconn *c)
{
	ws_delete(c->ws);
	c->ws = NULL;
	if (c->fd != -1)
		close(c->fd);
	c->fd = -1;
}

void
subconn_close(struct subconn *c)
{
	struct fault f;

	if (c == NULL)
		return;
	if (c->ws != NULL) {
		ws_goodbye(c->ws);
		(void)ws_turn(c->loop, 0, &f);	/* a courtesy */
	}
	subconn_drop(c);
	ws_loop_close(c->loop);
	if (c->secret.p != NULL)
		explicit_bzero(c->secret.p, c->secret.cap);
	buf_free(&c->secret);
	buf_free(&c->in);
	free(c);
}
