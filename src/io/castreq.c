#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "castout.h"
#include "castreq.h"
#include "clk.h"
#include "js.h"
#include "num.h"

char *
castreq_now(char out[CASTREQ_TIME])
{
	return clk_to_iso(clk_now(), out);
}

int
castreq_status(struct cast *k, struct buf *b)
{
	char now[CASTREQ_TIME], last[CASTREQ_TIME];
	char text[CASTREQ_TIME + 4] = "null";
	int64_t age_ms = k->row_us > 0 ? (k->now - k->row_us) / US_PER_MS : 0;

	if (k->row_us > 0) {
		clk_to_iso(k->row_wall_us, last);
		snprintf(text, sizeof(text), "\"%s\"", last);
	}
	return buf_addf(b, "{\"type\":\"status\",\"timestamp\":\"%s\","
	    "\"day\":\"%s\",\"subscribers\":%zu,\"symbols\":%zu,"
	    "\"rows\":%" PRIu64 ",\"last_row\":%s,\"last_row_age\":%" PRId64
	    ".%03" PRId64 "}", castreq_now(now), k->day, k->nopen, k->book.n,
	    k->book.version, text, age_ms / 1000, age_ms % 1000);
}

void
castreq_welcome(struct castclient *c)
{
	char now[CASTREQ_TIME], text[256];

	snprintf(text, sizeof(text), "{\"type\":\"welcome\",\"message\":"
	    "\"Connected to Real-Time Data Centre\",\"timestamp\":\"%s\","
	    "\"subscribers\":%zu}", castreq_now(now), c->cast->nopen);
	castout_say(c, text, strlen(text));
}

static void
error(struct castclient *c, const char *code, const char *words)
{
	struct buf b = { 0 };

	c->cast->count.errors++;
	if (buf_addf(&b, "{\"type\":\"error\",\"code\":\"%s\",\"message\":",
	    code) == 0 && js_add(&b, words) == 0 && buf_adds(&b, "}") == 0)
		castout_say(c, b.p, b.len);
	buf_free(&b);
}

static void
answer(struct castclient *c, struct buf *b, int rc)
{
	if (rc == 0)
		castout_say(c, b->p, b->len);
	else
		error(c, "busy", "out of memory");
	buf_free(b);
}

/* ---- questions ---- */

static void
ping(struct castclient *c, const struct js *doc)
{
	char now[CASTREQ_TIME], text[80];

	(void)doc;
	snprintf(text, sizeof(text), "{\"type\":\"pong\",\"timestamp\":\"%s\"}",
	    castreq_now(now));
	castout_say(c, text, strlen(text));
}

static void
get_latest(struct castclient *c, const struct js *doc)
{
	const char *symbol = js_str(js_get(doc, "symbol"));
	const struct quote *q;
	struct buf b = { 0 };

	if (symbol == NULL)
		error(c, "bad_request", "get_latest wants a symbol");
	else if ((q = castbook_find(&c->cast->book, symbol)) == NULL)
		error(c, "no_data", "no row of this symbol has come today");
	else
		answer(c, &b, castbook_put(&b, q, CASTBOOK_ALL,
		    ",\"type\":\"latest\""));
}

/* A limit: 1 and *n, which stays where there is none; 0: it is no such number. */
static bool
limit_of(const struct js *doc, size_t *n)
{
	const struct js *v = js_get(doc, "limit");
	int64_t i;

	if (v == NULL || strcmp(js_type(v), "null") == 0)
		return true;
	if (js_int(v, &i) != 0 || i < 1)
		return false;
	if ((uint64_t)i < *n)
		*n = (size_t)i;
	return true;
}

static void
get_latest_all(struct castclient *c, const struct js *doc)
{
	struct castbook *book = &c->cast->book;
	size_t n = book->n;
	struct buf b = { 0 };
	int rc;

	if (!limit_of(doc, &n)) {
		error(c, "bad_request", "limit is no number from 1 on");
		return;
	}
	rc = buf_adds(&b, "{\"type\":\"latest_all\",\"data\":[");
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = buf_adds(&b, i > 0 ? "," : "") != 0 ? -1 :
		    castbook_put(&b, &book->v[i], CASTBOOK_ALL, "");
	answer(c, &b, rc != 0 ? rc : buf_adds(&b, "]}"));
}

static void
get_symbols(struct castclient *c, const struct js *doc)
{
	struct castbook *book = &c->cast->book;
	struct buf b = { 0 };
	int rc = buf_adds(&b, "{\"type\":\"symbols\",\"data\":[");

	(void)doc;
	for (size_t i = 0; rc == 0 && i < book->n; i++)
		rc = buf_adds(&b, i > 0 ? "," : "") != 0 ? -1 :
		    js_add(&b, book->v[i].symbol);
	answer(c, &b, rc != 0 ? rc : buf_adds(&b, "]}"));
}

/* ---- subscriptions ---- */

/* A string into out; NULL, or what is wrong with it. */
static const char *
text_of(const struct js *v, char *out, size_t size)
{
	const char *s = js_str(v);
	size_t n;

	if (s == NULL)
		return "a string is wanted";
	n = strlen(s);
	if (n == 0 || n >= size)
		return "a string is empty or too long";
	memcpy(out, s, n + 1);
	return NULL;
}

/* The terms of a request; *n of them. */
static const char *
read_terms(struct castspec *s, const struct js *doc, bool out, size_t *n)
{
	const struct js *symbols = js_get(doc, "symbols");
	const struct js *index = js_get(doc, "index");
	const struct js *expiry = js_get(doc, "expiry");
	struct castterm t = { .out = out, .glob = "*",
	    .expiry = INST_NO_EXPIRY };
	const char *why = NULL;
	char day[CLK_DAY];

	if (symbols == NULL)
		symbols = js_get(doc, "symbol");
	*n = 0;
	if (index != NULL && (why = text_of(index, t.index,
	    sizeof(t.index))) != NULL)
		return why;
	if (expiry != NULL && (text_of(expiry, day, sizeof(day)) != NULL ||
	    clk_day_from(day, &t.expiry) != 0))
		return "expiry is not a day like 2026-11-24";
	if (symbols == NULL && index == NULL && expiry == NULL)
		return NULL;
	if (symbols != NULL && strcmp(js_type(symbols), "array") != 0) {
		*n = 1;
		why = text_of(symbols, t.glob, sizeof(t.glob));
	} else {
		*n = symbols == NULL ? 1 : js_len(symbols);
	}
	if (*n == 0)
		return "symbols is empty";
	if (*n > CASTSPEC_TERMS)
		return "more than 64 patterns";
	if (!out)
		s->watched = false;
	for (size_t i = 0; why == NULL && i < *n; i++) {
		if (symbols != NULL && js_at(symbols, i) != NULL)
			why = text_of(js_at(symbols, i), t.glob,
			    sizeof(t.glob));
		if (why == NULL && castspec_add(s, &t) != 0)
			why = "more than 64 patterns";
	}
	return why;
}

static const char *
read_fields(struct castspec *s, const struct js *v)
{
	unsigned fields = 1;		/* the symbol */
	const char *name;
	int i;

	if (v == NULL)
		return NULL;
	if (strcmp(js_type(v), "array") != 0)
		return "fields is no array";
	for (size_t k = 0; k < js_len(v); k++) {
		if ((name = js_str(js_at(v, k))) == NULL ||
		    (i = castbook_field(name)) == -1)
			return "fields has one that is none";
		fields |= 1u << i;
	}
	s->fields = js_len(v) > 0 ? fields : CASTBOOK_ALL;
	return NULL;
}

/* One of two words; *second says which. */
static const char *
read_word(const struct js *doc, const char *key, const char *first,
    const char *other, bool *second)
{
	const struct js *v = js_get(doc, key);
	const char *s = js_str(v);

	if (v == NULL)
		return NULL;
	if (s == NULL || (strcmp(s, first) != 0 && strcmp(s, other) != 0))
		return strcmp(key, "mode") == 0 ? "mode is neither snapshot "
		    "nor tick" : "shape is neither flat nor batch";
	*second = strcmp(s, other) == 0;
	return NULL;
}

static const char *
read_bool(const struct js *doc, const char *key, bool *out)
{
	const struct js *v = js_get(doc, key);

	if (v != NULL && strcmp(js_type(v), "boolean") != 0)
		return "seq, status and snapshot are true or false";
	if (v != NULL)
		*out = js_true(v);
	return NULL;
}

static void
say_subscription(struct castclient *c, const char *type)
{
	struct castchan *ch = c->ch;
	struct castbook *book = &c->cast->book;
	size_t n = 0;
	char text[160];

	for (size_t i = 0; i < book->n; i++)
		n += castchan_wants(ch, &book->v[i]);
	snprintf(text, sizeof(text), "{\"type\":\"%s\",\"symbols\":%zu,"
	    "\"mode\":\"%s\",\"shape\":\"%s\",\"patterns\":%zu}", type, n,
	    ch->spec.tick ? "tick" : "snapshot", ch->spec.batch ? "batch" :
	    "flat", ch->spec.n);
	castout_say(c, text, strlen(text));
}

static void
subscribe(struct castclient *c, const struct js *doc)
{
	struct castspec s;
	const char *why = "out of memory";
	bool now = false;
	size_t n;

	if (castspec_copy(&s, &c->ch->spec) != 0 ||
	    (why = read_terms(&s, doc, false, &n)) != NULL ||
	    (why = read_word(doc, "mode", "snapshot", "tick", &s.tick)) !=
	    NULL ||
	    (why = read_word(doc, "shape", "flat", "batch", &s.batch)) !=
	    NULL || (why = read_fields(&s, js_get(doc, "fields"))) != NULL ||
	    (why = read_bool(doc, "seq", &s.seq)) != NULL ||
	    (why = read_bool(doc, "status", &s.status)) != NULL ||
	    (why = read_bool(doc, "snapshot", &now)) != NULL)
		error(c, "bad_request", why);
	else if (s.batch && s.tick)
		error(c, "bad_request", "shape batch is of mode snapshot only");
	else if (castout_move(c, &s) == 0) {
		say_subscription(c, "subscribed");
		if (now)
			castout_snapshot(c);
	}
	castspec_free(&s);
}

static void
unsubscribe(struct castclient *c, const struct js *doc)
{
	bool status = false;
	struct castspec s;
	const char *why = "out of memory";
	size_t n;

	if (castspec_copy(&s, &c->ch->spec) != 0 ||
	    (why = read_terms(&s, doc, true, &n)) != NULL ||
	    (why = read_bool(doc, "status", &status)) != NULL) {
		error(c, "bad_request", why);
	} else {
		if (status)
			s.status = false;
		else if (n == 0)
			castspec_clear(&s);
		if (castout_move(c, &s) == 0)
			say_subscription(c, "unsubscribed");
	}
	castspec_free(&s);
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
		{ "get_symbols", get_symbols }, { "subscribe", subscribe },
		{ "unsubscribe", unsubscribe },
	};
	struct js *doc = js_parse(text, n, NULL);
	const char *type = js_str(js_get(doc, "type"));

	c->cast->count.requests++;
	if (doc == NULL || strcmp(js_type(doc), "object") != 0)
		error(c, "bad_json", "a JSON object is wanted");
	else if (type == NULL)
		error(c, "bad_request", "a type is wanted");
	else {
		size_t i = 0, all = sizeof(known) / sizeof(*known);

		while (i < all && strcmp(type, known[i].type) != 0)
			i++;
		if (i < all)
			known[i].fn(c, doc);
		else
			error(c, "unknown_type", "no such request");
	}
	js_free(doc);
}
