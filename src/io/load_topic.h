/*
 * load_topic - what is different from topic to topic: for load.c
 */
#ifndef LOAD_TOPIC_H
#define LOAD_TOPIC_H

#include "load.h"

struct load_item {		/* a row, for sorting */
	union {
		struct {			/* ticks */
			uint64_t key;		/* token, second of the day */
			size_t	 i;		/* its number in the batch */
		};
		struct {			/* ltp */
			uint64_t hash;		/* of its symbol */
			const char *row;
			uint32_t symbol, ts;	/* where they are in it */
			bool	 oi;	/* it has an open interest */
		};
	};
};

struct load_group {		/* ltp: rows of one symbol, one behind the other */
	const struct load_item *first;
	size_t	 n;
};

struct load_topic {
	const char *name;
	const char *lock;	/* held in the day's directory */
	bool	 insts;		/* its rows are of the day's instruments */
	/* Finds the columns of the rows that follow; EX_DATAERR. */
	int	(*head)(struct load *l, const char *header, struct fault *f);
	/* Judges a row, whose newline is at nl, and takes it into the batch,
	 * where there is room, when it is SIFT_TAKE; *why when it is bad. */
	enum sift_as (*row)(struct load *l, const char *row, const char *nl,
		    const char **why);
	/* Sorts what was taken into the parts of a batch. */
	void	(*parts)(struct load *l, struct store_batch *b);
};

extern const struct load_topic load_ticks, load_ltp;

#endif
