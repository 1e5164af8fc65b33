/*
 * castask - get_historical and query: what the store answers
 *
 * A question is asked by a process of its own, which has no descriptor of ours and
 * nothing to write to but a pipe: whatever it takes, the loop waits for nothing.
 * There are few of them at a time; rows, bytes and seconds are bounded, and one
 * whose client has gone is killed.
 */
#ifndef CASTASK_H
#define CASTASK_H

#include "castclient.h"
#include "js.h"

void	castask_historical(struct castclient *c, const struct js *doc);
void	castask_query(struct castclient *c, const struct js *doc);

/* Takes what the processes have said, and answers. */
void	castask_turn(struct cast *k);
/* Is there one? */
bool	castask_busy(void);
/* The client is gone; NULL: all of them. */
void	castask_forget(const struct castclient *c);

#endif
