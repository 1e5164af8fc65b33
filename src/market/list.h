/*
 * list - which symbols are captured, in which table
 *
 * A share whose series changes has several symbols over time (X, X-BE, X-BZ: its
 * forms) and keeps one table; any other two symbols have different tables,
 * whatever their case.  io/listfile reads and writes it.
 */
#ifndef LIST_H
#define LIST_H

#include <stddef.h>

#include "fault.h"

enum { LIST_FORMS = 3, LIST_SYMBOL = 64, LIST_TABLE = 65 };
/* What a form has behind its base: "", "-BE", "-BZ"; best one first. */
extern const char *const list_form[LIST_FORMS];

struct list_row {
	char	 symbol[LIST_SYMBOL];	/* Kite's tradingsymbol */
	char	 table[LIST_TABLE];
	long	 line;			/* of the file; 0: not from there */
};

struct list {				/* zeroed: empty */
	struct list_row	*v;
	size_t	 n, cap;
};

/* Grows by one; NULL when out of memory or when an argument is too long. */
struct list_row *list_add(struct list *l, const char *symbol,
	    const char *table);
void	list_free(struct list *l);
/* In the order of the symbols' bytes. */
void	list_sort(struct list *l);

/* The row of a symbol; the first of a table, or of a base; or NULL. */
struct list_row *list_symbol(const struct list *l, const char *symbol);
struct list_row *list_table(const struct list *l, const char *table);
struct list_row *list_base_row(const struct list *l, const char *base);

/* That no symbol is there twice and no table is that of two shares.  EX_DATAERR
 * names the lines, of the file called name. */
int	list_check(struct list *l, const char *name, struct fault *f);

/* Symbol without its form into base (LIST_SYMBOL bytes); gives the form's
 * number. */
int	list_base(const char *symbol, char *base);

#endif
