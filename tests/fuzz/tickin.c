/*
 * tickin - rows of topic ticks from a file that somebody may have edited: a
 * row is refused with a word, or the tick that it gives makes the same row again
 */
#include <stdbool.h>
#include <string.h>

#include "clk.h"
#include "feed.h"
#include "fuzz.h"
#include "tickin.h"

/* Could the wire have said that?  Only such prices are formatted. */
static bool
wire_price(int64_t e7, int64_t unit)
{
	return e7 >= 0 && e7 % unit == 0 && e7 / unit <= UINT32_MAX;
}

static bool
wire_tick(const struct tick *t)
{
	int64_t u = kite_unit_e7(t->token);
	bool good = wire_price(t->price_e7, u) && wire_price(t->open_e7, u) &&
	    wire_price(t->high_e7, u) && wire_price(t->low_e7, u) &&
	    wire_price(t->close_e7, u) && wire_price(t->avg_e7, u);

	for (int i = 0; i < TICK_DEPTH; i++)
		good = good && wire_price(t->buy[i].price_e7, u) &&
		    wire_price(t->sell[i].price_e7, u) &&
		    t->buy[i].orders <= UINT16_MAX &&
		    t->sell[i].orders <= UINT16_MAX;
	return good;
}

/* The row of t, read, gives t; what an index has no field for goes. */
static void
again(struct tick *t, int64_t recv_us)
{
	struct tick_row r = { .seq = 1, .recv_us = recv_us, .conn = 1,
	    .flag = "-", .symbol = "\\N" };
	char row[TICK_ROW_MAX], first[TICK_ROW_MAX];
	struct tickin in;
	struct tsv rows;
	struct fault f;
	int64_t us;
	size_t n;

	tsv_init(&rows, NULL, "again");
	MUST(tsv_head(&rows, tick_header, strlen(tick_header)) == 0);
	MUST(tickin_open(&in, &rows, &f) == 0);
	n = tick_format(row, t, &r);
	MUST(n <= sizeof(row) && row[n - 1] == '\n');
	row[n - 1] = '\0';
	strcpy(first, row);
	MUST(tsv_row(&rows, row) == 0);
	MUST(tickin_row(&in, &rows, t, &us, &f) == 0 && us == recv_us);
	MUST(tick_format(row, t, &r) == n);
	row[n - 1] = '\0';
	MUST(strcmp(row, first) == 0);
	tsv_free(&rows);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	FILE *file = fuzz_stream(p, n);
	struct tickin in;
	struct tsv rows;
	struct fault f = { 0 };
	struct tick t;
	int64_t recv_us;

	tsv_init(&rows, file, "input");
	if (tickin_open(&in, &rows, &f) == 0)
		while (tsv_next(&rows) == 1) {
			f.text[0] = '\0';
			if (tickin_row(&in, &rows, &t, &recv_us, &f) != 0)
				MUST(f.text[0] != '\0');
			else if (wire_tick(&t) && recv_us >= 0 &&
			    recv_us / US_PER_SEC <= UINT32_MAX)
				again(&t, recv_us);
		}
	else
		MUST(f.text[0] != '\0');
	tsv_free(&rows);
	fclose(file);
	return 0;
}

/* ---- seeds: rows of the frames ---- */

static struct feed feed;
static fuzz_add *give;

static void
frame(const void *p, size_t n)
{
	struct capture_frame c = { .recv_us = INT64_C(1795578300500001),
	    .conn = 1, .kind = CAPTURE_BINARY, .p = p, .len = n };
	struct buf b = { 0 };

	(void)feed_frame(&feed, &c);
	if (feed.rows.len == 0)
		return;
	MUST(buf_addf(&b, "%s\n%s", tick_header, feed.rows.p) == 0);
	buf_reset(&feed.rows);
	give(b.p, b.len);
	buf_free(&b);
}

void
fuzz_seeds(fuzz_add *add)
{
	static const char few[] = "price\trecvTime\tinstrument_token\n"
	    "1.05\t2026-11-25 09:15:00.000001\t408065\n"
	    "-1\t2026-11-25 09:15:00\t256265\n"
	    "99999999999\t2026-11-25 09:15:00.5\t4294967295\n";
	struct fault f;

	give = add;
	MUST(feed_init(&feed, NULL, &f) == 0);
	seed_frames(frame);
	feed_free(&feed);
	add(few, sizeof(few) - 1);
}
