#include "clk.h"
#include "quiet.h"

static int64_t
limit_of(const struct quiet *q, int limit_s)
{
	int64_t s = limit_s;

	for (unsigned i = 0; i < q->vain && s < QUIET_LONGEST_S; i++)
		s *= 2;
	/* A limit that is longer to begin with stays as it is. */
	return s > QUIET_LONGEST_S && limit_s < QUIET_LONGEST_S ?
	    QUIET_LONGEST_S : s;
}

int
quiet_look(struct quiet *q, int64_t now, bool counts, uint64_t ticks,
    int limit_s)
{
	bool came = ticks != q->ticks;
	int64_t quiet_s;

	q->ticks = ticks;
	if (came)
		q->vain = 0;
	if (!counts || limit_s == 0) {
		q->since = 0;
		return 0;
	}
	if (came || q->since == 0)
		q->since = now;
	quiet_s = (now - q->since) / US_PER_SEC;
	if (quiet_s < limit_of(q, limit_s))
		return 0;
	q->vain++;
	q->since = 0;
	return (int)quiet_s;
}
