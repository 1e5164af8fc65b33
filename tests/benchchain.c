/*
 * benchchain - how long das-greeks takes, inside of one process
 *
 *	benchchain snapshot	three indices with two expiries each, 1,500
 *				options: from a row of topic ticks of each to a
 *				row of topic ltp of each; milliseconds
 *	benchchain day		a million rows of these options with snapshots
 *				of what is near the money every 5 s, and the same
 *				rows only read: rows a second of CPU time, of both
 *	benchchain every	the same with a row of topic ltp for every tick
 *
 * Prices are of a smile around a forward that moves; every row has its depth and
 * all of its 52 columns.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "black.h"
#include "chaintest.h"
#include "greek.h"
#include "msg.h"
#include "opt.h"
#include "quotein.h"
#include "tick.h"

enum {
	STRIKES = 125,		/* of each of the six */
	ROUNDS = 200,
	DAY_ROUNDS = 40		/* times 25,000 rows */
};

static const struct {
	struct index_def def;
	double spot, step;
	const char *near, *far;
} market[] = {
	{ { .underlying = "NIFTY", .spot = "NIFTY 50", .spot_exchange = "NSE",
	    .future_segment = "NFO-FUT", .option_segment = "NFO-OPT" },
	    26000, 50, "2026-12-01", "2026-12-29" },
	{ { .underlying = "BANKNIFTY", .spot = "NIFTY BANK", .spot_exchange =
	    "NSE", .future_segment = "NFO-FUT", .option_segment = "NFO-OPT" },
	    58000, 100, "2026-11-30", "2026-12-29" },
	{ { .underlying = "SENSEX", .spot = "SENSEX", .spot_exchange = "BSE",
	    .future_segment = "BFO-FUT", .option_segment = "BFO-OPT" },
	    85000, 100, "2026-11-26", "2026-12-31" },
};
enum { N = sizeof(market) / sizeof(*market) };

static struct inst_set set;
static struct chains chains;
static struct chain_rules rules;
static struct buf rows;
static size_t put_bytes;

static void
make_market(void)
{
	static const struct index_def *def[N];
	static struct cal cal;
	struct fault f;

	load_cal(&cal);
	rules = plain_rules;
	rules.all = true;
	for (uint32_t m = 0; m < N; m++) {
		const char *ex = m < 2 ? "NFO" : "BFO";
		const char *day[] = { market[m].near, market[m].far };

		def[m] = &market[m].def;
		add_inst(&set, (m + 1) * 256 + 9, INST_INDEX,
		    market[m].def.spot, market[m].def.spot_exchange, "", 0);
		add_inst(&set, (m + 1) * 256 + 2, INST_FUT,
		    market[m].def.underlying, ex, market[m].far, 0);
		for (uint32_t k = 0; k < 2 * 2 * STRIKES; k++)
			add_inst(&set, ((m + 1) * 10000 + k) * 256 + 2,
			    k % 2 ? INST_PE : INST_CE,
			    market[m].def.underlying, ex, day[k % 4 / 2],
			    market[m].spot + market[m].step *
			    ((double)(k / 4) - STRIKES / 2));
	}
	if (chains_make(&chains, &set, def, N, &cal, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

static double
price_of(const struct chain_item *it, double forward, int64_t now)
{
	struct black_option o = { it->inst->kind == INST_CE ? BLACK_CALL :
	    BLACK_PUT, forward, (double)it->inst->strike_e7 / E7, 0, 0 };
	double x = log(o.strike / forward), price = 0;

	o.years = (double)(it->expiry->close_us - now) / 31536e9;
	(void)black_price(&o, 0.12 - 0.2 * x + 2 * x * x, &price);
	return price;
}

/* A row of each of them, received within a second from now on. */
static void
add_rows(int64_t now, uint64_t seq)
{
	for (size_t i = 0; i < chains.nitem; i++) {
		const struct chain_item *it = &chains.item[i];
		size_t m = (size_t)(it->chain - chains.v);
		double f = market[m].spot * (1 + 1e-3 * sin((double)now /
		    6e8)), p = it->inst->kind == INST_INDEX ||
		    it->inst->kind == INST_FUT ? f : price_of(it, f, now);
		int64_t mid = (int64_t)(p * 20) * 500000 + 500000;
		int64_t at = now + (int64_t)(i * 999999 / chains.nitem);
		struct tick t = { .token = it->inst->token, .price_e7 = mid,
		    .kind = it->inst->kind == INST_INDEX ? TICK_INDEX_FULL :
		    TICK_FULL, .exch_s = (uint32_t)(at / S), .trade_s =
		    (uint32_t)(at / S), .volume = 1234567, .oi = 765432,
		    .avg_e7 = mid, .open_e7 = mid, .high_e7 = mid,
		    .low_e7 = mid, .close_e7 = mid, .buy_qty = 99999,
		    .sell_qty = 99999, .qty = 75 };
		struct tick_row r = { seq + i, at, 1, "-",
		    it->inst->tradingsymbol };

		for (int k = 0; k < TICK_DEPTH; k++) {
			t.buy[k] = (struct tick_level){ mid - 500000 *
			    (k > 0 || mid > 500000 ? k + 1 : 0), 750, 9 };
			t.sell[k] = (struct tick_level){ mid + 500000 *
			    (k + 1), 750, 9 };
		}
		if (buf_room(&rows, TICK_ROW_MAX) != 0)
			msg_die(EX_TEMPFAIL, "memory");
		rows.len += tick_format(rows.p + rows.len, &t, &r);
	}
}

static int
put(const char *p, size_t n, void *arg, struct fault *f)
{
	(void)p;
	(void)arg;
	(void)f;
	put_bytes += n;
	return 0;
}

static double
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
begin(struct greek *g, int64_t interval_us)
{
	const struct greek_spec spec = { .chains = &chains, .rules = &rules,
	    .interval_us = interval_us, .source = "ws", .put = put };
	struct fault f;

	if (greek_init(g, &spec, &f) != 0 ||
	    greek_head(g, tick_header, "rows", &f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

static int
ascending(const void *a, const void *b)
{
	return *(const double *)a < *(const double *)b ? -1 : 1;
}

/* The median of what a second of all their ticks and its snapshot take. */
static void
snapshot(void)
{
	static double ms[ROUNDS];
	int64_t now = at_ist("2026-11-25 10:00:00");
	struct greek g;
	struct fault f;

	begin(&g, S);
	for (int i = 0; i < ROUNDS; i++, now += S) {
		double from;

		buf_reset(&rows);
		add_rows(now, 1);
		from = cpu();
		if (greek_rows(&g, rows.p, rows.len, &f) != 0 ||
		    greek_end(&g, &f) != 0)
			msg_diex(f.ex, "%s", f.text);
		ms[i] = (cpu() - from) * 1e3;
	}
	if (g.out != (uint64_t)ROUNDS * chains.nitem)
		msg_diex(EX_SOFTWARE, "%ju rows came out", (uintmax_t)g.out);
	qsort(ms, ROUNDS, sizeof(*ms), ascending);
	printf("%.4f\n", ms[ROUNDS / 2]);
	greek_free(&g);
}

/* Every row found, taken apart and its quote read: what reading costs. */
static uint64_t
only_read(const char *p, const char *end)
{
	static struct quotein in;
	struct quotein_row r;
	struct quote q;
	struct fault f;
	uint64_t n = 0;
	bool older;

	if (in.name == NULL && quotein_open(&in, tick_header, "rows", &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	for (const char *nl; p < end; p = nl + 1, n++) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (quotein_begin(&in, p, nl, &r, &f) != 0 ||
		    quotein_rest(&in, &r, &q, &older, &f) != 0)
			msg_diex(f.ex, "%s", f.text);
	}
	return n;
}

static void
day(bool every)
{
	int64_t now = at_ist("2026-11-25 10:00:00");
	double read = 0, all = 0, from;
	uint64_t n = 0;
	struct greek g;
	struct fault f;

	rules.all = every;
	rules.window = 5;
	begin(&g, every ? 0 : 5 * S);
	for (int i = 0; i < DAY_ROUNDS; i++) {
		buf_reset(&rows);
		for (uint64_t k = 0; k < 25000; k += chains.nitem, now += S)
			add_rows(now, k + 1);
		from = cpu();
		n += only_read(rows.p, rows.p + rows.len);
		read += cpu() - from;
		from = cpu();
		if (greek_rows(&g, rows.p, rows.len, &f) != 0)
			msg_diex(f.ex, "%s", f.text);
		all += cpu() - from;
	}
	if (greek_end(&g, &f) != 0 || g.in != n || g.out == 0 ||
	    (every && g.out != n))
		msg_diex(EX_SOFTWARE, "%ju rows came out of %ju",
		    (uintmax_t)g.out, (uintmax_t)n);
	printf("%.0f %.0f\n", (double)n / all, (double)n / read);
	greek_free(&g);
}

int
main(int argc, char *argv[])
{
	opt_init("benchchain", "snapshot | day | every");
	while (opt_next(argc, argv, "") != -1)
		;
	if (optind + 1 != argc)
		opt_usage();
	make_market();
	if (strcmp(argv[optind], "snapshot") == 0)
		snapshot();
	else
		day(strcmp(argv[optind], "every") == 0);
	chains_free(&chains);
	inst_free(&set);
	buf_free(&rows);
	return 0;
}
