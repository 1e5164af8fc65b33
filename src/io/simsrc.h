/*
 * simsrc - where the simulated ticker's packets come from, and market time
 *
 * A market model, a capture of raw frames, or recorded rows of topic ticks.
 * Market time runs as the clock (clk) does, or is paced: so many market seconds
 * a real second from the start on, or as fast as items are taken.
 */
#ifndef SIMSRC_H
#define SIMSRC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cal.h"
#include "fault.h"
#include "inst.h"
#include "tick.h"

struct simsrc;

#define SIMSRC_MAX	(-1.0)	/* speed: as fast as items are taken */

struct simsrc_spec {
	/* a model, while both of these are NULL */
	const char	*capture;	/* a file */
	uint64_t	 repeat;	/* so often, one after the other, the
					 * times moved on; 0 is once too */
	const char	*rows;		/* a file */
	/* of the model */
	const struct inst_set *set;
	const struct cal *cal;
	uint64_t	 seed;
	double		 rate;
	int32_t		 day;
	/* market seconds in a real one; 0: a model runs with the clock, a
	 * recording as it was recorded */
	double		 speed;
};

struct simsrc_item {
	int64_t		 at_us;
	bool		 is_frame;	/* as captured, else a tick */
	bool		 text;		/* the frame is text */
	uint32_t	 conn;		/* that captured it, from 1 */
	const uint8_t	*p;		/* the frame, valid until the next call */
	size_t		 len;
	struct tick	 t;
};

enum simsrc_pace { SIMSRC_CLOCK, SIMSRC_PACED, SIMSRC_FREE };

/* Faults of model_open(), capture_r_open(), tsv.  On a day without a session
 * there are no ticks, and simsrc_over() at once. */
int	simsrc_open(struct simsrc **s, const struct simsrc_spec *spec,
	    struct fault *f);
void	simsrc_close(struct simsrc *s);

/* Paced time begins now, for a model at the open (or at the clock's time when
 * that is later and the day is today), for a recording with its first item.
 * Harmless when it began already. */
void	simsrc_start(struct simsrc *s);
int64_t	simsrc_now(const struct simsrc *s);	/* market time, us */
int32_t	simsrc_day(const struct simsrc *s);	/* a recording's own */
enum simsrc_pace simsrc_pace(const struct simsrc *s);
/* Market seconds in a real one; 0 at free pace, which has no such thing. */
double	simsrc_speed(const struct simsrc *s);

/* Begin and end to make ticks of a token; recordings do not care. */
void	simsrc_watch(struct simsrc *s, uint32_t token);
void	simsrc_unwatch(struct simsrc *s, uint32_t token);
/* The last known state of a watched token: 0, or -1 when there is none, as in
 * all recordings. */
int	simsrc_last(const struct simsrc *s, uint32_t token, struct tick *t);

/*
 * The next item that is due: 1; 0: none is, and *wait_us is for how many real
 * microseconds at least (INT64_MAX: nothing will be until something is watched
 * or simsrc_start()); -1: the recording cannot be read.
 */
int	simsrc_next(struct simsrc *s, struct simsrc_item *item,
	    int64_t *wait_us, struct fault *f);
/* The market is closed, the recording at its end. */
bool	simsrc_over(const struct simsrc *s);

#endif
