/*
 * confirm - which instruments a connection brings in full mode
 *
 * The broker confirms no subscription, and ignores one that it does not like.
 * So each instrument that a connection carries counts as there when its last
 * packet since the connection was opened was one of full mode (184 bytes, 32
 * for an index).  What is missing after 5 s is to be asked for again, after 15 s
 * once more, and then every 60 s.  The caller does the asking.
 */
#ifndef CONFIRM_H
#define CONFIRM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "kite.h"
#include "plan.h"

enum {
	CONFIRM_FIRST_S = 5, CONFIRM_SECOND_S = 15,	/* after the opening */
	CONFIRM_STEP_S = 60
};

struct confirm {		/* zeroed: nobody asks */
	/* private */
	struct plan	 plan;		/* n 0: none */
	struct {
		uint8_t	*full;		/* by number of the instrument */
		int64_t	 due;		/* of the next round; 0 not open */
		unsigned round;
		bool	 failed;	/* some were missing */
	} conn[KITE_CONNS_MAX];
};

/* EX_TEMPFAIL. */
int	confirm_init(struct confirm *c, const struct plan *p, struct fault *f);
void	confirm_free(struct confirm *c);

/* All is missing again; at is any clock that does not jump, as in
 * confirm_turn(), in microseconds, and not 0. */
void	confirm_opened(struct confirm *c, uint32_t conn, int64_t at);
void	confirm_lost(struct confirm *c, uint32_t conn);

/* A packet of instrument i has come; those of others (i >= n) do not count. */
static inline void
confirm_packet(struct confirm *c, uint32_t conn, size_t i, bool full)
{
	if (i < c->plan.n)
		c->conn[conn - 1].full[i] = full;
}

/* How many of a connection are missing, open or not; the numbers of the first
 * max of them go to out. */
size_t	confirm_missing(const struct confirm *c, uint32_t conn, uint32_t *out,
	    size_t max);

enum confirm_say {
	CONFIRM_QUIET,		/* nothing is due, or nothing is missing */
	CONFIRM_ASK,		/* ask for what is missing */
	CONFIRM_ASK_FIRST,	/* and just before none was, or nobody knew */
	CONFIRM_ALL		/* all that had been missing is there; once */
};
/* What is to be done for a connection now. */
enum confirm_say confirm_turn(struct confirm *c, uint32_t conn, int64_t now);

#endif
