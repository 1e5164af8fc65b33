#include <stdlib.h>

#include "pairs.h"

enum { FIRST_CAP = 4096 };	/* a power of 2 */

/* The last second of a token that was counted. */
struct pairs_seen {
	uint32_t	 token, sec;	/* sec 0: the place is free */
};

/* Where the token is or would be. */
static struct pairs_seen *
place(struct pairs_seen *v, size_t cap, uint32_t token)
{
	size_t i = token * UINT32_C(2654435761) & (cap - 1);

	while (v[i].sec != 0 && v[i].token != token)
		i = (i + 1) & (cap - 1);
	return &v[i];
}

static int
grow(struct pairs *p)
{
	size_t cap = p->cap == 0 ? FIRST_CAP : p->cap * 2;
	struct pairs_seen *v = calloc(cap, sizeof(*v));

	if (v == NULL)
		return -1;
	for (size_t i = 0; i < p->cap; i++)
		if (p->seen[i].sec != 0)
			*place(v, cap, p->seen[i].token) = p->seen[i];
	free(p->seen);
	p->seen = v;
	p->cap = cap;
	return 0;
}

int
pairs_add(struct pairs *p, uint32_t token, uint32_t sec)
{
	struct pairs_seen *s;

	if (p->n * 2 >= p->cap && grow(p) != 0)
		return -1;
	s = place(p->seen, p->cap, token);
	if (sec <= s->sec)
		return 0;
	if (s->sec == 0)
		p->n++;
	*s = (struct pairs_seen){ token, sec };
	p->count++;
	return 1;
}

void
pairs_free(struct pairs *p)
{
	free(p->seen);
	*p = (struct pairs){ 0 };
}
