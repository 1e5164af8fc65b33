#include "plan.h"

static int
too_many(size_t n, unsigned copies, size_t most, struct fault *f)
{
	if (copies == 1)
		return fault_set(f, EX_DATAERR, "%zu instruments, the broker "
		    "takes %zu (%d connections of %d); take some out of the "
		    "list or out of underlyings", n, most, KITE_CONNS_MAX,
		    KITE_TOKENS_MAX);
	return fault_set(f, EX_DATAERR, "%zu instruments, the broker takes %zu "
	    "with each on two of %d connections of %d; take some out of the "
	    "list or out of underlyings, or set captureLines to 1", n, most,
	    KITE_CONNS_MAX, KITE_TOKENS_MAX);
}

int
plan_make(struct plan *p, size_t n, unsigned copies, struct fault *f)
{
	const size_t most = (size_t)KITE_TOKENS_MAX * KITE_CONNS_MAX / copies;

	if (n > most)
		return too_many(n, copies, most, f);
	*p = (struct plan){ .n = n, .copies = copies };
	p->conns = (unsigned)((n * copies + KITE_TOKENS_MAX - 1) /
	    KITE_TOKENS_MAX);
	if (n > 0 && p->conns < copies)
		p->conns = copies;
	/* Each connection has as many parts, one behind the other, as an
	 * instrument has connections; all of them where it has all. */
	for (unsigned c = 0; c < p->conns; c++) {
		size_t from = n * c / p->conns;

		p->share[c].from = from;
		for (unsigned k = c; k < c + copies; k++)
			p->share[c].n += n * (k % p->conns + 1) / p->conns -
			    n * (k % p->conns) / p->conns;
	}
	return 0;
}

size_t
plan_item(const struct plan *p, uint32_t conn, size_t k)
{
	return (p->share[conn - 1].from + k) % p->n;
}

bool
plan_has(const struct plan *p, uint32_t conn, size_t i)
{
	size_t from = p->share[conn - 1].from;

	return (i >= from ? i - from : i + p->n - from) <
	    p->share[conn - 1].n;
}

size_t
plan_alone(const struct plan *p, uint32_t conn, unsigned others)
{
	size_t alone = 0;

	for (size_t k = 0; k < p->share[conn - 1].n; k++) {
		size_t i = plan_item(p, conn, k);
		bool there = false;

		for (uint32_t c = 1; c <= p->conns; c++)
			there |= c != conn && (others >> (c - 1) & 1) != 0 &&
			    plan_has(p, c, i);
		alone += !there;
	}
	return alone;
}
