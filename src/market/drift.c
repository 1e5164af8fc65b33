#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "drift.h"

void
drift_tick(struct drift *d, int64_t recv_us, uint32_t exch_s, uint32_t before_s)
{
	int64_t lag = recv_us - exch_s * US_PER_SEC;

	if (exch_s == 0)
		return;
	if (lag < -US_PER_DAY || (lag > US_PER_DAY && before_s != 0 &&
	    exch_s != before_s)) {
		d->strange++;
		d->strange_us = lag;
	} else if (before_s != 0 && exch_s > before_s)
		d->lag_us[d->ticks++ % DRIFT_TICKS] = lag;
}

static int
compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int
drift_look(struct drift *d, int64_t limit_us)
{
	int64_t lag[DRIFT_TICKS];
	bool was = d->off;

	if (d->ticks - d->looked < DRIFT_TICKS)
		return 0;
	d->looked = d->ticks;
	memcpy(lag, d->lag_us, sizeof(lag));
	qsort(lag, DRIFT_TICKS, sizeof(*lag), compare);
	d->known = lag[DRIFT_TICKS / 4] - lag[DRIFT_ODD] <= limit_us;
	if (!d->known)
		return 0;
	d->offset_us = lag[DRIFT_ODD];
	d->off = llabs(d->offset_us) > limit_us;
	return d->off != was;
}
