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
	bool	 image;			/* n.sum is that of rowimage.h */
	char	 why[200];		/* "": it went in */
};

struct run {
	struct filing	*x;
	struct store	*store;		/* of this process */
	struct workers_turn *turn;	/* to file, or NULL: at once */
	struct result	*all;		/* of each table, in the order of filing */
	size_t		*list, n;	/* which of these are to be done */
	bool		 check;		/* only compared */
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

static int
file_and_count(const struct run *run, const struct inst_group *g,
    struct result *r, struct fault *f)
{
	const char *day = run->x->day;
	int rc = file(run, g, f);

	if (rc == 0)
		rc = store_glance(run->store, g, day, &r->n, f);
	r->image = rc == 1;
	return rc != 0 ? rc : store_count(run->store, g, day, &r->n, f);
}

/* Files one table, unless it is only to be checked, and counts it. */
static int
do_table(const struct run *run, const struct inst_group *g, struct result *r,
    struct fault *f)
{
	const struct filing *x = run->x;
	int64_t tries = 1;

	/* The nodes of a cluster refuse what comes at a bad moment: filing a
	 * table once more does no harm. */
	while ((run->check ? store_count(run->store, g, x->day, &r->n, f) :
	    file_and_count(run, g, r, f)) == -1) {
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
	return do_table(run, x->expect->tables->filing[run->list[i - passes]],
	    r, f);
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
		run->all[run->list[i - passes]] = *r;
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

/* Does what is on the list.  An open file of SQLite must not come with us through
 * fork(), so it is opened again behind them. */
static int
do_list(struct run *run, struct fault *f)
{
	struct filing *x = run->x;
	bool server = store_is_server(*x->store);
	const struct workers w = {
		.n = server ? (unsigned)conf_int(x->conf, "backupWorkerCount") :
		    2,
		.jobs = expect_passes(x->expect) + run->n,
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

/*
 * What is to be done again, value by value: tables of which the server's image is
 * not the one of the spool, because it has others than we know, or because they
 * are not what they must be, which is then said.
 */
static void
list_doubts(struct run *run)
{
	struct expect *e = run->x->expect;

	run->n = 0;
	memset(e->only, 0, e->tables->n * sizeof(*e->only));
	for (size_t i = 0; i < e->tables->n; i++) {
		const struct inst_group *g = e->tables->filing[i];
		const struct tally_table *want = expect_of(e, g);
		const struct result *r = &run->all[i];

		if (*r->why != '\0' || (!r->image && !want->image) ||
		    (r->image && want->image && r->n.main == want->seconds &&
		    r->n.sum == want->sum))
			continue;
		e->image[g - e->tables->v] = false;
		e->only[g - e->tables->v] = true;
		run->list[run->n++] = i;
	}
}

/* All tables, and then those that are in doubt. */
static int
do_all(struct run *run, struct fault *f)
{
	const struct filing *x = run->x;
	struct expect *e = x->expect;
	size_t n = e->tables->n;

	if (!x->check && store_is_server(*x->store)) {
		if (store_there(*x->store, e->tables, e->image, f) != 0)
			return -1;
		for (size_t i = 0; i < n; i++)	/* what is not yet will be made */
			e->image[i] = !e->image[i];
	}
	for (size_t i = 0; i < n; i++) {
		run->list[run->n++] = i;
		e->only[i] = true;
	}
	run->check = x->check;
	if (do_list(run, f) != 0)
		return -1;
	list_doubts(run);
	if (run->n == 0)
		return 0;
	msg_info("looking at every value of %zu tables", run->n);
	run->check = true;
	return do_list(run, f);
}

int
filing_run(struct filing *x, struct fault *f)
{
	struct expect *e = x->expect;
	size_t n = e->tables->n;
	struct run run = {
		.x = x, .all = calloc(n + 1, sizeof(*run.all)),
		.list = calloc(n + 1, sizeof(*run.list))
	};
	int rc = 0;

	e->image = calloc(n + 1, sizeof(*e->image));
	e->only = calloc(n + 1, sizeof(*e->only));
	if (run.all == NULL || run.list == NULL || e->image == NULL ||
	    e->only == NULL) {
		errno = ENOMEM;
		rc = fault_sys(f, 0, "das-backup");
	} else {
		rc = do_all(&run, f);
	}
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = judge(x, e->tables->filing[i], &run.all[i], f);
	free(run.all);
	free(run.list);
	free(e->image);
	free(e->only);
	e->image = e->only = NULL;
	return rc;
}
