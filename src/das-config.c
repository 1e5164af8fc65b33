/*
 * das-config - look at, check and begin the configuration
 *
 *	check		is it fit for a day? one line on stderr per trouble
 *	get [-s] key	one value; elements of a list on lines of their own
 *	probe		do the services answer? and what is the time there
 *	init [file]	begins a new file, never overwrites
 *	show		every key: key, value, source; secrets masked; members of
 *			objects only where they are set
 *
 * A secret leaves only through "get -s".  The value of store is the effective
 * one: what an unset key comes to.
 */
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "buf.h"
#include "cal.h"
#include "clk.h"
#include "conf.h"
#include "days.h"
#include "dbs.h"
#include "file.h"
#include "http.h"
#include "inst.h"
#include "mime.h"
#include "msg.h"
#include "opt.h"
#include "room.h"
#include "totp.h"
#include "tsv.h"
#include "underlyings.h"

enum { PROBE_S = 10 };		/* for one service */

static bool with_secrets;	/* -s */

static struct conf *
open_conf(void)
{
	struct conf *c;
	struct fault f;

	if (conf_open(&c, opt_config(), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	return c;
}

/* ---- check ---- */

static const struct {
	const char *key, *words;
} remedies[] = {
	{ "destinationEmailAddress", "the addresses that get the mails" },
	{ "senderEmailAddress", "the address that sends the mails" },
	{ "senderEmailPass", "its password (at Gmail an app password)" },
	{ "TOTP_seed", "the base32 seed of Kite's external 2FA" },
	{ "ZerodhaLoginName", "the Kite user id, like AB1234" },
	{ "ZerodhaPass", "the Kite password" },
	{ "apiKey", "the API key of your app at developers.kite.trade" },
	{ "apisec", "the API secret of your app at developers.kite.trade" },
	{ "mysqlHost", "the database server, or set store to \"sqlite\"" },
	{ "mysqlUser", "the database user" },
	{ "mysqlPass", "the database password" },
};

static int
check_placeholders(const struct conf *c)
{
	size_t n;
	const struct conf_key *k = conf_keys(&n);
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		const char *words = "a value";

		if (!conf_is_placeholder(c, k[i].name))
			continue;
		for (size_t r = 0; r < sizeof(remedies) / sizeof(*remedies); r++)
			if (strcmp(remedies[r].key, k[i].name) == 0)
				words = remedies[r].words;
		msg_warnx("%s: key %s: %s; put in %s", conf_file(c), k[i].name,
		    *conf_str(c, k[i].name) == '\0' ? "is empty" :
		    "still has its default", words);
		bad++;
	}
	return bad;
}

/* URLs whose scheme their service does not have, or that would send secrets
 * over the network for all to read.  smtp turns to TLS by itself. */
static int
check_urls(const struct conf *c)
{
	size_t n;
	const struct conf_key *k = conf_keys(&n);
	char origin[HTTP_ORIGIN];
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		const char *url, *plain = "http://", *tls = "https://";

		if (k[i].type != CONF_URL)
			continue;
		url = conf_str(c, k[i].name);
		if (strcmp(k[i].name, "smtpUrl") == 0) {
			plain = "smtp://";
			tls = "smtps://";
		} else if (strcmp(k[i].name, "kiteTickerUrl") == 0) {
			plain = "ws://";
			tls = "wss://";
		}
		if (http_origin(url, origin, sizeof(origin)) != 0) {
			msg_warnx("%s: key %s: is no URL of a server; want "
			    "%shost, without a name or password in it",
			    conf_file(c), k[i].name, tls);
			bad++;
			continue;
		}
		if (strncmp(url, tls, strlen(tls)) == 0 ||
		    (strncmp(url, plain, strlen(plain)) == 0 &&
		    (*plain == 's' || http_is_local(url))))
			continue;
		msg_warnx("%s: key %s: '%.60s' must begin with %s; %s is for "
		    "this machine only", conf_file(c), k[i].name, url, tls,
		    plain);
		bad++;
	}
	return bad;
}

/* Files of certificates that are not there. */
static int
check_ca_files(const struct conf *c)
{
	static const char suffix[] = "caFile";
	size_t n;
	const struct conf_key *k = conf_keys(&n);
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(k[i].name), slen = sizeof(suffix) - 1;

		if (len < slen || *conf_str(c, k[i].name) == '\0' ||
		    strcasecmp(k[i].name + len - slen, suffix) != 0 ||
		    access(conf_str(c, k[i].name), R_OK) == 0)
			continue;
		msg_warn("%s: key %s: %s", conf_file(c), k[i].name,
		    conf_str(c, k[i].name));
		bad++;
	}
	return bad;
}

/* One database that the keys put on two servers. */
static int
check_servers(const struct conf *c)
{
	struct dbs d;
	struct fault f;

	if (strcmp(conf_store(c), "mysql") != 0 || dbs_init(&d, c, &f) == 0)
		return 0;
	msg_warnx("%s: %s", conf_file(c), f.text);
	return 1;
}

/* Values that conf_open() cannot judge. */
static int
check_values(const struct conf *c)
{
	size_t n;
	const struct conf_key *k = conf_keys(&n);
	struct totp t;
	struct fault f;
	int bad = 0;

	if (!conf_is_placeholder(c, "TOTP_seed") &&
	    totp_seed(&t, conf_str(c, "TOTP_seed"), &f) != 0) {
		msg_warnx("%s: key TOTP_seed: %s", conf_file(c), f.text);
		bad++;
	}
	totp_wipe(&t);
	bad += check_ca_files(c) + check_servers(c);
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(k[i].name);

		if (len < 6 || strcmp(k[i].name + len - 6, "DBName") != 0 ||
		    inst_table_ok(conf_str(c, k[i].name)))
			continue;
		msg_warnx("%s: key %s: '%s' is no name of a database; use "
		    "letters, digits and _", conf_file(c), k[i].name,
		    conf_str(c, k[i].name));
		bad++;
	}
	return bad;
}

/* Addresses that no mail would ever reach; placeholders are told of already. */
static int
check_addresses(const struct conf *c)
{
	static const char *const keys[] = {
		"senderEmailAddress", "destinationEmailAddress"
	};
	const char *to[MIME_TO_MAX + 1];
	char *list;
	int bad = 0;

	for (size_t i = 0; i < 2; i++) {
		struct fault f = { .text = "is no mail address (name@host)" };
		bool good;

		if (strcmp(conf_str(c, "mail"), "smtp") != 0 ||
		    conf_is_placeholder(c, keys[i]))
			continue;
		if ((list = strdup(conf_str(c, keys[i]))) == NULL)
			msg_die(EX_TEMPFAIL, "%s", keys[i]);
		good = i == 0 ? mime_address_ok(list) :
		    mime_addresses(list, to, &f) == 0;
		if (!good)
			msg_warnx("%s: key %s: %s", conf_file(c), keys[i],
			    f.text);
		bad += !good;
		free(list);
	}
	return bad;
}

/* Words of "underlyings" that nothing can be captured for. */
static int
check_underlyings(const struct conf *c)
{
	struct underlyings u;
	struct fault f;

	if (underlyings_load(&u, c, clk_day_of(clk_now()), &f) != 0) {
		msg_warnx("%s: key %s", conf_file(c), f.text);
		return 1;
	}
	underlyings_free(&u);
	return 0;
}

/* True when the key is one that lookup/indices.tsv names in db_key. */
static bool
is_index_key(const struct conf *c, const char *key)
{
	char path[PATH_MAX];
	bool found = false;
	struct tsv t;
	FILE *in;
	int col;

	if (conf_shipped(c, "indices.tsv", path, sizeof(path), NULL) != 0 ||
	    (in = fopen(path, "re")) == NULL)
		return false;
	tsv_init(&t, in, path);
	if ((col = tsv_col(&t, "db_key")) != -1)
		while (!found && tsv_next(&t) == 1)
			found = strcmp(t.f[col], key) == 0;
	tsv_free(&t);
	fclose(in);		/* only read from: nothing to lose */
	return found;
}

static void
warn_unknown(const char *key, void *arg)
{
	const struct conf *c = arg;
	size_t n;
	const struct conf_key *k = conf_keys(&n);

	if (is_index_key(c, key))
		return;
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(k[i].name, key) == 0) {
			msg_warnx("%s: key %.64s is not known; %s is",
			    conf_file(c), key, k[i].name);
			return;
		}
	msg_warnx("%s: key %.64s is not known and does nothing; see "
	    "das-config(5)", conf_file(c), key);
}

/* Warns when capture would end before an exchange of ours does, today or on
 * the next day of trading. */
static void
warn_early(const struct conf *c, const struct cal *cal)
{
	static const char *const exchanges[] = { "NSE", "BSE", "NFO", "BFO" };
	int64_t hour = conf_int(c, "marketCloseHour");
	int64_t minute = conf_int(c, "marketCloseMinute");
	struct cal_window w[CAL_WINDOWS_MAX];
	char day[CLK_DAY], close[CLK_TEXT];
	int32_t today;

	if (cal_next(cal, "NSE", clk_day_of(clk_now()) - 1, 1, &today) != 0)
		today = clk_day_of(clk_now());
	for (size_t i = 0; i < sizeof(exchanges) / sizeof(*exchanges); i++) {
		size_t n = cal_windows(cal, exchanges[i], today, w);

		if (n == 0 || w[n - 1].close_us <= clk_day_start(today) +
		    (hour * 60 + minute) * 60 * US_PER_SEC)
			continue;
		clk_to_ist_s(w[n - 1].close_us / US_PER_SEC, close);
		msg_warnx("%s: marketCloseHour and marketCloseMinute end the "
		    "capture at %02" PRId64 ":%02" PRId64 ", but %s trades to "
		    "%.5s on %s; make it later", conf_file(c), hour, minute,
		    exchanges[i], close + 11, clk_day_to(today, day));
		break;
	}
}

static void
warn_close(const struct conf *c)
{
	struct cal cal = { 0 };
	struct fault f;

	if (days_load(&cal, c, &f) != 0)
		msg_warnx("%s", f.text);
	else if (strcmp(conf_str(c, "marketClose"), "auto") != 0)
		warn_early(c, &cal);
	cal_free(&cal);
}

/* Warns of what das-tick will say before the open. */
static void
warn_disk(const struct conf *c)
{
	const char *spool = conf_str(c, "spoolDir");
	char today[CLK_DAY], text[120];
	struct room room;
	struct fault f;
	int64_t left;

	if (access(spool, F_OK) == -1)
		return;			/* is made by das-tick */
	if (room_free(spool, &room.free, &f) != 0) {
		msg_warnx("%s", f.text);
		return;
	}
	room.day = room_day(spool, conf_str(c, "archiveDir"),
	    clk_day_to(clk_day_of(clk_now()), today));
	left = room_left(&room);
	if (room.free < conf_int(c, "diskFloorMegabytes") << 20 ||
	    (left >= 0 && left < 10 * ROOM_DAYS))
		msg_warnx("%s: %s", spool, room_text(&room, text,
		    sizeof(text)));
}

static int
do_check(void)
{
	struct conf *c = open_conf();
	int bad = check_placeholders(c) + check_values(c) + check_urls(c) +
	    check_addresses(c) + check_underlyings(c);

	conf_unknown(c, warn_unknown, c);
	warn_close(c);
	warn_disk(c);
	if (bad == 0)
		msg_info("%s: fit to use", conf_file(c));
	conf_close(c);
	return bad == 0 ? 0 : EX_CONFIG;
}

/* ---- probe ---- */

/* One row: key, server, clock_ahead_ms, answer.  0 when there was one. */
static int
probe(const struct conf *c, struct http *h, const char *key)
{
	char origin[HTTP_ORIGIN], url[HTTP_ORIGIN + 1], ahead[24] = "\\N";
	struct http_req q = { .url = url, .seconds = PROBE_S };
	struct http_reply r = { 0 };
	int64_t before = clk_now(), us;
	struct fault f;
	int rc;

	if (http_origin(conf_str(c, key), origin, sizeof(origin)) != 0)
		return 1;		/* check has told it */
	snprintf(url, sizeof(url), "%s/", origin);
	if ((rc = http_do(h, &q, &r, &f)) != 0)
		printf("%s\t%s\t%s\t%s\n", key, origin, ahead, f.text);
	else {
		if (http_ahead(&r, before + (clk_now() - before) / 2, &us) == 0)
			snprintf(ahead, sizeof(ahead), "%" PRId64,
			    us / US_PER_MS);
		printf("%s\t%s\t%s\tHTTP %ld\n", key, origin, ahead,
		    r.status);
	}
	http_reply_free(&r);
	return rc != 0;
}

static int
do_probe(void)
{
	static const char *const keys[] = { "kiteApiUrl", "kiteLoginUrl",
	    "nseListUrl", "nseHolidayUrl", "upstoxHolidayUrl" };
	struct conf *c = open_conf();
	struct http *h;
	struct fault f;
	int bad = 0;

	if (http_open(&h, conf_str(c, "caFile"), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	puts("key\tserver\tclock_ahead_ms\tanswer");
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		bad += probe(c, h, keys[i]);
	http_close(h);
	conf_close(c);
	return bad > 0;
}

/* ---- get, show ---- */

static const struct conf_key *
find_key(const char *name)
{
	size_t n;
	const struct conf_key *k = conf_keys(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(k[i].name, name) == 0)
			return &k[i];
	return NULL;
}

/* Appends the value as text; the elements of a list with sep behind each but
 * the last. */
static void
add_value(struct buf *b, const struct conf *c, const struct conf_key *k,
    const char *sep)
{
	const char *s;
	int rc = buf_room(b, 0);

	if (strcmp(k->name, "store") == 0)
		rc |= buf_adds(b, conf_store(c));
	else if (k->type == CONF_INT)
		rc |= buf_addf(b, "%" PRId64, conf_int(c, k->name));
	else if (k->type != CONF_LIST)
		rc |= buf_adds(b, conf_str(c, k->name));
	else
		for (size_t i = 0; (s = conf_item(c, k->name, i)) != NULL; i++)
			rc |= buf_addf(b, "%s%s", i > 0 ? sep : "", s);
	if (rc != 0)
		msg_die(EX_TEMPFAIL, "key %s", k->name);
}

static int
do_get(const char *name)
{
	struct conf *c = open_conf();
	const struct conf_key *k = find_key(name);
	const char *extra = k == NULL ? conf_extra(c, name) : NULL;
	struct buf b = { 0 };

	if (k == NULL && extra == NULL)
		msg_diex(EX_USAGE, "key %s is not known; see das-config(5)",
		    name);
	if (k != NULL && (k->flags & CONF_SECRET) && !with_secrets)
		msg_diex(EX_USAGE, "key %s is a secret; 'das-config get -s "
		    "%s' prints it", name, name);
	if (k != NULL)
		add_value(&b, c, k, "\n");
	if (k == NULL || k->type != CONF_LIST || b.len > 0)
		printf("%s\n", k != NULL ? b.p : extra);
	buf_free(&b);
	conf_close(c);
	return 0;
}

static int
do_show(void)
{
	size_t n;
	const struct conf_key *k = conf_keys(&n);
	struct conf *c = open_conf();
	struct buf b = { 0 }, value = { 0 };

	puts("key\tvalue\tsource");
	for (size_t i = 0; i < n; i++) {
		if (strchr(k[i].name, '.') != NULL &&
		    strcmp(conf_source(c, k[i].name), "default") == 0)
			continue;	/* no server of its own */
		buf_reset(&value);
		buf_reset(&b);
		add_value(&value, c, &k[i], ",");
		if ((k[i].flags & CONF_SECRET) && value.len > 0 &&
		    strcmp(value.p, k[i].def) != 0) {
			buf_reset(&value);
			if (buf_adds(&value, "***") != 0)
				msg_die(EX_TEMPFAIL, "key %s", k[i].name);
		}
		if (tsv_add(&b, value.p) != 0)
			msg_die(EX_TEMPFAIL, "key %s", k[i].name);
		printf("%s\t%s\t%s\n", k[i].name, b.p != NULL ? b.p : "",
		    conf_source(c, k[i].name));
	}
	buf_free(&b);
	buf_free(&value);
	conf_close(c);
	return 0;
}

/* ---- init ---- */

/* A new file's text: the original's keys, with what must be filled in. */
static int
write_template(struct buf *b)
{
	size_t n;
	const struct conf_key *k = conf_keys(&n);
	int rc = buf_adds(b, "{\n");

	for (int i = 0; i < CONF_ORIGINALS; i++) {
		const char *q = k[i].type == CONF_INT ||
		    k[i].type == CONF_REAL || k[i].type == CONF_BOOL ? "" :
		    "\"";

		rc |= buf_addf(b, "    \"%s\": %s%s%s,\n", k[i].name, q,
		    k[i].def, q);
	}
	return rc | buf_adds(b, "    \"mail\": \"smtp\"\n}\n");
}

static const char *
default_file(void)
{
	const char *env = getenv("DAS_CONFIG");

	if (opt_config() != NULL)
		return opt_config();
	return env != NULL && *env != '\0' ? env : "etc/dasConfig.json";
}

/* Written beside it under another name and then linked, which fails when the
 * name is taken, however late that happened. */
static int
do_init(const char *path)
{
	char new[PATH_MAX], dir[PATH_MAX];
	struct buf b = { 0 };
	struct fault f;
	int e;

	if ((size_t)snprintf(dir, sizeof(dir), "%s", path) >= sizeof(dir) ||
	    (size_t)snprintf(new, sizeof(new), "%s.new.%ld", path,
	    (long)getpid()) >= sizeof(new))
		msg_diex(EX_CANTCREAT, "%s: path too long", path);
	if (write_template(&b) != 0)
		msg_die(EX_TEMPFAIL, "%s", path);
	if (access(path, F_OK) == 0)
		msg_diex(EX_CANTCREAT, "%s: is there already and stays as it "
		    "is", path);
	if (file_mkdirs(dirname(dir), &f) != 0 ||
	    file_put(new, 0600, b.p, b.len, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	buf_free(&b);
	e = link(new, path) == -1 ? errno : 0;
	unlink(new);
	if (e == EEXIST)
		msg_diex(EX_CANTCREAT, "%s: is there already and stays as it "
		    "is", path);
	errno = e;
	if (e != 0)
		msg_die(EX_CANTCREAT, "%s", path);
	msg_warnx("%s is written; fill in the values 'Your_...', then run: "
	    "das-config -c %s check", path, path);
	return 0;
}

int
main(int argc, char *argv[])
{
	const char *verb;
	int c, rc, left;

	opt_init("das-config",
	    "check | get [-s] key | init [file] | probe | show");
	while ((c = opt_next(argc, argv, "s")) != -1)
		if (c == 's')
			with_secrets = true;
	left = argc - optind;
	verb = left > 0 ? argv[optind] : "";
	if (with_secrets && strcmp(verb, "get") != 0)
		opt_usage();
	if (strcmp(verb, "check") == 0 && left == 1)
		rc = do_check();
	else if (strcmp(verb, "probe") == 0 && left == 1)
		rc = do_probe();
	else if (strcmp(verb, "get") == 0 && left == 2)
		rc = do_get(argv[optind + 1]);
	else if (strcmp(verb, "show") == 0 && left == 1)
		rc = do_show();
	else if (strcmp(verb, "init") == 0 && left <= 2)
		rc = do_init(left == 2 ? argv[optind + 1] : default_file());
	else
		opt_usage();
	msg_close_stdout();
	return rc;
}
