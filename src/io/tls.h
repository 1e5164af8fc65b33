/*
 * tls - the client's side of TLS over a socket that does not block (OpenSSL)
 *
 * The server's certificate is verified, its host name or address included.
 */
#ifndef TLS_H
#define TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "fault.h"

struct tls;			/* settings of any number of connections */
struct tls_conn;

/* What tls_handshake(), tls_read() and tls_write() give besides a count. */
enum {
	TLS_END = 0,		/* the other side closed, properly or not */
	TLS_FAIL = -1,		/* f says why */
	TLS_WANT_IN = -2,	/* again, when the socket can be read */
	TLS_WANT_OUT = -3	/* again, when it can be written */
};

/* cafile: "" for the system's certificates; EX_CONFIG when it cannot be read. */
int	tls_open(struct tls **t, const char *cafile, struct fault *f);
void	tls_close(struct tls *t);	/* after its connections; NULL is fine */

/* The socket stays the caller's.  EX_OSERR. */
int	tls_begin(struct tls_conn **c, struct tls *t, int fd,
	    const char *host, struct fault *f);
/* 1: done.  TLS_FAIL: EX_UNAVAILABLE the certificate does not verify,
 * EX_TEMPFAIL anything else. */
int	tls_handshake(struct tls_conn *c, struct fault *f);
/* Bytes, or as above; TLS_FAIL: EX_TEMPFAIL. */
ssize_t	tls_read(struct tls_conn *c, void *p, size_t n, struct fault *f);
ssize_t	tls_write(struct tls_conn *c, const void *p, size_t n,
	    struct fault *f);
/* Whether bytes have been taken off the socket that tls_read() has not given. */
bool	tls_pending(const struct tls_conn *c);
void	tls_end(struct tls_conn *c);	/* NULL is fine */

#endif
