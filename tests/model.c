/*
 * model - the moving market: what may change its ticks, and what never holds
 * not: order, books, days' highs, volumes, hours
 */
#include <malloc.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clk.h"
#include "kite.h"
#include "model.h"
#include "num.h"
#include "universe.h"

enum { NIFTY_50 = 256265, NIFTY_BANK = 260105, SENSEX = 265,
	RELIANCE = 738561 };

/* A market: the calendar that ships, a day, its instruments. */
struct market {
	struct cal	 cal;
	struct inst_set	 set;
	struct model_spec spec;
	int32_t		 day;
	int32_t		 second[3];	/* the expiry after the nearest */
};

static const char *const recorded_name[3] = { "NIFTY", "BANKNIFTY", "SENSEX" };

static void
find_second(struct market *k, int n)
{
	int32_t a = INT32_MAX, b = INT32_MAX, e;

	for (size_t i = 0; i < k->set.n; i++) {
		e = k->set.v[i].expiry;
		if (k->set.v[i].kind < INST_CE ||
		    strcmp(k->set.v[i].name, recorded_name[n]) != 0)
			continue;
		if (e < a) {
			b = a;
			a = e;
		} else if (e > a && e < b) {
			b = e;
		}
	}
	k->second[n] = b;
}

static void
setup(struct market *k, const char *day, double rate)
{
	const char *src = getenv("SRC");
	char path[4096];
	struct fault f;

	memset(k, 0, sizeof(*k));
	snprintf(path, sizeof(path), "%s/lookup/sessions.tsv", src ? src : ".");
	if (cal_sessions(&k->cal, path, &f) != 0)
		fail_msg("%s", f.text);
	assert_int_equal(clk_day_from(day, &k->day), 0);
	if (universe_make(&k->set, &k->cal, k->day, &f) != 0)
		fail_msg("%s", f.text);
	for (int n = 0; n < 3; n++)
		find_second(k, n);
	k->spec = (struct model_spec){ .seed = 7, .day = k->day, .rate = rate,
	    .cal = &k->cal };
}

static void
teardown(struct market *k)
{
	inst_free(&k->set);
	cal_free(&k->cal);
}

static struct model *
opened(const struct market *k)
{
	struct model *m;
	struct fault f;

	if (model_open(&m, &k->set, &k->spec, &f) != 0)
		fail_msg("%s", f.text);
	return m;
}

/* Is it recorded by default: three indices, the shares of NSE, the options of
 * the indices' two nearest expiries? */
static bool
recorded(const struct market *k, const struct inst *i)
{
	if (i->kind == INST_EQ)
		return strcmp(i->exchange, "NSE") == 0;
	if (i->kind == INST_INDEX)
		return i->token == NIFTY_50 || i->token == NIFTY_BANK ||
		    i->token == SENSEX;
	for (int n = 0; n < 3; n++)
		if (strcmp(i->name, recorded_name[n]) == 0)
			return i->expiry <= k->second[n];
	return false;
}

static size_t
watch_recorded(struct model *m, const struct market *k, size_t every)
{
	size_t n = 0, seen = 0;

	for (size_t i = 0; i < k->set.n; i++)
		if (recorded(k, &k->set.v[i]) && seen++ % every == 0) {
			assert_int_equal(model_watch(m, k->set.v[i].token, 0),
			    0);
			n++;
		}
	return n;
}

static uint64_t
mixed(uint64_t h, const void *p, size_t n)
{
	const uint8_t *b = p;

	while (n-- > 0)
		h = (h ^ *b++) * UINT64_C(1099511628211);
	return h;
}

/* A number for a tick and its time, of every field. */
static uint64_t
digest(uint64_t h, const struct tick *t, int64_t at)
{
	uint8_t packet[KITE_FULL_LEN];
	size_t n = kite_encode(packet, t, t->kind);

	h = mixed(h, &at, sizeof(at));
	return mixed(h, packet, n);
}

/* All ticks of a token (0: of all) until the end, as one number. */
static uint64_t
all_of(struct model *m, uint32_t token, size_t *n)
{
	uint64_t h = 1;
	struct tick t;
	int64_t at;

	*n = 0;
	while (model_next(m, &t, &at) == 1)
		if (token == 0 || t.token == token) {
			h = digest(h, &t, at);
			++*n;
		}
	return h;
}

/* ---- what may change the ticks ---- */

static uint64_t
run(struct market *k, uint64_t seed, size_t *n)
{
	struct model *m;
	uint64_t h;

	k->spec.seed = seed;
	m = opened(k);
	watch_recorded(m, k, 20);
	h = all_of(m, 0, n);
	model_close(m);
	return h;
}

static void
reproducible(void **state)
{
	size_t a, b, c;
	struct market k;
	uint64_t h;

	(void)state;
	setup(&k, "2026-11-23", 1);
	h = run(&k, 7, &a);
	assert_true(run(&k, 7, &b) == h);
	assert_true(run(&k, 8, &c) != h);
	assert_int_equal(a, b);
	assert_true(a > 10000);
	teardown(&k);
}

/* The ticks of one do not depend on which others are watched. */
static void
independent(void **state)
{
	size_t n, all;
	struct market k;
	struct model *m;
	uint64_t alone;
	uint32_t token[3] = { 0, NIFTY_50, RELIANCE };

	(void)state;
	setup(&k, "2026-11-25", 2);
	for (n = 0; k.set.v[n].kind != INST_CE; n++)
		;
	token[0] = k.set.v[n].token;
	for (int i = 0; i < 3; i++) {
		m = opened(&k);
		assert_int_equal(model_watch(m, token[i], 0), 0);
		alone = all_of(m, token[i], &all);
		assert_true(all > 50);
		model_close(m);

		m = opened(&k);
		watch_recorded(m, &k, 11);
		assert_int_equal(model_watch(m, token[i], 0), 0);
		assert_int_equal(model_watch(m, token[i], 0), 0);
		assert_true(all_of(m, token[i], &n) == alone);
		assert_int_equal(n, all);
		model_close(m);
	}
	teardown(&k);
}

/* Watched from noon on: the same as the afternoon of the whole day. */
static void
watched_late(void **state)
{
	struct tick t;
	int64_t at, noon;
	uint64_t h = 1;
	size_t n, all;
	struct market k;
	struct model *m;

	(void)state;
	setup(&k, "2026-11-25", 2);
	noon = clk_day_start(k.day) + 12 * 3600 * US_PER_SEC;
	m = opened(&k);
	assert_int_equal(model_watch(m, RELIANCE, 0), 0);
	for (n = 0; model_next(m, &t, &at) == 1; )
		if (at >= noon) {
			h = digest(h, &t, at);
			n++;
		}
	model_close(m);
	m = opened(&k);
	assert_int_equal(model_watch(m, RELIANCE, noon), 0);
	assert_true(all_of(m, RELIANCE, &all) == h);
	assert_int_equal(all, n);
	assert_true(n > 50);
	model_close(m);
	teardown(&k);
}

/* Left alone for an hour: only that hour is missing. */
static void
left_alone(void **state)
{
	struct tick t;
	int64_t at, noon;
	uint64_t h;
	size_t n;
	struct market k;
	struct model *m;

	(void)state;
	setup(&k, "2026-11-25", 2);
	noon = clk_day_start(k.day) + 12 * 3600 * US_PER_SEC;
	m = opened(&k);
	assert_int_equal(model_watch(m, RELIANCE, noon), 0);
	h = all_of(m, RELIANCE, &n);
	model_close(m);

	m = opened(&k);
	assert_int_equal(model_watch(m, RELIANCE, 0), 0);
	assert_int_equal(model_watch(m, NIFTY_50, 0), 0);
	while (model_next(m, &t, &at) == 1 && at < noon - 3600 * US_PER_SEC)
		;
	model_unwatch(m, RELIANCE);
	model_unwatch(m, RELIANCE);
	assert_int_equal(model_last(m, RELIANCE, &t), -1);
	while (model_next(m, &t, &at) == 1 && at < noon)
		assert_int_equal(t.token, NIFTY_50);
	assert_int_equal(model_watch(m, RELIANCE, noon), 0);
	assert_true(all_of(m, RELIANCE, &n) == h);
	assert_true(n > 50);
	model_close(m);
	teardown(&k);
}

/* ---- what always holds ---- */

/* The book: five at most a side, without holes, better ones first. */
static void
check_book(const struct tick *t, const struct inst *i, int *empty)
{
	int64_t bid = INT64_MAX, ask = 0;
	uint64_t buy = 0, sell = 0;

	for (int n = 0; n < TICK_DEPTH; n++) {
		const struct tick_level *b = &t->buy[n], *s = &t->sell[n];

		assert_true((b->price_e7 > 0) == (b->qty > 0));
		assert_true((s->price_e7 > 0) == (s->qty > 0));
		assert_true((b->price_e7 > 0) == (b->orders > 0));
		assert_true((s->price_e7 > 0) == (s->orders > 0));
		assert_true(b->orders <= 0xffff && b->orders <= b->qty);
		assert_true(s->orders <= 0xffff && s->orders <= s->qty);
		assert_true(b->price_e7 % i->tick_e7 == 0);
		assert_true(s->price_e7 % i->tick_e7 == 0);
		assert_true(b->qty % i->lot == 0 && s->qty % i->lot == 0);
		if (b->price_e7 > 0) {
			assert_true(b->price_e7 < bid);
			bid = b->price_e7;
		} else
			bid = 0;
		if (s->price_e7 > 0) {
			assert_true(s->price_e7 > ask);
			ask = s->price_e7;
		} else
			ask = INT64_MAX;
		buy += b->qty;
		sell += s->qty;
	}
	assert_true(t->buy_qty >= buy && t->sell_qty >= sell);
	if (t->buy[0].price_e7 == 0 || t->sell[0].price_e7 == 0)
		++*empty;
	else
		assert_true(t->buy[0].price_e7 < t->sell[0].price_e7);
}

/* What the day's fields say of one another, and of the tick before. */
static void
check_day(const struct tick *t, const struct tick *p, const struct inst *i)
{
	assert_true(t->price_e7 > 0 && t->close_e7 > 0);
	assert_true(i->tick_e7 == 0 || t->price_e7 % i->tick_e7 == 0);
	if (t->open_e7 == 0) {		/* no trade so far */
		assert_true(t->high_e7 == 0 && t->low_e7 == 0 &&
		    t->avg_e7 == 0 && t->volume == 0 && t->qty == 0);
		assert_true(t->price_e7 == t->close_e7);
	} else {
		assert_true(t->low_e7 <= t->price_e7 &&
		    t->price_e7 <= t->high_e7);
		assert_true(t->low_e7 <= t->open_e7 && t->open_e7 <= t->high_e7);
	}
	if (t->kind == TICK_FULL && t->open_e7 != 0) {
		assert_true(t->low_e7 <= t->avg_e7 && t->avg_e7 <= t->high_e7);
		assert_true(t->qty > 0 && t->qty <= t->volume);
		assert_true(t->trade_s > 0 && t->trade_s <= t->exch_s);
		assert_true(t->oi_low <= t->oi && t->oi <= t->oi_high);
		assert_true(i->kind != INST_EQ || t->oi_high == 0);
	}
	if (p->token == 0)
		return;
	assert_true(t->volume >= p->volume && t->exch_s >= p->exch_s);
	assert_true(t->trade_s >= p->trade_s && t->close_e7 == p->close_e7);
	assert_true(t->oi_high >= p->oi_high && t->oi_low <= p->oi_low);
	if (p->open_e7 != 0)
		assert_true(t->open_e7 == p->open_e7 &&
		    t->high_e7 >= p->high_e7 && t->low_e7 <= p->low_e7);
	if (t->volume != p->volume)
		assert_true(t->trade_s == t->exch_s &&
		    t->volume - p->volume >= t->qty);
	else
		assert_true(t->kind != TICK_FULL ||
		    (t->price_e7 == p->price_e7 && t->oi == p->oi));
}

/* Through the wire and back. */
static void
check_wire(const struct tick *t)
{
	uint8_t packet[KITE_FULL_LEN];
	struct tick back;
	size_t n = kite_encode(packet, t, t->kind);

	memset(&back, 0, sizeof(back));
	assert_int_equal(n, t->kind == TICK_FULL ? KITE_FULL_LEN :
	    KITE_INDEX_FULL_LEN);
	assert_int_equal(kite_packet(packet, n, &back), KITE_TICK);
	assert_memory_equal(&back, t, sizeof(back));
}

static void
invariants(void **state)
{
	struct market k;
	struct model *m;
	struct tick t, *last;
	const struct inst *i;
	int64_t at, before = 0;
	size_t n = 0, pairs = 0, quiet = 0, big = 0;
	int empty = 0;

	(void)state;
	setup(&k, "2026-11-26", 1.2);		/* SENSEX expires */
	assert_non_null(last = calloc(k.set.n, sizeof(*last)));
	m = opened(&k);
	watch_recorded(m, &k, 5);
	for (; model_next(m, &t, &at) == 1; n++) {
		assert_non_null(i = inst_find(&k.set, t.token));
		assert_true(at >= before);
		before = at;
		assert_int_equal(t.kind, i->kind == INST_INDEX ?
		    TICK_INDEX_FULL : TICK_FULL);
		assert_int_equal(t.exch_s, at / US_PER_SEC);
		check_day(&t, &last[i - k.set.v], i);
		if (t.kind == TICK_FULL)
			check_book(&t, i, &empty);
		if (n % 5 == 0)
			check_wire(&t);
		pairs += last[i - k.set.v].exch_s != t.exch_s;
		quiet += t.volume == last[i - k.set.v].volume;
		big += t.volume > INT32_MAX;
		last[i - k.set.v] = t;
	}
	free(last);
	model_close(m);
	teardown(&k);
	print_message("# %zu ticks, %zu of them with a second of their own, "
	    "%d without a side, %zu without a trade, %zu with a volume "
	    "above 2^31\n", n, pairs, empty, quiet, big);
	assert_in_range(n, 180000, 300000);
	assert_in_range(pairs, n / 2, n - n / 50);
	assert_true(empty > 100 && quiet > 1000);
	assert_in_range((size_t)empty, 100, n / 3);
}

/* ---- prices of options ---- */

/* Rupees between the best prices; 0 when a side is missing. */
static double
middle(const struct tick *t)
{
	if (t->buy[0].price_e7 == 0 || t->sell[0].price_e7 == 0)
		return 0;
	return (double)(t->buy[0].price_e7 + t->sell[0].price_e7) / 2 / E7;
}

static const struct inst *
nifty(const struct inst_set *set, enum inst_kind kind, int64_t strike_e7)
{
	const struct inst *best = NULL;

	for (size_t i = 0; i < set->n; i++) {
		const struct inst *x = &set->v[i];

		if (strcmp(x->name, "NIFTY") == 0 && x->kind == kind &&
		    x->strike_e7 == strike_e7 &&
		    (best == NULL || x->expiry < best->expiry))
			best = x;
	}
	assert_non_null(best);
	return best;
}

/* Call less put is forward less strike: the same forward at every strike, and
 * one that the index and 6.5 % a year explain. */
static void
parity(void **state)
{
	enum { STRIKES = 21 };
	uint32_t call[STRIKES], put[STRIKES];
	int64_t at, at_us[2][STRIKES] = { { 0 } }, strike[STRIKES];
	double mid[2][STRIKES] = { { 0 } }, spot = 0, forward, worst = 0;
	struct tick t;
	struct market k;
	struct model *m;
	int i, tested = 0;

	(void)state;
	setup(&k, "2026-12-07", 20);
	m = opened(&k);
	assert_int_equal(model_watch(m, NIFTY_50, 0), 0);
	for (i = 0; i < STRIKES; i++) {
		strike[i] = INT64_C(10000000) * (25900 + 50 * (i - STRIKES / 2));
		call[i] = nifty(&k.set, INST_CE, strike[i])->token;
		put[i] = nifty(&k.set, INST_PE, strike[i])->token;
		assert_int_equal(model_watch(m, call[i], 0), 0);
		assert_int_equal(model_watch(m, put[i], 0), 0);
	}
	while (tested < 20000 && model_next(m, &t, &at) == 1) {
		if (t.token == NIFTY_50) {
			spot = (double)t.price_e7 / E7;
			continue;
		}
		for (i = 0; call[i] != t.token && put[i] != t.token; i++)
			;
		mid[t.token == put[i]][i] = middle(&t);
		at_us[t.token == put[i]][i] = at;
		if (spot == 0 || mid[0][i] == 0 || mid[1][i] == 0 ||
		    at_us[0][i] < at - 2 * US_PER_SEC ||
		    at_us[1][i] < at - 2 * US_PER_SEC)
			continue;
		forward = (double)strike[i] / E7 + mid[0][i] - mid[1][i];
		worst = fmax(worst, fabs(forward / spot - 1));
		tested++;
	}
	print_message("# forward of %d pairs within %.3f %% of the index\n",
	    tested, worst * 100);
	assert_true(tested > 5000);
	assert_true(worst > 0 && worst < 0.005);
	model_close(m);
	teardown(&k);
}

/* Calls are dear where the strike is low and cheap where it is high. */
static void
chain_in_order(void **state)
{
	double v, last = 1e9;
	struct market k;
	struct model *m;
	struct tick t;

	(void)state;
	setup(&k, "2026-12-07", 1);
	m = opened(&k);
	for (int64_t s = 24500; s <= 27500; s += 250) {
		uint32_t token = nifty(&k.set, INST_CE, s * E7)->token;

		assert_int_equal(model_watch(m, token, 0), 0);
		assert_int_equal(model_last(m, token, &t), 0);
		v = (double)t.price_e7 / E7;
		assert_true(v > 0 && (v < last || (v == last && v < 1)));
		last = v;
	}
	assert_true(v < 60);
	model_close(m);
	teardown(&k);
}

/* ---- hours ---- */

/* Minutes since midnight. */
static int
minute(const struct market *k, int64_t at)
{
	return (int)((at - clk_day_start(k->day)) / (60 * US_PER_SEC));
}

static void
hours(void **state)
{
	struct market k;
	struct model *m;
	struct tick t;
	int64_t at;
	int late = 0, n = 0, now;

	(void)state;
	setup(&k, "2026-11-23", 1);
	m = opened(&k);
	assert_int_equal(minute(&k, model_end(m)), 15 * 60 + 40);
	watch_recorded(m, &k, 10);
	for (; model_next(m, &t, &at) == 1; n++) {
		bool cash = inst_find(&k.set, t.token)->kind <= INST_EQ;

		now = minute(&k, at);
		assert_in_range(now, 9 * 60 + 15, 15 * 60 + (cash ? 29 : 39));
		late += now >= 15 * 60 + 30;
	}
	assert_true(late > n / 100);
	assert_int_equal(model_next(m, &t, &at), 0);
	model_close(m);
	teardown(&k);
}

/* A Saturday with two short sessions, after a Friday. */
static void
special_saturday(void **state)
{
	char text[CLK_TEXT];
	struct market k;
	struct model *m;
	struct tick t;
	int64_t at, due;
	int now, first = 0, second = 0;

	(void)state;
	setup(&k, "2024-03-02", 2);
	m = opened(&k);
	watch_recorded(m, &k, 10);
	assert_int_equal(model_last(m, SENSEX, &t), 0);
	assert_string_equal(clk_to_ist_s(t.exch_s, text),
	    "2024-03-01 15:30:00");
	while (model_due(m, &due) == 1) {
		assert_int_equal(model_next(m, &t, &at), 1);
		assert_true(at == due);
		now = minute(&k, at);
		if (now < 11 * 60) {
			assert_in_range(now, 9 * 60 + 15, 9 * 60 + 59);
			first++;
		} else {
			assert_in_range(now, 11 * 60 + 30, 12 * 60 + 29);
			second++;
		}
	}
	assert_true(first > 1000 && second > 1000);
	model_close(m);
	teardown(&k);
}

static void
no_session(void **state)
{
	struct market k;
	struct model *m = NULL;
	struct fault f;

	(void)state;
	setup(&k, "2026-11-22", 1);	/* a Sunday */
	assert_int_equal(model_open(&m, &k.set, &k.spec, &f), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	assert_non_null(strstr(f.text, "2026-11-22"));
	k.spec.day++;
	assert_int_equal(cal_holiday_add(&k.cal, k.spec.day), 0);
	assert_int_equal(model_open(&m, &k.set, &k.spec, &f), -1);
	assert_null(m);
	teardown(&k);
}

/* ---- the last known state ---- */

static void
last_known(void **state)
{
	struct tick last, t;
	char text[CLK_TEXT];
	const struct inst *i;
	struct market k;
	struct model *m;
	int64_t at;
	size_t n, seen = 0;

	(void)state;
	setup(&k, "2026-11-23", 3);	/* a Monday */
	m = opened(&k);
	assert_int_equal(model_last(m, NIFTY_50, &t), -1);
	assert_int_equal(model_watch(m, 12345, 0), -1);
	assert_int_equal(model_last(m, 12345, &t), -1);
	assert_int_equal(model_next(m, &t, &at), 0);
	for (n = 0; n < k.set.n; n += 7) {
		i = &k.set.v[n];
		assert_int_equal(model_watch(m, i->token, 0), 0);
		assert_int_equal(model_last(m, i->token, &t), 0);
		assert_int_equal(t.token, i->token);
		check_wire(&t);
		if (i->kind <= INST_EQ || i->expiry > k.day)
			assert_string_equal(clk_to_ist_s(t.exch_s, text),
			    i->kind <= INST_EQ ? "2026-11-20 15:30:00" :
			    "2026-11-20 15:40:00");
		assert_true(t.trade_s <= t.exch_s);
		assert_true(t.price_e7 > 0 && t.close_e7 > 0);
		if (t.open_e7 != 0)
			assert_true(t.low_e7 <= t.price_e7 &&
			    t.price_e7 <= t.high_e7 && t.low_e7 <= t.open_e7);
		assert_true(t.oi_low <= t.oi && t.oi <= t.oi_high);
	}
	/* the first tick: yesterday's price is the close now */
	for (n = 0; n < 20000; n++) {
		assert_int_equal(model_next(m, &t, &at), 1);
		assert_int_equal(model_last(m, t.token, &last), 0);
		assert_memory_equal(&last, &t, sizeof(t));
		seen += t.trade_s / 86400 < t.exch_s / 86400;
	}
	assert_true(seen > 0);		/* not traded today so far */
	model_close(m);

	m = opened(&k);
	assert_int_equal(model_watch(m, RELIANCE, 0), 0);
	assert_int_equal(model_last(m, RELIANCE, &last), 0);
	assert_int_equal(model_next(m, &t, &at), 1);
	assert_int_equal(t.close_e7, last.price_e7);
	assert_true(t.exch_s > last.exch_s);
	model_close(m);
	teardown(&k);
}

/* ---- how many, how much ---- */

static void
mean_rate(void **state)
{
	struct market k;
	struct model *m;
	struct tick t;
	int64_t at;
	size_t watched, n = 0;
	double want;

	(void)state;
	setup(&k, "2026-12-07", 0.25);
	m = opened(&k);
	watched = watch_recorded(m, &k, 1);
	while (model_next(m, &t, &at) == 1)
		n++;
	want = 0.25 * 383 * (double)watched;
	print_message("# %zu watched, %zu ticks, %.0f expected\n", watched, n,
	    want);
	assert_true((double)n > 0.85 * want && (double)n < 1.15 * want);
	model_close(m);
	teardown(&k);
}

static void
memory(void **state)
{
	size_t before, used, n = 0;
	struct market k;
	struct model *m;
	struct tick t;
	int64_t at;

	(void)state;
	setup(&k, "2026-12-07", 0.01);
	before = mallinfo2().uordblks;
	m = opened(&k);
	for (size_t i = 0; i < k.set.n; i++, n++)
		assert_int_equal(model_watch(m, k.set.v[i].token, 0), 0);
	while (model_next(m, &t, &at) == 1)
		;
	used = (mallinfo2().uordblks - before) / n;
	print_message("# %zu watched, %zu bytes each\n", n, used);
	assert_true(n > 6000 && used * 9000 < 16 << 20);
	model_close(m);
	teardown(&k);
}

/* ---- instruments that other dumps have ---- */

static void
add(struct inst_set *set, const char *exchange, const char *name,
    const struct inst *like)
{
	struct inst *i = inst_add(set);

	assert_non_null(i);
	*i = *like;
	snprintf(i->exchange, sizeof(i->exchange), "%s", exchange);
	snprintf(i->segment, sizeof(i->segment), "%s", exchange);
	snprintf(i->name, sizeof(i->name), "%s", name);
	snprintf(i->tradingsymbol, sizeof(i->tradingsymbol), "%s%u", name,
	    i->token);
}

static void
foreign(void **state)
{
	struct inst_set set = { 0 };
	struct market k;
	struct model *m;
	struct tick t;
	int64_t at;
	size_t n = 0;

	(void)state;
	setup(&k, "2026-12-07", 5);
#define I(...)	(&(struct inst){ __VA_ARGS__ })
	/* a currency: divisor 1e7, step 0.0025 */
	add(&set, "CDS", "USDINR", I(.token = 512 + KITE_CDS, .kind = INST_CE,
	    .expiry = k.day + 9, .strike_e7 = INT64_C(845000000),
	    .tick_e7 = 25000, .lot = 1));
	add(&set, "CDS", "USDINR", I(.token = 768 + KITE_CDS, .kind = INST_FUT,
	    .expiry = k.day + 9, .tick_e7 = 25000, .lot = 1));
	/* open until 23:30; expired; no step, no lot, no strike, no name */
	add(&set, "MCX", "GOLD", I(.token = 1024 + KITE_MCX, .kind = INST_FUT,
	    .expiry = k.day - 3, .tick_e7 = E7, .lot = 100));
	add(&set, "NFO", "ODD", I(.token = 1280 + KITE_NFO, .kind = INST_PE,
	    .expiry = k.day - 3));
	add(&set, "NSE", "", I(.token = 1536 + KITE_NSE, .kind = INST_EQ,
	    .expiry = INST_NO_EXPIRY));
	add(&set, "NFO", "", I(.token = 1792 + KITE_NFO, .kind = INST_FUT,
	    .expiry = INST_NO_EXPIRY, .tick_e7 = 1));
	/* an exchange without sessions */
	add(&set, "NCO", "RICE", I(.token = 2048 + KITE_MCX, .kind = INST_EQ,
	    .expiry = INST_NO_EXPIRY, .tick_e7 = E7, .lot = 1));
#undef I
	inst_sort(&set);
	inst_free(&k.set);
	k.set = set;
	m = opened(&k);
	for (size_t i = 0; i < set.n; i++) {
		assert_int_equal(model_watch(m, set.v[i].token, 0), 0);
		assert_int_equal(model_last(m, set.v[i].token, &t), 0);
		check_wire(&t);
	}
	assert_int_equal(minute(&k, model_end(m)), 23 * 60 + 30);
	for (; model_next(m, &t, &at) == 1; n++) {
		assert_true(t.price_e7 > 0);
		assert_true(t.price_e7 % kite_unit_e7(t.token) == 0);
		if (t.token == 512 + KITE_CDS || t.token == 768 + KITE_CDS)
			assert_true(t.price_e7 % 25000 == 0);
		assert_true(t.token != 2048 + KITE_MCX);
		check_wire(&t);
	}
	assert_true(n > 3000);
	model_close(m);
	teardown(&k);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test(reproducible),
		cmocka_unit_test(independent),
		cmocka_unit_test(watched_late),
		cmocka_unit_test(left_alone),
		cmocka_unit_test(invariants),
		cmocka_unit_test(parity),
		cmocka_unit_test(chain_in_order),
		cmocka_unit_test(hours),
		cmocka_unit_test(special_saturday),
		cmocka_unit_test(no_session),
		cmocka_unit_test(last_known),
		cmocka_unit_test(mean_rate),
		cmocka_unit_test(memory),
		cmocka_unit_test(foreign),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
