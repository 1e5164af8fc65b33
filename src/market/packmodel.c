#include <string.h>

#include "packbook.h"
#include "packmodel.h"
#include "packsym.h"

enum {				/* bits of what changed */
	M_VOLUME = 1, M_TRADE = 2, M_PRICE = 4, M_QTY = 8, M_AVG = 16,
	M_OI = 32, M_RANGE = 64, M_REST = 128
};

/* ---- the rest of a row ---- */

/* Pending behind the levels. */
static inline int64_t
rest(const uint32_t *u, bool sell)
{
	const uint32_t *s = u + (sell ? PACK_SELL : PACK_BUY);

	return (int64_t)u[sell ? PACK_SQTY : PACK_BQTY] -
	    ((int64_t)s[0] + s[3] + s[6] + s[9] + s[12]);
}

/* Open, high, low, close, oiHigh, oiLow as they would follow. */
static inline void
foretell_range(const struct packtok *t, const uint32_t *u, uint32_t *to)
{
	uint32_t price = u[PACK_PRICE] * t->tick;
	const uint32_t *old = t->u;

	to[0] = old[PACK_OPEN];
	to[1] = price > old[PACK_HIGH] ? price : old[PACK_HIGH];
	to[2] = price < old[PACK_LOW] ? price : old[PACK_LOW];
	to[3] = old[PACK_CLOSE];
	to[4] = u[PACK_OI] > old[PACK_OIHIGH] ? u[PACK_OI] : old[PACK_OIHIGH];
	to[5] = u[PACK_OI] < old[PACK_OILOW] ? u[PACK_OI] : old[PACK_OILOW];
}

static const uint8_t range_field[6] = {
	PACK_OPEN, PACK_HIGH, PACK_LOW, PACK_CLOSE, PACK_OIHIGH, PACK_OILOW
};

BOTH void
code_range(const struct code *c, const bool get, uint32_t *u,
    const uint32_t *told, bool index)
{
	uint32_t mask = 0;

	for (int i = 0; i < 6 && !get; i++)
		mask |= (uint32_t)(u[range_field[i]] != told[i]) << i;
	mask = sym(c, get, RANGE + index, mask);
	for (unsigned i = 0; i < 6; i++) {
		uint32_t *p = &u[range_field[i]];

		if (get)
			*p = told[i];
		if (mask >> i & 1)
			*p = told[i] + (uint32_t)snum(c, get, DRANGE + i,
			    (int64_t)*p - told[i]);
	}
}

/* The average price that follows from the one before and what was traded
 * since, at this price. */
static inline uint32_t
foretell_avg(const struct packtok *t, const uint32_t *u, uint64_t *turnover)
{
	uint32_t volume = u[PACK_VOLUME];

	if (volume <= t->u[PACK_VOLUME]) {
		*turnover = t->turnover;
		return t->u[PACK_AVG];
	}
	*turnover = t->turnover + (uint64_t)u[PACK_PRICE] * t->tick *
	    (volume - t->u[PACK_VOLUME]);
	return (uint32_t)((*turnover + volume / 2) / volume);
}

/* What turnover can be, with the average known. */
static inline uint64_t
turnover_of(uint64_t turnover, const uint32_t *u)
{
	uint64_t mid = (uint64_t)u[PACK_AVG] * u[PACK_VOLUME];
	uint64_t half = u[PACK_VOLUME] / 2;

	if (turnover > mid + half)
		return mid + half;
	return turnover + half < mid ? mid - half : turnover;
}

BOTH void
code_price(const struct code *c, const bool get, struct packtok *t,
    uint32_t *u, uint32_t mask)
{
	const uint32_t at[5] = { 0, u[PACK_BUY + 1], u[PACK_SELL + 1],
	    t->u[PACK_BUY + 1], t->u[PACK_SELL + 1] };
	uint32_t s = 1;
	int64_t d;

	while (s < 5 && at[s] != u[PACK_PRICE])
		s++;
	s %= 5;
	s = sym(c, get, PRICE + (mask & 1), s);
	if (s > 0) {
		u[PACK_PRICE] = at[s < 5 ? s : 0];
		return;
	}
	d = snum(c, get, DPRICE + class_of(t, PRI, 3),
	    (int64_t)u[PACK_PRICE] - t->u[PACK_PRICE]);
	learn(t, PRI, d);
	u[PACK_PRICE] = t->u[PACK_PRICE] + (uint32_t)d;
}

/* A number that is coded by how much it grew. */
BOTH void
code_growth(const struct code *c, const bool get, struct packtok *t,
    uint32_t *u, int field, uint32_t context, int which)
{
	int64_t d = snum(c, get, context + class_of(t, which, 4),
	    (int64_t)u[field] - t->u[field]);

	learn(t, which, d);
	u[field] = t->u[field] + (uint32_t)d;
}

/* What changed of a row, but for its book and its day's range. */
static inline uint32_t
changes(const struct packtok *t, const uint32_t *u)
{
	const uint32_t *old = t->u;
	uint32_t told[6], mask = 0;
	uint64_t turnover;

	if (u[PACK_VOLUME] != old[PACK_VOLUME])
		mask |= M_VOLUME;
	if (u[PACK_TRADE] != old[PACK_TRADE])
		mask |= M_TRADE;
	if (u[PACK_PRICE] != old[PACK_PRICE])
		mask |= M_PRICE;
	if (u[PACK_QTY] != old[PACK_QTY])
		mask |= M_QTY;
	if (u[PACK_AVG] != foretell_avg(t, u, &turnover))
		mask |= M_AVG;
	if (u[PACK_OI] != old[PACK_OI])
		mask |= M_OI;
	if (rest(u, false) != rest(old, false) ||
	    rest(u, true) != rest(old, true))
		mask |= M_REST;
	foretell_range(t, u, told);
	for (int i = 0; i < 6; i++)
		if (u[range_field[i]] != told[i])
			mask |= M_RANGE;
	return mask;
}

/* The totals: what is behind the levels is much as before. */
BOTH void
code_rest(const struct code *c, const bool get, struct packtok *t,
    uint32_t *u, uint32_t mask)
{
	for (uint32_t side = 0; side < 2; side++) {
		int field = side ? PACK_SQTY : PACK_BQTY;
		int64_t was = rest(t->u, side), d = 0;

		if (mask & M_REST) {
			d = snum(c, get, REST + 16 * side +
			    class_of(t, REST_B + (int)side, 4),
			    rest(u, side) - was);
			learn(t, REST_B + (int)side, d);
		}
		if (get) {
			u[field] = 0;
			u[field] = (uint32_t)was + (uint32_t)d -
			    (uint32_t)rest(u, side);
		}
	}
}

BOTH void
code_share(const struct code *c, const bool get, struct packtok *t,
    uint32_t *u)
{
	uint32_t mask = 0, told[6], avg, sides;
	uint64_t turnover;

	code_book(c, get, t, u);
	sides = side_class(t->side[0]) == 2 && side_class(t->side[1]) == 2;
	if (!get)
		mask = changes(t, u);
	mask = sym(c, get, MASK + 3 * (t->mask & 7) + sides, mask);
	t->mask = (uint8_t)mask;
	if (get) {
		u[PACK_VOLUME] = t->u[PACK_VOLUME];
		u[PACK_PRICE] = t->u[PACK_PRICE];
		u[PACK_QTY] = t->u[PACK_QTY];
		u[PACK_TRADE] = t->u[PACK_TRADE];
		u[PACK_OI] = t->u[PACK_OI];
	}
	if (mask & M_VOLUME)
		code_growth(c, get, t, u, PACK_VOLUME, VOLUME, VOL);
	if (mask & M_PRICE)
		code_price(c, get, t, u, mask);
	if (mask & M_QTY)
		u[PACK_QTY] = (uint32_t)num(c, get, QTY + bucket(
		    u[PACK_VOLUME] - t->u[PACK_VOLUME]), u[PACK_QTY], FINE);
	avg = foretell_avg(t, u, &turnover);
	if (get)
		u[PACK_AVG] = avg;
	if (mask & M_AVG) {
		int64_t d = snum(c, get, AVG + class_of(t, AVG_M, 3),
		    (int64_t)u[PACK_AVG] - avg);

		learn(t, AVG_M, d);
		u[PACK_AVG] = avg + (uint32_t)d;
	}
	t->turnover = turnover_of(turnover, u);
	if (mask & M_TRADE)
		u[PACK_TRADE] = u[PACK_EXCH] - (uint32_t)snum(c, get, TRADE +
		    (mask & 1), (int64_t)u[PACK_EXCH] - u[PACK_TRADE]);
	if (mask & M_OI)
		code_growth(c, get, t, u, PACK_OI, OI, OIM);
	foretell_range(t, u, told);
	if (mask & M_RANGE)
		code_range(c, get, u, told, false);
	else
		for (int i = 0; i < 6; i++)
			u[range_field[i]] = told[i];
	code_rest(c, get, t, u, mask);
}

BOTH void
code_index(const struct code *c, const bool get, struct packtok *t,
    uint32_t *u)
{
	uint32_t told[6];

	code_growth(c, get, t, u, PACK_PRICE, DPRICE, PRI);
	foretell_range(t, u, told);
	code_range(c, get, u, told, true);
}

/* ---- rows ---- */

/* A row by itself. */
static void
code_full(const struct code *c, const bool get, struct packtok *t, uint32_t *v)
{
	t->tick = (uint32_t)num(c, get, UNIT, t->tick, FINE);
	t->lot = (uint32_t)num(c, get, UNIT + 1, t->lot, FINE);
	if (t->tick == 0)
		t->tick = 1;		/* nobody writes that */
	if (t->lot == 0)
		t->lot = 1;
	for (uint32_t i = PACK_EXCH + 1; i < PACK_N; i++)
		v[i] = (uint32_t)num(c, get, FULL + i, v[i], COARSE);
	(void)packtok_split(t, v, t->u);
	t->turnover = (uint64_t)t->u[PACK_AVG] * t->u[PACK_VOLUME];
	t->side[0] = t->side[1] = t->mask = 0;
}

/* Kind, new frame and pair in one symbol, then the times and the instrument. */
BOTH uint32_t
code_lead(struct packmodel *m, const struct code *c, const bool get,
    struct packrow *r, uint32_t *tok, uint32_t *pair, uint32_t kind)
{
	bool fresh = !get && r->recv_us != m->recv_us;
	uint32_t s = sym(c, get, LEAD + m->last, *pair << 3 | kind << 1 |
	    fresh);

	kind = s >> 1 & 3;
	if (kind >= PACKMODEL_TEXT)
		return PACKMODEL_TEXT;
	fresh = s & 1;
	*pair = s >> 3;
	m->last = *pair;
	if (fresh)
		m->recv_us = (int64_t)((uint64_t)m->recv_us + (uint64_t)snum(c,
		    get, RECV, r->recv_us - m->recv_us));
	r->recv_us = m->recv_us;
	s = sym(c, get, TOKEN, *tok >> TOKEN_LOW);
	*tok = s << TOKEN_LOW | sym(c, get, TOKEN2 + s,
	    *tok & ((1u << TOKEN_LOW) - 1));
	r->v[PACK_EXCH] = m->t.pair[*pair].exch + (uint32_t)snum(c, get, EXCH +
	    fresh, (int64_t)r->v[PACK_EXCH] - m->t.pair[*pair].exch);
	m->t.pair[*pair].exch = r->v[PACK_EXCH];
	return kind;
}

void
packmodel_put(struct packmodel *m, struct rans_w *w, const struct packrow *row,
    uint32_t tok, uint32_t pair)
{
	const struct code c = { w, NULL };
	struct packtok *t = &m->t.v[tok];
	struct packrow r = *row;
	uint32_t u[PACK_N];
	bool delta = t->lot != 0 && packtok_split(t, r.v, u) &&
	    levels(u + PACK_BUY, false) != -1 &&
	    levels(u + PACK_SELL, true) != -1;

	code_lead(m, &c, false, &r, &tok, &pair, delta ? PACKMODEL_DELTA :
	    PACKMODEL_FULL);
	if (!delta) {
		packtok_units(t, r.v);
		code_full(&c, false, t, r.v);
		return;
	}
	if (t->index)
		code_index(&c, false, t, u);
	else
		code_share(&c, false, t, u);
	memcpy(t->u, u, sizeof(u));
}

void
packmodel_put_text(struct packmodel *m, struct rans_w *w)
{
	rans_put(w, LEAD + m->last, m->last << 3 | PACKMODEL_TEXT << 1);
}

enum packmodel_kind
packmodel_get(struct packmodel *m, struct rans_r *in, struct packrow *r)
{
	const struct code c = { NULL, in };
	uint32_t u[PACK_N] = { 0 }, tok = 0, pair = 0, kind;
	const struct packpair *p;
	struct packtok *t;

	kind = code_lead(m, &c, true, r, &tok, &pair, 0);
	if (kind == PACKMODEL_TEXT || in->bad)
		return PACKMODEL_TEXT;
	if (tok >= m->t.n || pair >= m->t.npair ||
	    (kind == PACKMODEL_DELTA && m->t.v[tok].lot == 0)) {
		in->bad = true;
		return PACKMODEL_TEXT;
	}
	t = &m->t.v[tok];
	p = &m->t.pair[pair];
	if (kind == PACKMODEL_FULL) {
		code_full(&c, true, t, r->v);
	} else {
		u[PACK_EXCH] = r->v[PACK_EXCH];
		if (t->index)
			code_index(&c, true, t, u);
		else
			code_share(&c, true, t, u);
		memcpy(t->u, u, sizeof(u));
		packtok_join(t, u, r->v);
	}
	r->conn = p->conn;
	r->flag = p->flag;
	r->nflag = p->nflag;
	r->token = t->token;
	r->index = t->index;
	r->symbol = m->t.name[tok].symbol;
	r->nsymbol = t->nsymbol;
	return (enum packmodel_kind)kind;
}

/* ---- the tables ---- */

int
packmodel_init(struct packmodel *m)
{
	static const uint16_t sizes[][2] = {
#define X(name, n, size) { n, size },
		SETS(X)
#undef X
	};
	uint16_t size[NCONTEXTS];
	size_t k = 0;

	*m = (struct packmodel){ .last = 0 };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (int n = 0; n < sizes[i][0]; n++)
			size[k++] = sizes[i][1];
	return rans_shape_make(&m->shape, size, NCONTEXTS);
}

void
packmodel_free(struct packmodel *m)
{
	rans_shape_free(&m->shape);
	packtok_free(&m->t);
	*m = (struct packmodel){ .last = 0 };
}
