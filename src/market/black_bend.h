/*
 * black_bend - price and greeks of the ordinary options, without a branch
 *
 * As black_near.h, behind which it is included, and of the same options: h > -13
 * and s below 0.8, where one formula holds the time value.
 */

struct bend_in {
	V	 sign;		/* 1 call, -1 put */
	V	 forward, strike, years, rate, sigma;
};

struct bend_out {		/* as struct black_greeks */
	V	 price, delta, gamma, theta, vega, rho, vanna, volga, charm;
	M	 mine;		/* lanes that are done */
};

static const double BEND_H = 12.75;	/* |h| below: and |d1| 13 */

/*
 * All at one point: h = -|x|/s and t = s/2, ah = -h.  The option out of the money
 * has d1 = h + t and d2 = h - t where it is a call, and else the other way round:
 * low n(h + t) is F n(d1) = K n(d2), and the time value that times s gap.
 */
LANE void
bend_at(const struct bend_in *i, V ah, V s, V discount, struct bend_out *out)
{
	V f = i->forward, k = i->strike, zero = f * 0.0;
	V root = V_SQRT(i->years), t = s * 0.5;
	M call = V_LESS(f, k);			/* is the one out of the money */
	V low = V_PICK(call, f, k), z = t - ah, H = ah * ah;
	V d1 = V_PICK(call, z, ah + t), d2 = V_PICK(call, zero - t - ah, zero - z);
	V dense = lane_exp(z * z * -0.5) * 0.39894228040143267794;
	V fn = low * dense, n1 = fn / f, in = i->sign * (f - k);
	V tail = n1 * mills_ratio(V_MAX(d1, 0.0 - d1)), dn = discount * n1;
	V time = fn * (s * near_gap(H, t * t, mills_slope(ah),
	    V_LESS(zero + NEAR_MID, s)));

	out->price = discount * (V_MAX(in, zero) + time);
	out->delta = i->sign * discount *
	    V_PICK(V_LESS(i->sign * d1, zero), tail, 1.0 - tail);
	out->gamma = dn / (f * s);
	out->vega = discount * fn * root * 0.01;
	out->rho = i->years * out->price * -0.01;
	out->theta = (i->rate * out->price - discount * fn * i->sigma /
	    (root * 2.0)) * (1.0 / 365);
	out->vanna = dn * d2 / i->sigma * -0.01;
	out->volga = out->vega * d1 * d2 / i->sigma * 0.01;
	out->charm = (i->rate * out->delta + dn * d2 / i->years * 0.5) *
	    (1.0 / 365);
}

/* The lanes of ordinary options; in the others something harmless. */
LANE struct bend_out
bend_greeks(const struct bend_in *i)
{
	const V zero = i->sign * 0.0, one = zero + 1.0;
	struct bend_in a = *i;
	V growth, low, x, s, ah;
	struct bend_out out;
	M ok;

	memset(&out, 0, sizeof(out));
	ok = near_mine(i->sign, i->forward, i->strike, i->years, i->rate) &
	    V_LESS(one * NEAR_LEAST, i->sigma) &
	    V_LESS(i->sigma, one * NEAR_MOST);
	out.mine = ok;
	if (V_NONE(ok))
		return out;
	a.forward = V_PICK(ok, i->forward, one);
	a.strike = V_PICK(ok, i->strike, one);
	a.years = V_PICK(ok, i->years, one);
	a.rate = V_PICK(ok, i->rate, zero);
	a.sigma = V_PICK(ok, i->sigma, one * 0.1);
	growth = a.rate * a.years;
	s = a.sigma * V_SQRT(a.years);
	ok &= V_LESS(one * -NEAR_GROWTH, growth) &
	    V_LESS(growth, one * NEAR_GROWTH) &
	    V_LESS(a.forward, a.strike + a.strike) &
	    V_LESS(a.strike, a.forward + a.forward) &
	    V_LESS(one * BLACK_STILL, s) & V_LESS(s, one * NEAR_S);
	out.mine = ok;
	if (V_NONE(ok))
		return out;
	a.strike = V_PICK(ok, a.strike, a.forward);
	growth = V_PICK(ok, growth, zero);
	s = V_PICK(ok, s, one * 0.1);
	low = V_PICK(V_LESS(a.forward, a.strike), a.forward, a.strike);
	x = lane_log1p(a.forward - low + (a.strike - low), low);
	ah = x / s;
	ok &= V_LESS(ah, one * BEND_H);
	if (!V_NONE(ok))
		bend_at(&a, V_PICK(ok, ah, zero), s,
		    1.0 + lane_expm1(0.0 - growth), &out);
	out.mine = ok;
	return out;
}
