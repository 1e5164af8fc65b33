#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "js.h"
#include "simreply.h"

void
simreply_json(struct serve_conn *c, const char *const *headers,
    const char *json)
{
	const struct serve_reply r = { .status = 200,
	    .type = "application/json", .headers = headers, .body = json,
	    .len = strlen(json) };

	serve_answer(c, &r);
}

void
simreply_error(struct serve_conn *c, int status, const char *type,
    const char *text)
{
	struct buf b = { 0 };
	struct serve_reply r = { .status = status, .type = "application/json" };

	if (buf_adds(&b, "{\"status\":\"error\",\"message\":") == 0 &&
	    js_add(&b, text) == 0 && buf_addf(&b,
	    ",\"data\":null,\"error_type\":\"%s\"}", type) == 0) {
		r.body = b.p;
		r.len = b.len;
	}
	serve_answer(c, &r);
	buf_free(&b);
}

void
simreply_redirect(struct serve_conn *c, const char *to)
{
	char line[1100];
	const char *headers[] = { line, NULL };
	const struct serve_reply r = { .status = 302, .type = "text/html",
	    .headers = headers };

	snprintf(line, sizeof(line), "Location: %s", to);
	serve_answer(c, &r);
}

void
simreply_page(struct serve_conn *c, const char *const *headers)
{
	static const char page[] = "<!DOCTYPE html>\n<html><head><title>Kite"
	    "</title></head><body><form><input name=\"user_id\"><input "
	    "name=\"password\" type=\"password\"></form></body></html>\n";
	const struct serve_reply r = { .status = 200, .type = "text/html",
	    .headers = headers, .body = page, .len = sizeof(page) - 1,
	    .keep = true };

	serve_answer(c, &r);
}
