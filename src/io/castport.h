/*
 * castport - who has a port
 */
#ifndef CASTPORT_H
#define CASTPORT_H

#include <stddef.h>

/* Who listens on a port: "das-cast, process 123", as far as may be seen; else
 * "another program". */
void	castport_holder(int port, char *out, size_t size);

#endif
