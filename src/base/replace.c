#include <errno.h>
#include <signal.h>
#include <time.h>

#include "file.h"
#include "replace.h"

/* With mu held: waits for something to do; after a failure only for a second,
 * and when the end is near not at all. */
static void
await(struct replace *r)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec++;
	while (!r->quit && r->failing &&
	    pthread_cond_timedwait(&r->cv, &r->mu, &ts) == 0)
		;
	while (!r->quit && !r->waits)
		pthread_cond_wait(&r->cv, &r->mu);
}

static void *
writer(void *arg)
{
	struct replace *r = arg;
	struct buf b;
	struct fault f;
	bool quit, bad;

	pthread_mutex_lock(&r->mu);
	do {
		await(r);
		quit = r->quit;
		if (!r->waits)
			continue;
		b = r->next;
		r->next = (struct buf){ 0 };
		r->waits = false;
		r->writing = true;
		pthread_mutex_unlock(&r->mu);
		bad = file_put(r->path, 0666, b.p, b.len, &f) != 0;
		pthread_mutex_lock(&r->mu);
		r->writing = false;
		r->failing = bad;
		pthread_cond_broadcast(&r->done);
		if (bad)
			r->why = f;
		if (bad && !r->waits) {		/* nothing newer has come */
			buf_free(&r->next);
			r->next = b;
			r->waits = true;
		} else {
			buf_free(&b);
		}
	} while (!quit);
	pthread_mutex_unlock(&r->mu);
	return NULL;
}

int
replace_open(struct replace *r, const char *path, struct fault *f)
{
	pthread_condattr_t attr;
	sigset_t all, old;
	int e;

	*r = (struct replace){ .path = path };
	pthread_mutex_init(&r->mu, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->cv, &attr);
	pthread_cond_init(&r->done, &attr);
	pthread_condattr_destroy(&attr);
	sigfillset(&all);		/* signals are the main thread's */
	pthread_sigmask(SIG_SETMASK, &all, &old);
	e = pthread_create(&r->thread, NULL, writer, r);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (e != 0) {
		errno = e;
		return fault_sys(f, EX_OSERR, "%s: no thread", path);
	}
	r->running = true;
	return 0;
}

int
replace_put(struct replace *r, const void *p, size_t n)
{
	struct buf b = { 0 };

	if (buf_add(&b, p, n) != 0)
		return -1;
	pthread_mutex_lock(&r->mu);
	buf_free(&r->next);
	r->next = b;
	r->waits = true;
	pthread_cond_signal(&r->cv);
	pthread_mutex_unlock(&r->mu);
	return 0;
}

bool
replace_wait(struct replace *r, int ms)
{
	struct timespec ts;
	bool there;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec += ms / 1000;
	ts.tv_nsec += ms % 1000 * 1000000L;
	if (ts.tv_nsec >= 1000000000L) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&r->mu);
	while ((r->writing || (r->waits && !r->failing)) &&
	    pthread_cond_timedwait(&r->done, &r->mu, &ts) == 0)
		;
	there = !r->writing && !r->waits;
	pthread_mutex_unlock(&r->mu);
	return there;
}

bool
replace_failing(struct replace *r, struct fault *f)
{
	bool failing;

	pthread_mutex_lock(&r->mu);
	failing = r->failing;
	if (failing && f != NULL)
		*f = r->why;
	pthread_mutex_unlock(&r->mu);
	return failing;
}

int
replace_close(struct replace *r, struct fault *f)
{
	int rc = 0;

	if (!r->running)
		return 0;
	pthread_mutex_lock(&r->mu);
	r->quit = true;
	pthread_cond_signal(&r->cv);
	pthread_mutex_unlock(&r->mu);
	pthread_join(r->thread, NULL);
	r->running = false;
	if (r->waits) {
		if (f != NULL)
			*f = r->why;
		rc = -1;
	}
	buf_free(&r->next);
	pthread_cond_destroy(&r->cv);
	pthread_cond_destroy(&r->done);
	pthread_mutex_destroy(&r->mu);
	return rc;
}
