/*
 * subrow - a row that das-cast has sent, as a line of output
 *
 * A row is a flat object with the columns of topic ltp; members that are not
 * known are passed over, columns that are missing are null.
 */
#ifndef SUBROW_H
#define SUBROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "castbook.h"

enum {
	SUBROW_SEQ = CASTBOOK_FIELDS,	/* the column behind those of the topic */
	SUBROW_COLS
};

struct subrow {
	char		*value[SUBROW_COLS];	/* of a text without escapes;
						 * NULL: null or not there */
	size_t		 len[SUBROW_COLS];
	uint64_t	 seq;		/* 0: none */
	/* private */
	struct buf	 text;
};

/* The number of a column's name, "seq" too; -1. */
int	subrow_column(const char *name);
const char *subrow_name(int column);

/* Whether a message is a row, by its beginning; anything else has a type. */
bool	subrow_is(const char *p, size_t n);
/* Takes the message p[n]; values are valid until the next.  NULL, or what is
 * wrong with it. */
const char *subrow_read(struct subrow *r, const char *p, size_t n);
/* Adds the row's columns col[ncol] as a line of TSV.  -1: ENOMEM. */
int	subrow_tsv(const struct subrow *r, const int *col, int ncol,
	    struct buf *out);
/* Harmless on a zeroed struct. */
void	subrow_free(struct subrow *r);

/* Adds the message p[n] as one line, as it was sent.  -1: ENOMEM. */
int	subrow_json(const char *p, size_t n, struct buf *out);

#endif
