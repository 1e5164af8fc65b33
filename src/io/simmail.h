/*
 * simmail - a mail server that keeps what it receives
 *
 * SMTP over lines: EHLO HELO AUTH (PLAIN, LOGIN; whoever asks is let in) MAIL
 * RCPT DATA RSET NOOP VRFY QUIT; SIZE and 8BITMIME are understood.  A message
 * becomes dir/NNNNNN.eml as it came, with the dots of the transport taken out,
 * and beside it NNNNNN.tsv with what the envelope said (field, value).  A
 * message is there whole or not at all, and never in memory.
 */
#ifndef SIMMAIL_H
#define SIMMAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "serve.h"

enum {
	SIMMAIL_SIZE = 26214400,	/* longest message, bytes */
	SIMMAIL_LINE = 4096,		/* for serve_spec.line_max */
	SIMMAIL_RCPTS = 100
};

struct simmail;

/* dir NULL: messages are counted and thrown away.  It is made when absent; the
 * numbers go on behind those that are there. */
int	simmail_open(struct simmail **m, const char *dir, struct fault *f);
void	simmail_close(struct simmail *m);

/* For struct serve_calls. */
void	simmail_opened(struct simmail *m, struct serve_conn *c);
void	simmail_line(struct simmail *m, struct serve_conn *c, const char *p,
	    size_t n, bool whole);
void	simmail_closed(struct simmail *m, struct serve_conn *c);

uint64_t simmail_count(const struct simmail *m);	/* messages received */

#endif
