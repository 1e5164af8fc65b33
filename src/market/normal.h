/*
 * normal - the normal distribution, to the last few bits also far out
 *
 * N and n are the distribution and its density, R(u) = (1 - N(u)) / n(u) is
 * Mills' ratio, Y(z) = R(-z), and a(u) = 1 - u R(u) = -R'(u).  All are pure; the
 * rational approximations are our own, relative errors stand beside them.
 */
#ifndef NORMAL_H
#define NORMAL_H

double	normal_exp(double y);			/* e^y, y < 709; 0 below -745 */
double	normal_density(double z);		/* n(z) */
double	normal_cdf(double z);			/* N(z) */

/* z with N(z) = p for 0 < p < 1, within 2e-9 for p > 1e-120: to start a solver
 * with. */
double	normal_inverse(double p);

double	normal_mills(double u);			/* R(u), u >= 0 */
double	normal_mills_slope(double u);		/* a(u), u >= 0 */

/* Y(h + t) - Y(h - t), h <= 0 < t, without cancellation; h + t < 37. */
double	normal_gap(double h, double t);

#endif
