#include "black.h"
#include "black_core.h"
#include "lane.h"
#include "mills.h"
#include "black_near.h"
#include "black_bend.h"

/* From a guess that is nearly right. */
static bool
again(const struct near_case *c, double s, struct near_out *out)
{
	double step, g;

	if (!(isgreater(s, BLACK_STILL) && isless(s, NEAR_S) &&
	    c->x < 13 * s))
		return false;
	s = near_again(c->x, c->beta, s, &g, &step);
	out->sigma = s / c->root;
	out->kappa = g * c->part;
	return fabs(step) < NEAR_AGAIN;
}

bool
black_near(const struct black_option *o, double price, double guess,
    double *sigma, double *kappa)
{
	struct near_in in = { o->type, o->forward, o->strike, o->years,
	    o->rate, price };
	struct near_case c = near_begin(&in);
	struct near_out v;

	if (c.ok == 0)
		return false;
	if (guess == 0 || !again(&c, guess * c.root, &v)) {
		v = near_end(&c);
		if (v.mine == 0)
			return false;
	}
	*sigma = v.sigma;
	*kappa = v.kappa;
	return true;
}

bool
black_bend(const struct black_option *o, double sigma, struct black_greeks *g)
{
	struct bend_in in = { o->type, o->forward, o->strike, o->years,
	    o->rate, sigma };
	struct bend_out v = bend_greeks(&in);

	if (v.mine == 0)
		return false;
	*g = (struct black_greeks){ v.price, v.delta, v.gamma, v.theta, v.vega,
	    v.rho, v.vanna, v.volga, v.charm };
	return true;
}
