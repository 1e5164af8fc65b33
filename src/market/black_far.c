#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "black.h"
#include "black_core.h"
#include "lane.h"
#include "mills.h"
#include "normal.h"
#include "black_near.h"

/*
 * The implied volatility of any option, after P. Jaeckel, "Let's Be Rational",
 * Wilmott, January 2015: of the option that is out of the money, normalised,
 * with x = -|ln(F/K)| and beta = time value / sqrt(FK); a guess by rational
 * cubics between landmarks, third-order Householder steps on b(x, s) = beta.
 *
 * Here b' = n(sqrt(h^2 + t^2)) is the slope of b in s, with h = x/s and t = s/2,
 * and B = b/b' = Y(h + t) - Y(h - t) of normal.h.
 */
static const double SQRT_HALF_PI = 1.25331413731550025121;
static const double SQRT_3 = 1.73205080756887729353;

/* A time value that is less of its most is not one that a double can hold. */
static const double LEAST_PART = 1e-290;
/* Room that is there only because the growth is next to nothing. */
static const double LEAST_GAP = 1e-30;
/* A price above this is above all. */
static const double MOST_PRICE = 1e150;

struct problem {
	double	 x;		/* <= 0 */
	double	 max;		/* e^(x/2), which b does not reach */
	double	 beta;		/* 0 < beta < max */
	double	 part, gap;	/* beta / max and 1 - that, all digits of both */
	double	 ln_beta;
	/* b bends over at s_c; the tangent there meets 0 at s_l and max at s_u:
	 * between these the objective of a step is b itself */
	double	 s_c, s_l, s_u;
	double	 e;		/* erfcx(sqrt|x|) */
	double	 rate;		/* of the last step: s b'/b, as it was found */
};

static double
slope(double x, double s)
{
	double h = x / s, t = 0.5 * s;

	return normal_exp(-0.5 * (h * h + t * t)) / SQRT_2PI;
}

static double
value(double x, double s)
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

	return (c->y1 * q * q * q + (r * c->y1 - w * c->d1) * q * q * p +
	    (r * c->y0 + w * c->d0) * q * p * p + c->y0 * p * p * p) /
	    (1 + (r - 3) * q * p);
}

/* beta below b(s_l): through f = 2 pi |x| N(x / (sqrt(3) s))^3 / (3 sqrt(3)), which
 * is nearly straight in beta. */
static double
guess_low(const struct problem *p, double b_l)
{
	double ax = -p->x, s = p->s_l, z = p->x / (SQRT_3 * s), zz = z * z;
	double third = 2 * M_PI / (3 * SQRT_3) * ax, f, r;
	double mills = normal_mills(-z), e = normal_exp(0.5 * zz);
	double n = mills / (SQRT_2PI * e), bulge = normal_exp(s * s / 8);
	struct span c = { 0, b_l, 0, third * n * n * n, 1, 0 };

	c.d1 = 2 * M_PI * zz * n * n * e * e * bulge;
	r = shape(&c, M_PI / 6 * zz / (s * s * s) * n *
	    (8 * SQRT_3 * s * ax + (3 * s * s * (s * s - 8) - 8 * ax * ax) *
	    mills) * (e * e * bulge) * (e * e * bulge), true);
	f = cubic(&c, r, p->beta);
	if (!(f > 0)) {
		r = p->beta / b_l;
		f = (c.y1 * r + b_l * (1 - r)) * r;
	}
	/* Cube roots apart: the quotient would underflow. */
	n = lane_exp((lane_log(fmax(f, 1e-300)) - lane_log(third)) / 3);
	return n < 0.5 ? ax / (SQRT_3 * -normal_inverse(n)) : s;
}

static double
guess_high(const struct problem *p, double b_u)
{
	double s = p->s_u, h = p->x / s, w = h * h, e = normal_exp(0.5 * w);
	struct span c = { b_u, p->max, normal_cdf(-0.5 * s), 0, -0.5 * e,
	    -0.5 };
	double f, r = shape(&c, SQRT_HALF_PI * (w / s) * e * e *
	    normal_exp(s * s / 8), false);

	f = cubic(&c, r, p->beta);
	if (!(f > 0))
		f = 0.5 * p->gap * p->max;
	return f < 0.5 ? -2 * normal_inverse(f) : s;
}

/*
 * A guess for what is not ordinary because of s alone, or because it is far out,
 * where beta is nearly s n(h) / h^2 and so h^2 + 6 ln h is known; 0 for others.
 */
static double
guess_near(const struct problem *p)
{
	double ax = -p->x, s, h;

	if (ax > M_LN2)
		return 0;
	if (ax < p->beta * NEAR_FAR) {
		s = near_guess(ax, p->beta);
		return s * s < 8 ? s + s * near_rest(ax, s * s) : 0;
	}
	h = -lane_log(SQRT_2PI * p->beta / ax);
	h = sqrt(2 * h - 6 * lane_log(sqrt(2 * h - 6 * lane_log(13))));
	return ax / h;
}

/* Where s is looked for from, between the landmarks. */
static double
guess(const struct problem *p)
{
	double b_c = 0.5 * p->max * (1 - p->e), v_c = p->max / SQRT_2PI, b;
	struct span c;

	if (p->beta < b_c) {
		b = value(p->x, p->s_l);
		if (p->beta < b)
			return guess_low(p, b);
		c = (struct span){ b, b_c, p->s_l, p->s_c,
		    1 / slope(p->x, p->s_l), 1 / v_c };
		return cubic(&c, shape(&c, 0, true), p->beta);
	}
	b = value(p->x, p->s_u);
	if (p->beta > b)
		return guess_high(p, b);
	c = (struct span){ b_c, b, p->s_c, p->s_u, 1 / v_c,
	    1 / slope(p->x, p->s_u) };
	return cubic(&c, shape(&c, 0, false), p->beta);
}

/* A step of third order: nu is Newton's, h2 and h3 the second and third derivative
 * of the objective over the first.  NAN where it has nothing in common with
 * Newton's: too far off. */
static double
householder(double nu, double h2, double h3)
{
	double f = (1 + 0.5 * h2 * nu) / (1 + nu * (h2 + h3 * nu / 6));

	return fabs(f - 1) < 0.75 ? nu * f : NAN;
}

/*
 * A step from s, relative to s as all derivatives in here are; p->rate for what is
 * found.  With z = h + t, b' / max is n(z): so what is compared is beta / max, and
 * nothing large has to cancel.
 */
static double
step(struct problem *p, double s)
{
	double h = p->x / s, t = 0.5 * s, z = h + t, w = 0.5 * z * z;
	double b2 = h * h - t * t, b3 = b2 * b2 - 3 * h * h - t * t;
	double b, g, l, miss, d;

	if (s > p->s_u) {	/* ln((max - beta) / (max - b)) */
		g = 1 / (normal_mills(z) + normal_mills(t - h));
		miss = lane_log(p->gap * SQRT_2PI * g) + w;
		g *= s;
		d = householder(-miss / g, b2 + g, b3 + g * (2 * g + 3 * b2));
		p->rate = (1 + d) * p->gap * g * (1 + d * (b2 + g)) / p->part;
		return d;
	}
	b = normal_gap(h, t);
	if (s < p->s_l) {	/* 1 / ln b - 1 / ln beta */
		miss = lane_log(p->part * SQRT_2PI / b) + w;
		l = 1 / (p->ln_beta - miss);
		b /= s;
		d = householder(miss * b / (l * p->ln_beta),
		    b2 - (1 + 2 * l) / b, b3 + (2 + 6 * l * (1 + l)) / (b * b) -
		    3 * b2 * (1 + 2 * l) / b);
	} else {		/* b - beta */
		miss = p->part * SQRT_2PI * normal_exp(w) - b;
		d = householder(miss / s, b2, b3);
		b /= s;
	}
	p->rate = (1 + d) / (b + d * (1 - b * b2));
	return d;
}

/*
 * Steps from s until one moves it so little that the next, of fourth order, is
 * nothing: two from a guess(), one or two from a good start.  Negative where it
 * goes astray, which needs a start that is no guess().
 */
static double
walk(struct problem *p, double s)
{
	double d;
	int i;

	for (i = 0; i < 8; i++) {
		d = step(p, s);
		if (!isless(fabs(d), 0.75))
			return -1;
		s += s * d;
		if (fabs(d) < 1e-5)
			return s;
	}
	return s;
}

static double
solve(struct problem *p, double start)
{
	double s = -1, own;

	p->beta = p->part * p->max;
	p->ln_beta = lane_log(p->part) + 0.5 * p->x;
	p->s_c = sqrt(-2 * p->x);
	p->e = normal_mills(p->s_c) / SQRT_HALF_PI;
	p->s_l = p->s_c - SQRT_HALF_PI * (1 - p->e);
	p->s_u = p->s_c + SQRT_HALF_PI * (1 + p->e);
	if (p->x > -1e-8)	/* where that has no digits left */
		p->s_l = -SQRT_HALF_PI * p->x;
	if (start > 0 && start < 50 && -p->x < 38 * start)
		s = walk(p, start);	/* b' there is a number above 0 */
	else if ((own = guess_near(p)) > 0)
		s = walk(p, own);
	return s > 0 ? s : walk(p, guess(p));
}

/* What a price says, undiscounted. */
struct grown {
	double	 price;
	double	 time;		/* above what exercise is worth */
	double	 over;		/* above what it cannot be worth: < 0 */
};

/* Discounts are small, and the price may be nearly all intrinsic: what exceeds
 * that keeps its digits where the growth is added, and not multiplied with. */
static void
grow(const struct black_option *o, double v, struct grown *g)
{
	double cap = o->type == BLACK_CALL ? o->forward : o->strike;
	double f = o->forward, k = o->strike, in = 0, rest = 0, b;
	double y = o->rate * o->years, more = 0;

	if (o->type * (f - k) > 0) {	/* with what the difference loses */
		in = o->type * (f - k);
		b = f - (f - k);
		rest = o->type * ((f - (f - k + b)) + (b - k));
	}
	if (fabs(y) < 0.35)
		more = v * lane_expm1(y);
	else
		v *= normal_exp(y);
	g->price = v + more;
	g->time = v - in - rest + more;
	g->over = v - cap + more;
}

enum black_status
black_far(const struct black_option *o, double v, double start, double *sigma,
    double *kappa)
{
	enum black_status st = black_check(o);
	double low, year, s;
	struct problem p;
	struct grown g;

	if (st != BLACK_OK)
		return st;
	if (!isgreaterequal(v, DBL_MIN))
		return BLACK_NO_PRICE;
	grow(o, v < MOST_PRICE ? v : MOST_PRICE, &g);
	if (g.over >= 0)
		return BLACK_ABOVE_MAX;
	if (g.time <= 0)
		return BLACK_BELOW_INTRINSIC;
	p.x = -fabs(black_log_ratio(o->forward, o->strike));
	low = fmin(o->forward, o->strike);
	p.max = sqrt(low / fmax(o->forward, o->strike));
	p.part = g.time / low;
	p.gap = -g.over / low;
	if (p.part < LEAST_PART)
		return BLACK_NO_PRICE;
	if (p.gap < LEAST_GAP)
		return BLACK_ABOVE_MAX;
	year = sqrt(o->years);
	start = isgreater(start, BLACK_LEAST) && isless(start, BLACK_MOST) ?
	    start * year : 0;
	s = solve(&p, start);
	if (!(s >= BLACK_STILL))
		return BLACK_NO_PRICE;
	*sigma = s / year;
	*kappa = g.price / g.time / p.rate;
	return black_determined(*kappa);
}
