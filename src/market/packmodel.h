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
#include "rans.h"

enum {
	PACKMODEL_TOKENS = 1 << 15,	/* instruments of a segment */
	PACKMODEL_PAIRS = 32,		/* connection and flag */
	PACKMODEL_ROW = 128		/* most symbols of a row */
};

struct packtok {		/* an instrument: a name of a token */
	uint32_t	 token;
	bool		 index;
	uint8_t		 nsymbol;
	uint8_t		 side[2];	/* as coded last */
	uint8_t		 mask;
	uint16_t	 mag[8];	/* how large its numbers are, 16 a bit */
	uint32_t	 tick, lot;	/* 0: no row yet */
	uint32_t	 next;		/* of the same hash + 1; 0: none */
	uint64_t	 turnover;	/* about, wire units * lots */
	uint32_t	 u[PACK_N];	/* of the last row, in ticks and lots */
};

struct packname {
	char		 symbol[PACK_SYMBOL_MAX];
};

struct packpair {
	uint32_t	 conn, exch;	/* exch: of the last row */
	uint8_t		 nflag;
	char		 flag[PACK_FLAG_MAX];
};

struct packmodel {
	struct rans_shape shape;
	struct packtok	*tok;
	struct packname	*name;		/* of each tok */
	uint32_t	 ntok, captok;
	struct packpair	 pair[PACKMODEL_PAIRS];
	uint32_t	 npair, last;	/* last: pair of the last row */
	int64_t		 recv_us;	/* of the last row */
};

enum packmodel_kind { PACKMODEL_DELTA, PACKMODEL_FULL, PACKMODEL_TEXT };

int	packmodel_init(struct packmodel *m);
void	packmodel_free(struct packmodel *m);

/* A new instrument, its number is ntok - 1; a new pair.  -1 with ENOMEM; there
 * must be room in the table. */
int	packmodel_add_token(struct packmodel *m, const struct packrow *r);
void	packmodel_add_pair(struct packmodel *m, const struct packrow *r);

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
