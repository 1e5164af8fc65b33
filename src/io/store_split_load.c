/* Loading into databases on several servers: store_split.c says how. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "msg.h"
#include "store_split.h"

static int
compare(const struct spool_pos *a, const struct spool_pos *b)
{
	if (a->segment != b->segment)
		return a->segment < b->segment ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* ---- a server that is away ---- */

enum { WAIT_MAX_S = 30 };	/* longest between two tries */

/* Leaves it behind; said once, until it has loaded something again. */
static void
leave_behind(struct split_server *p, const struct fault *why)
{
	int64_t now = clk_mono();

	p->behind = true;
	if (p->since == 0) {
		p->since = now;
		p->tries = 0;
		msg_warnx("%s; the other servers go on, this one catches up "
		    "later", why->text);
	}
	p->next = now + US_PER_SEC * (p->tries < 5 ? INT64_C(1) << p->tries :
	    WAIT_MAX_S);
	p->tries++;
}

static void
say_back(struct split_server *p)
{
	if (p->since != 0)
		msg_warnx("%s: back after %jd s", store_where(p->store),
		    (intmax_t)((clk_mono() - p->since) / US_PER_SEC));
	p->since = 0;
}

enum store_behind
split_behind(struct store *store)
{
	struct split *s = split_of(store);
	enum store_behind all = STORE_LEVEL;
	struct store_pos pos;
	struct fault why;
	struct store *at;

	for (size_t i = 0; i < s->dbs.ndata; i++) {
		struct split_server *p = &s->part[i];

		if (!p->behind)
			continue;
		if (all == STORE_LEVEL)
			all = STORE_BEHIND;
		if (clk_mono() < p->next)
			continue;
		if ((at = split_part(s, i, &why)) != NULL &&
		    store_pos_get(at, s->day, "ticks", &pos, &why) == 0)
			all = STORE_BACK;
		else
			leave_behind(p, &why);
	}
	return all;
}

int
split_pos_get(struct store *store, const char *day, const char *topic,
    struct store_pos *p, struct fault *f)
{
	struct split *s = split_of(store);
	bool all = strcmp(topic, "ticks") == 0;
	size_t n = all ? s->dbs.ndata : 1, low = n, away = 0;
	struct store_pos own[DBS_MAX] = { 0 };
	bool behind[DBS_MAX] = { false };
	struct fault why[DBS_MAX];
	struct store *at;

	for (size_t i = 0; i < n; i++) {
		if ((at = split_part(s, i, &why[i])) == NULL ||
		    store_pos_get(at, day, topic, &own[i], &why[i]) != 0) {
			if (!all || !store->leave || ++away == n ||
			    why[i].ex != EX_TEMPFAIL) {
				if (f != NULL)
					*f = why[i];
				return -1;
			}
			behind[i] = true;
		} else if (low == n ||
		    compare(&own[i].pos, &own[low].pos) < 0) {
			low = i;
		}
	}
	*p = own[low];
	for (size_t i = 0; all && i < n; i++) {
		s->part[i].own = own[i];
		s->part[i].behind = false;
		if (behind[i])
			leave_behind(&s->part[i], &why[i]);
	}
	if (all)
		snprintf(s->day, sizeof(s->day), "%s", day);
	return 0;
}

/* Loads what one server must have of a batch: rows has room for all of its. */
static int
load_part(struct split *s, size_t i, struct store_batch *b,
    struct store_row *rows, struct fault *f)
{
	const struct store_part *all = &b->part[0];
	struct split_server *p = &s->part[i];
	struct store_batch sub = *b;
	struct store *at;
	int rc;

	if (compare(&p->own.pos, &b->to.pos) >= 0)
		return 0;	/* of an earlier try */
	sub.part[0].row = rows;
	sub.part[0].n = 0;
	sub.from = p->own;
	for (size_t j = 0; j < all->n; j++)
		if (dbs_of(&s->dbs, all->row[j].inst->db) == i)
			rows[sub.part[0].n++] = all->row[j];
	if ((at = split_part(s, i, f)) == NULL)
		return -1;
	if ((rc = store_load(at, &sub, f)) == 0) {
		p->own = sub.to;
		say_back(p);
	}
	b->moved = sub.moved;
	b->bad = sub.bad;
	return rc;
}

/* Loads it on all servers that are not behind.  Those that are away are left, if
 * that is wanted and there is another; else -1, and the batch is tried again. */
static int
load_parts(struct split *s, struct store_batch *b, struct store_row *rows,
    struct fault *f)
{
	struct fault why[DBS_MAX];
	bool away[DBS_MAX] = { false };
	size_t took = 0, last = 0, naway = 0;

	for (size_t i = 0; i < s->dbs.ndata; i++) {
		if (s->part[i].behind)
			continue;
		if (load_part(s, i, b, rows, &why[i]) == 0) {
			took++;
			continue;
		}
		last = i;
		if (!s->base.leave || b->moved || why[i].ex != EX_TEMPFAIL)
			goto bad;
		away[i] = true;
		naway++;
	}
	if (naway > 0 && took == 0)
		goto bad;
	for (size_t i = 0; i < s->dbs.ndata; i++)
		if (away[i])
			leave_behind(&s->part[i], &why[i]);
	return 0;
bad:
	if (f != NULL)
		*f = why[last];
	return -1;
}

int
split_load(struct store *store, struct store_batch *b, struct fault *f)
{
	struct split *s = split_of(store);
	struct store_row *rows;
	struct store_pos now;
	struct store *first;
	int rc;

	if (b->part[0].table != &store_daily)
		return (first = split_part(s, 0, f)) == NULL ? -1 :
		    first->ops->load(first, b, f);
	if (strcmp(s->day, b->day) != 0 &&
	    split_pos_get(store, b->day, b->topic, &now, f) != 0)
		return -1;
	for (size_t i = 0; i < s->dbs.ndata; i++)
		if (!s->part[i].behind &&
		    compare(&s->part[i].own.pos, &b->from.pos) < 0) {
			b->moved = true;
			return fault_set(f, EX_TEMPFAIL, "%s: not all of %s of "
			    "%s before this batch is loaded", store->where,
			    b->topic, b->day);
		}
	if ((rows = calloc(b->part[0].n + 1, sizeof(*rows))) == NULL)
		return maria_nomem(f);
	rc = load_parts(s, b, rows, f);
	free(rows);
	*s->filed_day = '\0';
	if (b->moved)
		*s->day = '\0';		/* what we know is old */
	return rc;
}
