#include <math.h>

#include "lane.h"
#include "mills.h"
#include "normal.h"

static const double SQRT_2PI = 2.50662827463100050242;
static const double INV_SQRT_2PI = 0.39894228040143267794;

/*
 * Rational approximations, numerator and denominator by rising powers, that
 * meet the function at the Chebyshev points of the interval.  Relative error
 * of R on [0, 1/2]: 2e-17; of a beyond 4, where a = w (1 + w g(w)) with w = 1/u^2:
 * 2e-17.
 */
static const double r_num[] = {
	1.2533141373155002729, 0.8389945631445909062, 0.29313925704714980522,
	0.05090862102235529891, 0.0038372914387074982974
};
static const double r_den[] = {
	1.0, 1.4673053693334860906, 0.90463158753701118458,
	0.2947196152491522233, 0.05114491915265398368, 0.0038242603121677728247
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

double
normal_exp(double y)
{
	if (y > -700)
		return lane_exp(y);
	return y > -746 ? lane_exp(y + 600) * 0x1.4dd4d0d12c071p-866 : 0;
}

/* a(u), u >= 0. */
double
normal_mills_slope(double u)
{
	double w;

	if (u < 13)
		return mills_slope(u);
	w = 1 / (u * u);
	return w * (1 + w * (P7(g_num, w) / P7(g_den, w)));
}

/* R(u), u >= 0. */
double
normal_mills(double u)
{
	if (u < 0.5)
		return P4(r_num, u) / P5(r_den, u);
	return (1 - normal_mills_slope(u)) / u;
}

double
normal_density(double z)
{
	return INV_SQRT_2PI * normal_exp(-0.5 * z * z);
}

double
normal_cdf(double z)
{
	double tail = normal_density(z) * normal_mills(fabs(z));

	return z < 0 ? tail : 1 - tail;
}

/* The integral of a from -h-t to -h+t, which is the gap, by Gauss-Legendre with 8
 * points: far out.  Every term is positive. */
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

/*
 * Across the middle, where Y(z) - Y(z - 2t) would cancel: Y(z) is sqrt(pi/2)
 * e^(z^2/2) + S(z) with S(u) = u + u^3/3 + u^5/15 + ..., odd and all of one sign,
 * and so the gap S(z) + e^x S(u) - (1 - e^x) R(u) with u = t - h, x = 2ht.  S by a
 * polynomial, relative error 2e-18 for u^2 < 2.
 */
static double
odd(double u)
{
	static const double lo[] = { 1.0, 0.33333333333333302945,
		0.066666666666675166991, 0.0095238095237161930118,
		0.0010582010587328774483, 0.000096200094399099571262,
		7.4000113079734269752e-6 };
	static const double hi[] = { 4.9332815782450242278e-7,
		2.9025246583096256353e-8, 1.5235572895506318303e-9,
		7.444703774686232931e-11, 2.6692877736244459148e-12,
		2.0563332618092324748e-13 };
	double v = u * u, v2 = v * v;

	return u * (P6(lo, v) + P5(hi, v) * (v2 * v2 * v2 * v));
}

static double
across(double z, double u, double x)
{
	double fall = x > -0.35 ? lane_expm1(x) : lane_exp(x) - 1;

	return odd(z) + (odd(u) + fall * odd(u)) + fall * normal_mills(u);
}

/* All regions. */
double
normal_gap(double h, double t)
{
	double z = h + t, u = t - h;

	/* far out its terms are those of sinh(ht) / ht */
	if (t < 0.21 - h / 26)
		return h < -13 && (h < -40 || h * t < -0.5) ?
		    gauss(h, t) : 2 * t *
		    mills_gap(h * h, t * t, normal_mills_slope(-h));
	if (z <= 0)
		return t < 0.5 ? gauss(h, t) :
		    normal_mills(-z) - normal_mills(u);
	if (u < 1.41)
		return across(z, u, 2 * h * t);
	return SQRT_2PI * normal_exp(0.5 * z * z) - normal_mills(z) -
	    normal_mills(u);
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
		return q * (P4(mid_num, q * q) / P4(mid_den, q * q));
	y = sqrt(-2 * lane_log(p < 0.5 ? p : 1 - p));
	y -= P6(out_num, y) / P6(out_den, y);
	return p < 0.5 ? -y : y;
}
