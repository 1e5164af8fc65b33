#include <math.h>

#include "chain.h"
#include "num.h"

/* A future with less time than that says nothing about the carry. */
#define CARRY_MIN_US	(86400 * INT64_C(1000000))

/* Half of the spread of a future that is traded, as a part of its price: 5 rupees
 * of 25,000.  One that is farther apart gives way to options that are closer, and
 * beyond the second says nothing about the carry: a month at 0.1 % is 1.2 % a
 * year. */
static const double FUTURE_CLOSE = 2e-4, FUTURE_FAR = 1e-3;

static double
rupees(int64_t e7)
{
	return (double)e7 / E7;
}

static double
years_to(const struct chain_expiry *e, int64_t exch_us)
{
	return (double)(e->close_us - exch_us) / (double)FIGURE_YEAR_US;
}

static bool
is_over(const struct chain *c, const struct chain_expiry *e)
{
	return e->close_us != FIGURE_NO_TIME && e->close_us <= c->exch_us;
}

void
chain_take(struct chain_item *it, const struct quote *q)
{
	int64_t event = figure_event(q);

	it->q = *q;
	if (it->chain != NULL && q->seen_us > 0 &&
	    event > it->chain->exch_us)
		it->chain->exch_us = event;
}

/* ---- the forward ---- */

/* An input of a forward. */
static void
use(struct forward *f, const struct quote *q)
{
	int64_t event = figure_event(q);

	if (f->seen_us == 0 || q->seen_us < f->seen_us)
		f->seen_us = q->seen_us;
	if (event > f->exch_us)
		f->exch_us = event;
}

static bool
good_pair(const struct chain_strike *s, const struct chain_rules *r,
    int64_t now_us)
{
	for (int i = 0; i < FIGURE_LEGS; i++)
		if (s->leg[i] == NULL || quote_mid_why(&s->leg[i]->q,
		    s->leg[i]->inst->tick_e7, &r->figure.quote, now_us) !=
		    QUOTE_OK)
			return false;
	return true;
}

/* Where parity says the money is, nearest: what there is to begin with when
 * nothing else is known; NAN. */
static double
first_guess(const struct chain_expiry *e, const struct chain_rules *r,
    int64_t now_us)
{
	double least = HUGE_VAL, guess = NAN;

	for (size_t i = 0; i < e->n; i++) {
		const struct chain_strike *s = &e->strike[i];
		double d;

		if (!good_pair(s, r, now_us))
			continue;
		d = quote_mid(&s->leg[FIGURE_CALL]->q) -
		    quote_mid(&s->leg[FIGURE_PUT]->q);
		if (fabs(d) < least) {
			least = fabs(d);
			guess = rupees(s->strike_e7) + d;
		}
	}
	return guess;
}

/* The first strike at or above a price. */
static size_t
at_or_above(const struct chain_expiry *e, double price)
{
	size_t low = 0, high = e->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (rupees(e->strike[mid].strike_e7) < price)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The place of the strike nearest to a price, of two the lower; e has some. */
static size_t
nearest_strike(const struct chain_expiry *e, double price)
{
	size_t i = at_or_above(e, price);

	if (i == e->n)
		return i - 1;
	return i > 0 && price - rupees(e->strike[i - 1].strike_e7) <=
	    rupees(e->strike[i].strike_e7) - price ? i - 1 : i;
}

/* The nearest good pairs around near, outwards from there; how many. */
static size_t
pairs_around(const struct chain_expiry *e, const struct chain_rules *r,
    int64_t now_us, double near, const struct chain_strike **pair)
{
	size_t up = at_or_above(e, near), down = up, n = 0;

	while (n < FORWARD_STRIKES && (down > 0 || up < e->n)) {
		bool below = up == e->n || (down > 0 &&
		    near - rupees(e->strike[down - 1].strike_e7) <=
		    rupees(e->strike[up].strike_e7) - near);
		const struct chain_strike *s = below ? &e->strike[--down] :
		    &e->strike[up++];

		if (good_pair(s, r, now_us))
			pair[n++] = s;
	}
	return n;
}

/* *half: half of both spreads at the strike where these are least. */
static struct forward
by_parity(const struct chain *c, const struct chain_expiry *e,
    const struct chain_rules *r, int64_t now_us, double *half)
{
	const struct chain_strike *s[FORWARD_STRIKES];
	struct forward_pair p[FORWARD_STRIKES];
	struct forward f = forward_none();
	double near = !isnan(e->last) ? e->last :
	    c->spot != NULL && c->spot->q.ltp_e7 > 0 ?
	    rupees(c->spot->q.ltp_e7) : first_guess(e, r, now_us);
	size_t n = isnan(near) ? 0 : pairs_around(e, r, now_us, near, s);

	*half = HUGE_VAL;
	for (size_t i = 0; i < n; i++) {
		const struct quote *call = &s[i]->leg[FIGURE_CALL]->q;
		const struct quote *put = &s[i]->leg[FIGURE_PUT]->q;

		use(&f, call);
		use(&f, put);
		p[i] = (struct forward_pair){ rupees(s[i]->strike_e7),
		    quote_mid(call), quote_mid(put),
		    rupees(call->ask_e7 - call->bid_e7 + put->ask_e7 -
		    put->bid_e7) };
		*half = fmin(*half, p[i].spread / 2);
	}
	if (n == 0)
		return f;
	f.value = forward_parity(p, n, exp(r->figure.rate *
	    years_to(e, f.exch_us)), &f.unc);
	if (!isnan(f.value))
		f.src = FORWARD_PCP;
	return f;
}

static struct forward
by_future(const struct chain_expiry *e, const struct chain_rules *r,
    int64_t now_us)
{
	struct forward f = forward_none();

	if (e->future == NULL || !quote_two_sided(&e->future->q) ||
	    !quote_fresh(&e->future->q, r->figure.quote.quote_age_us, now_us))
		return f;
	f.value = quote_mid(&e->future->q);
	f.unc = rupees(e->future->q.ask_e7 - e->future->q.bid_e7) / 2;
	f.src = FORWARD_FUT;
	use(&f, &e->future->q);
	return f;
}

static bool
spot_fresh(const struct chain *c, const struct chain_rules *r, int64_t now_us)
{
	return c->spot != NULL && c->spot->q.ltp_e7 > 0 &&
	    quote_fresh(&c->spot->q, r->figure.quote.quote_age_us, now_us);
}

static struct forward
by_carry(const struct chain *c, const struct chain_expiry *e,
    const struct chain_rules *r, int64_t now_us)
{
	double carry = isnan(r->carry) ? c->carry : r->carry;
	struct forward f = forward_none();

	if (isnan(carry) || !spot_fresh(c, r, now_us))
		return f;
	use(&f, &c->spot->q);
	f.value = forward_carry(rupees(c->spot->q.ltp_e7), carry,
	    years_to(e, f.exch_us));
	if (!isnan(f.value))
		f.src = FORWARD_CARRY;
	return f;
}

/* What the nearest future says about the carry, while it says something. */
static void
learn_carry(struct chain *c, const struct chain_rules *r, int64_t now_us)
{
	struct forward f;
	double carry;

	for (size_t i = 0; i < c->n; i++) {
		const struct chain_expiry *e = &c->expiry[i];

		if (e->future == NULL || e->close_us == FIGURE_NO_TIME ||
		    e->close_us - c->exch_us < CARRY_MIN_US)
			continue;
		f = by_future(e, r, now_us);
		if (f.src != FORWARD_FUT || f.unc > FUTURE_FAR * f.value ||
		    !spot_fresh(c, r, now_us))
			return;
		carry = forward_implied(rupees(c->spot->q.ltp_e7), f.value,
		    years_to(e, f.exch_us));
		if (!isnan(carry))
			c->carry = carry;
		return;
	}
}

static bool
is_dead(const struct chain *c, const struct chain_expiry *e)
{
	return e->close_us == FIGURE_NO_TIME || is_over(c, e);
}

/* The future; parity where there is none, or where it is closer than a future that
 * hardly anybody trades. */
static struct forward
traded(const struct chain *c, const struct chain_expiry *e,
    const struct chain_rules *r, int64_t now_us)
{
	struct forward fut = by_future(e, r, now_us), pcp;
	double half;

	if (e->n == 0 || (fut.src != FORWARD_NONE &&
	    fut.unc <= FUTURE_CLOSE * fut.value))
		return fut;
	pcp = by_parity(c, e, r, now_us, &half);
	return fut.src == FORWARD_NONE || (pcp.src != FORWARD_NONE &&
	    fmax(half, pcp.unc) < fut.unc) ? pcp : fut;
}

void
chain_look_at(struct chain *c, struct chain_expiry *e,
    const struct chain_rules *r, int64_t now_us)
{
	e->forward = is_dead(c, e) ? forward_none() : traded(c, e, r, now_us);
	if (e->n == 0 || is_dead(c, e))
		return;
	if (e->forward.src == FORWARD_NONE)
		e->forward = by_carry(c, e, r, now_us);
	if (e->forward.src != FORWARD_NONE)
		e->last = e->forward.value;
}

void
chain_look(struct chain *c, const struct chain_rules *r, int64_t now_us)
{
	learn_carry(c, r, now_us);
	for (size_t i = 0; i < c->n; i++)
		chain_look_at(c, &c->expiry[i], r, now_us);
}

/* ---- what is watched ---- */

struct chain_expiry *
chain_nearest(const struct chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->expiry[i].n > 0 &&
		    c->expiry[i].close_us != FIGURE_NO_TIME &&
		    !is_over(c, &c->expiry[i]))
			return &c->expiry[i];
	return NULL;
}

ptrdiff_t
chain_atm(const struct chain *c, const struct chain_expiry *e)
{
	double price = e->forward.src != FORWARD_NONE ? e->forward.value :
	    e->last;

	if (isnan(price) && c->spot != NULL && c->spot->q.ltp_e7 > 0)
		price = rupees(c->spot->q.ltp_e7);
	return isnan(price) || e->n == 0 ? -1 :
	    (ptrdiff_t)nearest_strike(e, price);
}

/* The strikes of an expiry that are watched: from *from up to before *to. */
static void
window(const struct chain *c, const struct chain_expiry *e,
    const struct chain_rules *r, size_t *from, size_t *to)
{
	ptrdiff_t atm;

	*from = *to = 0;
	if (r->all) {
		*to = e->n;
	} else if (e == chain_nearest(c) && (atm = chain_atm(c, e)) != -1) {
		*from = (size_t)atm > r->window ? (size_t)atm - r->window : 0;
		*to = e->n - (size_t)atm > r->window ?
		    (size_t)atm + r->window + 1 : e->n;
	}
}

bool
chain_is_watched(const struct chain_item *it, const struct chain_rules *r)
{
	size_t from, to;

	if (it->chain == NULL)
		return r->all;
	if (it->inst->kind == INST_INDEX || it->inst->kind == INST_FUT)
		return true;
	window(it->chain, it->expiry, r, &from, &to);
	return from <= it->strike && it->strike < to;
}

static int
show(struct chain_item *it, chain_fn *fn, void *arg, struct fault *f)
{
	return it == NULL || (it->q.ltp_e7 <= 0 && it->q.bid_e7 <= 0 &&
	    it->q.ask_e7 <= 0) ? 0 : fn(it, arg, f);
}

int
chain_watched(const struct chain *c, const struct chain_rules *r,
    chain_fn *fn, void *arg, struct fault *f)
{
	size_t from, to;

	if (show(c->spot, fn, arg, f) != 0)
		return -1;
	for (size_t i = 0; i < c->n; i++)
		if (show(c->expiry[i].future, fn, arg, f) != 0)
			return -1;
	for (size_t i = 0; i < c->n; i++) {
		const struct chain_expiry *e = &c->expiry[i];

		window(c, e, r, &from, &to);
		for (size_t k = from; k < to; k++)
			for (int leg = 0; leg < FIGURE_LEGS; leg++)
				if (show(e->strike[k].leg[leg], fn, arg, f) !=
				    0)
					return -1;
	}
	return 0;
}

/* ---- figures ---- */

void
chain_figures(const struct chain_item *it, const struct chain_rules *r,
    int64_t now_us, bool both, struct figure out[FIGURE_LEGS])
{
	const struct chain_expiry *e = it->expiry;
	const struct chain_strike *s = &e->strike[it->strike];
	const struct figure_at at = { .strike = rupees(s->strike_e7),
	    .close_us = e->close_us, .forward = e->forward,
	    .now = { now_us, it->chain->exch_us } };
	struct figure_leg leg[FIGURE_LEGS] = { { 0 } };

	for (int i = 0; i < FIGURE_LEGS; i++)
		if (s->leg[i] != NULL)
			leg[i] = (struct figure_leg){ &s->leg[i]->q,
			    s->leg[i]->inst->tick_e7 };
	figure_make(out, leg, &at, &r->figure, both ? -1 :
	    s->leg[FIGURE_PUT] == it ? FIGURE_PUT : FIGURE_CALL);
}

static int64_t
oi_of(const struct chain_item *it)
{
	return it != NULL && it->q.oi > 0 ? it->q.oi : 0;
}

/* Of a side of the chain of which no open interest is known, as where it has no
 * options, there is none: false. */
static bool
side_oi(const struct chain_expiry *e, int leg, double *sum)
{
	bool known = false;

	*sum = 0;
	for (size_t i = 0; i < e->n; i++) {
		const struct chain_item *it = e->strike[i].leg[leg];

		known |= it != NULL && it->q.oi >= 0;
		*sum += (double)oi_of(it);
	}
	return known;
}

double
chain_pcr(const struct chain_expiry *e)
{
	double calls, puts;

	return side_oi(e, FIGURE_CALL, &calls) &&
	    side_oi(e, FIGURE_PUT, &puts) && calls > 0 ? puts / calls : NAN;
}

/*
 * What is paid out at strike k is the sum over all calls below it of oi times
 * distance, and of all puts above it: a sum that changes by the oi on each side
 * from one strike to the next.
 */
int64_t
chain_max_pain(const struct chain_expiry *e)
{
	double below = 0, above, calls, paid = 0, least = HUGE_VAL;
	int64_t best = LTP_NONE;

	if (!side_oi(e, FIGURE_CALL, &calls) ||
	    !side_oi(e, FIGURE_PUT, &above) || above + calls == 0)
		return LTP_NONE;
	for (size_t i = 0; i < e->n; i++)
		paid += (double)oi_of(e->strike[i].leg[FIGURE_PUT]) *
		    rupees(e->strike[i].strike_e7 - e->strike[0].strike_e7);
	for (size_t i = 0; i < e->n; i++) {
		if (i > 0)
			paid += (below - above) *
			    rupees(e->strike[i].strike_e7 -
			    e->strike[i - 1].strike_e7);
		if (paid < least) {
			least = paid;
			best = e->strike[i].strike_e7;
		}
		below += (double)oi_of(e->strike[i].leg[FIGURE_CALL]);
		above -= (double)oi_of(e->strike[i].leg[FIGURE_PUT]);
	}
	return best;
}
