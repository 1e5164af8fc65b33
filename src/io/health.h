/*
 * health - whether the machine can do its work: its disk, its clock
 *
 * Before the capture it looks at the room there is, says for how many days it
 * will do, and sets a reserve aside; during it, it says when our clock and the
 * exchange's part, and tells of trouble with the disk by mail too: once for
 * each cause in an hour, through das-mail, which runs beside.
 */
#ifndef HEALTH_H
#define HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "child.h"
#include "clk.h"
#include "conf.h"
#include "fault.h"
#include "record.h"
#include "room.h"
#include "status.h"

enum health_cause {		/* of a mail, the worst last */
	HEALTH_LOW,		/* less than the floor is free */
	HEALTH_RESERVE,		/* the disk is full, the reserve was given up */
	HEALTH_HELD,		/* rows are held in memory */
	HEALTH_OVER,		/* more of them than may be: disconnected */
	HEALTH_CAUSES
};

struct health_spec {
	const struct conf *conf;
	struct record	*record;	/* its reserve is opened here */
	int64_t		 open_us;	/* today's market; INT64_MAX: not known */
};

struct health {				/* zeroed: says nothing */
	struct health_spec spec;
	struct room	 room;
	bool		 low, said_strange;
	char		 day[CLK_DAY];
	struct child	 mail;
	enum health_cause mailed;	/* what that is about */
	int64_t		 mail_due;	/* clk_mono() of the next try */
	bool		 said_mail;	/* that one was not sent */
	struct {
		bool	 is, wanted;	/* true now; to be mailed */
		int64_t	 next;		/* clk_mono() of the next mail */
	} cause[HEALTH_CAUSES];
	int64_t		 look_due;
	unsigned	 released;	/* of record, seen before */
};

/* Looks before the spool is opened.  -1: EX_TEMPFAIL less than the floor is free
 * and the market does not open within HEALTH_EARLY_S; faults of the spool's
 * directory. */
int	health_open(struct health *h, const struct health_spec *spec,
	    struct fault *f);
/* For every second; over: disconnected because of the disk. */
void	health_turn(struct health *h, bool over);
/* The clock only, when rows go to a file. */
void	health_clock(struct health *h, struct drift *d);
void	health_status(const struct health *h, struct status *s);
/* Waits for a mail that is on its way, for some seconds. */
void	health_close(struct health *h);

enum { HEALTH_EARLY_S = 300 };	/* das-main tries again within 60 s */

#endif
