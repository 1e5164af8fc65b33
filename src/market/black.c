#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "black.h"

/*
 * In here N and n are the normal distribution and its density, R(u) =
 * (1 - N(u)) / n(u) is Mills' ratio, and a(u) = 1 - u R(u) = -R'(u).  Work is
 * done out of the money: h = -|x|/s <= 0 and t = s/2 > 0, where x = ln(F/K) and
 * s is the volatility to the expiry; then d1 = h + t and d2 = h - t of the
 * option that is out of the money.
 */
static const double SQRT_HALF = 0.70710678118654752440;		/* 1/sqrt(2) */
static const double INV_SQRT_2PI = 0.39894228040143267794;

/*
 * Rational approximations, numerator and denominator by rising powers, that
 * meet the function at the Chebyshev points of the interval.  Relative error
 * of R on [0, 1/2]: 2e-17; of a on [1/2, 4]: 4e-18; of a beyond 4, where
 * a = w (1 + w g(w)) with w = 1/u^2: 2e-17.
 */
static const double r_num[] = {
	1.2533141373155002729, 0.8389945631445909062, 0.29313925704714980522,
	0.05090862102235529891, 0.0038372914387074982974
};
static const double r_den[] = {
	1.0, 1.4673053693334860906, 0.90463158753701118458,
	0.2947196152491522233, 0.05114491915265398368, 0.0038242603121677728247
};
static const double a_num[] = {
	1.0000000000022945779, 0.9320246639944958763, 0.45865957234640239906,
	0.14317450485398256273, 0.030071897218635863387,
	0.0042101841780771299621, 0.00036396427534812017179,
	0.000015131655714378204733
};
static const double a_den[] = {
	1.0, 2.1853388013427561806, 2.1975755866746307407,
	1.3387453236802116821, 0.54648942223658446007, 0.1557320605638090876,
	0.031162584648089637279, 0.0042556383845051622252,
	0.00036396239086592492508, 0.000015131684885847844432
};
static const double g_num[] = {
	-2.9999999999999997704, -250.27711009902107965,
	-7664.6055894353102227, -107960.55911196622177,
	-715630.69885343808285, -2023837.1457519298901,
	-1783710.0448013899622, -22841.883817434748666
};
static const double g_den[] = {
	1.0, 88.42570336633980025, 2961.9970466441905331,
	48016.938652331490087, 399347.45959144202994, 1662435.8116563792544,
	3099067.8806398111093, 1895717.7446326677047
};

#define POLY(c, x) poly((c), sizeof(c) / sizeof((c)[0]), (x))

static inline double
poly(const double *c, size_t n, double x)
{
	double v = c[--n];

	while (n > 0)
		v = v * x + c[--n];
	return v;
}

/* a(u), u >= 0. */
static double
mills_slope(double u)
{
	double w;

	if (u < 0.5)
		return 1 - u * (POLY(r_num, u) / POLY(r_den, u));
	if (u < 4)
		return POLY(a_num, u) / POLY(a_den, u);
	w = 1 / (u * u);
	return w * (1 + w * (POLY(g_num, w) / POLY(g_den, w)));
}

/* R(u), u >= 0. */
static double
mills(double u)
{
	if (u < 0.5)
		return POLY(r_num, u) / POLY(r_den, u);
	return (1 - mills_slope(u)) / u;
}

static double
density(double z)
{
	return INV_SQRT_2PI * exp(-0.5 * z * z);
}

static double
cdf(double z)
{
	return 0.5 * erfc(-z * SQRT_HALF);
}

/*
 * R(-h-t) - R(-h+t) for small t, by Taylor: 2 sum t^(2m+1) c_m / (2m+1)! with
 * c_m = up_m(H) a(-h) - down_m(H), H = h^2, from Y^(n+1) = h Y^(n) + n Y^(n-1)
 * for Y(z) = R(-z).  Seven terms are enough for t < 0.21 + |h|/26, |h| <= 13.
 */
static double
taylor(double h, double t)
{
	static const double up[7][7] = {
		{ 1 },
		{ 3, 1 },
		{ 15, 10, 1 },
		{ 105, 105, 21, 1 },
		{ 945, 1260, 378, 36, 1 },
		{ 10395, 17325, 6930, 990, 55, 1 },
		{ 135135, 270270, 135135, 25740, 2145, 78, 1 }
	};
	static const double down[7][6] = {
		{ 0 },
		{ 1 },
		{ 7, 1 },
		{ 57, 18, 1 },
		{ 561, 285, 33, 1 },
		{ 6555, 4680, 840, 52, 1 },
		{ 89055, 82845, 20370, 1926, 75, 1 }
	};
	static const double inv[7] = {		/* 1 / (2m+1)! */
		1, 1.0 / 6, 1.0 / 120, 1.0 / 5040, 1.0 / 362880,
		1.0 / 39916800, 1.0 / 6227020800
	};
	double a = mills_slope(-h), hh = h * h, sum = 0;
	int m;

	for (m = 6; m > 0; m--)
		sum = sum * t * t + inv[m] *
		    (poly(up[m], (size_t)m + 1, hh) * a -
		    poly(down[m], (size_t)m, hh));
	return 2 * t * (sum * t * t + a);
}

/* The same far out: the integral of a from -h-t to -h+t, by Gauss-Legendre
 * with 8 points.  Every term is positive. */
static double
gauss(double h, double t)
{
	static const double node[4] = {
		0.18343464249564980494, 0.52553240991632898582,
		0.79666647741362673959, 0.96028985649753623168
	};
	static const double weight[4] = {
		0.36268378337836198297, 0.31370664587788728734,
		0.22238103445337447054, 0.10122853629037625915
	};
	double sum = 0;
	int i;

	for (i = 3; i >= 0; i--)
		sum += weight[i] * (mills_slope(-h - t * node[i]) +
		    mills_slope(-h + t * node[i]));
	return t * sum;
}

/*
 * The undiscounted price of the option that is out of the money, over the
 * smaller of forward and strike: N(h+t) - e^(-2ht) N(h-t), in a form without
 * cancellation for each region.
 */
static double
time_value(double h, double t)
{
	double z = h + t;

	if (h >= -13 && t < 0.21 - h / 26)
		return density(z) * taylor(h, t);
	if (t < 0.21 - h / 26)
		return density(z) * gauss(h, t);
	if (z < 0)
		return density(z) * (mills(-z) - mills(t - h));
	return cdf(z) - density(z) * mills(t - h);
}

/* ln(F/K); next to 1 through the exact difference. */
static double
log_ratio(double f, double k)
{
	if (f > 0.5 * k && f < 2 * k)
		return log1p((f - k) / k);
	return log(f / k);
}

static enum black_status
check(const struct black_option *o, double sigma)
{
	if (o->type != BLACK_CALL && o->type != BLACK_PUT)
		return BLACK_BAD_INPUT;
	if (!(o->strike > 0) || isinf(o->strike) || isnan(o->years) ||
	    isinf(o->years) || isnan(o->rate) || isinf(o->rate) ||
	    !(sigma >= 0) || isinf(sigma))
		return BLACK_BAD_INPUT;
	if (isnan(o->forward))
		return BLACK_NO_FORWARD;
	if (!(o->forward > 0) || isinf(o->forward))
		return BLACK_BAD_INPUT;
	return o->years > 0 ? BLACK_OK : BLACK_EXPIRED;
}

/* What an option without a future is worth, undiscounted. */
static double
intrinsic(const struct black_option *o)
{
	double v = o->type * (o->forward - o->strike);

	return v > 0 ? v : 0;
}

/* Below this a volatility to the expiry is none; far below anything real, and
 * far enough from the smallest double for all that is divided by it. */
static const double NO_VOLATILITY = 1e-100;

static double
value(const struct black_option *o, double x, double s, double discount)
{
	double small = o->forward < o->strike ? o->forward : o->strike;
	double v = intrinsic(o);

	if (s > NO_VOLATILITY)
		v += small * time_value(-fabs(x) / s, 0.5 * s);
	return discount * v;
}

enum black_status
black_price(const struct black_option *o, double sigma, double *price)
{
	enum black_status st = check(o, sigma);

	if (st == BLACK_EXPIRED)
		*price = intrinsic(o);
	else if (st == BLACK_OK)
		*price = value(o, log_ratio(o->forward, o->strike),
		    sigma * sqrt(o->years), exp(-o->rate * o->years));
	return st;
}

/* 1, 1/2 or 0, with the sign of the type. */
static double
limit_delta(const struct black_option *o)
{
	double in = o->type * (o->forward - o->strike);

	return o->type * (in > 0 ? 1 : in < 0 ? 0 : 0.5);
}

/* The greeks where there is a volatility; g->price is set. */
static void
greeks(const struct black_option *o, double sigma, double s,
    struct black_greeks *g)
{
	double f = o->forward, root = sqrt(o->years);
	double x = log_ratio(f, o->strike), discount = exp(-o->rate * o->years);
	double d1 = x / s + 0.5 * s, d2 = x / s - 0.5 * s;
	double dn = discount * density(d1);

	g->price = value(o, x, s, discount);
	g->delta = o->type * discount * cdf(o->type * d1);
	g->theta = o->rate * g->price / 365;
	g->rho = -o->years * g->price / 100;
	g->charm = o->rate * g->delta / 365;
	g->gamma = g->vega = g->vanna = g->volga = 0;
	if (dn == 0)		/* also where d1 is infinite */
		return;
	g->gamma = dn / (f * s);
	g->vega = f * dn * root / 100;
	g->theta -= f * dn * sigma / (2 * root) / 365;
	g->vanna = -dn * d2 / sigma / 100;
	g->volga = f * dn * root * d1 * d2 / sigma / 1e4;
	g->charm -= dn * (0.25 * s - 0.5 * x / s) / o->years / 365;
}

enum black_status
black_greeks(const struct black_option *o, double sigma, struct black_greeks *g)
{
	enum black_status st = check(o, sigma);
	struct black_greeks out = { .price = 0 };
	double s, discount;

	if (st != BLACK_OK && st != BLACK_EXPIRED)
		return st;
	if (st == BLACK_EXPIRED) {
		out.price = intrinsic(o);
		out.delta = limit_delta(o);
	} else if ((s = sigma * sqrt(o->years)) > NO_VOLATILITY) {
		greeks(o, sigma, s, &out);
	} else {
		discount = exp(-o->rate * o->years);
		out.price = discount * intrinsic(o);
		out.delta = discount * limit_delta(o);
		out.theta = o->rate * out.price / 365;
		out.rho = -o->years * out.price / 100;
		out.charm = o->rate * out.delta / 365;
	}
	*g = out;
	return st;
}

const char *
black_status_name(enum black_status s)
{
	static const char *const name[] = {
		[BLACK_OK] = "OK",
		[BLACK_BAD_INPUT] = "BAD_INPUT",
		[BLACK_NO_FORWARD] = "NO_FORWARD",
		[BLACK_EXPIRED] = "EXPIRED",
		[BLACK_NO_PRICE] = "NO_PRICE",
		[BLACK_BELOW_INTRINSIC] = "BELOW_INTRINSIC",
		[BLACK_ABOVE_MAX] = "ABOVE_MAX",
		[BLACK_INDETERMINATE] = "INDETERMINATE"
	};

	return name[s];
}
