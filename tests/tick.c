/*
 * tick - rows, against literal text and against printf
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clk.h"
#include "kite.h"
#include "num.h"
#include "tick.h"

enum { COLUMNS = 52 };

#define N5	"\t\\N\t\\N\t\\N\t\\N\t\\N"
#define N30	N5 N5 N5 N5 N5 N5

static const struct tick_row row = {
	.seq = 1, .recv_us = INT64_C(1795578301123456), .conn = 1,
	.flag = "-", .symbol = "INFY"
};

static char *
format(const struct tick *t, const struct tick_row *r)
{
	static char out[TICK_ROW_MAX + 1];
	size_t n = tick_format(out, t, r);

	assert_in_range(n, 1, TICK_ROW_MAX);
	assert_int_equal(out[n - 1], '\n');
	out[n] = '\0';
	return out;
}

/* Field number i, from 0, of a row; in memory of its own. */
static char *
field(const char *text, int i)
{
	static char out[256];
	size_t n;

	while (i-- > 0) {
		text = strchr(text, '\t');
		assert_non_null(text);
		text++;
	}
	n = strcspn(text, "\t\n");
	assert_in_range(n, 1, sizeof(out) - 1);
	memcpy(out, text, n);
	out[n] = '\0';
	return out;
}

static int
columns(const char *text)
{
	int n = 1;

	for (; *text != '\0'; text++)
		n += *text == '\t';
	return n;
}

static void
header(void **state)
{
	(void)state;
	assert_string_equal(tick_header,
	    "seq\trecvTime\tconn\tflag\tinstrument_token\ttradingsymbol\t"
	    "timestamp\tprice\tqty\tavgPrice\tvolume\tbQty\tsQty\topen\thigh\t"
	    "low\tclose\tchangeper\tlastTradeTime\toi\toiHigh\toiLow\t"
	    "bq0\tbp0\tbo0\tbq1\tbp1\tbo1\tbq2\tbp2\tbo2\tbq3\tbp3\tbo3\t"
	    "bq4\tbp4\tbo4\tsq0\tsp0\tso0\tsq1\tsp1\tso1\tsq2\tsp2\tso2\t"
	    "sq3\tsp3\tso3\tsq4\tsp4\tso4");
	assert_int_equal(columns(tick_header), COLUMNS);
}

/* The full packet that Zerodha published of INFY, as a struct. */
static const struct tick infy = {
	.token = 408065, .kind = TICK_FULL,
	.price_e7 = INT64_C(15737000000), .open_e7 = INT64_C(15691500000),
	.high_e7 = INT64_C(15750000000), .low_e7 = INT64_C(15610500000),
	.close_e7 = INT64_C(15678000000), .avg_e7 = INT64_C(15703700000),
	.qty = 7, .volume = 1192471, .buy_qty = 256443, .sell_qty = 363009,
	.trade_s = 1625461887, .exch_s = 1625461887,
	.buy = {
		{ INT64_C(15734000000), 5, 1 }, { INT64_C(15730000000), 140, 2 },
		{ INT64_C(15729500000), 2, 1 }, { INT64_C(15729000000), 219, 7 },
		{ INT64_C(15728500000), 50, 1 }
	},
	.sell = {
		{ INT64_C(15737000000), 172, 3 },
		{ INT64_C(15737500000), 44, 3 },
		{ INT64_C(15738500000), 302, 3 },
		{ INT64_C(15739000000), 141, 2 },
		{ INT64_C(15739500000), 724, 5 }
	}
};

static void
full(void **state)
{
	(void)state;
	assert_string_equal(format(&infy, &row),
	    "1\t2026-11-25 09:15:01.123456\t1\t-\t408065\tINFY\t"
	    "2021-07-05 10:41:27\t1573.70\t7\t1570.37\t1192471\t256443\t363009\t"
	    "1569.15\t1575.00\t1561.05\t1567.80\t0.3763\t2021-07-05 10:41:27\t"
	    "0\t0\t0\t"
	    "5\t1573.40\t1\t140\t1573.00\t2\t2\t1572.95\t1\t219\t1572.90\t7\t"
	    "50\t1572.85\t1\t"
	    "172\t1573.70\t3\t44\t1573.75\t3\t302\t1573.85\t3\t141\t1573.90\t2\t"
	    "724\t1573.95\t5\n");
}

static void
other_kinds(void **state)
{
	struct tick_row r = row;
	struct tick t = infy;

	(void)state;
	t.kind = TICK_QUOTE;
	t.price_e7 = INT64_C(15678000000);
	assert_string_equal(format(&t, &r),
	    "1\t2026-11-25 09:15:01.123456\t1\t-\t408065\tINFY\t\\N\t"
	    "1567.80\t7\t1570.37\t1192471\t256443\t363009\t"
	    "1569.15\t1575.00\t1561.05\t1567.80\t0.0000" N30 "\t\\N\t\\N\t\\N\t"
	    "\\N\n");
	t.kind = TICK_LTP;
	r = (struct tick_row){ .seq = 99999, .recv_us = 0, .conn = 3,
	    .flag = "cd", .symbol = "\\N" };
	assert_string_equal(format(&t, &r),
	    "99999\t1970-01-01 05:30:00.000000\t3\tcd\t408065\t\\N\t\\N\t"
	    "1567.80" N5 N5 "\t\\N\t\\N\t\\N\t\\N" N30 "\n");
	t = (struct tick){ .token = 256265, .kind = TICK_INDEX_FULL,
	    .price_e7 = INT64_C(261051900000),
	    .high_e7 = INT64_C(261201500000), .low_e7 = INT64_C(260876000000),
	    .open_e7 = INT64_C(260991100000), .close_e7 = INT64_C(261410400000),
	    .exch_s = 1795578300 };
	r = row;
	r.symbol = "NIFTY 50";
	assert_string_equal(format(&t, &r),
	    "1\t2026-11-25 09:15:01.123456\t1\t-\t256265\tNIFTY 50\t"
	    "2026-11-25 09:15:00\t26105.19" N5 "\t26099.11\t26120.15\t26087.60\t"
	    "26141.04\t-0.1371\t\\N\t\\N\t\\N\t\\N" N30 "\n");
	t.kind = TICK_INDEX_QUOTE;
	assert_string_equal(format(&t, &r),
	    "1\t2026-11-25 09:15:01.123456\t1\t-\t256265\tNIFTY 50\t\\N\t"
	    "26105.19" N5 "\t26099.11\t26120.15\t26087.60\t"
	    "26141.04\t-0.1371\t\\N\t\\N\t\\N\t\\N" N30 "\n");
}

/* What is not there: times of 0, a close of 0, a time that no clock shows. */
static void
absent(void **state)
{
	struct tick t = infy;
	struct tick_row r = row;
	char *s;

	(void)state;
	t.exch_s = t.trade_s = 0;
	t.close_e7 = 0;
	s = format(&t, &r);
	assert_string_equal(field(s, 6), "\\N");
	assert_string_equal(field(s, 16), "0.00");
	assert_string_equal(field(s, 17), "\\N");
	assert_string_equal(field(s, 18), "\\N");
	assert_string_equal(field(s, 19), "0");
	r.recv_us = -1;
	assert_string_equal(field(format(&t, &r), 1), "\\N");
	r.recv_us = INT64_MIN;
	assert_string_equal(field(format(&t, &r), 1), "\\N");
	r.recv_us = INT64_MAX;
	assert_string_equal(field(format(&t, &r), 1), "\\N");
}

static void
decimals(void **state)
{
	struct tick t = infy;
	char *s;

	(void)state;
	t.token = 0x010003;		/* currency: 7 decimals */
	t.price_e7 = 838512345;
	t.avg_e7 = 5;
	t.close_e7 = 838500000;
	s = format(&t, &row);
	assert_string_equal(field(s, 7), "83.8512345");
	assert_string_equal(field(s, 9), "0.0000005");
	assert_string_equal(field(s, 17), "0.0015");
	t.token = 0x010006;		/* BSE currency: 4 */
	t.price_e7 = 838512000;
	t.avg_e7 = 1000;
	t.close_e7 = INT64_C(4294967295000);
	s = format(&t, &row);
	assert_string_equal(field(s, 7), "83.8512");
	assert_string_equal(field(s, 9), "0.0001");
	assert_string_equal(field(s, 16), "429496.7295");
	assert_string_equal(field(s, 17), "-99.9805");
}

static void
change(void **state)
{
	static const struct {
		int64_t	 price, close;		/* paise */
		const char *want;
	} c[] = {
		{ 10000, 10000, "0.0000" }, { 10001, 10000, "0.0100" },
		{ 9999, 10000, "-0.0100" }, { 0, 10000, "-100.0000" },
		{ 1999999, 2000000, "-0.0001" },	/* half: away from 0 */
		{ 2000001, 2000000, "0.0001" },
		{ 2000001, 2000002, "0.0000" },
		{ 4000001, 4000002, "0.0000" },		/* and no -0.0000 */
		{ 300, 100, "200.0000" }, { 1, 3, "-66.6667" },
		{ UINT32_MAX, 1, "429496729400.0000" },
		{ UINT32_MAX, UINT32_MAX, "0.0000" },
	};
	struct tick t = infy;

	(void)state;
	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++) {
		t.price_e7 = c[i].price * 100000;
		t.close_e7 = c[i].close * 100000;
		assert_string_equal(field(format(&t, &row), 17), c[i].want);
	}
}

/* Numbers of all lengths, their neighbours, and random ones. */
static uint64_t
number(uint64_t i)
{
	static uint64_t x = 88172645463325252u;
	uint64_t ten = 1;

	if (i < 60) {
		for (uint64_t k = 0; k < i / 3; k++)
			ten *= 10;
		return ten + i % 3 - 1;
	}
	if (i < 64)
		return UINT64_MAX - i + 60;
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x >> x % 64;
}

/* Prices of 7 and 4 decimals, and the depth, which has its own columns. */
static void
same_prices(struct tick t, uint64_t v)
{
	uint64_t e7 = v >> 1;			/* what an int64_t can be */
	uint32_t w = (uint32_t)v;
	const char *sign = v & 1 ? "-" : "";
	char want[64], *s;

	t.token = 0x010003;
	t.sell[4] = (struct tick_level){ (int64_t)(v & 1 ? 0 - e7 : e7), w,
	    w >> 16 };
	s = format(&t, &row);
	if (e7 == 0)
		sign = "";
	snprintf(want, sizeof(want), "%s%" PRIu64 ".%07" PRIu64, sign,
	    e7 / E7, e7 % E7);
	assert_string_equal(field(s, 50), want);
	snprintf(want, sizeof(want), "%" PRIu32, w);
	assert_string_equal(field(s, 49), want);
	snprintf(want, sizeof(want), "%" PRIu32, w >> 16);
	assert_string_equal(field(s, 51), want);
	t.token = 0x010006;
	s = format(&t, &row);
	snprintf(want, sizeof(want), "%s%" PRIu64 ".%04" PRIu64, sign,
	    e7 / E7, e7 % E7 / 1000);
	assert_string_equal(field(s, 50), want);
	t.token = 0x010001;
	s = format(&t, &row);
	snprintf(want, sizeof(want), "%s%" PRIu64 ".%02" PRIu64, sign,
	    e7 / E7, e7 % E7 / 100000);
	assert_string_equal(field(s, 50), want);
}

static void
numbers(void **state)
{
	struct tick_row r = row;
	struct tick t = infy;
	char want[64], *s;

	(void)state;
	for (uint64_t i = 0; i < 20000; i++) {
		uint64_t v = number(i);
		uint32_t w = (uint32_t)v;

		r.seq = v;
		r.recv_us = (int64_t)(v % INT64_C(4102444800000000));
		t.volume = w;
		t.price_e7 = w * INT64_C(100000);
		t.exch_s = w;
		s = format(&t, &r);
		snprintf(want, sizeof(want), "%" PRIu64, v);
		assert_string_equal(field(s, 0), want);
		assert_string_equal(field(s, 1), clk_to_ist(r.recv_us, want));
		snprintf(want, sizeof(want), "%" PRIu32, w);
		assert_string_equal(field(s, 10), want);
		snprintf(want, sizeof(want), "%" PRIu32 ".%02" PRIu32, w / 100,
		    w % 100);
		assert_string_equal(field(s, 7), want);
		if (w != 0)
			assert_string_equal(field(s, 6), clk_to_ist_s(w, want));
		assert_int_equal(columns(s), COLUMNS);
		same_prices(t, v);
	}
}

/* The longest row there can be stays within TICK_ROW_MAX. */
static void
longest(void **state)
{
	struct tick t = { .token = UINT32_MAX & ~0xffu, .kind = TICK_FULL };
	char symbol[200], *s;
	struct tick_row r = { .seq = UINT64_MAX, .recv_us = row.recv_us,
	    .conn = UINT32_MAX, .flag = "cdocdocdo", .symbol = symbol };

	(void)state;
	memset(symbol, 'X', sizeof(symbol) - 1);
	symbol[sizeof(symbol) - 1] = '\0';
	t.price_e7 = t.open_e7 = t.high_e7 = t.low_e7 = t.avg_e7 = INT64_MIN;
	t.close_e7 = 100000;
	t.qty = t.volume = t.buy_qty = t.sell_qty = UINT32_MAX;
	t.trade_s = t.exch_s = t.oi = t.oi_high = t.oi_low = UINT32_MAX;
	for (int i = 0; i < TICK_DEPTH; i++)
		t.buy[i] = t.sell[i] = (struct tick_level){ INT64_MIN,
		    UINT32_MAX, UINT32_MAX };
	s = format(&t, &r);
	assert_int_equal(columns(s), COLUMNS);
	assert_int_equal(strlen(field(s, 5)), 128);
	assert_string_equal(field(s, 3), "cdocdocd");
	assert_string_equal(field(s, 13), "-922337203685.47");
	assert_in_range(strlen(s), 700, TICK_ROW_MAX - 16);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test(header),
		cmocka_unit_test(full),
		cmocka_unit_test(other_kinds),
		cmocka_unit_test(absent),
		cmocka_unit_test(decimals),
		cmocka_unit_test(change),
		cmocka_unit_test(numbers),
		cmocka_unit_test(longest),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
