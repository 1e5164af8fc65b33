#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "castinst.h"
#include "castsay.h"
#include "castsub.h"
#include "clk.h"
#include "dayinst.h"
#include "num.h"

enum { INSTRUMENTS = 20000 };	/* in an answer, at most */

const struct inst *
castinst_find(const struct cast *k, const char *symbol)
{
	const struct inst_set *set = &k->inst->set;

	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->v[i].symbol, symbol) == 0 ||
		    strcmp(set->v[i].tradingsymbol, symbol) == 0)
			return &set->v[i];
	return NULL;
}

/* Does a term fit, under either name? */
static bool
wanted(const struct castspec *s, struct quote *q, const struct inst *i)
{
	if (s->n == 0)
		return true;
	snprintf(q->symbol, sizeof(q->symbol), "%s", i->symbol);
	if (castspec_says(s, q) == 1)
		return true;
	snprintf(q->symbol, sizeof(q->symbol), "%s", i->tradingsymbol);
	return castspec_says(s, q) == 1;
}

/* The decimals that it needs. */
static int
put_e7(struct buf *b, int64_t e7)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%" PRId64 ".%07" PRId64,
	    e7 / E7, e7 % E7);

	while (text[n - 1] == '0')
		n--;
	n -= text[n - 1] == '.';
	return buf_add(b, text, (size_t)n);
}

static int
put_inst(struct buf *b, const struct inst *i, const struct quote *q)
{
	bool option = i->kind == INST_CE || i->kind == INST_PE;
	char day[CLK_DAY];

	if (buf_adds(b, "{\"symbol\":") != 0 || js_add(b, i->symbol) != 0 ||
	    buf_adds(b, ",\"tradingsymbol\":") != 0 ||
	    js_add(b, i->tradingsymbol) != 0 ||
	    buf_addf(b, ",\"token\":\"%u\",\"index\":", (unsigned)i->token) !=
	    0 || (*q->index == '\0' ? buf_adds(b, "null") :
	    js_add(b, q->index)) != 0 ||
	    buf_addf(b, ",\"kind\":\"%s\",\"expiry\":",
	    inst_kind_name(i->kind)) != 0)
		return -1;
	if ((q->expiry == INST_NO_EXPIRY ? buf_adds(b, "null") :
	    buf_addf(b, "\"%s\"", clk_day_to(q->expiry, day))) != 0 ||
	    buf_adds(b, ",\"strike\":") != 0 ||
	    (option ? put_e7(b, i->strike_e7) : buf_adds(b, "null")) != 0)
		return -1;
	return buf_addf(b, ",\"lot_size\":%u}", (unsigned)i->lot);
}

static int
put_all(struct buf *b, const struct cast *k, const struct castspec *s,
    size_t limit)
{
	const struct inst_set *set = &k->inst->set;
	struct quote q = { .expiry = INST_NO_EXPIRY };
	bool truncated = false;
	int32_t day;
	size_t n = 0;

	if (clk_day_from(k->day, &day) != 0 ||
	    buf_adds(b, "{\"type\":\"instruments\",\"data\":[") != 0)
		return -1;
	for (size_t i = 0; i < set->n && !truncated; i++) {
		castbook_inst(&q, &set->v[i], k->indices, day);
		if (!wanted(s, &q, &set->v[i]))
			continue;
		if ((truncated = n == limit))
			break;
		if ((n++ > 0 && buf_adds(b, ",") != 0) ||
		    put_inst(b, &set->v[i], &q) != 0)
			return -1;
	}
	return buf_addf(b, "],\"truncated\":%s}", truncated ? "true" : "false");
}

void
castinst_get(struct castclient *c, const struct js *doc)
{
	struct castspec s = { 0 };
	struct buf b = { 0 };
	size_t n, limit = INSTRUMENTS;
	const char *why = castsub_terms(&s, doc, false, &n);

	if (why == NULL && !castsub_limit(doc, &limit))
		why = "limit is no number from 1 on";
	if (why != NULL)
		castsay_error(c, "bad_request", why);
	else if (castsay_room(c))
		castsay_answer(c, &b, put_all(&b, c->cast, &s, limit));
	castspec_free(&s);
}
