/*
 * black_iv - implied volatilities: against 150-digit values, against 113 bits for
 * rows of any seed (BLACK_SEED, BLACK_ROWS), hostile input, and four lanes
 * against one
 */
#include <errno.h>
#include <fenv.h>
#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include "black_core.h"
#include "blackref.h"
#include "normal.h"

/* The bound of the error: so many (1 + kappa) 2^-52 of the volatility. */
#define BOUND	4

static uint64_t
chance(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	return *seed ^= *seed << 17;
}

static uint64_t guesses = 2463534242;

static void
complain(const struct ref_row *r, const char *what, const char *got,
    const char *want)
{
	fail_msg("%s F %.17g K %.17g T %.17g r %.17g price %.17g: %s is %s, not "
	    "%s (iv %.17g, kappa %g)", r->o.type == BLACK_CALL ? "CE" : "PE",
	    r->o.forward, r->o.strike, r->o.years, r->o.rate, r->price, what,
	    got, want, r->iv, r->kappa);
}

/* One row; how many (1 + kappa) 2^-52 it is off. */
static double
check_row(const struct ref_row *r, double guess)
{
	struct black_iv v = { -1, -1, -1 };
	enum black_status st = black_iv(&r->o, r->price, guess, &v);
	char got[32], want[32];
	double error;

	if (st != r->status && !ref_edge(r))
		complain(r, "status", black_status_name(st),
		    black_status_name(r->status));
	if (st != BLACK_OK && st != BLACK_INDETERMINATE) {
		assert_true(v.sigma == -1 && v.kappa == -1 &&
		    v.uncertainty == -1);
		return 0;
	}
	assert_true(v.uncertainty == (1 + v.kappa) * 0x1p-52);
	if (st != r->status)
		return 0;
	error = fabs(v.sigma - r->iv) / ((1 + r->kappa) * 0x1p-52 * r->iv);
	snprintf(got, sizeof(got), "%.17g", v.sigma);
	snprintf(want, sizeof(want), "%.17g", r->iv);
	if (!(error <= BOUND))
		complain(r, "iv", got, want);
	snprintf(got, sizeof(got), "%.17g", v.kappa);
	snprintf(want, sizeof(want), "%.17g", r->kappa);
	/* with what a rounding of the price does to kappa itself */
	if (st == BLACK_OK && !(fabs(v.kappa - r->kappa) <= r->kappa * (1e-5 +
	    1000 * (1 + r->kappa) * 0x1p-52)))
		complain(r, "kappa", got, want);
	return error;
}

/* From nothing, from near and far, and from what is none. */
static double
check_guesses(const struct ref_row *r)
{
	static const double times[] = { 0, 1, 1.0002, 0.9995, 1.001,
		0.9988, 1.0013, 1.01, 0.9, 3, 0.1, 1e6, 1e-6 };
	static const double none[] = { NAN, INFINITY, -INFINITY, -1, 1e300,
		DBL_MIN / 4 };
	double worst = 0, iv = isnan(r->iv) ? 1 : r->iv;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		worst = fmax(worst, check_row(r, times[i] * iv));
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		worst = fmax(worst, check_row(r, none[i]));
	for (int i = 0; i < 6; i++)	/* a thousandth to a thousand times */
		worst = fmax(worst, check_row(r, iv * exp(((double)(chance(
		    &guesses) >> 40) * 0x1p-24 - 0.5) * 14)));
	return worst;
}

static void
vectors(void **state)
{
	FILE *a = ref_shared("vectors.csv"), *b = ref_shared("vectors_aux.csv");
	int rows = 0, undefined = 0;
	double worst = 0;
	struct ref_row r;

	(void)state;
	if (a == NULL || b == NULL)
		return;
	for (; ref_vector(a, b, &r) > 0; rows++) {
		worst = fmax(worst, check_guesses(&r));
		undefined += isnan(r.iv);
	}
	fclose(a);
	fclose(b);
	assert_int_equal(rows, 2500);
	assert_int_equal(undefined, 1);
	print_message("# worst iv: %.2f of %d\n", worst, BOUND);
}

/* Prices of the exchange's grid, many of them impossible. */
static void
ticks(void **state)
{
	FILE *a = ref_shared("ticks.csv");
	int rows = 0, seen[BLACK_INDETERMINATE + 1] = { 0 }, st;
	char line[1024], name[32];
	double v[5], w[2], worst = 0;
	struct ref_row r;

	(void)state;
	if (a == NULL)
		return;
	while (fgets(line, sizeof(line), a) != NULL) {
		assert_int_equal(ref_numbers(line, 1, v, 5), 5);
		assert_int_equal(ref_numbers(line, 7, w, 2), 2);
		assert_int_equal(sscanf(line,
		    "%*[^,],%*[^,],%*[^,],%*[^,],%*[^,],%*[^,],%31[^,]", name),
		    1);
		for (st = 0; strcmp(name, black_status_name(st)) != 0; st++)
			assert_true(st < BLACK_INDETERMINATE);
		r = (struct ref_row){
			.o = { *line == 'C' ? BLACK_CALL : BLACK_PUT, v[0], v[1],
			    v[2], v[3] },
			.price = v[4], .iv = w[0], .kappa = w[1], .time = 1,
			.room = 1, .status = (enum black_status)st
		};
		if (st == BLACK_OK)	/* the file calls both of them so */
			r.status = ref_determined(r.kappa);
		worst = fmax(worst, check_guesses(&r));
		seen[st]++;
		rows++;
	}
	fclose(a);
	assert_int_equal(rows, 600);
	assert_int_equal(seen[BLACK_OK], 440);
	assert_int_equal(seen[BLACK_BELOW_INTRINSIC], 138);
	assert_int_equal(seen[BLACK_ABOVE_MAX], 13);
	assert_int_equal(seen[BLACK_NO_PRICE], 9);
	print_message("# worst iv: %.2f of %d\n", worst, BOUND);
}

static void
seeds(void **state)
{
	uint64_t seed = ref_asked("BLACK_SEED", 1);
	long rows = (long)ref_asked("BLACK_ROWS", 6000), i;
	double worst[REF_STRATA] = { 0 };
	struct ref_row r;
	int s;

	(void)state;
	if (!BLACKREF)
		print_message("# no 113 bits here: left out\n");
	for (i = 0; BLACKREF && i < rows; i++) {
		s = (int)(i % REF_STRATA);
		ref_row(&r, s, &seed);
		worst[s] = fmax(worst[s], check_guesses(&r));
	}
	for (s = 0; BLACKREF && s < REF_STRATA; s++)
		print_message("# worst %s: %.2f of %d\n", ref_stratum[s],
		    worst[s], BOUND);
}

/* ---- statuses ---- */

static void
statuses(void **state)
{
	static const struct {
		struct black_option o;
		double	 price;
		enum black_status st;
	} row[] = {
		{ { BLACK_CALL, 100, 90, 0.1, 0 }, 11, BLACK_OK },
		{ { BLACK_CALL, NAN, 90, 0.1, 0 }, 11, BLACK_NO_FORWARD },
		{ { BLACK_CALL, 0, 90, 0.1, 0 }, 11, BLACK_BAD_INPUT },
		{ { BLACK_CALL, -1, 90, 0.1, 0 }, 11, BLACK_BAD_INPUT },
		{ { BLACK_CALL, INFINITY, 90, 0.1, 0 }, 11, BLACK_BAD_INPUT },
		{ { BLACK_CALL, 100, NAN, 0.1, 0 }, 11, BLACK_BAD_INPUT },
		{ { BLACK_CALL, 100, 0, 0.1, 0 }, 11, BLACK_BAD_INPUT },
		{ { BLACK_CALL, 100, 90, NAN, 0 }, 11, BLACK_BAD_INPUT },
		{ { BLACK_CALL, 100, 90, INFINITY, 0 }, 11, BLACK_BAD_INPUT },
		{ { BLACK_CALL, 100, 90, 1e-300, 0 }, 11, BLACK_BAD_INPUT },
		{ { BLACK_CALL, 100, 90, 0.1, NAN }, 11, BLACK_BAD_INPUT },
		{ { BLACK_CALL, 100, 90, 0.1, 2000 }, 11, BLACK_BAD_INPUT },
		{ { (enum black_type)0, 100, 90, 0.1, 0 }, 11, BLACK_BAD_INPUT },
		{ { (enum black_type)2, 100, 90, 0.1, 0 }, 11, BLACK_BAD_INPUT },
		{ { BLACK_CALL, 100, 90, 0, 0 }, 11, BLACK_EXPIRED },
		{ { BLACK_CALL, 100, 90, -1, 0 }, 11, BLACK_EXPIRED },
		{ { BLACK_CALL, 100, 90, 0.1, 0 }, NAN, BLACK_NO_PRICE },
		{ { BLACK_CALL, 100, 90, 0.1, 0 }, 0, BLACK_NO_PRICE },
		{ { BLACK_CALL, 100, 90, 0.1, 0 }, -1, BLACK_NO_PRICE },
		{ { BLACK_CALL, 100, 90, 0.1, 0 }, -INFINITY, BLACK_NO_PRICE },
		{ { BLACK_CALL, 100, 110, 0.1, 0 }, 1e-310, BLACK_NO_PRICE },
		{ { BLACK_CALL, 100, 90, 0.1, 0 }, 10, BLACK_BELOW_INTRINSIC },
		{ { BLACK_CALL, 100, 90, 0.1, 0 }, 9, BLACK_BELOW_INTRINSIC },
		{ { BLACK_PUT, 90, 100, 0.1, 0 }, 10, BLACK_BELOW_INTRINSIC },
		{ { BLACK_CALL, 100, 90, 0.1, 0 }, 100, BLACK_ABOVE_MAX },
		{ { BLACK_CALL, 100, 90, 0.1, 0 }, 1e9, BLACK_ABOVE_MAX },
		{ { BLACK_CALL, 100, 90, 0.1, 0 }, INFINITY, BLACK_ABOVE_MAX },
		{ { BLACK_CALL, 100, 90, 10, -10 }, INFINITY, BLACK_ABOVE_MAX },
		{ { BLACK_PUT, 100, 90, 0.1, 0 }, 90, BLACK_ABOVE_MAX },
		{ { BLACK_PUT, 1e38, 90, 0.1, -1e-300 }, 90, BLACK_ABOVE_MAX },
		{ { BLACK_PUT, 100, 90, 0.1, 0 }, 89.999, BLACK_OK },
		{ { BLACK_CALL, 100, 90, 1, 0.1 }, 9.04, BLACK_BELOW_INTRINSIC },
		{ { BLACK_CALL, 100, 90, 1, 0.1 }, 9.05, BLACK_OK },
		{ { BLACK_CALL, 100, 90, 1, 0.1 }, 90.4, BLACK_OK },
		{ { BLACK_CALL, 100, 90, 1, 0.1 }, 90.5, BLACK_ABOVE_MAX },
		{ { BLACK_CALL, 100, 90, 1, -0.1 }, 105, BLACK_OK },
		{ { BLACK_CALL, 26000, 20000, 1e-3, 0 }, 6000 + 1e-9,
		    BLACK_INDETERMINATE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct ref_row r = { .o = row[i].o, .price = row[i].price,
		    .status = row[i].st };
		struct black_iv v = { -1, -1, -1 };
		enum black_status st = black_iv(&r.o, r.price, 0, &v);
		double back;

		if (st != r.status)
			complain(&r, "status", black_status_name(st),
			    black_status_name(r.status));
		if (st == BLACK_OK || st == BLACK_INDETERMINATE) {
			assert_int_equal(black_price(&r.o, v.sigma, &back),
			    BLACK_OK);
			assert_true(fabs(back - r.price) <= 1e-13 * r.price);
		} else
			assert_true(v.sigma == -1 && v.kappa == -1);
	}
}

/* ---- what is true of all ---- */

/* Dearer is more volatile, also from one region of the solver to the next. */
static void
rising(void **state)
{
	struct black_option o = { BLACK_PUT, 24000, 0, 0.2, 0 };
	double price, most, last;
	struct black_iv v;

	(void)state;
	for (o.strike = 24000; o.strike > 300; o.strike *= 0.83) {
		last = 0;
		most = o.strike;
		for (price = most * 1e-40; price < most; price *= 1.01) {
			assert_int_equal(black_iv(&o, price, 0, &v), BLACK_OK);
			if (!(v.sigma > last))
				fail_msg("K %g price %.17g: %.17g after %.17g",
				    o.strike, price, v.sigma, last);
			last = v.sigma;
		}
	}
}

/* There and back, call and put. */
static void
there_and_back(void **state)
{
	double sigma, price, worst = 0;
	struct black_iv v;

	(void)state;
	for (int type = -1; type <= 1; type += 2)
		for (double k = 20000; k <= 30000; k += 500)
			for (sigma = 0.05; sigma < 4; sigma *= 1.1) {
	struct black_option o = { (enum black_type)type, 25000, k, 0.1, 0.05 };

	assert_int_equal(black_price(&o, sigma, &price), BLACK_OK);
	if (black_iv(&o, price, 0, &v) == BLACK_OK)
		worst = fmax(worst, fabs(v.sigma / sigma - 1) / v.uncertainty);
			}
	assert_true(worst > 0 && worst < 8);	/* twice: the price errs too */
}

/* ---- batches, and hostile rows ---- */

enum { MOST_ROWS = 4096 };

static struct {
	int8_t	 type[MOST_ROWS];
	double	 forward[MOST_ROWS], strike[MOST_ROWS], years[MOST_ROWS],
		 rate[MOST_ROWS], price[MOST_ROWS];
	double	 sigma[2][MOST_ROWS + 1], kappa[2][MOST_ROWS + 1];
	uint8_t	 status[2][MOST_ROWS + 1];
} many;

static struct black_rows
rows_from(size_t at, size_t n, int out)
{
	return (struct black_rows){ n, many.type + at, many.forward + at,
	    many.strike + at, many.years + at, many.rate + at, many.price + at,
	    many.sigma[out], many.kappa[out], many.status[out] };
}

/* Any double: a reasonable one, an odd one, or any bits at all. */
static double
hostile(uint64_t *seed, double reasonable)
{
	static const double odd[] = { 0, -0.0, 1, -1, NAN, INFINITY, -INFINITY,
		DBL_MIN, DBL_MAX, -DBL_MAX, DBL_MIN / 1024, 1e-75, 1e75, 1e9,
		1e-9, 0.5, 2 };
	uint64_t c = chance(seed), b;
	double v;

	if (c % 16 < 13)
		return reasonable * (1 + (double)(c >> 40) * 0x1p-28);
	if (c % 16 < 15)
		return odd[(c >> 8) % (sizeof(odd) / sizeof(odd[0]))];
	b = chance(seed);
	memcpy(&v, &b, sizeof(v));
	return isnan(v) ? NAN : v;	/* no signalling one: it would signal */
}

static void
fill(uint64_t *seed)
{
	for (size_t i = 0; i < MOST_ROWS; i++) {
		uint64_t c = chance(seed);

		many.type[i] = c % 64 == 0 ? (int8_t)(c >> 8) :
		    c & 1 << 10 ? 1 : -1;
		many.forward[i] = hostile(seed, 24000);
		many.strike[i] = hostile(seed, 20000 + 400 * (double)(c >> 60));
		many.years[i] = hostile(seed, c >> 59 & 1 ? 0.02 : 1e-5);
		many.rate[i] = hostile(seed, 0.07);
		many.price[i] = hostile(seed, (double)(c >> 16 & 0x1fff));
		if (c % 32 == 5) {	/* next to nothing above intrinsic */
			many.rate[i] = 0;
			many.price[i] = nextafter(fabs(many.forward[i] -
			    many.strike[i]), INFINITY);
		}
	}
}

static struct black_option
option(size_t i)
{
	return (struct black_option){ (enum black_type)many.type[i],
	    many.forward[i], many.strike[i], many.years[i], many.rate[i] };
}

/* The same bits one by one, by rows with one lane, and with AVX2; no number that
 * is none; and nothing behind the last row is touched. */
static void
batches(void **state)
{
	uint64_t seed = 88172645463325252;
	int seen[BLACK_INDETERMINATE + 1] = { 0 };
	size_t i, at, n;

	(void)state;
	if (!black_avx2_here())
		print_message("# no AVX2 here: one lane against one\n");
	for (int turn = 0; turn < 20; turn++) {
		fill(&seed);
		for (at = 0; at < MOST_ROWS; at += n) {
			n = chance(&seed) % 37;
			n = n < MOST_ROWS - at ? n : MOST_ROWS - at;
			struct black_rows a = rows_from(at, n, 0);
			struct black_rows b = rows_from(at, n, 1);

			memset(many.sigma, 0x55, sizeof(many.sigma));
			memset(many.status, 0x55, sizeof(many.status));
			black_iv_rows(&a);
			black_plain(&b, 0);
			assert_memory_equal(a.sigma, b.sigma, (n + 1) * 8);
			assert_memory_equal(a.kappa, b.kappa, (n + 1) * 8);
			assert_memory_equal(a.status, b.status, n + 1);
			assert_int_equal(a.status[n], 0x55);
			for (i = 0; i < n; i++) {
				struct black_option o = option(at + i);
				struct black_iv v = { 0, 0, 0 };

				assert_int_equal(a.status[i], black_iv(&o,
				    many.price[at + i], 0, &v));
				assert_memory_equal(&a.sigma[i], &v.sigma, 8);
				assert_memory_equal(&a.kappa[i], &v.kappa, 8);
				assert_true(isfinite(v.sigma) &&
				    v.sigma >= 0 && isfinite(v.kappa));
				assert_true((v.sigma > 0) ==
				    (a.status[i] == BLACK_OK ||
				    a.status[i] == BLACK_INDETERMINATE));
				seen[a.status[i]]++;
			}
		}
	}
	for (i = 0; i <= BLACK_INDETERMINATE; i++)
		if (seen[i] == 0)
			fail_msg("no row was %s", black_status_name(i));
}

static struct {
	double	 sigma[MOST_ROWS], v[2][6][MOST_ROWS + 1];
	uint8_t	 status[2][MOST_ROWS + 1];
} bent;

static struct black_greek_rows
greeks_from(size_t at, size_t n, int out)
{
	double (*v)[MOST_ROWS + 1] = bent.v[out];

	return (struct black_greek_rows){ n, many.type + at, many.forward + at,
	    many.strike + at, many.years + at, many.rate + at,
	    bent.sigma + at, v[0], v[1], v[2], v[3], v[4], v[5],
	    bent.status[out] };
}

/* And so the greeks. */
static void
greek_batches(void **state)
{
	uint64_t seed = 2718281828459045235;
	int seen[BLACK_EXPIRED + 1] = { 0 }, k;
	size_t i, at, n;

	(void)state;
	for (int turn = 0; turn < 20; turn++) {
		fill(&seed);
		for (i = 0; i < MOST_ROWS; i++)
			bent.sigma[i] = hostile(&seed,
			    0.02 * (double)(1 << (chance(&seed) >> 40 & 7)));
		for (at = 0; at < MOST_ROWS; at += n) {
			n = chance(&seed) % 37;
			n = n < MOST_ROWS - at ? n : MOST_ROWS - at;
			struct black_greek_rows a = greeks_from(at, n, 0);
			struct black_greek_rows b = greeks_from(at, n, 1);

			memset(bent.v, 0x55, sizeof(bent.v));
			memset(bent.status, 0x55, sizeof(bent.status));
			black_greeks_rows(&a);
			black_plain_greeks(&b, 0);
			assert_memory_equal(bent.status[0], bent.status[1],
			    n + 1);
			for (k = 0; k < 6; k++)
				assert_memory_equal(bent.v[0][k], bent.v[1][k],
				    (n + 1) * 8);
			for (i = 0; i < n; i++) {
				struct black_option o = option(at + i);
				struct black_greeks g = { .price = 0 };

				assert_int_equal(a.status[i], black_greeks(&o,
				    bent.sigma[at + i], &g));
				assert_true(g.price == a.price[i] &&
				    g.delta == a.delta[i] &&
				    g.gamma == a.gamma[i] &&
				    g.theta == a.theta[i] &&
				    g.vega == a.vega[i] && g.rho == a.rho[i]);
				for (k = 0; k < 6; k++)
					assert_true(isfinite(bent.v[0][k][i]));
				seen[a.status[i]]++;
			}
		}
	}
	for (k = 0; k <= BLACK_EXPIRED; k++)
		if (seen[k] == 0)
			fail_msg("no row was %s", black_status_name(k));
}

/* What underflows is 0 or small; nothing else is raised, errno not touched. */
static void
exceptions(void **state)
{
	uint64_t seed = 3141592653589793;
	struct black_rows a = rows_from(0, MOST_ROWS, 0);
	struct black_greeks g;
	struct black_iv v;
	double price;

	(void)state;
	for (int turn = 0; turn < 20; turn++) {
		fill(&seed);
		errno = 0;
		assert_int_equal(feclearexcept(FE_ALL_EXCEPT), 0);
		black_iv_rows(&a);
		if (fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW) != 0)
			fail_msg("rows of turn %d: exceptions %#x", turn,
			    fetestexcept(FE_ALL_EXCEPT));
		for (size_t i = 0; i < MOST_ROWS; i++) {
			struct black_option o = option(i);
			struct ref_row r = { .o = o, .price = many.price[i] };

			(void)black_iv(&o, many.price[i], many.rate[i], &v);
			(void)black_price(&o, many.rate[i], &price);
			(void)black_greeks(&o, many.rate[i], &g);
			if (fetestexcept(FE_INVALID | FE_DIVBYZERO |
			    FE_OVERFLOW) != 0)
				complain(&r, "exceptions", "raised", "none");
		}
		assert_int_equal(errno, 0);
	}
}

/* ---- the functions underneath ---- */

static void
kernels(void **state)
{
	double e = 0, l = 0, m = 0, i = 0, y;

	(void)state;
#if BLACKREF
	for (y = -700; y < 700; y += 0.0917)
		e = fmax(e, fabs((double)(normal_exp(y) / expq(y) - 1)));
	for (y = 0; y < 37; y += 0.0123)
		m = fmax(m, fabs((double)(normal_mills(y) * ref_density(y) /
		    ref_cdf(-y) - 1)));
	for (y = 1e-100; y < 0.999; y *= 1.07)
		i = fmax(i, fabs(normal_inverse(y) -
		    normal_inverse((double)ref_cdf(normal_inverse(y)))));
	for (y = 1e-3; y < 3; y *= 1.001)
		l = fmax(l, fabs((double)(black_log_ratio(100, 100 * y) /
		    logq(1 / (quad)y) - 1)));
	print_message("# in 2^-53: exp %.2f, Mills %.2f; inverse %.1e\n",
	    e * 0x1p53, m * 0x1p53, i);
	assert_true(e > 0 && e < 3 * 0x1p-53);
	assert_true(m > 0 && m < 8 * 0x1p-53);
	assert_true(i > 0 && i < 1e-8);
#else
	(void)e, (void)l, (void)m, (void)i, (void)y;
#endif
	assert_true(normal_exp(0) == 1);
	assert_true(normal_exp(-800) == 0);
	assert_true(normal_exp(-745) > 0);
	assert_true(normal_cdf(-50) == 0 && normal_cdf(50) == 1);
	assert_true(fabs(normal_cdf(0) - 0.5) < 0x1p-52);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(ticks),
		cmocka_unit_test(seeds),
		cmocka_unit_test(statuses),
		cmocka_unit_test(rising),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(batches),
		cmocka_unit_test(greek_batches),
		cmocka_unit_test(exceptions),
		cmocka_unit_test(kernels),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
