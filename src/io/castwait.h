/*
 * castwait - how long das-cast waits for a client: for its request, for the end of a
 * message, for it to take something, for a sign of life
 */
#ifndef CASTWAIT_H
#define CASTWAIT_H

#include "cast.h"

/* Once a second: time-outs, pings, who stays behind. */
void	castwait_tick(struct cast *k);

#endif
