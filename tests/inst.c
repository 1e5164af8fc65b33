/*
 * inst - dump rows, symbols, table names, instruments.tsv
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "clk.h"
#include "file.h"
#include "inst.h"
#include "num.h"

#define FIELDS(...) ((const char *const[INST_DUMP_COLS]){ __VA_ARGS__ })

static void
dump_rows(void **state)
{
	struct inst i;
	struct fault f;
	int32_t day;

	(void)state;
	assert_int_equal(clk_day_make(2026, 1, 6, &day), 0);
	assert_int_equal(inst_from_dump(&i, FIELDS("12602626", "49229",
	    "NIFTY2610626500CE", "NIFTY", "0", "2026-01-06", "26500", "0.05",
	    "65", "CE", "NFO-OPT", "NFO"), &f), 0);
	assert_int_equal(i.token, 12602626);
	assert_int_equal(i.kind, INST_CE);
	assert_int_equal(i.expiry, day);
	assert_int_equal(i.strike_e7, 26500 * (int64_t)E7);
	assert_int_equal(i.tick_e7, 500000);
	assert_int_equal(i.lot, 65);
	assert_string_equal(i.exchange, "NFO");
	assert_string_equal(i.segment, "NFO-OPT");
	/* pandas; an index; quotes are gone already */
	assert_int_equal(inst_from_dump(&i, FIELDS("256265", "1001",
	    "NIFTY 50", "NIFTY 50", "0.0", "", "0.0", "0.0", "0", "EQ",
	    "INDICES", "NSE"), &f), 0);
	assert_int_equal(i.kind, INST_INDEX);
	assert_int_equal(i.expiry, INST_NO_EXPIRY);
	/* nothing between the commas, a float as lot */
	assert_int_equal(inst_from_dump(&i, FIELDS("738561", "2885",
	    "RELIANCE", "", "", "", "", "", "1.0", "EQ", "NSE", "NSE"), &f), 0);
	assert_int_equal(i.kind, INST_EQ);
	assert_int_equal(i.lot, 1);
}

/* One good row, spoilt field by field: the message names the column. */
static void
bad_dump_rows(void **state)
{
	static const struct {
		int	 col;
		const char *value;
	} bad[] = {
		{ 0, "" }, { 0, "0" }, { 0, "x1" }, { 0, "4294967296" },
		{ 0, "-1" }, { 2, "" },
		{ 2, "A23456789012345678901234567890123456789012345678901234567"
		    "8901234" },
		{ 5, "2026-02-30" }, { 5, "27/01/2026" }, { 5, "" },
		{ 6, "abc" }, { 6, "-1" }, { 6, "0" }, { 7, "0.05x" },
		{ 8, "1.5" }, { 8, "9999999999" }, { 9, "" }, { 9, "XX" },
		{ 9, "index" }, { 10, "" }, { 10, "A-SEGMENT-TOO-LONG" },
		{ 11, "" }, { 11, "EXCHANGE" },
		{ 3, "A23456789012345678901234567890123456789012345678901234567"
		    "8901234" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(bad) / sizeof(*bad); n++) {
		const char *v[INST_DUMP_COLS] = { "1", "0", "S", "N", "0",
		    "2026-01-06", "5", "0.05", "65", "PE", "NFO-OPT", "NFO" };
		struct inst i, was;
		struct fault f = { 0 };
		char words[64];

		memset(&i, 0x5a, sizeof(i));
		was = i;
		v[bad[n].col] = bad[n].value;
		assert_int_equal(inst_from_dump(&i, v, &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		snprintf(words, sizeof(words), "column %s ",
		    inst_dump_cols[bad[n].col]);
		if (strstr(f.text, words) == NULL)
			fail_msg("row %zu: '%s' has no '%s'", n, f.text, words);
		assert_memory_equal(&i, &was, sizeof(i));
	}
}

/* A long name of a share is cut, at a character's border. */
static void
long_names(void **state)
{
	const char *v[INST_DUMP_COLS] = { "1", "0", "S", NULL, "0", "", "0",
	    "0.05", "1", "EQ", "NSE", "NSE" };
	char name[100];
	struct inst i;
	struct fault f;

	(void)state;
	memset(name, 'x', 99);
	name[99] = '\0';
	memcpy(name + 62, "\xc3\xa9", 2);	/* bytes 63 and 64 of 63 */
	v[3] = name;
	assert_int_equal(inst_from_dump(&i, v, &f), 0);
	assert_int_equal(strlen(i.name), 62);
	memset(name, 'x', 99);
	memcpy(name + 61, "\xc3\xa9", 2);
	assert_int_equal(inst_from_dump(&i, v, &f), 0);
	assert_int_equal(strlen(i.name), 63);
}

static void
symbols(void **state)
{
	struct inst i = { .kind = INST_FUT, .name = "NIFTY",
	    .tradingsymbol = "NIFTY26JANFUT" };

	(void)state;
	assert_int_equal(clk_day_make(2026, 1, 27, &i.expiry), 0);
	inst_make_symbol(&i);
	assert_string_equal(i.symbol, "NIFTY27JAN26FUT");
	i.kind = INST_CE;
	assert_int_equal(clk_day_make(2026, 1, 6, &i.expiry), 0);
	i.strike_e7 = 26500 * (int64_t)E7;
	inst_make_symbol(&i);
	assert_string_equal(i.symbol, "NIFTY06JAN2626500CE");
	i.kind = INST_PE;
	i.strike_e7 = 402 * (int64_t)E7 + E7 / 2;
	strcpy(i.name, "ITC");
	inst_make_symbol(&i);
	assert_string_equal(i.symbol, "ITC06JAN26402.5PE");
	i.kind = INST_INDEX;
	strcpy(i.tradingsymbol, "NIFTY 50");
	inst_make_symbol(&i);
	assert_string_equal(i.symbol, "NIFTY 50");
	i.kind = INST_CE;
	*i.name = '\0';
	inst_make_symbol(&i);
	assert_string_equal(i.symbol, "NIFTY 50");
}

static void
table_names(void **state)
{
	static const char *const good[][2] = {
		{ "RELIANCE", "RELIANCE" }, { "M&M", "M_M" },
		{ "BAJAJ-AUTO", "BAJAJ_AUTO" }, { "HSCL-BE", "HSCL" },
		{ "A-B-BE", "A_B" }, { "3MINDIA", "3MINDIA" },
		{ "BE", "BE" }, { "X-BEE", "X_BEE" }, { "J&K-BE", "J_K" },
	};
	static const char *const bad[] = {
		"", "NIFTY 50", "a`b", "a;b", "a.b", "dailytable", "DailyTable",
		"das_x", "DAS_position", "sqlite_master", "kite1tokens",
		"ltp_ticks", "oi_snapshots", "NIFTY_daily", "\xc3\xa9",
		("a12345678901234567890123456789012345678901234567890123456789"
		    "12345"),
	};
	char t[65], small[4] = "xyz";
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(inst_table_name(good[i][0], t, sizeof(t), &f),
		    0);
		assert_string_equal(t, good[i][1]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_false(inst_table_ok(bad[i]));
		strcpy(t, "as it was");
		assert_int_equal(inst_table_name(bad[i], t, sizeof(t), &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		assert_string_equal(t, "as it was");
	}
	assert_int_equal(inst_table_name("ABCD", small, sizeof(small), &f), -1);
	assert_string_equal(small, "xyz");
	assert_true(inst_table_ok("a123456789012345678901234567890123456789012"
	    "345678901234567890123"));
	assert_true(inst_table_ok("_daily"
	    "x"));
}

static void
divisors(void **state)
{
	enum inst_kind k;

	(void)state;
	assert_int_equal(inst_divisor(256265), 100);
	assert_int_equal(inst_divisor(3 << 8 | 3), 10000000);
	assert_int_equal(inst_divisor(3 << 8 | 6), 10000);
	assert_int_equal(inst_divisor(3 << 8 | 5), 100);
	for (int i = INST_INDEX; i <= INST_PE; i++) {
		assert_int_equal(inst_kind_from(inst_kind_name(
		    (enum inst_kind)i), &k), 0);
		assert_int_equal(k, i);
	}
	assert_int_equal(inst_kind_from("INDEX", &k), -1);
}

/* Puts text into a file and loads it. */
static int
load(struct inst_set *s, const char *text, struct fault *f)
{
	char path[] = "/tmp/das-inst-XXXXXX";
	int fd = mkstemp(path), rc;

	assert_int_not_equal(fd, -1);
	close(fd);
	assert_int_equal(file_put(path, 0600, text, strlen(text), f), 0);
	rc = inst_load(s, path, f);
	unlink(path);
	return rc;
}

static void
there_and_back(void **state)
{
	struct inst_set s = { 0 }, back = { 0 };
	struct buf b = { 0 };
	struct inst *i;
	struct fault f;

	(void)state;
	assert_int_equal(buf_addf(&b, "%s\n", inst_header), 0);
	for (uint32_t n = 1000; n > 0; n--) {
		assert_non_null(i = inst_add(&s));
		i->token = n * 7;
		i->kind = (enum inst_kind)(n % 5);
		strcpy(i->exchange, "NFO");
		strcpy(i->segment, "NFO-OPT");
		snprintf(i->tradingsymbol, sizeof(i->tradingsymbol), "S%u", n);
		strcpy(i->name, "tab\there, \\N");
		if (i->kind >= INST_FUT)
			i->expiry = 20000 + (int32_t)n;
		if (i->kind >= INST_CE)
			i->strike_e7 = n * (int64_t)E7 + 5000000;
		i->tick_e7 = i->kind != INST_INDEX ? 500000 : 0;
		i->lot = i->kind != INST_INDEX ? n : 0;
		inst_make_symbol(i);
		strcpy(i->table, "T");
		strcpy(i->db, "das_nse");
		assert_int_equal(inst_format(&b, i), 0);
	}
	inst_sort(&s);
	assert_int_equal(load(&back, b.p, &f), 0);
	assert_int_equal(back.n, s.n);
	assert_memory_equal(back.v, s.v, s.n * sizeof(*s.v));
	assert_int_equal(inst_find(&back, 700)->token, 700);
	assert_null(inst_find(&back, 701));
	inst_free(&back);
	assert_null(inst_find(&back, 700));
	inst_free(&s);
	buf_free(&b);
}

static const char *const row = "256265\tNSE\tINDICES\tNIFTY 50\tNIFTY 50\t"
    "NIFTY 50\tindex\t\\N\t\\N\t\\N\t\\N\t100\tNIFTY\taws_das_nse\n";

static void
row_as_text(void **state)
{
	struct inst_set s = { 0 };
	struct buf b = { 0 }, again = { 0 };
	struct fault f;

	(void)state;
	assert_int_equal(buf_addf(&b, "%s\n%s", inst_header, row), 0);
	assert_int_equal(load(&s, b.p, &f), 0);
	assert_int_equal(s.n, 1);
	assert_int_equal(inst_format(&again, &s.v[0]), 0);
	assert_string_equal(again.p, row);
	inst_free(&s);
	buf_free(&b);
	buf_free(&again);
}

static void
bad_files(void **state)
{
	static const struct {
		const char *from, *to, *says;
	} bad[] = {
		{ "\tstrike\t", "\tStrike\t", "no column strike" },
		{ "256265", "256265x", ":2: instrument_token is '256265x'" },
		{ "index", "indx", ":2: kind is 'indx'" },
		{ "index", "CE", ":2: no expiry" },
		{ "\tNIFTY\taws", "\tdas_x\taws", ":2: TableName is 'das_x'" },
		{ "aws_das_nse", "a b", ":2: dbName is 'a b'" },
		{ "aws_das_nse\n", "aws_das_nse", ":2: the line is torn" },
		{ "\t100\t", "\t", ":2: fewer fields" },
		{ "\tNSE\t", "\tNSE45678\t", ":2: exchange is 'NSE45678'" },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(bad) / sizeof(*bad); n++) {
		struct inst_set s = { 0 };
		struct buf b = { 0 }, t = { 0 };
		struct fault f = { 0 };
		char *at;

		assert_int_equal(buf_addf(&b, "%s\n%s", inst_header, row), 0);
		assert_non_null(at = strstr(b.p, bad[n].from));
		assert_int_equal(buf_addf(&t, "%.*s%s%s", (int)(at - b.p), b.p,
		    bad[n].to, at + strlen(bad[n].from)), 0);
		assert_int_equal(load(&s, t.p, &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		if (strstr(f.text, bad[n].says) == NULL)
			fail_msg("'%s' has no '%s'", f.text, bad[n].says);
		assert_null(s.v);
		buf_free(&b);
		buf_free(&t);
	}
}

static void
bad_wholes(void **state)
{
	struct inst_set s = { 0 };
	struct buf b = { 0 };
	struct fault f;

	(void)state;
	assert_int_equal(buf_addf(&b, "%s\n%s%s", inst_header, row, row), 0);
	assert_int_equal(load(&s, b.p, &f), -1);
	assert_non_null(strstr(f.text, "256265 is there twice"));
	assert_int_equal(load(&s, "", &f), -1);
	assert_non_null(strstr(f.text, "no header line"));
	assert_int_equal(inst_load(&s, "/nonexistent/x", &f), -1);
	assert_int_equal(f.ex, EX_NOINPUT);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test(dump_rows),
		cmocka_unit_test(bad_dump_rows),
		cmocka_unit_test(long_names),
		cmocka_unit_test(symbols),
		cmocka_unit_test(table_names),
		cmocka_unit_test(divisors),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(row_as_text),
		cmocka_unit_test(bad_files),
		cmocka_unit_test(bad_wholes),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
