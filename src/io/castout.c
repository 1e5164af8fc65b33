#include <stdio.h>
#include <string.h>

#include "castclient.h"
#include "castfill.h"
#include "castout.h"
#include "castsock.h"
#include "clk.h"

enum {
	QUOTA = 1 << 20,	/* bytes for one client in a turn */
	SWEEP = 32 * 1024,	/* bytes of rows made at a time */
	MOVE_MAX = 256 * 1024	/* bytes copied when the channel changes */
};

/* Real time, us. */
static const int64_t BYE_US = 2 * US_PER_SEC, LAST_US = 10 * US_PER_SEC,
    SKIP_US = 60 * US_PER_SEC;

/* ---- what is for it alone ---- */

static void
count_out(struct castclient *c)
{
	c->cast->pending += c->out.len - c->counted;
	c->counted = c->out.len;
}

/* Before something is put into out: the frame that has begun ends first. */
static void
begin_out(struct castclient *c)
{
	if (c->out.len > c->out_at)
		return;
	c->finish = c->pos;
	if (c->ch != NULL && !c->behind && c->pos < c->ch->log.head)
		c->finish = ring_next(&c->ch->log, c->pos).at;
}

void
castout_frame(struct castclient *c, enum wsf_op op, const void *p, size_t n)
{
	begin_out(c);
	if (castwire_put(&c->out, c->wire, op, p, n) != 0)
		castclient_end(c);			/* no memory for one message */
	count_out(c);
}

void
castout_say(struct castclient *c, const void *p, size_t n)
{
	if (c->state == CASTCLIENT_OPEN)
		castout_frame(c, WSF_TEXT, p, n);
}

void
castout_raw(struct castclient *c, const void *p, size_t n)
{
	if (buf_add(&c->out, p, n) != 0)
		castclient_end(c);
}

void
castout_close(struct castclient *c, unsigned code, const char *why)
{
	if (c->state == CASTCLIENT_OPEN) {
		begin_out(c);
		if (castwire_put_close(&c->out, c->wire, code, why) != 0) {
			castclient_end(c);
			return;
		}
	} else if (c->state != CASTCLIENT_HEAD) {
		return;
	}
	castfill_forget(c);
	c->state = CASTCLIENT_LAST;
	c->end_us = c->cast->now + LAST_US;
	castout_flush(c);
}

/* ---- behind ---- */

/* Puts the log's from..to before what is in out, all of it. */
static int
put_before(struct castclient *c, uint64_t from, uint64_t to)
{
	struct buf b = { 0 };
	struct iovec iov[2];
	int parts = ring_iov(&c->ch->log, from, to, iov);

	for (int i = 0; i < parts; i++)
		if (buf_add(&b, iov[i].iov_base, iov[i].iov_len) != 0)
			goto bad;
	if (buf_add(&b, c->out.p, c->out.len) != 0)
		goto bad;
	buf_free(&c->out);
	c->out = b;
	return 0;
bad:
	buf_free(&b);
	return -1;
}

void
castout_overtake(struct castclient *c)
{
	struct ring_mark m = ring_next(&c->ch->log, c->pos);

	/* With out half sent the log is between two frames. */
	if (m.at > c->pos && c->out_at == 0 &&
	    put_before(c, c->pos, m.at) != 0) {
		castclient_end(c);
		return;
	}
	c->skip_frame = m.frame;
	if (!c->sweeping || m.version <= c->since)
		c->since = m.version > 0 ? m.version - 1 : 0;
	c->sweeping = false;
	c->behind = true;
	c->finish = c->pos;
	if (c->cast->now - c->skip_us > SKIP_US) {
		c->skip_us = c->cast->now;
		c->skips = 0;
	}
	c->skips++;
	c->cast->count.skips++;
}

/* Tells how much it missed; what changed meanwhile will follow. */
static void
catch_up(struct castclient *c)
{
	const struct ring *log = &c->ch->log;
	bool batch = c->ch->spec.batch && log->frames > c->skip_frame &&
	    log->last >= log->tail && log->last < log->head;
	uint64_t n = log->frames - c->skip_frame - batch;
	char text[64];

	c->behind = false;
	c->pos = c->finish = batch ? log->last : log->head;
	c->count = log->frames - batch;
	snprintf(text, sizeof(text), "{\"type\":\"skipped\",\"n\":%ju}",
	    (uintmax_t)n);
	castout_frame(c, WSF_TEXT, text, strlen(text));
	c->cast->count.skipped += n;
	if (batch)
		return;
	c->sweeping = true;
	c->sweep = 0;
	c->upto = castchan_topic(c->ch)->book.version;
}

/* Some more rows of what changed.  Who has changed again since the sweep began
 * is in the log, or in the next snapshot. */
static void
sweep(struct castclient *c)
{
	struct castbook *b = &castchan_topic(c->ch)->book;
	struct buf *text = &c->cast->own;

	while (c->sweep < b->n && c->out.len < SWEEP &&
	    c->state != CASTCLIENT_GONE) {
		const struct quote *q = &b->v[c->sweep++];

		if (q->version <= c->since || q->version > c->upto ||
		    !castchan_wants(c->ch, q))
			continue;
		buf_reset(text);
		if (castchan_object(c->ch, q, text) == 0)
			castout_frame(c, WSF_TEXT, text->p, text->len);
	}
	if (c->sweep >= b->n)
		c->sweeping = false;
}

/* ---- out ---- */

/* 1: all was taken; 0: not all; -1: the connection is over. */
static int
push(struct castclient *c, struct iovec *iov, int parts, size_t n, size_t *took)
{
	ssize_t got = castsock_write(c, iov, parts);

	*took = 0;
	if (got == CASTSOCK_AGAIN) {
		if (!c->blocked)
			c->moved_us = c->cast->now;
		c->blocked = true;
		return 0;
	}
	if (got < 0) {
		castclient_end(c);
		return -1;
	}
	*took = (size_t)got;
	c->moved_us = c->cast->now;
	c->cast->count.bytes += *took;
	return *took == n;
}

static int
push_log(struct castclient *c, uint64_t to, size_t quota, size_t *took)
{
	struct ring *log = &c->ch->log;
	struct iovec iov[2];
	int rc;

	if (to - c->pos > quota)
		to = c->pos + quota;
	rc = push(c, iov, ring_iov(log, c->pos, to, iov),
	    (size_t)(to - c->pos), took);
	c->pos += *took;
	if (c->pos == log->head) {
		c->cast->count.delivered += log->frames - c->count;
		c->count = log->frames;
	}
	return rc;
}

static int
push_out(struct castclient *c, size_t *took)
{
	struct iovec iov = { c->out.p + c->out_at, c->out.len - c->out_at };
	int rc = push(c, &iov, 1, iov.iov_len, took);

	c->out_at += *took;
	if (rc >= 0 && c->out_at == c->out.len) {
		buf_free(&c->out);	/* an idle client has none */
		c->out_at = 0;
	}
	return rc;
}

/* All is sent: the other side closes, or is closed. */
static void
say_bye(struct castclient *c)
{
	c->state = CASTCLIENT_BYE;
	c->end_us = c->cast->now + BYE_US;
	if (castsock_shut(c) != 0)
		castclient_end(c);
}

/* The next thing to do: 1 go on, 0 nothing more now. */
static int
step(struct castclient *c, size_t quota, size_t *took)
{
	*took = 0;
	if (castsock_held(c))
		return push(c, NULL, 0, 0, took) >= 0;
	if (c->ch != NULL && c->finish > c->pos)
		return push_log(c, c->finish, c->finish - c->pos, took) >= 0;
	if (c->out.len > c->out_at)
		return push_out(c, took) >= 0;
	if (c->state == CASTCLIENT_LAST)
		return say_bye(c), 0;
	if (c->ch == NULL || c->held || c->state != CASTCLIENT_OPEN)
		return 0;
	if (c->filling)
		return castfill_step(c);
	if (c->behind)
		return catch_up(c), 1;
	if (c->sweeping)
		return sweep(c), 1;
	if (c->pos == c->ch->log.head)
		return 0;
	return push_log(c, c->ch->log.head, quota, took) >= 0;
}

void
castout_flush(struct castclient *c)
{
	size_t quota = QUOTA, took;

	while (!c->blocked && c->state < CASTCLIENT_BYE && quota > 0 &&
	    step(c, quota, &took) == 1)
		quota -= took < quota ? took : quota;
	count_out(c);
	if (quota == 0 && c->ch != NULL)
		c->ch->unfinished = c->cast->unfinished = true;
}

/* ---- channels ---- */

void
castout_open(struct castclient *c, const struct castspec *spec)
{
	struct castchan *ch = castchan_get(c->cast, spec);

	if (ch == NULL || castchan_join(ch, c) != 0) {
		castclient_end(c);
		return;
	}
	c->state = CASTCLIENT_OPEN;
	c->wire = (uint8_t)spec->wire;
	c->cast->nopen++;
	c->cast->count.upgraded++;
	wsfs_free(&c->in);
	wsfs_init(&c->in, CAST_MESSAGE, spec->packed);
	c->born_us = c->cast->now;
	c->held = true;
	TAILQ_INSERT_TAIL(&c->cast->fresh, c, fresh_link);
}

/* Takes what its channel has for it along, into out. */
static int
settle(struct castclient *c)
{
	struct ring *log = &c->ch->log;
	struct iovec iov[2];
	uint64_t from = c->pos;
	int parts;

	if (c->filling)
		return 0;		/* it has nothing of the log */
	if (!c->behind && log->head - c->pos > MOVE_MAX)
		castout_overtake(c);
	if (c->behind) {
		catch_up(c);
		return 0;
	}
	if (c->finish > c->pos) {
		if (put_before(c, c->pos, c->finish) != 0)
			return -1;
		from = c->pos = c->finish;
	}
	parts = ring_iov(log, from, log->head, iov);
	for (int i = 0; i < parts; i++)
		if (buf_add(&c->out, iov[i].iov_base, iov[i].iov_len) != 0)
			return -1;
	c->pos = c->finish = log->head;
	return 0;
}

int
castout_move(struct castclient *c, const struct castspec *spec)
{
	const struct casttopic *t = castchan_topic(c->ch);
	struct castchan *ch;

	if (c->held) {
		TAILQ_REMOVE(&c->cast->fresh, c, fresh_link);
		c->held = false;
	}
	if (castspec_same(&c->ch->spec, spec))
		return 0;
	if (settle(c) == 0 && c->state != CASTCLIENT_GONE &&
	    (ch = castchan_get(c->cast, spec)) != NULL) {
		castchan_leave(c);
		if (castchan_join(ch, c) == 0) {
			if (castchan_topic(ch) != t)
				castfill_stop(c);
			return 0;
		}
		c->cast->nopen--;
	}
	castclient_end(c);
	return -1;
}

int
castout_leave_log(struct castclient *c)
{
	if (settle(c) != 0) {
		castclient_end(c);
		return -1;
	}
	c->behind = true;
	c->sweeping = false;
	c->finish = c->pos;
	return 0;
}

void
castout_join_log(struct castclient *c)
{
	const struct ring *log = &c->ch->log;

	c->behind = false;
	c->pos = c->finish = log->head;
	c->count = log->frames;
}

void
castout_snapshot(struct castclient *c)
{
	struct buf *b = &c->cast->own;

	if (c->ch->spec.batch) {
		buf_reset(b);
		if (castchan_batch(c->ch, b) == 0)
			castout_say(c, b->p, b->len);
		return;
	}
	if (c->filling)
		return;			/* all of it will come */
	/* What is older goes before it. */
	if (!c->behind && settle(c) != 0) {
		castclient_end(c);
		return;
	}
	c->sweeping = true;
	c->sweep = 0;
	c->since = 0;
	c->upto = castchan_topic(c->ch)->book.version;
}
