/*
 * black_near - implied volatilities of the ordinary options, without a branch
 *
 * Nearly all options of an index: volatility to the expiry below 0.4, strike
 * between half and twice the forward, less than 13 deviations out.  Included by
 * black_near.c with one lane and by black_avx2.c with four; there are only IEEE
 * operations in here, in the same order, and so the results are the same bits
 * on every machine (without contraction to FMA, which the Makefile forbids).
 *
 * Who includes this defines, for its lanes,
 *	V, M		a double, and a mask or the bits of one: uint64_t
 *	LANES		how many
 *	NEAR		what stands before a function: static inline ...
 *	V_SQRT(v) V_BITS(v) V_FROM(m) V_MAX(a, b)
 *	V_LESS(a, b)	all bits where a < b; quiet for NaN
 *	V_PICK(m, a, b)	a where m, else b
 */

/* One option a lane; what is not ordinary is found here, and put aside. */
struct near_in {
	V	 sign;		/* 1 call, -1 put */
	V	 forward, strike, years, rate, price;
};

struct near_out {
	V	 sigma, kappa;
	M	 mine;		/* lanes that are done; others are not for us */
};

static const double SQRT_2PI = 2.50662827463100050242;

/* What is ordinary: years, price and rate in between these, */
static const double NEAR_LEAST = 1e-60, NEAR_MOST = 1e60;
static const double NEAR_GROWTH = 0.35;		/* |rate * years| below, */
static const double NEAR_BETA = 1e-250;		/* beta above: normal numbers, */
static const double NEAR_FAR = 1e39;		/* |x| / beta below: h > -13, */
static const double NEAR_S = 0.4;		/* s below. */

/* Horner's rule, the powers written out: every compiler unrolls it. */
#define P1(c, x)	((c)[1] * (x) + (c)[0])
#define P2(c, x)	(P1((c) + 1, x) * (x) + (c)[0])
#define P3(c, x)	(P2((c) + 1, x) * (x) + (c)[0])
#define P4(c, x)	(P3((c) + 1, x) * (x) + (c)[0])
#define P5(c, x)	(P4((c) + 1, x) * (x) + (c)[0])
#define P6(c, x)	(P5((c) + 1, x) * (x) + (c)[0])

/* e^y - 1, |y| <= 0.35; relative error 6e-17 and roundings. */
NEAR V
near_expm1(V y)
{
	static const double lo[] = { 0.50000000000000014935,
		0.16666666666666667815, 0.041666666666609049747,
		0.008333333333328902306, 0.0013888888924452230303 };
	static const double hi[] = { 0.00019841269868620090165,
		0.000024801510479903319459, 2.7557260142404478392e-6,
		2.7625038243496425735e-7, 2.5104191900919690822e-8 };
	V y2 = y * y, y4 = y2 * y2;

	return y + y2 * (P4(lo, y) + P4(hi, y) * (y4 * y));
}

/* ln(1 + f), 0 <= f < 1; 5e-18 and roundings. */
NEAR V
near_log1p(V f)
{
	static const double lo[] = { 0.66666666666666658492,
		0.40000000000014694538, 0.28571428567079108257,
		0.22222222720426161046, 0.18181789285384733748 };
	static const double hi[] = { 0.15385574295443374877,
		0.13314074851253788327, 0.12001732404458636048,
		0.087973698710099042694, 0.1617118767614103778 };
	V s = f / (f + 2.0), z = s * s, z2 = z * z, half = f * f * 0.5;
	V r = z * (P4(lo, z) + P4(hi, z) * (z2 * z2 * z));

	return f - (half - s * (half + r));
}

/* v = m 2^e with m from sqrt(1/2) to sqrt(2); v normal, > 0. */
NEAR V
near_split(V v, V *e)
{
	const uint64_t root = 0x3fe6a09e00000000, one = 0x3ff0000000000000;
	M b = V_BITS(v) + (one - root);

	*e = V_FROM((b >> 52) | 0x4330000000000000) - (0x1p52 + 1023);
	return V_FROM((b & 0x000fffffffffffff) + root);
}

/* ln v. */
NEAR V
near_log(V v)
{
	static const double c[] = { 0.66666666666666696955,
		0.39999999999899238978, 0.28571428626095891537,
		0.22222211115144161503, 0.18182890556695603528,
		0.15331674030167861852, 0.14617037548791650146 };
	/* ln 2, the first part with 32 bits: exact times e */
	const double hi = 0x1.62e42feep-1, lo = 0x1.a39ef35793c76p-33;
	V e, f = near_split(v, &e) - 1.0, s = f / (f + 2.0), z = s * s;
	V half = f * f * 0.5, r = z * P6(c, z);

	return e * hi - ((half - (s * (half + r) + e * lo)) - f);
}

/* ln v within 3e-6: to guess with. */
NEAR V
near_log_about(V v)
{
	static const double c[] = { 1.0000037423879464759,
		-0.4998948024036181973, 0.33265905812990515139,
		-0.25433356361401843703, 0.21965708495192149843,
		-0.14021623281113599934 };
	V e, f = near_split(v, &e) - 1.0;

	return e * 0.69314718055994530942 + f * P5(c, f);
}

/*
 * A volatility to start from, within 1e-4: that of the normal model (Bachelier),
 * where s / (beta + |x|/2) depends on |x| / beta alone, by a rational of
 * L = ln(1 + |x| / (2 beta)), relative error 3e-5; then what the lognormal model
 * adds to the order of s^2, (1 - h^2 a(-h)) / 6 times t^2, as a function of L too.
 */
NEAR V
near_guess(V ax, V beta)
{
	static const double num[] = { 1.00002211, 1.068129105, 0.1064361436,
		0.03939341844, 0.001333287804, 2.55973386e-6 };
	static const double den[] = { 1.0, 1.069197665, 0.416557577,
		0.08698199561, 0.01669054002, 0.0001629786303 };
	static const double more[] = { 0.1681827915, 0.0243402627 };
	static const double less[] = { 1.0, 0.3073123578, 0.09415213392 };
	V l = near_log_about(ax / (beta + beta) + 1.0);
	V s = (beta + ax * 0.5) * SQRT_2PI * (P5(num, l) / P5(den, l));

	return s + s * (s * s * 0.25) * (P1(more, l) / P2(less, l));
}

/* a(u) = 1 - u R(u) of normal.h, 0 <= u <= 13; 1.7e-17 and roundings. */
NEAR V
near_slope(V u)
{
	static const double n0[] = { 1.0, 1.1718990625810295487,
		0.71023775051735019025, 0.27999260717573510418,
		0.07780500515236012243 };
	static const double n1[] = { 0.015661000386905194166,
		0.0022741827794936727949, 0.0002296614752198449131,
		0.000014684173285048577248, 4.565513659404639116e-7 };
	static const double d0[] = { 1.0, 2.4252131998965298039,
		2.7497917399518330782, 1.9277893382919804145,
		0.93058255803181306431, 0.32562023639222151227 };
	static const double d1[] = { 0.084539221498199363746,
		0.01634725740765582849, 0.0023182348248445183913,
		0.00023103114279863639596, 0.000014684173042506415666,
		4.565513680115492319e-7 };
	V u2 = u * u, u5 = u2 * u2 * u;

	return (P4(n0, u) + P4(n1, u) * u5) /
	    (P5(d0, u) + P5(d1, u) * (u5 * u));
}

/*
 * (Y(h + t) - Y(h - t)) / 2t by H = h^2, T = t^2 and a = a(-h), for t < 0.21:
 * Taylor, as in normal.c.  sum T^m (up_m(H) a - down_m(H)) / (2m+1)!
 */
NEAR V
near_gap(V H, V T, V a)
{
	static const double u1[] = { 3, 1 }, u2[] = { 15, 10, 1 };
	static const double u3[] = { 105, 105, 21, 1 };
	static const double u4[] = { 945, 1260, 378, 36, 1 };
	static const double u5[] = { 10395, 17325, 6930, 990, 55, 1 };
	static const double u6[] = { 135135, 270270, 135135, 25740, 2145, 78,
		1 };
	static const double d2[] = { 7, 1 }, d3[] = { 57, 18, 1 };
	static const double d4[] = { 561, 285, 33, 1 };
	static const double d5[] = { 6555, 4680, 840, 52, 1 };
	static const double d6[] = { 89055, 82845, 20370, 1926, 75, 1 };
	V c1 = (P1(u1, H) * a - 1.0) * (1.0 / 6);
	V c2 = (P2(u2, H) * a - P1(d2, H)) * (1.0 / 120);
	V c3 = (P3(u3, H) * a - P2(d3, H)) * (1.0 / 5040);
	V c4 = (P4(u4, H) * a - P3(d4, H)) * (1.0 / 362880);
	V c5 = (P5(u5, H) * a - P4(d5, H)) * (1.0 / 39916800);
	V c6 = (P6(u6, H) * a - P5(d6, H)) * (1.0 / 6227020800);
	V t2 = T * T;

	return a + T * ((c1 + c2 * T) + t2 * ((c3 + c4 * T) +
	    t2 * (c5 + c6 * T)));
}

/*
 * s with b(x, s) = beta, and k = B/s there, the elasticity of s in beta.  One
 * step of fourth order on ln b - ln beta = -m from a guess s within 2e-4, which
 * leaves less than 1e-18.
 */
NEAR V
near_solve(V ax, V beta, V s, V *k)
{
	V h = ax / s;
	V H = h * h, T = s * s * 0.25, g = near_gap(H, T, near_slope(h));
	V m = near_log(beta * SQRT_2PI / (g * s)) + (H + T) * 0.5;
	/* s b''/b', s^2 b'''/b' ... and the derivatives of ln b in their
	 * place; g is B/s at s, 2t = s */
	V b2 = H - T, q = g * b2, b3 = b2 * b2 - (H * 3.0 + T);
	V b4 = H * 12.0 - b2 * (H * 3.0 + T) * 3.0 + b2 * b2 * b2;
	V f2 = q - 1.0, gb3 = g * g * b3;
	V f3 = gb3 - q * 3.0 + 2.0;
	V f4 = g * g * g * b4 - gb3 * 4.0 - q * q * 3.0 + q * 12.0 - 6.0;
	V up = m * g * (1.0 + m * (f2 + m * f3 * (1.0 / 6)));
	V down = 1.0 + m * (f2 * 1.5 + m * (f2 * f2 * 0.25 + f3 * (1.0 / 3) +
	    m * f4 * (1.0 / 24)));
	V d = up / down;

	*k = g + d * (1.0 - q - g);
	return s + s * d;
}

/*
 * The volatility and kappa where the option is ordinary.  Lanes that are not get
 * harmless numbers at each place where it is found out, so that no NaN arises
 * and no exception.
 */
NEAR struct near_out
near_iv(const struct near_in *i)
{
	const V zero = i->sign * 0.0, one = zero + 1.0;
	V f, k, y, v, in, cap, growth, more, time, low, x, beta, s, g;
	struct near_out out;
	M ok;

	ok = V_LESS(one * 0.5, i->sign * i->sign) &
	    V_LESS(i->sign * i->sign, one * 1.5) &
	    V_LESS(one * BLACK_LEAST, i->forward) &
	    V_LESS(i->forward, one * BLACK_MOST) &
	    V_LESS(one * BLACK_LEAST, i->strike) &
	    V_LESS(i->strike, one * BLACK_MOST) &
	    V_LESS(one * NEAR_LEAST, i->years) &
	    V_LESS(i->years, one * NEAR_MOST) &
	    V_LESS(one * NEAR_LEAST, i->price) &
	    V_LESS(i->price, one * NEAR_MOST) &
	    V_LESS(one * -NEAR_MOST, i->rate) &
	    V_LESS(i->rate, one * NEAR_MOST);
	f = V_PICK(ok, i->forward, one);
	k = V_PICK(ok, i->strike, one);
	y = V_PICK(ok, i->years, one);
	v = V_PICK(ok, i->price, one);
	growth = V_PICK(ok, i->rate, zero) * y;
	ok &= V_LESS(one * -NEAR_GROWTH, growth) &
	    V_LESS(growth, one * NEAR_GROWTH) &
	    V_LESS(f, k + k) & V_LESS(k, f + f);
	k = V_PICK(ok, k, f);
	growth = near_expm1(V_PICK(ok, growth, zero));

	in = i->sign * (f - k);
	cap = V_PICK(V_LESS(zero, i->sign), f, k);
	more = v * growth;
	time = v - V_MAX(in, zero) + more;
	low = V_PICK(V_LESS(f, k), f, k);
	x = near_log1p((f - low + (k - low)) / low);
	beta = time / V_SQRT(f * k);
	ok &= V_LESS(v - cap + more, zero) & V_LESS(one * NEAR_BETA, beta) &
	    V_LESS(x, beta * NEAR_FAR);
	x = V_PICK(ok, x, zero);
	beta = V_PICK(ok, beta, one * 0.01);
	time = V_PICK(ok, time, one);

	s = near_guess(x, beta);
	ok &= V_LESS(s, one * NEAR_S);
	x = V_PICK(ok, x, zero);
	beta = V_PICK(ok, beta, one * 0.01);
	s = V_PICK(ok, s, one * (0.01 * SQRT_2PI));
	s = near_solve(x, beta, s, &g);
	out.sigma = s / V_SQRT(y);
	out.kappa = g * ((v + more) / time);
	out.mine = ok;
	return out;
}
