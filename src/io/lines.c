#include <stdio.h>
#include <string.h>

#include "clk.h"
#include "lines.h"
#include "msg.h"

enum { NAMED_MAX = 10 };

/* ---- the access token ---- */

static int
refused(struct lines *w, const struct fault *why, struct fault *f)
{
	w->refusal = *why;
	renew_refused(&w->renew);
	if (w->ever_open) {
		if (!w->waits && *conf_str(w->conf, "tokenCommand") == '\0')
			msg_warnx("waiting for a new access token; run "
			    "das-token");
		w->waits = true;
		return 0;
	}
	if (w->renewed)
		return ticker_no_plan(&w->refusal, f);
	return *conf_str(w->conf, "tokenCommand") != '\0' ? 0 :
	    fault_set(f, why->ex, "%s", why->text);
}

/* tokenCommand has ended. */
static int
renewed(struct lines *w, struct fault *f)
{
	w->renewed = true;
	if (!ticker_refused(w->ticker))
		return 0;		/* a new one, and it is being tried */
	if (!w->ever_open)
		return ticker_no_plan(&w->refusal, f);
	msg_warnx("%s has made no new access token; waiting for one",
	    w->renew.command);
	return 0;
}

static int
renew_failed(struct lines *w, const struct fault *why, struct fault *f)
{
	if (!w->ever_open && (why->ex == EX_NOPERM || why->ex == EX_CONFIG))
		return fault_set(f, EX_NOPERM, "%s; %s", w->refusal.text,
		    why->text);
	msg_warnx("%s; waiting for a new access token", why->text);
	return 0;
}

static int
tend_token(struct lines *w, struct fault *f)
{
	struct fault why;

	w->renew.command = conf_str(w->conf, "tokenCommand");
	w->renew.config = conf_file(w->conf);
	switch (renew_turn(&w->renew, &why)) {
	case RENEW_RUNS:
		msg_warnx("%s is run for a new access token",
		    w->renew.command);
		return 0;
	case RENEW_DONE:
		return renewed(w, f);
	case RENEW_FAILED:
		return renew_failed(w, &why, f);
	default:
		return 0;
	}
}

/* ---- instruments that do not come ---- */

static size_t
unconfirmed(const struct lines *w)
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

static void
tend_confirm(struct lines *w)
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

/* ---- ticks that do not come ---- */

void
lines_hours(struct lines *w, const struct cal *cal, int32_t day)
{
	static uint32_t share[KITE_TOKENS_MAX];

	for (uint32_t c = 1; c <= w->plan->conns; c++) {
		size_t n = w->plan->share[c - 1].n;

		for (size_t k = 0; k < n; k++)
			share[k] = w->set->v[plan_item(w->plan, c, k)].token;
		session_make(&w->session[c - 1], cal, day, w->set, share, n);
	}
}

static void
tend_quiet(struct lines *w)
{
	int limit_s = (int)conf_int(w->conf, "tickSilenceSeconds");
	struct fault why;

	for (uint32_t c = 1; c <= w->plan->conns; c++) {
		bool counts = ticker_is_open(w->ticker, c) &&
		    session_at(&w->session[c - 1], clk_now()) != NULL;
		int s = quiet_look(&w->quiet[c - 1], clk_mono(), counts,
		    feed_fresh(w->feed, c), limit_s);

		if (s == 0)
			continue;
		fault_set(&why, EX_TEMPFAIL, "no tick for %d s though the "
		    "market trades", s);
		ticker_give_up(w->ticker, c, LEDGER_NOTICKS, &why);
	}
}

/* ---- all of it ---- */

void
lines_opened(struct lines *w, uint32_t conn)
{
	confirm_opened(&w->feed->confirm, conn, clk_mono());
	renew_accepted(&w->renew);
	w->ever_open = true;
	w->renewed = false;
	w->waits = false;
}

int
lines_lost(struct lines *w, uint32_t conn, const struct fault *why,
    struct fault *f)
{
	confirm_lost(&w->feed->confirm, conn);
	arbiter_lost(&w->feed->arbiter, conn);
	if (why->ex == EX_NOPERM)
		return refused(w, why, f);
	return why->ex == EX_TEMPFAIL || w->ever_open ? 0 :
	    fault_set(f, why->ex, "%s", why->text);
}

int
lines_turn(struct lines *w, struct fault *f)
{
	tend_confirm(w);
	tend_quiet(w);
	arbiter_sweep(&w->feed->arbiter, clk_now());
	return tend_token(w, f);
}

void
lines_status(const struct lines *w, struct status *s)
{
	char key[24];

	status_number(s, "unconfirmed", (int64_t)unconfirmed(w));
	status_number(s, "arbitrated", (int64_t)w->feed->count.arbitrated);
	for (unsigned i = 0; w->plan->copies > 1 && i < w->plan->conns; i++) {
		snprintf(key, sizeof(key), "missed_%u", i + 1);
		status_number(s, key, (int64_t)w->feed->arbiter.missed[i]);
	}
}

void
lines_close(struct lines *w)
{
	renew_close(&w->renew);
}
