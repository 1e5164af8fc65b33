#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "clk.h"
#include "js.h"
#include "login.h"
#include "stop.h"
#include "sum.h"

enum {
	HOPS_MAX = 10,		/* redirects from login to the app's address */
	EDGE_S = 2,		/* no code this near to its beginning or end */
	SKEW_S = 15		/* a clock that is off by more is told of */
};

/* The answer to one step of a login. */
struct step {
	const char	*what;		/* "login", for messages */
	const char	*remedy;	/* when it is refused */
	struct http_reply r;
	struct js	*doc;
};

int
login_open(struct login *l, const struct conf *conf, struct fault *f)
{
	struct fault why;

	*l = (struct login){ .conf = conf, .step = -1 };
	if (totp_seed(&l->seed, conf_str(conf, "TOTP_seed"), &why) != 0)
		return fault_set(f, EX_CONFIG, "%s: key TOTP_seed: %s",
		    conf_file(conf), why.text);
	return http_open(&l->http, conf_str(conf, "caFile"), f);
}

void
login_close(struct login *l)
{
	totp_wipe(&l->seed);
	http_close(l->http);
	l->http = NULL;
}

bool
login_is_token(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_");

	return s[n] == '\0' && n >= 8 && n < LOGIN_TOKEN;
}

/* ---- answers ---- */

static void
wipe(struct buf *b)
{
	if (b->p != NULL)
		explicit_bzero(b->p, b->cap);
	buf_free(b);
}

static void
step_free(struct step *s)
{
	js_free(s->doc);
	s->doc = NULL;
	if (s->r.body.p != NULL)
		explicit_bzero(s->r.body.p, s->r.body.cap);
	explicit_bzero(s->r.location, sizeof(s->r.location));
	http_reply_free(&s->r);
}

/* The broker's own words, when they are few and none is a secret of ours or
 * looks like a token or a code; else "". */
static const char *
words_of(const struct login *l, const struct js *doc)
{
	static const char *const secrets[] = {
		"ZerodhaPass", "TOTP_seed", "apiKey", "apisec"
	};
	enum { WORDS_MAX = 60, WORD_MAX = 20, NUMBER_MAX = 3 };
	const char *s = js_str(js_get(doc, "message"));

	if (s == NULL || strlen(s) > WORDS_MAX)
		return "";
	for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++)
		if (strstr(s, conf_str(l->conf, secrets[i])) != NULL)
			return "";
	for (const char *p = s; *p != '\0'; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		if (n > WORD_MAX ||
		    (n > NUMBER_MAX && strcspn(p, "0123456789") < n))
			return "";
		p += n;
	}
	return s;
}

/* What kind of no an error answer is. */
static int
kind_of(long status, const char *type)
{
	static const char *const passing[] = {
		"NetworkException", "DataException", "GeneralException"
	};

	if (status == 408 || status == 429 || status >= 500)
		return EX_TEMPFAIL;
	for (size_t i = 0; type != NULL && i < 3; i++)
		if (strcmp(type, passing[i]) == 0)
			return EX_TEMPFAIL;
	return status >= 400 || (type != NULL && *type != '\0') ? EX_NOPERM :
	    EX_PROTOCOL;
}

/* Reads a JSON answer into s->doc; -1 unless it is a success. */
static int
read_answer(const struct login *l, struct step *s, struct fault *f)
{
	const struct http_reply *r = &s->r;
	const char *status, *words;
	struct fault why;
	int ex;

	if (*r->location != '\0')
		return fault_set(f, EX_PROTOCOL, "%s: %s: redirects elsewhere; "
		    "see kiteLoginUrl and kiteApiUrl", r->from, s->what);
	if (*r->body.p == '\0' && http_fault(r, &why) != 0)
		return fault_set(f, why.ex, "%s (%s)", why.text, s->what);
	if ((s->doc = js_parse(r->body.p, r->body.len, &why)) == NULL)
		return fault_set(f, EX_TEMPFAIL, "%s: %s: answered %ld with "
		    "a page or a part of an answer, not with JSON", r->from,
		    s->what, r->status);
	status = js_str(js_get(s->doc, "status"));
	if (r->status >= 200 && r->status < 300 && status != NULL &&
	    strcmp(status, "success") == 0)
		return 0;
	ex = kind_of(r->status, js_str(js_get(s->doc, "error_type")));
	words = words_of(l, s->doc);
	return fault_set(f, ex, "%s: %s %s (%ld%s%s)%s%s", r->from, s->what,
	    ex == EX_NOPERM ? "refused" : "failed", r->status,
	    *words != '\0' ? ", " : "", words,
	    ex == EX_NOPERM ? "; " : "", ex == EX_NOPERM ? s->remedy : "");
}

/* A string in data of an answer; NULL when it is not there. */
static const char *
data_of(const struct step *s, const char *key)
{
	return js_str(js_get(js_get(s->doc, "data"), key));
}

/* GET, or POST when there is a form.  auth: another header, or NULL. */
static int
ask(struct login *l, struct step *s, const char *url, const struct buf *form,
    const char *auth, struct fault *f)
{
	const char *headers[] = { "X-Kite-Version: 3", auth, NULL };
	struct http_req q = { .url = url, .headers = headers,
	    .form = form != NULL ? form->p : NULL,
	    .seconds = (long)conf_int(l->conf, "httpTimeoutSeconds") };
	struct fault why;

	step_free(s);
	if (http_do(l->http, &q, &s->r, &why) == 0)
		return 0;
	return fault_set(f, why.ex, "%s (%s)", why.text, s->what);
}

/* The same at a path below the URL of a key. */
static int
ask_at(struct login *l, struct step *s, const char *key, const char *path,
    const struct buf *form, struct fault *f)
{
	struct buf url = { 0 };
	int rc;

	if (buf_addf(&url, "%s%s", conf_str(l->conf, key), path) != 0)
		return fault_sys(f, 0, "%s", s->what);
	rc = ask(l, s, url.p, form, NULL, f);
	wipe(&url);
	return rc;
}

/* ---- the steps ---- */

static int
send_password(struct login *l, struct step *s, struct fault *f)
{
	struct buf form = { 0 };
	int rc = -1;

	s->what = "login";
	s->remedy = "check ZerodhaLoginName and ZerodhaPass";
	if (http_form_add(&form, "user_id",
	    conf_str(l->conf, "ZerodhaLoginName")) != 0 ||
	    http_form_add(&form, "password",
	    conf_str(l->conf, "ZerodhaPass")) != 0)
		fault_sys(f, 0, "%s", s->what);
	else if (ask_at(l, s, "kiteLoginUrl", "/api/login", &form, f) == 0)
		rc = read_answer(l, s, f);
	wipe(&form);
	return rc;
}

/* The step of 30 s whose code is to be sent: one not sent before, and not
 * near its borders.  -1 when a stop was asked for. */
static int64_t
wait_for_step(struct login *l)
{
	int64_t now = clk_now() / US_PER_SEC;
	int left = totp_left(now);

	if (now / TOTP_STEP_S == l->step || left <= EDGE_S)
		now += left + EDGE_S;
	else if (left > TOTP_STEP_S - EDGE_S)
		now += EDGE_S - (TOTP_STEP_S - left);
	if (stop_sleep_until(now * US_PER_SEC))
		return -1;
	return clk_now() / US_PER_SEC / TOTP_STEP_S;
}

/* Appends to a refusal how far this machine's clock is off, by the Date of the
 * answer: the usual reason. */
static void
blame_clock(const struct step *s, struct fault *f)
{
	struct tm tm = { 0 };
	int64_t off;
	size_t n = strlen(f->text);

	if (f->ex != EX_NOPERM || strptime(s->r.date,
	    "%a, %d %b %Y %H:%M:%S GMT", &tm) == NULL)
		return;
	off = clk_now() / US_PER_SEC - (int64_t)timegm(&tm);
	if (llabs(off) > SKEW_S)
		snprintf(f->text + n, sizeof(f->text) - n, "; the clock here "
		    "is %lld s %s", llabs(off), off > 0 ? "fast" : "slow");
}

static int
send_code(struct login *l, struct step *s, struct fault *f)
{
	const char *id = data_of(s, "request_id");	/* of the password's answer, */
	const char *type = data_of(s, "twofa_type");	/* freed by the next one */
	char code[TOTP_CODE] = "";
	struct buf form = { 0 };
	int rc = -1;

	if (type == NULL)
		type = js_str(js_at(js_get(js_get(s->doc, "data"),
		    "twofa_types"), 0));
	s->what = "one-time password";
	s->remedy = type == NULL || strcmp(type, "totp") == 0 ?
	    "check TOTP_seed and the clock" :
	    "switch on external TOTP in your Kite account";
	if (id == NULL)
		return fault_set(f, EX_PROTOCOL, "%s: login: no request_id in "
		    "the answer", s->r.from);
	if ((l->step = wait_for_step(l)) == -1)
		return fault_set(f, EX_TEMPFAIL, "%s: stopped", s->what);
	if (totp_code(&l->seed, l->step * TOTP_STEP_S, code) != 0 ||
	    http_form_add(&form, "user_id",
	    conf_str(l->conf, "ZerodhaLoginName")) != 0 ||
	    http_form_add(&form, "request_id", id) != 0 ||
	    http_form_add(&form, "twofa_value", code) != 0 ||
	    (type != NULL && http_form_add(&form, "twofa_type", type) != 0))
		fault_sys(f, 0, "%s", s->what);
	else if (ask_at(l, s, "kiteLoginUrl", "/api/twofa", &form, f) == 0 &&
	    (rc = read_answer(l, s, f)) != 0)
		blame_clock(s, f);
	wipe(&form);
	explicit_bzero(code, sizeof(code));
	return rc;
}

/* True when a redirect stays at the broker's login: the same origin, or the
 * other one of the broker's two. */
static bool
is_ours(const struct login *l, const char *to)
{
	static const char *const pair[] = {
		"https://kite.zerodha.com", "https://kite.trade"
	};
	char a[HTTP_ORIGIN], b[HTTP_ORIGIN];

	if (http_origin(conf_str(l->conf, "kiteLoginUrl"), a, sizeof(a)) != 0 ||
	    http_origin(to, b, sizeof(b)) != 0)
		return false;
	if (strcmp(a, b) == 0)
		return true;
	return (strcmp(a, pair[0]) == 0 || strcmp(a, pair[1]) == 0) &&
	    (strcmp(b, pair[0]) == 0 || strcmp(b, pair[1]) == 0);
}

/* Why there is an answer instead of a redirect. */
static int
no_redirect(const struct login *l, struct step *s, struct fault *f)
{
	if (s->r.status >= 200 && s->r.status < 300 && *s->r.body.p != '{')
		return fault_set(f, EX_NOPERM, "%s: %s ended at a page: the "
		    "app waits for your consent; log in to it once by hand in "
		    "a browser", s->r.from, s->what);
	if (read_answer(l, s, f) == 0)
		fault_set(f, EX_PROTOCOL, "%s: %s: no redirect", s->r.from,
		    s->what);
	return -1;
}

/* What a Location says: 1 token is filled, 0 go there, -1. */
static int
read_location(const struct login *l, const struct step *s, char *token,
    struct fault *f)
{
	const char *to = s->r.location;
	char status[32] = "success", origin[HTTP_ORIGIN] = "nowhere";
	int rc = http_query_get(to, "request_token", token, LOGIN_TOKEN);

	(void)http_query_get(to, "status", status, sizeof(status));
	if (rc == 1 && login_is_token(token) && strcmp(status, "success") == 0)
		return 1;
	if (rc != 0)
		return fault_set(f, EX_PROTOCOL, "%s: %s: the request token is "
		    "none, or status is no success", s->r.from, s->what);
	if (is_ours(l, to))
		return 0;
	(void)http_origin(to, origin, sizeof(origin));
	return fault_set(f, EX_PROTOCOL, "%s: %s: redirects to %.60s, which is "
	    "not the broker's; not followed", s->r.from, s->what, origin);
}

/* From /connect/login to the app's registered address, which is not visited:
 * the request token is in the redirect to it. */
static int
get_request_token(struct login *l, struct step *s, char *token,
    struct fault *f)
{
	struct buf url = { 0 }, query = { 0 };
	int rc = -1;

	s->what = "connect";
	s->remedy = "check apiKey, and that the app is active";
	if (http_form_add(&query, "api_key", conf_str(l->conf, "apiKey")) != 0 ||
	    http_form_add(&query, "v", "3") != 0 ||
	    buf_addf(&url, "%s/connect/login?%s", conf_str(l->conf,
	    "kiteLoginUrl"), query.p) != 0) {
		fault_sys(f, 0, "%s", s->what);
		goto out;
	}
	for (int hop = 0;; hop++) {
		if (ask(l, s, url.p, NULL, NULL, f) != 0)
			goto out;
		if (*s->r.location == '\0') {
			no_redirect(l, s, f);
			goto out;
		}
		if ((rc = read_location(l, s, token, f)) != 0)
			goto out;
		rc = -1;
		if (hop == HOPS_MAX) {
			fault_set(f, EX_PROTOCOL, "%s: %s: more than %d "
			    "redirects", s->r.from, s->what, HOPS_MAX);
			goto out;
		}
		buf_reset(&url);
		if (buf_adds(&url, s->r.location) != 0) {
			fault_sys(f, 0, "%s", s->what);
			goto out;
		}
	}
out:
	wipe(&query);
	wipe(&url);
	return rc == 1 ? 0 : -1;
}

/* SHA-256 of key, request token and secret, one behind the other. */
static int
add_checksum(const struct login *l, struct buf *form, const char *token)
{
	const char *key = conf_str(l->conf, "apiKey");
	const char *secret = conf_str(l->conf, "apisec");
	struct sum *sum = sum_new();
	char hex[SUM_HEX];

	if (sum == NULL)
		return -1;
	sum_add(sum, key, strlen(key));
	sum_add(sum, token, strlen(token));
	sum_add(sum, secret, strlen(secret));
	if (sum_end(sum, hex) != 0)
		return -1;
	return http_form_add(form, "checksum", hex);
}

static int
exchange(struct login *l, struct step *s, const char *token, struct fault *f)
{
	struct buf form = { 0 };
	int rc = -1;

	s->what = "exchange of the request token";
	s->remedy = "check apiKey and apisec";
	if (http_form_add(&form, "api_key", conf_str(l->conf, "apiKey")) != 0 ||
	    http_form_add(&form, "request_token", token) != 0 ||
	    add_checksum(l, &form, token) != 0)
		fault_sys(f, 0, "%s", s->what);
	else if (ask_at(l, s, "kiteApiUrl", "/session/token", &form, f) == 0)
		rc = read_answer(l, s, f);
	wipe(&form);
	return rc;
}

/* The access token out of the last answer. */
static int
read_token(const struct login *l, const struct step *s, struct login_token *t,
    struct fault *f)
{
	const char *token = data_of(s, "access_token");
	const char *user = data_of(s, "user_id");

	if (token == NULL || !login_is_token(token))
		return fault_set(f, EX_PROTOCOL, "%s: %s: no access token in "
		    "the answer", s->r.from, s->what);
	if (user == NULL)
		user = conf_str(l->conf, "ZerodhaLoginName");
	snprintf(t->access_token, sizeof(t->access_token), "%s", token);
	snprintf(t->user_id, sizeof(t->user_id), "%s", user);
	return 0;
}

int
login_run(struct login *l, struct login_token *t, struct fault *f)
{
	struct step s = { 0 };
	char token[LOGIN_TOKEN] = "";
	int rc = -1;

	if (send_password(l, &s, f) == 0 && send_code(l, &s, f) == 0 &&
	    get_request_token(l, &s, token, f) == 0 &&
	    exchange(l, &s, token, f) == 0)
		rc = read_token(l, &s, t, f);
	explicit_bzero(token, sizeof(token));
	step_free(&s);
	return rc;
}

int
login_check(struct login *l, const char *access_token, struct fault *f)
{
	struct step s = { .what = "profile", .remedy = "" };
	struct buf auth = { 0 }, url = { 0 };
	struct fault why;
	int rc = -1;

	if (buf_addf(&url, "%s/user/profile", conf_str(l->conf,
	    "kiteApiUrl")) != 0 || buf_addf(&auth, "Authorization: token "
	    "%s:%s", conf_str(l->conf, "apiKey"), access_token) != 0)
		fault_sys(f, 0, "%s", s.what);
	else if (ask(l, &s, url.p, NULL, auth.p, f) == 0) {
		if (read_answer(l, &s, &why) == 0)
			rc = 1;
		else if (why.ex == EX_NOPERM)
			rc = 0;
		else
			*f = why;
	}
	wipe(&auth);
	wipe(&url);
	step_free(&s);
	return rc;
}
