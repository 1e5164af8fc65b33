/*
 * plan - which connection carries which instruments
 *
 * Instruments are numbered from 0 in the order in which they are listed.  A
 * connection (from 1) carries a run of them, which may go round the end of the
 * list to its beginning.  With two copies each instrument is on two
 * connections: on both of two, or on two of three.
 */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "kite.h"

enum { PLAN_COPIES_MAX = 2 };

struct plan {			/* zeroed: no instruments, no connections */
	size_t		 n;		/* instruments */
	unsigned	 copies;	/* connections that carry each: 1 or 2 */
	unsigned	 conns;
	struct {
		size_t	 from, n;
	} share[KITE_CONNS_MAX];	/* of connection 1, 2 ... */
};

/* As few connections as will do.  -1: EX_DATAERR with both numbers, there are
 * more than the broker takes. */
int	plan_make(struct plan *p, size_t n, unsigned copies, struct fault *f);
/* The number of the connection's k-th instrument, k < share[conn - 1].n. */
size_t	plan_item(const struct plan *p, uint32_t conn, size_t k);
bool	plan_has(const struct plan *p, uint32_t conn, size_t i);
/* How many instruments of a connection are on none of the others that the mask
 * names (bit 0: connection 1). */
size_t	plan_alone(const struct plan *p, uint32_t conn, unsigned others);

#endif
