#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "castclient.h"
#include "castline.h"
#include "castnet.h"
#include "castport.h"
#include "msg.h"
#include "num.h"
#include "tlss.h"

enum { BACKLOG = 4096, AT_ONCE = 256 };

static const int64_t SAY_US = 60 * US_PER_SEC;	/* the same thing again */

struct address {
	struct sockaddr_storage sa;
	socklen_t len;
	int port;
	bool loopback;
};

/* "127.0.0.1:8765" or "[::1]:8765". */
static int
read_address(const char *text, struct address *a, struct fault *f)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&a->sa;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&a->sa;
	const char *colon = strrchr(text, ':');
	char host[64];
	int64_t port;
	int n = colon != NULL ? (int)(colon - text) : 0;

	*a = (struct address){ 0 };
	if (n == 0 || n >= (int)sizeof(host) ||
	    num_i64(colon + 1, 0, 65535, &port) != 0)
		goto bad;
	a->port = (int)port;
	if (text[0] == '[' && text[n - 1] == ']') {
		snprintf(host, sizeof(host), "%.*s", n - 2, text + 1);
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		a->len = sizeof(*v6);
		if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
			goto bad;
		a->loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
		return 0;
	}
	snprintf(host, sizeof(host), "%.*s", n, text);
	v4->sin_family = AF_INET;
	v4->sin_port = htons((uint16_t)port);
	a->len = sizeof(*v4);
	if (inet_pton(AF_INET, host, &v4->sin_addr) != 1)
		goto bad;
	a->loopback = ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return 0;
bad:
	return fault_set(f, EX_CONFIG, "key castListen: '%s' is no address and "
	    "port like 127.0.0.1:8765 or [::1]:8765", text);
}

/* ---- listening ---- */

static int
port_of(int fd)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);

	if (getsockname(fd, (struct sockaddr *)&sa, &len) == -1)
		return 0;
	return ntohs(sa.ss_family == AF_INET6 ?
	    ((struct sockaddr_in6 *)&sa)->sin6_port :
	    ((struct sockaddr_in *)&sa)->sin_port);
}

/* The descriptor; -1 and errno. */
static int
listen_at(const struct address *a)
{
	int on = 1, e, fd = socket(a->sa.ss_family, SOCK_STREAM |
	    SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    (a->sa.ss_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == -1) ||
	    bind(fd, (const struct sockaddr *)&a->sa, a->len) == -1 ||
	    listen(fd, BACKLOG) == -1) {
		e = errno;
		close(fd);
		errno = e;
		return -1;
	}
	return fd;
}

/* Beyond this machine: everything must be there. */
static int
fit_for_all(const struct cast *k, const char *text, struct fault *f)
{
	static const char *const keys[] = { "castToken", "castCert",
	    "castKey" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (*conf_str(k->conf, keys[i]) == '\0')
			return fault_set(f, EX_CONFIG, "key castListen: %s is "
			    "beyond this machine, which wants castToken, "
			    "castCert and castKey: %s is missing", text,
			    keys[i]);
	return 0;
}

/* A certificate, or none. */
static int
open_tls(struct cast *k, struct fault *f)
{
	const char *cert = conf_str(k->conf, "castCert");
	const char *key = conf_str(k->conf, "castKey");

	if (*cert == '\0' && *key == '\0')
		return 0;
	if (*cert == '\0' || *key == '\0')
		return fault_set(f, EX_CONFIG, "key %s: is missing, %s is there",
		    *cert == '\0' ? "castCert" : "castKey",
		    *cert == '\0' ? "castKey" : "castCert");
	return tlss_open(&k->tls, cert, key, f);
}

static int
poll_it(struct castnet *n, struct cast *k, int fd, struct fault *f)
{
	struct epoll_event e = { .events = EPOLLIN };

	n->fd[n->n++] = fd;
	e.data.ptr = &n->fd[n->n - 1];
	if (epoll_ctl(k->epoll, EPOLL_CTL_ADD, fd, &e) == -1)
		return fault_sys(f, EX_OSERR, "epoll");
	return 0;
}

static int
add(struct castnet *n, struct cast *k, const char *text, struct fault *f)
{
	struct address a;
	char who[128];
	int fd;

	if (read_address(text, &a, f) != 0)
		return -1;
	if (!a.loopback && fit_for_all(k, text, f) != 0)
		return -1;
	if ((fd = listen_at(&a)) == -1) {
		if (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT) {
			msg_warn("%s", text);
			return 0;
		}
		if (errno != EADDRINUSE)
			return fault_sys(f, EX_OSERR, "%s", text);
		castport_holder(a.port, who, sizeof(who));
		return fault_set(f, EX_UNAVAILABLE, "%s: the port is taken by "
		    "%s", text, who);
	}
	n->secure[n->n] = !a.loopback;
	if (poll_it(n, k, fd, f) != 0)
		return -1;
	if (k->port == 0)
		k->port = port_of(fd);
	msg_warnx("listens on %.*s:%d", (int)(strrchr(text, ':') - text), text,
	    port_of(fd));
	return 0;
}

static int
add_lines(struct castnet *n, struct cast *k, struct fault *f)
{
	const char *path = conf_str(k->conf, "castSocket");
	int fd;

	if (*path == '\0')
		return 0;
	if ((fd = castline_listen(path, f)) == -1)
		return -1;
	n->lines = (int)n->n;
	if (poll_it(n, k, fd, f) != 0)
		return -1;
	msg_warnx("listens on %s", path);
	return 0;
}

int
castnet_open(struct castnet *n, struct cast *k, struct fault *f)
{
	const char *text;

	*n = (struct castnet){ .lines = -1 };
	if (open_tls(k, f) != 0)
		return -1;
	for (size_t i = 0; (text = conf_item(k->conf, "castListen", i)) != NULL;
	    i++) {
		if (n->n == CASTNET_MAX) {
			fault_set(f, EX_CONFIG, "key castListen: more than %d "
			    "addresses", CASTNET_MAX);
			goto bad;
		}
		if (add(n, k, text, f) != 0)
			goto bad;
	}
	if (n->n == 0)
		fault_set(f, EX_CONFIG, "key castListen: no address is left");
	else if (add_lines(n, k, f) == 0)
		return 0;
bad:
	castnet_close(n, k);
	return -1;
}

void
castnet_close(struct castnet *n, const struct cast *k)
{
	if (n->lines != -1)		/* it is the last */
		castline_unlink(conf_str(k->conf, "castSocket"),
		    n->fd[--n->n]);
	n->lines = -1;
	while (n->n > 0)
		close(n->fd[--n->n]);
}

/* Without descriptors epoll would give the listeners again and again. */
static void
poll_listeners(struct castnet *n, struct cast *k, bool on)
{
	struct epoll_event e = { .events = on ? EPOLLIN : 0 };

	for (size_t i = 0; i < n->n; i++) {
		e.data.ptr = &n->fd[i];
		(void)epoll_ctl(k->epoll, EPOLL_CTL_MOD, n->fd[i], &e);
	}
	n->tired = !on;
}

/* Whether accept() may be called again at once after this errno. */
static bool
try_again(struct castnet *n, struct cast *k, int e)
{
	if (e == EMFILE || e == ENFILE || e == ENOBUFS || e == ENOMEM) {
		if (n->said_us == 0 || k->now - n->said_us > SAY_US)
			msg_warn("%zu clients", k->nclient);
		n->said_us = k->now;
		poll_listeners(n, k, false);
		return false;
	}
	/* accept(2): what was wrong with that connection is told here */
	return e != EAGAIN && e != EWOULDBLOCK && e != EBADF && e != EINVAL;
}

static void
turn_away(struct castnet *n, struct cast *k, int s, int which)
{
	static const char full[] = "HTTP/1.1 503 Service Unavailable\r\n"
	    "Content-Length: 0\r\nConnection: close\r\n\r\n";

	if (!n->secure[which] && which != n->lines)
		(void)send(s, full, sizeof(full) - 1, MSG_NOSIGNAL);
	close(s);
	k->count.refused++;
	if (!n->full)
		msg_warnx("%zu clients, as many as may be (castMaxClients)",
		    k->nclient);
	n->full = true;
}

static void
take_in(struct castnet *n, struct cast *k, int s, int which,
    const struct sockaddr_storage *from)
{
	static const unsigned gone_ms = 60000;	/* no answer from TCP */
	struct castpeer *peer;
	struct castclient *c;
	int on = 1;

	if (castpeer_take(&k->peers, from, k->max_address, &peer) != 0) {
		k->count.refused++;
		close(s);
		return;
	}
	if (which != n->lines) {
		/* A reply does not wait for the row behind it. */
		(void)setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		(void)setsockopt(s, IPPROTO_TCP, TCP_USER_TIMEOUT, &gone_ms,
		    sizeof(gone_ms));
	}
	c = castclient_new(k, s, n->secure[which]);
	if (c == NULL) {
		castpeer_drop(peer);
		return;
	}
	c->peer = peer;
	if (which == n->lines)
		castline_open(c);
}

void
castnet_accept(struct castnet *n, const int *fd, struct cast *k)
{
	struct sockaddr_storage from = { 0 };
	int which = (int)(fd - n->fd), s;
	socklen_t len;

	for (int i = 0; i < AT_ONCE; i++) {
		len = sizeof(from);
		s = accept4(*fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK |
		    SOCK_CLOEXEC);
		if (s == -1 && try_again(n, k, errno))
			continue;
		if (s == -1)
			return;
		if (k->nclient >= k->max) {
			turn_away(n, k, s, which);
			continue;
		}
		n->full = n->full && k->nclient + k->max / 10 >= k->max;
		take_in(n, k, s, which, &from);
	}
}

void
castnet_tick(struct castnet *n, struct cast *k)
{
	struct fault f;
	int rc;

	if (n->tired)
		poll_listeners(n, k, true);
	if (k->tls == NULL || (rc = tlss_renew(k->tls, &f)) == 0)
		return;
	if (rc == 1)
		msg_warnx("castCert: the new one is used from now on");
	else
		msg_warnx("%s; the certificate of before stays", f.text);
}
