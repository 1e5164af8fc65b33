#include <stdio.h>
#include <string.h>

#include "clk.h"
#include "lines.h"
#include "msg.h"

enum { NAMED_MAX = 10 };

void
lines_opened(struct lines *w, uint32_t conn)
{
	confirm_opened(&w->feed->confirm, conn, clk_mono());
}

void
lines_lost(struct lines *w, uint32_t conn)
{
	confirm_lost(&w->feed->confirm, conn);
}

size_t
lines_unconfirmed(const struct lines *w)
{
	size_t n = 0;

	for (uint32_t c = 1; c <= w->plan->conns; c++)
		n += confirm_missing(&w->feed->confirm, c, NULL, 0);
	return n;
}

static void
say_missing(const struct lines *w, uint32_t conn, const uint32_t *which,
    size_t n)
{
	char names[NAMED_MAX * (sizeof(w->set->v[0].tradingsymbol) + 2)] = "";
	size_t len = 0;

	for (size_t k = 0; k < n && k < NAMED_MAX; k++)
		len += (size_t)snprintf(names + len, sizeof(names) - len,
		    "%s%s", k > 0 ? ", " : "",
		    w->set->v[which[k]].tradingsymbol);
	msg_warnx("connection %u: %zu of %zu instruments do not come in full "
	    "mode, asked for again: %s%s", conn, n, w->plan->share[conn - 1].n,
	    names, n > NAMED_MAX ? " ..." : "");
}

static void
ask_again(struct lines *w, uint32_t conn, bool say)
{
	static uint32_t which[KITE_TOKENS_MAX];
	size_t n = confirm_missing(&w->feed->confirm, conn, which,
	    KITE_TOKENS_MAX);
	struct fault f;

	if (say)
		say_missing(w, conn, which, n);
	for (size_t k = 0; k < n; k++)
		which[k] = w->set->v[which[k]].token;
	if (ticker_ask(w->ticker, conn, which, n, &f) != 0)
		msg_info("%s", f.text);		/* the next round asks again */
}

void
lines_turn(struct lines *w)
{
	for (uint32_t c = 1; c <= w->plan->conns; c++) {
		enum confirm_say what = confirm_turn(&w->feed->confirm, c,
		    clk_mono());

		if (what == CONFIRM_ALL)
			msg_warnx("connection %u: all %zu instruments come in "
			    "full mode now", c, w->plan->share[c - 1].n);
		else if (what != CONFIRM_QUIET)
			ask_again(w, c, what == CONFIRM_ASK_FIRST);
	}
}
