#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "castevents.h"
#include "casthttp.h"
#include "castout.h"
#include "castsay.h"
#include "castspec.h"
#include "castsub.h"
#include "js.h"
#include "num.h"

enum { VALUE = 4096 };

/* Adds "name":value; a list is an array of what stands between commas. */
static int
add_value(struct buf *b, const char *name, char *value, bool list)
{
	const char *comma = "", *word;
	char *next = value;

	if (buf_addf(b, ",\"%s\":%s", name, list ? "[" : "") != 0)
		return -1;
	if (!list)
		return js_add(b, value);
	while ((word = strsep(&next, ",")) != NULL) {
		if (buf_adds(b, comma) != 0 || js_add(b, word) != 0)
			return -1;
		comma = ",";
	}
	return buf_adds(b, "]");
}

/* The query as a request.  NULL, or what is wrong with it. */
static const char *
read_query(const struct hreq *q, struct buf *b)
{
	static const struct { const char *name; bool list, flag; } known[] = {
		{ "symbols", true, false }, { "fields", true, false },
		{ "index", false, false }, { "expiry", false, false },
		{ "mode", false, false }, { "shape", false, false },
		{ "status", false, true }, { "snapshot", false, true },
		{ "seq", false, true },
	};
	char value[VALUE];
	int rc, bad = buf_adds(b, "{\"type\":\"subscribe\"");

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if ((rc = hreq_arg(q, known[i].name, value,
		    sizeof(value))) == 0)
			continue;
		if (rc == -1)
			return "a value is too long, or its escapes are wrong";
		if (!known[i].flag)
			bad |= add_value(b, known[i].name, value,
			    known[i].list);
		else if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
			return "seq, status and snapshot are 0 or 1";
		else
			bad |= buf_addf(b, ",\"%s\":%s", known[i].name,
			    *value == '1' ? "true" : "false");
	}
	return bad != 0 || buf_adds(b, "}") != 0 ? "out of memory" : NULL;
}

/* As far as it is said; no one else's page comes so far (casthost.h). */
static void
put_head(struct castclient *c, const struct hreq *q)
{
	static const char head[] = "HTTP/1.1 200 OK\r\n"
	    "Content-Type: text/event-stream\r\nCache-Control: no-store\r\n"
	    "X-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\n"
	    "Connection: close\r\n";
	struct buf b = { 0 };

	if (buf_adds(&b, head) == 0 && (*q->origin == '\0' || buf_addf(&b,
	    "Access-Control-Allow-Origin: %s\r\nVary: Origin\r\n",
	    q->origin) == 0) && buf_adds(&b, "\r\n") == 0)
		castout_raw(c, b.p, b.len);
	else
		castclient_end(c);
	buf_free(&b);
}

/* From that row on: what an EventSource that comes back has had last, or what the
 * query says.  What is wrong with it is told as an event, and rows come. */
static void
resume(struct castclient *c, const struct hreq *q)
{
	char since[32] = "", text[80];
	struct js *doc;
	int64_t seq;

	if (*q->last_id != '\0')
		snprintf(since, sizeof(since), "%s", q->last_id);
	else if (hreq_arg(q, "since", since, sizeof(since)) == 0)
		return;
	if (num_i64(since, 0, INT64_MAX, &seq) != 0) {
		castsay_error(c, "bad_request", "since is not the seq of a row");
		return;
	}
	snprintf(text, sizeof(text), "{\"type\":\"subscribe\",\"since\":%"
	    PRId64 "}", seq);
	if ((doc = js_parse(text, strlen(text), NULL)) != NULL)
		castsub_add(c, doc);
	js_free(doc);
}

void
castevents_take(struct castclient *c, const struct hreq *q)
{
	struct castspec spec = castspec_first;
	struct buf text = { 0 };
	struct js *doc = NULL;
	bool now = false;
	const char *why;

	spec.wire = CASTWIRE_EVENTS;
	spec.seq = true;
	if ((why = read_query(q, &text)) == NULL) {
		doc = js_parse(text.p, text.len, NULL);
		why = doc == NULL ? "the query is no UTF-8" :
		    castsub_read(&spec, doc, &now);
	}
	if (why != NULL) {
		casthttp_refuse_words(c, 400, why);
	} else {
		put_head(c, q);
		if (c->state == CASTCLIENT_HEAD)
			castout_open(c, &spec);
		castsay_welcome(c);
		if (now && c->state == CASTCLIENT_OPEN)
			castout_snapshot(c);
		if (c->state == CASTCLIENT_OPEN)
			resume(c, q);
	}
	js_free(doc);
	buf_free(&text);
	castspec_free(&spec);
}
