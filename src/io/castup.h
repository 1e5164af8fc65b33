/*
 * castup - how the capture goes, for the messages of status of das-cast
 *
 * Looked at once a second: status.tsv and gaps.tsv of the day (das-spool(5)),
 * read again when they are others; the age of the token; the disk.
 */
#ifndef CASTUP_H
#define CASTUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "access.h"
#include "buf.h"
#include "conf.h"

enum { CASTUP_WORD = 32, CASTUP_REASON = 200 };

struct castup_gap {
	int64_t	 from_us, to_us;	/* to_us 0: it is open; from_us 0: none */
	char	 reason[CASTUP_REASON];
};

struct castup {
	char	 state[CASTUP_WORD];	/* das-tick's; "gone" when it no longer
					 * renews it; "": not known */
	int64_t	 connections, ticks, ticks_per_second;	/* -1: not known */
	int64_t	 lag_ms, reconnects, rejects;
	int64_t	 updated_us, tick_us;	/* wall time; 0: not known */
	int64_t	 token_us;		/* that it was made */
	int64_t	 gaps;			/* rows of gaps.tsv, -1 */
	struct castup_gap gap;		/* the last one of them */
	int64_t	 disk_free, disk_total;	/* bytes, -1 */
	/* private */
	struct access_stamp status, ledger, token;	/* that were read */
	bool	 looked;
};

/* Looks; true: what clients are told at once has changed: state, connections,
 * reconnects, rejects, gaps, or the token. */
bool	castup_look(struct castup *u, const struct conf *c, const char *day);
/* The object, null where a file is not there.  -1: ENOMEM. */
int	castup_put(const struct castup *u, struct buf *b);

#endif
