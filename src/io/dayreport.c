#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "csv.h"
#include "dayinst.h"
#include "dayreport.h"
#include "file.h"
#include "listfile.h"
#include "msg.h"

enum {
	SHOWN = 5		/* failures that get a line each */
};

struct name { char path[SPOOL_PATH + 64]; };

static struct name
path_of(const struct dayreport *r, const char *what)
{
	struct name n;

	snprintf(n.path, sizeof(n.path), "%s/%s_%s.csv", r->dir, what, r->day);
	return n;
}

/* Writes b, which is freed, when rc is 0. */
static int
put(const char *path, struct buf *b, int rc, struct fault *f)
{
	if (rc == 0) {
		rc = file_put(path, 0666, b->p, b->len, f);
	} else {
		errno = ENOMEM;
		rc = fault_sys(f, 0, "%s", path);
	}
	buf_free(b);
	return rc;
}

int
dayreport_open(struct dayreport *r, const struct conf *c, const char *day,
    struct fault *f)
{
	*r = (struct dayreport){ .day = day };
	snprintf(r->dir, sizeof(r->dir), "%s/%s_DAS_Logs",
	    conf_str(c, "logDir"), day);
	return file_mkdirs(r->dir, f);
}

void
dayreport_close(struct dayreport *r)
{
	buf_free(&r->failed);
}

/* ---- not filed right ---- */

int
dayreport_fail(struct dayreport *r, const struct inst_group *g,
    const char *why, struct fault *f)
{
	if (r->nfailed < SHOWN)
		msg_warnx("%s: %s", g->v[0]->table, why);
	for (size_t i = 0; i < g->n; i++) {
		r->nfailed++;
		if (buf_addf(&r->failed, "%" PRIu32 ",", g->v[i]->token) == 0 &&
		    csv_field(&r->failed, g->v[i]->tradingsymbol) == 0 &&
		    buf_addf(&r->failed, ",%s\n", g->v[i]->table) == 0)
			continue;
		errno = ENOMEM;
		return fault_sys(f, 0, "%s", r->dir);
	}
	return 0;
}

int
dayreport_failed(const struct dayreport *r, struct fault *f)
{
	struct name n = path_of(r, "backupsFailed");
	struct buf b = { 0 };
	int rc;

	if (r->nfailed == 0) {
		(void)unlink(n.path);	/* usually there is none */
		return 0;
	}
	rc = buf_adds(&b, "instrument_token,tradingsymbol,tablename\n");
	if (rc == 0)
		rc = buf_add(&b, r->failed.p, r->failed.len);
	if (put(n.path, &b, rc, f) != 0)
		return -1;
	msg_warnx("%" PRIu64 " instruments are not filed right: %s; dailytable "
	    "and the spool stay as they are", r->nfailed, n.path);
	return 0;
}

/* ---- tokens that the broker sent and nobody knows ---- */

int
dayreport_strangers(const struct dayreport *r, const struct tally *t,
    struct fault *f)
{
	struct name n = path_of(r, "DAS_unsubscribedInstrumentTokens");
	struct buf b = { 0 };
	int rc;

	if (t->nstranger == 0)
		return 0;
	rc = buf_adds(&b, "instrument_token,rows\n");
	for (size_t i = 0; rc == 0 && i < t->nstranger; i++)
		rc = buf_addf(&b, "%" PRIu32 ",%" PRIu64 "\n",
		    t->stranger[i].token, t->stranger[i].rows);
	if (put(n.path, &b, rc, f) != 0)
		return -1;
	msg_warnx("%" PRIu64 " rows of instruments that are not in %s; "
	    "their tokens are in %s", t->unknown, DAYINST_NAME, n.path);
	return 0;
}

/* ---- tables of the list without a tick ---- */

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

int
dayreport_blank(const struct dayreport *r, const struct conf *c,
    bool (*ticked)(const char *table, void *arg), void *arg, uint64_t *blank,
    struct fault *f)
{
	char path[SPOOL_PATH];
	struct list l = { 0 };
	struct buf b = { 0 };
	struct fault why;
	int rc;

	*blank = 0;
	if (file_join(path, sizeof(path), conf_str(c, "lookupDir"),
	    LISTFILE_NAME, f) != 0)
		return -1;
	if (listfile_read(&l, path, &why) != 0) {
		msg_warnx("%s; no report of blank tables", why.text);
		list_free(&l);
		return 0;
	}
	rc = buf_adds(&b, "TableName,TradingSymbols\n");
	for (size_t i = 0; rc == 0 && i < l.n; i++)
		if (list_table(&l, l.v[i].table) == &l.v[i] &&
		    !ticked(l.v[i].table, arg)) {
			++*blank;
			rc = add_blank(&b, &l, l.v[i].table);
		}
	list_free(&l);
	return put(path_of(r, "blankNifty500Instruments").path, &b, rc, f);
}
