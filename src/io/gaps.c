#include <stdio.h>
#include <string.h>

#include "clk.h"
#include "gaps.h"
#include "msg.h"
#include "num.h"
#include "status.h"

enum {				/* longest wait for the disk to have the ledger */
	START_MS = 10000,
	TICK_MS = 100
};

/* Which connections have brought ticks all the time since then. */
static unsigned
up_since(const struct gaps *g, int64_t from_us)
{
	unsigned up = g->up;

	for (unsigned i = 0; i < KITE_CONNS_MAX; i++)
		if (g->back_us[i] > from_us)
			up &= ~(1u << i);
	return up;
}

static void
begin(struct gaps *g, uint32_t conn, int64_t from_us, enum ledger_cause cause,
    const char *reason)
{
	struct ledger_gap gap = { .from_us = from_us, .conn = conn,
	    .cause = cause };

	g->up &= ~(1u << (conn - 1));
	gap.instruments = plan_alone(g->plan, conn, up_since(g, from_us));
	snprintf(gap.reason, sizeof(gap.reason), "%s", reason);
	ledger_begin(&g->ledger, &gap);
	g->told[conn - 1] = true;
}

/* ---- what there is at the start ---- */

/* When the last row of a run before this one came, and on which connection; 0
 * when there is none. */
static int64_t
last_row(const char *last, int64_t *conn)
{
	char at[CLK_TEXT], number[8];
	int64_t us;
	const char *s;

	*conn = 0;
	if (last == NULL || (s = strchr(last, '\t')) == NULL)
		return 0;
	snprintf(at, sizeof(at), "%.*s", (int)strcspn(s + 1, "\t"), s + 1);
	if (clk_from_ist(at, &us) != 0)
		return 0;
	if ((s = strchr(s + 1, '\t')) != NULL) {
		snprintf(number, sizeof(number), "%.*s",
		    (int)strcspn(s + 1, "\t"), s + 1);
		(void)num_i64(number, 1, KITE_CONNS_MAX, conn);
	}
	return us;
}

/*
 * The time between a run before this one and this is a gap; one that was open
 * then goes on.  Of the connection that brought the last row it begins there;
 * others may have been lost long before.
 */
static void
gap_of_restart(struct gaps *g, const struct gaps_spec *s)
{
	struct status_left left = status_read(s->status);
	int64_t conn, last_us = last_row(s->last, &conn);
	char reason[80];

	for (unsigned i = 0; i < s->plan->conns; i++) {
		int64_t from = last_us;

		if (left.heard_us[i] != 0 && i + 1 != conn &&
		    (from == 0 || left.heard_us[i] < from))
			from = left.heard_us[i];
		if (from == 0 || (left.stopped &&
		    ledger_since(&g->ledger, i + 1) != 0))
			continue;	/* it has said so itself */
		snprintf(reason, sizeof(reason), "das-tick was %s%s",
		    left.stopped ? "stopped" : "killed", from > s->now_us ?
		    ", and the clock set back" : "");
		begin(g, i + 1, from > s->now_us ? s->now_us : from,
		    left.stopped ? LEDGER_STOPPED : LEDGER_KILLED, reason);
	}
}

/* Nothing is known of a connection yet, and the market is or was open. */
static void
late(struct gaps *g, uint32_t conn, int64_t now_us)
{
	if (!g->told[conn - 1] && now_us > g->open_us)
		begin(g, conn, g->open_us, LEDGER_LATE,
		    "not connected at the market's open");
}

int
gaps_open(struct gaps *g, const struct gaps_spec *s, struct fault *f)
{
	struct fault why;
	int rc;

	*g = (struct gaps){ .on = true, .plan = s->plan,
	    .open_us = session_open(s->session) };
	snprintf(g->path, sizeof(g->path), "%s/gaps.tsv", s->dir);
	if ((rc = ledger_open(&g->ledger, g->path, s->plan->conns,
	    s->now_us, &why)) == 1)
		msg_warnx("%s", why.text);
	if (rc == -1) {
		g->on = false;
		if (f != NULL)
			*f = why;
		return -1;
	}
	gap_of_restart(g, s);
	for (uint32_t i = 1; i <= s->plan->conns; i++) {
		g->told[i - 1] |= ledger_since(&g->ledger, i) != 0;
		late(g, i, s->now_us);
	}
	/*
	 * Before a row can come that ends a gap: who is killed right behind it
	 * leaves the gap open in the file, and so at worst a longer one.  What
	 * the disk refuses is told by gaps_tend().
	 */
	(void)ledger_wait(&g->ledger, START_MS);
	return 0;
}

/* ---- connections ---- */

void
gaps_lost(struct gaps *g, uint32_t conn, int64_t from_us,
    enum ledger_cause cause, const char *reason)
{
	if (g->on)
		begin(g, conn, from_us, cause, reason);
}

void
gaps_down(struct gaps *g)
{
	g->up = 0;
}

void
gaps_opened(struct gaps *g, uint32_t conn, int64_t at_us)
{
	if (!g->on)
		return;
	late(g, conn, at_us);
	g->told[conn - 1] = true;
}

void
gaps_ticked(struct gaps *g, uint32_t conn, int64_t at_us)
{
	g->up |= 1u << (conn - 1);
	if (!g->on || ledger_since(&g->ledger, conn) == 0)
		return;
	/* As at the start; usually it has long been written. */
	(void)ledger_wait(&g->ledger, TICK_MS);
	ledger_end(&g->ledger, conn, at_us);
	g->back_us[conn - 1] = at_us;
}

int64_t
gaps_since(const struct gaps *g, uint32_t conn)
{
	return g->on ? ledger_since(&g->ledger, conn) : 0;
}

/* ---- every second ---- */

/* A row for what the clocks did between two looks; from_us is the earlier. */
static void
jumped(struct gaps *g, enum ledger_cause cause, int64_t from_us, int64_t to_us,
    int64_t by_us)
{
	struct ledger_gap gap = { .from_us = from_us, .to_us = to_us,
	    .cause = cause, .resolved = true,
	    .instruments = g->on && cause == LEDGER_SLEPT ? g->plan->n : 0 };
	double s = (double)by_us / US_PER_SEC;

	if (cause == LEDGER_SLEPT)
		snprintf(gap.reason, sizeof(gap.reason),
		    "the machine slept for %.1f s", s);
	else
		snprintf(gap.reason, sizeof(gap.reason),
		    "the clock was set %s by %.3f s", s < 0 ? "back" :
		    "forward", s < 0 ? -s : s);
	msg_warnx("%s", gap.reason);
	if (g->on)
		ledger_add(&g->ledger, &gap);
}

/* The wall time that a clock skipped, or shows a second time, is in the
 * ledger: there, silence or disorder in recvTime is no one's loss. */
static void
look_at_clocks(struct gaps *g)
{
	int64_t before = g->looked_us, now = clk_now();
	struct clk_all c = clk_all();
	int64_t step;

	g->looked_us = now;
	if (!jump_look(&g->jump, &c))
		return;
	step = g->jump.stepped_us;
	if (g->jump.slept_us != 0)
		jumped(g, LEDGER_SLEPT, before, now - step > before ?
		    now - step : before, g->jump.slept_us);
	if (step > 0)
		jumped(g, LEDGER_CLOCK, now - step, now, step);
	else if (step < 0)
		jumped(g, LEDGER_CLOCK, now, now - step, step);
}

void
gaps_tend(struct gaps *g)
{
	struct fault f;
	bool behind;

	look_at_clocks(g);
	if (!g->on)
		return;
	behind = ledger_behind(&g->ledger, &f);
	if (behind && !g->behind)
		msg_warnx("%s; the ledger is written when that has passed",
		    f.text);
	if (!behind && g->behind)
		msg_warnx("%s is written again", g->path);
	g->behind = behind;
}

/* ---- the end ---- */

void
gaps_unwritten(struct gaps *g, int64_t from_us, int64_t to_us,
    const char *reason)
{
	struct ledger_gap gap = { .from_us = from_us, .to_us = to_us,
	    .cause = LEDGER_DISK };

	if (!g->on)
		return;
	gap.instruments = g->plan->n;
	snprintf(gap.reason, sizeof(gap.reason), "%s", reason);
	ledger_add(&g->ledger, &gap);
}

void
gaps_done(struct gaps *g, int64_t to_us)
{
	look_at_clocks(g);
	if (g->on)
		ledger_give_up(&g->ledger, to_us);
}

void
gaps_stopped(struct gaps *g, int64_t at_us)
{
	look_at_clocks(g);
	gaps_down(g);
	for (uint32_t i = 1; g->on && i <= g->plan->conns; i++)
		begin(g, i, at_us, LEDGER_STOPPED, "das-tick was stopped");
}

int
gaps_close(struct gaps *g, struct fault *f)
{
	return g->on ? ledger_close(&g->ledger, f) : 0;
}
