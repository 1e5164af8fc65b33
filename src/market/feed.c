#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "feed.h"
#include "tsv.h"

enum { FLAG_CACHED = 1, FLAG_REPEAT = 2, FLAG_OLDER = 4 };

static const char *const flag_text[] = {
	"-", "c", "d", "cd", "o", "co", "do", "cdo"
};

struct feed_token {
	uint32_t	 token;
	uint32_t	 symbol;	/* where in symbols; the 0th is \N */
	uint32_t	 exch_s;	/* of the last packet that had one */
	uint32_t	 turn[KITE_CONNS_MAX];	/* of each connection, when it
					 * brought the last packet */
	uint16_t	 len;		/* of the last packet; 0 none yet */
	uint8_t		 packet[KITE_FULL_LEN];
};

/* ---- tokens ---- */

static size_t
hash(uint32_t token, size_t mask)
{
	return (size_t)((token * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & mask;
}

/* The place of a token in slot: its own, or the empty one where it belongs. */
static uint32_t *
find(const struct feed *d, uint32_t token)
{
	size_t i = hash(token, d->mask);

	while (d->slot[i] != 0 && d->token[d->slot[i] - 1].token != token)
		i = (i + 1) & d->mask;
	return &d->slot[i];
}

/* Room for n tokens in all, at most a quarter of the hash full. */
static int
reserve(struct feed *d, size_t n)
{
	struct feed_token *t;
	uint32_t *slot;
	size_t cap = d->cap != 0 ? d->cap : 256;

	if (n <= d->cap)
		return 0;
	while (cap < n)
		cap *= 2;
	if ((t = realloc(d->token, cap * sizeof(*t))) == NULL)
		return -1;
	d->token = t;
	if ((slot = calloc(4 * cap, sizeof(*slot))) == NULL)
		return -1;
	free(d->slot);
	d->slot = slot;
	d->mask = 4 * cap - 1;
	d->cap = cap;
	for (size_t i = 0; i < d->n; i++)
		*find(d, d->token[i].token) = (uint32_t)i + 1;
	return 0;
}

static int
add(struct feed *d, uint32_t token, size_t symbol)
{
	if (reserve(d, d->n + 1) != 0)
		return -1;
	d->token[d->n] = (struct feed_token){ .token = token,
	    .symbol = (uint32_t)symbol };
	*find(d, token) = (uint32_t)++d->n;
	return 0;
}

int
feed_init(struct feed *d, const struct inst_set *set, struct fault *f)
{
	*d = (struct feed){ 0 };
	if (buf_add(&d->symbols, "\\N", 3) != 0 || reserve(d, 1) != 0)
		goto bad;
	for (size_t i = 0; set != NULL && i < set->n; i++) {
		size_t at = d->symbols.len;

		if (tsv_add(&d->symbols, set->v[i].tradingsymbol) != 0 ||
		    buf_add(&d->symbols, "", 1) != 0 ||
		    add(d, set->v[i].token, at) != 0)
			goto bad;
	}
	d->known = d->n;
	return 0;
bad:
	feed_free(d);
	return fault_sys(f, EX_TEMPFAIL, "instruments");
}

void
feed_free(struct feed *d)
{
	buf_free(&d->rows);
	buf_free(&d->symbols);
	free(d->token);
	free(d->slot);
	confirm_free(&d->confirm);
	arbiter_free(&d->arbiter);
	*d = (struct feed){ 0 };
}

int
feed_plan(struct feed *d, const struct plan *p, struct fault *f)
{
	if (confirm_init(&d->confirm, p, f) != 0)
		return -1;
	return p->copies > 1 ? arbiter_init(&d->arbiter, p->n, f) : 0;
}

/* ---- frames ---- */

static size_t
conn_slot(uint32_t conn)
{
	return (conn + KITE_CONNS_MAX - 1) % KITE_CONNS_MAX;
}

void
feed_opened(struct feed *d, uint32_t conn, int64_t at_us)
{
	size_t c = conn_slot(conn);

	d->conn[c].turn++;
	d->conn[c].open_s = (uint32_t)(at_us / US_PER_SEC);
	arbiter_opened(&d->arbiter, (uint32_t)c + 1, at_us);
}

uint64_t
feed_fresh(const struct feed *d, uint32_t conn)
{
	return d->conn[conn_slot(conn)].fresh;
}

/* Is it the last known value that the broker sends on subscribe? */
static bool
is_cached(struct feed *d, struct feed_token *o, const struct tick *t, size_t c)
{
	if (o->turn[c] != d->conn[c].turn) {
		o->turn[c] = d->conn[c].turn;
		if (t->exch_s < d->conn[c].open_s)
			return true;
	}
	d->conn[c].fresh++;
	return false;
}

/* What a packet says about its connection; false: another one has brought it
 * already. */
static bool
is_new(struct feed *d, size_t i, const struct tick *t,
    const struct kite_frame *k, const struct capture_frame *c)
{
	uint32_t conn = (uint32_t)conn_slot(c->conn) + 1;

	confirm_packet(&d->confirm, conn, i, t->kind == TICK_FULL ||
	    t->kind == TICK_INDEX_FULL);
	return arbiter_take(&d->arbiter, conn, i, k->packet, k->packet_len,
	    c->recv_us);
}

/* Compares a packet with what is known of its token, and keeps it; the flags
 * of its row. */
static unsigned
look(struct feed *d, struct feed_token *o, const struct tick *t,
    const struct kite_frame *k, bool cached)
{
	unsigned flags = cached ? FLAG_CACHED : 0;

	if (o->len == 0)
		d->count.seen++;
	if (o->len == k->packet_len &&
	    memcmp(o->packet, k->packet, o->len) == 0)
		return flags | FLAG_REPEAT;
	o->len = (uint16_t)k->packet_len;
	memcpy(o->packet, k->packet, o->len);
	if (t->exch_s != 0) {
		if (t->exch_s < o->exch_s)
			flags |= FLAG_OLDER;
		o->exch_s = t->exch_s;
	}
	return flags;
}

static int
add_row(struct feed *d, const struct tick *t, const struct kite_frame *k,
    const struct capture_frame *c)
{
	struct tick_row r = { .recv_us = c->recv_us, .conn = c->conn,
	    .symbol = d->symbols.p };
	uint32_t *slot = find(d, t->token), before = 0;
	unsigned flags = 0;

	if (buf_room(&d->rows, TICK_ROW_MAX) != 0)
		return -1;
	if (*slot == 0 && d->n - d->known < FEED_STRANGERS_MAX) {
		if (add(d, t->token, 0) != 0)
			return -1;
		slot = find(d, t->token);
	}
	if (*slot != 0) {
		struct feed_token *o = &d->token[*slot - 1];
		bool cached = is_cached(d, o, t, conn_slot(c->conn));

		if (!is_new(d, *slot - 1, t, k, c)) {
			d->count.arbitrated++;
			return 0;
		}
		before = o->exch_s;
		flags = look(d, o, t, k, cached);
		r.symbol += o->symbol;
		d->count.cached += (flags & FLAG_CACHED) != 0;
		d->count.repeats += (flags & FLAG_REPEAT) != 0;
		d->count.older += (flags & FLAG_OLDER) != 0;
	}
	d->count.strangers += *slot == 0 || *slot > d->known;
	d->count.ticks++;
	r.flag = flag_text[flags];
	r.seq = ++d->seq;
	d->rows.len += tick_format(d->rows.p + d->rows.len, t, &r);
	d->rows.p[d->rows.len] = '\0';
	d->last_us = c->recv_us;
	if (!(flags & FLAG_CACHED) && t->exch_s != 0) {
		d->lag_us = c->recv_us - t->exch_s * US_PER_SEC;
		drift_tick(&d->drift, c->recv_us, t->exch_s, before);
	}
	if (t->exch_s > d->newest_s &&
	    t->exch_s * US_PER_SEC < c->recv_us + US_PER_DAY) {
		d->newest_s = t->exch_s;
		d->moved_us = c->recv_us;
	}
	return 0;
}

int
feed_frame(struct feed *d, const struct capture_frame *c)
{
	struct kite_frame k;
	struct tick t;
	enum kite_rc rc;

	if (c->kind == CAPTURE_OPEN) {
		feed_opened(d, c->conn, c->recv_us);
		return 0;
	}
	d->count.bytes += c->len;
	rc = kite_begin(&k, c->p, c->len);
	if (rc == KITE_HEARTBEAT) {
		d->count.heartbeats++;
		return 0;
	}
	d->count.frames++;
	while (rc > KITE_END && (rc = kite_next(&k, &t)) > KITE_END)
		if (rc == KITE_TICK && add_row(d, &t, &k, c) != 0)
			return -1;
	d->count.packets_bad += k.bad;
	if (rc == KITE_END && k.bad == 0)
		return 0;
	d->count.rejects++;
	return 1;
}
