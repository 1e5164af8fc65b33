#include <string.h>

#include "subs.h"

/* Where the token is or would be. */
static size_t
place(const struct subs *s, uint32_t token)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (s->v[mid].token < token)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct sub *
subs_find(struct subs *s, uint32_t token)
{
	size_t i = place(s, token);

	return i < s->n && s->v[i].token == token ? &s->v[i] : NULL;
}

int
subs_add(struct subs *s, uint32_t token)
{
	size_t i = place(s, token);

	if (i < s->n && s->v[i].token == token)
		return 0;
	if (s->n == KITE_TOKENS_MAX)
		return -1;
	memmove(&s->v[i + 1], &s->v[i], (s->n - i) * sizeof(s->v[0]));
	s->v[i] = (struct sub){ token, TICK_QUOTE, true };
	s->n++;
	return 1;
}

void
subs_remove(struct subs *s, struct sub *which)
{
	s->nfull -= which->kind == TICK_FULL;
	s->n--;
	memmove(which, which + 1,
	    (size_t)(&s->v[s->n] - which) * sizeof(s->v[0]));
}

void
subs_mode(struct subs *s, struct sub *which, enum tick_kind kind)
{
	s->nfull -= which->kind == TICK_FULL;
	s->nfull += kind == TICK_FULL;
	which->kind = kind;
}

int
subs_mode_from(const char *name, enum tick_kind *kind)
{
	static const struct {
		const char	*name;
		enum tick_kind	 kind;
	} modes[] = {
		{ "ltp", TICK_LTP }, { "quote", TICK_QUOTE },
		{ "full", TICK_FULL }
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (strcmp(modes[i].name, name) == 0) {
			*kind = modes[i].kind;
			return 0;
		}
	return -1;
}
