#include <stdlib.h>
#include <string.h>

#include "packtok.h"

/* ---- units ---- */

enum { ONE, TICK, LOT };

static const uint8_t unit_of[PACK_N] = {
	[PACK_PRICE] = TICK, [PACK_QTY] = LOT, [PACK_VOLUME] = LOT,
	[PACK_BQTY] = LOT, [PACK_SQTY] = LOT, [PACK_OI] = LOT,
	[PACK_OIHIGH] = LOT, [PACK_OILOW] = LOT,
#define LEVEL(i) [PACK_BUY + 3 * (i)] = LOT, [PACK_BUY + 3 * (i) + 1] = TICK, \
	[PACK_SELL + 3 * (i)] = LOT, [PACK_SELL + 3 * (i) + 1] = TICK
	LEVEL(0), LEVEL(1), LEVEL(2), LEVEL(3), LEVEL(4)
#undef LEVEL
};

static uint32_t
gcd(uint32_t a, uint32_t b)
{
	while (b != 0) {
		uint32_t r = a % b;

		a = b;
		b = r;
	}
	return a;
}

bool
packtok_split(const struct packtok *t, const uint32_t *v, uint32_t *u)
{
	const uint32_t unit[3] = { 1, t->tick, t->lot };
	const uint64_t part[3] = { 0, (UINT64_C(1) << 32) / t->tick + 1,
	    (UINT64_C(1) << 32) / t->lot + 1 };
	uint32_t odd = 0;

	memcpy(u, v, PACK_N * sizeof(*u));
	for (int i = 0; i < PACK_N; i++) {
		int k = unit_of[i];

		if (k == ONE)
			continue;
		u[i] = (uint32_t)(v[i] * part[k] >> 32);
		if (u[i] * unit[k] != v[i]) {	/* that was not exact */
			u[i] = v[i] / unit[k];
			odd |= v[i] - u[i] * unit[k];
		}
	}
	return odd == 0;
}

void
packtok_join(const struct packtok *t, const uint32_t *u, uint32_t *v)
{
	const uint32_t unit[3] = { 1, t->tick, t->lot };

	for (int i = 0; i < PACK_N; i++)
		v[i] = u[i] * unit[unit_of[i]];
}

void
packtok_units(struct packtok *t, const uint32_t *v)
{
	uint32_t unit[3] = { 0, t->tick, t->lot };

	for (int i = 0; i < PACK_N; i++)
		if (unit_of[i] != ONE)
			unit[unit_of[i]] = gcd(unit[unit_of[i]], v[i]);
	t->tick = unit[TICK] != 0 ? unit[TICK] : 1;
	t->lot = unit[LOT] != 0 ? unit[LOT] : 1;
}

/* ---- the tables ---- */

int
packtok_add(struct packtoks *m, const struct packrow *r)
{
	uint32_t cap = m->cap != 0 ? 2 * m->cap : 256;
	struct packtok *t;
	void *p;

	if (m->n == m->cap) {
		if ((p = realloc(m->v, cap * sizeof(*m->v))) == NULL)
			return -1;
		m->v = p;
		if ((p = realloc(m->name, cap * sizeof(*m->name))) == NULL)
			return -1;
		m->name = p;
		m->cap = cap;
	}
	memcpy(m->name[m->n].symbol, r->symbol, r->nsymbol);
	t = &m->v[m->n++];
	memset(t, 0, sizeof(*t));
	t->token = r->token;
	t->index = r->index;
	t->nsymbol = r->nsymbol;
	return 0;
}

void
packtok_add_pair(struct packtoks *m, const struct packrow *r)
{
	struct packpair *p = &m->pair[m->npair++];

	*p = (struct packpair){ .conn = r->conn, .nflag = r->nflag };
	memcpy(p->flag, r->flag, r->nflag);
}

void
packtok_free(struct packtoks *m)
{
	free(m->v);
	free(m->name);
	*m = (struct packtoks){ .n = 0 };
}
