#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "castchan.h"
#include "castfeed.h"
#include "castfill.h"
#include "castplace.h"
#include "castwatch.h"
#include "clk.h"
#include "ltp.h"
#include "msg.h"

/* What is read of a day that has begun: das-greeks writes every symbol again
 * long before that. */
static const uint64_t BACK = UINT64_C(64) << 20;
static const int64_t LOOK_US = 5 * US_PER_SEC;

/* ---- the day ---- */

static int
open_topic(struct castfeed *d, struct castfeed_in *i, const char *day,
    struct fault *f)
{
	const char *spool = conf_str(d->cast->conf, "spoolDir");
	char dir[SPOOL_PATH];
	struct spool_pos pos;

	if (spool_dir(dir, spool, day, i->t->name, f) != 0)
		return -1;
	pos = castplace_back(dir, BACK);
	spool_r_close(&i->in);
	if (spool_r_open(&i->in, spool, day, i->t->name, &pos, f) != 0)
		return -1;
	i->t->pos = i->in.pos;
	i->stale = i->more = d->more = true;
	return 0;
}

static int
open_day(struct castfeed *d, int32_t dayno, struct fault *f)
{
	struct cast *k = d->cast;
	struct castclient *c;

	while ((c = TAILQ_FIRST(&k->fills)) != NULL)
		castfill_stop(c);
	clk_day_to(dayno, k->day);
	if (open_topic(d, &d->ltp, k->day, f) != 0 ||
	    open_topic(d, &d->live, k->day, f) != 0)
		return -1;
	d->dayno = dayno;
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
	castbook_know(&k->ltp.book, 0, &d->inst.set, &d->indices, d->dayno);
	castbook_know(&k->live.book, 0, &d->inst.set, &d->indices, d->dayno);
	castchan_forget(k);
}

/* The first row of a topic today: what is known is yesterday's.  ltp, which every
 * day has, tells that live has none yet. */
static void
begin_day(struct castfeed *d, struct castfeed_in *i)
{
	struct cast *k = d->cast;
	bool there = k->live.there;

	i->stale = false;
	i->known = 0;
	castbook_clear(&i->t->book);
	if (i == &d->ltp && d->live.stale)
		k->live.there = false;
	i->t->there = true;
	castchan_change(k, k->live.there != there);
	d->have_inst = false;
	look_up(d);
}

int
castfeed_open(struct castfeed *d, struct cast *k, struct fault *f)
{
	char path[SPOOL_PATH];

	*d = (struct castfeed){ .cast = k,
	    .ltp = { .t = &k->ltp, .watch = -1 },
	    .live = { .t = &k->live, .watch = -1 } };
	k->ltp.name = LTP_TOPIC;
	k->live.name = LTP_LIVE;
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
	spool_r_close(&d->ltp.in);
	spool_r_close(&d->live.in);
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
	d->more = d->ltp.more = d->live.more = true;
}

static void
take_rows(struct castfeed *d, struct castfeed_in *i, char *rows, size_t len)
{
	struct cast *k = d->cast;
	struct castbook *book = &i->t->book;
	struct spool_pos pos = { i->in.pos.segment, i->in.pos.offset - len };
	char *row, *from = rows, *end = rows + len;
	struct quote *q;

	if (i->stale)
		begin_day(d, i);
	while ((row = spool_row(&rows, end)) != NULL) {
		struct spool_pos at = { pos.segment,
		    pos.offset + (uint64_t)(rows - from) };

		if ((q = castbook_row(book, row, castplace_seq(&at))) == NULL)
			continue;
		if (book->n > i->known)
			castbook_know(book, i->known, &d->inst.set,
			    &d->indices, d->dayno);
		castchan_row(k, i->t, q);
		if (book->n > i->known)
			i->fresh = true;
		i->known = book->n;
	}
	i->t->pos = i->in.pos;
	if (i->fresh)
		(void)castwatch_mark(book, k->conf, d->dayno);
	i->fresh = false;
}

/* Says what is wrong, when it is something else than before. */
static void
trouble(struct casttopic *t, const char *text)
{
	if (strcmp(t->trouble, text) == 0)
		return;
	if (*text != '\0')
		msg_warnx("%s", text);
	else
		msg_warnx("topic %s can be read again", t->name);
	snprintf(t->trouble, sizeof(t->trouble), "%s", text);
}

/* A block of a topic; whether there were rows. */
static bool
read_topic(struct castfeed *d, struct castfeed_in *i)
{
	struct fault f;
	char *rows;
	size_t len;
	int rc;

	if (!i->more)
		return false;
	rc = spool_r_next(&i->in, &rows, &len, &f);
	i->more = rc == 1;
	if (rc == 1 && castbook_header(&i->t->book, i->in.header, &f) != 0)
		rc = -1;
	if (rc == -1)
		trouble(i->t, f.text);
	if (rc != 1)
		return false;
	trouble(i->t, "");
	take_rows(d, i, rows, len);
	return true;
}

bool
castfeed_read(struct castfeed *d)
{
	struct cast *k = d->cast;
	bool rows = read_topic(d, &d->ltp);

	(void)read_topic(d, &d->live);
	d->more = d->ltp.more || d->live.more;
	if (rows) {
		k->row_us = k->now;
		k->row_wall_us = clk_now();
	}
	return rows;
}

void
castfeed_begin(struct castfeed *d)
{
	castfeed_tick(d);
	while (d->more)
		(void)castfeed_read(d);
}

static void
tick_topic(struct castfeed *d, struct castfeed_in *i)
{
	int watch = inotify_add_watch(d->fd, i->in.dir, IN_MODIFY | IN_CREATE |
	    IN_MOVED_TO);

	/* The directory is new, or perhaps it has passed. */
	if (watch != i->watch || i->t->trouble[0] != '\0')
		i->more = d->more = true;
	i->watch = watch;
}

void
castfeed_tick(struct castfeed *d)
{
	struct cast *k = d->cast;
	int32_t today = clk_day_of(clk_now());
	struct fault f;

	/* The last rows before midnight come first. */
	if (today != d->dayno && !d->more && open_day(d, today, &f) != 0)
		trouble(&k->ltp, f.text);
	tick_topic(d, &d->ltp);
	tick_topic(d, &d->live);
	if (k->now - d->looked_us > LOOK_US && (!d->ltp.stale ||
	    !d->live.stale) && (!d->have_inst || dayinst_changed(&d->inst)))
		look_up(d);
}
