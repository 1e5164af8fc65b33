#include <stdlib.h>
#include <string.h>

#include "castspec.h"
#include "glob.h"

const struct castspec castspec_first = { .watched = true,
    .fields = CASTBOOK_ALL };

int
castspec_copy(struct castspec *to, const struct castspec *from)
{
	*to = *from;
	to->term = NULL;
	if (from->n == 0)
		return 0;
	if ((to->term = malloc(from->n * sizeof(*to->term))) == NULL)
		return -1;
	memcpy(to->term, from->term, from->n * sizeof(*to->term));
	return 0;
}

void
castspec_free(struct castspec *s)
{
	free(s->term);
	*s = (struct castspec){ 0 };
}

static bool
same_choice(const struct castterm *a, const struct castterm *b)
{
	return strcmp(a->glob, b->glob) == 0 &&
	    strcmp(a->index, b->index) == 0 && a->expiry == b->expiry;
}

bool
castspec_same(const struct castspec *a, const struct castspec *b)
{
	if (a->watched != b->watched || a->batch != b->batch ||
	    a->tick != b->tick || a->status != b->status ||
	    a->seq != b->seq || a->packed != b->packed || a->wire != b->wire ||
	    a->fields != b->fields || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->term[i].out != b->term[i].out ||
		    !same_choice(&a->term[i], &b->term[i]))
			return false;
	return true;
}

int
castspec_add(struct castspec *s, const struct castterm *t)
{
	struct castterm *v;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (!same_choice(&s->term[i], t))
			s->term[n++] = s->term[i];
	s->n = n;
	if (n >= CASTSPEC_TERMS ||
	    (v = realloc(s->term, (n + 1) * sizeof(*v))) == NULL)
		return -1;
	s->term = v;
	s->term[s->n++] = *t;
	return 0;
}

void
castspec_clear(struct castspec *s)
{
	s->n = 0;
	s->watched = false;
}

int
castspec_says(const struct castspec *s, const struct quote *q)
{
	for (size_t i = s->n; i-- > 0;) {
		const struct castterm *t = &s->term[i];

		if ((*t->index == '\0' || strcmp(t->index, q->index) == 0) &&
		    (t->expiry == INST_NO_EXPIRY || t->expiry == q->expiry) &&
		    glob_match(t->glob, q->symbol))
			return !t->out;
	}
	return -1;
}
