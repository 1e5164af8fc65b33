#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "castask.h"
#include "castdepth.h"
#include "castinst.h"
#include "castreq.h"
#include "castsay.h"
#include "castsub.h"
#include "js.h"

static void
ping(struct castclient *c, const struct js *doc)
{
	char now[CASTSAY_TIME], text[80];

	(void)doc;
	snprintf(text, sizeof(text), "{\"type\":\"pong\",\"timestamp\":\"%s\"}",
	    castsay_now(now));
	castsay_text(c, text);
}

/* The newest row of a symbol: live has it before ltp, when it does. */
static const struct quote *
newest(const struct cast *k, const char *symbol)
{
	const struct quote *a = castbook_find(&k->ltp.book, symbol);
	const struct quote *b = k->live.there ?
	    castbook_find(&k->live.book, symbol) : NULL;

	return a == NULL || (b != NULL && castbook_is_older(a, b)) ? b : a;
}

/* The next symbol's, those of ltp first; at is 0 at the beginning.  NULL: that
 * was the last one. */
static const struct quote *
next(const struct cast *k, size_t *at)
{
	const struct castbook *ltp = &k->ltp.book, *live = &k->live.book;
	const struct quote *q;

	if (*at < ltp->n)
		return newest(k, ltp->v[(*at)++].symbol);
	while (k->live.there && *at < ltp->n + live->n) {
		q = &live->v[(*at)++ - ltp->n];
		if (castbook_find(ltp, q->symbol) == NULL)
			return q;
	}
	return NULL;
}

static void
get_latest(struct castclient *c, const struct js *doc)
{
	const char *symbol = js_str(js_get(doc, "symbol"));
	const struct quote *q;
	struct buf b = { 0 };

	if (symbol == NULL)
		castsay_error(c, "bad_request", "get_latest wants a symbol");
	else if ((q = newest(c->cast, symbol)) == NULL)
		castsay_error(c, "no_data", "no row of this symbol has come today");
	else
		castsay_answer(c, &b, castbook_put(&b, q, CASTBOOK_ALL,
		    ",\"type\":\"latest\""));
}

static void
get_latest_all(struct castclient *c, const struct js *doc)
{
	size_t n = SIZE_MAX, at = 0;
	const struct quote *q;
	struct buf b = { 0 };
	int rc;

	if (!castsub_limit(doc, &n)) {
		castsay_error(c, "bad_request", "limit is no number from 1 on");
		return;
	}
	if (!castsay_room(c))
		return;
	rc = buf_adds(&b, "{\"type\":\"latest_all\",\"data\":[");
	for (size_t i = 0; rc == 0 && i < n &&
	    (q = next(c->cast, &at)) != NULL; i++)
		rc = buf_adds(&b, i > 0 ? "," : "") != 0 ? -1 :
		    castbook_put(&b, q, CASTBOOK_ALL, "");
	castsay_answer(c, &b, rc != 0 ? rc : buf_adds(&b, "]}"));
}

static void
get_symbols(struct castclient *c, const struct js *doc)
{
	const char *comma = "";
	const struct quote *q;
	struct buf b = { 0 };
	size_t at = 0;
	int rc;

	(void)doc;
	if (!castsay_room(c))
		return;
	rc = buf_adds(&b, "{\"type\":\"symbols\",\"data\":[");
	for (; rc == 0 && (q = next(c->cast, &at)) != NULL; comma = ",")
		rc = buf_adds(&b, comma) != 0 ? -1 : js_add(&b, q->symbol);
	castsay_answer(c, &b, rc != 0 ? rc : buf_adds(&b, "]}"));
}

void
castreq_take(struct castclient *c, const char *text, size_t n)
{
	static const struct {
		const char *type;
		void	(*fn)(struct castclient *c, const struct js *doc);
	} known[] = {
		{ "ping", ping }, { "get_latest", get_latest },
		{ "get_latest_all", get_latest_all },
		{ "get_symbols", get_symbols },
		{ "get_instruments", castinst_get },
		{ "get_historical", castask_historical },
		{ "query", castask_query },
		{ "get_depth", castdepth_get }, { "subscribe", castsub_add },
		{ "unsubscribe", castsub_remove },
	};
	struct js *doc = js_parse(text, n, NULL);
	const char *type = js_str(js_get(doc, "type"));
	const char *why = castsay_id(c->cast, doc);

	c->cast->count.requests++;
	if (doc == NULL || strcmp(js_type(doc), "object") != 0)
		castsay_error(c, "bad_json", "a JSON object is wanted");
	else if (why != NULL)
		castsay_error(c, "bad_request", why);
	else if (type == NULL)
		castsay_error(c, "bad_request", "a type is wanted");
	else {
		size_t i = 0, all = sizeof(known) / sizeof(*known);

		while (i < all && strcmp(type, known[i].type) != 0)
			i++;
		if (i < all)
			known[i].fn(c, doc);
		else
			castsay_error(c, "unknown_type", "no such request");
	}
	*c->cast->id = '\0';
	js_free(doc);
}
