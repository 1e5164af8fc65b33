#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "black.h"
#include "clk.h"
#include "fair.h"
#include "num.h"
#include "universe.h"
#include "walk.h"

/* Deviations of a day's logarithms, and what a year carries. */
#define MARKET_DAY	0.009
#define INDEX_DAY	0.0015
#define SHARE_DAY	0.013
#define CARRY_YEAR	0.065

#define US_PER_YEAR	(365.0 * US_PER_DAY)

enum { MARKET_DEPTH = 16, OWN_DEPTH = 11, SIGMA_DEPTH = 8, SLOTS_MIN = 64 };

/* Numbers of a stock's key. */
enum { N_LEVEL = 1, N_BETA, N_OWN, N_SIGMA, N_GAP, N_PRIOR, N_PATH, N_PATH_SIGMA,
	N_SHIFT };

struct fair_stock {
	const char	*name;		/* belongs to the set */
	uint64_t	 key;
	double		 level;		/* where the strikes are; 0 unknown */
	double		 close, prior;	/* rupees, of the two last sessions */
	double		 gap;		/* of the logarithm, overnight */
	double		 beta, own;	/* own: deviation of a day */
	double		 sigma;		/* at the money, a year */
	/* while the set is read */
	int32_t		 expiry;
	double		 strikes;
	size_t		 n;
};

/* ---- stocks by name ---- */

static uint64_t
name_hash(const char *name)
{
	return walk_key(0, name);
}

/* The slot of the name: its stock, or the free one where it belongs. */
static struct fair_stock **
find(struct fair_stock **slot, size_t n, const char *name)
{
	size_t i = name_hash(name) & (n - 1);

	while (slot[i] != NULL && strcmp(slot[i]->name, name) != 0)
		i = (i + 1) & (n - 1);
	return &slot[i];
}

static int
grow(struct fair *f)
{
	size_t i, n = f->nslot == 0 ? SLOTS_MIN : 2 * f->nslot;
	struct fair_stock **slot = calloc(n, sizeof(struct fair_stock *));

	if (slot == NULL)
		return -1;
	for (i = 0; i < f->nslot; i++)
		if (f->slot[i] != NULL)
			*find(slot, n, f->slot[i]->name) = f->slot[i];
	free(f->slot);
	f->slot = slot;
	f->nslot = n;
	return 0;
}

/* The stock of that name, made when there is none; NULL: no memory. */
static struct fair_stock *
stock(struct fair *f, const char *name)
{
	struct fair_stock **p;

	if (2 * (f->nstock + 1) > f->nslot && grow(f) != 0)
		return NULL;
	if (*(p = find(f->slot, f->nslot, name)) != NULL)
		return *p;
	if ((*p = calloc(1, sizeof(**p))) == NULL)
		return NULL;
	(*p)->name = name;
	f->nstock++;
	return *p;
}

/* Where a stock without options stands: by its name alone. */
static double
level_of(const char *name, enum inst_kind kind)
{
	double u = walk_unit(walk_hash(name_hash(name), N_LEVEL));

	if (strcmp(name, "INDIA VIX") == 0)
		return 13;
	if (kind == INST_INDEX)
		return 6000 * exp(u * 2);
	return 35 * exp(u * 5);
}

/* Fills in what a stock is like, at its first use. */
static void
dress(const struct fair *f, struct fair_stock *s, enum inst_kind kind)
{
	uint64_t k = walk_key(f->key, s->name);
	bool index = kind == INST_INDEX;
	double v;

	s->key = k;
	if (s->level == 0)
		s->level = level_of(s->name, kind);
	s->close = s->level * (1 + 0.003 * walk_normal(walk_hash(k, N_SHIFT)));
	s->prior = s->close *
	    exp(0.008 * walk_normal(walk_hash(k, N_PRIOR)));
	s->gap = 0.003 * walk_normal(walk_hash(k, N_GAP));
	/* what a stock is like does not change from day to day */
	k = name_hash(s->name);
	v = walk_unit(walk_hash(k, N_BETA));
	s->beta = index ? 0.95 + 0.2 * v : 0.5 + v;
	if (strcmp(s->name, "INDIA VIX") == 0)
		s->beta = -4;
	v = walk_unit(walk_hash(k, N_OWN));
	s->own = index ? INDEX_DAY : SHARE_DAY * (0.6 + 0.8 * v);
	v = walk_unit(walk_hash(k, N_SIGMA));
	s->sigma = index ? 0.11 + 0.03 * v : 0.2 + 0.15 * v;
}

/* ---- the set ---- */

/* One option: its strike counts if its expiry is the nearest so far. */
static void
count_strike(struct fair_stock *s, const struct inst *i, int32_t day)
{
	int32_t e = i->expiry;

	if (s->n > 0 && e != s->expiry &&
	    (s->expiry >= day ? e < day || e > s->expiry : e < s->expiry))
		return;
	if (e != s->expiry) {
		s->expiry = e;
		s->strikes = 0;
		s->n = 0;
	}
	s->strikes += (double)i->strike_e7 / E7;
	s->n++;
	s->level = s->strikes / (double)s->n;
}

int
fair_init(struct fair *f, const struct inst_set *set, uint64_t seed,
    int32_t day, const struct cal *cal)
{
	const struct inst *i;
	struct fair_stock *s;
	struct fair_item it;
	size_t n;

	memset(f, 0, sizeof(*f));
	f->key = walk_hash(seed, (uint64_t)day);
	f->day = day;
	f->cal = cal;
	for (n = 0; n < set->n; n++) {
		i = &set->v[n];
		if ((i->kind != INST_CE && i->kind != INST_PE) ||
		    i->expiry == INST_NO_EXPIRY)
			continue;
		if ((s = stock(f, i->name)) == NULL) {
			fair_free(f);
			return -1;
		}
		count_strike(s, i, day);
	}
	/* indices know that they are; what derives from them does not */
	for (n = 0; n < set->n; n++)
		if (set->v[n].kind == INST_INDEX &&
		    fair_item(f, &set->v[n], &it) != 0) {
			fair_free(f);
			return -1;
		}
	return 0;
}

void
fair_free(struct fair *f)
{
	size_t i;

	for (i = 0; i < f->nslot; i++)
		free(f->slot[i]);
	free(f->slot);
	memset(f, 0, sizeof(*f));
}

/* Wall time at which the exchange closes on the day of expiry. */
static int64_t
expiry_us(const struct fair *f, const struct inst *i)
{
	struct cal_window w[CAL_WINDOWS_MAX];
	size_t n;

	if (i->expiry == INST_NO_EXPIRY)
		return 0;
	n = cal_windows(f->cal, i->exchange, i->expiry, w);
	if (n > 0)
		return w[n - 1].close_us;
	return clk_day_start(i->expiry) + (15 * 60 + 30) * 60 * US_PER_SEC;
}

int
fair_item(struct fair *f, const struct inst *i, struct fair_item *it)
{
	const char *name = i->name, *under;
	struct fair_stock *s;

	if (i->kind == INST_INDEX) {
		under = universe_under(i->tradingsymbol);
		name = under != NULL ? under : i->tradingsymbol;
	} else if (i->kind == INST_EQ || name[0] == '\0') {
		name = i->tradingsymbol;
	}
	if ((s = stock(f, name)) == NULL)
		return -1;
	if (s->key == 0)
		dress(f, s, i->kind);
	it->stock = s;
	it->kind = i->kind;
	it->strike = (double)i->strike_e7 / E7;
	it->expiry_us = expiry_us(f, i);
	return 0;
}

/* ---- values ---- */

struct fair_state
fair_now(const struct fair *f, const struct fair_stock *s, double x)
{
	double market, own, v;

	market = MARKET_DAY * walk_path(f->key, x, MARKET_DEPTH);
	own = s->own * walk_path(walk_hash(s->key, N_PATH), x, OWN_DEPTH);
	v = walk_path(walk_hash(s->key, N_PATH_SIGMA), x, SIGMA_DEPTH);
	return (struct fair_state){
		.spot = s->close * exp(s->gap + s->beta * market + own),
		.sigma = s->sigma * exp(0.05 * v - 3 * s->beta * market)
	};
}

struct fair_state
fair_close(const struct fair_stock *s, int ago)
{
	return (struct fair_state){
		.spot = ago == 1 ? s->close : s->prior,
		.sigma = s->sigma
	};
}

/* Years to the expiry, at least a minute. */
static double
years_left(const struct fair_item *it, int64_t at_us)
{
	int64_t us = it->expiry_us - at_us;

	return (double)(us > 60 * US_PER_SEC ? us : 60 * US_PER_SEC) /
	    US_PER_YEAR;
}

static double
option_value(const struct fair_item *it, struct fair_state s, double forward,
    double years)
{
	double day = years > 1.0 / 365 ? years : 1.0 / 365;
	double z = log(it->strike / forward) / (s.sigma * sqrt(day)), v = 0;
	struct black_option o = {
		.type = it->kind == INST_CE ? BLACK_CALL : BLACK_PUT,
		.forward = forward, .strike = it->strike, .years = years
	};

	/* the smile: puts are dearer, and all that is far */
	z = z > 6 ? 6 : z < -6 ? -6 : z;
	(void)black_price(&o, s.sigma * (1 - 0.06 * z + 0.02 * z * z), &v);
	return v;		/* 0 for a strike of 0, which no option has */
}

double
fair_value(const struct fair_item *it, struct fair_state s, int64_t at_us)
{
	double years, forward;

	if (it->kind == INST_INDEX || it->kind == INST_EQ)
		return s.spot;
	years = years_left(it, at_us);
	forward = s.spot * exp(CARRY_YEAR * years);
	if (it->kind == INST_FUT)
		return forward;
	return option_value(it, s, forward, years);
}

double
fair_distance(const struct fair_item *it, double spot)
{
	if (it->kind != INST_CE && it->kind != INST_PE)
		return 0;
	return it->strike / spot - 1;
}
