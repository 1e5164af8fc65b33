#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "file.h"
#include "load_topic.h"
#include "lock.h"
#include "stop.h"

enum {
	TEXT_MAX = 20 << 20		/* bytes of a batch */
};

struct load_mark {		/* where a block of the batch is from */
	const char	*text;
	struct spool_pos at;
};

static const struct load_topic *const topics[] = { &load_ticks, &load_ltp };

/* ---- the batch ---- */

static int
nomem(const struct load *l, struct fault *f)
{
	errno = ENOMEM;
	return fault_sys(f, 0, "%s", l->r.dir);
}

static void
empty_batch(struct load *l)
{
	buf_reset(&l->text);
	l->n = l->nmark = 0;
}

/* Ends the batch before *at, so that the reader comes there again. */
static int
cut_at(struct load *l, struct spool_pos at, struct fault *f)
{
	l->to.pos = at;
	rows_close(&l->r);
	return rows_open(&l->r, l->conf, l->day, l->topic->name, &at, f);
}

/* "segment file:byte: " of a row in the batch. */
static int
bad_row(const struct load *l, const char *row, const char *why,
    struct fault *f)
{
	size_t i = l->nmark;

	while (i > 0 && l->mark[i - 1].text > row)
		i--;
	if (i == 0)
		abort();	/* not a row of this batch */
	return fault_set(f, EX_DATAERR, "%s/%06u.tsv:%ju: %s", l->r.dir,
	    (unsigned)l->mark[i - 1].at.segment,
	    (uintmax_t)(l->mark[i - 1].at.offset +
	    (uint64_t)(row - l->mark[i - 1].text)), why);
}

/* Finds the columns of the segment that begins. */
static int
take_head(struct load *l, const char *head, struct fault *f)
{
	struct fault why;

	free(l->head);
	if ((l->head = strdup(head)) == NULL)
		return nomem(l, f);
	if (l->topic->head(l, head, &why) == 0)
		return 0;
	return fault_set(f, why.ex, "%s/%06u.tsv: %s", l->r.dir,
	    (unsigned)l->r.pos.segment, why.text);
}

/* Room for as many rows as n bytes can hold, and a mark. */
static int
room(struct load *l, size_t n, struct fault *f)
{
	size_t need = l->n + n / (size_t)l->ncol + 1;
	size_t marks = l->markcap != 0 ? l->markcap * 2 : 64;
	void *p;

	if (l->nmark == l->markcap) {
		if ((p = realloc(l->mark, marks * sizeof(*l->mark))) == NULL)
			return nomem(l, f);
		l->mark = p;
		l->markcap = marks;
	}
	if (need <= l->cap)
		return 0;
	need += need / 4;
	if ((p = realloc(l->row, need * sizeof(*l->row))) == NULL)
		return nomem(l, f);
	l->row = p;
	if ((p = realloc(l->sorted, need * sizeof(*l->sorted))) == NULL)
		return nomem(l, f);
	l->sorted = p;
	if ((p = realloc(l->item, need * sizeof(*l->item))) == NULL)
		return nomem(l, f);
	l->item = p;
	if ((p = realloc(l->group, need * sizeof(*l->group))) == NULL)
		return nomem(l, f);
	l->group = p;
	l->cap = need;
	return 0;
}

/*
 * Adds a block to the batch: 0; LOAD_MORE when the batch must be in the store
 * before the rest can be judged; -1.
 */
static int
take_block(struct load *l, const char *rows, size_t len, struct fault *f)
{
	struct spool_pos at = l->r.pos;
	const char *p, *end, *nl;

	at.offset -= len;
	if (room(l, len, f) != 0)
		return -1;
	if (buf_add(&l->text, rows, len) != 0)
		return nomem(l, f);
	p = l->text.p + l->text.len - len;
	end = p + len;
	l->mark[l->nmark++] = (struct load_mark){ p, at };
	while (p < end) {
		const char *why;
		enum sift_as as;
		bool again;

		nl = memchr(p, '\n', (size_t)(end - p));
		as = l->topic->row(l, p, nl, &why);
		again = as == SIFT_UNKNOWN && dayinst_changed(&l->inst);
		if ((as == SIFT_BAD || again) && l->to.rows > l->from.rows)
			return cut_at(l, at, f) == 0 ? LOAD_MORE : -1;
		if (as == SIFT_BAD)
			return bad_row(l, p, why, f);
		if (again) {
			if (dayinst_load(&l->inst, l->conf, l->day, f) != 0)
				return -1;
			continue;	/* judge it again */
		}
		l->unknown += as == SIFT_UNKNOWN;
		l->to.kept_out += as != SIFT_TAKE;
		l->to.rows++;
		at.offset += (uint64_t)(nl + 1 - p);
		p = nl + 1;
	}
	l->to.pos = l->r.pos;
	return 0;
}

/* ---- batches ---- */

/* Collects a batch; what load_some() is to give when it is in the store. */
static int
collect(struct load *l, int64_t interval_us, struct fault *f)
{
	int64_t start = clk_mono(), left;
	char *rows;
	size_t len;
	int rc;

	while (l->text.len + SPOOL_BLOCK <= TEXT_MAX) {
		if ((rc = rows_next(&l->r, &rows, &len, f)) == -1)
			return -1;
		if (rc == SPOOL_END)
			return LOAD_END;
		left = start + interval_us - clk_mono();
		if (rc == 0) {
			bool empty = l->to.rows == l->from.rows;

			if (interval_us < 0 || stop_asked() || left <= 0)
				return empty ? LOAD_IDLE : LOAD_MORE;
			if (empty)
				rows_wait(&l->r, (int)(left / US_PER_MS) + 1);
			else	/* more comes: do not wake for every row */
				stop_sleep(left);
			continue;
		}
		if (l->head == NULL || strcmp(l->head, l->r.header) != 0) {
			if (l->to.rows > l->from.rows) {
				struct spool_pos at = l->r.pos;

				at.offset -= len;
				return cut_at(l, at, f) == 0 ? LOAD_MORE : -1;
			}
			if (take_head(l, l->r.header, f) != 0)
				return -1;
		}
		if ((rc = take_block(l, rows, len, f)) != 0)
			return rc;
		if (interval_us >= 0 && left <= 0)
			break;
	}
	return LOAD_MORE;
}

static int
commit(struct load *l, struct fault *f)
{
	struct store_batch b = {
		.day = l->day, .topic = l->topic->name, .nfield = l->ncol,
		.from = l->from, .to = l->to
	};

	/*
	 * The store must not know rows that a power cut can still take out of
	 * the spool: they would be counted there and not here.
	 */
	if (!rows_are_closed(l->conf, l->day, l->topic->name) &&
	    rows_sync(&l->r, l->from.pos.segment, f) != 0)
		return -1;
	l->topic->parts(l, &b);
	if (store_load(l->store, &b, f) != 0) {
		struct fault why = *f;

		l->rival = b.moved;
		return f->ex == EX_DATAERR && b.bad != NULL ?
		    bad_row(l, b.bad, why.text, f) : -1;
	}
	l->rows += l->to.rows - l->from.rows;
	l->kept_out += l->to.kept_out - l->from.kept_out;
	l->batches++;
	l->from = l->to;
	empty_batch(l);
	return 0;
}

int
load_some(struct load *l, int64_t interval_us, struct fault *f)
{
	if (!l->pending) {
		if ((l->after = collect(l, interval_us, f)) == -1) {
			/* What was read and not taken is read again. */
			(void)cut_at(l, l->to.pos, NULL);
			return -1;
		}
		l->pending = true;
	}
	if (l->to.rows > l->from.rows && commit(l, f) != 0)
		return -1;
	l->pending = false;
	return l->after;
}

static const struct load_topic *
topic_of(const char *name)
{
	for (size_t i = 0; i < sizeof(topics) / sizeof(*topics); i++)
		if (strcmp(topics[i]->name, name) == 0)
			return topics[i];
	return NULL;
}

bool
load_knows(const char *topic)
{
	return topic_of(topic) != NULL;
}

int
load_lock(const struct conf *c, const char *day, const char *topic,
    struct fault *f)
{
	char dir[SPOOL_PATH], lock[SPOOL_PATH];

	/* The descriptor is closed by exit(). */
	return file_join(dir, sizeof(dir), conf_str(c, "spoolDir"), day,
	    f) != 0 || file_mkdirs(dir, f) != 0 || file_join(lock, sizeof(lock),
	    dir, topic_of(topic)->lock, f) != 0 || lock_take(lock, f) == -1 ?
	    -1 : 0;
}

int
load_open(struct load *l, struct store *s, const struct conf *c,
    const char *day, const char *topic, struct fault *f)
{
	*l = (struct load){ .store = s, .conf = c, .topic = topic_of(topic) };
	if (l->topic == NULL)
		abort();		/* the caller asks load_knows() */
	snprintf(l->day, sizeof(l->day), "%s", day);
	snprintf(l->sift.day, sizeof(l->sift.day), "%s", day);
	l->sift.set = &l->inst.set;
	if ((l->topic->insts && dayinst_load(&l->inst, c, day, f) != 0) ||
	    store_pos_get(s, day, topic, &l->from, f) != 0)
		return -1;
	l->to = l->from;
	if (buf_room(&l->text, TEXT_MAX) != 0)	/* rows stay where they are */
		return nomem(l, f);
	return rows_open(&l->r, c, day, topic, &l->from.pos, f) == 0 ?
	    rows_ahead(&l->r, f) : -1;
}

void
load_close(struct load *l)
{
	rows_close(&l->r);
	dayinst_free(&l->inst);
	free(l->head);
	buf_free(&l->text);
	free(l->row);
	free(l->sorted);
	free(l->item);
	free(l->group);
	free(l->mark);
	*l = (struct load){ 0 };
}
