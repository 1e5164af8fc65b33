/*
 * model - a market that moves: seeded, reproducible, tick by tick
 *
 * Index spots follow a random walk with quiet and busy spells, futures carry,
 * options are priced from a smile by black.h, the depth has five levels, volume
 * only grows and open interest moves by what is traded.  Every instrument has
 * random numbers of its own, so that its ticks do not depend on which others
 * are watched.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdint.h>

#include "cal.h"
#include "fault.h"
#include "inst.h"
#include "tick.h"

struct model;

struct model_spec {
	uint64_t	 seed;
	int32_t		 day;
	double		 rate;		/* mean ticks per instrument and minute
					 * over the session; > 0 */
	const struct cal *cal;		/* sessions of the day; outlives the model */
};

/* set must be sorted and outlive the model.  EX_DATAERR: the day has no session
 * for any exchange in the set. */
int	model_open(struct model **m, const struct inst_set *set,
	    const struct model_spec *spec, struct fault *f);
void	model_close(struct model *m);

/* Starts making ticks of a token, from at_us on (wall time); -1: not in the set
 * or out of memory.  Watching twice is watching once.  When it is watched does
 * not change its ticks: those before at_us are made unseen. */
int	model_watch(struct model *m, uint32_t token, int64_t at_us);
void	model_unwatch(struct model *m, uint32_t token);

/* The next tick of all watched instruments in order of time: 1, *t (always of
 * the fullest kind) and *at_us; 0 when none of them has a tick left, which is
 * also so while nothing is watched.  model_end() is when the day's last session
 * closes. */
int	model_next(struct model *m, struct tick *t, int64_t *at_us);

/* When that is, without making it: 1 or 0. */
int	model_due(const struct model *m, int64_t *at_us);

int64_t	model_end(const struct model *m);	/* wall time, us */

/* The last known state of a watched token, as the broker sends it on subscribe:
 * before its first tick of the day that is the previous session's close, with
 * that session's times.  0 or -1. */
int	model_last(const struct model *m, uint32_t token, struct tick *t);

#endif
