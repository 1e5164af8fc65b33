/*
 * ledger - gaps.tsv: what was missed, and why
 *
 * A row for every time that a connection was not there while it should have
 * been, written when it is over:
 *
 *	from to reason instruments conn
 *
 * from is when something was received last, to when the first tick came again;
 * instruments is how many that connection carries.  A row that the disk does
 * not take is held and written later.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdint.h>

#include "append.h"
#include "fault.h"
#include "hold.h"
#include "kite.h"

extern const char ledger_header[];

struct ledger {
	uint64_t	 rows;		/* written since ledger_open() */
	/* private */
	struct append	 file;
	struct hold	 hold;
	struct {
		int64_t	 from_us;	/* 0: no gap */
		char	 reason[200];
	} gap[KITE_CONNS_MAX];
};

int	ledger_open(struct ledger *l, const char *path, struct fault *f);
/* A gap of a connection (from 1) begins; one that is open already stays. */
void	ledger_begin(struct ledger *l, uint32_t conn, int64_t from_us,
	    const char *reason);
/* The same, ended: its row.  Nothing when there is no gap. */
void	ledger_end(struct ledger *l, uint32_t conn, int64_t to_us,
	    size_t instruments);
/* When the gap of a connection began, 0 when it has none. */
int64_t	ledger_since(const struct ledger *l, uint32_t conn);
/* Writes rows that are held: 0 none is any more, -1 with f. */
int	ledger_retry(struct ledger *l, struct fault *f);
/* Harmless on a zeroed struct. */
int	ledger_close(struct ledger *l, struct fault *f);

#endif
