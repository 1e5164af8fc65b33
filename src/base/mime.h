/*
 * mime - a mail as text: headers, a body, attachments
 *
 * RFC 5322 with lines that end in "\n" alone, as files on this system have
 * them; who sends makes them "\r\n".  No value can add a header: control
 * characters in a subject or a file name become blanks, in an address they
 * are an error.
 */
#ifndef MIME_H
#define MIME_H

#include <stdint.h>
#include <stdio.h>

#include "buf.h"
#include "fault.h"

enum {
	MIME_SUBJECT_MAX = 500,	/* bytes; a longer one is cut */
	MIME_TO_MAX = 50	/* recipients */
};

struct mime_file {
	const char	*name;		/* a path; its last part is shown */
	FILE		*in;		/* read to its end */
};

struct mime {
	const char	*from;		/* one address */
	const char	*const *to;	/* addresses, then NULL */
	const char	*subject;	/* UTF-8 */
	int64_t		 date_us;	/* wall time, us since the epoch */
	const char	*id;		/* unique word of the Message-ID */
	const char	*text;		/* UTF-8 */
	size_t		 len;		/* bytes of text */
	const struct mime_file *file;
	size_t		 nfile;
};

/*
 * Writes the mail.  Faults: EX_IOERR an attachment cannot be read, EX_TEMPFAIL
 * out of memory.  Whether out took it all is for its owner to ask.
 */
int	mime_write(FILE *out, const struct mime *m, struct fault *f);

/*
 * Cuts a list of addresses with commas between, in place, into to, which holds
 * MIME_TO_MAX + 1; blanks around them go away.  EX_CONFIG: none, too many, or
 * one that mime_address_ok() refuses.
 */
int	mime_addresses(char *list, const char **to, struct fault *f);
/* True for name@host of printable ASCII without blanks, <>, commas, quotes. */
int	mime_address_ok(const char *s);

/* Content type by the name's ending, "application/octet-stream" if unknown. */
const char *mime_type(const char *name);

/* The value of a header with what does not fit into ASCII as encoded words
 * (RFC 2047); col is the width of "Name: ". */
int	mime_header(struct buf *out, const char *value, size_t col);

#endif
