#include "fetch.h"
#include "retry.h"

/* Status and contents of one answer. */
static int
look_at(const struct http_reply *r, const struct fetch *w, struct fault *f)
{
	char to[HTTP_ORIGIN];
	FILE *in;
	int rc;

	if (*r->location != '\0' && http_origin(r->location, to,
	    sizeof(to)) == 0)
		return fault_set(f, EX_PROTOCOL, "%s: redirects to %.60s; if "
		    "that is right, put the new address into %s", r->from, to,
		    w->key);
	if (http_fault(r, f) != 0)
		return -1;
	if (r->body.len == 0)
		return fault_set(f, EX_DATAERR, "%s: the answer is empty",
		    r->from);
	if ((in = fmemopen(r->body.p, r->body.len, "r")) == NULL)
		return fault_sys(f, 0, "%s", r->from);
	rc = w->check(in, r->from, w->arg, f);
	fclose(in);			/* only read from: nothing to lose */
	return rc;
}

int
fetch(const struct conf *c, const struct fetch *w, struct buf *out,
    struct fault *f)
{
	struct http_reply r = { 0 };
	struct http *h;
	int rc = -1;

	if (http_open(&h, conf_str(c, "caFile"), f) != 0)
		return -1;
	fault_set(f, EX_TEMPFAIL, "%s: stopped before the first try", w->key);
	for (struct retry t = retry_start(conf_int(c, "retryCount"),
	    conf_int(c, "retryDelaySeconds")); retry_again(&t);) {
		if (http_do(h, &w->req, &r, f) == 0 &&
		    look_at(&r, w, f) == 0) {
			rc = 0;
			break;
		}
		if (f->ex == EX_CONFIG)
			break;
		if (!retry_last(&t))
			w->say("try %jd: %s", (intmax_t)t.tried, f->text);
	}
	if (rc == 0 && buf_add(out, r.body.p, r.body.len) != 0)
		rc = fault_sys(f, 0, "%s", r.from);
	http_reply_free(&r);
	http_close(h);
	return rc;
}
