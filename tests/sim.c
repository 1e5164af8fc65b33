/*
 * sim - what the simulator is made of: rows back into ticks, subscriptions,
 * pairs, forms, gzip
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "form.h"
#include "gz.h"
#include "js.h"
#include "pairs.h"
#include "subs.h"
#include "tickin.h"

/* Every tick that a row can hold comes back as it was. */
static void
row_and_back(const struct tick *t)
{
	const struct tick_row r = { .seq = 1, .conn = 1, .flag = "-",
	    .recv_us = INT64_C(1795405500123456), .symbol = "X" };
	char text[8192], out[TICK_ROW_MAX + 1];
	struct tickin in;
	struct tick back;
	struct tsv rows;
	struct fault f;
	int64_t recv;
	size_t n;
	FILE *fp;

	n = tick_format(out, t, &r);
	out[n] = '\0';
	snprintf(text, sizeof(text), "%s\n%s", tick_header, out);
	fp = fmemopen(text, strlen(text), "r");
	tsv_init(&rows, fp, "rows");
	assert_int_equal(tickin_open(&in, &rows, &f), 0);
	assert_int_equal(tsv_next(&rows), 1);
	assert_int_equal(tickin_row(&in, &rows, &back, &recv, &f), 0);
	assert_true(recv == r.recv_us);
	assert_memory_equal(&back, t, sizeof(back));
	tsv_free(&rows);
	fclose(fp);
}

static void
rows_come_back(void **state)
{
	struct tick t;

	(void)state;
	memset(&t, 0, sizeof(t));
	t.kind = TICK_FULL;
	t.token = 408065;
	t.price_e7 = INT64_C(15735500000);
	t.open_e7 = 1 * INT64_C(100000);
	t.close_e7 = INT64_C(429496729500000);
	t.volume = UINT32_MAX;
	t.exch_s = 1795405500;
	t.trade_s = 1;
	t.oi_low = 3;
	for (uint32_t i = 0; i < TICK_DEPTH; i++) {
		t.buy[i] = (struct tick_level){ i * 100000, i + 7, 65535 };
		t.sell[i] = (struct tick_level){ i * 500000, i, i };
	}
	row_and_back(&t);
	t.token = 11 << 8 | KITE_CDS;	/* seven decimals */
	t.price_e7 = 834225001;
	row_and_back(&t);
	memset(&t, 0, sizeof(t));
	t.kind = TICK_INDEX_FULL;
	t.token = 256265;
	t.price_e7 = INT64_C(263101500000);
	t.high_e7 = INT64_C(263200000000);
	t.exch_s = 1795405500;
	row_and_back(&t);
}

static int
read_row(const char *text, struct tick *t, struct fault *f)
{
	struct tickin in;
	struct tsv rows;
	int64_t recv;
	char copy[512];
	FILE *fp;
	int rc;

	snprintf(copy, sizeof(copy), "%s", text);
	fp = fmemopen(copy, strlen(copy), "r");
	tsv_init(&rows, fp, "rows");
	if ((rc = tickin_open(&in, &rows, f)) == 0) {
		assert_int_equal(tsv_next(&rows), 1);
		rc = tickin_row(&in, &rows, t, &recv, f);
	}
	tsv_free(&rows);
	fclose(fp);
	return rc;
}

static void
bad_rows_are_named(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "recvTime\tprice\n", "rows: no column instrument_token" },
		{ "recvTime\tinstrument_token\tprice\nx\t1\t1\n",
		    "rows:2: recvTime is 'x'" },
		{ "recvTime\tinstrument_token\tprice\n"
		    "2026-11-23 09:15:00\t1\t\\N\n", "rows:2: price is '\\N'" },
		{ "recvTime\tinstrument_token\tprice\toi\n"
		    "2026-11-23 09:15:00\t1\t1\t-1\n", "rows:2: oi is '-1'" },
		{ "recvTime\tinstrument_token\tprice\ttimestamp\n"
		    "2026-11-23 09:15:00\t1\t1\t1960-01-01 00:00:00\n",
		    "rows:2: timestamp is '1960-01-01 00:00:00'" },
	};
	struct fault f;
	struct tick t;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(read_row(bad[i].text, &t, &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		assert_string_equal(f.text, bad[i].why);
	}
	assert_int_equal(read_row("price\trecvTime\tinstrument_token\n"
	    "1.5\t2026-11-23 09:15:00\t265\n", &t, &f), 0);
	assert_int_equal(t.kind, TICK_INDEX_FULL);
	assert_true(t.price_e7 == 15000000);
}

static void
subscriptions(void **state)
{
	static struct subs s;
	enum tick_kind kind;

	(void)state;
	for (uint32_t i = 0; i < KITE_TOKENS_MAX; i++)
		assert_int_equal(subs_add(&s, i * 7919 % 1000003), 1);
	assert_int_equal(subs_add(&s, 7919), 0);
	assert_int_equal(subs_add(&s, 1000003), -1);
	for (size_t i = 1; i < s.n; i++)
		assert_true(s.v[i - 1].token < s.v[i].token);
	assert_int_equal(subs_find(&s, 7919)->kind, TICK_QUOTE);
	assert_null(subs_find(&s, 1000003));
	subs_mode(&s, subs_find(&s, 7919), TICK_FULL);
	subs_mode(&s, subs_find(&s, 7919), TICK_FULL);
	subs_mode(&s, subs_find(&s, 0), TICK_FULL);
	assert_int_equal(s.nfull, 2);
	subs_remove(&s, subs_find(&s, 7919));
	assert_int_equal(s.nfull, 1);
	assert_null(subs_find(&s, 7919));
	subs_mode(&s, subs_find(&s, 0), TICK_LTP);
	assert_int_equal(s.nfull, 0);
	while (s.n > 0)
		subs_remove(&s, &s.v[s.n / 2]);
	assert_int_equal(subs_mode_from("full", &kind), 0);
	assert_int_equal(kind, TICK_FULL);
	assert_int_equal(subs_mode_from("fully", &kind), -1);
}

static void
pairs_are_distinct(void **state)
{
	struct pairs p = { 0 };

	(void)state;
	assert_int_equal(pairs_add(&p, 1, 100), 1);
	assert_int_equal(pairs_add(&p, 1, 100), 0);
	assert_int_equal(pairs_add(&p, 0, 100), 1);
	assert_int_equal(pairs_add(&p, 1, 101), 1);
	assert_int_equal(pairs_add(&p, 1, 100), 0);	/* a second client */
	for (uint32_t sec = 200; sec < 202; sec++)
		for (uint32_t token = 0; token < 20000; token++)
			assert_int_equal(pairs_add(&p, token * 256 + 1, sec),
			    1);
	assert_true(p.count == 3 + 2 * 20000);
	pairs_free(&p);
}

static void
forms(void **state)
{
	char out[16];
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(form_get("a=1&bb=x+%26%3d&c=", "bb", out, 16), 1);
	assert_string_equal(out, "x &=");
	assert_int_equal(form_get("a=1&bb=2&c=", "c", out, 16), 1);
	assert_string_equal(out, "");
	assert_int_equal(form_get("a=1&bb=2", "b", out, 16), 0);
	assert_int_equal(form_get("", "b", out, 16), 0);
	assert_int_equal(form_get("b", "b", out, 16), 0);
	assert_int_equal(form_get("b=%4", "b", out, 16), -1);
	assert_int_equal(form_get("b=%zz", "b", out, 16), -1);
	assert_int_equal(form_get("b=%00", "b", out, 16), -1);
	assert_int_equal(form_get("b=0123456789abcdef", "b", out, 16), -1);
	assert_int_equal(form_get("b=0123456789abcde", "b", out, 16), 1);
	assert_int_equal(form_cookie("x=1; b=a+/=; c=2", "b", out, 16), 1);
	assert_string_equal(out, "a+/=");
	assert_int_equal(form_cookie("bb=1;b=2", "b", out, 16), 1);
	assert_string_equal(out, "2");
	assert_int_equal(form_cookie("bb=1", "b", out, 16), 0);
	assert_int_equal(form_cookie("b=0123456789abcdef", "b", out, 16), -1);
	assert_int_equal(form_escape(&b, "a b&\xc3\xa9-_.~"), 0);
	assert_string_equal(b.p, "a%20b%26%C3%A9-_.~");
	buf_reset(&b);
	assert_int_equal(js_add(&b, "a\"b\\c\n\xc3\xa9"), 0);
	assert_string_equal(b.p, "\"a\\\"b\\\\c\\u000a\xc3\xa9\"");
	buf_free(&b);
}

static void
gzip_is_gzip(void **state)
{
	struct buf out = { 0 };
	char big[100000];

	(void)state;
	memset(big, 'x', sizeof(big));
	assert_int_equal(buf_adds(&out, "before"), 0);
	assert_int_equal(gz_pack(&out, big, sizeof(big)), 0);
	assert_in_range(out.len, 30, 2000);
	assert_memory_equal(out.p, "before\x1f\x8b\x08", 9);
	/* its last four bytes are the length, little-endian */
	assert_memory_equal(out.p + out.len - 4, "\xa0\x86\x01\0", 4);
	assert_int_equal(gz_pack(&out, "", 0), 0);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_back),
		cmocka_unit_test(bad_rows_are_named),
		cmocka_unit_test(subscriptions),
		cmocka_unit_test(pairs_are_distinct),
		cmocka_unit_test(forms),
		cmocka_unit_test(gzip_is_gzip),
	};

	return cmocka_run_group_tests_name("sim", tests, NULL, NULL);
}
