/*
 * ltp - rows of topic ltp: literal text, nothing unknown as a number, and
 * extended rows that come back as the same bits
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
#include "ltp.h"
#include "num.h"
#include "walk.h"

#define TS	"2026-01-02T08:13:05+00:00"

static int64_t
us_of(const char *iso)
{
	int64_t us;

	assert_int_equal(clk_from_iso(iso, &us), 0);
	return us;
}

static char *
format(const struct ltp_row *r, bool extended)
{
	static char out[LTP_ROW_MAX + 1];
	size_t n = ltp_format(out, r, extended);

	assert_in_range(n, 1, LTP_ROW_MAX);
	assert_int_equal(out[n - 1], '\n');
	out[n - 1] = '\0';
	return out;
}

static struct ltp_row
option(void)
{
	struct ltp_row r;

	ltp_init(&r);
	r.symbol = "NIFTY06JAN2626500CE";
	r.token = 11000;
	r.ts_us = us_of(TS);
	r.ltp_e7 = 120000000;
	r.bid_e7 = 119500000;
	r.ask_e7 = 120500000;
	r.volume = INT64_C(5000000000);
	r.oi = 0;
	r.delta = 0.14837;
	r.gamma = 0.00147123456789;
	r.theta = -5.53;
	r.vega = 6.43;
	r.iv = 5.6612345678;
	return r;
}

static void
plain(void **state)
{
	struct ltp_row r = option();

	(void)state;
	assert_string_equal(ltp_header, "symbol\ttoken\tts\tltp\tbid\task\t"
	    "volume\toi\tdelta\tgamma\ttheta\tvega\tiv\tsource");
	assert_string_equal(format(&r, false),
	    "NIFTY06JAN2626500CE\t11000\t" TS "\t12.00\t11.95\t12.05\t"
	    "5000000000\t0\t0.14837000\t0.0014712346\t-5.530000\t6.430000\t"
	    "5.66123457\tws");
}

static void
unknown(void **state)
{
	struct ltp_row r;
	const double odd[] = { NAN, INFINITY, -INFINITY };

	(void)state;
	ltp_init(&r);
	r.symbol = "NIFTY 50";
	r.token = 256265;
	r.ts_us = us_of(TS);
	r.ltp_e7 = INT64_C(263053000000);
	r.volume = 0;
	for (int i = 0; i < 3; i++) {
		r.iv = r.delta = r.more.forward = r.more.pcr = odd[i];
		assert_string_equal(format(&r, false), "NIFTY 50\t256265\t" TS
		    "\t26305.30\t\\N\t\\N\t0\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\tws");
		assert_string_equal(format(&r, true), "NIFTY 50\t256265\t" TS
		    "\t26305.30\t\\N\t\\N\t0\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\tws"
		    "\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N"
		    "\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N");
	}
}

static void
numbers(void **state)
{
	static const struct { int64_t e7; const char *text; } prices[] = {
		{ 0, "\t0.00\t" }, { 500000, "\t0.05\t" }, { -500000, "\t-0.05\t" },
		{ 25000, "\t0.0025\t" }, { 1, "\t0.0000001\t" },
		{ INT64_C(10000000000000000), "\t1000000000.00\t" },
	};
	static const struct { double x; const char *text; } reals[] = {
		{ 0, "\t0.00000000\t" }, { -0.0, "\t0.00000000\t" },
		{ -1e-12, "\t0.00000000\t" }, { -1, "\t-1.00000000\t" },
		{ 0.999999999, "\t1.00000000\t" }, { 0.5, "\t0.50000000\t" },
		{ 1e300, "\t1.0000000000000001e+300\t" },
	};
	struct ltp_row r = option();

	(void)state;
	for (size_t i = 0; i < sizeof(prices) / sizeof(*prices); i++) {
		r.bid_e7 = prices[i].e7;
		assert_non_null(strstr(format(&r, false), prices[i].text));
	}
	for (size_t i = 0; i < sizeof(reals) / sizeof(*reals); i++) {
		r.delta = reals[i].x;
		assert_non_null(strstr(format(&r, false), reals[i].text));
	}
}

static void
times(void **state)
{
	static const char *const text[] = { TS, "1970-01-01T00:00:00+00:00",
	    "2026-01-02T23:59:59.900+00:00", "2026-01-02T23:59:59.999999+00:00",
	    "2026-01-02T00:00:00.000001+00:00" };
	char out[40];

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++) {
		*ltp_ts(out, us_of(text[i])) = '\0';
		assert_string_equal(out, text[i]);
	}
}

/* Reads a line back by header's names; the text stays in *rows. */
static int
read_back(struct tsv *rows, const char *header, const char *line,
    struct ltp_row *r, struct fault *f)
{
	static char copy[LTP_ROW_MAX + 1];
	struct ltp_in in;

	tsv_init(rows, NULL, "rows");
	assert_int_equal(tsv_head(rows, header, strlen(header)), 0);
	snprintf(copy, sizeof(copy), "%s", line);
	if (ltp_open(&in, rows, f) != 0)
		return -1;
	assert_int_equal(tsv_row(rows, copy), 0);
	return ltp_take(&in, rows, r, f);
}

static void
back_plain(void **state)
{
	struct ltp_row r = option(), got;
	struct tsv rows;
	struct fault f;

	(void)state;
	r.symbol = "A\tB\\C";
	assert_int_equal(read_back(&rows, ltp_header, format(&r, false), &got,
	    &f), 0);
	assert_string_equal(got.symbol, r.symbol);
	assert_string_equal(got.source, "ws");
	assert_true(got.ts_us == r.ts_us && got.token == r.token);
	assert_true(got.ltp_e7 == r.ltp_e7 && got.volume == r.volume);
	assert_true(fabs(got.iv - r.iv) <= 0.5e-8 && isnan(got.more.forward));
	assert_true(got.more.strike_e7 == LTP_NONE);
	tsv_free(&rows);
	/* other columns, in another order */
	assert_int_equal(read_back(&rows, "ts\tx\tltp\ttoken\tsymbol",
	    TS "\tq\t1.5\t7\tS", &got, &f), 0);
	assert_true(got.ltp_e7 == 15000000 && got.token == 7);
	assert_true(isnan(got.iv) && got.oi == LTP_NONE && got.source == NULL);
	tsv_free(&rows);
}

static double
some_double(struct walk_rng *rng)
{
	uint64_t bits = walk_next(rng);
	double x;

	memcpy(&x, &bits, sizeof(x));
	return isfinite(x) && fpclassify(x) != FP_SUBNORMAL ? x : NAN;
}

static void
back_extended(void **state)
{
	struct walk_rng rng = { 5 };
	struct ltp_row r = option(), got;
	struct tsv rows;
	struct fault f;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		double *x[] = { &r.delta, &r.gamma, &r.theta, &r.vega, &r.iv,
		    &r.more.forward, &r.more.tte, &r.more.rate, &r.more.price,
		    &r.more.sigma, &r.more.iv_unc, &r.more.rho,
		    &r.more.forward_age, &r.more.pcr };
		double *y[] = { &got.delta, &got.gamma, &got.theta, &got.vega,
		    &got.iv, &got.more.forward, &got.more.tte, &got.more.rate,
		    &got.more.price, &got.more.sigma, &got.more.iv_unc,
		    &got.more.rho, &got.more.forward_age, &got.more.pcr };

		for (size_t k = 0; k < sizeof(x) / sizeof(*x); k++)
			*x[k] = some_double(&rng);
		strcpy(r.more.kind, i % 2 ? "CE" : "");
		strcpy(r.more.forward_src, "CARRY");
		strcpy(r.more.iv_status, "BELOW_INTRINSIC");
		r.more.strike_e7 = i % 3 ? i : LTP_NONE;
		r.more.expiry_us = us_of(TS) + i;
		assert_int_equal(read_back(&rows, ltp_more_header,
		    format(&r, true), &got, &f), 0);
		for (size_t k = 0; k < sizeof(x) / sizeof(*x); k++)
			assert_true(isnan(*x[k]) ? isnan(*y[k]) :
			    *x[k] == *y[k]);
		assert_string_equal(got.more.kind, r.more.kind);
		assert_string_equal(got.more.forward_src, "CARRY");
		assert_string_equal(got.more.iv_status, "BELOW_INTRINSIC");
		assert_true(got.more.strike_e7 == r.more.strike_e7);
		assert_true(got.more.expiry_us == r.more.expiry_us);
		tsv_free(&rows);
	}
}

static void
hostile(void **state)
{
	static const struct { const char *head, *line, *why; } bad[] = {
		{ "symbol\ttoken\tts", "", "no column ltp" },
		{ "token\tsymbol\tltp", "", "no column ts" },
		{ ltp_header, "A\tx\t" TS "\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\tws",
		    "token is 'x'" },
		{ ltp_header, "\\N\t1\t" TS "\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\tws",
		    "symbol is '\\N'" },
		{ ltp_header, "A\t1\tnow\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\tws",
		    "ts is 'now'" },
		{ ltp_header, "A\t1\t" TS "\t1\t1\t1\t-1\t1\t1\t1\t1\t1\t1\tws",
		    "volume is '-1'" },
		{ ltp_header, "A\t1\t" TS "\t1\t1\t1\t1\t1\tnan\t1\t1\t1\t1\tws",
		    "delta is 'nan'" },
		{ ltp_header, "A\t1\t" TS "\t1\t1\t1\t1\t1\t1\t1\t1\t1\tinf\tws",
		    "iv is 'inf'" },
		{ "symbol\ttoken\tts\tltp\tstatus", "A\t1\t" TS
		    "\t1\tAVERYLONGWORDINDEED", "status is" },
	};
	struct ltp_row got;
	struct tsv rows;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(read_back(&rows, bad[i].head, bad[i].line,
		    &got, &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		assert_non_null(strstr(f.text, bad[i].why));
		tsv_free(&rows);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(unknown),
		cmocka_unit_test(numbers),
		cmocka_unit_test(times),
		cmocka_unit_test(back_plain),
		cmocka_unit_test(back_extended),
		cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
