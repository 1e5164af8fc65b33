/*
 * castspec - what a client of das-cast wants: symbols, shape, mode, fields
 *
 * Clients that want the same share a channel (castchan.h).  Symbols are chosen
 * by an ordered list of terms, the last one that fits decides; where none fits,
 * it is what is sent unasked, for those who never subscribed.
 */
#ifndef CASTSPEC_H
#define CASTSPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "castbook.h"
#include "castwire.h"

enum { CASTSPEC_TERMS = 64 };

struct castterm {
	bool	 out;			/* of an unsubscribe */
	char	 glob[CASTBOOK_SYMBOL];
	char	 index[32];		/* NIFTY; "" any, or none */
	int32_t	 expiry;		/* day; INST_NO_EXPIRY: any, or none */
};

struct castspec {
	bool	 watched;		/* what no term decides, as watched */
	bool	 batch;			/* one object of all symbols */
	bool	 tick;			/* every row as it comes */
	bool	 status;		/* messages of status too */
	bool	 seq;			/* a member seq in each object */
	bool	 packed;		/* deflated */
	enum castwire wire;
	unsigned fields;		/* bits, castbook.h; SYMBOL always */
	struct castterm *term;
	size_t	 n;
};

/* How a client begins. */
extern const struct castspec castspec_first;

/* -1: ENOMEM. */
int	castspec_copy(struct castspec *to, const struct castspec *from);
/* Harmless on a zeroed struct. */
void	castspec_free(struct castspec *s);
bool	castspec_same(const struct castspec *a, const struct castspec *b);

/* Adds a term behind the others; the same one of before goes, in or out.  -1:
 * there are CASTSPEC_TERMS, or memory is out. */
int	castspec_add(struct castspec *s, const struct castterm *t);
/* Forgets all terms, and what is sent unasked. */
void	castspec_clear(struct castspec *s);

/* What the terms say of a symbol, which never changes but with the instruments:
 * 1 in, 0 out, -1 nothing. */
int	castspec_says(const struct castspec *s, const struct quote *q);

#endif
