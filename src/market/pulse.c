#include <math.h>
#include <stdlib.h>

#include "clk.h"
#include "pulse.h"
#include "walk.h"

enum { SPELL_S = 420, BURST_S = 15 };	/* seconds of a spell, of a burst */

/* How busy an exchange is in the mean at at_us; 0 when it is closed. */
static double
shape(const struct pulse_hours *h, int64_t at_us)
{
	double u, noon;
	size_t i;

	for (i = 0; i < h->n; i++)
		if (at_us >= h->w[i].open_us && at_us < h->w[i].close_us)
			break;
	if (i == h->n)
		return 0;
	u = (double)(at_us - h->w[0].open_us) /
	    (double)(h->w[h->n - 1].close_us - h->w[0].open_us);
	noon = (u - 0.5) / 0.15;
	return 0.85 + 1.6 * exp(-u / 0.05) + 1.1 * exp((u - 1) / 0.06) -
	    0.35 * exp(-0.5 * noon * noon);
}

/* Quiet and busy spells of minutes, and bursts of seconds that fade. */
static double
mood(uint64_t key, int64_t second)
{
	uint64_t spell = (uint64_t)(second / SPELL_S);
	uint64_t burst = (uint64_t)(second / BURST_S);
	double a = walk_normal(walk_hash(key, spell));
	double b = walk_normal(walk_hash(key, spell + 1));
	double u = (double)(second % SPELL_S) / SPELL_S;
	double v = exp(0.3 * (a + (b - a) * u));

	if (walk_hash(key, burst + (UINT64_C(1) << 40)) % 24 == 0)
		v *= 4 - 3 * (double)(second % BURST_S) / BURST_S;
	return v;
}

static double
activity(const struct pulse_hours *h, size_t n, uint64_t key, int64_t at_us)
{
	double most = 0, a;
	size_t i;

	for (i = 0; i < n; i++)
		if ((a = shape(&h[i], at_us)) > most)
			most = a;
	return most == 0 ? 0 : most * mood(key, at_us / US_PER_SEC);
}

int
pulse_init(struct pulse *p, const struct pulse_hours *h, size_t n, uint64_t key)
{
	int64_t first = INT64_MAX, last = INT64_MIN;
	double sum = 0, a;
	size_t i, open_s = 0;

	for (i = 0; i < n; i++) {
		if (h[i].n == 0)
			continue;
		if (h[i].w[0].open_us < first)
			first = h[i].w[0].open_us;
		if (h[i].w[h[i].n - 1].close_us > last)
			last = h[i].w[h[i].n - 1].close_us;
	}
	p->start_us = first;
	p->n = (size_t)((last - first) / US_PER_SEC);
	if ((p->cum = malloc((p->n + 1) * sizeof(*p->cum))) == NULL)
		return -1;
	for (i = 0; i < p->n; i++) {
		p->cum[i] = sum;
		a = activity(h, n, key, first + (int64_t)i * US_PER_SEC);
		open_s += a > 0;
		sum += a;
	}
	p->cum[p->n] = sum;
	for (i = 0; i <= p->n; i++)
		p->cum[i] *= (double)open_s / 60 / sum;
	return 0;
}

void
pulse_free(struct pulse *p)
{
	free(p->cum);
	p->cum = NULL;
}

double
pulse_total(const struct pulse *p)
{
	return p->cum[p->n];
}

double
pulse_at(const struct pulse *p, int64_t at_us)
{
	int64_t us = at_us - p->start_us;
	size_t i;

	if (us <= 0)
		return 0;
	if ((i = (size_t)(us / US_PER_SEC)) >= p->n)
		return p->cum[p->n];
	return p->cum[i] + (p->cum[i + 1] - p->cum[i]) *
	    ((double)(us % US_PER_SEC) / US_PER_SEC);
}

int64_t
pulse_when(const struct pulse *p, double minutes)
{
	size_t lo = 0, hi = p->n, mid;
	double u;

	if (minutes <= 0)
		return p->start_us;
	if (minutes >= p->cum[p->n])
		return p->start_us + (int64_t)p->n * US_PER_SEC;
	while (hi - lo > 1) {		/* cum[lo] <= minutes < cum[hi] */
		mid = lo + (hi - lo) / 2;
		if (p->cum[mid] <= minutes)
			lo = mid;
		else
			hi = mid;
	}
	u = (minutes - p->cum[lo]) / (p->cum[hi] - p->cum[lo]);
	return p->start_us + (int64_t)lo * US_PER_SEC +
	    (int64_t)(u * US_PER_SEC);
}
