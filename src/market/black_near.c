#include <math.h>
#include <stdint.h>
#include <string.h>

#include "black.h"
#include "black_core.h"

/* One lane of black_near.h. */
#define V		double
#define M		uint64_t
#define LANES		1
#define NEAR		static inline
#define V_SQRT(v)	sqrt(v)
#define V_LESS(a, b)	(isless(a, b) ? UINT64_MAX : 0)
#define V_PICK(m, a, b)	((m) != 0 ? (a) : (b))
#define V_MAX(a, b)	(isgreater(a, b) ? (a) : (b))
#define V_BITS(v)	bits(v)
#define V_FROM(m)	number(m)

static inline uint64_t
bits(double v)
{
	uint64_t b;

	memcpy(&b, &v, sizeof(b));
	return b;
}

static inline double
number(uint64_t b)
{
	double v;

	memcpy(&v, &b, sizeof(v));
	return v;
}

#include "black_near.h"

bool
black_near(const struct black_option *o, double price, double *sigma,
    double *kappa)
{
	struct near_in in = { o->type, o->forward, o->strike, o->years,
	    o->rate, price };
	struct near_out v = near_iv(&in);

	if (v.mine == 0)
		return false;
	*sigma = v.sigma;
	*kappa = v.kappa;
	return true;
}
