/*
 * retry - so many tries, so far apart
 *
 *	for (struct retry r = retry_start(5, 30); retry_again(&r);)
 *		if (get(url, &f) == 0 || f.ex != EX_TEMPFAIL)
 *			break;
 */
#ifndef RETRY_H
#define RETRY_H

#include <stdbool.h>
#include <stdint.h>

struct retry {
	int64_t	 count;		/* tries in all */
	int64_t	 delay_s;	/* real seconds between two */
	int64_t	 tried;		/* so far, the running one included */
};

struct retry	retry_start(int64_t count, int64_t delay_s);
/* True: make a try now.  Waits before each but the first; false when none is
 * left or a stop was asked for. */
bool	retry_again(struct retry *r);
/* True when the running try is the last one. */
bool	retry_last(const struct retry *r);

#endif
