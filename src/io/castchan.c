#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "castchan.h"
#include "castclient.h"
#include "castfill.h"
#include "castout.h"
#include "castsay.h"
#include "clk.h"
#include "wsz.h"

enum {
	SILENCE_US = 4000000,	/* 5 s are promised; looked at once a second */
	PACK_MIN = 64,		/* a shorter text is sent as it is */
	TAIL = 40,		/* ,"seq":N */
	SLICE = 64		/* clients written to before others are heard */
};

static const size_t LOGS_MAX = (size_t)512 << 20;	/* bytes of all logs */

struct castchan *
castchan_get(struct cast *k, const struct castspec *spec)
{
	struct castchan *ch;

	for (ch = LIST_FIRST(&k->chans); ch != NULL; ch = LIST_NEXT(ch, link))
		if (castspec_same(&ch->spec, spec))
			return ch;
	if ((ch = calloc(1, sizeof(*ch))) == NULL)
		return NULL;
	if (castspec_copy(&ch->spec, spec) != 0) {
		free(ch);
		return NULL;
	}
	ring_init(&ch->log, k->queue);
	ch->log.ends = castwire_ends(spec->wire);
	ch->cast = k;
	ch->put_us = k->now;
	ch->shown = castchan_topic(ch)->book.version;
	LIST_INSERT_HEAD(&k->chans, ch, link);
	k->nchan++;
	return ch;
}

static void
end_channel(struct castchan *ch)
{
	LIST_REMOVE(ch, link);
	ch->cast->nchan--;
	ch->cast->logs -= ch->log.cap;
	ring_free(&ch->log);
	castspec_free(&ch->spec);
	free(ch->client);
	free(ch->says);
	free(ch);
}

int
castchan_join(struct castchan *ch, struct castclient *c)
{
	struct castclient **v;
	size_t cap = ch->cap == 0 ? 4 : ch->cap * 2;

	if (ch->n == ch->cap) {
		v = realloc(ch->client, cap * sizeof(struct castclient *));
		if (v == NULL) {
			if (ch->n == 0)
				end_channel(ch);
			return -1;
		}
		ch->client = v;
		ch->cap = cap;
	}
	c->ch = ch;
	c->slot = ch->n;
	ch->client[ch->n++] = c;
	c->pos = c->finish = ch->log.head;
	c->count = ch->log.frames;
	return 0;
}

void
castchan_leave(struct castclient *c)
{
	struct castchan *ch = c->ch;

	if (ch == NULL)
		return;
	ch->client[c->slot] = ch->client[--ch->n];
	ch->client[c->slot]->slot = c->slot;
	if (ch->todo > 0)
		ch->todo = ch->n;	/* one has another place now */
	c->ch = NULL;
	if (ch->n == 0)
		end_channel(ch);
}

/* ---- what it wants ---- */

struct casttopic *
castchan_topic_of(struct cast *k, const struct castspec *spec)
{
	return spec->tick && k->live.there ? &k->live : &k->ltp;
}

struct casttopic *
castchan_topic(const struct castchan *ch)
{
	return castchan_topic_of(ch->cast, &ch->spec);
}

bool
castchan_wants(struct castchan *ch, const struct quote *q)
{
	struct castbook *b = &castchan_topic(ch)->book;
	size_t id = (size_t)(q - b->v);

	if (id >= ch->says_cap) {
		int8_t *p = realloc(ch->says, b->cap);

		if (p == NULL)
			return false;
		ch->says = p;
		ch->says_cap = b->cap;
	}
	for (; ch->nsays <= id; ch->nsays++)
		ch->says[ch->nsays] = (int8_t)castspec_says(&ch->spec,
		    &b->v[ch->nsays]);
	return ch->says[id] == 1 ||
	    (ch->says[id] == -1 && ch->spec.watched && q->watched);
}

void
castchan_forget(struct cast *k)
{
	struct castchan *ch;

	for (ch = LIST_FIRST(&k->chans); ch != NULL; ch = LIST_NEXT(ch, link))
		ch->nsays = 0;
}

/* Versions only grow: what a log says of rows of the other book is older than
 * all that this one has. */
void
castchan_change(struct cast *k, bool topic)
{
	struct castbook *a = &k->ltp.book, *b = &k->live.book;
	struct castchan *ch;

	a->version = b->version = a->version > b->version ? a->version :
	    b->version;
	castchan_forget(k);
	for (ch = LIST_FIRST(&k->chans); ch != NULL; ch = LIST_NEXT(ch, link))
		for (size_t i = 0; topic && ch->spec.tick && i < ch->n; i++)
			castfill_stop(ch->client[i]);
}

/* ---- the log ---- */

static void
look_for_low(struct castchan *ch)
{
	ch->low = ch->log.head;
	for (size_t i = 0; i < ch->n; i++)
		if (!ch->client[i]->behind && ch->client[i]->pos < ch->low)
			ch->low = ch->client[i]->pos;
	ch->looked = true;
}

/*
 * Room for a frame of n bytes.  Clients that are overtaken go at once for a
 * quarter of the log: to look for them for every frame would take the time that
 * the others need.
 */
static int
make_room(struct castchan *ch, size_t n)
{
	struct ring *r = &ch->log;
	size_t before = r->cap;
	uint64_t lost;

	if (!ch->looked && r->head - ch->low + n > r->cap)
		look_for_low(ch);
	r->max = ch->cast->logs > LOGS_MAX && r->cap > 0 ? r->cap :
	    ch->cast->queue;
	if (ring_room(r, n, ch->low, &lost) != 0)
		return -1;
	ch->cast->logs += r->cap - before;
	if (lost <= ch->low)
		return 0;
	lost = lost + r->cap / 4 < r->head ? lost + r->cap / 4 : r->head;
	for (size_t i = 0; i < ch->n; i++) {
		struct castclient *c = ch->client[i];

		if (!c->behind && c->pos < lost)
			castout_flush(c);	/* perhaps nobody has asked it */
		if (!c->behind && c->pos < lost)
			castout_overtake(c);
	}
	ch->low = lost;
	return 0;
}

/* Without memory a frame is lost: seen by all as a value that comes with the next
 * one. */
static void
put_frame(struct castchan *ch, const void *head, size_t len, const void *p,
    size_t n, uint64_t version)
{
	if (make_room(ch, len + n) != 0)
		return;
	ring_put(&ch->log, head, len, p, n, version);
	ch->put_us = ch->cast->now;
	ch->cast->count.frames++;
}

static void
put_text(struct castchan *ch, const void *p, size_t n, uint64_t version)
{
	struct buf *b = &ch->cast->wired;

	buf_reset(b);
	if (castwire_put(b, ch->spec.wire, WSF_TEXT, p, n) == 0)
		put_frame(ch, "", 0, b->p, b->len, version);
}

void
castchan_put(struct castchan *ch, const void *p, size_t n, uint64_t version)
{
	uint8_t head[WSFS_HEAD_MAX];
	bool packed = false;
	size_t len;

	if (ch->spec.wire != CASTWIRE_WS) {
		put_text(ch, p, n, version);
		return;
	}
	if (ch->spec.packed && n >= PACK_MIN && wsz_pack(p, n, &p, &n) == 0)
		packed = true;
	len = wsfs_head(head, WSF_TEXT, packed, n);
	put_frame(ch, head, len, p, n, version);
}

/* ---- objects ---- */

int
castchan_object(struct castchan *ch, const struct quote *q, struct buf *b)
{
	char tail[TAIL] = "";

	if (ch->spec.seq)
		snprintf(tail, sizeof(tail), ",\"seq\":%ju", (uintmax_t)q->seq);
	return castbook_put(b, q, ch->spec.fields, tail);
}

static void
put_row(struct castchan *ch, const struct quote *q, uint64_t version)
{
	struct buf *b = &ch->cast->scratch;

	if (!ch->spec.seq && ch->spec.fields == CASTBOOK_ALL) {
		castchan_put(ch, q->json, q->len, version);
		return;
	}
	buf_reset(b);
	if (castchan_object(ch, q, b) == 0)
		castchan_put(ch, b->p, b->len, version);
}

void
castchan_row(struct cast *k, const struct casttopic *t, const struct quote *q)
{
	struct castchan *ch;

	for (ch = LIST_FIRST(&k->chans); ch != NULL; ch = LIST_NEXT(ch, link))
		if (ch->spec.tick && castchan_topic(ch) == t &&
		    castchan_wants(ch, q))
			put_row(ch, q, q->version);
}

int
castchan_batch(struct castchan *ch, struct buf *b)
{
	struct castbook *book = &castchan_topic(ch)->book;
	const char *comma = "";
	char ts[40];

	if (buf_addf(b, "{\"timestamp\":\"%s\",\"data\":{", castsay_now(ts)) != 0)
		return -1;
	for (size_t i = 0; i < book->n; i++) {
		const struct quote *q = &book->v[i];

		if (q->version == 0 || !castchan_wants(ch, q))
			continue;
		/* the first member of an object is its symbol, quoted */
		if (buf_addf(b, "%s%.*s:", comma, q->at[1] - q->at[0] - 1 -
		    (int)strlen("\"symbol\":"), q->json + q->at[0] +
		    strlen("\"symbol\":")) != 0 ||
		    castchan_object(ch, q, b) != 0)
			return -1;
		comma = ",";
	}
	return buf_adds(b, "}}");
}

static void
snapshot(struct castchan *ch)
{
	struct castbook *book = &castchan_topic(ch)->book;
	uint64_t before = ch->shown;

	ch->shown = book->version;
	if (ch->spec.batch) {
		buf_reset(&ch->cast->scratch);
		if (castchan_batch(ch, &ch->cast->scratch) == 0)
			castchan_put(ch, ch->cast->scratch.p,
			    ch->cast->scratch.len, before + 1);
		return;
	}
	for (size_t i = 0; i < book->n; i++)
		if (book->v[i].version > 0 && castchan_wants(ch, &book->v[i]))
			put_row(ch, &book->v[i], before + 1);
}

/* A message of status, made once for all who get it; false: no memory. */
static bool
put_status(struct castchan *ch, struct buf *b)
{
	if (b->len == 0 && castsay_status(ch->cast, b) != 0)
		return false;
	castchan_put(ch, b->p, b->len, castchan_topic(ch)->book.version);
	return true;
}

void
castchan_snapshots(struct cast *k)
{
	struct castchan *ch;
	struct buf b = { 0 };

	k->count.snapshots++;
	for (ch = LIST_FIRST(&k->chans); ch != NULL; ch = LIST_NEXT(ch, link)) {
		if (!ch->spec.tick || ch->log.frames == ch->beat)
			snapshot(ch);
		/* Of who has no rows nobody shall think that he is gone. */
		if (ch->spec.status || ch->log.frames == ch->beat)
			(void)put_status(ch, &b);
		ch->beat = ch->log.frames;
	}
	buf_free(&b);
}

void
castchan_tell(struct cast *k)
{
	struct castchan *ch;
	struct buf b = { 0 };

	for (ch = LIST_FIRST(&k->chans); ch != NULL; ch = LIST_NEXT(ch, link))
		if (ch->spec.status && !put_status(ch, &b))
			break;
	buf_free(&b);
}

void
castchan_beat(struct cast *k)
{
	struct castchan *ch;
	struct buf b = { 0 };

	for (ch = LIST_FIRST(&k->chans); ch != NULL; ch = LIST_NEXT(ch, link))
		if (k->now - ch->put_us > SILENCE_US && !put_status(ch, &b))
			break;
	buf_free(&b);
}

/* ---- out ---- */

/* A round begins where the last one ended, and begins anew with every new frame:
 * a client gets what is there when its turn comes, and so waits for one round at
 * most, not for the rest of one and its place in the next. */
static void
flush_some(struct castchan *ch)
{
	if (ch->log.head != ch->flushed || ch->unfinished)
		ch->todo = ch->n;
	ch->unfinished = false;
	ch->flushed = ch->log.head;
	for (int i = 0; i < SLICE && ch->todo > 0 && ch->n > 0; i++) {
		if (ch->next >= ch->n)
			ch->next = 0;
		ch->todo--;
		castout_flush(ch->client[ch->next++]);
	}
	ch->looked = false;
}

void
castchan_flush(struct cast *k)
{
	struct castchan *ch;

	k->unfinished = false;
	for (ch = LIST_FIRST(&k->chans); ch != NULL; ch = LIST_NEXT(ch, link)) {
		if (ch->log.head == ch->flushed && !ch->unfinished &&
		    ch->todo == 0)
			continue;
		flush_some(ch);
		k->unfinished |= ch->unfinished || ch->todo > 0;
	}
}

void
castchan_trim(struct cast *k)
{
	struct castchan *ch;

	for (ch = LIST_FIRST(&k->chans); ch != NULL; ch = LIST_NEXT(ch, link)) {
		look_for_low(ch);
		if (ch->low == ch->log.head && ch->log.cap > RING_MIN) {
			k->logs -= ch->log.cap;
			ring_forget(&ch->log);
		}
	}
}
