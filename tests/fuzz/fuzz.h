/*
 * fuzz - what the targets in this folder share
 *
 * A target is a file NAME.c with the two functions below.  It is built twice:
 * by clang with libFuzzer (make fuzz), and by any compiler with driver.c, which
 * goes through the seeds, their prefixes and so many mutations of them, the
 * same every time (tests/fuzz.t).  Both with sanitizers.  tests/fuzz/README
 * says how a crash is looked at.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"

/* Must stand whatever comes; anything else ends in abort().  Gives 0. */
int	LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* Calls add for every input to begin with.  They are made when they are
 * needed: by our own encoders, and of the published packets where they are. */
typedef void fuzz_add(const void *p, size_t n);
void	fuzz_seeds(fuzz_add *add);

/* A property of the code under test. */
#define MUST(cond) do { \
	if (!(cond)) { \
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, \
		    #cond); \
		abort(); \
	} \
} while (0)

/* ---- seed.c ---- */

/* Frames of the ticker: of each kind, of several, with counts and lengths that
 * lie, times of 0, of the past and of the future; and those published. */
void	seed_frames(fuzz_add *add);

/* A stream over p[n], which must live as long. */
FILE	*fuzz_stream(const void *p, size_t n);

#endif
