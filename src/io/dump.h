/*
 * dump - the broker's instrument dump: fetched, checked, kept, read row by row
 *
 * lookupDir/zerodhaInstrumentDump.csv is shared by das-n500 and das-lookup and
 * fetched again when it is more than an hour old or of another day; its
 * modification time is the clock's (clk.h).  Nothing that does not pass the
 * checks is ever kept there.
 *
 * A few rows that are bad in themselves (DUMP_BAD + 1 % of the rows) are passed
 * over and counted; a file that is HTML, empty, cut short or without a column
 * is refused.
 */
#ifndef DUMP_H
#define DUMP_H

#include <stdbool.h>

#include "conf.h"
#include "csv.h"
#include "fault.h"
#include "inst.h"

#define DUMP_NAME	"zerodhaInstrumentDump.csv"

enum {
	DUMP_FRESH_S = 3600,
	DUMP_ROWS = 100,	/* fewer are no dump when they come by net */
	DUMP_BAD = 20,
	DUMP_OLD_DAYS = 7,	/* oldest that serves when none can be fetched */
	DUMP_EXCHANGES = 32
};

struct dump {
	const char *field[INST_DUMP_COLS];	/* of the row, as inst.h has
						 * them; until the next */
	long	 rows;		/* so far, bad ones too */
	long	 bad;		/* of these */
	struct fault first;	/* the first bad one, when bad > 0 */
	/* private */
	FILE	*in;
	bool	 ours;		/* in is closed by dump_close() */
	struct csv csv;
	int	 col[INST_DUMP_COLS];
	char	 exchange[DUMP_EXCHANGES][8];	/* seen so far */
};

/* EX_NOINPUT; EX_DATAERR with file and line. */
int	dump_open(struct dump *d, const char *path, struct fault *f);
/* The same from a stream, which stays the caller's, as name. */
int	dump_begin(struct dump *d, FILE *in, const char *name,
	    struct fault *f);
/* The next row into d->field: 1, 0 the end, -1 EX_DATAERR, EX_IOERR. */
int	dump_next(struct dump *d, struct fault *f);
/* The row as a struct inst: 1, 0 it is bad and was counted, -1 as above. */
int	dump_inst(struct dump *d, struct inst *i, struct fault *f);
/* Harmless on a zeroed struct. */
void	dump_close(struct dump *d);

/* Gives every good row of a file to look(); say() is told of bad ones.
 * EX_NOINPUT, EX_DATAERR, EX_IOERR. */
int	dump_each(const char *path, void (*look)(const struct inst *i),
	    void (*say)(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2))), struct fault *f);

/*
 * Makes sure that there is a dump and writes its path to out: the kept one
 * while it is fresh, else a new one, else an older one, with a word to say()
 * about that.  -1: the fault of the last try.
 */
int	dump_get(const struct conf *c, char *out, size_t size,
	    void (*say)(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2))), struct fault *f);

#endif
