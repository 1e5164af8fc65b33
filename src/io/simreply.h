/*
 * simreply - answers as the broker gives them: JSON, errors, redirects, a page
 */
#ifndef SIMREPLY_H
#define SIMREPLY_H

#include "serve.h"

/* 200 and JSON; headers as in struct serve_reply. */
void	simreply_json(struct serve_conn *c, const char *const *headers,
	    const char *json);
/* The envelope of an error; type is an exception's name. */
void	simreply_error(struct serve_conn *c, int status, const char *type,
	    const char *text);
/* 302; to is at most 1000 bytes. */
void	simreply_redirect(struct serve_conn *c, const char *to);
/* The login page, which is what a browser gets that is not logged in. */
void	simreply_page(struct serve_conn *c, const char *const *headers);

#endif
