#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "group.h"

static int
by_table(const void *a, const void *b)
{
	const struct inst *x = *(const struct inst *const *)a;
	const struct inst *y = *(const struct inst *const *)b;
	int rc = strcasecmp(x->table, y->table);	/* as databases see it */

	return rc != 0 ? rc : (x->token > y->token) - (x->token < y->token);
}

/* The order of filing.  A file of main tables of the SQLite store is a database,
 * and for its options a month of it: so each is opened once. */
static int
by_file(const void *a, const void *b)
{
	const struct inst *x = (*(struct inst_group *const *)a)->v[0];
	const struct inst *y = (*(struct inst_group *const *)b)->v[0];
	int32_t m = inst_option_expiry(x), n = inst_option_expiry(y);
	int rc = strcmp(x->db, y->db);

	if (rc == 0)
		rc = (m > n) - (m < n);
	return rc != 0 ? rc : strcasecmp(x->table, y->table);
}

static int
check(const struct inst_group *g, struct fault *f)
{
	const struct inst *a = g->v[0];

	if (!inst_table_ok(a->table))
		return fault_set(f, EX_DATAERR, "%s: '%s' cannot be a table "
		    "name", a->tradingsymbol, a->table);
	if (!inst_name_ok(a->db))
		return fault_set(f, EX_DATAERR, "%s: '%.80s' cannot be a "
		    "database name", a->tradingsymbol, a->db);
	for (size_t i = 1; i < g->n; i++) {
		const struct inst *b = g->v[i];

		if (strcmp(a->db, b->db) != 0 ||
		    strcmp(a->table, b->table) != 0 ||
		    (a->kind == INST_INDEX) != (b->kind == INST_INDEX))
			return fault_set(f, EX_DATAERR, "%s and %s cannot "
			    "share table %s", a->tradingsymbol,
			    b->tradingsymbol, a->table);
	}
	return 0;
}

int
groups_make(struct inst_groups *g, const struct inst_set *set, struct fault *f)
{
	*g = (struct inst_groups){
		.v = calloc(set->n + 1, sizeof(*g->v)),
		.inst = calloc(set->n + 1, sizeof(*g->inst)),
		.filing = calloc(set->n + 1, sizeof(struct inst_group *))
	};
	if (g->v == NULL || g->inst == NULL || g->filing == NULL) {
		errno = ENOMEM;
		return fault_sys(f, 0, "%zu instruments", set->n);
	}
	for (size_t i = 0; i < set->n; i++)
		g->inst[i] = &set->v[i];
	qsort(g->inst, set->n, sizeof(*g->inst), by_table);
	for (size_t i = 0; i < set->n; i++)
		if (i > 0 && strcasecmp(g->inst[i - 1]->table,
		    g->inst[i]->table) == 0)
			g->v[g->n - 1].n++;
		else
			g->v[g->n++] = (struct inst_group){ g->inst + i, 1 };
	for (size_t i = 0; i < g->n; i++)
		if (check(&g->v[i], f) != 0)
			return -1;
	for (size_t i = 0; i < g->n; i++)
		g->filing[i] = &g->v[i];
	qsort(g->filing, g->n, sizeof(*g->filing), by_file);
	return 0;
}

void
groups_free(struct inst_groups *g)
{
	free(g->v);
	free(g->inst);
	free(g->filing);
	*g = (struct inst_groups){ 0 };
}

static int
name_cmp(const void *key, const void *elem)
{
	return strcasecmp(key, ((const struct inst_group *)elem)->v[0]->table);
}

struct inst_group *
groups_find(const struct inst_groups *g, const char *table, size_t n)
{
	char name[sizeof(((struct inst *)NULL)->table)];

	if (n >= sizeof(name) || g->n == 0)
		return NULL;
	memcpy(name, table, n);
	name[n] = '\0';
	return bsearch(name, g->v, g->n, sizeof(*g->v), name_cmp);
}
