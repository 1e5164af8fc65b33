#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clk.h"
#include "js.h"
#include "kite.h"
#include "msg.h"
#include "pairs.h"
#include "simclient.h"
#include "simfeed.h"
#include "simreply.h"
#include "spoil.h"
#include "subs.h"

enum {
	META_US		= 50000,	/* real time from open to instruments_meta */
	SETTLE_US	= 50000,	/* from subscribe to the cached packet: a
					 * mode may follow */
	START_US	= 500000,	/* from the first subscription to the start
					 * of paced time: more may follow */
	HEARTBEAT_US	= 1000000,
	BATCH_US	= 10000,	/* ticks of so long go out together */
	TURN_ITEMS	= 20000,	/* so that others get a turn too */
	IDLE_MS		= 100,
	INSIDE		= 3		/* packets of closemid */
};

struct simfeed {
	struct simsrc	*src;
	struct simkite	*kite;
	struct simfault	*faults;
	int64_t		 day_us;	/* its midnight */
	int64_t		 lost_until;	/* free pace: market time up to which a
					 * line fault keeps ticks back */
	size_t		 instruments;
	struct simclient *client[KITE_CONNS_MAX];	/* in order of opening */
	size_t		 n;
	struct pairs	 pairs;
	int64_t		 begin;		/* clk_mono() to begin at; -1: unknown */
	bool		 holding;
	uint32_t	 first_s, last_s;	/* of the day */
	struct simfeed_stats stats;
};

int
simfeed_open(struct simfeed **out, struct simsrc *src,
    struct simkite *kite, size_t instruments, struct simfault *faults,
    struct fault *f)
{
	struct simfeed *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return fault_sys(f, EX_OSERR, "the ticker");
	d->src = src;
	d->kite = kite;
	d->instruments = instruments;
	d->faults = faults;
	d->begin = -1;
	d->day_us = clk_day_start(simsrc_day(src));
	d->first_s = (uint32_t)(d->day_us / US_PER_SEC);
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

static void
count_tick(struct simfeed *d, const struct tick *t, unsigned tag)
{
	bool today = t->exch_s >= d->first_s && t->exch_s <= d->last_s;

	d->stats.ticks_sent++;
	if (tag == SIMCLIENT_CACHED) {
		d->stats.cached_sent++;
		d->stats.cached_old += !today;
	}
	if (today && !spoil_is_stranger(t->token) &&
	    pairs_add(&d->pairs, t->token, t->exch_s) < 0)
		msg_warn("a pair is not counted");
}

void
simfeed_sent(struct simfeed *d, const void *p, size_t n, unsigned tag)
{
	const uint8_t *frame = p;
	struct kite_frame k;
	struct tick t;
	enum kite_rc rc;

	d->stats.bytes_sent += n;
	d->stats.texts_sent += tag == SIMCLIENT_TEXT;
	if (tag == SIMCLIENT_OTHER || tag == SIMCLIENT_TEXT)
		return;
	if (tag == SIMCLIENT_PART) {
		frame += SIMCLIENT_HEAD;
		n -= SIMCLIENT_HEAD;
	}
	d->stats.frames_sent++;
	rc = kite_begin(&k, frame, n);
	while (rc > KITE_END && (rc = kite_next(&k, &t)) > KITE_END)
		if (rc == KITE_TICK)
			count_tick(d, &t, tag);
	d->stats.packets_bad_sent += k.bad;
	d->stats.frames_bad_sent += rc != KITE_END || k.bad > 0;
	d->stats.pairs = d->pairs.count;
}

static void
send_error(struct simclient *k, const char *text)
{
	struct buf b = { 0 };

	if (buf_adds(&b, "{\"type\":\"error\",\"data\":") == 0 &&
	    js_add(&b, text) == 0 && buf_adds(&b, "}") == 0)
		simclient_text(k, b.p, b.len);
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
subscribe(struct simfeed *d, struct simclient *k, uint32_t token)
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
unsubscribe(struct simfeed *d, struct simclient *k, uint32_t token)
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
settle(struct simfeed *d, struct simclient *k)
{
	for (size_t i = 0; k->npending > 0 && i < k->subs.n; i++) {
		struct sub *s = &k->subs.v[i];
		struct tick last;

		if (!s->pending)
			continue;
		if (!is_live(d, s->token))
			simsrc_watch(d->src, s->token);
		if (simsrc_last(d->src, s->token, &last) == 0)
			simclient_packet(k, &last, s->kind, SIMCLIENT_CACHED);
		s->pending = false;
		k->npending--;
	}
	simclient_flush(k);
}

/* ---- what clients say ---- */

/* Is the request for the token, number i of its message, to be passed over for
 * a fault?  That happens to every tenth, and only once. */
static bool
passed_over(const struct simfeed *d, enum simfault_kind kind, struct simclient_asked *a,
    size_t i, uint32_t token)
{
	if (!simfault_is(d->faults, kind) || i % 10 != 0 ||
	    a->n == KITE_TOKENS_MAX)
		return false;
	for (size_t j = 0; j < a->n; j++)
		if (a->token[j] == token)
			return false;
	a->token[a->n++] = token;
	return true;
}

static void
say_tokens(struct simfeed *d, struct simclient *k, const struct js *list,
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
		else if (passed_over(d, SIMFAULT_FORGET, &k->forgot, i,
		    (uint32_t)n))
			continue;
		else if (!subscribe(d, k, (uint32_t)n))
			over = true;
	}
	if (over)
		send_error(k, "Subscription limit of 3000 instruments per "
		    "connection exceeded");
}

static void
say_mode(struct simfeed *d, struct simclient *k, const struct js *v)
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
		if (kind != TICK_FULL || !passed_over(d, SIMFAULT_DOWNGRADE,
		    &k->downgraded, i, s->token))
			subs_mode(&k->subs, s, kind);
	}
}

void
simfeed_message(struct simfeed *d, struct serve_conn *c, enum serve_kind kind,
    const char *p, size_t n)
{
	struct simclient *k = serve_user(c);
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
		say_mode(d, k, v);
	js_free(doc);
}

/* ---- coming and going ---- */

int
simfeed_upgrade(struct simfeed *d, struct serve_conn *c,
    const struct serve_req *q)
{
	const char *key = serve_arg(q, "api_key");
	const char *token = serve_arg(q, "access_token");

	if (simfault_is(d->faults, SIMFAULT_NOANSWER))
		msg_info("a ticker client gets no answer");
	else if (simfault_is(d->faults, SIMFAULT_REFUSE))
		simreply_error(c, 503, "NetworkException",
		    "Service unavailable.");
	else if (strcmp(q->path, "/") != 0)
		simreply_error(c, 404, "GeneralException", "Route not found");
	else if (key == NULL || token == NULL)
		simreply_error(c, 400, "InputException",
		    "Missing `api_key` or `access_token`.");
	else if (!simkite_token_ok(d->kite, key, token))
		simreply_error(c, 403, "TokenException",
		    "Incorrect `api_key` or `access_token`.");
	else if (d->n == KITE_CONNS_MAX ||
	    simfault_is(d->faults, SIMFAULT_HTTP429))
		simreply_error(c, 429, "NetworkException",
		    "Too many connections.");
	else
		return 0;
	return -1;
}

void
simfeed_opened(struct simfeed *d, struct serve_conn *c)
{
	struct simclient *k;

	if (d->n == KITE_CONNS_MAX ||
	    (k = simclient_new(c, d->faults)) == NULL) {
		serve_end(c, 1013, "try again later");
		return;
	}
	serve_set_user(c, k);
	d->client[d->n++] = k;
	d->stats.connections = (unsigned)d->n;
	d->stats.connections_total++;
	msg_info("a ticker client came, %zu now", d->n);
}

void
simfeed_closed(struct simfeed *d, struct serve_conn *c)
{
	struct simclient *k = serve_user(c);
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

/* ---- faults ---- */

/* Three last known values, and the last of them not wholly. */
static void
close_inside(struct simfeed *d, struct simclient *k)
{
	struct tick t[INSIDE];

	for (size_t i = 0; i < INSIDE; i++) {
		uint32_t token = k->subs.n == 0 ? 1 << 8 | KITE_NSE :
		    k->subs.v[i % k->subs.n].token;

		if (simsrc_last(d->src, token, &t[i]) != 0)
			t[i] = (struct tick){ .token = token,
			    .kind = TICK_FULL };
	}
	simclient_close_inside(k, t, INSIDE);
}

/* What a fault does to one client when it begins. */
static void
afflict(struct simfeed *d, struct simclient *k, enum simfault_kind kind)
{
	if (simclient_busy(k))
		return;			/* has enough to bear */
	simclient_flush(k);
	switch (kind) {
	case SIMFAULT_RESET:
	case SIMFAULT_HTTP403:
	case SIMFAULT_NOANSWER:
	case SIMFAULT_REFUSE:
	case SIMFAULT_HTTP429:
		simclient_reset(k);
		break;
	case SIMFAULT_ONELOST:
		if (k == d->client[0])
			simclient_reset(k);
		break;
	case SIMFAULT_CLOSE:
		simclient_close(k);
		break;
	case SIMFAULT_CLOSEMID:
		close_inside(d, k);
		break;
	case SIMFAULT_BIG:
		simclient_big(k);
		break;
	case SIMFAULT_TEXT:
		simclient_texts(k);
		break;
	default:
		break;			/* it shows in what is sent */
	}
}

/* Begins the faults that are due at market time us. */
static void
begin_faults(struct simfeed *d, int64_t us)
{
	struct simfault_event e;

	while (simfault_next(d->faults, us - d->day_us, simsrc_speed(d->src),
	    &e)) {
		msg_info("fault %s", simfault_name(e.kind));
		if (e.kind == SIMFAULT_HTTP403)
			simkite_kill_tokens(d->kite);
		if (simfault_line(d->faults) &&
		    simsrc_pace(d->src) == SIMSRC_FREE &&
		    d->day_us + e.at_us + e.len_us > d->lost_until)
			d->lost_until = d->day_us + e.at_us + e.len_us;
		for (size_t i = 0; i < d->n; i++)
			afflict(d, d->client[i], e.kind);
	}
	d->stats.faults = d->faults->begun;
}

/* Has begun to send the market's ticks? */
static bool
time_runs(const struct simfeed *d)
{
	return simsrc_pace(d->src) == SIMSRC_CLOCK ||
	    (d->begin != -1 && clk_mono() >= d->begin);
}

/* Do ticks of this market time reach nobody? */
static bool
is_lost(const struct simfeed *d, int64_t at_us)
{
	return at_us < d->lost_until ||
	    simfault_is(d->faults, SIMFAULT_MUTE) ||
	    simfault_is(d->faults, SIMFAULT_HEARTBEATS) ||
	    simfault_is(d->faults, SIMFAULT_TRICKLE);
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
		struct simclient *k = d->client[i];
		struct sub *s;

		if (simclient_busy(k) || (captured && k->subs.nfull > 0))
			continue;
		if ((s = subs_find(&k->subs, t->token)) != NULL && !s->pending)
			simclient_packet(k, t, kind_of(t, s->kind), SIMCLIENT_LIVE);
	}
}

/*
 * A captured frame goes as it is to one of the clients that are in full mode,
 * the first connection's to the first; to the others as packets in their mode.
 */
static void
deliver_frame(struct simfeed *d, const struct simsrc_item *item)
{
	struct simclient *full[KITE_CONNS_MAX], *to;
	struct kite_frame k;
	struct tick t;
	enum kite_rc rc;
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		if (d->client[i]->subs.nfull > 0)
			full[n++] = d->client[i];
	to = n > 0 ? full[(item->conn - 1) % n] : NULL;
	if (to != NULL && !simclient_busy(to) && item->text)
		simclient_text(to, (const char *)item->p, item->len);
	else if (to != NULL && !simclient_busy(to))
		simclient_frame(to, item->p, item->len, SIMCLIENT_LIVE);
	if (item->text || n == d->n ||
	    kite_begin(&k, item->p, item->len) != KITE_TICK)
		return;
	while ((rc = kite_next(&k, &t)) == KITE_TICK || rc == KITE_BAD)
		if (rc == KITE_TICK)
			deliver(d, &t, true);
}

/* Must the market wait, for anybody who is far behind, or is about to be reset,
 * or, at free pace, for anybody at all and for the end of a line fault? */
static bool
must_hold(struct simfeed *d)
{
	bool slow = false, listened = false, fault = false;

	for (size_t i = 0; i < d->n; i++) {
		const struct simclient *k = d->client[i];

		if (serve_queued(k->conn) > SIMCLIENT_HIGH)
			slow = true;
		if (k->ending || k->big_left > 0)
			fault = true;
		else if (k->subs.n > k->npending)
			listened = true;
	}
	if (slow && !d->holding)
		d->stats.holds++;
	d->holding = slow;
	return slow || fault || (simsrc_pace(d->src) == SIMSRC_FREE &&
	    (!listened || simfault_line(d->faults)));
}

/* Takes what is due; gives real us to wait, -1 on a fault. */
static int64_t
take_items(struct simfeed *d, struct fault *f)
{
	struct simsrc_item item;
	int64_t wait = 0;
	int rc;

	if (!time_runs(d))
		return BATCH_US;
	simsrc_start(d->src);
	for (int i = 0; i < TURN_ITEMS; i++) {
		if (must_hold(d))
			return BATCH_US;
		if ((rc = simsrc_next(d->src, &item, &wait, f)) < 0)
			return -1;
		if (rc == 0)
			return wait < BATCH_US ? BATCH_US : wait;
		if (item.at_us - d->day_us >= d->faults->due_us)
			begin_faults(d, item.at_us);
		if (is_lost(d, item.at_us))
			continue;
		if (item.is_frame)
			deliver_frame(d, &item);
		else
			deliver(d, &item.t, false);
	}
	return 0;
}

static void
send_meta(const struct simfeed *d, struct simclient *k)
{
	char text[128];
	int n = snprintf(text, sizeof(text), "{\"type\":\"instruments_meta\","
	    "\"data\":{\"count\":%zu,\"etag\":\"W/\\\"%x-%zx\\\"\"}}",
	    d->instruments, d->first_s, d->instruments);

	k->meta = true;
	simclient_text(k, text, (size_t)n);
}

static void
look_after(struct simfeed *d, struct simclient *k, int64_t now)
{
	bool beats_only = simfault_is(d->faults, SIMFAULT_HEARTBEATS);

	k->thin = k == d->client[0] &&
	    simfault_is(d->faults, SIMFAULT_DROPSOME);
	if (simclient_turn(k, now))
		return;
	if (!beats_only && !k->meta && now - k->opened >= META_US)
		send_meta(d, k);
	if (!beats_only && k->npending > 0 && now >= k->settled)
		settle(d, k);
	if (now - k->beat >= HEARTBEAT_US) {
		k->beat += HEARTBEAT_US;
		if (serve_queued(k->conn) <= SIMCLIENT_HIGH)
			simclient_beat(k);
	}
}

int
simfeed_turn(struct simfeed *d, struct fault *f)
{
	int64_t now = clk_mono(), wait;

	/* before time runs its first moment has not passed yet */
	begin_faults(d, simsrc_now(d->src) - !time_runs(d));
	for (size_t i = 0; i < d->n; i++)
		look_after(d, d->client[i], now);
	if ((wait = take_items(d, f)) < 0)
		return -1;
	for (size_t i = 0; i < d->n; i++) {
		simclient_flush(d->client[i]);
		if (d->client[i]->npending > 0 || !d->client[i]->meta ||
		    simclient_busy(d->client[i]))
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
