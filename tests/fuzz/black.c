/*
 * black - options and prices of any bits: a status without a number, or a
 * volatility that is one and gives the price back; by rows the same bits
 *
 * The input is records of 49 bytes: type, forward, strike, years, rate, price,
 * guess.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "black.h"
#include "fuzz.h"

enum { RECORD = 49, MOST = 32 };

static struct {
	int8_t	 type[MOST];
	double	 forward[MOST], strike[MOST], years[MOST], rate[MOST],
		 price[MOST], sigma[MOST], kappa[MOST];
	uint8_t	 status[MOST];
	double	 greek[6][MOST];
} many;

/* How far black_price() may be from the price, relative: by the bounds of the
 * volatility, of the price and of e^(rate years). */
static double
tolerance(const struct black_option *o, const struct black_iv *v)
{
	double s = v->sigma * sqrt(o->years);
	double d1 = log(o->forward / o->strike) / s + s / 2;

	return DBL_EPSILON * (8 * (1 + v->kappa) / v->kappa +
	    32 * (1 + d1 * d1) + 8 * fabs(o->rate * o->years));
}

static void
sound(const struct black_option *o, double price, double guess)
{
	struct black_iv v = { -1, -1, -1 };
	enum black_status st = black_iv(o, price, guess, &v);
	struct black_greeks g;
	double back;

	MUST(st <= BLACK_INDETERMINATE);
	if (st != BLACK_OK && st != BLACK_INDETERMINATE) {
		MUST(v.sigma == -1 && v.kappa == -1 && v.uncertainty == -1);
		return;
	}
	MUST(v.sigma > 0 && isfinite(v.sigma));
	MUST(v.kappa > 0 && isfinite(v.kappa));
	MUST(black_price(o, v.sigma, &back) == BLACK_OK);
	if (st == BLACK_OK)
		MUST(fabs(back - price) <= tolerance(o, &v) * price);
	MUST(black_greeks(o, v.sigma, &g) == BLACK_OK && g.price == back);
	MUST(isfinite(g.delta) && isfinite(g.gamma) && isfinite(g.theta) &&
	    isfinite(g.vega) && isfinite(g.rho) && isfinite(g.vanna) &&
	    isfinite(g.volga) && isfinite(g.charm));
	MUST(fabs(g.delta) <= exp(-o->rate * o->years) * (1 + 1e-12));
	MUST(g.gamma >= 0 && g.vega >= 0);
}

/* Those of the volatilities that black_iv_rows() has left, or 0. */
static void
same_greeks(size_t n)
{
	struct black_greek_rows r = { n, many.type, many.forward, many.strike,
	    many.years, many.rate, many.sigma, many.greek[0], many.greek[1],
	    many.greek[2], many.greek[3], many.greek[4], many.greek[5],
	    many.status };

	black_greeks_rows(&r);
	for (size_t i = 0; i < n; i++) {
		struct black_option o = { (enum black_type)many.type[i],
		    many.forward[i], many.strike[i], many.years[i],
		    many.rate[i] };
		struct black_greeks g = { .price = 0 };

		MUST(many.status[i] == black_greeks(&o, many.sigma[i], &g));
		MUST(g.price == r.price[i] && g.delta == r.delta[i] &&
		    g.gamma == r.gamma[i] && g.theta == r.theta[i] &&
		    g.vega == r.vega[i] && g.rho == r.rho[i]);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct black_rows r = { 0, many.type, many.forward, many.strike,
	    many.years, many.rate, many.price, many.sigma, many.kappa,
	    many.status };
	struct black_option o;
	struct black_iv v;
	double d[6];
	size_t i;

	for (; n >= RECORD && r.n < MOST; p += RECORD, n -= RECORD) {
		i = r.n++;
		memcpy(&many.type[i], p, 1);
		memcpy(d, p + 1, sizeof(d));
		many.forward[i] = d[0];
		many.strike[i] = d[1];
		many.years[i] = d[2];
		many.rate[i] = d[3];
		many.price[i] = d[4];
		o = (struct black_option){ (enum black_type)many.type[i], d[0],
		    d[1], d[2], d[3] };
		sound(&o, d[4], 0);
		sound(&o, d[4], d[5]);
	}
	black_iv_rows(&r);
	for (i = 0; i < r.n; i++) {
		o = (struct black_option){ (enum black_type)many.type[i],
		    many.forward[i], many.strike[i], many.years[i],
		    many.rate[i] };
		v = (struct black_iv){ 0, 0, 0 };
		MUST(many.status[i] == black_iv(&o, many.price[i], 0, &v));
		MUST(memcmp(&many.sigma[i], &v.sigma, sizeof(double)) == 0);
		MUST(memcmp(&many.kappa[i], &v.kappa, sizeof(double)) == 0);
	}
	same_greeks(r.n);
	return 0;
}

/* ---- seeds: options of all regions ---- */

void
fuzz_seeds(fuzz_add *add)
{
	static const double sigma[] = { 1e-3, 0.12, 0.9, 5 };
	static const double k[] = { 500, 17000, 24000, 24000.05, 31000, 9e5 };
	static const double years[] = { 1e-6, 0.02, 1.5 };
	uint8_t all[RECORD * MOST], *p = all;
	double price;

	for (int i = 0; i < 4 * 6 * 3 * 2; i++) {
		struct black_option o = { i & 1 ? BLACK_CALL : BLACK_PUT, 24000,
		    k[i / 2 % 6], years[i / 12 % 3], i % 5 * 0.03 };
		double s = sigma[i / 36];

		MUST(black_price(&o, s, &price) == BLACK_OK);
		*p = (uint8_t)o.type;
		memcpy(p + 1, (double[]){ o.forward, o.strike, o.years, o.rate,
		    price, s * 1.01 }, 6 * sizeof(double));
		if ((p += RECORD) == all + sizeof(all)) {
			add(all, sizeof(all));
			p = all;
		}
		add(p > all ? p - RECORD : all + sizeof(all) - RECORD, RECORD);
	}
}
