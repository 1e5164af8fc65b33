/*
 * lock - one writer, held by flock() for the life of the process
 */
#ifndef LOCK_H
#define LOCK_H

#include "fault.h"

/*
 * Takes the lock file (made when absent, mode 0600, our pid written into it)
 * and gives a descriptor that holds it until it is closed; closed on exec.
 * -1: f->ex is EX_TEMPFAIL when somebody else has it, and names the pid.
 */
int	lock_take(const char *path, struct fault *f);

#endif
