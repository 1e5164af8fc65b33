#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "health.h"
#include "msg.h"

#define CLOCK_OFF_US	(5 * US_PER_SEC)	/* that is told */

enum {
	LOOK_S = 10,			/* between two looks at the room, */
	MAIL_S = 3600,			/* two mails of one cause */
	MAIL_LONGEST_S = 120,		/* one mail */
	MAIL_AGAIN_S = 60,		/* after one that nobody took */
	LAST_MAIL_S = 10		/* when we end */
};

static int64_t
floor_of(const struct health *h)
{
	return conf_int(h->spec.conf, "diskFloorMegabytes") << 20;
}

static const char *
spool_of(const struct health *h)
{
	return conf_str(h->spec.conf, "spoolDir");
}

/* ---- the room ---- */

/* Sets the reserve aside when there is room. */
static void
make_reserve(struct health *h)
{
	struct reserve *r = &h->spec.record->reserve;
	struct fault f;
	int rc = reserve_make(r, h->room.free, floor_of(h), &f);

	if (rc == -1)
		msg_warnx("%s", f.text);
	if (rc == 1 && room_free(spool_of(h), &h->room.free, &f) != 0)
		msg_warnx("%s", f.text);
}

static int
open_reserve(struct health *h)
{
	const struct conf *conf = h->spec.conf;
	char path[SPOOL_PATH];
	struct fault f;

	if (file_join(path, sizeof(path), spool_of(h), ".reserve", &f) == 0 &&
	    reserve_open(&h->spec.record->reserve, path,
	    conf_int(conf, "diskReserveMegabytes") << 20, &f) == 0)
		return 0;
	msg_warnx("%s", f.text);	/* the rows do without */
	return -1;
}

/* Something is so or not; a mail is wanted when it has become so. */
static void
note(struct health *h, enum health_cause cause, bool is)
{
	int64_t now = clk_mono();

	if (is && !h->cause[cause].is && now >= h->cause[cause].next) {
		h->cause[cause].wanted = true;
		h->cause[cause].next = now + MAIL_S * US_PER_SEC;
	}
	h->cause[cause].is = is;
}

/* What was found before the capture: goes on or not. */
static int
judge(struct health *h, struct fault *f)
{
	const struct conf *conf = h->spec.conf;
	int64_t left = room_left(&h->room), now = clk_now();
	char text[120];

	h->low = h->room.free < floor_of(h);
	if (!h->low) {
		if (left >= 0 && left < 10 * ROOM_DAYS)
			msg_warnx("%s: %s", spool_of(h),
			    room_text(&h->room, text, sizeof(text)));
		return 0;
	}
	fault_set(f, EX_TEMPFAIL, "%" PRId64 " MB are free, diskFloorMegabytes "
	    "is %" PRId64 ": make room in %s, days that are filed can go",
	    h->room.free >> 20, conf_int(conf, "diskFloorMegabytes"),
	    spool_of(h));
	if (h->spec.open_us != INT64_MAX &&
	    now < h->spec.open_us - HEALTH_EARLY_S * US_PER_SEC)
		return -1;
	msg_warnx("%s; going on, as the market may trade", f->text);
	note(h, HEALTH_LOW, true);
	return 0;
}

int
health_open(struct health *h, const struct health_spec *spec, struct fault *f)
{
	const struct conf *conf = spec->conf;

	*h = (struct health){ .spec = *spec };
	clk_day_to(clk_day_of(clk_now()), h->day);
	if (file_mkdirs(spool_of(h), f) != 0 ||
	    room_free(spool_of(h), &h->room.free, f) != 0)
		return -1;
	h->room.day = room_day(spool_of(h), conf_str(conf, "archiveDir"),
	    h->day);
	if (open_reserve(h) == 0)
		make_reserve(h);
	h->look_due = clk_mono() + LOOK_S * US_PER_SEC;
	return judge(h, f);
}

/* ---- the clock ---- */

void
health_clock(struct health *h, struct drift *d)
{
	/* a simulated clock that is faster has coarser seconds */
	double speed = clk_speed() > 1 ? clk_speed() : 1, off;

	if (drift_look(d, (int64_t)(CLOCK_OFF_US * speed)) == 1) {
		off = (double)d->offset_us / 1e6;
		if (!d->off)
			msg_warnx("the clock is right again, %+.1f s against "
			    "the exchange's", off);
		else if (off > 0)
			msg_warnx("ticks come %.1f s after their exchange time: "
			    "this machine's clock is ahead, or the broker late; "
			    "see whether it is synchronised", off);
		else
			msg_warnx("ticks come %.1f s before their exchange "
			    "time: this machine's clock is behind; see whether "
			    "it is synchronised", -off);
	}
	if (d->strange > 0 && !h->said_strange) {
		msg_warnx("a tick's exchange time is %.1f days in the %s; such "
		    "are counted as strange_times in status.tsv",
		    fabs((double)d->strange_us) / (double)US_PER_DAY,
		    d->strange_us > 0 ? "past" : "future");
		h->said_strange = true;
	}
}

/* ---- mails ---- */

static const struct {
	const char *subject, *text;
} cause_text[HEALTH_CAUSES] = {
	[HEALTH_LOW] = { "the disk is nearly full",
	    "Less than diskFloorMegabytes is free.  The capture goes on." },
	[HEALTH_RESERVE] = { "the disk is full, on with the reserve",
	    "The disk took no more rows.  What das-tick had set aside was "
	    "given up and the\nrows go on, for as long as that lasts.  No row "
	    "is lost so far." },
	[HEALTH_HELD] = { "the disk takes no rows",
	    "The disk takes no more rows.  They are held in memory, up to "
	    "holdMegabytes, and\nwritten when it takes them again.  No row is "
	    "lost so far." },
	[HEALTH_OVER] = { "the disk takes no rows, DISCONNECTED",
	    "The disk takes no rows and as many as holdMegabytes are held: "
	    "das-tick has\ndisconnected and misses ticks until the disk takes "
	    "rows again." },
};

static int
compose(const struct health *h, enum health_cause cause, struct buf *b)
{
	const struct record *r = h->spec.record;
	char at[CLK_TEXT], text[120];

	return buf_addf(b, "%s\n\n%s\n%s: %s\n%zu bytes of rows wait%s%s\n\n"
	    "Make room there; das-tick goes on by itself.  This is mailed at "
	    "most once an\nhour; das-tick's log and status.tsv in %s have "
	    "more.\n", cause_text[cause].text, clk_to_ist_s(clk_now() /
	    US_PER_SEC, at), spool_of(h), room_text(&h->room, text,
	    sizeof(text)), r->rows.len, r->disk_full ? ": " : "",
	    r->disk_full ? r->rows.why.text : "", r->dir);
}

static void
send_mail(struct health *h, enum health_cause cause)
{
	char subject[128];
	const char *argv[] = { "das-mail", "-q", "-c",
	    conf_file(h->spec.conf), "-s", subject, NULL };
	struct buf b = { 0 };
	struct fault f;

	snprintf(subject, sizeof(subject), "DAS %s - %s", h->day,
	    cause_text[cause].subject);
	if (compose(h, cause, &b) != 0)
		msg_warn("a mail");
	else if (child_start(&h->mail, argv, b.p, b.len, MAIL_LONGEST_S,
	    &f) != 0)
		msg_warnx("no mail about it: %s", f.text);
	buf_free(&b);
}

/*
 * One at a time, the worst first.  One that was neither sent nor queued, as the
 * outbox is on that disk too, is tried again.
 */
static void
mind_mails(struct health *h)
{
	struct fault f;

	if (child_poll(&h->mail, &f) == -1) {
		if (!h->said_mail)
			msg_warnx("a mail was not sent: %s; tried again every "
			    "minute", f.text);
		h->said_mail = true;
		h->cause[h->mailed].wanted = true;
		h->mail_due = clk_mono() + MAIL_AGAIN_S * US_PER_SEC;
	}
	if (child_runs(&h->mail) || clk_mono() < h->mail_due)
		return;
	for (int i = HEALTH_CAUSES - 1; i >= 0 && !child_runs(&h->mail); i--)
		if (h->cause[i].wanted) {
			h->cause[i].wanted = false;
			h->mailed = (enum health_cause)i;
			send_mail(h, h->mailed);
		}
}

/* ---- the capture ---- */

static void
look(struct health *h)
{
	struct fault f;
	bool low;

	h->look_due = clk_mono() + LOOK_S * US_PER_SEC;
	if (room_free(spool_of(h), &h->room.free, &f) != 0)
		return;			/* the rows will say what is wrong */
	low = h->room.free < floor_of(h);
	if (low && !h->low)
		msg_warnx("%s: %" PRId64 " MB are free, less than "
		    "diskFloorMegabytes", spool_of(h), h->room.free >> 20);
	note(h, HEALTH_LOW, low && !h->low);
	/* not again while it hangs about the floor */
	h->low = low || (h->low && h->room.free < floor_of(h) +
	    floor_of(h) / 8);
	if (!h->spec.record->disk_full)
		make_reserve(h);
}

void
health_turn(struct health *h, bool over)
{
	const struct record *r = h->spec.record;

	health_clock(h, &h->spec.record->feed.drift);
	if (clk_mono() >= h->look_due)
		look(h);
	note(h, HEALTH_RESERVE, r->released != h->released);
	h->released = r->released;
	note(h, HEALTH_HELD, r->disk_full);
	note(h, HEALTH_OVER, over);
	mind_mails(h);
}

void
health_status(const struct health *h, struct status *s)
{
	const struct record *r = h->spec.record;
	const struct drift *d = &r->feed.drift;
	int64_t left = room_left(&h->room);
	char days[32];

	status_number(s, "disk_free_mb", h->room.free >> 20);
	snprintf(days, sizeof(days), "%" PRId64 ".%" PRId64, left / 10,
	    left % 10);
	status_text(s, "disk_days_left", left >= 0 ? days : NULL);
	status_number(s, "disk_reserve", r->reserve.held);
	if (d->known)
		status_number(s, "clock_offset_ms", d->offset_us / US_PER_MS);
	else
		status_text(s, "clock_offset_ms", NULL);
	status_number(s, "strange_times", (int64_t)d->strange);
}

void
health_close(struct health *h)
{
	if (h->spec.record == NULL)
		return;
	mind_mails(h);
	for (int i = 0; i < LAST_MAIL_S * 10 && child_runs(&h->mail); i++) {
		usleep(100000);
		mind_mails(h);
	}
	child_end(&h->mail);
	reserve_close(&h->spec.record->reserve);
}
