#include <math.h>
#include <string.h>

#include "clk.h"
#include "desk.h"
#include "kite.h"
#include "num.h"

/* Chance that a tick is followed by another in less than half a second. */
#define ECHO_INDEX	0.4
#define ECHO_OTHER	0.15

enum { LOT_MAX = 1000000 };	/* so that 225 lots are 32 bits */

static bool
is_open(const struct pulse_hours *h, int64_t at_us)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		if (at_us >= h->w[i].open_us && at_us < h->w[i].close_us)
			return true;
	return false;
}

/* ---- habits ---- */

/* One in the mean, from a third to three. */
static double
spread_out(uint64_t key, uint64_t n)
{
	return exp(0.5 * walk_normal(walk_hash(key, n)) - 0.125);
}

/* Days to the expiry, 0 to 999. */
static int
days_left(const struct inst *i, int32_t today)
{
	if (i->expiry == INST_NO_EXPIRY || i->expiry <= today)
		return 0;
	return i->expiry - today < 999 ? i->expiry - today : 999;
}

/*
 * Options tick by how near the money they are.  The weights are such that the
 * mean over the two nearest expiries of the made-up market is about 1.
 */
static void
option_habit(struct desk *s, int days)
{
	struct desk_habit *h = &s->habit;
	double z = fair_distance(&s->item, fair_close(s->item.stock, 1).spot);
	double near = exp(-0.5 * (z / 0.02) * (z / 0.02));

	h->rate = 0.3 + 3.2 * near;
	h->trade = 0.35 + 0.45 * near;
	h->spread = 0.004 + 0.02 * (1 - near);
	h->far = near < 0.01;
	h->day_lots = 60 + 2.3e9 / s->lot * near / (1 + (double)days * days);
}

static void
set_habit(const struct desk_day *day, struct desk *s, uint64_t key)
{
	struct desk_habit *h = &s->habit;
	double lot_price = fair_close(s->item.stock, 1).spot * s->lot;
	int days = days_left(s->inst, day->fair.day);

	h->trade = 0.75;
	h->spread = 0.0002;
	h->rate = spread_out(key, 1);
	switch (s->inst->kind) {
	case INST_INDEX:
		h->rate = 8;
		break;
	case INST_EQ:
		h->day_lots = 4e8 / lot_price * spread_out(key, 2);
		break;
	case INST_FUT:
		h->rate = days < 35 ? 3 : 1;
		h->day_lots = 1e10 * h->rate / lot_price * spread_out(key, 2);
		break;
	case INST_CE:
	case INST_PE:
		option_habit(s, days);
		break;
	}
	h->echo = s->inst->kind == INST_INDEX ? ECHO_INDEX : ECHO_OTHER;
	h->rate *= day->rate;
	/* more ticks are the same volume in smaller pieces */
	h->lots = h->day_lots / (1 + h->rate * day->total * h->trade);
	h->rate *= 1 - h->echo;
}

/* ---- prices and sizes ---- */

/* Down to the price step; v in rupees. */
static int64_t
floor_e7(const struct desk *s, double v)
{
	return (int64_t)floor(v * E7 / (double)s->tick_e7) * s->tick_e7;
}

/* To the nearest price step, at least one. */
static int64_t
round_e7(const struct desk *s, double v)
{
	int64_t e7 = floor_e7(s, v + 0.5 * (double)s->tick_e7 / E7);

	return e7 < s->tick_e7 ? s->tick_e7 : e7;
}

static uint32_t
quantity(double v)
{
	return v >= UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static uint32_t
sum(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* One side of the book, n levels from the best price away by step; gives the
 * total that is pending behind it. */
static uint32_t
fill_side(struct desk *s, struct tick_level *side, int64_t best_e7, int64_t step)
{
	uint32_t lot = s->lot, lots, total = 0;
	uint64_t bits = walk_next(&s->rng);
	int i, n = TICK_DEPTH;

	memset(side, 0, TICK_DEPTH * sizeof(*side));
	if (s->habit.far && (bits & 7) == 0)
		n = (int)(bits >> 3 & 3);	/* nobody, or few */
	bits >>= 8;
	for (i = 0; i < n && best_e7 > 0; i++) {
		lots = 1 + (uint32_t)((bits & 15) * (bits >> 4 & 15));
		side[i].price_e7 = best_e7;
		side[i].qty = lots * lot;
		side[i].orders = 1 + (uint32_t)(lots * (bits & 7) >> 3);
		total = sum(total, side[i].qty);
		best_e7 += step * (1 + (int64_t)(bits >> 2 & 1));
		bits = bits >> 11 | bits << 53;
	}
	if (i == 0)
		return 0;
	return sum(total, quantity((double)lot * (double)(bits & 0x3fff) *
	    (s->habit.far ? 0.1 : 5)));
}

/* The book around value v. */
static void
make_book(struct desk *s, double v)
{
	struct tick *t = &s->t;
	double step = (double)s->tick_e7 / E7;
	double half = 0.5 * s->habit.spread * v * (0.5 + walk_even(&s->rng));
	int64_t bid, ask;

	bid = floor_e7(s, v - half + 0.5 * step * walk_even(&s->rng));
	ask = floor_e7(s, v + half) + s->tick_e7;
	if (ask <= bid)
		ask = bid + s->tick_e7;
	if (ask < s->tick_e7)
		ask = s->tick_e7;
	t->buy_qty = fill_side(s, t->buy, bid, -s->tick_e7);
	t->sell_qty = fill_side(s, t->sell, ask, s->tick_e7);
}

/* ---- the day of one instrument ---- */

static void
touch_price(struct tick *t, int64_t price_e7)
{
	t->price_e7 = price_e7;
	if (t->open_e7 == 0)
		t->open_e7 = t->high_e7 = t->low_e7 = price_e7;
	if (price_e7 > t->high_e7)
		t->high_e7 = price_e7;
	if (price_e7 < t->low_e7)
		t->low_e7 = price_e7;
}

/* Open interest moves by a part of what was traded, in whole lots. */
static void
move_oi(struct desk *s, uint32_t lot, uint32_t lots)
{
	struct tick *t = &s->t;
	double part = 0.6 * (walk_even(&s->rng) - 0.48);
	uint32_t move = (uint32_t)(fabs(part) * lots) * lot;

	if (part > 0)
		t->oi += UINT32_MAX - t->oi < move ? 0 : move;
	else
		t->oi -= t->oi < move ? 0 : move;
	if (t->oi > t->oi_high)
		t->oi_high = t->oi;
	if (t->oi < t->oi_low)
		t->oi_low = t->oi;
}

/* Somebody takes the best offer of one side, if there is one. */
static void
make_trade(struct desk *s, uint32_t now_s)
{
	struct tick *t = &s->t;
	uint64_t bits = walk_next(&s->rng);
	bool buy = (bits & 1) != 0;
	int64_t price = buy ? t->sell[0].price_e7 : t->buy[0].price_e7;
	uint32_t lot = s->lot, lots, room;

	if (price == 0)
		price = buy ? t->buy[0].price_e7 : t->sell[0].price_e7;
	room = (UINT32_MAX - t->volume) / lot;
	lots = 1 + quantity(fmin(s->habit.lots * walk_exp(&s->rng), 1e8));
	if (price == 0 || lots > room)
		return;
	t->qty = lot * (1 + (uint32_t)(bits >> 8) % (lots < 20 ? lots : 20));
	t->volume += lot * lots;
	s->turnover += (double)price * ((double)lot * lots);
	touch_price(t, price);
	t->avg_e7 = (int64_t)(s->turnover / t->volume / (double)s->unit_e7 +
	    0.5) * s->unit_e7;
	if (t->avg_e7 > t->high_e7)
		t->avg_e7 = t->high_e7;
	if (t->avg_e7 < t->low_e7)
		t->avg_e7 = t->low_e7;
	t->trade_s = now_s;
	if (s->inst->kind != INST_EQ)
		move_oi(s, lot, lots);
}

/* Yesterday's tick becomes today's: the price is the close now. */
static void
begin_day(struct desk *s)
{
	struct tick *t = &s->t;

	s->begun = true;
	t->close_e7 = t->price_e7;
	t->open_e7 = t->high_e7 = t->low_e7 = t->avg_e7 = 0;
	t->qty = t->volume = 0;
	t->oi_high = t->oi_low = t->oi;
}

/* The next regular event that falls into open hours; INT64_MAX: none. */
static void
next_regular(const struct desk_day *day, struct desk *s)
{
	do {
		s->minutes += walk_exp(&s->rng) / s->habit.rate;
		if (s->minutes >= day->total) {
			s->regular_us = INT64_MAX;
			return;
		}
		s->regular_us = pulse_when(&day->pulse, s->minutes);
	} while (!is_open(s->hours, s->regular_us));
}

/* When the next tick is due: an echo of this one, or the next regular one. */
static void
schedule(const struct desk_day *day, struct desk *s)
{
	int64_t echo = s->next_us + 30000 + walk_below(&s->rng, 420000);

	if (s->next_us == s->regular_us)
		next_regular(day, s);
	if (walk_even(&s->rng) < s->habit.echo && echo < s->regular_us &&
	    is_open(s->hours, echo))
		s->next_us = echo;
	else
		s->next_us = s->regular_us;
}

void
desk_advance(struct desk *s, const struct desk_day *day)
{
	struct tick *t = &s->t;
	double x = pulse_at(&day->pulse, s->next_us) / day->total, v;
	uint32_t now_s = (uint32_t)(s->next_us / US_PER_SEC);

	if (!s->begun)
		begin_day(s);
	v = fair_value(&s->item, fair_now(&day->fair, s->item.stock, x),
	    s->next_us);
	t->exch_s = now_s;
	if (s->inst->kind == INST_INDEX) {
		touch_price(t, round_e7(s, v));
	} else {
		make_book(s, v);
		if (walk_even(&s->rng) < s->habit.trade)
			make_trade(s, now_s);
	}
	schedule(day, s);
}

/* The state that the previous session left behind. */
static void
yesterday(struct desk *s, int64_t before_us, uint64_t key)
{
	struct tick *t = &s->t;
	uint32_t lot = s->lot;
	double v = fair_value(&s->item, fair_close(s->item.stock, 1), before_us);
	double w = fair_value(&s->item, fair_close(s->item.stock, 2),
	    before_us - US_PER_DAY);
	bool index = s->inst->kind == INST_INDEX;

	t->token = s->inst->token;
	t->kind = index ? TICK_INDEX_FULL : TICK_FULL;
	t->exch_s = (uint32_t)(before_us / US_PER_SEC);
	t->price_e7 = round_e7(s, v);
	t->close_e7 = round_e7(s, w);
	if (s->habit.far && walk_hash(key, 3) % 16 == 0)
		return;				/* never traded */
	t->open_e7 = t->close_e7;
	t->high_e7 = (t->open_e7 > t->price_e7 ? t->open_e7 : t->price_e7) +
	    s->tick_e7 * (int64_t)(walk_hash(key, 4) % 8);
	t->low_e7 = t->open_e7 < t->price_e7 ? t->open_e7 : t->price_e7;
	if (index)
		return;
	t->avg_e7 = (t->low_e7 + t->high_e7) / 2 / s->unit_e7 * s->unit_e7;
	t->qty = lot;
	t->volume = sum(quantity(s->habit.day_lots * lot * 0.7) / lot * lot,
	    lot);
	t->trade_s = t->exch_s -
	    (uint32_t)(walk_hash(key, 5) % (s->habit.far ? 9000 : 30));
	if (s->inst->kind == INST_EQ)
		return;
	t->oi = t->volume / lot / 8 * lot;
	t->oi_high = sum(t->oi, lot);
	t->oi_low = t->oi;
}

int
desk_init(struct desk *s, struct desk_day *day, const struct inst *i,
    const struct pulse_hours *hours, int64_t before_us)
{
	uint64_t key = walk_hash(day->fair.key, i->token);

	memset(s, 0, sizeof(*s));
	if (fair_item(&day->fair, i, &s->item) != 0)
		return -1;
	s->inst = i;
	s->hours = hours;
	s->lot = i->lot == 0 ? 1 : i->lot < LOT_MAX ? i->lot : LOT_MAX;
	s->unit_e7 = kite_unit_e7(i->token);
	s->tick_e7 = (i->tick_e7 + s->unit_e7 - 1) / s->unit_e7 * s->unit_e7;
	if (s->tick_e7 < s->unit_e7 || i->kind == INST_INDEX)
		s->tick_e7 = s->unit_e7;
	s->rng.s = key;
	set_habit(day, s, key);
	yesterday(s, before_us, key);
	s->regular_us = INT64_MAX;
	if (hours != NULL && hours->n > 0) {
		s->minutes = pulse_at(&day->pulse, hours->w[0].open_us);
		next_regular(day, s);
	}
	s->next_us = s->regular_us;
	return 0;
}
