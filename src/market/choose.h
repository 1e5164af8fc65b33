/*
 * choose - what of the broker's dump is captured on a day
 *
 * Two looks at every row of the dump: the first finds the expiries of each
 * index's options, the second takes those of the two nearest, and what fills
 * the tables of the list best.
 */
#ifndef CHOOSE_H
#define CHOOSE_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "indices.h"
#include "inst.h"
#include "list.h"

enum { CHOOSE_EXPIRIES = 2 };		/* the current and the next */

struct choose_index {
	const struct index_def *def;
	const char *db;				/* of its options */
	int32_t	 expiry[CHOOSE_EXPIRIES];	/* INST_NO_EXPIRY: none */
	size_t	 options[CHOOSE_EXPIRIES];	/* how many of each */
	size_t	 odd;		/* options left out for their names */
};

struct choose {
	/* the caller's, before choose_open() */
	int32_t	 day;
	struct choose_index *index;	/* def and db set, the rest zero */
	size_t	 nindex;
	const struct list *list;
	const char *db;			/* of what is in the list */
	/* Told of what is odd, and of what is worth a word under -v. */
	void	(*say)(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));
	void	(*whisper)(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));
	/* after choose_end(): each sorted by token, no token twice */
	struct inst_set listed, options;	/* no token in both */
	struct inst_set all;
	size_t	 tables;		/* of the list, */
	size_t	 missing;		/* and those without an instrument */
	/* private */
	struct choose_slot *slot;
	struct choose_want *want;
	size_t	 nwant;
};

/* All that give int: 0, or -1 with EX_TEMPFAIL (out of memory). */
int	choose_open(struct choose *c, struct fault *f);
void	choose_first(struct choose *c, const struct inst *i);
int	choose_second(struct choose *c, const struct inst *i, struct fault *f);
int	choose_end(struct choose *c, struct fault *f);
/* Harmless on a zeroed struct; list and index stay the caller's. */
void	choose_close(struct choose *c);

/* True for an option of the index, whatever its expiry. */
int	choose_is_option(const struct choose_index *x, const struct inst *i);

#endif
