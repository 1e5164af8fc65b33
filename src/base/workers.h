/*
 * workers - numbered jobs, done by several processes at once
 *
 * Each process takes the next job that nobody has; results come back over a pipe.
 * Processes share nothing: each opens what it needs in begin(), and must leave
 * alone what our process has open (a connection to a server, say).  When ours
 * dies they die with it.
 */
#ifndef WORKERS_H
#define WORKERS_H

#include <pthread.h>
#include <stddef.h>

#include "fault.h"

enum { WORKERS_MAX = 64, WORKERS_RESULT = 1024 };

struct workers {
	unsigned n;		/* processes, 1 to WORKERS_MAX; 1: ours does all */
	size_t	 jobs;		/* numbered from 0 */
	/* In each process that is made, before its first job, and behind its last,
	 * also one that failed; -1 ends all of them. */
	int	(*begin)(void *arg, struct fault *f);
	int	(*end)(void *arg, struct fault *f);
	/* There too: job i, its result to *result (WORKERS_RESULT bytes).  -1 ends
	 * all of them. */
	int	(*job)(size_t i, void *result, void *arg, struct fault *f);
	/* In ours, for each job in whatever order they end; 0, or -1 to end all,
	 * as when a stop was asked for. */
	int	(*done)(size_t i, const void *result, void *arg,
		    struct fault *f);
	void	*arg;
};

/* 0: all jobs are done.  -1: what the first to fail said; EX_TEMPFAIL no more
 * processes, or one has died. */
int	workers_run(const struct workers *w, struct fault *f);

/* Memory of n bytes, zeroed, that all processes of a later workers_run() see;
 * kept until the program ends.  NULL: EX_TEMPFAIL. */
void	*workers_share(size_t n, struct fault *f);

/* What only one of the processes may do at a time: in memory that they share. */
struct workers_turn {
	pthread_mutex_t	 m;
};

/* Before workers_run(); EX_TEMPFAIL, as what follows. */
int	workers_turn_init(struct workers_turn *t, struct fault *f);
/* Waits for its turn; -1: who had it has died. */
int	workers_turn_take(struct workers_turn *t, struct fault *f);
void	workers_turn_give(struct workers_turn *t);

#endif
