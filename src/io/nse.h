/*
 * nse - the exchange's list of the Nifty 500
 *
 * CSV with the columns Company Name, Industry, Symbol, Series, ISIN Code, of
 * which Symbol and Series count.  Anything but 450 to 550 rows is not believed.
 */
#ifndef NSE_H
#define NSE_H

#include <stdio.h>

#include "buf.h"
#include "conf.h"
#include "fault.h"

enum { NSE_MIN = 450, NSE_MAX = 550 };

struct nse_share {
	char	 symbol[60];		/* a form fits behind it (list.h) */
	char	 series[8];		/* EQ, BE ... */
};

struct nse {
	struct nse_share v[NSE_MAX];
	int	 n;
	struct buf text;		/* the list as it came */
};

/* Harmless on a zeroed struct. */
void	nse_free(struct nse *n);

/* From a file into a zeroed struct or one used before: EX_NOINPUT; EX_DATAERR
 * with file and line. */
int	nse_file(struct nse *n, const char *path, struct fault *f);

/* From nseListUrl; say() is told of failed tries.  The fault is that of the last
 * try, EX_CONFIG when there is no use in another. */
int	nse_get(struct nse *n, const struct conf *c,
	    void (*say)(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2))), struct fault *f);

#endif
