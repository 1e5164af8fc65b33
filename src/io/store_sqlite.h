/*
 * store_sqlite - what the parts of the SQLite back end share
 */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <stdbool.h>

#include "buf.h"
#include "sq.h"
#include "store_back.h"

struct sqlite {
	struct store	 base;
	struct sq	 q;
	struct sqlite3_stmt *put;	/* a row into dailytable, or NULL */
};

static inline struct sq *
sq_of(struct store *s)
{
	return &((struct sqlite *)s)->q;
}

/* Fault "out of memory"; -1. */
int	sqlite_nomem(struct fault *f);
/* Appends the names of n columns, with their types when asked; -1: no memory. */
int	sqlite_columns(struct buf *b, int from, int n, bool types);
/* Makes dailytable, das_position and das_filed, within a transaction. */
int	sqlite_fixed(struct sq *q, struct fault *f);
/* Makes the main table of an instrument when it is not there. */
int	sqlite_main(struct sq *q, const struct inst *in, struct fault *f);

int	sqlite_prepare(struct store *s, const struct inst_set *set,
	    struct fault *f);
int	sqlite_load(struct store *s, struct store_batch *b, struct fault *f);

int	sqlite_add_insts(struct store *s, const char *day,
	    struct inst_set *set, struct fault *f);
int	sqlite_file(struct store *s, const struct inst_group *g, const char *day,
	    struct fault *f);
int	sqlite_count(struct store *s, const struct inst_group *g, const char *day,
	    struct store_counts *n, struct fault *f);
int	sqlite_done(struct store *s, const struct store_day *d,
	    struct fault *f);
int	sqlite_done_get(struct store *s, const char *day, struct store_day *d,
	    struct fault *f);
int	sqlite_sync(struct store *s, struct fault *f);

#endif
