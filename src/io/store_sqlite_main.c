/*
 * Main tables, in files beside the first: shares, indices and futures in
 * DBNAME.db, options in DBNAME-YYYY-MM.db by the month in which they expire.
 * An index of weekly options gets several hundred tables a week; by month a
 * file stops growing when its month is over.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clk.h"
#include "store_sqlite.h"

/* The path of the file that the main table of an instrument is in. */
static int
file_of(const struct sq *q, const struct inst *in, char path[PATH_MAX],
    struct fault *f)
{
	const char *slash = strrchr(q->path, '/');
	int dir = slash != NULL ? (int)(slash - q->path) + 1 : 0, n;
	int32_t expiry = inst_option_expiry(in);
	char day[CLK_DAY] = "", month[9] = "";

	if (!inst_name_ok(in->db))	/* it becomes the name of a file */
		return fault_set(f, EX_DATAERR, "%s: '%s' cannot be a database "
		    "name", in->tradingsymbol, in->db);
	if (expiry != INST_NO_EXPIRY)
		snprintf(month, sizeof(month), "-%.7s",
		    clk_day_to(expiry, day));
	n = snprintf(path, PATH_MAX, "%.*s%s%s.db", dir, q->path, in->db,
	    month);
	if (n < 0 || n >= PATH_MAX)
		return fault_set(f, EX_CONFIG, "%s: path too long", q->path);
	if (strcmp(path, q->path) == 0)
		return fault_set(f, EX_CONFIG, "%s: the tables of database %s "
		    "need this name; give sqlitePath another", q->path,
		    in->db);
	return 0;
}

int
sqlite_main_name(struct sq *q, const struct inst *in, struct fault *f)
{
	char path[PATH_MAX];

	return file_of(q, in, path, f);
}

bool
sqlite_main_here(const struct sq *q, const struct inst *in)
{
	char path[PATH_MAX];

	return q->filed != NULL && file_of(q, in, path, NULL) == 0 &&
	    strcmp(path, q->filed) == 0;
}

int
sqlite_main_open(struct sq *q, const struct inst *in, bool make,
    struct fault *f)
{
	char path[PATH_MAX];

	if (file_of(q, in, path, f) != 0)
		return -1;
	if (!make && access(path, F_OK) != 0)
		return 0;
	return sq_attach(q, path, f) == 0 ? 1 : -1;
}

int
sqlite_main(struct sq *q, const struct inst *in, struct fault *f)
{
	const struct sqlite_shape want = { "filed", in->table, "timestamp",
	    store_col + STORE_MAIN, store_main_ncol(in->kind) };
	struct buf b = { 0 };
	int rc;

	if ((rc = sqlite_has(q, &want, f)) != 0)
		return rc == 1 ? 0 : -1;
	rc = buf_addf(&b, "CREATE TABLE filed.\"%s\" (", in->table) != 0 ||
	    sqlite_columns(&b, want.col, want.ncol, true) != 0 ||
	    buf_adds(&b, ", PRIMARY KEY (timestamp)) WITHOUT ROWID") != 0 ?
	    sqlite_nomem(f) : sq_run(q, b.p, f);
	buf_free(&b);
	return rc;
}
