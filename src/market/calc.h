/*
 * calc - the calculator: volatility and greeks of an option in a line of text
 *
 * A row in has the columns type, F, K, T, price, and may have r and sigma, under
 * these names or those of an extended row of topic ltp (ltp.h), so that such
 * rows can be computed again.  A row out:
 *
 *	type F K T r price status iv delta gamma theta vega rho
 *
 * The greeks are those at sigma where it is given, else at iv.
 */
#ifndef CALC_H
#define CALC_H

#include <stdbool.h>
#include <stddef.h>

#include "fault.h"
#include "tsv.h"

enum { CALC_COLS = 7, CALC_ROW_MAX = 512 };

struct calc {
	double	 rate;		/* where a row has none */
	bool	 exact;		/* doubles that read back as the same bits */
	/* private */
	int	 col[CALC_COLS];
};

/* Column names with tabs between, no newline. */
extern const char calc_header[];

/* Finds the columns; EX_DATAERR names one that is missing. */
int	calc_open(struct calc *c, struct tsv *rows, struct fault *f);
/* The answer to the row that rows->f holds, with newline, to out (CALC_ROW_MAX
 * bytes); its length, 0 for a row that is of no option, -1 and EX_DATAERR. */
int	calc_row(const struct calc *c, const struct tsv *rows, char *out,
	    struct fault *f);
/* The same of five words: type F K T price.  EX_USAGE. */
int	calc_words(const struct calc *c, char *const word[5], char *out,
	    struct fault *f);

#endif
