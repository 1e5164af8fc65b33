/*
 * blackref - rows for the tests of black: the shared ones, and as many more as
 * one likes, options of every kind from a seed, and what is true of them by
 * arithmetic of 113 bits.  The textbook formulas, for with so many bits they may
 * cancel.
 *
 * libquadmath comes with gcc for x86_64; elsewhere BLACKREF is 0, and rows of
 * seeds are not to be had.
 */
#ifndef BLACKREF_H
#define BLACKREF_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "black.h"

enum ref_column { REF_PRICE, REF_DELTA, REF_GAMMA, REF_THETA, REF_VEGA, REF_RHO,
    REF_VANNA, REF_VOLGA, REF_CHARM, REF_COLUMNS };

struct ref_row {
	struct black_option o;
	double	 sigma;			/* of the option before its price was
					 * rounded; the greeks are of this one */
	double	 greek[REF_COLUMNS];	/* greek[REF_PRICE] is not on the grid */
	double	 price;			/* to invert */
	double	 iv, kappa;		/* its volatility; NAN and INFINITY */
	double	 time;			/* time value, over the price */
	double	 room;			/* what its most is above the price, too */
	enum black_status status;	/* of black_iv() */
};

static const char *const ref_stratum[] = {
	"grid", "chain", "otm_tick", "itm_deep", "tiny_T", "huge_sigma",
	"atm_exact", "atm_near", "tiny_price", "tiny_sigma", "wide"
};
enum { REF_STRATA = sizeof(ref_stratum) / sizeof(ref_stratum[0]) };

/* Where there is a volatility kappa decides. */
static inline enum black_status
ref_determined(double kappa)
{
	return (1 + kappa) * 0x1p-52 > 1e-6 ? BLACK_INDETERMINATE : BLACK_OK;
}

/* A file of the shared vectors, behind its header, or NULL, and that is said. */
static inline FILE *
ref_shared(const char *name)
{
	const char *dir = getenv("SHARED");
	char path[4096];
	FILE *fp;

	if (dir == NULL || *dir == '\0')
		dir = "../shared/data";
	snprintf(path, sizeof(path), "%s/greeks/%s", dir, name);
	if ((fp = fopen(path, "r")) == NULL)
		fprintf(stderr, "# no %s: left out\n", path);
	else if (fgets(path, sizeof(path), fp) == NULL)
		rewind(fp);	/* an empty file: there is no row to come */
	return fp;
}

/* The fields of a line from number first on, as numbers. */
static inline int
ref_numbers(const char *line, int first, double *out, int max)
{
	int n = 0, i;
	char *end;

	for (i = 0; i < first && (line = strchr(line, ',')) != NULL; i++)
		line++;
	for (; line != NULL && n < max; line = *end == ',' ? end + 1 : NULL) {
		out[n++] = strtod(line, &end);
		if (end == line)
			return -1;
	}
	return n;
}

/*
 * The next row of vectors.csv and vectors_aux.csv, behind their headers: 1, 0 at
 * the end of both, -1 for what is no such row.
 */
static inline int
ref_vector(FILE *vectors, FILE *aux, struct ref_row *r)
{
	char line[1024], more[1024];
	char *a = fgets(line, sizeof(line), vectors);
	char *b = fgets(more, sizeof(more), aux);
	double v[11], w[5];

	if (a == NULL || b == NULL)
		return a == b ? 0 : -1;
	if (ref_numbers(line, 1, v, 11) != 11 || ref_numbers(more, 2, w, 5) != 5)
		return -1;
	*r = (struct ref_row){
		.o = { *line == 'C' ? BLACK_CALL : BLACK_PUT, v[0], v[1], v[2],
		    v[3] },
		.sigma = v[4], .price = v[5], .iv = w[0], .kappa = w[1],
		.greek = { v[5], v[6], v[7], v[8], v[9], v[10], w[2], w[3],
		    w[4] },
		.time = 1, .room = 1, .status = isnan(w[0]) ?
		    BLACK_BELOW_INTRINSIC : ref_determined(w[1])
	};
	return 1;
}

/* A number from the environment. */
static inline uint64_t
ref_asked(const char *name, uint64_t otherwise)
{
	const char *v = getenv(name);

	return v == NULL ? otherwise : strtoull(v, NULL, 10);
}

/* Whether a rounding decides about the status: there is no more time value than
 * that, no more room above the price, or kappa is on the border. */
static inline int
ref_edge(const struct ref_row *r)
{
	return fabs(r->time) < 0x1p-50 || fabs(r->room) < 0x1p-50 ||
	    fabs((1 + r->kappa) * 0x1p-52 - 1e-6) < 1e-9;
}

#if defined(__x86_64__) && defined(__SIZEOF_FLOAT128__)
#define BLACKREF 1

typedef __float128 quad;

/* Declared here: clang has no quadmath.h, but links with the library. */
quad	expq(quad), expm1q(quad), logq(quad), erfcq(quad), sqrtq(quad);

/* ---- chance: splitmix64 (Steele, Lea, Flood, 2014) ---- */

static uint64_t
ref_bits(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static double
ref_between(uint64_t *seed, double a, double b)
{
	return a + (b - a) * ((double)(ref_bits(seed) >> 11) * 0x1p-53);
}

/* The same, its logarithm being even. */
static double
ref_log_between(uint64_t *seed, double a, double b)
{
	return exp(ref_between(seed, log(a), log(b)));
}

/* ---- truth ---- */

static quad
ref_cdf(quad z)
{
	return erfcq(-z * sqrtq(0.5Q)) / 2;
}

static quad
ref_density(quad z)
{
	return expq(-z * z / 2) / sqrtq(8 * 0.785398163397448309615660845819875721Q);
}

/* What is not paid out today, undiscounted. */
static quad
ref_time(const struct black_option *o, quad sigma)
{
	quad f = o->forward, k = o->strike, s = sigma * sqrtq(o->years);
	quad x = logq(f / k), d1 = x / s + s / 2, d2 = x / s - s / 2;

	return f < k ? f * ref_cdf(d1) - k * ref_cdf(d2) :
	    k * ref_cdf(-d2) - f * ref_cdf(-d1);
}

static quad
ref_intrinsic(const struct black_option *o)
{
	quad in = o->type * ((quad)o->forward - (quad)o->strike);

	return in > 0 ? in : 0;
}

/* Prices and greeks at r->sigma. */
static void
ref_greeks(struct ref_row *r)
{
	const struct black_option *o = &r->o;
	quad f = o->forward, k = o->strike, t = o->years, root = sqrtq(t);
	quad sigma = r->sigma, s = sigma * root, x = logq(f / k);
	quad d1 = x / s + s / 2, d2 = x / s - s / 2;
	quad d = expq(-(quad)o->rate * t), dn = d * ref_density(d1);
	quad v = d * (ref_intrinsic(o) + ref_time(o, sigma));
	quad delta = o->type * d * ref_cdf(o->type * d1);
	double *g = r->greek;

	g[REF_PRICE] = (double)v;
	g[REF_DELTA] = (double)delta;
	g[REF_GAMMA] = (double)(dn / (f * s));
	g[REF_THETA] = (double)((-f * dn * sigma / (2 * root) + o->rate * v) /
	    365);
	g[REF_VEGA] = (double)(f * dn * root / 100);
	g[REF_RHO] = (double)(-t * v / 100);
	g[REF_VANNA] = (double)(-dn * d2 / sigma / 100);
	g[REF_VOLGA] = (double)(f * dn * root * d1 * d2 / sigma / 10000);
	g[REF_CHARM] = (double)((o->rate * delta -
	    dn * (s / 4 - x / (2 * s)) / t) / 365);
}

/* The volatility of r->price, by Newton on the logarithm of the time value. */
static void
ref_invert(struct ref_row *r)
{
	const struct black_option *o = &r->o;
	quad f = o->forward, k = o->strike, root = sqrtq(o->years);
	quad grown = (quad)r->price * expq((quad)o->rate * o->years);
	quad u = grown - ref_intrinsic(o), sigma = r->sigma, step, b, vega, d1;
	int i;

	r->iv = NAN;
	r->kappa = INFINITY;
	r->time = (double)(u / grown);
	r->room = (double)((o->type == BLACK_CALL ? f : k) / grown - 1);
	if (!(r->price > 0))
		r->status = BLACK_NO_PRICE;
	else if (grown >= (o->type == BLACK_CALL ? f : k))
		r->status = BLACK_ABOVE_MAX;
	else if (u <= 0)
		r->status = BLACK_BELOW_INTRINSIC;
	else
		r->status = BLACK_OK;
	if (r->status != BLACK_OK)
		return;
	for (i = 0; i < 400; i++) {
		d1 = logq(f / k) / (sigma * root) + sigma * root / 2;
		vega = f * ref_density(d1) * root;
		b = ref_time(o, sigma);
		if (!(b > 0) || !(vega > 0)) {	/* so little is 0 */
			sigma *= 1.25Q;
			continue;
		}
		step = logq(u / b) * b / vega;
		if (step > sigma / 4)
			step = sigma / 4;
		if (step < -sigma / 4)
			step = -sigma / 4;
		sigma += step;
		/* as far as 113 bits determine it */
		if ((step < 0 ? -step : step) < sigma * 1e-24Q +
		    grown / vega * 1e-30Q)
			break;
	}
	if (i == 400)
		r->status = BLACK_BAD_INPUT;	/* a fault of this file */
	r->iv = (double)sigma;
	r->kappa = (double)(grown / (sigma * vega));
	if (r->status == BLACK_OK)
		r->status = ref_determined(r->kappa);
}

/* ---- rows ---- */

/* A strike that is h deviations out of the money (h < 0: in), on the grid. */
static double
ref_strike(const struct black_option *o, double sigma, double h)
{
	double k = o->forward * exp(o->type * h * sigma * sqrt(o->years));
	double unit = sigma * sqrt(o->years) < 2e-3 ? 0.05 : 50;

	if (k < 0.02 * o->forward)
		k = 0.02 * o->forward;
	return round(k / unit) * unit;
}

static void
ref_row(struct ref_row *r, int stratum, uint64_t *seed)
{
	struct black_option *o = &r->o;
	double h = ref_between(seed, -3, 3);

	do {
		o->type = ref_bits(seed) & 1 ? BLACK_CALL : BLACK_PUT;
		o->forward = round(ref_log_between(seed, 15000, 90000) * 20) /
		    20;
		o->years = ref_log_between(seed, 1e-5, 1);
		o->rate = ref_bits(seed) & 1 ? 0 : ref_between(seed, 0, 0.1);
		r->sigma = ref_log_between(seed, 0.01, 2);
		switch (stratum) {
		case 1:		/* chain */
			r->sigma = ref_log_between(seed, 0.08, 0.5);
			h = ref_between(seed, -5, 5);
			break;
		case 2:
			h = ref_between(seed, 2.4, 4);
			break;
		case 3:
			h = -ref_between(seed, 2.3, 8);
			break;
		case 4:
			o->years = ref_log_between(seed, 3e-8, 2e-5);
			h = ref_between(seed, -5, 5);
			break;
		case 5:
			r->sigma = ref_log_between(seed, 2, 12);
			o->years = ref_log_between(seed, 3e-3, 1);
			break;
		case 8:
			h = ref_between(seed, 5.4, 36);
			r->sigma = ref_log_between(seed, 1e-3, 12);
			break;
		case 9:
			r->sigma = ref_log_between(seed, 5e-4, 1e-2);
			break;
		case 10:	/* wide: strikes far from the forward */
			h = ref_between(seed, -4, 4);
			r->sigma = ref_log_between(seed, 0.3, 20);
			o->years = ref_log_between(seed, 0.01, 3);
			break;
		}
		o->strike = ref_strike(o, r->sigma, h);
		if (stratum == 6)
			o->strike = o->forward;
		else if (stratum == 7)
			o->strike = o->forward * (1 + ref_between(seed, -1, 1) *
			    ref_log_between(seed, 1e-15, 1e-2));
		ref_greeks(r);
		r->price = r->greek[REF_PRICE];
		if (stratum == 2)
			r->price = round(r->price * 20) / 20;
	} while (!(r->price > 1e-280) || !(o->strike > 0) ||
	    o->strike > 1e70 ||
	    (stratum == 2 && r->price == 0));
	ref_invert(r);
}

#else
#define BLACKREF 0

static void
ref_row(struct ref_row *r, int stratum, uint64_t *seed)
{
	(void)stratum, (void)seed;
	memset(r, 0, sizeof(*r));
}
#endif
#endif
