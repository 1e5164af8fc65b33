#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_maria.h"

/* The number that a question gives. */
static int
number(struct my_stmt *st, uint64_t *n, struct fault *f)
{
	int rc;

	if (st == NULL)
		return -1;
	if ((rc = my_step(st, f)) == 1)
		*n = (uint64_t)my_col_int(st, 0);
	my_done(st);
	return rc == -1 ? -1 : 0;
}

static int
remember(struct maria *s, const struct store_day *d, struct fault *f)
{
	const uint64_t v[] = { d->instruments, d->rows, d->kept_out, d->pairs,
	    d->filed, d->blank };
	struct buf b = { 0 };
	bool ok = buf_addf(&b, "REPLACE INTO `%s`.das_filed (`day`, `filed_at`, "
	    "`instruments`, `rows`, `kept_out`, `pairs`, `filed`, `blank`) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)", s->db) == 0;
	struct my_stmt *st = maria_prep(s, &b, ok, f);
	int rc;

	if (st == NULL)
		return -1;
	my_text(st, 1, d->day, -1);
	my_text(st, 2, d->filed_at, -1);
	for (unsigned i = 0; i < 6; i++)
		my_int(st, i + 3, (int64_t)v[i]);
	rc = my_do(st, f);
	my_done(st);
	return rc;
}

/* Deletes what dailytable has of filed days, token by token, so that no
 * transaction grows with the day. */
static int
delete_filed(struct maria *s, struct fault *f)
{
	struct buf b = { 0 }, c = { 0 };
	bool ok = buf_addf(&b, "SELECT MIN(instrument_token) FROM "
	    "`%s`.dailytable WHERE instrument_token > ?", s->db) == 0;
	struct my_stmt *next = maria_prep(s, &b, ok, f), *del = NULL;
	int64_t token = -1;
	int rc = -1;

	ok = buf_addf(&c, "DELETE FROM `%s`.dailytable WHERE "
	    "instrument_token = ? AND DATE(timestamp) IN (SELECT `day` FROM "
	    "`%s`.das_filed)", s->db, s->db) == 0;
	if (next == NULL)
		buf_free(&c);
	else
		del = maria_prep(s, &c, ok, f);
	while (del != NULL) {
		my_int(next, 1, token);
		if ((rc = my_step(next, f)) != 1)
			break;
		if (my_col_null(next, 0)) {
			rc = 0;
			break;
		}
		token = my_col_int(next, 0);
		if ((rc = my_step(next, f)) != 0)	/* to its end */
			break;
		my_int(del, 1, token);
		if ((rc = my_do(del, f)) != 0)
			break;
	}
	my_done(next);
	my_done(del);
	return rc;
}

/* What a question that may have no answer but 0 and 1 gives: 0, 1 or -1. */
static int
exists(struct maria *s, const char *sql, struct fault *f)
{
	struct my_stmt *st = my_prep(&s->my, sql, f);
	uint64_t n = 0;

	return number(st, &n, f) != 0 ? -1 : n != 0;
}

/*
 * Empties dailytable when all it has is filed: 1 it is empty, 0 it has more,
 * or we may not lock it, -1.  Nobody loads a row between look and TRUNCATE,
 * which cannot be taken back.
 */
static int
truncate_filed(struct maria *s, struct fault *f)
{
	char sql[5][400];
	int rc;

	snprintf(sql[0], sizeof(sql[0]), "LOCK TABLES `%s`.dailytable WRITE, "
	    "`%s`.das_filed READ", s->db, s->db);
	snprintf(sql[1], sizeof(sql[1]), "SELECT EXISTS (SELECT 1 FROM "
	    "`%s`.dailytable)", s->db);
	snprintf(sql[2], sizeof(sql[2]), "SELECT EXISTS (SELECT 1 FROM (SELECT "
	    "MIN(timestamp) AS a, MAX(timestamp) AS b FROM `%s`.dailytable "
	    "GROUP BY instrument_token) AS t WHERE DATE(a) <> DATE(b) OR "
	    "DATE(a) NOT IN (SELECT `day` FROM `%s`.das_filed))", s->db, s->db);
	snprintf(sql[3], sizeof(sql[3]), "SELECT EXISTS (SELECT 1 FROM "
	    "`%s`.dailytable WHERE DATE(timestamp) NOT IN (SELECT `day` FROM "
	    "`%s`.das_filed))", s->db, s->db);
	snprintf(sql[4], sizeof(sql[4]), "TRUNCATE TABLE `%s`.dailytable",
	    s->db);
	if (my_run(&s->my, sql[0], f) != 0)
		return f->ex == EX_NOPERM ? 0 : -1;
	if ((rc = exists(s, sql[1], f)) == 0)
		rc = 1;
	else if (rc == 1) {
		/* several days, or one not filed?  Then every row is asked */
		if ((rc = exists(s, sql[2], f)) == 1)
			rc = exists(s, sql[3], f);
		if (rc != -1)
			rc = rc == 1 ? 0 : my_run(&s->my, sql[4], f) == 0 ? 1 :
			    -1;
	}
	(void)my_run(&s->my, "UNLOCK TABLES", NULL);	/* or we are lost */
	return rc;
}

/* A day is first known as filed, then it leaves dailytable: after a death in
 * between the rest goes the next time. */
int
maria_sweep(struct maria *s, struct fault *f)
{
	struct fault why;
	int rc = truncate_filed(s, &why);

	if (rc == 0)
		return delete_filed(s, f);
	if (rc == -1 && f != NULL)
		*f = why;
	return rc == 1 ? 0 : -1;
}

int
maria_done(struct store *store, const struct store_day *d, struct fault *f)
{
	struct maria *s = maria_of(store);

	if (maria_fixed(s, f) != 0 || my_ready(&s->my, f) != 0 ||
	    remember(s, d, f) != 0)
		return -1;
	return maria_sweep(s, f);
}

int
maria_done_get(struct store *store, const char *day, struct store_day *d,
    struct fault *f)
{
	uint64_t *const v[] = { &d->instruments, &d->rows, &d->kept_out,
	    &d->pairs, &d->filed, &d->blank };
	struct maria *s = maria_of(store);
	struct my_stmt *st;
	struct buf b = { 0 };
	bool ok;
	int rc;

	ok = buf_addf(&b, "SELECT DATE_FORMAT(`filed_at`, '%%Y-%%m-%%d "
	    "%%H:%%i:%%s'), `instruments`, `rows`, `kept_out`, `pairs`, "
	    "`filed`, `blank` FROM `%s`.das_filed WHERE `day` = ?", s->db) == 0;
	if ((rc = maria_prep_if(s, &b, ok, &st, f)) != 1)
		return rc;
	my_text(st, 1, day, -1);
	if ((rc = my_step(st, f)) == 1) {
		snprintf(d->day, sizeof(d->day), "%s", day);
		snprintf(d->filed_at, sizeof(d->filed_at), "%s",
		    my_col_text(st, 0));
		for (unsigned i = 0; i < 6; i++)
			*v[i] = (uint64_t)my_col_int(st, i + 1);
	}
	my_done(st);
	return rc;
}
