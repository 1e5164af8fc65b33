/*
 * seed - frames of the ticker for the targets to begin with
 */
#include <stdbool.h>
#include <string.h>

#include "file.h"
#include "fuzz.h"
#include "kite.h"

enum { INFY = 408065, NIFTY = 256265, USDINR = 0x010003, BCD = 0x010006,
	NOW_S = 1795578300 };

FILE *
fuzz_stream(const void *p, size_t n)
{
	FILE *in = n > 0 ? fmemopen((void *)(uintptr_t)p, n, "r") :
	    fopen("/dev/null", "r");

	MUST(in != NULL);
	return in;
}

static struct tick
sample(uint32_t token, uint32_t exch_s)
{
	int64_t u = kite_unit_e7(token);
	struct tick t = { .token = token, .kind = TICK_FULL,
	    .price_e7 = 2610525 * u, .open_e7 = 2600010 * u,
	    .high_e7 = 2620020 * u, .low_e7 = 2590030 * u,
	    .close_e7 = 2605000 * u, .avg_e7 = 2607777 * u, .qty = 75,
	    .volume = 2548726310u, .buy_qty = 4000000001u,
	    .sell_qty = UINT32_MAX, .trade_s = exch_s, .exch_s = exch_s,
	    .oi = 3000000000u, .oi_high = 3000000001u, .oi_low = 7 };

	for (uint32_t i = 0; i < TICK_DEPTH; i++) {
		t.buy[i] = (struct tick_level){ (2610500 - 5 * i) * u,
		    100 + i, 10 + i };
		t.sell[i] = (struct tick_level){ (2610550 + 5 * i) * u,
		    200 + i, 65531 + i };
	}
	return t;
}

/* Appends a packet to a frame and counts it there. */
static void
put(struct buf *b, uint32_t token, enum tick_kind kind, uint32_t exch_s)
{
	struct tick t = sample(token, exch_s);
	uint8_t p[2 + KITE_FULL_LEN] = { 0 };
	size_t n = kite_encode(p + 2, &t, kind);

	p[1] = (uint8_t)n;
	if (b->len == 0)
		MUST(buf_add(b, "\0\0", 2) == 0);
	MUST(buf_add(b, p, n + 2) == 0);
	b->p[1]++;
}

static void
give(fuzz_add *add, struct buf *b)
{
	add(b->p, b->len);
	buf_reset(b);
}

static void
made(fuzz_add *add)
{
	static const uint32_t token[] = { INFY, NIFTY, USDINR, BCD };
	static const uint32_t times[] = { 0, 1, NOW_S, NOW_S - 1, UINT32_MAX };
	struct buf b = { 0 };

	add("", 0);
	add("\0", 1);				/* a heartbeat */
	add("\0\0", 2);
	for (size_t i = 0; i < 4; i++)
		for (int kind = TICK_LTP; kind <= TICK_FULL; kind++) {
			put(&b, token[i], (enum tick_kind)kind, NOW_S);
			give(add, &b);
		}
	for (size_t i = 0; i < 5; i++) {	/* forth and back in time */
		put(&b, INFY, TICK_FULL, times[i]);
		put(&b, NIFTY, TICK_FULL, times[i]);
	}
	give(add, &b);
	for (uint32_t i = 0; i < 8; i++)
		put(&b, INFY + 256 * i, i % 2 ? TICK_QUOTE : TICK_FULL, NOW_S);
	add(b.p, b.len);
	b.p[1]++;				/* more than there are */
	add(b.p, b.len);
	b.p[0] = b.p[1] = (char)0xff;
	add(b.p, b.len);
	b.p[0] = 0;
	b.p[1] = 3;				/* and fewer */
	add(b.p, b.len);
	b.p[1] = 8;
	b.p[2] = b.p[3] = (char)0xff;		/* a length behind the end */
	add(b.p, b.len);
	b.p[2] = b.p[3] = 0;			/* and of nothing */
	add(b.p, b.len);
	buf_free(&b);
}

/* ---- the packets that were published ---- */

static bool
slurp(const char *name, struct buf *b)
{
	const char *dir = getenv("SHARED");
	char path[4096];

	snprintf(path, sizeof(path), "%s/packets/%s", dir != NULL &&
	    *dir != '\0' ? dir : "../shared/data", name);
	return file_slurp(path, 1 << 20, b, NULL) == 0;
}

static size_t
base64(const char *s, char *out, size_t max)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	int have = 0;
	size_t n = 0;

	for (const char *p; n < max && *s != '\0' &&
	    (p = strchr(set, *s)) != NULL; s++) {
		bits = bits << 6 | (uint32_t)(p - set);
		if ((have += 6) >= 8)
			out[n++] = (char)(bits >> (have -= 8));
	}
	return n;
}

static void
published(fuzz_add *add)
{
	static const char *const whole[] = {
		"kiteconnectjs/ltpMode_binary.packet",
		"kiteconnectjs/quoteMode_binary.packet",
		"kiteconnectjs/fullMode_binary.packet"
	}, *const packet[] = {			/* one packet, in base64 */
		"kiteconnect-mocks/ticker_full.packet",
		"kiteconnect-mocks/ticker_quote.packet"
	};
	struct buf b = { 0 };
	char frame[4 + 255] = { 0, 1 };

	for (size_t i = 0; i < 3; i++, buf_reset(&b))
		if (slurp(whole[i], &b))
			add(b.p, b.len);
	for (size_t i = 0; i < 2; i++, buf_reset(&b))
		if (slurp(packet[i], &b)) {
			frame[3] = (char)base64(b.p, frame + 4, 255);
			add(frame, 4 + (size_t)(uint8_t)frame[3]);
		}
	buf_free(&b);
}

void
seed_frames(fuzz_add *add)
{
	made(add);
	published(add);
}
