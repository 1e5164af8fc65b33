#include "clk.h"
#include "retry.h"
#include "stop.h"

struct retry
retry_start(int64_t count, int64_t delay_s)
{
	return (struct retry){ .count = count, .delay_s = delay_s };
}

bool
retry_again(struct retry *r)
{
	if (r->tried >= r->count || stop_asked())
		return false;
	if (r->tried > 0 && stop_sleep(r->delay_s * US_PER_SEC))
		return false;
	r->tried++;
	return true;
}

bool
retry_last(const struct retry *r)
{
	return r->tried >= r->count;
}
