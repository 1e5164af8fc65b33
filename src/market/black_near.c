#include "black.h"
#include "black_core.h"
#include "lane.h"
#include "mills.h"
#include "black_near.h"
#include "black_bend.h"

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
