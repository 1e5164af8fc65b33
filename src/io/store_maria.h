/*
 * store_maria - what the parts of the MariaDB back end share
 */
#ifndef STORE_MARIA_H
#define STORE_MARIA_H

#include <stdbool.h>

#include "buf.h"
#include "my.h"
#include "store_back.h"

struct maria {
	struct store	 base;
	struct my	 my;
	const struct conf *conf;
	const char	*db;		/* nifty500DBName: dailytable is there */
	bool		 no_local;	/* LOAD DATA LOCAL was refused */
	bool		 shaped;	/* the fixed tables are as they must be */
	bool		 ltp_shaped;	/* and those of topic ltp */
	bool		 narrow;	/* the original's: oi is a signed INT */
	bool		 cut_told;	/* that such a value was cut */
	const struct inst *seen;	/* its main table was looked at, or made, last */
	const struct inst *made;	/* its main table the last maria_file() made */
	bool		 other[STORE_NCOL];	/* columns of that: not our type */
};

static inline struct maria *
maria_of(struct store *s)
{
	return (struct maria *)s;
}

/* The back end over one server. */
int	maria_open(struct store **out, const struct conf *c,
	    const struct dbs_server *server, bool write, struct fault *f);
/* The back end over several, store_split.c. */
int	maria_split(struct store **out, const struct conf *c,
	    const struct dbs *d, bool write, struct fault *f);
/* Fault "out of memory"; -1. */
int	maria_nomem(struct fault *f);
/* Appends the names of n columns, quoted, with prefix before each ("d."), and
 * with their types when asked; -1: no memory. */
int	maria_columns(struct buf *b, const char *prefix,
	    const struct store_col *col, int n, bool types);

struct maria_shape {			/* what a table must have */
	const char	*db, *table;
	const char	*key;		/* columns with a unique index, "a,b" */
	const struct store_col *col;
	int		 ncol;
	bool		*other;		/* ncol of them: becomes which have another
					 * type than ours; NULL: not asked */
};

/* 1 when the table is there and is so, 0 when there is none, -1. */
int	maria_has(struct my *m, const struct maria_shape *want,
	    struct fault *f);
/* Makes a database when it is not there. */
int	maria_database(struct my *m, const char *db, struct fault *f);
/* Makes dailytable, das_position and das_filed when they are not there, looks
 * at the first and sets shaped and narrow; not within a transaction. */
int	maria_fixed(struct maria *s, struct fault *f);
/* The same for the tables of topic ltp; sets ltp_shaped. */
int	maria_ltp(struct maria *s, struct fault *f);

/* Prepares text, which is freed; whole is false when memory ran out. */
struct my_stmt *maria_prep(struct maria *s, struct buf *text, bool whole,
	    struct fault *f);
/* The same for a question about a table that may not be there yet: 1 and *st; 0
 * it is not; -1. */
int	maria_prep_if(struct maria *s, struct buf *text, bool whole,
	    struct my_stmt **st, struct fault *f);

/* The first and the last second of a day, as text. */
struct maria_span { char from[20], to[20]; };
struct maria_span maria_span_of(const char *day);
/* The same with the day bound as the first two values; span must stay until the
 * statement was run. */
struct my_stmt *maria_prep_day(struct maria *s, struct buf *text, bool whole,
	    const struct maria_span *span, struct fault *f);
/* Looks at a main table, unless it is the one looked at or made last: 1, and sets
 * seen and other, 0 there is none, -1. */
int	maria_look_at(struct maria *s, const struct inst *in, struct fault *f);

int	maria_prepare(struct store *s, const struct inst_set *set,
	    struct fault *f);
int	maria_load(struct store *s, struct store_batch *b, struct fault *f);
int	maria_pos_get(struct store *s, const char *day, const char *topic,
	    struct store_pos *p, struct fault *f);

int	maria_add_insts(struct store *s, const char *day,
	    struct inst_set *set, struct fault *f);
int	maria_file(struct store *s, const struct inst_group *g, const char *day,
	    struct fault *f);
int	maria_count(struct store *s, const struct inst_group *g,
	    const char *day, struct store_counts *n, struct fault *f);
int	maria_glance(struct store *s, const struct inst_group *g,
	    const char *day, struct store_counts *n, struct fault *f);
int	maria_there(struct store *s, const struct inst_groups *g, bool *there,
	    struct fault *f);
int	maria_done(struct store *s, const struct store_day *d,
	    struct fault *f);
int	maria_done_get(struct store *s, const char *day, struct store_day *d,
	    struct fault *f);
int	maria_ask(struct store *s, const struct store_ask *a, struct fault *f);
int	maria_locate(struct store *s, const struct inst *in, const char *db,
	    struct buf *b, struct fault *f);
/* Takes out of dailytable what is left of days that are filed. */
int	maria_sweep(struct maria *s, struct fault *f);

#endif
