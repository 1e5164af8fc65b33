/*
 * sqlwords - the names in a statement of SQL, without understanding it
 *
 * Words, plain or quoted as "a", `a` or [a]; strings, numbers and comments are
 * stepped over.  For finding out which tables a statement may be about.
 */
#ifndef SQLWORDS_H
#define SQLWORDS_H

#include <stdbool.h>
#include <stddef.h>

struct sqlword {
	const char	*p;		/* where it stands, quotes included */
	size_t		 len;		/* bytes there */
	char		 name[80];	/* without quotes; "" when it is longer */
	bool		 dot;		/* a dot follows: NAME.other */
};

/* The next word behind *p, which moves on: 1, or 0 at the end. */
int	sqlword_next(const char **p, struct sqlword *w);

#endif
