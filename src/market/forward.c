#include <math.h>

#include "forward.h"

struct forward
forward_none(void)
{
	return (struct forward){ .value = NAN, .unc = NAN };
}

static double
price_or_nan(double v)
{
	return isfinite(v) && v > 0 ? v : NAN;
}

/* Where half of the weight is on each side, of n sorted values. */
static double
median(const double *f, const double *w, size_t n, double half)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		sum += w[i];
		if (sum == half && i + 1 < n)
			return (f[i] + f[i + 1]) / 2;
		if (sum >= half)
			return f[i];
	}
	return NAN;
}

double
forward_parity(const struct forward_pair *p, size_t n, double growth,
    double *unc)
{
	double f[FORWARD_STRIKES] = { 0 }, w[FORWARD_STRIKES], half = 0;
	double value;

	for (size_t i = 0; i < n; i++) {	/* sorted by what each says */
		double v = p[i].strike + growth * (p[i].call - p[i].put);
		double weight = 1 / (p[i].spread * p[i].spread);
		size_t k = i;

		for (; k > 0 && f[k - 1] > v; k--) {
			f[k] = f[k - 1];
			w[k] = w[k - 1];
		}
		f[k] = v;
		w[k] = weight;
		half += weight / 2;
	}
	value = median(f, w, n, half);
	*unc = fmax(value - f[0], f[n - 1] - value);
	return price_or_nan(value);
}

double
forward_carry(double spot, double carry, double years)
{
	return price_or_nan(spot * exp(carry * years));
}

double
forward_implied(double spot, double future, double years)
{
	double b = spot > 0 && future > 0 && years > 0 ?
	    log(future / spot) / years : NAN;

	return isfinite(b) ? b : NAN;
}

const char *
forward_name(enum forward_src s)
{
	static const char *const name[] = {
		[FORWARD_NONE] = "", [FORWARD_FUT] = "FUT",
		[FORWARD_PCP] = "PCP", [FORWARD_CARRY] = "CARRY",
	};

	return name[s];
}
