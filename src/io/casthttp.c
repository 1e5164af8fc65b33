#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "castevents.h"
#include "casthost.h"
#include "casthttp.h"
#include "castout.h"
#include "castpage.h"
#include "castsay.h"
#include "sum.h"
#include "wshs.h"
#include "wsz.h"

static const char *
reason(int status)
{
	static const struct { int status; const char *words; } t[] = {
		{ 200, "OK" }, { 400, "Bad Request" }, { 401, "Unauthorized" },
		{ 403, "Forbidden" }, { 404, "Not Found" },
		{ 405, "Method Not Allowed" }, { 408, "Request Timeout" },
		{ 421, "Misdirected Request" }, { 426, "Upgrade Required" },
		{ 431, "Request Header Fields Too Large" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++)
		if (t[i].status == status)
			return t[i].words;
	return "Error";
}

static void
answer(struct castclient *c, int status, const char *type, const char *text,
    size_t n)
{
	char head[400];

	snprintf(head, sizeof(head), "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n"
	    "Content-Length: %zu\r\nCache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n%s%sConnection: close\r\n\r\n",
	    status, reason(status), type, n, status == 426 ?
	    "Sec-WebSocket-Version: 13\r\n" : "", status == 401 ?
	    "WWW-Authenticate: Bearer\r\n" : "");
	castout_raw(c, head, strlen(head));
	if (c->state == CASTCLIENT_HEAD)
		castout_raw(c, text, n);
	castout_close(c, 0, "");
}

static void
answer_words(struct castclient *c, int status, const char *words)
{
	char text[256];

	snprintf(text, sizeof(text), "%s\n", words);
	answer(c, status, "text/plain; charset=utf-8", text, strlen(text));
}

void
casthttp_refuse_words(struct castclient *c, int status, const char *words)
{
	c->cast->count.refused++;
	answer_words(c, status, words);
}

void
casthttp_refuse(struct castclient *c, int status)
{
	casthttp_refuse_words(c, status, reason(status));
}

/* ---- who may ---- */

/* Compares as many bytes whatever was sent. */
static bool
same_secret(const char *secret, const char *s)
{
	char a[CAST_TOKEN] = "", b[CAST_TOKEN] = "";

	snprintf(a, sizeof(a), "%s", secret);
	snprintf(b, sizeof(b), "%s", s);
	return sum_equal(a, b, sizeof(a)) && strlen(s) < sizeof(b);
}

static bool
token_may(const struct cast *k, const struct hreq *q)
{
	static const char bearer[] = "Bearer ";
	char arg[CAST_TOKEN];

	if (*k->token == '\0')
		return true;
	if (strncasecmp(q->auth, bearer, sizeof(bearer) - 1) == 0)
		return same_secret(k->token, q->auth + sizeof(bearer) - 1);
	return hreq_arg(q, "token", arg, sizeof(arg)) == 1 &&
	    same_secret(k->token, arg);
}

/* What nobody needs a token for: there is nothing of the feed in it. */
static bool
is_open(const struct hreq *q)
{
	return strcmp(q->path, "/healthz") == 0 ||
	    (strcmp(q->path, "/") == 0 && *q->upgrade == '\0');
}

/* ---- answers ---- */

static void
healthz(struct castclient *c)
{
	const struct cast *k = c->cast;

	if (k->ltp.trouble[0] != '\0')
		answer_words(c, 503, k->ltp.trouble);
	else if (k->live.trouble[0] != '\0')
		answer_words(c, 503, k->live.trouble);
	else
		answer_words(c, 200, "ok");
}

static void
metrics(struct castclient *c)
{
	const struct cast *k = c->cast;
	const struct cast_counts *n = &k->count;
	const struct { const char *name, *type; uint64_t v; } t[] = {
		{ "clients", "gauge", k->nopen },
		{ "connections", "gauge", k->nclient },
		{ "channels", "gauge", k->nchan },
		{ "symbols", "gauge", k->ltp.book.n },
		{ "log_bytes", "gauge", k->logs },
		{ "pending_bytes", "gauge", k->pending },
		{ "depth_instruments", "gauge", k->depth.n },
		{ "tick_rows_total", "counter", k->depth.rows },
		{ "rows_total", "counter", k->ltp.book.rows },
		{ "rows_refused_total", "counter", k->ltp.book.refused },
		{ "live_symbols", "gauge", k->live.book.n },
		{ "live_rows_total", "counter", k->live.book.rows },
		{ "filled_rows_total", "counter", n->filled },
		{ "filling", "gauge", k->nfill },
		{ "snapshots_total", "counter", n->snapshots },
		{ "connections_total", "counter", n->accepted },
		{ "refused_total", "counter", n->refused },
		{ "upgrades_total", "counter", n->upgraded },
		{ "requests_total", "counter", n->requests },
		{ "request_errors_total", "counter", n->errors },
		{ "frames_total", "counter", n->frames },
		{ "delivered_total", "counter", n->delivered },
		{ "sent_bytes_total", "counter", n->bytes },
		{ "skips_total", "counter", n->skips },
		{ "skipped_frames_total", "counter", n->skipped },
		{ "closed_slow_total", "counter", n->closed_slow },
		{ "closed_dead_total", "counter", n->closed_dead },
		{ "closed_bad_total", "counter", n->closed_bad },
	};
	struct buf b = { 0 };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(t) / sizeof(*t); i++)
		rc = buf_addf(&b, "# TYPE das_cast_%s %s\ndas_cast_%s %" PRIu64
		    "\n", t[i].name, t[i].type, t[i].name, t[i].v);
	if (rc == 0 && k->row_us > 0)
		rc = buf_addf(&b, "# TYPE das_cast_last_row_age_seconds gauge\n"
		    "das_cast_last_row_age_seconds %.3f\n",
		    (double)(k->now - k->row_us) / 1e6);
	if (rc == 0)
		answer(c, 200, "text/plain; version=0.0.4; charset=utf-8",
		    b.p, b.len);
	else
		castclient_end(c);
	buf_free(&b);
}

static void
upgrade(struct castclient *c, const struct hreq *q)
{
	struct castspec spec = castspec_first;
	uint8_t hash[SUM_SHA1];
	char text[100], accept[WSHS_ACCEPT], shape[16] = "";
	int status = hreq_websocket(q);

	if (status == 0 && hreq_arg(q, "shape", shape, sizeof(shape)) != 0 &&
	    strcmp(shape, "batch") != 0 && strcmp(shape, "flat") != 0)
		status = 400;
	if (status == 0 && c->cast->stopping)
		status = 503;
	if (status != 0) {
		casthttp_refuse(c, status);
		return;
	}
	spec.batch = strcmp(shape, "batch") == 0;
	spec.packed = wsz_offered(q->extensions);
	snprintf(text, sizeof(text), "%s%s", q->key, WSHS_GUID);
	if (sum_sha1(text, strlen(text), hash) != 0) {
		castclient_end(c);
		return;
	}
	wshs_base64(hash, sizeof(hash), accept);
	snprintf(text, sizeof(text), "HTTP/1.1 101 Switching Protocols\r\n"
	    "Upgrade: websocket\r\nConnection: Upgrade\r\n");
	castout_raw(c, text, strlen(text));
	snprintf(text, sizeof(text), "Sec-WebSocket-Accept: %s\r\n", accept);
	castout_raw(c, text, strlen(text));
	if (spec.packed)
		castout_raw(c, "Sec-WebSocket-Extensions: " WSZ_AGREED "\r\n",
		    strlen("Sec-WebSocket-Extensions: " WSZ_AGREED "\r\n"));
	castout_raw(c, "\r\n", 2);
	if (c->state == CASTCLIENT_HEAD)
		castout_open(c, &spec);
	castsay_welcome(c);
}

void
casthttp_take(struct castclient *c, char *head, size_t n)
{
	struct hreq q;
	int status = hreq_read(&q, head, n);

	if (status == 0 && strcmp(q.method, "GET") != 0)
		status = 405;
	if (status == 0 && (strcmp(q.length, "0") != 0 && *q.length != '\0'))
		status = 400;		/* a GET has no body */
	if (status == 0 && *q.encoding != '\0')
		status = 400;
	if (status == 0 && !casthost_ours(c->cast, q.host))
		status = 421;
	if (status == 0 && !casthost_origin(c->cast, q.origin, q.host))
		status = 403;
	if (status == 0 && !is_open(&q) && !token_may(c->cast, &q))
		status = 401;
	if (status != 0)
		casthttp_refuse(c, status);
	else if (strcmp(q.path, "/healthz") == 0)
		healthz(c);
	else if (strcmp(q.path, "/metrics") == 0)
		metrics(c);
	else if (strcmp(q.path, "/events") == 0)
		castevents_take(c, &q);
	else if (strcmp(q.path, "/") == 0 && *q.upgrade != '\0')
		upgrade(c, &q);
	else if (strcmp(q.path, "/") == 0)
		castpage_answer(c, &q);
	else
		casthttp_refuse(c, 404);
}
