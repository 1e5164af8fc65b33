/*
 * sq - an SQLite file: opened as DAS wants it, statements with faults
 *
 * A second file can be attached to it, one at a time; its schema is "filed", that
 * of the first is "main".
 *
 * Faults name the files: EX_TEMPFAIL locked, or the disk is full; EX_CANTCREAT
 * it cannot be made or written here; EX_DATAERR it is no database, or has no
 * such table; EX_IOERR.
 */
#ifndef SQ_H
#define SQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"

struct sqlite3;
struct sqlite3_stmt;

struct sq {
	struct sqlite3	*db;
	char		*path;
	char		*filed;		/* path of the attached file, or NULL */
	int64_t		 locked;	/* since when it waits, clk_mono() */
	int64_t		 limit;		/* clk_mono() of sq_limit(), 0 none */
	bool		 unsettled;	/* filed may have what is not on the disk */
	bool		 reader;	/* of sq_open_read() */
};

/* Makes the file, mode 0600, and its directory when they are absent.  The
 * struct must stay where it is until sq_close(), which takes a zeroed one. */
int	sq_open(struct sq *q, const char *path, struct fault *f);
void	sq_close(struct sq *q);

/*
 * Opens a file that is there to be read, and nothing else: no statement can
 * change or attach anything.  Files of databases that are beside it are attached
 * under their names first: name is "a\0b\0\0".  EX_NOINPUT.
 */
int	sq_open_read(struct sq *q, const char *path, const char *names,
	    struct fault *f);
/* Attaches one more file under a name, to such a one. */
int	sq_attach_as(struct sq *q, const char *path, const char *name,
	    struct fault *f);
/* Ends what runs longer than so many seconds from now: EX_TEMPFAIL. */
void	sq_limit(struct sq *q, int64_t seconds);

/*
 * Attaches the file, made like the first when it is absent, in place of the one
 * that was; the one that is attached stays.  Outside of a transaction, and with
 * no statement left that uses the one that was.
 *
 * What was committed into this file is on the disk when sq_detach(), or
 * sq_attach() for another one, returns 0.
 */
int	sq_attach(struct sq *q, const char *path, struct fault *f);
/* Lets the attached file go, if there is one. */
int	sq_detach(struct sq *q, struct fault *f);

/* Runs statements that need no values and whose rows nobody wants. */
int	sq_run(struct sq *q, const char *sql, struct fault *f);

/* Begins a transaction that writes, the schemas freshly read. */
int	sq_begin(struct sq *q, struct fault *f);
/* Ends it: with COMMIT when rc is 0; gives -1 with nothing changed when that
 * fails or rc is not 0. */
int	sq_end(struct sq *q, int rc, struct fault *f);

/* 1 when table is there in schema (NULL: in any) and, if column is not NULL, has that; 0; -1.
 * A view is none.  Outside of a transaction, sq_refresh() first. */
int	sq_has(struct sq *q, const char *schema, const char *table,
	    const char *column, struct fault *f);
int	sq_refresh(struct sq *q, struct fault *f);

/* Prepares one statement; NULL with the fault.  Ends with sq_done(), before
 * sq_close(); NULL is fine there. */
struct sqlite3_stmt *sq_prep(struct sq *q, const char *sql, struct fault *f);
void	sq_done(struct sqlite3_stmt *st);

int	sq_nvalue(struct sqlite3_stmt *st);	/* how many ? it has */
/* Values, from 1.  The text must stay until the next sq_reset(); n may be -1
 * when it ends in NUL. */
void	sq_null(struct sqlite3_stmt *st, int i);
void	sq_int(struct sqlite3_stmt *st, int i, int64_t v);
void	sq_real(struct sqlite3_stmt *st, int i, double v);
void	sq_text(struct sqlite3_stmt *st, int i, const char *s, int n);

/* 1 a row, 0 no more, -1. */
int	sq_step(struct sq *q, struct sqlite3_stmt *st, struct fault *f);
/* The values stay bound. */
void	sq_reset(struct sqlite3_stmt *st);
/* sq_step() and sq_reset(), for a statement that gives no rows: 0 or -1. */
int	sq_do(struct sq *q, struct sqlite3_stmt *st, struct fault *f);
/* Rows that the last statement changed. */
int64_t	sq_changes(const struct sq *q);

/* Columns of the row, from 0.  The text is valid until the next call for st;
 * "" for null. */
int	sq_ncol(struct sqlite3_stmt *st);
const char *sq_col_name(struct sqlite3_stmt *st, int i);
bool	sq_col_null(struct sqlite3_stmt *st, int i);
bool	sq_col_number(struct sqlite3_stmt *st, int i);	/* integer or real */
enum sq_type { SQ_NULL, SQ_INT, SQ_REAL, SQ_TEXT /* or bytes */ };
enum sq_type sq_col_type(struct sqlite3_stmt *st, int i);
int64_t	sq_col_int(struct sqlite3_stmt *st, int i);
double	sq_col_real(struct sqlite3_stmt *st, int i);
const char *sq_col_text(struct sqlite3_stmt *st, int i);
size_t	sq_col_len(struct sqlite3_stmt *st, int i);	/* of that text */

#endif
