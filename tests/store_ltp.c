/*
 * store_ltp - topic ltp in every store, SQLite here and MariaDB by store.t
 */
#include "storebed.h"

static const char header[] = "symbol\ttoken\tts\tltp\tbid\task\tvolume\toi\t"
    "delta\tgamma\ttheta\tvega\tiv\tsource";
enum { FIELDS = 14 };
static int col[2][128];

/* The store of this topic takes the place of the other. */
static int
up(void **state)
{
	struct fault f = { 0 };

	(void)state;
	bed_wipe();
	if (store_open_topic(&st, conf, "ltp", &f) != 0)
		fail_msg("%s", f.text);
	return 0;
}

static struct store_batch
ltp_batch(const struct store_row *ltp, size_t n, const struct store_row *oi,
    size_t noi)
{
	struct store_batch b = { .day = DAY, .topic = "ltp",
	    .part = { { &store_ltp, col[0], ltp, n },
	    { &store_oi, col[1], oi, noi } } };
	struct fault f = { 0 };

	b.nfield = store_columns(&store_ltp, header, col[0], &f);
	assert_int_equal(b.nfield, FIELDS);
	assert_int_equal(store_columns(&store_oi, header, col[1], &f), FIELDS);
	if (store_pos_get(st, DAY, "ltp", &b.from, &f) != 0)
		fail_msg("%s", f.text);
	b.to = b.from;
	b.to.pos.segment = 1;
	b.to.pos.offset++;
	b.to.rows += n;
	return b;
}

static void
load_ltp(const struct store_row *ltp, size_t n, const struct store_row *oi,
    size_t noi)
{
	struct store_batch b = ltp_batch(ltp, n, oi, noi);
	struct fault f = { 0 };

	if (store_load(st, &b, &f) != 0)
		fail_msg("%s", f.text);
}

/* "seconds since the epoch", in the SQL of the store */
static const char *
epoch(void)
{
	return socket_path != NULL ? "FLOOR(UNIX_TIMESTAMP(ts))" :
	    "strftime('%s', ts)";
}

#define OPTION	"NIFTY24NOV2626000CE\t12345\t"
#define GREEKS	"0.512345678\t0.00012\t-10.5\t12.5\t13.25\tws\n"

static void
keeps_rows_and_snapshots(void **state)
{
	struct store_row r[] = {
		{ "NIFTY 50\t256265\t" DAY "T03:45:00.250000+00:00\t26000.05\t"
		    "\\N\t\\N\t0\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\tws\n", NULL },
		{ OPTION DAY "T03:45:01+00:00\t100.05\t100\t100.1\t3000000000\t"
		    "4000000000\t" GREEKS, NULL },
		{ OPTION DAY "T03:45:01.500+00:00\t101.05\t100\t100.1\t"
		    "3000000001\t4000000001\t" GREEKS, NULL },
	};
	struct store_pos p;
	struct fault f = { 0 };

	(void)state;
	load_ltp(r, 3, &r[2], 1);
	assert_string_equal(ask("SELECT count(*), count(bid), max(volume), "
	    "max(oi), count(iv), max(source) FROM ltp_ticks"),
	    "3|2|3000000001|4000000001|2|ws");
	assert_string_equal(ask("SELECT ltp = 100.05, bid = 100, ask = 100.1, "
	    "delta = 0.512345678, gamma = 0.00012, theta = -10.5, vega = 12.5, "
	    "iv = 13.25, token FROM ltp_ticks WHERE oi = 4000000000"),
	    "1|1|1|1|1|1|1|1|12345");
	/* 03:45 UTC */
	assert_string_equal(askf("SELECT min(%s), max(%s) FROM ltp_ticks",
	    epoch(), epoch()), "1795405500|1795405501");
	assert_string_equal(askf("SELECT symbol, token, %s, oi, volume, "
	    "vega = 12.5 FROM oi_snapshots", epoch()),
	    "NIFTY24NOV2626000CE|12345|1795405500|4000000001|3000000001|1");
	assert_int_equal(store_pos_get(st, DAY, "ltp", &p, &f), 0);
	assert_int_equal(p.rows, 3);
	assert_int_equal(store_pos_get(st, DAY, "ticks", &p, &f), 0);
	assert_int_equal(p.rows, 0);
}

static void
the_latest_wins(void **state)
{
	struct store_row r[] = {
		{ OPTION DAY "T03:45:01+00:00\t1\t\\N\t\\N\t1\t5\t" GREEKS, NULL },
		{ OPTION DAY "T03:45:01+00:00\t2\t3\t\\N\t1\t6\t" GREEKS, NULL },
		{ OPTION DAY "T03:45:59+00:00\t3\t\\N\t\\N\t1\t7\t" GREEKS, NULL },
	};

	(void)state;
	for (int i = 0; i < 3; i++)
		load_ltp(&r[i], 1, &r[i], 1);
	assert_string_equal(ask("SELECT count(*), min(ltp), max(bid) "
	    "FROM ltp_ticks"), socket_path != NULL ? "2|2|3" : "2|2.0|3.0");
	assert_string_equal(ask("SELECT count(*), max(oi) FROM oi_snapshots"),
	    "1|7");
	/* two of one key in a batch: the last */
	load_ltp(r, 2, r, 2);
	assert_string_equal(ask("SELECT count(*), count(bid) FROM ltp_ticks"),
	    "2|1");
	assert_string_equal(ask("SELECT oi FROM oi_snapshots"), "6");
}

static void
refuses_values_and_all_of_the_batch(void **state)
{
	static const char *const bad[] = {
		OPTION DAY "T03:45:01+00:00\tx\t\\N\t\\N\t1\t5\t" GREEKS,
		OPTION DAY "T03:45:01+00:00\t1\t\\N\t\\N\t1.5x\t5\t" GREEKS,
		OPTION "yesterday\t1\t\\N\t\\N\t1\t5\t" GREEKS,
		OPTION DAY "T25:45:01+00:00\t1\t\\N\t\\N\t1\t5\t" GREEKS,
		OPTION "\t1\t\\N\t\\N\t1\t5\t" GREEKS,
		OPTION "\\N\t1\t\\N\t\\N\t1\t5\t" GREEKS,
		"\\N\t1\t" DAY "T03:45:01+00:00\t1\t\\N\t\\N\t1\t5\t" GREEKS,
		OPTION DAY "T03:45:01+00:00\tnan\t\\N\t\\N\t1\t5\t" GREEKS,
	};
	struct store_row r[] = {
		{ OPTION DAY "T03:45:00+00:00\t1\t\\N\t\\N\t1\t5\t" GREEKS, NULL },
		{ NULL, NULL }
	};

	(void)state;
	load_ltp(r, 1, r, 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fault f = { 0 };
		struct store_batch b;

		r[0].text = OPTION DAY "T03:45:02+00:00\t1\t\\N\t\\N\t1\t5\t"
		    GREEKS;
		r[1].text = bad[i];
		b = ltp_batch(r, 2, r, 1);
		if (store_load(st, &b, &f) != -1 || f.ex != EX_DATAERR ||
		    b.bad != bad[i])
			fail_msg("%zu: %d %s", i, f.ex, f.text);
	}
	assert_string_equal(ask("SELECT count(*) FROM ltp_ticks"), "1");
}

static void
sees_a_rival(void **state)
{
	struct store_row r = { OPTION DAY "T03:45:00+00:00\t1\t\\N\t\\N\t1\t5\t"
	    GREEKS, NULL };
	struct store_batch a = ltp_batch(&r, 1, &r, 1), b = a;
	struct fault f = { 0 };

	(void)state;
	b.to.pos.offset += 7;
	assert_int_equal(store_load(st, &a, &f), 0);
	assert_int_equal(store_load(st, &b, &f), -1);
	assert_int_equal(f.ex, EX_TEMPFAIL);
	assert_true(b.moved);
}

static void
symbols_are_only_text(void **state)
{
	struct store_row r = { "O'N\"E;--%_`\t1\t" DAY "T03:45:00+00:00\t1\t\\N\t"
	    "\\N\t1\t5\t" GREEKS, NULL };

	(void)state;
	load_ltp(&r, 1, &r, 1);
	assert_string_equal(ask("SELECT symbol FROM ltp_ticks"), "O'N\"E;--%_`");
	assert_string_equal(ask("SELECT symbol FROM oi_snapshots"),
	    "O'N\"E;--%_`");
}

/* ltp_ticks of the recorder before, and one that is nobody's. */
static void
takes_tables_that_fit(void **state)
{
	struct store_row r = { OPTION DAY "T03:45:00+00:00\t1\t\\N\t\\N\t1\t5\t"
	    GREEKS, NULL };
	const char *schema = socket_path != NULL ? "nse" : "ltp";
	struct store_batch b;
	struct fault f = { 0 };

	(void)state;
	assert_string_equal(askf("CREATE TABLE %s.ltp_ticks (id INTEGER PRIMARY "
	    "KEY %s, symbol VARCHAR(64) NOT NULL, token VARCHAR(32) NOT NULL, "
	    "ts %s NOT NULL, ltp DOUBLE, bid DOUBLE, ask DOUBLE, volume BIGINT, "
	    "oi BIGINT, delta DOUBLE, gamma DOUBLE, theta DOUBLE, vega DOUBLE, "
	    "iv DOUBLE, source VARCHAR(16) DEFAULT 'ws', created_at VARCHAR(20) "
	    "DEFAULT 'then', UNIQUE (symbol, ts))", schema, socket_path != NULL ?
	    "AUTO_INCREMENT" : "", socket_path != NULL ? "TIMESTAMP(6)" :
	    "TEXT"), "");
	load_ltp(&r, 1, &r, 1);
	assert_string_equal(ask("SELECT count(*), max(oi), max(created_at) "
	    "FROM ltp_ticks"), "1|5|then");
	bed_down(state);
	up(state);
	assert_string_equal(askf("CREATE TABLE %s.ltp_ticks (symbol "
	    "VARCHAR(64), ts VARCHAR(40))", schema), "");
	b = ltp_batch(&r, 1, &r, 1);
	assert_int_equal(store_load(st, &b, &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_non_null(strstr(f.text, "ltp_ticks: no column token"));
}

#define LTP(t)	cmocka_unit_test_setup_teardown(t, up, bed_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LTP(keeps_rows_and_snapshots),
		LTP(the_latest_wins),
		LTP(refuses_values_and_all_of_the_batch),
		LTP(sees_a_rival),
		LTP(symbols_are_only_text),
		LTP(takes_tables_that_fit),
	};

	return cmocka_run_group_tests(tests, bed_all_up, bed_all_down);
}
