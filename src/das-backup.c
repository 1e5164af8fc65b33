/*
 * das-backup - file a day: one table per instrument, the archive, the report
 *
 * Loads what das-load owes, copies each instrument's rows from dailytable to
 * its main table, and goes through the spool once more, on its own: only when
 * every table has a row for each second that the spool has, and says the same, do
 * the day's rows leave dailytable.  Then the spool is
 * compressed and read back.  Exit 0: all of it is so; 1: it is not, nothing
 * was taken away.  Can be killed at any moment and run again.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "buf.h"
#include "clk.h"
#include "conf.h"
#include "csv.h"
#include "file.h"
#include "listfile.h"
#include "load.h"
#include "ltp.h"
#include "msg.h"
#include "opt.h"
#include "rows.h"
#include "stop.h"
#include "store.h"
#include "tally.h"
#include "workers.h"

enum {
	PASS_ROWS = 6000000,	/* of the spool, for as many instruments at once
				 * as have them: 100 MB at most */
	SHOWN = 5		/* failures that get a line each */
};

static struct conf *conf;
static struct store *store;
static char day[CLK_DAY];
static int32_t dayno;
static char logs[SPOOL_PATH];	/* the day's, for the reports */
static struct store_pos loaded;
static struct dayinst inst;
static struct inst_groups tables;
static struct store_day done;	/* what is known of the filed day */
static struct buf failed;	/* rows of backupsFailed_DATE.csv */
static uint64_t nfailed;
static bool cuts;		/* store_cuts() */

_Noreturn static void
die(const struct fault *f)
{
	msg_diex(f->ex, "%s", f->text);
}

static void
check_stop(void)
{
	if (stop_asked())
		msg_diex(EX_TEMPFAIL, "stopped; run it again");
}

/* ---- the spool, into the store ---- */

/* A day that is still written cannot be filed. */
static void
must_be_closed(void)
{
	const char *spool = conf_str(conf, "spoolDir");
	char dir[SPOOL_PATH];
	struct fault f;

	if (spool_dir(dir, spool, day, LOAD_TOPIC, &f) != 0)
		die(&f);
	if (!rows_exist(conf, day, LOAD_TOPIC))
		msg_die(EX_NOINPUT, "%s", dir);
	if (!rows_are_closed(conf, day, LOAD_TOPIC))
		msg_diex(EX_TEMPFAIL, "%s is not CLOSED: das-tick has not "
		    "ended the day; if it never will: touch %s/CLOSED", dir,
		    dir);
}

/* Loads what is owed; the lock that keeps das-load away stays ours. */
static void
drain(void)
{
	static struct load l;		/* its lock is held until we exit */
	struct fault f;
	int rc;

	if (load_open(&l, store, conf, day, LOAD_TOPIC, &f) != 0)
		die(&f);
	while ((rc = load_some(&l, -1, &f)) == LOAD_MORE)
		check_stop();
	if (rc == -1)
		die(&f);
	if (rc != LOAD_END)
		msg_diex(EX_TEMPFAIL, "%s: somebody goes on writing this day",
		    day);
	if (l.rows > 0)
		msg_warnx("%" PRIu64 " rows were not loaded yet", l.rows);
	loaded = l.from;
	load_keep_lock(&l);
}

static void
take_instruments(void)
{
	struct fault f;

	if (dayinst_load(&inst, conf, day, &f) != 0 ||
	    store_add_insts(store, day, &inst.set, &f) != 0 ||
	    groups_make(&tables, &inst.set, &f) != 0)
		die(&f);
	cuts = store_cuts(store);
}

/* ---- counting the spool ---- */

static int
nomem(struct fault *f)
{
	errno = ENOMEM;
	return fault_sys(f, 0, "das-backup");
}

static int
asked_to_stop(struct fault *f)
{
	return stop_asked() ? fault_set(f, EX_TEMPFAIL, "stopped; run it "
	    "again") : 0;
}

/* Takes some rows, and the header before them where it is another. */
static int
count_rows(struct tally *t, const struct rows *r, char **head, char *rows,
    size_t len, struct fault *f)
{
	struct fault why;

	if (*head == NULL || strcmp(*head, r->header) != 0) {
		free(*head);
		if ((*head = strdup(r->header)) == NULL)
			return nomem(f);
		if (tally_head(t, *head, &why) != 0)
			goto bad;
	}
	if (tally_rows(t, rows, len, &why) == 0)
		return asked_to_stop(f);
bad:
	return fault_set(f, why.ex, "%s/%06u.tsv: before byte %ju: %s", r->dir,
	    (unsigned)r->pos.segment, (uintmax_t)r->pos.offset, why.text);
}

/* Reads all rows of the day into t. */
static int
count_spool(struct tally *t, struct fault *f)
{
	struct rows r;
	char *rows, *head = NULL;
	size_t len;
	int rc;

	if (rows_open(&r, conf, day, LOAD_TOPIC, NULL, f) != 0)
		return -1;
	while ((rc = rows_next(&r, &rows, &len, f)) == 1)
		if (count_rows(t, &r, &head, rows, len, f) != 0)
			break;
	free(head);
	rows_close(&r);
	return rc == ROWS_END ? 0 : rc == 0 ? fault_set(f, EX_TEMPFAIL, "%s: "
	    "somebody goes on writing this day", day) : -1;
}

/* CSV of tokens that the broker sent and nobody knows. */
static int
report_strangers(const struct tally *t, struct fault *f)
{
	char path[SPOOL_PATH + 64];
	struct buf b = { 0 };
	int rc;

	if (t->nstranger == 0)
		return 0;
	rc = buf_adds(&b, "instrument_token,rows\n");
	for (size_t i = 0; rc == 0 && i < t->nstranger; i++)
		rc = buf_addf(&b, "%" PRIu32 ",%" PRIu64 "\n",
		    t->stranger[i].token, t->stranger[i].rows);
	snprintf(path, sizeof(path), "%s/DAS_unsubscribedInstrumentTokens_%s"
	    ".csv", logs, day);
	rc = rc != 0 ? nomem(f) : file_put(path, 0666, b.p, b.len, f);
	buf_free(&b);
	if (rc == 0)
		msg_warnx("%" PRIu64 " rows of instruments that are not in %s; "
		    "their tokens are in %s", t->unknown, DAYINST_NAME, path);
	return rc;
}

/* What the spool says about a table, in the order of tables.v: the processes see
 * it all. */
static struct tally_table *expected;

/* What a job came to. */
struct result {
	uint64_t rows, kept_out;	/* of the last pass over the spool */
	struct store_counts n;		/* of a table */
	char	 why[200];		/* "": it went in */
};

/* How many passes: with each about the same number of tables. */
static size_t
passes(void)
{
	size_t n = (size_t)(loaded.rows / PASS_ROWS) + 1;

	return n < tables.n ? n : tables.n > 0 ? tables.n : 1;
}

/* Goes through the spool for the tables of one pass. */
static int
count_pass(size_t i, struct result *r, struct fault *f)
{
	size_t n = passes(), from = tables.n * i / n,
	    to = tables.n * (i + 1) / n;
	struct tally t;
	int rc = tally_init(&t, &inst.set, dayno, tables.v + from, to - from,
	    f);

	t.sum.cut_oi = cuts;
	if (rc == 0 && (rc = count_spool(&t, f)) == 0 && to == tables.n)
		rc = report_strangers(&t, f);
	for (size_t k = from; rc == 0 && k < to; k++)
		expected[k] = tally_table(&t, &tables.v[k]);
	r->rows = t.rows;
	r->kept_out = t.kept_out;
	tally_free(&t);
	return rc;
}

/* ---- filing and verifying ---- */

/* Remembers that a table is not as it must be. */
static void
fail(const struct inst_group *g, const char *why)
{
	if (nfailed < SHOWN)
		msg_warnx("%s: %s", g->v[0]->table, why);
	for (size_t i = 0; i < g->n; i++) {
		nfailed++;
		if (buf_addf(&failed, "%" PRIu32 ",", g->v[i]->token) != 0 ||
		    csv_field(&failed, g->v[i]->tradingsymbol) != 0 ||
		    buf_addf(&failed, ",%s\n", g->v[i]->table) != 0)
			msg_die(EX_TEMPFAIL, "memory");
	}
}

static int
filer_begin(void *arg, struct fault *f)
{
	(void)arg;
	store = NULL;			/* the parent's connection is not ours */
	return store_open(&store, conf, f);
}

static void
filer_end(void *arg)
{
	(void)arg;
	store_close(store);
}

/* Seconds before a try: 0.2, 1, 2, 4 ... */
static void
wait_before(int64_t tries)
{
	int64_t most = conf_int(conf, "retryDelaySeconds") * US_PER_SEC,
	    us = tries == 2 || most == 0 ? US_PER_SEC / 5 :
	    US_PER_SEC << (tries < 10 ? tries - 3 : 7);

	stop_sleep(us < most || most == 0 ? us : most);
}

/* Files one table and counts it. */
static int
file_table(const struct inst_group *g, struct result *r, struct fault *f)
{
	int64_t tries = 1;

	/* The nodes of a cluster refuse what comes at a bad moment: filing a
	 * table once more does no harm. */
	while (store_file(store, g, day, f) != 0 ||
	    store_count(store, g, day, &r->n, f) != 0) {
		if (f->ex != EX_TEMPFAIL || stop_asked() ||
		    tries >= conf_int(conf, "retryCount"))
			goto bad;
		msg_info("%s; once more", f->text);
		wait_before(++tries);
	}
	return 0;
bad:
	if (f->ex == EX_TEMPFAIL || f->ex == EX_IOERR)
		return -1;
	snprintf(r->why, sizeof(r->why), "%s", f->text);
	return 0;
}

/* The passes over the spool come first, then the tables: one process counts while
 * the others file. */
static int
job(size_t i, void *result, void *arg, struct fault *f)
{
	struct result *r = result;

	(void)arg;
	_Static_assert(sizeof(*r) <= WORKERS_RESULT, "a result is that long");
	*r = (struct result){ .why = "" };
	if (i < passes())
		return count_pass(i, r, f);
	return file_table(tables.filing[i - passes()], r, f);
}

static int
job_done(size_t i, const void *result, void *arg, struct fault *f)
{
	const struct result *r = result;

	if (i >= passes()) {
		((struct result *)arg)[i - passes()] = *r;
	} else {
		done.rows = r->rows;
		done.kept_out = r->kept_out;
	}
	return asked_to_stop(f);
}

/* Looks whether a table is what it must be. */
static void
judge(const struct inst_group *g, const struct result *r)
{
	const struct tally_table *want = &expected[g - tables.v];
	char why[200];

	done.filed += r->n.main;
	done.pairs += want->pairs;
	if (*r->why != '\0') {
		fail(g, r->why);
		return;
	}
	if (r->n.main != want->seconds)
		snprintf(why, sizeof(why), "%" PRIu32 " seconds in the spool, "
		    "%" PRIu64 " rows in the table", want->seconds, r->n.main);
	else if (r->n.summed && r->n.sum != want->sum)
		snprintf(why, sizeof(why), "%" PRIu64 " rows as in the spool, "
		    "but they do not say the same: checksum %" PRIu64 ", of "
		    "the spool %" PRIu64, r->n.main, r->n.sum, want->sum);
	else if (!r->n.summed && r->n.same != r->n.daily)
		snprintf(why, sizeof(why), "of %" PRIu64 " rows in dailytable "
		    "%" PRIu64 " are equal in the table", r->n.daily,
		    r->n.same);
	else
		return;
	fail(g, why);
}

/* Files all tables, on a server by as many connections as are wanted, and counts
 * the spool meanwhile. */
static void
file_tables(void)
{
	struct result *all = calloc(tables.n + 1, sizeof(*all));
	const struct workers w = {
		.n = store_is_server(store) ?
		    (unsigned)conf_int(conf, "backupWorkerCount") : 1,
		.jobs = passes() + tables.n,
		.begin = filer_begin, .end = filer_end,
		.job = job, .done = job_done,
		.arg = all,
	};
	struct fault f;

	expected = workers_share(tables.n * sizeof(*expected), &f);
	if (all == NULL)
		nomem(&f);
	if (all == NULL || expected == NULL || workers_run(&w, &f) != 0)
		die(&f);
	for (size_t i = 0; i < tables.n; i++)
		judge(tables.filing[i], &all[i]);
	free(all);
}

/* Writes backupsFailed_DATE.csv, or takes away that of an earlier try. */
static void
report_failed(void)
{
	char path[SPOOL_PATH + 64];
	struct buf b = { 0 };
	struct fault f;

	snprintf(path, sizeof(path), "%s/backupsFailed_%s.csv", logs, day);
	if (nfailed == 0) {
		(void)unlink(path);	/* usually there is none */
		return;
	}
	if (buf_adds(&b, "instrument_token,tradingsymbol,tablename\n") != 0 ||
	    buf_add(&b, failed.p, failed.len) != 0)
		msg_die(EX_TEMPFAIL, "memory");
	if (file_put(path, 0666, b.p, b.len, &f) != 0)
		die(&f);
	buf_free(&b);
	msg_warnx("%" PRIu64 " instruments are not filed right: %s; dailytable "
	    "and the spool stay as they are", nfailed, path);
}

/* ---- tables of the list without a tick ---- */

/* True when the table has no row of the day. */
static bool
is_blank(const char *table)
{
	const struct inst_group *g = groups_find(&tables, table,
	    strlen(table));

	return g == NULL || expected[g - tables.v].seconds == 0;
}

/* "TABLE,"A,B"": the table with all its symbols. */
static int
add_blank(struct buf *b, const struct list *l, const char *table)
{
	struct buf symbols = { 0 };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < l->n; i++)
		if (strcmp(l->v[i].table, table) == 0)
			rc = buf_addf(&symbols, "%s%s",
			    symbols.len > 0 ? "," : "", l->v[i].symbol);
	if (rc == 0 && (rc = csv_field(b, table)) == 0 &&
	    (rc = buf_adds(b, ",")) == 0 &&
	    (rc = csv_field(b, symbols.p)) == 0)
		rc = buf_adds(b, "\n");
	buf_free(&symbols);
	return rc;
}

static void
report_blank(void)
{
	char path[SPOOL_PATH + 64];
	struct list l = { 0 };
	struct buf b = { 0 };
	struct fault f;
	int rc;

	if (file_join(path, sizeof(path), conf_str(conf, "lookupDir"),
	    LISTFILE_NAME, &f) != 0)
		die(&f);
	if (listfile_read(&l, path, &f) != 0) {
		msg_warnx("%s; no report of blank tables", f.text);
		list_free(&l);
		return;
	}
	rc = buf_adds(&b, "TableName,TradingSymbols\n");
	for (size_t i = 0; rc == 0 && i < l.n; i++)
		if (list_table(&l, l.v[i].table) == &l.v[i] &&
		    is_blank(l.v[i].table)) {
			done.blank++;
			rc = add_blank(&b, &l, l.v[i].table);
		}
	if (rc != 0)
		msg_die(EX_TEMPFAIL, "memory");
	snprintf(path, sizeof(path), "%s/blankNifty500Instruments_%s.csv", logs,
	    day);
	if (file_put(path, 0666, b.p, b.len, &f) != 0)
		die(&f);
	buf_free(&b);
	list_free(&l);
}

/* ---- the day ---- */

/* Files the day; false when it does not verify. */
static bool
file_day(void)
{
	struct fault f;

	done = (struct store_day){ 0 };
	memcpy(done.day, day, sizeof(day));
	msg_info("filing %zu tables and counting the rows of the spool",
	    tables.n);
	done.instruments = inst.set.n;
	file_tables();
	report_blank();
	report_failed();
	if (done.rows != loaded.rows || done.kept_out != loaded.kept_out) {
		msg_warnx("the spool has %" PRIu64 " rows, %" PRIu64 " to be "
		    "kept out; the store counted %" PRIu64 " and %" PRIu64
		    "; load the day again, das-load(1) tells how", done.rows,
		    done.kept_out, loaded.rows, loaded.kept_out);
		return false;
	}
	if (nfailed > 0)
		return false;
	clk_to_ist_s(clk_now() / US_PER_SEC, done.filed_at);
	if (store_done(store, &done, &f) != 0)
		die(&f);
	return true;
}

static void
summary(const struct archive *a)
{
	puts("day\tinstruments\trows_spooled\trows_loaded\tkept_out\tpairs\t"
	    "rows_filed\tblank\tfailed\tarchive_bytes\traw_bytes");
	printf("%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%"
	    PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%"
	    PRIu64 "\n", day, done.instruments, done.rows, loaded.rows,
	    done.kept_out, done.pairs, done.filed, done.blank, nfailed,
	    a->packed, a->raw);
	msg_close_stdout();
}

/* Brings the day into the archive, and out of the spool when asked. */
static void
keep(struct archive *a, bool prune)
{
	struct fault f;

	msg_info("compressing the spool and reading it back");
	if (archive_day(conf, day, LOAD_TOPIC, a, &f) != 0)
		die(&f);
	if (!prune)
		return;
	/* From here on the spool cannot fill the store again. */
	if (store_sync(store, &f) != 0 ||
	    archive_prune(conf, day, LOAD_TOPIC, &f) != 0)
		die(&f);
}

/* What das-greeks made of it goes the same way, once it is whole.  A fault of
 * that costs the day nothing: it can be made again. */
static void
keep_ltp(bool prune)
{
	struct archive a = { 0 };
	struct fault f;

	if (!spool_is_closed(conf_str(conf, "spoolDir"), day, LTP_TOPIC))
		return;
	if (archive_day(conf, day, LTP_TOPIC, &a, &f) != 0 || (prune &&
	    archive_prune(conf, day, LTP_TOPIC, &f) != 0))
		msg_warnx("topic " LTP_TOPIC ": %s; it stays in the spool",
		    f.text);
}

static bool
options(int argc, char *argv[])
{
	bool prune = false;
	int c;

	dayno = clk_day_of(clk_now());
	while ((c = opt_next(argc, argv, "d:p")) != -1)
		if (c == 'd' && clk_day_from(optarg, &dayno) != 0)
			msg_diex(EX_USAGE, "-d %s: not a day like 2026-11-23",
			    optarg);
		else if (c == 'p')
			prune = true;
	if (optind < argc)
		opt_usage();
	clk_day_to(dayno, day);
	return prune;
}

int
main(int argc, char *argv[])
{
	struct archive a = { 0 };
	struct fault f;
	bool prune, ok = true;
	int rc;

	opt_init("das-backup", "[-p] [-d day]");
	prune = options(argc, argv);
	if (conf_open(&conf, opt_config(), &f) != 0 ||
	    store_open(&store, conf, &f) != 0)
		die(&f);
	snprintf(logs, sizeof(logs), "%s/%s_DAS_Logs", conf_str(conf, "logDir"),
	    day);
	if (file_mkdirs(logs, &f) != 0)
		die(&f);
	stop_catch();
	must_be_closed();
	drain();
	if ((rc = store_done_get(store, day, &done, &f)) == -1)
		die(&f);
	if (rc == 1 && done.rows == loaded.rows) {
		msg_warnx("%s was filed at %s", day, done.filed_at);
	} else {
		take_instruments();
		ok = file_day();
	}
	if (ok) {
		keep(&a, prune);
		keep_ltp(prune);
	}
	summary(&a);
	buf_free(&failed);
	groups_free(&tables);
	dayinst_free(&inst);
	store_close(store);
	conf_close(conf);
	return ok ? 0 : 1;
}
