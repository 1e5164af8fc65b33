/*
 * group - instruments by the table that they are filed in
 *
 * Usually one each; a share that was sold in another series for some days
 * (RELIANCE, RELIANCE-BE) brings a second one to its table.
 */
#ifndef GROUP_H
#define GROUP_H

#include <stddef.h>

#include "fault.h"
#include "inst.h"

struct inst_group {
	const struct inst *const *v;	/* by token */
	size_t	 n;			/* at least one */
};

struct inst_groups {
	struct inst_group	*v;		/* by table name, case folded */
	size_t		 n;
	const struct inst **inst;	/* what v[].v points into */
	struct inst_group **filing;	/* all of v: those of one database together,
					 * and in it the options by expiry */
};

/*
 * Groups a set, which must stay.  End with groups_free(), also after -1:
 * EX_DATAERR a name that cannot be a table or a database (inst_table_ok,
 * inst_name_ok), or instruments of one table that differ in database or kind of table; EX_TEMPFAIL no memory.
 */
int	groups_make(struct inst_groups *g, const struct inst_set *set,
	    struct fault *f);
/* Harmless on a zeroed struct. */
void	groups_free(struct inst_groups *g);
/* The group of a table name of n bytes, NULL when there is none. */
struct inst_group *groups_find(const struct inst_groups *g, const char *table,
	    size_t n);

#endif
