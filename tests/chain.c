/*
 * chain, figure, forward - small markets made by hand
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "black.h"
#include "chaintest.h"
#include "walk.h"

#define SPOT	256265
#define FUT	2
#define NOW	"2026-11-25 10:00:00"
#define NEAR	"2026-12-01"
#define FAR	"2026-12-29"

static struct inst_set set;
static struct cal cal;
static struct chains chains;
static struct chain_rules rules;
static int64_t now;

static void
make(const struct index_def *const *def, size_t n)
{
	struct fault f;

	assert_int_equal(chains_make(&chains, &set, def, n, &cal, &f), 0);
}

static const struct index_def *const only_nifty[] = { &nifty };

static int
setup(void **state)
{
	(void)state;
	memset(&set, 0, sizeof(set));
	load_cal(&cal);
	rules = plain_rules;
	now = at_ist(NOW);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	chains_free(&chains);
	inst_free(&set);
	cal_free(&cal);
	return 0;
}

/* Five strikes from first, step apart, calls 1000.., puts 2000.. */
static void
add_options(const char *expiry, double first, double step, uint32_t base)
{
	for (uint32_t k = 0; k < 5; k++) {
		add_inst(&set, base + k, INST_CE, "NIFTY", "NFO", expiry,
		    first + k * step);
		add_inst(&set, base + 1000 + k, INST_PE, "NIFTY", "NFO",
		    expiry, first + k * step);
	}
}

static void
tick(uint32_t token, double ltp, double bid, double ask, double age_s)
{
	struct chain_item *it = chains_find(&chains, token);
	struct quote q;

	assert_non_null(it);
	quote_init(&q);
	q.ltp_e7 = E7_OF(ltp);
	q.bid_e7 = E7_OF(bid);
	q.ask_e7 = E7_OF(ask);
	q.seen_us = now - (int64_t)(age_s * 1e6);
	q.exch_us = q.seen_us / S * S;
	q.oi = 100;
	chain_take(it, &q);
}

/* Prices of all options of an expiry at one volatility, spread apart. */
static void
market(struct chain_expiry *e, double forward, double sigma, double rate,
    double spread)
{
	for (size_t i = 0; i < e->n; i++)
		for (int leg = 0; leg < FIGURE_LEGS; leg++) {
			struct black_option o = { leg == FIGURE_CALL ?
			    BLACK_CALL : BLACK_PUT, forward,
			    (double)e->strike[i].strike_e7 / 1e7,
			    (double)(e->close_us - now) / 31536e9, rate };
			double price;

			if (e->strike[i].leg[leg] == NULL)
				continue;
			assert_int_equal(black_price(&o, sigma, &price), 0);
			tick(e->strike[i].leg[leg]->inst->token, price,
			    price - spread / 2, price + spread / 2, 0);
		}
}

/* The figures of both options of a strike; those of one alone are the same. */
static void
both(const struct chain_expiry *e, size_t k, struct figure fig[FIGURE_LEGS])
{
	for (int leg = 0; leg < FIGURE_LEGS; leg++) {
		const struct chain_item *it = e->strike[k].leg[leg];
		struct figure one[FIGURE_LEGS];

		if (it == NULL)
			continue;
		chain_figures(it, &rules, now, true, fig);
		chain_figures(it, &rules, now, false, one);
		assert_string_equal(one[leg].status, fig[leg].status);
		assert_string_equal(one[leg].iv_status, fig[leg].iv_status);
		assert_memory_equal(&one[leg].iv, &fig[leg].iv, sizeof(double));
		assert_memory_equal(&one[leg].sigma, &fig[leg].sigma,
		    sizeof(double));
		assert_memory_equal(&one[leg].greeks, &fig[leg].greeks,
		    sizeof(one[leg].greeks));
		assert_true(one[leg].sibling == fig[leg].sibling);
	}
}

static void
made(void **state)
{
	struct chain *c = chains.v;
	char text[CLK_TEXT];

	(void)state;
	add_options(FAR, 26000, 50, 300000);
	add_options(NEAR, 26000.5, 50.25, 100000);
	add_options("2026-07-28", 26000, 50, 500000);
	add_options("2026-11-29", 26000, 50, 700000);	/* a Sunday */
	add_inst(&set, SPOT, INST_INDEX, "NIFTY 50", "NSE", "", 0);
	add_inst(&set, FUT, INST_FUT, "NIFTY", "NFO", FAR, 0);
	add_inst(&set, 3, INST_FUT, "NIFTY", "NFO", FAR, 0);	/* twice */
	add_inst(&set, 4, INST_CE, "NIFTY", "NFO", FAR, 26000);	/* twice */
	add_inst(&set, 5, INST_CE, "NIFTY", "BFO", FAR, 26000);	/* not here */
	add_inst(&set, 6, INST_CE, "FINNIFTY", "NFO", FAR, 26000);
	add_inst(&set, 7, INST_CE, "NIFTY", "NFO", "", 26000);
	add_inst(&set, 8, INST_CE, "NIFTY", "NFO", FAR, 0);
	add_inst(&set, 9, INST_EQ, "NIFTY", "NSE", "", 0);
	make(only_nifty, 1);
	c = chains.v;
	assert_int_equal(c->n, 4);
	assert_int_equal(chains.nitem, 4 * 10 + 2);
	for (uint32_t t = 3; t < 10; t++)
		assert_true((chains_find(&chains, t) != NULL) == (t == 4));
	assert_null(chains_find(&chains, 300000));	/* 4 came first */
	/* the close of the session, by the day's own table */
	clk_to_ist_s(c->expiry[0].close_us / S, text);
	assert_string_equal(text, "2026-07-28 15:30:00");
	assert_true(c->expiry[1].close_us == FIGURE_NO_TIME);
	clk_to_ist_s(c->expiry[2].close_us / S, text);
	assert_string_equal(text, NEAR " 15:40:00");
	assert_true(c->expiry[2].strike[1].strike_e7 == E7_OF(26050.75));
	assert_ptr_equal(c->expiry[3].future, chains_find(&chains, FUT));
	assert_ptr_equal(c->spot, chains_find(&chains, SPOT));
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->expiry[i].n; k++)
			for (int leg = 0; leg < FIGURE_LEGS; leg++) {
				struct chain_item *it =
				    c->expiry[i].strike[k].leg[leg];

				assert_ptr_equal(it->expiry, &c->expiry[i]);
				assert_int_equal(it->strike, k);
			}
}

static void
nothing(void **state)
{
	static const struct index_def *const both[] = { &nifty, &sensex };

	(void)state;
	make(both, 2);
	for (int i = 0; i < 2; i++) {
		chain_look(&chains.v[i], &rules, now);
		assert_null(chain_nearest(&chains.v[i]));
	}
	assert_null(chains_find(&chains, 0));
}

static void
forwards(void **state)
{
	struct chain_expiry *near, *far;
	struct chain *c;

	(void)state;
	add_options(NEAR, 26000, 50, 100000);
	add_options(FAR, 26000, 50, 300000);
	add_inst(&set, SPOT, INST_INDEX, "NIFTY 50", "NSE", "", 0);
	add_inst(&set, FUT, INST_FUT, "NIFTY", "NFO", FAR, 0);
	make(only_nifty, 1);
	c = chains.v;
	near = &c->expiry[0];
	far = &c->expiry[1];
	chain_look(c, &rules, now);
	assert_true(near->forward.src == FORWARD_NONE);

	/* parity, also with a rate, exact to the rounding of the quotes */
	rules.figure.rate = 0.07;
	market(near, 26103.4, 0.12, 0.07, 0.5);
	chain_look(c, &rules, now);
	assert_true(near->forward.src == FORWARD_PCP);
	assert_true(fabs(near->forward.value - 26103.4) < 1e-5);
	assert_true(far->forward.src == FORWARD_NONE);
	rules.figure.rate = 0;

	/* the future, and what it says of the carry */
	tick(SPOT, 26080, 0, 0, 0);
	tick(FUT, 26310, 26309, 26311, 3);
	chain_look(c, &rules, now);
	assert_true(far->forward.src == FORWARD_FUT);
	assert_true(far->forward.value == 26310);
	assert_true(far->forward.seen_us == now - 3 * S);
	assert_true(fabs(c->carry - log(26310 / 26080.0) /
	    ((double)(far->close_us - (now - 3 * S)) / 31536e9)) < 1e-9);

	/* neither: spot and carry */
	now += 11 * S;
	tick(SPOT, 26080, 0, 0, 0);
	chain_look(c, &rules, now);
	assert_true(near->forward.src == FORWARD_CARRY);
	assert_true(near->forward.value > 26080 &&
	    near->forward.value < 26150);
	rules.carry = 0;
	chain_look(c, &rules, now);
	assert_true(near->forward.value == 26080);

	/* nothing that is fresh: no forward, not an old one */
	now += 11 * S;
	chain_look(c, &rules, now);
	assert_true(near->forward.src == FORWARD_NONE);
	assert_true(isnan(near->forward.value));
}

/* A future that nobody trades does not beat options that many do; where it is all
 * there is, it is better than nothing. */
static void
wide_future(void **state)
{
	struct chain_expiry *far;
	struct chain *c;

	(void)state;
	add_options(FAR, 26000, 50, 300000);
	add_inst(&set, SPOT, INST_INDEX, "NIFTY 50", "NSE", "", 0);
	add_inst(&set, FUT, INST_FUT, "NIFTY", "NFO", FAR, 0);
	make(only_nifty, 1);
	c = chains.v;
	far = &c->expiry[0];
	tick(SPOT, 26000, 0, 0, 0);
	market(far, 26103.4, 0.12, 0, 0.5);
	tick(FUT, 26150, 25480, 26780, 0);	/* 5 % */
	chain_look(c, &rules, now);
	assert_true(far->forward.src == FORWARD_PCP);
	assert_true(fabs(far->forward.value - 26103.4) < 1e-5);
	assert_true(isnan(c->carry));
	tick(FUT, 26110, 26104, 26116, 0);	/* half is 6: too much */
	chain_look(c, &rules, now);
	assert_true(far->forward.src == FORWARD_PCP);
	assert_true(c->carry > 0);
	tick(FUT, 26110, 26106, 26114, 0);	/* 4 */
	chain_look(c, &rules, now);
	assert_true(far->forward.src == FORWARD_FUT);
	assert_true(far->forward.value == 26110);

	/* options that are no closer, and none */
	tick(FUT, 26110, 26104, 26116, 0);
	market(far, 26103.4, 0.12, 0, 8);
	chain_look(c, &rules, now);
	assert_true(far->forward.src == FORWARD_FUT);
	now += 11 * S;
	tick(FUT, 26150, 25480, 26780, 0);
	chain_look(c, &rules, now);
	assert_true(far->forward.src == FORWARD_FUT);
	assert_true(far->forward.unc == 650);
}

/* One strike is off by 40 rupees with a wide quote, one is crossed: the median
 * does not care. */
static void
median(void **state)
{
	struct chain_expiry *e;

	(void)state;
	add_options(NEAR, 26000, 50, 100000);
	make(only_nifty, 1);
	e = &chains.v[0].expiry[0];
	market(e, 26103.4, 0.12, 0, 0.5);
	tick(100002, 160, 150, 165, 0);
	tick(101003, 90, 96, 90, 0);
	chain_look(chains.v, &rules, now);
	assert_true(e->forward.src == FORWARD_PCP);
	assert_true(fabs(e->forward.value - 26103.4) < 0.3);
}

/* Calls alone, and puts without an index: nothing is made up. */
static void
one_side(void **state)
{
	struct figure fig[FIGURE_LEGS];
	struct chain_expiry *e;

	(void)state;
	for (uint32_t k = 0; k < 3; k++)
		add_inst(&set, 100 + k, INST_CE, "NIFTY", "NFO", NEAR,
		    26000 + 50 * k);
	make(only_nifty, 1);
	e = &chains.v[0].expiry[0];
	market(e, 26050, 0.12, 0, 0.5);
	chain_look(chains.v, &rules, now);
	assert_true(e->forward.src == FORWARD_NONE);
	assert_int_equal(chain_atm(chains.v, e), -1);
	both(e, 0, fig);
	assert_string_equal(fig[0].status, "NO_FORWARD");
	assert_true(isnan(fig[0].iv) && isnan(fig[0].sigma));
	assert_string_equal(fig[1].status, "");
	assert_true(isnan(chain_pcr(e)) || chain_pcr(e) == 0);
}

static void
index_alone(void **state)
{
	(void)state;
	add_inst(&set, SPOT, INST_INDEX, "NIFTY 50", "NSE", "", 0);
	make(only_nifty, 1);
	tick(SPOT, 26080, 0, 0, 0);
	chain_look(chains.v, &rules, now);
	assert_null(chain_nearest(chains.v));
	assert_true(chain_is_watched(chains.v[0].spot, &rules));
}

/* An expiry that comes in a minute, and one that came a minute ago. */
static void
expiring(void **state)
{
	struct figure fig[FIGURE_LEGS];
	struct chain_expiry *e;

	(void)state;
	add_options("2026-11-25", 26000, 50, 100000);
	add_options(NEAR, 26000, 50, 300000);
	make(only_nifty, 1);
	e = &chains.v[0].expiry[0];
	now = at_ist("2026-11-25 15:39:00");
	market(e, 26103.4, 0.12, 0, 0.1);
	chain_look(chains.v, &rules, now);
	assert_ptr_equal(chain_nearest(chains.v), e);
	both(e, 2, fig);
	assert_string_equal(fig[0].status, "OK");
	assert_true(fig[0].years == 60 / 31536000.0);
	assert_true(fabs(fig[0].sigma - 0.12) < 0.02);

	now = at_ist("2026-11-25 15:41:00");
	for (size_t i = 0; i < e->n; i++)
		tick(e->strike[i].leg[0]->inst->token, 100, 99, 101, 0);
	chain_look(chains.v, &rules, now);
	assert_ptr_equal(chain_nearest(chains.v), e + 1);
	assert_true(e->forward.src == FORWARD_NONE);
	both(e, 2, fig);
	assert_string_equal(fig[0].status, "EXPIRED");
	assert_true(isnan(fig[0].iv));
}

/* Volatility and greeks come back; what is deep in the money has those of the
 * other option. */
static void
figures(void **state)
{
	struct figure fig[FIGURE_LEGS];
	struct black_greeks g;
	struct chain_expiry *e;

	(void)state;
	add_options(NEAR, 25000, 500, 100000);
	make(only_nifty, 1);
	e = &chains.v[0].expiry[0];
	market(e, 26003.4, 0.12, 0, 0.1);
	chain_look(chains.v, &rules, now);
	for (size_t i = 0; i < e->n; i++) {
		both(e, i, fig);
		for (int leg = 0; leg < FIGURE_LEGS; leg++) {
			struct black_option o = { leg ? BLACK_PUT : BLACK_CALL,
			    e->forward.value, (double)e->strike[i].strike_e7 /
			    1e7, fig[leg].years, 0 };

			assert_string_equal(fig[leg].status, "OK");
			assert_true(fabs(fig[leg].sigma - 0.12) < 2e-3);
			assert_int_equal(black_greeks(&o, fig[leg].sigma, &g),
			    0);
			assert_memory_equal(&g, &fig[leg].greeks, sizeof(g));
		}
	}
	/* in the money below what exercise is worth */
	tick(100000, 1003, 1002.9, 1003.1, 0);
	chain_look(chains.v, &rules, now);
	both(e, 0, fig);
	assert_string_equal(fig[0].iv_status, "BELOW_INTRINSIC");
	assert_true(isnan(fig[0].iv) && fig[0].sibling);
	assert_true(fig[0].sigma == fig[1].sigma && !fig[1].sibling);
	/* never the other way round: out of the money without a quote */
	tick(101000, 1, 0, 0, 0);
	both(e, 0, fig);
	assert_string_equal(fig[1].status, "ONE_SIDED");
	assert_true(isnan(fig[1].sigma) && isnan(fig[0].sigma));
	/* a call that is uncertain keeps its iv, its greeks are the put's */
	tick(101000, 1, 0.95, 1.05, 0);
	tick(100000, 1010, 975, 1039, 0);
	both(e, 0, fig);
	assert_string_equal(fig[0].iv_status, "OK");
	assert_true(fig[0].iv > 0 && fig[0].iv_unc > 25 * fig[0].iv);
	assert_true(fig[0].sibling && fig[0].sigma == fig[1].iv);
}

/* A call at what exercise is worth, but for the last bits of a difference. */
static void
indeterminate(void **state)
{
	struct figure fig[FIGURE_LEGS];
	struct chain_expiry *e;

	(void)state;
	add_options(NEAR, 25000, 500, 100000);
	add_inst(&set, 7, INST_FUT, "NIFTY", "NFO", NEAR, 0);
	make(only_nifty, 1);
	e = &chains.v[0].expiry[0];
	tick(7, 26305.3, 26305.2, 26305.4, 0);
	tick(100000, 1305.3, 1305.2, 1305.4, 0);
	chain_look(chains.v, &rules, now);
	both(e, 0, fig);
	assert_string_equal(fig[0].iv_status, "INDETERMINATE");
	assert_string_equal(fig[0].status, "INDETERMINATE");
	/* the put knows */
	tick(101000, 1, 0.95, 1.05, 0);
	both(e, 0, fig);
	assert_string_equal(fig[0].iv_status, "INDETERMINATE");
	assert_string_equal(fig[0].status, "OK");
	assert_true(fig[0].sibling && fig[0].sigma == fig[1].iv);
}

static void
huge(void **state)
{
	struct figure fig[FIGURE_LEGS];
	struct chain_expiry *e;

	(void)state;
	add_options(NEAR, 980000000, 10000000, 100000);
	make(only_nifty, 1);
	e = &chains.v[0].expiry[0];
	market(e, 1e9, 0.12, 0, 0.1);
	chain_look(chains.v, &rules, now);
	assert_true(fabs(e->forward.value - 1e9) < 1e-3);
	for (size_t i = 0; i < e->n; i++) {
		both(e, i, fig);
		for (int leg = 0; leg < FIGURE_LEGS; leg++) {
			assert_string_equal(fig[leg].status, "OK");
			assert_true(fabs(fig[leg].sigma - 0.12) < 1e-3);
		}
	}
}

struct seen { uint32_t token[64]; size_t n; };

static int
look(struct chain_item *it, void *arg, struct fault *f)
{
	struct seen *s = arg;

	(void)f;
	s->token[s->n++] = it->inst->token;
	assert_true(chain_is_watched(it, &rules));
	return 0;
}

static void
watched(void **state)
{
	static const uint32_t want[] = { SPOT, FUT, 100001, 101001, 100002,
	    101002, 100003, 101003 };
	struct seen s = { .n = 0 };
	struct chain_expiry *e;
	struct fault f;

	(void)state;
	add_options(NEAR, 26000, 50, 100000);
	add_options(FAR, 26000, 50, 300000);
	add_inst(&set, SPOT, INST_INDEX, "NIFTY 50", "NSE", "", 0);
	add_inst(&set, FUT, INST_FUT, "NIFTY", "NFO", FAR, 0);
	make(only_nifty, 1);
	e = &chains.v[0].expiry[0];
	rules.window = 1;
	chain_look(chains.v, &rules, now);
	assert_int_equal(chain_watched(chains.v, &rules, look, &s, &f), 0);
	assert_int_equal(s.n, 0);		/* nothing is known yet */
	market(e, 26103.4, 0.12, 0, 0.5);
	market(e + 1, 26303.4, 0.12, 0, 0.5);
	tick(SPOT, 26080, 0, 0, 0);
	tick(FUT, 26310, 26309, 26311, 3);
	chain_look(chains.v, &rules, now);
	assert_int_equal(chain_watched(chains.v, &rules, look, &s, &f), 0);
	assert_int_equal(s.n, 8);
	assert_memory_equal(s.token, want, sizeof(want));
	/* of two as near the lower; at the end of the list fewer */
	e->forward.value = 26025;
	assert_int_equal(chain_atm(chains.v, e), 0);
	e->forward.value = 26025.01;
	assert_int_equal(chain_atm(chains.v, e), 1);
	e->forward.value = 30000;
	assert_int_equal(chain_atm(chains.v, e), 4);
	s.n = 0;
	assert_int_equal(chain_watched(chains.v, &rules, look, &s, &f), 0);
	assert_int_equal(s.n, 6);
	rules.all = true;
	s.n = 0;
	assert_int_equal(chain_watched(chains.v, &rules, look, &s, &f), 0);
	assert_int_equal(s.n, 22);
	rules.all = false;
	rules.window = SIZE_MAX;
	s.n = 0;
	assert_int_equal(chain_watched(chains.v, &rules, look, &s, &f), 0);
	assert_int_equal(s.n, 12);
}

/* One exchange time from tomorrow does not end what expires today. */
static void
ahead(void **state)
{
	struct figure fig[FIGURE_LEGS];
	struct chain_expiry *e;
	struct quote q;

	(void)state;
	add_options(NEAR, 25000, 500, 100000);
	make(only_nifty, 1);
	e = &chains.v[0].expiry[0];
	market(e, 26003.4, 0.12, 0, 0.1);
	q = e->strike[4].leg[0]->q;
	q.exch_us = e->close_us;
	now = q.seen_us = e->close_us - 3600 * S;
	chain_take(e->strike[4].leg[0], &q);
	assert_true(chains.v[0].exch_us == now);
	market(e, 26003.4, 0.12, 0, 0.1);
	chain_look(chains.v, &rules, now);
	both(e, 2, fig);
	assert_string_equal(fig[0].status, "OK");
	/* clocks differ by some minutes */
	q.exch_us = q.seen_us + 299 * S;
	assert_true(figure_event(&q) == q.exch_us);
}

/* What is not known of one side is not 0. */
static void
side_oi(void **state)
{
	struct chain_expiry *e;

	(void)state;
	add_options(NEAR, 26000, 50, 100000);
	make(only_nifty, 1);
	e = &chains.v[0].expiry[0];
	for (int leg = 0; leg < FIGURE_LEGS; leg++) {
		e->strike[1].leg[leg]->q.oi = 100;
		assert_true(isnan(chain_pcr(e)));
		assert_true(chain_max_pain(e) == LTP_NONE);
		e->strike[1].leg[leg]->q.oi = QUOTE_UNKNOWN;
	}
	e->strike[1].leg[FIGURE_CALL]->q.oi = 100;
	e->strike[2].leg[FIGURE_PUT]->q.oi = 0;
	assert_true(chain_pcr(e) == 0);
	assert_true(chain_max_pain(e) == E7_OF(26000));
}

/* Against adding up, at random. */
static void
pain(void **state)
{
	struct walk_rng rng = { 11 };
	struct chain_expiry *e;

	(void)state;
	add_options(NEAR, 26000, 50, 100000);
	make(only_nifty, 1);
	e = &chains.v[0].expiry[0];
	assert_true(chain_max_pain(e) == LTP_NONE && isnan(chain_pcr(e)));
	for (int round = 0; round < 200; round++) {
		double least = HUGE_VAL, sum[2] = { 0 };
		int64_t want = LTP_NONE;

		for (size_t i = 0; i < e->n; i++)
			for (int leg = 0; leg < 2; leg++)
				sum[leg] += (double)(e->strike[i].leg[leg]->q.oi
				    = 1 + walk_below(&rng, 1000));
		for (size_t k = 0; k < e->n; k++) {
			double paid = 0;

			for (size_t i = 0; i < e->n; i++) {
				double d = (double)(e->strike[k].strike_e7 -
				    e->strike[i].strike_e7) / 1e7;

				paid += d > 0 ? d * (double)
				    e->strike[i].leg[0]->q.oi : -d * (double)
				    e->strike[i].leg[1]->q.oi;
			}
			if (paid < least) {
				least = paid;
				want = e->strike[k].strike_e7;
			}
		}
		assert_true(chain_max_pain(e) == want);
		assert_true(chain_pcr(e) == sum[1] / sum[0]);
	}
}

/* Whatever the quotes are, no figure is NaN where it is said to be OK, and none
 * is a number where it is not. */
static void
hostile(void **state)
{
	static const double odd[] = { 0, 0.05, 1, 1e-7, 26000, 1e9, 130, 131 };
	struct walk_rng rng = { 12 };
	struct figure fig[FIGURE_LEGS];
	struct chain_expiry *e;

	(void)state;
	add_options(NEAR, 26000, 50, 100000);
	add_options("2026-11-25", 0.5, 1.25, 300000);
	add_inst(&set, SPOT, INST_INDEX, "NIFTY 50", "NSE", "", 0);
	make(only_nifty, 1);
	for (int round = 0; round < 20000; round++) {
		struct chain_item *it = &chains.item[walk_below(&rng,
		    (uint32_t)chains.nitem)];
		struct quote q;

		now += walk_below(&rng, 3 * S);
		quote_init(&q);
		q.ltp_e7 = E7_OF(odd[walk_below(&rng, 8)]);
		q.bid_e7 = E7_OF(odd[walk_below(&rng, 8)]);
		q.ask_e7 = E7_OF(odd[walk_below(&rng, 8)]);
		q.seen_us = walk_below(&rng, 5) ? now : 0;
		q.exch_us = walk_below(&rng, 5) ? now : walk_below(&rng, 2) ?
		    (int64_t)UINT32_MAX * S : 0;
		q.trade_us = walk_below(&rng, 5) ? now : (int64_t)UINT32_MAX * S;
		chain_take(it, &q);
		chain_look(chains.v, &rules, now);
		if ((e = it->expiry) == NULL)
			continue;
		assert_true((e->forward.src == FORWARD_NONE) ==
		    (bool)isnan(e->forward.value));
		both(e, it->strike, fig);
		for (int leg = 0; leg < FIGURE_LEGS; leg++) {
			const struct figure *v = &fig[leg];
			const struct black_greeks *g = &v->greeks;
			bool ok = strcmp(v->status, "OK") == 0;

			assert_true(*v->status != '\0');
			assert_true(ok == !isnan(v->sigma));
			assert_true(isnan(v->iv) || (v->iv > 0 &&
			    isfinite(v->iv)));
			assert_true(!ok || (isfinite(g->delta) &&
			    isfinite(g->gamma) && isfinite(g->theta) &&
			    isfinite(g->vega) && isfinite(g->rho)));
		}
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(made), TEST(nothing), TEST(forwards), TEST(median), TEST(wide_future),
		TEST(one_side), TEST(index_alone), TEST(expiring),
		TEST(figures), TEST(indeterminate), TEST(huge), TEST(watched),
		TEST(ahead), TEST(side_oi), TEST(pain), TEST(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
