#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "buf.h"
#include "clk.h"
#include "form.h"
#include "js.h"
#include "simkite.h"
#include "simreply.h"
#include "sum.h"
#include "totp.h"

enum {
	SESSIONS_MAX	= 64,	/* logins under way; the oldest gives way */
	TOKENS_MAX	= 64,
	WRONG_MAX	= 5,	/* codes tried in vain end the login */
	REQUEST_TOKEN_S	= 300,	/* real seconds that a request token lives */
	FLUSH_HOUR	= 6,	/* IST: access tokens of the day before die */
	LAG_S		= 2,	/* real seconds between making a code and here */
	FIELD		= 512,
	KEY		= 33	/* 32 characters and NUL */
};

enum stage { UNUSED, PASSWORD_OK, LOGGED_IN };

struct session {
	enum stage	 stage;
	int		 wrong;
	int64_t		 begun;		/* clk_mono() */
	char		 request_id[2 * KEY];
	char		 kf_session[KEY], enctoken[2 * KEY], public_token[KEY];
	char		 sess_id[KEY];
	char		 request_token[KEY];	/* "": none, or used */
	int64_t		 issued;	/* clk_mono() of request_token */
};

struct token {
	char		 text[KEY];	/* "": unused */
	int64_t		 dies;		/* wall time, us */
};

struct simkite {
	struct simkite_spec spec;
	struct totp	 totp;
	struct session	 session[SESSIONS_MAX];
	struct token	 token[TOKENS_MAX];
	size_t		 next;		/* place of the next token */
	uint64_t	 logins;
};

int
simkite_open(struct simkite **out, const struct simkite_spec *spec,
    struct fault *f)
{
	struct simkite *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return fault_sys(f, EX_OSERR, "the login");
	k->spec = *spec;
	if (totp_seed(&k->totp, spec->seed, f) != 0) {
		free(k);
		return -1;
	}
	*out = k;
	return 0;
}

void
simkite_close(struct simkite *k)
{
	if (k == NULL)
		return;
	totp_wipe(&k->totp);
	explicit_bzero(k, sizeof(*k));
	free(k);
}

uint64_t
simkite_logins(const struct simkite *k)
{
	return k->logins;
}

/* Fills out (size bytes, NUL included) with random letters and digits. */
static void
make_key(char *out, size_t size)
{
	static const char from[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char r[2 * KEY];

	if (getrandom(r, size, 0) != (ssize_t)size)
		abort();	/* at most 256 bytes: cannot happen */
	for (size_t i = 0; i + 1 < size; i++)
		out[i] = from[r[i] % (sizeof(from) - 1)];
	out[size - 1] = '\0';
}

/* ---- login ---- */

static struct session *
new_session(struct simkite *k)
{
	struct session *s = &k->session[0];

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		if (k->session[i].stage == UNUSED) {
			s = &k->session[i];
			break;
		}
		if (k->session[i].begun < s->begun)
			s = &k->session[i];
	}
	memset(s, 0, sizeof(*s));
	s->begun = clk_mono();
	return s;
}

static void
api_login(struct simkite *k, struct serve_conn *c, const struct serve_req *q)
{
	char user[FIELD], password[FIELD], cookie[128];
	const char *headers[] = { cookie, NULL };
	struct session *s;
	struct buf b = { 0 };

	if (form_get(q->body, "user_id", user, sizeof(user)) != 1 ||
	    form_get(q->body, "password", password, sizeof(password)) != 1) {
		simreply_error(c, 400, "InputException",
		    "Missing `user_id` or `password`.");
		return;
	}
	if (strcmp(user, k->spec.user) != 0 ||
	    strcmp(password, k->spec.password) != 0) {
		simreply_error(c, 403, "UserException",
		    "Invalid username or password.");
		return;
	}
	s = new_session(k);
	s->stage = PASSWORD_OK;
	make_key(s->request_id, sizeof(s->request_id));
	make_key(s->kf_session, sizeof(s->kf_session));
	snprintf(cookie, sizeof(cookie), "Set-Cookie: kf_session=%s; path=/; "
	    "HttpOnly", s->kf_session);
	if (buf_adds(&b, "{\"status\":\"success\",\"data\":{\"user_id\":") == 0 &&
	    js_add(&b, user) == 0 && buf_addf(&b, ",\"request_id\":\"%s\","
	    "\"twofa_type\":\"totp\",\"twofa_types\":[\"totp\"],"
	    "\"twofa_status\":\"active\"}}", s->request_id) == 0)
		simreply_json(c, headers, b.p);
	else
		simreply_error(c, 500, "GeneralException", "Out of memory.");
	buf_free(&b);
}

/* The clock that makes the codes may be fast: what it runs in LAG_S real
 * seconds counts as being in time, and one step each way as at the broker. */
static int
window(void)
{
	double steps = clk_speed() * LAG_S / TOTP_STEP_S;

	return 1 + (clk_speed() > 1 && steps < 1e4 ? (int)steps : 0);
}

static void
twofa_done(struct simkite *k, struct serve_conn *c, struct session *s)
{
	char kf[128], enc[128], pub[128], user[256];
	const char *headers[] = { kf, enc, pub, user, NULL };

	s->stage = LOGGED_IN;
	s->request_id[0] = '\0';
	make_key(s->kf_session, sizeof(s->kf_session));
	make_key(s->public_token, sizeof(s->public_token));
	make_key(s->enctoken, sizeof(s->enctoken) - 2);
	memcpy(s->enctoken + 20, "+/", 2);	/* it is base64 at the broker */
	strncat(s->enctoken, "==", 3);
	snprintf(kf, sizeof(kf), "Set-Cookie: kf_session=%s; path=/; HttpOnly",
	    s->kf_session);
	snprintf(enc, sizeof(enc), "Set-Cookie: enctoken=%s; path=/",
	    s->enctoken);
	snprintf(pub, sizeof(pub), "Set-Cookie: public_token=%s; path=/",
	    s->public_token);
	snprintf(user, sizeof(user), "Set-Cookie: user_id=%s; path=/",
	    k->spec.user);
	simreply_json(c, headers,
	    "{\"status\":\"success\",\"data\":{\"profile\":{}}}");
}

static void
api_twofa(struct simkite *k, struct serve_conn *c, const struct serve_req *q)
{
	char user[FIELD], id[FIELD], code[FIELD], type[FIELD];
	struct session *s = NULL;
	int rc;

	if (form_get(q->body, "user_id", user, sizeof(user)) != 1 ||
	    form_get(q->body, "request_id", id, sizeof(id)) != 1 ||
	    form_get(q->body, "twofa_value", code, sizeof(code)) != 1 ||
	    (rc = form_get(q->body, "twofa_type", type, sizeof(type))) < 0) {
		simreply_error(c, 400, "InputException", "Missing `user_id`, "
		    "`request_id` or `twofa_value`.");
		return;
	}
	for (size_t i = 0; i < SESSIONS_MAX; i++)
		if (k->session[i].stage == PASSWORD_OK &&
		    strcmp(k->session[i].request_id, id) == 0)
			s = &k->session[i];
	if (s == NULL || strcmp(user, k->spec.user) != 0) {
		simreply_error(c, 400, "InputException", "Invalid `request_id`.");
	} else if (rc == 1 && strcmp(type, "totp") != 0) {
		simreply_error(c, 400, "InputException", "Invalid `twofa_type`.");
	} else if (!totp_check(&k->totp, clk_now() / US_PER_SEC, window(),
	    code)) {
		if (++s->wrong >= WRONG_MAX)
			s->stage = UNUSED;
		simreply_error(c, 403, "TwoFAException", "Invalid TOTP.");
	} else {
		twofa_done(k, c, s);
	}
}

/* The session whose cookies came along, NULL when there is none. */
static struct session *
by_cookies(struct simkite *k, const struct serve_req *q)
{
	char kf[FIELD], enc[FIELD];

	if (form_cookie(q->cookie, "kf_session", kf, sizeof(kf)) != 1 ||
	    form_cookie(q->cookie, "enctoken", enc, sizeof(enc)) != 1)
		return NULL;
	for (size_t i = 0; i < SESSIONS_MAX; i++)
		if (k->session[i].stage == LOGGED_IN &&
		    strcmp(k->session[i].kf_session, kf) == 0 &&
		    strcmp(k->session[i].enctoken, enc) == 0)
			return &k->session[i];
	return NULL;
}

static bool
key_ok(const struct simkite *k, const char *api_key)
{
	return api_key != NULL && strcmp(api_key, k->spec.api_key) == 0;
}

/* The front door; visiting it is no login. */
static void
front_page(struct simkite *k, struct serve_conn *c, const struct serve_req *q)
{
	char kf[KEY], cookie[128];
	const char *headers[] = { cookie, NULL };

	(void)k;
	(void)q;
	make_key(kf, sizeof(kf));
	snprintf(cookie, sizeof(cookie), "Set-Cookie: kf_session=%s; path=/; "
	    "HttpOnly", kf);
	simreply_page(c, headers);
}

static void
connect_login(struct simkite *k, struct serve_conn *c,
    const struct serve_req *q)
{
	const char *v = serve_arg(q, "v");
	const char *params = serve_arg(q, "redirect_params");
	struct session *s;
	struct buf b = { 0 };

	if (!key_ok(k, serve_arg(q, "api_key"))) {
		simreply_error(c, 400, "InputException", "Invalid `api_key`.");
	} else if (v == NULL || strcmp(v, "3") != 0) {
		simreply_error(c, 400, "InputException", "Invalid version.");
	} else if ((s = by_cookies(k, q)) == NULL) {
		simreply_page(c, NULL);
	} else {
		make_key(s->sess_id, sizeof(s->sess_id));
		if (buf_adds(&b, "/connect/finish?api_key=") == 0 &&
		    form_escape(&b, k->spec.api_key) == 0 &&
		    buf_addf(&b, "&sess_id=%s", s->sess_id) == 0 &&
		    (params == NULL || (strlen(params) < FIELD / 2 &&
		    buf_adds(&b, "&redirect_params=") == 0 &&
		    form_escape(&b, params) == 0)))
			simreply_redirect(c, b.p);
		else
			simreply_error(c, 400, "InputException",
			    "Invalid `redirect_params`.");
		buf_free(&b);
	}
}

static void
connect_finish(struct simkite *k, struct serve_conn *c,
    const struct serve_req *q)
{
	const char *id = serve_arg(q, "sess_id");
	const char *params = serve_arg(q, "redirect_params");
	struct session *s = by_cookies(k, q);
	char to[1024];

	if (s == NULL || id == NULL || *id == '\0' ||
	    strcmp(id, s->sess_id) != 0 || !key_ok(k, serve_arg(q, "api_key"))) {
		simreply_error(c, 400, "InputException", "Invalid session.");
		return;
	}
	s->sess_id[0] = '\0';
	make_key(s->request_token, sizeof(s->request_token));
	s->issued = clk_mono();
	snprintf(to, sizeof(to), "http://127.0.0.1/?request_token=%s&"
	    "action=login&status=success%s%.512s", s->request_token,
	    params != NULL ? "&" : "", params != NULL ? params : "");
	simreply_redirect(c, to);
}

/* ---- access tokens ---- */

/* The session that gave out a request token which can still be used. */
static struct session *
by_request_token(struct simkite *k, const char *token)
{
	int64_t oldest = clk_mono() - REQUEST_TOKEN_S * US_PER_SEC;

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *s = &k->session[i];

		if (s->stage == LOGGED_IN && s->request_token[0] != '\0' &&
		    strcmp(s->request_token, token) == 0)
			return s->issued >= oldest ? s : NULL;
	}
	return NULL;
}

static struct token *
new_token(struct simkite *k)
{
	struct token *t = &k->token[k->next++ % TOKENS_MAX];
	int64_t now = clk_now();
	int64_t flush = clk_day_start(clk_day_of(now)) +
	    FLUSH_HOUR * 3600 * US_PER_SEC;

	make_key(t->text, sizeof(t->text));
	t->dies = now < flush ? flush : flush + US_PER_DAY;
	k->logins++;
	return t;
}

static void
give_token(struct simkite *k, struct serve_conn *c, const struct session *s)
{
	const struct token *t = new_token(k);
	struct buf b = { 0 };
	char now[CLK_TEXT];

	clk_to_ist_s(clk_now() / US_PER_SEC, now);
	if (buf_adds(&b, "{\"status\":\"success\",\"data\":{\"user_type\":"
	    "\"individual\",\"email\":\"demo@example.com\",\"user_name\":"
	    "\"Demo Account\",\"user_shortname\":\"Demo\",\"broker\":"
	    "\"ZERODHA\",\"exchanges\":[\"NSE\",\"NFO\",\"BSE\",\"BFO\"],"
	    "\"products\":[\"CNC\",\"NRML\",\"MIS\"],\"order_types\":"
	    "[\"MARKET\",\"LIMIT\",\"SL\",\"SL-M\"],\"avatar_url\":null,"
	    "\"user_id\":") == 0 && js_add(&b, k->spec.user) == 0 &&
	    buf_adds(&b, ",\"api_key\":") == 0 &&
	    js_add(&b, k->spec.api_key) == 0 &&
	    buf_addf(&b, ",\"access_token\":\"%s\",\"public_token\":\"%s\","
	    "\"enctoken\":\"%s\",\"refresh_token\":\"\",\"silo\":\"\","
	    "\"login_time\":\"%s\",\"meta\":{\"demat_consent\":\"physical\"}}}",
	    t->text, s->public_token, s->enctoken, now) == 0)
		simreply_json(c, NULL, b.p);
	else
		simreply_error(c, 500, "GeneralException", "Out of memory.");
	buf_free(&b);
}

static void
session_post(struct simkite *k, struct serve_conn *c, const struct serve_req *q)
{
	char key[FIELD], token[FIELD], checksum[FIELD], want[SUM_HEX];
	struct session *s;
	struct buf b = { 0 };
	bool equal;

	if (form_get(q->body, "api_key", key, sizeof(key)) != 1 ||
	    form_get(q->body, "request_token", token, sizeof(token)) != 1 ||
	    form_get(q->body, "checksum", checksum, sizeof(checksum)) != 1) {
		simreply_error(c, 400, "InputException", "Missing `api_key`, "
		    "`request_token` or `checksum`.");
		return;
	}
	equal = buf_addf(&b, "%s%s%s", key, token, k->spec.api_secret) == 0 &&
	    sum_bytes(b.p, b.len, want) == 0 && strcmp(want, checksum) == 0;
	buf_free(&b);
	if (!key_ok(k, key)) {
		simreply_error(c, 403, "TokenException", "Invalid `api_key`.");
	} else if ((s = by_request_token(k, token)) == NULL) {
		simreply_error(c, 403, "TokenException",
		    "Token is invalid or has expired.");
	} else if (!equal) {
		simreply_error(c, 403, "TokenException", "Invalid `checksum`.");
	} else {
		s->request_token[0] = '\0';	/* single use */
		give_token(k, c, s);
	}
}

static struct token *
find_token(const struct simkite *k, const char *api_key, const char *token)
{
	if (!key_ok(k, api_key) || token == NULL || *token == '\0')
		return NULL;
	for (size_t i = 0; i < TOKENS_MAX; i++)
		if (strcmp(k->token[i].text, token) == 0)
			return clk_now() < k->token[i].dies ?
			    (struct token *)&k->token[i] : NULL;
	return NULL;
}

bool
simkite_token_ok(const struct simkite *k, const char *api_key,
    const char *token)
{
	return find_token(k, api_key, token) != NULL;
}

void
simkite_kill_tokens(struct simkite *k)
{
	memset(k->token, 0, sizeof(k->token));
}

static void
session_delete(struct simkite *k, struct serve_conn *c,
    const struct serve_req *q)
{
	struct token *t = find_token(k, serve_arg(q, "api_key"),
	    serve_arg(q, "access_token"));

	if (t == NULL) {
		simreply_error(c, 403, "TokenException",
		    "Incorrect `api_key` or `access_token`.");
		return;
	}
	t->text[0] = '\0';
	simreply_json(c, NULL, "{\"status\":\"success\",\"data\":true}");
}

static void
user_profile(struct simkite *k, struct serve_conn *c, const struct serve_req *q)
{
	char key[FIELD];
	const char *p = q->auth, *colon = NULL;
	struct buf b = { 0 };

	if (strncasecmp(p, "token ", 6) == 0) {
		p += 6;
		colon = strchr(p, ':');
	}
	if (colon != NULL && (size_t)(colon - p) < sizeof(key)) {
		memcpy(key, p, (size_t)(colon - p));
		key[colon - p] = '\0';
	}
	if (colon == NULL || (size_t)(colon - p) >= sizeof(key) ||
	    !simkite_token_ok(k, key, colon + 1)) {
		simreply_error(c, 403, "TokenException",
		    "Incorrect `api_key` or `access_token`.");
		return;
	}
	if (buf_adds(&b, "{\"status\":\"success\",\"data\":{\"user_id\":") == 0 &&
	    js_add(&b, k->spec.user) == 0 && buf_adds(&b, ",\"user_type\":"
	    "\"individual\",\"email\":\"demo@example.com\",\"user_name\":"
	    "\"Demo Account\",\"user_shortname\":\"Demo\",\"broker\":"
	    "\"ZERODHA\",\"exchanges\":[\"NSE\",\"NFO\",\"BSE\",\"BFO\"],"
	    "\"products\":[\"CNC\",\"NRML\",\"MIS\"],\"order_types\":"
	    "[\"MARKET\",\"LIMIT\",\"SL\",\"SL-M\"],\"avatar_url\":null,"
	    "\"meta\":{\"demat_consent\":\"physical\"}}}") == 0)
		simreply_json(c, NULL, b.p);
	else
		simreply_error(c, 500, "GeneralException", "Out of memory.");
	buf_free(&b);
}

bool
simkite_request(struct simkite *k, struct serve_conn *c,
    const struct serve_req *q)
{
	static const struct {
		const char *method, *path;
		void (*answer)(struct simkite *, struct serve_conn *,
		    const struct serve_req *);
	} routes[] = {
		{ "GET", "/", front_page },
		{ "POST", "/api/login", api_login },
		{ "POST", "/api/twofa", api_twofa },
		{ "GET", "/connect/login", connect_login },
		{ "GET", "/connect/finish", connect_finish },
		{ "POST", "/session/token", session_post },
		{ "DELETE", "/session/token", session_delete },
		{ "GET", "/user/profile", user_profile },
	};
	bool known = false;

	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
		if (strcmp(q->path, routes[i].path) != 0)
			continue;
		known = true;
		if (strcmp(q->method, routes[i].method) == 0) {
			routes[i].answer(k, c, q);
			return true;
		}
	}
	if (known)
		simreply_error(c, 405, "GeneralException", "Method not allowed.");
	return known;
}
