/*
 * benchdecode - how fast packets become ticks, and ticks rows, on one core
 *
 *	benchdecode CAPTURE [OUT]
 *
 * Prints four numbers, in full ticks per second of CPU time: the decoder, a
 * plain loop that swaps the bytes of the same fields into a struct, decoder and
 * rows together (feed, with what it keeps of each instrument), and a plain loop
 * that writes the same rows.  All work on the frames of the capture, less the
 * packets that are no full ones.  Decoding goes over the first MB of them again
 * and again, as a frame that was just received is in the cache; rows are made of
 * all.  OUT becomes a capture of that first MB, for decoders in other languages.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "capture.h"
#include "clk.h"
#include "feed.h"
#include "msg.h"
#include "num.h"

enum {
	BYTES_MAX = 64 << 20,		/* of frames, */
	FIRST_BYTES = 1 << 20,		/* and of the first ones */
	FRAMES_MAX = 1 << 20,
	FLUSH = 64 * 1024,		/* rows that are kept, as in das-tick */
	COMPARED = 20000		/* rows that must be the same text */
};
static const double RUN_S = 0.5;	/* each is measured so long, at least */

static uint8_t *bytes;
static struct capture_frame frame[FRAMES_MAX];
static size_t frames, ticks;
static size_t first_frames, first_ticks;
static uint64_t sum;			/* of what was read, so that it is */

/* ---- the frames ---- */

/* Adds the full packets of a frame as a frame, at bytes + *used. */
static void
add_frame(const struct capture_frame *c, size_t *used)
{
	uint8_t *out = bytes + *used;
	struct kite_frame k;
	struct tick t;
	size_t n = 2, count = 0;

	if (kite_begin(&k, c->p, c->len) != KITE_TICK)
		return;
	while (kite_next(&k, &t) > KITE_END) {
		if (k.packet_len != KITE_FULL_LEN)
			continue;
		out[n] = 0;
		out[n + 1] = KITE_FULL_LEN;
		memcpy(out + n + 2, k.packet, KITE_FULL_LEN);
		n += 2 + KITE_FULL_LEN;
		count++;
	}
	if (count == 0)
		return;
	out[0] = (uint8_t)(count >> 8);
	out[1] = (uint8_t)count;
	frame[frames] = *c;
	frame[frames].p = out;
	frame[frames++].len = n;
	ticks += count;
	*used += n;
	if (*used <= FIRST_BYTES) {
		first_frames = frames;
		first_ticks = ticks;
	}
}

static void
load(const char *path)
{
	struct capture_r in;
	struct capture_frame c;
	struct fault f;
	size_t used = 0;

	if ((bytes = malloc(BYTES_MAX)) == NULL)
		msg_die(EX_TEMPFAIL, "frames");
	if (capture_r_open(&in, path, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	while (frames < FRAMES_MAX && capture_next(&in, &c, &f) == 1 &&
	    used + c.len <= BYTES_MAX)
		if (c.kind == CAPTURE_BINARY)
			add_frame(&c, &used);
	capture_r_close(&in);
	if (first_ticks == 0)
		msg_diex(EX_DATAERR, "%s: no full ticks", path);
}

static void
write_first(const char *path)
{
	struct capture_w out;
	struct fault f;

	if (capture_w_open(&out, path, 0, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	for (size_t i = 0; i < first_frames; i++)
		if (capture_put(&out, &frame[i], &f) != 0)
			msg_diex(f.ex, "%s", f.text);
	if (capture_w_close(&out, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

/* ---- the plain loops ---- */

struct plain {
	uint32_t token, price, qty, avg, volume, buy_qty, sell_qty;
	uint32_t open, high, low, close, trade_s, oi, oi_high, oi_low, exch_s;
	struct {
		uint32_t qty, price, orders;
	} level[2 * TICK_DEPTH];
};

static uint32_t
be32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap32(v);
}

static __attribute__((noinline)) void
plain_read(struct plain *t, const uint8_t *p)
{
	t->token = be32(p);
	t->price = be32(p + 4);
	t->qty = be32(p + 8);
	t->avg = be32(p + 12);
	t->volume = be32(p + 16);
	t->buy_qty = be32(p + 20);
	t->sell_qty = be32(p + 24);
	t->open = be32(p + 28);
	t->high = be32(p + 32);
	t->low = be32(p + 36);
	t->close = be32(p + 40);
	t->trade_s = be32(p + 44);
	t->oi = be32(p + 48);
	t->oi_high = be32(p + 52);
	t->oi_low = be32(p + 56);
	t->exch_s = be32(p + 60);
	p += 64;
	for (int i = 0; i < 2 * TICK_DEPTH; i++, p += 12) {
		t->level[i].qty = be32(p);
		t->level[i].price = be32(p + 4);
		t->level[i].orders = be32(p + 8) >> 16;
	}
}

/* The digits of v, a tab behind them. */
static char *
plain_int(char *p, uint64_t v)
{
	char digit[20];
	int n = 0;

	do
		digit[n++] = (char)('0' + v % 10);
	while ((v /= 10) > 0);
	while (n > 0)
		*p++ = digit[--n];
	*p++ = '\t';
	return p;
}

static char *
plain_price(char *p, uint32_t paise)
{
	p = plain_int(p, paise / 100);
	p[-1] = '.';
	*p++ = (char)('0' + paise / 10 % 10);
	*p++ = (char)('0' + paise % 10);
	*p++ = '\t';
	return p;
}

static char *
plain_change(char *p, const struct plain *t)
{
	int64_t diff = (int64_t)t->price - t->close;
	uint64_t v = ((uint64_t)(diff < 0 ? -diff : diff) * 1000000 +
	    t->close / 2) / (t->close != 0 ? t->close : 1);

	if (t->close == 0)
		return (char *)memcpy(p, "\\N\t", 3) + 3;
	if (diff < 0 && v > 0)
		*p++ = '-';
	p = plain_int(p, v / 10000);
	p[-1] = '.';
	for (uint32_t unit = 1000; unit > 0; unit /= 10)
		*p++ = (char)('0' + v / unit % 10);
	*p++ = '\t';
	return p;
}

/* The text of a second is made once, for ticks of one second follow. */
static char *
plain_time(char *p, uint32_t s)
{
	static struct { uint32_t s; char text[CLK_TEXT]; } seen[16];

	if (s == 0)
		return (char *)memcpy(p, "\\N\t", 3) + 3;
	if (seen[s % 16].s != s) {
		clk_to_ist_s(s, seen[s % 16].text);
		seen[s % 16].s = s;
	}
	memcpy(p, seen[s % 16].text, 19);
	p[19] = '\t';
	return p + 20;
}

/* head: recvTime to flag */
static __attribute__((noinline)) char *
plain_row(char *p, uint64_t seq, const char *head, const struct plain *t)
{
	p = plain_int(p, seq);
	p = stpcpy(p, head);
	p = plain_int(p, t->token);
	p = stpcpy(p, "\\N\t");
	p = plain_time(p, t->exch_s);
	p = plain_price(p, t->price);
	p = plain_int(p, t->qty);
	p = plain_price(p, t->avg);
	p = plain_int(p, t->volume);
	p = plain_int(p, t->buy_qty);
	p = plain_int(p, t->sell_qty);
	p = plain_price(p, t->open);
	p = plain_price(p, t->high);
	p = plain_price(p, t->low);
	p = plain_price(p, t->close);
	p = plain_change(p, t);
	p = plain_time(p, t->trade_s);
	p = plain_int(p, t->oi);
	p = plain_int(p, t->oi_high);
	p = plain_int(p, t->oi_low);
	for (int i = 0; i < 2 * TICK_DEPTH; i++) {
		p = plain_int(p, t->level[i].qty);
		p = plain_price(p, t->level[i].price);
		p = plain_int(p, t->level[i].orders);
	}
	p[-1] = '\n';
	return p;
}

/* Rows of frame i to out, which has room for them; their end. */
static char *
plain_rows(char *out, uint64_t *seq, size_t i)
{
	char head[CLK_TEXT + 16], at[CLK_TEXT];
	struct plain t;

	snprintf(head, sizeof(head), "%s\t%u\t-\t", clk_to_ist(frame[i].recv_us,
	    at), (unsigned)frame[i].conn);
	for (size_t n = 2; n < frame[i].len; n += 2 + KITE_FULL_LEN) {
		plain_read(&t, frame[i].p + n + 2);
		out = plain_row(out, ++*seq, head, &t);
	}
	return out;
}

/* ---- measuring ---- */

static void
once_decode(void)
{
	struct kite_frame k;
	struct tick t;

	for (size_t i = 0; i < first_frames; i++) {
		if (kite_begin(&k, frame[i].p, frame[i].len) != KITE_TICK)
			abort();
		while (kite_next(&k, &t) == KITE_TICK)
			sum += (uint64_t)t.sell[TICK_DEPTH - 1].price_e7;
	}
}

static void
once_plain(void)
{
	struct plain t;

	for (size_t i = 0; i < first_frames; i++)
		for (size_t n = 2; n < frame[i].len; n += 2 + KITE_FULL_LEN) {
			plain_read(&t, frame[i].p + n + 2);
			sum += t.level[2 * TICK_DEPTH - 1].price;
		}
}

static struct feed feed;

static void
once_rows(void)
{
	for (size_t i = 0; i < frames; i++) {
		if (feed_frame(&feed, &frame[i]) != 0)
			abort();
		if (feed.rows.len >= FLUSH) {
			sum += feed.rows.len;
			buf_reset(&feed.rows);
		}
	}
}

static char *room;			/* for FLUSH and the rows of a frame */

static void
once_plain_rows(void)
{
	uint64_t seq = 0;
	char *p = room;

	for (size_t i = 0; i < frames; i++) {
		p = plain_rows(p, &seq, i);
		if (p - room >= FLUSH) {
			sum += (uint64_t)(p - room);
			p = room;
		}
	}
}

/* Dies when a row of ours is another one than the plain loop's; the flag, of
 * which the latter knows nothing, is left out. */
static void
compare(void)
{
	uint64_t seq = 0;

	for (size_t i = 0; i < frames && seq < COMPARED; i++) {
		char *a, *b = room, *end = plain_rows(room, &seq, i);

		buf_reset(&feed.rows);
		if (feed_frame(&feed, &frame[i]) != 0)
			abort();
		for (a = feed.rows.p; b < end; a++, b++) {
			if (*a == *b)
				continue;
			if (*b != '-')
				msg_diex(EX_SOFTWARE, "rows differ: %.400s", a);
			a += strcspn(a, "\t") - 1;
		}
	}
	buf_reset(&feed.rows);
}

static double
cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double
per_second(void (*once)(void), size_t n)
{
	double start = cpu_now(), took;
	size_t done = 0;

	do {
		once();
		done += n;
	} while ((took = cpu_now() - start) < RUN_S);
	return (double)done / took;
}

int
main(int argc, char *argv[])
{
	struct fault f;
	size_t longest = 0;

	msg_init("benchdecode");
	if (argc < 2 || argc > 3)
		msg_diex(EX_USAGE, "usage: benchdecode capture [out]");
	load(argv[1]);
	if (argc == 3)
		write_first(argv[2]);
	for (size_t i = 0; i < frames; i++)
		if (frame[i].len > longest)
			longest = frame[i].len;
	room = malloc(FLUSH + longest / KITE_FULL_LEN * TICK_ROW_MAX);
	if (room == NULL || feed_init(&feed, NULL, &f) != 0)
		msg_die(EX_TEMPFAIL, "rows");
	compare();
	printf("%.0f", per_second(once_decode, first_ticks));
	printf(" %.0f", per_second(once_plain, first_ticks));
	printf(" %.0f", per_second(once_rows, ticks));
	printf(" %.0f\n", per_second(once_plain_rows, ticks));
	feed_free(&feed);
	free(room);
	free(bytes);
	return sum == 0;
}
