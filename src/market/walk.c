#include <math.h>

#include "walk.h"

/* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number
 * generators", 2014; its step and the finalizer with Stafford's constants. */
static const uint64_t STEP = UINT64_C(0x9e3779b97f4a7c15);

static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t
walk_hash(uint64_t key, uint64_t n)
{
	return mix(key + (n + 1) * STEP);
}

uint64_t
walk_key(uint64_t key, const char *name)
{
	for (; *name != '\0'; name++)
		key = walk_hash(key, (uint8_t)*name);
	return mix(key);
}

double
walk_unit(uint64_t bits)
{
	return (double)(bits >> 11) * 0x1p-53;
}

/* The sum of four even numbers has variance 1/3. */
double
walk_normal(uint64_t bits)
{
	int64_t sum = (int64_t)(bits & 0xffff) + (int64_t)(bits >> 16 & 0xffff) +
	    (int64_t)(bits >> 32 & 0xffff) + (int64_t)(bits >> 48);

	return (double)(sum - 2 * 0xffff) * (1.7320508075688772 / 65536);
}

double
walk_path(uint64_t key, double x, int depth)
{
	double lo = 0, hi = walk_normal(walk_hash(key, 0)), mid;
	double scale = 0.5;		/* deviation of a midpoint: half the
					 * root of the length that is halved */
	uint64_t node = 1;

	for (; depth > 0; depth--) {
		mid = 0.5 * (lo + hi) +
		    scale * walk_normal(walk_hash(key, node));
		x *= 2;
		node *= 2;
		if (x < 1) {
			hi = mid;
		} else {
			lo = mid;
			x -= 1;
			node++;
		}
		scale *= 0.70710678118654752;
	}
	return lo + (hi - lo) * x;
}

uint64_t
walk_next(struct walk_rng *r)
{
	r->s += STEP;
	return mix(r->s);
}

double
walk_even(struct walk_rng *r)
{
	return walk_unit(walk_next(r));
}

double
walk_exp(struct walk_rng *r)
{
	return -log(1 - walk_even(r));
}

uint32_t
walk_below(struct walk_rng *r, uint32_t n)
{
	return (uint32_t)((walk_next(r) >> 32) * n >> 32);
}
