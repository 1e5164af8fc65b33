/*
 * store_split - what the parts of the back end over several servers share
 */
#ifndef STORE_SPLIT_H
#define STORE_SPLIT_H

#include <stdbool.h>
#include <stdint.h>

#include "dbs.h"
#include "store_maria.h"

struct split_server {
	struct store	*store;		/* NULL: not connected yet */
	struct store_pos own;		/* how far it has the topic of the day */
	bool		 filed;		/* the day is in its das_filed */
	bool		 behind;	/* it has not all that was loaded */
	int64_t		 since;		/* away since (clk_mono()), 0: is not */
	int64_t		 next;		/* when it is tried again */
	unsigned	 tries;
};

struct split {
	struct store	 base;
	const struct conf *conf;
	struct dbs	 dbs;
	bool		 write;
	struct split_server	 part[DBS_MAX];
	char		 day[11];	/* of own; "" none */
	char		 filed_day[11];	/* of filed */
};

static inline struct split *
split_of(struct store *s)
{
	return (struct split *)s;
}

/* The store on one server, connected when it is first needed; NULL. */
struct store *split_part(struct split *s, size_t i, struct fault *f);

int	split_pos_get(struct store *s, const char *day, const char *topic,
	    struct store_pos *p, struct fault *f);
int	split_load(struct store *s, struct store_batch *b, struct fault *f);
enum store_behind split_behind(struct store *s);

#endif
