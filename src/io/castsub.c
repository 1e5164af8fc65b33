#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "castfill.h"
#include "castout.h"
#include "castplace.h"
#include "castsay.h"
#include "castsub.h"
#include "clk.h"
#include "js.h"

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

const char *
castsub_terms(struct castspec *s, const struct js *doc, bool out, size_t *n)
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

bool
castsub_limit(const struct js *doc, size_t *n)
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
say_subscription(struct castclient *c, const char *type,
    const struct spool_pos *from)
{
	struct castchan *ch = c->ch;
	const struct casttopic *t = castchan_topic(ch);
	size_t n = 0;
	char text[300];

	for (size_t i = 0; i < t->book.n; i++)
		n += castchan_wants(ch, &t->book.v[i]);
	snprintf(text, sizeof(text), "{\"type\":\"%s\",\"symbols\":%zu,"
	    "\"mode\":\"%s\",\"shape\":\"%s\",\"patterns\":%zu,\"day\":\"%s\","
	    "\"topic\":\"%s\",\"seq\":%ju}", type, n, ch->spec.tick ? "tick" :
	    "snapshot", ch->spec.batch ? "batch" : "flat", ch->spec.n,
	    c->cast->day, t->name, (uintmax_t)castplace_seq(from != NULL ?
	    from : &t->pos));
	castsay_text(c, text);
}

const char *
castsub_read(struct castspec *s, const struct js *doc, bool *now)
{
	const char *why;
	size_t n;

	*now = false;
	if ((why = castsub_terms(s, doc, false, &n)) != NULL ||
	    (why = read_word(doc, "mode", "snapshot", "tick", &s->tick)) !=
	    NULL ||
	    (why = read_word(doc, "shape", "flat", "batch", &s->batch)) !=
	    NULL || (why = read_fields(s, js_get(doc, "fields"))) != NULL ||
	    (why = read_bool(doc, "seq", &s->seq)) != NULL ||
	    (why = read_bool(doc, "status", &s->status)) != NULL ||
	    (why = read_bool(doc, "snapshot", now)) != NULL)
		return why;
	return s->batch && s->tick ? "shape batch is of mode snapshot only" :
	    NULL;
}

/* Where to begin, from since and day; *from stays where there is none. */
static const char *
read_since(struct cast *k, const struct castspec *s, const struct js *doc,
    struct spool_pos *from, bool *is)
{
	const struct js *since = js_get(doc, "since"), *day = js_get(doc, "day");
	const struct casttopic *t = castchan_topic_of(k, s);
	char dir[SPOOL_PATH];
	struct fault f;
	int32_t number;
	int64_t seq;

	*is = since != NULL;
	if (since == NULL)
		return day != NULL ? "day without since" : NULL;
	if (s->batch)
		return "since is of shape flat only";
	if (js_int(since, &seq) != 0 || seq < 0)
		return "since is not the seq of a row";
	if (day != NULL && (js_str(day) == NULL ||
	    clk_day_from(js_str(day), &number) != 0))
		return "day is not a day like 2026-11-24";
	*from = castplace_of((uint64_t)seq);
	if (from->segment == 0 ||
	    (day != NULL && strcmp(js_str(day), k->day) != 0))
		*from = (struct spool_pos){ 1, 0 };
	else if (castplace_seq(from) > castplace_seq(&t->pos))
		*from = t->pos;		/* nothing is missing */
	else if (spool_dir(dir, conf_str(k->conf, "spoolDir"), k->day, t->name,
	    &f) != 0 || !castplace_is_row(dir, from))
		return "since is not the seq of a row of today";
	return NULL;
}

static void
start(struct castclient *c, const struct castspec *s, bool snapshot,
    const struct spool_pos *from)
{
	if (castout_move(c, s) != 0)
		return;
	say_subscription(c, "subscribed", from);
	if (from != NULL)
		(void)castfill_begin(c, from);
	else if (snapshot)
		castout_snapshot(c);
}

void
castsub_add(struct castclient *c, const struct js *doc)
{
	struct castspec s;
	const char *why = "out of memory";
	bool snapshot = false, since = false;
	struct spool_pos from;

	if (castspec_copy(&s, &c->ch->spec) != 0 ||
	    (why = castsub_read(&s, doc, &snapshot)) != NULL ||
	    (why = read_since(c->cast, &s, doc, &from, &since)) != NULL)
		castsay_error(c, "bad_request", why);
	else
		start(c, &s, snapshot, since ? &from : NULL);
	castspec_free(&s);
}

void
castsub_remove(struct castclient *c, const struct js *doc)
{
	bool status = false;
	struct castspec s;
	const char *why = "out of memory";
	size_t n;

	if (castspec_copy(&s, &c->ch->spec) != 0 ||
	    (why = castsub_terms(&s, doc, true, &n)) != NULL ||
	    (why = read_bool(doc, "status", &status)) != NULL) {
		castsay_error(c, "bad_request", why);
	} else {
		if (status)
			s.status = false;
		else if (n == 0)
			castspec_clear(&s);
		if (castout_move(c, &s) == 0)
			say_subscription(c, "unsubscribed", NULL);
	}
	castspec_free(&s);
}

