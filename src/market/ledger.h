/*
 * ledger - gaps.tsv: what was missed, and why
 *
 * A row for every time that something was missing which should have come:
 *
 *	from to seconds conn cause instruments resolved reason
 *
 * from is when something was received last, to when the first tick came again.
 * An open gap is a row too, its to and seconds are \N.  The file is replaced
 * whole at each change by a thread (replace.h); memory holds the truth, and
 * what a killed program could not write any more makes a gap look longer,
 * never shorter.  das-spool(5) has the columns.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "kite.h"
#include "replace.h"

enum ledger_cause {
	LEDGER_DIAL,		/* the server was not reached */
	LEDGER_HTTP,		/* it refused; its status is in the reason */
	LEDGER_SILENT,		/* no byte came, not even a heartbeat */
	LEDGER_NOTICKS,		/* heartbeats came, ticks did not */
	LEDGER_RESET,		/* the connection broke */
	LEDGER_CLOSED,		/* the server closed it */
	LEDGER_PROTOCOL,	/* the server spoke something else */
	LEDGER_DISK,		/* more waited for the disk than we hold */
	LEDGER_SLEPT,		/* the machine did */
	LEDGER_CLOCK,		/* the wall clock was stepped */
	LEDGER_KILLED,		/* das-tick, and had no time to say so */
	LEDGER_STOPPED,		/* das-tick, before the close */
	LEDGER_LATE,		/* das-tick began after the open */
	LEDGER_CAUSES
};

enum { LEDGER_ROWS_MAX = 10000 };	/* then the last row is extended */

extern const char ledger_header[];

struct ledger_gap {
	int64_t		 from_us, to_us;	/* to_us 0: it is open */
	uint32_t	 conn;			/* from 1; 0: all of them */
	enum ledger_cause cause;
	size_t		 instruments;
	bool		 resolved;		/* ticks came again */
	char		 reason[200];
	size_t		 first;		/* its length without what came later */
};

struct ledger {
	uint64_t	 rows;		/* ended since ledger_open() */
	/* private */
	struct replace	 file;
	struct ledger_gap open[KITE_CONNS_MAX];	/* from_us 0: none */
	struct ledger_gap last;		/* ended last, while there are rows */
	struct buf	 done;		/* the rows before it */
	size_t		 ndone;
	bool		 dirty;		/* a change that memory did not take */
};

/*
 * Takes over what path holds; open gaps stay open, those of connections beyond
 * conns become gaps of the last one, those that begin after now_us (the clock
 * was set back) begin then.  0; 1: the file is no ledger of ours, f
 * says what is wrong with it and where it was put aside; -1: EX_IOERR,
 * EX_OSERR, EX_TEMPFAIL.  path outlives l.
 */
int	ledger_open(struct ledger *l, const char *path, unsigned conns,
	    int64_t now_us, struct fault *f);

/* A gap begins, of g->conn from 1.  One that is open already stays: it
 * may be found to have begun earlier, and its reason gets the new one behind. */
void	ledger_begin(struct ledger *l, const struct ledger_gap *g);
/* The same, ended by a tick.  Nothing when there is no gap. */
void	ledger_end(struct ledger *l, uint32_t conn, int64_t to_us);
/* The day is done: open gaps end, and are not resolved. */
void	ledger_give_up(struct ledger *l, int64_t to_us);
/* A gap that is over when it is noticed. */
void	ledger_add(struct ledger *l, const struct ledger_gap *g);
/* When the gap of a connection began, 0 when it has none. */
int64_t	ledger_since(const struct ledger *l, uint32_t conn);

/* Waits until the file has what was told so far, at most ms milliseconds, and
 * not while the disk refuses; true: it has. */
bool	ledger_wait(struct ledger *l, int ms);
/* Every second: true while the file is not what it should be, f says why. */
bool	ledger_behind(struct ledger *l, struct fault *f);
/* Waits for the disk; -1 when it still refuses.  Harmless on a zeroed
 * struct. */
int	ledger_close(struct ledger *l, struct fault *f);

/* "dial", "http" ...: the column cause; -1: it is none. */
const char *ledger_cause_name(enum ledger_cause c);
int	ledger_cause_from(const char *s, enum ledger_cause *c);

#endif
