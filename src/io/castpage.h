/*
 * castpage - the page that das-cast serves at /
 *
 * It is src/clients/page/das.html, which the Makefile puts into the program.  A
 * browser is told to take script and style from nowhere but the page itself,
 * whose sums it is given, and to connect to nobody but us.  The page holds no
 * data: it opens a WebSocket as any other client, and gives the token there.
 */
#ifndef CASTPAGE_H
#define CASTPAGE_H

#include "castclient.h"
#include "hreq.h"

/* Answers a GET with the page, or with 304 to who has it already, and ends. */
void	castpage_answer(struct castclient *c, const struct hreq *q);

#endif
