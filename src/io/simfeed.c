#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clk.h"
#include "js.h"
#include "kite.h"
#include "msg.h"
#include "pairs.h"
#include "simfeed.h"
#include "simreply.h"
#include "subs.h"

enum {
	META_US		= 50000,	/* real time from open to instruments_meta */
	SETTLE_US	= 50000,	/* from subscribe to the cached packet: a
					 * mode may follow */
	START_US	= 500000,	/* from the first subscription to the start
					 * of paced time: more may follow */
	HEARTBEAT_US	= 1000000,
	BATCH_US	= 10000,	/* ticks of so long go out together */
	FRAME_MAX	= 32 * 1024,
	TURN_ITEMS	= 20000,	/* so that others get a turn too */
	IDLE_MS		= 100
};

enum tag { T_OTHER, T_LIVE, T_CACHED };

struct client {
	struct serve_conn *conn;
	struct subs	 subs;
	size_t		 npending;	/* of subs: their cached packet is to
					 * be sent, then they are live */
	int64_t		 settled;	/* clk_mono() when pending ones are sent */
	int64_t		 opened, beat;	/* clk_mono(); of the last heartbeat */
	bool		 meta;		/* instruments_meta was sent */
	/* the frame being filled */
	uint8_t		 frame[FRAME_MAX];
	size_t		 len;		/* 0: none begun */
	uint16_t	 count;
	enum tag	 tag;
};

struct simfeed {
	struct simsrc	*src;
	const struct simkite *kite;
	size_t		 instruments;
	struct client	*client[KITE_CONNS_MAX];	/* in order of opening */
	size_t		 n;
	struct pairs	 pairs;
	int64_t		 begin;		/* clk_mono() to begin at; -1: unknown */
	bool		 holding;
	uint32_t	 first_s, last_s;	/* of the day */
	struct simfeed_stats stats;
};

int
simfeed_open(struct simfeed **out, struct simsrc *src,
    const struct simkite *kite, size_t instruments, struct fault *f)
{
	struct simfeed *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return fault_sys(f, EX_OSERR, "the ticker");
	d->src = src;
	d->kite = kite;
	d->instruments = instruments;
	d->begin = -1;
	d->first_s = (uint32_t)(clk_day_start(simsrc_day(src)) / US_PER_SEC);
	d->last_s = d->first_s + 86400 - 1;
	*out = d;
	return 0;
}

void
simfeed_close(struct simfeed *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->n; i++)
		free(d->client[i]);
	pairs_free(&d->pairs);
	free(d);
}

const struct simfeed_stats *
simfeed_stats(const struct simfeed *d)
{
	return &d->stats;
}

/* ---- counting what went out ---- */

void
simfeed_sent(struct simfeed *d, const void *p, size_t n, unsigned tag)
{
	struct kite_frame k;
	struct tick t;
	enum kite_rc rc;

	d->stats.bytes_sent += n;
	if (tag == T_OTHER || kite_begin(&k, p, n) != KITE_TICK)
		return;
	d->stats.frames_sent++;
	while ((rc = kite_next(&k, &t)) == KITE_TICK || rc == KITE_BAD) {
		bool today = rc == KITE_TICK && t.exch_s >= d->first_s &&
		    t.exch_s <= d->last_s;

		d->stats.ticks_sent++;
		if (tag == T_CACHED) {
			d->stats.cached_sent++;
			d->stats.cached_old += !today;
		}
		if (today && pairs_add(&d->pairs, t.token, t.exch_s) < 0)
			msg_warn("a pair is not counted");
	}
	d->stats.pairs = d->pairs.count;
}

/* ---- frames ---- */

static void
send_message(struct client *k, enum serve_kind kind, const void *p, size_t n,
    enum tag tag)
{
	/* it fails when the connection ends or memory does; the queue has room
	 * for more than is ever put into it */
	if (serve_send(k->conn, kind, p, n, tag) != 0)
		msg_info("a ticker client lost a message");
}

static void
flush(struct client *k)
{
	if (k->len == 0)
		return;
	k->frame[0] = (uint8_t)(k->count >> 8);
	k->frame[1] = (uint8_t)k->count;
	send_message(k, SERVE_BINARY, k->frame, k->len, k->tag);
	k->len = 0;
}

static void
add_packet(struct client *k, const struct tick *t, enum tick_kind kind,
    enum tag tag)
{
	size_t n;

	if (k->len + 2 + KITE_FULL_LEN > FRAME_MAX || k->tag != tag)
		flush(k);
	if (k->len == 0) {
		k->len = 2;
		k->count = 0;
		k->tag = tag;
	}
	n = kite_encode(k->frame + k->len + 2, t, kind);
	k->frame[k->len] = (uint8_t)(n >> 8);
	k->frame[k->len + 1] = (uint8_t)n;
	k->len += 2 + n;
	k->count++;
}

static void
send_error(struct client *k, const char *text)
{
	struct buf b = { 0 };

	if (buf_adds(&b, "{\"type\":\"error\",\"data\":") == 0 &&
	    js_add(&b, text) == 0 && buf_adds(&b, "}") == 0)
		send_message(k, SERVE_TEXT, b.p, b.len, T_OTHER);
	buf_free(&b);
}

/* ---- subscriptions ---- */

/* Is it live for any client? */
static bool
is_live(const struct simfeed *d, uint32_t token)
{
	for (size_t i = 0; i < d->n; i++) {
		struct sub *s = subs_find(&d->client[i]->subs, token);

		if (s != NULL && !s->pending)
			return true;
	}
	return false;
}

/* False: it is one too many. */
static bool
subscribe(struct simfeed *d, struct client *k, uint32_t token)
{
	int rc = subs_add(&k->subs, token);

	if (rc != 1)
		return rc == 0;
	if (k->npending++ == 0)
		k->settled = clk_mono() + SETTLE_US;
	if (++d->stats.subscribed > d->stats.subscribed_most)
		d->stats.subscribed_most = d->stats.subscribed;
	if (d->begin == -1)
		d->begin = clk_mono() + START_US;
	return true;
}

static void
unsubscribe(struct simfeed *d, struct client *k, uint32_t token)
{
	struct sub *s = subs_find(&k->subs, token);
	bool live;

	if (s == NULL)
		return;
	live = !s->pending;
	k->npending -= s->pending;
	subs_remove(&k->subs, s);
	d->stats.subscribed--;
	if (live && !is_live(d, token))
		simsrc_unwatch(d->src, token);
}

/* Sends the cached packets of what was subscribed a moment ago. */
static void
settle(struct simfeed *d, struct client *k)
{
	for (size_t i = 0; k->npending > 0 && i < k->subs.n; i++) {
		struct sub *s = &k->subs.v[i];
		struct tick last;

		if (!s->pending)
			continue;
		if (!is_live(d, s->token))
			simsrc_watch(d->src, s->token);
		if (simsrc_last(d->src, s->token, &last) == 0)
			add_packet(k, &last, s->kind, T_CACHED);
		s->pending = false;
		k->npending--;
	}
	flush(k);
}

/* ---- what clients say ---- */

static void
say_tokens(struct simfeed *d, struct client *k, const struct js *list,
    bool on)
{
	bool over = false;
	int64_t n;

	for (size_t i = 0; i < js_len(list); i++) {
		/* strings and the like are silently ignored */
		if (js_int(js_at(list, i), &n) != 0 || n < 0 || n > UINT32_MAX)
			continue;
		if (!on)
			unsubscribe(d, k, (uint32_t)n);
		else if (!subscribe(d, k, (uint32_t)n))
			over = true;
	}
	if (over)
		send_error(k, "Subscription limit of 3000 instruments per "
		    "connection exceeded");
}

static void
say_mode(struct client *k, const struct js *v)
{
	const char *mode = js_str(js_at(v, 0));
	const struct js *list = js_at(v, 1);
	enum tick_kind kind;
	int64_t n;

	if (mode == NULL || subs_mode_from(mode, &kind) != 0)
		return;
	for (size_t i = 0; i < js_len(list); i++) {
		struct sub *s;

		if (js_int(js_at(list, i), &n) != 0 || n < 0 ||
		    n > UINT32_MAX ||
		    (s = subs_find(&k->subs, (uint32_t)n)) == NULL)
			continue;
		subs_mode(&k->subs, s, kind);
	}
}

void
simfeed_message(struct simfeed *d, struct serve_conn *c, enum serve_kind kind,
    const char *p, size_t n)
{
	struct client *k = serve_user(c);
	const struct js *v;
	const char *a;
	struct js *doc;
	struct fault f;

	if (k == NULL || kind != SERVE_TEXT)
		return;
	if ((doc = js_parse(p, n, &f)) == NULL) {
		msg_info("a ticker client's message: %s", f.text);
		return;
	}
	a = js_str(js_get(doc, "a"));
	v = js_get(doc, "v");
	if (a == NULL)
		msg_info("a ticker client's message has no \"a\"");
	else if (strcmp(a, "subscribe") == 0)
		say_tokens(d, k, v, true);
	else if (strcmp(a, "unsubscribe") == 0)
		say_tokens(d, k, v, false);
	else if (strcmp(a, "mode") == 0)
		say_mode(k, v);
	js_free(doc);
}

/* ---- coming and going ---- */

int
simfeed_upgrade(struct simfeed *d, struct serve_conn *c,
    const struct serve_req *q)
{
	const char *key = serve_arg(q, "api_key");
	const char *token = serve_arg(q, "access_token");

	if (strcmp(q->path, "/") != 0)
		simreply_error(c, 404, "GeneralException", "Route not found");
	else if (key == NULL || token == NULL)
		simreply_error(c, 400, "InputException",
		    "Missing `api_key` or `access_token`.");
	else if (!simkite_token_ok(d->kite, key, token))
		simreply_error(c, 403, "TokenException",
		    "Incorrect `api_key` or `access_token`.");
	else if (d->n == KITE_CONNS_MAX)
		simreply_error(c, 429, "NetworkException",
		    "Too many connections.");
	else
		return 0;
	return -1;
}

void
simfeed_opened(struct simfeed *d, struct serve_conn *c)
{
	struct client *k;

	if (d->n == KITE_CONNS_MAX || (k = calloc(1, sizeof(*k))) == NULL) {
		serve_end(c, 1013, "try again later");
		return;
	}
	k->conn = c;
	k->opened = k->beat = clk_mono();
	serve_set_user(c, k);
	d->client[d->n++] = k;
	d->stats.connections = (unsigned)d->n;
	d->stats.connections_total++;
	msg_info("a ticker client came, %zu now", d->n);
}

void
simfeed_closed(struct simfeed *d, struct serve_conn *c)
{
	struct client *k = serve_user(c);
	size_t i;

	if (k == NULL)
		return;
	while (k->subs.n > 0)
		unsubscribe(d, k, k->subs.v[k->subs.n - 1].token);
	for (i = 0; d->client[i] != k; i++)
		;
	d->n--;
	memmove(&d->client[i], &d->client[i + 1],
	    (d->n - i) * sizeof(d->client[0]));
	d->stats.connections = (unsigned)d->n;
	serve_set_user(c, NULL);
	free(k);
	msg_info("a ticker client went, %zu left", d->n);
}

/* ---- ticks ---- */

/* The packet of t in a mode: no more than was captured. */
static enum tick_kind
kind_of(const struct tick *t, enum tick_kind mode)
{
	if (t->kind == TICK_LTP)
		return TICK_LTP;
	if (mode == TICK_FULL &&
	    (t->kind == TICK_QUOTE || t->kind == TICK_INDEX_QUOTE))
		return TICK_QUOTE;
	return mode;
}

/* To all who want it but those in the full mode of a capture. */
static void
deliver(struct simfeed *d, const struct tick *t, bool captured)
{
	for (size_t i = 0; i < d->n; i++) {
		struct client *k = d->client[i];
		struct sub *s;

		if (captured && k->subs.nfull > 0)
			continue;
		if ((s = subs_find(&k->subs, t->token)) != NULL && !s->pending)
			add_packet(k, t, kind_of(t, s->kind), T_LIVE);
	}
}

/*
 * A captured frame goes as it is to one of the clients that are in full mode,
 * the first connection's to the first; to the others as packets in their mode.
 */
static void
deliver_frame(struct simfeed *d, const struct simsrc_item *item)
{
	struct client *full[KITE_CONNS_MAX];
	struct kite_frame k;
	struct tick t;
	enum kite_rc rc;
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		if (d->client[i]->subs.nfull > 0)
			full[n++] = d->client[i];
	if (n > 0)
		send_message(full[(item->conn - 1) % n], item->text ?
		    SERVE_TEXT : SERVE_BINARY, item->p, item->len,
		    item->text ? T_OTHER : T_LIVE);
	if (item->text || n == d->n ||
	    kite_begin(&k, item->p, item->len) != KITE_TICK)
		return;
	while ((rc = kite_next(&k, &t)) == KITE_TICK || rc == KITE_BAD)
		if (rc == KITE_TICK)
			deliver(d, &t, true);
}

/* Must the market wait, for anybody who is far behind or, at free pace, for
 * anybody at all? */
static bool
must_hold(struct simfeed *d)
{
	bool slow = false, listened = false;

	for (size_t i = 0; i < d->n; i++) {
		const struct client *k = d->client[i];

		if (serve_queued(k->conn) > SIMFEED_HIGH)
			slow = true;
		if (k->subs.n > k->npending)
			listened = true;
	}
	if (slow && !d->holding)
		d->stats.holds++;
	d->holding = slow;
	return slow || (!listened && simsrc_pace(d->src) == SIMSRC_FREE);
}

/* Takes what is due; gives real us to wait, -1 on a fault. */
static int64_t
take_items(struct simfeed *d, struct fault *f)
{
	struct simsrc_item item;
	int64_t wait = 0;
	int rc;

	if (simsrc_pace(d->src) != SIMSRC_CLOCK &&
	    (d->begin == -1 || clk_mono() < d->begin))
		return BATCH_US;
	simsrc_start(d->src);
	for (int i = 0; i < TURN_ITEMS; i++) {
		if (must_hold(d))
			return BATCH_US;
		if ((rc = simsrc_next(d->src, &item, &wait, f)) < 0)
			return -1;
		if (rc == 0)
			return wait < BATCH_US ? BATCH_US : wait;
		if (item.is_frame)
			deliver_frame(d, &item);
		else
			deliver(d, &item.t, false);
	}
	return 0;
}

static void
send_meta(const struct simfeed *d, struct client *k)
{
	char text[128];
	int n = snprintf(text, sizeof(text), "{\"type\":\"instruments_meta\","
	    "\"data\":{\"count\":%zu,\"etag\":\"W/\\\"%x-%zx\\\"\"}}",
	    d->instruments, d->first_s, d->instruments);

	k->meta = true;
	send_message(k, SERVE_TEXT, text, (size_t)n, T_OTHER);
}

static void
look_after(struct simfeed *d, struct client *k, int64_t now)
{
	if (!k->meta && now - k->opened >= META_US)
		send_meta(d, k);
	if (k->npending > 0 && now >= k->settled)
		settle(d, k);
	if (now - k->beat >= HEARTBEAT_US) {
		k->beat += HEARTBEAT_US;
		if (serve_queued(k->conn) <= SIMFEED_HIGH)
			send_message(k, SERVE_BINARY, "", 1, T_OTHER);
	}
}

int
simfeed_turn(struct simfeed *d, struct fault *f)
{
	int64_t now = clk_mono(), wait;

	for (size_t i = 0; i < d->n; i++)
		look_after(d, d->client[i], now);
	if ((wait = take_items(d, f)) < 0)
		return -1;
	for (size_t i = 0; i < d->n; i++) {
		flush(d->client[i]);
		if (d->client[i]->npending > 0 || !d->client[i]->meta)
			wait = wait < BATCH_US ? wait : BATCH_US;
	}
	return wait / 1000 < IDLE_MS ? (int)(wait / 1000) : IDLE_MS;
}

bool
simfeed_over(const struct simfeed *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (serve_queued(d->client[i]->conn) > 0)
			return false;
	return simsrc_over(d->src);
}
