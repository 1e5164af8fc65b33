/*
 * kite - packets and frames: the published ones, cut ones, lying ones
 *
 * It has kite.c inside, to compare the two ways of reading the depth.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clk.h"
#include "file.h"
#include "js.h"
#include "market/kite.c"

enum { INFY = 408065, TATAMOTORS = 884737, NIFTY = 256265 };

/* ---- the folder of published packets ---- */

/* False, and a word about it, when the folder is not there. */
static bool
shared(const char *name, struct buf *b)
{
	const char *dir = getenv("SHARED");
	char path[4096];
	struct fault f;

	if (dir == NULL || *dir == '\0')
		dir = "../shared/data";
	snprintf(path, sizeof(path), "%s/packets/%s", dir, name);
	if (file_slurp(path, 1 << 20, b, &f) == 0)
		return true;
	if (f.ex != EX_NOINPUT)
		fail_msg("%s", f.text);
	print_message("# SKIP %s\n", f.text);
	return false;
}

static size_t
base64(const char *s, uint8_t *out)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	int have = 0;
	size_t n = 0;

	for (const char *p; *s != '\0' && (p = strchr(set, *s)) != NULL; s++) {
		bits = bits << 6 | (uint32_t)(p - set);
		if ((have += 6) >= 8)
			out[n++] = (uint8_t)(bits >> (have -= 8));
	}
	return n;
}

static int64_t
price(const struct js *v)
{
	double d = -1;

	assert_int_equal(js_double(v, &d), 0);
	return llround(d * 1e7);
}

static int64_t
number(const struct js *v)
{
	int64_t n = -1;

	assert_int_equal(js_int(v, &n), 0);
	return n;
}

static int64_t
seconds(const struct js *v)
{
	int64_t us = -1;

	assert_non_null(js_str(v));
	assert_int_equal(clk_from_iso(js_str(v), &us), 0);
	return us / US_PER_SEC;
}

static void
same_quote(const struct tick *t, const struct js *j)
{
	const struct js *ohlc = js_get(j, "ohlc");

	assert_int_equal(t->token, number(js_get(j, "instrument_token")));
	assert_int_equal(t->price_e7, price(js_get(j, "last_price")));
	assert_int_equal(t->qty, number(js_get(j, "last_quantity")));
	assert_int_equal(t->avg_e7, price(js_get(j, "average_price")));
	assert_int_equal(t->volume, number(js_get(j, "volume")));
	assert_int_equal(t->buy_qty, number(js_get(j, "buy_quantity")));
	assert_int_equal(t->sell_qty, number(js_get(j, "sell_quantity")));
	assert_int_equal(t->open_e7, price(js_get(ohlc, "open")));
	assert_int_equal(t->high_e7, price(js_get(ohlc, "high")));
	assert_int_equal(t->low_e7, price(js_get(ohlc, "low")));
	assert_int_equal(t->close_e7, price(js_get(ohlc, "close")));
}

static void
same_side(const struct tick_level *side, const struct js *j)
{
	assert_int_equal(js_len(j), TICK_DEPTH);
	for (size_t i = 0; i < TICK_DEPTH; i++) {
		const struct js *l = js_at(j, i);

		assert_int_equal(side[i].price_e7, price(js_get(l, "price")));
		assert_int_equal(side[i].qty, number(js_get(l, "quantity")));
		assert_int_equal(side[i].orders, number(js_get(l, "orders")));
	}
}

/* One packet in base64 and the JSON published beside it; its tick into *t. */
static struct js *
published(const char *packet, const char *json, struct tick *t)
{
	struct buf a = { 0 }, b = { 0 };
	struct js *doc = NULL;
	uint8_t bytes[1024];
	struct fault f;

	if (shared(packet, &a) && shared(json, &b)) {
		assert_in_range(a.len, 1, sizeof(bytes));
		doc = js_parse(b.p, b.len, &f);
		assert_non_null(doc);
		assert_int_equal(kite_packet(bytes, base64(a.p, bytes), t),
		    KITE_TICK);
	}
	buf_free(&a);
	buf_free(&b);
	return doc;
}

static void
mock_full(void **state)
{
	struct tick t;
	struct js *j = published("kiteconnect-mocks/ticker_full.packet",
	    "kiteconnect-mocks/ticker_full.json", &t);
	const struct js *depth = js_get(j, "depth");

	(void)state;
	if (j == NULL)
		return;
	assert_int_equal(t.kind, TICK_FULL);
	same_quote(&t, j);
	/* There change is the difference in rupees. */
	assert_int_equal(t.price_e7 - t.close_e7, price(js_get(j, "change")));
	assert_int_equal(t.trade_s, seconds(js_get(j, "last_trade_time")));
	assert_int_equal(t.exch_s, seconds(js_get(j, "timestamp")));
	assert_int_equal(t.oi, number(js_get(j, "oi")));
	assert_int_equal(t.oi_high, number(js_get(j, "oi_day_high")));
	assert_int_equal(t.oi_low, number(js_get(j, "oi_day_low")));
	same_side(t.buy, js_get(depth, "buy"));
	same_side(t.sell, js_get(depth, "sell"));
	js_free(j);
}

static void
mock_quote(void **state)
{
	struct tick t;
	struct js *j = published("kiteconnect-mocks/ticker_quote.packet",
	    "kiteconnect-mocks/ticker_quote.json", &t);

	(void)state;
	if (j == NULL)
		return;
	/* Its "change" is that of ticker_full.json and cannot be this one's. */
	assert_int_equal(t.kind, TICK_QUOTE);
	same_quote(&t, j);
	js_free(j);
}

/* All fields; the struct has padding between oi_low and buy. */
static void
same_tick(const struct tick *a, const struct tick *b)
{
	assert_memory_equal(a, b, offsetof(struct tick, oi_low) + 4);
	assert_memory_equal(a->buy, b->buy, sizeof(a->buy));
	assert_memory_equal(a->sell, b->sell, sizeof(a->sell));
}

/*
 * Every shorter prefix of a good frame, in memory of just that size: no read
 * behind it, no tick that the whole frame does not have, an end that says so.
 */
static void
prefixes(const uint8_t *frame, size_t len)
{
	struct kite_frame k, whole;
	struct tick t, want;
	enum kite_rc rc;
	uint8_t *p;

	for (size_t n = 0; n < len; n++) {
		p = malloc(n > 0 ? n : 1);
		assert_non_null(p);
		memcpy(p, frame, n);
		rc = kite_begin(&k, p, n);
		assert_int_equal(rc, n == 0 ? KITE_CUT : n == 1 ?
		    KITE_HEARTBEAT : KITE_TICK);
		assert_int_equal(kite_begin(&whole, frame, len), KITE_TICK);
		if (rc == KITE_TICK) {
			memset(&t, 0, sizeof(t));
			memset(&want, 0, sizeof(want));
			while ((rc = kite_next(&k, &t)) > 0) {
				assert_int_equal(rc, kite_next(&whole, &want));
				same_tick(&t, &want);
			}
			assert_int_equal(rc, KITE_CUT);
			assert_int_equal(kite_next(&k, &t), KITE_CUT);
			assert_true(k.seen < k.count || n == 2);
		}
		free(p);
	}
}

/* The packets published without a frame, in one. */
static void
mocks_cut(void **state)
{
	static const char *const name[] = { "full", "quote" };
	uint8_t frame[4 + KITE_FULL_LEN] = { 0, 1 };
	struct buf b = { 0 };
	char file[80];

	(void)state;
	for (int i = 0; i < 2; i++) {
		snprintf(file, sizeof(file), "kiteconnect-mocks/ticker_%s.packet",
		    name[i]);
		buf_reset(&b);
		if (!shared(file, &b))
			break;
		assert_in_range(b.len, 1, KITE_FULL_LEN * 4 / 3 + 4);
		frame[3] = (uint8_t)base64(b.p, frame + 4);
		prefixes(frame, 4u + frame[3]);
	}
	buf_free(&b);
}

/* Framed packets as kiteconnectjs tests with; values read off the hex dump. */
static void
framed(void **state)
{
	static const char *const name[] = { "ltpMode", "quoteMode", "fullMode" };
	static const enum tick_kind kind[] = { TICK_LTP, TICK_QUOTE, TICK_FULL };
	struct kite_frame k;
	struct buf b = { 0 };
	struct tick t;
	char file[80];

	(void)state;
	for (int i = 0; i < 3; i++) {
		snprintf(file, sizeof(file), "kiteconnectjs/%s_binary.packet",
		    name[i]);
		buf_reset(&b);
		if (!shared(file, &b))
			break;
		assert_int_equal(kite_begin(&k, (uint8_t *)b.p, b.len),
		    KITE_TICK);
		assert_int_equal(k.count, 1);
		assert_int_equal(kite_next(&k, &t), KITE_TICK);
		assert_int_equal(t.kind, kind[i]);
		assert_int_equal(t.token, TATAMOTORS);
		assert_int_equal(t.price_e7, INT64_C(3929500000));
		if (i >= 1) {
			assert_int_equal(t.qty, 2);
			assert_int_equal(t.avg_e7, INT64_C(4030700000));
			assert_int_equal(t.volume, 22261032);
			assert_int_equal(t.buy_qty, 5617);
			assert_int_equal(t.sell_qty, 0);
			assert_int_equal(t.open_e7, INT64_C(4200000000));
			assert_int_equal(t.high_e7, INT64_C(4209000000));
			assert_int_equal(t.low_e7, INT64_C(3901000000));
			assert_int_equal(t.close_e7, INT64_C(4141000000));
		}
		if (i == 2) {
			assert_int_equal(t.trade_s, 1655375264);
			assert_int_equal(t.exch_s, 1655378328);
			assert_int_equal(t.buy[0].qty, 5617);
			assert_int_equal(t.buy[0].price_e7, INT64_C(3929500000));
			assert_int_equal(t.buy[0].orders, 30);
			assert_int_equal(t.buy[1].qty, 0);
			assert_int_equal(t.sell[0].orders, 0);
		}
		assert_int_equal(kite_next(&k, &t), KITE_END);
		prefixes((uint8_t *)b.p, b.len);
	}
	buf_free(&b);
}

/* ---- frames made here ---- */

struct frame {
	uint8_t	 p[4096];
	size_t	 len;
};

static void
add(struct frame *f, const void *p, size_t n)
{
	if (f->len == 0)
		f->len = 2;
	assert_true(f->len + 2 + n <= sizeof(f->p));
	f->p[f->len++] = (uint8_t)(n >> 8);
	f->p[f->len++] = (uint8_t)n;
	memcpy(f->p + f->len, p, n);
	f->len += n;
	if (++f->p[1] == 0)
		f->p[0]++;
}

/* A tick with every field different, of the fullest kind of its token. */
static struct tick
sample(uint32_t token)
{
	int64_t u = kite_unit_e7(token);
	struct tick t = {
		.token = token, .kind = TICK_FULL,
		.price_e7 = 2610525 * u, .open_e7 = 2600010 * u,
		.high_e7 = 2620020 * u, .low_e7 = 2590030 * u,
		.close_e7 = 2605000 * u,
	};

	if ((token & 0xff) == KITE_INDICES) {
		t.kind = TICK_INDEX_FULL;
		t.exch_s = 1795000000;
		return t;
	}
	t.avg_e7 = 2607777 * u;
	t.qty = 75;
	t.volume = 2548726310u;		/* of a real day, above 2^31 */
	t.buy_qty = 4000000001u;
	t.sell_qty = UINT32_MAX;
	t.trade_s = 1794999999;
	t.exch_s = 1795000000;
	t.oi = 3000000000u;
	t.oi_high = 3000000001u;
	t.oi_low = 7;
	for (uint32_t i = 0; i < TICK_DEPTH; i++) {
		t.buy[i] = (struct tick_level){ (2610500 - 5 * i) * u,
		    100 + i, 10 + i };
		t.sell[i] = (struct tick_level){ (2610550 + 5 * i) * u,
		    200 + i, 65531 + i };
	}
	return t;
}

static void
add_tick(struct frame *f, uint32_t token, enum tick_kind kind)
{
	struct tick t = sample(token);
	uint8_t p[KITE_FULL_LEN];

	add(f, p, kite_encode(p, &t, kind));
}

/* What is left of t in a smaller kind. */
static struct tick
cut_down(struct tick t, enum tick_kind kind)
{
	struct tick c = { .token = t.token, .kind = kind,
	    .price_e7 = t.price_e7 };

	if (kind == t.kind)
		return t;
	if (kind == TICK_LTP)
		return c;
	c.open_e7 = t.open_e7;
	c.high_e7 = t.high_e7;
	c.low_e7 = t.low_e7;
	c.close_e7 = t.close_e7;
	if (kind == TICK_QUOTE) {
		c.qty = t.qty;
		c.avg_e7 = t.avg_e7;
		c.volume = t.volume;
		c.buy_qty = t.buy_qty;
		c.sell_qty = t.sell_qty;
	}
	return c;
}

static void
round_trip(void **state)
{
	static const struct {
		uint32_t token;
		enum tick_kind kind;
		size_t	 len;
	} c[] = {
		{ INFY, TICK_FULL, 184 }, { INFY, TICK_QUOTE, 44 },
		{ INFY, TICK_LTP, 8 }, { 12602626, TICK_FULL, 184 },
		{ 0x010003, TICK_FULL, 184 }, { 0x010006, TICK_FULL, 184 },
		{ 0x010003, TICK_QUOTE, 44 }, { 0x010006, TICK_LTP, 8 },
		{ NIFTY, TICK_INDEX_FULL, 32 }, { NIFTY, TICK_INDEX_QUOTE, 28 },
		{ NIFTY, TICK_LTP, 8 }, { 265, TICK_INDEX_FULL, 32 },
	};
	uint8_t p[KITE_FULL_LEN];
	struct tick t, want;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++) {
		t = sample(c[i].token);
		want = cut_down(t, c[i].kind);
		n = kite_encode(p, &t, c[i].kind);
		assert_int_equal(n, c[i].len);
		memset(&t, 0, sizeof(t));
		assert_int_equal(kite_packet(p, n, &t), KITE_TICK);
		same_tick(&t, &want);
	}
	/* The mode of a tradable token asked of an index, and the reverse. */
	t = sample(NIFTY);
	assert_int_equal(kite_encode(p, &t, TICK_FULL), 32);
	assert_int_equal(kite_encode(p, &t, TICK_QUOTE), 28);
	t = sample(INFY);
	assert_int_equal(kite_encode(p, &t, TICK_INDEX_FULL), 184);
}

/* Index packets byte by byte: high, low, open, close; change is signed. */
static void
index_packet(void **state)
{
	static const uint8_t p[32] = {
		0x00, 0x03, 0xe9, 0x09,		/* 256265 */
		0x00, 0x27, 0xd5, 0x57,		/* 26105.19 */
		0x00, 0x27, 0xdb, 0x2f,		/* high 26120.15 */
		0x00, 0x27, 0xce, 0x78,		/* low 26087.60 */
		0x00, 0x27, 0xd2, 0xf7,		/* open 26099.11 */
		0x00, 0x27, 0xe3, 0x58,		/* close 26141.04 */
		0xff, 0xff, 0xf1, 0xff,		/* -35.85 */
		0x6a, 0xfd, 0x88, 0xc0		/* 1795000512 */
	};
	struct tick t, same;
	uint8_t q[KITE_FULL_LEN];

	(void)state;
	assert_int_equal(kite_packet(p, 32, &t), KITE_TICK);
	assert_int_equal(t.kind, TICK_INDEX_FULL);
	assert_int_equal(t.token, 256265);
	assert_int_equal(t.price_e7, INT64_C(261051900000));
	assert_int_equal(t.high_e7, INT64_C(261201500000));
	assert_int_equal(t.low_e7, INT64_C(260876000000));
	assert_int_equal(t.open_e7, INT64_C(260991100000));
	assert_int_equal(t.close_e7, INT64_C(261410400000));
	assert_int_equal(t.exch_s, 1795000512);
	assert_int_equal(kite_encode(q, &t, TICK_INDEX_FULL), 32);
	assert_int_equal(q[24], 0xff);
	assert_memory_equal(p, q, 24);
	assert_int_equal(kite_packet(p, 28, &same), KITE_TICK);
	assert_int_equal(same.kind, TICK_INDEX_QUOTE);
	assert_int_equal(same.exch_s, 0);
}

static void
divisors(void **state)
{
	static const struct {
		uint32_t segment;
		int64_t	 e7;		/* of the wire's 838512345 */
	} c[] = {
		{ KITE_NSE, INT64_C(83851234500000) },
		{ KITE_NFO, INT64_C(83851234500000) },
		{ KITE_CDS, INT64_C(838512345) },
		{ KITE_BSE, INT64_C(83851234500000) },
		{ KITE_BFO, INT64_C(83851234500000) },
		{ KITE_BCD, INT64_C(838512345000) },
		{ KITE_MCX, INT64_C(83851234500000) },
		{ KITE_INDICES, INT64_C(83851234500000) },
	};
	uint8_t p[8] = { 0, 1, 2, 0, 0x31, 0xfa, 0xae, 0xd9 };
	struct tick t;

	(void)state;
	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++) {
		p[3] = (uint8_t)c[i].segment;
		assert_int_equal(kite_packet(p, 8, &t), KITE_TICK);
		assert_int_equal(t.price_e7, c[i].e7);
	}
}

static void
unknown_lengths(void **state)
{
	static const size_t odd[] = { 0, 1, 4, 7, 9, 27, 29, 33, 43, 45, 164,
	    183, 185, 300 };
	struct frame f = { .len = 0 };
	struct kite_frame k;
	struct tick t;
	uint8_t junk[300];

	(void)state;
	memset(junk, 0x01, sizeof(junk));	/* a token of NSE */
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		add(&f, junk, odd[i]);
		add_tick(&f, INFY + (uint32_t)i * 256, TICK_LTP);
	}
	/* kinds that their token cannot have */
	add(&f, junk, 32);
	add(&f, junk, 28);
	junk[3] = KITE_INDICES;
	add(&f, junk, 44);
	add(&f, junk, 184);
	add_tick(&f, NIFTY, TICK_INDEX_FULL);
	assert_int_equal(kite_begin(&k, f.p, f.len), KITE_TICK);
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		assert_int_equal(kite_next(&k, &t), KITE_BAD);
		assert_int_equal(k.packet_len, odd[i]);
		assert_int_equal(kite_next(&k, &t), KITE_TICK);
		assert_int_equal(t.token, INFY + i * 256);
	}
	for (int i = 0; i < 4; i++)
		assert_int_equal(kite_next(&k, &t), KITE_BAD);
	assert_int_equal(kite_next(&k, &t), KITE_TICK);
	assert_int_equal(t.token, NIFTY);
	assert_int_equal(kite_next(&k, &t), KITE_END);
	assert_int_equal(k.bad, 4 + sizeof(odd) / sizeof(*odd));
	assert_int_equal(k.seen, k.count);
	prefixes(f.p, f.len);
}

/* The longest packet that a frame can have: no known one, and what is behind
 * it is read; a byte less and it is cut. */
static void
longest_packet(void **state)
{
	size_t len = 2 + 2 + 65535 + 2 + KITE_LTP_LEN;
	uint8_t *p = calloc(1, len);
	struct tick t = sample(INFY);
	struct kite_frame k;

	(void)state;
	assert_non_null(p);
	p[1] = 2;
	p[2] = p[3] = 0xff;
	p[4 + 65535 + 1] = KITE_LTP_LEN;
	kite_encode(p + 4 + 65535 + 2, &t, TICK_LTP);
	assert_int_equal(kite_begin(&k, p, len), KITE_TICK);
	assert_int_equal(kite_next(&k, &t), KITE_BAD);
	assert_int_equal(k.packet_len, 65535);
	assert_int_equal(kite_next(&k, &t), KITE_TICK);
	assert_int_equal(t.token, INFY);
	assert_int_equal(kite_next(&k, &t), KITE_END);
	assert_int_equal(kite_begin(&k, p, 4 + 65534), KITE_TICK);
	assert_int_equal(kite_next(&k, &t), KITE_CUT);
	assert_int_equal(k.seen, 0);
	free(p);
}

static void
lying_counts(void **state)
{
	struct frame f = { .len = 0 };
	struct kite_frame k;
	struct tick t;
	int ticks;
	enum kite_rc rc;

	(void)state;
	add_tick(&f, INFY, TICK_FULL);
	add_tick(&f, NIFTY, TICK_INDEX_FULL);
	add_tick(&f, TATAMOTORS, TICK_QUOTE);
	for (uint32_t count = 0; count <= 65535; count += count < 8 ? 1 : 8191) {
		f.p[0] = (uint8_t)(count >> 8);
		f.p[1] = (uint8_t)count;
		assert_int_equal(kite_begin(&k, f.p, f.len), KITE_TICK);
		for (ticks = 0; (rc = kite_next(&k, &t)) == KITE_TICK;)
			ticks++;
		assert_int_equal(ticks, count < 3 ? count : 3);
		assert_int_equal(rc, count == 3 ? KITE_END : KITE_CUT);
	}
	/* a length that reaches far behind the frame */
	f.p[1] = 3;
	f.p[2] = f.p[3] = 0xff;
	assert_int_equal(kite_begin(&k, f.p, f.len), KITE_TICK);
	assert_int_equal(kite_next(&k, &t), KITE_CUT);
	/* nothing in it, rightly and wrongly */
	assert_int_equal(kite_begin(&k, (const uint8_t *)"\0\0", 2), KITE_TICK);
	assert_int_equal(kite_next(&k, &t), KITE_END);
	assert_int_equal(kite_begin(&k, (const uint8_t *)"\0\1", 2), KITE_TICK);
	assert_int_equal(kite_next(&k, &t), KITE_CUT);
}

static void
all_kinds_cut(void **state)
{
	struct frame f = { .len = 0 };

	(void)state;
	add_tick(&f, INFY, TICK_LTP);
	add_tick(&f, NIFTY, TICK_INDEX_QUOTE);
	add_tick(&f, NIFTY, TICK_INDEX_FULL);
	add_tick(&f, INFY, TICK_QUOTE);
	add_tick(&f, 0x010003, TICK_FULL);
	add_tick(&f, INFY, TICK_FULL);
	prefixes(f.p, f.len);
}

/* One side of the depth, in memory of just that size, read in both ways. */
static void
depth_twins(void **state)
{
	struct tick_level plain[TICK_DEPTH], wide[TICK_DEPTH];
	uint8_t *p = malloc(SIDE_LEN);

	(void)state;
	assert_non_null(p);
	srand(1);
	for (int round = 0; round < 1000; round++) {
		int64_t unit = kite_unit_e7((uint32_t)round % 10);

		for (int i = 0; i < SIDE_LEN; i++)
			p[i] = round == 0 ? 0xff : (uint8_t)(rand() >> 8);
		memset(plain, 0, sizeof(plain));
		get_side(plain, p, unit);
#ifdef __x86_64__
		if (!__builtin_cpu_supports("ssse3"))
			break;
		memset(wide, 0x5a, sizeof(wide));
		get_side_ssse3(wide, p, unit);
		assert_memory_equal(wide, plain, sizeof(wide));
#endif
	}
	free(p);
}

static void
texts(void **state)
{
	static const uint32_t token[] = { 408065, 884737, 4294967295u };
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(kite_subscribe(&b, "subscribe", token, 3), 0);
	assert_string_equal(b.p,
	    "{\"a\":\"subscribe\",\"v\":[408065,884737,4294967295]}");
	assert_int_equal(kite_mode(&b, "full", token, 1), 0);
	assert_string_equal(b.p,
	    "{\"a\":\"subscribe\",\"v\":[408065,884737,4294967295]}"
	    "{\"a\":\"mode\",\"v\":[\"full\",[408065]]}");
	buf_free(&b);
}

/* Appends a packet of that kind and these times to a frame. */
static size_t
put_packet(uint8_t *frame, size_t len, enum tick_kind kind, uint32_t token,
    uint32_t exch_s, uint32_t trade_s)
{
	struct tick t = { .token = token, .kind = kind, .exch_s = exch_s,
	    .trade_s = trade_s, .price_e7 = 100 * 100000 };
	size_t n = kite_encode(frame + len + 2, &t, kind);

	frame[len] = 0;
	frame[len + 1] = (uint8_t)n;
	frame[1]++;
	return len + 2 + n;
}

static void
times_move_on(void **state)
{
	uint8_t frame[1000] = { 0 }, cut[1000];
	struct kite_frame k;
	struct tick t;
	size_t len = 2;

	(void)state;
	len = put_packet(frame, len, TICK_FULL, INFY, 5000, 4999);
	len = put_packet(frame, len, TICK_FULL, INFY, 1000, 999);
	len = put_packet(frame, len, TICK_INDEX_FULL, NIFTY, 5001, 0);
	len = put_packet(frame, len, TICK_LTP, INFY, 0, 0);
	len = put_packet(frame, len, TICK_FULL, INFY, 5002, 0);
	/* every shorter one: nothing behind its end is touched */
	for (size_t n = 0; n < len; n++) {
		memcpy(cut, frame, len);
		kite_move(cut, n, 1001, 60);
		assert_memory_equal(cut + n, frame + n, len - n);
	}
	kite_move(frame, len, 1001, 60);
	assert_int_equal(kite_begin(&k, frame, len), KITE_TICK);
	assert_int_equal(kite_next(&k, &t), KITE_TICK);
	assert_int_equal(t.exch_s, 5060);
	assert_int_equal(t.trade_s, 5059);
	assert_int_equal(t.price_e7, 100 * 100000);
	assert_int_equal(kite_next(&k, &t), KITE_TICK);
	assert_int_equal(t.exch_s, 1000);	/* another day's */
	assert_int_equal(t.trade_s, 999);
	assert_int_equal(kite_next(&k, &t), KITE_TICK);
	assert_int_equal(t.exch_s, 5061);
	assert_int_equal(kite_next(&k, &t), KITE_TICK);
	assert_int_equal(t.kind, TICK_LTP);
	assert_int_equal(kite_next(&k, &t), KITE_TICK);
	assert_int_equal(t.exch_s, 5062);
	assert_int_equal(t.trade_s, 0);
	assert_int_equal(kite_next(&k, &t), KITE_END);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test(mock_full),
		cmocka_unit_test(mock_quote),
		cmocka_unit_test(mocks_cut),
		cmocka_unit_test(framed),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(index_packet),
		cmocka_unit_test(divisors),
		cmocka_unit_test(unknown_lengths),
		cmocka_unit_test(longest_packet),
		cmocka_unit_test(lying_counts),
		cmocka_unit_test(all_kinds_cut),
		cmocka_unit_test(times_move_on),
		cmocka_unit_test(depth_twins),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
