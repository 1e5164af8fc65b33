#include <math.h>
#include <stddef.h>

#include "black.h"
#include "black_core.h"
#include "lane.h"
#include "normal.h"

/*
 * In here h = -|x|/s <= 0 and t = s/2 > 0, where x = ln(F/K) and s is the
 * volatility to the expiry; then d1 = h + t and d2 = h - t of the option that is
 * out of the money.
 */
struct point {
	double	 x, s, h, t;
	double	 low;		/* the smaller of forward and strike */
	double	 dense;		/* n(h + t): F n(d1) and K n(d2) over low */
	double	 discount;
};

double
black_log_ratio(double f, double k)
{
	double low = f < k ? f : k, high = f < k ? k : f, x;

	x = high < 2 * low ? lane_log1p(high - low, low) :
	    lane_log(high / low);
	return f < k ? -x : x;
}

/* Quiet for NaN, as all comparisons are here that may see one. */
static inline int
market(double v)
{
	return isgreaterequal(v, BLACK_LEAST) && islessequal(v, BLACK_MOST);
}

enum black_status
black_check(const struct black_option *o)
{
	if (o->type != BLACK_CALL && o->type != BLACK_PUT)
		return BLACK_BAD_INPUT;
	if (!market(o->strike) || !islessequal(fabs(o->rate), BLACK_MOST) ||
	    !islessequal(o->years, BLACK_MOST))
		return BLACK_BAD_INPUT;
	if (isnan(o->forward))
		return BLACK_NO_FORWARD;
	if (!market(o->forward))
		return BLACK_BAD_INPUT;
	if (o->years <= 0)
		return BLACK_EXPIRED;
	return o->years >= BLACK_LEAST &&
	    fabs(o->rate * o->years) <= BLACK_GROWTH ? BLACK_OK :
	    BLACK_BAD_INPUT;
}

static enum black_status
check(const struct black_option *o, double sigma)
{
	if (!(isgreaterequal(sigma, 0) && islessequal(sigma, BLACK_MOST)))
		return BLACK_BAD_INPUT;
	return black_check(o);
}

/* What an option without a future is worth, undiscounted. */
static double
intrinsic(const struct black_option *o)
{
	double v = o->type * (o->forward - o->strike);

	return v > 0 ? v : 0;
}

static double
discount(const struct black_option *o)
{
	return o->rate == 0 ? 1 : normal_exp(-o->rate * o->years);
}

static void
place(const struct black_option *o, double s, struct point *p)
{
	p->s = s;
	p->x = black_log_ratio(o->forward, o->strike);
	p->h = -fabs(p->x) / s;
	p->t = 0.5 * s;
	p->low = o->forward < o->strike ? o->forward : o->strike;
	p->dense = normal_density(p->h + p->t);
	p->discount = discount(o);
}

/*
 * The time value, undiscounted, is low times N(h+t) - e^(-2ht) N(h-t): in a form
 * without cancellation for each region.
 */
static double
value(const struct black_option *o, const struct point *p)
{
	double z = p->h + p->t, v;

	if (z < 0 || p->t < 0.21 - p->h / 26)
		v = p->dense * normal_gap(p->h, p->t);
	else
		v = 1 - p->dense * (normal_mills(z) + normal_mills(p->t - p->h));
	return p->discount * (intrinsic(o) + p->low * v);
}

enum black_status
black_price(const struct black_option *o, double sigma, double *price)
{
	enum black_status st;
	struct black_greeks g;
	struct point p;
	double s;

	if (black_bend(o, sigma, &g)) {
		*price = g.price;
		return BLACK_OK;
	}
	st = check(o, sigma);
	if (st == BLACK_EXPIRED) {
		*price = intrinsic(o);
	} else if (st == BLACK_OK) {
		s = sigma * sqrt(o->years);
		if (s > BLACK_STILL) {
			place(o, s, &p);
			*price = value(o, &p);
		} else
			*price = discount(o) * intrinsic(o);
	}
	return st;
}

/* 1, 1/2 or 0, with the sign of the type. */
static double
limit_delta(const struct black_option *o)
{
	double in = o->type * (o->forward - o->strike);

	return o->type * (in > 0 ? 1 : in < 0 ? 0 : 0.5);
}

/* The greeks where there is a volatility. */
static void
greeks(const struct black_option *o, double sigma, double s,
    struct black_greeks *g)
{
	double root = sqrt(o->years), d1, d2, fn, tail;
	struct point p;

	place(o, s, &p);
	d1 = p.x / s + p.t;
	d2 = p.x / s - p.t;
	fn = p.discount * p.low * p.dense;		/* D F n(d1) */
	tail = p.low * p.dense / o->forward * normal_mills(fabs(d1));
	g->price = value(o, &p);
	g->delta = o->type * p.discount *
	    (o->type * d1 < 0 ? tail : 1 - tail);
	g->theta = o->rate * g->price / 365;
	g->rho = -o->years * g->price / 100;
	g->charm = o->rate * g->delta / 365;
	g->gamma = g->vega = g->vanna = g->volga = 0;
	if (fn == 0)
		return;
	g->gamma = fn / (o->forward * o->forward * s);
	g->vega = fn * root / 100;
	g->theta -= fn * sigma / (2 * root) / 365;
	fn /= o->forward;
	g->vanna = -fn * d2 / sigma / 100;
	g->volga = g->vega * d1 * d2 / sigma / 100;
	g->charm -= fn * (0.5 * p.t - 0.5 * p.x / s) / o->years / 365;
}

enum black_status
black_greeks(const struct black_option *o, double sigma, struct black_greeks *g)
{
	struct black_greeks out = { .price = 0 };
	enum black_status st;
	double s, d;

	if (black_bend(o, sigma, g))
		return BLACK_OK;
	st = check(o, sigma);
	if (st != BLACK_OK && st != BLACK_EXPIRED)
		return st;
	if (st == BLACK_EXPIRED) {
		out.price = intrinsic(o);
		out.delta = limit_delta(o);
	} else if ((s = sigma * sqrt(o->years)) > BLACK_STILL) {
		greeks(o, sigma, s, &out);
	} else {
		d = discount(o);
		out.price = d * intrinsic(o);
		out.delta = d * limit_delta(o);
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
