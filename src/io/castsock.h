/*
 * castsock - bytes from and to a client of das-cast, plain or over TLS
 */
#ifndef CASTSOCK_H
#define CASTSOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

struct castclient;

enum {				/* besides a count */
	CASTSOCK_AGAIN = -1,	/* when the socket has an event */
	CASTSOCK_OVER = -2,	/* the connection is */
	CASTSOCK_PLAIN = -3	/* it should speak TLS */
};

/*
 * Its first byte says whether it speaks TLS, which then begins.  1: bytes can
 * be read; the time of a handshake is taken from cast->shakes, and without any
 * left it is AGAIN with *more true.
 */
int	castsock_begin(struct castclient *c, bool *more);
/* Whether it has come through that. */
bool	castsock_ready(const struct castclient *c);
/* Bytes, 0 at the end, or as above. */
ssize_t	castsock_read(struct castclient *c, void *p, size_t n);
/* Bytes taken, or as above; what TLS has taken and the socket has not goes first
 * the next time, as long as castsock_held() is true. */
ssize_t	castsock_write(struct castclient *c, struct iovec *iov, int parts);
bool	castsock_held(const struct castclient *c);
/* No more will be sent.  CASTSOCK_OVER, or 0. */
int	castsock_shut(struct castclient *c);
void	castsock_close(struct castclient *c);

#endif
