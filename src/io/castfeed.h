/*
 * castfeed - topics ltp and live into the books of das-cast
 *
 * Follows the topics of today as their writers go on, are started again, or have
 * not begun; at midnight it goes on to the next day's, and what a book has stays
 * until that has its first row.  It begins near the end of what is there: enough
 * of it that every symbol that is quoted at all is in the book of ltp.
 */
#ifndef CASTFEED_H
#define CASTFEED_H

#include <stdbool.h>
#include <stdint.h>

#include "cast.h"
#include "dayinst.h"
#include "fault.h"
#include "indices.h"
#include "spool.h"

struct castfeed_in {		/* a topic */
	struct casttopic *t;
	struct spool_r	 in;
	int		 watch;		/* of its directory, -1 */
	bool		 more;		/* there may be more to read */
	bool		 stale;		/* the book is of a day before */
	bool		 fresh;		/* there are new symbols */
	size_t		 known;		/* symbols that were looked up */
};

struct castfeed {
	int		 fd;		/* inotify, for epoll; level */
	bool		 more;		/* there may be more to read */
	/* private */
	struct cast	*cast;
	struct castfeed_in ltp, live;
	int32_t		 dayno;
	struct dayinst	 inst;
	struct indices	 indices;
	int64_t		 looked_us;	/* for the instruments */
	bool		 have_inst, told_inst;
};

/* Day and instruments of today; -1 what cannot be gone on without. */
int	castfeed_open(struct castfeed *d, struct cast *k, struct fault *f);
/* Something has happened to fd. */
void	castfeed_clear(struct castfeed *d);
/* Reads a block of each; whether there were rows of ltp.  What is wrong is in
 * their trouble. */
bool	castfeed_read(struct castfeed *d);
/* Once a second: the day, the topics' directories, the instruments. */
void	castfeed_tick(struct castfeed *d);
/* The rows that are there already, so that the first client finds them. */
void	castfeed_begin(struct castfeed *d);
void	castfeed_close(struct castfeed *d);

#endif
