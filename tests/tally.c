/*
 * tally, rowsum, rowimage, sift, group - what a day's rows amount to, and where they belong
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "clk.h"
#include "crc.h"
#include "group.h"
#include "rowimage.h"
#include "rowsum.h"
#include "sift.h"
#include "tally.h"
#include "tick.h"
#include "valsum.h"

static const char header[] = "seq\tinstrument_token\ttradingsymbol\ttimestamp";
static struct inst_set set;
static struct inst_groups all;
static struct fault f;

static void
add(uint32_t token, enum inst_kind kind, const char *symbol, const char *table)
{
	struct inst *in = inst_add(&set);

	assert_non_null(in);
	in->token = token;
	in->kind = kind;
	snprintf(in->tradingsymbol, sizeof(in->tradingsymbol), "%s", symbol);
	snprintf(in->table, sizeof(in->table), "%s", table);
	snprintf(in->db, sizeof(in->db), "db");
}

static int
set_up(void **state)
{
	(void)state;
	add(1, INST_EQ, "ONE", "ONE");
	add(2, INST_EQ, "TWO", "TWO");
	add(3, INST_EQ, "TWO-BE", "TWO");
	add(9, INST_INDEX, "NIFTY 50", "NIFTY");
	inst_sort(&set);
	return groups_make(&all, &set, &f);
}

static int
tear_down(void **state)
{
	(void)state;
	groups_free(&all);
	inst_free(&set);
	return 0;
}

/* ---- group ---- */

static void
groups(void **state)
{
	struct inst_group *g;

	(void)state;
	assert_int_equal(all.n, 3);
	g = groups_find(&all, "TWO", 3);
	assert_non_null(g);
	assert_int_equal(g->n, 2);
	assert_int_equal(g->v[0]->token, 2);
	assert_int_equal(g->v[1]->token, 3);
	assert_ptr_equal(groups_find(&all, "two_daily", 3), g);
	assert_null(groups_find(&all, "TW", 2));
	assert_null(groups_find(&all, "", 0));
	assert_null(groups_find(&(struct inst_groups){ 0 }, "TWO", 3));
}

/* ---- sift ---- */

static struct sifted
sift(const char *row)
{
	struct sift s = { .set = &set, .day = "2026-11-23" };

	assert_int_equal(sift_head(&s, header, &f), 0);
	return sift_row(&s, row, strchr(row, '\n'));
}

static void
takes_rows_of_the_day(void **state)
{
	struct sifted r = sift("1\t1\tONE\t2026-11-23 09:15:01\n");

	(void)state;
	assert_int_equal(r.as, SIFT_TAKE);
	assert_int_equal(r.token, 1);
	assert_ptr_equal(r.in, inst_find(&set, 1));
	assert_int_equal(r.sec, 33301);
	assert_int_equal(sift("1\t1\tONE\t2026-11-23 00:00:00\n").sec, 0);
	assert_int_equal(sift("1\t1\tONE\t2026-11-23 23:59:59\n").sec, 86399);
	assert_int_equal(sift("1\t9\tNIFTY 50\t2026-11-23 09:15:01\n").as,
	    SIFT_TAKE);
	/* das-tick did not know it yet, das-load does */
	assert_int_equal(sift("1\t1\t\\N\t2026-11-23 09:15:01\n").as,
	    SIFT_TAKE);
}

static void
keeps_others_out(void **state)
{
	static const struct { const char *row; enum sift_as as; } t[] = {
		{ "1\t1\tONE\t\\N\n", SIFT_KEEP_OUT },
		{ "1\t1\tONE\t2026-11-22 23:59:59\n", SIFT_KEEP_OUT },
		{ "1\t1\tONE\t2026-11-24 00:00:00\n", SIFT_KEEP_OUT },
		{ "1\t5\tFIVE\t2026-11-23 09:15:01\n", SIFT_UNKNOWN },
		{ "1\t4294967295\tX\t\\N\n", SIFT_UNKNOWN },
		{ "1\t4294967296\tX\t\\N\n", SIFT_BAD },
		{ "1\t-1\tX\t\\N\n", SIFT_BAD },
		{ "1\t\tX\t\\N\n", SIFT_BAD },
		{ "1\t1x\tONE\t\\N\n", SIFT_BAD },
		{ "1\t1\tONE\n", SIFT_BAD },
		{ "1\t1\tONE\t\\N\t\n", SIFT_BAD },
		{ "\n", SIFT_BAD },
		{ "1\t1\tONE\t\n", SIFT_BAD },
		{ "1\t1\tONE\t2026-11-23 24:00:00\n", SIFT_BAD },
		{ "1\t1\tONE\t2026-11-23 09:60:00\n", SIFT_BAD },
		{ "1\t1\tONE\t2026-11-23 09:15:60\n", SIFT_BAD },
		{ "1\t1\tONE\t2026-11-23 9:15:010\n", SIFT_BAD },
		{ "1\t1\tONE\t2026-11-23T09:15:01\n", SIFT_BAD },
		{ "1\t1\tONE\t2026-02-30 09:15:01\n", SIFT_BAD },
		{ "1\t1\tON\t2026-11-23 09:15:01\n", SIFT_BAD },
		{ "1\t1\tONES\t2026-11-23 09:15:01\n", SIFT_BAD },
		{ "1\t1\tTWO\t2026-11-23 09:15:01\n", SIFT_BAD },
	};
	struct sift s = { .set = &set, .day = "2026-11-23" };

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct sifted r = sift(t[i].row);

		if (r.as != t[i].as)
			fail_msg("%s: %d", t[i].row, (int)r.as);
		assert_int_equal(r.as == SIFT_BAD, r.why != NULL);
	}
	assert_int_equal(sift_head(&s, "seq\tinstrument_token\ttimestamp", &f),
	    -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_non_null(strstr(f.text, "tradingsymbol"));
}

/* ---- tally ---- */

static struct tally t;

static void
begin(size_t from, size_t n)
{
	int32_t day;

	assert_int_equal(clk_day_from("2026-11-23", &day), 0);
	assert_int_equal(tally_init(&t, &set, day, &f), 0);
	for (size_t i = 0; i < n; i++)
		tally_want(&t, &all.v[from + i], false);
	assert_int_equal(tally_head(&t, tick_header, &f), 0);
}

/* Rows of seq, token, symbol and timestamp, with a price that is the seq and
 * nothing else, as topic ticks has them. */
static int
count(const char *rows)
{
	struct buf b = { 0 };
	int rc;

	for (const char *p = rows, *end; *p != '\0'; p = end + 1) {
		int seq = atoi(p), tab = (int)strcspn(p, "\t");

		end = strchr(p, '\n');
		assert_int_equal(buf_addf(&b, "%.*s\t-\t1\t-\t%.*s\t%d.50", tab,
		    p, (int)(end - p) - tab - 1, p + tab + 1, seq), 0);
		for (int i = 2; i < ROWSUM_NCOL; i++)
			assert_int_equal(buf_adds(&b, "\t\\N"), 0);
		assert_int_equal(buf_adds(&b, "\n"), 0);
	}
	rc = tally_rows(&t, b.p, b.len, &f);
	buf_free(&b);
	return rc;
}

static struct tally_table
table(const char *name)
{
	return tally_table(&t, groups_find(&all, name, strlen(name)));
}

/* What the row above with this time and seq must be. */
static uint32_t
sum_of(const char *time, int seq)
{
	char text[256];
	int n = snprintf(text, sizeof(text), "2026-11-23 %s\t%d.50", time, seq);

	for (int i = 2; i < ROWSUM_NCOL; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "\t\\N");
	return crc32_add(0, text, (size_t)n);
}

static const char rows[] =
    "1\t1\tONE\t2026-11-23 09:15:01\n"
    "2\t1\tONE\t2026-11-23 09:15:02\n"
    "3\t1\tONE\t2026-11-23 09:15:02\n"		/* twice a second */
    "4\t1\tONE\t2026-11-23 09:15:01\n"		/* steps back, to a known one */
    "5\t1\tONE\t2026-11-23 09:14:59\n"		/* and to a new one */
    "6\t2\tTWO\t2026-11-23 00:00:00\n"
    "7\t3\tTWO-BE\t2026-11-23 00:00:00\n"	/* the same second */
    "8\t3\tTWO-BE\t2026-11-23 23:59:59\n"
    "9\t1\tONE\t\\N\n"
    "10\t1\tONE\t2026-11-22 09:15:01\n"
    "11\t77\tX\t2026-11-23 09:15:01\n"
    "12\t77\tX\t\\N\n"
    "13\t78\tY\t2026-11-23 09:15:01\n";

static void
counts(void **state)
{
	(void)state;
	begin(0, all.n);
	assert_int_equal(count(rows), 0);
	assert_int_equal(t.rows, 13);
	assert_int_equal(t.kept_out, 5);
	assert_int_equal(t.unknown, 3);
	assert_int_equal(t.nstranger, 2);
	assert_int_equal(t.stranger[0].token, 77);
	assert_int_equal(t.stranger[0].rows, 2);
	assert_int_equal(table("ONE").seconds, 3);
	assert_int_equal(table("ONE").pairs, 3);
	assert_int_equal(table("TWO").seconds, 2);
	assert_int_equal(table("TWO").pairs, 3);
	assert_int_equal(table("NIFTY").seconds, 0);
	assert_int_equal(table("NIFTY").sum, 0);
	/* the latest row of each second, and of the last instrument */
	assert_int_equal(table("ONE").sum, (uint64_t)sum_of("09:15:01", 4) +
	    sum_of("09:15:02", 3) + sum_of("09:14:59", 5));
	assert_int_equal(table("TWO").sum, (uint64_t)sum_of("00:00:00", 7) +
	    sum_of("23:59:59", 8));
	tally_free(&t);
}

/* A pass over some of the tables only: the rest is counted, not marked. */
static void
counts_in_passes(void **state)
{
	uint32_t sum = 0;

	(void)state;
	for (size_t i = 0; i < all.n; i++) {
		begin(i, 1);
		assert_int_equal(count(rows), 0);
		assert_int_equal(t.rows, 13);
		assert_int_equal(t.kept_out, 5);
		for (size_t j = 0; j < all.n; j++) {
			uint32_t n = tally_table(&t, &all.v[j]).seconds;

			assert_true(i == j || n == 0);
			sum += n;
		}
		tally_free(&t);
	}
	assert_int_equal(sum, 5);
}

/* Backwards, and then again half of them: all orders end the same. */
static void
counts_every_second(void **state)
{
	char row[64], text[32];
	uint64_t sum = 0;
	int64_t us;

	(void)state;
	begin(0, all.n);
	assert_int_equal(clk_from_ist("2026-11-23 00:00:00", &us), 0);
	for (int i = 86399 + 43200; i >= 0; i--) {
		int s = i % 86400;

		clk_to_ist_s(us / US_PER_SEC + s, text);
		snprintf(row, sizeof(row), "%d\t1\tONE\t%s\n", i, text);
		assert_int_equal(count(row), 0);
		if (i < 86400)
			sum += sum_of(text + 11, i);
	}
	assert_int_equal(table("ONE").seconds, 86400);
	assert_int_equal(table("ONE").sum, sum);
	tally_free(&t);
}

static void
refuses_bad_rows(void **state)
{
	static const char *const bad[] = {
		"1\t1\tONE\n", "1\tx\tONE\t\\N\n", "1\t1\tONE\tnow\n"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		begin(0, all.n);
		assert_int_equal(count("1\t1\tONE\t\\N\n"), 0);
		assert_int_equal(count(bad[i]), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		assert_non_null(strstr(f.text, "row 2"));
		tally_free(&t);
	}
	begin(0, all.n);
	assert_int_equal(tally_head(&t, "seq\ttimestamp", &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	tally_free(&t);
}

/* ---- rowsum ---- */

/* What a column of a row must say after value was stored in it. */
static bool
says(const char *column, const char *value, const char *want)
{
	char head[1024], *field[TSV_MAX], text[512];
	struct rowsum r = { .cut_oi = strncmp(column, "oi", 2) == 0 };
	struct tsv tsv;
	int n = 0, at;

	snprintf(head, sizeof(head), "%s", strstr(tick_header, "timestamp"));
	tsv_init(&tsv, NULL, "ticks");
	assert_int_equal(tsv_head(&tsv, head, strlen(head)), 0);
	assert_int_equal(rowsum_head(&r, &tsv, &f), 0);
	at = tsv_col(&tsv, column);
	for (int i = 0; i < ROWSUM_NCOL; i++) {
		field[i] = (char *)(uintptr_t)(i == at ? value : "\\N");
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s%s",
		    i > 0 ? "\t" : "", i == at ? want : "\\N");
	}
	tsv_free(&tsv);
	return rowsum_of(&r, field, ROWSUM_NCOL) ==
	    crc32_add(0, text, (size_t)n);
}

static void
sums_what_is_stored(void **state)
{
	static const char *const c[][3] = {
		{ "price", "100.05", "100.05" }, { "price", "100", "100.00" },
		{ "price", "0.5", "0.50" }, { "price", "1.005", "1.01" },
		{ "price", "1.0049999", "1.00" }, { "price", "9.995", "10.00" },
		{ "price", "-9.995", "-10.00" }, { "price", "-0.004", "0.00" },
		{ "price", "-0.00", "0.00" }, { "price", "0", "0.00" },
		{ "so4", "3", "3" }, { "sp4", "83.1250", "83.13" },
		{ "changeper", "-0.2014", "-0.2014000000" },
		{ "changeper", "0.12345678905", "0.1234567891" },
		{ "oi", "2147483647", "2147483647" },
		{ "oiHigh", "2147483648", "2147483647" },
		{ "volume", "4294967295", "4294967295" },
		{ "lastTradeTime", "2026-11-23 09:15:01", "2026-11-23 09:15:01" },
		{ "price", "", "" }, { "price", "x", "x" },
	};

	(void)state;
	/* the check value of every CRC-32 */
	assert_int_equal(crc32_add(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(crc32_add(crc32_add(0, "1234", 4), "56789", 5),
	    0xcbf43926);
	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++)
		if (!says(c[i][0], c[i][1], c[i][2]))
			fail_msg("%s %s is not %s", c[i][0], c[i][1], c[i][2]);
	assert_false(says("price", "100.05", "100.06"));
	assert_false(says("qty", "\\N", "0"));
}

/* The checksum of values of a row with one value in a column, else nulls. */
static uint32_t
of_values(const char *column, const char *value)
{
	char head[1024], *field[TSV_MAX];
	struct rowsum r = { .values = true, .cut_oi = true };
	struct tsv tsv;

	snprintf(head, sizeof(head), "%s", strstr(tick_header, "timestamp"));
	tsv_init(&tsv, NULL, "ticks");
	assert_int_equal(tsv_head(&tsv, head, strlen(head)), 0);
	assert_int_equal(rowsum_head(&r, &tsv, &f), 0);
	for (int i = 0; i < ROWSUM_NCOL; i++)
		field[i] = (char *)(uintptr_t)(i == tsv_col(&tsv, column) ?
		    value : "\\N");
	tsv_free(&tsv);
	return rowsum_of(&r, field, ROWSUM_NCOL);
}

static void
sums_what_values_say(void **state)
{
	static const char *const c[][3] = {	/* two that say one thing */
		{ "price", "100", "100.000" }, { "price", "0", "-0.00" },
		{ "price", "1e2", "100" }, { "price", "0.1", "0.10" },
		{ "price", "26310.55", "26310.5500000000001" },
		{ "oi", "3000000000", "3000000000" },	/* nothing is cut */
		{ "so4", "7", "07" }, { "qty", "x", "x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++)
		assert_int_equal(of_values(c[i][0], c[i][1]),
		    of_values(c[i][0], c[i][2]));
	assert_int_not_equal(of_values("oi", "3000000000"),
	    of_values("oi", "2147483647"));
	assert_int_not_equal(of_values("qty", "0"), of_values("qty", "\\N"));
	assert_int_not_equal(of_values("qty", ""), of_values("qty", "\\N"));
	assert_int_not_equal(of_values("qty", "1"), of_values("sQty", "1"));
	assert_int_not_equal(of_values("price", "0.1"),
	    of_values("price", "0.1000000000000001"));
	assert_int_not_equal(of_values("lastTradeTime", "2026-11-23 09:15:01"),
	    of_values("lastTradeTime", "2026-11-23 09:15:02"));
	/* every bit of the first value and of the last */
	for (int bit = 0; bit < 64; bit++) {
		uint64_t h = valsum_int(VALSUM_BEGIN, 12345),
		    other = valsum_bits(VALSUM_BEGIN, 12345 ^ UINT64_C(1) << bit);

		assert_int_not_equal(valsum_end(h), valsum_end(other));
		for (int i = 0; i < 45; i++) {
			h = valsum_null(h);
			other = valsum_null(other);
		}
		assert_int_not_equal(valsum_end(h), valsum_end(other));
	}
}

/* ---- rowimage ---- */

/* Of a row with these columns and values, pairs, and the rest null. */
static uint32_t
image(bool cut, int n, const char *const *set_to)
{
	char head[1024], *field[TSV_MAX];
	struct rowsum r = { .cut_oi = cut };
	struct tsv tsv;

	snprintf(head, sizeof(head), "%s", strstr(tick_header, "timestamp"));
	tsv_init(&tsv, NULL, "ticks");
	assert_int_equal(tsv_head(&tsv, head, strlen(head)), 0);
	assert_int_equal(rowsum_head(&r, &tsv, &f), 0);
	for (int i = 0; i < ROWSUM_NCOL; i++)
		field[i] = (char *)(uintptr_t)"\\N";
	for (; *set_to != NULL; set_to += 2)
		field[tsv_col(&tsv, set_to[0])] =
		    (char *)(uintptr_t)set_to[1];
	tsv_free(&tsv);
	return rowimage_of(&r, field, n);
}

/* What CHECKSUM TABLE of MariaDB 10.11.19 says of such rows. */
static void
knows_the_servers_image(void **state)
{
	static const char *const wide[] = {
		"timestamp", "2026-11-23 09:15:01", "price", "99.995",
		"qty", "4294967295", "avgPrice", "-0.005",
		"volume", "5000000000", "open", "-1234567890.12",
		"high", "12345678901.5", "changeper", "-12.34567890115",
		"lastTradeTime", "1999-12-31 23:59:59", "oi", "3000000000",
		"oiLow", "0", "so4", "7", NULL
	};
	static const char *const narrow[] = {
		"timestamp", "2026-11-23 09:15:01", "oi", "3000000000", NULL
	};
	static const char *const cut[] = {
		"timestamp", "2026-11-23 09:15:01", "oi", "2147483647", NULL
	};
	static const char *const index[] = {
		"timestamp", "2026-11-23 09:15:01", "price", "26000.05", NULL
	};
	static const char *const nil[] = {
		"timestamp", "2026-11-23 09:15:02", NULL
	};

	(void)state;
	assert_int_equal(image(false, ROWSUM_NCOL, wide), 2091780970);
	assert_int_equal(image(false, ROWSUM_NINDEX, index), 1472346724);
	assert_int_equal(image(false, ROWSUM_NINDEX, nil),
	    2246989150 - 1472346724);
	assert_int_equal(image(true, ROWSUM_NCOL, narrow),
	    image(false, ROWSUM_NCOL, cut));
	assert_int_not_equal(image(false, ROWSUM_NCOL, narrow),
	    image(false, ROWSUM_NCOL, cut));
}

/* A table whose sum is of images, beside one whose is not. */
static void
sums_images(void **state)
{
	static const char *const row[] = {
		"timestamp", "2026-11-23 23:59:59", "price", "3.50", NULL
	};
	int32_t day;

	(void)state;
	assert_int_equal(clk_day_from("2026-11-23", &day), 0);
	assert_int_equal(tally_init(&t, &set, day, &f), 0);
	tally_want(&t, groups_find(&all, "ONE", 3), true);
	tally_want(&t, groups_find(&all, "TWO", 3), false);
	assert_int_equal(tally_head(&t, tick_header, &f), 0);
	assert_int_equal(count("3\t1\tONE\t2026-11-23 23:59:59\n"
	    "8\t3\tTWO-BE\t2026-11-23 23:59:59\n"), 0);
	assert_true(table("ONE").image);
	assert_int_equal(table("ONE").sum, image(false, ROWSUM_NCOL, row));
	assert_false(table("TWO").image);
	assert_int_equal(table("TWO").sum, sum_of("23:59:59", 8));
	tally_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups),
		cmocka_unit_test(takes_rows_of_the_day),
		cmocka_unit_test(keeps_others_out),
		cmocka_unit_test(counts),
		cmocka_unit_test(counts_in_passes),
		cmocka_unit_test(counts_every_second),
		cmocka_unit_test(refuses_bad_rows),
		cmocka_unit_test(sums_what_is_stored),
		cmocka_unit_test(knows_the_servers_image),
		cmocka_unit_test(sums_images),
		cmocka_unit_test(sums_what_values_say),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
