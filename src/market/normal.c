#include <math.h>
#include <stddef.h>

#include "normal.h"

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
double
normal_mills_slope(double u)
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
double
normal_mills(double u)
{
	if (u < 0.5)
		return POLY(r_num, u) / POLY(r_den, u);
	return (1 - normal_mills_slope(u)) / u;
}

double
normal_density(double z)
{
	return INV_SQRT_2PI * exp(-0.5 * z * z);
}

double
normal_cdf(double z)
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
	double a = normal_mills_slope(-h), hh = h * h, sum = 0;
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
		sum += weight[i] * (normal_mills_slope(-h - t * node[i]) +
		    normal_mills_slope(-h + t * node[i]));
	return t * sum;
}

/* All regions; where h + t > 0 there is nothing to cancel for t this large. */
double
normal_gap(double h, double t)
{
	double z = h + t;

	if (t < 0.21 - h / 26)
		return h >= -13 ? taylor(h, t) : gauss(h, t);
	if (z < 0)
		return normal_mills(-z) - normal_mills(t - h);
	return normal_cdf(z) / normal_density(z) - normal_mills(t - h);
}

/*
 * Rational again: (z - 0) / q by the square of q = p - 1/2, relative error 9e-10
 * for |q| < 0.41; and further out y + z by y = sqrt(-2 ln p) up to 24.
 */
double
normal_inverse(double p)
{
	static const double mid_num[] = {
		2.5066282746492547, -20.757706424483692, 55.326365575495867,
		-49.98217116418243, 8.3287355928178653
	};
	static const double mid_den[] = {
		1.0, -9.3283242811479864, 29.537716065001264,
		-35.63997121230865, 12.162605924815948
	};
	static const double out_num[] = {
		3.1543100472051455, 8.6421085382210181, 3.0851648768626472,
		0.28894616958504432, 0.0078186327720470633,
		4.8531737788726266e-5, 1.0925986927656195e-8
	};
	static const double out_den[] = {
		1.0, 5.2608137253041287, 4.6047471686782421,
		1.0129758105814396, 0.069120016313770762,
		0.0014334182949564722, 6.6292245629368259e-6
	};
	double q = p - 0.5, y;

	if (fabs(q) < 0.4)
		return q * (POLY(mid_num, q * q) / POLY(mid_den, q * q));
	y = sqrt(-2 * log(p < 0.5 ? p : 1 - p));
	y -= POLY(out_num, y) / POLY(out_den, y);
	return p < 0.5 ? -y : y;
}
