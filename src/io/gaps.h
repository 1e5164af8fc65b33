/*
 * gaps - what a capture writes into the ledger
 *
 * Stands between the live capture and gaps.tsv (ledger): gaps of connections,
 * the time between a run before this one and this, a start after the open, a
 * machine that slept, a clock that was set.  Says in words when the clock jumps
 * and when the disk does not take the ledger.
 */
#ifndef GAPS_H
#define GAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "jump.h"
#include "kite.h"
#include "ledger.h"
#include "plan.h"
#include "session.h"
#include "spool.h"

struct gaps {			/* zeroed: nothing is written */
	struct ledger	 ledger;
	/* private */
	bool		 on;
	const struct plan *plan;
	bool		 told[KITE_CONNS_MAX];	/* something is known of it */
	unsigned	 up;		/* which bring ticks; bit 0: the first */
	int64_t		 back_us[KITE_CONNS_MAX]; /* when its last gap was over */
	int64_t		 open_us;	/* the session's; INT64_MAX none */
	struct jump	 jump;
	int64_t		 looked_us;	/* at it, wall time */
	bool		 behind;	/* said that the disk does not take it */
	char		 path[SPOOL_PATH + 16];
};

struct gaps_spec {
	const char	*dir;		/* of the day, in the spool */
	const char	*status;	/* status.tsv of the run before */
	const char	*last;		/* last row of it; NULL: none */
	const struct plan *plan;	/* outlives the gaps */
	const struct session *session;
	int64_t		 now_us;	/* when we started */
};

/* Reads the ledger of the day and begins the gaps that are there already.
 * Faults of ledger_open(). */
int	gaps_open(struct gaps *g, const struct gaps_spec *s, struct fault *f);

/* A connection was lost, or an attempt failed; nothing came since from_us. */
void	gaps_lost(struct gaps *g, uint32_t conn, int64_t from_us,
	    enum ledger_cause cause, const char *reason);
/* All of them are being lost at once: none makes up for another. */
void	gaps_down(struct gaps *g);
/* A connection is open; the first time after the market's open is late. */
void	gaps_opened(struct gaps *g, uint32_t conn, int64_t at_us);
/* It brought a tick. */
void	gaps_ticked(struct gaps *g, uint32_t conn, int64_t at_us);
/* Since when a connection has a gap; 0: it has none. */
int64_t	gaps_since(const struct gaps *g, uint32_t conn);

/* Every second: looks at the clocks and at what the disk refused. */
void	gaps_tend(struct gaps *g);

/* Rows received since from_us are lost: the disk never took them. */
void	gaps_unwritten(struct gaps *g, int64_t from_us, int64_t to_us,
	    const char *reason);

/* The day is done: open gaps end at to_us.  Or we were stopped at to_us: the
 * next run ends them.  Call both before gaps_close(), which waits for the
 * disk. */
void	gaps_done(struct gaps *g, int64_t to_us);
void	gaps_stopped(struct gaps *g, int64_t at_us);
/* Harmless on a zeroed struct. */
int	gaps_close(struct gaps *g, struct fault *f);

#endif
