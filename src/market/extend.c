#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "extend.h"
#include "inst.h"

enum { FORMED = LIST_SYMBOL + 4 };	/* a base and any form */

static int
add_row(struct extend *e, const char *symbol, const char *table,
    const char *why, struct fault *f)
{
	const struct list_row *row = list_add(e->list, symbol, table);

	if (row == NULL)
		return fault_set(f, EX_TEMPFAIL, "%s: cannot be added: out of "
		    "memory, or the name is too long", symbol);
	e->added++;
	return e->changed("added", row, why) == 0 ? 0 :
	    fault_set(f, EX_TEMPFAIL, "changes: out of memory");
}

int
extend_spot(struct extend *e, const struct index_def *d, struct fault *f)
{
	const struct list_row *row;

	if (list_symbol(e->list, d->spot) != NULL)
		return 0;
	if ((row = list_table(e->list, d->table)) != NULL) {
		e->say("%s: table %s is that of %s already; the index is left "
		    "out", d->spot, d->table, row->symbol);
		return 0;
	}
	return add_row(e, d->spot, d->table, "index", f);
}

int
extend_future(struct extend *e, const struct index_def *d, const char *future,
    struct fault *f)
{
	struct list_row *row = list_table(e->list, d->future_table);
	const struct list_row *other;
	char why[LIST_SYMBOL + 40];

	if (row != NULL && strcmp(row->symbol, future) == 0)
		return 0;
	if ((other = list_symbol(e->list, future)) != NULL) {
		e->say("%s: has a row with table %s, so table %s stays with "
		    "%s; delete that row", future, other->table,
		    d->future_table, row != NULL ? row->symbol : "nothing");
		return 0;
	}
	if (row == NULL)
		return add_row(e, future, d->future_table, "nearest future", f);
	if (strlen(future) >= sizeof(row->symbol))
		return fault_set(f, EX_DATAERR, "%s: the name is too long",
		    future);
	snprintf(why, sizeof(why), "nearest future, in place of %s",
	    row->symbol);
	strcpy(row->symbol, future);
	e->rolled++;
	return e->changed("rolled", row, why) == 0 ? 0 :
	    fault_set(f, EX_TEMPFAIL, "changes: out of memory");
}

/* A table for a share without one: its name by the rule, and "_2", "_3" ...
 * behind it when that is another's: 1, 0 it can have none, -1. */
static int
new_table(struct extend *e, const char *symbol, char *table, size_t size,
    struct fault *f)
{
	const struct list_row *other;
	struct fault why;
	size_t n;

	if (inst_table_name(symbol, table, size, &why) != 0) {
		e->say("%s; left out", why.text);
		return 0;
	}
	n = strlen(table);
	for (int i = 2; (other = list_table(e->list, table)) != NULL; i++) {
		if (i == 2)
			e->say("%s: table %s is that of %s already", symbol,
			    table, other->symbol);
		if (i > 99 || n + 4 > size)
			return fault_set(f, EX_DATAERR, "%s: no table name is "
			    "free", symbol);
		snprintf(table + n, size - n, "_%d", i);
	}
	if (table[n] != '\0')
		e->say("%s: its table is %s", symbol, table);
	return 1;
}

const char *
extend_form(const struct extend *e, const char *base)
{
	char symbol[FORMED];

	for (int i = 0; i < LIST_FORMS; i++) {
		snprintf(symbol, sizeof(symbol), "%s%s", base, list_form[i]);
		if (names_has(e->shares, symbol))
			return list_form[i];
	}
	return NULL;
}

int
extend_share(struct extend *e, const char *base, const char *series,
    const char *why, struct fault *f)
{
	const char *form = extend_form(e, base);
	char symbol[FORMED], table[LIST_TABLE];
	const struct list_row *row;
	int rc;

	if (form == NULL && series == NULL)
		return 0;
	if (form == NULL)
		form = strcmp(series, "BE") == 0 ? "-BE" : "";
	snprintf(symbol, sizeof(symbol), "%s%s", base, form);
	if (list_symbol(e->list, symbol) != NULL)
		return 0;
	if ((row = list_base_row(e->list, base)) != NULL) {
		memcpy(table, row->table, sizeof(table));
		return add_row(e, symbol, table, "the share trades under this "
		    "symbol now", f);
	}
	if ((rc = new_table(e, base, table, sizeof(table), f)) != 1)
		return rc;
	return add_row(e, symbol, table, why, f);
}

int
extend_moves(struct extend *e, struct fault *f)
{
	size_t n = e->list->n;		/* the new ones have not moved */
	char base[LIST_SYMBOL];

	for (size_t i = 0; i < n; i++) {
		if (names_has(e->shares, e->list->v[i].symbol))
			continue;
		list_base(e->list->v[i].symbol, base);
		if (extend_share(e, base, NULL, "", f) != 0)
			return -1;
	}
	return 0;
}
