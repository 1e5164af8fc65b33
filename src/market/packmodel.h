/*
 * packmodel - what of a tick cannot be foretold, as symbols of rans
 *
 * Each row is coded against the row of its instrument before it: what changed,
 * the book level by level, and by how much.  One description serves both
 * directions, so that they cannot differ; das-spool(5), "Packed segments", has
 * it in words.
 *
 * Numbers of an instrument are counted in its own price step and lot, which are
 * the greatest common divisors of what was seen.  A row that does not fit them,
 * or whose book is not a book, is coded in full.
 */
#ifndef PACKMODEL_H
#define PACKMODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packrow.h"
#include "packtok.h"
#include "rans.h"

enum {
	PACKMODEL_ROW = 128		/* most symbols of a row */
};

struct packmodel {
	struct rans_shape shape;
	struct packtoks	 t;
	uint32_t	 last;		/* pair of the last row */
	int64_t		 recv_us;	/* of the last row */
};

enum packmodel_kind { PACKMODEL_DELTA, PACKMODEL_FULL, PACKMODEL_TEXT };

int	packmodel_init(struct packmodel *m);
void	packmodel_free(struct packmodel *m);

/* Codes a row of instrument tok and of pair.  w has room for PACKMODEL_ROW. */
void	packmodel_put(struct packmodel *m, struct rans_w *w,
	    const struct packrow *r, uint32_t tok, uint32_t pair);
/* Codes that a row is text. */
void	packmodel_put_text(struct packmodel *m, struct rans_w *w);

/* The next row, without its seq; its texts live as long as the model is not
 * changed. */
enum packmodel_kind packmodel_get(struct packmodel *m, struct rans_r *in,
	    struct packrow *r);

#endif
