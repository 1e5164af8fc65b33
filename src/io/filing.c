#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "filing.h"
#include "msg.h"
#include "stop.h"
#include "workers.h"

/* What a job came to. */
struct result {
	struct expect_rows spool;	/* of a pass over the spool */
	struct store_counts n;		/* of a table */
	char	 why[200];		/* "": it went in */
};

struct run {
	struct filing	*x;
	struct store	*store;		/* of this process */
	struct workers_turn *turn;	/* to file, or NULL: at once */
	struct result	*all;		/* of each table, in the order of filing */
};

static int
begin(void *arg, struct fault *f)
{
	struct run *run = arg;

	run->store = NULL;		/* the parent's connection is not ours */
	return store_open(&run->store, run->x->conf, f);
}

/* Files a table when it is our turn. */
static int
file(const struct run *run, const struct inst_group *g, struct fault *f)
{
	int rc;

	if (run->turn == NULL)
		return store_file(run->store, g, run->x->day, f);
	if (workers_turn_take(run->turn, f) != 0)
		return -1;
	rc = store_file(run->store, g, run->x->day, f);
	workers_turn_give(run->turn);
	return rc;
}

static int
end(void *arg, struct fault *f)
{
	struct run *run = arg;
	int rc = run->turn != NULL ? workers_turn_take(run->turn, f) : 0;

	if (rc == 0) {
		rc = store_settle(run->store, f);
		if (run->turn != NULL)
			workers_turn_give(run->turn);
	}
	store_close(run->store);
	return rc;
}

/* Seconds before a try: 0.2, 1, 2, 4 ... */
static void
wait_before(const struct conf *c, int64_t tries)
{
	int64_t most = conf_int(c, "retryDelaySeconds") * US_PER_SEC,
	    us = tries == 2 || most == 0 ? US_PER_SEC / 5 :
	    US_PER_SEC << (tries < 10 ? tries - 3 : 7);

	stop_sleep(us < most || most == 0 ? us : most);
}

/* Files one table, unless it is only to be checked, and counts it. */
static int
file_table(const struct run *run, const struct inst_group *g,
    struct result *r, struct fault *f)
{
	const struct filing *x = run->x;
	int64_t tries = 1;

	/* The nodes of a cluster refuse what comes at a bad moment: filing a
	 * table once more does no harm. */
	while ((!x->check && file(run, g, f) != 0) ||
	    store_count(run->store, g, x->day, &r->n, f) != 0) {
		if (f->ex != EX_TEMPFAIL || stop_asked() ||
		    tries >= conf_int(x->conf, "retryCount"))
			goto bad;
		msg_info("%s; once more", f->text);
		wait_before(x->conf, ++tries);
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
	const struct run *run = arg;
	const struct filing *x = run->x;
	size_t passes = expect_passes(x->expect);
	struct result *r = result;

	_Static_assert(sizeof(*r) <= WORKERS_RESULT, "a result is that long");
	*r = (struct result){ .why = "" };
	if (i < passes)
		return expect_pass(x->expect, i, &r->spool, f);
	return file_table(run, x->expect->tables->filing[i - passes], r, f);
}

static int
job_done(size_t i, const void *result, void *arg, struct fault *f)
{
	const struct run *run = arg;
	size_t passes = expect_passes(run->x->expect);
	const struct result *r = result;

	if (i < passes)
		run->x->spool = r->spool;
	else
		run->all[i - passes] = *r;
	return stop_asked() ? fault_set(f, EX_TEMPFAIL, "stopped; run it "
	    "again") : 0;
}

/* Looks whether a table is what it must be. */
static int
judge(struct filing *x, const struct inst_group *g, const struct result *r,
    struct fault *f)
{
	const struct tally_table *want = expect_of(x->expect, g);
	char why[200];

	x->filed += r->n.main;
	x->pairs += want->pairs;
	if (*r->why != '\0')
		return dayreport_fail(x->report, g, r->why, f);
	if (r->n.main != want->seconds)
		snprintf(why, sizeof(why), "%" PRIu32 " seconds in the spool, "
		    "%" PRIu64 " rows in the table", want->seconds, r->n.main);
	else if (r->n.sum != want->sum)
		snprintf(why, sizeof(why), "%" PRIu64 " rows as in the spool, "
		    "but they do not say the same: checksum %" PRIu64 ", of "
		    "the spool %" PRIu64, r->n.main, r->n.sum, want->sum);
	else
		return 0;
	return dayreport_fail(x->report, g, why, f);
}

/* Runs all jobs.  An open file of SQLite must not come with us through fork(), so
 * it is opened again behind them. */
static int
run_jobs(struct run *run, struct fault *f)
{
	struct filing *x = run->x;
	bool server = store_is_server(*x->store);
	const struct workers w = {
		.n = server ? (unsigned)conf_int(x->conf, "backupWorkerCount") :
		    2,
		.jobs = expect_passes(x->expect) + x->expect->tables->n,
		.begin = begin, .end = end,
		.job = job, .done = job_done,
		.arg = run,
	};

	run->store = *x->store;
	if (server)
		return workers_run(&w, f);
	if ((run->turn = workers_share(sizeof(*run->turn), f)) == NULL ||
	    workers_turn_init(run->turn, f) != 0)
		return -1;
	if (!x->check && store_make(*x->store, x->expect->tables, f) != 0)
		return -1;
	store_close(*x->store);
	*x->store = NULL;
	return workers_run(&w, f) == 0 ? store_open(x->store, x->conf, f) : -1;
}

int
filing_run(struct filing *x, struct fault *f)
{
	const struct inst_groups *tables = x->expect->tables;
	struct run run = { .x = x, .all = calloc(tables->n + 1,
	    sizeof(*run.all)) };
	int rc;

	if (run.all == NULL) {
		errno = ENOMEM;
		return fault_sys(f, 0, "das-backup");
	}
	rc = run_jobs(&run, f);
	for (size_t i = 0; rc == 0 && i < tables->n; i++)
		rc = judge(x, tables->filing[i], &run.all[i], f);
	free(run.all);
	return rc;
}
