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
	struct result	*all;		/* of each table, in the order of filing */
};

static int
begin(void *arg, struct fault *f)
{
	struct filing *x = ((struct run *)arg)->x;

	x->store = NULL;		/* the parent's connection is not ours */
	return store_open(&x->store, x->conf, f);
}

static void
end(void *arg)
{
	store_close(((struct run *)arg)->x->store);
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
file_table(const struct filing *x, const struct inst_group *g,
    struct result *r, struct fault *f)
{
	int64_t tries = 1;

	/* The nodes of a cluster refuse what comes at a bad moment: filing a
	 * table once more does no harm. */
	while ((!x->check && store_file(x->store, g, x->day, f) != 0) ||
	    store_count(x->store, g, x->day, &r->n, f) != 0) {
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
	const struct filing *x = ((struct run *)arg)->x;
	size_t passes = expect_passes(x->expect);
	struct result *r = result;

	_Static_assert(sizeof(*r) <= WORKERS_RESULT, "a result is that long");
	*r = (struct result){ .why = "" };
	if (i < passes)
		return expect_pass(x->expect, i, &r->spool, f);
	return file_table(x, x->expect->tables->filing[i - passes], r, f);
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

int
filing_run(struct filing *x, struct fault *f)
{
	const struct inst_groups *tables = x->expect->tables;
	struct run run = { x, calloc(tables->n + 1, sizeof(*run.all)) };
	const struct workers w = {
		.n = store_is_server(x->store) ?
		    (unsigned)conf_int(x->conf, "backupWorkerCount") : 1,
		.jobs = expect_passes(x->expect) + tables->n,
		.begin = begin, .end = end,
		.job = job, .done = job_done,
		.arg = &run,
	};
	int rc;

	if (run.all == NULL) {
		errno = ENOMEM;
		return fault_sys(f, 0, "das-backup");
	}
	rc = workers_run(&w, f);
	for (size_t i = 0; rc == 0 && i < tables->n; i++)
		rc = judge(x, tables->filing[i], &run.all[i], f);
	free(run.all);
	return rc;
}
