#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <sqlite3.h>

#include "clk.h"
#include "file.h"
#include "sq.h"
#include "stop.h"

enum {
	LOCKED_S = 5,		/* seconds to wait for another writer */
	LOCKED_STEP_MS = 20,
	VALUE_MAX = 16 << 20	/* bytes of a value that a question makes */
};

/* The exit code for what SQLite has just said. */
static int
code_of(sqlite3 *db)
{
	int e = sqlite3_system_errno(db);

	switch (sqlite3_errcode(db)) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
	case SQLITE_FULL:
	case SQLITE_NOMEM:
	case SQLITE_INTERRUPT:
		return EX_TEMPFAIL;
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		if (e == ENOSPC || e == EDQUOT || e == EMFILE || e == ENFILE)
			return EX_TEMPFAIL;
		return sqlite3_errcode(db) == SQLITE_IOERR ? EX_IOERR :
		    EX_CANTCREAT;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return EX_CANTCREAT;
	default:	/* damaged, no database, no such table, constraint */
		return EX_DATAERR;
	}
}

/* "FILE: trouble", with two files "FILE, NAME: trouble"; gives -1. */
static int
sq_fault(struct sq *q, struct fault *f)
{
	int ex = code_of(q->db), e = sqlite3_system_errno(q->db);
	const char *text = sqlite3_errmsg(q->db), *name = NULL;

	if (q->filed != NULL) {
		name = strrchr(q->filed, '/');
		name = name != NULL ? name + 1 : q->filed;
	}
	if (q->reader && ex == EX_CANTCREAT)
		ex = EX_DATAERR;	/* a question that is none */
	if (sqlite3_errcode(q->db) == SQLITE_BUSY)
		text = "locked by another program";
	else if (sqlite3_errcode(q->db) == SQLITE_FULL)
		text = "the disk is full";
	else if (sqlite3_errcode(q->db) == SQLITE_INTERRUPT)
		text = "it took too long and was ended; -s gives it more seconds";
	else if (sqlite3_errcode(q->db) == SQLITE_AUTH)
		text = "a question may only read";
	else if (ex != EX_DATAERR && e != 0)
		text = strerror(e);
	return fault_set(f, ex, "%s%s%s: %s", q->path,
	    name != NULL ? ", " : "", name != NULL ? name : "", text);
}

/* Waits for the lock for LOCKED_S seconds in all, less when asked to stop. */
static int
on_busy(void *arg, int count)
{
	struct sq *q = arg;

	if (count == 0)
		q->locked = clk_mono();
	return clk_mono() - q->locked < LOCKED_S * US_PER_SEC &&
	    !stop_sleep(LOCKED_STEP_MS * US_PER_MS);
}

/*
 * The file holds the access token, so it is made for its owner only; the log
 * and its index, which SQLite makes beside it, get the same mode.
 */
static int
make_file(const char *path, struct fault *f)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd;

	if (slash != NULL && slash != path) {
		if ((size_t)(slash - path) >= sizeof(dir))
			return fault_set(f, EX_CONFIG, "%s: path too long",
			    path);
		snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
		if (file_mkdirs(dir, f) != 0)
			return -1;
	}
	if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) == -1)
		return fault_sys(f, 0, "%s", path);
	close(fd);
	return 0;
}

/*
 * Before the first file is opened: one thread (style.md), so no locks, and no
 * count of the memory in use, which has one too.
 */
static void
set_up_library(void)
{
	static bool done;

	if (!done) {
		/* refused, when SQLite is in use already: as it was, then */
		(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
		(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	}
	done = true;
}

/*
 * The write-ahead log lets others read while we write, and stays on in the
 * file.  8,000 pages between two checkpoints are 64 MiB, which also bounds the
 * log while nobody reads for very long.
 *
 * Pages of 8 KiB, of files that we make, are half as many to log, to copy and to
 * split as the 4 KiB that are usual, and hold some 25 rows of dailytable; a file
 * of other pages is taken as it is.
 *
 * synchronous: NORMAL brings the log to the disk at checkpoints only, FULL at
 * every commit; either the directory with a new log, so that a new file is in it.
 */
#define SET_UP(schema, sync, kib) \
	"PRAGMA " schema ".page_size = 8192;" \
	"PRAGMA " schema ".synchronous = " sync ";" \
	"PRAGMA " schema ".cache_size = -" kib ";" \
	"PRAGMA " schema ".journal_size_limit = 67108864;" \
	"PRAGMA wal_autocheckpoint = 8000"

/* The log of the file at path, by PRAGMA SCHEMA.journal_mode = WAL. */
static int
set_log(struct sq *q, const char *pragma, const char *path, struct fault *f)
{
	sqlite3_stmt *st = sq_prep(q, pragma, f);
	int rc;

	if (st == NULL)
		return -1;
	if ((rc = sq_step(q, st, f)) == 1)
		rc = strcmp(sq_col_text(st, 0), "wal") == 0 ? 0 :
		    fault_set(f, EX_CONFIG, "%s: no write-ahead log here; is "
		    "it on a network file system?", path);
	sq_done(st);
	return rc;
}

int
sq_open(struct sq *q, const char *path, struct fault *f)
{
	*q = (struct sq){ 0 };
	set_up_library();
	if (make_file(path, f) != 0)
		return -1;
	if ((q->path = strdup(path)) == NULL)
		return fault_sys(f, 0, "%s", path);
	if (sqlite3_open_v2(path, &q->db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		sq_fault(q, f);
		goto bad;
	}
	sqlite3_busy_handler(q->db, on_busy, q);
	if (sq_run(q, SET_UP("main", "NORMAL", "8192"), f) == 0 &&
	    set_log(q, "PRAGMA main.journal_mode = WAL", path, f) == 0)
		return 0;
bad:
	sq_close(q);
	return -1;
}

void
sq_close(struct sq *q)
{
	/* Fails only while statements live, and these are the caller's. */
	(void)sqlite3_close(q->db);
	free(q->path);
	free(q->filed);
	*q = (struct sq){ 0 };
}

/* What a question may do. */
static int
may(void *arg, int what, const char *a, const char *b, const char *db,
    const char *trigger)
{
	(void)arg;
	(void)a;
	(void)db;
	(void)trigger;
	switch (what) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return strcasecmp(b, "load_extension") == 0 ||
		    strcasecmp(b, "fts3_tokenizer") == 0 ? SQLITE_DENY :
		    SQLITE_OK;
	default:
		return SQLITE_DENY;
	}
}

/* Runs what a reader must not ask for itself: ATTACH and DETACH of ours. */
static int
run_ours(struct sq *q, const char *sql, struct fault *f)
{
	int rc;

	sqlite3_set_authorizer(q->db, NULL, NULL);
	rc = sq_run(q, sql, f);
	if (q->reader)
		sqlite3_set_authorizer(q->db, may, q);
	return rc;
}

/*
 * Brings what was committed into the attached file to the disk: with FULL a commit
 * syncs the log, and with it all that is in there already.  What is committed here
 * is the number that the file has.
 */
static int
settle(struct sq *q, struct fault *f)
{
	sqlite3_stmt *st = sq_prep(q, "PRAGMA filed.user_version", f);
	char sql[160];
	int64_t n;
	int rc;

	if (st == NULL)
		return -1;
	rc = sq_step(q, st, f);
	n = rc == 1 ? sq_col_int(st, 0) : 0;
	sq_done(st);
	if (rc == -1)
		return -1;
	snprintf(sql, sizeof(sql), "PRAGMA filed.synchronous = FULL;"
	    "PRAGMA filed.user_version = %jd;"
	    "PRAGMA filed.synchronous = NORMAL", (intmax_t)n);
	if (sq_run(q, sql, f) != 0)
		return -1;
	q->unsettled = false;
	return 0;
}

int
sq_detach(struct sq *q, struct fault *f)
{
	if (q->filed == NULL)
		return 0;
	if (q->unsettled && settle(q, f) != 0)
		return -1;
	if (run_ours(q, "DETACH filed", f) != 0)
		return -1;
	free(q->filed);
	q->filed = NULL;
	return 0;
}

/* ATTACH path AS name; a reader's is to be read only, as its first file is. */
int
sq_attach_as(struct sq *q, const char *path, const char *name,
    struct fault *f)
{
	char *sql = sqlite3_mprintf("ATTACH %Q AS \"%w\"", path, name);
	int rc;

	if (sql == NULL)
		return fault_sys(f, EX_TEMPFAIL, "%s", path);
	rc = run_ours(q, sql, f);
	sqlite3_free(sql);
	return rc;
}

int
sq_attach(struct sq *q, const char *path, struct fault *f)
{
	if (q->filed != NULL && strcmp(q->filed, path) == 0)
		return 0;
	if (sq_detach(q, f) != 0 || (!q->reader && make_file(path, f) != 0))
		return -1;
	if ((q->filed = strdup(path)) == NULL)
		return fault_sys(f, 0, "%s", path);
	if (sq_attach_as(q, path, "filed", f) != 0) {
		free(q->filed);
		q->filed = NULL;
		return -1;
	}
	if (q->reader || (sq_run(q, SET_UP("filed", "NORMAL", "4096"), f) == 0 &&
	    set_log(q, "PRAGMA filed.journal_mode = WAL", path, f) == 0))
		return 0;
	(void)sq_detach(q, &(struct fault){ 0 });	/* the first fault counts */
	return -1;
}

/* ---- to be read only ---- */

static int
on_progress(void *arg)
{
	struct sq *q = arg;

	return q->limit != 0 && clk_mono() > q->limit;
}

void
sq_limit(struct sq *q, int64_t seconds)
{
	q->limit = clk_mono() + seconds * US_PER_SEC;
	sqlite3_progress_handler(q->db, 10000, on_progress, q);
}

/* Attaches NAME.db of the same directory as NAME, when it is there. */
static int
attach_named(struct sq *q, const char *name, struct fault *f)
{
	const char *slash = strrchr(q->path, '/');
	char path[PATH_MAX];
	int n;

	n = snprintf(path, sizeof(path), "%.*s%s.db", slash != NULL ?
	    (int)(slash - q->path) + 1 : 0, q->path, name);
	if (n < 0 || n >= (int)sizeof(path) || access(path, F_OK) != 0 ||
	    strcmp(path, q->path) == 0)
		return 0;
	return sq_attach_as(q, path, name, f);
}

int
sq_open_read(struct sq *q, const char *path, const char *names,
    struct fault *f)
{
	*q = (struct sq){ 0 };
	set_up_library();
	if (access(path, F_OK) == -1)
		return fault_sys(f, EX_NOINPUT, "%s", path);
	if ((q->path = strdup(path)) == NULL)
		return fault_sys(f, 0, "%s", path);
	if (sqlite3_open_v2(path, &q->db, SQLITE_OPEN_READONLY |
	    SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		sq_fault(q, f);
		goto bad;
	}
	sqlite3_busy_handler(q->db, on_busy, q);
	for (; *names != '\0'; names += strlen(names) + 1)
		if (attach_named(q, names, f) != 0)
			goto bad;
	if (sq_run(q, "PRAGMA query_only = 1; PRAGMA trusted_schema = 0", f)
	    != 0)
		goto bad;
	q->reader = true;
	sqlite3_limit(q->db, SQLITE_LIMIT_LENGTH, VALUE_MAX);
	sqlite3_set_authorizer(q->db, may, q);
	return 0;
bad:
	sq_close(q);
	return -1;
}

/* ---- statements ---- */

int
sq_run(struct sq *q, const char *sql, struct fault *f)
{
	if (sqlite3_exec(q->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return sq_fault(q, f);
	return 0;
}

int
sq_begin(struct sq *q, struct fault *f)
{
	if (sq_run(q, "BEGIN IMMEDIATE", f) != 0)
		return -1;
	return sq_refresh(q, f) == 0 ? 0 : sq_end(q, -1, f);
}

int
sq_end(struct sq *q, int rc, struct fault *f)
{
	if (rc == 0) {
		q->unsettled |= q->filed != NULL;
		rc = sq_run(q, "COMMIT", f);
	}
	/* SQLite may have taken it back by itself, on a full disk. */
	if (rc != 0 && !sqlite3_get_autocommit(q->db))
		sqlite3_exec(q->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

int
sq_refresh(struct sq *q, struct fault *f)
{
	/* Any statement makes SQLite look whether its copy is still right. */
	return sq_run(q, q->filed == NULL ?
	    "SELECT 1 FROM main.sqlite_master LIMIT 1" :
	    "SELECT 1 FROM main.sqlite_master LIMIT 1;"
	    "SELECT 1 FROM filed.sqlite_master LIMIT 1", f);
}

int
sq_has(struct sq *q, const char *schema, const char *table,
    const char *column, struct fault *f)
{
	if (sqlite3_table_column_metadata(q->db, schema, table, column, NULL,
	    NULL, NULL, NULL, NULL) == SQLITE_OK)
		return 1;
	return sqlite3_errcode(q->db) == SQLITE_ERROR ? 0 : sq_fault(q, f);
}

struct sqlite3_stmt *
sq_prep(struct sq *q, const char *sql, struct fault *f)
{
	sqlite3_stmt *st;
	const char *rest;

	if (sqlite3_prepare_v3(q->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st,
	    &rest) != SQLITE_OK) {
		sq_fault(q, f);
		return NULL;
	}
	if (rest[strspn(rest, " \t\r\n;")] == '\0')
		return st;
	fault_set(f, EX_DATAERR, "%s: more than one statement", q->path);
	sqlite3_finalize(st);
	return NULL;
}

void
sq_done(struct sqlite3_stmt *st)
{
	sqlite3_finalize(st);	/* repeats what the last step said */
}

/* Binding fails only for a wrong number, or a text of gigabytes. */
void
sq_null(struct sqlite3_stmt *st, int i)
{
	(void)sqlite3_bind_null(st, i);
}

void
sq_int(struct sqlite3_stmt *st, int i, int64_t v)
{
	(void)sqlite3_bind_int64(st, i, v);
}

void
sq_real(struct sqlite3_stmt *st, int i, double v)
{
	(void)sqlite3_bind_double(st, i, v);
}

void
sq_text(struct sqlite3_stmt *st, int i, const char *s, int n)
{
	(void)sqlite3_bind_text(st, i, s, n, SQLITE_STATIC);
}

int
sq_step(struct sq *q, struct sqlite3_stmt *st, struct fault *f)
{
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return sq_fault(q, f);
	}
}

void
sq_reset(struct sqlite3_stmt *st)
{
	sqlite3_reset(st);	/* repeats what the last step said */
}

int
sq_do(struct sq *q, struct sqlite3_stmt *st, struct fault *f)
{
	int rc = sq_step(q, st, f);

	sqlite3_reset(st);
	return rc == -1 ? -1 : 0;
}

int64_t
sq_changes(const struct sq *q)
{
	return sqlite3_changes64(q->db);
}

int
sq_nvalue(struct sqlite3_stmt *st)
{
	return sqlite3_bind_parameter_count(st);
}

int
sq_ncol(struct sqlite3_stmt *st)
{
	return sqlite3_column_count(st);
}

const char *
sq_col_name(struct sqlite3_stmt *st, int i)
{
	const char *s = sqlite3_column_name(st, i);

	return s != NULL ? s : "";
}

bool
sq_col_null(struct sqlite3_stmt *st, int i)
{
	return sqlite3_column_type(st, i) == SQLITE_NULL;
}

bool
sq_col_number(struct sqlite3_stmt *st, int i)
{
	int type = sqlite3_column_type(st, i);

	return type == SQLITE_INTEGER || (type == SQLITE_FLOAT &&
	    isfinite(sqlite3_column_double(st, i)));
}

enum sq_type
sq_col_type(struct sqlite3_stmt *st, int i)
{
	switch (sqlite3_column_type(st, i)) {
	case SQLITE_NULL:
		return SQ_NULL;
	case SQLITE_INTEGER:
		return SQ_INT;
	case SQLITE_FLOAT:
		return SQ_REAL;
	default:
		return SQ_TEXT;
	}
}

int64_t
sq_col_int(struct sqlite3_stmt *st, int i)
{
	return sqlite3_column_int64(st, i);
}

double
sq_col_real(struct sqlite3_stmt *st, int i)
{
	return sqlite3_column_double(st, i);
}

const char *
sq_col_text(struct sqlite3_stmt *st, int i)
{
	const char *s = (const char *)sqlite3_column_text(st, i);

	return s != NULL ? s : "";
}

size_t
sq_col_len(struct sqlite3_stmt *st, int i)
{
	return (size_t)sqlite3_column_bytes(st, i);
}
