#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "castclient.h"
#include "castsock.h"
#include "tlss.h"

enum { TLS_RECORD = 0x16 };	/* first byte of a ClientHello's record */

/* TLS, where there is a certificate and the client wants it. */
static int
choose(struct castclient *c)
{
	unsigned char first;
	ssize_t n;

	if (c->cast->tls == NULL) {
		c->begun = true;
		return 1;
	}
	n = recv(c->fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK ||
	    errno == EINTR))
		return CASTSOCK_AGAIN;
	if (n <= 0)
		return CASTSOCK_OVER;
	c->begun = true;
	if (first == TLS_RECORD)
		return (c->tls = tlss_begin(c->cast->tls, c->fd)) != NULL ?
		    1 : CASTSOCK_OVER;
	return c->secure ? CASTSOCK_PLAIN : 1;
}

int
castsock_begin(struct castclient *c, bool *more)
{
	int rc;

	*more = false;
	if (!c->begun && (rc = choose(c)) != 1)
		return rc;
	if (castsock_ready(c))
		return 1;
	if (c->cast->shakes == 0) {
		*more = true;
		return CASTSOCK_AGAIN;
	}
	c->cast->shakes--;
	rc = tlss_handshake(c->tls);
	return rc == 1 ? 1 : rc == TLSS_WAIT ? CASTSOCK_AGAIN : CASTSOCK_OVER;
}

bool
castsock_ready(const struct castclient *c)
{
	return c->begun && (c->tls == NULL || tlss_ready(c->tls));
}

ssize_t
castsock_read(struct castclient *c, void *p, size_t n)
{
	ssize_t got;

	if (c->tls != NULL) {
		got = tlss_read(c->tls, p, n);
		return got >= 0 ? got : got == TLSS_WAIT ? CASTSOCK_AGAIN :
		    CASTSOCK_OVER;
	}
	do
		got = recv(c->fd, p, n, MSG_DONTWAIT);
	while (got == -1 && errno == EINTR);
	return got >= 0 ? got : errno == EAGAIN || errno == EWOULDBLOCK ?
	    CASTSOCK_AGAIN : CASTSOCK_OVER;
}

ssize_t
castsock_write(struct castclient *c, struct iovec *iov, int parts)
{
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = (size_t)parts };
	ssize_t got;

	if (c->tls != NULL) {
		got = tlss_write(c->tls, iov, parts);
		return got >= 0 ? got : got == TLSS_WAIT ? CASTSOCK_AGAIN :
		    CASTSOCK_OVER;
	}
	do
		got = sendmsg(c->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (got == -1 && errno == EINTR);
	return got >= 0 ? got : errno == EAGAIN || errno == EWOULDBLOCK ||
	    errno == ENOBUFS || errno == ENOMEM ? CASTSOCK_AGAIN :
	    CASTSOCK_OVER;
}

bool
castsock_held(const struct castclient *c)
{
	return c->tls != NULL && tlss_held(c->tls);
}

int
castsock_shut(struct castclient *c)
{
	if (c->tls != NULL)
		tlss_bye(c->tls);
	return shutdown(c->fd, SHUT_WR) == -1 ? CASTSOCK_OVER : 0;
}

void
castsock_close(struct castclient *c)
{
	tlss_end(c->tls);
	c->tls = NULL;
	/* close() alone would leave it there while a process of castask, just
	 * begun, has the descriptor too. */
	(void)epoll_ctl(c->cast->epoll, EPOLL_CTL_DEL, c->fd, NULL);
	close(c->fd);
}
