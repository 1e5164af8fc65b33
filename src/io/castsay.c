#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "castout.h"
#include "castsay.h"
#include "castup.h"
#include "clk.h"

/* Bytes that wait for all clients, before big answers are refused. */
static const size_t PENDING_MAX = (size_t)64 << 20;

char *
castsay_now(char out[CASTSAY_TIME])
{
	return clk_to_iso(clk_now(), out);
}

int
castsay_status(struct cast *k, struct buf *b)
{
	char now[CASTSAY_TIME], last[CASTSAY_TIME];
	char text[CASTSAY_TIME + 4] = "null";
	int64_t age_ms = k->row_us > 0 ? (k->now - k->row_us) / US_PER_MS : 0;

	if (k->row_us > 0) {
		clk_to_iso(k->row_wall_us, last);
		snprintf(text, sizeof(text), "\"%s\"", last);
	}
	if (buf_addf(b, "{\"type\":\"status\",\"timestamp\":\"%s\","
	    "\"day\":\"%s\",\"subscribers\":%zu,\"symbols\":%zu,"
	    "\"rows\":%" PRIu64 ",\"last_row\":%s,\"last_row_age\":%" PRId64
	    ".%03" PRId64 ",\"upstream\":", castsay_now(now), k->day, k->nopen,
	    k->ltp.book.n, k->ltp.book.rows, text, age_ms / 1000,
	    age_ms % 1000) != 0 || castup_put(&k->up, b) != 0)
		return -1;
	return buf_adds(b, "}");
}

void
castsay_welcome(struct castclient *c)
{
	char now[CASTSAY_TIME], text[256];

	snprintf(text, sizeof(text), "{\"type\":\"welcome\",\"message\":"
	    "\"Connected to Real-Time Data Centre\",\"timestamp\":\"%s\","
	    "\"subscribers\":%zu}", castsay_now(now), c->cast->nopen);
	castout_say(c, text, strlen(text));
}

/* ---- answers ---- */

const char *
castsay_id(struct cast *k, const struct js *doc)
{
	static const char wrong[] = "id is neither a number nor a string of 1 "
	    "to 64 bytes";
	const struct js *v = js_get(doc, "id");
	const char *s = js_str(v);
	struct buf b = { 0 };
	int64_t i;
	double d;
	int rc;

	*k->id = '\0';
	if (v == NULL || strcmp(js_type(v), "null") == 0)
		return NULL;
	if (s != NULL && (*s == '\0' || strlen(s) > CAST_ID))
		return wrong;
	rc = buf_adds(&b, ",\"id\":");
	if (rc == 0 && s != NULL)
		rc = js_add(&b, s);
	else if (rc == 0 && js_int(v, &i) == 0)
		rc = buf_addf(&b, "%" PRId64, i);
	else if (rc == 0 && js_double(v, &d) == 0)
		rc = buf_addf(&b, "%.17g", d);
	else
		rc = -1;
	if (rc == 0)
		snprintf(k->id, sizeof(k->id), "%s", b.p);
	buf_free(&b);
	return rc == 0 ? NULL : wrong;
}

void
castsay_answer(struct castclient *c, struct buf *b, int rc)
{
	const char *id = c->cast->id;

	if (rc == 0 && *id != '\0' && b->len > 0) {
		b->p[--b->len] = '\0';		/* its last brace */
		rc = buf_adds(b, id) != 0 || buf_adds(b, "}") != 0 ? -1 : 0;
	}
	if (rc == 0)
		castout_say(c, b->p, b->len);
	else
		castsay_error(c, "busy", "out of memory");
	buf_free(b);
}

void
castsay_text(struct castclient *c, const char *text)
{
	struct buf b = { 0 };

	castsay_answer(c, &b, buf_adds(&b, text));
}

void
castsay_error(struct castclient *c, const char *code, const char *words)
{
	struct buf b = { 0 };

	c->cast->count.errors++;
	if (buf_addf(&b, "{\"type\":\"error\",\"code\":\"%s\",\"message\":",
	    code) == 0 && js_add(&b, words) == 0 &&
	    buf_addf(&b, "%s}", c->cast->id) == 0)
		castout_say(c, b.p, b.len);
	buf_free(&b);
}

bool
castsay_room(struct castclient *c)
{
	if (c->cast->pending < PENDING_MAX)
		return true;
	castsay_error(c, "busy", "too much waits for slow clients");
	return false;
}
