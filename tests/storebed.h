/*
 * storebed - what the tests of the store stand on: a store that is empty, and a
 * way to look into it that is not the store's own
 *
 * SQLite in a directory of our own, unless DAS_STORE_SOCKET names the socket of
 * a MariaDB server that root may use, and DAS_CONFIG a configuration for it with
 * the databases nse (for shares, indices and tokens) and opt; store.t makes both.
 * Everything in these databases goes.  ask() takes SQL that both understand.
 */
#ifndef STOREBED_H
#define STOREBED_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "clk.h"
#include "file.h"
#include "store.h"

#define DAY	"2026-11-23"
#define TEST(t)	cmocka_unit_test_setup_teardown(t, bed_up, bed_down)

static char dir[] = "/tmp/das-store.XXXXXX";
static const char *socket_path;		/* NULL: SQLite */
static struct conf *conf;
static struct store *st;

/* The first row that the database's own program gives, | between. */
static inline const char *
ask(const char *sql)
{
	static char out[4096];
	char cmd[1024], script[64];
	struct fault f;
	FILE *p;
	size_t n;

	snprintf(script, sizeof(script), "%s/script.sql", dir);
	assert_int_equal(file_put(script, 0600, sql, strlen(sql), &f), 0);
	if (socket_path != NULL)
		snprintf(cmd, sizeof(cmd), "mariadb --no-defaults -S %s -u root "
		    "-N -B -D nse <%s 2>%s.err | tr '\\t' '|' | sed "
		    "'s/NULL//g'; grep '^ERROR' %s.err", socket_path, script,
		    script, script);
	else
		snprintf(cmd, sizeof(cmd), "sqlite3 -cmd '.timeout 5000' -cmd "
		    "\"ATTACH '%s/nse.db' AS nse\" -cmd \"ATTACH "
		    "'%s/opt-2026-11.db' AS opt\" -cmd \"ATTACH '%s/ltp.db' AS "
		    "ltp\" %s/das.db <%s 2>&1", dir, dir, dir, dir, script);
	p = popen(cmd, "r");
	assert_non_null(p);
	n = fread(out, 1, sizeof(out) - 1, p);
	pclose(p);
	out[n] = '\0';
	out[strcspn(out, "\n")] = '\0';
	return out;
}

/* The view over dailytable of a table of database nse. */
static inline const char *
view(const char *table)
{
	static char name[2][100];
	static int k;

	k = !k;
	snprintf(name[k], sizeof(*name), socket_path != NULL ?
	    "nse_daily.%s" : "%s_daily", table);
	return name[k];
}

/* ask() with a format. */
static inline const char * __attribute__((format(printf, 1, 2)))
askf(const char *sql, ...)
{
	char text[2048];
	va_list ap;
	int n;

	va_start(ap, sql);
	n = vsnprintf(text, sizeof(text), sql, ap);
	va_end(ap);
	assert_true(n >= 0 && (size_t)n < sizeof(text));
	return ask(text);
}

static inline void
bed_wipe(void)
{
	char cmd[256];

	if (socket_path == NULL) {
		snprintf(cmd, sizeof(cmd), "rm -rf %s/*.db*", dir);
		assert_int_equal(system(cmd), 0);
		return;
	}
	assert_string_equal(ask("DROP DATABASE nse_daily;"
	    "DROP DATABASE opt_daily; DROP DATABASE opt; DROP DATABASE nse;"
	    "CREATE DATABASE nse; CREATE DATABASE opt; CREATE DATABASE "
	    "nse_daily; CREATE DATABASE opt_daily"), "");
}

static inline int
bed_up(void **state)
{
	struct fault f = { 0 };

	(void)state;
	bed_wipe();
	if (store_open(&st, conf, &f) != 0)
		fail_msg("%s", f.text);
	return 0;
}

static inline int
bed_down(void **state)
{
	(void)state;
	store_close(st);
	st = NULL;
	return 0;
}

static inline int
bed_all_up(void **state)
{
	static const char text[] = "{\"store\": \"sqlite\", \"nifty500DBName\": "
	    "\"nse\", \"niftyOptionsDBName\": \"opt\"}";
	struct fault f = { 0 };
	char path[256];

	(void)state;
	socket_path = getenv("DAS_STORE_SOCKET");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/dasConfig.json", dir);
	assert_int_equal(file_put(path, 0600, text, strlen(text), &f), 0);
	if (conf_open(&conf, socket_path != NULL ? NULL : path, &f) != 0)
		fail_msg("%s", f.text);
	if (socket_path != NULL)
		assert_int_equal(system("mariadb --no-defaults -S "
		    "$DAS_STORE_SOCKET -u root -e 'CREATE DATABASE IF NOT "
		    "EXISTS nse; CREATE DATABASE IF NOT EXISTS opt; CREATE "
		    "DATABASE IF NOT EXISTS nse_daily; CREATE DATABASE IF NOT "
		    "EXISTS opt_daily'"), 0);
	return 0;
}

static inline int
bed_all_down(void **state)
{
	char cmd[256];

	(void)state;
	conf_close(conf);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd);
}

/* Adds an instrument of which only the store's part matters; options expire in
 * the month of DAY. */
static inline void
add(struct inst_set *set, uint32_t token, enum inst_kind kind,
    const char *table, const char *db)
{
	struct inst *i = inst_add(set);

	assert_non_null(i);
	i->token = token;
	i->kind = kind;
	i->expiry = INST_NO_EXPIRY;
	if (kind == INST_CE || kind == INST_PE)
		assert_int_equal(clk_day_from("2026-11-24", &i->expiry), 0);
	snprintf(i->tradingsymbol, sizeof(i->tradingsymbol), "%.60s", table);
	snprintf(i->table, sizeof(i->table), "%.64s", table);
	snprintf(i->db, sizeof(i->db), "%.64s", db);
}

/* Files the day of the only table of a set and counts it: 0 or -1. */
static inline int
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

/* ---- rows of topic ticks ---- */

static const char bed_header[] = "seq\tinstrument_token\ttimestamp\tprice\tqty\t"
    "avgPrice\tvolume\tbQty\tsQty\topen\thigh\tlow\tclose\tchangeper\t"
    "lastTradeTime\toi\toiHigh\toiLow\tbq0\tbp0\tbo0\tbq1\tbp1\tbo1\tbq2\tbp2\t"
    "bo2\tbq3\tbp3\tbo3\tbq4\tbp4\tbo4\tsq0\tsp0\tso0\tsq1\tsp1\tso1\tsq2\tsp2\t"
    "so2\tsq3\tsp3\tso3\tsq4\tsp4\tso4";
static int bed_col[128];

enum { BED_FIELDS = 48, BED_ROW = 1024 };

/* A row into out (BED_ROW bytes) with a price and, for the fields behind it,
 * those of rest ("\t1\t2") and then nulls. */
static inline const char *
row_into(char *out, uint32_t token, const char *time, const char *price,
    const char *rest)
{
	int n = snprintf(out, BED_ROW, "1\t%u\t%s\t%s%s", (unsigned)token, time,
	    price, rest), i = 4;

	for (const char *p = rest; *p != '\0'; p++)
		i += *p == '\t';
	for (; i < BED_FIELDS; i++)
		n += snprintf(out + n, BED_ROW - (size_t)n, "\t\\N");
	snprintf(out + n, BED_ROW - (size_t)n, "\n");
	return out;
}

/* A row whose price is as given; valid until the fourth call after it. */
static inline const char *
row(uint32_t token, int sec, const char *price)
{
	static char text[4][BED_ROW];
	static int next;
	char time[32];

	snprintf(time, sizeof(time), DAY " 09:15:%02d", sec);
	return row_into(text[next++ % 4], token, time, price, "");
}

/* A batch of the rows, from the position of the store to the next byte. */
static inline struct store_batch
batch(const struct store_row *rows, size_t n)
{
	struct store_batch b = { .day = DAY, .topic = "ticks",
	    .part = { { &store_daily, bed_col, rows, n } } };
	struct fault f;

	b.nfield = store_columns(&store_daily, bed_header, bed_col, &f);
	assert_int_equal(b.nfield, BED_FIELDS);
	assert_int_equal(store_pos_get(st, b.day, b.topic, &b.from, &f), 0);
	b.to = b.from;
	b.to.pos.segment = 1;
	b.to.pos.offset++;
	b.to.rows += n;
	return b;
}

static inline void
load_rows(const struct store_row *rows, size_t n)
{
	struct store_batch b = batch(rows, n);
	struct fault f = { 0 };

	if (store_load(st, &b, &f) != 0)
		fail_msg("%s", f.text);
}

#endif
