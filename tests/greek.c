/*
 * greek - the rows that come out depend on the rows that go in, and on nothing
 * else: not on the pieces, not on where a run before was stopped
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "black.h"
#include "chaintest.h"
#include "greek.h"
#include "ltp.h"
#include "tick.h"
#include "tsv.h"
#include "walk.h"

#define SPOT	256265
#define FUT	2
#define NEAR	"2026-12-01"
#define START	"2026-11-25 09:15:00"

enum { TICKS = 1500 };

static struct inst_set set;
static struct cal cal;
static struct chains chains;
static struct chain_rules rules;
static struct buf ticks;		/* rows without header */

static void
add_tick(uint64_t seq, int64_t recv_us, uint32_t token, double price,
    const char *flag)
{
	const struct tick t = { .token = token, .price_e7 = E7_OF(price) /
	    500000 * 500000, .kind = token == SPOT ? TICK_INDEX_FULL :
	    TICK_FULL, .exch_s = (uint32_t)(recv_us / S), .trade_s =
	    (uint32_t)(recv_us / S), .volume = (uint32_t)seq, .oi = 7500,
	    .buy = { { E7_OF(price) / 500000 * 500000 - 500000, 75, 1 } },
	    .sell = { { E7_OF(price) / 500000 * 500000 + 500000, 75, 1 } } };
	const struct tick_row row = { seq, recv_us, 1, flag, "X" };

	assert_int_equal(buf_room(&ticks, TICK_ROW_MAX), 0);
	ticks.len += tick_format(ticks.p + ticks.len, &t, &row);
}

/* A market of an hour: busy and quiet, several in a frame, clocks that go back,
 * cached and old ones, and those of a stranger. */
static void
make_ticks(void)
{
	static const char *const flags[] = { "-", "-", "-", "-", "c", "o",
	    "d" };
	struct walk_rng rng = { 99 };
	int64_t now = at_ist(START);

	for (uint64_t seq = 1; seq <= TICKS; seq++) {
		const struct chain_item *it = &chains.item[walk_below(&rng,
		    (uint32_t)chains.nitem)];
		double f = 26010 + 20 * walk_path(5, (double)seq / TICKS, 12);
		struct black_option o = { BLACK_CALL, f,
		    (double)it->inst->strike_e7 / 1e7, 0.0166, 0 };
		double price = f;

		if (walk_below(&rng, 3) > 0)
			now += walk_below(&rng, 12) == 0 ? walk_below(&rng, 20)
			    * S : walk_below(&rng, 600000);
		if (it->inst->kind == INST_CE || it->inst->kind == INST_PE) {
			o.type = it->inst->kind == INST_CE ? BLACK_CALL :
			    BLACK_PUT;
			assert_int_equal(black_price(&o, 0.12, &price), 0);
		}
		add_tick(seq, walk_below(&rng, 50) == 0 ? now - 7 * S : now,
		    walk_below(&rng, 8) == 0 ? 99999 * 256 + 1 :
		    it->inst->token, price, flags[walk_below(&rng, 7)]);
	}
}

static int
setup(void **state)
{
	static const struct index_def *const def[] = { &nifty };
	struct fault f;

	(void)state;
	load_cal(&cal);
	rules = plain_rules;
	for (uint32_t k = 0; k < 9; k++) {
		add_inst(&set, 1000 * 256 + k * 512 + 2, INST_CE, "NIFTY",
		    "NFO", NEAR, 25800 + 50 * k);
		add_inst(&set, 1000 * 256 + k * 512 + 258, INST_PE, "NIFTY",
		    "NFO", NEAR, 25800 + 50 * k);
	}
	add_inst(&set, SPOT, INST_INDEX, "NIFTY 50", "NSE", "", 0);
	add_inst(&set, FUT, INST_FUT, "NIFTY", "NFO", "2026-12-29", 0);
	if (chains_make(&chains, &set, def, 1, &cal, &f) != 0)
		return -1;
	make_ticks();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	chains_free(&chains);
	inst_free(&set);
	cal_free(&cal);
	buf_free(&ticks);
	return 0;
}

static int
keep(const char *rows, size_t n, void *arg, struct fault *f)
{
	(void)f;
	assert_int_equal(rows[n - 1], '\n');
	return buf_add(arg, rows, n);
}

/* Where the first row behind at begins in the ticks. */
static size_t
row_end(size_t at)
{
	const char *nl;

	if (at >= ticks.len)
		return ticks.len;
	nl = memchr(ticks.p + at, '\n', ticks.len - at);
	return (size_t)(nl + 1 - ticks.p);
}

struct mode { int64_t interval_us; bool extended; };

/* Runs over the first len bytes of the ticks in pieces of about piece bytes, and
 * to the end of the day or not; behind last, or from the beginning. */
static struct buf
run(const struct mode *m, size_t len, size_t piece, bool end, const char *last)
{
	struct buf out = { 0 };
	const struct greek_spec spec = { .chains = &chains, .rules = &rules,
	    .interval_us = m->interval_us, .extended = m->extended,
	    .source = "ws", .put = keep, .arg = &out };
	struct greek g;
	struct fault f;

	assert_int_equal(buf_adds(&out, ""), 0);
	assert_int_equal(greek_init(&g, &spec, &f), 0);
	assert_int_equal(greek_resume(&g, last, &f), 0);
	assert_int_equal(greek_head(&g, tick_header, "ticks", &f), 0);
	for (size_t at = 0; at < len;) {
		size_t to = row_end(at + piece);
		char *copy;

		if (to > len)
			to = len;
		assert_non_null(copy = malloc(to - at));
		memcpy(copy, ticks.p + at, to - at);
		assert_int_equal(greek_rows(&g, copy, to - at, &f), 0);
		free(copy);
		at = to;
	}
	if (end)
		assert_int_equal(greek_end(&g, &f), 0);
	greek_free(&g);
	return out;
}

static const struct mode modes[] = { { 5 * S, false }, { 5 * S, true },
    { 0, false }, { 0, true }, { 7 * S, false } };
enum { MODES = sizeof(modes) / sizeof(*modes) };

static void
pieces(void **state)
{
	(void)state;
	for (int m = 0; m < MODES; m++) {
		struct buf all = run(&modes[m], ticks.len, SIZE_MAX / 2, true,
		    NULL);

		assert_true(all.len > 10000);
		for (size_t piece = 1; piece < 100000; piece = piece * 5 + 77) {
			struct buf b = run(&modes[m], ticks.len, piece, true,
			    NULL);

			assert_int_equal(b.len, all.len);
			assert_memory_equal(b.p, all.p, all.len);
			buf_free(&b);
		}
		buf_free(&all);
	}
}

/* Stopped after any row of the output, and after any number of ticks. */
static void
resumed(void **state)
{
	(void)state;
	for (int m = 0; m < MODES; m++) {
		struct buf all = run(&modes[m], ticks.len, SIZE_MAX / 2, true,
		    NULL);
		size_t n = 0;

		for (char *p = all.p, *nl; (nl = strchr(p, '\n')) != NULL;
		    p = nl + 1) {
			struct buf b;
			char *row;

			if (++n % 23 != 0 && nl[1] != '\0')
				continue;
			assert_non_null(row = strndup(p, (size_t)(nl - p)));
			b = run(&modes[m], ticks.len, 4000, true, row);
			assert_string_equal(b.p, nl + 1);
			buf_free(&b);
			free(row);
		}
		assert_true(n > 100);
		for (size_t at = row_end(0); at < ticks.len;
		    at = row_end(at + 12000)) {
			struct buf a = run(&modes[m], at, 4000, false, NULL), b;
			char *row = NULL;

			assert_memory_equal(a.p, all.p, a.len);
			if (a.len > 0) {
				char *nl = memrchr(a.p, '\n', a.len - 1);

				row = strdup(nl != NULL ? nl + 1 : a.p);
				row[strlen(row) - 1] = '\0';
			}
			b = run(&modes[m], ticks.len, 4000, true, row);
			assert_string_equal(b.p, all.p + a.len);
			buf_free(&a);
			buf_free(&b);
			free(row);
		}
		buf_free(&all);
	}
}

/* Times are those of the grid, ascending, no (symbol, ts) twice; what is in the
 * rows is what came before. */
static void
grid(void **state)
{
	(void)state;
	for (int m = 0; m < MODES; m++) {
		struct buf all = run(&modes[m], ticks.len, 9999, true, NULL);
		int64_t midnight = clk_day_start(day_of("2026-11-25")), ts = 0;
		struct tsv rows;
		struct ltp_in in;
		struct ltp_row r;
		struct fault f;
		char seen[64][LTP_SYMBOL], *p = all.p, *row;
		size_t nseen = 0, with_iv = 0;

		tsv_init(&rows, NULL, "rows");
		assert_int_equal(tsv_head(&rows, modes[m].extended ?
		    ltp_more_header : ltp_header, strlen(modes[m].extended ?
		    ltp_more_header : ltp_header)), 0);
		assert_int_equal(ltp_open(&in, &rows, &f), 0);
		while ((row = strsep(&p, "\n")) != NULL && *row != '\0') {
			assert_int_equal(tsv_row(&rows, row), 0);
			assert_int_equal(ltp_take(&in, &rows, &r, &f), 0);
			assert_true(r.ts_us >= ts);
			if (r.ts_us > ts)
				nseen = 0;
			ts = r.ts_us;
			assert_true(modes[m].interval_us == 0 ||
			    (ts - midnight) % modes[m].interval_us == 0);
			for (size_t i = 0; i < nseen; i++)
				assert_string_not_equal(seen[i], r.symbol);
			snprintf(seen[nseen++], LTP_SYMBOL, "%s", r.symbol);
			assert_true(r.ltp_e7 > 0);
			with_iv += !isnan(r.iv);
			assert_true(r.token == SPOT ? r.volume == 0 :
			    r.volume > 0);
		}
		assert_true(with_iv > 50);
		tsv_free(&rows);
		buf_free(&all);
	}
}

/* An extended row has all that its figures were made of. */
static void
again(void **state)
{
	static const struct mode mode = { 5 * S, true };
	struct buf all = run(&mode, ticks.len, 9999, true, NULL);
	struct tsv rows;
	struct ltp_in in;
	struct ltp_row r;
	struct fault f;
	char *p = all.p, *row;
	size_t n = 0, siblings = 0;

	(void)state;
	tsv_init(&rows, NULL, "rows");
	assert_int_equal(tsv_head(&rows, ltp_more_header,
	    strlen(ltp_more_header)), 0);
	assert_int_equal(ltp_open(&in, &rows, &f), 0);
	while ((row = strsep(&p, "\n")) != NULL && *row != '\0') {
		const struct ltp_more *m = &r.more;
		struct black_greeks g;
		struct black_iv iv;

		assert_int_equal(tsv_row(&rows, row), 0);
		assert_int_equal(ltp_take(&in, &rows, &r, &f), 0);
		if (isnan(m->sigma)) {
			assert_true(isnan(r.delta) && isnan(r.gamma) &&
			    isnan(r.theta) && isnan(r.vega));
			continue;
		}
		const struct black_option o = { strcmp(m->kind, "CE") == 0 ?
		    BLACK_CALL : BLACK_PUT, m->forward,
		    (double)m->strike_e7 / 1e7, m->tte, m->rate };

		assert_true(m->tte == (double)(m->expiry_us - m->event_us) /
		    31536e9);
		assert_int_equal(black_greeks(&o, m->sigma, &g), 0);
		assert_true(g.delta == r.delta && g.gamma == r.gamma &&
		    g.theta == r.theta && g.vega == r.vega &&
		    g.rho == m->rho);
		if (!isnan(r.iv)) {
			assert_int_equal(black_iv(&o, m->price, 0, &iv), 0);
			assert_true(iv.sigma * 100 == r.iv);
		}
		siblings += strcmp(m->sigma_src, "sibling") == 0;
		n++;
	}
	assert_true(n > 100 && siblings > 0);
	tsv_free(&rows);
	buf_free(&all);
}

static void
no_row(void **state)
{
	static const char *const bad[] = { "", "x", "x\t1", "x\t1\tnow",
	    "x\t1\t2026-11-25 10:00:00" };
	const struct greek_spec spec = { .chains = &chains, .rules = &rules };
	struct greek g;
	struct fault f;

	(void)state;
	assert_int_equal(greek_init(&g, &spec, &f), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(greek_resume(&g, bad[i], &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
	}
	greek_free(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces),
		cmocka_unit_test(resumed),
		cmocka_unit_test(grid),
		cmocka_unit_test(again),
		cmocka_unit_test(no_row),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
