/*
 * mkcapture - make a raw capture, for the tests
 *
 *	mkcapture FILE <rows
 *	mkcapture FILE FRAMES TICKS
 *
 * From rows of time, connection, kind (b binary in hex, t text, o opened) and
 * bytes, with blanks between:  "2026-11-25T09:15:00.5+05:30 1 b 00010008..."
 * Or FRAMES frames of TICKS full packets of 2,500 options each, five frames a
 * second from 09:15:00 of 2026-11-25 on; the same every time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "clk.h"
#include "kite.h"
#include "msg.h"
#include "num.h"

enum { ROW_MAX = 65536, INSTRUMENTS = 2500 };

static struct capture_w out;

static void
put(const struct capture_frame *c)
{
	struct fault f;

	if (capture_put(&out, c, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

static size_t
from_hex(const char *s, uint8_t *to)
{
	unsigned v;
	size_t n = 0;

	for (; s[0] != '\0' && s[1] != '\0'; s += 2)
		if (sscanf(s, "%2x", &v) == 1)
			to[n++] = (uint8_t)v;
		else
			msg_diex(EX_DATAERR, "bad hex: %.20s", s);
	return n;
}

static void
from_rows(void)
{
	static char line[ROW_MAX], data[ROW_MAX];
	static uint8_t bytes[ROW_MAX];
	struct capture_frame c;
	char at[64], kind;
	unsigned conn;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		*data = '\0';
		if (sscanf(line, "%63s %u %c %65535[^\n]", at, &conn, &kind,
		    data) < 3 || clk_from_iso(at, &c.recv_us) != 0)
			msg_diex(EX_DATAERR, "bad row: %.60s", line);
		c.conn = conn;
		c.kind = kind == 'b' ? CAPTURE_BINARY : kind == 't' ?
		    CAPTURE_TEXT : CAPTURE_OPEN;
		c.p = kind == 'b' ? bytes : (uint8_t *)data;
		c.len = kind == 'b' ? from_hex(data, bytes) : strlen(data);
		put(&c);
	}
}

static uint32_t
dice(uint32_t sides)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 32) % sides;
}

static struct tick
option_tick(uint32_t exch_s)
{
	int64_t paise = 5 * (int64_t)(1000 + dice(200000)), unit = 100000;
	struct tick t = {
		.token = (10000 + dice(INSTRUMENTS)) << 8 | KITE_NFO,
		.kind = TICK_FULL, .price_e7 = paise * unit,
		.open_e7 = (paise - 35) * unit, .high_e7 = (paise + 70) * unit,
		.low_e7 = (paise - 95) * unit, .close_e7 = (paise - 50) * unit,
		.avg_e7 = (paise + dice(30)) * unit, .qty = 75 * dice(40),
		.volume = dice(300000000), .buy_qty = dice(3000000),
		.sell_qty = dice(3000000), .trade_s = exch_s - dice(5),
		.exch_s = exch_s, .oi = 75 * dice(1000000)
	};

	t.oi_high = t.oi + dice(10000);
	t.oi_low = t.oi - dice(t.oi + 1);
	for (int i = 0; i < TICK_DEPTH; i++) {
		t.buy[i] = (struct tick_level){ (paise - 5 - 5 * i) * unit,
		    75 * dice(100), 1 + dice(30) };
		t.sell[i] = (struct tick_level){ (paise + 5 + 5 * i) * unit,
		    75 * dice(100), 1 + dice(30) };
	}
	return t;
}

static void
generate(int64_t frames, int64_t ticks)
{
	static uint8_t frame[KITE_FRAME_MAX];
	struct capture_frame c = { .conn = 1, .kind = CAPTURE_BINARY,
	    .p = frame };
	struct tick t;
	int64_t start;

	if (clk_from_iso("2026-11-25T09:15:00+05:30", &start) != 0)
		abort();
	for (int64_t i = 0; i < frames; i++) {
		c.recv_us = start + i * 200 * US_PER_MS + 150 * US_PER_MS;
		frame[0] = (uint8_t)(ticks >> 8);
		frame[1] = (uint8_t)ticks;
		c.len = 2;
		for (int64_t k = 0; k < ticks; k++) {
			t = option_tick((uint32_t)(c.recv_us / US_PER_SEC));
			frame[c.len] = 0;
			frame[c.len + 1] = KITE_FULL_LEN;
			c.len += 2 + kite_encode(frame + c.len + 2, &t,
			    TICK_FULL);
		}
		put(&c);
	}
}

int
main(int argc, char *argv[])
{
	int64_t frames, ticks;
	struct fault f;

	msg_init("mkcapture");
	if (argc != 2 && argc != 4)
		msg_diex(EX_USAGE, "usage: mkcapture file [frames ticks]");
	unlink(argv[1]);
	if (capture_w_open(&out, argv[1], 0, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (argc == 2)
		from_rows();
	else if (num_i64(argv[2], 0, 10000000, &frames) == 0 &&
	    num_i64(argv[3], 0, 5000, &ticks) == 0)
		generate(frames, ticks);
	else
		msg_diex(EX_USAGE, "%s %s: no numbers of frames and ticks",
		    argv[2], argv[3]);
	if (capture_w_close(&out, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	return 0;
}
