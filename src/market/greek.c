#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "greek.h"
#include "ltp.h"
#include "num.h"

int
greek_init(struct greek *g, const struct greek_spec *spec, struct fault *f)
{
	size_t n = spec->chains->nitem + spec->chains->nrest;

	*g = (struct greek){ .spec = *spec };
	g->touched = calloc(n + 1, sizeof(struct chain_item *));
	if (g->touched == NULL)
		return fault_sys(f, EX_TEMPFAIL, "%zu instruments", n);
	chains_reset(spec->chains);
	return 0;
}

void
greek_free(struct greek *g)
{
	free(g->touched);
	buf_free(&g->text);
	*g = (struct greek){ 0 };
}

/* A field of a row, at most size - 1 bytes; where the next one begins, or NULL. */
static const char *
field(const char *row, char *out, size_t size)
{
	size_t n = strcspn(row, "\t");

	if (n >= size || row[n] == '\0')
		return NULL;
	memcpy(out, row, n);
	out[n] = '\0';
	return row + n + 1;
}

/* Columns are only ever added behind: the first three are symbol, token, ts. */
int
greek_resume(struct greek *g, const char *row, struct fault *f)
{
	char ts[40], token[16], symbol[2 * LTP_SYMBOL];
	const char *p;

	g->behind = row != NULL;
	if (row == NULL)
		return 0;
	if ((p = field(row, symbol, sizeof(symbol))) == NULL ||
	    (p = field(p, token, sizeof(token))) == NULL ||
	    field(p, ts, sizeof(ts)) == NULL ||
	    num_u32(token, &g->last) != 0 || clk_from_iso(ts, &g->last_us) != 0)
		return fault_set(f, EX_DATAERR, "not a row of topic " LTP_TOPIC
		    ": '%.60s'", row);
	return 0;
}

/* ---- a row ---- */

static int64_t
or_none(int64_t v)
{
	return v > 0 ? v : LTP_NONE;
}

static void
take_word(char *to, const char *word)
{
	size_t n = strlen(word);

	if (n < LTP_WORD)
		memcpy(to, word, n + 1);
}

/* What the figures of an option say, and what they were made of.  An iv that the
 * price hardly depends on is none: plain rows have no status to say so. */
static void
show_figure(struct ltp_row *r, const struct figure *v,
    const struct forward *fwd, const struct greek *g)
{
	struct ltp_more *m = &r->more;

	if (strcmp(v->status, "OK") == 0) {
		r->delta = v->greeks.delta;
		r->gamma = v->greeks.gamma;
		r->theta = v->greeks.theta;
		r->vega = v->greeks.vega;
		m->rho = v->greeks.rho;
		m->sigma = v->sigma;
		take_word(m->sigma_src, v->sibling ? "sibling" : "own");
	}
	if (strcmp(v->iv_status, "OK") == 0) {
		r->iv = v->iv * 100;
		m->iv_unc = v->iv_unc;
	}
	m->forward = fwd->value;
	take_word(m->forward_src, forward_name(fwd->src));
	if (fwd->src != FORWARD_NONE)
		m->forward_age = (double)(g->at_us - fwd->seen_us) /
		    (double)US_PER_SEC;
	m->forward_unc = fwd->unc;
	m->tte = v->years;
	m->rate = g->spec.rules->figure.rate;
	m->price = v->price.price;
	take_word(m->iv_src, quote_src_name(v->price.src));
	take_word(m->iv_status, v->iv_status);
	take_word(m->status, v->status);
	m->event_us = v->event_us > 0 ? v->event_us : LTP_NONE;
}

static void
show_option(struct ltp_row *r, const struct chain_item *it, struct greek *g)
{
	const struct chain_expiry *e = it->expiry;
	const struct chain_strike *s = &e->strike[it->strike];

	/* a snapshot has both, one behind the other */
	if (g->spec.interval_us == 0 || g->known != s) {
		chain_figures(it, g->spec.rules, g->at_us,
		    g->spec.interval_us > 0, g->figure);
		g->known = s;
	}
	show_figure(r, &g->figure[it->inst->kind == INST_PE], &e->forward, g);
	r->more.strike_e7 = it->inst->strike_e7;
}

static void
show_index(struct ltp_row *r, const struct chain *c)
{
	const struct chain_expiry *e = c != NULL ? chain_nearest(c) : NULL;

	r->volume = 0;
	r->oi = LTP_NONE;
	if (e != NULL) {
		r->more.pcr = chain_pcr(e);
		r->more.max_pain_e7 = chain_max_pain(e);
	}
}

static void
fill(struct ltp_row *r, const struct chain_item *it, struct greek *g)
{
	const struct inst *i = it->inst;
	int64_t event = figure_event(&it->q);

	ltp_init(r);
	r->symbol = *i->symbol != '\0' ? i->symbol : i->tradingsymbol;
	r->token = i->token;
	r->ts_us = g->at_us;
	r->source = g->spec.source;
	r->ltp_e7 = or_none(it->q.ltp_e7);
	r->bid_e7 = or_none(it->q.bid_e7);
	r->ask_e7 = or_none(it->q.ask_e7);
	r->volume = it->q.volume;
	r->oi = it->q.oi;
	r->more.event_us = event > 0 ? event : LTP_NONE;
	take_word(r->more.kind, inst_kind_name(i->kind));
	if (it->expiry != NULL && it->expiry->close_us != FIGURE_NO_TIME)
		r->more.expiry_us = it->expiry->close_us;
	if (i->kind == INST_INDEX)
		show_index(r, it->chain);
	else if (it->expiry != NULL && i->kind != INST_FUT)
		show_option(r, it, g);
}

/* ---- what comes out ---- */

static int
flush(struct greek *g, size_t least, struct fault *f)
{
	if (g->text.len == 0 || g->text.len < least)
		return 0;
	if (g->spec.put(g->text.p, g->text.len, g->spec.arg, f) != 0)
		return -1;
	buf_reset(&g->text);
	return 0;
}

/* A row, unless it is there already. */
static int
put(struct chain_item *it, void *arg, struct fault *f)
{
	struct greek *g = arg;
	struct ltp_row r;

	if (g->behind) {
		/* the last one that is there: the next one is not */
		g->behind = it->inst->token != g->last;
		return 0;
	}
	if (buf_room(&g->text, LTP_ROW_MAX) != 0)
		return fault_sys(f, EX_TEMPFAIL, "rows");
	fill(&r, it, g);
	g->text.len += ltp_format(g->text.p + g->text.len, &r,
	    g->spec.extended);
	g->out++;
	return flush(g, GREEK_BLOCK, f);
}

/* Begins what is shown at a time; false: all of it is there already. */
static bool
begin(struct greek *g, int64_t at_us)
{
	g->at_us = at_us;
	g->known = NULL;
	if (g->behind && at_us > g->last_us)
		g->behind = false;
	return !g->behind || at_us == g->last_us;
}

/* The forwards are looked at also where the rows are there already: the next
 * one begins where the last one was. */
static int
snapshot(struct greek *g, struct fault *f)
{
	struct chains *c = g->spec.chains;
	bool show = begin(g, g->due_us);

	for (size_t k = 0; k < c->n; k++) {
		chain_look(&c->v[k], g->spec.rules, g->due_us);
		if (show && chain_watched(&c->v[k], g->spec.rules, put, g,
		    f) != 0)
			return -1;
	}
	g->pending = false;
	return 0;
}

/* The forwards that a frame may have moved: all of an index when it or a future
 * of its came, else those of the expiries. */
static void
look_at_touched(struct greek *g)
{
	const struct chain_rules *rules = g->spec.rules;

	for (size_t i = 0; i < g->ntouched; i++) {
		struct chain_item *it = g->touched[i];

		if (it->chain != NULL && (it->inst->kind == INST_INDEX ||
		    it->inst->kind == INST_FUT))
			chain_look(it->chain, rules, g->now_us);
	}
	for (size_t i = 0; i < g->ntouched; i++) {
		struct chain_item *it = g->touched[i];

		if (it->expiry != NULL && (i == 0 ||
		    it->expiry != g->touched[i - 1]->expiry))
			chain_look_at(it->chain, it->expiry, rules, g->now_us);
	}
}

static int
frame(struct greek *g, struct fault *f)
{
	bool show = begin(g, g->now_us);
	int rc = 0;

	look_at_touched(g);
	for (size_t i = 0; i < g->ntouched; i++) {
		struct chain_item *it = g->touched[i];

		it->touched = false;
		if (rc == 0 && show && chain_is_watched(it, g->spec.rules))
			rc = put(it, g, f);
	}
	g->ntouched = 0;
	return rc;
}

/* ---- rows that come ---- */

/* The clock moves on: what was due until then comes out. */
static int
move_on(struct greek *g, int64_t recv_us, struct fault *f)
{
	if (recv_us <= g->now_us)
		return 0;
	if (g->spec.interval_us == 0 && g->ntouched > 0 && frame(g, f) != 0)
		return -1;
	if (g->pending && recv_us >= g->due_us && snapshot(g, f) != 0)
		return -1;
	g->now_us = recv_us;
	return 0;
}

/* The end of the interval that now is in. */
static int64_t
interval_end(const struct greek *g)
{
	int64_t midnight = clk_day_start(clk_day_of(g->now_us));
	int64_t n = (g->now_us - midnight) / g->spec.interval_us;

	return midnight + (n + 1) * g->spec.interval_us;
}

static void
took(struct greek *g, struct chain_item *it)
{
	if (g->spec.interval_us == 0 && !it->touched) {
		it->touched = true;
		g->touched[g->ntouched++] = it;
	} else if (g->spec.interval_us > 0 && !g->pending) {
		g->pending = true;
		g->due_us = interval_end(g);
	}
}

int
greek_head(struct greek *g, const char *header, const char *name,
    struct fault *f)
{
	return quotein_open(&g->cols, header, name, f);
}

static void
leave_out(struct greek *g, const struct fault *why)
{
	g->bad++;
	if (g->spec.bad != NULL)
		g->spec.bad(g->in, why->text, g->spec.arg);
}

/* One row, up to the NUL at end. */
static int
take_row(struct greek *g, const char *row, const char *end, struct fault *f)
{
	struct quotein_row r;
	struct chain_item *it;
	struct fault why;
	struct quote q;
	bool older;

	g->in++;
	if (quotein_begin(&g->cols, row, end, &r, &why) != 0) {
		leave_out(g, &why);
		return 0;
	}
	if (move_on(g, r.recv_us, f) != 0)
		return -1;
	if ((it = chains_find(g->spec.chains, r.token)) == NULL)
		return 0;
	if (quotein_rest(&g->cols, &r, &q, &older, &why) != 0) {
		leave_out(g, &why);
		return 0;
	}
	if (older)
		return 0;
	if (q.seen_us > 0)
		q.seen_us = g->now_us;
	chain_take(it, &q);
	took(g, it);
	return 0;
}

int
greek_rows(struct greek *g, char *rows, size_t len, struct fault *f)
{
	const char *end = rows + len;

	for (char *p = rows, *nl; p < end; p = nl + 1) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			break;
		*nl = '\0';
		if (take_row(g, p, nl, f) != 0)
			return -1;
	}
	return flush(g, 0, f);
}

int
greek_end(struct greek *g, struct fault *f)
{
	if ((g->ntouched > 0 && frame(g, f) != 0) ||
	    (g->pending && snapshot(g, f) != 0))
		return -1;
	return flush(g, 0, f);
}
