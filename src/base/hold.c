#include <string.h>

#include "hold.h"

int
hold_put(struct hold *h, const void *p, size_t n)
{
	size_t done = h->b.len == 0 ? h->put(h->arg, p, n, &h->why) : 0;

	if (done == n)
		return 0;
	if (buf_add(&h->b, (const char *)p + done, n - done) != 0)
		return fault_sys(&h->why, 0, "what waits for the disk");
	return 1;
}

int
hold_retry(struct hold *h)
{
	size_t done;

	if (h->b.len == 0)
		return 0;
	done = h->put(h->arg, h->b.p, h->b.len, &h->why);
	if (done < h->b.len) {
		h->b.len -= done;
		memmove(h->b.p, h->b.p + done, h->b.len);
		return -1;
	}
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
