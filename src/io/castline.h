/*
 * castline - das-cast on a Unix socket, for the shell: a message a line
 *
 * Who connects gets what a WebSocket would, and may say the same requests, each on
 * a line.  It may end its side at once, and still gets rows.
 */
#ifndef CASTLINE_H
#define CASTLINE_H

#include <stddef.h>

#include "castclient.h"
#include "fault.h"

/*
 * Listens at path, mode 0600; a socket that nobody listens at any more is taken
 * over.  The descriptor, or -1: EX_UNAVAILABLE somebody does, EX_CONFIG it is too
 * long, or something else is there; EX_OSERR.
 */
int	castline_listen(const char *path, struct fault *f);
/* Takes the name away, if it is that of fd still. */
void	castline_unlink(const char *path, int fd);

/* A connection that has been accepted: it gets rows from now on. */
void	castline_open(struct castclient *c);
/* Some bytes that it said; n 0 goes on where that was put off. */
void	castline_take(struct castclient *c, const char *p, size_t n);
/* It says no more. */
void	castline_end(struct castclient *c);

#endif
