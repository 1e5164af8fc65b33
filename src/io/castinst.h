/*
 * castinst - get_instruments: what is captured, whether there were rows or not
 */
#ifndef CASTINST_H
#define CASTINST_H

#include "castclient.h"
#include "js.h"

void	castinst_get(struct castclient *c, const struct js *doc);

/* The instrument that is called so, by the broadcaster or by the exchange; NULL
 * where there is none. */
const struct inst *castinst_find(const struct cast *k, const char *symbol);

#endif
