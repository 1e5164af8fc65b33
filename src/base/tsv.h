/*
 * tsv - rows between the tools
 *
 * One header line of column names, then rows; fields are separated by a tab, a
 * row ends in a newline.  No quoting: "\N" is null; tab, newline and backslash
 * inside a value are written \t \n \\.  Readers find columns by name.
 *
 * From a FILE: tsv_init(), tsv_col() ..., then tsv_next() until 0.
 * From memory (a spool block): tsv_init(.., NULL, ..), tsv_head(), tsv_row().
 */
#ifndef TSV_H
#define TSV_H

#include <stdbool.h>
#include <stdio.h>

#include "buf.h"

enum { TSV_MAX = 128 };		/* columns of a row */

struct tsv {
	char	**f;		/* fields of the row, raw; valid until the next */
	int	  nf;		/* equals ncol after a good row */
	long	  line;		/* number of the row's line, the header is 1 */
	const char *why;	/* after -1: what is wrong with the line */
	const char *name;	/* of the stream, for messages */
	/* private */
	FILE	 *in;
	bool	  head_done;
	int	  ncol;
	char	 *text, *head;	/* getline's buffer; the header, split */
	size_t	  cap;
	char	 *fields[TSV_MAX], *cols[TSV_MAX];
};

void	tsv_init(struct tsv *t, FILE *in, const char *name);
void	tsv_free(struct tsv *t);

/* Number of the column, -1 when there is none (or no header can be read: then
 * the next tsv_next() says why). */
int	tsv_col(struct tsv *t, const char *name);

/* 1: a row is in f; 0: end; -1: unreadable or torn, why says what. */
int	tsv_next(struct tsv *t);

/* Takes line (len bytes, no newline) as the header; copied.  0 or -1. */
int	tsv_head(struct tsv *t, const char *line, size_t len);
/* Splits line (NUL-terminated, no newline) in place into f.  0 or -1. */
int	tsv_row(struct tsv *t, char *line);

/* True for the null field "\N". */
bool	tsv_null(const char *field);
/* Undoes \t \n \\ in place; gives s. */
char	*tsv_decode(char *s);
/* Appends s with tab, newline and backslash escaped; a NULL s as \N. */
int	tsv_add(struct buf *b, const char *s);
/* The same of n bytes, in which a NUL may be: it becomes \0. */
int	tsv_addn(struct buf *b, const char *s, size_t n);

#endif
