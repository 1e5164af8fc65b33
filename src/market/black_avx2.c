#include "black.h"
#include "black_core.h"

#if defined(__x86_64__) && defined(__GNUC__)

#define LANE_AVX2
#include "lane.h"
#include "mills.h"
#include "black_near.h"
#include "black_bend.h"

bool
black_avx2_here(void)
{
	return __builtin_cpu_supports("avx2");
}

/* Types of four rows. */
LANE V
signs(const int8_t *type)
{
	int32_t four_types;

	memcpy(&four_types, type, sizeof(four_types));
	return _mm256_cvtepi32_pd(_mm_cvtepi8_epi32(
	    _mm_cvtsi32_si128(four_types)));
}

/* Four rows from i on. */
LANE void
four(const struct black_rows *r, size_t i)
{
	struct near_in in;
	struct near_case c;
	struct near_out v;
	int mine, j;

	in.sign = signs(r->type + i);
	in.forward = _mm256_loadu_pd(r->forward + i);
	in.strike = _mm256_loadu_pd(r->strike + i);
	in.years = _mm256_loadu_pd(r->years + i);
	in.rate = _mm256_loadu_pd(r->rate + i);
	in.price = _mm256_loadu_pd(r->price + i);
	c = near_begin(&in);
	v = near_end(&c);
	mine = _mm256_movemask_pd((__m256d)v.mine);
	_mm256_storeu_pd(r->sigma + i, v.sigma);
	_mm256_storeu_pd(r->kappa + i, v.kappa);
	for (j = 0; j < 4; j++)
		if (mine >> j & 1)
			r->status[i + j] = (uint8_t)black_determined(r->kappa[i + j]);
		else
			black_row_far(r, i + j);
}

LANE void
four_greeks(const struct black_greek_rows *r, size_t i)
{
	struct bend_in in = { .sign = signs(r->type + i),
	    .forward = _mm256_loadu_pd(r->forward + i),
	    .strike = _mm256_loadu_pd(r->strike + i),
	    .years = _mm256_loadu_pd(r->years + i),
	    .rate = _mm256_loadu_pd(r->rate + i),
	    .sigma = _mm256_loadu_pd(r->sigma + i) };
	struct bend_out v = bend_greeks(&in);
	int mine = _mm256_movemask_pd((__m256d)v.mine);

	_mm256_storeu_pd(r->price + i, v.price);
	_mm256_storeu_pd(r->delta + i, v.delta);
	_mm256_storeu_pd(r->gamma + i, v.gamma);
	_mm256_storeu_pd(r->theta + i, v.theta);
	_mm256_storeu_pd(r->vega + i, v.vega);
	_mm256_storeu_pd(r->rho + i, v.rho);
	for (int j = 0; j < 4; j++)
		if (mine >> j & 1)
			r->status[i + j] = BLACK_OK;
		else
			black_row_greeks(r, i + j);
}

AVX2 size_t
black_avx2_greeks(const struct black_greek_rows *r)
{
	size_t i;

	for (i = 0; i + 4 <= r->n; i += 4)
		four_greeks(r, i);
	return i;
}

AVX2 size_t
black_avx2(const struct black_rows *r)
{
	size_t i;

	for (i = 0; i + 4 <= r->n; i += 4)
		four(r, i);
	return i;
}

#else

bool
black_avx2_here(void)
{
	return false;
}

size_t
black_avx2(const struct black_rows *r)
{
	(void)r;
	return 0;
}

size_t
black_avx2_greeks(const struct black_greek_rows *r)
{
	(void)r;
	return 0;
}

#endif
