/*
 * blackbits - a checksum of the bits of everything that black computes, for
 * black-bits.t: it must not depend on who compiled it, and how
 *
 * Options are of a generator of our own; only operations that IEEE 754 has to the
 * last bit make them, one a statement.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "black.h"

enum { ROWS = 4001, TURNS = 5, GREEKS = 6 };

static int8_t	 type[ROWS];
static double	 forward[ROWS], strike[ROWS], years[ROWS], rate[ROWS],
		 price[ROWS], sigma[ROWS], kappa[ROWS], greek[GREEKS][ROWS];
static uint8_t	 status[ROWS];
static uint64_t	 state = 88172645463325252, sum = 14695981039346656037U;

static uint64_t
chance(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* 0 to 1. */
static double
part(void)
{
	return (double)(chance() >> 11) * 0x1p-53;
}

/* 2 to 2^-most, about as often each power of two. */
static double
scale(int most)
{
	double v = 1 + part();

	return v / (double)(UINT64_C(1) << chance() % (uint64_t)(most + 1));
}

static void
add(const void *p, size_t n)
{
	const uint8_t *b = p;

	while (n-- > 0)
		sum = (sum ^ *b++) * 1099511628211U;
}

static struct black_option
option(size_t i)
{
	return (struct black_option){ (enum black_type)type[i], forward[i],
	    strike[i], years[i], rate[i] };
}

/* Ordinary ones and all others; prices of the grid, or with all of their bits. */
static void
make(size_t i)
{
	double s, far;

	type[i] = chance() & 1 ? BLACK_CALL : BLACK_PUT;
	forward[i] = 24000 * (1 + part() / 10);
	years[i] = scale(20);
	rate[i] = part() / 10;
	if (chance() & 1)
		rate[i] = 0;
	s = scale(8);
	far = 8 * s * sqrt(years[i]) * (part() - 0.5);
	strike[i] = forward[i] * (far < -0.9 ? 0.1 : 1 + far);
	struct black_option o = option(i);

	price[i] = 0;
	(void)black_price(&o, s, &price[i]);	/* 0 is a price too */
	if (chance() % 3 != 0)
		price[i] = floor(price[i] * 20 + 0.5) / 20;
}

/* One call each, with a guess that is near at times. */
static void
each(size_t i)
{
	struct black_iv v = { 0, 0, 0 };
	struct black_option o = option(i);
	struct black_greeks g;

	memset(&g, 0, sizeof(g));
	(void)black_iv(&o, price[i], sigma[i] * (1 + (part() - 0.5) / 200), &v);
	(void)black_greeks(&o, v.sigma, &g);
	add(&v, sizeof(v));
	add(&g, sizeof(g));
}

int
main(void)
{
	const struct black_rows r = { ROWS, type, forward, strike, years, rate,
	    price, sigma, kappa, status };
	const struct black_greek_rows g = { ROWS, type, forward, strike, years,
	    rate, sigma, greek[0], greek[1], greek[2], greek[3], greek[4],
	    greek[5], status };
	size_t solved = 0;

	for (int turn = 0; turn < TURNS; turn++) {
		for (size_t i = 0; i < ROWS; i++)
			make(i);
		add(price, sizeof(price));
		black_iv_rows(&r);
		add(sigma, sizeof(sigma));
		add(kappa, sizeof(kappa));
		add(status, sizeof(status));
		for (size_t i = 0; i < ROWS; i++)
			solved += status[i] == BLACK_OK;
		black_greeks_rows(&g);
		add(greek, sizeof(greek));
		for (size_t i = 0; i < ROWS; i++)
			each(i);
	}
	printf("%zu %016" PRIx64 "\n", solved, sum);
	return ferror(stdout) || fflush(stdout) == EOF;
}
