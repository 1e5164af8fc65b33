#include <errno.h>
#include <libwebsockets.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "num.h"
#include "ws.h"

enum {
	FDS_MAX = 32,		/* or libwebsockets sizes tables by ulimit -n */
	KEEPALIVE_S = 5,	/* quiet so long, then a probe */
	KEEPALIVE_STEP_S = 2,
	KEEPALIVE_PROBES = 3
};

struct ws_loop {
	struct lws_context	*ctx;
	lws_sorted_usec_list_t	 wake;
};

struct ws {
	struct ws_loop	*loop;
	struct lws	*wsi;		/* NULL: not yet, or over */
	struct ws_spec	 spec;
	struct buf	 in;		/* the beginning of a message */
	bool		 starting;	/* in ws_connect(): no events yet */
	bool		 open, over, bye;
	bool		 peer_closed;
	bool		 cert_bad;	/* the certificate did not verify */
	int		 status;
	struct fault	 why;
	char		 origin[300];
	struct buf	 out[WS_QUEUE];	/* ring, LWS_PRE bytes before the text */
	unsigned	 head, queued;
};

struct place {
	bool		 tls;
	char		 host[256];	/* without brackets */
	int		 port;
	const char	*rest;		/* path and query as in the URL */
	char		 origin[300];
};

/* ---- URLs ---- */

static bool
is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
	    (strncmp(host, "127.", 4) == 0 &&
	    host[strspn(host, "0123456789.")] == '\0');
}

/* ":port" or nothing at s, up to end. */
static int
read_port(struct place *p, const char *s, const char *end)
{
	char text[8];
	int64_t n;

	p->port = p->tls ? 443 : 80;
	if (s == end)
		return 0;
	if (*s != ':' || (size_t)(end - s) > sizeof(text))
		return -1;
	memcpy(text, s + 1, (size_t)(end - s - 1));
	text[end - s - 1] = '\0';
	if (num_i64(text, 1, 65535, &n) != 0)
		return -1;
	p->port = (int)n;
	return 0;
}

static int
place_of(const char *url, struct place *p)
{
	const char *s, *end, *host_end;
	size_t n;

	*p = (struct place){ .tls = strncasecmp(url, "wss://", 6) == 0 };
	if (!p->tls && strncasecmp(url, "ws://", 5) != 0)
		return -1;
	s = strchr(url, '/') + 2;
	end = s + strcspn(s, "/?#");
	if (memchr(s, '@', (size_t)(end - s)) != NULL)
		return -1;		/* user:password */
	p->rest = end;
	snprintf(p->origin, sizeof(p->origin), "%s://%.*s", p->tls ? "wss" :
	    "ws", (int)(end - s < 280 ? end - s : 280), s);
	if (*s == '[') {
		s++;
		if ((host_end = memchr(s, ']', (size_t)(end - s))) == NULL)
			return -1;
		n = (size_t)(host_end++ - s);
	} else {
		if ((host_end = memchr(s, ':', (size_t)(end - s))) == NULL)
			host_end = end;
		n = (size_t)(host_end - s);
	}
	if (n == 0 || n >= sizeof(p->host))
		return -1;
	memcpy(p->host, s, n);
	return read_port(p, host_end, end);
}

int
ws_origin(const char *url, char *out, size_t size)
{
	struct place p;

	if (place_of(url, &p) != 0 || strlen(p.origin) >= size)
		return -1;
	strcpy(out, p.origin);
	return 0;
}

/* ---- what comes ---- */

static void
say(struct ws *w, enum ws_event e, const void *p, size_t n)
{
	w->spec.on(w, e, p, n, w->spec.arg);
}

/* The library calls back once more when it frees wsi; w may be gone then. */
static void
finish(struct ws *w, struct lws *wsi)
{
	lws_set_wsi_user(wsi, NULL);
	w->over = true;
	w->open = false;
	w->wsi = NULL;
	if (w->in.len > 0)	/* it was received, so it is handed on */
		say(w, WS_PART, w->in.p, w->in.len);
	if (!w->starting)
		say(w, WS_CLOSED, NULL, 0);
}

/* Why a handshake failed: by its HTTP status, else by the library's words. */
static void
handshake_failed(struct ws *w, const char *text)
{
	int s = w->status;

	if (text == NULL || *text == '\0')
		text = "no connection";
	if (s == 401 || s == 403)
		fault_set(&w->why, EX_NOPERM, "%s: refuses the credentials "
		    "(HTTP %d)", w->origin, s);
	else if (s == 429)
		fault_set(&w->why, EX_TEMPFAIL, "%s: too many connections "
		    "(HTTP 429)", w->origin);
	else if (s >= 500)
		fault_set(&w->why, EX_TEMPFAIL, "%s: answers HTTP %d",
		    w->origin, s);
	else if (s >= 300 && s < 400)
		fault_set(&w->why, EX_PROTOCOL, "%s: redirects (HTTP %d), which "
		    "is not followed; correct the URL", w->origin, s);
	else if (s != 0 && s != 101)
		fault_set(&w->why, EX_PROTOCOL, "%s: answers HTTP %d instead of "
		    "a WebSocket", w->origin, s);
	else if (w->cert_bad || strcasestr(text, "cert") != NULL)
		fault_set(&w->why, EX_UNAVAILABLE, "%s: the certificate does "
		    "not verify: unknown issuer, another host's, or expired; "
		    "see caFile", w->origin);
	else
		fault_set(&w->why, s == 101 || strncmp(text, "HS:", 3) == 0 ||
		    strcasestr(text, "pars") != NULL ? EX_PROTOCOL :
		    EX_TEMPFAIL, "%s: %s", w->origin, text);
}

/* Puts a message together.  -1: too long, end the connection. */
static int
received(struct ws *w, const uint8_t *p, size_t n)
{
	enum ws_event e = lws_frame_is_binary(w->wsi) ? WS_BINARY : WS_TEXT;
	bool whole = lws_is_final_fragment(w->wsi) != 0;

	if (w->in.len + n > w->spec.max) {
		(void)buf_add(&w->in, p, w->spec.max - w->in.len);
		fault_set(&w->why, EX_PROTOCOL, "%s: sent a message of more "
		    "than %zu bytes", w->origin, w->spec.max);
		return -1;
	}
	if (whole && w->in.len == 0) {
		say(w, e, p, n);
		return 0;
	}
	if (buf_add(&w->in, p, n) != 0) {
		fault_sys(&w->why, EX_TEMPFAIL, "%s", w->origin);
		return -1;
	}
	if (!whole) {
		say(w, WS_ALIVE, NULL, 0);
		return 0;
	}
	say(w, e, w->in.p, w->in.len);
	buf_reset(&w->in);
	return 0;
}

/* Sends one message of the queue.  -1: end the connection. */
static int
send_next(struct ws *w)
{
	struct buf *b = &w->out[w->head];
	size_t n = b->len - LWS_PRE;

	if (w->queued == 0)
		return w->bye ? -1 : 0;
	if (lws_write(w->wsi, (unsigned char *)b->p + LWS_PRE, n,
	    LWS_WRITE_TEXT) < (int)n)
		return -1;
	buf_free(b);
	w->head = (w->head + 1) % WS_QUEUE;
	if (--w->queued > 0 || w->bye)
		lws_callback_on_writable(w->wsi);
	return 0;
}

static void
peer_closes(struct ws *w, const uint8_t *p, size_t n)
{
	w->peer_closed = true;
	if (n < 2)
		fault_set(&w->why, EX_TEMPFAIL, "%s: closed by the server",
		    w->origin);
	else
		fault_set(&w->why, EX_TEMPFAIL, "%s: closed by the server "
		    "(%d%s%.*s)", w->origin, p[0] << 8 | p[1],
		    n > 2 ? ": " : "", (int)(n - 2), (const char *)p + 2);
}

/* The headers of ws_spec, into the request. */
static int
add_headers(struct ws *w, struct lws *wsi, unsigned char **p, size_t n)
{
	const char *const *h = w->spec.headers;
	char name[64];

	for (; h != NULL && h[0] != NULL; h += 2) {
		snprintf(name, sizeof(name), "%s:", h[0]);
		if (lws_add_http_header_by_name(wsi, (unsigned char *)name,
		    (const unsigned char *)h[1], (int)strlen(h[1]), p,
		    *p + n) != 0)
			return -1;
	}
	return 0;
}

static int
on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
    void *in, size_t n)
{
	struct ws *w = user;

	if (reason == LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION) {
		/* Here user is something of OpenSSL, and n its verdict. */
		if (n == 0 && (w = lws_wsi_user(wsi)) != NULL)
			w->cert_bad = true;
		return 0;		/* the verdict holds */
	}
	if (w == NULL)
		return 0;		/* of the library, or deleted */
	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return add_headers(w, wsi, in, n);
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		w->wsi = wsi;
		w->open = true;
		w->status = 101;
		say(w, WS_OPEN, NULL, 0);
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return received(w, in, n);
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		say(w, WS_ALIVE, NULL, 0);
		return 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return send_next(w);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		peer_closes(w, in, n);
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		w->status = (int)lws_http_client_http_response(wsi);
		handshake_failed(w, in);
		finish(w, wsi);
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
	case LWS_CALLBACK_WSI_DESTROY:
		if (*w->why.text == '\0')
			fault_set(&w->why, EX_TEMPFAIL, "%s: %s", w->origin,
			    w->bye ? "closed" : w->status == 101 ?
			    "connection lost" : "no answer");
		finish(w, wsi);
		return 0;
	default:
		return 0;
	}
}

/* ---- loop ---- */

static const struct lws_protocols protocols[] = {
	{ .name = "ws", .callback = on_event, .rx_buffer_size = WS_CHUNK },
	{ .name = NULL }
};

static void
on_wake(lws_sorted_usec_list_t *sul)
{
	(void)sul;			/* the turn ends, that is all */
}

int
ws_loop_open(struct ws_loop **out, const char *cafile, struct fault *f)
{
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
		.fd_limit_per_thread = FDS_MAX,
		.pt_serv_buf_size = WS_CHUNK,
		.timeout_secs = WS_HANDSHAKE_S,
		.connect_timeout_secs = WS_HANDSHAKE_S,
		.ka_time = KEEPALIVE_S,
		.ka_interval = KEEPALIVE_STEP_S,
		.ka_probes = KEEPALIVE_PROBES,
	};
	struct ws_loop *l;

	if (*cafile != '\0') {
		if (access(cafile, R_OK) == -1)
			return fault_sys(f, EX_CONFIG, "caFile %s", cafile);
		info.client_ssl_ca_filepath = cafile;
		info.options |= LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
	}
	lws_set_log_level(0, NULL);
	if ((l = calloc(1, sizeof(*l))) == NULL)
		return fault_sys(f, 0, "libwebsockets");
	if ((l->ctx = lws_create_context(&info)) == NULL) {
		free(l);
		return fault_set(f, *cafile != '\0' ? EX_CONFIG : EX_OSERR,
		    "libwebsockets does not start%s%s", *cafile != '\0' ?
		    " with caFile " : "", cafile);
	}
	*out = l;
	return 0;
}

void
ws_loop_close(struct ws_loop *l)
{
	if (l == NULL)
		return;
	lws_sul_cancel(&l->wake);
	lws_context_destroy(l->ctx);
	free(l);
}

int
ws_turn(struct ws_loop *l, int ms, struct fault *f)
{
	/* lws_service() sleeps as long as it likes; this wakes it. */
	lws_sul_schedule(l->ctx, 0, &l->wake, on_wake,
	    (lws_usec_t)ms * LWS_US_PER_MS + 1);
	if (lws_service(l->ctx, 0) < 0)
		return fault_set(f, EX_OSERR, "libwebsockets: poll failed");
	return 0;
}

/* ---- connections ---- */

int
ws_connect(struct ws **out, struct ws_loop *l, const struct ws_spec *spec,
    struct fault *f)
{
	struct lws_client_connect_info info = { 0 };
	struct place p;
	struct buf path = { 0 };
	struct ws *w;

	*out = NULL;
	if (place_of(spec->url, &p) != 0)
		return fault_set(f, EX_CONFIG, "no URL of a WebSocket: want "
		    "wss://HOST");
	if (!p.tls && !is_loopback(p.host))
		return fault_set(f, EX_CONFIG, "%s: plain ws is for this "
		    "machine only; use wss", p.origin);
	if ((w = calloc(1, sizeof(*w))) == NULL ||
	    buf_addf(&path, "%s%.*s", *p.rest == '/' ? "" : "/",
	    (int)strcspn(p.rest, "#"), p.rest) != 0) {
		free(w);
		return fault_sys(f, 0, "%s", p.origin);
	}
	w->loop = l;
	w->spec = *spec;
	w->spec.url = NULL;
	memcpy(w->origin, p.origin, sizeof(w->origin));
	w->starting = true;
	info.context = l->ctx;
	info.address = info.host = p.host;
	info.port = p.port;
	info.path = path.p;
	info.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT |
	    (p.tls ? LCCSCF_USE_SSL : 0);
	info.local_protocol_name = protocols[0].name;
	info.alpn = "http/1.1";
	info.userdata = w;
	info.pwsi = &w->wsi;
	if (lws_client_connect_via_info(&info) == NULL && !w->over) {
		fault_set(&w->why, EX_TEMPFAIL, "%s: no connection", w->origin);
		w->over = true;
	}
	explicit_bzero(path.p, path.len);	/* the token is in it */
	buf_free(&path);
	w->starting = false;
	if (w->over) {
		if (f != NULL)
			*f = w->why;
		w->wsi = NULL;
		ws_delete(w);
		return -1;
	}
	*out = w;
	return 0;
}

int
ws_send_text(struct ws *w, const char *p, size_t n, struct fault *f)
{
	struct buf *b = &w->out[(w->head + w->queued) % WS_QUEUE];
	char pre[LWS_PRE] = { 0 };

	if (!w->open)
		return fault_set(f, EX_PROTOCOL, "%s: not connected",
		    w->origin);
	if (w->queued == WS_QUEUE)
		return fault_set(f, EX_TEMPFAIL, "%s: %d messages wait already",
		    w->origin, WS_QUEUE);
	if (buf_add(b, pre, sizeof(pre)) != 0 || buf_add(b, p, n) != 0) {
		buf_free(b);
		return fault_sys(f, 0, "%s", w->origin);
	}
	w->queued++;
	lws_callback_on_writable(w->wsi);
	return 0;
}

void
ws_goodbye(struct ws *w)
{
	w->bye = true;
	if (w->open) {
		lws_close_reason(w->wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
		lws_callback_on_writable(w->wsi);
	}
}

void
ws_delete(struct ws *w)
{
	if (w == NULL)
		return;
	if (w->wsi != NULL && !w->over) {
		lws_set_wsi_user(w->wsi, NULL);
		lws_set_timeout(w->wsi, PENDING_TIMEOUT_USER_OK,
		    LWS_TO_KILL_ASYNC);
	}
	for (unsigned i = 0; i < WS_QUEUE; i++)
		buf_free(&w->out[i]);
	buf_free(&w->in);
	free(w);
}

bool
ws_peer_closed(const struct ws *w)
{
	return w->peer_closed;
}

int
ws_status(const struct ws *w)
{
	return w->status;
}

const struct fault *
ws_why(const struct ws *w)
{
	return &w->why;
}
