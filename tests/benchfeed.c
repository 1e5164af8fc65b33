/*
 * benchfeed - a ticker of an exact pace, and how late its ticks are in the spool
 *
 *	benchfeed PORTFILE SPOOL DAY RATE SECONDS INSTRUMENTS
 *
 * Listens on a loopback port (PORTFILE: "http", tab, port) and, once a client
 * has subscribed, sends RATE full packets a second for SECONDS seconds: a frame
 * every 10 ms, as das-sim does at the clock's pace.  The tokens are
 * INSTRUMENTS of NFO, from 10000 << 8 on, in no order, with books that change.
 *
 * The first packet of every frame is of the token before these, and its volume
 * is the number of the frame.  What is measured for a frame: from the moment
 * (CLOCK_MONOTONIC) before this program hands it to the server module, which
 * writes it to the socket at once, to the moment after a reader of the spool
 * (spool.h, woken by inotify as das-follow is) was given the frame's first row.
 * So it is the time from the socket to the visible row and, in addition, our own
 * write to the socket and the reader's waking up.  Frames of the first second
 * are not counted: programs and files are young.
 *
 * Prints frames, frames never seen, and the latency in us: median, 99 %, 99.9 %,
 * the longest; with tabs.  Status 1: some frame was never seen.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "file.h"
#include "kite.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "serve.h"
#include "spool.h"

enum {
	FRAME_US = 10000,
	FRAMES_S = US_PER_SEC / FRAME_US,
	CLIENT_US = 20000000,		/* for a client to come */
	BEGIN_US = 1000000,		/* from the first message to the start */
	LATE_US = 5000000,		/* for the last rows */
	FIRST = 10000,			/* number of the first instrument */
	COL_TOKEN = 4, COL_VOLUME = 10	/* of a row, from 0 */
};

static const char *spool, *day;
static int64_t rate, seconds, instruments;
static size_t nframes;
static _Atomic int64_t *sent, *seen;	/* of each frame, clk_mono(); 0: not */
static atomic_bool done;
static struct serve_conn *client;
static int64_t asked;			/* clk_mono() of the first message */

/* ---- the reader ---- */

static const char *
column(const char *p, const char *end, int n)
{
	while (n-- > 0 && p != NULL)
		if ((p = memchr(p, '\t', (size_t)(end - p))) != NULL)
			p++;
	return p;
}

/* A row: the one that begins a frame says when that was seen. */
static void
look_at(const char *row, const char *end, int64_t now)
{
	static const char mark[] = "2559746\t";	/* FIRST - 1 << 8 | KITE_NFO */
	const char *p = column(row, end, COL_TOKEN);
	char *stop;
	unsigned long n;

	_Static_assert(((FIRST - 1) << 8 | KITE_NFO) == 2559746, "mark");
	if (p == NULL || strncmp(p, mark, sizeof(mark) - 1) != 0 ||
	    (p = column(row, end, COL_VOLUME)) == NULL)
		return;
	n = strtoul(p, &stop, 10);
	if (n < nframes && stop != p)
		seen[n] = now;
}

static void *
reader(void *arg)
{
	struct spool_r r;
	struct fault f;
	size_t n;
	char *p, *end, *nl;
	int rc;

	(void)arg;
	if (spool_r_open(&r, spool, day, "ticks", NULL, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	while (!done) {
		if ((rc = spool_r_next(&r, &p, &n, &f)) == 0)
			spool_r_wait(&r, 100);
		if (rc < 0)
			msg_diex(f.ex, "%s", f.text);
		if (rc != 1)
			continue;
		int64_t now = clk_mono();

		for (end = p + n; p < end; p = nl + 1) {
			nl = memchr(p, '\n', (size_t)(end - p));
			look_at(p, nl, now);
		}
	}
	spool_r_close(&r);
	return NULL;
}

/* ---- the ticker ---- */

static uint32_t
dice(uint32_t sides)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 32) % sides;
}

static void
fill(struct tick *t)
{
	int64_t paise = 5 * (int64_t)(1000 + dice(200000)), unit = 100000;

	t->token = (FIRST + dice((uint32_t)instruments)) << 8 | KITE_NFO;
	t->kind = TICK_FULL;
	t->price_e7 = paise * unit;
	t->open_e7 = (paise - 35) * unit;
	t->high_e7 = (paise + 70) * unit;
	t->low_e7 = (paise - 95) * unit;
	t->close_e7 = (paise - 50) * unit;
	t->avg_e7 = (paise + dice(30)) * unit;
	t->qty = 75 * dice(40);
	t->volume = dice(300000000);
	t->buy_qty = dice(3000000);
	t->sell_qty = dice(3000000);
	t->exch_s = (uint32_t)(clk_now() / US_PER_SEC);
	t->trade_s = t->exch_s - dice(5);
	t->oi = 75 * dice(1000000);
	t->oi_high = t->oi + dice(10000);
	t->oi_low = t->oi - dice(t->oi + 1);
	for (int i = 0; i < TICK_DEPTH; i++) {
		t->buy[i] = (struct tick_level){ (paise - 5 - 5 * i) * unit,
		    75 * dice(100), 1 + dice(30) };
		t->sell[i] = (struct tick_level){ (paise + 5 + 5 * i) * unit,
		    75 * dice(100), 1 + dice(30) };
	}
}

static size_t
make_frame(uint8_t *frame, size_t number, int64_t packets)
{
	struct tick t;
	size_t len = 2;

	frame[0] = (uint8_t)(packets >> 8);
	frame[1] = (uint8_t)packets;
	for (int64_t i = 0; i < packets; i++) {
		fill(&t);
		if (i == 0) {
			t.token = (FIRST - 1) << 8 | KITE_NFO;
			t.volume = (uint32_t)number;
		}
		frame[len] = 0;
		frame[len + 1] = KITE_FULL_LEN;
		len += 2 + kite_encode(frame + len + 2, &t, TICK_FULL);
	}
	return len;
}

static void
turn(struct serve *s, int64_t us)
{
	if (serve_turn(s, us <= 0 ? 0 : (int)((us + 999) / 1000)) != 0)
		msg_diex(EX_OSERR, "the server gave up");
}

static void
send_all(struct serve *s)
{
	static uint8_t frame[KITE_FRAME_MAX];
	int64_t begin = clk_mono(), wait;

	for (size_t i = 0; i < nframes; i++) {
		size_t len = make_frame(frame, i, rate / FRAMES_S);

		while ((wait = begin + (int64_t)i * FRAME_US - clk_mono()) > 0)
			turn(s, wait);
		if (client == NULL)
			msg_diex(EX_TEMPFAIL, "the client went");
		sent[i] = clk_mono();
		if (serve_send(client, SERVE_BINARY, frame, len, 0) != 0)
			msg_die(EX_TEMPFAIL, "frame %zu", i);
		turn(s, 0);
	}
}

static void
opened(struct serve_conn *c, void *arg)
{
	(void)arg;
	client = c;
}

static void
closed(struct serve_conn *c, void *arg)
{
	(void)arg;
	if (client == c)
		client = NULL;
}

static void
message(struct serve_conn *c, enum serve_kind kind, const char *p, size_t n,
    void *arg)
{
	(void)c, (void)kind, (void)p, (void)n, (void)arg;
	if (asked == 0)
		asked = clk_mono();
}

static void
request(struct serve_conn *c, const struct serve_req *q, void *arg)
{
	const struct serve_reply r = { .status = 404 };

	(void)q, (void)arg;
	serve_answer(c, &r);
}

static struct serve *
open_server(const char *port_file)
{
	const struct serve_spec spec = {
		.calls = { .request = request, .opened = opened,
		    .message = message, .closed = closed },
		.conns_max = 8, .body_max = 1024, .message_max = 1 << 20,
		.queue_max = 8 << 20,
	};
	struct serve *s;
	struct fault f;
	char text[40];
	int port;

	if (serve_open(&s, &spec, &f) != 0 ||
	    serve_http(s, "127.0.0.1", 0, &port, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	snprintf(text, sizeof(text), "http\t%d\n", port);
	if (file_put(port_file, 0644, text, strlen(text), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	return s;
}

/* ---- the verdict ---- */

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Gives how many were never seen. */
static size_t
report(void)
{
	int64_t *us = calloc(nframes, sizeof(*us));
	size_t n = 0, lost = 0;

	if (us == NULL)
		msg_die(EX_OSERR, "report");
	for (size_t i = 0; i < nframes; i++) {
		lost += seen[i] == 0;
		if (seen[i] != 0 && i >= FRAMES_S)
			us[n++] = seen[i] - sent[i];
	}
	if (n == 0)
		msg_diex(EX_SOFTWARE, "no frame was seen");
	qsort(us, n, sizeof(*us), by_size);
	printf("%zu\t%zu\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64
	    "\n", nframes, lost, us[n / 2], us[n * 99 / 100],
	    us[n * 999 / 1000], us[n - 1]);
	free(us);
	return lost;
}

int
main(int argc, char *argv[])
{
	struct serve *s;
	pthread_t thread;
	size_t lost;
	int64_t end;

	opt_init("benchfeed", "portfile spool day rate seconds instruments");
	if (argc != 7 || num_i64(argv[4], FRAMES_S, 500000, &rate) != 0 ||
	    num_i64(argv[5], 2, 3600, &seconds) != 0 ||
	    num_i64(argv[6], 1, 9000, &instruments) != 0)
		opt_usage();
	spool = argv[2];
	day = argv[3];
	nframes = (size_t)seconds * FRAMES_S;
	if ((sent = calloc(nframes, sizeof(*sent))) == NULL ||
	    (seen = calloc(nframes, sizeof(*seen))) == NULL ||
	    pthread_create(&thread, NULL, reader, NULL) != 0)
		msg_die(EX_OSERR, "benchfeed");
	s = open_server(argv[1]);
	end = clk_mono() + CLIENT_US;
	while (asked == 0 || clk_mono() < asked + BEGIN_US) {
		if (asked == 0 && clk_mono() > end)
			msg_diex(EX_TEMPFAIL, "nobody subscribes");
		turn(s, 50000);
	}
	send_all(s);
	for (end = clk_mono() + LATE_US; seen[nframes - 1] == 0 &&
	    clk_mono() < end; )
		turn(s, 50000);
	done = true;
	pthread_join(thread, NULL);
	lost = report();
	msg_close_stdout();
	serve_close(s);
	return lost > 0;
}
