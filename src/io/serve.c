#include <errno.h>
#include <fcntl.h>
#include <libwebsockets.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "clk.h"
#include "msg.h"
#include "serve.h"

enum {
	SPARE_FDS	= 16,		/* listeners, the library's own pipes */
	CHUNK		= 32 * 1024,	/* of a reply's body, per write */
	RX_BUFFER	= 32 * 1024,	/* read from a socket at a time */
	IDLE_S		= 60,		/* between two requests */
	HELD_MAX	= 64,		/* connections left without an answer */
	WHY_MAX		= 120
};

struct out {			/* a message to be sent */
	struct out	*next;
	size_t		 len;
	unsigned	 tag;
	enum serve_kind	 kind;
	unsigned char	 head[LWS_PRE];	/* the library writes its header here,
					 * so it must be right before: */
	unsigned char	 p[];
};

enum { H_PATH, H_ARGS, H_AGENT, H_AUTH, H_COOKIE, H_ENCODING, H_HOST, H_ORIGIN,
	HDRS };

struct serve_conn {
	struct serve	*s;
	struct lws	*wsi;
	void		*user;
	bool		 lines;		/* of a listener for lines */
	bool		 open;		/* opened() was called */
	bool		 upgrading;	/* inside of upgrade() */
	bool		 full;		/* serve_send() was refused */
	bool		 ending;
	bool		 cut;		/* ends without a word */
	int		 code;		/* of the end, and why: */
	char		 why[WHY_MAX + 1];
	/* the request being received */
	const char	*method;
	char		*hdr[HDRS];
	struct buf	 in;		/* its body; a message; a line */
	bool		 answered;
	/* the reply being sent */
	const unsigned char *body;
	unsigned char	*own;		/* its copy, to be freed */
	size_t		 len, done;
	/* messages to be sent */
	struct out	*first, **last;
	size_t		 queued;	/* bytes */
};

struct serve {
	struct serve_spec spec;
	struct lws_context *ctx;
	lws_sorted_usec_list_t timer;
	unsigned	 listeners;
	int		 held[HELD_MAX];	/* sockets; a ring */
	unsigned	 nheld;
	unsigned char	 chunk[LWS_PRE + CHUNK];
};

static int on_event(struct lws *, enum lws_callback_reasons, void *, void *,
    size_t);

static const struct lws_protocols protocols[] = {
	{ "das", on_event, 0, 0, 0, NULL, 4 << 20 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 }
};

/* ---- connections ---- */

static void
forget_request(struct serve_conn *c)
{
	for (int i = 0; i < HDRS; i++) {
		free(c->hdr[i]);
		c->hdr[i] = NULL;
	}
	free(c->own);
	c->own = NULL;
	c->body = NULL;
	c->len = c->done = 0;
	c->answered = false;
	buf_free(&c->in);
}

static struct serve_conn *
conn_of(struct lws *wsi)
{
	struct serve_conn *c = lws_get_opaque_user_data(wsi);

	if (c != NULL)
		return c;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	c->s = lws_context_user(lws_get_context(wsi));
	c->wsi = wsi;
	c->last = &c->first;
	lws_set_opaque_user_data(wsi, c);
	return c;
}

static void
conn_closed(struct serve_conn *c)
{
	const struct serve_calls *call = &c->s->spec.calls;

	if (c->open && call->closed != NULL)
		call->closed(c, c->s->spec.arg);
	c->open = false;
}

static void
conn_free(struct serve_conn *c)
{
	struct out *o;

	conn_closed(c);
	forget_request(c);
	while ((o = c->first) != NULL) {
		c->first = o->next;
		free(o);
	}
	lws_set_opaque_user_data(c->wsi, NULL);
	free(c);
}

static void
conn_open(struct serve_conn *c)
{
	const struct serve_calls *call = &c->s->spec.calls;

	c->open = true;
	if (call->opened != NULL)
		call->opened(c, c->s->spec.arg);
}

/* ---- requests ---- */

static char *
header(struct lws *wsi, enum lws_token_indexes h)
{
	int n = lws_hdr_total_length(wsi, h);
	char *p;

	if ((p = malloc((size_t)n + 1)) == NULL)
		return NULL;
	if (n == 0 || lws_hdr_copy(wsi, p, n + 1, h) < 0)
		*p = '\0';
	return p;
}

/* The query's parameters, "name=value", with a NUL behind each and one more at
 * the end; lws has decoded them already. */
static char *
args(struct lws *wsi)
{
	struct buf b = { 0 };
	char one[SERVE_HEADERS_MAX];
	int n;

	for (int i = 0; ; i++) {
		n = lws_hdr_copy_fragment(wsi, one, sizeof(one),
		    WSI_TOKEN_HTTP_URI_ARGS, i);
		if (n < 0)
			break;
		if (n > 0 && buf_add(&b, one, strlen(one) + 1) != 0)
			break;
	}
	if (n >= 0 || buf_add(&b, "", 1) != 0)
		buf_free(&b);
	return b.p;
}

/* Takes over what the head says; -1: out of memory. */
static int
read_head(struct serve_conn *c, const char *path)
{
	static const enum lws_token_indexes from[HDRS] = {
		[H_AGENT] = WSI_TOKEN_HTTP_USER_AGENT,
		[H_AUTH] = WSI_TOKEN_HTTP_AUTHORIZATION,
		[H_COOKIE] = WSI_TOKEN_HTTP_COOKIE,
		[H_ENCODING] = WSI_TOKEN_HTTP_ACCEPT_ENCODING,
		[H_HOST] = WSI_TOKEN_HOST,
		[H_ORIGIN] = WSI_TOKEN_ORIGIN,
	};
	static const char *const methods[] = {
		"GET", "POST", "OPTIONS", "PUT", "PATCH", "DELETE", "CONNECT",
		"HEAD"
	};
	char *uri;
	int n, m = lws_http_get_uri_and_method(c->wsi, &uri, &n);

	forget_request(c);
	c->method = m >= 0 && (size_t)m < sizeof(methods) / sizeof(*methods) ?
	    methods[m] : "GET";
	c->hdr[H_PATH] = strdup(path);
	c->hdr[H_ARGS] = args(c->wsi);
	for (int i = H_AGENT; i < HDRS; i++)
		c->hdr[i] = header(c->wsi, from[i]);
	for (int i = 0; i < HDRS; i++)
		if (c->hdr[i] == NULL)
			return -1;
	return 0;
}

static void
fill_request(const struct serve_conn *c, struct serve_req *q)
{
	*q = (struct serve_req){
		.method = c->method, .path = c->hdr[H_PATH],
		.agent = c->hdr[H_AGENT], .auth = c->hdr[H_AUTH],
		.cookie = c->hdr[H_COOKIE], .encoding = c->hdr[H_ENCODING],
		.host = c->hdr[H_HOST], .origin = c->hdr[H_ORIGIN],
		.body = c->in.p != NULL ? c->in.p : "", .len = c->in.len,
		.args = c->hdr[H_ARGS]
	};
}

const char *
serve_arg(const struct serve_req *q, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = q->args; *p != '\0'; p += strlen(p) + 1)
		if (strncmp(p, name, n) == 0 && p[n] == '=')
			return p + n + 1;
	return NULL;
}

/* ---- replies ---- */

static int
add_header(struct lws *wsi, const char *line, unsigned char **p,
    unsigned char *end)
{
	const char *value = strchr(line, ':');
	char name[64];

	if (value == NULL || (size_t)(value + 2 - line) > sizeof(name))
		return -1;
	memcpy(name, line, (size_t)(value + 1 - line));
	name[value + 1 - line] = '\0';
	value += 1 + strspn(value + 1, " ");
	return lws_add_http_header_by_name(wsi, (unsigned char *)name,
	    (const unsigned char *)value, (int)strlen(value), p, end);
}

static int
add_date(struct lws *wsi, unsigned char **p, unsigned char *end)
{
	time_t now = clk_now() / US_PER_SEC;
	char line[64];
	struct tm tm;

	if (gmtime_r(&now, &tm) == NULL || strftime(line, sizeof(line),
	    "Date: %a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
		return -1;
	return add_header(wsi, line, p, end);
}

/* Writes status and headers; -1: they do not fit, or the socket is gone. */
static int
write_head(struct lws *wsi, const struct serve_reply *r)
{
	unsigned char buf[LWS_PRE + SERVE_HEADERS_MAX];
	unsigned char *start = buf + LWS_PRE, *p = start;
	unsigned char *end = buf + sizeof(buf) - 1;

	if (lws_add_http_header_status(wsi, (unsigned)r->status, &p, end) ||
	    lws_add_http_header_content_length(wsi, r->len, &p, end) ||
	    add_date(wsi, &p, end) != 0 ||
	    add_header(wsi, "Connection: close", &p, end) != 0)
		return -1;
	if (r->type != NULL && lws_add_http_header_by_token(wsi,
	    WSI_TOKEN_HTTP_CONTENT_TYPE, (const unsigned char *)r->type,
	    (int)strlen(r->type), &p, end))
		return -1;
	for (size_t i = 0; r->headers != NULL && r->headers[i] != NULL; i++)
		if (add_header(wsi, r->headers[i], &p, end) != 0)
			return -1;
	return lws_finalize_write_http_header(wsi, start, &p, end) ? -1 : 0;
}

void
serve_answer(struct serve_conn *c, const struct serve_reply *r)
{
	unsigned char buf[LWS_PRE + SERVE_HEADERS_MAX];
	size_t n = r->len;

	c->answered = true;
	if (write_head(c->wsi, r) != 0) {
		c->ending = true;
	} else if (c->upgrading) {
		if (n > sizeof(buf) - LWS_PRE)
			n = sizeof(buf) - LWS_PRE;
		memcpy(buf + LWS_PRE, r->body, n);
		if (n > 0 && lws_write(c->wsi, buf + LWS_PRE, n,
		    LWS_WRITE_HTTP_FINAL) < 0)
			c->ending = true;
		return;
	} else if (strcmp(c->method, "HEAD") != 0 && n > 0) {
		c->len = n;
		c->body = r->body;
		if (!r->keep) {
			if ((c->own = malloc(n)) == NULL)
				c->ending = true;
			else
				memcpy(c->own, r->body, n);
			c->body = c->own;
		}
	}
	lws_callback_on_writable(c->wsi);
}

static void
answer_text(struct serve_conn *c, int status, const char *text)
{
	const struct serve_reply r = { .status = status, .type = "text/plain",
	    .body = text, .len = strlen(text) };

	serve_answer(c, &r);
}

/*
 * Writes the next piece of a reply; -1: the connection ends, as it does behind
 * every reply: libwebsockets 4.1 goes round for ever over a request with a body
 * that came in one packet with the request before it.
 */
static int
write_body(struct serve_conn *c)
{
	size_t n = c->len - c->done;

	if (!c->answered)
		return c->ending ? -1 : 0;
	if (c->ending)
		return -1;
	if (n > CHUNK)
		n = CHUNK;
	if (n > 0) {
		memcpy(c->s->chunk + LWS_PRE, c->body + c->done, n);
		if (lws_write(c->wsi, c->s->chunk + LWS_PRE, n,
		    c->done + n == c->len ? LWS_WRITE_HTTP_FINAL :
		    LWS_WRITE_HTTP) < 0)
			return -1;
		c->done += n;
	}
	if (c->done < c->len) {
		lws_callback_on_writable(c->wsi);
		return 0;
	}
	return -1;
}

static void
hand_over(struct serve_conn *c)
{
	struct serve_req q;

	fill_request(c, &q);
	c->s->spec.calls.request(c, &q, c->s->spec.arg);
}

/* The head is here. */
static int
on_head(struct lws *wsi, const char *path)
{
	struct serve_conn *c = conn_of(wsi);
	char *length;
	long long n;

	if (c == NULL || read_head(c, path) != 0)
		return -1;
	if (strcmp(c->method, "POST") != 0 && strcmp(c->method, "PUT") != 0 &&
	    strcmp(c->method, "PATCH") != 0) {
		hand_over(c);
		return 0;
	}
	if ((length = header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH)) == NULL)
		return -1;
	n = *length == '\0' ? -1 : strtoll(length, NULL, 10);
	free(length);
	if (n < 0)
		answer_text(c, 411, "a Content-Length is needed\n");
	else if ((unsigned long long)n > c->s->spec.body_max)
		answer_text(c, 413, "the body is too long\n");
	else if (n == 0)
		hand_over(c);
	return 0;
}

static int
on_body(struct serve_conn *c, const void *p, size_t n)
{
	if (c == NULL || c->answered)
		return 0;	/* refused: what still comes is not kept */
	if (c->in.len + n > c->s->spec.body_max)
		return -1;
	return buf_add(&c->in, p, n);
}

/*
 * Keeps the socket but not the connection: the client is connected and hears
 * nothing any more.  The library, which would close it, is left with another
 * file under that number.
 */
static void
hold_socket(struct serve_conn *c)
{
	struct serve *s = c->s;
	int *place = &s->held[s->nheld % HELD_MAX];
	int fd = lws_get_socket_fd(c->wsi), null, kept;

	if ((null = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1)
		return;
	if ((kept = fcntl(fd, F_DUPFD_CLOEXEC, 0)) != -1) {
		if (s->nheld++ >= HELD_MAX)
			close(*place);
		*place = kept;
		(void)dup2(null, fd);
	}
	close(null);
}

static int
on_upgrade(struct lws *wsi, const char *to)
{
	struct serve_conn *c = conn_of(wsi);
	struct serve_req q;
	char *path;
	int n, rc = 0;

	if (c == NULL || lws_http_get_uri_and_method(wsi, &path, &n) < 0 ||
	    read_head(c, path) != 0)
		return -1;
	fill_request(c, &q);
	c->upgrading = true;
	if (strcmp(to, "websocket") != 0) {
		answer_text(c, 400, "only to websocket\n");
		rc = -1;
	} else if (c->s->spec.calls.upgrade != NULL)
		rc = c->s->spec.calls.upgrade(c, &q, c->s->spec.arg);
	c->upgrading = false;
	if (rc != 0 && !c->answered) {
		hold_socket(c);
		c->ending = true;
	}
	forget_request(c);
	if (rc == 0)
		return 0;
	return c->ending ? -1 : 1;
}

/* ---- messages ---- */

int
serve_send(struct serve_conn *c, enum serve_kind kind, const void *p, size_t n,
    unsigned tag)
{
	struct out *o;

	if (c->ending || !c->open) {
		errno = EPIPE;
		return -1;
	}
	if (c->queued > 0 && c->queued + n > c->s->spec.queue_max) {
		c->full = true;
		errno = EAGAIN;
		return -1;
	}
	if ((o = malloc(sizeof(*o) + n)) == NULL)
		return -1;
	o->next = NULL;
	o->len = n;
	o->kind = kind;
	o->tag = tag;
	if (n > 0)
		memcpy(o->p, p, n);
	*c->last = o;
	c->last = &o->next;
	c->queued += n;
	lws_callback_on_writable(c->wsi);
	return 0;
}

size_t
serve_queued(const struct serve_conn *c)
{
	return c->queued;
}

void
serve_end(struct serve_conn *c, int code, const char *why)
{
	if (c->ending)
		return;
	c->ending = true;
	c->code = code;
	snprintf(c->why, sizeof(c->why), "%s", why != NULL ? why : "");
	lws_callback_on_writable(c->wsi);
}

void
serve_cut(struct serve_conn *c)
{
	c->cut = true;
	serve_end(c, 0, NULL);
}

void
serve_reset(struct serve_conn *c)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };

	/* this takes a TCP connection down with a reset, which the library
	 * cannot */
	c->ending = c->cut = true;
	if (connect(lws_get_socket_fd(c->wsi), &none, sizeof(none)) == -1)
		msg_warn("a connection cannot be reset");
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

size_t
serve_unreceived(const struct serve_conn *c)
{
	int n;

	if (ioctl(lws_get_socket_fd(c->wsi), SIOCOUTQ, &n) == -1)
		n = 0;			/* it is gone */
	return c->queued + (size_t)n + (lws_partial_buffered(c->wsi) != 0);
}

/* Sends the first message; -1: the connection is gone. */
static int
send_first(struct serve_conn *c)
{
	const struct serve_calls *call = &c->s->spec.calls;
	struct out *o = c->first;
	enum lws_write_protocol how = c->lines || o->kind == SERVE_RAW ?
	    LWS_WRITE_RAW : o->kind == SERVE_TEXT ? LWS_WRITE_TEXT : LWS_WRITE_BINARY;

	if (lws_write(c->wsi, o->p, o->len, how) < 0)
		return -1;
	if ((c->first = o->next) == NULL)
		c->last = &c->first;
	c->queued -= o->len;
	if (call->sent != NULL)
		call->sent(c, o->p, o->len, o->tag, c->s->spec.arg);
	free(o);
	return 0;
}

static int
on_writable(struct serve_conn *c)
{
	const struct serve_calls *call = &c->s->spec.calls;

	while (c->first != NULL) {
		if (lws_send_pipe_choked(c->wsi)) {
			lws_callback_on_writable(c->wsi);
			break;
		}
		if (send_first(c) != 0)
			return -1;
	}
	if (c->full && c->queued <= c->s->spec.queue_max / 2) {
		c->full = false;
		if (call->room != NULL)
			call->room(c, c->s->spec.arg);
	}
	if (c->ending && c->first == NULL) {
		if (c->cut)		/* or the library says goodbye */
			(void)shutdown(lws_get_socket_fd(c->wsi), SHUT_WR);
		else if (!c->lines)
			lws_close_reason(c->wsi,
			    (enum lws_close_status)c->code,
			    (unsigned char *)c->why, strlen(c->why));
		return -1;
	}
	return 0;
}

static int
on_message(struct serve_conn *c, const void *p, size_t n)
{
	const struct serve_calls *call = &c->s->spec.calls;
	enum serve_kind kind = lws_frame_is_binary(c->wsi) ? SERVE_BINARY :
	    SERVE_TEXT;

	if (c->ending)
		return 0;
	if (c->in.len + n > c->s->spec.message_max) {
		serve_end(c, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE,
		    "the message is too long");
		return 0;
	}
	if (buf_add(&c->in, p, n) != 0)
		return -1;
	if (lws_remaining_packet_payload(c->wsi) > 0 ||
	    !lws_is_final_fragment(c->wsi))
		return 0;
	if (call->message != NULL)
		call->message(c, kind, c->in.p != NULL ? c->in.p : "", c->in.len,
		    c->s->spec.arg);
	buf_reset(&c->in);
	return 0;
}

/* Hands over what is in c->in as a line or a piece of one.  A CR at the end is
 * not part of it; behind a piece it is kept, for a newline may follow. */
static int
give_line(struct serve_conn *c, bool whole)
{
	const struct serve_calls *call = &c->s->spec.calls;
	size_t n = c->in.len;
	bool cr = n > 0 && c->in.p[n - 1] == '\r';

	if (cr)
		c->in.p[--n] = '\0';
	if (call->line != NULL)
		call->line(c, c->in.p != NULL ? c->in.p : "", n, whole,
		    c->s->spec.arg);
	buf_reset(&c->in);
	return cr && !whole ? buf_add(&c->in, "\r", 1) : 0;
}

static int
on_bytes(struct serve_conn *c, const char *p, size_t n)
{
	const size_t max = c->s->spec.line_max;
	const char *nl;

	while (n > 0 && !c->ending) {
		size_t take = max - c->in.len;

		if (take > n)
			take = n;
		if ((nl = memchr(p, '\n', take)) != NULL)
			take = (size_t)(nl - p);
		if (buf_add(&c->in, p, take) != 0)
			return -1;
		p += take;
		n -= take;
		if (nl != NULL) {
			p++;
			n--;
		}
		if ((nl != NULL || c->in.len == max) &&
		    give_line(c, nl != NULL) != 0)
			return -1;
	}
	return 0;
}

static int
on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
    void *in, size_t len)
{
	struct serve_conn *c = lws_get_opaque_user_data(wsi);

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_HTTP:
		return on_head(wsi, in);
	case LWS_CALLBACK_HTTP_BODY:
		return on_body(c, in, len);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		if (c != NULL && !c->answered)
			hand_over(c);
		return 0;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return c != NULL ? write_body(c) : -1;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return on_upgrade(wsi, in);
	case LWS_CALLBACK_RAW_ADOPT:
		if (lws_vhost_user(lws_get_vhost(wsi)) == NULL)
			return -1;	/* CONNECT, to a listener for HTTP */
		/* FALLTHROUGH */
	case LWS_CALLBACK_ESTABLISHED:
		if ((c = conn_of(wsi)) == NULL)
			return -1;
		c->lines = reason == LWS_CALLBACK_RAW_ADOPT;
		conn_open(c);
		return 0;
	case LWS_CALLBACK_RECEIVE:
		return on_message(c, in, len);
	case LWS_CALLBACK_RAW_RX:
		return on_bytes(c, in, len);
	case LWS_CALLBACK_SERVER_WRITEABLE:
	case LWS_CALLBACK_RAW_WRITEABLE:
		return on_writable(c);
	case LWS_CALLBACK_CLOSED:
	case LWS_CALLBACK_RAW_CLOSE:
		if (c != NULL)
			conn_closed(c);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		if (c != NULL)
			conn_free(c);
		return 0;
	default:
		return 0;
	}
}

/* ---- the whole ---- */

static void
library_says(int level, const char *line)
{
	(void)level;
	msg_info("libwebsockets: %.*s", (int)strcspn(line, "\n"), line);
}

int
serve_open(struct serve **out, const struct serve_spec *spec, struct fault *f)
{
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
		.max_http_header_data = SERVE_HEADERS_MAX,
		.pt_serv_buf_size = RX_BUFFER,
		.fd_limit_per_thread = spec->conns_max + SPARE_FDS,
	};
	struct serve *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return fault_sys(f, EX_OSERR, "the server");
	s->spec = *spec;
	info.user = s;
	if (spec->cert != NULL)
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	lws_set_log_level(LLL_ERR | LLL_WARN, library_says);
	if ((s->ctx = lws_create_context(&info)) == NULL) {
		free(s);
		return fault_set(f, EX_OSERR,
		    "the server: libwebsockets cannot start");
	}
	*out = s;
	return 0;
}

void
serve_close(struct serve *s)
{
	if (s == NULL)
		return;
	lws_sul_cancel(&s->timer);
	lws_context_destroy(s->ctx);
	for (unsigned i = 0; i < s->nheld && i < HELD_MAX; i++)
		close(s->held[i]);
	free(s);
}

static int
add_listener(struct serve *s, const char *host, int port, bool lines, int *got,
    struct fault *f)
{
	char name[32];
	struct lws_context_creation_info info = {
		.port = port,
		.iface = host,
		.protocols = protocols,
		.vhost_name = name,
		.keepalive_timeout = IDLE_S,
		.options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND,
	};
	struct lws_vhost *vh;

	if (lines) {
		info.options |=
		    LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG;
		info.listen_accept_role = "raw-skt";
		info.listen_accept_protocol = protocols[0].name;
		info.user = s;		/* says so to on_event() */
	} else if (s->spec.cert != NULL) {
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.ssl_cert_filepath = s->spec.cert;
		info.ssl_private_key_filepath = s->spec.key;
		info.alpn = "http/1.1";	/* else it offers HTTP/2 */
	}
	snprintf(name, sizeof(name), "listener%u", s->listeners++);
	errno = 0;
	if ((vh = lws_create_vhost(s->ctx, &info)) == NULL)
		return fault_sys(f, EX_UNAVAILABLE, "%s port %d", host, port);
	*got = lws_get_vhost_listen_port(vh);
	return 0;
}

int
serve_http(struct serve *s, const char *host, int port, int *got,
    struct fault *f)
{
	return add_listener(s, host, port, false, got, f);
}

int
serve_lines(struct serve *s, const char *host, int port, int *got,
    struct fault *f)
{
	return add_listener(s, host, port, true, got, f);
}

static void
wake(lws_sorted_usec_list_t *timer)
{
	(void)timer;		/* that it woke us is enough */
}

int
serve_turn(struct serve *s, int ms)
{
	if (ms <= 0)
		return lws_service(s->ctx, -1) < 0 ? -1 : 0;
	lws_sul_schedule(s->ctx, 0, &s->timer, wake,
	    (lws_usec_t)ms * LWS_US_PER_MS);
	return lws_service(s->ctx, 0) < 0 ? -1 : 0;
}

void
serve_set_user(struct serve_conn *c, void *user)
{
	c->user = user;
}

void *
serve_user(const struct serve_conn *c)
{
	return c->user;
}

bool
serve_is_lines(const struct serve_conn *c)
{
	return c->lines;
}
