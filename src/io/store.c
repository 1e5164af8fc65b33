#include <errno.h>
#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "store_back.h"
#include "tsv.h"

#define INT(n)		{ .name = n, .kind = STORE_INT }
#define REAL(n)		{ .name = n, .kind = STORE_REAL }
#define DOUBLE(n)	{ .name = n, .kind = STORE_DOUBLE }
#define TIME(n)		{ .name = n, .kind = STORE_TIME }
#define UTC(n)		{ .name = n, .kind = STORE_UTC, .need = true }
#define MINUTE(n)	{ .name = n, .kind = STORE_MINUTE, .need = true }
#define TEXT(n, s, must) { .name = n, .kind = STORE_TEXT, .size = s, .need = must }

#define LEVEL(s, n)	INT(s "q" n), REAL(s "p" n), INT(s "o" n)
#define SIDE(s)		LEVEL(s, "0"), LEVEL(s, "1"), LEVEL(s, "2"), \
			LEVEL(s, "3"), LEVEL(s, "4")

const struct store_col store_col[STORE_NCOL] = {
	{ .name = "instrument_token", .kind = STORE_INT, .need = true },
	TEXT("tradingsymbol", 100, false),
	TEXT("tablename", 100, false),
	TEXT("dbname", 100, false),
	{ .name = "timestamp", .kind = STORE_TIME, .need = true },
	REAL("price"),
	INT("qty"),
	REAL("avgPrice"),
	INT("volume"),
	INT("bQty"),
	INT("sQty"),
	REAL("open"),
	REAL("high"),
	REAL("low"),
	REAL("close"),
	REAL("changeper"),
	TIME("lastTradeTime"),
	INT("oi"),
	INT("oiHigh"),
	INT("oiLow"),
	SIDE("b"), SIDE("s")
};

const struct store_table store_daily = {
	"dailytable", "instrument_token,timestamp", store_col, STORE_NCOL,
	STORE_MAIN, false, NULL
};

#define GREEKS	DOUBLE("delta"), DOUBLE("gamma"), DOUBLE("theta"), \
		DOUBLE("vega"), DOUBLE("iv")

static const struct store_col ltp_col[] = {
	TEXT("symbol", 64, true),
	TEXT("token", 32, true),
	UTC("ts"),
	DOUBLE("ltp"),
	DOUBLE("bid"),
	DOUBLE("ask"),
	INT("volume"),
	INT("oi"),
	GREEKS,
	TEXT("source", 16, false)
};

const struct store_table store_ltp = {
	"ltp_ticks", "symbol,ts", ltp_col, sizeof(ltp_col) / sizeof(*ltp_col),
	0, true, "ts"
};

static const struct store_col oi_col[] = {
	TEXT("symbol", 64, true),
	TEXT("token", 32, true),
	MINUTE("ts"),
	INT("oi"),
	INT("volume"),
	GREEKS
};

const struct store_table store_oi = {
	"oi_snapshots", "symbol,ts", oi_col, sizeof(oi_col) / sizeof(*oi_col),
	0, true, "ts"
};

int
store_main_ncol(enum inst_kind kind)
{
	return kind == INST_INDEX ? STORE_NINDEX : STORE_NCOL - STORE_MAIN;
}

static int
open_store(struct store **s, const struct conf *c, const char *topic,
    struct fault *f)
{
	*s = NULL;
	return strcmp(conf_store(c), "mysql") == 0 ?
	    store_maria_open(s, c, topic != NULL, f) :
	    store_sqlite_open(s, c, topic, f);
}

int
store_open(struct store **s, const struct conf *c, struct fault *f)
{
	return open_store(s, c, "ticks", f);
}

int
store_open_topic(struct store **s, const struct conf *c, const char *topic,
    struct fault *f)
{
	return open_store(s, c, topic, f);
}

int
store_open_read(struct store **s, const struct conf *c, struct fault *f)
{
	return open_store(s, c, NULL, f);
}

void
store_close(struct store *s)
{
	if (s != NULL)
		s->ops->close(s);
}

const char *
store_where(const struct store *s)
{
	return s->where;
}

bool
store_is_server(const struct store *s)
{
	return s->server;
}

int
store_token_put(struct store *s, const struct store_token *t, struct fault *f)
{
	return s->ops->token_put(s, t, f);
}

int
store_token_last(struct store *s, struct store_token *t, struct fault *f)
{
	return s->ops->token_last(s, t, f);
}

int
store_prepare(struct store *s, const struct inst_set *set, struct fault *f)
{
	return s->ops->prepare(s, set, f);
}

int
store_pos_get(struct store *s, const char *day, const char *topic,
    struct store_pos *p, struct fault *f)
{
	return s->ops->pos_get(s, day, topic, p, f);
}

int
store_columns(const struct store_table *table, const char *header, int *col,
    struct fault *f)
{
	struct tsv t;
	int n;

	tsv_init(&t, NULL, "header");
	if (tsv_head(&t, header, strlen(header)) != 0)
		return fault_set(f, EX_DATAERR, "%s", t.why);
	n = t.ncol;
	for (int i = 0; i < n; i++)
		col[i] = -1;
	for (int i = table->ninst; n != -1 && i < table->ncol; i++) {
		int j = tsv_col(&t, table->col[i].name);

		if (j != -1)
			col[j] = i;
		else
			n = fault_set(f, EX_DATAERR, "no column %s",
			    table->col[i].name);
	}
	tsv_free(&t);
	return n;
}

int
store_load(struct store *s, struct store_batch *b, struct fault *f)
{
	b->bad = NULL;
	b->moved = false;
	return s->ops->load(s, b, f);
}

void
store_leave(struct store *s, bool behind)
{
	s->leave = behind;
}

enum store_behind
store_behind(struct store *s)
{
	return s->ops->behind != NULL ? s->ops->behind(s) : STORE_LEVEL;
}

bool
store_cuts(const struct store *s)
{
	return s->cuts;
}

bool
store_sums_values(const struct store *s)
{
	return s->values;
}

int
store_describe(struct inst *in, const char *symbol, const char *table,
    const char *db, bool index, struct fault *f)
{
	in->kind = index ? INST_INDEX : INST_EQ;
	if (snprintf(in->tradingsymbol, sizeof(in->tradingsymbol), "%s",
	    symbol) < (int)sizeof(in->tradingsymbol) &&
	    snprintf(in->table, sizeof(in->table), "%s", table) <
	    (int)sizeof(in->table) && snprintf(in->db, sizeof(in->db), "%s",
	    db) < (int)sizeof(in->db))
		return 0;
	return fault_set(f, EX_DATAERR, "dailytable: token %ju has a name that "
	    "is too long", (uintmax_t)in->token);
}

int
store_take(struct inst_set *set, const struct inst *in, struct fault *f)
{
	struct inst *at = inst_add(set);

	if (at == NULL) {
		errno = ENOMEM;
		return fault_sys(f, 0, "store");
	}
	*at = *in;
	return 0;
}

int
store_add_insts(struct store *s, const char *day, struct inst_set *set,
    struct fault *f)
{
	return s->ops->add_insts(s, day, set, f);
}

/* Names become parts of statements and paths. */
static int
names_ok(const struct inst *in, struct fault *f)
{
	return inst_table_ok(in->table) && inst_name_ok(in->db) ? 0 :
	    fault_set(f, EX_DATAERR, "%s: '%.80s' in '%.80s' cannot be a table",
	    in->tradingsymbol, in->table, in->db);
}

int
store_file(struct store *s, const struct inst_group *g, const char *day,
    struct fault *f)
{
	return names_ok(g->v[0], f) != 0 ? -1 : s->ops->file(s, g, day, f);
}

int
store_make(struct store *s, const struct inst_groups *all, struct fault *f)
{
	return s->ops->make != NULL ? s->ops->make(s, all, f) : 0;
}

int
store_settle(struct store *s, struct fault *f)
{
	return s->ops->settle != NULL ? s->ops->settle(s, f) : 0;
}

int
store_count(struct store *s, const struct inst_group *g, const char *day,
    struct store_counts *n, struct fault *f)
{
	*n = (struct store_counts){ 0 };
	return names_ok(g->v[0], f) != 0 ? -1 :
	    s->ops->count(s, g, day, n, f);
}

int
store_glance(struct store *s, const struct inst_group *g, const char *day,
    struct store_counts *n, struct fault *f)
{
	*n = (struct store_counts){ 0 };
	return s->ops->glance != NULL ? s->ops->glance(s, g, day, n, f) : 0;
}

int
store_there(struct store *s, const struct inst_groups *g, bool *there,
    struct fault *f)
{
	return s->ops->there != NULL ? s->ops->there(s, g, there, f) : 0;
}

int
store_done(struct store *s, const struct store_day *d, struct fault *f)
{
	return s->ops->done(s, d, f);
}

int
store_done_get(struct store *s, const char *day, struct store_day *d,
    struct fault *f)
{
	*d = (struct store_day){ 0 };
	return s->ops->done_get(s, day, d, f);
}

int
store_sync(struct store *s, struct fault *f)
{
	return s->ops->sync(s, f);
}

/* What reads begins so.  The back ends see to it that it does no more. */
static bool
is_question(const char *sql)
{
	sql += strspn(sql, " \t\r\n(");
	return (strncasecmp(sql, "SELECT", 6) == 0 && !isalnum(
	    (unsigned char)sql[6]) && sql[6] != '_') ||
	    (strncasecmp(sql, "WITH", 4) == 0 && isspace(
	    (unsigned char)sql[4]));
}

int
store_ask(struct store *s, const struct store_ask *a, struct fault *f)
{
	if (!is_question(a->sql))
		return fault_set(f, EX_DATAERR, "only questions are answered, "
		    "which begin with SELECT or WITH");
	return s->ops->ask(s, a, f);
}

int
store_locate(struct store *s, const struct inst *in, const char *db,
    struct buf *b, struct fault *f)
{
	return in != NULL && names_ok(in, f) != 0 ? -1 :
	    s->ops->locate(s, in, db, b, f);
}

const char *
store_server(const struct store *s, size_t i)
{
	return s->ops->server(s, i);
}
