/*
 * packtok - the instruments of a packed segment, and what was last seen of each
 *
 * Their numbers are counted in units of their own, price step and lot, which are
 * the greatest common divisors of what was seen.
 */
#ifndef PACKTOK_H
#define PACKTOK_H

#include <stdbool.h>
#include <stdint.h>

#include "packrow.h"

enum {
	PACKTOK_MAX = 1 << 15,		/* instruments of a segment */
	PACKTOK_PAIRS = 32		/* of connection and flag */
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

struct packtoks {		/* zeros: none */
	struct packtok	*v;
	struct packname	*name;		/* of each */
	uint32_t	 n, cap;
	struct packpair	 pair[PACKTOK_PAIRS];
	uint32_t	 npair;
};

/* A new instrument, the last one then; a new pair.  There must be room in the
 * tables.  -1 with ENOMEM. */
int	packtok_add(struct packtoks *m, const struct packrow *r);
void	packtok_add_pair(struct packtoks *m, const struct packrow *r);
void	packtok_free(struct packtoks *m);

/* Makes the units of t divide the numbers v of a row as well as those before. */
void	packtok_units(struct packtok *t, const uint32_t *v);
/* The numbers v as multiples u, rounded down; false when they are none. */
bool	packtok_split(const struct packtok *t, const uint32_t *v, uint32_t *u);
void	packtok_join(const struct packtok *t, const uint32_t *u, uint32_t *v);

#endif
