#include <string.h>
#include <sys/mman.h>

#include "hold.h"

struct hold_block {
	struct hold_block *next;
	size_t		 from, to;	/* of p: what waits */
	size_t		 cap;		/* of p */
	char		 p[];
};

/* A block of its own mapping: it is given back whatever else is in use. */
static struct hold_block *
block_new(size_t n)
{
	size_t cap = n > HOLD_BLOCK ? n : HOLD_BLOCK;
	struct hold_block *b = mmap(NULL, sizeof(*b) + cap,
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (b == MAP_FAILED)
		return NULL;
	b->cap = cap;
	return b;
}

static void
drop_first(struct hold *h)
{
	struct hold_block *b = h->first;

	h->first = b->next;
	if (h->first == NULL)
		h->last = NULL;
	munmap(b, sizeof(*b) + b->cap);
}

static int
keep(struct hold *h, const char *p, size_t n)
{
	struct hold_block *b = h->last;

	if (b == NULL || b->cap - b->to < n) {
		if ((b = block_new(n)) == NULL)
			return -1;
		if (h->last != NULL)
			h->last->next = b;
		else
			h->first = b;
		h->last = b;
	}
	memcpy(b->p + b->to, p, n);
	b->to += n;
	h->len += n;
	return 0;
}

int
hold_put(struct hold *h, const void *p, size_t n)
{
	size_t done = h->len == 0 ? h->put(h->arg, p, n, &h->why) : 0;

	if (done == n)
		return 0;
	if (keep(h, (const char *)p + done, n - done) != 0)
		return fault_sys(&h->why, 0, "what waits for the disk");
	return 1;
}

int
hold_retry(struct hold *h)
{
	size_t turn = 0, n, done;

	while (h->len > 0) {
		struct hold_block *b = h->first;

		if (turn >= HOLD_TURN)
			return 1;
		n = b->to - b->from;
		done = h->put(h->arg, b->p + b->from, n, &h->why);
		h->len -= done;
		b->from += done;
		turn += done;
		if (done < n)
			return -1;
		drop_first(h);
	}
	return 0;
}

bool
hold_over(const struct hold *h)
{
	return h->len > h->max;
}

void
hold_free(struct hold *h)
{
	while (h->first != NULL)
		drop_first(h);
	h->len = 0;
}
