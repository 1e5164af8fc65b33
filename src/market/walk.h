/*
 * walk - random numbers and random paths for the made-up market
 *
 * The same numbers on every machine.  A path can be asked at any place in any
 * order without being stored: it is a Brownian motion made by halving, in
 * which the deviation of every midpoint is a hash of its number.
 */
#ifndef WALK_H
#define WALK_H

#include <stddef.h>
#include <stdint.h>

/* The n-th number of the sequence key (splitmix64). */
uint64_t walk_hash(uint64_t key, uint64_t n);
/* A key from a key and a name. */
uint64_t walk_key(uint64_t key, const char *name);

/* From 64 random bits: evenly in [0, 1); about normal, 0 and 1, within 3.5. */
double	walk_unit(uint64_t bits);
double	walk_normal(uint64_t bits);

/*
 * The path of key at x in [0, 1]: 0 at 0, normal with variance x at x; straight
 * lines between multiples of 2^-depth.
 */
double	walk_path(uint64_t key, double x, int depth);

/* A generator of its own: its state is one number, any seed will do. */
struct walk_rng {
	uint64_t	 s;
};

uint64_t walk_next(struct walk_rng *r);
double	walk_even(struct walk_rng *r);			/* [0, 1) */
double	walk_exp(struct walk_rng *r);			/* exponential, mean 1 */
uint32_t walk_below(struct walk_rng *r, uint32_t n);	/* 0 .. n-1, n > 0 */

#endif
