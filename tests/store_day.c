/*
 * store_day - a day in every store, SQLite here and MariaDB by store.t: loading
 * its rows, being killed at it, filing it
 */
#include <signal.h>
#include <sys/wait.h>

#include "storebed.h"

#include "rowsum.h"

static const struct inst one = { .token = 1, .kind = INST_EQ,
    .tradingsymbol = "ONE", .table = "ONE", .db = "nse" };
static const struct inst two = { .token = 2, .kind = INST_INDEX,
    .tradingsymbol = "TWO", .table = "TWO", .db = "nse" };

/* ---- loading ---- */

static void
names_a_missing_column(void **state)
{
	struct fault f;

	(void)state;
	assert_int_equal(store_columns(&store_daily, "timestamp\tprice",
	    bed_col, &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_non_null(strstr(f.text, "no column qty"));
}

/* Columns are found by name: more of them, and in another order. */
static void
finds_columns_by_name(void **state)
{
	char header[2048], text[2048], *p;
	struct store_row r = { text, &one };
	struct store_batch b = batch(&r, 1);
	struct fault f = { 0 };

	(void)state;
	/* seq token time price ... -> new price seq token time ... */
	snprintf(header, sizeof(header), "new\tprice\t%s", bed_header);
	assert_non_null(p = strstr(header + 5, "\tprice"));
	memmove(p, p + 6, strlen(p + 6) + 1);
	snprintf(text, sizeof(text), "7\t26000.05\t1\t1\t" DAY " 09:15:01");
	for (int i = 5; i < BED_FIELDS + 1; i++)
		strcat(text, i == 5 ? "\t75" : "\t\\N");
	strcat(text, "\n");
	b.nfield = store_columns(&store_daily, header, bed_col, &f);
	assert_int_equal(b.nfield, BED_FIELDS + 1);
	if (store_load(st, &b, &f) != 0)
		fail_msg("%s", f.text);
	assert_string_equal(ask("SELECT price, qty, timestamp FROM dailytable"),
	    "26000.05|75|" DAY " 09:15:01");
}

static void
loads_all_or_nothing(void **state)
{
	struct store_row rows[] = { { row(1, 1, "1.5"), &one },
	    { row(1, 2, "2.5"), &one }, { row(2, 1, "26000.05"), &two } };
	struct store_batch b;
	struct store_pos p;
	struct fault f = { 0 };

	(void)state;
	load_rows(rows, 3);
	rows[0].text = row(1, 3, "3.5");
	rows[1].text = row(1, 4, "4,5");
	b = batch(rows, 3);
	assert_int_equal(store_load(st, &b, &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_ptr_equal(b.bad, rows[1].text);
	assert_false(b.moved);
	assert_non_null(strstr(f.text, "price"));
	assert_string_equal(ask("SELECT count(*), max(price) FROM dailytable"),
	    "3|26000.05");
	assert_int_equal(store_pos_get(st, DAY, "ticks", &p, &f), 0);
	assert_int_equal(p.rows, 3);
	assert_int_equal(p.pos.offset, 1);
	assert_int_equal(store_pos_get(st, "2026-11-24", "ticks", &p, &f), 0);
	assert_int_equal(p.pos.segment, 0);
	assert_int_equal(store_pos_get(st, DAY, "other", &p, &f), 0);
	assert_int_equal(p.pos.segment, 0);
	/* and the store goes on */
	rows[1].text = row(1, 4, "4.5");
	load_rows(rows, 3);
	assert_string_equal(ask("SELECT count(*) FROM dailytable"), "5");
}

/* A row takes the place of an older one of its second, whole. */
static void
the_latest_of_a_second_wins(void **state)
{
	char text[BED_ROW];
	struct store_row r = { row_into(text, 1, DAY " 09:15:01", "1.5",
	    "\t7\t\\N\t9"), &one };

	(void)state;
	load_rows(&r, 1);
	assert_string_equal(ask("SELECT price, qty, volume FROM dailytable"),
	    socket_path != NULL ? "1.50|7|9" : "1.5|7|9");
	r.text = row(1, 1, "2.25");
	load_rows(&r, 1);
	assert_string_equal(ask("SELECT count(*), max(price), count(qty), "
	    "count(volume) FROM dailytable"), "1|2.25|0|0");
}

/* The position is what it was told, and beyond what 32 bits hold. */
static void
keeps_the_position(void **state)
{
	struct store_row r = { row(1, 1, "1.5"), &one };
	struct store_batch b = batch(&r, 1);
	struct store_pos p;
	struct store *s;
	struct fault f = { 0 };

	(void)state;
	b.to.pos.segment = 4000000000;
	b.to.pos.offset = 5000000000;
	b.to.rows = 6000000000;
	b.to.kept_out = 5999999999;
	assert_int_equal(store_load(st, &b, &f), 0);
	assert_int_equal(store_open(&s, conf, &f), 0);
	assert_int_equal(store_pos_get(s, DAY, "ticks", &p, &f), 0);
	assert_int_equal(p.pos.segment, 4000000000);
	assert_int_equal(p.pos.offset, 5000000000);
	assert_int_equal(p.rows, 6000000000);
	assert_int_equal(p.kept_out, 5999999999);
	/* a batch that has no row moves it too: all were kept out */
	b.from = b.to;
	b.to.pos.offset += 100;
	b.part[0].n = 0;
	assert_int_equal(store_load(s, &b, &f), 0);
	assert_int_equal(store_pos_get(st, DAY, "ticks", &p, &f), 0);
	assert_int_equal(p.pos.offset, 5000000100);
	store_close(s);
}

static void
sees_a_rival(void **state)
{
	struct store_row rows[] = { { row(1, 1, "1.5"), &one } };
	struct store_batch a = batch(rows, 1), b = a;
	struct fault f = { 0 };

	(void)state;
	b.to.pos.offset++;		/* it has read more than a */
	assert_int_equal(store_load(st, &a, &f), 0);
	for (int i = 0; i < 2; i++) {	/* the first batch; a later one */
		assert_int_equal(store_load(st, &b, &f), -1);
		assert_int_equal(f.ex, EX_TEMPFAIL);
		assert_true(b.moved);
		assert_null(b.bad);
		b = batch(rows, 1);
		b.from.pos.offset += 7;
		b.to.pos.offset += 8;
		b.from.pos.segment = 1;
	}
	assert_string_equal(askf("SELECT %srows%s FROM das_position",
	    socket_path != NULL ? "`" : "", socket_path != NULL ? "`" : ""),
	    "1");
}

/* What the wire can bring: u32, i64 volume, open interest beyond 2^31. */
static void
types_are_wide(void **state)
{
	const struct inst max = { .token = 4294967295, .kind = INST_CE,
	    .tradingsymbol = "MAX", .table = "MAX", .db = "opt" };
	char text[BED_ROW];
	struct store_row r = { row_into(text, max.token, DAY " 23:59:59",
	    "99999999.95", "\t4294967295\t26000.05\t900000000000000000\t"
	    "4294967295\t4294967295\t-0.05\t0\t0.05\t1\t-12.3456\t" DAY
	    " 00:00:00\t3000000000\t4294967295\t2147483648\t4294967295\t"
	    "0.05\t4294967295"), &max };

	(void)state;
	load_rows(&r, 1);
	assert_string_equal(ask("SELECT instrument_token, timestamp, qty, "
	    "volume, bQty, sQty, oi, oiHigh, oiLow, bq0, bo0, lastTradeTime, "
	    "tradingsymbol, tablename, dbname FROM dailytable"),
	    "4294967295|" DAY " 23:59:59|4294967295|900000000000000000|"
	    "4294967295|4294967295|3000000000|4294967295|2147483648|4294967295|"
	    "4294967295|" DAY " 00:00:00|MAX|MAX|opt");
	assert_string_equal(ask("SELECT price = 99999999.95, open = -0.05, "
	    "high = 0, changeper = -12.3456, bp0 = 0.05, bq1 IS NULL FROM "
	    "dailytable"), "1|1|1|1|1|1");
}

static void
nulls_are_null(void **state)
{
	struct store_row r = { row(2, 1, "\\N"), &two };

	(void)state;
	load_rows(&r, 1);
	assert_string_equal(ask("SELECT count(*), count(price), count(qty), "
	    "count(changeper), count(lastTradeTime), count(so4) FROM "
	    "dailytable"), "1|0|0|0|0|0");
}

/* Names of instruments that are no table's: bound or escaped. */
static void
symbols_are_only_text(void **state)
{
	static const char *const symbol[] = { "O'NEIL", "A\"B", "M&M", "A;B--",
	    "100%_x", "\xe0\xa4\xb0" };

	(void)state;
	for (unsigned i = 0; i < sizeof(symbol) / sizeof(*symbol); i++) {
		struct inst in = one;
		struct store_row r = { row(1, 1, "1.5"), &in };

		snprintf(in.tradingsymbol, sizeof(in.tradingsymbol), "%s",
		    symbol[i]);
		load_rows(&r, 1);
		assert_string_equal(ask("SELECT tradingsymbol FROM dailytable"),
		    symbol[i]);
	}
	assert_string_equal(ask("SELECT count(*) FROM dailytable"), "1");
}

/* A value that is none stops the batch and is named, whatever the column. */
static void
refuses_values(void **state)
{
	static const struct { const char *price, *rest; } bad[] = {
		{ "", "" }, { "-", "" }, { ".", "" }, { "1.2.3", "" },
		{ "nan", "" }, { "inf", "" }, { "0x10", "" }, { "x", "" },
		{ "1,5", "" }, { "1e999", "" }, { "\\\\N", "" },
		{ "1", "\tx" }, { "1", "\t" }, { "1", "\t1x" },
		{ "1", "\t1\t1\t99999999999999999999" },
		{ "1", "\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\tyesterday" },
		{ "1", "\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\t2026-13-01 00:00:00" },
		{ "1", "\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\t2026-11-23 24:00:00" },
		{ "1", "\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\t" }
	};
	char text[BED_ROW];
	struct store_row r[] = { { row(1, 1, "1.5"), &one }, { text, &one } };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fault f = { 0 };
		struct store_batch b;

		row_into(text, 1, DAY " 09:15:02", bad[i].price, bad[i].rest);
		b = batch(r, 2);
		if (store_load(st, &b, &f) != -1 || f.ex != EX_DATAERR ||
		    b.bad != text)
			fail_msg("'%s%s': %d, %s", bad[i].price, bad[i].rest,
			    f.ex, f.text);
	}
	load_rows(r, 1);		/* das_position is made by a load */
	assert_string_equal(ask("SELECT count(*) FROM dailytable"), "1");
}

/* ---- many rows, and being killed ---- */

enum { MANY = 30000, TOKENS = 100 };

static struct inst many_inst[TOKENS];
static struct store_row many[MANY];
static char (*many_text)[BED_ROW];

static void
make_many(void)
{
	char time[80];

	many_text = calloc(MANY, BED_ROW);
	assert_non_null(many_text);
	for (int i = 0; i < TOKENS; i++) {
		many_inst[i] = one;
		many_inst[i].token = (uint32_t)i + 1;
	}
	for (int i = 0; i < MANY; i++) {
		int sec = 33300 + i % (MANY / TOKENS);

		snprintf(time, sizeof(time), DAY " %02d:%02d:%02d", sec / 3600,
		    sec / 60 % 60, sec % 60);
		many[i] = (struct store_row){ row_into(many_text[i],
		    many_inst[i / (MANY / TOKENS)].token, time, "26000.05",
		    "\t1\t2\t3"), &many_inst[i / (MANY / TOKENS)] };
	}
}

static void
loads_many_rows_at_once(void **state)
{
	struct store_batch b;
	struct fault f = { 0 };

	(void)state;
	make_many();
	load_rows(many, MANY);
	assert_string_equal(ask("SELECT count(*), count(DISTINCT "
	    "instrument_token), max(qty) FROM dailytable"), "30000|100|1");
	/* the last of so many is bad */
	row_into(many_text[MANY - 1], TOKENS, DAY " 10:00:00", "x", "");
	b = batch(many, MANY);
	assert_int_equal(store_load(st, &b, &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_ptr_equal(b.bad, many[MANY - 1].text);
	assert_string_equal(ask("SELECT count(*) FROM dailytable"), "30000");
	free(many_text);
}

/* Loads batches of MANY / 10 rows one behind the other until it is killed, and
 * tells it by a byte each. */
static void
load_for_ever(int tell)
{
	struct store *s;
	struct fault f;

	if (store_open(&s, conf, &f) != 0)
		_exit(1);
	st = s;
	for (;;)
		for (size_t i = 0; i < 10; i++) {
			struct store_batch b = batch(many + i * (MANY / 10),
			    MANY / 10);

			if (store_load(s, &b, &f) != 0 ||
			    write(tell, ".", 1) != 1)
				_exit(1);
		}
}

/* Wherever a loader is killed: as many rows as the position says. */
static void
is_whole_when_killed(void **state)
{
	struct store_pos p;
	struct fault f = { 0 };
	uint64_t want, batches = 0;
	int tell[2];
	pid_t pid;
	char c;

	(void)state;
	make_many();
	for (int i = 0; i < 6; i++) {
		bed_down(state);
		bed_wipe();
		assert_int_equal(pipe(tell), 0);
		assert_int_not_equal(pid = fork(), -1);
		if (pid == 0)
			load_for_ever(tell[1]);
		close(tell[1]);
		if (i > 0)		/* the first try is killed in the first */
			assert_int_equal(read(tell[0], &c, 1), 1);
		usleep((useconds_t)(20000 + i * 17000));
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		close(tell[0]);
		if (store_open(&st, conf, &f) != 0 || store_pos_get(st, DAY,
		    "ticks", &p, &f) != 0)
			fail_msg("%s", f.text);
		batches += p.rows / (MANY / 10);
		want = p.rows < MANY ? p.rows : MANY;
		if (p.rows > 0 && strtoull(ask("SELECT count(*) FROM dailytable"),
		    NULL, 10) != want)
			fail_msg("%s rows, the position says %ju",
			    ask("SELECT count(*) FROM dailytable"),
			    (uintmax_t)p.rows);
		/* the next one goes on, once the server has let the dead go */
		for (int k = 0; k < 50; k++) {
			struct store_batch b = batch(many, MANY / 10);

			if (store_load(st, &b, &f) == 0)
				break;
			assert_int_equal(f.ex, EX_TEMPFAIL);
			usleep(100000);
		}
		assert_int_equal(store_pos_get(st, DAY, "ticks", &p, &f), 0);
		assert_true(p.rows >= want + MANY / 10 || want == MANY);
	}
	print_message("# %ju batches in before the kills\n", (uintmax_t)batches);
	assert_true(batches >= 5);
	free(many_text);
}

/* A lock that somebody else holds is waited for, not for ever. */
static void
waits_for_a_lock(void **state)
{
	struct store_row r = { row(1, 1, "1.5"), &one };
	struct store_batch b;
	struct fault f = { 0 };
	char cmd[512];

	(void)state;
	load_rows(&r, 1);
	snprintf(cmd, sizeof(cmd), socket_path != NULL ?
	    "{ echo 'START TRANSACTION; SELECT * FROM das_position FOR UPDATE;'; "
	    "sleep %d; } | mariadb --no-defaults -n -S %s -u root nse >%s/out &" :
	    "{ echo 'BEGIN IMMEDIATE;'; sleep %d; } | sqlite3 %.0s%s/das.db &",
	    socket_path != NULL ? 3 : 7, socket_path != NULL ? socket_path : "",
	    dir);
	assert_int_equal(system(cmd), 0);
	usleep(500000);
	b = batch(&r, 1);
	assert_int_equal(store_load(st, &b, &f), -1);
	assert_int_equal(f.ex, EX_TEMPFAIL);
	assert_false(b.moved);
	sleep(3);
	assert_int_equal(store_load(st, &b, &f), 0);
}

/* ---- filing ---- */

static void
finds_the_instruments_of_a_day(void **state)
{
	char text[BED_ROW];
	struct store_row rows[] = { { row_into(text, 1, DAY " 09:15:01", "1.5",
	    "\t7\t\\N\t9"), &one }, { row(2, 1, "26000.05"), &two } };
	struct inst_set set = { 0 };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(store_add_insts(st, DAY, &set, &f), 0);
	assert_int_equal(set.n, 0);
	load_rows(rows, 2);
	add(&set, 9, INST_EQ, "NINE", "nse");
	assert_int_equal(store_add_insts(st, DAY, &set, &f), 0);
	assert_int_equal(set.n, 3);
	assert_string_equal(set.v[0].table, "ONE");
	assert_string_equal(set.v[0].tradingsymbol, "ONE");
	assert_string_equal(set.v[0].db, "nse");
	assert_int_equal(set.v[0].token, 1);
	assert_int_equal(set.v[0].kind, INST_EQ);
	assert_int_equal(set.v[1].kind, INST_INDEX);	/* without a volume */
	assert_int_equal(set.v[2].token, 9);
	assert_int_equal(store_add_insts(st, DAY, &set, &f), 0);
	assert_int_equal(store_add_insts(st, "2026-11-24", &set, &f), 0);
	assert_int_equal(set.n, 3);
	inst_free(&set);
}

/* What the main table of these rows must come to. */
static uint64_t
sum_of(const struct store_row *rows, size_t n)
{
	struct rowsum r = { .values = store_sums_values(st) };
	char head[sizeof(bed_header)], text[BED_ROW], *p, *field[BED_FIELDS];
	struct tsv t;
	struct fault f;
	uint64_t sum = 0;

	memcpy(head, bed_header, sizeof(head));
	tsv_init(&t, NULL, "header");
	assert_int_equal(tsv_head(&t, head, strlen(head)), 0);
	assert_int_equal(rowsum_head(&r, &t, &f), 0);
	tsv_free(&t);
	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%s", rows[i].text);
		text[strcspn(text, "\n")] = '\0';
		p = text;
		for (int k = 0; k < BED_FIELDS; k++)
			field[k] = strsep(&p, "\t");
		sum += rowsum_of(&r, field, rows[i].inst->kind == INST_INDEX ?
		    ROWSUM_NINDEX : ROWSUM_NCOL);
	}
	return sum;
}

/* Are exactly these rows of the day filed, column by column? */
static bool
filed(const struct store_counts *c, const struct store_row *rows, size_t n)
{
	return c->main == n && c->sum == sum_of(rows, n);
}

static void
files_as_often_as_one_likes(void **state)
{
	char text[BED_ROW];
	struct store_row rows[] = { { row(1, 1, "1.5"), &one },
	    { row_into(text, 1, DAY " 09:15:02", "2.5", "\t7\t\\N\t9"), &one },
	    { row(2, 1, "26000.05"), &two } };
	struct inst_set set = { 0 };
	struct inst_groups g = { 0 };
	struct store_counts n;
	struct fault f = { 0 };

	(void)state;
	load_rows(rows, 3);
	assert_int_equal(store_add_insts(st, DAY, &set, &f), 0);
	assert_int_equal(groups_make(&g, &set, &f), 0);
	assert_int_equal(store_count(st, &g.v[0], DAY, &n, &f), 0);
	assert_int_equal(n.main, 0);
	assert_int_equal(n.sum, 0);
	for (int i = 0; i < 2; i++)
		for (int k = 0; k < 2; k++)
			if (store_file(st, &g.v[k], DAY, &f) != 0)
				fail_msg("%s", f.text);
	assert_int_equal(store_count(st, &g.v[0], DAY, &n, &f), 0);
	assert_true(filed(&n, rows, 2));
	assert_string_equal(ask("SELECT count(*), max(price) = 2.5, max(volume) "
	    "FROM nse.ONE"), "2|1|9");
	assert_string_equal(ask("SELECT * FROM nse.TWO"), DAY " 09:15:01|26000.05");

	/* a row that differs is not the same, until it is filed again; other
	 * days are nobody's business */
	assert_string_equal(ask("UPDATE nse.ONE SET so4 = 1 WHERE qty = 7; "
	    "INSERT INTO nse.ONE (timestamp) VALUES ('2026-11-22 23:59:59'), "
	    "('2026-11-24 00:00:00')"), "");
	assert_int_equal(store_count(st, &g.v[0], DAY, &n, &f), 0);
	assert_int_equal(n.main, 2);
	assert_false(filed(&n, rows, 2));
	assert_int_equal(store_file(st, &g.v[0], DAY, &f), 0);
	assert_int_equal(store_count(st, &g.v[0], DAY, &n, &f), 0);
	assert_true(filed(&n, rows, 2));
	assert_string_equal(ask("SELECT count(*) FROM nse.ONE"), "4");
	groups_free(&g);
	inst_free(&set);
}

/* Two instruments of one table, which share a second. */
static void
files_two_into_one_table(void **state)
{
	struct inst other = one;
	struct store_row rows[] = { { row(1, 1, "1.5"), &one },
	    { row(1, 2, "2.5"), &one }, { row(3, 2, "3.5"), &other },
	    { row(3, 3, "4.5"), &other } };
	struct inst_set set = { 0 };
	struct store_counts n;
	struct fault f = { 0 };

	(void)state;
	other.token = 3;
	load_rows(rows, 4);
	add(&set, 1, INST_EQ, "ONE", "nse");
	add(&set, 3, INST_EQ, "ONE", "nse");
	if (file_one(&set, &n, &f) != 0)
		fail_msg("%s", f.text);
	/* of the second that both have, the row of the higher token stays */
	rows[1] = rows[2];
	rows[2] = rows[3];
	assert_true(filed(&n, rows, 3));
	assert_string_equal(ask("SELECT count(*), max(price) = 4.5 FROM nse.ONE"),
	    "3|1");
	inst_free(&set);
}

static void
refuses_a_main_table_that_does_not_fit(void **state)
{
	static const struct { const char *sql, *word; } bad[] = {
		{ "CREATE TABLE nse.TWO (timestamp DATETIME UNIQUE)",
		    "no column price" },
		{ "DROP TABLE nse.TWO; CREATE TABLE nse.TWO "
		    "(timestamp DATETIME, price DOUBLE)",
		    "(timestamp) is not unique" },
		{ "DROP TABLE nse.TWO; CREATE VIEW nse.TWO AS SELECT 1 AS "
		    "timestamp, 2 AS price", "TWO" },
	};
	struct store_row r = { row(2, 1, "26000.05"), &two };
	struct inst_set set = { 0 };
	struct store_counts n;

	(void)state;
	load_rows(&r, 1);
	add(&set, 2, INST_INDEX, "TWO", "nse");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fault f = { 0 };

		assert_string_equal(ask(bad[i].sql), "");
		assert_int_equal(file_one(&set, &n, &f), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		if (strstr(f.text, bad[i].word) == NULL)
			fail_msg("%s: no '%s' in it", f.text, bad[i].word);
	}
	assert_string_equal(ask("SELECT count(*) FROM dailytable"), "1");
	/* the next table is filed all the same */
	set.n = 0;
	add(&set, 2, INST_INDEX, "THREE", "nse");
	assert_int_equal(file_one(&set, &n, &(struct fault){ 0 }), 0);
	assert_true(filed(&n, &r, 1));
	inst_free(&set);
}

static void
takes_a_main_table_that_has_more(void **state)
{
	struct store_row r = { row(2, 1, "26000.05"), &two };
	struct inst_set set = { 0 };
	struct store_counts n;
	struct fault f = { 0 };

	(void)state;
	load_rows(&r, 1);
	assert_string_equal(ask("CREATE TABLE nse.TWO (note VARCHAR(10), "
	    "timestamp DATETIME UNIQUE, id INT, price DECIMAL(19,2)); "
	    "INSERT INTO nse.TWO VALUES ('mine', '2026-11-22 10:00:00', 5, 7)"),
	    "");
	add(&set, 2, INST_INDEX, "TWO", "nse");
	if (file_one(&set, &n, &f) != 0)
		fail_msg("%s", f.text);
	assert_true(filed(&n, &r, 1));
	assert_string_equal(ask("SELECT count(*), max(price) = 26000.05, "
	    "max(note), max(id) FROM nse.TWO"), "2|1|mine|5");
	inst_free(&set);
}

static void
lets_a_filed_day_go(void **state)
{
	struct store_row rows[] = { { row(1, 1, "1.5"), &one },
	    { row(1, 2, "2.5"), &one } };
	struct store_day d = { .day = DAY, .rows = 3000000000,
	    .instruments = 1, .kept_out = 2, .pairs = 3, .filed = 4,
	    .blank = 5, .filed_at = "2026-11-23 16:00:00" }, got;
	struct fault f = { 0 };

	(void)state;
	load_rows(rows, 2);
	assert_int_equal(store_done_get(st, DAY, &got, &f), 0);
	assert_string_equal(ask("INSERT INTO dailytable (instrument_token, "
	    "timestamp) VALUES (1, '2026-11-22 23:59:59'), (2, '2026-11-24 "
	    "00:00:00'), (1, '2026-11-23 00:00:00'), (1, '2026-11-23 "
	    "23:59:59')"), "");
	if (store_done(st, &d, &f) != 0)
		fail_msg("%s", f.text);
	assert_string_equal(ask("SELECT count(*), min(timestamp), "
	    "max(timestamp) FROM dailytable"),
	    "2|2026-11-22 23:59:59|2026-11-24 00:00:00");
	assert_int_equal(store_done_get(st, DAY, &got, &f), 1);
	assert_memory_equal(&got, &d, sizeof(d));
	assert_int_equal(store_done_get(st, "2026-11-22", &got, &f), 0);
	assert_string_equal(ask("DELETE FROM dailytable WHERE timestamp < "
	    "'2026-11-24'"), "");

	/* twice, and with nothing of other days there */
	assert_string_equal(ask("DELETE FROM dailytable"), "");
	load_rows(rows, 2);
	assert_int_equal(store_done_get(st, DAY, &got, &f), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_done(st, &d, &f), 0);
	assert_string_equal(ask("SELECT count(*) FROM dailytable"), "0");
	assert_int_equal(store_done_get(st, DAY, &got, &f), 1);
	assert_int_equal(store_sync(st, &f), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_a_missing_column),
		TEST(finds_columns_by_name),
		TEST(loads_all_or_nothing),
		TEST(the_latest_of_a_second_wins),
		TEST(keeps_the_position),
		TEST(sees_a_rival),
		TEST(types_are_wide),
		TEST(nulls_are_null),
		TEST(symbols_are_only_text),
		TEST(refuses_values),
		TEST(loads_many_rows_at_once),
		TEST(is_whole_when_killed),
		TEST(waits_for_a_lock),
		TEST(finds_the_instruments_of_a_day),
		TEST(files_as_often_as_one_likes),
		TEST(files_two_into_one_table),
		TEST(refuses_a_main_table_that_does_not_fit),
		TEST(takes_a_main_table_that_has_more),
		TEST(lets_a_filed_day_go),
	};

	return cmocka_run_group_tests(tests, bed_all_up, bed_all_down);
}
