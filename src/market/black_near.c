#include "black.h"
#include "black_core.h"
#include "lane.h"
#include "mills.h"
#include "black_near.h"

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
