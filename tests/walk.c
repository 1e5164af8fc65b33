/*
 * walk, pulse - random numbers, paths, and the busy hours of the made-up market
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "clk.h"
#include "pulse.h"
#include "walk.h"

enum { MANY = 20000 };

/* Mean and variance of MANY numbers as they come. */
struct moments {
	double	 sum, squares;
};

static void
take(struct moments *m, double v)
{
	m->sum += v;
	m->squares += v * v;
}

static void
about(const struct moments *m, double mean, double variance)
{
	double a = m->sum / MANY, v = m->squares / MANY - a * a;

	if (fabs(a - mean) > 0.04 * sqrt(variance) ||
	    fabs(v / variance - 1) > 0.05)
		fail_msg("mean %g, variance %g, not %g and %g", a, v, mean,
		    variance);
}

/* The first numbers of seed 1234567 as splitmix64 has them everywhere. */
static void
splitmix(void **state)
{
	struct walk_rng r = { 1234567 };

	(void)state;
	assert_true(walk_next(&r) == UINT64_C(6457827717110365317));
	assert_true(walk_next(&r) == UINT64_C(3203168211198807973));
	assert_true(walk_hash(1234567, 1) == UINT64_C(3203168211198807973));
	assert_true(walk_key(1, "AB") != walk_key(1, "BA"));
	assert_true(walk_key(1, "AB") != walk_key(2, "AB"));
}

static void
numbers(void **state)
{
	struct moments even = { 0, 0 }, normal = { 0, 0 }, ex = { 0, 0 };
	struct walk_rng r = { 5 };
	int count[7] = { 0 };
	double v;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		v = walk_even(&r);
		assert_true(v >= 0 && v < 1);
		take(&even, v);
		take(&normal, walk_normal(walk_next(&r)));
		take(&ex, walk_exp(&r));
		count[walk_below(&r, 7)]++;
	}
	about(&even, 0.5, 1.0 / 12);
	about(&normal, 0, 1);
	about(&ex, 1, 1);
	for (int i = 0; i < 7; i++)
		assert_in_range(count[i], MANY / 8, MANY / 6);
	assert_true(walk_unit(UINT64_MAX) < 1 && walk_unit(0) == 0);
}

/* Brownian: increments have the variance of their length, and those of
 * different parts have nothing to do with each other. */
static void
paths(void **state)
{
	struct moments end = { 0, 0 }, part = { 0, 0 }, late = { 0, 0 };
	double a, b, c, product = 0;

	(void)state;
	for (uint64_t key = 0; key < MANY; key++) {
		assert_true(walk_path(key, 0, 12) == 0);
		a = walk_path(key, 0.25, 12);
		b = walk_path(key, 0.375, 12);
		c = walk_path(key, 1, 12);
		take(&part, b - a);
		take(&late, c - b);
		take(&end, c);
		product += (b - a) * (c - b);
	}
	about(&part, 0, 0.125);
	about(&late, 0, 0.625);
	about(&end, 0, 1);
	assert_true(fabs(product / MANY) < 0.02);
	/* no jumps, also where one line meets the next */
	for (int i = 1; i < 40960; i++) {
		a = walk_path(9, (i - 1) / 40960.0, 12);
		b = walk_path(9, i / 40960.0, 12);
		assert_true(fabs(a - b) < 0.02);
	}
}

static struct pulse_hours
window(int from, int to)
{
	struct pulse_hours h = { .exchange = "NSE", .n = 1 };

	h.w[0].open_us = from * 60 * US_PER_SEC;
	h.w[0].close_us = to * 60 * US_PER_SEC;
	return h;
}

static void
busy_time(void **state)
{
	struct pulse_hours h[2] = { window(555, 930), window(555, 940) };
	double first = 0, noon = 0, last = 0, x, before = -1;
	struct pulse p;
	int64_t at;

	(void)state;
	for (uint64_t key = 0; key < 40; key++) {
		assert_int_equal(pulse_init(&p, h, 2, key), 0);
		assert_true(p.start_us == 555 * 60 * US_PER_SEC);
		assert_true(fabs(pulse_total(&p) - 385) < 1e-9);
		first += pulse_at(&p, 570 * 60 * US_PER_SEC);
		noon += pulse_at(&p, 745 * 60 * US_PER_SEC) -
		    pulse_at(&p, 730 * 60 * US_PER_SEC);
		last += pulse_at(&p, 940 * 60 * US_PER_SEC) -
		    pulse_at(&p, 925 * 60 * US_PER_SEC);
		for (x = 0.3; x < 385; x += 17.77) {
			at = pulse_when(&p, x);
			assert_true(fabs(pulse_at(&p, at) - x) < 1e-4);
		}
		pulse_free(&p);
	}
	assert_true(first > 1.5 * noon && last > 1.2 * noon);

	/* closed in between: no time goes by */
	h[0].n = 2;
	h[0].w[0].close_us = 600 * 60 * US_PER_SEC;
	h[0].w[1] = window(690, 750).w[0];
	assert_int_equal(pulse_init(&p, h, 1, 3), 0);
	assert_true(fabs(pulse_total(&p) - 105) < 1e-9);
	assert_true(pulse_at(&p, 600 * 60 * US_PER_SEC) ==
	    pulse_at(&p, 690 * 60 * US_PER_SEC));
	for (at = 555; at <= 750; at++) {
		x = pulse_at(&p, at * 60 * US_PER_SEC);
		assert_true(x > before || (x == before && at > 600 &&
		    at <= 690));
		before = x;
	}
	assert_true(pulse_at(&p, 0) == 0);
	assert_true(pulse_when(&p, -1) == p.start_us);
	assert_true(pulse_when(&p, 1e9) == 750 * 60 * US_PER_SEC);
	pulse_free(&p);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test(splitmix),
		cmocka_unit_test(numbers),
		cmocka_unit_test(paths),
		cmocka_unit_test(busy_time),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
