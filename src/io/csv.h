/*
 * csv - rows of comma-separated values from outside (libcsv)
 *
 * One header line of column names, then rows.  Fields may be quoted, with
 * commas and line ends inside; lines end in LF, CR LF or CR; a BOM before the
 * header and empty lines are skipped; a missing newline at the end is fine and
 * told (torn).  Bytes are passed on as they are, so any encoding will do.  A
 * row is bounded: CSV_ROW bytes.  Memory is that of one row.
 *
 *	csv_open(); csv_col() ...; while ((rc = csv_next()) != CSV_END) ...
 *	csv_close()
 */
#ifndef CSV_H
#define CSV_H

#include <stdbool.h>
#include <stdio.h>

#include "buf.h"

enum { CSV_COLS = 128, CSV_ROW = 65536 };

enum csv_rc {
	CSV_END = 0,
	CSV_OK = 1,		/* a row is in f */
	CSV_BAD = 2,		/* this row is unusable, why says what; the next
				 * call goes on behind it */
	CSV_FAIL = -1		/* why says what, and it is over: cannot be
				 * read, or this is no CSV */
};

struct csv {
	char	**f;		/* fields of the row; valid until the next */
	int	  nf;		/* how many: after CSV_OK, one a column */
	long	  line;		/* of the file, on which the row begins */
	const char *why;	/* after CSV_BAD and CSV_FAIL */
	const char *name;	/* of the stream, for messages */
	bool	  torn;		/* the file ended without a newline, or in a
				 * quote */
	bool	  html;		/* the file begins with "<" */
	/* private */
	FILE	 *in;
	struct csv_own	*own;
};

/* in stays the caller's, name must outlive c.  -1: out of memory. */
int	csv_open(struct csv *c, FILE *in, const char *name);
/* Harmless on a zeroed struct. */
void	csv_close(struct csv *c);

/* Number of the column (the first of that name), -1 when there is none or no
 * header can be read: then the next csv_next() gives CSV_FAIL and says why. */
int	csv_col(struct csv *c, const char *name);

/* How many the header has; 0 when it cannot be read. */
int	csv_columns(struct csv *c);

enum csv_rc	csv_next(struct csv *c);

/* Appends a field, quoted when it must be.  0, or -1 with ENOMEM. */
int	csv_field(struct buf *b, const char *s);
int	csv_fieldn(struct buf *b, const char *s, size_t n);	/* with NULs */

#endif
