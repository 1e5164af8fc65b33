/*
 * hol - the holidays that two web sites tell: no list, or one of days that are,
 * with names and sessions that end
 */
#include <string.h>

#include "clk.h"
#include "fuzz.h"
#include "hol.h"

static void
look(int (*read)(struct hol *, const char *, size_t, struct fault *),
    const uint8_t *p, size_t n)
{
	struct hol h = { 0 };
	struct fault f = { .ex = 0 };
	bool closed = false;
	char day[CLK_DAY];
	int32_t same;

	if (read(&h, (const char *)p, n, &f) != 0) {
		MUST(f.ex != 0 && f.text[0] != '\0');
		hol_free(&h);
		return;
	}
	MUST(h.n > 0 && h.n <= HOL_DAYS_MAX);
	for (size_t i = 0; i < h.n; i++) {
		const struct hol_day *d = &h.v[i];

		MUST(clk_day_from(clk_day_to(d->day, day), &same) == 0);
		MUST(same == d->day && d->n <= HOL_EXCHANGES);
		MUST(memchr(d->note, '\0', sizeof(d->note)) != NULL);
		MUST(hol_find(&h, d->day) != NULL && hol_covers(&h, d->day));
		closed |= d->closed;
	}
	MUST(closed);
	hol_free(&h);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	look(hol_upstox, p, n);
	look(hol_nse, p, n);
	return 0;
}

void
fuzz_seeds(fuzz_add *add)
{
	static const char *const text[] = {
		"", "<html>", "{}", "[]", "{\"status\":\"success\",\"data\":[]}",
		"{\"status\":\"success\",\"data\":[{\"date\":\"2026-12-25\","
		"\"description\":\"Christmas\",\"holiday_type\":"
		"\"TRADING_HOLIDAY\",\"closed_exchanges\":[\"NSE\",\"BSE\"],"
		"\"open_exchanges\":[{\"exchange\":\"MCX\",\"start_time\":"
		"1798200000000,\"end_time\":1798223100000}]}]}",
		"{\"CM\":[{\"tradingDate\":\"25-Dec-2026\",\"weekDay\":"
		"\"Friday\",\"description\":\"Christmas\",\"Sr_no\":14}],"
		"\"FO\":[{\"tradingDate\":\"25-Dec-2026\"}]}",
		"{\"CM\":[{\"tradingDate\":\"31-Feb-2026\"}]}"
	};

	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++)
		add(text[i], strlen(text[i]));
}
