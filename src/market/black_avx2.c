#include "black.h"
#include "black_core.h"

#if defined(__x86_64__) && defined(__GNUC__)

#define LANE_AVX2
#include "lane.h"
#include "mills.h"
#include "black_near.h"

bool
black_avx2_here(void)
{
	return __builtin_cpu_supports("avx2");
}

/* Four rows from i on. */
LANE void
four(const struct black_rows *r, size_t i)
{
	struct near_in in;
	struct near_out v;
	int32_t type;
	int mine, j;

	memcpy(&type, r->type + i, sizeof(type));
	in.sign = _mm256_cvtepi32_pd(_mm_cvtepi8_epi32(_mm_cvtsi32_si128(type)));
	in.forward = _mm256_loadu_pd(r->forward + i);
	in.strike = _mm256_loadu_pd(r->strike + i);
	in.years = _mm256_loadu_pd(r->years + i);
	in.rate = _mm256_loadu_pd(r->rate + i);
	in.price = _mm256_loadu_pd(r->price + i);
	v = near_iv(&in);
	mine = _mm256_movemask_pd((__m256d)v.mine);
	_mm256_storeu_pd(r->sigma + i, v.sigma);
	_mm256_storeu_pd(r->kappa + i, v.kappa);
	for (j = 0; j < 4; j++)
		if (mine >> j & 1)
			r->status[i + j] = (uint8_t)black_determined(r->kappa[i + j]);
		else
			black_row_far(r, i + j);
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

#endif
