/*
 * underlyings - the indices that the configuration asks for
 *
 * indices.tsv, the user's own in lookupDir or the shipped one, and the config
 * key "underlyings".
 */
#ifndef UNDERLYINGS_H
#define UNDERLYINGS_H

#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "fault.h"
#include "indices.h"

enum { UNDERLYINGS_MAX = 64 };

struct underlyings {
	struct indices	 all;
	const struct index_def *def[UNDERLYINGS_MAX];	/* in all */
	size_t	 n;
};

/* The rows that hold on day, in the order of the configuration.  EX_CONFIG: no
 * file, or a word without a row; EX_DATAERR with file and line. */
int	underlyings_load(struct underlyings *u, const struct conf *c,
	    int32_t day, struct fault *f);
void	underlyings_free(struct underlyings *u);

/* The database of an index's options, by db_key or db_default; NULL and
 * EX_CONFIG when it cannot be one's name.  Valid as long as c and d. */
const char *underlyings_db(const struct conf *c, const struct index_def *d,
	    struct fault *f);

#endif
