#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "desk.h"
#include "model.h"

enum { EXCHANGES_MAX = 16 };

struct ins {			/* an instrument that is or was watched */
	struct desk	 desk;
	size_t		 pos;		/* in the heap; NOWHERE: not there */
	bool		 watched;
};

#define NOWHERE SIZE_MAX

struct model {
	const struct inst_set *set;
	struct model_spec spec;
	struct desk_day	 day;
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
	if (a->desk.next_us != b->desk.next_us)
		return a->desk.next_us < b->desk.next_us;
	return a->desk.t.token < b->desk.t.token;
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

/* Starts an instrument before the open; NULL: out of memory. */
static struct ins *
new_ins(struct model *m, const struct inst *i)
{
	struct ins *s = malloc(sizeof(*s));
	size_t h = find_hours(m, i->exchange);
	bool known = h < m->nhours;

	if (s == NULL || desk_init(&s->desk, &m->day, i,
	    known ? &m->hours[h] : NULL,
	    known ? m->before_us[h] : clk_day_start(m->spec.day)) != 0) {
		free(s);
		return NULL;
	}
	s->pos = NOWHERE;
	s->watched = false;
	return s;
}

/* ---- the model ---- */

int
model_open(struct model **out, const struct inst_set *set,
    const struct model_spec *spec, struct fault *f)
{
	struct model *m;
	char day[CLK_DAY];

	if (!(spec->rate > 0))
		return fault_set(f, EX_USAGE, "the market model: %g ticks a "
		    "minute; must be more than 0", spec->rate);
	if ((m = calloc(1, sizeof(*m))) == NULL)
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
	    fair_init(&m->day.fair, set, spec->seed, spec->day, spec->cal) != 0 ||
	    pulse_init(&m->day.pulse, m->hours, m->nhours,
	    walk_hash(m->day.fair.key, 0)) != 0) {
		model_close(m);
		return fault_set(f, EX_TEMPFAIL, "the market model: out of "
		    "memory");
	}
	m->day.total = pulse_total(&m->day.pulse);
	m->day.rate = spec->rate;
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
	fair_free(&m->day.fair);
	pulse_free(&m->day.pulse);
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
	while (s->desk.next_us < at_us)
		desk_advance(&s->desk, &m->day);
	if (s->desk.next_us != INT64_MAX && heap_add(m, s) != 0)
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
	*at_us = s->desk.next_us;
	desk_advance(&s->desk, &m->day);
	*t = s->desk.t;
	if (s->desk.next_us == INT64_MAX)
		heap_remove(m, s);
	else
		sift_down(m, s, 0);
	return 1;
}

int
model_due(const struct model *m, int64_t *at_us)
{
	if (m->nheap == 0)
		return 0;
	*at_us = m->heap[0]->desk.next_us;
	return 1;
}

int
model_last(const struct model *m, uint32_t token, struct tick *t)
{
	struct ins **p = slot_of(m, token);

	if (p == NULL || *p == NULL || !(*p)->watched)
		return -1;
	*t = (*p)->desk.t;
	return 0;
}
