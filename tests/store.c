/*
 * store - the SQLite back end, through the interface that the tools use
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "clk.h"
#include "file.h"
#include "store.h"

static char dir[] = "/tmp/das-store.XXXXXX";
static struct conf *conf;
static struct store *st;

/* The first row that the sqlite3 program gives for a file. */
static const char *
ask_file(const char *file, const char *sql)
{
	static char out[4096];
	char cmd[8192];
	FILE *p;
	size_t n;

	snprintf(cmd, sizeof(cmd), "sqlite3 %s/%s \"%s\" 2>&1", dir, file, sql);
	p = popen(cmd, "r");
	assert_non_null(p);
	n = fread(out, 1, sizeof(out) - 1, p);
	pclose(p);
	out[n] = '\0';
	out[strcspn(out, "\n")] = '\0';
	return out;
}

static const char *
ask(const char *sql)
{
	return ask_file("das.db", sql);
}

static void
wipe(void)
{
	char cmd[256];

	snprintf(cmd, sizeof(cmd), "rm -rf %s/*.db*", dir);
	assert_int_equal(system(cmd), 0);
}

static int
set_up(void **state)
{
	struct fault f = { 0 };

	(void)state;
	wipe();
	if (store_open(&st, conf, &f) != 0)
		fail_msg("%s", f.text);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	store_close(st);
	st = NULL;
	return 0;
}

static int
all_set_up(void **state)
{
	static const char text[] = "{\"store\": \"sqlite\"}";
	struct fault f = { 0 };
	char path[256];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/dasConfig.json", dir);
	assert_int_equal(file_put(path, 0600, text, strlen(text), &f), 0);
	if (conf_open(&conf, path, &f) != 0)
		fail_msg("%s", f.text);
	return 0;
}

static int
all_tear_down(void **state)
{
	char cmd[256];

	(void)state;
	conf_close(conf);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd);
}

/* Adds an instrument of which only the store's part matters. */
static void
add(struct inst_set *set, uint32_t token, enum inst_kind kind,
    const char *table, const char *db)
{
	struct inst *i = inst_add(set);

	assert_non_null(i);
	i->token = token;
	i->kind = kind;
	i->expiry = INST_NO_EXPIRY;
	snprintf(i->tradingsymbol, sizeof(i->tradingsymbol), "%s", table);
	snprintf(i->table, sizeof(i->table), "%s", table);
	snprintf(i->db, sizeof(i->db), "%s", db);
}

/* ---- opening ---- */

static void
opens_a_file_of_its_owner(void **state)
{
	char path[256];
	struct stat sb;

	(void)state;
	snprintf(path, sizeof(path), "%s/das.db", dir);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0600);
	assert_non_null(strstr(store_where(st), path));
	assert_string_equal(ask("PRAGMA journal_mode"), "wal");
}

static void
refuses_what_is_no_database(void **state)
{
	struct store *s;
	struct fault f = { 0 };
	char path[256], junk[4096];

	(void)state;
	store_close(st);
	wipe();
	memset(junk, 'x', sizeof(junk));
	snprintf(path, sizeof(path), "%s/das.db", dir);
	assert_int_equal(file_put(path, 0600, junk, sizeof(junk), &f), 0);
	assert_int_equal(store_open(&s, conf, &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_non_null(strstr(f.text, path));
	wipe();
	assert_int_equal(store_open(&st, conf, &f), 0);
}

/* ---- tokens ---- */

static void
gives_the_newest_token(void **state)
{
	struct store_token a = { "2026-11-23 08:01:02", "first" };
	struct store_token b = { "2026-11-24 08:01:02", "second" }, t;
	struct fault f;

	(void)state;
	assert_int_equal(store_token_last(st, &t, &f), 0);
	assert_int_equal(store_token_put(st, &b, &f), 0);
	assert_int_equal(store_token_put(st, &a, &f), 0);
	assert_int_equal(store_token_last(st, &t, &f), 1);
	assert_string_equal(t.timestamp, b.timestamp);
	assert_string_equal(t.access_token, "second");
	assert_string_equal(ask("SELECT count(*), min(requestUrl), "
	    "max(reqToken) FROM kite1tokens"), "2|-|-");

	/* A second login within the second takes the place of the first. */
	snprintf(b.access_token, sizeof(b.access_token), "third");
	assert_int_equal(store_token_put(st, &b, &f), 0);
	assert_int_equal(store_token_last(st, &t, &f), 1);
	assert_string_equal(t.access_token, "third");
	assert_string_equal(ask("SELECT count(*) FROM kite1tokens"), "2");
}

/* ---- tables ---- */

static void
makes_tables_and_views(void **state)
{
	struct inst_set set = { 0 };
	struct fault f = { 0 };

	(void)state;
	add(&set, 256265, INST_INDEX, "NIFTY", "nse");
	add(&set, 738561, INST_EQ, "RELIANCE", "nse");
	add(&set, 1000, INST_EQ, "M_M", "nse");
	add(&set, 1001, INST_EQ, "M_M", "nse");
	add(&set, 12345602, INST_CE, "NIFTY26NOV26000CE", "opt");
	for (int i = 0; i < 2; i++)	/* the second finds all in place */
		if (store_prepare(st, &set, &f) != 0)
			fail_msg("%s", f.text);
	assert_string_equal(ask("SELECT count(*) FROM sqlite_master "
	    "WHERE type = 'table' AND name NOT LIKE 'das_%'"), "1");
	assert_string_equal(ask("SELECT count(*) FROM sqlite_master "
	    "WHERE type = 'view'"), "4");
	assert_string_equal(ask("SELECT group_concat(name) FROM "
	    "(SELECT name FROM pragma_table_info('dailytable') LIMIT 7)"),
	    "instrument_token,tradingsymbol,tablename,dbname,timestamp,price,"
	    "qty");
	ask("INSERT INTO dailytable (instrument_token, timestamp, price) "
	    "VALUES (256265, '2026-11-23 09:15:00', 26000.05), "
	    "(1000, '2026-11-23 09:15:00', 3000), "
	    "(1001, '2026-11-23 09:15:01', 3001)");
	assert_string_equal(ask("SELECT * FROM NIFTY_daily"),
	    "2026-11-23 09:15:00|26000.05");
	assert_string_equal(ask("SELECT count(*), max(price) FROM M_M_daily"),
	    "2|3001.0");
	assert_string_equal(ask("SELECT count(*) FROM RELIANCE_daily"), "0");
	inst_free(&set);
}

static void
views_follow_the_day(void **state)
{
	struct inst_set set = { 0 };
	struct fault f = { 0 };

	(void)state;
	add(&set, 1, INST_FUT, "NIFTYFUT", "nse");
	add(&set, 2, INST_CE, "OLDCE", "opt");
	add(&set, 3, INST_EQ, "ACC", "nse");
	assert_int_equal(store_prepare(st, &set, &f), 0);
	ask("CREATE VIEW mine_daily AS SELECT 1 AS one");
	set.v[0].token = 7;
	set.v[2].token = 9;		/* first by name */
	set.v[1].token = 8;
	snprintf(set.v[1].table, sizeof(set.v[1].table), "NEWCE");
	assert_int_equal(store_prepare(st, &set, &f), 0);
	ask("INSERT INTO dailytable (instrument_token, timestamp, price) "
	    "VALUES (7, '2026-11-23 09:15:00', 26000.05)");
	assert_string_equal(ask("SELECT price FROM NIFTYFUT_daily"),
	    "26000.05");
	assert_string_equal(ask("SELECT group_concat(name) FROM (SELECT name "
	    "FROM sqlite_master WHERE type = 'view' ORDER BY name)"),
	    "ACC_daily,NEWCE_daily,NIFTYFUT_daily,mine_daily");
	assert_string_equal(ask("PRAGMA integrity_check"), "ok");
	inst_free(&set);
}

/* What is in the way of the day is refused before anything is made. */
static void
refuses_what_does_not_fit(void **state)
{
	static const struct { const char *sql, *word; } bad[] = {
		{ "CREATE TABLE dailytable (price REAL)",
		    "das.db: table dailytable: no column instrument_token" },
		{ "DROP TABLE dailytable; CREATE VIEW NIFTY_daily AS SELECT 1",
		    "view NIFTY_daily is not ours" },
		{ "DROP VIEW NIFTY_daily; CREATE TABLE NIFTY_daily (a)",
		    "NIFTY_daily is a table" },
	};
	struct inst_set set = { 0 };

	(void)state;
	add(&set, 2, INST_INDEX, "NIFTY", "nse");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fault f = { 0 };

		assert_string_equal(ask(bad[i].sql), "");
		assert_int_equal(store_prepare(st, &set, &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		if (strstr(f.text, bad[i].word) == NULL)
			fail_msg("%s: no '%s' in it", f.text, bad[i].word);
		/* and nothing else was made */
		assert_string_equal(ask("SELECT count(*) FROM sqlite_master "
		    "WHERE name LIKE 'das_%'"), "0");
	}
	inst_free(&set);
}

/* ---- main tables ---- */

#define DAY "2026-11-23"

/* Files the day of the only table of a set, 0 or -1. */
static int
file_one(struct inst_set *set, struct store_counts *n, struct fault *f)
{
	struct inst_groups g;
	int rc;

	assert_int_equal(groups_make(&g, set, f), 0);
	assert_int_equal(g.n, 1);
	if ((rc = store_file(st, &g.v[0], DAY, f)) == 0)
		rc = store_count(st, &g.v[0], DAY, n, f);
	groups_free(&g);
	return rc;
}

static void
refuses_a_main_table_that_does_not_fit(void **state)
{
	static const struct { const char *sql, *word; } bad[] = {
		{ "CREATE TABLE NIFTY (timestamp TEXT UNIQUE)",
		    "nse.db: table NIFTY: no column price" },
		{ "DROP TABLE NIFTY; CREATE TABLE NIFTY "
		    "(timestamp TEXT, price REAL)",
		    "nse.db: table NIFTY: (timestamp) is not unique" },
		{ "DROP TABLE NIFTY; CREATE VIEW NIFTY AS SELECT 1", "NIFTY" },
	};
	struct inst_set set = { 0 };
	struct store_counts n;

	(void)state;
	add(&set, 2, INST_INDEX, "NIFTY", "nse");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fault f = { 0 };

		assert_string_equal(ask_file("nse.db", bad[i].sql), "");
		assert_int_equal(file_one(&set, &n, &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		if (strstr(f.text, bad[i].word) == NULL)
			fail_msg("%s: no '%s' in it", f.text, bad[i].word);
	}
	/* A table of that name that an older das.db has is in nobody's way. */
	ask_file("nse.db", "DROP VIEW NIFTY");
	ask("CREATE TABLE NIFTY (a, b)");
	assert_int_equal(file_one(&set, &n, &(struct fault){ 0 }), 0);
	assert_string_equal(ask("SELECT count(*) FROM NIFTY"), "0");
	inst_free(&set);
}

static void
takes_a_table_that_has_more(void **state)
{
	struct inst_set set = { 0 };
	struct fault f = { 0 };
	struct store_counts n;

	(void)state;
	ask_file("nse.db", "CREATE TABLE NIFTY (id INTEGER PRIMARY KEY, "
	    "timestamp DATETIME UNIQUE, price DECIMAL(12,2), note TEXT)");
	add(&set, 2, INST_INDEX, "NIFTY", "nse");
	assert_int_equal(store_prepare(st, &set, &f), 0);
	ask("INSERT INTO dailytable (instrument_token, timestamp, price) "
	    "VALUES (2, '2026-11-23 09:15:00', 26000.05), "
	    "(2, '2026-11-24 09:15:00', 1)");
	if (file_one(&set, &n, &f) != 0)
		fail_msg("%s", f.text);
	assert_int_equal(n.main, 1);
	assert_int_equal(n.same, 1);
	assert_string_equal(ask_file("nse.db", "SELECT timestamp, price "
	    "FROM NIFTY"), "2026-11-23 09:15:00|26000.05");
	inst_free(&set);
}

static void
main_tables_are_in_files_of_their_own(void **state)
{
	static const struct {
		enum inst_kind kind;
		const char *expiry, *file, *columns;
	} want[] = {
		{ INST_INDEX, NULL, "nse.db", "2" },
		{ INST_EQ, NULL, "nse.db", "46" },
		{ INST_FUT, "2026-11-24", "nse.db", "46" },
		{ INST_CE, "2026-11-24", "nse-2026-11.db", "46" },
		{ INST_PE, "2026-12-01", "nse-2026-12.db", "46" },
		{ INST_CE, NULL, "nse.db", "46" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		struct inst_set set = { 0 };
		struct store_counts n;
		struct fault f = { 0 };
		char path[256], sql[256];
		struct stat sb;

		snprintf(sql, sizeof(sql), "T%zu", i);
		add(&set, 1, want[i].kind, sql, "nse");
		if (want[i].expiry != NULL)
			assert_int_equal(clk_day_from(want[i].expiry,
			    &set.v[0].expiry), 0);
		if (file_one(&set, &n, &f) != 0)
			fail_msg("%s", f.text);
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM "
		    "pragma_table_info('T%zu')", i);
		assert_string_equal(ask_file(want[i].file, sql),
		    want[i].columns);
		assert_string_equal(ask_file(want[i].file,
		    "PRAGMA journal_mode"), "wal");
		snprintf(path, sizeof(path), "%s/%s", dir, want[i].file);
		assert_int_equal(stat(path, &sb), 0);
		assert_int_equal(sb.st_mode & 0777, 0600);
		inst_free(&set);
	}
	assert_string_equal(ask("SELECT group_concat(name) FROM (SELECT name "
	    "FROM sqlite_master ORDER BY name)"),
	    "dailytable,das_filed,das_position");
}

static void
counting_makes_no_file(void **state)
{
	struct inst_set set = { 0 };
	struct inst_groups g;
	struct store_counts n;
	struct fault f = { 0 };
	char path[256];

	(void)state;
	add(&set, 1, INST_EQ, "ACC", "none");
	assert_int_equal(groups_make(&g, &set, &f), 0);
	assert_int_equal(store_count(st, &g.v[0], DAY, &n, &f), 0);
	assert_int_equal(n.main, 0);
	snprintf(path, sizeof(path), "%s/none.db", dir);
	assert_int_equal(access(path, F_OK), -1);
	groups_free(&g);
	inst_free(&set);
}

static void
refuses_names_of_databases(void **state)
{
	static const struct { const char *db; int ex; } bad[] = {
		{ "../nse", EX_DATAERR }, { "", EX_DATAERR },
		{ "a/b", EX_DATAERR },
		{ "das", EX_CONFIG }	/* das.db is sqlitePath */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct inst_set set = { 0 };
		struct store_counts n;
		struct fault f = { 0 };

		add(&set, 1, INST_EQ, "ACC", bad[i].db);
		assert_int_equal(store_prepare(st, &set, &f), -1);
		assert_int_equal(f.ex, bad[i].ex);
		assert_int_equal(file_one(&set, &n, &f), -1);
		assert_int_equal(f.ex, bad[i].ex);
		inst_free(&set);
	}
}

/* Filing goes through the files one by one. */
static void
files_in_the_order_of_files(void **state)
{
	static const struct {
		enum inst_kind kind;
		int32_t expiry;
		const char *table, *db;
	} in[] = {
		{ INST_CE, 20800, "A", "opt" }, { INST_EQ, 0, "D", "nse" },
		{ INST_PE, 20780, "B", "opt" }, { INST_FUT, 20780, "C", "nse" },
		{ INST_CE, 20780, "E", "opt" }, { INST_FUT, 20790, "F", "nse" }
	};
	char order[8] = "";
	struct inst_set set = { 0 };
	struct inst_groups g;
	struct fault f;

	(void)state;
	for (unsigned i = 0; i < sizeof(in) / sizeof(*in); i++) {
		add(&set, i + 1, in[i].kind, in[i].table, in[i].db);
		set.v[i].expiry = in[i].expiry;
	}
	assert_int_equal(groups_make(&g, &set, &f), 0);
	for (size_t i = 0; i < g.n; i++)
		order[i] = g.filing[i]->v[0]->table[0];
	assert_string_equal(order, "CDFBEA");
	groups_free(&g);
	inst_free(&set);
}

static void
refuses_names(void **state)
{
	static const char *const name[] = {
		"dailytable", "das_position", "sqlite_x", "a b", "", "x\"y"
	};
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++) {
		struct inst_set set = { 0 };

		add(&set, 2, INST_INDEX, name[i], "nse");
		assert_int_equal(store_prepare(st, &set, &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		inst_free(&set);
	}
}

static void
refuses_a_table_of_two(void **state)
{
	static const struct { enum inst_kind kind; const char *table, *db; }
	bad[] = {
		{ INST_EQ, "X", "b" },		/* two databases */
		{ INST_INDEX, "X", "a" },	/* two kinds of table */
		{ INST_EQ, "x", "a" }		/* SQLite folds case */
	};
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct inst_set set = { 0 };

		add(&set, 1, INST_EQ, "X", "a");
		add(&set, 2, bad[i].kind, bad[i].table, bad[i].db);
		assert_int_equal(store_prepare(st, &set, &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		assert_non_null(strstr(f.text, "cannot share"));
		inst_free(&set);
	}
}

/* What opening the store takes of the heap. */
static size_t
heap_of_open(void)
{
	size_t before = mallinfo2().uordblks;
	struct store_pos p;
	struct store *s;
	struct fault f;

	assert_int_equal(store_open(&s, conf, &f), 0);
	assert_int_equal(store_pos_get(s, DAY, "ticks", &p, &f), 0);
	before = mallinfo2().uordblks - before;
	store_close(s);
	return before;
}

/* A week of options that expire at its end, prepared and filed. */
static void
a_week(int32_t expiry, int options)
{
	struct inst_set set = { 0 };
	struct inst_groups g;
	struct store_counts n;
	struct fault f = { 0 };
	char name[32], day[CLK_DAY];

	clk_day_to(expiry, day);
	for (int i = 0; i < options; i++) {
		snprintf(name, sizeof(name), "NIFTY%d_%d", expiry, i);
		add(&set, (uint32_t)(expiry * 1000 + i), INST_CE, name, "opt");
		set.v[i].expiry = expiry;
	}
	if (store_prepare(st, &set, &f) != 0 || groups_make(&g, &set, &f) != 0)
		fail_msg("%s", f.text);
	for (int i = 0; i < options; i++)
		if (store_file(st, g.filing[i], day, &f) != 0 ||
		    store_count(st, g.filing[i], day, &n, &f) != 0)
			fail_msg("%s", f.text);
	groups_free(&g);
	inst_free(&set);
}

/* SQLite has the names and columns of a whole file in memory, so no file that
 * is opened may grow with the weeks. */
static void
weeks_do_not_make_it_grow(void **state)
{
	enum { WEEKS = 12, OPTIONS = 100 };
	size_t first = 0, last;
	int32_t expiry;

	(void)state;
	assert_int_equal(clk_day_from("2026-11-24", &expiry), 0);
	for (int i = 0; i < WEEKS; i++) {
		a_week(expiry + 7 * i, OPTIONS);
		if (i == 0)
			first = heap_of_open();
	}
	last = heap_of_open();
	print_message("# opened: %zu bytes, later %zu\n", first, last);
	assert_true(last < first + 65536);
	assert_string_equal(ask("SELECT count(*) FROM sqlite_master"), "103");
	assert_string_equal(ask_file("opt-2026-11.db",
	    "SELECT count(*) FROM sqlite_master"), "100");
	assert_string_equal(ask_file("opt-2026-12.db",
	    "SELECT count(*) FROM sqlite_master"), "500");
}

static void
prepares_2500_instruments_at_once(void **state)
{
	struct inst_set set = { 0 };
	struct fault f = { 0 };
	int64_t t = clk_mono();
	char name[32];

	(void)state;
	for (unsigned i = 0; i < 2500; i++) {
		snprintf(name, sizeof(name), "NIFTY26NOV%05uCE", i);
		add(&set, i, INST_CE, name, "opt");
	}
	if (store_prepare(st, &set, &f) != 0)
		fail_msg("%s", f.text);
	t = clk_mono() - t;
	print_message("# 2500 views: %lld ms\n",
	    (long long)(t / US_PER_MS));
	assert_string_equal(ask("SELECT count(*) FROM sqlite_master "
	    "WHERE type = 'view'"), "2500");
	assert_true(t < 10 * US_PER_SEC);	/* 1.3 on a machine of its own */
	inst_free(&set);
}

/* ---- loading ---- */

static const char header[] = "seq\tinstrument_token\ttimestamp\tprice\tqty\t"
    "avgPrice\tvolume\tbQty\tsQty\topen\thigh\tlow\tclose\tchangeper\t"
    "lastTradeTime\toi\toiHigh\toiLow\tbq0\tbp0\tbo0\tbq1\tbp1\tbo1\tbq2\tbp2\t"
    "bo2\tbq3\tbp3\tbo3\tbq4\tbp4\tbo4\tsq0\tsp0\tso0\tsq1\tsp1\tso1\tsq2\tsp2\t"
    "so2\tsq3\tsp3\tso3\tsq4\tsp4\tso4";
static int col[128];

/* A row whose price is as given; valid until the fourth call after it. */
static const char *
row(uint32_t token, int sec, const char *price)
{
	static char text[4][1024];
	static int next;
	char *p = text[next++ % 4];
	int n = snprintf(p, sizeof(*text), "1\t%u\t2026-11-23 09:15:%02d\t%s",
	    (unsigned)token, sec, price);

	for (int i = 4; i < 48; i++)
		n += snprintf(p + n, sizeof(*text) - (size_t)n, "\t\\N");
	snprintf(p + n, sizeof(*text) - (size_t)n, "\n");
	return p;
}

/* A batch of the rows, from the position of the store to the next byte. */
static struct store_batch
batch(const struct store_row *rows, size_t n)
{
	struct store_batch b = { .day = "2026-11-23", .topic = "ticks",
	    .part = { { &store_daily, col, rows, n } } };
	struct fault f;

	b.nfield = store_columns(&store_daily, header, col, &f);
	assert_int_equal(b.nfield, 48);
	assert_int_equal(store_pos_get(st, b.day, b.topic, &b.from, &f), 0);
	b.to = b.from;
	b.to.pos.segment = 1;
	b.to.pos.offset++;
	b.to.rows += n;
	return b;
}

static const struct inst one = { .token = 1, .kind = INST_EQ,
    .tradingsymbol = "ONE", .table = "ONE", .db = "db" };
static const struct inst two = { .token = 2, .kind = INST_INDEX,
    .tradingsymbol = "TWO", .table = "TWO", .db = "db" };

static void
names_a_missing_column(void **state)
{
	struct fault f;

	(void)state;
	assert_int_equal(store_columns(&store_daily, "timestamp\tprice", col,
	    &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_non_null(strstr(f.text, "no column qty"));
}

static void
loads_all_or_nothing(void **state)
{
	struct store_row rows[] = { { row(1, 1, "1.5"), &one },
	    { row(1, 2, "2.5"), &one }, { row(2, 1, "26000.05"), &two } };
	struct store_batch b = batch(rows, 3);
	struct store_pos p;
	struct fault f = { 0 };

	(void)state;
	if (store_load(st, &b, &f) != 0)
		fail_msg("%s", f.text);
	rows[0].text = row(1, 3, "3.5");
	rows[1].text = row(1, 4, "4,5");
	b = batch(rows, 3);
	assert_int_equal(store_load(st, &b, &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_ptr_equal(b.bad, rows[1].text);
	assert_string_equal(f.text, "price is '4,5'");
	assert_string_equal(ask("SELECT count(*), max(price) FROM dailytable"),
	    "3|26000.05");
	assert_int_equal(store_pos_get(st, "2026-11-23", "ticks", &p, &f), 0);
	assert_int_equal(p.rows, 3);
	assert_int_equal(p.pos.offset, 1);
	assert_int_equal(store_pos_get(st, "2026-11-24", "ticks", &p, &f), 0);
	assert_int_equal(p.pos.segment, 0);
}

static void
sees_a_rival(void **state)
{
	struct store_row rows[] = { { row(1, 1, "1.5"), &one } };
	struct store_batch a = batch(rows, 1), b = a;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(store_load(st, &a, &f), 0);
	for (int i = 0; i < 2; i++) {	/* the first batch; a later one */
		assert_int_equal(store_load(st, &b, &f), -1);
		assert_int_equal(f.ex, EX_TEMPFAIL);
		assert_true(b.moved);
		b = batch(rows, 1);
		b.from.pos.offset--;
		b.from.pos.segment = 1;
	}
	assert_string_equal(ask("SELECT rows FROM das_position"), "1");
}

/* What goes in as text must be the number that SQLite makes of that text. */
static void
numbers_are_exact(void **state)
{
	static const char *const price[] = {
		"0", "0.05", "26310.55", "-0.05", "100", "99999999.9999999",
		"123456789012345", "12345678901234567", "0.1", "0.3",
		"1234567.1234567", "4294967295.4294967", "0.0000001", "-1",
		"83.2675", "9007199254740993", "1e5", "0.30000000000000004"
	};
	struct store_row r = { NULL, &one };
	char sql[256];
	struct fault f = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(price) / sizeof(*price); i++) {
		struct store_batch b;

		r.text = row(1, 1, price[i]);
		b = batch(&r, 1);
		if (store_load(st, &b, &f) != 0)
			fail_msg("%s: %s", price[i], f.text);
		snprintf(sql, sizeof(sql), "SELECT price = CAST('%s' AS REAL) "
		    "FROM dailytable", price[i]);
		if (strcmp(ask(sql), "1") != 0)
			fail_msg("%s is %s", price[i],
			    ask("SELECT printf('%.17g', price) FROM dailytable"));
	}
}

static void
refuses_what_is_no_number(void **state)
{
	static const char *const price[] = {
		"", "-", ".", "1.2.3", "nan", "inf", "0x10", "+1", " 1", "1 ",
		"\\n", "\\N1", "1e999",
		("1111111111111111111111111111111111111111111111111111111111111"
		    "111")
	};
	struct store_row r = { NULL, &one };

	(void)state;
	for (size_t i = 0; i < sizeof(price) / sizeof(*price); i++) {
		struct fault f = { 0 };
		struct store_batch b;

		r.text = row(1, 1, price[i]);
		b = batch(&r, 1);
		if (store_load(st, &b, &f) != -1 || f.ex != EX_DATAERR)
			fail_msg("'%s' was taken", price[i]);
		assert_ptr_equal(b.bad, r.text);
	}
}

/* ---- filing ---- */

static void
files_a_day(void **state)
{
	struct store_row rows[] = { { row(1, 1, "1.5"), &one },
	    { row(1, 2, "2.5"), &one }, { row(2, 1, "26000.05"), &two } };
	struct store_batch b = batch(rows, 3);
	struct store_day d = { .day = "2026-11-23", .rows = 3000000000,
	    .filed = 3, .filed_at = "2026-11-23 16:00:00" }, got;
	struct store_counts n;
	struct inst_set set = { 0 };
	struct inst_groups g = { 0 };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(store_load(st, &b, &f), 0);
	/* The instruments are found in the rows: one without a volume is an
	 * index. */
	assert_string_equal(ask("UPDATE dailytable SET volume = 5 "
	    "WHERE price = 2.5"), "");
	assert_int_equal(store_add_insts(st, d.day, &set, &f), 0);
	assert_int_equal(set.n, 2);
	assert_string_equal(set.v[0].table, "ONE");
	assert_int_equal(set.v[1].kind, INST_INDEX);
	assert_int_equal(store_add_insts(st, "2026-11-24", &set, &f), 0);
	assert_int_equal(set.n, 2);
	assert_int_equal(groups_make(&g, &set, &f), 0);
	assert_int_equal(store_count(st, &g.v[0], d.day, &n, &f), 0);
	assert_int_equal(n.daily, 2);
	assert_int_equal(n.main + n.same, 0);
	for (int i = 0; i < 2; i++)	/* as often as one likes */
		assert_int_equal(store_file(st, &g.v[0], d.day, &f), 0);
	assert_int_equal(store_file(st, &g.v[1], d.day, &f), 0);
	assert_int_equal(store_count(st, &g.v[0], d.day, &n, &f), 0);
	assert_true(n.daily == 2 && n.main == 2 && n.same == 2);
	assert_string_equal(ask_file("db.db", "UPDATE ONE SET so4 = 1 "
	    "WHERE price = 2.5; INSERT INTO ONE (timestamp) VALUES ('2026-11-22 23:59:59'), "
	    "('2026-11-24 00:00:00')"), "");
	assert_int_equal(store_count(st, &g.v[0], d.day, &n, &f), 0);
	assert_true(n.daily == 2 && n.main == 2 && n.same == 1);

	assert_int_equal(store_done_get(st, d.day, &got, &f), 0);
	ask("INSERT INTO dailytable (instrument_token, timestamp) VALUES "
	    "(1, '2026-11-22 23:59:59'), (2, '2026-11-24 00:00:00'), "
	    "(3, '2026-11-24 00:00:00')");
	assert_int_equal(store_done(st, &d, &f), 0);
	assert_string_equal(ask("SELECT count(*) FROM dailytable"), "3");
	ask("DELETE FROM dailytable WHERE timestamp <> '2026-11-23'; INSERT "
	    "INTO dailytable (instrument_token, timestamp) VALUES "
	    "(1, '2026-11-23 00:00:00'), (1, '2026-11-23 23:59:59')");
	assert_int_equal(store_done(st, &d, &f), 0);
	assert_string_equal(ask("SELECT count(*) FROM dailytable"), "0");
	assert_int_equal(store_done_get(st, d.day, &got, &f), 1);
	assert_int_equal(got.rows, 3000000000);
	assert_string_equal(got.filed_at, d.filed_at);
	assert_int_equal(store_sync(st, &f), 0);
	groups_free(&g);
	inst_free(&set);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(opens_a_file_of_its_owner),
		TEST(refuses_what_is_no_database),
		TEST(gives_the_newest_token),
		TEST(makes_tables_and_views),
		TEST(views_follow_the_day),
		TEST(refuses_what_does_not_fit),
		TEST(refuses_a_main_table_that_does_not_fit),
		TEST(takes_a_table_that_has_more),
		TEST(main_tables_are_in_files_of_their_own),
		TEST(counting_makes_no_file),
		TEST(refuses_names_of_databases),
		TEST(files_in_the_order_of_files),
		TEST(weeks_do_not_make_it_grow),
		TEST(refuses_names),
		TEST(refuses_a_table_of_two),
		TEST(prepares_2500_instruments_at_once),
		TEST(names_a_missing_column),
		TEST(loads_all_or_nothing),
		TEST(sees_a_rival),
		TEST(numbers_are_exact),
		TEST(refuses_what_is_no_number),
		TEST(files_a_day),
	};

	return cmocka_run_group_tests(tests, all_set_up, all_tear_down);
}
