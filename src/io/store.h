/*
 * store - where the ticks are kept and asked for: one interface, two back ends
 *
 * SQLite (store_sqlite.c) and MariaDB/MySQL; conf_store() says which.  Column
 * names and types are the original's (design.md section 6).  Names of
 * databases, tables and columns are checked (inst_table_ok) and quoted, values
 * always bound.
 *
 * Faults: EX_TEMPFAIL locked, down or full: the same call may work later;
 * EX_NOPERM (77) refused credentials; EX_DATAERR a table is there with other
 * columns than it must have, or a row cannot be stored; EX_IOERR.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "fault.h"
#include "inst.h"
#include "spool.h"

struct store;

int	store_open(struct store **s, const struct conf *c, struct fault *f);
void	store_close(struct store *s);
/* What and where, for messages: "SQLite database /var/lib/das/das.db". */
const char *store_where(const struct store *s);

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

/* Makes dailytable, das_position, and per instrument the main table and the
 * view over dailytable.  What exists and fits stays as it is. */
int	store_prepare(struct store *s, const struct inst_set *set,
	    struct fault *f);

/* ---- loading topic ticks ---- */

struct store_pos {
	struct spool_pos pos;
	uint64_t	 rows;		/* rows of the topic loaded so far */
	uint64_t	 kept_out;	/* of these: not in dailytable, because the
					 * exchange time is missing or another
					 * day's */
};

/* How far the topic of the day is loaded; zeros when nothing is. */
int	store_pos_get(struct store *s, const char *day, const char *topic,
	    struct store_pos *p, struct fault *f);

#endif
