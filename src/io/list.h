/*
 * list - lookupTables_Nifty500.csv: which symbols are captured, in which table
 *
 * Columns Symbol and TableName.  A share whose series changes has several
 * symbols over time (X, X-BE, X-BZ: its forms) and keeps one table; any other
 * two symbols have different tables, whatever their case.
 */
#ifndef LIST_H
#define LIST_H

#include <stddef.h>

#include "buf.h"
#include "fault.h"

#define LIST_NAME	"lookupTables_Nifty500.csv"

enum { LIST_FORMS = 3 };
/* What a form has behind its base: "", "-BE", "-BZ"; best one first. */
extern const char *const list_form[LIST_FORMS];

struct list_row {
	char	 symbol[64];	/* Kite's tradingsymbol */
	char	 table[65];
	long	 line;		/* of the file; 0: not from there */
};

struct list {
	struct list_row	*v;
	size_t	 n, cap;
};

/*
 * Reads and checks a list into a zeroed struct.  EX_NOINPUT (errno says why);
 * EX_DATAERR names file and line: an empty or repeated symbol, a forbidden
 * table name, a table that is already another symbol's, a column that we would
 * lose, no CSV.
 */
int	list_read(struct list *l, const char *path, struct fault *f);
/* Grows by one; NULL when out of memory or when an argument is too long. */
struct list_row *list_add(struct list *l, const char *symbol,
	    const char *table);
void	list_free(struct list *l);

/* The row of a symbol; the first of a table, or of a base; or NULL. */
struct list_row *list_symbol(const struct list *l, const char *symbol);
struct list_row *list_table(const struct list *l, const char *table);
struct list_row *list_base_row(const struct list *l, const char *base);

/* The file's text, rows in the order of their symbols' bytes; sorts l. */
int	list_text(struct list *l, struct buf *b);

/* Symbol without its form into base (64 bytes); gives the form's number. */
int	list_base(const char *symbol, char *base);

#endif
