#include "hold.h"

int
hold_put(struct hold *h, const void *p, size_t n)
{
	if (h->b.len == 0 && h->put(h->arg, p, n, &h->why) == 0)
		return 0;
	if (buf_add(&h->b, p, n) != 0)
		return fault_sys(&h->why, 0, "what waits for the disk");
	return 1;
}

int
hold_retry(struct hold *h)
{
	if (h->b.len == 0)
		return 0;
	if (h->put(h->arg, h->b.p, h->b.len, &h->why) != 0)
		return -1;
	buf_free(&h->b);		/* it may have grown large */
	return 0;
}

bool
hold_over(const struct hold *h)
{
	return h->b.len > h->max;
}

void
hold_free(struct hold *h)
{
	buf_free(&h->b);
}
