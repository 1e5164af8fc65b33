#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "castchan.h"
#include "castfeed.h"
#include "castplace.h"
#include "castwatch.h"
#include "clk.h"
#include "ltp.h"
#include "msg.h"

enum {
	SEQ_SHIFT = 29		/* a segment is shorter than 2^29 bytes, there
				 * are less than 2^24: a seq is exact as a double */
};

/* What is read of a day that has begun: das-greeks writes every symbol again
 * long before that. */
static const uint64_t BACK = UINT64_C(64) << 20;
static const int64_t LOOK_US = 5 * US_PER_SEC;

/* ---- the day ---- */

static int
open_day(struct castfeed *d, int32_t dayno, struct fault *f)
{
	struct cast *k = d->cast;
	const char *spool = conf_str(k->conf, "spoolDir");
	char dir[SPOOL_PATH];
	struct spool_pos pos;

	clk_day_to(dayno, k->day);
	if (spool_dir(dir, spool, k->day, LTP_TOPIC, f) != 0)
		return -1;
	pos = castplace_back(dir, BACK);
	spool_r_close(&d->in);
	if (spool_r_open(&d->in, spool, k->day, LTP_TOPIC, &pos, f) != 0)
		return -1;
	d->dayno = dayno;
	d->stale = true;
	d->more = true;
	return 0;
}

static void
look_up(struct castfeed *d)
{
	struct cast *k = d->cast;
	struct fault f;

	d->looked_us = k->now;
	if (dayinst_load(&d->inst, k->conf, k->day, &f) != 0) {
		if (!d->told_inst)
			msg_warnx("%s; without it there are no indices and "
			    "expiries, and all symbols are sent", f.text);
		d->told_inst = true;
		return;
	}
	if (d->told_inst)
		msg_warnx("instruments: %zu", d->inst.set.n);
	d->told_inst = false;
	d->have_inst = true;
	castbook_know(&k->book, 0, &d->inst.set, &d->indices, d->dayno);
	castchan_forget(k);
}

/* The first row of a day: what is known is yesterday's. */
static void
begin_day(struct castfeed *d)
{
	d->stale = false;
	d->have_inst = false;
	d->known = 0;
	castbook_clear(&d->cast->book);
	castchan_forget(d->cast);
	look_up(d);
}

int
castfeed_open(struct castfeed *d, struct cast *k, struct fault *f)
{
	char path[SPOOL_PATH];

	*d = (struct castfeed){ .cast = k, .watch = -1 };
	k->inst = &d->inst;
	k->indices = &d->indices;
	if ((d->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) == -1)
		return fault_sys(f, EX_OSERR, "inotify");
	if (conf_shipped(k->conf, "indices.tsv", path, sizeof(path), f) != 0 ||
	    indices_load(&d->indices, path, f) != 0 ||
	    open_day(d, clk_day_of(clk_now()), f) != 0) {
		castfeed_close(d);
		return -1;
	}
	return 0;
}

void
castfeed_close(struct castfeed *d)
{
	spool_r_close(&d->in);
	dayinst_free(&d->inst);
	indices_free(&d->indices);
	if (d->fd != -1)
		close(d->fd);
	d->fd = -1;
}

/* ---- rows ---- */

void
castfeed_clear(struct castfeed *d)
{
	char events[4096];

	while (read(d->fd, events, sizeof(events)) > 0)
		;
	d->more = true;
}

static void
take_rows(struct castfeed *d, char *rows, size_t len)
{
	struct cast *k = d->cast;
	uint64_t offset = d->in.pos.offset - len;
	char *row, *from = rows, *end = rows + len;
	struct quote *q;

	if (d->stale)
		begin_day(d);
	while ((row = spool_row(&rows, end)) != NULL) {
		uint64_t seq = (uint64_t)d->in.pos.segment << SEQ_SHIFT |
		    (offset + (uint64_t)(rows - from));

		if ((q = castbook_row(&k->book, row, seq)) == NULL)
			continue;
		if (k->book.n > d->known)
			castbook_know(&k->book, d->known, &d->inst.set,
			    &d->indices, d->dayno);
		castchan_row(k, q);
		if (k->book.n > d->known)
			d->fresh = true;
		d->known = k->book.n;
	}
	if (d->fresh)
		(void)castwatch_mark(&k->book, k->conf, d->dayno);
	d->fresh = false;
}

/* Says what is wrong, when it is something else than before. */
static void
trouble(struct cast *k, const char *text)
{
	if (strcmp(k->trouble, text) == 0)
		return;
	if (*text != '\0')
		msg_warnx("%s", text);
	else
		msg_warnx("topic " LTP_TOPIC " can be read again");
	snprintf(k->trouble, sizeof(k->trouble), "%s", text);
}

bool
castfeed_read(struct castfeed *d)
{
	struct cast *k = d->cast;
	struct fault f;
	char *rows;
	size_t len;
	int rc = spool_r_next(&d->in, &rows, &len, &f);

	d->more = rc == 1;
	if (rc == 1 && castbook_header(&k->book, d->in.header, &f) != 0)
		rc = -1;
	if (rc == -1)
		trouble(k, f.text);
	if (rc != 1)
		return false;
	trouble(k, "");
	take_rows(d, rows, len);
	k->row_us = k->now;
	k->row_wall_us = clk_now();
	return true;
}

void
castfeed_begin(struct castfeed *d)
{
	castfeed_tick(d);
	while (castfeed_read(d))
		;
}

void
castfeed_tick(struct castfeed *d)
{
	struct cast *k = d->cast;
	int32_t today = clk_day_of(clk_now());
	struct fault f;
	int watch;

	/* The last rows before midnight come first. */
	if (today != d->dayno && !d->more && open_day(d, today, &f) != 0)
		trouble(k, f.text);
	watch = inotify_add_watch(d->fd, d->in.dir, IN_MODIFY | IN_CREATE |
	    IN_MOVED_TO);
	if (watch != d->watch)
		d->more = true;		/* the directory is new */
	d->watch = watch;
	if (k->now - d->looked_us > LOOK_US && !d->stale &&
	    (!d->have_inst || dayinst_changed(&d->inst)))
		look_up(d);
	if (k->trouble[0] != '\0')
		d->more = true;		/* perhaps it has passed */
}
