/*
 * store_sqlite - what only the SQLite store has: files, and which table is in
 * which; numbers as it keeps them (store.c, store_day.c: what every store does)
 */
#include <malloc.h>
#include <sys/stat.h>

#include "storebed.h"

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
	assert_string_equal(ask_file("das.db", "PRAGMA journal_mode"), "wal");
}

static void
refuses_what_is_no_database(void **state)
{
	struct store *s;
	struct fault f = { 0 };
	char path[256], junk[4096];

	(void)state;
	store_close(st);
	bed_wipe();
	memset(junk, 'x', sizeof(junk));
	snprintf(path, sizeof(path), "%s/das.db", dir);
	assert_int_equal(file_put(path, 0600, junk, sizeof(junk), &f), 0);
	assert_int_equal(store_open(&s, conf, &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_non_null(strstr(f.text, path));
	bed_wipe();
	assert_int_equal(store_open(&st, conf, &f), 0);
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
		set.v[0].expiry = INST_NO_EXPIRY;
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
	assert_string_equal(ask_file("das.db", "SELECT "
	    "group_concat(name) FROM (SELECT name FROM sqlite_master ORDER BY name)"),
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

/* das.db is sqlitePath. */
static void
refuses_its_own_name_for_a_database(void **state)
{
	struct inst_set set = { 0 };
	struct store_counts n;
	struct fault f = { 0 };

	(void)state;
	add(&set, 1, INST_EQ, "ACC", "das");
	assert_int_equal(store_prepare(st, &set, &f), -1);
	assert_int_equal(f.ex, EX_CONFIG);
	assert_int_equal(file_one(&set, &n, &f), -1);
	assert_int_equal(f.ex, EX_CONFIG);
	inst_free(&set);
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
	assert_string_equal(ask_file("das.db", "SELECT count(*) "
	    "FROM sqlite_master"), "103");
	assert_string_equal(ask_file("opt-2026-11.db",
	    "SELECT count(*) FROM sqlite_master"), "100");
	assert_string_equal(ask_file("opt-2026-12.db",
	    "SELECT count(*) FROM sqlite_master"), "500");
}

static const struct inst one = { .token = 1, .kind = INST_EQ,
    .tradingsymbol = "ONE", .table = "ONE", .db = "db" };

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
		if (strcmp(ask_file("das.db", sql), "1") != 0)
			fail_msg("%s is %s", price[i],
			    ask_file("das.db", "SELECT printf('%.17g', price) "
			    "FROM dailytable"));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(opens_a_file_of_its_owner),
		TEST(refuses_what_is_no_database),
		TEST(main_tables_are_in_files_of_their_own),
		TEST(counting_makes_no_file),
		TEST(refuses_its_own_name_for_a_database),
		TEST(files_in_the_order_of_files),
		TEST(weeks_do_not_make_it_grow),
		TEST(numbers_are_exact),
		TEST(refuses_what_is_no_number),
	};

	unsetenv("DAS_STORE_SOCKET");
	return cmocka_run_group_tests(tests, bed_all_up, bed_all_down);
}
