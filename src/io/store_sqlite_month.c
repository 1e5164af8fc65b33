/*
 * Main tables of options, for questions: which of the files by month
 * (store_sqlite_main.c) has the tables that a statement names.  Only these are
 * attached, under their names without ".db", for SQLite takes ten files at a
 * time; DATABASE.TABLE becomes "DATABASE-YYYY-MM".TABLE.
 */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sqlwords.h"
#include "store_sqlite.h"

enum { NAMES = 256 };		/* of a statement that are looked for */

struct name {
	char	 db[80], table[80];	/* db "": none stands before it */
	char	 schema[80];		/* where it is, "" not known */
};

struct months {
	char	 (*v)[80];		/* "DATABASE-YYYY-MM", newest first */
	size_t	 n;
};

/* Bytes of DATABASE in "DATABASE-YYYY-MM", 0 when it is no such name. */
static size_t
month_of(const char *s)
{
	static const char digits[] = "0123456789";
	size_t n = strlen(s);
	char db[80];

	if (n < 9 || n >= sizeof(db))
		return 0;
	n -= 8;
	snprintf(db, sizeof(db), "%.*s", (int)n, s);
	return s[n] == '-' && strspn(s + n + 1, digits) == 4 &&
	    s[n + 5] == '-' && strspn(s + n + 6, digits) == 2 &&
	    inst_name_ok(db) ? n : 0;
}

static int
is_month_file(const struct dirent *d)
{
	char name[80];
	size_t n = strlen(d->d_name);

	if (n < 4 || n - 3 >= sizeof(name) ||
	    strcmp(d->d_name + n - 3, ".db") != 0)
		return 0;
	snprintf(name, sizeof(name), "%.*s", (int)n - 3, d->d_name);
	return month_of(name) != 0;
}

static int
by_month(const void *a, const void *b)
{
	const char *x = a, *y = b;

	return strcmp(y + month_of(y), x + month_of(x));
}

/* The directory of the first file. */
static void
dir_of(const struct sq *q, char out[PATH_MAX])
{
	const char *slash = strrchr(q->path, '/');

	snprintf(out, PATH_MAX, "%.*s", slash != NULL ?
	    (int)(slash - q->path) + 1 : 2, slash != NULL ? q->path : "./");
}

static int
list_months(const struct sq *q, struct months *m, struct fault *f)
{
	char dir[PATH_MAX];
	struct dirent **list;
	int n;

	dir_of(q, dir);
	if ((n = scandir(dir, &list, is_month_file, NULL)) == -1)
		return fault_sys(f, 0, "%s", dir);
	if ((m->v = calloc((size_t)n + 1, sizeof(*m->v))) == NULL)
		sqlite_nomem(f);
	for (int i = 0; i < n; i++) {
		if (m->v != NULL)
			snprintf(m->v[m->n++], sizeof(*m->v), "%.*s",
			    (int)strlen(list[i]->d_name) - 3, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	if (m->v == NULL)
		return -1;
	qsort(m->v, m->n, sizeof(*m->v), by_month);
	return 0;
}

/* ---- names of the statement ---- */

static bool
is_column(const char *s)
{
	for (int i = 0; i < STORE_NCOL; i++)
		if (strcasecmp(store_col[i].name, s) == 0)
			return true;
	return false;
}

/* Could it be an option's table?  These have a strike. */
static bool
is_option(const char *s)
{
	return strpbrk(s, "0123456789") != NULL && inst_table_ok(s) &&
	    !is_column(s);
}

/* Attaches the file of a month, if it is not there already. */
static int
reach_month(struct sqlite *s, const char *month, struct fault *f)
{
	char path[PATH_MAX], dir[PATH_MAX];

	for (size_t i = 0; i < s->nmonth; i++)
		if (strcasecmp(s->month[i], month) == 0)
			return 0;
	dir_of(&s->q, dir);
	if (snprintf(path, sizeof(path), "%s%s.db", dir, month) >=
	    (int)sizeof(path))
		return fault_set(f, EX_CONFIG, "%s: path too long", dir);
	if (sq_attach_as(&s->q, path, month, f) != 0)
		return -1;
	if (s->nmonth < SQLITE_MONTHS)
		snprintf(s->month[s->nmonth++], sizeof(*s->month), "%s",
		    month);
	return 0;
}

/* What the statement names and no attached file has. */
static int
names_of(struct sqlite *s, const char *sql, struct name *name, size_t *n,
    struct fault *f)
{
	char db[80] = "";
	struct sqlword w;
	int rc = 0;

	*n = 0;
	while (rc == 0 && sqlword_next(&sql, &w) == 1) {
		bool month = w.dot && month_of(w.name) != 0;

		if (month)
			rc = reach_month(s, w.name, f);
		else if (!w.dot && month_of(db) == 0 && is_option(w.name) &&
		    *n < NAMES && (rc = sq_has(&s->q, *db != '\0' ? db : NULL,
		    w.name, NULL, f)) == 0) {
			snprintf(name[*n].db, sizeof(name->db), "%s", db);
			snprintf(name[(*n)++].table, sizeof(name->table), "%s",
			    w.name);
		} else if (rc == 1)
			rc = 0;
		snprintf(db, sizeof(db), "%s", w.dot ? w.name : "");
	}
	return rc;
}

/* ---- the files ---- */

/* Marks the names that a table of the month is; how many are not known yet. */
static size_t
mark(struct name *name, size_t n, const char *month, const char *table)
{
	size_t len = month_of(month), left = 0;

	for (size_t i = 0; i < n; i++) {
		if (*name[i].schema == '\0' &&
		    strcasecmp(name[i].table, table) == 0 &&
		    (*name[i].db == '\0' || (strlen(name[i].db) == len &&
		    strncasecmp(name[i].db, month, len) == 0)))
			snprintf(name[i].schema, sizeof(name->schema), "%s",
			    month);
		left += *name[i].schema == '\0';
	}
	return left;
}

/* Looks for the names in the file of a month; *left are not known then. */
static int
look_into(struct sq *q, const char *month, struct name *name, size_t n,
    size_t *left, struct fault *f)
{
	char path[PATH_MAX], dir[PATH_MAX];
	struct sqlite3_stmt *st;
	struct sq file;
	int rc = -1;

	dir_of(q, dir);
	if (snprintf(path, sizeof(path), "%s%s.db", dir, month) >=
	    (int)sizeof(path))
		return fault_set(f, EX_CONFIG, "%s: path too long", dir);
	if (sq_open_read(&file, path, "", f) != 0)
		return -1;
	st = sq_prep(&file, "SELECT name FROM sqlite_master "
	    "WHERE type = 'table'", f);
	while (st != NULL && (rc = sq_step(&file, st, f)) == 1)
		*left = mark(name, n, month, sq_col_text(st, 0));
	sq_done(st);
	sq_close(&file);
	return rc;
}

static int
find(struct sqlite *s, struct name *name, size_t n, struct fault *f)
{
	struct months m = { 0 };
	size_t left = n;
	int rc = n == 0 ? 0 : list_months(&s->q, &m, f);

	for (size_t i = 0; rc == 0 && left > 0 && i < m.n; i++)
		rc = look_into(&s->q, m.v[i], name, n, &left, f);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (*name[i].schema != '\0')
			rc = reach_month(s, name[i].schema, f);
	free(m.v);
	return rc;
}

/* The statement with the schemas of the names that have a database. */
static int
rewrite(const char *sql, const struct name *name, size_t n, struct buf *out,
    struct fault *f)
{
	const char *p = sql, *from = sql;
	struct sqlword w, last = { .dot = false };
	int rc = 0;

	for (; rc == 0 && sqlword_next(&p, &w) == 1; last = w)
		for (size_t i = 0; last.dot && i < n; i++) {
			if (*name[i].schema == '\0' ||
			    strcasecmp(name[i].table, w.name) != 0 ||
			    strcasecmp(name[i].db, last.name) != 0)
				continue;
			rc = buf_addf(out, "%.*s\"%s\"", (int)(last.p - from),
			    from, name[i].schema);
			from = last.p + last.len;
			break;
		}
	return rc == 0 && buf_adds(out, from) == 0 ? 0 : sqlite_nomem(f);
}

int
sqlite_reach(struct sqlite *s, const char *sql, struct buf *out,
    struct fault *f)
{
	struct name *name = calloc(NAMES, sizeof(*name));
	size_t n;
	int rc;

	if (name == NULL)
		return sqlite_nomem(f);
	if ((rc = sq_refresh(&s->q, f)) == 0 &&
	    (rc = names_of(s, sql, name, &n, f)) == 0 &&
	    (rc = find(s, name, n, f)) == 0)
		rc = rewrite(sql, name, n, out, f);
	free(name);
	return rc;
}
