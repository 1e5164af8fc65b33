/*
 * simfault - what goes wrong at the simulated ticker, and when
 *
 * The schedule of das-sim --fault, and which faults are under way.  What they
 * do to connections is simfeed's affair, to frames spoil's.
 *
 * A fault begins when market time passes its moment.  One that happens once is
 * over with that.  The duration of a line fault is in market seconds, turned
 * into real ones by the speed of the market when it begins, because what it
 * tests are a client's real time-outs; that of the others is market time.
 */
#ifndef SIMFAULT_H
#define SIMFAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "spoil.h"

enum simfault_kind {
	/* once */
	SIMFAULT_RESET, SIMFAULT_CLOSE, SIMFAULT_CLOSEMID, SIMFAULT_ONELOST,
	SIMFAULT_BIG, SIMFAULT_TEXT, SIMFAULT_HTTP403,
	/* of the line, for a while */
	SIMFAULT_MUTE, SIMFAULT_HEARTBEATS, SIMFAULT_TRICKLE,
	SIMFAULT_NOANSWER, SIMFAULT_REFUSE, SIMFAULT_HTTP429,
	/* of subscriptions, for the rest of the day */
	SIMFAULT_FORGET, SIMFAULT_DOWNGRADE, SIMFAULT_DROPSOME,
	/* of frames: one, or for a while; enum spoil_kind follows from here */
	SIMFAULT_FRAMES,
	SIMFAULT_KINDS = SIMFAULT_FRAMES + SPOIL_KINDS
};

enum { SIMFAULT_MAX = 64 };	/* scheduled for a day */

struct simfault_event {
	enum simfault_kind kind;
	int64_t		 at_us;		/* of the day, market time */
	int64_t		 len_us;	/* 0: once, one frame */
	/* private */
	enum { SIMFAULT_AHEAD, SIMFAULT_ON, SIMFAULT_PAST } state;
	int64_t		 end_mono;	/* line faults: clk_mono() of the end */
	uint64_t	 frames;	/* spoilt by it */
};

struct simfault {		/* zeroed: nothing ever goes wrong */
	struct simfault_event v[SIMFAULT_MAX];	/* in order of at_us */
	size_t		 n;
	uint64_t	 begun;		/* so far */
	int64_t		 due_us;	/* of the day: when simfault_next() has
					 * something to do; INT64_MAX: never */
	/* private */
	unsigned	 on[SIMFAULT_KINDS];	/* under way, of each kind */
	unsigned	 frames_on;
	uint64_t	 spoilt[SPOIL_KINDS];	/* frames, of each kind */
};

/* NAME@HH:MM:SS[+SECONDS] into the schedule.  EX_USAGE. */
int	simfault_add(struct simfault *s, const char *text, struct fault *f);
/* The menu: the name of kind i, NULL behind the last one. */
const char *simfault_name(size_t i);

/*
 * What happens next at or before market time us of the day: true, and *e is the
 * one that begins; false: nothing (more).  speed: market seconds in a real one;
 * 0: a line fault lasts its seconds in real ones.  Those whose time is over end
 * here.
 */
bool	simfault_next(struct simfault *s, int64_t us, double speed,
	    struct simfault_event *e);
/* Is one of this kind under way? */
bool	simfault_is(const struct simfault *s, enum simfault_kind kind);
/* Is a line fault, which keeps ticks from all clients? */
bool	simfault_line(const struct simfault *s);

/* How the next frame is to be spoilt: true, turn counts the frames that were
 * spoilt this way before.  Several faults at once take turns. */
bool	simfault_spoils(struct simfault *s, enum spoil_kind *how,
	    uint64_t *turn);

#endif
