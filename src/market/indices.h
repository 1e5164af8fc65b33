/*
 * indices - which indices there are, and what belongs to them
 *
 * Data, lookup/indices.tsv, effective-dated: the row of an underlying counts
 * whose from..to (days, both included; to \N for "still") holds the day.
 * Adding an index is adding a row there and a word to "underlyings".
 */
#ifndef INDICES_H
#define INDICES_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"

struct index_def {
	char	 underlying[32];	/* name of its derivatives: NIFTY */
	int32_t	 from, to;		/* days; to INT32_MAX: still */
	char	 spot[64];		/* tradingsymbol: NIFTY 50 */
	char	 spot_exchange[8];	/* NSE, BSE; its segment is INDICES */
	char	 table[65];		/* TableName of the spot */
	char	 future_table[65];	/* and of the nearest future */
	char	 future_segment[16], option_segment[16];
	int64_t	 strike_step_e7;	/* 1e-7 rupee */
	char	 db_key[64];		/* config key of the options' database */
	char	 db_default[65];	/* where that key is not set */
	char	 file_stem[64];		/* niftyOptions: of its token list */
};

struct indices {
	struct index_def *v;
	size_t	 n;
};

/* Into a zeroed set.  EX_NOINPUT; EX_DATAERR names file and line, and refuses
 * two rows of an underlying for one day. */
int	indices_load(struct indices *x, const char *path, struct fault *f);
void	indices_free(struct indices *x);
/* The row that holds on day, NULL when there is none. */
const struct index_def *indices_find(const struct indices *x,
	    const char *underlying, int32_t day);

#endif
