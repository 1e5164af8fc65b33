/*
 * buf - growable bytes
 *
 * A zeroed struct is an empty buffer; buf_free() takes one.  The bytes always
 * have a NUL behind them that is not counted, so text can be used as it is.
 */
#ifndef BUF_H
#define BUF_H

#include <stddef.h>

struct buf {
	char	*p;	/* NULL while nothing was ever added */
	size_t	 len;
	size_t	 cap;
};

/* All give 0, or -1 with errno ENOMEM and the contents as before. */
int	buf_add(struct buf *b, const void *p, size_t n);
int	buf_adds(struct buf *b, const char *s);
int	buf_addf(struct buf *b, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* Room for n more bytes behind len. */
int	buf_room(struct buf *b, size_t n);
/* Empties without giving the memory back. */
void	buf_reset(struct buf *b);
void	buf_free(struct buf *b);

#endif
