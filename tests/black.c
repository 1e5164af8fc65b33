/*
 * black - against 150-digit values, 113 bits, limits, identities, numerical
 * derivatives
 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "blackref.h"

enum { PRICE, DELTA, GAMMA, THETA, VEGA, RHO, VANNA, VOLGA, CHARM, NCOL };

static const char *const column[NCOL] = {
	"price", "delta", "gamma", "theta", "vega", "rho", "vanna", "volga",
	"charm"
};

/* The bound of the accuracy: 32 roundings, and d1^2 times as many. */
#define BOUND	32

/*
 * How far got is from want, in (1 + d1^2) roundings of the value; theta and
 * charm of the sum of their terms, vanna and volga with |x/s| + s/2 for d1 and
 * d2, for they cross zero.
 */
static void
errors(const struct black_option *o, double sigma, const double want[NCOL],
    double error[NCOL])
{
	double f = o->forward, k = o->strike, s = sigma * sqrt(o->years);
	double x = f < 2 * k && f > k / 2 ? log1p((f - k) / k) : log(f / k);
	double d1 = x / s + s / 2, ad = fabs(x) / s + s / 2;
	double dn = exp(-o->rate * o->years - d1 * d1 / 2) / sqrt(2 * M_PI);
	struct black_greeks g = { .price = NAN };
	double scale[NCOL], got[NCOL];
	int i;

	assert_int_equal(black_greeks(o, sigma, &g), BLACK_OK);
	memcpy(got, (double[]){ g.price, g.delta, g.gamma, g.theta, g.vega,
	    g.rho, g.vanna, g.volga, g.charm }, sizeof(got));
	for (i = 0; i < NCOL; i++)
		scale[i] = fabs(want[i]);
	scale[THETA] = (f * dn * sigma / 2 / sqrt(o->years) +
	    fabs(o->rate) * want[PRICE]) / 365;
	scale[VANNA] = dn * ad / sigma / 100;
	scale[VOLGA] = f * dn * sqrt(o->years) * ad * ad / sigma / 1e4;
	scale[CHARM] = (fabs(o->rate * want[DELTA]) +
	    dn * (s / 4 + fabs(x) / 2 / s) / o->years) / 365;
	for (i = 0; i < NCOL; i++) {
		error[i] = got[i] == want[i] ? 0 : fabs(got[i] - want[i]) /
		    (DBL_EPSILON * (1 + d1 * d1) * scale[i]);
		if (!(error[i] <= BOUND))
			fail_msg("F %.17g K %.17g T %.17g r %g sigma %.17g: "
			    "%s is %.17g, not %.17g: error %.1f", f, k,
			    o->years, o->rate, sigma, column[i], got[i],
			    want[i], error[i]);
	}
}

/* Options of every region of the formula, with 120-digit arithmetic. */
static const struct known {
	enum black_type	 type;
	double		 f, k, t, r, sigma, want[NCOL];
} known[] = {
	{ BLACK_CALL, 24000.0, 24050.0, 0.02, 0.0, 0.12, {	/* taylor */
	    138.8754265909001, 0.45455999311744834,
	    0.00097313517777480131,
	    -11.056948518541522, 13.452620697558853,
	    -0.027775085318180021,
	    0.0043307750186746003, 0.016778862005088291,
	    -0.0035595411112393973 } },
	{ BLACK_PUT, 24000.0, 24050.0, 0.02, 0.07, 0.12, {	/* taylor */
	    188.6111860052421, -0.54467692515476222,
	    0.00097177374175349937,
	    -11.005307613095193, 13.433800206000375,
	    -0.03772223720104842,
	    0.0043247161758280595, 0.016755388033895085,
	    -0.0036590198287924688 } },
	{ BLACK_CALL, 24000.0, 28000.0, 0.02, 0.0, 0.12, {	/* taylor */
	    2.4895848351615067e-18, 5.6874964449485251e-20,
	    1.2822691842896119e-21,
	    -1.4569388386536652e-17, 1.7726089203619595e-17,
	    -4.9791696703230135e-22,
	    3.956946264846507e-19, 1.2187923130077633e-16,
	    -3.2522846012437042e-19 } },
	{ BLACK_PUT, 24000.0, 14000.0, 0.05, 0.065, 0.15, {	/* gauss */
	    7.8635295406199109e-57, -1.5801651958445811e-58,
	    3.169859519741636e-60,
	    -5.6274461804125095e-56, 1.3693793125283868e-55,
	    -3.9317647703099557e-60,
	    -2.7308162287601328e-57, 2.3574983609190754e-54,
	    1.1222251047677997e-57 } },
	{ BLACK_CALL, 85000.0, 60000.0, 0.1, 0.1, 0.2, {	/* taylor */
	    24751.245857677919, 0.99004981867615159,
	    1.6007526214400946e-11,
	    6.7811569114527507, 2.3130875379809369e-5,
	    -24.75124585767792,
	    -2.3559932318564239e-8, 3.5076108532721338e-5,
	    0.00027125298044067677 } },
	{ BLACK_CALL, 100.0, 100.0, 1.0, 0.0, 2.5, {	/* cdf */
	    78.870045266628948, 0.89435022633314474,
	    0.00073059634155608762,
	    -0.062551056640075995, 0.1826490853890219,
	    -0.78870045266628948,
	    0.00091324542694510952, -0.0011415567836813869,
	    -0.00031275528320037997 } },
	{ BLACK_PUT, 26000.0, 26000.05, 1e-06, 0.0, 0.15, {	/* taylor */
	    1.581004252380978, -0.50508458136797111,
	    0.10228458412125921,
	    -2131.1623623073321, 0.10371656829895683,
	    -1.5810042523809779e-8,
	    0.00034294283528814859, 1.13645429981473e-6,
	    -7.0467705881126423 } },
	{ BLACK_CALL, 24000.0, 36000.0, 0.019, 0.0, 0.2, {	/* gauss */
	    1.5688302570914893e-47, 3.5225013922312246e-49,
	    7.858891167762212e-51,
	    -2.4803952397978272e-46, 1.720154098799793e-46,
	    -2.9807774884738297e-51,
	    3.8273910427089036e-48, 1.8605029371695473e-45,
	    -5.5189488719666963e-48 } },
	{ BLACK_CALL, 100.0, 250.0, 0.3, 0.05, 1.9, {	/* mills */
	    15.543457505250327, 0.35401988622399289,
	    0.0035392954931633598,
	    -0.1728961939077702, 0.20173984311031149,
	    -0.04663037251575098,
	    0.0027155537722618489, 0.00053566546618402168,
	    -0.002307464018917952 } },
	{ BLACK_PUT, 59000.0, 40000.0, 0.0027, 0.0, 0.35, {	/* gauss */
	    5.1581803345320463e-100, -1.0313680723883263e-101,
	    2.0594874679641329e-103,
	    -1.2030298559012813e-97, 6.7747767028040735e-99,
	    -1.3927086903236526e-104,
	    -1.348732703487354e-100, 8.8402024258587463e-98,
	    2.3950098742799283e-99 } },
	{ BLACK_CALL, 26000.0, 40000.0, 0.003, 0.0, 0.3, {	/* gauss */
	    1.731438243148933e-150, 1.0659099629270122e-151,
	    6.5484082304210177e-153,
	    -5.4576048868330779e-148, 3.9840515673881471e-149,
	    -5.1943147294467992e-155,
	    2.4455829045922743e-150, 9.1276049062812843e-148,
	    -3.3501135679346221e-149 } },
	{ BLACK_CALL, 100.0, 100.0, 1.0, 0.0, 0.41, {	/* taylor */
	    16.24278749748963, 0.58121393748744815,
	    0.0095279747224415919,
	    -0.021940445901951115, 0.39064696362010525,
	    -0.1624278749748963,
	    0.0019532348181005262, -0.00040041313771060785,
	    -0.00010970222950975558 } },
	{ BLACK_CALL, 100.0, 100.0, 1.0, 0.0, 0.43, {	/* cdf */
	    17.023268144039151, 0.58511634072019575,
	    0.0090657550179165267,
	    -0.022962439764558435, 0.38982746577041064,
	    -0.17023268144039151,
	    0.0019491373288520532, -0.00041906452570319143,
	    -0.00011481219882279217 } },
	{ BLACK_PUT, 24000.0, 20000.0, 1.0, 0.0, 0.9, {	/* cdf */
	    5785.8430327322418, -0.25701370012768508,
	    1.4927324973282127e-5,
	    -9.540401013060972, 77.383252661494549,
	    -57.858430327322418,
	    0.00088639826300831657, -0.13882688207186713,
	    -0.00010928197763116232 } },
	{ BLACK_PUT, 24000.0, 20000.0, 1.0, 0.0, 0.35, {	/* taylor */
	    1456.2811990832948, -0.24323986226446189,
	    3.7279127962239303e-5,
	    -3.6033085876926094, 75.15472197187443,
	    -14.562811990832948,
	    -0.0030949316971264171, 0.51691702741031144,
	    0.00014838713616359533 } },
};

static void
known_values(void **state)
{
	double error[NCOL];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct known *n = &known[i];
		struct black_option o = { n->type, n->f, n->k, n->t, n->r };

		errors(&o, n->sigma, n->want, error);
	}
}

/* ---- the shared vectors ---- */

static void
vectors(void **state)
{
	FILE *a = ref_shared("vectors.csv"), *b = ref_shared("vectors_aux.csv");
	double error[NCOL], worst[NCOL] = { 0 };
	struct ref_row r;
	int i, rows = 0;

	(void)state;
	if (a == NULL || b == NULL)
		return;		/* said by ref_shared(); skip() is no TAP */
	for (; ref_vector(a, b, &r) > 0; rows++) {
		errors(&r.o, r.sigma, r.greek, error);
		for (i = 0; i < NCOL; i++)
			worst[i] = fmax(worst[i], error[i]);
	}
	fclose(a);
	fclose(b);
	assert_int_equal(rows, 2500);
	for (i = 0; i < NCOL; i++)
		print_message("# worst %s: %.1f of %d\n", column[i], worst[i],
		    BOUND);
}

/* Further rows, as many as are asked for: see blackref.h. */
static void
seeds(void **state)
{
	double error[NCOL], worst[NCOL] = { 0 };
	struct ref_row r;
	uint64_t seed;
	long i, rows;

	(void)state;
	seed = ref_asked("BLACK_SEED", 1);
	rows = ref_asked("BLACK_ROWS", 3000);
	if (!BLACKREF)
		print_message("# no 113 bits here: left out\n");
	for (i = 0; BLACKREF && i < rows; i++) {
		ref_row(&r, (int)(i % REF_STRATA), &seed);
		errors(&r.o, r.sigma, r.greek, error);
		for (int k = 0; k < NCOL; k++)
			worst[k] = fmax(worst[k], error[k]);
	}
	for (int k = 0; BLACKREF && k < NCOL; k++)
		print_message("# worst %s: %.1f of %d\n", column[k], worst[k],
		    BOUND);
}

/* ---- limits ---- */

static void
statuses(void **state)
{
	static const struct black_option ok = { BLACK_CALL, 100, 90, 0.1, 0 };
	struct black_greeks g = { .price = 7 };
	struct black_option o;
	double v = 7;

	(void)state;
#define BAD(field, value, status) do {					\
	o = ok;								\
	o.field = (value);						\
	assert_int_equal(black_price(&o, 0.2, &v), status);		\
	assert_int_equal(black_greeks(&o, 0.2, &g), status);		\
	assert_true(v == 7 && g.price == 7);				\
} while (0)
	BAD(forward, NAN, BLACK_NO_FORWARD);
	BAD(forward, 0, BLACK_BAD_INPUT);
	BAD(forward, -5, BLACK_BAD_INPUT);
	BAD(forward, INFINITY, BLACK_BAD_INPUT);
	BAD(strike, 0, BLACK_BAD_INPUT);
	BAD(strike, NAN, BLACK_BAD_INPUT);
	BAD(strike, INFINITY, BLACK_BAD_INPUT);
	BAD(years, NAN, BLACK_BAD_INPUT);
	BAD(years, INFINITY, BLACK_BAD_INPUT);
	BAD(rate, NAN, BLACK_BAD_INPUT);
	BAD(type, (enum black_type)0, BLACK_BAD_INPUT);
#undef BAD
	assert_int_equal(black_price(&ok, -0.1, &v), BLACK_BAD_INPUT);
	assert_int_equal(black_price(&ok, NAN, &v), BLACK_BAD_INPUT);
	assert_int_equal(black_price(&ok, INFINITY, &v), BLACK_BAD_INPUT);
	assert_true(v == 7);
	assert_string_equal(black_status_name(BLACK_OK), "OK");
	assert_string_equal(black_status_name(BLACK_INDETERMINATE),
	    "INDETERMINATE");
}

/* Expired, and without volatility: in, at and out of the money. */
static void
no_future(void **state)
{
	static const struct {
		enum black_type	 type;
		double		 f, value, delta;
	} row[] = {
		{ BLACK_CALL, 110, 10, 1 }, { BLACK_CALL, 100, 0, 0.5 },
		{ BLACK_CALL, 90, 0, 0 }, { BLACK_PUT, 110, 0, 0 },
		{ BLACK_PUT, 100, 0, -0.5 }, { BLACK_PUT, 90, 10, -1 },
	};
	double discount = exp(-0.08 * 0.5), v;
	struct black_greeks g;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct black_option o = { row[i].type, row[i].f, 100, 0, 0.08 };

		for (o.years = 0; o.years > -2; o.years--) {
			assert_int_equal(black_price(&o, 0.2, &v),
			    BLACK_EXPIRED);
			assert_true(v == row[i].value);
			assert_int_equal(black_greeks(&o, 0.2, &g),
			    BLACK_EXPIRED);
			assert_true(g.price == v && g.delta == row[i].delta);
			assert_true(g.gamma == 0 && g.theta == 0 &&
			    g.vega == 0 && g.rho == 0 && g.vanna == 0 &&
			    g.volga == 0 && g.charm == 0);
		}
		o.years = 0.5;
		assert_int_equal(black_price(&o, 0, &v), BLACK_OK);
		assert_true(v == discount * row[i].value);
		assert_int_equal(black_greeks(&o, 0, &g), BLACK_OK);
		assert_true(g.price == v);
		assert_true(g.delta == discount * row[i].delta);
		assert_true(g.gamma == 0 && g.vega == 0 && g.vanna == 0);
		assert_true(g.theta == 0.08 * v / 365);
		assert_true(g.rho == -0.5 * v / 100);
	}
}

/* Whatever goes in, what comes out is a number; too small ones are 0. */
static void
always_numbers(void **state)
{
	static const double f[] = { 1e-3, 0.05, 99.999, 100, 150, 1e5, 1e9 };
	static const double t[] = { 1e-70, 1e-12, 1e-7, 1e-3, 0.1, 2, 50 };
	static const double sigma[] = { 0, 1e-300, 1e-9, 1e-3, 0.1, 1, 9, 200 };
	struct black_greeks g;
	double v = NAN;
	int n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(f) / sizeof(*f); i++)
		for (size_t j = 0; j < sizeof(t) / sizeof(*t); j++)
			for (size_t k = 0; k < sizeof(sigma) / sizeof(*sigma);
			    k++)
				for (int type = -1; type <= 1; type += 2) {
	struct black_option o = { (enum black_type)type, f[i], 100, t[j],
	    0.06 };
	double most = type > 0 ? f[i] : 100;

	assert_int_equal(black_greeks(&o, sigma[k], &g), BLACK_OK);
	assert_int_equal(black_price(&o, sigma[k], &v), BLACK_OK);
	if (!(v >= 0 && v <= most && v == g.price && isfinite(g.delta) &&
	    isfinite(g.gamma) && isfinite(g.theta) && isfinite(g.vega) &&
	    isfinite(g.rho) && isfinite(g.vanna) && isfinite(g.volga) &&
	    isfinite(g.charm)))
		fail_msg("F %g T %g sigma %g: %g %g %g %g %g %g %g %g %g %g",
		    f[i], t[j], sigma[k], v, g.price, g.delta, g.gamma,
		    g.theta, g.vega, g.rho, g.vanna, g.volga, g.charm);
	n++;
				}
	assert_int_equal(n, 7 * 7 * 8 * 2);
	assert_int_equal(black_price(&(struct black_option){ BLACK_CALL, 100,
	    200, 1e-5, 0 }, 0.1, &v), BLACK_OK);
	assert_true(v == 0);
}

/* ---- what must hold between options ---- */

static void
parity(void **state)
{
	struct black_option c = { BLACK_CALL, 26000, 0, 0, 0.07 }, p;
	struct black_greeks gc, gp;
	double discount, sigma;

	(void)state;
	for (c.strike = 13000; c.strike < 52000; c.strike += 650)
		for (c.years = 1e-5; c.years < 1; c.years *= 3)
			for (sigma = 0.03; sigma < 3; sigma *= 2) {
	p = c;
	p.type = BLACK_PUT;
	discount = exp(-0.07 * c.years);
	black_greeks(&c, sigma, &gc);
	black_greeks(&p, sigma, &gp);
	assert_true(fabs(gc.price - gp.price -
	    discount * (c.forward - c.strike)) < 1e-10);
	assert_true(fabs(gc.delta - gp.delta - discount) < 1e-14);
	assert_true(gc.gamma == gp.gamma && gc.vega == gp.vega);
			}
}

/* More volatility never makes it cheaper: also across the borders between the
 * regions of the formula. */
static void
rising(void **state)
{
	struct black_option o = { BLACK_CALL, 24000, 0, 0.05, 0 };
	double sigma, v, last;

	(void)state;
	for (o.strike = 24000; o.strike < 60000; o.strike *= 1.07) {
		last = 0;
		for (sigma = 0.05; sigma < 6; sigma *= 1.003) {
			assert_int_equal(black_price(&o, sigma, &v), BLACK_OK);
			if (v < last || (v == last && v != 0))
				fail_msg("K %g sigma %.17g: %.17g after %.17g",
				    o.strike, sigma, v, last);
			last = v;
		}
	}
}

/* Central differences of the price and of the other greeks. */
static double
slope(const struct black_option *o, double sigma, size_t what, int by)
{
	struct black_greeks g[2];
	struct black_option a = *o, b = *o;
	double h, sa = sigma, sb = sigma;

	switch (by) {
	case 'F':
		h = o->forward * 1e-6;
		a.forward += h;
		b.forward -= h;
		break;
	case 'T':
		h = o->years * 1e-6;
		a.years += h;
		b.years -= h;
		break;
	case 'r':
		h = 1e-6;
		a.rate += h;
		b.rate -= h;
		break;
	default:
		h = sigma * 1e-6;
		sa += h;
		sb -= h;
	}
	assert_int_equal(black_greeks(&a, sa, &g[0]), BLACK_OK);
	assert_int_equal(black_greeks(&b, sb, &g[1]), BLACK_OK);
	return (((double *)&g[0])[what] - ((double *)&g[1])[what]) / (2 * h);
}

static void
near_to(const char *what, double got, double want, double scale)
{
	if (!(fabs(got - want) <= 1e-6 * (fabs(want) + scale)))
		fail_msg("%s is %.12g, by differences %.12g", what, got, want);
}

static void
derivatives(void **state)
{
	struct black_greeks g;

	(void)state;
	for (int type = -1; type <= 1; type += 2)
		for (double k = 25000; k <= 27000; k += 250)
			for (double t = 0.01; t < 0.5; t *= 4) {
	struct black_option o = { (enum black_type)type, 26000, k, t, 0.06 };
	double s = 0.17;

	assert_int_equal(black_greeks(&o, s, &g), BLACK_OK);
	near_to("delta", g.delta, slope(&o, s, PRICE, 'F'), 1e-2);
	near_to("gamma", g.gamma, slope(&o, s, DELTA, 'F'), 1e-5);
	near_to("vega", g.vega, slope(&o, s, PRICE, 's') / 100, 1e-1);
	near_to("theta", g.theta, -slope(&o, s, PRICE, 'T') / 365, 1);
	near_to("rho", g.rho, slope(&o, s, PRICE, 'r') / 100, 1e-1);
	near_to("vanna", g.vanna, slope(&o, s, DELTA, 's') / 100, 1e-2);
	near_to("volga", g.volga, slope(&o, s, VEGA, 's') / 100, 1e-1);
	near_to("charm", g.charm, -slope(&o, s, DELTA, 'T') / 365, 1e-2);
			}
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(vectors),
		cmocka_unit_test(statuses),
		cmocka_unit_test(no_future),
		cmocka_unit_test(always_numbers),
		cmocka_unit_test(parity),
		cmocka_unit_test(rising),
		cmocka_unit_test(derivatives),
		cmocka_unit_test(seeds),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
