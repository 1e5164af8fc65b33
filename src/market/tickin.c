#include <stddef.h>
#include <string.h>

#include "clk.h"
#include "kite.h"
#include "num.h"
#include "tickin.h"

/* What a column holds, and where it goes to. */
enum what { RECV, TIME, U32, PRICE };

#define COL(name, what, member) { name, what, offsetof(struct tick, member) }
#define LEVEL(side, name, i) \
	COL(name "q" #i, U32, side[i].qty), \
	COL(name "p" #i, PRICE, side[i].price_e7), \
	COL(name "o" #i, U32, side[i].orders)
#define SIDE(side, name) LEVEL(side, name, 0), LEVEL(side, name, 1), \
	LEVEL(side, name, 2), LEVEL(side, name, 3), LEVEL(side, name, 4)

static const struct column {
	const char	*name;
	enum what	 what;
	size_t		 at;	/* in struct tick */
} columns[] = {
	{ "recvTime", RECV, 0 },
	COL("instrument_token", U32, token),
	COL("price", PRICE, price_e7),
	COL("timestamp", TIME, exch_s),
	COL("qty", U32, qty),
	COL("avgPrice", PRICE, avg_e7),
	COL("volume", U32, volume),
	COL("bQty", U32, buy_qty),
	COL("sQty", U32, sell_qty),
	COL("open", PRICE, open_e7),
	COL("high", PRICE, high_e7),
	COL("low", PRICE, low_e7),
	COL("close", PRICE, close_e7),
	COL("lastTradeTime", TIME, trade_s),
	COL("oi", U32, oi),
	COL("oiHigh", U32, oi_high),
	COL("oiLow", U32, oi_low),
	SIDE(buy, "b"),
	SIDE(sell, "s"),
};
enum {
	NCOLUMNS = sizeof(columns) / sizeof(*columns),
	NEEDED = 3		/* the first so many */
};
_Static_assert(NCOLUMNS <= (int)TICKIN_COLS, "TICKIN_COLS");

int
tickin_open(struct tickin *in, struct tsv *rows, struct fault *f)
{
	for (int i = 0; i < NCOLUMNS; i++) {
		in->col[i] = tsv_col(rows, columns[i].name);
		if (i < NEEDED && in->col[i] == -1)
			return fault_set(f, EX_DATAERR, "%s: no column %s",
			    rows->name, columns[i].name);
	}
	return 0;
}

static int
take(const struct column *c, const char *text, struct tick *t,
    int64_t *recv_us)
{
	char *to = (char *)t + c->at;
	int64_t us;

	switch (c->what) {
	case RECV:
		return clk_from_ist(text, recv_us);
	case TIME:
		if (clk_from_ist(text, &us) != 0 || us < 0 ||
		    us / US_PER_SEC > UINT32_MAX)
			return -1;
		*(uint32_t *)(void *)to = (uint32_t)(us / US_PER_SEC);
		return 0;
	case U32:
		return num_u32(text, (uint32_t *)(void *)to);
	case PRICE:
		return num_e7(text, (int64_t *)(void *)to);
	}
	return -1;
}

int
tickin_row(const struct tickin *in, const struct tsv *rows, struct tick *t,
    int64_t *recv_us, struct fault *f)
{
	memset(t, 0, sizeof(*t));
	for (int i = 0; i < NCOLUMNS; i++) {
		const char *text;

		if (in->col[i] == -1)
			continue;
		text = rows->f[in->col[i]];
		if (tsv_null(text) && i >= NEEDED)
			continue;
		if (take(&columns[i], text, t, recv_us) != 0)
			return fault_set(f, EX_DATAERR, "%s:%ld: %s is '%.40s'",
			    rows->name, rows->line, columns[i].name, text);
	}
	t->kind = (t->token & 0xff) == KITE_INDICES ? TICK_INDEX_FULL :
	    TICK_FULL;
	return 0;
}
