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

#include <stddef.h>

#include "fault.h"

enum { WORKERS_MAX = 64, WORKERS_RESULT = 1024 };

struct workers {
	unsigned n;		/* processes, 1 to WORKERS_MAX; 1: ours does all */
	size_t	 jobs;		/* numbered from 0 */
	/* In each process that is made, before its first job, and at its end. */
	int	(*begin)(void *arg, struct fault *f);
	void	(*end)(void *arg);
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

#endif
