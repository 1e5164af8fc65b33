/*
 * listfile - lookupTables_Nifty500.csv: the list as a file
 *
 * Two columns, Symbol and TableName.
 */
#ifndef LISTFILE_H
#define LISTFILE_H

#include "buf.h"
#include "fault.h"
#include "list.h"

#define LISTFILE_NAME	"lookupTables_Nifty500.csv"

/*
 * Reads and checks a list into a zeroed struct.  EX_NOINPUT (errno says why);
 * EX_DATAERR names file and line: an empty or repeated symbol, a forbidden
 * table name, a table that is already another symbol's, a column that we would
 * lose, no CSV.
 */
int	listfile_read(struct list *l, const char *path, struct fault *f);

/* Appends the file's text, rows in the order of their symbols' bytes; sorts l.
 * 0, or -1 with ENOMEM. */
int	listfile_text(struct list *l, struct buf *b);

#endif
