/*
 * smtp - mails to a server with libcurl
 *
 * smtps:// is TLS from the start; smtp:// must turn to TLS by STARTTLS, except
 * to loopback, where that happens only when a cafile says whom to trust.  The
 * certificate and its host name are verified.  Login (AUTH) with user and
 * password where the password is not "".  Every wait is bounded and ends when
 * a stop is asked for.  No message has a password in it.
 */
#ifndef SMTP_H
#define SMTP_H

#include <stdio.h>

#include "buf.h"
#include "fault.h"

struct smtp;			/* one connection, used for several mails */

struct smtp_server {
	const char	*url;
	const char	*cafile;	/* "": the system's certificates */
	const char	*user, *pass;	/* pass "": no login */
};

/* Connects only when the first mail is sent.  EX_CONFIG: no smtp URL, or one
 * with a password in it. */
int	smtp_open(struct smtp **s, const struct smtp_server *to,
	    struct fault *f);
void	smtp_close(struct smtp *s);

/*
 * Sends mail, read from its beginning, lines ending in "\n", from one address
 * to several (NULL behind the last).  0 when the server took it for at least
 * one of them; the others, with the server's words, are then in refused, one a
 * line.  -1: EX_TEMPFAIL no connection, time-out, cut short, "later" (4yz);
 * EX_NOPERM the login was refused; EX_UNAVAILABLE no TLS or the certificate
 * does not verify; EX_PROTOCOL an answer that is no SMTP; EX_DATAERR the
 * server refuses this mail or all its recipients for good (5yz); EX_IOERR mail
 * cannot be read.
 */
int	smtp_send(struct smtp *s, FILE *mail, const char *from,
	    const char *const *to, struct buf *refused, struct fault *f);

/* Connects and logs in, and sends nothing.  Faults as above. */
int	smtp_try(struct smtp *s, struct fault *f);

#endif
