/*
 * das-token - log in to the broker without a browser, keep the access token
 *
 * A token of today that the broker still takes is kept (not with -n).  Else the
 * whole login, tried again while the trouble may pass; what the broker refuses
 * is never tried twice.  When it fails, a token of today in kite1tokens, put
 * there by other means, will do, with a warning.
 *
 * Exit 0: tokenFile has a token for today.  Writes tokenFile (mode 0600: one row,
 * timestamp, user_id, access_token) and a row of kite1tokens.
 */
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "clk.h"
#include "conf.h"
#include "file.h"
#include "login.h"
#include "msg.h"
#include "opt.h"
#include "retry.h"
#include "stop.h"
#include "store.h"
#include "tsv.h"

enum { FLUSH_HOUR = 6, AHEAD_S = 300, TOKEN_FILE_MAX = 4096 };

static struct conf *conf;
static const char header[] = "timestamp\tuser_id\taccess_token\n";

/* True when a token of that time (IST) can be alive: the broker ends them all
 * at six in the morning. */
static bool
is_of_today(const char *timestamp)
{
	int64_t at, now = clk_now();
	int64_t flush = clk_day_start(clk_day_of(now)) +
	    FLUSH_HOUR * 3600 * US_PER_SEC;

	if (now < flush)
		flush -= US_PER_DAY;
	return clk_from_ist(timestamp, &at) == 0 && at >= flush &&
	    at <= now + AHEAD_S * US_PER_SEC;
}

/* ---- the token file ---- */

/* The row of an open file: true when it is a token of today. */
static bool
read_row(struct tsv *t, struct login_token *token, char *stamp)
{
	int when = tsv_col(t, "timestamp"), user = tsv_col(t, "user_id");
	int what = tsv_col(t, "access_token");

	if (when == -1 || user == -1 || what == -1 || tsv_next(t) != 1 ||
	    strlen(t->f[when]) >= CLK_TEXT || !is_of_today(t->f[when]) ||
	    !login_is_token(t->f[what]) || strlen(t->f[user]) >= LOGIN_USER)
		return false;
	snprintf(stamp, CLK_TEXT, "%s", t->f[when]);
	snprintf(token->user_id, sizeof(token->user_id), "%s",
	    tsv_decode(t->f[user]));
	snprintf(token->access_token, sizeof(token->access_token), "%s",
	    t->f[what]);
	return true;
}

/* The token of tokenFile; false when there is none of today for this user. */
static bool
read_kept(struct login_token *token, char *stamp)
{
	const char *path = conf_str(conf, "tokenFile");
	FILE *in = fopen(path, "re");
	struct tsv t;
	bool ok;

	if (in == NULL)
		return false;		/* none yet */
	tsv_init(&t, in, path);
	ok = read_row(&t, token, stamp) && strcasecmp(token->user_id,
	    conf_str(conf, "ZerodhaLoginName")) == 0;
	if (t.text != NULL)
		explicit_bzero(t.text, t.cap);
	tsv_free(&t);
	fclose(in);			/* only read from: nothing to lose */
	return ok;
}

static void
write_file(const struct login_token *t, const char *stamp)
{
	const char *path = conf_str(conf, "tokenFile");
	char dir[PATH_MAX];
	struct buf b = { 0 };
	struct fault f;
	int rc;

	if (buf_adds(&b, header) != 0 || buf_addf(&b, "%s\t", stamp) != 0 ||
	    tsv_add(&b, t->user_id) != 0 ||
	    buf_addf(&b, "\t%s\n", t->access_token) != 0)
		msg_die(EX_TEMPFAIL, "%s", path);
	snprintf(dir, sizeof(dir), "%s", path);
	rc = file_mkdirs(dirname(dir), &f) != 0 ||
	    file_put(path, 0600, b.p, b.len, &f) != 0;
	explicit_bzero(b.p, b.cap);
	buf_free(&b);
	if (rc != 0)
		msg_diex(f.ex, "%s; the access token is not kept", f.text);
}

/* ---- the store ---- */

/*
 * Adds the token to kite1tokens unless it is there.  A store that is down does
 * not stop the day: the capture reads the token file.
 */
static void
put_store(const struct login_token *t, const char *stamp)
{
	struct store_token row = { 0 }, last;
	struct store *s = NULL;
	struct fault f;
	int rc;

	snprintf(row.timestamp, sizeof(row.timestamp), "%.19s", stamp);
	snprintf(row.access_token, sizeof(row.access_token), "%s",
	    t->access_token);
	if ((rc = store_open(&s, conf, &f)) == 0) {
		rc = store_token_last(s, &last, &f);
		if (rc == 1 && strcmp(last.access_token,
		    row.access_token) == 0 && is_of_today(last.timestamp))
			rc = 0;		/* there already */
		else if (rc != -1)
			rc = store_token_put(s, &row, &f);
		store_close(s);
	}
	explicit_bzero(&row, sizeof(row));
	explicit_bzero(&last, sizeof(last));
	if (rc != 0)
		msg_warnx("%s; the access token is in %s only, not in "
		    "kite1tokens", f.text, conf_str(conf, "tokenFile"));
}

/* A token of today that somebody else has put into kite1tokens. */
static bool
find_in_store(struct login *l, struct login_token *t, char *stamp)
{
	struct store_token last = { 0 };
	struct store *s = NULL;
	struct fault f;
	bool ok = false;

	if (store_open(&s, conf, &f) != 0 ||
	    store_token_last(s, &last, &f) == -1)
		msg_warnx("%s; no token from there", f.text);
	else if (is_of_today(last.timestamp) &&
	    login_is_token(last.access_token))
		ok = login_check(l, last.access_token, &f) != 0;
	store_close(s);
	if (ok) {
		snprintf(stamp, CLK_TEXT, "%s", last.timestamp);
		snprintf(t->access_token, sizeof(t->access_token), "%s",
		    last.access_token);
		snprintf(t->user_id, sizeof(t->user_id), "%s",
		    conf_str(conf, "ZerodhaLoginName"));
	}
	explicit_bzero(&last, sizeof(last));
	return ok;
}

/* ---- getting one ---- */

/* One try: the kept token, unless kept is false, else a login.  *fresh says
 * which. */
static int
try_once(struct login *l, struct login_token *t, char *stamp, bool *kept,
    struct fault *f)
{
	if (*kept) {
		int rc = login_check(l, t->access_token, f);

		if (rc != 0)
			return rc == 1 ? 0 : -1;
		msg_info("the broker takes the kept token no more");
		*kept = false;
	}
	if (login_run(l, t, f) != 0)
		return -1;
	clk_to_ist_s(clk_now() / US_PER_SEC, stamp);
	return 0;
}

/* All tries.  The exit status of the failure is in f->ex. */
static int
get_token(struct login *l, struct login_token *t, char *stamp, bool *kept,
    struct fault *f)
{
	struct retry r = retry_start(conf_int(conf, "retryCount"),
	    conf_int(conf, "retryDelaySeconds"));

	while (retry_again(&r)) {
		if (try_once(l, t, stamp, kept, f) == 0)
			return 0;
		if (f->ex != EX_TEMPFAIL || stop_asked())
			return -1;
		if (retry_last(&r)) {
			struct fault last = *f;

			return fault_set(f, EX_UNAVAILABLE, "%s; given up, try "
			    "again later", last.text);
		}
		msg_warnx("%s; trying again in %lld s", f->text,
		    (long long)r.delay_s);
	}
	return -1;		/* stopped between two tries; f tells of the last */
}

/* Dies with 78 while the broker's keys have not been filled in. */
static void
check_keys(void)
{
	static const char *const keys[] = {
		"ZerodhaLoginName", "ZerodhaPass", "TOTP_seed", "apiKey",
		"apisec"
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (conf_is_placeholder(conf, keys[i]))
			msg_diex(EX_CONFIG, "%s: key %s has no value yet; run "
			    "das-config check", conf_file(conf), keys[i]);
}

int
main(int argc, char *argv[])
{
	struct login l;
	struct login_token token = { 0 };
	char stamp[CLK_TEXT] = "";
	struct fault f;
	bool anew = false, kept;
	int c;

	opt_init("das-token", "[-n]");
	while ((c = opt_next(argc, argv, "n")) != -1)
		if (c == 'n')
			anew = true;
	if (optind != argc)
		opt_usage();
	stop_catch();
	if (conf_open(&conf, opt_config(), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	check_keys();
	if (login_open(&l, conf, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	kept = !anew && read_kept(&token, stamp);
	if (get_token(&l, &token, stamp, &kept, &f) != 0) {
		if (stop_asked())
			msg_diex(EX_TEMPFAIL, "stopped before there was a "
			    "token");
		if (!find_in_store(&l, &token, stamp))
			msg_diex(f.ex, "%s", f.text);
		kept = false;
		msg_warnx("%s", f.text);
		msg_warnx("the login failed; going on with the token of %s in "
		    "kite1tokens", stamp);
	}
	msg_info("%s the token of %s", kept ? "keeping" : "storing", stamp);
	if (!kept)
		write_file(&token, stamp);
	put_store(&token, stamp);
	explicit_bzero(&token, sizeof(token));
	login_close(&l);
	conf_close(conf);
	return 0;
}
