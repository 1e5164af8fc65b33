/*
 * casthost - which pages of browsers may ask das-cast
 *
 * A page that somebody opens must not read the feed: a browser sends the page's
 * Origin with every WebSocket, and with what asks another host than its own.
 * That is not enough: a stranger's name may be made to point to 127.0.0.1 (DNS
 * rebinding), and then his page asks its own host.  So the Host must be ours too.
 */
#ifndef CASTHOST_H
#define CASTHOST_H

#include <stdbool.h>

#include "cast.h"

/*
 * Is a Host header ours, with or without a port: an address in digits, localhost,
 * the name of this machine, one that the certificate is for, the host of one of
 * castOrigins?  What sends none is no browser.
 */
bool	casthost_ours(const struct cast *k, const char *host);
/* May a page of that origin?  It is the one of the Host, which is ours, or of this
 * port on loopback, or on the list; no browser sends none. */
bool	casthost_origin(const struct cast *k, const char *origin,
	    const char *host);

#endif
