/*
 * hreq - the head of an HTTP request, the server's side (RFC 9112)
 *
 * Pure: finds the end of a head that came in pieces, then reads it in place.
 * Only what a WebSocket's opening handshake and a plain GET need is kept; other
 * headers are passed over, but not one that is malformed.  Lines end in CRLF or
 * LF.  A header that matters and stands there twice is refused: two readers
 * could take different ones.
 */
#ifndef HREQ_H
#define HREQ_H

#include <stdbool.h>
#include <stddef.h>

enum { HREQ_MAX = 8192 };	/* longest head */

/* Strings inside of the head; "" what did not come, but version and query. */
struct hreq {
	char	*method;	/* GET */
	char	*path;		/* from the "/" on, as it came */
	char	*query;		/* behind the "?", as it came */
	char	*host, *upgrade, *connection, *origin, *auth;
	char	*key, *version, *extensions;	/* Sec-WebSocket-... */
	char	*length, *encoding;	/* Content-Length, Transfer-Encoding */
	char	*if_none_match, *last_id;	/* Last-Event-ID */
};

/* Length of the head that p[n] begins with, its empty line included; 0: its end
 * has not come. */
size_t	hreq_end(const char *p, size_t n);

/* Reads such a head, and writes over it.  0, or the HTTP status to refuse it
 * with: 400, 505. */
int	hreq_read(struct hreq *q, char *head, size_t n);

/* Whether a list "a, b" has the word, whatever its case. */
bool	hreq_lists(const char *list, const char *word);

/* The value of a name in the query, decoded: 1; 0 it is not there; -1 it does
 * not fit into out or is malformed. */
int	hreq_arg(const struct hreq *q, const char *name, char *out, size_t size);

/* A WebSocket's opening handshake?  0; or the status to refuse it with: 400,
 * 426 (another version). */
int	hreq_websocket(const struct hreq *q);

#endif
