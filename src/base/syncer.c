#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "syncer.h"

enum { BLOCK = 64 * 1024 };

/* Writes what the disk may not have once more, the same bytes.  0 or errno. */
static int
write_again(const struct syncer_file *x)
{
	char path[40], block[BLOCK];
	uint64_t at = x->synced;
	ssize_t n = 1, done = 0;
	int fd, e = 0;

	/* with another offset: the file itself only appends */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", x->fd);
	if ((fd = open(path, O_RDWR | O_CLOEXEC)) == -1)
		return errno;
	for (; at < x->size && n > 0; at += (uint64_t)done) {
		n = pread(fd, block, x->size - at < BLOCK ? x->size - at :
		    BLOCK, (off_t)at);
		done = n > 0 ? pwrite(fd, block, (size_t)n, (off_t)at) : n;
		if (done <= 0)
			break;
	}
	if (at < x->size)
		e = done == -1 ? errno : EIO;
	close(fd);
	return e;
}

/* 0: the disk has it; else errno, and it is to be tried again. */
static int
sync_file(struct syncer_file *x)
{
	int e;

	if (x->again && (e = write_again(x)) != 0)
		return e;
	x->again = fdatasync(x->fd) == -1;
	if (x->again)
		return errno;
	x->synced = x->size;
	return 0;
}

/* What is to be done in one round, and what became of it. */
struct round {
	struct syncer_file file, old[SYNCER_OLD_MAX];
	int	nold, error;
	bool	dirty, dirsync;
};

static void
sync_all(struct round *r, int dirfd)
{
	int e, kept = 0;

	for (int i = 0; i < r->nold; i++) {
		if ((e = sync_file(&r->old[i])) == 0) {
			close(r->old[i].fd);	/* nothing is left to fail */
			continue;
		}
		r->error = e;
		r->old[kept++] = r->old[i];
	}
	r->nold = kept;
	if (r->dirty && (e = sync_file(&r->file)) != 0)
		r->error = e;
	if (r->dirsync && fsync(dirfd) == -1)
		r->error = errno;
}

/* Under the lock: takes the work, */
static void
take(struct syncer *s, struct round *r)
{
	*r = (struct round){ .file = s->file, .dirty = s->dirty,
	    .dirsync = s->dirsync, .nold = s->nold };
	memcpy(r->old, s->old, sizeof(r->old));
	s->hurry = false;
	s->taken = s->nold;
	s->nold = 0;
	s->dirty = s->dirsync = false;
}

/* and gives back what was not done.  Meanwhile the file may have grown, or have
 * become an old one. */
static void
give_back(struct syncer *s, const struct round *r)
{
	struct syncer_file *x = s->file.fd == r->file.fd ? &s->file : NULL;

	for (int i = 0; x == NULL && i < s->nold; i++)
		if (s->old[i].fd == r->file.fd)
			x = &s->old[i];
	if (x != NULL && r->dirty) {
		x->synced = r->file.synced;
		x->again = r->file.again;
	}
	memcpy(&s->old[s->nold], r->old, (size_t)r->nold * sizeof(*r->old));
	s->nold += r->nold;
	s->taken = 0;
	s->error = r->error;
	if (r->error != 0) {
		s->dirty |= r->dirty;
		s->dirsync |= r->dirsync;
	}
}

static void *
run(void *arg)
{
	struct syncer *s = arg;
	struct timespec ts;
	struct round r;
	bool quit;

	do {
		pthread_mutex_lock(&s->mu);
		clock_gettime(CLOCK_MONOTONIC, &ts);
		ts.tv_sec++;
		while (!s->quit && !s->hurry &&
		    pthread_cond_timedwait(&s->cv, &s->mu, &ts) == 0)
			;
		quit = s->quit;
		take(s, &r);
		pthread_mutex_unlock(&s->mu);
		sync_all(&r, s->dirfd);
		pthread_mutex_lock(&s->mu);
		give_back(s, &r);
		pthread_mutex_unlock(&s->mu);
	} while (!quit);
	return NULL;
}

int
syncer_start(struct syncer *s, int fd, uint64_t size, int dirfd,
    struct fault *f)
{
	pthread_condattr_t attr;
	int e;

	*s = (struct syncer){ .dirfd = dirfd, .file = { .fd = fd,
	    .size = size } };
	pthread_mutex_init(&s->mu, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->cv, &attr);
	pthread_condattr_destroy(&attr);
	if ((e = pthread_create(&s->thread, NULL, run, s)) != 0) {
		errno = e;
		return fault_sys(f, EX_OSERR, "no thread");
	}
	s->runs = true;
	return 0;
}

void
syncer_wrote(struct syncer *s, uint64_t size)
{
	if (!s->runs)
		return;
	pthread_mutex_lock(&s->mu);
	s->file.size = size;
	s->dirty = true;
	pthread_mutex_unlock(&s->mu);
}

int
syncer_error(struct syncer *s)
{
	int e;

	if (!s->runs)
		return 0;
	pthread_mutex_lock(&s->mu);
	e = s->error;
	pthread_mutex_unlock(&s->mu);
	return e;
}

bool
syncer_can_change(struct syncer *s)
{
	bool can = !s->runs;

	for (int ms = 0; !can && ms < SYNCER_WAIT_MS; ms += 5) {
		pthread_mutex_lock(&s->mu);
		can = s->nold + s->taken < SYNCER_OLD_MAX;
		s->hurry = !can;
		pthread_cond_signal(&s->cv);
		pthread_mutex_unlock(&s->mu);
		if (!can)
			usleep(5000);
	}
	return can;
}

void
syncer_change(struct syncer *s, int fd, uint64_t size)
{
	pthread_mutex_lock(&s->mu);
	s->old[s->nold++] = s->file;
	s->file = (struct syncer_file){ .fd = fd, .size = size };
	s->dirty = s->dirsync = true;
	/* at once: a power cut now would leave a hole between the two */
	s->hurry = true;
	pthread_cond_signal(&s->cv);
	pthread_mutex_unlock(&s->mu);
}

int
syncer_stop(struct syncer *s)
{
	int e;

	if (!s->runs)
		return 0;
	pthread_mutex_lock(&s->mu);
	s->quit = true;
	pthread_cond_signal(&s->cv);
	pthread_mutex_unlock(&s->mu);
	pthread_join(s->thread, NULL);
	pthread_cond_destroy(&s->cv);
	pthread_mutex_destroy(&s->mu);
	for (int i = 0; i < s->nold; i++)
		close(s->old[i].fd);
	e = s->error;
	*s = (struct syncer){ 0 };
	return e;
}
