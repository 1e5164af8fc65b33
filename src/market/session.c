#include <string.h>

#include "clk.h"
#include "session.h"

enum { EXCHANGES_MAX = 16 };

struct exchanges {
	char	 v[EXCHANGES_MAX][sizeof(((struct inst *)0)->exchange)];
	size_t	 n;
};

/* Those beyond the 16th are left out: the broker has ten. */
static void
add_exchange(struct exchanges *e, const struct inst *i)
{
	for (size_t k = 0; k < e->n; k++)
		if (strcmp(e->v[k], i->exchange) == 0)
			return;
	if (e->n < EXCHANGES_MAX)
		memcpy(e->v[e->n++], i->exchange, sizeof(e->v[0]));
}

static struct exchanges
exchanges(const struct inst_set *set, const uint32_t *token, size_t n)
{
	struct exchanges e = { .n = 0 };
	const struct inst *i;

	for (size_t k = 0; token == NULL && k < set->n; k++)
		add_exchange(&e, &set->v[k]);
	for (size_t k = 0; token != NULL && k < n; k++)
		if ((i = inst_find(set, token[k])) != NULL)
			add_exchange(&e, i);
	return e;
}

void
session_make(struct session *s, const struct cal *c, int32_t day,
    const struct inst_set *set, const uint32_t *token, size_t n)
{
	struct exchanges e = exchanges(set, token, n);
	struct cal_window w[CAL_WINDOWS_MAX];

	*s = (struct session){ .n = 0 };
	for (size_t k = 0; k < e.n; k++) {
		size_t nw = cal_windows(c, e.v[k], day, w);

		if (!cal_knows(c, e.v[k]) && *s->unknown == '\0')
			memcpy(s->unknown, e.v[k], sizeof(s->unknown));
		for (size_t i = 0; i < nw; i++)
			s->n = cal_join(s->w, s->n, SESSION_WINDOWS_MAX, w[i]);
	}
}

const struct cal_window *
session_at(const struct session *s, int64_t t)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->w[i].open_us <= t && t < s->w[i].close_us)
			return &s->w[i];
	return NULL;
}

int64_t
session_open(const struct session *s)
{
	return s->n > 0 ? s->w[0].open_us : INT64_MAX;
}

int64_t
session_close(const struct session *s)
{
	return s->n > 0 ? s->w[s->n - 1].close_us : INT64_MIN;
}

int64_t
session_change(const struct session *s, int64_t t)
{
	for (size_t i = 0; i < s->n; i++) {
		if (t < s->w[i].open_us)
			return s->w[i].open_us;
		if (t < s->w[i].close_us)
			return s->w[i].close_us;
	}
	return INT64_MAX;
}

int64_t
session_end(const struct session *s, int64_t moved_us)
{
	int64_t close = session_close(s), latest, still;

	if (s->n == 0)
		return INT64_MIN;
	latest = close + SESSION_LATEST_S * US_PER_SEC;
	if (moved_us >= latest)
		return latest;
	still = (moved_us > close ? moved_us : close) +
	    SESSION_STILL_S * US_PER_SEC;
	return still < latest ? still : latest;
}
