/*
 * wsclient - a plain client of the ticker, for the tests
 *
 *	wsclient URL SECONDS [WORD...]
 *
 * Connects, does what the words say one after the other, and prints what comes
 * until SECONDS (real) are over or the connection ends, a line each:
 *
 *	text	DATA
 *	beat
 *	frame	BYTES	PACKETS
 *	tick	TOKEN	KIND	PRICE_E7	EXCHANGE_SECOND	VOLUME
 *
 * Words: wait=MS (goes on with the next then), ticks=N (when N came in all),
 * texts=N (likewise), end (stops at once), sleep=MS (reads nothing
 * meanwhile), quiet (prints only sums: frames, ticks, bytes), raw=FILE (writes
 * the frames of packets there as they came), bye (closes); any other is sent as
 * it is.  Status: 0, or 1 when it could not connect, with the
 * HTTP status on stderr.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clk.h"
#include "kite.h"
#include "msg.h"
#include "num.h"
#include "ws.h"

static const char *const kinds[] = { "ltp", "index_quote", "index_full",
	"quote", "full" };
static bool opened, over, quiet;
static uint64_t frames, ticks, texts, bytes;
static FILE *raw;

static void
print_frame(const uint8_t *p, size_t n)
{
	struct kite_frame k;
	struct tick t;
	enum kite_rc rc = kite_begin(&k, p, n);

	if (rc == KITE_HEARTBEAT && !quiet)
		puts("beat");
	if (rc != KITE_TICK)
		return;
	frames++;
	bytes += n;
	if (raw != NULL)
		fwrite(p, 1, n, raw);
	if (!quiet)
		printf("frame\t%zu\t%" PRIu32 "\n", n, k.count);
	while ((rc = kite_next(&k, &t)) == KITE_TICK) {
		ticks++;
		if (!quiet)
			printf("tick\t%" PRIu32 "\t%s\t%" PRId64 "\t%" PRIu32
			    "\t%" PRIu32 "\n", t.token, kinds[t.kind],
			    t.price_e7, t.exch_s, t.volume);
	}
	if (rc != KITE_END)
		printf("bad\n");
}

static void
on(struct ws *w, enum ws_event e, const uint8_t *p, size_t n, void *arg)
{
	(void)arg;
	switch (e) {
	case WS_OPEN:
		opened = true;
		break;
	case WS_BINARY:
		print_frame(p, n);
		break;
	case WS_TEXT:
		texts++;
		printf("text\t%.*s\n", (int)n, (const char *)p);
		break;
	case WS_CLOSED:
		over = true;
		if (!opened) {
			fprintf(stderr, "%d\n", ws_status(w));
			exit(1);
		}
		break;
	default:
		break;
	}
}

static void
turn(struct ws_loop *l)
{
	struct fault f;

	if (ws_turn(l, 10, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

static void
until(struct ws_loop *l, int64_t mono)
{
	while (!over && clk_mono() < mono)
		turn(l);
}

/* Until so many of what is counted came, or it is mono. */
static void
until_count(struct ws_loop *l, const uint64_t *count, const char *text,
    int64_t mono)
{
	int64_t n;

	if (num_i64(text, 0, INT64_MAX, &n) != 0)
		msg_diex(EX_USAGE, "%s: no number", text);
	while (!over && *count < (uint64_t)n && clk_mono() < mono)
		turn(l);
}

static void
obey(struct ws_loop *l, struct ws *w, const char *word, int64_t mono)
{
	struct fault f;
	int64_t ms;

	if (strncmp(word, "wait=", 5) == 0 &&
	    num_i64(word + 5, 0, 60000, &ms) == 0)
		until(l, clk_mono() + ms * US_PER_MS);
	else if (strncmp(word, "ticks=", 6) == 0)
		until_count(l, &ticks, word + 6, mono);
	else if (strncmp(word, "texts=", 6) == 0)
		until_count(l, &texts, word + 6, mono);
	else if (strcmp(word, "end") == 0)
		over = true;
	else if (strncmp(word, "sleep=", 6) == 0 &&
	    num_i64(word + 6, 0, 60000, &ms) == 0)
		usleep((useconds_t)(ms * US_PER_MS));
	else if (strncmp(word, "raw=", 4) == 0) {
		if ((raw = fopen(word + 4, "w")) == NULL)
			msg_die(EX_CANTCREAT, "%s", word + 4);
	} else if (strcmp(word, "quiet") == 0)
		quiet = true;
	else if (strcmp(word, "bye") == 0)
		ws_goodbye(w);
	else if (ws_send_text(w, word, strlen(word), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

int
main(int argc, char *argv[])
{
	struct ws_spec spec = { .max = 16 << 20, .on = on };
	struct ws_loop *l;
	struct ws *w;
	struct fault f;
	int64_t end, secs;

	msg_init("wsclient");
	signal(SIGPIPE, SIG_IGN);
	if (argc < 3 || num_i64(argv[2], 0, 600, &secs) != 0)
		msg_diex(EX_USAGE, "wsclient URL SECONDS [WORD...]");
	end = clk_mono() + secs * US_PER_SEC;
	spec.url = argv[1];
	if (ws_loop_open(&l, "", &f) != 0 || ws_connect(&w, l, &spec, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	while (!opened && !over && clk_mono() < end)
		turn(l);
	for (int i = 3; i < argc && !over; i++)
		obey(l, w, argv[i], end);
	until(l, end);
	if (quiet)
		printf("%" PRIu64 " frames, %" PRIu64 " ticks, %" PRIu64
		    " bytes\n", frames, ticks, bytes);
	if (raw != NULL && fclose(raw) == EOF)
		msg_die(EX_IOERR, "raw");
	ws_delete(w);
	ws_loop_close(l);
	return 0;
}
