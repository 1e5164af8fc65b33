/*
 * castnet - where das-cast listens
 *
 * Beyond this machine only what is encrypted and wants a token may go, and there
 * is no TLS here yet: other addresses than loopback are refused.
 */
#ifndef CASTNET_H
#define CASTNET_H

#include "cast.h"
#include "fault.h"

enum { CASTNET_MAX = 8 };	/* addresses */

struct castnet {
	int	 fd[CASTNET_MAX];
	size_t	 n;
	bool	 full;			/* has been told */
};

/*
 * Listens on all of castListen, and says where; an address that the machine does
 * not have is passed over where another one is left.  EX_CONFIG; EX_UNAVAILABLE
 * a port is taken, and by whom; EX_OSERR.
 */
int	castnet_open(struct castnet *n, struct cast *k, struct fault *f);
/* Takes who waits at fd, some of them. */
void	castnet_accept(struct castnet *n, int fd, struct cast *k);
void	castnet_close(struct castnet *n);

/* Who listens on a port: "das-cast, process 123", as far as may be seen; else
 * "another program". */
void	castnet_holder(int port, char *out, size_t size);

#endif
