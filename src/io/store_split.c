/*
 * The databases of MariaDB on several servers (dbs.h): each server has its own
 * dailytable with the instruments whose databases it has, its own das_position
 * and das_filed, so that views, filing and counting stay within one.
 *
 * A batch goes to one server after the other, each in a transaction of that
 * server with its own position; no transaction is over two.  Somebody who is
 * killed in between leaves them at different positions.  The next one begins at
 * the lowest; a server that is further takes nothing of what it has, and of a
 * batch that goes beyond that it takes all: its rows take the place of equal
 * ones, and for each second the batch has the latest row there is up to its end.
 *
 * One that is away is left behind, when asked for: the others go on, and it is tried
 * again from time to time.  When it answers, the loader begins anew at the lowest
 * position, as after a death.
 *
 * Topics other than ticks, and the counts of a filed day, are the first's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_split.h"

/* The store on one server, connected when it is first needed; NULL. */
struct store *
split_part(struct split *s, size_t i, struct fault *f)
{
	if (s->part[i].store == NULL && maria_open(&s->part[i].store, s->conf,
	    &s->dbs.server[i], s->write, f) != 0)
		return NULL;
	return s->part[i].store;
}

static struct store *
part_of(struct split *s, const char *db, struct fault *f)
{
	return split_part(s, db != NULL ? dbs_of(&s->dbs, db) : 0, f);
}

static void
split_close(struct store *store)
{
	struct split *s = split_of(store);

	for (size_t i = 0; i < s->dbs.n; i++)
		store_close(s->part[i].store);
	free(s);
}

static int
token_put(struct store *s, const struct store_token *t, struct fault *f)
{
	struct store *p = split_part(split_of(s), split_of(s)->dbs.tokens, f);

	return p == NULL ? -1 : store_token_put(p, t, f);
}

static int
token_last(struct store *s, struct store_token *t, struct fault *f)
{
	struct store *p = split_part(split_of(s), split_of(s)->dbs.tokens, f);

	return p == NULL ? -1 : store_token_last(p, t, f);
}

/* ---- tables ---- */

/* Adds the instruments of one server to sub. */
static int
subset(const struct split *s, size_t i, const struct inst_set *set,
    struct inst_set *sub, struct fault *f)
{
	struct inst *in;

	for (size_t k = 0; k < set->n; k++) {
		if (dbs_of(&s->dbs, set->v[k].db) != i)
			continue;
		if ((in = inst_add(sub)) == NULL)
			return maria_nomem(f);
		*in = set->v[k];
	}
	return 0;
}

static int
split_prepare(struct store *store, const struct inst_set *set,
    struct fault *f)
{
	struct split *s = split_of(store);
	struct inst_groups g;
	struct store *p;
	int rc = groups_make(&g, set, f);	/* names, over all of them */

	groups_free(&g);
	for (size_t i = 0; rc == 0 && i < s->dbs.ndata; i++) {
		struct inst_set sub = { 0 };

		if ((rc = subset(s, i, set, &sub, f)) == 0)
			rc = (p = split_part(s, i, f)) == NULL ? -1 :
			    store_prepare(p, &sub, f);
		inst_free(&sub);
	}
	return rc;
}

/* ---- filing ---- */

static int
split_add_insts(struct store *store, const char *day, struct inst_set *set,
    struct fault *f)
{
	struct split *s = split_of(store);
	struct store *p;

	for (size_t i = 0; i < s->dbs.ndata; i++) {
		if ((p = split_part(s, i, f)) == NULL ||
		    store_add_insts(p, day, set, f) != 0)
			return -1;
		store->cuts |= store_cuts(p);
	}
	return 0;
}

/* Which servers have let the day go already? */
static int
look_for_filed(struct split *s, const char *day, struct fault *f)
{
	struct store_day d;
	struct store *p;
	int rc;

	if (strcmp(s->filed_day, day) == 0)
		return 0;
	for (size_t i = 0; i < s->dbs.ndata; i++) {
		if ((p = split_part(s, i, f)) == NULL ||
		    (rc = store_done_get(p, day, &d, f)) == -1)
			return -1;
		s->part[i].filed = rc == 1;
	}
	snprintf(s->filed_day, sizeof(s->filed_day), "%s", day);
	return 0;
}

/* A server that has filed the day has it in its main tables and nowhere else. */
static int
split_file(struct store *store, const struct inst_group *g, const char *day,
    struct fault *f)
{
	struct split *s = split_of(store);
	size_t i = dbs_of(&s->dbs, g->v[0]->db);
	struct store *p;

	if (look_for_filed(s, day, f) != 0)
		return -1;
	if (s->part[i].filed)
		return 0;
	return (p = split_part(s, i, f)) == NULL ? -1 : store_file(p, g, day, f);
}

static int
split_count(struct store *store, const struct inst_group *g, const char *day,
    struct store_counts *n, struct fault *f)
{
	struct store *p = part_of(split_of(store), g->v[0]->db, f);

	return p == NULL ? -1 : store_count(p, g, day, n, f);
}

static int
split_glance(struct store *store, const struct inst_group *g, const char *day,
    struct store_counts *n, struct fault *f)
{
	struct store *p = part_of(split_of(store), g->v[0]->db, f);

	return p == NULL ? -1 : store_glance(p, g, day, n, f);
}

/* A server knows nothing of the databases of the others. */
static int
split_there(struct store *store, const struct inst_groups *g, bool *there,
    struct fault *f)
{
	struct split *s = split_of(store);
	struct store *p;

	for (size_t i = 0; i < s->dbs.ndata; i++)
		if ((p = split_part(s, i, f)) == NULL ||
		    store_there(p, g, there, f) != 0)
			return -1;
	return 0;
}

/* The first server comes last: what it knows as filed is so on all. */
static int
split_done(struct store *store, const struct store_day *d, struct fault *f)
{
	struct split *s = split_of(store);
	struct store *p;

	*s->filed_day = '\0';
	for (size_t i = s->dbs.ndata; i-- > 0;)
		if ((p = split_part(s, i, f)) == NULL || store_done(p, d, f) != 0)
			return -1;
	return 0;
}

static int
split_done_get(struct store *store, const char *day, struct store_day *d,
    struct fault *f)
{
	struct split *s = split_of(store);
	struct store *p;
	int rc = 1;

	for (size_t i = s->dbs.ndata; rc == 1 && i-- > 0;)
		rc = (p = split_part(s, i, f)) == NULL ? -1 :
		    store_done_get(p, day, d, f);
	if (rc == 0)
		*d = (struct store_day){ 0 };
	return rc;
}

static int
split_sync(struct store *store, struct fault *f)
{
	struct split *s = split_of(store);
	struct store *p;

	for (size_t i = 0; i < s->dbs.ndata; i++)
		if ((p = split_part(s, i, f)) == NULL || store_sync(p, f) != 0)
			return -1;
	return 0;
}

/* ---- questions ---- */

static int
split_ask(struct store *store, const struct store_ask *a, struct fault *f)
{
	struct store *p = part_of(split_of(store), a->at, f);

	return p == NULL ? -1 : store_ask(p, a, f);
}

static int
split_locate(struct store *store, const struct inst *in, const char *db,
    struct buf *b, struct fault *f)
{
	struct store *p = part_of(split_of(store), in != NULL ? in->db : db, f);

	return p == NULL ? -1 : store_locate(p, in, db, b, f);
}

static const char *
split_server(const struct store *store, size_t i)
{
	const struct split *s = (const struct split *)store;

	for (size_t k = 0; k < DBS_MAX && i < s->dbs.ndata; k++)
		if (s->dbs.db[k].server == i)
			return s->dbs.db[k].name;
	return NULL;
}

static const struct store_ops ops = {
	.close = split_close,
	.token_put = token_put,
	.token_last = token_last,
	.prepare = split_prepare,
	.pos_get = split_pos_get,
	.load = split_load,
	.behind = split_behind,
	.add_insts = split_add_insts,
	.file = split_file,
	.count = split_count,
	.glance = split_glance,
	.there = split_there,
	.done = split_done,
	.done_get = split_done_get,
	.sync = split_sync,
	.ask = split_ask,
	.locate = split_locate,
	.server = split_server
};

int
maria_split(struct store **out, const struct conf *c, const struct dbs *d,
    bool write, struct fault *f)
{
	struct split *s = calloc(1, sizeof(*s));
	size_t n;

	if (s == NULL)
		return maria_nomem(f);
	s->base.ops = &ops;
	s->base.server = true;
	s->conf = c;
	s->dbs = *d;
	s->write = write;
	n = (size_t)snprintf(s->base.where, sizeof(s->base.where),
	    "MariaDB servers");
	for (size_t i = 0; i < d->n && n < sizeof(s->base.where); i++)
		n += (size_t)snprintf(s->base.where + n,
		    sizeof(s->base.where) - n, "%s %s:%u", i > 0 ? "," : "",
		    d->server[i].host, d->server[i].port);
	*out = &s->base;
	return 0;
}
