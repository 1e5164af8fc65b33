/*
 * das-tick - capture the broker's ticker
 *
 * Subscribes every instrument of lookup/instruments.tsv in full mode and
 * appends a row for each tick to topic ticks of the spool, until
 * marketCloseHour:marketCloseMinute; then it marks the day CLOSED.  Connections
 * are made again for ever; what was missed meanwhile is in gaps.tsv, what did
 * not decode in rejects.bin, how it goes in status.tsv (das-spool(5)).  With -r
 * it decodes a raw capture instead, with the same code.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clk.h"
#include "conf.h"
#include "feed.h"
#include "file.h"
#include "hold.h"
#include "js.h"
#include "keep.h"
#include "ledger.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "spool.h"
#include "stop.h"
#include "ticker.h"
#include "tsv.h"

enum {
	TURN_MS = 100,			/* of the event loop, at most */
	FLUSH = 64 * 1024,		/* -r: rows of one write */
	HOLD_MAX = 16 << 20,		/* rows that wait for a full disk */
	RAW_HOLD_MAX = 4 << 20,		/* -w; frames */
	REJECT_HOLD_MAX = 1 << 20,
	LAST_S = 60,			/* for a full disk after the close, */
	STOP_S = 10,			/* and after a signal */
	GOODBYE_MS = 500,
	KINDS_MAX = 32,			/* of text messages */
	SHOWN_MAX = 20			/* orders, errors and messages shown */
};

static const char *out_name, *capture_name, *raw_name;

static struct conf *conf;
static struct inst_set set;
static struct feed feed;
static struct keep raw, rejects;	/* -w; rejects.bin */

/* Where rows go: the spool, or out_fd with -o. */
static int out_fd = -1;
static struct spool_w spool;
static struct hold rows;
static char dir[SPOOL_PATH];		/* of the day, in the spool */
static char status_path[SPOOL_PATH + 16], gaps_path[SPOOL_PATH + 16],
    rejects_path[SPOOL_PATH + 16];

/* Of a capture of the live ticker. */
static struct ticker *ticker;
static struct ledger ledger;
static int64_t started_us, close_us;
static int64_t heard_us[KITE_CONNS_MAX];	/* last message of each */
static uint64_t reconnects, texts;
static bool ever_open, disk_full, disk_over;
static struct fault fatal;		/* ends the capture when ex is set */
static char told[KITE_CONNS_MAX][sizeof(fatal.text)];	/* said already */

/* ---- rows out ---- */

static size_t
put_spool(void *arg, const void *p, size_t n, struct fault *f)
{
	return spool_w_put(arg, p, n, f) == 0 ? n : spool.taken;
}

static void
write_out(const char *p, size_t n)
{
	ssize_t got;

	for (; n > 0; p += got, n -= (size_t)got)
		if ((got = write(out_fd, p, n)) == -1) {
			if (errno != EINTR)
				msg_die(EX_IOERR, "%s", out_name);
			got = 0;
		}
}

/* Says once that the disk is full, and once that it no longer is. */
static void
disk_state(bool full)
{
	if (full && !disk_full)
		msg_warnx("%s; rows are held and written later, at most %d MB",
		    rows.why.text, HOLD_MAX >> 20);
	if (!full && disk_full)
		msg_warnx("%s: takes rows again, none is lost", dir);
	disk_full = full;
}

/* Brings the rows made so far to where they go. */
static void
flush_rows(void)
{
	int rc = 0;

	if (feed.rows.len == 0)
		return;
	if (out_name != NULL)
		write_out(feed.rows.p, feed.rows.len);
	else if ((rc = hold_put(&rows, feed.rows.p, feed.rows.len)) == -1)
		msg_diex(EX_TEMPFAIL, "%s", rows.why.text);
	else
		disk_state(rc == 1);
	buf_reset(&feed.rows);
}

static void
open_out(void)
{
	if (strcmp(out_name, "-") == 0) {
		out_fd = STDOUT_FILENO;
		out_name = "standard output";
	} else if ((out_fd = open(out_name, O_WRONLY | O_CREAT | O_TRUNC |
	    O_CLOEXEC, 0666)) == -1)
		msg_die(EX_CANTCREAT, "%s", out_name);
	write_out(tick_header, strlen(tick_header));
	write_out("\n", 1);
}

static void
close_out(void)
{
	if (close(out_fd) == -1)
		msg_die(EX_IOERR, "%s", out_name);
}

/* Opens topic ticks of a day; seq goes on where the last row ended. */
static void
open_spool(const char *day)
{
	char first[24];
	struct fault f;
	int64_t seq;

	if (spool_dir(dir, conf_str(conf, "spoolDir"), day, "", &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	dir[strlen(dir) - 1] = '\0';
	snprintf(status_path, sizeof(status_path), "%s/status.tsv", dir);
	snprintf(gaps_path, sizeof(gaps_path), "%s/gaps.tsv", dir);
	snprintf(rejects_path, sizeof(rejects_path), "%s/rejects.bin", dir);
	if (spool_w_open(&spool, conf_str(conf, "spoolDir"), day, "ticks",
	    tick_header, &f) != 0 || spool_w_sync_start(&spool, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	rows = (struct hold){ .max = HOLD_MAX, .put = put_spool,
	    .arg = &spool };
	keep_init(&rejects, rejects_path, REJECT_HOLD_MAX);
	if (spool.torn > 0)
		msg_warnx("%s/ticks: cut off %ju bytes of a row that was never "
		    "finished", dir, (uintmax_t)spool.torn);
	if (spool.last == NULL)
		return;
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(spool.last, "\t"),
	    spool.last);
	if (num_i64(first, 1, INT64_MAX, &seq) != 0)
		msg_diex(EX_DATAERR, "%s/ticks: the last row does not begin "
		    "with its number", dir);
	feed.seq = (uint64_t)seq;
}

static void
close_spool(bool done)
{
	struct fault f;
	int ex = 0;

	if (keep_close(&rejects, &f) != 0) {
		msg_warnx("%s", f.text);
		ex = f.ex;
	}
	if (spool_w_close(&spool, done && ex == 0, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	hold_free(&rows);
	if (ex != 0)
		exit(ex);
}

/* ---- frames in ---- */

/* Text is shown as it came but for what could hurt a terminal. */
static void
show(const char *kind, const char *text, size_t n)
{
	static unsigned shown;
	char line[300];
	size_t len = n < sizeof(line) - 1 ? n : sizeof(line) - 1;

	if (shown++ > SHOWN_MAX)
		return;
	memcpy(line, text, len);
	line[len] = '\0';
	for (char *s = line; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = ' ';
	msg_warnx("the ticker sends %s: %s%s", kind, line,
	    shown > SHOWN_MAX ? " (more are not shown)" : "");
}

/* True when a text message of this kind was never seen before. */
static bool
new_kind(const char *kind)
{
	static char seen[KINDS_MAX][32];
	static int n;

	for (int i = 0; i < n; i++)
		if (strncmp(seen[i], kind, sizeof(seen[i]) - 1) == 0)
			return false;
	if (n == KINDS_MAX)
		return false;
	snprintf(seen[n++], sizeof(seen[0]), "%s", kind);
	return true;
}

static void
on_text(const uint8_t *p, size_t n)
{
	const char *text = (const char *)p, *type;
	struct fault f;
	struct js *doc = js_parse(text, n, &f);

	texts++;
	type = js_str(js_get(doc, "type"));
	if (doc == NULL)
		type = "something that is no JSON";
	else if (type == NULL)
		type = "JSON without a type";
	if (strcmp(type, "order") == 0 || strcmp(type, "error") == 0 ||
	    strcmp(type, "message") == 0)
		show(type, text, n);
	else if (new_kind(type))
		show("a text message, the first of its kind", text, n);
	js_free(doc);
}

static void
reject(const struct capture_frame *c, bool broken)
{
	static bool said, said_lost;

	if (!said)
		msg_warnx("a frame of %zu bytes %s; kept%s%s", c->len,
		    broken ? "is only the beginning of one" :
		    "does not decode, or not wholly", out_name == NULL ?
		    " in " : " nowhere", out_name == NULL ? rejects_path : "");
	said = true;
	if (broken)
		feed.count.rejects++;
	if (out_name != NULL || keep_put(&rejects, c) == 0)
		return;
	if (!said_lost)
		msg_warnx("%s", rejects.hold.why.text);
	said_lost = true;
}

static void
take(const struct capture_frame *c, bool broken)
{
	int rc;

	if (c->kind == CAPTURE_TEXT) {
		on_text(c->p, c->len);
		return;
	}
	rc = broken ? 1 : feed_frame(&feed, c);
	if (rc == -1) {
		flush_rows();
		msg_die(EX_TEMPFAIL, "a frame of %zu bytes", c->len);
	}
	if (rc == 1)
		reject(c, broken);
}

static void
keep_raw(const struct capture_frame *c)
{
	static bool said;

	if (raw_name == NULL || keep_put(&raw, c) == 0)
		return;
	if (!said)
		msg_warnx("%s", raw.hold.why.text);
	said = true;
}

/* ---- -r: a capture instead of the ticker ---- */

static void
decode(void)
{
	struct capture_frame c;
	struct capture_r in;
	struct fault f;
	char day[CLK_DAY];
	bool begun = false;
	int rc;

	if (capture_r_open(&in, capture_name, &f) != 0)
		msg_diex(f.ex == EX_NOINPUT ? EX_DATAERR : f.ex, "%s", f.text);
	if (out_name != NULL)
		open_out();
	while ((rc = capture_next(&in, &c, &f)) == 1 && !stop_asked()) {
		if (out_name == NULL && !begun)
			open_spool(clk_day_to(clk_day_of(c.recv_us), day));
		begun = true;
		take(&c, false);
		if (feed.rows.len >= FLUSH)
			flush_rows();
	}
	flush_rows();
	if (rc == -1)
		msg_warnx("%s", f.text);
	else if (in.cut)
		msg_warnx("%s: ends inside of a frame, at byte %ju",
		    capture_name, (uintmax_t)in.offset);
	if (feed.count.rejects > 0)
		msg_warnx("%" PRIu64 " of %" PRIu64 " frames did not decode, or "
		    "not wholly", feed.count.rejects, feed.count.frames);
	msg_info("%" PRIu64 " ticks of %" PRIu64 " instruments",
	    feed.count.ticks, feed.count.seen);
	capture_r_close(&in);
	if (out_name != NULL)
		close_out();
	else if (begun) {
		if (hold_retry(&rows) != 0)
			msg_diex(rows.why.ex, "%s", rows.why.text);
		close_spool(rc == 0);
	}
	if (rc != 0)
		exit(rc == -1 ? f.ex : EX_TEMPFAIL);
}

/* ---- status.tsv ---- */

static const char *
state(bool over)
{
	if (over)
		return clk_now() >= close_us ? "closed" : "stopped";
	if (disk_full)
		return "disk full";
	if (ticker_open_conns(ticker) == ticker_conns(ticker))
		return "connected";
	return ever_open ? "reconnecting" : "connecting";
}

/* When each connection was heard last, or since when its gap is: what the next
 * das-tick must know when this one is killed. */
static int
add_heard(struct buf *b)
{
	char at[CLK_TEXT];
	int rc = 0;

	for (unsigned i = 0; i < KITE_CONNS_MAX && rc == 0; i++) {
		int64_t gap = ledger_since(&ledger, i + 1);

		if (heard_us[i] != 0 || gap != 0)
			rc = buf_addf(b, "heard_%u\t%s\n", i + 1, clk_to_ist(
			    gap != 0 ? gap : heard_us[i], at));
	}
	return rc;
}

static int
add_status(struct buf *b, const char *state_now, double rate)
{
	const struct feed_count *n = &feed.count;
	const struct {
		const char *key;
		uint64_t value;
	} figure[] = {
		{ "connections", ticker != NULL ? ticker_open_conns(ticker) :
		    0 },
		{ "connections_wanted", (set.n + KITE_TOKENS_MAX - 1) /
		    KITE_TOKENS_MAX },
		{ "subscribed", set.n }, { "seen", n->seen },
		{ "seq", feed.seq }, { "ticks", n->ticks },
		{ "ticks_per_second", (uint64_t)(rate + 0.5) },
		{ "cached", n->cached }, { "repeats", n->repeats },
		{ "older", n->older }, { "unknown_tokens", n->strangers },
		{ "frames", n->frames }, { "heartbeats", n->heartbeats },
		{ "bytes", n->bytes }, { "texts", texts },
		{ "rejects", n->rejects }, { "rejects_lost", rejects.lost },
		{ "reconnects", reconnects }, { "gaps", ledger.rows },
		{ "queue_bytes", rows.b.len }, { "raw_frames", raw.frames },
		{ "raw_lost", raw.lost }, { "segment", spool.segment },
	};
	char started[CLK_TEXT], now[CLK_TEXT], last[CLK_TEXT] = "\\N";
	int rc;

	if (feed.last_us != 0)
		clk_to_ist(feed.last_us, last);
	rc = buf_addf(b, "key\tvalue\nstate\t%s\nupdated\t%s\nstarted\t%s\n"
	    "pid\t%ld\nlast_tick\t%s\nlag_ms\t%" PRId64 "\n", state_now,
	    clk_to_ist(clk_now(), now), clk_to_ist(started_us, started),
	    (long)getpid(), last, feed.lag_us / US_PER_MS);
	for (size_t i = 0; rc == 0 && i < sizeof(figure) / sizeof(*figure);
	    i++)
		rc = buf_addf(b, "%s\t%" PRIu64 "\n", figure[i].key,
		    figure[i].value);
	return rc == 0 ? add_heard(b) : rc;
}

static void
write_status(const char *state_now)
{
	static int64_t last_mono;
	static uint64_t last_ticks;
	static bool said;
	int64_t mono = clk_mono();
	struct buf b = { 0 };
	struct fault f = { 0 };
	double rate = last_mono == 0 || mono <= last_mono ? 0 :
	    (double)(feed.count.ticks - last_ticks) * 1e6 /
	    (double)(mono - last_mono);

	last_mono = mono;
	last_ticks = feed.count.ticks;
	if (out_name != NULL)
		return;
	if (add_status(&b, state_now, rate) != 0)
		fault_sys(&f, 0, "%s", status_path);
	else
		(void)file_show(status_path, 0666, b.p, b.len, &f);
	if (f.ex != 0 && !said)
		msg_warnx("%s", f.text);
	said = f.ex != 0;
	buf_free(&b);
}

/* What a das-tick before this one has left in status.tsv. */
struct left {
	bool	 stopped;		/* not killed */
	int64_t	 heard_us[KITE_CONNS_MAX];	/* 0: is not in it */
};

static void
take_left(struct left *l, const char *key, const char *value)
{
	int64_t conn;

	if (strcmp(key, "state") == 0)
		l->stopped = strcmp(value, "stopped") == 0;
	else if (strncmp(key, "heard_", 6) == 0 &&
	    num_i64(key + 6, 1, KITE_CONNS_MAX, &conn) == 0 &&
	    clk_from_ist(value, &l->heard_us[conn - 1]) != 0)
		l->heard_us[conn - 1] = 0;
}

static struct left
read_left(void)
{
	struct left l = { 0 };
	struct tsv row;
	FILE *in = fopen(status_path, "re");
	int key, value;

	if (in == NULL)
		return l;
	tsv_init(&row, in, status_path);
	key = tsv_col(&row, "key");
	value = tsv_col(&row, "value");
	while (key != -1 && value != -1 && tsv_next(&row) == 1)
		take_left(&l, row.f[key], row.f[value]);
	tsv_free(&row);
	fclose(in);			/* only read from: nothing to lose */
	return l;
}

/* ---- the live ticker ---- */

static void
on_opened(uint32_t conn, void *arg)
{
	struct capture_frame c = { .recv_us = clk_now(), .conn = conn,
	    .kind = CAPTURE_OPEN, .p = (const uint8_t *)"" };

	(void)arg;
	ever_open = true;
	heard_us[conn - 1] = c.recv_us;
	*told[conn - 1] = '\0';
	msg_warnx("connection %u of %u is open, %zu instruments", conn,
	    ticker_conns(ticker), ticker_tokens(ticker, conn));
	keep_raw(&c);
	take(&c, false);
}

static void
on_frame(uint32_t conn, enum capture_kind kind, const uint8_t *p, size_t n,
    bool broken, void *arg)
{
	struct capture_frame c = { .recv_us = clk_now(), .conn = conn,
	    .kind = kind, .p = p, .len = n };
	uint64_t before = feed.count.ticks;

	(void)arg;
	heard_us[conn - 1] = c.recv_us;
	keep_raw(&c);
	take(&c, broken);
	if (feed.count.ticks != before && out_name == NULL)
		ledger_end(&ledger, conn, c.recv_us,
		    ticker_tokens(ticker, conn));
}

/*
 * A failure before anything was ever open, and that trying again will not
 * cure, ends the program; everything else is tried again.
 */
static void
on_lost(uint32_t conn, bool open, const struct fault *why, void *arg)
{
	int64_t since = heard_us[conn - 1] != 0 ? heard_us[conn - 1] :
	    started_us;

	(void)arg;
	if (!ever_open && why->ex != EX_TEMPFAIL) {
		fatal = *why;
		return;
	}
	if (open)
		reconnects++;
	if (strcmp(told[conn - 1], why->text) != 0)
		msg_warnx("connection %u: %s; trying again", conn, why->text);
	snprintf(told[conn - 1], sizeof(told[0]), "%s", why->text);
	if (out_name == NULL)
		ledger_begin(&ledger, conn, since, why->text);
}

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
 * The time between a run before this one and this is a gap.  Of the connection
 * that brought the last row it begins there; others may have been lost long
 * before.
 */
static void
gap_of_restart(const char *last)
{
	struct left l = read_left();
	char reason[80];
	int64_t conn, last_us = last_row(last, &conn);

	for (unsigned i = 0; i < ticker_conns(ticker); i++) {
		int64_t from = last_us;

		if (l.heard_us[i] != 0 && i + 1 != conn &&
		    (from == 0 || l.heard_us[i] < from))
			from = l.heard_us[i];
		if (from == 0)
			continue;
		snprintf(reason, sizeof(reason), "das-tick was %s%s",
		    l.stopped ? "stopped" : "killed", from > started_us ?
		    ", and the clock set back" : "");
		ledger_begin(&ledger, i + 1, from > started_us ? started_us :
		    from, reason);
	}
}

/*
 * More waits for the disk than we hold: nothing that was received may be lost,
 * so nothing more is received until the disk takes rows again.
 */
static void
mind_disk(void)
{
	bool over = hold_over(&rows);

	if (over == disk_over)
		return;
	if (over) {
		msg_warnx("%zu bytes of rows wait for the disk: disconnected "
		    "until it takes them", rows.b.len);
		for (unsigned i = 0; i < ticker_conns(ticker); i++)
			ledger_begin(&ledger, i + 1, heard_us[i] != 0 ?
			    heard_us[i] : started_us, "disk full");
	}
	ticker_pause(ticker, over);
	disk_over = over;
}

/* What is done every second. */
static void
every_second(void)
{
	if (raw_name != NULL)
		(void)keep_retry(&raw);		/* both: again next second */
	if (out_name != NULL)
		return;
	(void)keep_retry(&rejects);
	(void)ledger_retry(&ledger, NULL);
	if (hold_retry(&rows) == 0)
		disk_state(false);
	mind_disk();
	write_status(state(false));
}

static void
capture(void)
{
	int64_t due = 0, left;
	struct fault f;

	while (!stop_asked() && fatal.ex == 0 &&
	    (left = clk_until(close_us)) > 0) {
		left = left / US_PER_MS + 1;
		if (ticker_turn(ticker, left < TURN_MS ? (int)left : TURN_MS,
		    &f) != 0)
			msg_diex(f.ex, "%s", f.text);
		flush_rows();
		if (disk_full)
			mind_disk();
		if (clk_mono() >= due) {
			every_second();
			due = clk_mono() + US_PER_SEC;
		}
	}
}

/* Ends the files of the day; the exit status. */
static int
finish_spool(bool done)
{
	int64_t now = clk_now();
	struct fault f;

	for (unsigned i = 1; i <= ticker_conns(ticker); i++) {
		ledger_end(&ledger, i, now < close_us ? now : close_us,
		    ticker_tokens(ticker, i));
		if (heard_us[i - 1] != 0 && ledger_since(&ledger, i) == 0)
			heard_us[i - 1] = now;	/* until here all is told */
	}
	ticker_close(ticker, GOODBYE_MS);
	ticker = NULL;
	flush_rows();
	for (int i = 0; hold_retry(&rows) != 0 && i < (done ? LAST_S : STOP_S);
	    i++)
		sleep(1);
	if (rows.b.len > 0)
		msg_diex(rows.why.ex, "%s; %zu bytes of rows up to number %"
		    PRIu64 " are lost", rows.why.text, rows.b.len, feed.seq);
	if (ledger_close(&ledger, &f) != 0)
		msg_warnx("%s", f.text);
	write_status(state(true));
	close_spool(done);
	return 0;
}

static void
open_live(void)
{
	char day[CLK_DAY], *last;
	struct fault f;

	if (out_name != NULL) {
		open_out();
	} else {
		open_spool(clk_day_to(clk_day_of(started_us), day));
		last = spool.last;
		if (ledger_open(&ledger, gaps_path, &f) != 0)
			msg_diex(f.ex, "%s", f.text);
		gap_of_restart(last);
	}
	if (raw_name == NULL)
		return;
	keep_init(&raw, raw_name, RAW_HOLD_MAX);
	if (keep_open(&raw, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

static void
make_ticker(const uint32_t *token)
{
	struct ticker_spec spec = {
		.url = conf_str(conf, "kiteTickerUrl"),
		.api_key = conf_str(conf, "apiKey"),
		.token_file = conf_str(conf, "tokenFile"),
		.cafile = conf_str(conf, "caFile"),
		.token = token,
		.n = set.n,
		.calls = { on_opened, on_frame, on_lost },
	};
	char access[256];
	struct fault f;

	if (conf_is_placeholder(conf, "apiKey"))
		msg_diex(EX_CONFIG, "%s: key apiKey has its default still",
		    conf_file(conf));
	if (clk_now() < close_us && ticker_token(spec.token_file, access,
	    sizeof(access), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	explicit_bzero(access, sizeof(access));
	if (ticker_open(&ticker, &spec, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

static int
live(void)
{
	uint32_t *token;
	struct fault f;
	char at[CLK_TEXT];
	bool done, late;

	started_us = clk_now();
	close_us = clk_day_start(clk_day_of(started_us)) + (conf_int(conf,
	    "marketCloseHour") * 60 + conf_int(conf, "marketCloseMinute")) *
	    60 * US_PER_SEC;
	late = started_us >= close_us;
	if ((token = calloc(set.n + 1, sizeof(*token))) == NULL)
		msg_die(EX_TEMPFAIL, "instruments");
	for (size_t i = 0; i < set.n; i++)
		token[i] = set.v[i].token;
	make_ticker(token);
	open_live();
	if (late)
		msg_warnx("the market closed at %s, nothing is left to capture",
		    clk_to_ist_s(close_us / US_PER_SEC, at));
	capture();
	done = clk_now() >= close_us;
	if (out_name == NULL) {
		finish_spool(done);
	} else {
		ticker_close(ticker, GOODBYE_MS);
		flush_rows();
		close_out();
	}
	if (raw_name != NULL && keep_close(&raw, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	free(token);
	if (fatal.ex != 0)
		msg_diex(fatal.ex, "%s", fatal.text);
	if (done && !late && !ever_open)
		msg_diex(EX_UNAVAILABLE, "never connected: %s", told[0]);
	msg_warnx("%s: %" PRIu64 " ticks of %" PRIu64 " instruments, %" PRIu64
	    " reconnects", done ? "the market has closed" : "stopped",
	    feed.count.ticks, feed.count.seen, reconnects);
	return done ? 0 : EX_TEMPFAIL;
}

/* ---- set-up ---- */

static void
load_instruments(void)
{
	char path[SPOOL_PATH];
	struct fault f;

	if (file_join(path, sizeof(path), conf_str(conf, "lookupDir"),
	    "instruments.tsv", &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (inst_load(&set, path, &f) != 0) {
		if (capture_name != NULL && f.ex == EX_NOINPUT)
			msg_warnx("%s; rows have no names", f.text);
		else
			msg_diex(EX_DATAERR, "%s; run das-lookup", f.text);
	} else if (set.n == 0 && capture_name == NULL)
		msg_diex(EX_DATAERR, "%s: holds no instruments; run das-lookup",
		    path);
	else if (set.n > TICKER_TOKENS_MAX && capture_name == NULL)
		msg_diex(EX_DATAERR, "%s: holds %zu instruments, the broker "
		    "takes %d (%d connections of %d); shorten underlyings",
		    path, set.n, TICKER_TOKENS_MAX, KITE_CONNS_MAX,
		    KITE_TOKENS_MAX);
}

/* A capture can be decoded to -o without a configuration, but then nothing
 * tells the names. */
static void
load_config(void)
{
	struct fault f;

	if (conf_open(&conf, opt_config(), &f) == 0)
		load_instruments();
	else if (capture_name != NULL && out_name != NULL &&
	    opt_config() == NULL && getenv("DAS_CONFIG") == NULL)
		msg_info("%s; rows have no names", f.text);
	else
		msg_diex(f.ex, "%s", f.text);
	if (feed_init(&feed, &set, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

int
main(int argc, char *argv[])
{
	int c, rc = 0;

	opt_init("das-tick", "[-o file] [-r capture] [-w capture]");
	while ((c = opt_next(argc, argv, "o:r:w:")) != -1)
		switch (c) {
		case 'o':
			out_name = optarg;
			break;
		case 'r':
			capture_name = optarg;
			break;
		case 'w':
			raw_name = optarg;
			break;
		}
	if (optind != argc || (capture_name != NULL && raw_name != NULL))
		opt_usage();
	stop_catch();
	load_config();
	if (capture_name != NULL)
		decode();
	else
		rc = live();
	feed_free(&feed);
	inst_free(&set);
	conf_close(conf);
	return rc;
}
