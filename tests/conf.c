/* The configuration file: types, sources, placeholders, secrets, paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "dbs.h"

static char dir[] = "/tmp/das-conf-XXXXXX";
static char path[100], secret[100];

static void
put(const char *file, const char *text, mode_t mode)
{
	FILE *fp;

	unlink(file);
	assert_non_null(fp = fopen(file, "w"));
	assert_true(fputs(text, fp) != EOF);
	assert_int_equal(fclose(fp), 0);
	assert_int_equal(chmod(file, mode), 0);
}

static struct conf *
open_text(const char *text)
{
	struct conf *c;
	struct fault f;

	put(path, text, 0600);
	if (conf_open(&c, path, &f) != 0)
		fail_msg("%s", f.text);
	return c;
}

/* The text is refused with these words and without "hunter2". */
static void
refused(const char *text, const char *words)
{
	struct conf *c;
	struct fault f;

	put(path, text, 0600);
	assert_int_equal(conf_open(&c, path, &f), -1);
	assert_int_equal(f.ex, EX_CONFIG);
	if (strstr(f.text, words) == NULL || strstr(f.text, path) == NULL ||
	    strstr(f.text, "hunter2") != NULL)
		fail_msg("'%s' for %s", f.text, text);
}

static void
defaults(void **state)
{
	struct conf *c = open_text("{}");
	char want[200];

	(void)state;
	assert_int_equal(conf_int(c, "retryCount"), 5);
	assert_true(conf_real(c, "ivRate") == 0);
	assert_true(isnan(conf_real(c, "ivCarry")));
	assert_true(conf_real(c, "ivSpreadPercent") == 10);
	assert_int_equal(conf_int(c, "httpTimeoutSeconds"), 30);
	assert_string_equal(conf_str(c, "kiteApiUrl"), "https://api.kite.trade");
	assert_string_equal(conf_item(c, "underlyings", 0), "NIFTY");
	assert_string_equal(conf_item(c, "underlyings", 2), "SENSEX");
	assert_null(conf_item(c, "underlyings", 3));
	assert_null(conf_item(c, "castOrigins", 0));
	assert_string_equal(conf_str(c, "castUrl"), "ws://localhost:8765");
	assert_string_equal(conf_str(c, "caFile"), "");
	assert_string_equal(conf_store(c), "sqlite");
	assert_string_equal(conf_source(c, "retryCount"), "default");
	assert_true(conf_is_placeholder(c, "apiKey"));
	assert_true(conf_is_placeholder(c, "senderEmailAddress"));
	assert_false(conf_is_placeholder(c, "mysqlHost"));
	assert_false(conf_is_placeholder(c, "nifty500DBName"));
	snprintf(want, sizeof(want), "%s/spool", dir);
	assert_string_equal(conf_str(c, "spoolDir"), want);
	assert_string_equal(conf_str(c, "dataDir"), dir);
	conf_close(c);
}

static void
values(void **state)
{
	struct conf *c = open_text("{\"retryCount\": 7, \"mail\": \"spool\","
	    "\"underlyings\": [\"NIFTY\", \"BANKEX\"], \"castSymbols\": \"all\","
	    "\"castOrigins\": \" http://a , http://b,\","
	    "\"dataDir\": \"/srv/das/\", \"logDir\": \"/var/log/das//\","
	    "\"kiteApiUrl\": \"http://127.0.0.1:80/\","
	    "\"finNiftyOptionsDBName\": \"fin\", \"nonsense\": 1}");

	(void)state;
	assert_int_equal(conf_int(c, "retryCount"), 7);
	assert_string_equal(conf_source(c, "retryCount"), "config");
	assert_string_equal(conf_item(c, "underlyings", 1), "BANKEX");
	assert_string_equal(conf_item(c, "castOrigins", 0), "http://a");
	assert_string_equal(conf_item(c, "castOrigins", 1), "http://b");
	assert_null(conf_item(c, "castOrigins", 2));
	assert_string_equal(conf_str(c, "dataDir"), "/srv/das");
	assert_string_equal(conf_str(c, "spoolDir"), "/srv/das/spool");
	assert_string_equal(conf_str(c, "sqlitePath"), "/srv/das/das.db");
	assert_string_equal(conf_str(c, "logDir"), "/var/log/das");
	assert_string_equal(conf_str(c, "kiteApiUrl"), "http://127.0.0.1:80");
	assert_string_equal(conf_extra(c, "finNiftyOptionsDBName"), "fin");
	assert_null(conf_extra(c, "nonsense"));
	assert_null(conf_extra(c, "absent"));
	assert_string_equal(conf_extra(c, "nifty500DBName"), "aws_das_nse");
	conf_close(c);
}

static void
bad_values(void **state)
{
	(void)state;
	refused("", "not JSON");
	refused("<html>", "not JSON");
	refused("[1]", "is a JSON array, want an object");
	refused("{\"apisec\": \"a\" \"hunter2\"}", "not JSON: line 1");
	refused("{\"ZerodhaPass\": \"hun\"hunter2\"}", "not JSON: line 1");
	refused("{\"mail\": \"spool\", \"mail\": \"smtp\"}", "duplicate");
	refused("{\"retryCount\": \"7\"}", "key retryCount: is a string, want "
	    "an integer");
	refused("{\"retryCount\": 7.5}", "is a real, want an integer");
	refused("{\"castTicks\": \"true\"}", "is a string, want true or "
	    "false");
	refused("{\"castTicks\": 1}", "is an integer, want true or false");
	refused("{\"retryCount\": 0}", "key retryCount: is 0, want 1 to 100");
	refused("{\"mysqlPort\": 65536}", "want 1 to 65535");
	refused("{\"ivRate\": 7}", "key ivRate: is 7, want a number of -1 to 1");
	refused("{\"ivRate\": \"0.07\"}", "is a string, want a number");
	refused("{\"ivQuoteAgeSeconds\": -0.5}", "want a number of 0 to 86400");
	refused("{\"apisec\": 12345}", "key apisec: is an integer, want a string");
	refused("{\"apisec\": [\"hunter2\"]}", "key apisec: is an array");
	refused("{\"apisec\": \"hunter2\\n\"}", "control character");
	refused("{\"apisec\": \"hunter2\\u0000\"}", "not JSON");
	refused("{\"apisec\": null}", "key apisec: is a null");
	refused("{\"apisec\": {\"fil\": \"x\"}}", "key apisec: is an object");
	refused("{\"apisec\": {\"file\": \"/nonexistent/x\"}}",
	    "key apisec: /nonexistent/x: No such file");
	refused("{\"mail\": \"pigeon\"}", "is 'pigeon', want one of smtp|spool");
	refused("{\"store\": \"sqlite|mysql\"}", "want one of sqlite|mysql");
	refused("{\"underlyings\": [\"NIFTY\", 1]}", "want an array of strings");
	refused("{\"underlyings\": [\"NIFTY,X\"]}", "want an array of strings");
	refused("{\"kiteApiUrl\": \"api.kite.trade\"}", "want a URL");
	refused("{\"spoolDir\": \"\"}", "key spoolDir: is empty");
}

/* "niftyOptionsDB": {...}: a server of its own, as far as it says. */
static void
servers(void **state)
{
	struct conf *c;
	struct fault f;
	struct dbs d;

	(void)state;
	put(secret, "hunter3\n", 0600);
	setenv("DAS_SENSEXOPTIONSDB_PORT", "3308", 1);
	c = open_text("{\"mysqlHost\": \"db1\", \"mysqlUser\": \"u\","
	    "\"mysqlPass\": \"p\", \"mysqlCaFile\": \"ca.pem\","
	    "\"niftyOptionsDB\": {\"host\": \"db2,db3:3307\", \"user\": \"me\","
	    "\"pass\": {\"file\": \"secret\"}, \"caFile\": \"/ca2\"},"
	    "\"bankNiftyOptionsDB\": {\"host\": \"db1\"},"
	    "\"accessTokenDB\": {\"host\": \"db4\", \"port\": 1}}");
	unsetenv("DAS_SENSEXOPTIONSDB_PORT");
	assert_string_equal(conf_source(c, "niftyOptionsDB.pass"), "file");
	assert_string_equal(conf_source(c, "sensexOptionsDB.port"),
	    "environment");
	assert_string_equal(conf_source(c, "niftyOptionsDB.port"), "default");
	if (dbs_init(&d, c, &f) != 0)
		fail_msg("%s", f.text);
	assert_int_equal(d.n, 4);
	assert_int_equal(dbs_of(&d, "aws_das_nse"), 0);
	assert_int_equal(dbs_of(&d, "aws_das_niftyopt"), 1);
	assert_int_equal(dbs_of(&d, "aws_das_bankopt"), 0);
	assert_int_equal(dbs_of(&d, "aws_das_sensexopt"), 2);
	assert_int_equal(dbs_of(&d, "another"), 0);
	assert_int_equal(d.tokens, 3);
	assert_string_equal(d.server[0].key, "mysqlHost");
	assert_string_equal(d.server[1].key, "niftyOptionsDB.host");
	assert_string_equal(d.server[1].host, "db2,db3:3307");
	assert_string_equal(d.server[1].user, "me");
	assert_string_equal(d.server[1].pass, "hunter3");
	assert_string_equal(d.server[1].ca, "/ca2");
	assert_int_equal(d.server[1].port, 3306);
	assert_string_equal(d.server[2].host, "db1");
	assert_string_equal(d.server[2].user, "u");
	assert_int_equal(d.server[2].port, 3308);
	assert_non_null(strstr(d.server[2].ca, "/ca.pem"));
	conf_close(c);
	/* the four of an old installation are one database, on one server */
	c = open_text("{\"nifty500DBName\": \"a\", \"niftyOptionsDBName\": "
	    "\"a\", \"niftyOptionsDB\": {\"host\": \"db2\"}}");
	assert_int_equal(dbs_init(&d, c, &f), -1);
	assert_int_equal(f.ex, EX_CONFIG);
	assert_non_null(strstr(f.text, "two servers"));
	conf_close(c);
	c = open_text("{\"nifty500DBName\": \"a`b\"}");
	assert_int_equal(dbs_init(&d, c, &f), -1);
	assert_int_equal(f.ex, EX_CONFIG);
	conf_close(c);
	refused("{\"nifty500DB\": \"db2\"}", "key nifty500DB: is a JSON "
	    "string, want an object");
	refused("{\"nifty500DB\": {\"port\": 65536}}", "key nifty500DB.port: ");
	refused("{\"nifty500DB\": {\"host\": 1}}", "want a string");
	refused("{\"nifty500DB\": {\"pass\": [\"hunter2\"]}}",
	    "key nifty500DB.pass: is an array");
	/* a password in an object is a secret too */
	put(path, "{\"nifty500DB\": {\"pass\": \"hunter2\"}}", 0640);
	assert_int_equal(conf_open(&c, path, &f), -1);
	assert_non_null(strstr(f.text, "chmod 600"));
}

static void
open_to_others(void **state)
{
	struct conf *c;
	struct fault f;

	(void)state;
	put(path, "{\"apisec\": \"hunter2\"}", 0640);
	assert_int_equal(conf_open(&c, path, &f), -1);
	assert_int_equal(f.ex, EX_CONFIG);
	assert_non_null(strstr(f.text, "run: chmod 600 /tmp/das-conf-"));
	assert_null(strstr(f.text, "hunter2"));
	chmod(path, 0604);
	assert_int_equal(conf_open(&c, path, &f), -1);
	chmod(path, 0600);
	assert_int_equal(conf_open(&c, path, &f), 0);
	conf_close(c);
	/* a placeholder is no secret, and one kept elsewhere is not in here */
	put(secret, "hunter2\n", 0600);
	put(path, "{\"apisec\": \"Your_Zerodha_apisec\","
	    "\"apiKey\": {\"file\": \"secret\"}}", 0644);
	assert_int_equal(conf_open(&c, path, &f), 0);
	assert_string_equal(conf_str(c, "apiKey"), "hunter2");
	conf_close(c);
	assert_int_equal(conf_open_any(&c, "/nonexistent/das.json", &f), -1);
	assert_int_equal(conf_open(&c, "/nonexistent/das.json", &f), -1);
	assert_int_equal(f.ex, EX_CONFIG);
	assert_int_equal(conf_open(&c, dir, &f), -1);
	assert_int_equal(f.ex, EX_CONFIG);
}

static void
sources(void **state)
{
	struct conf *c;

	(void)state;
	put(secret, "from-file\r\nsecond line\n", 0600);
	setenv("DAS_MARKETCLOSEHOUR", "17", 1);
	setenv("DAS_TOTP_SEED", "from-env", 1);
	setenv("DAS_UNDERLYINGS", "NIFTY, SENSEX", 1);
	setenv("DAS_APIKEY", "", 1);
	c = open_text("{\"apisec\": {\"file\": \"secret\"}, \"TOTP_seed\": \"x\","
	    "\"apiKey\": \"from-config\"}");
	assert_string_equal(conf_str(c, "apisec"), "from-file");
	assert_string_equal(conf_source(c, "apisec"), "file");
	assert_int_equal(conf_int(c, "marketCloseHour"), 17);
	assert_string_equal(conf_source(c, "marketCloseHour"), "environment");
	assert_string_equal(conf_str(c, "TOTP_seed"), "from-env");
	assert_string_equal(conf_item(c, "underlyings", 1), "SENSEX");
	assert_string_equal(conf_str(c, "apiKey"), "from-config");
	conf_close(c);
	setenv("DAS_MARKETCLOSEHOUR", "24", 1);
	refused("{}", "key marketCloseHour: is 24, want 0 to 23 "
	    "(from the environment)");
	unsetenv("DAS_MARKETCLOSEHOUR");
	unsetenv("DAS_TOTP_SEED");
	unsetenv("DAS_UNDERLYINGS");
	unsetenv("DAS_APIKEY");
}

static void
placeholders(void **state)
{
	struct conf *c = open_text("{\"mail\": \"spool\", \"apiKey\": \"\","
	    "\"mysqlHost\": \"db1\", \"mysqlPass\": \"\","
	    "\"apisec\": \"s\"}");

	(void)state;
	assert_true(conf_is_placeholder(c, "apiKey"));
	assert_false(conf_is_placeholder(c, "apisec"));
	assert_false(conf_is_placeholder(c, "senderEmailAddress"));
	assert_string_equal(conf_store(c), "mysql");
	assert_false(conf_is_placeholder(c, "mysqlHost"));
	assert_true(conf_is_placeholder(c, "mysqlUser"));
	assert_false(conf_is_placeholder(c, "mysqlPass"));
	conf_close(c);
	c = open_text("{\"mysqlHost\": \"db1\", \"store\": \"sqlite\","
	    "\"destinationEmailAddress\":"
	    " \"me@example.org, Your_destinationEmailAddress2\"}");
	assert_false(conf_is_placeholder(c, "mysqlUser"));
	assert_true(conf_is_placeholder(c, "destinationEmailAddress"));
	assert_true(conf_is_placeholder(c, "senderEmailPass"));
	conf_close(c);
	c = open_text("{\"store\": \"mysql\","
	    "\"destinationEmailAddress\": \"me@example.org\"}");
	assert_true(conf_is_placeholder(c, "mysqlHost"));
	assert_false(conf_is_placeholder(c, "destinationEmailAddress"));
	conf_close(c);
}

/* Relative paths: beside the file, above a folder "etc", or dataDir. */
static void
data_dir(void **state)
{
	char etc[120], file[140], want[200];
	struct conf *c;
	struct fault f;

	(void)state;
	snprintf(etc, sizeof(etc), "%s/etc", dir);
	snprintf(file, sizeof(file), "%s/dasConfig.json", etc);
	assert_int_equal(mkdir(etc, 0700), 0);
	put(file, "{}", 0600);
	assert_int_equal(conf_open(&c, file, &f), 0);
	snprintf(want, sizeof(want), "%s/lookup", dir);
	assert_string_equal(conf_str(c, "lookupDir"), want);
	assert_string_equal(conf_file(c), file);
	conf_close(c);
	put(file, "{\"dataDir\": \"data\"}", 0600);
	assert_int_equal(conf_open(&c, file, &f), 0);
	snprintf(want, sizeof(want), "%s/data/lookup", dir);
	assert_string_equal(conf_str(c, "lookupDir"), want);
	conf_close(c);

	/* found without -c: by $DAS_CONFIG, then ./etc */
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(conf_open(&c, NULL, &f), 0);
	assert_string_equal(conf_file(c), "etc/dasConfig.json");
	assert_string_equal(conf_str(c, "lookupDir"), want);
	conf_close(c);
	put(path, "{\"retryCount\": 9}", 0600);
	setenv("DAS_CONFIG", path, 1);
	assert_int_equal(conf_open(&c, NULL, &f), 0);
	assert_int_equal(conf_int(c, "retryCount"), 9);
	conf_close(c);
	unsetenv("DAS_CONFIG");
	unlink(file);
	rmdir(etc);
	if (access("/etc/das/dasConfig.json", F_OK) != 0) {
		assert_int_equal(conf_open(&c, NULL, &f), -1);
		assert_int_equal(f.ex, EX_CONFIG);
		assert_non_null(strstr(f.text, "das-config init"));
	}
	assert_int_equal(chdir("/"), 0);
}

static void
count(const char *key, void *arg)
{
	static const char *const want[] = { "apikey", "nifty500DB.hots",
	    "nifty500DB.host", "zebra" };

	assert_true(*(int *)arg < 4);
	assert_string_equal(key, want[*(int *)arg]);
	++*(int *)arg;
}

static void
unknown(void **state)
{
	struct conf *c = open_text("{\"apikey\": \"x\", \"mail\": \"spool\","
	    "\"nifty500DB\": {\"host\": \"a\", \"hots\": \"b\"},"
	    "\"nifty500DB.host\": \"c\", \"zebra\": 1}");
	int seen = 0;

	(void)state;
	conf_unknown(c, count, &seen);
	assert_int_equal(seen, 4);
	conf_close(c);
}

/* The defaults in the table are good values themselves, and no two keys have
 * one variable in the environment. */
static void
table(void **state)
{
	size_t n;
	const struct conf_key *k = conf_keys(&n);

	(void)state;
	assert_true(n > CONF_ORIGINALS);
	assert_string_equal(k[CONF_ORIGINALS - 1].name, "backupWorkerCount");
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(strcasecmp(k[i].name, k[j].name), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(values),
		cmocka_unit_test(bad_values),
		cmocka_unit_test(servers),
		cmocka_unit_test(open_to_others),
		cmocka_unit_test(sources),
		cmocka_unit_test(placeholders),
		cmocka_unit_test(data_dir),
		cmocka_unit_test(unknown),
		cmocka_unit_test(table),
	};
	int rc;

	unsetenv("DAS_CONFIG");
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/das.json", dir);
	snprintf(secret, sizeof(secret), "%s/secret", dir);
	rc = cmocka_run_group_tests_name("conf", tests, NULL, NULL);
	unlink(path);
	unlink(secret);
	rmdir(dir);
	return rc;
}
