/*
 * my - a server that speaks MySQL's protocol: connection, statements, bulk load
 *
 * Connects to the first node of a server that answers, beginning with the one
 * used last; a connection that is lost is made again by the next my_begin() or
 * my_ready().  Values are bound, all as text or integers; the session is strict,
 * utf8mb4 and in the market's zone, whatever the server's settings are.
 *
 * Faults name the server: EX_TEMPFAIL down, lost, locked, full, read only, too
 * many connections; EX_NOPERM credentials or rights refused; EX_UNAVAILABLE its
 * certificate does not verify; EX_DATAERR no such table or column, a value that
 * does not fit; EX_CONFIG.
 */
#ifndef MY_H
#define MY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dbs.h"
#include "fault.h"

enum { MY_TEXT = 1024 };	/* bytes of a value in a row, at most */

enum {				/* numbers of some troubles, of struct my.error */
	MY_NO_DATABASE = 1049, MY_TABLE_THERE = 1050, MY_ROW_THERE = 1062,
	MY_NO_TABLE = 1146
};

struct my {
	char		 where[400];	/* "MariaDB server HOST:PORT" */
	unsigned	 error;		/* number of the last trouble, 0 none */
	/* private */
	void		*db;		/* NULL: not connected */
	struct dbs_server server;
	size_t		 node;		/* of its hosts, used last */
	bool		 reader;	/* transactions are READ ONLY */
};

/* Connects; with write false nothing can be changed.  The texts of server must
 * outlive it; end with my_close(), also after -1. */
int	my_open(struct my *m, const struct dbs_server *server, bool write,
	    struct fault *f);
void	my_close(struct my *m);
/* Connects again if the connection was lost. */
int	my_ready(struct my *m, struct fault *f);

/* Runs one statement that needs no values and whose rows nobody wants. */
int	my_run(struct my *m, const char *sql, struct fault *f);

/* Begins a transaction, connecting first if need be. */
int	my_begin(struct my *m, struct fault *f);
/*
 * Ends it: with COMMIT when rc is 0, else with ROLLBACK and -1.  When the
 * connection is lost in the COMMIT, nobody knows whether it came to be: -1 with
 * EX_TEMPFAIL, and the next try must look.
 */
int	my_end(struct my *m, int rc, struct fault *f);

struct my_stmt;
/* Prepares one statement; NULL with the fault.  Ends with my_done(), before
 * my_close(); NULL is fine there. */
struct my_stmt *my_prep(struct my *m, const char *sql, struct fault *f);
void	my_done(struct my_stmt *st);

/* Values, from 1.  The text must stay until the statement was run; n may be -1
 * when it ends in NUL. */
void	my_null(struct my_stmt *st, unsigned i);
void	my_int(struct my_stmt *st, unsigned i, int64_t v);
void	my_text(struct my_stmt *st, unsigned i, const char *s, long n);

/* Runs the statement, or goes on: 1 a row, 0 no more, -1. */
int	my_step(struct my_stmt *st, struct fault *f);
/* For one that gives no rows: runs it, and it can be run again. */
int	my_do(struct my_stmt *st, struct fault *f);
/* Rows that the last my_do() found or put; a replaced one counts 2. */
int64_t	my_changes(const struct my_stmt *st);

unsigned my_nvalue(const struct my_stmt *st);	/* how many ? it has */
unsigned my_ncol(const struct my_stmt *st);	/* 0: it gives no rows */
/* Rows come as they are read instead of all at once: nothing else can be asked
 * until the last one, or my_close(). */
void	my_stream(struct my_stmt *st);
/* Name of a column, and whether it is a number; valid while st is. */
const char *my_col_name(const struct my_stmt *st, unsigned i);
bool	my_col_number(const struct my_stmt *st, unsigned i);

/* Columns of the row, from 0; a text is valid until the next my_step(), "" for
 * null; an integer that is none is 0. */
bool	my_col_null(const struct my_stmt *st, unsigned i);
const char *my_col_text(const struct my_stmt *st, unsigned i);
size_t	my_col_len(const struct my_stmt *st, unsigned i);	/* of that text */
int64_t	my_col_int(const struct my_stmt *st, unsigned i);

/* Where a bulk load has its bytes from: fills out (size bytes, at least 64 KB)
 * and gives how many, 0 at the end. */
typedef size_t my_source(void *arg, char *out, size_t size);

/*
 * LOAD DATA LOCAL INFILE: sql is the statement, whatever its file name says.
 * *warnings is how many values the server did not take as they are.  Not
 * allowed by the server: -1 with EX_UNAVAILABLE, and nothing was loaded.
 */
int	my_load(struct my *m, const char *sql, my_source *source, void *arg,
	    unsigned *warnings, struct fault *f);

#endif
