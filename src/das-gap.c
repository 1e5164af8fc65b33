/*
 * das-gap - find silences in a stream of ticks
 *
 * Reads rows of topic ticks (das-spool(5)) and prints a row for every time that
 * two neighbours were received more than -s seconds apart.  It knows nothing but
 * the rows: what it finds can be held against gaps.tsv.  The stream is looked
 * at as a whole, or with -i each instrument by itself.  The last known values
 * that the broker sends on subscribe (flag c) are no sign of life.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "tsv.h"

enum {
	ONLY_MAX = 64,			/* of -t */
	TOKENS_MAX = 1 << 16,		/* of -i; an exchange has fewer */
	SLOTS = 2 * TOKENS_MAX
};

enum { C_SEQ, C_RECV, C_CONN, C_FLAG, C_TOKEN, C_SYMBOL, COLS };
static const char *const cols[COLS] = { "seq", "recvTime", "conn", "flag",
	"instrument_token", "tradingsymbol" };

/* Where a stream, or an instrument in it, was heard last. */
struct life {
	uint32_t token;			/* -i */
	bool	 used;
	int64_t	 us, seq, conn;
};

static int64_t limit_us = 5 * US_PER_SEC;
static bool with_cached, each;
static uint32_t only[ONLY_MAX];
static size_t nonly;

static struct life whole, life[SLOTS];
static size_t tokens;
static long gaps, rows, back;		/* back: recvTime went */
static int64_t back_us;			/* the most that it did */

/* The life that the row belongs to. */
static struct life *
find(uint32_t token)
{
	size_t i = token * UINT32_C(2654435761) % SLOTS;

	if (!each)
		return &whole;
	while (life[i].used && life[i].token != token)
		i = (i + 1) % SLOTS;
	if (!life[i].used && ++tokens > TOKENS_MAX)
		msg_diex(EX_DATAERR, "more than %d instruments", TOKENS_MAX);
	life[i].token = token;
	return &life[i];
}

static bool
wanted(uint32_t token)
{
	for (size_t i = 0; i < nonly; i++)
		if (only[i] == token)
			return true;
	return nonly == 0;
}

static void
print(const struct life *before, const struct life *now, const char *token,
    const char *symbol)
{
	char from[CLK_TEXT], to[CLK_TEXT];
	int64_t us = now->us - before->us;

	printf("%s\t%s\t%" PRId64 ".%03d\t%" PRId64 "\t%" PRId64 "\t%" PRId64
	    "\t%" PRId64 "\t%s\t%s\n", clk_to_ist(before->us, from),
	    clk_to_ist(now->us, to), us / US_PER_SEC,
	    (int)(us % US_PER_SEC / US_PER_MS), before->seq, now->seq,
	    before->conn, now->conn, token, symbol);
	gaps++;
}

/* Takes a row whose fields are f; gives NULL, or the column that is wrong. */
static const char *
take(char *const f[COLS])
{
	struct life now = { .used = true }, *l;

	if (num_i64(f[C_SEQ], 1, INT64_MAX, &now.seq) != 0)
		return cols[C_SEQ];
	if (clk_from_ist(f[C_RECV], &now.us) != 0)
		return cols[C_RECV];
	if (num_i64(f[C_CONN], 0, UINT16_MAX, &now.conn) != 0)
		return cols[C_CONN];
	if (num_u32(f[C_TOKEN], &now.token) != 0)
		return cols[C_TOKEN];
	rows++;
	if (!wanted(now.token) ||
	    (!with_cached && strchr(f[C_FLAG], 'c') != NULL))
		return NULL;
	l = find(now.token);
	if (l->used && now.us - l->us > limit_us)
		print(l, &now, each ? f[C_TOKEN] : "\\N",
		    each ? f[C_SYMBOL] : "\\N");
	if (l->used && now.us < l->us) {
		back++;
		if (l->us - now.us > back_us)
			back_us = l->us - now.us;
	}
	*l = now;
	return NULL;
}

/* A header line: where the columns are. */
static void
head(struct tsv *t, const char *line, size_t n, int col[COLS])
{
	if (tsv_head(t, line, n) != 0)
		msg_diex(EX_DATAERR, "%s:%ld: %s", t->name, t->line, t->why);
	for (int i = 0; i < COLS; i++)
		if ((col[i] = tsv_col(t, cols[i])) == -1)
			msg_diex(EX_DATAERR, "%s:%ld: no column %s", t->name,
			    t->line, cols[i]);
}

/* True for another header, as between segments that were put together: no row
 * has the name of a column where its number is. */
static bool
is_head(const char *line, const char *first)
{
	size_t n = strcspn(first, "\t");

	return strncmp(line, first, n) == 0 && line[n] == '\t';
}

static void
take_line(struct tsv *t, char *line, const int col[COLS])
{
	char *f[COLS];
	const char *bad;

	if (tsv_row(t, line) != 0)
		msg_diex(EX_DATAERR, "%s:%ld: %s", t->name, t->line, t->why);
	for (int i = 0; i < COLS; i++)
		f[i] = t->f[col[i]];
	if ((bad = take(f)) != NULL)
		msg_diex(EX_DATAERR, "%s:%ld: bad %s", t->name, t->line, bad);
}

/* One file: a header, rows, perhaps more headers. */
static void
scan(FILE *in, const char *name)
{
	char *line = NULL, *first = NULL;
	size_t cap = 0;
	struct tsv t;
	int col[COLS];
	ssize_t n;

	tsv_init(&t, NULL, name);
	while ((n = getline(&line, &cap, in)) > 0) {
		t.line++;
		if (line[n - 1] != '\n') {
			msg_info("%s:%ld: a torn row, not looked at", name,
			    t.line);
			break;
		}
		line[--n] = '\0';
		if (strlen(line) != (size_t)n)
			msg_diex(EX_DATAERR, "%s:%ld: a NUL byte in the line",
			    name, t.line);
		if (first == NULL && (first = strdup(line)) == NULL)
			msg_die(EX_TEMPFAIL, "%s", name);
		if (t.line == 1 || is_head(line, first))
			head(&t, line, (size_t)n, col);
		else
			take_line(&t, line, col);
	}
	if (ferror(in))
		msg_die(EX_IOERR, "%s", name);
	free(line);
	free(first);
	tsv_free(&t);
}

static void
scan_file(const char *path)
{
	FILE *in = fopen(path, "re");

	if (in != NULL) {
		scan(in, path);
		fclose(in);		/* only read from: nothing to lose */
	} else {
		msg_die(EX_NOINPUT, "%s", path);
	}
}

static void
options(int argc, char *argv[])
{
	int64_t n;
	int c;

	opt_init("das-gap", "[-ik] [-s seconds] [-t token] [file ...]");
	while ((c = opt_next(argc, argv, "iks:t:")) != -1)
		switch (c) {
		case 'i':
			each = true;
			break;
		case 'k':
			with_cached = true;
			break;
		case 's':
			if (num_i64(optarg, 1, 86400, &n) != 0)
				msg_diex(EX_USAGE, "-s %s: not 1 to 86400",
				    optarg);
			limit_us = n * US_PER_SEC;
			break;
		case 't':
			if (nonly == ONLY_MAX)
				msg_diex(EX_USAGE, "-t: more than %d",
				    ONLY_MAX);
			if (num_u32(optarg, &only[nonly++]) != 0)
				msg_diex(EX_USAGE, "-t %s: not an "
				    "instrument_token", optarg);
			break;
		}
}

int
main(int argc, char *argv[])
{
	options(argc, argv);
	puts("from\tto\tseconds\tseq_from\tseq_to\tconn_from\tconn_to\t"
	    "instrument_token\ttradingsymbol");
	if (optind == argc)
		scan(stdin, "standard input");
	for (; optind < argc; optind++)
		scan_file(argv[optind]);
	if (back > 0)
		msg_warnx("recvTime goes back %ld times, by up to %" PRId64
		    ".%03d s: the clock was set, what is silent there is not "
		    "seen", back, back_us / US_PER_SEC,
		    (int)(back_us % US_PER_SEC / US_PER_MS));
	msg_info("%ld rows, %ld silences", rows, gaps);
	msg_close_stdout();
	return gaps > 0;
}
