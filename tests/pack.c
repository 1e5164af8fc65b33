/*
 * pack - what is packed comes out again byte for byte, whatever it was; damage
 * is found, and what is not a segment of ticks is refused
 */
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
#include "pack.h"
#include "packmodel.h"
#include "packrow.h"
#include "rans.h"
#include "tick.h"

static struct fault f;

/* ---- helpers ---- */

/* Packs text, given in pieces of so many bytes; 0 or -1. */
static int
pack_all(const char *text, size_t n, size_t piece, struct buf *out)
{
	struct pack *p;
	int rc = 0;

	assert_int_equal(pack_new(&p, &f), 0);
	for (size_t at = 0; rc == 0 && at < n; at += piece)
		rc = pack_put(p, text + at, n - at < piece ? n - at : piece,
		    out, &f);
	if (rc == 0)
		rc = pack_end(p, out, &f);
	pack_delete(p);
	return rc;
}

/* Unpacks p[n] into out, room bytes at a time; 0 or -1 with f. */
static int
unpack_all(const char *p, size_t n, size_t room, struct buf *out)
{
	char *text = malloc(room);
	struct unpack *u;
	size_t want;
	long got;
	void *to;
	int rc = 0;

	assert_non_null(text);
	assert_int_equal(unpack_new(&u, &f), 0);
	for (;;) {
		while ((got = unpack_text(u, text, room, &f)) > 0)
			assert_int_equal(buf_add(out, text, (size_t)got), 0);
		if (got < 0)
			break;
		to = unpack_want(u, &want, &f);
		if (to == NULL || want > n) {
			rc = want > 0 || n > 0 ? -1 : 0;
			if (to != NULL || want == 0)
				fault_set(&f, EX_DATAERR, "not the length");
			break;
		}
		memcpy(to, p, want);
		p += want;
		n -= want;
	}
	unpack_delete(u);
	free(text);
	return got < 0 ? -1 : rc;
}

/* Text comes back; gives its packed length. */
static size_t
comes_back(const char *text, size_t n)
{
	static const size_t sizes[] = { TICK_ROW_MAX, 5000, 262144 };
	struct buf a = { 0 }, b = { 0 };
	size_t len;

	assert_int_equal(pack_all(text, n, 262144, &a), 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		buf_reset(&b);
		assert_int_equal(unpack_all(a.p, a.len, sizes[i], &b), 0);
		assert_int_equal(b.len, n);
		assert_memory_equal(b.p, text, n);
	}
	len = a.len;
	buf_reset(&b);
	assert_int_equal(pack_all(text, n, 7, &b), 0);	/* cut anywhere */
	assert_int_equal(b.len, len);
	assert_memory_equal(b.p, a.p, len);
	buf_free(&a);
	buf_free(&b);
	return len;
}

/* How many rows of text are packed as such. */
static int
packed_rows(const char *text)
{
	struct packrow_seen seen = { .recv = "" };
	struct packrow r;
	int n = 0;

	for (const char *nl; (nl = strchr(text, '\n')) != NULL; text = nl + 1)
		n += packrow_parse(&r, &seen, text, (size_t)(nl + 1 - text));
	return n;
}

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
header(struct buf *b)
{
	buf_reset(b);
	assert_int_equal(buf_addf(b, "%s\n", tick_header), 0);
}

static void
add_row(struct buf *b, const struct tick *t, uint64_t seq, int64_t recv_us,
    const char *flag, const char *symbol)
{
	const struct tick_row r = { .seq = seq, .recv_us = recv_us, .conn = 1,
	    .flag = flag, .symbol = symbol };
	char row[TICK_ROW_MAX];

	assert_int_equal(buf_add(b, row, tick_format(row, t, &r)), 0);
}

#define START	INT64_C(1795578300500001)	/* 2026-11-25 09:15:00.500001 */

static struct tick
share(uint32_t token)
{
	int64_t unit = kite_unit_e7(token);
	struct tick t = { .token = token, .kind = TICK_FULL,
	    .price_e7 = 12345 * unit, .open_e7 = 12300 * unit,
	    .high_e7 = 12400 * unit, .low_e7 = 12200 * unit,
	    .close_e7 = 12250 * unit, .avg_e7 = 12311 * unit, .qty = 75,
	    .volume = 750000, .buy_qty = 75000, .sell_qty = 60000,
	    .trade_s = START / US_PER_SEC - 3, .exch_s = START / US_PER_SEC,
	    .oi = 7500, .oi_high = 9000, .oi_low = 750 };

	for (int i = 0; i < TICK_DEPTH; i++) {
		t.buy[i] = (struct tick_level){ (12340 - 5 * i) * unit,
		    75 * (uint32_t)(i + 1), (uint32_t)i + 1 };
		t.sell[i] = (struct tick_level){ (12345 + 5 * i) * unit,
		    150 * (uint32_t)(i + 1), (uint32_t)i + 2 };
	}
	return t;
}

/* ---- rows ---- */

static void
rows_come_back(void **state)
{
	struct tick t = share(408065);
	struct buf b = { 0 };

	(void)state;
	header(&b);
	(void)comes_back(b.p, b.len);		/* no row */
	add_row(&b, &t, 1, START, "-", "INFY");
	(void)comes_back(b.p, b.len);		/* one */
	add_row(&b, &t, 2, START, "d", "INFY");
	t.volume += 75;
	add_row(&b, &t, 3, START - 5000000, "o", "INFY");	/* set back */
	t.volume -= 150;			/* a late update */
	t.exch_s = 0;
	t.trade_s = 0;
	add_row(&b, &t, 4, START, "-", "INFY");	/* times \N */
	t.close_e7 = 0;				/* changeper \N */
	memset(t.sell, 0, sizeof(t.sell));	/* nobody sells */
	add_row(&b, &t, 5, START + 1, "-", "INFY");
	memset(t.buy + 2, 0, 3 * sizeof(*t.buy));
	add_row(&b, &t, 6, START + 1, "-", "INFY");
	t.buy[0].price_e7 += 100000;		/* off the step so far */
	t.qty = 7;
	add_row(&b, &t, 7, START + 1, "-", "INFY");
	t.buy[3] = t.buy[0];			/* no book: a hole, and up */
	add_row(&b, &t, 8, START + 1, "-", "INFY");
	t.volume = t.buy_qty = t.sell_qty = t.oi = UINT32_MAX;
	t.price_e7 = UINT32_MAX * INT64_C(100000);
	add_row(&b, &t, 9, START + 1, "-", "INFY");
	memset(&t.price_e7, 0, sizeof(t) - offsetof(struct tick, price_e7));
	add_row(&b, &t, 10, START + 1, "-", "INFY");
	assert_int_equal(packed_rows(b.p), 10);
	(void)comes_back(b.p, b.len);
	buf_free(&b);
}

static void
every_segment_of_tokens_does(void **state)
{
	/* NSE, NFO, CDS (7 decimals), BCD (4), an index */
	static const uint32_t token[] = { 408065, 12345602, 1313795, 4742,
	    256265, UINT32_MAX };
	struct buf b = { 0 };

	(void)state;
	header(&b);
	for (uint64_t seq = 1; seq < 300; seq++) {
		uint32_t k = token[seq % 6];
		struct tick t = share(k);

		if ((k & 0xff) == KITE_INDICES)
			t.kind = TICK_INDEX_FULL;
		t.price_e7 += kite_unit_e7(k) * (int64_t)dice(100);
		add_row(&b, &t, seq, START + (int64_t)seq, "-",
		    k == UINT32_MAX ? "\\N" : k == 4742 ? "A\\tB\\\\C\\n" :
		    "X");
	}
	assert_int_equal(packed_rows(b.p), 299);
	(void)comes_back(b.p, b.len);
	buf_free(&b);
}

/* A name that changes within the day, more connections and flags than have a
 * number, and seq that goes on elsewhere. */
static void
odd_rows_stay_what_they_are(void **state)
{
	static const char *const odd[] = {
		"\n", "\t\t\n", "no row at all\n", "\\N\n",
		"1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\n",
	};
	struct tick t = share(408065);
	struct buf b = { 0 }, one = { 0 };

	(void)state;
	header(&b);
	for (uint64_t seq = 1; seq < 90; seq++) {
		struct tick_row r = { .seq = seq, .recv_us = START,
		    .conn = (uint32_t)seq, .flag = seq % 2 ? "-" : "cdo",
		    .symbol = seq < 50 ? "OLD" : "NEW" };
		char row[TICK_ROW_MAX];

		assert_int_equal(buf_add(&b, row, tick_format(row, &t, &r)), 0);
	}
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		assert_int_equal(packed_rows(odd[i]), 0);
		assert_int_equal(buf_adds(&b, odd[i]), 0);
	}
	assert_int_equal(buf_addf(&b, "%s\n", tick_header), 0);
	add_row(&b, &t, 95, START, "-", "NEW");
	add_row(&b, &t, 7, START, "-", "NEW");
	add_row(&b, &t, UINT64_MAX, START, "-", "NEW");
	(void)comes_back(b.p, b.len);

	/* A row that says the same in other words. */
	add_row(&one, &t, 1, START, "-", "INFY");
	assert_int_equal(packed_rows(one.p), 1);
	for (size_t i = 0; i < one.len; i++) {
		static const char other[] = "0 9.\t\\-";

		for (size_t k = 0; k < sizeof(other); k++) {
			char was = one.p[i];

			header(&b);
			one.p[i] = other[k];	/* a NUL too */
			assert_int_equal(buf_add(&b, one.p, one.len), 0);
			one.p[i] = was;
			(void)comes_back(b.p, b.len);
		}
	}
	buf_free(&b);
	buf_free(&one);
}

static void
what_is_torn_does_too(void **state)
{
	struct tick t = share(408065);
	struct buf b = { 0 };
	size_t head;

	(void)state;
	header(&b);
	head = b.len;
	add_row(&b, &t, 1, START, "-", "INFY");
	add_row(&b, &t, 2, START, "-", "INFY");
	for (size_t n = head; n <= b.len; n++)
		(void)comes_back(b.p, n);
	b.len = head;
	for (int i = 0; i < 5000; i++)		/* zeros of a power cut */
		assert_int_equal(buf_add(&b, "", 1), 0);
	(void)comes_back(b.p, b.len);
	buf_free(&b);
}

static void
other_files_are_refused(void **state)
{
	char *text = malloc(PACK_LINE_MAX + 1000);
	struct buf b = { 0 }, out = { 0 };

	(void)state;
	assert_non_null(text);
	assert_int_equal(pack_all("", 0, 1, &out), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_int_equal(pack_all("a\tb\n1\t2\n", 8, 8, &out), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	header(&b);
	b.p[b.len - 1] = '\t';
	assert_int_equal(buf_adds(&b, "more\n"), 0);
	assert_int_equal(pack_all(b.p, b.len, 100, &out), -1);
	assert_int_equal(pack_all(b.p, 20, 100, &out), -1);	/* torn */
	header(&b);
	memset(text, 'x', PACK_LINE_MAX + 1000);
	assert_int_equal(buf_add(&b, text, PACK_LINE_MAX + 1000), 0);
	assert_int_equal(pack_all(b.p, b.len, 262144, &out), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	header(&b);			/* rows of somebody else */
	for (int i = 0; i < 200; i++)
		assert_int_equal(buf_add(&b, text, 10000) |
		    buf_adds(&b, "\n"), 0);
	assert_int_equal(pack_all(b.p, b.len, 262144, &out), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	header(&b);			/* just not too long */
	assert_int_equal(buf_add(&b, text, PACK_LINE_MAX - 1), 0);
	assert_int_equal(buf_adds(&b, "\n"), 0);
	(void)comes_back(b.p, b.len);
	buf_free(&b);
	buf_free(&out);
	free(text);
}

/* ---- days ---- */

/* A market of n rows that moves a little. */
static void
market(struct buf *b, uint64_t n)
{
	struct tick t[40];
	int64_t recv_us = START;

	header(b);
	for (uint32_t i = 0; i < 40; i++)
		t[i] = share((3000 + 7 * i) << 8 | KITE_NFO);
	for (uint64_t seq = 1; seq <= n; seq++) {
		struct tick *k = &t[dice(40)];
		struct tick_level *l = &k->buy[dice(TICK_DEPTH)];
		char name[16];

		recv_us += dice(4) == 0 ? dice(200000) : 0;
		k->exch_s = (uint32_t)(recv_us / US_PER_SEC);
		l->qty = 75 * (1 + dice(40));
		l->orders = 1 + l->qty / 150;
		if (dice(3) == 0) {
			k->trade_s = k->exch_s;
			k->volume += k->qty = 75 * (1 + dice(5));
			k->price_e7 = k->sell[0].price_e7;
		}
		snprintf(name, sizeof(name), "FUT%u", k->token);
		add_row(b, k, seq, recv_us, "-", name);
	}
}

static void
a_day_becomes_small(void **state)
{
	enum { ROWS = 150000 };		/* three blocks */
	struct buf b = { 0 };
	size_t n;

	(void)state;
	market(&b, ROWS);
	n = comes_back(b.p, b.len);
	assert_true(n / ROWS < 12);
	buf_free(&b);
}

/* ---- damage ---- */

static void
damage_is_found(void **state)
{
	struct buf b = { 0 }, a = { 0 }, out = { 0 };

	(void)state;
	market(&b, 300);
	assert_int_equal(pack_all(b.p, b.len, 4096, &a), 0);
	for (size_t n = 0; n < a.len; n++) {		/* cut off */
		buf_reset(&out);
		f.text[0] = '\0';
		assert_int_equal(unpack_all(a.p, n, 5000, &out), -1);
		assert_true(out.len <= b.len);
	}
	for (size_t i = 0; i < a.len; i++) {		/* a bit */
		a.p[i] = (char)(a.p[i] ^ 1 << i % 8);
		buf_reset(&out);
		assert_int_equal(unpack_all(a.p, a.len, 5000, &out), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		a.p[i] = (char)(a.p[i] ^ 1 << i % 8);
	}
	buf_reset(&out);
	assert_int_equal(buf_add(&a, "", 1), 0);	/* and more */
	assert_int_equal(unpack_all(a.p, a.len, 5000, &out), -1);
	buf_free(&a);
	buf_free(&b);
	buf_free(&out);
}

/* ---- symbols ---- */

static void
symbols_come_back(void **state)
{
	enum { N = 20000 };
	static const uint16_t size[] = { 2, 300, 1, 512, 4 };
	static uint8_t context[N];
	static uint16_t symbol[N];
	struct rans_shape shape;
	struct rans_w w;
	struct rans_r r;
	struct buf out = { 0 };

	(void)state;
	assert_int_equal(rans_shape_make(&shape, size, 5), 0);
	assert_int_equal(rans_w_init(&w, &shape), 0);
	assert_int_equal(rans_w_room(&w, N), 0);
	assert_int_equal(rans_r_init(&r, &shape), 0);
	for (int block = 0; block < 3; block++) {
		size_t n = block == 0 ? 0 : N;	/* an empty one first */

		for (size_t i = 0; i < n; i++) {
			context[i] = (uint8_t)dice(5);
			symbol[i] = (uint16_t)(context[i] == 4 ? 3 :
			    dice(dice(size[context[i]]) + 1));
			rans_put(&w, context[i], symbol[i]);
			rans_bits_put(&w.bits, i, (unsigned)i % 33);
		}
		buf_reset(&out);
		assert_int_equal(rans_w_block(&w, &out), 0);
		assert_int_equal(rans_r_block(&r, (uint8_t *)out.p, out.len),
		    0);
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(rans_get(&r, context[i]), symbol[i]);
			assert_int_equal(rans_bits_get(&r, (unsigned)i % 33),
			    i & ((UINT64_C(1) << i % 33) - 1));
		}
		assert_int_equal(rans_r_done(&r), 1);
		assert_int_equal(rans_bits_get(&r, 32), 0);
		assert_true(r.bad);
	}
	rans_w_free(&w);
	rans_r_free(&r);
	rans_shape_free(&shape);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_back),
		cmocka_unit_test(every_segment_of_tokens_does),
		cmocka_unit_test(odd_rows_stay_what_they_are),
		cmocka_unit_test(what_is_torn_does_too),
		cmocka_unit_test(other_files_are_refused),
		cmocka_unit_test(a_day_becomes_small),
		cmocka_unit_test(damage_is_found),
		cmocka_unit_test(symbols_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
