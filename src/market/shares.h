/*
 * shares - the shares of the made-up market
 *
 * Some everybody knows, with the awkward symbols that real ones have; all
 * others are a place and a trade.  A few funds come last.
 */
#ifndef SHARES_H
#define SHARES_H

#include <stdbool.h>
#include <stdint.h>

enum {
	SHARES = 530,
	SHARES_OPTIONED = 200	/* the first so many have derivatives */
};

struct share {
	char	 symbol[32];	/* without the series */
	char	 name[64];	/* as the broker has it, in capitals */
	uint32_t nse, bse;	/* the exchanges' numbers; bse 0: not there */
	int64_t	 price;		/* rupees, roughly */
	bool	 be;		/* traded in series BE */
};

void	share_get(uint32_t n, struct share *s);		/* n < SHARES */
/* Is it one of those that everybody knows? */
bool	share_known(const char *symbol);
/* Of any symbol; made up where it is not known.  Never NULL. */
const char *share_industry(const char *symbol);
/* A number from a symbol, the same on every machine. */
uint32_t share_hash(const char *symbol);

#endif
