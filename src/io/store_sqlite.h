/*
 * store_sqlite - what the parts of the SQLite back end share
 */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <stdbool.h>

#include "buf.h"
#include "sq.h"
#include "store_back.h"

enum { SQLITE_MONTHS = 10 };	/* SQLite attaches no more */

struct sqlite {
	struct store	 base;
	struct sq	 q;
	char		 month[SQLITE_MONTHS][80];	/* that are attached */
	size_t		 nmonth;
	struct sqlite_put {		/* a row into a table */
		const struct store_table *table;
		struct sqlite3_stmt *one, *many;	/* rows */
	} put[STORE_PARTS];
};

static inline struct sq *
sq_of(struct store *s)
{
	return &((struct sqlite *)s)->q;
}

/* Fault "out of memory"; -1. */
int	sqlite_nomem(struct fault *f);
/* Appends the names of n columns, with their types when asked; -1: no memory. */
int	sqlite_columns(struct buf *b, const struct store_col *col, int n,
	    bool types);

struct sqlite_shape {			/* what a table must have */
	const char	*schema, *table;
	const char	*key;		/* columns with a unique index, "a,b" */
	const struct store_col *col;
	int		 ncol;
};

/* 1 when the table is there and is so, 0 when there is none, -1. */
int	sqlite_has(struct sq *q, const struct sqlite_shape *want,
	    struct fault *f);
/* Makes a table of a topic, and das_position; dailytable and das_filed too.
 * Within a transaction. */
int	sqlite_table(struct sq *q, const struct store_table *t,
	    struct fault *f);
int	sqlite_fixed(struct sq *q, struct fault *f);

/* 0 when an instrument can have a file for its main table, else -1. */
int	sqlite_main_name(struct sq *q, const struct inst *in, struct fault *f);
/* Attaches that file: 1; 0 when there is none and it is not to be made; -1. */
int	sqlite_main_open(struct sq *q, const struct inst *in, bool make,
	    struct fault *f);
/* Is it that file that is attached? */
bool	sqlite_main_here(const struct sq *q, const struct inst *in);
/* Makes the main table of an instrument in the attached file when it is not
 * there, within a transaction. */
int	sqlite_main(struct sq *q, const struct inst *in, struct fault *f);

/* For a question: attaches the files of months that have the tables of options
 * that sql names, and gives sql so that it finds them there; b is freed by the
 * caller. */
int	sqlite_reach(struct sqlite *s, const char *sql, struct buf *b,
	    struct fault *f);

int	sqlite_prepare(struct store *s, const struct inst_set *set,
	    struct fault *f);
int	sqlite_load(struct store *s, struct store_batch *b, struct fault *f);

int	sqlite_add_insts(struct store *s, const char *day,
	    struct inst_set *set, struct fault *f);
int	sqlite_file(struct store *s, const struct inst_group *g, const char *day,
	    struct fault *f);
int	sqlite_make(struct store *s, const struct inst_groups *all,
	    struct fault *f);
int	sqlite_settle(struct store *s, struct fault *f);
int	sqlite_count(struct store *s, const struct inst_group *g, const char *day,
	    struct store_counts *n, struct fault *f);
int	sqlite_done(struct store *s, const struct store_day *d,
	    struct fault *f);
int	sqlite_done_get(struct store *s, const char *day, struct store_day *d,
	    struct fault *f);
int	sqlite_sync(struct store *s, struct fault *f);

int	sqlite_ask(struct store *s, const struct store_ask *a,
	    struct fault *f);
int	sqlite_locate(struct store *s, const struct inst *in, const char *db,
	    struct buf *b, struct fault *f);

#endif
