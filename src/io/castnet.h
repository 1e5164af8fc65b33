/*
 * castnet - where das-cast listens
 *
 * Beyond this machine only what is encrypted and wants a token may go: an address
 * that is not of loopback is listened to with castToken, castCert and castKey
 * only, and speaks nothing but TLS.  One of loopback speaks both.
 */
#ifndef CASTNET_H
#define CASTNET_H

#include "cast.h"
#include "fault.h"

enum { CASTNET_MAX = 8 };	/* addresses; a Unix socket comes on top */

struct castnet {
	int	 fd[CASTNET_MAX + 1];
	bool	 secure[CASTNET_MAX + 1];	/* beyond loopback */
	int	 lines;			/* which of them is castSocket; -1 */
	size_t	 n;
	bool	 full;			/* has been told */
	bool	 tired;			/* no descriptors: not polled */
	int64_t	 said_us;		/* when that was, last */
};

/*
 * Listens on all of castListen and on castSocket, and says where; an address that the machine does
 * not have is passed over where another one is left.  EX_CONFIG, also where
 * something is missing for an address beyond loopback; EX_UNAVAILABLE
 * a port is taken, and by whom; EX_OSERR.
 */
int	castnet_open(struct castnet *n, struct cast *k, struct fault *f);
/* Takes who waits at one of n->fd, some of them. */
void	castnet_accept(struct castnet *n, const int *fd, struct cast *k);
/* Once a second: a certificate that is new; who waited for descriptors. */
void	castnet_tick(struct castnet *n, struct cast *k);
void	castnet_close(struct castnet *n, const struct cast *k);

#endif
