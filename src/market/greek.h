/*
 * greek - rows of topic ticks in, rows of topic ltp out
 *
 * What comes out depends on the rows alone, not on when they are read or in
 * what pieces: a day read live and the same day read from the archive give the
 * same bytes, and so does one that was stopped in between and read again from
 * its beginning.  Its clock is recvTime, which counts as standing still where it
 * goes back.
 *
 * Snapshots: time is cut in intervals that begin at midnight in India; an
 * interval in which something of the indices came has one snapshot, its ts is
 * the interval's end and it shows what came before that.  The first row of a
 * later time brings it out: nothing is said of intervals without ticks.
 *
 * Every tick: rows with the same recvTime are one frame and are taken together;
 * then comes a row for each instrument of it that is watched, ts is recvTime.
 *
 * So (symbol, ts) is never there twice.
 *
 * A row that is none (a damaged disk) is left out, always in the same way: one row
 * is not worth the day's figures.
 */
#ifndef GREEK_H
#define GREEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "chain.h"
#include "fault.h"
#include "quotein.h"

enum { GREEK_BLOCK = 64 * 1024 };	/* put out when there is so much */

struct greek_spec {
	struct chains	*chains;
	const struct chain_rules *rules;
	int64_t		 interval_us;	/* 0: every tick */
	bool		 extended;
	const char	*source;	/* word of the rows */
	/* Takes whole rows; -1 ends what was going on, which cannot be gone on
	 * with. */
	int		 (*put)(const char *rows, size_t n, void *arg,
			    struct fault *f);
	/* Is told of a row that is none, the row-th of all, why; it is left
	 * out.  NULL: nobody is. */
	void		 (*bad)(uint64_t row, const char *why, void *arg);
	void		*arg;
};

struct greek {
	uint64_t	 in, out;	/* rows so far */
	uint64_t	 bad;		/* of in: left out */
	/* private */
	struct greek_spec spec;
	struct quotein	 cols;
	int64_t		 now_us;	/* of the newest row; 0: none yet */
	int64_t		 due_us;	/* of the next snapshot */
	bool		 pending;	/* it has something to show */
	struct chain_item **touched;	/* in the frame, in order */
	size_t		 ntouched;
	bool		 behind;	/* rows are there already, up to: */
	int64_t		 last_us;
	uint32_t	 last;		/* token */
	const struct chain_strike *known;	/* whose figures are: */
	struct figure	 figure[FIGURE_LEGS];
	int64_t		 at_us;
	struct buf	 text;
};

/* Forgets the quotes of spec's chains.  EX_TEMPFAIL no memory. */
int	greek_init(struct greek *g, const struct greek_spec *spec,
	    struct fault *f);
/* Harmless on a zeroed struct. */
void	greek_free(struct greek *g);

/* Goes on behind row, the last one that is there of an earlier run over the same
 * ticks: rows up to it are not put again.  NULL: there is none.  EX_DATAERR it
 * is no row of topic ltp. */
int	greek_resume(struct greek *g, const char *row, struct fault *f);

/* The header of the rows that follow, no newline; EX_DATAERR.  name must
 * outlive g. */
int	greek_head(struct greek *g, const char *header, const char *name,
	    struct fault *f);
/* Whole rows, which are changed; what put gives. */
int	greek_rows(struct greek *g, char *rows, size_t len, struct fault *f);
/* Nothing more will come: what is pending comes out. */
int	greek_end(struct greek *g, struct fault *f);

#endif
