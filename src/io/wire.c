#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clk.h"
#include "wire.h"

#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72		/* since Linux 5.14 */
#endif

/* ---- TCP ---- */

/*
 * Asks for a large receive buffer, and where the kernel gives less, lets it
 * grow by itself again, which asking has put an end to.
 */
static void
make_room(int fd)
{
	int size = WIRE_BUFFER, given = 0, none = 0;
	socklen_t len = sizeof(given);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) == 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &given, &len) == 0 &&
	    given < size)
		(void)setsockopt(fd, SOL_SOCKET, SO_BUF_LOCK, &none,
		    sizeof(none));
}

/* Starts connecting to the next address; the socket is -1 where that fails. */
static void
try_next(struct wire *w)
{
	const struct dns_addr *a = &w->addr[w->tried++];
	int on = 1, ms = WIRE_LOST_S * 1000;

	if (w->fd != -1)
		close(w->fd);
	w->give_up = w->tried == w->addrs ? w->due : clk_mono() +
	    WIRE_NEXT_S * US_PER_SEC;
	w->fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);
	if (w->fd != -1) {
		make_room(w->fd);
		(void)setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &on,
		    sizeof(on));
		(void)setsockopt(w->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms,
		    sizeof(ms));
		if (connect(w->fd, (const struct sockaddr *)&a->sa,
		    a->len) == 0 || errno == EINPROGRESS)
			return;
	}
	w->error = errno;
	if (w->fd != -1)
		close(w->fd);
	w->fd = -1;
}

/* Whether the connection stands: 1, 0 not yet, -1 no, the error says why. */
static int
connected(struct wire *w)
{
	struct pollfd p = { .fd = w->fd, .events = POLLOUT };
	socklen_t len = sizeof(w->error);

	if (w->fd == -1)
		return -1;
	if (poll(&p, 1, 0) <= 0) {
		w->error = ETIMEDOUT;
		return clk_mono() < w->give_up ? 0 : -1;
	}
	if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &w->error, &len) == -1)
		w->error = errno;
	return w->error == 0 ? 1 : -1;
}

/* ---- the steps ---- */

static void
next_step(struct wire *w, enum wire_state state)
{
	w->state = state;
	w->due = clk_mono() + WIRE_STEP_S * US_PER_SEC;
}

int
wire_dial(struct wire *w, const char *host, int port, struct tls *tls,
    struct fault *f)
{
	*w = (struct wire){ .settings = tls, .fd = -1 };
	snprintf(w->host, sizeof(w->host), "%s", host);
	if (dns_ask(&w->dns, host, port, f) != 0)
		return -1;
	next_step(w, WIRE_DNS);
	return 0;
}

static int
step_dns(struct wire *w, struct fault *f)
{
	int n = dns_answer(w->dns, w->addr, f);

	if (n == 0 && clk_mono() >= w->due)
		return fault_set(f, EX_TEMPFAIL, "resolving %.64s: no answer "
		    "for %d s; check the network and /etc/resolv.conf",
		    w->host, WIRE_STEP_S);
	if (n <= 0)
		return n;
	dns_drop(w->dns);
	w->dns = NULL;
	w->addrs = n;
	next_step(w, WIRE_TCP);
	try_next(w);
	return 1;
}

static int
step_tcp(struct wire *w, struct fault *f)
{
	int rc;

	while ((rc = connected(w)) == -1 && w->tried < w->addrs)
		try_next(w);
	if (rc == -1 && w->error == ETIMEDOUT)
		return fault_set(f, EX_TEMPFAIL, "no connection within %d s; "
		    "check the network and the firewall", WIRE_STEP_S);
	if (rc == -1)
		return fault_set(f, EX_TEMPFAIL, "no connection: %s",
		    strerror(w->error));
	if (rc == 0)
		return 0;
	if (w->settings == NULL) {
		next_step(w, WIRE_OPEN);
		return 1;
	}
	next_step(w, WIRE_TLS);
	return tls_begin(&w->tls, w->settings, w->fd, w->host, f) == 0 ? 1 : -1;
}

static int
step_tls(struct wire *w, struct fault *f)
{
	int rc = tls_handshake(w->tls, f);

	w->want_out = rc == TLS_WANT_OUT;
	if (rc == TLS_FAIL)
		return -1;
	if (rc == TLS_END)
		return fault_set(f, EX_TEMPFAIL, "connection lost before TLS "
		    "was agreed on");
	if (rc == 1)
		next_step(w, WIRE_OPEN);
	else if (clk_mono() >= w->due)
		return fault_set(f, EX_TEMPFAIL, "TLS is not agreed on within "
		    "%d s", WIRE_STEP_S);
	return rc == 1;
}

int
wire_step(struct wire *w, struct fault *f)
{
	int rc = 1;

	while (rc == 1 && w->state != WIRE_OPEN)
		rc = w->state == WIRE_DNS ? step_dns(w, f) :
		    w->state == WIRE_TCP ? step_tcp(w, f) : step_tls(w, f);
	return rc;
}

int64_t
wire_due(const struct wire *w)
{
	return w->state == WIRE_OPEN ? INT64_MAX :
	    w->state == WIRE_TCP ? w->give_up : w->due;
}

int
wire_fd(const struct wire *w)
{
	return w->state == WIRE_DNS ? dns_fd(w->dns) : w->fd;
}

short
wire_events(const struct wire *w, bool out)
{
	switch (w->state) {
	case WIRE_DNS:
		return POLLIN;
	case WIRE_TCP:
		return POLLOUT;
	case WIRE_TLS:
		return w->want_out ? POLLOUT : POLLIN;
	default:
		return POLLIN | ((out && !w->want_in) || w->want_out ?
		    POLLOUT : 0);
	}
}

bool
wire_pending(const struct wire *w)
{
	return w->state == WIRE_OPEN && w->tls != NULL && tls_pending(w->tls);
}

/* ---- bytes ---- */

/* The socket gave rc, with errno. */
static ssize_t
plain(ssize_t rc, bool reading, struct fault *f)
{
	if (rc > 0)
		return rc;
	if (rc == -1 && (errno == EAGAIN || errno == EWOULDBLOCK ||
	    errno == EINTR))
		return 0;
	if (rc == 0 && !reading)
		return 0;
	return rc == 0 ? fault_set(f, EX_TEMPFAIL, "connection lost") :
	    fault_sys(f, EX_TEMPFAIL, "connection lost");
}

/* TLS gave rc, and f where that is TLS_FAIL. */
static ssize_t
secure(ssize_t rc, struct fault *f)
{
	struct fault why;

	if (rc > 0)
		return rc;
	if (rc == TLS_WANT_IN || rc == TLS_WANT_OUT)
		return 0;
	if (rc == TLS_END)
		return fault_set(f, EX_TEMPFAIL, "connection lost");
	why = *f;
	return fault_set(f, EX_TEMPFAIL, "connection lost: %.150s", why.text);
}

ssize_t
wire_read(struct wire *w, void *p, size_t n, struct fault *f)
{
	size_t have = 0;
	ssize_t rc;

	if (w->tls == NULL)
		return plain(recv(w->fd, p, n, 0), true, f);
	/* A record holds 16 KB at most: as many as there is room for. */
	do
		rc = tls_read(w->tls, (char *)p + have, n - have, f);
	while (rc > 0 && (have += (size_t)rc) < n);
	w->want_in = false;
	w->want_out = rc == TLS_WANT_OUT;
	/* If it is over, so it is next time. */
	return have > 0 ? (ssize_t)have : secure(rc, f);
}

ssize_t
wire_write(struct wire *w, const void *p, size_t n, struct fault *f)
{
	ssize_t rc;

	if (w->tls == NULL)
		return plain(send(w->fd, p, n, MSG_NOSIGNAL), false, f);
	rc = tls_write(w->tls, p, n, f);
	w->want_in = rc == TLS_WANT_IN;
	return secure(rc, f);
}

void
wire_close(struct wire *w)
{
	if (w->state == WIRE_CLOSED)
		return;
	tls_end(w->tls);
	dns_drop(w->dns);
	if (w->fd != -1)
		close(w->fd);
	*w = (struct wire){ .fd = -1 };
}
