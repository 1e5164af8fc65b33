/*
 * black_near - implied volatilities of the ordinary options, without a branch
 *
 * Nearly all options of an index: volatility to the expiry below 0.8, strike
 * between half and twice the forward, less than 13 deviations out.  Included by
 * black_near.c with one lane and by black_avx2.c with four, see lane.h.  What
 * only few need, volatility above 0.4, is left out where no lane needs it; the
 * others beside are not touched by it.
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
static const double NEAR_BETA = 1e-99;		/* beta above: and s BLACK_STILL, */
static const double NEAR_FAR = 1e39;		/* |x| / beta below: h > -13, */
static const double NEAR_S = 0.8;		/* s below. */
static const double NEAR_AGAIN = 1.2e-3;	/* A guess is so close. */
static const double NEAR_MID = 0.4;		/* From that s on more terms. */

/* Arguments that are of an ordinary option, whatever its price. */
LANE M
near_mine(V sign, V forward, V strike, V years, V rate)
{
	const V one = sign * 0.0 + 1.0;

	return V_LESS(one * 0.5, sign * sign) & V_LESS(sign * sign, one * 1.5) &
	    V_LESS(one * BLACK_LEAST, forward) &
	    V_LESS(forward, one * BLACK_MOST) &
	    V_LESS(one * BLACK_LEAST, strike) &
	    V_LESS(strike, one * BLACK_MOST) &
	    V_LESS(one * NEAR_LEAST, years) & V_LESS(years, one * NEAR_MOST) &
	    V_LESS(one * -NEAR_MOST, rate) & V_LESS(rate, one * NEAR_MOST);
}

/* mills_gap(), with more terms in the lanes of mid. */
LANE V
near_gap(V H, V T, V a, M mid)
{
	V g = mills_gap(H, T, a);

	if (V_NONE(mid))
		return g;
	return V_PICK(mid, g + mills_gap_more(H, T, a), g);
}

/*
 * A volatility to start from, within 1e-4 where it is below 0.4: that of the normal model (Bachelier),
 * where s / (beta + |x|/2) depends on |x| / beta alone, by a rational of
 * L = ln(1 + |x| / (2 beta)), relative error 3e-5; then what the lognormal model
 * adds to the order of s^2, (1 - h^2 a(-h)) / 6 times t^2, as a function of L too.
 */
LANE V
near_guess(V ax, V beta)
{
	static const double num[] = { 1.00002211, 1.068129105, 0.1064361436,
		0.03939341844, 0.001333287804, 2.55973386e-6 };
	static const double den[] = { 1.0, 1.069197665, 0.416557577,
		0.08698199561, 0.01669054002, 0.0001629786303 };
	static const double more[] = { 0.1681827915, 0.0243402627 };
	static const double less[] = { 1.0, 0.3073123578, 0.09415213392 };
	V l = lane_log_about(ax / (beta + beta) + 1.0);
	V ll = l * l, s = (beta + ax * 0.5) * SQRT_2PI *
	    (E5(num, l, ll) / E5(den, l, ll));

	return s + s * (s * s * 0.25) * (P1(more, l) / P2(less, l));
}

/* What that leaves from s = 0.4 up to 3.6, where its square w is 8; relative, within
 * 1 %, up to 0.8 within 4e-4. */
LANE V
near_rest(V ax, V w)
{
	static const double c[] = { 0.029727916, -0.0030003254, 3.0071956e-5 };

	return w * w * P2(c, w) / (10.0047 - w) * (1.0 - ax * ax * w * 0.002);
}

/*
 * s with b(x, s) = beta, and k = B/s there, the elasticity of s in beta.  One
 * step of fourth order on ln b - ln beta = -m from a guess s within 2e-4, which
 * leaves less than 1e-18; from 4e-4, 2e-17.
 */
LANE V
near_solve(V ax, V beta, V s, V *k)
{
	V h = ax / s, H = h * h, T = s * s * 0.25, a = mills_slope(h);
	V g = near_gap(H, T, a, V_LESS(s * 0.0 + NEAR_MID, s));
	V m = lane_log(beta * SQRT_2PI / (g * s)) + (H + T) * 0.5;
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
 * The same from another guess, with a step of fifth order: *step is Newton's, and
 * up to 1.2e-3 what is left is less than 5e-17; 1 where it is too far off.  The
 * series of y = d/g in m, with what ln b has for derivatives, and m from what
 * beta and b have in common: two divisions less, and no guess.
 */
LANE V
near_again(V ax, V beta, V s, V *k, V *step)
{
	static const double c[] = { 2.0, 2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9,
		2.0 / 11 };
	V h = ax / s, H = h * h, T = s * s * 0.25, a = mills_slope(h);
	V b = lane_exp((H + T) * -0.5) * s, want = beta * SQRT_2PI;
	V g = near_gap(H, T, a, V_LESS(s * 0.0 + NEAR_MID, s));
	V z = (want - g * b) / (want + g * b), zz = z * z;
	V m = z * E5(c, zz, zz * zz), one = s * 0.0 + 1.0;
	V b2 = H - T, q = g * b2, qq = q * q, b3 = b2 * b2 - (H * 3.0 + T);
	V b4 = H * 12.0 - b2 * (H * 3.0 + T) * 3.0 + b2 * b2 * b2;
	V b5 = (b2 - 9.0) * b4 - (T * 12.0 + 18.0) * b3 -
	    (T * 36.0 + 6.0) * b2 - T * 24.0;
	V u3 = g * g * b3, u4 = g * g * g * b4, u5 = g * g * (g * g) * b5;
	V f2 = q - 1.0, f3 = u3 - q * 3.0 + 2.0;
	V f4 = u4 - u3 * 4.0 - qq * 3.0 + q * 12.0 - 6.0;
	V f5 = u5 - u4 * 5.0 - (q * 10.0 - 20.0) * u3 + qq * 30.0 - q * 60.0 +
	    24.0;
	V ff = f2 * f2;
	V y3 = (ff * 3.0 - f3) * (1.0 / 6);
	V y4 = (f2 * f3 * 10.0 - f4 - f2 * ff * 15.0) * (1.0 / 24);
	V y5 = (ff * (ff - f3) * 105.0 + f3 * f3 * 10.0 + f2 * f4 * 15.0 -
	    f5) * (1.0 / 120);
	V mm = m * m, d = m * g * ((1.0 - m * f2 * 0.5) +
	    mm * ((y3 + m * y4) + mm * y5));

	*step = V_PICK(V_LESS(zz, one * 0.0025), m * g, one);
	*k = g + d * (1.0 - q - g);
	return s + s * d;
}

/* Of an option that is ordinary as far as one sees before s is known. */
struct near_case {
	V	 x;		/* |ln(F/K)| */
	V	 beta;
	V	 root;		/* of the years */
	V	 part;		/* price, grown, over time value */
	M	 ok;
};

/*
 * Lanes that are not get harmless numbers at each place where it is found out, so
 * that no NaN arises and no exception.
 */
LANE struct near_case
near_begin(const struct near_in *i)
{
	const V zero = i->sign * 0.0, one = zero + 1.0;
	V f, k, y, v, in, cap, growth, more, time, low, x, beta;
	struct near_case c;
	M ok;

	ok = near_mine(i->sign, i->forward, i->strike, i->years, i->rate) &
	    V_LESS(one * NEAR_LEAST, i->price) &
	    V_LESS(i->price, one * NEAR_MOST);
	c.x = c.beta = c.root = c.part = one;
	c.ok = ok;
	if (V_NONE(ok))
		return c;
	f = V_PICK(ok, i->forward, one);
	k = V_PICK(ok, i->strike, one);
	y = V_PICK(ok, i->years, one);
	v = V_PICK(ok, i->price, one);
	growth = V_PICK(ok, i->rate, zero) * y;
	ok &= V_LESS(one * -NEAR_GROWTH, growth) &
	    V_LESS(growth, one * NEAR_GROWTH) &
	    V_LESS(f, k + k) & V_LESS(k, f + f);
	c.ok = ok;
	if (V_NONE(ok))
		return c;
	k = V_PICK(ok, k, f);
	growth = lane_expm1(V_PICK(ok, growth, zero));

	in = i->sign * (f - k);
	cap = V_PICK(V_LESS(zero, i->sign), f, k);
	more = v * growth;
	time = v - V_MAX(in, zero) + more;
	low = V_PICK(V_LESS(f, k), f, k);
	x = lane_log1p(f - low + (k - low), low);
	beta = time / V_SQRT(f * k);
	ok &= V_LESS(v - cap + more, zero) & V_LESS(one * NEAR_BETA, beta) &
	    V_LESS(x, beta * NEAR_FAR);
	c.ok = ok;
	c.x = V_PICK(ok, x, zero);
	c.beta = V_PICK(ok, beta, one * 0.01);
	c.root = V_SQRT(y);
	c.part = (v + more) / V_PICK(ok, time, one);
	return c;
}

/* The volatility and kappa of those that are ordinary altogether. */
LANE struct near_out
near_end(const struct near_case *c)
{
	const V zero = c->x * 0.0, one = zero + 1.0;
	V s = near_guess(c->x, c->beta), g;
	M mid = V_LESS(one * NEAR_MID, s) & V_LESS(s, one);
	struct near_out out;

	if (!V_NONE(mid))
		s = V_PICK(mid, s + s * near_rest(c->x,
		    V_PICK(mid, s * s, zero)), s);
	out.mine = c->ok & V_LESS(s, one * NEAR_S);
	out.sigma = out.kappa = zero;
	if (V_NONE(out.mine))
		return out;
	s = near_solve(V_PICK(out.mine, c->x, zero), V_PICK(out.mine, c->beta,
	    one * 0.01), V_PICK(out.mine, s, one * (0.01 * SQRT_2PI)), &g);
	out.sigma = s / c->root;
	out.kappa = g * c->part;
	return out;
}
