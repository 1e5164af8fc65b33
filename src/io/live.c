#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access.h"
#include "clk.h"
#include "days.h"
#include "gaps.h"
#include "health.h"
#include "keep.h"
#include "lines.h"
#include "live.h"
#include "msg.h"
#include "session.h"
#include "status.h"
#include "stop.h"
#include "ticker.h"

enum {
	TURN_MS = 100,			/* of the event loop, at most */
	RAW_HOLD_MAX = 4 << 20,		/* raw frames that wait for the disk */
	LAST_S = 60,			/* for a full disk after the close, */
	STOP_S = 10,			/* and after a signal */
	STALL_MS = 1000,		/* a turn that took too long, and */
	STALLED_MS = 2000,		/* how long a lost line is its fault */
	GOODBYE_MS = 500
};

struct line {				/* a connection */
	int64_t	 heard_us;		/* its last whole message; 0 none */
	int64_t	 ticked_us;		/* its last tick, or when it opened */
	char	 told[sizeof(((struct fault *)NULL)->text)];	/* said already */
};

struct live {
	struct live_spec spec;
	struct record	*record;
	struct ticker	*ticker;
	struct lines	 lines;		/* what is expected of them */
	unsigned	 conns;		/* wanted */
	uint32_t	*token;		/* of the instruments */
	struct keep	 raw;
	struct gaps	 gaps;
	struct session	 session;	/* today's, of all instruments */
	struct health	 health;	/* the machine's */
	struct line	 line[KITE_CONNS_MAX];
	/* since when, and on which clock, this turn of the loop lasts; the same
	 * of one that took too long, and when that was over: 0 never */
	int64_t		 turn_us, turn_mono;
	int64_t		 stall_us, stalled_mono;
	bool		 follow;	/* the session, to its end */
	int64_t		 started_us, close_us;
	uint64_t	 reconnects;
	bool		 ever_open, disk_over;
	struct fault	 fatal;		/* ends the capture when ex is set */
	char		 status_path[SPOOL_PATH + 16];
	/* of write_status() before this one */
	int64_t		 shown_mono;
	uint64_t	 shown_ticks;
	bool		 status_bad;	/* said that it cannot be written */
};

static bool
to_spool(const struct live *l)
{
	return l->spec.out == NULL;
}

static bool
stalled(const struct live *l, int64_t mono)
{
	return l->stalled_mono != 0 &&
	    mono - l->stalled_mono < STALLED_MS * US_PER_MS;
}

/* Since when nothing is known of a connection. */
static int64_t
quiet_since(const struct live *l, unsigned i)
{
	int64_t since = l->line[i].heard_us != 0 ? l->line[i].heard_us :
	    l->started_us;

	return stalled(l, clk_mono()) && l->stall_us < since ? l->stall_us :
	    since;
}

/*
 * We or the machine stood still, or a write took long: what is received then is
 * older than it looks, and a server that cuts off who does not read has missed
 * us since.
 */
static void
mind_stall(struct live *l)
{
	int64_t mono = clk_mono();

	if (l->turn_mono == 0 || mono - l->turn_mono < STALL_MS * US_PER_MS)
		return;
	if (!stalled(l, mono))
		l->stall_us = l->turn_us;
	l->stalled_mono = mono;
}

/* ---- status.tsv ---- */

static const char *
state(const struct live *l)
{
	if (l->ticker == NULL)		/* over */
		return clk_now() >= l->close_us ? "closed" : "stopped";
	if (l->record->disk_full)
		return "disk full";
	if (ticker_open_conns(l->ticker) == l->conns)
		return "connected";
	return l->ever_open ? "reconnecting" : "connecting";
}

/* Ticks a second since the last time that this was asked. */
static int64_t
rate(struct live *l)
{
	int64_t mono = clk_mono(), since = mono - l->shown_mono;
	uint64_t ticks = l->record->feed.count.ticks;
	double r = l->shown_mono == 0 || since <= 0 ? 0 :
	    (double)(ticks - l->shown_ticks) * 1e6 / (double)since;

	l->shown_mono = mono;
	l->shown_ticks = ticks;
	return (int64_t)(r + 0.5);
}

static void
add_counts(const struct live *l, struct status *s)
{
	const struct record *r = l->record;
	const struct feed_count *n = &r->feed.count;
	const struct {
		const char *key;
		uint64_t value;
	} count[] = {
		{ "seen", n->seen }, { "seq", r->feed.seq },
		{ "ticks", n->ticks }, { "cached", n->cached },
		{ "repeats", n->repeats }, { "older", n->older },
		{ "unknown_tokens", n->strangers }, { "frames", n->frames },
		{ "heartbeats", n->heartbeats }, { "bytes", n->bytes },
		{ "texts", r->texts.count }, { "texts_lost", r->texts.lost },
		{ "rejects", n->rejects }, { "rejects_lost", r->rejects.lost },
		{ "fragments", r->fragments },
		{ "reconnects", l->reconnects }, { "gaps", l->gaps.ledger.rows },
		{ "queue_bytes", r->rows.len },
		{ "raw_frames", l->raw.frames }, { "raw_lost", l->raw.lost },
		{ "segment", r->spool.segment },
	};

	for (size_t i = 0; i < sizeof(count) / sizeof(*count); i++)
		status_number(s, count[i].key, (int64_t)count[i].value);
	for (size_t i = 0; i < REJECT_KINDS; i++)
		status_number(s, reject_name[i], (int64_t)r->why.count[i]);
}

/* When each connection was heard last, or since when its gap is: what the next
 * das-tick must know when this one is killed. */
static void
add_heard(const struct live *l, struct status *s)
{
	for (unsigned i = 0; i < KITE_CONNS_MAX; i++) {
		int64_t gap = gaps_since(&l->gaps, i + 1);

		if (gap == 0)
			gap = l->line[i].heard_us;
		if (gap != 0)
			status_conn(s, "heard", i + 1, gap);
	}
}

static void
write_status(struct live *l)
{
	const struct feed *feed = &l->record->feed;
	struct status s = { 0 };
	struct fault f;

	if (!to_spool(l))
		return;
	status_text(&s, "state", state(l));
	status_time(&s, "updated", clk_now());
	status_time(&s, "started", l->started_us);
	status_number(&s, "pid", getpid());
	status_time(&s, "last_tick", feed->last_us);
	status_number(&s, "lag_ms", feed->lag_us / US_PER_MS);
	status_number(&s, "connections", l->ticker != NULL ?
	    ticker_open_conns(l->ticker) : 0);
	status_number(&s, "connections_wanted", l->conns);
	status_number(&s, "subscribed", (int64_t)l->spec.set->n);
	lines_status(&l->lines, &s);
	status_number(&s, "ticks_per_second", rate(l));
	health_status(&l->health, &s);
	add_counts(l, &s);
	add_heard(l, &s);
	if (status_show(&s, l->status_path, &f) == 0)
		l->status_bad = false;
	else if (!l->status_bad) {
		msg_warnx("%s", f.text);
		l->status_bad = true;
	}
	buf_free(&s.b);
}

/* ---- what the connections bring ---- */

static void
keep_raw(struct live *l, const struct capture_frame *c)
{
	static bool said;

	if (l->spec.raw == NULL || keep_put(&l->raw, c) == 0)
		return;
	if (!said)
		msg_warnx("%s", l->raw.hold.why.text);
	said = true;
}

static void
take(struct live *l, const struct capture_frame *c, bool broken)
{
	struct fault f;

	if (!broken)		/* a part may have been on its way for long */
		l->line[c->conn - 1].heard_us = c->recv_us;
	keep_raw(l, c);
	if (record_take(l->record, c, broken, &f) != 0)
		l->fatal = f;
}

static void
on_opened(uint32_t conn, void *arg)
{
	struct live *l = arg;
	struct capture_frame c = { .recv_us = clk_now(), .conn = conn,
	    .kind = CAPTURE_OPEN, .p = (const uint8_t *)"" };

	l->ever_open = true;
	*l->line[conn - 1].told = '\0';
	l->line[conn - 1].ticked_us = c.recv_us;
	gaps_opened(&l->gaps, conn, c.recv_us);
	msg_warnx("connection %u of %u is open, %zu instruments", conn,
	    l->conns, ticker_tokens(l->ticker, conn));
	take(l, &c, false);
	lines_opened(&l->lines, conn);
}

static void
on_frame(uint32_t conn, enum capture_kind kind, const uint8_t *p, size_t n,
    bool broken, void *arg)
{
	struct live *l = arg;
	struct capture_frame c = { .recv_us = clk_now(), .conn = conn,
	    .kind = kind, .p = p, .len = n };
	const struct feed_count *count = &l->record->feed.count;
	uint64_t before = count->ticks + count->arbitrated;

	take(l, &c, broken);
	if (count->ticks + count->arbitrated == before)
		return;
	l->line[conn - 1].ticked_us = c.recv_us;
	gaps_ticked(&l->gaps, conn, c.recv_us);
}

/*
 * A failure before anything was ever open, and that trying again will not
 * cure, ends the program; everything else is tried again.
 */
static void
on_lost(uint32_t conn, bool open, enum ledger_cause cause,
    const struct fault *why, void *arg)
{
	struct live *l = arg;
	struct line *line = &l->line[conn - 1];

	if (lines_lost(&l->lines, conn, why, &l->fatal) != 0)
		return;
	mind_stall(l);
	if (open)
		l->reconnects++;
	if (strcmp(line->told, why->text) != 0)
		msg_warnx("connection %u: %s; trying again", conn, why->text);
	snprintf(line->told, sizeof(line->told), "%s", why->text);
	gaps_lost(&l->gaps, conn, cause == LEDGER_NOTICKS ? line->ticked_us :
	    quiet_since(l, conn - 1), cause, why->text);
}

/* ---- start ---- */

static int
make_ticker(struct live *l, struct fault *f)
{
	const struct conf *conf = l->spec.conf;
	struct ticker_spec spec = {
		.url = conf_str(conf, "kiteTickerUrl"),
		.api_key = conf_str(conf, "apiKey"),
		.token_file = conf_str(conf, "tokenFile"),
		.cafile = conf_str(conf, "caFile"),
		.token = l->token,
		.plan = l->spec.plan,
		.calls = { on_opened, on_frame, on_lost },
		.arg = l,
	};
	char access[ACCESS_MAX];
	int rc = 0;

	if (conf_is_placeholder(conf, "apiKey"))
		return fault_set(f, EX_CONFIG, "%s: key apiKey has its default "
		    "still", conf_file(conf));
	if (clk_now() < l->close_us)
		rc = access_read(spec.token_file, access, NULL, f);
	explicit_bzero(access, sizeof(access));
	if (rc != 0 || ticker_open(&l->ticker, &spec, f) != 0)
		return -1;
	l->conns = ticker_conns(l->ticker);
	l->lines.ticker = l->ticker;
	return 0;
}

static int
open_gaps(struct live *l, struct fault *f)
{
	const struct gaps_spec spec = {
		.dir = l->record->dir,
		.status = l->status_path,
		.last = l->record->spool.last,
		.plan = l->spec.plan,
		.session = &l->session,
		.now_us = l->started_us,
	};

	return gaps_open(&l->gaps, &spec, f);
}

static int
open_files(struct live *l, struct fault *f)
{
	const struct health_spec health = { .conf = l->spec.conf,
	    .record = l->record, .open_us = session_open(&l->session) };
	char day[CLK_DAY];

	if (!to_spool(l))
		return record_to_file(l->record, l->spec.out, f);
	if (health_open(&l->health, &health, f) != 0)
		return -1;
	clk_day_to(clk_day_of(l->started_us), day);
	if (record_to_spool(l->record, l->spec.conf, day, f) != 0)
		return -1;
	snprintf(l->status_path, sizeof(l->status_path), "%s/status.tsv",
	    l->record->dir);
	return open_gaps(l, f);
}

/* When the capture ends, as far as that is known now. */
static int64_t
closes_at(const struct live *l)
{
	int64_t moved = l->record->feed.moved_us;

	if (!l->follow)
		return l->close_us;
	if (l->session.n == 0)
		return l->started_us;
	return session_end(&l->session, moved > l->started_us ? moved :
	    l->started_us);
}

/*
 * Today's session, and when the capture ends.  Without a table nothing is known
 * of the market's hours, but there is a lot to capture.
 */
static void
set_hours(struct live *l)
{
	const struct conf *conf = l->spec.conf;
	struct session *s = &l->session;
	struct cal cal = { 0 };
	struct fault f;

	l->close_us = clk_day_start(clk_day_of(l->started_us)) +
	    (conf_int(conf, "marketCloseHour") * 60 +
	    conf_int(conf, "marketCloseMinute")) * 60 * US_PER_SEC;
	l->follow = strcmp(conf_str(conf, "marketClose"), "auto") == 0;
	if (days_load(&cal, conf, &f) != 0) {
		msg_warnx("%s: the market's hours are not known", f.text);
		l->follow = false;
	}
	session_make(s, &cal, clk_day_of(l->started_us), l->spec.set, NULL, 0);
	if (*s->unknown != '\0' && cal.nrule > 0)
		msg_warnx("sessions.tsv does not say when %s trades",
		    s->unknown);
	l->follow &= s->n > 0 || *s->unknown == '\0';
	l->close_us = closes_at(l);
	lines_hours(&l->lines, &cal, clk_day_of(l->started_us));
	cal_free(&cal);
}

static int
open_all(struct live *l, struct fault *f)
{
	const struct inst_set *set = l->spec.set;

	l->started_us = clk_now();
	l->lines = (struct lines){ .conf = l->spec.conf, .set = set,
	    .plan = l->spec.plan, .feed = &l->record->feed };
	set_hours(l);
	if ((l->token = calloc(set->n + 1, sizeof(*l->token))) == NULL)
		return fault_sys(f, 0, "instruments");
	for (size_t i = 0; i < set->n; i++)
		l->token[i] = set->v[i].token;
	if (make_ticker(l, f) != 0 || open_files(l, f) != 0)
		return -1;
	if (l->spec.raw == NULL)
		return 0;
	keep_init(&l->raw, l->spec.raw, RAW_HOLD_MAX, l->spec.raw_limit);
	return keep_open(&l->raw, f);
}

/* ---- the capture ---- */

/*
 * More waits for the disk than we hold: nothing that was received may be lost,
 * so nothing more is received until the disk takes rows again.
 */
static void
mind_disk(struct live *l)
{
	bool over = l->disk_over ? l->record->rows.len > 0 :
	    record_over(l->record);

	if (over == l->disk_over)
		return;
	/* first: half a message may have ticks, and they end a gap */
	ticker_pause(l->ticker, over);
	if (over) {
		msg_warnx("%zu bytes of rows wait for the disk: disconnected "
		    "until it takes them", l->record->rows.len);
		gaps_down(&l->gaps);
		for (unsigned i = 0; i < l->conns; i++)
			gaps_lost(&l->gaps, i + 1, quiet_since(l, i),
			    LEDGER_DISK, "disk full");
	}
	l->disk_over = over;
}

static void
every_second(struct live *l)
{
	if (l->spec.raw != NULL)
		(void)keep_retry(&l->raw);	/* again next second */
	gaps_tend(&l->gaps);
	if (lines_turn(&l->lines, &l->fatal) != 0)
		return;
	if (!to_spool(l)) {
		health_clock(&l->health, &l->record->feed.drift);
		return;
	}
	if (spool_w_gone(&l->record->spool)) {
		fault_set(&l->fatal, EX_IOERR, "%s: somebody has removed the "
		    "rows", l->record->spool.dir);
		return;
	}
	record_retry(l->record);
	mind_disk(l);
	health_turn(&l->health, l->disk_over);
	write_status(l);
}

/* Until the close, a signal, or what is fatal. */
static void
capture(struct live *l)
{
	int64_t due = 0, left;

	while (!stop_asked() && l->fatal.ex == 0 &&
	    (left = clk_until(l->close_us = closes_at(l))) > 0) {
		left = left / US_PER_MS + 1;
		mind_stall(l);
		l->turn_us = clk_now();
		l->turn_mono = clk_mono();
		if (ticker_turn(l->ticker, left < TURN_MS ? (int)left :
		    TURN_MS, &l->fatal) != 0 ||
		    record_flush(l->record, &l->fatal) != 0)
			return;
		if (l->record->disk_full)
			mind_disk(l);
		if (clk_mono() >= due) {
			every_second(l);
			due = clk_mono() + US_PER_SEC;
		}
	}
}

/* ---- the end ---- */

/* Closes what is open, the day's rows last: who sees CLOSED finds all else as
 * it stays.  -1 with the first trouble that cost something. */
static int
close_all(struct live *l, bool done, struct fault *f)
{
	int64_t now = clk_now();
	struct fault why;
	int rc;

	lines_close(&l->lines);
	ticker_close(l->ticker, GOODBYE_MS);
	l->ticker = NULL;
	/* behind what came before the goodbye was answered, which ends a gap */
	if (done)
		gaps_done(&l->gaps, now < l->close_us ? now : l->close_us);
	else
		gaps_stopped(&l->gaps, now);
	rc = record_drain(l->record, done ? LAST_S : STOP_S, &why);
	if (rc != 0) {
		gaps_unwritten(&l->gaps, l->record->written_us != 0 ?
		    l->record->written_us : l->started_us, now, why.text);
		if (f != NULL)
			*f = why;
	}
	if (gaps_close(&l->gaps, &why) != 0)
		msg_warnx("%s", why.text);
	if (*l->status_path != '\0')
		write_status(l);
	if (record_close(l->record, done && rc == 0, rc == 0 ? f : NULL) != 0)
		rc = -1;
	if (l->spec.raw != NULL &&
	    keep_close(&l->raw, rc == 0 ? f : NULL) != 0)
		rc = -1;
	health_close(&l->health);
	free(l->token);
	return rc;
}

/* How it ended, when all files are closed. */
static int
verdict(const struct live *l, bool done, bool late, struct fault *f)
{
	const struct feed_count *n = &l->record->feed.count;

	if (l->fatal.ex != 0)
		return fault_set(f, l->fatal.ex, "%s", l->fatal.text);
	if (done && !late && !l->ever_open)
		return fault_set(f, EX_UNAVAILABLE, "never connected: %s",
		    l->line[0].told);
	fault_set(f, EX_TEMPFAIL, "%s: %" PRIu64 " ticks of %" PRIu64
	    " instruments, %" PRIu64 " reconnects", done ?
	    "the market has closed" : "stopped", n->ticks, n->seen,
	    l->reconnects);
	if (!done)
		return -1;
	msg_warnx("%s", f->text);
	return 0;
}

int
live_run(const struct live_spec *spec, struct fault *f)
{
	struct live l = { .spec = *spec, .record = spec->record };
	char at[CLK_TEXT];
	bool done, late;

	if (open_all(&l, f) != 0) {
		(void)close_all(&l, false, NULL);
		return -1;
	}
	late = l.started_us >= l.close_us;
	if (late && l.follow && l.session.n == 0)
		msg_warnx("no session today, nothing to capture");
	else if (late)
		msg_warnx("the market closed at %s, nothing is left to capture",
		    clk_to_ist_s(l.close_us / US_PER_SEC, at));
	capture(&l);
	done = clk_now() >= l.close_us;
	if (close_all(&l, done, f) != 0)
		return -1;
	return verdict(&l, done, late, f);
}
