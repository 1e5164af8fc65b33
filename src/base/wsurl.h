/*
 * wsurl - the parts of a URL of a WebSocket (RFC 6455, section 3)
 */
#ifndef WSURL_H
#define WSURL_H

#include <stdbool.h>

struct wsurl {
	bool		 tls;		/* wss:// */
	char		 host[256];	/* without brackets */
	int		 port;
	const char	*rest;		/* path and query, as in the URL */
	char		 origin[300];	/* "wss://host:port" as in the URL */
};

/* url must outlive u->rest.  -1: it is none, or has a user and password. */
int	wsurl_read(struct wsurl *u, const char *url);
/* Whether the host is this machine, by its name or number alone. */
bool	wsurl_loopback(const struct wsurl *u);

#endif
