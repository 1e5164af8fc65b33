#include <string.h>

#include "clk.h"
#include "inst.h"
#include "underlyings.h"

static int
find(struct underlyings *u, const struct conf *c, int32_t day,
    const char *path, struct fault *f)
{
	char text[CLK_DAY];
	const char *name;

	while ((name = conf_item(c, "underlyings", u->n)) != NULL) {
		const struct index_def *d;

		if (u->n == UNDERLYINGS_MAX)
			return fault_set(f, EX_CONFIG, "underlyings: more than "
			    "%d", UNDERLYINGS_MAX);
		if ((d = indices_find(&u->all, name, day)) == NULL)
			return fault_set(f, EX_CONFIG, "underlyings: %.32s has "
			    "no row for %s in %s", name, clk_day_to(day, text),
			    path);
		for (size_t i = 0; i < u->n; i++)
			if (u->def[i] == d)
				return fault_set(f, EX_CONFIG, "underlyings: "
				    "%s is there twice", name);
		u->def[u->n++] = d;
	}
	return 0;
}

int
underlyings_load(struct underlyings *u, const struct conf *c, int32_t day,
    struct fault *f)
{
	char path[4096];

	*u = (struct underlyings){ 0 };
	if (conf_shipped(c, "indices.tsv", path, sizeof(path), f) != 0)
		return -1;
	if (indices_load(&u->all, path, f) != 0) {
		if (f->ex == EX_NOINPUT)
			f->ex = EX_CONFIG;
		return -1;
	}
	if (find(u, c, day, path, f) == 0)
		return 0;
	underlyings_free(u);
	return -1;
}

void
underlyings_free(struct underlyings *u)
{
	indices_free(&u->all);
	*u = (struct underlyings){ 0 };
}

const char *
underlyings_db(const struct conf *c, const struct index_def *d,
    struct fault *f)
{
	const char *db = conf_extra(c, d->db_key);

	if (db == NULL)
		return d->db_default;
	if (inst_name_ok(db))
		return db;
	fault_set(f, EX_CONFIG, "%s: %s is '%.70s', want letters, digits, _",
	    conf_file(c), d->db_key, db);
	return NULL;
}
