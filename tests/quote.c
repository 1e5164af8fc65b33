/*
 * quote, quotein - what a price may be made of, and rows that are not what they
 * should be
 */
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clk.h"
#include "num.h"
#include "quote.h"
#include "quotein.h"
#include "tick.h"

#define NOW	INT64_C(1795578301000000)
#define S	INT64_C(1000000)
#define P(rupees)	((int64_t)((rupees) * 100 + 0.5) * 100000)
#define HUGE_E7	(INT64_C(1000000000) * E7)

static const struct quote_rules rules = { 10 * S, 5 * S, 0.1, 2, false };
static const struct quote_now now = { NOW, NOW };
enum { TICK = 500000 };		/* 0.05 */

static struct quote
quote(int64_t ltp, int64_t bid, int64_t ask, int age_s, int trade_s)
{
	return (struct quote){ ltp, bid, ask, 1, 1, NOW - age_s * S,
	    NOW - age_s * S, NOW - trade_s * S };
}

static void
price(void **state)
{
	static const struct {
		const char *what;
		struct quote q;
		enum quote_src src;
		enum quote_why why;
		double price, half;
	} t[] = {
#define Q(ltp, bid, ask, age, trade) { P(ltp), P(bid), P(ask), 1, 1, \
	NOW - age * S, NOW - age * S, NOW - trade * S }
		{ "middle", Q(12, 11.9, 12.2, 1, 1), QUOTE_MID, QUOTE_OK,
		    12.05, 0.15 },
		{ "at the limit of age", Q(12, 11.9, 12.2, 10, 99), QUOTE_MID,
		    QUOTE_OK, 12.05, 0.15 },
		{ "stale", Q(12, 11.9, 12.2, 11, 99), QUOTE_NONE, QUOTE_STALE,
		    NAN, 0.15 },
		{ "two ticks of a cheap one", Q(0.1, 0.05, 0.15, 1, 99),
		    QUOTE_MID, QUOTE_OK, 0.1, 0.05 },
		{ "three ticks of a cheap one", Q(0.1, 0.05, 0.2, 1, 99),
		    QUOTE_NONE, QUOTE_WIDE, NAN, 0.075 },
		{ "wide, but it traded", Q(12, 8, 16, 1, 5), QUOTE_LTP,
		    QUOTE_OK, 12, 4 },
		{ "wide, it traded below the bid", Q(7, 8, 16, 1, 5),
		    QUOTE_LTP, QUOTE_OK, 8, 4 },
		{ "wide, it traded above the ask", Q(17, 8, 16, 1, 5),
		    QUOTE_LTP, QUOTE_OK, 16, 4 },
		{ "wide, the trade is old", Q(12, 8, 16, 1, 6), QUOTE_NONE,
		    QUOTE_WIDE, NAN, 4 },
		{ "no bid", Q(12, 0, 16, 1, 6), QUOTE_NONE, QUOTE_ONE_SIDED,
		    NAN, NAN },
		{ "no ask", Q(12, 11, 0, 1, 6), QUOTE_NONE, QUOTE_ONE_SIDED,
		    NAN, NAN },
		{ "no ask, but it traded", Q(12, 11, 0, 1, 2), QUOTE_LTP,
		    QUOTE_OK, 12, NAN },
		{ "bid above ask", Q(12, 12.2, 11.9, 1, 99), QUOTE_NONE,
		    QUOTE_CROSSED, NAN, NAN },
		{ "bid is ask", Q(12, 12, 12, 1, 99), QUOTE_NONE,
		    QUOTE_CROSSED, NAN, NAN },
		{ "bid above ask, but it traded", Q(12, 12.2, 11.9, 1, 2),
		    QUOTE_LTP, QUOTE_OK, 12, NAN },
		{ "a trade to come", Q(12, 8, 16, 1, -2), QUOTE_NONE,
		    QUOTE_WIDE, NAN, 4 },
		{ "nothing", { 0, 0, 0, QUOTE_UNKNOWN, QUOTE_UNKNOWN, 0, 0, 0 },
		    QUOTE_NONE, QUOTE_STALE, NAN, NAN },
		{ "cached", { P(12), P(11.9), P(12.1), 1, 1, 0, NOW, 0 },
		    QUOTE_NONE, QUOTE_STALE, NAN, 0.1 },
		{ "a thousand million", { HUGE_E7, HUGE_E7 - E7, HUGE_E7 + E7,
		    1, 1, NOW, NOW, NOW }, QUOTE_MID, QUOTE_OK, 1e9, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct quote_price p = quote_price(&t[i].q, TICK, &rules,
		    &now);

		if (p.src != t[i].src || p.why != t[i].why ||
		    !(isnan(t[i].price) ? isnan(p.price) :
		    fabs(p.price - t[i].price) < 1e-12 * t[i].price) ||
		    !(isnan(t[i].half) ? isnan(p.half) :
		    fabs(p.half - t[i].half) < 1e-12))
			fail_msg("%s: %s %s %g %g", t[i].what,
			    quote_src_name(p.src), quote_why_name(p.why),
			    p.price, p.half);
	}
}

static void
forced(void **state)
{
	struct quote_rules r = rules;
	struct quote q = quote(P(12), P(15), P(16), 999, 9999);
	struct quote_price p;

	(void)state;
	r.ltp_only = true;
	p = quote_price(&q, TICK, &r, &now);
	assert_true(p.src == QUOTE_LTP && p.price == 12);
	q.ltp_e7 = 0;
	p = quote_price(&q, TICK, &r, &now);
	assert_true(p.src == QUOTE_NONE && p.why == QUOTE_NO_PRICE);
}

/* ---- rows ---- */

static int
read_row(const char *header, const char *text, struct quotein_row *r,
    struct quote *q, bool *older, struct fault *f)
{
	static char row[2000];
	static struct quotein in;
	size_t n = strlen(text);

	if (quotein_open(&in, header, "rows", f) != 0)
		return -1;
	memcpy(row, text, n + 1);
	if (quotein_begin(&in, row, row + n, r, f) != 0)
		return -1;
	return quotein_rest(&in, r, q, older, f);
}

static void
whole(void **state)
{
	const struct tick t = { .token = 12345, .kind = TICK_FULL,
	    .price_e7 = P(12.05), .volume = 4000000000u, .oi = 77,
	    .trade_s = 1795578299, .exch_s = 1795578300,
	    .buy = { { P(12), 50, 1 }, { P(11.95), 60, 2 } },
	    .sell = { { P(12.1), 75, 1 }, { P(12.15), 80, 2 } } };
	struct tick_row meta = { .seq = 1, .recv_us = NOW + 123456, .conn = 1,
	    .flag = "-", .symbol = "X" };
	char text[TICK_ROW_MAX + 1];
	struct quotein_row r;
	struct quote q;
	struct fault f;
	bool older;

	(void)state;
	text[tick_format(text, &t, &meta) - 1] = '\0';
	assert_int_equal(read_row(tick_header, text, &r, &q, &older, &f), 0);
	assert_true(r.token == 12345 && r.recv_us == NOW + 123456 && !older);
	assert_true(q.ltp_e7 == P(12.05) && q.bid_e7 == P(12) &&
	    q.ask_e7 == P(12.1) && q.volume == 4000000000 && q.oi == 77);
	assert_true(q.trade_us == 1795578299 * S && q.exch_us == 1795578300 *
	    S && q.seen_us == NOW + 123456);
	meta.flag = "co";
	text[tick_format(text, &t, &meta) - 1] = '\0';
	assert_int_equal(read_row(tick_header, text, &r, &q, &older, &f), 0);
	assert_true(older && q.seen_us == 0);
}

#define T	"2026-11-25 10:00:01"

static void
odd(void **state)
{
	static const struct { const char *head, *row, *why; int64_t bid, oi; }
	t[] = {
		/* columns missing, in another order */
		{ "price\tinstrument_token\trecvTime", "1.5\t7\t" T ".5", NULL,
		    0, QUOTE_UNKNOWN },
		{ "recvTime\tinstrument_token\tprice\tbp0", T "\t7\t1\t3",
		    NULL, P(3), QUOTE_UNKNOWN },
		/* zero depth, null depth, a negative price */
		{ "recvTime\tinstrument_token\tprice\tbq0\tbp0\toi",
		    T "\t7\t1\t0\t3\t0", NULL, 0, 0 },
		{ "recvTime\tinstrument_token\tprice\tbq0\tbp0\toi",
		    T "\t7\t1\t\\N\t\\N\t\\N", NULL, 0, QUOTE_UNKNOWN },
		{ "recvTime\tinstrument_token\tprice\tbq0\tbp0",
		    T "\t7\t1\t5\t-3.5", NULL, 0, QUOTE_UNKNOWN },
		{ "recvTime\tinstrument_token\tprice\tbq0\tbp0",
		    T "\t7\t1\t5\t1000000000", NULL, HUGE_E7, QUOTE_UNKNOWN },
		{ "recvTime\tprice", T "\t1", "no column instrument_token",
		    0, 0 },
		{ "recvTime\tinstrument_token", T "\t1", "no column price",
		    0, 0 },
		{ "instrument_token\tprice", "1\t1", "no column recvTime",
		    0, 0 },
		{ "", "", "no column", 0, 0 },
		{ "recvTime\tinstrument_token\tprice", T "\t7",
		    "2 columns only", 0, 0 },
		{ "recvTime\tinstrument_token\tprice", "", "columns only",
		    0, 0 },
		{ "recvTime\tinstrument_token\tprice", T "\t-7\t1",
		    "instrument_token is '-7'", 0, 0 },
		{ "recvTime\tinstrument_token\tprice", T "\t4294967296\t1",
		    "instrument_token is '4294967296'", 0, 0 },
		{ "recvTime\tinstrument_token\tprice", "2026-13-25 10:00:01\t7"
		    "\t1", "recvTime is", 0, 0 },
		{ "recvTime\tinstrument_token\tprice", "2026-11-25\t7\t1",
		    "recvTime is", 0, 0 },
		{ "recvTime\tinstrument_token\tprice", "2026-11-25 10:61:01\t7"
		    "\t1", "recvTime is", 0, 0 },
		{ "recvTime\tinstrument_token\tprice", T "x\t7\t1",
		    "recvTime is", 0, 0 },
		{ "recvTime\tinstrument_token\tprice", T "\t7\tnan",
		    "price is 'nan'", 0, 0 },
		{ "recvTime\tinstrument_token\tprice", T "\t7\t1.",
		    "price is '1.'", 0, 0 },
		{ "recvTime\tinstrument_token\tprice", T "\t7\t99999999999999"
		    "99999999", "price is", 0, 0 },
		{ "recvTime\tinstrument_token\tprice\toi", T "\t7\t1\t1e5",
		    "oi is '1e5'", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct quotein_row r;
		struct quote q;
		struct fault f;
		bool older;
		int rc = read_row(t[i].head, t[i].row, &r, &q, &older, &f);

		if (t[i].why == NULL) {
			if (rc != 0)
				fail_msg("row %zu: %s", i, f.text);
			assert_true(r.token == 7);
			assert_true(q.bid_e7 == t[i].bid && q.oi == t[i].oi);
			continue;
		}
		assert_int_equal(rc, -1);
		assert_int_equal(f.ex, EX_DATAERR);
		if (strstr(f.text, t[i].why) == NULL)
			fail_msg("row %zu: '%s'", i, f.text);
	}
}

/* Every shorter form of a row is refused or read, never run over. */
static void
prefixes(void **state)
{
	static const char head[] = "recvTime\tinstrument_token\tprice\t"
	    "timestamp\tbq0\tbp0";
	static const char row[] = T ".123456\t256265\t26305.30\t" T
	    "\t75\t26305.25";
	struct quotein_row r;
	struct quote q;
	struct fault f;
	bool older;

	(void)state;
	for (size_t n = 0; n <= strlen(row); n++) {
		char *text = strndup(row, n);
		struct quotein in;

		assert_int_equal(quotein_open(&in, head, "rows", &f), 0);
		if (quotein_begin(&in, text, text + n, &r, &f) == 0 &&
		    quotein_rest(&in, &r, &q, &older, &f) == 0)
			assert_true(n > strlen(row) - 9);
		free(text);
	}
	assert_true(q.bid_e7 == P(26305.25));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(price),
		cmocka_unit_test(forced),
		cmocka_unit_test(whole),
		cmocka_unit_test(odd),
		cmocka_unit_test(prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
