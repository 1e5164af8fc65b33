#include <errno.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stop.h"
#include "workers.h"

/* What a process says: shorter than PIPE_BUF, so that it arrives in one piece. */
struct word {
	enum { DONE, FAILED } what;
	size_t	 i;			/* DONE: which job, and its result */
	union {
		alignas(max_align_t) char result[WORKERS_RESULT];
		struct fault fault;	/* FAILED */
	} u;
};

struct run {
	const struct workers *w;
	pid_t		 parent;
	atomic_size_t	*next;		/* job that nobody has, for all processes */
	int		 pipe[2];
	pid_t		 pid[WORKERS_MAX];
	unsigned	 n;
};

/* False when nobody listens any more. */
static bool
say(const struct run *r, const struct word *d)
{
	ssize_t n;

	do
		n = write(r->pipe[1], d, sizeof(*d));
	while (n == -1 && errno == EINTR);
	return n == (ssize_t)sizeof(*d);
}

_Noreturn static void
work(const struct run *r)
{
	const struct workers *w = r->w;
	struct word d = { .what = DONE };
	struct fault f;
	bool ok;

	close(r->pipe[0]);
	/* With our parent goes what it has locked, and we with it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != r->parent)
		_exit(1);
	if ((ok = w->begin(w->arg, &d.u.fault) == 0)) {
		while ((d.i = atomic_fetch_add(r->next, 1)) < w->jobs) {
			if ((ok = w->job(d.i, d.u.result, w->arg, &f) == 0)) {
				if (!say(r, &d))
					break;
				continue;
			}
			d.u.fault = f;
			break;
		}
		if (w->end(w->arg, &f) != 0 && ok) {
			ok = false;
			d.u.fault = f;
		}
	}
	if (!ok) {
		d.what = FAILED;
		(void)say(r, &d);	/* the exit status says it too */
	}
	_exit(ok ? 0 : 1);
}

static int
start(struct run *r, struct fault *f)
{
	for (r->n = 0; r->n < r->w->n; r->n++) {
		pid_t pid = fork();

		if (pid == 0)
			work(r);
		if (pid == -1)
			return r->n > 0 ? 0 : fault_sys(f, EX_TEMPFAIL,
			    "a process for the work");
		r->pid[r->n] = pid;
	}
	return 0;
}

/* Takes what they say until none is left that could say more. */
static int
listen_to(const struct run *r, struct fault *f)
{
	const struct workers *w = r->w;
	struct word d;
	size_t done = 0;
	ssize_t n;

	while ((n = read(r->pipe[0], &d, sizeof(d))) != 0) {
		if (n == -1 && errno == EINTR) {
			if (stop_asked())
				return fault_set(f, EX_TEMPFAIL, "stopped; run "
				    "it again");
			continue;
		}
		if (n != (ssize_t)sizeof(d))
			return fault_sys(f, EX_TEMPFAIL, "the work");
		if (d.what == FAILED) {
			if (f != NULL)
				*f = d.u.fault;
			return -1;
		}
		if (w->done(d.i, d.u.result, w->arg, f) != 0)
			return -1;
		done++;
	}
	return done == w->jobs ? 0 : fault_set(f, EX_TEMPFAIL, "%zu of %zu jobs "
	    "are not done: a process has died", w->jobs - done, w->jobs);
}

/* Waits for all; those that are still at work are ended first when rc is not
 * 0. */
static void
finish(const struct run *r, int rc)
{
	for (unsigned i = 0; rc != 0 && i < r->n; i++)
		kill(r->pid[i], SIGKILL);
	for (unsigned i = 0; i < r->n; i++)
		while (waitpid(r->pid[i], NULL, 0) == -1 && errno == EINTR)
			;
}

static int
alone(const struct workers *w, struct fault *f)
{
	alignas(max_align_t) char result[WORKERS_RESULT];

	for (size_t i = 0; i < w->jobs; i++)
		if (w->job(i, result, w->arg, f) != 0 ||
		    w->done(i, result, w->arg, f) != 0)
			return -1;
	return 0;
}

void *
workers_share(size_t n, struct fault *f)
{
	void *p = mmap(NULL, n > 0 ? n : 1, PROT_READ | PROT_WRITE, MAP_SHARED |
	    MAP_ANONYMOUS, -1, 0);

	if (p != MAP_FAILED)
		return p;
	fault_sys(f, EX_TEMPFAIL, "memory for the work");
	return NULL;
}

int
workers_turn_init(struct workers_turn *t, struct fault *f)
{
	pthread_mutexattr_t a;
	int e = pthread_mutexattr_init(&a);

	if (e == 0) {
		pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
		pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
		e = pthread_mutex_init(&t->m, &a);
		pthread_mutexattr_destroy(&a);
	}
	errno = e;
	return e == 0 ? 0 : fault_sys(f, EX_TEMPFAIL, "a lock for the work");
}

int
workers_turn_take(struct workers_turn *t, struct fault *f)
{
	int e = pthread_mutex_lock(&t->m);

	errno = e;
	return e == 0 ? 0 : fault_sys(f, EX_TEMPFAIL, "a lock of the work");
}

void
workers_turn_give(struct workers_turn *t)
{
	(void)pthread_mutex_unlock(&t->m);	/* ours, so it cannot fail */
}

int
workers_run(const struct workers *w, struct fault *f)
{
	struct run r = { .w = w, .parent = getpid() };
	int rc;

	if (w->n <= 1)
		return alone(w, f);
	if ((r.next = workers_share(sizeof(*r.next), f)) == NULL)
		return -1;
	atomic_init(r.next, 0);
	if (pipe2(r.pipe, 0) == -1) {
		rc = fault_sys(f, EX_TEMPFAIL, "the work");
		goto out;
	}
	rc = start(&r, f);
	close(r.pipe[1]);
	if (rc == 0)
		rc = listen_to(&r, f);
	close(r.pipe[0]);
	finish(&r, rc);
out:
	munmap((void *)r.next, sizeof(*r.next));
	return rc;
}
