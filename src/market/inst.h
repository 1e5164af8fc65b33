/*
 * inst - instruments: dump row, symbol, table name, instruments.tsv
 */
#ifndef INST_H
#define INST_H

#include <stdint.h>
#include <stdio.h>

#include "buf.h"
#include "fault.h"

enum inst_kind { INST_INDEX, INST_EQ, INST_FUT, INST_CE, INST_PE };

enum { INST_NO_EXPIRY = INT32_MIN, INST_E7 = 24 };

struct inst {
	uint32_t	 token;			/* instrument_token */
	enum inst_kind	 kind;
	char		 exchange[8];		/* NSE, NFO, BSE, BFO ... */
	char		 segment[16];		/* NSE, INDICES, NFO-OPT ... */
	char		 tradingsymbol[64];	/* Kite's */
	char		 name[64];		/* of a derivative: the underlying,
						 * NIFTY; else the dump's */
	int32_t		 expiry;		/* day (clk.h) or INST_NO_EXPIRY */
	int64_t		 strike_e7, tick_e7;	/* 1e-7 rupee */
	uint32_t	 lot;
	/* what das-lookup adds */
	char		 symbol[64];		/* the broadcast's spelling */
	char		 table[65];		/* TableName */
	char		 db[65];		/* dbName */
};

struct inst_set {
	struct inst	*v;		/* sorted by token after inst_load() */
	size_t		 n, cap;
};

/* "index", "EQ", "FUT", "CE", "PE": the column kind. */
const char *inst_kind_name(enum inst_kind k);
int	inst_kind_from(const char *s, enum inst_kind *k);
/* 100, 10000 or 10000000 by the token's segment. */
uint32_t inst_divisor(uint32_t token);

/*
 * One row of Kite's dump, fields in the order of inst_dump_cols.  0, or -1 with
 * EX_DATAERR naming the column.
 */
enum { INST_DUMP_COLS = 12 };
extern const char *const inst_dump_cols[INST_DUMP_COLS];
int	inst_from_dump(struct inst *i, const char *const field[INST_DUMP_COLS],
	    struct fault *f);

/* The broadcaster's spelling from name, expiry, strike and kind: "NIFTY 50",
 * "NIFTY27JAN26FUT", "NIFTY06JAN2626500CE"; shares and indices, and
 * derivatives without a name (dumps of before 2018), keep tradingsymbol.  Into
 * i->symbol. */
void	inst_make_symbol(struct inst *i);

/* An amount of 1e-7 rupee, 0 or more, as symbols have their strike: "26500",
 * "162.5". */
void	inst_e7(char out[INST_E7], int64_t e7);

/* The table-name rule: "-BE" at the end goes, "-" and "&" become "_".  0, or
 * -1 (EX_DATAERR) when what remains is no table name (see inst_table_ok). */
int	inst_table_name(const char *symbol, char *table, size_t size,
	    struct fault *f);
/* A database's or table's name: letters, digits, _, 1 to 64 of them. */
int	inst_name_ok(const char *name);
/* The same, and none of the names DAS needs itself
 * (dailytable, kite1tokens, ltp_ticks, oi_snapshots, das_*, sqlite_*, *_daily),
 * whatever the case. */
int	inst_table_ok(const char *table);

/* Grows by one; NULL when out of memory. */
struct inst *inst_add(struct inst_set *s);
void	inst_sort(struct inst_set *s);			/* by token */
/* Harmless on a zeroed struct. */
void	inst_free(struct inst_set *s);
/* The day when an option expires; INST_NO_EXPIRY when that is not known, and for
 * everything else. */
int32_t	inst_option_expiry(const struct inst *i);
/* Binary search in a sorted set; NULL when it is not there. */
const struct inst *inst_find(const struct inst_set *s, uint32_t token);

/*
 * instruments.tsv: its header (no newline); one row with its newline, 0 or -1
 * with ENOMEM; and a whole file into a zeroed set, sorted, tokens unique:
 * EX_NOINPUT, EX_DATAERR with file and line.
 */
extern const char inst_header[];
int	inst_format(struct buf *b, const struct inst *i);
int	inst_load(struct inst_set *s, const char *path, struct fault *f);

#endif
