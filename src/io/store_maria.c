/*
 * The MariaDB back end, for any server that speaks MySQL's protocol: databases
 * and tables of design.md section 6, where the original has them.
 *
 *	accessTokenDBName	kite1tokens
 *	nifty500DBName		dailytable, das_position, das_filed, main tables
 *	the other databases	main tables, one per instrument
 *	DATABASE_daily		a view per instrument over dailytable
 *
 * Databases on servers of their own: store_split.c.
 *
 * What an installation of the original has is used as it is, and nothing of it
 * is altered.  A commit is as durable as the server is told to make it
 * (innodb_flush_log_at_trx_commit, 1 by default).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_maria.h"

int
maria_nomem(struct fault *f)
{
	errno = ENOMEM;
	return fault_sys(f, 0, "store");
}

struct my_stmt *
maria_prep(struct maria *s, struct buf *text, bool whole, struct fault *f)
{
	struct my_stmt *st = NULL;

	if (whole)
		st = my_prep(&s->my, text->p, f);
	else
		maria_nomem(f);
	buf_free(text);
	return st;
}

int
maria_prep_if(struct maria *s, struct buf *text, bool whole,
    struct my_stmt **st, struct fault *f)
{
	struct fault why;

	*st = NULL;
	if (my_ready(&s->my, f) != 0) {
		buf_free(text);
		return -1;
	}
	s->my.error = 0;
	if ((*st = maria_prep(s, text, whole, &why)) != NULL)
		return 1;
	if (s->my.error == MY_NO_TABLE || s->my.error == MY_NO_DATABASE)
		return 0;
	if (f != NULL)
		*f = why;
	return -1;
}

static void
maria_close(struct store *s)
{
	my_close(&maria_of(s)->my);
	free(s);
}

/* ---- kite1tokens ---- */

static int
token_put(struct store *store, const struct store_token *t, struct fault *f)
{
	struct maria *s = maria_of(store);
	const char *db = conf_str(s->conf, "accessTokenDBName");
	struct my_stmt *st;
	struct buf b = { 0 };
	bool ok;
	int rc;

	if (my_ready(&s->my, f) != 0 || maria_database(&s->my, db, f) != 0)
		return -1;
	ok = buf_addf(&b, "CREATE TABLE IF NOT EXISTS `%s`.kite1tokens ("
	    "timestamp DATETIME UNIQUE, requestUrl VARCHAR(255), "
	    "reqToken VARCHAR(255), accessToken VARCHAR(255))", db) == 0;
	rc = ok ? my_run(&s->my, b.p, f) : maria_nomem(f);
	buf_reset(&b);
	if (rc != 0) {
		buf_free(&b);
		return -1;
	}
	ok = buf_addf(&b, "REPLACE INTO `%s`.kite1tokens (timestamp, "
	    "requestUrl, reqToken, accessToken) VALUES (?, '-', '-', ?)",
	    db) == 0;
	if ((st = maria_prep(s, &b, ok, f)) == NULL)
		return -1;
	my_text(st, 1, t->timestamp, -1);
	my_text(st, 2, t->access_token, -1);
	rc = my_do(st, f);
	my_done(st);
	return rc;
}

static int
copy_text(const struct my_stmt *st, unsigned col, char *out, size_t size)
{
	int n = snprintf(out, size, "%s", my_col_text(st, col));

	return n >= 0 && (size_t)n < size ? 0 : -1;
}

static int
token_last(struct store *store, struct store_token *t, struct fault *f)
{
	struct maria *s = maria_of(store);
	const char *db = conf_str(s->conf, "accessTokenDBName");
	struct my_stmt *st;
	struct buf b = { 0 };
	bool ok;
	int rc;

	ok = buf_addf(&b, "SELECT DATE_FORMAT(timestamp, '%%Y-%%m-%%d "
	    "%%H:%%i:%%s'), accessToken FROM `%s`.kite1tokens "
	    "ORDER BY timestamp DESC LIMIT 1", db) == 0;
	if ((rc = maria_prep_if(s, &b, ok, &st, f)) != 1)
		return rc;
	if ((rc = my_step(st, f)) == 1 &&
	    (copy_text(st, 0, t->timestamp, sizeof(t->timestamp)) != 0 ||
	    copy_text(st, 1, t->access_token, sizeof(t->access_token)) != 0))
		rc = fault_set(f, EX_DATAERR, "%s: %s.kite1tokens: the newest "
		    "row is no token of ours", s->my.where, db);
	my_done(st);
	return rc;
}

static const char *
maria_server(const struct store *s, size_t i)
{
	return i == 0 ? ((const struct maria *)s)->db : NULL;
}

/* What is committed is the server's to keep. */
static int
maria_sync(struct store *s, struct fault *f)
{
	(void)s;
	(void)f;
	return 0;
}

static const struct store_ops ops = {
	.close = maria_close,
	.token_put = token_put,
	.token_last = token_last,
	.prepare = maria_prepare,
	.pos_get = maria_pos_get,
	.load = maria_load,
	.add_insts = maria_add_insts,
	.file = maria_file,
	.count = maria_count,
	.glance = maria_glance,
	.there = maria_there,
	.done = maria_done,
	.done_get = maria_done_get,
	.sync = maria_sync,
	.ask = maria_ask,
	.locate = maria_locate,
	.server = maria_server
};

int
maria_open(struct store **out, const struct conf *c,
    const struct dbs_server *server, bool write, struct fault *f)
{
	struct maria *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return maria_nomem(f);
	s->base.ops = &ops;
	s->base.server = true;
	s->conf = c;
	s->db = conf_str(c, "nifty500DBName");
	if (my_open(&s->my, server, write, f) != 0) {
		maria_close(&s->base);
		return -1;
	}
	snprintf(s->base.where, sizeof(s->base.where), "%s", s->my.where);
	*out = &s->base;
	return 0;
}

int
store_maria_open(struct store **out, const struct conf *c, bool write,
    struct fault *f)
{
	struct dbs d;

	if (dbs_init(&d, c, f) != 0)
		return -1;
	return d.n > 1 ? maria_split(out, c, &d, write, f) :
	    maria_open(out, c, &d.server[0], write, f);
}
