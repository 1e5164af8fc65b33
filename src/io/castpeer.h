/*
 * castpeer - how many connections an address has
 *
 * One network of 64 bits is one address of IPv6.  Those of this machine are not
 * counted: a proxy, or a hundred programs.
 */
#ifndef CASTPEER_H
#define CASTPEER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

enum { CASTPEER_SLOTS = 1024 };

struct castpeer {
	LIST_ENTRY(castpeer) link;
	uint8_t		 key[9];	/* family, then 4 or 8 bytes */
	unsigned	 n;
};

struct castpeers {			/* zeroed is empty */
	LIST_HEAD(castpeer_list, castpeer) slot[CASTPEER_SLOTS];
};

/* One connection more, max at most: 0 and *out, which is NULL for what is not
 * counted; -1 it has as many already, or memory is out. */
int	castpeer_take(struct castpeers *p, const struct sockaddr_storage *sa,
	    unsigned max, struct castpeer **out);
/* One less; NULL is fine. */
void	castpeer_drop(struct castpeer *peer);

#endif
