/*
 * castdepth - topic ticks: the latest row of each instrument, and get_depth
 *
 * The topic is followed from where it ends; what came before is read from its
 * beginning, a block at a time between other work, and counts for instruments
 * of which nothing newer has come: so a start in the middle of the day serves at
 * once.  A question reads what is new first.
 */
#ifndef CASTDEPTH_H
#define CASTDEPTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clk.h"
#include "conf.h"
#include "spool.h"

struct castclient;
struct js;
struct castdepth_row;

struct castdepth {
	bool	 more;			/* there is something to be read now */
	/* private */
	const struct conf *conf;
	char	 day[CLK_DAY];		/* "": none yet */
	struct spool_r in, back;	/* its end; what came before */
	struct spool_pos until;		/* where back is done */
	bool	 backing;		/* back is not done */
	bool	 told;			/* what is wrong with it */
	int64_t	 read_us;
	char	*header;		/* of the rows; NULL: none yet */
	int	 token;			/* column */
	struct castdepth_row *row;	/* hash table, cap of them */
	size_t	 n, cap;
	uint64_t rows;			/* that were read */
};

/* A block of rows, when it is time for one; day is today.  Cheap when there is
 * nothing. */
void	castdepth_turn(struct castdepth *d, const struct conf *c,
	    const char *day, int64_t now);
/* When it wants the next turn; INT64_MAX: it can wait. */
int64_t	castdepth_due(const struct castdepth *d);
void	castdepth_get(struct castclient *c, const struct js *doc);
/* Harmless on a zeroed struct. */
void	castdepth_free(struct castdepth *d);

#endif
