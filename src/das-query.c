/*
 * das-query - ask the store
 *
 * The latest row of an instrument or of all, the rows of one between two times,
 * the symbols there are, or any SELECT.  Nothing can be changed; rows and seconds
 * are bounded.  das-query(1).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "clk.h"
#include "conf.h"
#include "csv.h"
#include "file.h"
#include "inst.h"
#include "js.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "store.h"
#include "tsv.h"

enum format { TSV, CSV, JSON };

static enum format format = TSV;
static const char *database;	/* -D, or NULL */
static int64_t rows_max = 10000, seconds_max = 30;
static struct conf *conf;
static struct inst_set set;
static struct store *store;

/* The answer so far. */
static int64_t given;
static bool headed;		/* the names were printed */
static struct buf *name;	/* of the columns, as JSON strings */
static size_t ncol;
static char last[CLK_TEXT];	/* timestamp of the last row */

/* ---- printing ---- */

static int
put_cell(struct buf *b, const struct store_cell *c)
{
	switch (format) {
	case TSV:
		return c->text == NULL ? tsv_add(b, NULL) :
		    tsv_addn(b, c->text, c->len);
	case CSV:
		return csv_fieldn(b, c->text != NULL ? c->text : "", c->len);
	case JSON:
		break;
	}
	if (c->text == NULL)
		return buf_adds(b, "null");
	return c->number ? buf_adds(b, c->text) : js_addn(b, c->text,
	    c->len);
}

static int
put_row(struct buf *b, const struct store_cell *cell, size_t n)
{
	int rc = 0;

	if (format == JSON)
		rc = buf_adds(b, given > 0 ? ",\n{" : "[{");
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (i > 0)
			rc = buf_adds(b, format == TSV ? "\t" : ",");
		if (rc == 0 && format == JSON)
			rc = buf_addf(b, "%s:", name[i].p);
		if (rc == 0)
			rc = put_cell(b, &cell[i]);
	}
	return rc == 0 ? buf_adds(b, format == JSON ? "}" : "\n") : rc;
}

/* JSON has the names in every row, the others once. */
static int
take_names(const struct store_cell *cell, size_t n)
{
	if ((name = calloc(n, sizeof(*name))) == NULL)
		return -1;
	ncol = n;
	for (size_t i = 0; i < n; i++)
		if (js_add(&name[i], cell[i].text) != 0)
			return -1;
	return 0;
}

/* The column that later questions of one answer go on behind. */
static void
remember(const struct store_cell *cell, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (cell[i].text != NULL &&
		    strcmp(name[i].p, "\"timestamp\"") == 0)
			snprintf(last, sizeof(last), "%s", cell[i].text);
}

static int
on_row(void *user, const struct store_cell *cell, size_t n, bool names)
{
	struct buf b = { 0 };
	int rc = 0;

	(void)user;
	if (names && !headed) {
		headed = true;
		if (take_names(cell, n) != 0)
			msg_die(EX_TEMPFAIL, "memory");
		if (format != JSON)
			rc = put_row(&b, cell, n);
	} else if (!names) {
		rc = put_row(&b, cell, n);
		remember(cell, n);
		given++;
	}
	if (rc != 0)
		msg_die(EX_TEMPFAIL, "memory");
	if (b.len > 0)
		(void)fwrite(b.p, 1, b.len, stdout);	/* msg_close_stdout() */
	buf_free(&b);
	return ferror(stdout) ? -1 : 0;	/* nobody would see more of it */
}

/* Ends what was printed. */
static void
end_answer(bool more)
{
	if (format == JSON)
		puts(given > 0 ? "]" : "[]");
	if (more)
		msg_warnx("more than %" PRId64 " rows: the rest is left out; "
		    "-n asks for more", rows_max);
	msg_close_stdout();
}

/* ---- asking ---- */

/* Prints the answer of the server that has the database at; true when there is
 * more than may be. */
static bool
ask(const char *at, const char *sql, const char *const *arg, size_t narg)
{
	const struct store_ask a = { .sql = sql, .arg = arg, .narg = narg,
	    .at = at, .db = database, .rows = rows_max - given,
	    .seconds = seconds_max, .row = on_row };
	struct fault f;
	int rc = store_ask(store, &a, &f);

	if (rc == -1)
		msg_diex(f.ex, "%s", f.text);
	return rc == 1;
}

/* The columns of every answer about instruments, in dailytable's order. */
static const char columns[] = "timestamp, price, qty, avgPrice, volume, bQty, "
    "sQty, open, high, low, close, changeper, lastTradeTime, oi, oiHigh, "
    "oiLow, bq0, bp0, bo0, bq1, bp1, bo1, bq2, bp2, bo2, bq3, bp3, bo3, bq4, "
    "bp4, bo4, sq0, sp0, so0, sq1, sp1, so1, sq2, sp2, so2, sq3, sp3, so3, "
    "sq4, sp4, so4";
static const char index_columns[] = "timestamp, price";

/* Appends the columns that an index table has not, as nulls. */
static void
add_nulls(struct buf *b)
{
	const char *s = strchr(columns, ',');

	for (s = strchr(s + 1, ','); s != NULL; s = strchr(s + 1, ',')) {
		size_t n = strcspn(s + 2, ",");

		if (buf_addf(b, ", NULL AS %.*s", (int)n, s + 2) != 0)
			msg_die(EX_TEMPFAIL, "memory");
	}
}

/* "SELECT ... FROM table"; false when there is no such table. */
static bool
select_from(struct buf *b, const struct inst *in, bool daily)
{
	bool narrow = !daily && in->kind == INST_INDEX;
	struct fault f;
	int rc;

	buf_reset(b);
	if (buf_addf(b, daily ? "SELECT instrument_token, tradingsymbol, %s" :
	    "SELECT ? AS instrument_token, ? AS tradingsymbol, %s",
	    narrow ? index_columns : columns) != 0)
		msg_die(EX_TEMPFAIL, "memory");
	if (narrow)
		add_nulls(b);
	if (buf_adds(b, " FROM ") != 0)
		msg_die(EX_TEMPFAIL, "memory");
	if ((rc = store_locate(store, daily ? NULL : in, in->db, b, &f)) == -1)
		msg_diex(f.ex, "%s", f.text);
	return rc == 1;
}

static void
add(struct buf *b, const char *text)
{
	if (buf_adds(b, text) != 0)
		msg_die(EX_TEMPFAIL, "memory");
}

/* ---- what can be asked ---- */

static const struct inst *
find(const char *word)
{
	char path[4096];
	struct fault f;

	if (file_join(path, sizeof(path), conf_str(conf, "lookupDir"),
	    "instruments.tsv", &f) != 0 || inst_load(&set, path, &f) != 0)
		msg_diex(f.ex, "%s; das-lookup makes it", f.text);
	for (size_t i = 0; word != NULL && i < set.n; i++)
		if (strcasecmp(set.v[i].symbol, word) == 0 ||
		    strcasecmp(set.v[i].tradingsymbol, word) == 0 ||
		    strcasecmp(set.v[i].table, word) == 0)
			return &set.v[i];
	if (word != NULL)
		msg_diex(EX_DATAERR, "%s: no such symbol today; das-query "
		    "symbols lists them", word);
	return NULL;
}

static void
latest(const char *word)
{
	const struct inst *in = find(word);
	char token[16];
	const char *arg[] = { token, in->tradingsymbol };
	struct buf b = { 0 };

	snprintf(token, sizeof(token), "%" PRIu32, in->token);
	if (select_from(&b, in, true)) {
		add(&b, " WHERE instrument_token = ? ORDER BY timestamp DESC "
		    "LIMIT 1");
		(void)ask(in->db, b.p, arg, 1);
	}
	if (given == 0 && select_from(&b, in, false)) {
		add(&b, " ORDER BY timestamp DESC LIMIT 1");
		(void)ask(in->db, b.p, arg, 2);
	}
	buf_free(&b);
	if (given == 0) {
		msg_warnx("%s: no tick is stored", word);
		exit(1);		/* the answer is no */
	}
}

/* The latest rows of the instruments of one server, that of database at. */
static bool
latest_at(const char *at)
{
	struct buf b = { 0 }, daily = { 0 };
	struct fault f;
	bool more;
	int rc = store_locate(store, NULL, at, &daily, &f);

	if (rc == -1)
		msg_diex(f.ex, "%s", f.text);
	if (rc == 0)
		msg_diex(EX_NOINPUT, "%s: there is no dailytable; das-lookup "
		    "makes it", store_where(store));
	if (buf_addf(&b, "SELECT instrument_token, tradingsymbol, %s FROM %s "
	    "JOIN (SELECT instrument_token AS t, MAX(timestamp) AS m FROM %s "
	    "GROUP BY instrument_token) AS newest ON instrument_token = t AND "
	    "timestamp = m ORDER BY instrument_token", columns, daily.p,
	    daily.p) != 0)
		msg_die(EX_TEMPFAIL, "memory");
	more = ask(at, b.p, NULL, 0);
	buf_free(&b);
	buf_free(&daily);
	return more;
}

static bool
latest_all(void)
{
	const char *at;
	bool more = false;

	for (size_t i = 0; !more && (at = store_server(store, i)) != NULL; i++)
		more = latest_at(at);
	return more;
}

/* A day, or a second, as the first or the last second that is meant. */
static const char *
time_of(const char *word, const char *of_day, char out[CLK_TEXT])
{
	int32_t day;
	int64_t us;

	if (clk_day_from(word, &day) == 0)
		snprintf(out, CLK_TEXT, "%.10s %s", word, of_day);
	else if (strlen(word) == 19 && clk_from_ist(word, &us) == 0)
		snprintf(out, CLK_TEXT, "%.19s", word);
	else
		msg_diex(EX_USAGE, "%s: neither YYYY-MM-DD nor 'YYYY-MM-DD "
		    "HH:MM:SS'", word);
	return out;
}

/* From the main table, and what is not in it yet from dailytable. */
static bool
history(const char *word, const char *from_word, const char *to_word)
{
	const struct inst *in = find(word);
	char token[16], from[CLK_TEXT], to[CLK_TEXT];
	const char *main_arg[] = { token, in->tradingsymbol, from, to };
	const char *daily_arg[] = { token, from, to, last };
	struct buf b = { 0 };
	bool more = false;

	snprintf(token, sizeof(token), "%" PRIu32, in->token);
	time_of(from_word, "00:00:00", from);
	time_of(to_word, "23:59:59", to);
	if (select_from(&b, in, false)) {
		add(&b, " WHERE timestamp BETWEEN ? AND ? ORDER BY timestamp");
		more = ask(in->db, b.p, main_arg, 4);
	}
	if (*last == '\0')
		snprintf(last, sizeof(last), "0001-01-01 00:00:00");
	if (!more && select_from(&b, in, true)) {
		add(&b, " WHERE instrument_token = ? AND timestamp BETWEEN ? "
		    "AND ? AND timestamp > ? ORDER BY timestamp");
		more = ask(in->db, b.p, daily_arg, 4);
	}
	buf_free(&b);
	return more;
}

static struct store_cell
cell_of(const char *s)
{
	return (struct store_cell){ .text = s, .len = strlen(s) };
}

static bool
symbols(void)
{
	static const char *const names[] = { "symbol", "tradingsymbol",
	    "instrument_token", "TableName", "dbName" };
	struct store_cell cell[5];
	char token[16];

	(void)find(NULL);
	for (size_t i = 0; i < 5; i++)
		cell[i] = cell_of(names[i]);
	on_row(NULL, cell, 5, true);
	for (size_t i = 0; i < set.n; i++) {
		if (given == rows_max)
			return true;
		snprintf(token, sizeof(token), "%" PRIu32, set.v[i].token);
		cell[0] = cell_of(set.v[i].symbol);
		cell[1] = cell_of(set.v[i].tradingsymbol);
		cell[2] = cell_of(token);
		cell[2].number = true;
		cell[3] = cell_of(set.v[i].table);
		cell[4] = cell_of(set.v[i].db);
		on_row(NULL, cell, 5, false);
	}
	return false;
}

/* ---- options ---- */

static void
take_format(const char *word)
{
	static const char *const words[] = { [TSV] = "tsv", [CSV] = "csv",
	    [JSON] = "json" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(word, words[i]) == 0) {
			format = (enum format)i;
			return;
		}
	msg_diex(EX_USAGE, "-o %s: neither tsv, csv nor json", word);
}

/* Runs the command of the arguments. */
static bool
command(int argc, char *argv[])
{
	const char *what = argv[0];

	if (strcmp(what, "latest") == 0 && argc == 2) {
		latest(argv[1]);
		return false;
	}
	if (strcmp(what, "latest-all") == 0 && argc == 1)
		return latest_all();
	if (strcmp(what, "history") == 0 && argc == 4)
		return history(argv[1], argv[2], argv[3]);
	if (strcmp(what, "symbols") == 0 && argc == 1)
		return symbols();
	if (strcmp(what, "sql") == 0 && argc >= 2)
		return ask(database, argv[1], (const char *const *)argv + 2,
		    (size_t)argc - 2);
	opt_usage();
}

int
main(int argc, char *argv[])
{
	struct fault f;
	bool more;
	int c;

	opt_init("das-query", "[-D database] [-n rows] [-o tsv|csv|json] [-s seconds] "
	    "latest symbol | latest-all | history symbol from to | symbols | "
	    "sql statement [value ...]");
	while ((c = opt_next(argc, argv, "D:n:o:s:")) != -1)
		switch (c) {
		case 'D':
			database = optarg;
			break;
		case 'n':
			if (num_i64(optarg, 1, INT32_MAX, &rows_max) != 0)
				msg_diex(EX_USAGE, "-n %s: not 1 to %d", optarg,
				    INT32_MAX);
			break;
		case 'o':
			take_format(optarg);
			break;
		case 's':
			if (num_i64(optarg, 1, 3600, &seconds_max) != 0)
				msg_diex(EX_USAGE, "-s %s: not 1 to 3600",
				    optarg);
			break;
		}
	if (optind == argc)
		opt_usage();
	if (conf_open(&conf, opt_config(), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (strcmp(argv[optind], "symbols") != 0 &&
	    store_open_read(&store, conf, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	more = command(argc - optind, argv + optind);
	end_answer(more);
	for (size_t i = 0; i < ncol; i++)
		buf_free(&name[i]);
	free(name);
	store_close(store);
	inst_free(&set);
	conf_close(conf);
	return 0;
}
