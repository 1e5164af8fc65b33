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
#include <string.h>
#include <unistd.h>

#include "archive.h"
#include "clk.h"
#include "conf.h"
#include "dayinst.h"
#include "dayreport.h"
#include "expect.h"
#include "filing.h"
#include "group.h"
#include "load.h"
#include "lock.h"
#include "ltp.h"
#include "msg.h"
#include "opt.h"
#include "rows.h"
#include "stop.h"
#include "store.h"

enum { RIVAL_S = 3 };		/* how long one may have the day that is dying */

static bool prune, test;	/* options */
static struct conf *conf;
static struct store *store;
static char day[CLK_DAY];
static struct dayreport report;
static struct store_pos loaded;
static struct dayinst inst;
static struct inst_groups tables;
static struct store_day done;	/* what is known of the filed day */

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

/* Makes the day ours; the processes of a das-backup that was killed have it for a
 * moment more. */
static void
take_day(void)
{
	int64_t until = clk_mono() + RIVAL_S * US_PER_SEC;
	struct fault f;

	while (load_lock(conf, day, LOAD_TOPIC, &f) != 0)
		if (f.ex != EX_TEMPFAIL || clk_mono() > until ||
		    stop_sleep(US_PER_SEC / 10))
			die(&f);
}

/* Loads what is owed; the lock that keeps das-load away stays ours. */
static void
drain(void)
{
	struct load l;
	struct fault f;
	int rc;

	take_day();
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
	load_close(&l);
}

static void
take_instruments(void)
{
	struct fault f;

	if (dayinst_load(&inst, conf, day, &f) != 0 ||
	    store_add_insts(store, day, &inst.set, &f) != 0 ||
	    groups_make(&tables, &inst.set, &f) != 0)
		die(&f);
}

/* ---- the day ---- */

static bool
ticked(const char *table, void *arg)
{
	const struct inst_group *g = groups_find(&tables, table,
	    strlen(table));

	return g != NULL && expect_of(arg, g)->seconds > 0;
}

/* Files all tables, or only compares them; what is known of the day then. */
static void
file_tables(bool check)
{
	struct expect expect = {
		.conf = conf, .day = day, .set = &inst.set,
		.tables = &tables, .report = &report, .rows = loaded.rows,
		.cut_oi = store_cuts(store),
		.values = store_sums_values(store)
	};
	struct filing x = {
		.conf = conf, .day = day, .store = &store,
		.expect = &expect, .report = &report, .check = check
	};
	struct fault f;

	done = (struct store_day){ .instruments = inst.set.n };
	memcpy(done.day, day, sizeof(day));
	if (expect_open(&expect, &f) != 0 || filing_run(&x, &f) != 0 ||
	    dayreport_blank(&report, conf, ticked, &expect, &done.blank, &f)
	    != 0 || dayreport_failed(&report, &f) != 0)
		die(&f);
	done.rows = x.spool.rows;
	done.kept_out = x.spool.kept_out;
	done.pairs = x.pairs;
	done.filed = x.filed;
}

/* Files the day; false when it does not verify. */
static bool
file_day(void)
{
	struct fault f;

	msg_info("filing %zu tables and counting the rows of the spool",
	    tables.n);
	file_tables(false);
	if (done.rows != loaded.rows || done.kept_out != loaded.kept_out) {
		msg_warnx("the spool has %" PRIu64 " rows, %" PRIu64 " to be "
		    "kept out; the store counted %" PRIu64 " and %" PRIu64
		    "; load the day again, das-load(1) tells how", done.rows,
		    done.kept_out, loaded.rows, loaded.kept_out);
		return false;
	}
	if (report.nfailed > 0)
		return false;
	clk_to_ist_s(clk_now() / US_PER_SEC, done.filed_at);
	if (store_done(store, &done, &f) != 0)
		die(&f);
	return true;
}

/* Compares the main tables of a filed day with its rows once more. */
static bool
check_day(void)
{
	msg_info("counting the rows of the day and of %zu tables", tables.n);
	file_tables(true);
	return report.nfailed == 0;
}

static void
summary(const struct archive *a)
{
	puts("day\tinstruments\trows_spooled\trows_loaded\tkept_out\tpairs\t"
	    "rows_filed\tblank\tfailed\tarchive_bytes\traw_bytes");
	printf("%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%"
	    PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%"
	    PRIu64 "\n", day, done.instruments, done.rows, loaded.rows,
	    done.kept_out, done.pairs, done.filed, done.blank,
	    report.nfailed,
	    a->packed, a->raw);
	msg_close_stdout();
}

/* Brings the day into the archive, and out of the spool when asked. */
static void
keep(struct archive *a)
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
keep_ltp(void)
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

/* Topic live goes with the day: das-greeks -l makes it again.  CLOSED goes first,
 * so that it can; what is still being written stays. */
static void
drop_live(void)
{
	char dir[SPOOL_PATH], path[SPOOL_PATH + 16];
	struct fault f;
	int lock;

	if (spool_dir(dir, conf_str(conf, "spoolDir"), day, LTP_LIVE,
	    &f) != 0 || access(dir, F_OK) != 0)
		return;
	snprintf(path, sizeof(path), "%s/.lock", dir);
	if ((lock = lock_take(path, &f)) == -1) {
		msg_warnx("topic " LTP_LIVE ": %s; it stays in the spool",
		    f.text);
		return;
	}
	snprintf(path, sizeof(path), "%s/CLOSED", dir);
	if (unlink(path) == -1 && errno != ENOENT)
		msg_warn("%s", path);
	if (archive_prune(conf, day, LTP_LIVE, &f) != 0)
		msg_warnx("%s", f.text);
	close(lock);
}

static void
options(int argc, char *argv[])
{
	int32_t dayno;
	int c;

	dayno = clk_day_of(clk_now());
	while ((c = opt_next(argc, argv, "d:pt")) != -1)
		if (c == 'd')
			dayno = opt_day(optarg);
		else if (c == 'p')
			prune = true;
		else if (c == 't')
			test = true;
	if (optind < argc)
		opt_usage();
	clk_day_to(dayno, day);
}

int
main(int argc, char *argv[])
{
	struct archive a = { 0 };
	struct fault f;
	bool ok = true;
	int rc;

	opt_init("das-backup", "[-pt] [-d day]");
	options(argc, argv);
	if (conf_open(&conf, opt_config(), &f) != 0 ||
	    store_open(&store, conf, &f) != 0 ||
	    dayreport_open(&report, conf, day, &f) != 0)
		die(&f);
	stop_catch();
	must_be_closed();
	drain();
	if ((rc = store_done_get(store, day, &done, &f)) == -1)
		die(&f);
	if (rc == 1 && done.rows == loaded.rows) {
		msg_warnx("%s was filed at %s", day, done.filed_at);
		if (test) {
			take_instruments();
			ok = check_day();
		}
	} else {
		take_instruments();
		ok = file_day();
	}
	if (ok) {
		keep(&a);
		keep_ltp();
		if (prune)
			drop_live();
	}
	summary(&a);
	dayreport_close(&report);
	groups_free(&tables);
	dayinst_free(&inst);
	store_close(store);
	conf_close(conf);
	return ok ? 0 : 1;
}
