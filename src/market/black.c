#include <math.h>
#include <stddef.h>

#include "black.h"
#include "black_core.h"
#include "normal.h"

/*
 * In here h = -|x|/s <= 0 and t = s/2 > 0, where x = ln(F/K) and s is the
 * volatility to the expiry; then d1 = h + t and d2 = h - t of the option that is
 * out of the money.
 */

/*
 * The undiscounted price of the option that is out of the money, over the
 * smaller of forward and strike: N(h+t) - e^(-2ht) N(h-t), in a form without
 * cancellation for each region.
 */
static double
time_value(double h, double t)
{
	double z = h + t;

	if (z < 0 || t < 0.21 - h / 26)
		return normal_density(z) * normal_gap(h, t);
	return normal_cdf(z) - normal_density(z) * normal_mills(t - h);
}

double
black_log_ratio(double f, double k)
{
	if (f > 0.5 * k && f < 2 * k)
		return log1p((f - k) / k);
	return log(f / k);
}

enum black_status
black_check(const struct black_option *o)
{
	if (o->type != BLACK_CALL && o->type != BLACK_PUT)
		return BLACK_BAD_INPUT;
	if (!(o->strike >= BLACK_LEAST && o->strike <= BLACK_MOST) ||
	    isnan(o->years) || isinf(o->years) ||
	    isnan(o->rate) || isinf(o->rate))
		return BLACK_BAD_INPUT;
	if (isnan(o->forward))
		return BLACK_NO_FORWARD;
	if (!(o->forward >= BLACK_LEAST && o->forward <= BLACK_MOST))
		return BLACK_BAD_INPUT;
	if (!(o->years > 0))
		return BLACK_EXPIRED;
	return fabs(o->rate * o->years) <= BLACK_GROWTH ? BLACK_OK :
	    BLACK_BAD_INPUT;
}

static enum black_status
check(const struct black_option *o, double sigma)
{
	if (!(sigma >= 0 && sigma <= BLACK_MOST))
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
		*price = value(o, black_log_ratio(o->forward, o->strike),
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
	double x = black_log_ratio(f, o->strike), discount = exp(-o->rate * o->years);
	double d1 = x / s + 0.5 * s, d2 = x / s - 0.5 * s;
	double dn = discount * normal_density(d1);

	g->price = value(o, x, s, discount);
	g->delta = o->type * discount * normal_cdf(o->type * d1);
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
