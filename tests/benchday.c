/*
 * benchday - a day of any size in the spool, without having to live through it
 *
 *	benchday DATADIR DAY INSTRUMENTS ROWS
 *
 * Writes DATADIR/lookup/instruments.tsv, and into DATADIR/spool/DAY topic ticks,
 * CLOSED: ROWS full ticks of every instrument, spread evenly over a session of
 * 22,500 seconds (so at most that many), in the order in which a market would
 * send them.  A quarter are shares, the others options of three indices, in the
 * databases that the configuration has by default.  Prices walk; books, volume
 * and open interest go with them.  The same call makes the same bytes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "file.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "spool.h"
#include "tick.h"

enum {
	OPEN_S = 9 * 3600 + 900,	/* of the day */
	SESSION_S = 22500,
	TICK_E7 = 500000,		/* 5 paise */
	BLOCK = 1 << 20			/* bytes put at once */
};

static const char *const db[] = { "aws_das_nse", "aws_das_niftyopt",
    "aws_das_bankopt", "aws_das_sensexopt" };
static uint64_t state = 88172645463325252u;

/* 0 to n - 1; xorshift64. */
static uint32_t
roll(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32) % n;
}

static uint32_t
token_of(size_t i)
{
	return (uint32_t)(10000 + i) * 256 + (i % 4 == 0 ? 1 : 2);
}

static void
name_of(size_t i, char name[32])
{
	snprintf(name, 32, i % 4 == 0 ? "SHARE%zu" : "OPT%zuCE", i);
}

static void
put_instruments(const char *dir, size_t n)
{
	char path[SPOOL_PATH], name[32];
	struct buf b = { 0 };
	struct fault f;
	int rc;

	rc = buf_adds(&b, "instrument_token\texchange\tsegment\ttradingsymbol\t"
	    "symbol\tname\tkind\texpiry\tstrike\tlot_size\ttick_size\tdivisor\t"
	    "TableName\tdbName\n");
	for (size_t i = 0; rc == 0 && i < n; i++) {
		name_of(i, name);
		rc = i % 4 == 0 ? buf_addf(&b, "%" PRIu32 "\tNSE\tNSE\t%s\t%s\t"
		    "%s\tEQ\t\\N\t0\t1\t0.05\t100\t%s\t%s\n", token_of(i), name,
		    name, name, name, db[0]) :
		    buf_addf(&b, "%" PRIu32 "\tNFO\tNFO-OPT\t%s\t%s\tNIFTY\tCE\t"
		    "2026-11-26\t%zu\t75\t0.05\t100\t%s\t%s\n", token_of(i),
		    name, name, 100 + i, name, db[i % 4]);
	}
	if (rc != 0)
		msg_die(EX_TEMPFAIL, "memory");
	if (file_join(path, sizeof(path), dir, "lookup", &f) != 0 ||
	    file_mkdirs(path, &f) != 0 || file_join(path, sizeof(path), dir,
	    "lookup/instruments.tsv", &f) != 0 ||
	    file_put(path, 0666, b.p, b.len, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	buf_free(&b);
}

static struct tick
first_of(size_t i)
{
	int64_t price = (int64_t)(100 + roll(40000)) * TICK_E7;

	return (struct tick){ .token = token_of(i), .kind = TICK_FULL,
	    .price_e7 = price, .open_e7 = price, .high_e7 = price,
	    .low_e7 = price, .avg_e7 = price,
	    .close_e7 = price + (int64_t)roll(40) * TICK_E7,
	    .buy_qty = 100000 + roll(100000), .sell_qty = 100000 + roll(100000),
	    .oi = i % 4 == 0 ? 0 : 1000000 + roll(9000000) };
}

static void
walk(struct tick *t, uint32_t now_s)
{
	t->price_e7 += ((int64_t)roll(5) - 2) * TICK_E7;
	if (t->price_e7 < 10 * TICK_E7)
		t->price_e7 = 10 * TICK_E7;
	if (t->price_e7 > t->high_e7)
		t->high_e7 = t->price_e7;
	if (t->price_e7 < t->low_e7)
		t->low_e7 = t->price_e7;
	t->avg_e7 += (t->price_e7 - t->avg_e7) / 64;
	t->qty = 1 + roll(500);
	t->volume += t->qty;
	t->buy_qty += roll(2000) - 1000;
	t->sell_qty += roll(2000) - 1000;
	t->exch_s = now_s;
	t->trade_s = now_s - roll(3);
	if (t->oi != 0)
		t->oi += roll(200) - 100;
	if (t->oi > t->oi_high)
		t->oi_high = t->oi;
	if (t->oi_low == 0 || t->oi < t->oi_low)
		t->oi_low = t->oi;
	for (int i = 0; i < TICK_DEPTH; i++) {
		t->buy[i] = (struct tick_level){ t->price_e7 - (i + 1) *
		    TICK_E7, 25 * (1 + roll(200)), 1 + roll(30) };
		t->sell[i] = (struct tick_level){ t->price_e7 + (i + 1) *
		    TICK_E7, 25 * (1 + roll(200)), 1 + roll(30) };
	}
}

static void
put(struct spool_w *w, struct buf *b, size_t least)
{
	struct fault f;

	if (b->len < least)
		return;
	if (spool_w_put(w, b->p, b->len, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	buf_reset(b);
}

/* Instrument i ticks in every step-th second, another one for each i. */
static void
put_rows(struct spool_w *w, int64_t midnight_us, size_t n, int step)
{
	struct tick *t = calloc(n, sizeof(*t));
	char row[TICK_ROW_MAX], name[32];
	struct buf b = { 0 };
	uint64_t seq = 0;

	if (t == NULL)
		msg_die(EX_TEMPFAIL, "memory");
	for (size_t i = 0; i < n; i++)
		t[i] = first_of(i);
	for (int s = 0; s < SESSION_S / step * step; s++)
		for (size_t i = (size_t)(s % step); i < n; i += (size_t)step) {
			int64_t us = midnight_us + (OPEN_S + s) * US_PER_SEC;
			struct tick_row r = { ++seq, us + 1000 + (int64_t)i, 1,
			    "-", name };

			name_of(i, name);
			walk(&t[i], (uint32_t)(us / US_PER_SEC));
			if (buf_add(&b, row, tick_format(row, &t[i], &r)) != 0)
				msg_die(EX_TEMPFAIL, "memory");
			put(w, &b, BLOCK);
		}
	put(w, &b, 1);
	buf_free(&b);
	free(t);
}

int
main(int argc, char *argv[])
{
	char spool[SPOOL_PATH];
	struct spool_w w = { 0 };
	struct fault f;
	int64_t n, each;
	int32_t dayno;

	opt_init("benchday", "datadir day instruments rows");
	if (argc != 5 || clk_day_from(argv[2], &dayno) != 0 ||
	    num_i64(argv[3], 1, 100000, &n) != 0 ||
	    num_i64(argv[4], 1, SESSION_S, &each) != 0)
		opt_usage();
	put_instruments(argv[1], (size_t)n);
	if (file_join(spool, sizeof(spool), argv[1], "spool", &f) != 0 ||
	    file_mkdirs(spool, &f) != 0 ||
	    spool_w_open(&w, spool, argv[2], "ticks", tick_header, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	put_rows(&w, clk_day_start(dayno), (size_t)n,
	    (int)(SESSION_S / each));
	if (spool_w_close(&w, true, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	return 0;
}
