#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "clk.h"
#include "feed.h"
#include "profile.h"
#include "stop.h"
#include "ticker.h"
#include "verdict.h"
#include "wsurl.h"

enum { TURN_MS = 50, CONNECT_S = 45 };

struct look {
	struct feed	 feed;
	struct plan	 plan;		/* of the one connection */
	struct ticker	*ticker;
	int64_t		 opened;	/* clk_mono(); 0 not yet */
	int64_t		 first;		/* packet */
	bool		 lost;
	struct fault	 why;
};

/* ---- what the connection says ---- */

static void
on_opened(uint32_t conn, void *arg)
{
	struct look *k = arg;

	k->opened = clk_mono();
	feed_opened(&k->feed, conn, clk_now());
}

static void
on_frame(uint32_t conn, enum capture_kind kind, const uint8_t *p, size_t n,
    bool broken, void *arg)
{
	struct look *k = arg;
	const struct capture_frame c = { .recv_us = clk_now(), .conn = conn,
	    .kind = kind, .p = p, .len = n };

	if (kind != CAPTURE_BINARY || broken)
		return;
	(void)feed_frame(&k->feed, &c);	/* rejects are not what we look for */
	buf_reset(&k->feed.rows);
	if (k->first == 0 && k->feed.count.ticks > 0)
		k->first = clk_mono();
}

static void
on_lost(uint32_t conn, bool open, enum ledger_cause cause,
    const struct fault *why, void *arg)
{
	struct look *k = arg;

	(void)conn;
	k->lost = true;
	if (cause == LEDGER_HTTP && why->ex == EX_NOPERM)
		ticker_no_plan(why, &k->why);
	else
		fault_set(&k->why, why->ex, "%s%s", why->text, open ?
		    ", right after it was made" : "");
}

/* ---- looking ---- */

static size_t
confirmed(const struct look *k)
{
	return k->plan.n - confirm_missing(&k->feed.confirm, 1, NULL, 0);
}

/* Until all is there, the time is over, or it goes wrong. */
static int
wait_for_packets(struct look *k, struct fault *f)
{
	int64_t begun = clk_mono(), end;

	do {
		if (stop_asked())
			return fault_set(f, EX_TEMPFAIL, "stopped");
		if (ticker_turn(k->ticker, TURN_MS, f) != 0)
			return -1;
		if (k->lost)
			return fault_set(f, k->why.ex, "%s", k->why.text);
		end = k->opened != 0 ? k->opened + VERDICT_LOOK_S *
		    US_PER_SEC : begun + CONNECT_S * US_PER_SEC;
	} while (clk_mono() < end && confirmed(k) < k->plan.n);
	if (k->opened == 0)
		return fault_set(f, EX_TEMPFAIL, "no connection within %d s",
		    CONNECT_S);
	if (confirmed(k) == 0)
		return fault_set(f, EX_DATAERR, "the ticker takes us, but in %d "
		    "s brought no packet in full mode of %zu instruments; are "
		    "they of today? run das-lookup", VERDICT_LOOK_S, k->plan.n);
	return 0;
}

static int
look(struct look *k, const struct conf *conf, const struct inst_set *set,
    struct fault *f)
{
	struct ticker_spec spec = {
		.url = conf_str(conf, "kiteTickerUrl"),
		.api_key = conf_str(conf, "apiKey"),
		.token_file = conf_str(conf, "tokenFile"),
		.cafile = conf_str(conf, "caFile"),
		.plan = &k->plan,
		.calls = { on_opened, on_frame, on_lost },
		.arg = k,
	};
	uint32_t *token = calloc(set->n + 1, sizeof(*token));
	int rc = -1;

	if (token == NULL)
		return fault_sys(f, 0, "instruments");
	for (size_t i = 0; i < set->n; i++)
		token[i] = set->v[i].token;
	spec.token = token;
	if (feed_init(&k->feed, set, f) == 0 &&
	    feed_plan(&k->feed, &k->plan, f) == 0 &&
	    ticker_open(&k->ticker, &spec, f) == 0)
		rc = wait_for_packets(k, f);
	ticker_close(k->ticker, 500);
	free(token);
	return rc;
}

/* ---- the verdict ---- */

/* Whose token it is; what the broker says of it and of our clock. */
static int
ask_broker(const struct conf *conf, struct profile *p, int64_t *age_s,
    struct fault *f)
{
	const char *path = conf_str(conf, "tokenFile");
	char access[ACCESS_MAX], at[CLK_TEXT];
	int64_t made, off_s;
	struct fault why;
	int rc;

	if (access_read(path, access, &made, f) != 0)
		return -1;
	rc = profile_get(conf, access, p, &why);
	explicit_bzero(access, sizeof(access));
	*age_s = (clk_now() - made) / US_PER_SEC;
	off_s = p->ahead_us / US_PER_SEC;
	if (p->timed && llabs(off_s) > VERDICT_CLOCK_S)
		return fault_set(f, EX_CONFIG, "the clock of this machine is %"
		    PRId64 " s %s; set it, and keep it with NTP",
		    (int64_t)llabs(off_s), off_s > 0 ? "fast" : "slow");
	if (rc == 0)
		return 0;
	if (why.ex != EX_NOPERM)
		return fault_set(f, why.ex, "%s", why.text);
	return fault_set(f, EX_NOPERM, "the broker refuses the access token of "
	    "%s: they all end at six in the morning, or apiKey is not its key; "
	    "run das-token", clk_to_ist_s(made / US_PER_SEC, at));
}

/* The first two characters, to tell two keys apart. */
static void
add_masked(struct status *s, const char *key, const char *secret)
{
	char text[16];

	snprintf(text, sizeof(text), "%.*s******", strlen(secret) > 6 ? 2 : 0,
	    secret);
	status_text(s, key, text);
}

static void
add_rows(struct status *s, const struct conf *conf, const struct look *k,
    const struct plan *plan)
{
	struct wsurl u = { 0 };

	(void)wsurl_read(&u, conf_str(conf, "kiteTickerUrl"));
	status_text(s, "url", u.origin);
	add_masked(s, "api_key", conf_str(conf, "apiKey"));
	status_number(s, "instruments", (int64_t)plan->n);
	status_number(s, "connections", plan->conns);
	status_number(s, "subscribed", (int64_t)k->plan.n);
	status_number(s, "confirmed", (int64_t)confirmed(k));
	status_number(s, "packets", (int64_t)k->feed.count.ticks);
	status_number(s, "first_packet_ms", k->first == 0 ? -1 :
	    (k->first - k->opened) / US_PER_MS);
}

int
verdict_make(const struct conf *conf, const struct inst_set *set,
    const struct plan *plan, struct status *s, size_t *missing,
    struct fault *f)
{
	struct look k = { 0 };
	struct profile p;
	int64_t age_s;
	int rc;

	if (conf_is_placeholder(conf, "apiKey"))
		return fault_set(f, EX_CONFIG, "%s: key apiKey has its default "
		    "still", conf_file(conf));
	if (ask_broker(conf, &p, &age_s, f) != 0 ||
	    plan_make(&k.plan, plan->n < KITE_TOKENS_MAX ? plan->n :
	    KITE_TOKENS_MAX, 1, f) != 0)
		return -1;
	if ((rc = look(&k, conf, set, f)) == 0) {
		status_text(s, "user", p.user_id);
		status_number(s, "token_age_s", age_s);
		if (p.timed)
			status_number(s, "clock_ahead_ms",
			    p.ahead_us / US_PER_MS);
		else
			status_text(s, "clock_ahead_ms", NULL);
		add_rows(s, conf, &k, plan);
		*missing = k.plan.n - confirmed(&k);
		rc = s->bad ? fault_sys(f, 0, "verdict") : 0;
	}
	feed_free(&k.feed);
	return rc;
}
