#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clk.h"
#include "inst.h"
#include "num.h"
#include "tsv.h"

const char *const inst_dump_cols[INST_DUMP_COLS] = {
	"instrument_token", "exchange_token", "tradingsymbol", "name",
	"last_price", "expiry", "strike", "tick_size", "lot_size",
	"instrument_type", "segment", "exchange"
};
enum {				/* the same, as numbers */
	D_TOKEN, D_EXCHANGE_TOKEN, D_SYMBOL, D_NAME, D_LAST_PRICE, D_EXPIRY,
	D_STRIKE, D_TICK, D_LOT, D_TYPE, D_SEGMENT, D_EXCHANGE
};

const char inst_header[] = "instrument_token\texchange\tsegment\t"
    "tradingsymbol\tsymbol\tname\tkind\texpiry\tstrike\tlot_size\ttick_size\t"
    "divisor\tTableName\tdbName";

static const char *const kinds[] = { "index", "EQ", "FUT", "CE", "PE" };
enum { NKINDS = sizeof(kinds) / sizeof(*kinds) };

const char *
inst_kind_name(enum inst_kind k)
{
	return kinds[k];
}

int
inst_kind_from(const char *s, enum inst_kind *k)
{
	for (int i = 0; i < NKINDS; i++)
		if (strcmp(s, kinds[i]) == 0) {
			*k = (enum inst_kind)i;
			return 0;
		}
	return -1;
}

/*
 * Source: Kite Connect 3 documentation, "WebSocket streaming": prices of the
 * currency segments have 7 (CDS, 3) and 4 (BCD, 6) decimals, all others 2.
 */
uint32_t
inst_divisor(uint32_t token)
{
	switch (token & 0xff) {
	case 3:
		return 10000000;
	case 6:
		return 10000;
	default:
		return 100;
	}
}

/* ---- fields to values; -1 leaves the value alone ---- */

static int
take_text(char *to, size_t size, const char *s)
{
	size_t n = strlen(s);

	if (n >= size)
		return -1;
	memcpy(to, s, n + 1);
	return 0;
}

/* A company's name is only for people: one that does not fit loses its end,
 * but never half of a UTF-8 character. */
static void
cut_text(char *to, size_t size, const char *s)
{
	size_t n = strlen(s);

	if (n >= size)
		for (n = size - 1; n > 0 && (s[n] & 0xc0) == 0x80;)
			n--;
	memcpy(to, s, n);
	to[n] = '\0';
}

/* A price that may be absent: "" or "\N" is 0. */
static int
take_e7(int64_t *to, const char *s)
{
	int64_t v = 0;

	if (*s != '\0' && !tsv_null(s) && (num_e7(s, &v) != 0 || v < 0))
		return -1;
	*to = v;
	return 0;
}

/* A lot size, "75" or as pandas writes it, "75.0". */
static int
take_lot(uint32_t *to, const char *s)
{
	int64_t v;

	if (take_e7(&v, s) != 0 || v % E7 != 0 || v / E7 > UINT32_MAX)
		return -1;
	*to = (uint32_t)(v / E7);
	return 0;
}

static int
take_token(uint32_t *to, const char *s)
{
	uint32_t v;

	if (num_u32(s, &v) != 0 || v == 0)
		return -1;
	*to = v;
	return 0;
}

static int
take_expiry(int32_t *to, const char *s)
{
	if (*s == '\0' || tsv_null(s)) {
		*to = INST_NO_EXPIRY;
		return 0;
	}
	return clk_day_from(s, to);
}

/* What its kind asks for: NULL, or the name of the column that lacks it. */
static const char *
lacks(const struct inst *i)
{
	if (i->kind < INST_FUT)
		return NULL;
	if (i->expiry == INST_NO_EXPIRY)
		return "expiry";
	return i->kind != INST_FUT && i->strike_e7 == 0 ? "strike" : NULL;
}

/* ---- the broker's dump ---- */

static int
bad_column(struct fault *f, int col, const char *value)
{
	return fault_set(f, EX_DATAERR, "column %s is '%.60s'",
	    inst_dump_cols[col], value);
}

/* instrument_type, and segment for indices: their type is EQ too. */
static int
take_kind(enum inst_kind *k, const char *const field[])
{
	if (strcmp(field[D_SEGMENT], "INDICES") == 0) {
		*k = INST_INDEX;
		return 0;
	}
	if (strcmp(field[D_TYPE], "index") == 0)	/* ours, not Kite's */
		return -1;
	return inst_kind_from(field[D_TYPE], k);
}

int
inst_from_dump(struct inst *out, const char *const field[INST_DUMP_COLS],
    struct fault *f)
{
	struct inst i = { 0 };
	const char *col;

	if (take_token(&i.token, field[D_TOKEN]) != 0)
		return bad_column(f, D_TOKEN, field[D_TOKEN]);
	if (*field[D_SYMBOL] == '\0' || take_text(i.tradingsymbol,
	    sizeof(i.tradingsymbol), field[D_SYMBOL]) != 0)
		return bad_column(f, D_SYMBOL, field[D_SYMBOL]);
	if (take_expiry(&i.expiry, field[D_EXPIRY]) != 0)
		return bad_column(f, D_EXPIRY, field[D_EXPIRY]);
	if (take_e7(&i.strike_e7, field[D_STRIKE]) != 0)
		return bad_column(f, D_STRIKE, field[D_STRIKE]);
	if (take_e7(&i.tick_e7, field[D_TICK]) != 0)
		return bad_column(f, D_TICK, field[D_TICK]);
	if (take_lot(&i.lot, field[D_LOT]) != 0)
		return bad_column(f, D_LOT, field[D_LOT]);
	if (take_kind(&i.kind, field) != 0)
		return bad_column(f, D_TYPE, field[D_TYPE]);
	if (*field[D_SEGMENT] == '\0' || take_text(i.segment,
	    sizeof(i.segment), field[D_SEGMENT]) != 0)
		return bad_column(f, D_SEGMENT, field[D_SEGMENT]);
	if (*field[D_EXCHANGE] == '\0' || take_text(i.exchange,
	    sizeof(i.exchange), field[D_EXCHANGE]) != 0)
		return bad_column(f, D_EXCHANGE, field[D_EXCHANGE]);
	if (i.kind < INST_FUT)
		cut_text(i.name, sizeof(i.name), field[D_NAME]);
	else if (take_text(i.name, sizeof(i.name), field[D_NAME]) != 0)
		return bad_column(f, D_NAME, field[D_NAME]);
	if ((col = lacks(&i)) != NULL)
		return fault_set(f, EX_DATAERR, "column %s is missing for a %s",
		    col, inst_kind_name(i.kind));
	*out = i;
	return 0;
}

/* ---- names ---- */

void
inst_e7(char out[INST_E7], int64_t e7)
{
	size_t n;

	n = (size_t)snprintf(out, INST_E7, "%" PRId64, e7 / E7);
	if (e7 % E7 == 0)
		return;
	n += (size_t)snprintf(out + n, INST_E7 - n, ".%07" PRId64, e7 % E7);
	while (out[n - 1] == '0')
		out[--n] = '\0';
}

void
inst_make_symbol(struct inst *i)
{
	static const char month[12][4] = {
		"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
		"JUL", "AUG", "SEP", "OCT", "NOV", "DEC"
	};
	char strike[INST_E7] = "";
	int y, m, d, n;

	if (i->kind < INST_FUT || *i->name == '\0') {
		memcpy(i->symbol, i->tradingsymbol, sizeof(i->symbol));
		return;
	}
	clk_day_split(i->expiry, &y, &m, &d);
	if (i->kind != INST_FUT)
		inst_e7(strike, i->strike_e7);
	n = snprintf(i->symbol, sizeof(i->symbol), "%s%02d%s%02d%s%s", i->name,
	    d, month[m - 1], y % 100, strike, inst_kind_name(i->kind));
	if (n < 0 || (size_t)n >= sizeof(i->symbol))	/* an absurd name */
		memcpy(i->symbol, i->tradingsymbol, sizeof(i->symbol));
}

int32_t
inst_option_expiry(const struct inst *i)
{
	return i->kind == INST_CE || i->kind == INST_PE ? i->expiry :
	    INST_NO_EXPIRY;
}

int
inst_name_ok(const char *s)
{
	size_t n = strlen(s);

	for (const char *p = s; *p != '\0'; p++)
		if (!((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') ||
		    (*p >= '0' && *p <= '9') || *p == '_'))
			return 0;
	return n >= 1 && n <= 64;
}

int
inst_table_ok(const char *table)
{
	static const char *const ours[] = {
		"dailytable", "kite1tokens", "ltp_ticks", "oi_snapshots"
	};
	size_t n = strlen(table);

	if (!inst_name_ok(table))
		return 0;
	/* Databases may fold case: so do we. */
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (strcasecmp(table, ours[i]) == 0)
			return 0;
	return strncasecmp(table, "das_", 4) != 0 &&
	    strncasecmp(table, "sqlite_", 7) != 0 &&
	    (n < 6 || strcasecmp(table + n - 6, "_daily") != 0);
}

int
inst_table_name(const char *symbol, char *table, size_t size, struct fault *f)
{
	char t[65];
	size_t n = strlen(symbol);

	if (n > 3 && strcmp(symbol + n - 3, "-BE") == 0)
		n -= 3;
	if (n >= sizeof(t) || n >= size)
		return fault_set(f, EX_DATAERR, "%.80s: too long for a table "
		    "name", symbol);
	for (size_t i = 0; i < n; i++)
		t[i] = symbol[i] == '-' || symbol[i] == '&' ? '_' : symbol[i];
	t[n] = '\0';
	if (!inst_table_ok(t))
		return fault_set(f, EX_DATAERR, "%s: '%s' cannot be a table "
		    "name", symbol, t);
	memcpy(table, t, n + 1);
	return 0;
}

/* ---- sets ---- */

struct inst *
inst_add(struct inst_set *s)
{
	if (s->n == s->cap) {
		size_t cap = s->cap != 0 ? s->cap * 2 : 256;
		struct inst *v;

		if (cap > SIZE_MAX / sizeof(*v) ||
		    (v = realloc(s->v, cap * sizeof(*v))) == NULL) {
			errno = ENOMEM;
			return NULL;
		}
		s->v = v;
		s->cap = cap;
	}
	s->v[s->n] = (struct inst){ .expiry = INST_NO_EXPIRY };
	return &s->v[s->n++];
}

static int
by_token(const void *a, const void *b)
{
	uint32_t x = ((const struct inst *)a)->token;
	uint32_t y = ((const struct inst *)b)->token;

	return (x > y) - (x < y);
}

void
inst_sort(struct inst_set *s)
{
	if (s->n > 1)
		qsort(s->v, s->n, sizeof(*s->v), by_token);
}

void
inst_free(struct inst_set *s)
{
	free(s->v);
	*s = (struct inst_set){ 0 };
}

const struct inst *
inst_find(const struct inst_set *s, uint32_t token)
{
	size_t from = 0, to = s->n;

	while (from < to) {
		size_t i = from + (to - from) / 2;

		if (s->v[i].token == token)
			return &s->v[i];
		if (s->v[i].token < token)
			from = i + 1;
		else
			to = i;
	}
	return NULL;
}

/* ---- instruments.tsv ---- */

enum {
	I_TOKEN, I_EXCHANGE, I_SEGMENT, I_TRADINGSYMBOL, I_SYMBOL, I_NAME,
	I_KIND, I_EXPIRY, I_STRIKE, I_LOT, I_TICK, I_TABLE, I_DB, I_COLS
};
/* The divisor follows from the token. */
static const char *const cols[I_COLS] = {
	"instrument_token", "exchange", "segment", "tradingsymbol", "symbol",
	"name", "kind", "expiry", "strike", "lot_size", "tick_size",
	"TableName", "dbName"
};

/* text, a tab behind it */
static int
add(struct buf *b, const char *text)
{
	return tsv_add(b, text) != 0 || buf_add(b, "\t", 1) != 0 ? -1 : 0;
}

int
inst_format(struct buf *b, const struct inst *i)
{
	char day[CLK_DAY], strike[24], tick[24], lot[16];
	size_t was = b->len;

	snprintf(lot, sizeof(lot), "%" PRIu32, i->lot);
	inst_e7(strike, i->strike_e7);
	inst_e7(tick, i->tick_e7);
	if (buf_addf(b, "%" PRIu32 "\t", i->token) == 0 &&
	    add(b, i->exchange) == 0 && add(b, i->segment) == 0 &&
	    add(b, i->tradingsymbol) == 0 && add(b, i->symbol) == 0 &&
	    add(b, i->name) == 0 && add(b, inst_kind_name(i->kind)) == 0 &&
	    add(b, i->expiry != INST_NO_EXPIRY ?
	    clk_day_to(i->expiry, day) : NULL) == 0 &&
	    add(b, i->kind >= INST_CE ? strike : NULL) == 0 &&
	    add(b, i->lot != 0 ? lot : NULL) == 0 &&
	    add(b, i->tick_e7 != 0 ? tick : NULL) == 0 &&
	    buf_addf(b, "%" PRIu32 "\t", inst_divisor(i->token)) == 0 &&
	    add(b, i->table) == 0 && tsv_add(b, i->db) == 0 &&
	    buf_add(b, "\n", 1) == 0)
		return 0;
	if (b->p != NULL)
		b->p[b->len = was] = '\0';
	return -1;
}

/* Fields, decoded and in the order of cols: 0, or -1 and *bad is the column. */
static int
from_fields(struct inst *i, char *const field[I_COLS], int *bad)
{
#define TEXT(to, c)	(*bad = (c), take_text(to, sizeof(to), field[c]))
	if (TEXT(i->exchange, I_EXCHANGE) != 0 ||
	    TEXT(i->segment, I_SEGMENT) != 0 ||
	    TEXT(i->tradingsymbol, I_TRADINGSYMBOL) != 0 ||
	    TEXT(i->symbol, I_SYMBOL) != 0 || TEXT(i->name, I_NAME) != 0 ||
	    TEXT(i->table, I_TABLE) != 0 || TEXT(i->db, I_DB) != 0)
		return -1;
#undef TEXT
	if (*bad = I_TOKEN, take_token(&i->token, field[I_TOKEN]) != 0)
		return -1;
	if (*bad = I_KIND, inst_kind_from(field[I_KIND], &i->kind) != 0)
		return -1;
	if (*bad = I_EXPIRY, take_expiry(&i->expiry, field[I_EXPIRY]) != 0)
		return -1;
	if (*bad = I_STRIKE, take_e7(&i->strike_e7, field[I_STRIKE]) != 0)
		return -1;
	if (*bad = I_LOT, take_lot(&i->lot, field[I_LOT]) != 0)
		return -1;
	if (*bad = I_TICK, take_e7(&i->tick_e7, field[I_TICK]) != 0)
		return -1;
	if (*bad = I_TRADINGSYMBOL, *i->tradingsymbol == '\0')
		return -1;
	if (*bad = I_TABLE, !inst_table_ok(i->table))
		return -1;
	if (*bad = I_DB, !inst_name_ok(i->db))
		return -1;
	return 0;
}

static int
load_row(struct inst_set *s, struct tsv *row, const int col[I_COLS],
    struct fault *f)
{
	char *field[I_COLS];
	const char *lack;
	struct inst *i;
	int bad;

	for (int c = 0; c < I_COLS; c++) {
		field[c] = row->f[col[c]];
		if (!tsv_null(field[c]))
			tsv_decode(field[c]);
	}
	if ((i = inst_add(s)) == NULL)
		return fault_sys(f, 0, "%s", row->name);
	if (from_fields(i, field, &bad) != 0)
		return fault_set(f, EX_DATAERR, "%s:%ld: %s is '%.60s'",
		    row->name, row->line, cols[bad], field[bad]);
	if ((lack = lacks(i)) != NULL)
		return fault_set(f, EX_DATAERR, "%s:%ld: no %s", row->name,
		    row->line, lack);
	return 0;
}

static int
load_rows(struct inst_set *s, struct tsv *row, struct fault *f)
{
	int col[I_COLS], rc = -1;

	for (int c = 0; c < I_COLS; c++)
		if ((col[c] = tsv_col(row, cols[c])) == -1)
			return fault_set(f, EX_DATAERR, "%s: %s%s", row->name,
			    row->why != NULL ? row->why : "no column ",
			    row->why != NULL ? "" : cols[c]);
	while ((rc = tsv_next(row)) == 1)
		if (load_row(s, row, col, f) != 0)
			return -1;
	if (rc != 0)
		return fault_set(f, ferror(row->in) ? EX_IOERR : EX_DATAERR,
		    "%s:%ld: %s", row->name, row->line, row->why);
	inst_sort(s);
	for (size_t n = 1; n < s->n; n++)
		if (s->v[n].token == s->v[n - 1].token)
			return fault_set(f, EX_DATAERR, "%s: instrument_token "
			    "%" PRIu32 " is there twice", row->name,
			    s->v[n].token);
	return 0;
}

int
inst_load(struct inst_set *s, const char *path, struct fault *f)
{
	struct inst_set got = { 0 };
	struct tsv row;
	FILE *in;
	int rc;

	if ((in = fopen(path, "re")) == NULL)
		return fault_sys(f, EX_NOINPUT, "%s", path);
	tsv_init(&row, in, path);
	rc = load_rows(&got, &row, f);
	tsv_free(&row);
	fclose(in);			/* only read from: nothing to lose */
	if (rc != 0) {
		inst_free(&got);
		return -1;
	}
	*s = got;
	return 0;
}
