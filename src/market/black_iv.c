#include <math.h>
#include <stdbool.h>

#include "black.h"
#include "black_core.h"
#include "normal.h"

/*
 * The implied volatility after P. Jaeckel, "Let's Be Rational", Wilmott, January
 * 2015: the option that is out of the money, normalised, x = -|ln(F/K)| and
 * beta = time value / sqrt(FK); a guess by rational cubics between landmarks,
 * two third-order Householder steps on b(x, s) = beta.
 *
 * Here b' = n(sqrt(h^2 + t^2)) is the slope of b in s, with h = x/s and t = s/2,
 * and B = b/b' = Y(h + t) - Y(h - t) of normal.h.
 */
static const double SQRT_2PI = 2.50662827463100050242;
static const double LN_SQRT_2PI = 0.91893853320467274178;
static const double SQRT_HALF_PI = 1.25331413731550025121;
static const double SQRT_3 = 1.73205080756887729353;

struct problem {
	double	 x;		/* <= 0 */
	double	 max;		/* e^(x/2), which b does not reach */
	double	 beta;		/* 0 < beta < max */
	double	 ln_beta;
	double	 lower, upper;	/* landmarks of beta; upper only where needed */
};

static double
slope(double x, double s)
{
	double h = x / s, t = 0.5 * s;

	return exp(-0.5 * (h * h + t * t)) / SQRT_2PI;
}

static double
price(double x, double s)
{
	return slope(x, s) * normal_gap(x / s, 0.5 * s);
}

/* A cubic over a straight line (Delbourgo and Gregory, 1985) from (x0, y0) with
 * slope d0 to (x1, y1) with slope d1. */
struct span {
	double	 x0, x1, y0, y1, d0, d1;
};

/* The free parameter for the second derivative at the right or left end. */
static double
shape(const struct span *c, double second, bool right)
{
	double w = c->x1 - c->x0, chord = (c->y1 - c->y0) / w;
	double from = chord - c->d0, to = c->d1 - chord, bend = c->d1 - c->d0;
	double r = 0, least = 0;

	if ((right ? to : from) != 0)
		r = (0.5 * w * second + bend) / (right ? to : from);
	if (chord != 0)
		least = (c->d0 + c->d1) / chord;
	if (to != 0)
		least = fmax(least, fabs(bend / to));
	if (from != 0)
		least = fmax(least, fabs(bend / from));
	return fmax(fmax(r, least), -0.99);
}

static double
cubic(const struct span *c, double r, double x)
{
	double w = c->x1 - c->x0, q = (x - c->x0) / w, p = 1 - q;

	if (!(w > 0))
		return c->y0;
	return (c->y1 * q * q * q + (r * c->y1 - w * c->d1) * q * q * p +
	    (r * c->y0 + w * c->d0) * q * p * p + c->y0 * p * p * p) /
	    (1 + (r - 3) * q * p);
}

/* beta below the tangent's foot: through f = 2 pi |x| N(x / (sqrt(3) s))^3 /
 * (3 sqrt(3)), which is nearly straight in beta. */
static double
guess_low(const struct problem *p, double s_l)
{
	double ax = -p->x, s = s_l, z = p->x / (SQRT_3 * s), n = normal_cdf(z);
	double third = 2 * M_PI / (3 * SQRT_3) * ax, f, r;
	double ratio = n / normal_density(z), zz = z * z, b = p->lower;
	struct span c = { 0, b, 0, third * n * n * n, 1, 0 };

	c.d1 = 2 * M_PI * zz * n * n * exp(zz + s * s / 8);
	r = shape(&c, M_PI / 6 * zz / (s * s * s) * n *
	    (8 * SQRT_3 * s * ax + (3 * s * s * (s * s - 8) - 8 * ax * ax) *
	    ratio) * exp(2 * zz + s * s / 4), true);
	f = cubic(&c, r, p->beta);
	if (!(f > 0)) {
		r = p->beta / b;
		f = (c.y1 * r + b * (1 - r)) * r;
	}
	/* Cube roots apart: the quotient would underflow. */
	n = cbrt(f) / cbrt(third);
	return n < 0.5 ? fabs(p->x / (SQRT_3 * normal_inverse(n))) : s_l;
}

static double
guess_high(const struct problem *p, double s_u)
{
	double h = p->x / s_u, w = h * h;
	struct span c = { p->upper, p->max, normal_cdf(-0.5 * s_u), 0,
	    -0.5 * exp(0.5 * w), -0.5 };
	double f, r = shape(&c, SQRT_HALF_PI * (w / s_u) *
	    exp(w + s_u * s_u / 8), false);

	f = cubic(&c, r, p->beta);
	if (!(f > 0))
		f = 0.5 * (p->max - p->beta);
	return f < 0.5 ? -2 * normal_inverse(f) : s_u;
}

/* Sets the landmarks.  s_c is where b bends over; its tangent there meets 0 at
 * s_l and the maximum at s_u. */
static double
guess(struct problem *p)
{
	double s_c = sqrt(-2 * p->x);
	double e = normal_mills(s_c) / SQRT_HALF_PI;	/* erfcx(root) */
	double b_c = 0.5 * p->max * (1 - e), v_c = p->max / SQRT_2PI;
	double s_l = s_c - SQRT_HALF_PI * (1 - e);
	double s_u = s_c + SQRT_HALF_PI * (1 + e);
	struct span c;

	p->lower = s_l > 0 ? price(p->x, s_l) : 0;
	p->upper = INFINITY;
	if (p->beta < p->lower)
		return guess_low(p, s_l);
	if (p->beta < b_c) {
		c = (struct span){ p->lower, b_c, s_l, s_c,
		    1 / slope(p->x, s_l), 1 / v_c };
		return cubic(&c, shape(&c, 0, true), p->beta);
	}
	p->upper = price(p->x, s_u);
	if (p->beta > p->upper)
		return guess_high(p, s_u);
	c = (struct span){ b_c, p->upper, s_c, s_u, 1 / v_c,
	    1 / slope(p->x, s_u) };
	return cubic(&c, shape(&c, 0, false), p->beta);
}

/* What a step adds to s: third order, nu is Newton's step, h2 and h3 the second
 * and third derivative of the objective over the first. */
static double
householder(double nu, double h2, double h3)
{
	return nu * (1 + 0.5 * h2 * nu) / (1 + nu * (h2 + h3 * nu / 6));
}

static double
step(const struct problem *p, double s)
{
	double h = p->x / s, t = 0.5 * s, lnv = -0.5 * (h * h + t * t);
	double b2 = h * h / s - 0.25 * s;
	double b3 = b2 * b2 - 3 * h * h / (s * s) - 0.25, b, g, l, ln;

	if (p->beta > p->upper) {	/* ln((max - beta) / (max - b)) */
		g = 1 / (normal_mills(t + h) + normal_mills(t - h));
		return householder(log(exp(lnv) / SQRT_2PI / g /
		    (p->max - p->beta)) / g, b2 + g, b3 + g * (2 * g + 3 * b2));
	}
	b = normal_gap(h, t);
	if (p->beta >= p->lower)	/* b - beta */
		return householder(p->beta * SQRT_2PI * exp(-lnv) - b, b2, b3);
	ln = log(b) + lnv - LN_SQRT_2PI;	/* 1 / ln b - 1 / ln beta */
	l = 1 / ln;
	return householder((p->ln_beta - ln) * ln * b / p->ln_beta,
	    b2 - (1 + 2 * l) / b,
	    b3 + (2 + 6 * l * (1 + l)) / (b * b) - 3 * b2 * (1 + 2 * l) / b);
}

static double
solve(struct problem *p)
{
	double s, ds;
	int i;

	p->ln_beta = log(p->beta);
	s = guess(p);
	for (i = 0; i < 2; i++) {
		ds = step(p, s);
		s += ds;
	}
	return s;
}

enum black_status
black_far(const struct black_option *o, double v, double start, double *sigma,
    double *kappa)
{
	enum black_status st = black_check(o);
	double in = o->type * (o->forward - o->strike), growth, u, s;
	double root, cap = o->type == BLACK_CALL ? o->forward : o->strike;
	struct problem p;

	(void)start;
	if (st != BLACK_OK)
		return st;
	if (!(v > 0))
		return BLACK_NO_PRICE;
	growth = expm1(o->rate * o->years);
	if (v - cap + v * growth >= 0)
		return BLACK_ABOVE_MAX;
	u = v - (in > 0 ? in : 0) + v * growth;
	if (!(u > 0))
		return BLACK_BELOW_INTRINSIC;
	root = sqrt(o->forward * o->strike);
	p.x = -fabs(black_log_ratio(o->forward, o->strike));
	p.max = exp(0.5 * p.x);
	p.beta = u / root;
	if (!(p.beta < p.max))
		return BLACK_ABOVE_MAX;
	s = solve(&p);
	*sigma = s / sqrt(o->years);
	*kappa = (v + v * growth) / (root * slope(p.x, s) * s);
	return black_determined(*kappa);
}

enum black_status
black_iv(const struct black_option *o, double price, double guess,
    struct black_iv *out)
{
	enum black_status st;
	double sigma, kappa;

	if (black_near(o, price, &sigma, &kappa))
		st = black_determined(kappa);
	else
		st = black_far(o, price, guess, &sigma, &kappa);
	if (st != BLACK_OK && st != BLACK_INDETERMINATE)
		return st;
	out->sigma = sigma;
	out->kappa = kappa;
	out->uncertainty = (1 + kappa) * 0x1p-52;
	return st;
}

/* ---- many ---- */

static struct black_option
option(const struct black_rows *r, size_t i)
{
	return (struct black_option){ (enum black_type)r->type[i],
	    r->forward[i], r->strike[i], r->years[i], r->rate[i] };
}

void
black_row_far(const struct black_rows *r, size_t i)
{
	struct black_option o = option(r, i);

	r->sigma[i] = r->kappa[i] = 0;
	r->status[i] = (uint8_t)black_far(&o, r->price[i], 0, &r->sigma[i],
	    &r->kappa[i]);
}

void
black_plain(const struct black_rows *r, size_t i)
{
	struct black_option o;

	for (; i < r->n; i++) {
		o = option(r, i);
		if (black_near(&o, r->price[i], &r->sigma[i], &r->kappa[i]))
			r->status[i] = (uint8_t)black_determined(r->kappa[i]);
		else
			black_row_far(r, i);
	}
}

void
black_iv_rows(const struct black_rows *r)
{
	black_plain(r, black_avx2_here() ? black_avx2(r) : 0);
}
