#include <stdio.h>
#include <string.h>

#include "castfill.h"
#include "castout.h"
#include "castplace.h"
#include "clk.h"
#include "dayinst.h"

enum {
	PIECE = 32 * 1024,	/* bytes of the topic read at a time; no row is
				 * longer */
	HEADER_MAX = 4096
};

/* Real time that others wait for, at most, before all have their turn again. */
static const int64_t TURN_US = 1500;

/* The columns of the segment that was read last, and a row of it. */
static struct {
	struct castbook	 cols;
	char		 dir[SPOOL_PATH];
	uint32_t	 segment;	/* 0: none yet */
	struct quote	 row;
} now;

static void
add(struct castclient *c)
{
	TAILQ_INSERT_TAIL(&c->cast->fills, c, fill_link);
	c->cast->nfill++;
	c->filling = true;
}

int
castfill_begin(struct castclient *c, const struct spool_pos *from)
{
	if (c->state != CASTCLIENT_OPEN || castout_leave_log(c) != 0 ||
	    c->state != CASTCLIENT_OPEN)
		return -1;
	if (!c->filling)
		add(c);
	c->fill = *from;
	return 0;
}

void
castfill_stop(struct castclient *c)
{
	if (!c->filling)
		return;
	castfill_forget(c);
	castout_join_log(c);
}

void
castfill_forget(struct castclient *c)
{
	if (!c->filling)
		return;
	TAILQ_REMOVE(&c->cast->fills, c, fill_link);
	c->cast->nfill--;
	c->filling = c->may_fill = false;
}

/* ---- rows ---- */

static int
topic_dir(const struct castclient *c, char *out)
{
	const struct cast *k = c->cast;
	struct fault f;

	return spool_dir(out, conf_str(k->conf, "spoolDir"), k->day,
	    castchan_topic(c->ch)->name, &f);
}

/* The columns of a segment; its first row into *begin. */
static int
read_columns(const char *dir, uint32_t segment, uint64_t *begin)
{
	struct spool_pos pos = { segment, 0 };
	char text[HEADER_MAX], *nl;
	ssize_t n = castplace_read(dir, &pos, text, sizeof(text));
	struct fault f;

	nl = n > 0 ? memchr(text, '\n', (size_t)n) : NULL;
	if (nl == NULL)
		return -1;
	*begin = (uint64_t)(nl + 1 - text);
	*nl = '\0';
	if (now.segment == segment && strcmp(now.dir, dir) == 0)
		return 0;
	if (castbook_header(&now.cols, text, &f) != 0)
		return -1;
	now.segment = segment;
	snprintf(now.dir, sizeof(now.dir), "%s", dir);
	return 0;
}

/* Of a symbol that the book does not have, what the instruments say decides. */
static bool
wants(struct castclient *c, struct quote *row)
{
	const struct cast *k = c->cast;
	const struct quote *q = castbook_find(&castchan_topic(c->ch)->book,
	    row->symbol);
	const struct inst *i;
	int32_t day;

	if (q != NULL)
		return castchan_wants(c->ch, q);
	if ((i = inst_find(&k->inst->set, row->token)) != NULL &&
	    clk_day_from(k->day, &day) == 0)
		castbook_inst(row, i, k->indices, day);
	return castspec_says(&c->ch->spec, row) == 1;
}

static void
give(struct castclient *c, char *text)
{
	struct buf *b = &c->cast->own;

	if (castbook_read(&now.cols, text, &now.row) != 0 ||
	    !wants(c, &now.row))
		return;
	now.row.seq = castplace_seq(&c->fill);
	buf_reset(b);
	if (castchan_object(c->ch, &now.row, b) == 0)
		castout_frame(c, WSF_TEXT, b->p, b->len);
	c->cast->count.filled++;
}

/* The whole rows of a piece; whether there was one. */
static bool
give_rows(struct castclient *c, char *piece, size_t n)
{
	char *end = memrchr(piece, '\n', n), *row, *p = piece;
	uint64_t from = c->fill.offset;

	if (end == NULL)
		return false;
	end++;
	while ((row = spool_row(&p, end)) != NULL &&
	    c->state == CASTCLIENT_OPEN) {
		c->fill.offset = from + (uint64_t)(p - piece);
		give(c, row);
	}
	return true;
}

/* 1: something was done; 0: it stands where the feed stands. */
static int
fill(struct castclient *c)
{
	static char piece[PIECE];
	const struct spool_pos *end = &castchan_topic(c->ch)->pos;
	char dir[SPOOL_PATH];
	size_t size = sizeof(piece);
	uint64_t begin;
	ssize_t n = -1;

	if (c->fill.segment > end->segment || (c->fill.segment ==
	    end->segment && c->fill.offset >= end->offset))
		return 0;
	if (topic_dir(c, dir) == 0 &&
	    read_columns(dir, c->fill.segment, &begin) == 0) {
		if (c->fill.offset < begin)
			c->fill.offset = begin;
		if (c->fill.segment == end->segment)
			size = end->offset <= c->fill.offset ? 0 :
			    end->offset - c->fill.offset < size ?
			    (size_t)(end->offset - c->fill.offset) : size;
		n = castplace_read(dir, &c->fill, piece, size);
	}
	if (n > 0 && give_rows(c, piece, (size_t)n))
		return 1;
	if (c->fill.segment == end->segment)
		return 0;
	c->fill = (struct spool_pos){ c->fill.segment + 1, 0 };
	return 1;
}

/* ---- turns ---- */

bool
castfill_step(struct castclient *c)
{
	if (!c->may_fill)
		return false;
	c->may_fill = false;
	if (fill(c) == 0 && c->state == CASTCLIENT_OPEN)
		castfill_stop(c);
	return c->state == CASTCLIENT_OPEN;
}

void
castfill_turn(struct cast *k)
{
	int64_t end = k->nfill > 0 ? clk_mono() + TURN_US : 0;
	struct castclient *c;

	k->may_fill = false;
	for (size_t n = k->nfill; n > 0 && k->nfill > 0; n--) {
		c = TAILQ_FIRST(&k->fills);
		TAILQ_REMOVE(&k->fills, c, fill_link);
		TAILQ_INSERT_TAIL(&k->fills, c, fill_link);
		if (c->blocked || c->held)
			continue;
		k->may_fill = c->may_fill = true;
		castout_flush(c);
		c->may_fill = false;
		if (clk_mono() > end)
			break;
	}
}
