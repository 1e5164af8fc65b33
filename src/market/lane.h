/*
 * lane - doubles, one or four at a time, and their logarithm and exponential
 *
 * One source for both: with LANE_AVX2 defined by who includes it four lanes in
 * an AVX2 register, else one in a double.  Only IEEE operations, in the same
 * order, without FMA (the Makefile forbids to contract): a lane gives the same
 * bits beside others as alone, on every machine, which libm does not promise.
 * The series are our own; errors stand beside them.
 *
 *	V, M		a double, and a mask or the bits of one
 *	LANE		what stands before a function of lanes
 *	V_LESS(a, b)	a mask: where a < b; quiet for NaN
 *	V_PICK(m, a, b)	a where m, else b
 *	V_NONE(m)	whether that is nowhere
 */
#ifndef LANE_H
#define LANE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef LANE_AVX2
#include <immintrin.h>

typedef uint64_t lane_mask __attribute__((vector_size(32)));
#define V		__m256d
#define M		lane_mask
#define AVX2		__attribute__((target("avx2")))
#define LANE		static inline __attribute__((always_inline)) AVX2
#define V_SQRT(v)	_mm256_sqrt_pd(v)
#define V_LESS(a, b)	((M)_mm256_cmp_pd(a, b, _CMP_LT_OQ))
#define V_PICK(m, a, b)	_mm256_blendv_pd(b, a, (__m256d)(m))
#define V_MAX(a, b)	_mm256_max_pd(a, b)
#define V_BITS(v)	((M)(v))
#define V_FROM(m)	((__m256d)(m))
#define V_NONE(m)	(_mm256_movemask_pd((__m256d)(m)) == 0)
#else
#define V		double
#define M		uint64_t
#ifdef __GNUC__		/* a call would cost the registers */
#define LANE		static inline __attribute__((always_inline))
#else
#define LANE		static inline
#endif
#define V_SQRT(v)	sqrt(v)
#define V_LESS(a, b)	((M)isless(a, b))
#define V_PICK(m, a, b)	((m) != 0 ? (a) : (b))
#define V_MAX(a, b)	(isgreater(a, b) ? (a) : (b))
#define V_BITS(v)	lane_bits(v)
#define V_FROM(m)	lane_number(m)
#define V_NONE(m)	((m) == 0)

static inline uint64_t
lane_bits(double v)
{
	uint64_t b;

	memcpy(&b, &v, sizeof(b));
	return b;
}

static inline double
lane_number(uint64_t b)
{
	double v;

	memcpy(&v, &b, sizeof(v));
	return v;
}
#endif

/* Horner's rule, written out: no compiler has to unroll a loop. */
#define P1(c, x)	((c)[1] * (x) + (c)[0])
#define P2(c, x)	(P1((c) + 1, x) * (x) + (c)[0])
#define P3(c, x)	(P2((c) + 1, x) * (x) + (c)[0])
#define P4(c, x)	(P3((c) + 1, x) * (x) + (c)[0])
#define P5(c, x)	(P4((c) + 1, x) * (x) + (c)[0])
#define P6(c, x)	(P5((c) + 1, x) * (x) + (c)[0])
#define P7(c, x)	(P6((c) + 1, x) * (x) + (c)[0])
#define P8(c, x)	(P7((c) + 1, x) * (x) + (c)[0])
#define P9(c, x)	(P8((c) + 1, x) * (x) + (c)[0])
/* The same in pairs, with the square at hand: half as deep, for where the result
 * is waited for. */
#define E4(c, x, xx)	(P1(c, x) + (xx) * P2((c) + 2, x))
#define E5(c, x, xx)	(P1(c, x) + (xx) * (P1((c) + 2, x) + (xx) * \
			    P1((c) + 4, x)))
#define E6(c, x, xx)	(P1(c, x) + (xx) * (P1((c) + 2, x) + (xx) * \
			    P2((c) + 4, x)))

/* ln 2; the first part of it has 32 bits and is exact times an exponent. */
#define LANE_LN2	0.69314718055994530942
#define LANE_LN2_HI	0x1.62e42feep-1
#define LANE_LN2_LO	0x1.a39ef35793c76p-33

/* (e^y - 1 - y) / y^2, |y| < 0.36; times y 6e-17, and roundings. */
LANE V
lane_exp_series(V y)
{
	static const double lo[] = { 0.50000000000000014935,
		0.16666666666666667815, 0.041666666666609049747,
		0.008333333333328902306, 0.0013888888924452230303 };
	static const double hi[] = { 0.00019841269868620090165,
		0.000024801510479903319459, 2.7557260142404478392e-6,
		2.7625038243496425735e-7, 2.5104191900919690822e-8 };
	V y2 = y * y;

	return E4(lo, y, y2) + E4(hi, y, y2) * (y2 * y2 * y);
}

/* e^y - 1, |y| < 0.36. */
LANE V
lane_expm1(V y)
{
	return y + y * y * lane_exp_series(y);
}

/* e^y, |y| < 708; relative error 2e-16. */
LANE V
lane_exp(V y)
{
	const double round = 0x1.8p52;
	V n = y * (1 / LANE_LN2) + round, e = n - round, r, lo;
	M scale = (V_BITS(n) + 1023) << 52;

	lo = e * LANE_LN2_LO;
	r = (y - e * LANE_LN2_HI) - lo;
	return V_FROM(scale) * (1.0 + lane_expm1(r));
}

/* ln(1 + n/d), 0 <= n < d. */
LANE V
lane_log1p(V n, V d)
{
	static const double lo[] = { 0.66666666666666658492,
		0.40000000000014694538, 0.28571428567079108257,
		0.22222222720426161046, 0.18181789285384733748 };
	static const double hi[] = { 0.15385574295443374877,
		0.13314074851253788327, 0.12001732404458636048,
		0.087973698710099042694, 0.1617118767614103778 };
	V f = n / d, s = n / (n + (d + d)), z = s * s, z2 = z * z;
	V half = f * f * 0.5, r = z * (E4(lo, z, z2) + E4(hi, z, z2) * (z2 * z2 * z));

	return f - (half - s * (half + r));
}

/* v = m 2^e with m from sqrt(1/2) to sqrt(2); v > 0 and normal. */
LANE V
lane_split(V v, V *e)
{
	const uint64_t root = 0x3fe6a09e00000000, one = 0x3ff0000000000000;
	M b = V_BITS(v) + (one - root);

	*e = V_FROM((b >> 52) | 0x4330000000000000) - (0x1p52 + 1023);
	return V_FROM((b & 0x000fffffffffffff) + root);
}

/* ln v; v > 0 and normal. */
LANE V
lane_log(V v)
{
	static const double c[] = { 0.66666666666666696955,
		0.39999999999899238978, 0.28571428626095891537,
		0.22222211115144161503, 0.18182890556695603528,
		0.15331674030167861852, 0.14617037548791650146 };
	V e, f = lane_split(v, &e) - 1.0, s = f / (f + 2.0), z = s * s;
	V half = f * f * 0.5, r = z * E6(c, z, z * z);

	return e * LANE_LN2_HI -
	    ((half - (s * (half + r) + e * LANE_LN2_LO)) - f);
}

/* ln v within 3e-6: to guess with. */
LANE V
lane_log_about(V v)
{
	static const double c[] = { 1.0000037423879464759,
		-0.4998948024036181973, 0.33265905812990515139,
		-0.25433356361401843703, 0.21965708495192149843,
		-0.14021623281113599934 };
	V e, f = lane_split(v, &e) - 1.0;

	return e * LANE_LN2 + f * E5(c, f, f * f);
}

#endif
