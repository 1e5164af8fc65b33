#include "black.h"
#include "black_core.h"

enum black_status
black_iv(const struct black_option *o, double price, double guess,
    struct black_iv *out)
{
	enum black_status st;
	double sigma, kappa;

	if (black_near(o, price, guess, &sigma, &kappa))
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
		if (black_near(&o, r->price[i], 0, &r->sigma[i], &r->kappa[i]))
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

/* ---- greeks of many ---- */

void
black_row_greeks(const struct black_greek_rows *r, size_t i)
{
	const struct black_option o = { (enum black_type)r->type[i],
	    r->forward[i], r->strike[i], r->years[i], r->rate[i] };
	struct black_greeks g = { .price = 0 };

	r->status[i] = (uint8_t)black_greeks(&o, r->sigma[i], &g);
	r->price[i] = g.price;
	r->delta[i] = g.delta;
	r->gamma[i] = g.gamma;
	r->theta[i] = g.theta;
	r->vega[i] = g.vega;
	r->rho[i] = g.rho;
}

void
black_plain_greeks(const struct black_greek_rows *r, size_t i)
{
	for (; i < r->n; i++)
		black_row_greeks(r, i);
}

void
black_greeks_rows(const struct black_greek_rows *r)
{
	black_plain_greeks(r, black_avx2_here() ? black_avx2_greeks(r) : 0);
}
