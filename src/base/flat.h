/*
 * flat - a JSON object of texts and numbers, member by member
 *
 * For messages of which there are many: nothing is allocated, and a number
 * comes digit by digit as it was sent.  Strict (RFC 8259); an object or array
 * as a value is not read, js.h is for those.
 *
 *	flat_open(&o, text, n);
 *	while ((kind = flat_next(&o, &m)) > FLAT_END)
 *		use(m.key, m.value);
 *	if (kind == FLAT_BAD)
 *		...
 */
#ifndef FLAT_H
#define FLAT_H

#include <stddef.h>

enum flat_kind { FLAT_BAD = -1, FLAT_END, FLAT_TEXT, FLAT_NUMBER, FLAT_NULL,
	FLAT_BOOL };

struct flat {			/* private */
	char	*p, *end;
	int	 n;		/* members so far; -1: not open yet */
};

struct flat_member {		/* valid as long as the text */
	char	*key;		/* NUL behind it */
	char	*value;		/* NUL behind it: text without quotes and
				 * escapes, else as it was sent */
	size_t	 len;		/* of value: a text may have a NUL in it */
};

/* text[n] is written over; text[n] itself must be writable too. */
void	flat_open(struct flat *o, char *text, size_t n);
/* The next member and its kind; FLAT_END behind the last, when nothing but
 * blanks follows; FLAT_BAD: this is no such object. */
enum flat_kind	flat_next(struct flat *o, struct flat_member *m);

#endif
