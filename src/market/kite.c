#include <endian.h>
#include <stdbool.h>
#include <string.h>
#ifdef __x86_64__
#include <tmmintrin.h>
#endif

#include "buf.h"
#include "kite.h"

/*
 * Offsets of the fields in a packet; all are u32 but where it is said.
 * Source: Kite Connect 3 documentation, "WebSocket streaming", and
 * pykiteconnect kiteconnect/ticker.py _parse_binary(); checked against the
 * packets published in kiteconnect-mocks and kiteconnectjs (tests/kite.c).
 */
enum {				/* every kind */
	ALL_TOKEN	=   0,	/* its low byte is the segment */
	ALL_PRICE	=   4	/* last price, in 1/divisor rupee, as all prices */
};
enum {				/* 28 and 32 bytes: an index; H, L, O, C! */
	INDEX_HIGH	=   8,
	INDEX_LOW	=  12,
	INDEX_OPEN	=  16,
	INDEX_CLOSE	=  20,	/* of the previous day */
	INDEX_CHANGE	=  24,	/* i32, price - close; not read: we know both */
	INDEX_EXCH_S	=  28	/* 32 only: exchange time, s since the epoch */
};
enum {				/* 44 and 184 bytes; O, H, L, C */
	QUOTE_QTY	=   8,	/* last traded quantity */
	QUOTE_AVG	=  12,	/* average traded price of the day */
	QUOTE_VOLUME	=  16,	/* of the day; passes 2^31 on real days */
	QUOTE_BUY	=  20,	/* total quantity that wants to buy, */
	QUOTE_SELL	=  24,	/* to sell */
	QUOTE_OPEN	=  28,
	QUOTE_HIGH	=  32,
	QUOTE_LOW	=  36,
	QUOTE_CLOSE	=  40,	/* of the previous day */
	FULL_TRADE_S	=  44,	/* 184 only, as what follows: last trade */
	FULL_OI		=  48,
	FULL_OI_HIGH	=  52,
	FULL_OI_LOW	=  56,
	FULL_EXCH_S	=  60,	/* exchange time, s since the epoch */
	FULL_DEPTH	=  64	/* 5 levels to buy, then 5 to sell: */
};
enum {				/* one level of the depth, 12 bytes */
	LEVEL_QTY	=   0,
	LEVEL_PRICE	=   4,
	LEVEL_ORDERS	=   8,	/* u16, then two bytes of nothing */
	LEVEL_LEN	=  12,
	SIDE_LEN	= LEVEL_LEN * TICK_DEPTH
};

static inline uint32_t
get16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t
get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

int64_t
kite_unit_e7(uint32_t token)
{
	switch (token & 0xff) {
	case KITE_CDS:
		return 1;
	case KITE_BCD:
		return 1000;
	default:
		return 100000;
	}
}

/* ---- in ---- */

static void
get_index(struct tick *t, const uint8_t *p, int64_t unit)
{
	t->high_e7 = get32(p + INDEX_HIGH) * unit;
	t->low_e7 = get32(p + INDEX_LOW) * unit;
	t->open_e7 = get32(p + INDEX_OPEN) * unit;
	t->close_e7 = get32(p + INDEX_CLOSE) * unit;
}

static inline void
get_quote(struct tick *t, const uint8_t *p, int64_t unit)
{
	t->qty = get32(p + QUOTE_QTY);
	t->avg_e7 = get32(p + QUOTE_AVG) * unit;
	t->volume = get32(p + QUOTE_VOLUME);
	t->buy_qty = get32(p + QUOTE_BUY);
	t->sell_qty = get32(p + QUOTE_SELL);
	t->open_e7 = get32(p + QUOTE_OPEN) * unit;
	t->high_e7 = get32(p + QUOTE_HIGH) * unit;
	t->low_e7 = get32(p + QUOTE_LOW) * unit;
	t->close_e7 = get32(p + QUOTE_CLOSE) * unit;
}

static inline void
get_level(struct tick_level *l, const uint8_t *p, int64_t unit)
{
	l->price_e7 = get32(p + LEVEL_PRICE) * unit;
	l->qty = get32(p + LEVEL_QTY);
	l->orders = get16(p + LEVEL_ORDERS);
}

static void
get_side(struct tick_level *side, const uint8_t *p, int64_t unit)
{
	for (int i = 0; i < TICK_DEPTH; i++)
		get_level(&side[i], p + i * LEVEL_LEN, unit);
}

#ifdef __x86_64__
/*
 * The same for processors with SSSE3, which can put the bytes of a level where
 * struct tick_level has them in one instruction: one shuffle for the price, one
 * for the rest; -1 is a byte of zeros.  It reads 16 bytes where a level has 12,
 * so the last one is left to get_level(), and no byte behind the side is read.
 */
__attribute__((target("ssse3"))) static void
get_side_ssse3(struct tick_level *side, const uint8_t *p, int64_t unit)
{
	const __m128i price = _mm_setr_epi8(7, 6, 5, 4, -1, -1, -1, -1,
	    -1, -1, -1, -1, -1, -1, -1, -1);
	const __m128i rest = _mm_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1,
	    3, 2, 1, 0, 9, 8, -1, -1);
	const __m128i times = _mm_cvtsi64_si128(unit);	/* below 2^32 */

	for (int i = 0; i < TICK_DEPTH - 1; i++) {
		__m128i x = _mm_loadu_si128((const void *)(p + i * LEVEL_LEN));

		_mm_storeu_si128((void *)&side[i], _mm_or_si128(
		    _mm_mul_epu32(_mm_shuffle_epi8(x, price), times),
		    _mm_shuffle_epi8(x, rest)));
	}
	get_level(&side[TICK_DEPTH - 1], p + (TICK_DEPTH - 1) * LEVEL_LEN,
	    unit);
}
_Static_assert(offsetof(struct tick_level, price_e7) == 0 &&
    offsetof(struct tick_level, qty) == 8 &&
    offsetof(struct tick_level, orders) == 12 &&
    sizeof(struct tick_level) == 16, "get_side_ssse3() knows the layout");
#endif

static inline void
get_depth(struct tick *t, const uint8_t *p, int64_t unit)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("ssse3")) {
		get_side_ssse3(t->buy, p, unit);
		get_side_ssse3(t->sell, p + SIDE_LEN, unit);
		return;
	}
#endif
	get_side(t->buy, p, unit);
	get_side(t->sell, p + SIDE_LEN, unit);
}

static void
get_full(struct tick *t, const uint8_t *p, int64_t unit)
{
	get_quote(t, p, unit);
	t->trade_s = get32(p + FULL_TRADE_S);
	t->oi = get32(p + FULL_OI);
	t->oi_high = get32(p + FULL_OI_HIGH);
	t->oi_low = get32(p + FULL_OI_LOW);
	t->exch_s = get32(p + FULL_EXCH_S);
	get_depth(t, p + FULL_DEPTH, unit);
}

/*
 * The length was checked against the kind before a field is read, and no field
 * lies behind it: that is the bound of every get32() here.
 */
enum kite_rc
kite_packet(const uint8_t *p, size_t len, struct tick *t)
{
	uint32_t token;
	int64_t unit;
	bool index;

	if (len < KITE_LTP_LEN)
		return KITE_BAD;
	token = get32(p + ALL_TOKEN);
	unit = kite_unit_e7(token);
	index = (token & 0xff) == KITE_INDICES;
	if (len == KITE_FULL_LEN && !index) {	/* nearly all: fills all of t */
		t->kind = TICK_FULL;
		get_full(t, p, unit);
	} else if (len == KITE_LTP_LEN) {
		*t = (struct tick){ .kind = TICK_LTP };
	} else if (len == KITE_QUOTE_LEN && !index) {
		*t = (struct tick){ .kind = TICK_QUOTE };
		get_quote(t, p, unit);
	} else if (len == KITE_INDEX_QUOTE_LEN && index) {
		*t = (struct tick){ .kind = TICK_INDEX_QUOTE };
		get_index(t, p, unit);
	} else if (len == KITE_INDEX_FULL_LEN && index) {
		*t = (struct tick){ .kind = TICK_INDEX_FULL };
		get_index(t, p, unit);
		t->exch_s = get32(p + INDEX_EXCH_S);
	} else {
		return KITE_BAD;
	}
	t->token = token;
	t->price_e7 = get32(p + ALL_PRICE) * unit;
	return KITE_TICK;
}

enum kite_rc
kite_begin(struct kite_frame *k, const uint8_t *frame, size_t len)
{
	*k = (struct kite_frame){ .p = frame, .end = frame + len };
	if (len < 2)
		return len == 1 ? KITE_HEARTBEAT : KITE_CUT;
	k->count = get16(frame);
	k->p += 2;
	return KITE_TICK;
}

enum kite_rc
kite_next(struct kite_frame *k, struct tick *t)
{
	uint32_t len;

	if (k->seen == k->count)
		return k->p == k->end ? KITE_END : KITE_CUT;
	if (k->end - k->p < 2)
		return KITE_CUT;
	len = get16(k->p);
	if ((size_t)(k->end - k->p) - 2 < len)
		return KITE_CUT;
	k->packet = k->p + 2;
	k->packet_len = len;
	k->p += 2 + len;
	k->seen++;
	if (kite_packet(k->packet, len, t) == KITE_TICK)
		return KITE_TICK;
	k->bad++;
	return KITE_BAD;
}

/* ---- out ---- */

static void
put_index(uint8_t *p, const struct tick *t, int64_t unit)
{
	put32(p + INDEX_HIGH, (uint32_t)(t->high_e7 / unit));
	put32(p + INDEX_LOW, (uint32_t)(t->low_e7 / unit));
	put32(p + INDEX_OPEN, (uint32_t)(t->open_e7 / unit));
	put32(p + INDEX_CLOSE, (uint32_t)(t->close_e7 / unit));
	put32(p + INDEX_CHANGE, (uint32_t)((t->price_e7 - t->close_e7) / unit));
}

static void
put_quote(uint8_t *p, const struct tick *t, int64_t unit)
{
	put32(p + QUOTE_QTY, t->qty);
	put32(p + QUOTE_AVG, (uint32_t)(t->avg_e7 / unit));
	put32(p + QUOTE_VOLUME, t->volume);
	put32(p + QUOTE_BUY, t->buy_qty);
	put32(p + QUOTE_SELL, t->sell_qty);
	put32(p + QUOTE_OPEN, (uint32_t)(t->open_e7 / unit));
	put32(p + QUOTE_HIGH, (uint32_t)(t->high_e7 / unit));
	put32(p + QUOTE_LOW, (uint32_t)(t->low_e7 / unit));
	put32(p + QUOTE_CLOSE, (uint32_t)(t->close_e7 / unit));
}

static uint8_t *
put_side(uint8_t *p, const struct tick_level *side, int64_t unit)
{
	for (int i = 0; i < TICK_DEPTH; i++, p += LEVEL_LEN) {
		put32(p + LEVEL_QTY, side[i].qty);
		put32(p + LEVEL_PRICE, (uint32_t)(side[i].price_e7 / unit));
		put16(p + LEVEL_ORDERS, side[i].orders);
		put16(p + LEVEL_ORDERS + 2, 0);
	}
	return p;
}

static void
put_full(uint8_t *p, const struct tick *t, int64_t unit)
{
	put_quote(p, t, unit);
	put32(p + FULL_TRADE_S, t->trade_s);
	put32(p + FULL_OI, t->oi);
	put32(p + FULL_OI_HIGH, t->oi_high);
	put32(p + FULL_OI_LOW, t->oi_low);
	put32(p + FULL_EXCH_S, t->exch_s);
	p = put_side(p + FULL_DEPTH, t->buy, unit);
	put_side(p, t->sell, unit);
}

/* The kind that this token has in the same mode. */
static enum tick_kind
kind_for(uint32_t token, enum tick_kind kind)
{
	bool index = (token & 0xff) == KITE_INDICES;

	switch (kind) {
	case TICK_QUOTE:
	case TICK_INDEX_QUOTE:
		return index ? TICK_INDEX_QUOTE : TICK_QUOTE;
	case TICK_FULL:
	case TICK_INDEX_FULL:
		return index ? TICK_INDEX_FULL : TICK_FULL;
	default:
		return TICK_LTP;
	}
}

size_t
kite_encode(uint8_t *out, const struct tick *t, enum tick_kind kind)
{
	int64_t unit = kite_unit_e7(t->token);

	put32(out + ALL_TOKEN, t->token);
	put32(out + ALL_PRICE, (uint32_t)(t->price_e7 / unit));
	switch (kind_for(t->token, kind)) {
	case TICK_INDEX_QUOTE:
		put_index(out, t, unit);
		return KITE_INDEX_QUOTE_LEN;
	case TICK_INDEX_FULL:
		put_index(out, t, unit);
		put32(out + INDEX_EXCH_S, t->exch_s);
		return KITE_INDEX_FULL_LEN;
	case TICK_QUOTE:
		put_quote(out, t, unit);
		return KITE_QUOTE_LEN;
	case TICK_FULL:
		put_full(out, t, unit);
		return KITE_FULL_LEN;
	default:
		return KITE_LTP_LEN;
	}
}

/* ---- another time ---- */

static void
move(uint8_t *p, uint32_t from_s, uint32_t by_s)
{
	uint32_t s = get32(p);

	if (s >= from_s)
		put32(p, s + by_s);
}

void
kite_move(uint8_t *frame, size_t len, uint32_t from_s, uint32_t by_s)
{
	uint8_t *p = frame + 2, *end = frame + len;
	uint32_t left = len < 2 ? 0 : get16(frame), n;

	for (; left > 0 && end - p >= 2; left--, p += n) {
		n = get16(p);
		p += 2;
		if (end - p < (ptrdiff_t)n)
			break;
		if (n == KITE_FULL_LEN) {
			move(p + FULL_TRADE_S, from_s, by_s);
			move(p + FULL_EXCH_S, from_s, by_s);
		} else if (n == KITE_INDEX_FULL_LEN) {
			move(p + INDEX_EXCH_S, from_s, by_s);
		}
	}
}

/* ---- text ---- */

/* Takes back what was added since the length was len, for "as before". */
static int
undo(struct buf *b, size_t len)
{
	b->len = len;
	if (b->p != NULL)
		b->p[len] = '\0';
	return -1;
}

static int
add_tokens(struct buf *b, const uint32_t *token, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (buf_addf(b, "%s%u", i > 0 ? "," : "",
		    (unsigned)token[i]) != 0)
			return -1;
	return 0;
}

int
kite_subscribe(struct buf *b, const char *action, const uint32_t *token,
    size_t n)
{
	size_t len = b->len;

	if (buf_addf(b, "{\"a\":\"%s\",\"v\":[", action) != 0 ||
	    add_tokens(b, token, n) != 0 || buf_adds(b, "]}") != 0)
		return undo(b, len);
	return 0;
}

int
kite_mode(struct buf *b, const char *mode, const uint32_t *token, size_t n)
{
	size_t len = b->len;

	if (buf_addf(b, "{\"a\":\"mode\",\"v\":[\"%s\",[", mode) != 0 ||
	    add_tokens(b, token, n) != 0 || buf_adds(b, "]]}") != 0)
		return undo(b, len);
	return 0;
}
