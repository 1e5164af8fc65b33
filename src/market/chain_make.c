#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"

/* What an instrument is to the indices, for sorting. */
struct place {
	const struct inst *inst;
	size_t	 chain;		/* number of its index */
	int	 what;		/* 0 spot, 1 of an expiry */
};

/* Which index it belongs to, and as what; false: to none. */
static bool
find(const struct inst *i, const struct index_def *const *def, size_t n,
    struct place *p)
{
	*p = (struct place){ .inst = i };
	for (; p->chain < n; p->chain++) {
		const struct index_def *d = def[p->chain];

		if (i->kind == INST_INDEX) {
			if (strcmp(i->tradingsymbol, d->spot) == 0 &&
			    strcmp(i->exchange, d->spot_exchange) == 0)
				return true;
		} else if (strcmp(i->name, d->underlying) == 0 &&
		    i->expiry != INST_NO_EXPIRY && ((i->kind == INST_FUT &&
		    strcmp(i->segment, d->future_segment) == 0) ||
		    ((i->kind == INST_CE || i->kind == INST_PE) &&
		    i->strike_e7 > 0 &&
		    strcmp(i->segment, d->option_segment) == 0))) {
			p->what = 1;
			return true;
		}
	}
	return false;
}

static int
order(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	const struct inst *i = x->inst, *j = y->inst;
	bool fi = i->kind == INST_FUT, fj = j->kind == INST_FUT;

	if (x->chain != y->chain)
		return x->chain < y->chain ? -1 : 1;
	if (x->what != y->what)
		return x->what - y->what;
	if (x->what == 1 && i->expiry != j->expiry)
		return i->expiry < j->expiry ? -1 : 1;
	if (fi != fj)
		return fj - fi;
	if (!fi && i->strike_e7 != j->strike_e7)
		return i->strike_e7 < j->strike_e7 ? -1 : 1;
	if (i->kind != j->kind)
		return i->kind < j->kind ? -1 : 1;	/* CE before PE */
	return i->token < j->token ? -1 : i->token > j->token;
}

static int64_t
close_of(const struct cal *cal, const struct inst *i)
{
	struct cal_window w[CAL_WINDOWS_MAX];
	size_t n = cal_windows(cal, i->exchange, i->expiry, w);

	return n > 0 ? w[n - 1].close_us : FIGURE_NO_TIME;
}

/* The expiry of a derivative; the sorted ones come one behind the other. */
static struct chain_expiry *
expiry_of(struct chain *ch, const struct inst *i, const struct cal *cal)
{
	struct chain_expiry *e = ch->n > 0 ? &ch->expiry[ch->n - 1] : NULL;

	if (e != NULL && e->day == i->expiry)
		return e;
	e = &ch->expiry[ch->n++];
	*e = (struct chain_expiry){ .day = i->expiry,
	    .close_us = close_of(cal, i), .forward = forward_none(),
	    .last = NAN };
	return e;
}

/* Puts an instrument where it belongs; false: something is there already. */
static bool
put(struct chains *c, struct chain_item *it, size_t *nstrike,
    const struct cal *cal)
{
	struct chain *ch = it->chain;
	const struct inst *i = it->inst;
	struct chain_expiry *e;
	struct chain_item **to;

	if (i->kind == INST_INDEX) {
		to = &ch->spot;
	} else {
		e = it->expiry = expiry_of(ch, i, cal);
		to = &e->future;
		if (i->kind != INST_FUT) {
			if (e->n == 0)
				e->strike = &c->strike[*nstrike];
			if (e->n == 0 ||
			    e->strike[e->n - 1].strike_e7 != i->strike_e7) {
				e->strike[e->n++].strike_e7 = i->strike_e7;
				++*nstrike;
			}
			it->strike = (uint32_t)(e->n - 1);
			to = &e->strike[e->n - 1].leg[i->kind == INST_PE];
		}
	}
	if (*to != NULL)
		return false;
	*to = it;
	return true;
}

static uint32_t
slot(const struct chains *c, uint32_t token)
{
	return (token * UINT32_C(2654435761)) >> 7 & c->mask;
}

static void
hash(struct chains *c, struct chain_item *it)
{
	uint32_t at = slot(c, it->inst->token);

	while (c->hash[at] != NULL)
		at = (at + 1) & c->mask;
	c->hash[at] = it;
}

struct chain_item *
chains_find(const struct chains *c, uint32_t token)
{
	uint32_t at = slot(c, token);

	while (c->hash[at] != NULL && c->hash[at]->inst->token != token)
		at = (at + 1) & c->mask;
	return c->hash[at];
}

static int
allocate(struct chains *c, size_t items, struct fault *f)
{
	c->mask = 16;
	while (c->mask < 2 * items)
		c->mask *= 2;
	c->v = calloc(c->n + 1, sizeof(*c->v));
	c->item = calloc(items + 1, sizeof(*c->item));
	c->expiry = calloc(items + 1, sizeof(*c->expiry));
	c->strike = calloc(items + 1, sizeof(*c->strike));
	c->hash = calloc(c->mask, sizeof(struct chain_item *));
	c->mask--;
	return c->v != NULL && c->item != NULL && c->expiry != NULL &&
	    c->strike != NULL && c->hash != NULL ? 0 :
	    fault_sys(f, EX_TEMPFAIL, "%zu instruments", items);
}

/* The sorted ones, one after the other. */
static void
fill(struct chains *c, const struct place *p, size_t n,
    const struct index_def *const *def, const struct cal *cal)
{
	struct chain_expiry *next = c->expiry;
	size_t nstrike = 0, at = 0;

	for (size_t k = 0; k < c->n; k++) {
		struct chain *ch = &c->v[k];

		*ch = (struct chain){ .def = def[k], .carry = NAN,
		    .expiry = next };
		for (; at < n && p[at].chain == k; at++) {
			struct chain_item *it = &c->item[c->nitem];

			*it = (struct chain_item){ .inst = p[at].inst,
			    .chain = ch };
			quote_init(&it->q);
			if (!put(c, it, &nstrike, cal))
				continue;
			hash(c, it);
			c->nitem++;
		}
		next += ch->n;
	}
}

int
chains_make(struct chains *c, const struct inst_set *set,
    const struct index_def *const *def, size_t n, const struct cal *cal,
    struct fault *f)
{
	struct place *p = calloc(set->n + 1, sizeof(*p));
	size_t items = 0;

	*c = (struct chains){ .n = n };
	if (p == NULL)
		return fault_sys(f, EX_TEMPFAIL, "%zu instruments", set->n);
	for (size_t i = 0; i < set->n; i++)
		items += find(&set->v[i], def, n, &p[items]);
	qsort(p, items, sizeof(*p), order);
	if (allocate(c, items, f) != 0) {
		free(p);
		return -1;
	}
	fill(c, p, items, def, cal);
	free(p);
	return 0;
}

int
chains_rest(struct chains *c, const struct inst_set *set, struct fault *f)
{
	struct chain_item **table;
	uint32_t size = 16;

	while (size < 2 * (c->nitem + set->n))
		size *= 2;
	table = calloc(size, sizeof(struct chain_item *));
	c->rest = calloc(set->n + 1, sizeof(*c->rest));
	if (table == NULL || c->rest == NULL) {
		free(table);
		return fault_sys(f, EX_TEMPFAIL, "%zu instruments", set->n);
	}
	free(c->hash);
	c->hash = table;
	c->mask = size - 1;
	for (size_t i = 0; i < c->nitem; i++)
		hash(c, &c->item[i]);
	for (size_t i = 0; i < set->n; i++) {
		struct chain_item *it = &c->rest[c->nrest];

		if (chains_find(c, set->v[i].token) != NULL)
			continue;
		it->inst = &set->v[i];
		quote_init(&it->q);
		hash(c, it);
		c->nrest++;
	}
	return 0;
}

void
chains_free(struct chains *c)
{
	free(c->v);
	free(c->item);
	free(c->rest);
	free(c->expiry);
	free(c->strike);
	free(c->hash);
	*c = (struct chains){ 0 };
}

void
chains_reset(struct chains *c)
{
	for (size_t i = 0; i < c->nitem; i++) {
		quote_init(&c->item[i].q);
		c->item[i].touched = false;
	}
	for (size_t i = 0; i < c->nrest; i++) {
		quote_init(&c->rest[i].q);
		c->rest[i].touched = false;
	}
	for (size_t k = 0; k < c->n; k++) {
		c->v[k].exch_us = 0;
		c->v[k].carry = NAN;
		for (size_t i = 0; i < c->v[k].n; i++) {
			c->v[k].expiry[i].forward = forward_none();
			c->v[k].expiry[i].last = NAN;
		}
	}
}
