#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "castdepth.h"
#include "castinst.h"
#include "castplace.h"
#include "castsay.h"
#include "ltp.h"
#include "msg.h"
#include "num.h"
#include "tsv.h"

#define TICKS		"ticks"

enum {
	CAP_MIN = 1024,			/* rows of the table */
	CAP_MAX = 1 << 18,
	ROW_MAX = 4096,			/* bytes of a row; a longer one is none */
	BLOCKS_ASKED = 256,		/* read for a question, 64 MiB */
	LEVELS = 5
};

/* Real time between two blocks, and between two looks. */
static const int64_t GAP_US = 5 * US_PER_MS, LOOK_US = 200 * US_PER_MS;
static const uint64_t BACK = UINT64_C(4) << 20;

struct castdepth_row {
	uint32_t token;			/* 0: the place is free */
	bool	 old;			/* read by back: anything else is newer */
	uint16_t len, cap;
	char	*text;			/* NUL behind it */
};

/* ---- the table ---- */

static struct castdepth_row *
place(const struct castdepth *d, uint32_t token)
{
	size_t i = (token * 2654435761u) & (d->cap - 1);

	while (d->row[i].token != 0 && d->row[i].token != token)
		i = (i + 1) & (d->cap - 1);
	return &d->row[i];
}

static int
grow(struct castdepth *d)
{
	struct castdepth_row *old = d->row;
	size_t n = d->cap, cap = n == 0 ? CAP_MIN : n * 2;

	if (d->n * 2 < n)
		return 0;
	if (cap > CAP_MAX || (d->row = calloc(cap, sizeof(*old))) == NULL) {
		d->row = old;
		return -1;
	}
	d->cap = cap;
	for (size_t i = 0; i < n; i++)
		if (old[i].token != 0)
			*place(d, old[i].token) = old[i];
	free(old);
	return 0;
}

static void
forget_rows(struct castdepth *d)
{
	for (size_t i = 0; i < d->cap; i++)
		free(d->row[i].text);
	free(d->row);
	free(d->header);
	d->row = NULL;
	d->header = NULL;
	d->n = d->cap = 0;
}

void
castdepth_free(struct castdepth *d)
{
	forget_rows(d);
	spool_r_close(&d->in);
	spool_r_close(&d->back);
	*d = (struct castdepth){ 0 };
}

/* Without memory the row is not kept: the next one will be. */
static void
keep(struct castdepth *d, uint32_t token, const char *text, size_t len,
    bool old)
{
	struct castdepth_row *r;
	char *p;

	if (token == 0 || len > ROW_MAX || grow(d) != 0)
		return;
	r = place(d, token);
	if (old && r->token != 0 && !r->old)
		return;
	if (len >= r->cap) {
		size_t cap = len + 32;

		if ((p = realloc(r->text, cap)) == NULL)
			return;
		r->text = p;
		r->cap = (uint16_t)cap;
	}
	d->n += r->token == 0;
	r->token = token;
	r->old = old;
	r->len = (uint16_t)len;
	memcpy(r->text, text, len);
	r->text[len] = '\0';
}

/* ---- the topic ---- */

/* Rows of other columns: those so far go, or, where they are newer, these. */
static int
look_at_header(struct castdepth *d, const char *header, bool old)
{
	struct tsv t;

	if (d->header != NULL && strcmp(d->header, header) == 0)
		return 0;
	if (d->header != NULL && old)
		return -1;
	forget_rows(d);
	tsv_init(&t, NULL, TICKS);
	d->token = tsv_head(&t, header, strlen(header)) == 0 ?
	    tsv_col(&t, "instrument_token") : -1;
	tsv_free(&t);
	if (d->token == -1 || (d->header = strdup(header)) == NULL)
		return -1;
	return 0;
}

static uint32_t
token_of(const char *row, int col)
{
	uint32_t v = 0;

	for (; col > 0 && (row = strchr(row, '\t')) != NULL; col--)
		row++;
	if (row == NULL)
		return 0;
	for (; *row >= '0' && *row <= '9'; row++)
		v = v * 10 + (uint32_t)(*row - '0');
	return *row == '\t' ? v : 0;
}

static void
take_rows(struct castdepth *d, char *rows, size_t len, bool old)
{
	char *row, *end = rows + len;

	while ((row = spool_row(&rows, end)) != NULL) {
		keep(d, token_of(row, d->token), row, (size_t)(rows - 1 - row),
		    old);
		d->rows++;
	}
}

/* A block; were there rows? */
static bool
read_block(struct castdepth *d, struct spool_r *r, bool old)
{
	struct fault f;
	char *rows;
	size_t len;
	int rc = spool_r_next(r, &rows, &len, &f);

	if (rc == -1 && !d->told)
		msg_warnx("%s; get_depth has no rows of it", f.text);
	d->told = rc == -1 || (rc != 1 && d->told);
	if (rc == 1 && look_at_header(d, r->header, old) == 0)
		take_rows(d, rows, len, old);
	return rc == 1;
}

static int
open_day(struct castdepth *d, const char *day, struct fault *f)
{
	const char *spool = conf_str(d->conf, "spoolDir");
	char dir[SPOOL_PATH];

	spool_r_close(&d->in);
	spool_r_close(&d->back);
	d->backing = false;
	*d->day = '\0';
	if (spool_dir(dir, spool, day, TICKS, f) != 0)
		return -1;
	d->until = castplace_back(dir, BACK);
	if (spool_r_open(&d->in, spool, day, TICKS, &d->until, f) != 0 ||
	    spool_r_open(&d->back, spool, day, TICKS, NULL, f) != 0)
		return -1;
	d->backing = d->until.segment > 1 || d->until.offset > 0;
	snprintf(d->day, sizeof(d->day), "%s", day);
	return 0;
}

/* A token is another instrument tomorrow. */
static void
set_day(struct castdepth *d, const char *day)
{
	struct fault f;

	if (*d->day != '\0')
		forget_rows(d);
	if (open_day(d, day, &f) != 0 && !d->told) {
		msg_warnx("%s", f.text);
		d->told = true;
	}
}

static void
read_back(struct castdepth *d)
{
	const struct spool_pos *at = &d->back.pos;

	if (read_block(d, &d->back, true) &&
	    (at->segment < d->until.segment || (at->segment ==
	    d->until.segment && at->offset < d->until.offset)))
		return;
	d->backing = false;
	spool_r_close(&d->back);
}

void
castdepth_turn(struct castdepth *d, const struct conf *c, const char *day,
    int64_t now)
{
	d->conf = c;
	if (now - d->read_us < (d->more || d->backing ? GAP_US : LOOK_US))
		return;
	d->read_us = now;
	if (!d->more && strcmp(d->day, day) != 0)
		set_day(d, day);
	if (*d->day == '\0')
		return;
	d->more = read_block(d, &d->in, false);
	if (!d->more && d->backing)
		read_back(d);
}

int64_t
castdepth_due(const struct castdepth *d)
{
	return d->more || d->backing ? d->read_us + GAP_US : INT64_MAX;
}

/* ---- the answer ---- */

/* ,"key":N of a field; null where it is no number. */
static int
put_number(struct buf *b, const char *key, const char *v)
{
	return buf_addf(b, ",\"%s\":%s", key, v != NULL && num_json(v) ? v :
	    "null");
}

static const char *
field(struct tsv *row, const char *name)
{
	int col = tsv_col(row, name);

	return col >= 0 && col < row->nf && !tsv_null(row->f[col]) ?
	    row->f[col] : NULL;
}

/* The five levels of a side, 'b' or 's'; none of an index. */
static int
put_side(struct buf *b, struct tsv *row, const char *key, char side)
{
	int n = 0;

	if (buf_addf(b, ",\"%s\":[", key) != 0)
		return -1;
	for (int i = 0; i < LEVELS; i++) {
		static const struct { char c; const char *key; } part[] = {
			{ 'q', "quantity" }, { 'p', "price" },
			{ 'o', "orders" } };
		char name[] = { side, 'q', (char)('0' + i), '\0' };

		if (field(row, name) == NULL)
			continue;
		if (buf_adds(b, n++ > 0 ? ",{" : "{") != 0)
			return -1;
		for (int k = 0; k < 3; k++) {
			const char *v;

			name[1] = part[k].c;
			v = field(row, name);
			if (buf_addf(b, "%s\"%s\":%s", k > 0 ? "," : "",
			    part[k].key, v != NULL && num_json(v) ? v :
			    "null") != 0)
				return -1;
		}
		if (buf_adds(b, "}") != 0)
			return -1;
	}
	return buf_adds(b, "]");
}

static int
put_depth(struct buf *b, struct tsv *row, const char *symbol, uint32_t token)
{
	static const char *const number[] = { "price", "volume", "oi", "open",
	    "high", "low", "close" };
	const char *ts = field(row, "timestamp");
	char at[40] = "null";
	int64_t us;

	if (ts != NULL && clk_from_ist(ts, &us) == 0) {
		at[0] = '"';
		memcpy(ltp_ts(at + 1, us), "\"", 2);
	}
	if (buf_adds(b, "{\"type\":\"depth\",\"symbol\":") != 0 ||
	    js_add(b, symbol) != 0 ||
	    buf_addf(b, ",\"token\":\"%u\",\"timestamp\":%s", (unsigned)token,
	    at) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(number) / sizeof(*number); i++)
		if (put_number(b, number[i], field(row, number[i])) != 0)
			return -1;
	if (put_side(b, row, "bids", 'b') != 0 ||
	    put_side(b, row, "asks", 's') != 0)
		return -1;
	return buf_adds(b, "}");
}

static void
say_depth(struct castclient *c, const struct castdepth_row *r,
    const char *symbol)
{
	const char *header = c->cast->depth.header;
	char text[ROW_MAX + 1];
	struct buf b = { 0 };
	struct tsv row;

	memcpy(text, r->text, (size_t)r->len + 1);
	tsv_init(&row, NULL, TICKS);
	if (tsv_head(&row, header, strlen(header)) != 0 ||
	    tsv_row(&row, text) != 0)
		castsay_error(c, "no_data", "its row is not as it must be");
	else
		castsay_answer(c, &b, put_depth(&b, &row, symbol, r->token));
	tsv_free(&row);
}

void
castdepth_get(struct castclient *c, const struct js *doc)
{
	struct castdepth *d = &c->cast->depth;
	const char *symbol = js_str(js_get(doc, "symbol"));
	const struct inst *i;
	const struct quote *q;
	uint32_t token = 0;

	if (symbol == NULL) {
		castsay_error(c, "bad_request", "get_depth wants a symbol");
		return;
	}
	if ((i = castinst_find(c->cast, symbol)) != NULL)
		token = i->token;
	else if ((q = castbook_find(&c->cast->ltp.book, symbol)) != NULL)
		token = q->token;
	if (token != 0 && *d->day != '\0')
		for (int n = 0; n < BLOCKS_ASKED; n++)
			if (!(d->more = read_block(d, &d->in, false)))
				break;
	if (token == 0)
		castsay_error(c, "no_data", "no such instrument");
	else if (d->cap > 0 && place(d, token)->token == token)
		say_depth(c, place(d, token), i != NULL ? i->symbol : symbol);
	else if (d->backing)
		castsay_error(c, "busy", "the ticks of the day are still "
		    "being read");
	else
		castsay_error(c, "no_data", "no tick of it has come today");
}
