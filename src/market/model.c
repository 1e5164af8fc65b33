#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "fair.h"
#include "kite.h"
#include "model.h"
#include "num.h"
#include "pulse.h"
#include "walk.h"

enum { EXCHANGES_MAX = 16 };

/* Chance that a tick is followed by another in less than half a second. */
#define ECHO_INDEX	0.4
#define ECHO_OTHER	0.15

/* How an instrument behaves; it follows from what it is and does not change. */
struct habit {
	double	 rate;		/* ticks a busy minute, echoes aside */
	double	 echo;		/* chance that a tick has one */
	double	 trade;		/* chance that a tick is a trade */
	double	 lots;		/* traded between two ticks, in the mean */
	double	 day_lots;	/* and in a day */
	double	 spread;	/* of the value */
	bool	 far;		/* an option that hardly anybody wants */
};

struct ins {			/* an instrument that is or was watched */
	const struct inst *inst;
	const struct pulse_hours *hours;
	struct fair_item item;
	struct habit	 habit;
	struct walk_rng	 rng;
	double		 minutes;	/* busy time of the regular event */
	int64_t		 regular_us;	/* and when that is; INT64_MAX: none */
	int64_t		 next_us;	/* the next tick, this or an echo */
	double		 turnover;	/* sum of price_e7 * quantity */
	int64_t		 tick_e7;	/* price step, whole units of the wire */
	int64_t		 unit_e7;	/* of the wire */
	size_t		 pos;		/* in the heap; NOWHERE: not there */
	bool		 watched, begun;
	struct tick	 t;		/* as last sent */
};

#define NOWHERE SIZE_MAX

struct model {
	const struct inst_set *set;
	struct model_spec spec;
	struct fair	 fair;
	struct pulse	 pulse;
	double		 total;		/* busy minutes of the day */
	int64_t		 end_us;
	struct pulse_hours hours[EXCHANGES_MAX];
	int64_t		 before_us[EXCHANGES_MAX]; /* previous close */
	size_t		 nhours;
	struct ins	**slot;		/* by the place in the set */
	struct ins	**heap;		/* by time, then token */
	size_t		 nheap, cap;
};

/* ---- the heap ---- */

static bool
sooner(const struct ins *a, const struct ins *b)
{
	if (a->next_us != b->next_us)
		return a->next_us < b->next_us;
	return a->inst->token < b->inst->token;
}

static void
place(struct model *m, struct ins *s, size_t pos)
{
	m->heap[pos] = s;
	s->pos = pos;
}

static void
sift_up(struct model *m, struct ins *s, size_t pos)
{
	size_t up;

	for (; pos > 0; pos = up) {
		up = (pos - 1) / 2;
		if (!sooner(s, m->heap[up]))
			break;
		place(m, m->heap[up], pos);
	}
	place(m, s, pos);
}

static void
sift_down(struct model *m, struct ins *s, size_t pos)
{
	size_t kid;

	for (; (kid = 2 * pos + 1) < m->nheap; pos = kid) {
		if (kid + 1 < m->nheap && sooner(m->heap[kid + 1], m->heap[kid]))
			kid++;
		if (!sooner(m->heap[kid], s))
			break;
		place(m, m->heap[kid], pos);
	}
	place(m, s, pos);
}

static int
heap_add(struct model *m, struct ins *s)
{
	size_t cap = m->cap == 0 ? 256 : 2 * m->cap;
	struct ins **heap;

	if (m->nheap == m->cap) {
		heap = realloc(m->heap, cap * sizeof(struct ins *));
		if (heap == NULL)
			return -1;
		m->heap = heap;
		m->cap = cap;
	}
	sift_up(m, s, m->nheap++);
	return 0;
}

static void
heap_remove(struct model *m, struct ins *s)
{
	struct ins *last = m->heap[--m->nheap];
	size_t pos = s->pos;

	s->pos = NOWHERE;
	if (last == s)
		return;
	if (pos > 0 && sooner(last, m->heap[(pos - 1) / 2]))
		sift_up(m, last, pos);
	else
		sift_down(m, last, pos);
}

/* ---- sessions ---- */

/* When the session before the day closed; the afternoon before where the
 * calendar knows of none. */
static int64_t
previous_close(const struct cal *cal, const char *exchange, int32_t day)
{
	struct cal_window w[CAL_WINDOWS_MAX];
	int32_t prev;
	size_t n;

	if (cal_next(cal, exchange, day, -1, &prev) == 0 &&
	    (n = cal_windows(cal, exchange, prev, w)) > 0)
		return w[n - 1].close_us;
	return clk_day_start(day - 1) + (15 * 60 + 30) * 60 * US_PER_SEC;
}

static size_t
find_hours(const struct model *m, const char *exchange)
{
	size_t n;

	for (n = 0; n < m->nhours; n++)
		if (strcmp(m->hours[n].exchange, exchange) == 0)
			break;
	return n;
}

/* The hours of every exchange in the set; those of more than EXCHANGES_MAX
 * never open. */
static void
read_hours(struct model *m)
{
	const char *exchange = "";
	struct pulse_hours *h;
	size_t n;

	for (n = 0; n < m->set->n; n++) {
		if (strcmp(m->set->v[n].exchange, exchange) == 0)
			continue;
		exchange = m->set->v[n].exchange;
		if (find_hours(m, exchange) < m->nhours ||
		    m->nhours == EXCHANGES_MAX)
			continue;
		m->before_us[m->nhours] = previous_close(m->spec.cal, exchange,
		    m->spec.day);
		h = &m->hours[m->nhours++];
		memcpy(h->exchange, m->set->v[n].exchange, sizeof(h->exchange));
		h->n = cal_windows(m->spec.cal, exchange, m->spec.day, h->w);
		if (h->n > 0 && h->w[h->n - 1].close_us > m->end_us)
			m->end_us = h->w[h->n - 1].close_us;
	}
}

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

/*
 * Options tick by how near the money they are.  The weights are such that the
 * mean over the two nearest expiries of the made-up market is about 1.
 */
static void
option_habit(const struct model *m, const struct ins *s, struct habit *h)
{
	double z = fair_distance(&s->item, fair_close(s->item.stock, 1).spot);
	double near = exp(-0.5 * (z / 0.02) * (z / 0.02));
	double days = s->inst->expiry - m->spec.day;

	h->rate = 0.3 + 3.2 * near;
	h->trade = 0.35 + 0.45 * near;
	h->spread = 0.004 + 0.02 * (1 - near);
	h->far = near < 0.01;
	days = days < 0 ? 0 : days;
	h->day_lots = 60 + 2.3e9 / (s->inst->lot > 0 ? s->inst->lot : 1) * near /
	    (1 + days * days);
}

static void
set_habit(const struct model *m, struct ins *s, uint64_t key)
{
	struct habit *h = &s->habit;
	double spot = fair_close(s->item.stock, 1).spot;
	double lot = s->inst->lot > 0 ? s->inst->lot : 1;

	h->trade = 0.75;
	h->spread = 0.0002;
	h->rate = spread_out(key, 1);
	switch (s->inst->kind) {
	case INST_INDEX:
		h->rate = 8;
		break;
	case INST_EQ:
		h->day_lots = 4e8 / spot / lot * spread_out(key, 2);
		break;
	case INST_FUT:
		h->rate = s->inst->expiry - m->spec.day < 35 ? 3 : 1;
		h->day_lots = 1e10 * h->rate / spot / lot * spread_out(key, 2);
		break;
	case INST_CE:
	case INST_PE:
		option_habit(m, s, h);
		break;
	}
	h->echo = s->inst->kind == INST_INDEX ? ECHO_INDEX : ECHO_OTHER;
	h->rate *= m->spec.rate;
	/* more ticks are the same volume in smaller pieces */
	h->lots = h->day_lots / (1 + h->rate * m->total * h->trade);
	h->rate *= 1 - h->echo;
}

/* ---- prices and sizes ---- */

/* Down to the price step; v in rupees. */
static int64_t
floor_e7(const struct ins *s, double v)
{
	return (int64_t)floor(v * E7 / (double)s->tick_e7) * s->tick_e7;
}

/* To the nearest price step, at least one. */
static int64_t
round_e7(const struct ins *s, double v)
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
fill_side(struct ins *s, struct tick_level *side, int64_t best_e7, int64_t step)
{
	uint32_t lot = s->inst->lot > 0 ? s->inst->lot : 1, lots, total = 0;
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
make_book(struct ins *s, double v)
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
move_oi(struct ins *s, uint32_t lot, uint32_t lots)
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
make_trade(struct ins *s, uint32_t now_s)
{
	struct tick *t = &s->t;
	uint64_t bits = walk_next(&s->rng);
	bool buy = (bits & 1) != 0;
	int64_t price = buy ? t->sell[0].price_e7 : t->buy[0].price_e7;
	uint32_t lot = s->inst->lot > 0 ? s->inst->lot : 1, lots, room;

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
begin_day(struct ins *s)
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
next_regular(const struct model *m, struct ins *s)
{
	do {
		s->minutes += walk_exp(&s->rng) / s->habit.rate;
		if (s->minutes >= m->total) {
			s->regular_us = INT64_MAX;
			return;
		}
		s->regular_us = pulse_when(&m->pulse, s->minutes);
	} while (!is_open(s->hours, s->regular_us));
}

/* When the next tick is due: an echo of this one, or the next regular one. */
static void
schedule(const struct model *m, struct ins *s)
{
	int64_t echo = s->next_us + 30000 + walk_below(&s->rng, 420000);

	if (s->next_us == s->regular_us)
		next_regular(m, s);
	if (walk_even(&s->rng) < s->habit.echo && echo < s->regular_us &&
	    is_open(s->hours, echo))
		s->next_us = echo;
	else
		s->next_us = s->regular_us;
}

/* Makes the tick that is due and finds out when the next one is. */
static void
advance(const struct model *m, struct ins *s)
{
	struct tick *t = &s->t;
	double x = pulse_at(&m->pulse, s->next_us) / m->total, v;
	uint32_t now_s = (uint32_t)(s->next_us / US_PER_SEC);

	if (!s->begun)
		begin_day(s);
	v = fair_value(&s->item, fair_now(&m->fair, s->item.stock, x),
	    s->next_us);
	t->exch_s = now_s;
	if (s->inst->kind == INST_INDEX) {
		touch_price(t, round_e7(s, v));
	} else {
		make_book(s, v);
		if (walk_even(&s->rng) < s->habit.trade)
			make_trade(s, now_s);
	}
	schedule(m, s);
}

/* The state that the previous session left behind. */
static void
yesterday(struct ins *s, int64_t before_us, uint64_t key)
{
	struct tick *t = &s->t;
	uint32_t lot = s->inst->lot > 0 ? s->inst->lot : 1;
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
	t->volume = quantity(s->habit.day_lots * lot * 0.7) / lot * lot + lot;
	t->trade_s = t->exch_s -
	    (uint32_t)(walk_hash(key, 5) % (s->habit.far ? 9000 : 30));
	if (s->inst->kind == INST_EQ)
		return;
	t->oi = t->volume / lot / 8 * lot;
	t->oi_high = sum(t->oi, lot);
	t->oi_low = t->oi;
}

static struct ins *
new_ins(struct model *m, const struct inst *i)
{
	struct ins *s = calloc(1, sizeof(*s));
	size_t h = find_hours(m, i->exchange);
	uint64_t key = walk_hash(m->fair.key, i->token);

	if (s == NULL || fair_item(&m->fair, i, &s->item) != 0) {
		free(s);
		return NULL;
	}
	s->inst = i;
	s->pos = NOWHERE;
	s->unit_e7 = kite_unit_e7(i->token);
	s->tick_e7 = (i->tick_e7 + s->unit_e7 - 1) / s->unit_e7 * s->unit_e7;
	if (s->tick_e7 < s->unit_e7 || i->kind == INST_INDEX)
		s->tick_e7 = s->unit_e7;
	s->rng.s = key;
	set_habit(m, s, key);
	yesterday(s, h < m->nhours ? m->before_us[h] :
	    clk_day_start(m->spec.day), key);
	if (h == m->nhours || m->hours[h].n == 0) {
		s->next_us = s->regular_us = INT64_MAX;
		return s;
	}
	s->hours = &m->hours[h];
	s->minutes = pulse_at(&m->pulse, s->hours->w[0].open_us);
	next_regular(m, s);
	s->next_us = s->regular_us;
	return s;
}

/* ---- the model ---- */

int
model_open(struct model **out, const struct inst_set *set,
    const struct model_spec *spec, struct fault *f)
{
	struct model *m = calloc(1, sizeof(*m));
	char day[CLK_DAY];

	if (m == NULL)
		return fault_set(f, EX_TEMPFAIL, "the market model: out of "
		    "memory");
	m->set = set;
	m->spec = *spec;
	read_hours(m);
	if (m->end_us == 0) {
		free(m);
		return fault_set(f, EX_DATAERR, "%s: no exchange trades on "
		    "that day; choose another, or add a session to "
		    "sessions.tsv", clk_day_to(spec->day, day));
	}
	if ((m->slot = calloc(set->n, sizeof(struct ins *))) == NULL ||
	    fair_init(&m->fair, set, spec->seed, spec->day, spec->cal) != 0 ||
	    pulse_init(&m->pulse, m->hours, m->nhours,
	    walk_hash(m->fair.key, 0)) != 0) {
		model_close(m);
		return fault_set(f, EX_TEMPFAIL, "the market model: out of "
		    "memory");
	}
	m->total = pulse_total(&m->pulse);
	*out = m;
	return 0;
}

void
model_close(struct model *m)
{
	size_t n;

	if (m == NULL)
		return;
	for (n = 0; m->slot != NULL && n < m->set->n; n++)
		free(m->slot[n]);
	free(m->slot);
	free(m->heap);
	fair_free(&m->fair);
	pulse_free(&m->pulse);
	free(m);
}

int64_t
model_end(const struct model *m)
{
	return m->end_us;
}

/* What is known of the token: *p is NULL when it was never watched.  NULL: the
 * token is not in the set. */
static struct ins **
slot_of(const struct model *m, uint32_t token)
{
	const struct inst *i = inst_find(m->set, token);

	return i == NULL ? NULL : &m->slot[i - m->set->v];
}

int
model_watch(struct model *m, uint32_t token, int64_t at_us)
{
	struct ins **p = slot_of(m, token), *s;

	if (p == NULL)
		return -1;
	if (*p == NULL &&
	    (*p = new_ins(m, inst_find(m->set, token))) == NULL)
		return -1;
	s = *p;
	if (s->watched)
		return 0;
	while (s->next_us < at_us)
		advance(m, s);
	if (s->next_us != INT64_MAX && heap_add(m, s) != 0)
		return -1;
	s->watched = true;
	return 0;
}

void
model_unwatch(struct model *m, uint32_t token)
{
	struct ins **p = slot_of(m, token);

	if (p == NULL || *p == NULL)
		return;
	(*p)->watched = false;
	if ((*p)->pos != NOWHERE)
		heap_remove(m, *p);
}

int
model_next(struct model *m, struct tick *t, int64_t *at_us)
{
	struct ins *s;

	if (m->nheap == 0)
		return 0;
	s = m->heap[0];
	*at_us = s->next_us;
	advance(m, s);
	*t = s->t;
	if (s->next_us == INT64_MAX)
		heap_remove(m, s);
	else
		sift_down(m, s, 0);
	return 1;
}

int
model_last(const struct model *m, uint32_t token, struct tick *t)
{
	struct ins **p = slot_of(m, token);

	if (p == NULL || *p == NULL || !(*p)->watched)
		return -1;
	*t = (*p)->t;
	return 0;
}
