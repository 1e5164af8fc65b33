/*
 * simdump - the broker's list of instruments, simulated
 *
 * GET /instruments and /instruments/EXCHANGE, as gzip when the client accepts
 * that.  Made up (universe.h), or the bytes of a file as they are.
 */
#ifndef SIMDUMP_H
#define SIMDUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "cal.h"
#include "fault.h"
#include "inst.h"
#include "serve.h"

struct simdump;

/* path NULL: what the broker would list on day.  EX_NOINPUT, EX_DATAERR (longer
 * than 64 MiB), EX_OSERR.  A file without a usable row is served all the same;
 * the set is empty then. */
int	simdump_open(struct simdump **d, const char *path,
	    const struct cal *cal, int32_t day, struct fault *f);
void	simdump_close(struct simdump *d);

/* Sorted, tokens unique; valid until simdump_close(). */
const struct inst_set *simdump_set(const struct simdump *d);
/* Rows of the file that are no instrument, and the first of them ("": none). */
long	simdump_bad(const struct simdump *d, const char **why);

/* Answers the request and gives true when it is for one of the paths above. */
bool	simdump_request(struct simdump *d, struct serve_conn *c,
	    const struct serve_req *q);

#endif
