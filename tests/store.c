/*
 * store - what every store does, SQLite here and MariaDB by store.t: opening,
 * tokens, tables, views, questions (store_day.c: rows)
 */
#include "storebed.h"

/* ---- opening ---- */

static void
says_where_it_is(void **state)
{
	struct store *s;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(store_is_server(st), socket_path != NULL);
	assert_non_null(strstr(store_where(st), socket_path != NULL ?
	    conf_str(conf, "mysqlHost") : dir));
	assert_non_null(store_server(st, 0));
	assert_null(store_server(st, 1));
	/* two have it open at once */
	assert_int_equal(store_open(&s, conf, &f), 0);
	assert_int_equal(store_sync(s, &f), 0);
	store_close(s);
	store_close(NULL);
}

/* A store in which nothing is has answers all the same. */
static void
knows_that_nothing_is_there(void **state)
{
	struct store_token t;
	struct store_pos p = { .rows = 1 };
	struct store_day d = { .rows = 1 };
	struct buf b = { 0 };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(store_token_last(st, &t, &f), 0);
	assert_int_equal(store_pos_get(st, DAY, "ticks", &p, &f), 0);
	assert_int_equal(p.rows + p.pos.segment + p.pos.offset, 0);
	assert_int_equal(store_done_get(st, DAY, &d, &f), 0);
	assert_int_equal(d.rows, 0);
	assert_int_equal(store_locate(st, NULL, NULL, &b, &f), 0);
	buf_free(&b);
}

/* ---- tokens ---- */

static void
gives_the_newest_token(void **state)
{
	struct store_token a = { "2026-11-23 08:01:02", "first" };
	struct store_token b = { "2026-11-24 08:01:02", "a'b\"c\\d`%" }, t;
	struct fault f;

	(void)state;
	assert_int_equal(store_token_put(st, &b, &f), 0);
	assert_int_equal(store_token_put(st, &a, &f), 0);
	assert_int_equal(store_token_last(st, &t, &f), 1);
	assert_string_equal(t.timestamp, b.timestamp);
	assert_string_equal(t.access_token, b.access_token);
	assert_string_equal(ask("SELECT count(*), min(requestUrl), "
	    "max(reqToken) FROM kite1tokens"), "2|-|-");

	/* A second login within the second takes the place of the first. */
	memset(b.access_token, 'x', sizeof(b.access_token) - 1);
	assert_int_equal(store_token_put(st, &b, &f), 0);
	assert_int_equal(store_token_last(st, &t, &f), 1);
	assert_string_equal(t.access_token, b.access_token);
	assert_string_equal(ask("SELECT count(*) FROM kite1tokens"), "2");
}

/* A row that somebody else wrote. */
static void
refuses_a_token_that_is_none(void **state)
{
	struct store_token a = { "2026-11-23 08:01:02", "first" }, t;
	char longer[301] = "";
	struct fault f;

	(void)state;
	assert_int_equal(store_token_put(st, &a, &f), 0);
	ask("DROP TABLE kite1tokens; CREATE TABLE kite1tokens (timestamp "
	    "DATETIME, requestUrl TEXT, reqToken TEXT, accessToken TEXT)");
	memset(longer, 'x', sizeof(longer) - 1);
	askf("INSERT INTO kite1tokens VALUES ('2026-11-24 08:00:00', '-', '-', "
	    "'%s')", longer);
	assert_int_equal(store_token_last(st, &t, &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_null(strstr(f.text, "xxxx"));
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
	ask("INSERT INTO dailytable (instrument_token, timestamp, price) "
	    "VALUES (256265, '2026-11-23 09:15:00', 26000.05), "
	    "(1000, '2026-11-23 09:15:00', 3000), "
	    "(1001, '2026-11-23 09:15:01', 3001), "
	    "(4294967295, '2026-11-23 09:15:01', 1)");
	assert_string_equal(askf("SELECT * FROM %s", view("NIFTY")),
	    "2026-11-23 09:15:00|26000.05");
	assert_string_equal(askf("SELECT count(*), max(price) = 3001, "
	    "count(so4) FROM %s", view("M_M")), "2|1|0");
	assert_string_equal(askf("SELECT count(*) FROM %s", view("RELIANCE")), "0");
	assert_string_equal(ask("SELECT count(*), max(instrument_token) "
	    "FROM dailytable"), "4|4294967295");
	/* the key: token and second */
	assert_string_not_equal(ask("INSERT INTO dailytable (instrument_token, "
	    "timestamp) VALUES (1000, '2026-11-23 09:15:00')"), "");
	inst_free(&set);
}

/* Views of another day go, and one that somebody made for himself stays. */
static void
views_follow_the_day(void **state)
{
	struct inst_set set = { 0 };
	struct fault f = { 0 };

	(void)state;
	add(&set, 1, INST_FUT, "NIFTYFUT", "nse");
	add(&set, 2, INST_EQ, "OLD", "nse");
	add(&set, 3, INST_EQ, "ACC", "nse");
	assert_int_equal(store_prepare(st, &set, &f), 0);
	assert_string_equal(askf("CREATE VIEW %s AS SELECT 1 AS one",
	    view("mine")), "");
	set.v[0].token = 7;
	set.v[2].token = 9;		/* first by name */
	snprintf(set.v[1].table, sizeof(set.v[1].table), "NEW");
	assert_int_equal(store_prepare(st, &set, &f), 0);
	assert_string_equal(ask("INSERT INTO dailytable (instrument_token, "
	    "timestamp, price) VALUES (7, '2026-11-23 09:15:00', 26000.05), "
	    "(1, '2026-11-23 09:15:00', 5)"), "");
	assert_string_equal(askf("SELECT price FROM %s", view("NIFTYFUT")), "26000.05");
	assert_string_equal(askf("SELECT count(*) FROM %s", view("NEW")),
	    "0");
	assert_string_equal(askf("SELECT one FROM %s", view("mine")), "1");
	assert_non_null(strstr(askf("SELECT * FROM %s", view("OLD")),
	    "OLD"));
	inst_free(&set);
}

/* What has the name of a view of ours and is none is left as it is; the day goes
 * on without that view. */
static void
leaves_what_is_in_the_way_of_a_view(void **state)
{
	struct inst_set set = { 0 };
	struct fault f = { 0 };

	(void)state;
	add(&set, 1, INST_EQ, "ACC", "nse");
	add(&set, 2, INST_INDEX, "NIFTY", "nse");
	add(&set, 3, INST_EQ, "TCS", "nse");
	assert_string_equal(askf("CREATE TABLE %s (x INT); CREATE VIEW %s AS "
	    "SELECT 5 AS five", view("ACC"), view("NIFTY")), "");
	for (int i = 0; i < 2; i++)
		if (store_prepare(st, &set, &f) != 0)
			fail_msg("%s", f.text);
	assert_string_equal(askf("SELECT count(*) FROM %s", view("TCS")),
	    "0");
	assert_string_equal(askf("SELECT five FROM %s", view("NIFTY")),
	    "5");
	assert_string_equal(askf("SELECT count(x) FROM %s", view("ACC")),
	    "0");
	inst_free(&set);
}

/* A dailytable that is not ours stops the day before anything is made. */
static void
refuses_another_dailytable(void **state)
{
	static const struct { const char *sql, *word; } bad[] = {
		{ "CREATE TABLE dailytable (price DOUBLE)",
		    "no column instrument_token" },
		{ "DROP TABLE dailytable; CREATE VIEW dailytable AS SELECT 1 "
		    "AS instrument_token", "dailytable" },
	};
	struct inst_set set = { 0 };

	(void)state;
	add(&set, 2, INST_INDEX, "NIFTY", "nse");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct store_row r = { row(2, 1, "1"), &set.v[0] };
		struct fault f = { 0 };
		struct store_batch b = batch(&r, 1);

		assert_string_equal(ask(bad[i].sql), "");
		assert_int_equal(store_prepare(st, &set, &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		if (strstr(f.text, bad[i].word) == NULL)
			fail_msg("%s: no '%s' in it", f.text, bad[i].word);
		assert_int_equal(store_load(st, &b, &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		assert_non_null(strstr(askf("SELECT * FROM %s",
		    view("NIFTY")), "NIFTY"));
	}
	inst_free(&set);
}

/* Names become parts of statements and of paths. */
static void
refuses_names(void **state)
{
	static const struct { const char *table, *db; } bad[] = {
		{ "dailytable", "nse" }, { "das_position", "nse" },
		{ "sqlite_x", "nse" }, { "a b", "nse" }, { "", "nse" },
		{ "x\"y", "nse" }, { "x`y", "nse" }, { "x'y", "nse" },
		{ "x\\y", "nse" }, { "x;y", "nse" }, { "X_daily", "nse" },
		{ "ACC", "" }, { "ACC", "../nse" }, { "ACC", "a/b" },
		{ "ACC", "a`b" }, { "ACC", "a\"b" }, { "ACC", "a'b" }
	};
	struct store_counts n;
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct inst_set set = { 0 };
		struct inst_groups g;
		struct inst_group one;
		const struct inst *in;
		struct fault f = { 0 };

		add(&set, 2, INST_EQ, bad[i].table, bad[i].db);
		assert_int_equal(store_prepare(st, &set, &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		assert_int_equal(groups_make(&g, &set, &f), -1);
		groups_free(&g);
		/* nor by a group that nobody checked */
		in = &set.v[0];
		one = (struct inst_group){ &in, 1 };
		assert_int_equal(store_file(st, &one, DAY, &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		assert_int_equal(store_count(st, &one, DAY, &n, &f), -1);
		assert_int_equal(store_locate(st, in, NULL, &b, &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		inst_free(&set);
	}
	buf_free(&b);
}

static void
refuses_a_table_of_two(void **state)
{
	static const struct { enum inst_kind kind; const char *table, *db; }
	bad[] = {
		{ INST_EQ, "X", "opt" },	/* two databases */
		{ INST_INDEX, "X", "nse" },	/* two kinds of table */
		{ INST_EQ, "x", "nse" }		/* case is folded */
	};
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct inst_set set = { 0 };

		add(&set, 1, INST_EQ, "X", "nse");
		add(&set, 2, bad[i].kind, bad[i].table, bad[i].db);
		assert_int_equal(store_prepare(st, &set, &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		assert_non_null(strstr(f.text, "cannot share"));
		inst_free(&set);
	}
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
	assert_string_equal(ask(socket_path != NULL ? "SELECT count(*) FROM "
	    "information_schema.views WHERE table_schema = 'opt_daily'" :
	    "SELECT count(*) FROM sqlite_master WHERE type = 'view'"), "2500");
	assert_true(t < 180 * US_PER_SEC);	/* 1.3 on a machine of its own, a
						 * server of it 10 */
	inst_free(&set);
}

/* ---- questions ---- */

struct answer { char text[400]; size_t stop; };

/* "x,y;1,null;" and so on; numbers without quotes. */
static int
take(void *user, const struct store_cell *cell, size_t n, bool names)
{
	struct answer *a = user;
	size_t len = strlen(a->text);

	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(a->text + len, sizeof(a->text) - len,
		    names || cell[i].number ? "%s%s" : cell[i].text == NULL ?
		    "%snull%.0s" : "%s'%s'", i > 0 ? "," : "",
		    cell[i].text != NULL ? cell[i].text : "");
	snprintf(a->text + len, sizeof(a->text) - len, ";");
	return !names && a->stop > 0 && --a->stop == 0 ? -1 : 0;
}

static int
question(struct answer *a, const char *sql, const char *const *arg, size_t n,
    int64_t rows, struct fault *f)
{
	struct store_ask q = { .sql = sql, .arg = arg, .narg = n, .rows = rows,
	    .seconds = 20, .row = take, .user = a };

	*a = (struct answer){ .stop = a->stop };
	return store_ask(st, &q, f);
}

/* The store to be read, with two rows of dailytable. */
static void
open_to_read(void)
{
	struct inst_set set = { 0 };
	struct fault f = { 0 };

	add(&set, 1, INST_EQ, "ACC", "nse");
	assert_int_equal(store_prepare(st, &set, &f), 0);
	assert_string_equal(ask("INSERT INTO dailytable (instrument_token, "
	    "timestamp, qty, tradingsymbol) VALUES (1, '2026-11-23 09:15:00', "
	    "7, 'A''B'), (1, '2026-11-23 09:15:01', NULL, NULL)"), "");
	store_close(st);
	st = NULL;
	if (store_open_read(&st, conf, &f) != 0)
		fail_msg("%s", f.text);
	inst_free(&set);
}

static void
answers_questions(void **state)
{
	static const char all[] = "SELECT qty, tradingsymbol FROM dailytable "
	    "ORDER BY timestamp";
	static const char *const seven[] = { "7" }, *const text[] = { "A'B" },
	    *const nothing[] = { NULL };
	struct answer a = { .stop = 0 };
	struct fault f = { 0 };

	(void)state;
	open_to_read();
	assert_int_equal(question(&a, all, NULL, 0, 10, &f), 0);
	assert_string_equal(a.text, "qty,tradingsymbol;7,'A'B';null,null;");
	assert_int_equal(question(&a, all, NULL, 0, 2, &f), 0);
	assert_int_equal(question(&a, all, NULL, 0, 1, &f), 1);
	assert_string_equal(a.text, "qty,tradingsymbol;7,'A'B';");
	assert_int_equal(question(&a, "SELECT qty FROM dailytable WHERE qty = ?",
	    seven, 1, 10, &f), 0);
	assert_string_equal(a.text, "qty;7;");
	assert_int_equal(question(&a, "WITH x AS (SELECT qty FROM dailytable "
	    "WHERE tradingsymbol = ?) SELECT qty FROM x", text, 1, 10, &f), 0);
	assert_string_equal(a.text, "qty;7;");
	assert_int_equal(question(&a, "SELECT qty FROM dailytable WHERE qty = ?",
	    nothing, 1, 10, &f), 0);
	assert_string_equal(a.text, "qty;");
	assert_int_equal(question(&a, "SELECT qty FROM dailytable LIMIT ?",
	    (const char *const []){ "1" }, 1, 10, &f), 0);
	assert_string_equal(a.text, "qty;7;");
	a.stop = 1;			/* the reader has seen enough */
	assert_int_equal(question(&a, all, NULL, 0, 10, &f), 0);
	assert_string_equal(a.text, "qty,tradingsymbol;7,'A'B';");
	a.stop = 0;
	assert_int_equal(question(&a, all, NULL, 0, 10, &f), 0);
	assert_string_equal(a.text, "qty,tradingsymbol;7,'A'B';null,null;");
}

static void
refuses_what_is_no_question(void **state)
{
	static const char *const bad[] = {
		"", "DELETE FROM dailytable", "SELECTED",
		"WITH a AS (SELECT 1) DELETE FROM dailytable",
		"SELECT 1; DELETE FROM dailytable", "SELECT", "SELECT FROM",
		"SELECT * FROM nosuch", "SELECT nosuch FROM dailytable",
		"SELECT ?", "SELECT 'a", "EXPLAIN SELECT 1",
		"DROP TABLE dailytable", "PRAGMA query_only = 0",
		"SET SESSION TRANSACTION READ WRITE"
	};
	struct answer a = { .stop = 0 };
	struct fault f = { 0 };

	(void)state;
	open_to_read();
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (question(&a, bad[i], NULL, 0, 10, &f) != -1 ||
		    f.ex != EX_DATAERR)
			fail_msg("%s: %s", bad[i], a.text);
		/* and the next one is answered */
		assert_int_equal(question(&a, "SELECT count(*) AS n FROM "
		    "dailytable", NULL, 0, 10, &f), 0);
		assert_string_equal(a.text, "n;2;");
	}
}

static void
ends_what_takes_too_long(void **state)
{
	struct answer a = { .stop = 0 };
	struct store_ask q = { .sql = "WITH RECURSIVE c(x) AS (SELECT 1 UNION "
	    "ALL SELECT x + 1 FROM c WHERE x < 100000000) SELECT max(x) FROM c",
	    .rows = 10, .seconds = 1, .row = take, .user = &a };
	int64_t t = clk_mono();
	struct fault f = { 0 };

	(void)state;
	if (socket_path != NULL)	/* whose recursion has a limit */
		q.sql = "SELECT count(*) FROM dailytable a, dailytable b, "
		    "(SELECT sleep(5)) AS c";
	open_to_read();
	assert_int_equal(store_ask(st, &q, &f), -1);
	assert_int_equal(f.ex, EX_TEMPFAIL);
	assert_true(clk_mono() - t < 4 * US_PER_SEC);
	assert_int_equal(question(&a, "SELECT count(*) AS n FROM dailytable",
	    NULL, 0, 10, &f), 0);
}

static void
locates_tables(void **state)
{
	struct inst_set set = { 0 };
	struct answer a = { .stop = 0 };
	struct store_counts n;
	struct buf b = { 0 };
	struct fault f = { 0 };

	(void)state;
	add(&set, 258, INST_CE, "NIFTY26NOV26000CE", "opt");
	add(&set, 514, INST_EQ, "ACC", "nse");
	assert_int_equal(store_prepare(st, &set, &f), 0);
	assert_int_equal(store_locate(st, &set.v[0], NULL, &b, &f), 0);
	assert_int_equal(b.len, 0);
	set.n = 1;
	if (file_one(&set, &n, &f) != 0)
		fail_msg("%s", f.text);
	store_close(st);
	assert_int_equal(store_open_read(&st, conf, &f), 0);
	assert_int_equal(store_locate(st, &set.v[1], NULL, &b, &f), 0);
	assert_int_equal(buf_adds(&b, "SELECT count(*) AS n FROM "), 0);
	assert_int_equal(store_locate(st, &set.v[0], NULL, &b, &f), 1);
	if (question(&a, b.p, NULL, 0, 10, &f) != 0)
		fail_msg("%s: %s", b.p, f.text);
	assert_string_equal(a.text, "n;0;");
	buf_reset(&b);
	assert_int_equal(buf_adds(&b, "SELECT count(*) AS n FROM "), 0);
	assert_int_equal(store_locate(st, NULL, "opt", &b, &f), 1);
	assert_int_equal(question(&a, b.p, NULL, 0, 10, &f), 0);
	/* by its name too */
	assert_int_equal(question(&a, "SELECT count(*) AS n FROM "
	    "opt.NIFTY26NOV26000CE", NULL, 0, 10, &f), 0);
	assert_string_equal(a.text, "n;0;");
	buf_free(&b);
	inst_free(&set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(says_where_it_is),
		TEST(knows_that_nothing_is_there),
		TEST(gives_the_newest_token),
		TEST(refuses_a_token_that_is_none),
		TEST(makes_tables_and_views),
		TEST(views_follow_the_day),
		TEST(leaves_what_is_in_the_way_of_a_view),
		TEST(refuses_another_dailytable),
		TEST(refuses_names),
		TEST(refuses_a_table_of_two),
		TEST(prepares_2500_instruments_at_once),
		TEST(answers_questions),
		TEST(refuses_what_is_no_question),
		TEST(ends_what_takes_too_long),
		TEST(locates_tables),
	};

	return cmocka_run_group_tests(tests, bed_all_up, bed_all_down);
}
