/*
 * tlss - the server's side of TLS over sockets that do not block (OpenSSL)
 *
 * tls.h is the other side.  TLS 1.2 and 1.3 without tickets, sessions kept, or
 * renegotiation: a connection costs what it holds itself, and nothing else.
 */
#ifndef TLSS_H
#define TLSS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "fault.h"

struct tlss;			/* a certificate, its key, and where they are */
struct tlss_conn;

/* What the calls below give besides a count. */
enum {
	TLSS_END = 0,		/* the other side closed */
	TLSS_FAIL = -1,		/* it is over */
	TLSS_WAIT = -2		/* again, when the socket has an event */
};

/* Both PEM; cert with what leads to its issuer behind it.  EX_CONFIG: one cannot
 * be read, is none, they do not belong together, or others may read the key. */
int	tlss_open(struct tlss **t, const char *cert, const char *key,
	    struct fault *f);
void	tlss_close(struct tlss *t);	/* its connections go on; NULL is fine */
/* Looks whether the files are others: 1 connections from now on have the new
 * ones; 0 they are not; -1 they are, and what is wrong with them, said once:
 * the old ones stay. */
int	tlss_renew(struct tlss *t, struct fault *f);
/* Is the certificate good for that name? */
bool	tlss_named(const struct tlss *t, const char *host);

/* NULL: out of memory.  The socket stays the caller's. */
struct tlss_conn *tlss_begin(struct tlss *t, int fd);
void	tlss_end(struct tlss_conn *c);	/* NULL is fine */
/* 1: done. */
int	tlss_handshake(struct tlss_conn *c);
bool	tlss_ready(const struct tlss_conn *c);
/* Bytes, or as above. */
ssize_t	tlss_read(struct tlss_conn *c, void *p, size_t n);
/*
 * Bytes taken, or as above.  What is taken goes out some time: as long as there
 * is some of it that the socket has not got, tlss_held() is true, and the next
 * call, perhaps with nothing, begins with it.
 */
ssize_t	tlss_write(struct tlss_conn *c, const struct iovec *iov, int parts);
bool	tlss_held(const struct tlss_conn *c);
/* Says that no more will come, as far as the socket takes it. */
void	tlss_bye(struct tlss_conn *c);

#endif
