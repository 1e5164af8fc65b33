/*
 * fetch - a page that must look right, tried for several times
 *
 * retryCount tries, retryDelaySeconds apart; an answer that does not pass the
 * caller's check is a failed try like any other, because sites that block or
 * are half up answer 200 with a page of words.
 */
#ifndef FETCH_H
#define FETCH_H

#include <stdio.h>

#include "buf.h"
#include "conf.h"
#include "fault.h"
#include "http.h"

struct fetch {
	struct http_req	 req;
	const char	*key;		/* config key of its URL, for messages */
	/* Looks at the body as a stream named name: 0, or -1 and f. */
	int	(*check)(FILE *in, const char *name, void *arg,
		    struct fault *f);
	void	*arg;
	/* Told about each try that failed and is followed by another. */
	void	(*say)(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));
};

/* Appends the body to out.  -1: the fault of the last try. */
int	fetch(const struct conf *c, const struct fetch *w, struct buf *out,
	    struct fault *f);

#endif
