/*
 * http - requests over HTTP(S) with libcurl
 *
 * TLS is verified, host name included; plain http:// only to loopback.
 * Redirects are never followed here: the caller looks at location.  A reply is
 * bounded in bytes and time.  Messages carry scheme and host of a URL, never
 * its path's query, and no header.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "fault.h"

struct http;			/* connections and a cookie jar, in memory */

struct http_req {
	const char	*url;
	const char	*form;		/* encoded body of a POST; NULL: GET */
	const char	*method;	/* NULL: GET or POST; "DELETE" */
	const char *const *headers;	/* "Name: value" ..., NULL; or NULL */
	const char	*agent;		/* User-Agent; NULL: "das/VERSION" */
	size_t		 max;		/* longest body; 0: 1 MiB */
	long		 seconds;	/* for all of it; 0: 30.  conf key
					 * httpTimeoutSeconds */
};

struct http_reply {
	long		 status;	/* 200 ... */
	struct buf	 body;		/* decoded when it came compressed */
	char		 type[64];	/* Content-Type without parameters */
	char		 location[2048];	/* absolute, or "" */
	char		 date[40];	/* Date header as it came, or "" */
	char		 from[120];	/* scheme://host of the request */
};

enum { HTTP_ORIGIN = 300 };	/* room for any scheme://host:port */

/* cafile: "" for the system's certificates. */
int	http_open(struct http **h, const char *cafile, struct fault *f);
void	http_close(struct http *h);

/*
 * Makes the request; r is zeroed or used before, end with http_reply_free().
 * 0 whatever the status.  -1: EX_TEMPFAIL no connection, time-out, cut short,
 * or a stop was asked for; EX_PROTOCOL an answer that is no HTTP, or longer
 * than max; EX_UNAVAILABLE the certificate does not verify; EX_CONFIG bad URL,
 * plain http beyond loopback, cafile that cannot be read.  Messages begin with
 * scheme and host.
 */
int	http_do(struct http *h, const struct http_req *q, struct http_reply *r,
	    struct fault *f);
void	http_reply_free(struct http_reply *r);

/* How far our clock, which showed now (us) in the middle of the request, is ahead
 * of the Date of the answer, which is in whole seconds: us into ahead.  -1: it
 * had none. */
int	http_ahead(const struct http_reply *r, int64_t now, int64_t *ahead);

/* Fills f for a status that is no success (2xx) and gives -1: 403, 401 are 77,
 * 408, 429 and 5xx 75, the rest 76.  0 for a success. */
int	http_fault(const struct http_reply *r, struct fault *f);

/* Appends name=value&..., both percent-encoded. */
int	http_form_add(struct buf *b, const char *name, const char *value);
/* Value of a parameter in the query of a URL, decoded: 1, 0 not there, -1. */
int	http_query_get(const char *url, const char *name, char *out, size_t size);
/* "scheme://host" of a URL, lower-case, with the port where it is not the
 * scheme's own; -1 when it is no URL. */
int	http_origin(const char *url, char *out, size_t size);
/* True when the URL's host is this machine's loopback. */
bool	http_is_local(const char *url);

#endif
