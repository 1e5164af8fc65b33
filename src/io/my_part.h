/*
 * my_part - what the two files of module my share: my.c has the connection and
 * the bulk load, my_stmt.c statements with values
 */
#ifndef MY_PART_H
#define MY_PART_H

#include "my.h"

/* "WHERE: text", for error e of the library; lets a connection go that is of no
 * use any more.  -1, as all of these. */
int	my_trouble(struct my *m, unsigned e, const char *text,
	    struct fault *f);
/* What the connection says was wrong. */
int	my_fault(struct my *m, struct fault *f);
/* There is no connection any more. */
int	my_gone(struct my *m, struct fault *f);
int	my_nomem(const struct my *m, struct fault *f);

#endif
