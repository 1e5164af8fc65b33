/*
 * wire - a stream of bytes to a server: DNS, TCP and, if wanted, TLS
 *
 * Nothing here waits: the caller polls wire_fd() for wire_events() and calls
 * again.  Every step on the way to an open wire has an end, WIRE_STEP_S seconds;
 * on an open one bytes that the other side does not confirm for WIRE_LOST_S
 * seconds end it.  Texts of faults name the step that failed, not the server.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "dns.h"
#include "fault.h"
#include "tls.h"

enum {
	WIRE_STEP_S = 7,		/* longest for DNS, TCP and TLS each */
	WIRE_NEXT_S = 2,		/* for an address that is not the last */
	WIRE_LOST_S = 10,		/* TCP_USER_TIMEOUT */
	WIRE_BUFFER = 4 << 20		/* receive buffer that is asked for */
};

enum wire_state { WIRE_CLOSED, WIRE_DNS, WIRE_TCP, WIRE_TLS, WIRE_OPEN };

struct wire {				/* zeroed: closed */
	enum wire_state	 state;
	/* private */
	int64_t		 due;		/* clk_mono(): the step ends */
	char		 host[256];
	struct tls	*settings;	/* NULL: plain */
	struct tls_conn	*tls;
	struct dns	*dns;
	struct dns_addr	 addr[DNS_ADDRS];
	int		 addrs, tried;
	int64_t		 give_up;	/* on this address */
	int		 fd;
	int		 error;		/* errno of the last try */
	bool		 want_in;	/* TLS has to read before it writes */
	bool		 want_out;	/* ... to write before it reads */
};

/* Starts; tls is NULL for plain TCP, else it outlives the wire.  EX_TEMPFAIL. */
int	wire_dial(struct wire *w, const char *host, int port, struct tls *tls,
	    struct fault *f);
/* Goes on: 1 open, 0 not yet, -1: EX_TEMPFAIL, EX_OSERR, or EX_UNAVAILABLE the
 * certificate does not verify. */
int	wire_step(struct wire *w, struct fault *f);

/* When to call wire_step() even if nothing happens, clk_mono(). */
int64_t	wire_due(const struct wire *w);
int	wire_fd(const struct wire *w);
/* For poll(2); out: the caller has bytes to write. */
short	wire_events(const struct wire *w, bool out);
/* Whether there is something to read that poll(2) does not know of. */
bool	wire_pending(const struct wire *w);

/* Of an open one.  Bytes; 0: nothing now; -1: it is over (EX_TEMPFAIL). */
ssize_t	wire_read(struct wire *w, void *p, size_t n, struct fault *f);
/* SIGPIPE must be ignored. */
ssize_t	wire_write(struct wire *w, const void *p, size_t n, struct fault *f);
void	wire_close(struct wire *w);

#endif
