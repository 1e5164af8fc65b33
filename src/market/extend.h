/*
 * extend - the list grows: spots, futures, shares and their forms
 *
 * Rows are only added; a future's row gets another symbol.  Every change is
 * told, and so is what is odd.
 */
#ifndef EXTEND_H
#define EXTEND_H

#include <stddef.h>

#include "fault.h"
#include "indices.h"
#include "list.h"
#include "names.h"

struct extend {
	struct list	*list;
	const struct names *shares;	/* NSE's in the dump, by tradingsymbol */
	/* what is "added" or "rolled"; 0, or -1 to give up */
	int	(*changed)(const char *what, const struct list_row *row,
		    const char *why);
	void	(*say)(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));
	size_t	 added, rolled;		/* so far */
};

/* All give 0, or -1: EX_TEMPFAIL out of memory, EX_DATAERR no table is free. */
int	extend_spot(struct extend *e, const struct index_def *d,
	    struct fault *f);
/* future: tradingsymbol of the nearest one. */
int	extend_future(struct extend *e, const struct index_def *d,
	    const char *future, struct fault *f);
/*
 * Makes sure that the form of a share that trades has its row: by the dump, else
 * by NSE's series ("BE", "EQ"); without a series (NULL) only a share of the dump
 * gets one.  Forms of one share have one table; a new share whose table is
 * another's gets a number behind its own.
 */
int	extend_share(struct extend *e, const char *base, const char *series,
	    const char *why, struct fault *f);
/* Shares of the list that trade under another form now. */
int	extend_moves(struct extend *e, struct fault *f);

/* The form of a share that the dump has, NULL when it has none. */
const char *extend_form(const struct extend *e, const char *base);

#endif
