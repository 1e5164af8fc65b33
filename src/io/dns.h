/*
 * dns - the addresses of a host, without waiting for them
 *
 * getaddrinfo() waits as long as it likes, so it runs in a thread of its own,
 * one a question, which a question that is dropped does not wait for either.  At
 * most DNS_PENDING of them are under way in a process.
 */
#ifndef DNS_H
#define DNS_H

#include <sys/socket.h>

#include "fault.h"

enum {
	DNS_ADDRS = 8,		/* of one host that are looked at */
	DNS_PENDING = 16
};

struct dns;
struct dns_addr {
	struct sockaddr_storage sa;
	socklen_t	 len;
};

/* Asks for addresses of streams to that port; numeric hosts need no thread.
 * EX_TEMPFAIL: DNS_PENDING are under way, or the system lacks something. */
int	dns_ask(struct dns **d, const char *host, int port, struct fault *f);
/* Becomes readable when the answer is there. */
int	dns_fd(const struct dns *d);
/* How many addresses, best first; 0: not yet; -1: EX_TEMPFAIL. */
int	dns_answer(struct dns *d, struct dns_addr out[DNS_ADDRS],
	    struct fault *f);
void	dns_drop(struct dns *d);	/* NULL is fine */

#endif
