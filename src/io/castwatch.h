/*
 * castwatch - what das-cast sends unasked
 *
 * Each index that is captured (key underlyings), its futures, and the options of
 * its nearest expiry whose strike is within atmWindow strikes of the money; all
 * there is where castSymbols says "all", or no symbol is of such an index,
 * because there are no instruments to look it up in.
 */
#ifndef CASTWATCH_H
#define CASTWATCH_H

#include "castbook.h"
#include "conf.h"

/* Marks quotes as watched, or not; day is today.  -1: ENOMEM, all as before. */
int	castwatch_mark(struct castbook *b, const struct conf *c, int32_t day);

#endif
