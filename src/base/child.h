/*
 * child - a program that runs beside this one, for a bounded time
 *
 * Without a shell, in a process group of its own.  Its standard input is what
 * it is given, or nothing; its standard output goes to our stderr.  Nothing
 * here waits, except child_end(): start it, then poll it every second or so.
 */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fault.h"

enum { CHILD_GRACE_S = 2 };	/* from SIGTERM to SIGKILL */

struct child {			/* zeroed: none runs */
	int	 status;	/* exit status of the last one; 128 and the
				 * signal's number when one ended it */
	/* private */
	pid_t	 pid;		/* 0: none */
	int64_t	 due;		/* clk_mono() of the next signal */
	int	 seconds;	/* it may run */
	int	 signal;	/* that we sent, 0 none */
	char	 name[64];
};

/*
 * Starts argv[0], looked for in PATH, with argv (NULL at its end) and the n
 * bytes at input; it is ended after so many seconds.  -1: it cannot be started,
 * the text says why (EX_UNAVAILABLE there is no such program, EX_OSERR); also
 * when one runs already (EX_TEMPFAIL).
 */
int	child_start(struct child *c, const char *const *argv,
	    const void *input, size_t n, int seconds, struct fault *f);
/* Looks after it: 1 it runs still; 0 it has ended with status 0, or there is
 * none; -1, once, it has ended otherwise: f has its name, its status, and that
 * as the code (EX_SOFTWARE for a signal). */
int	child_poll(struct child *c, struct fault *f);
bool	child_runs(const struct child *c);
/* Ends it with all its group; waits for that, at most twice CHILD_GRACE_S. */
void	child_end(struct child *c);

#endif
