#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "expect.h"
#include "load.h"
#include "rows.h"
#include "stop.h"
#include "workers.h"

enum {
	PASS_ROWS = 6000000	/* of the spool, for as many instruments at once
				 * as have them: 100 MB at most */
};

static int
nomem(struct fault *f)
{
	errno = ENOMEM;
	return fault_sys(f, 0, "counting the spool");
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
		return stop_asked() ? fault_set(f, EX_TEMPFAIL, "stopped; run "
		    "it again") : 0;
bad:
	return fault_set(f, why.ex, "%s/%06u.tsv: before byte %ju: %s", r->dir,
	    (unsigned)r->pos.segment, (uintmax_t)r->pos.offset, why.text);
}

/* Reads all rows of the day into t. */
static int
count_spool(const struct expect *e, struct tally *t, struct fault *f)
{
	struct rows r;
	char *rows, *head = NULL;
	size_t len;
	int rc;

	if (rows_open(&r, e->conf, e->day, LOAD_TOPIC, NULL, f) != 0)
		return -1;
	while ((rc = rows_next(&r, &rows, &len, f)) == 1)
		if (count_rows(t, &r, &head, rows, len, f) != 0)
			break;
	free(head);
	rows_close(&r);
	return rc == ROWS_END ? 0 : rc == 0 ? fault_set(f, EX_TEMPFAIL, "%s: "
	    "somebody goes on writing this day", e->day) : -1;
}

int
expect_open(struct expect *e, struct fault *f)
{
	e->v = workers_share(e->tables->n * sizeof(*e->v), f);
	return e->v != NULL ? 0 : -1;
}

/* With each about the same number of tables. */
size_t
expect_passes(const struct expect *e)
{
	size_t n = (size_t)(e->rows / PASS_ROWS) + 1, tables = e->tables->n;

	return n < tables ? n : tables > 0 ? tables : 1;
}

int
expect_pass(const struct expect *e, size_t pass, struct expect_rows *r,
    struct fault *f)
{
	const struct inst_groups *all = e->tables;
	size_t n = expect_passes(e), from = all->n * pass / n,
	    to = all->n * (pass + 1) / n;
	struct tally t;
	int32_t day;
	int rc;

	if (clk_day_from(e->day, &day) != 0)
		abort();		/* the caller's */
	rc = tally_init(&t, e->set, day, f);
	t.sum.cut_oi = e->cut_oi;
	t.sum.values = e->values;
	for (size_t k = from; rc == 0 && k < to; k++)
		if (e->only == NULL || e->only[k])
			tally_want(&t, &all->v[k], e->image != NULL &&
			    e->image[k]);
	if (rc == 0 && (rc = count_spool(e, &t, f)) == 0 && to == all->n)
		rc = dayreport_strangers(e->report, &t, f);
	for (size_t k = from; rc == 0 && k < to; k++)
		if (e->only == NULL || e->only[k])
			e->v[k] = tally_table(&t, &all->v[k]);
	*r = (struct expect_rows){ t.rows, t.kept_out };
	tally_free(&t);
	return rc;
}

const struct tally_table *
expect_of(const struct expect *e, const struct inst_group *g)
{
	return &e->v[g - e->tables->v];
}
