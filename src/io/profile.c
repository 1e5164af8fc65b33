#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clk.h"
#include "http.h"
#include "js.h"
#include "profile.h"

static int
read_user(struct profile *p, const struct http_reply *r, struct fault *f)
{
	struct js *doc = js_parse(r->body.p, r->body.len, NULL);
	const char *user = js_str(js_get(js_get(doc, "data"), "user_id"));
	int rc = 0;

	if (user == NULL || strlen(user) >= sizeof(p->user_id))
		rc = fault_set(f, EX_PROTOCOL, "%s: no user_id in the profile",
		    r->from);
	else
		memcpy(p->user_id, user, strlen(user) + 1);
	js_free(doc);
	return rc;
}

static int
ask(const struct conf *conf, struct http *h, const char *url, const char *auth,
    struct profile *p, struct fault *f)
{
	const char *headers[] = { "X-Kite-Version: 3", auth, NULL };
	const struct http_req q = { .url = url, .headers = headers,
	    .seconds = (long)conf_int(conf, "httpTimeoutSeconds") };
	struct http_reply r = { 0 };
	int64_t before = clk_now();
	int rc;

	if ((rc = http_do(h, &q, &r, f)) == 0) {
		p->timed = http_ahead(&r, before + (clk_now() - before) / 2,
		    &p->ahead_us) == 0;
		if ((rc = http_fault(&r, f)) == 0)
			rc = read_user(p, &r, f);
	}
	http_reply_free(&r);
	return rc;
}

int
profile_get(const struct conf *conf, const char *access_token,
    struct profile *p, struct fault *f)
{
	struct buf url = { 0 }, auth = { 0 };
	struct http *h = NULL;
	int rc = -1;

	*p = (struct profile){ 0 };
	if (buf_addf(&url, "%s/user/profile", conf_str(conf,
	    "kiteApiUrl")) != 0 || buf_addf(&auth, "Authorization: token %s:%s",
	    conf_str(conf, "apiKey"), access_token) != 0)
		fault_sys(f, 0, "profile");
	else if (http_open(&h, conf_str(conf, "caFile"), f) == 0)
		rc = ask(conf, h, url.p, auth.p, p, f);
	http_close(h);
	if (auth.p != NULL)
		explicit_bzero(auth.p, auth.cap);
	buf_free(&auth);
	buf_free(&url);
	return rc;
}
