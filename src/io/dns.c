#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "dns.h"

enum { STACK = 512 * 1024 };

/*
 * Shared by the asker and its thread.  host and port do not change after the
 * thread has started; the rest is under mu.  Who comes last frees it: the thread
 * when the question was dropped before it was done, else the asker.
 */
struct dns {
	char		 host[256], port[8];
	int		 fd;		/* eventfd: done */
	pthread_mutex_t	 mu;
	bool		 done, dropped;
	int		 rc, err;	/* of getaddrinfo(), and its errno */
	struct addrinfo	*list;
};

static atomic_int pending;		/* threads that live */

static void
release(struct dns *d)
{
	if (d->list != NULL)
		freeaddrinfo(d->list);
	pthread_mutex_destroy(&d->mu);
	close(d->fd);
	free(d);
}

static void
look_up(struct dns *d, int flags)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV };
	struct addrinfo *list = NULL;
	int rc = getaddrinfo(d->host, d->port, &hints, &list), err = errno;
	bool dropped;

	if (rc == EAI_NONAME && (flags & AI_NUMERICHOST) != 0)
		return;			/* a name: not done */
	pthread_mutex_lock(&d->mu);
	d->rc = rc;
	d->err = err;
	d->list = rc == 0 ? list : NULL;
	d->done = true;
	(void)eventfd_write(d->fd, 1);	/* cannot overflow */
	dropped = d->dropped;
	pthread_mutex_unlock(&d->mu);
	if (dropped)
		release(d);
}

static void *
run(void *arg)
{
	look_up(arg, 0);
	atomic_fetch_sub(&pending, 1);
	return NULL;
}

/* Starts the thread; signals stay with the one that waits for them. */
static int
start(struct dns *d)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;
	int e;

	if (atomic_fetch_add(&pending, 1) >= DNS_PENDING) {
		atomic_fetch_sub(&pending, 1);
		return EBUSY;
	}
	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	e = pthread_create(&thread, &attr, run, d);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	if (e != 0)
		atomic_fetch_sub(&pending, 1);
	return e;
}

int
dns_ask(struct dns **out, const char *host, int port, struct fault *f)
{
	struct dns *d = calloc(1, sizeof(*d));
	int e;

	if (d == NULL || (d->fd = eventfd(0, EFD_CLOEXEC)) == -1) {
		free(d);
		return fault_sys(f, EX_TEMPFAIL, "resolving %s", host);
	}
	pthread_mutex_init(&d->mu, NULL);
	snprintf(d->host, sizeof(d->host), "%s", host);
	snprintf(d->port, sizeof(d->port), "%d", port);
	look_up(d, AI_NUMERICHOST);
	if (!d->done && (e = start(d)) != 0) {
		release(d);
		return e == EBUSY ? fault_set(f, EX_TEMPFAIL, "resolving %s: "
		    "%d questions are not answered yet", host, DNS_PENDING) :
		    fault_set(f, EX_TEMPFAIL, "resolving %s: %s", host,
		    strerror(e));
	}
	*out = d;
	return 0;
}

int
dns_fd(const struct dns *d)
{
	return d->fd;
}

int
dns_answer(struct dns *d, struct dns_addr out[DNS_ADDRS], struct fault *f)
{
	const struct addrinfo *a;
	bool done;
	int n = 0;

	pthread_mutex_lock(&d->mu);
	done = d->done;
	pthread_mutex_unlock(&d->mu);
	if (!done)
		return 0;
	for (a = d->list; a != NULL && n < DNS_ADDRS; a = a->ai_next) {
		if (a->ai_addrlen > sizeof(out[n].sa))
			continue;
		memcpy(&out[n].sa, a->ai_addr, a->ai_addrlen);
		out[n++].len = a->ai_addrlen;
	}
	if (n == 0)
		return fault_set(f, EX_TEMPFAIL, "resolving %.64s: %s; check "
		    "the network, /etc/resolv.conf and the name", d->host,
		    d->rc == EAI_SYSTEM ? strerror(d->err) : d->rc != 0 ?
		    gai_strerror(d->rc) : "no address");
	return n;
}

void
dns_drop(struct dns *d)
{
	bool done;

	if (d == NULL)
		return;
	pthread_mutex_lock(&d->mu);
	done = d->done;
	d->dropped = true;
	pthread_mutex_unlock(&d->mu);
	if (done)
		release(d);
}

