/*
 * store_back - what a back end of the store is: for store.c and the back ends
 *
 * A back end begins its own struct with struct store, fills it in its open
 * function and hands that out.  The functions are those of store.h, one by
 * one, with the same contracts.
 */
#ifndef STORE_BACK_H
#define STORE_BACK_H

#include "store.h"

struct store_ops {
	void	(*close)(struct store *s);
	int	(*token_put)(struct store *s, const struct store_token *t,
		    struct fault *f);
	int	(*token_last)(struct store *s, struct store_token *t,
		    struct fault *f);
	int	(*prepare)(struct store *s, const struct inst_set *set,
		    struct fault *f);
	int	(*pos_get)(struct store *s, const char *day, const char *topic,
		    struct store_pos *p, struct fault *f);
	int	(*load)(struct store *s, struct store_batch *b,
		    struct fault *f);
	enum store_behind (*behind)(struct store *s);
	int	(*add_insts)(struct store *s, const char *day,
		    struct inst_set *set, struct fault *f);
	int	(*file)(struct store *s, const struct inst_group *g, const char *day,
		    struct fault *f);
	int	(*make)(struct store *s, const struct inst_groups *all,
		    struct fault *f);	/* or NULL: in file() is soon enough */
	int	(*settle)(struct store *s, struct fault *f);	/* or NULL: it
				 * is there when it is committed */
	int	(*count)(struct store *s, const struct inst_group *g,
		    const char *day, struct store_counts *n, struct fault *f);
	int	(*glance)(struct store *s, const struct inst_group *g,
		    const char *day, struct store_counts *n, struct fault *f);
	int	(*there)(struct store *s, const struct inst_groups *g,
		    bool *there, struct fault *f);
	int	(*done)(struct store *s, const struct store_day *d,
		    struct fault *f);
	int	(*done_get)(struct store *s, const char *day,
		    struct store_day *d, struct fault *f);
	int	(*sync)(struct store *s, struct fault *f);
	int	(*ask)(struct store *s, const struct store_ask *a,
		    struct fault *f);
	int	(*locate)(struct store *s, const struct inst *in,
		    const char *db, struct buf *b, struct fault *f);
	const char *(*server)(const struct store *s, size_t i);
};

struct store {
	const struct store_ops *ops;
	bool	 server;	/* for store_is_server() */
	bool	 cuts;		/* for store_cuts() */
	bool	 leave;		/* of store_leave() */
	bool	 values;	/* for store_sums_values() */
	char	 where[512];		/* for store_where() */
};

/* The columns that the original gave its tables. */
enum store_kind {
	STORE_INT,		/* 64 bits: a day's volume passes 2^31 */
	STORE_REAL,		/* rupees, percent: decimals */
	STORE_DOUBLE,		/* where the original has a DOUBLE */
	STORE_TIME,		/* "YYYY-MM-DD HH:MM:SS", IST */
	STORE_UTC,		/* "YYYY-MM-DDTHH:MM:SS[.ffffff]+00:00" */
	STORE_MINUTE,		/* the same, of which the minute counts */
	STORE_TEXT
};

struct store_col {
	const char	*name;
	enum store_kind	 kind;
	int		 size;	/* of a STORE_TEXT: characters */
	bool		 need;	/* NOT NULL */
};

struct store_table {
	const char	*name;
	const char	*key;	/* what is unique, "a,b" */
	const struct store_col *col;
	int		 ncol;
	int		 ninst;	/* columns that come from the instrument, the
				 * first; the others from the row */
	bool		 id;	/* has an id that counts up, and a row needs
				 * what is in key; else is clustered by key */
	const char	*index;	/* a column that has an index, or NULL */
};

enum {
	STORE_NCOL = 50,	/* columns of dailytable */
	STORE_TOKEN = 0,
	STORE_SYMBOL, STORE_TABLE, STORE_DB,
	STORE_MAIN,		/* the first that main tables have too: timestamp */
	STORE_NINDEX = 2,	/* columns of an index table: timestamp, price */
	STORE_NMOST = STORE_NCOL	/* most columns of a table */
};

extern const struct store_col store_col[STORE_NCOL];	/* of dailytable */

/* How many columns from STORE_MAIN on the main table of an instrument has. */
int	store_main_ncol(enum inst_kind kind);

/* For add_insts: what the rows of an unknown instrument say of it, and adding it
 * to a set. */
int	store_describe(struct inst *in, const char *symbol, const char *table,
	    const char *db, bool index, struct fault *f);
int	store_take(struct inst_set *set, const struct inst *in,
	    struct fault *f);

/* topic is that of store_open_topic(), "ticks" for store_open(), NULL for
 * store_open_read(), and then write is false. */
int	store_sqlite_open(struct store **s, const struct conf *c,
	    const char *topic, struct fault *f);
int	store_maria_open(struct store **s, const struct conf *c, bool write,
	    struct fault *f);

#endif
