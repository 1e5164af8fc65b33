/*
 * store - where the ticks are kept and asked for: one interface, two back ends
 *
 * SQLite (store_sqlite.c says which file has what) and MariaDB/MySQL
 * (store_maria.c), whose databases can be on several servers (store_split.c: what
 * is one transaction below is one on each); conf_store() says which.  Column names and types are the original's (design.md
 * section 6).  Names of databases, tables and columns are checked
 * (inst_table_ok) and quoted, values always bound.
 *
 * Faults: EX_TEMPFAIL locked, down or full: the same call may work later;
 * EX_NOPERM (77) refused credentials; EX_DATAERR a table is there with other
 * columns than it must have, or a row cannot be stored, or this is no database;
 * EX_CANTCREAT it cannot be made or written here; EX_CONFIG; EX_IOERR.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "conf.h"
#include "fault.h"
#include "group.h"
#include "inst.h"
#include "spool.h"

struct store;

int	store_open(struct store **s, const struct conf *c, struct fault *f);
void	store_close(struct store *s);
/* What and where, for messages: "SQLite database /var/lib/das/das.db". */
const char *store_where(const struct store *s);

/* Is it a server, so that several connections can work at once? */
bool	store_is_server(const struct store *s);

/* ---- kite1tokens ---- */

struct store_token {
	char	 timestamp[20];		/* IST "YYYY-MM-DD HH:MM:SS" */
	char	 access_token[256];
};

/* Adds a row; requestUrl and reqToken are stored as "-": they are secrets and
 * of no further use.  Creates the table. */
int	store_token_put(struct store *s, const struct store_token *t,
	    struct fault *f);
/* The newest: 1 and *t, 0 when there is none, -1. */
int	store_token_last(struct store *s, struct store_token *t,
	    struct fault *f);

/* ---- tables ---- */

/* Makes dailytable, das_position, and per instrument the view over dailytable;
 * views of ours of instruments that are not in the set go.  What is not ours and
 * has the name of a view is left alone, and told.  Main tables are made when
 * something is filed. */
int	store_prepare(struct store *s, const struct inst_set *set,
	    struct fault *f);

/* ---- loading topics ---- */

/*
 * The tables that topics are loaded into.  Each has a unique key, and a row
 * takes the place of an older one with the same.
 *
 *	dailytable	topic ticks; instrument_token, timestamp (seconds)
 *	ltp_ticks	topic ltp; symbol, ts
 *	oi_snapshots	topic ltp; symbol, ts (minutes)
 */
struct store_table;
extern const struct store_table store_daily, store_ltp, store_oi;

/*
 * Opens it for store_pos_get() and store_load() of one topic.  With SQLite
 * topic ltp is in a file of its own, ltp.db beside the other, with a
 * das_position of its own: so it is loaded while ticks are.
 */
int	store_open_topic(struct store **s, const struct conf *c,
	    const char *topic, struct fault *f);

struct store_pos {
	struct spool_pos pos;
	uint64_t	 rows;		/* rows of the topic loaded so far */
	uint64_t	 kept_out;	/* of these: not in dailytable, because the
					 * exchange time is missing or another
					 * day's, or the instrument unknown */
};

/* How far the topic of the day is loaded; zeros when nothing is. */
int	store_pos_get(struct store *s, const char *day, const char *topic,
	    struct store_pos *p, struct fault *f);

/*
 * Which column of the table each of the fields under a header goes to, or -1,
 * into col (TSV_MAX); gives the number of fields.  -1: EX_DATAERR, a column is
 * missing that does not come from the instrument.
 */
int	store_columns(const struct store_table *t, const char *header, int *col,
	    struct fault *f);

struct store_row {
	const char	*text;		/* as in the spool, with its newline */
	const struct inst *inst;	/* for dailytable */
};

struct store_part {			/* what of a batch goes into one table */
	const struct store_table *table;
	const int	*col;		/* by store_columns() */
	const struct store_row *row;	/* dailytable: by token and second, one
					 * of each; else the latest of a key
					 * behind older ones */
	size_t		 n;
};

enum { STORE_PARTS = 2 };

struct store_batch {
	const char	*day, *topic;
	struct store_part part[STORE_PARTS];	/* those with a table */
	int		 nfield;	/* fields of every row */
	struct store_pos from, to;	/* before and behind all that was read,
					 * also of what is in no part */
	const char	*bad;		/* after EX_DATAERR: text of the row that
					 * cannot be stored; NULL when it is not
					 * for a row */
	bool		 moved;		/* after EX_TEMPFAIL: the position is not
					 * from, somebody else is loading */
};

/*
 * Puts the rows into their tables, moves the position from b->from to b->to,
 * and forgets that the day was filed if there are rows of dailytable: all in
 * one transaction, all or nothing.
 */
int	store_load(struct store *s, struct store_batch *b, struct fault *f);

/*
 * Several servers: is one to be left behind while it is away (EX_TEMPFAIL), and the
 * others go on?  At first not.  Its own position stays where it is; das_position
 * of store_pos_get() is the lowest of those that answer.
 */
void	store_leave(struct store *s, bool behind);
enum store_behind {
	STORE_LEVEL,		/* no server is behind */
	STORE_BEHIND,
	STORE_BACK		/* one that is answers again: time to begin anew
				 * at store_pos_get() */
};
enum store_behind store_behind(struct store *s);

/* Does the store cut open interest off at 2^31 - 1, as a dailytable that the
 * original has made does?  Known after store_add_insts(). */
bool	store_cuts(const struct store *s);
/* Are its checksums those of values (rowsum.h)? */
bool	store_sums_values(const struct store *s);

/* ---- filing a day into the main tables ---- */

/* Adds the instruments that dailytable has rows of the day of and set, which is
 * sorted and stays so, has not: table and database as they are in these rows. */
int	store_add_insts(struct store *s, const char *day, struct inst_set *set,
	    struct fault *f);

/* Copies the day's rows of the instruments of a table from dailytable to their
 * main table, which is made when it is not there; rows of the same second are
 * replaced.  One transaction, on the disk before store_done() takes anything away.
 * In the order of inst_groups.filing it is fastest. */
int	store_file(struct store *s, const struct inst_group *g, const char *day,
	    struct fault *f);

/* Makes the main tables that are not there, before several connections file:
 * with SQLite a new table costs the others the time to read all names again.
 * What cannot be made is for store_file() to tell. */
int	store_make(struct store *s, const struct inst_groups *all,
	    struct fault *f);

/* Brings what was filed over this connection to the disk, when store_done() is
 * another's to do. */
int	store_settle(struct store *s, struct fault *f);

struct store_counts {		/* of the day, in the main table */
	uint64_t	 main;		/* rows; 0: no table */
	uint64_t	 sum;		/* their checksum (rowsum.h) */
};

int	store_count(struct store *s, const struct inst_group *g, const char *day,
	    struct store_counts *n, struct fault *f);

/* The cheap way, of a table that the store_file() before it has made: 1, and
 * n->sum is that of rowimage.h; 0 there is none, for this table or at all; -1. */
int	store_glance(struct store *s, const struct inst_group *g,
	    const char *day, struct store_counts *n, struct fault *f);
/* Which main tables are there already: there[i] is set for the group g->v[i]. */
int	store_there(struct store *s, const struct inst_groups *g, bool *there,
	    struct fault *f);

struct store_day {		/* a filed day, in das_filed */
	char		 day[11];
	char		 filed_at[20];	/* IST */
	uint64_t	 instruments, rows, kept_out, pairs, filed, blank;
};

/* Takes the day's rows out of dailytable, all verified by the caller, and
 * remembers that it is filed, in the last transaction of these. */
int	store_done(struct store *s, const struct store_day *d, struct fault *f);
/* 1 and *d when the day is filed, 0, -1. */
int	store_done_get(struct store *s, const char *day, struct store_day *d,
	    struct fault *f);

/* Brings all that was committed to the disk. */
int	store_sync(struct store *s, struct fault *f);

/* ---- questions ---- */

/* Opens it for store_ask() and store_locate() only: nothing is made, and nothing
 * can be changed.  EX_NOINPUT: there is none yet. */
int	store_open_read(struct store **s, const struct conf *c,
	    struct fault *f);

struct store_cell {
	const char	*text;		/* NULL: null; ends in NUL, which may be
					 * in it too */
	size_t		 len;
	bool		 number;	/* a number, in decimal */
};

struct store_ask {
	const char	*sql;		/* one SELECT, or WITH ... SELECT */
	const char *const *arg;		/* values of its ?, text and numbers; an
					 * element may be NULL */
	size_t		 narg;
	const char	*at;		/* a database whose server is asked;
					 * NULL: the first's */
	const char	*db;		/* whose tables need no prefix; NULL:
					 * that of dailytable */
	int64_t		 rows, seconds;	/* at most; then it is cut off */
	/* Called for each row, the first time before it with names in cell, and
	 * once with names when there is none.  -1 ends it, without a fault. */
	int		(*row)(void *arg, const struct store_cell *cell,
			    size_t n, bool names);
	void		*user;		/* for row() */
};

/* 0: all rows were given; 1: there are more than ask->rows; -1: EX_DATAERR it
 * is no question, or the store cannot answer it; EX_TEMPFAIL it took longer
 * than ask->seconds, and faults of the store. */
int	store_ask(struct store *s, const struct store_ask *a, struct fault *f);

/* Appends the quoted name of the main table of an instrument, or for NULL of
 * dailytable on the server of database db, or of NULL, to be asked next: 1; 0 it
 * is not there; -1. */
int	store_locate(struct store *s, const struct inst *in, const char *db,
	    struct buf *b, struct fault *f);
/* A database on each server that has a dailytable, from 0; NULL: no more.  SQLite
 * has one. */
const char *store_server(const struct store *s, size_t i);

#endif
