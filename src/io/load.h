/*
 * load - a topic of a day into the store, in batches
 *
 * Topic ticks into dailytable, topic ltp into ltp_ticks and oi_snapshots.
 *
 * das-load's loop and the drain that das-backup begins with.  A batch is one
 * transaction with the position behind it, so whenever we are killed a row is
 * loaded once.  Memory: 30 MiB at most, and as many rows as there are in an interval
 * when following.
 *
 *	load_open(); while ((rc = load_some(..)) != LOAD_END) ...; load_close();
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "dayinst.h"
#include "fault.h"
#include "ltpsift.h"
#include "rows.h"
#include "sift.h"
#include "store.h"
#include "tsv.h"

#define LOAD_TOPIC	"ticks"		/* the one that das-backup files */

enum {
	LOAD_MORE = 1,		/* a batch is in the store, go on */
	LOAD_IDLE = 0,		/* nothing more there now */
	LOAD_END = 2,		/* the topic is CLOSED and all is loaded */
};

struct load_group;
struct load_item;
struct load_mark;
struct load_topic;

struct load {
	/* what happened since load_open() */
	uint64_t	 rows, kept_out, unknown;	/* unknown: of kept_out */
	uint64_t	 batches;
	uint32_t	 stranger;	/* the first unknown token */
	bool		 rival;		/* EX_TEMPFAIL because somebody else loads
					 * this day: no use in trying again */
	struct store_pos from;		/* what the store knows */
	struct dayinst	 inst;		/* for ticks */
	/* private */
	const struct load_topic *topic;
	struct store	*store;
	const struct conf *conf;
	char		 day[11];
	struct rows	 r;
	struct sift	 sift;		/* of ticks */
	struct ltpsift	 ltpsift;	/* of ltp */
	char		*head;		/* header that the rest belongs to */
	int		 col[STORE_PARTS][TSV_MAX], ncol;
	struct buf	 text;		/* the batch */
	struct store_row *row, *sorted;
	struct load_item *item;
	struct load_group *group;
	size_t		 n, cap;
	struct load_mark *mark;
	size_t		 nmark, markcap;
	struct store_pos to;
	bool		 pending;	/* the batch is whole, commit it first */
	int		 after;		/* what load_some() gives then */
};

/* Is there a topic of this name that can be loaded? */
bool	load_knows(const char *topic);

/*
 * Makes the topic of the day ours until the program ends; first of all, while
 * the store may still be away.  EX_TEMPFAIL: somebody else loads it.
 */
int	load_lock(const struct conf *c, const char *day, const char *topic,
	    struct fault *f);

/*
 * Begins where the store's position says, behind load_lock(); s is open for the
 * topic (store_open_topic).  Faults: EX_TEMPFAIL the store is locked or full;
 * EX_NOINPUT no instruments.tsv; else as store.h and rows.h say.  End with
 * load_close(), also after -1; the store stays the caller's.
 */
int	load_open(struct load *l, struct store *s, const struct conf *c,
	    const char *day, const char *topic, struct fault *f);
void	load_close(struct load *l);

/*
 * Loads what is there, at most one batch.  interval_us < 0: does not wait;
 * else collects for that long (real time) before it commits.  After
 * EX_TEMPFAIL the batch is kept and the next call tries again; any other fault
 * is final: EX_DATAERR names segment and byte.
 */
int	load_some(struct load *l, int64_t interval_us, struct fault *f);

#endif
