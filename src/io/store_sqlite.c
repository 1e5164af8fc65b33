/*
 * The SQLite back end: the file that sqlitePath names, "main" in SQL, with
 * tokens, the day and what is known of it; and the files of main tables beside
 * it, of which das-backup has one attached at a time, "filed" in SQL
 * (store_sqlite_main.c).  SQLite reads all names and columns of a file when it
 * opens it, 8 KB a table, so that what is opened must not grow with the days.
 *
 * Topic ltp is in a third file, ltp.db, with a position of its own: a file of
 * SQLite has one writer at a time, and whoever loads a day's ticks in one go
 * would keep the other out for seconds.  Only das-load opens it to write.
 *
 * In the first file a commit survives the death of the program, and a power
 * cut takes back at most the last commits, each as a whole (synchronous=NORMAL,
 * sq.c).  Nothing is lost by that: rows and the position behind them are one
 * transaction, so das-load reads from the spool again what the cut took back.
 *
 * No transaction is atomic over two files with logs, so none relies on that.
 * What das-backup files is counted, brought to the disk when the file is left
 * (sq_detach), and only then deleted from dailytable, in later transactions of
 * the first file alone.  A power cut in between leaves
 * rows in both, which filing again replaces; or takes back the deletion and the
 * row of das_filed with it, and das-backup does both again.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ltp.h"
#include "store_sqlite.h"

#define LTP_NAME	"ltp"		/* of its file, and of that in questions */

int
sqlite_nomem(struct fault *f)
{
	errno = ENOMEM;
	return fault_sys(f, 0, "store");
}

static void
sqlite_close(struct store *s)
{
	for (int i = 0; i < STORE_PARTS; i++) {
		sq_done(((struct sqlite *)s)->put[i].one);
		sq_done(((struct sqlite *)s)->put[i].many);
	}
	sq_close(sq_of(s));
	free(s);
}

/* ---- kite1tokens ---- */

static int
token_put(struct store *s, const struct store_token *t, struct fault *f)
{
	struct sq *q = sq_of(s);
	struct sqlite3_stmt *st = NULL;
	int rc;

	if (sq_begin(q, f) != 0)
		return -1;
	rc = sq_run(q, "CREATE TABLE IF NOT EXISTS main.kite1tokens ("
	    "timestamp TEXT UNIQUE, requestUrl TEXT, reqToken TEXT, "
	    "accessToken TEXT)", f);
	if (rc == 0 && (st = sq_prep(q, "REPLACE INTO main.kite1tokens "
	    "(timestamp, requestUrl, reqToken, accessToken) "
	    "VALUES (?, '-', '-', ?)", f)) == NULL)
		rc = -1;
	if (rc == 0) {
		sq_text(st, 1, t->timestamp, -1);
		sq_text(st, 2, t->access_token, -1);
		rc = sq_do(q, st, f);
	}
	sq_done(st);
	return sq_end(q, rc, f);
}

/* The text of a column into out; -1 when it does not fit. */
static int
text_of(struct sqlite3_stmt *st, int col, char *out, size_t size)
{
	int n = snprintf(out, size, "%s", sq_col_text(st, col));

	return n >= 0 && (size_t)n < size ? 0 : -1;
}

static int
token_last(struct store *s, struct store_token *t, struct fault *f)
{
	struct sq *q = sq_of(s);
	struct sqlite3_stmt *st;
	int rc;

	if (sq_refresh(q, f) != 0)
		return -1;
	if ((rc = sq_has(q, "main", "kite1tokens", NULL, f)) != 1)
		return rc;
	if ((st = sq_prep(q, "SELECT timestamp, accessToken FROM main.kite1tokens "
	    "ORDER BY timestamp DESC LIMIT 1", f)) == NULL)
		return -1;
	if ((rc = sq_step(q, st, f)) == 1 &&
	    (text_of(st, 0, t->timestamp, sizeof(t->timestamp)) != 0 ||
	    text_of(st, 1, t->access_token, sizeof(t->access_token)) != 0))
		rc = fault_set(f, EX_DATAERR, "%s: kite1tokens: the newest row "
		    "is no token of ours", q->path);
	sq_done(st);
	return rc;
}

/* ---- das_position ---- */

static int
pos_get(struct store *s, const char *day, const char *topic,
    struct store_pos *p, struct fault *f)
{
	struct sq *q = sq_of(s);
	struct sqlite3_stmt *st;
	int rc;

	*p = (struct store_pos){ 0 };
	if (sq_refresh(q, f) != 0)
		return -1;
	if ((rc = sq_has(q, "main", "das_position", NULL, f)) != 1)
		return rc;
	if ((st = sq_prep(q, "SELECT segment, \"offset\", rows, kept_out "
	    "FROM main.das_position WHERE day = ? AND topic = ?", f)) == NULL)
		return -1;
	sq_text(st, 1, day, -1);
	sq_text(st, 2, topic, -1);
	if ((rc = sq_step(q, st, f)) == 1) {
		p->pos.segment = (uint32_t)sq_col_int(st, 0);
		p->pos.offset = (uint64_t)sq_col_int(st, 1);
		p->rows = (uint64_t)sq_col_int(st, 2);
		p->kept_out = (uint64_t)sq_col_int(st, 3);
		rc = 0;
	}
	sq_done(st);
	return rc;
}

static const char *
sqlite_server(const struct store *s, size_t i)
{
	(void)s;
	return i == 0 ? "main" : NULL;
}

static const struct store_ops ops = {
	.close = sqlite_close,
	.token_put = token_put,
	.token_last = token_last,
	.prepare = sqlite_prepare,
	.pos_get = pos_get,
	.load = sqlite_load,
	.add_insts = sqlite_add_insts,
	.file = sqlite_file,
	.make = sqlite_make,
	.settle = sqlite_settle,
	.count = sqlite_count,
	.done = sqlite_done,
	.done_get = sqlite_done_get,
	.sync = sqlite_sync,
	.ask = sqlite_ask,
	.locate = sqlite_locate,
	.server = sqlite_server
};

/* The databases of the configuration, for sq_open_read(): each name once, and
 * the file of topic ltp. */
static const char *
databases(const struct conf *c, char *out, size_t size)
{
	static const char *const key[] = { "nifty500DBName",
	    "niftyOptionsDBName", "bankNiftyOptionsDBName",
	    "sensexOptionsDBName" };
	size_t n = 0;

	for (size_t i = 0; i <= sizeof(key) / sizeof(*key); i++) {
		const char *name = i < sizeof(key) / sizeof(*key) ?
		    conf_str(c, key[i]) : LTP_NAME, *s = out;

		out[n] = '\0';
		while (*s != '\0' && strcasecmp(s, name) != 0)
			s += strlen(s) + 1;
		if (*s == '\0' && inst_name_ok(name) &&
		    n + strlen(name) + 2 < size)
			n += (size_t)snprintf(out + n, size - n, "%s",
			    name) + 1;
	}
	out[n] = '\0';
	return out;
}

/* The path of the file that a topic is loaded into. */
static int
file_of(const char *path, const char *topic, char out[PATH_MAX],
    struct fault *f)
{
	const char *slash = strrchr(path, '/');
	int dir = slash != NULL ? (int)(slash - path) + 1 : 0, n;

	n = topic != NULL && strcmp(topic, LTP_TOPIC) == 0 ?
	    snprintf(out, PATH_MAX, "%.*s" LTP_NAME ".db", dir, path) :
	    snprintf(out, PATH_MAX, "%s", path);
	return n >= 0 && n < PATH_MAX ? 0 :
	    fault_set(f, EX_CONFIG, "%s: path too long", path);
}

int
store_sqlite_open(struct store **out, const struct conf *c, const char *topic,
    struct fault *f)
{
	struct sqlite *s;
	char names[512], path[PATH_MAX];
	int rc;

	if (file_of(conf_str(c, "sqlitePath"), topic, path, f) != 0)
		return -1;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return sqlite_nomem(f);
	rc = topic != NULL ? sq_open(&s->q, path, f) : sq_open_read(&s->q, path,
	    databases(c, names, sizeof(names)), f);
	if (rc != 0) {
		free(s);
		return -1;
	}
	s->base.ops = &ops;
	s->base.values = true;
	snprintf(s->base.where, sizeof(s->base.where), "SQLite database %.480s",
	    path);
	*out = &s->base;
	return 0;
}
