#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "conf.h"
#include "file.h"
#include "js.h"
#include "num.h"

enum { FILE_MAX = 256 * 1024, SECRET_MAX = 4096 };

/* The server of one database: what is not set is as the mysql keys say. */
#define SERVER(db)	{ db ".host", CONF_STR, "", 0, 0, 0, NULL }, \
			{ db ".port", CONF_INT, "0", 0, 0, 65535, NULL }, \
			{ db ".user", CONF_STR, "", 0, 0, 0, NULL }, \
			{ db ".pass", CONF_STR, "", CONF_SECRET, 0, 0, NULL }, \
			{ db ".caFile", CONF_PATH, "", CONF_OPTIONAL, 0, 0, NULL }

static const struct conf_key keys[] = {
	/* the original's */
	{ "destinationEmailAddress", CONF_STR,
	    "Your_destinationEmailAddress1,Your_destinationEmailAddress2",
	    CONF_MAIL, 0, 0, NULL },
	{ "senderEmailAddress", CONF_STR, "Your_SenderEmailAddressATgmail.com",
	    CONF_MAIL, 0, 0, NULL },
	{ "senderEmailPass", CONF_STR, "Your_SenderEmailPass",
	    CONF_MAIL | CONF_SECRET, 0, 0, NULL },
	{ "TOTP_seed", CONF_STR, "Your_TOTP_seed", CONF_BROKER | CONF_SECRET,
	    0, 0, NULL },
	{ "ZerodhaLoginName", CONF_STR, "Your_ZerodhaLoginName", CONF_BROKER,
	    0, 0, NULL },
	{ "ZerodhaPass", CONF_STR, "Your_ZerodhaPass",
	    CONF_BROKER | CONF_SECRET, 0, 0, NULL },
	{ "apiKey", CONF_STR, "Your_Zerodha_apiKey", CONF_BROKER | CONF_SECRET,
	    0, 0, NULL },
	{ "apisec", CONF_STR, "Your_Zerodha_apisec", CONF_BROKER | CONF_SECRET,
	    0, 0, NULL },
	{ "mysqlHost", CONF_STR, "Your_mysqlHost", CONF_MYSQL, 0, 0, NULL },
	{ "mysqlUser", CONF_STR, "Your_mysqlUser", CONF_MYSQL, 0, 0, NULL },
	{ "mysqlPass", CONF_STR, "Your_mysqlPass", CONF_MYSQL | CONF_SECRET,
	    0, 0, NULL },
	{ "mysqlPort", CONF_INT, "3306", 0, 1, 65535, NULL },
	{ "accessTokenDBName", CONF_STR, "zerodha_tokens", 0, 0, 0, NULL },
	{ "nifty500DBName", CONF_STR, "aws_das_nse", 0, 0, 0, NULL },
	{ "niftyOptionsDBName", CONF_STR, "aws_das_niftyopt", 0, 0, 0, NULL },
	{ "bankNiftyOptionsDBName", CONF_STR, "aws_das_bankopt", 0, 0, 0, NULL },
	{ "sensexOptionsDBName", CONF_STR, "aws_das_sensexopt", 0, 0, 0, NULL },
	{ "marketCloseHour", CONF_INT, "15", 0, 0, 23, NULL },
	{ "marketCloseMinute", CONF_INT, "45", 0, 0, 59, NULL },
	{ "backupWorkerCount", CONF_INT, "4", 0, 1, 64, NULL },
	/* ours: CONF_ORIGINALS and on */
	{ "marketClose", CONF_STR, "", 0, 0, 0, "|auto" },
	{ "store", CONF_STR, "", 0, 0, 0, "|sqlite|mysql" },
	{ "mysqlCaFile", CONF_PATH, "", CONF_OPTIONAL, 0, 0, NULL },
	SERVER("accessTokenDB"), SERVER("nifty500DB"), SERVER("niftyOptionsDB"),
	SERVER("bankNiftyOptionsDB"), SERVER("sensexOptionsDB"),
	{ "mail", CONF_STR, "smtp", 0, 0, 0, "smtp|spool" },
	{ "dataDir", CONF_STR, "", 0, 0, 0, NULL },
	{ "sqlitePath", CONF_PATH, "das.db", 0, 0, 0, NULL },
	{ "spoolDir", CONF_PATH, "spool", 0, 0, 0, NULL },
	{ "lookupDir", CONF_PATH, "lookup", 0, 0, 0, NULL },
	{ "logDir", CONF_PATH, "log", 0, 0, 0, NULL },
	{ "archiveDir", CONF_PATH, "archive", 0, 0, 0, NULL },
	{ "tokenFile", CONF_PATH, "spool/access_token", 0, 0, 0, NULL },
	{ "captureLines", CONF_INT, "1", 0, 1, 2, NULL },
	{ "tickSilenceSeconds", CONF_INT, "30", 0, 0, 3600, NULL },
	{ "tokenCommand", CONF_STR, "das-token", 0, 0, 0, NULL },
	{ "kiteApiUrl", CONF_URL, "https://api.kite.trade", 0, 0, 0, NULL },
	{ "kiteLoginUrl", CONF_URL, "https://kite.zerodha.com", 0, 0, 0, NULL },
	{ "kiteTickerUrl", CONF_URL, "wss://ws.kite.trade", 0, 0, 0, NULL },
	{ "nseListUrl", CONF_URL, "https://nsearchives.nseindia.com/content/"
	    "indices/ind_nifty500list.csv", 0, 0, 0, NULL },
	{ "nseHolidayUrl", CONF_URL, "https://www.nseindia.com/api/"
	    "holiday-master?type=trading", 0, 0, 0, NULL },
	{ "upstoxHolidayUrl", CONF_URL, "https://api.upstox.com/v2/market/"
	    "holidays", 0, 0, 0, NULL },
	{ "smtpUrl", CONF_URL, "smtps://smtp.gmail.com:465", 0, 0, 0, NULL },
	{ "caFile", CONF_PATH, "", CONF_OPTIONAL, 0, 0, NULL },
	{ "holdMegabytes", CONF_INT, "256", 0, 1, 65536, NULL },
	{ "diskFloorMegabytes", CONF_INT, "512", 0, 0, 1 << 20, NULL },
	{ "diskReserveMegabytes", CONF_INT, "64", 0, 0, 65536, NULL },
	{ "underlyings", CONF_LIST, "NIFTY,BANKNIFTY,SENSEX", 0, 0, 0, NULL },
	{ "retryCount", CONF_INT, "5", 0, 1, 100, NULL },
	{ "retryDelaySeconds", CONF_INT, "30", 0, 0, 3600, NULL },
	{ "httpTimeoutSeconds", CONF_INT, "30", 0, 1, 600, NULL },
	{ "castListen", CONF_LIST, "127.0.0.1:8765,[::1]:8765", 0, 0, 0, NULL },
	{ "castIntervalSeconds", CONF_INT, "5", 0, 1, 3600, NULL },
	{ "castToken", CONF_STR, "", CONF_SECRET, 0, 0, NULL },
	{ "castCert", CONF_PATH, "", CONF_OPTIONAL, 0, 0, NULL },
	{ "castKey", CONF_PATH, "", CONF_OPTIONAL, 0, 0, NULL },
	{ "castSocket", CONF_PATH, "", CONF_OPTIONAL, 0, 0, NULL },
	{ "castOrigins", CONF_LIST, "", 0, 0, 0, NULL },
	{ "castUrl", CONF_STR, "ws://localhost:8765", 0, 0, 0, NULL },
	{ "castQueueBytes", CONF_INT, "8388608", 0, 65536, 1 << 30, NULL },
	{ "castMaxClients", CONF_INT, "16384", 0, 1, 1 << 20, NULL },
	{ "castMaxPerAddress", CONF_INT, "64", 0, 1, 1 << 20, NULL },
	{ "castSymbols", CONF_STR, "", 0, 0, 0, NULL },
	{ "castQuery", CONF_BOOL, "false", 0, 0, 0, "true|false" },
	{ "castTicks", CONF_BOOL, "true", 0, 0, 0, "true|false" },
	{ "atmWindow", CONF_INT, "5", 0, 0, 1000, NULL },
	{ "ivRate", CONF_REAL, "0", 0, -1, 1, NULL },
	{ "ivCarry", CONF_REAL, "", CONF_OPTIONAL, -1, 1, NULL },
	{ "ivPrice", CONF_STR, "mid", 0, 0, 0, "mid|ltp" },
	{ "ivQuoteAgeSeconds", CONF_REAL, "10", 0, 0, 86400, NULL },
	{ "ivTradeAgeSeconds", CONF_REAL, "5", 0, 0, 86400, NULL },
	{ "ivSpreadPercent", CONF_REAL, "10", 0, 0, 200, NULL },
	{ "ivSpreadTicks", CONF_INT, "2", 0, 0, 1000000, NULL },
	{ "ivUncertaintyPercent", CONF_REAL, "25", 0, 0, 1000000, NULL },
};
enum { NKEYS = sizeof(keys) / sizeof(*keys) };

/* Where a value came from; the words of "das-config show". */
static const char SRC_DEFAULT[] = "default", SRC_CONFIG[] = "config",
    SRC_FILE[] = "file", SRC_ENV[] = "environment";

struct conf {
	struct js	*doc;
	char		*value[NKEYS];	/* text; elements of a list end in NUL,
					 * the list in another */
	int64_t		 num[NKEYS];
	const char	*source[NKEYS];
	char		 file[PATH_MAX];
	char		 data[PATH_MAX];	/* dataDir, absolute */
};

const struct conf_key *
conf_keys(size_t *n)
{
	*n = NKEYS;
	return keys;
}

static int
find(const char *name)
{
	for (int i = 0; i < NKEYS; i++)
		if (strcmp(keys[i].name, name) == 0)
			return i;
	return -1;
}

static int
must_find(const char *name)
{
	int i = find(name);

	if (i == -1)
		abort();	/* a tool asks for a key that is not in keys[] */
	return i;
}

/* The value of a key in the file: of "a.b" that of b in the object a. */
static const struct js *
in_file(const struct conf *c, const char *name)
{
	const char *dot = strchr(name, '.');
	char first[64];

	if (dot == NULL)
		return js_get(c->doc, name);
	snprintf(first, sizeof(first), "%.*s", (int)(dot - name), name);
	return js_get(js_get(c->doc, first), dot + 1);
}

/* DAS_APISEC for apisec, DAS_A_B for a.b; NULL when it is not set or empty. */
static const char *
from_env(const char *name)
{
	char env[64] = "DAS_";
	size_t n = strlen(env);
	const char *s;

	for (; *name != '\0' && n < sizeof(env) - 1; name++)
		env[n++] = *name == '.' ? '_' :
		    (char)toupper((unsigned char)*name);
	env[n] = '\0';
	s = getenv(env);
	return s != NULL && *s != '\0' ? s : NULL;
}

/* The first line of a file; a relative path belongs to dataDir. */
static char *
from_file(const struct conf *c, const char *key, const char *path,
    struct fault *f)
{
	char full[PATH_MAX];
	struct buf b = { 0 };
	struct fault why;

	if (*path != '/') {
		if (file_join(full, sizeof(full), c->data, path, f) != 0)
			return NULL;
		path = full;
	}
	if (file_slurp(path, SECRET_MAX, &b, &why) != 0) {
		fault_set(f, EX_CONFIG, "key %s: %s", key, why.text);
		buf_free(&b);
		return NULL;
	}
	b.p[strcspn(b.p, "\r\n")] = '\0';
	return b.p;
}

/* "a,b" as "a\0b\0\0"; blanks around the elements go away. */
static char *
list_from_text(const char *s)
{
	char *list = calloc(1, strlen(s) + 3), *to = list;

	while (list != NULL && *s != '\0') {
		size_t n;

		s += strspn(s, " ,");
		n = strcspn(s, ",");
		memcpy(to, s, n);
		s += n;
		while (n > 0 && to[n - 1] == ' ')
			n--;
		to[n] = '\0';
		to += n + (n > 0);
	}
	if (list != NULL)
		*to = '\0';
	return list;
}

/* An array of strings as "a,b"; NULL when it is another array (no errno). */
static char *
join(const struct js *v)
{
	struct buf b = { 0 };
	const char *s;

	if (buf_room(&b, 0) != 0)
		return NULL;
	for (size_t i = 0; i < js_len(v); i++)
		if ((s = js_str(js_at(v, i))) == NULL ||
		    strchr(s, ',') != NULL ||
		    buf_addf(&b, "%s%s", i > 0 ? "," : "", s) != 0) {
			buf_free(&b);
			return NULL;
		}
	return b.p;
}

/* A value of the file as text: string, integer, array of strings or
 * {"file": PATH}. */
static char *
from_json(const struct conf *c, const struct conf_key *k, const struct js *v,
    struct fault *f)
{
	static const char *const wanted[] = { [CONF_INT] = "an integer",
	    [CONF_REAL] = "a number", [CONF_BOOL] = "true or false",
	    [CONF_LIST] = "an array of strings", [CONF_STR] = "a string",
	    [CONF_PATH] = "a string", [CONF_URL] = "a string" };
	const char *s, *want = wanted[k->type];
	struct buf b = { 0 };
	char *text = NULL;
	int64_t n;
	double x;

	errno = 0;
	if ((s = js_str(v)) != NULL && k->type != CONF_INT &&
	    k->type != CONF_REAL && k->type != CONF_BOOL)
		text = strdup(s);
	else if (js_double(v, &x) == 0 && k->type == CONF_REAL)
		text = buf_addf(&b, "%.15g", x) == 0 ? b.p : NULL;
	else if (js_int(v, &n) == 0 && k->type == CONF_INT)
		text = buf_addf(&b, "%jd", (intmax_t)n) == 0 ? b.p : NULL;
	else if (k->type == CONF_BOOL && strcmp(js_type(v), "boolean") == 0)
		text = strdup(js_true(v) ? "true" : "false");
	else if (k->type == CONF_LIST && strcmp(js_type(v), "array") == 0)
		text = join(v);
	else if ((s = js_str(js_get(v, "file"))) != NULL && js_len(v) == 1)
		return from_file(c, k->name, s, f);
	if (text == NULL && errno != 0)
		fault_sys(f, 0, "key %s", k->name);
	else if (text == NULL)
		fault_set(f, EX_CONFIG, "key %s: is %s %s, want %s", k->name,
		    strchr("aeiou", *js_type(v)) != NULL ? "an" : "a",
		    js_type(v), want);
	return text;
}

/* "word" in "a|word|b" */
static bool
in_words(const char *words, const char *s)
{
	size_t n = strlen(s);

	if (strchr(s, '|') != NULL)
		return false;
	for (const char *p = words;; p++) {
		if (strncmp(p, s, n) == 0 && (p[n] == '|' || p[n] == '\0'))
			return true;
		if ((p = strchr(p, '|')) == NULL)
			return false;
	}
}

/* Whether text can be a value of the key; no secret gets into the fault. */
static int
check(const struct conf_key *k, const char *text, int64_t *num,
    struct fault *f)
{
	double x;

	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return fault_set(f, EX_CONFIG, "key %s: has a control "
			    "character in it", k->name);
	if (k->type == CONF_INT && num_i64(text, k->min, k->max, num) != 0)
		return fault_set(f, EX_CONFIG, "key %s: is %s, want %jd to "
		    "%jd", k->name, text, (intmax_t)k->min, (intmax_t)k->max);
	if (k->type == CONF_REAL && num_double(text, (double)k->min,
	    (double)k->max, &x) != 0 &&
	    !(*text == '\0' && (k->flags & CONF_OPTIONAL)))
		return fault_set(f, EX_CONFIG, "key %s: is %s, want a number "
		    "of %jd to %jd", k->name, text, (intmax_t)k->min,
		    (intmax_t)k->max);
	if (k->words != NULL && !in_words(k->words, text))
		return fault_set(f, EX_CONFIG, "key %s: is '%s', want one of "
		    "%s", k->name, text, k->words + (*k->words == '|'));
	if (k->type == CONF_URL && strstr(text, "://") == NULL)
		return fault_set(f, EX_CONFIG, "key %s: is '%s', want a URL",
		    k->name, text);
	if (k->type == CONF_PATH && *text == '\0' &&
	    !(k->flags & CONF_OPTIONAL))
		return fault_set(f, EX_CONFIG, "key %s: is empty, want a path",
		    k->name);
	return 0;
}

/* A path or URL does not end in a slash. */
static void
trim_slashes(char *s)
{
	size_t n = strlen(s);

	while (n > 1 && s[n - 1] == '/')
		s[--n] = '\0';
}

/* Stores text as value i when it is good; takes text. */
static int
take(struct conf *c, int i, char *text, struct fault *f)
{
	const struct conf_key *k = &keys[i];
	char *list;

	if (check(k, text, &c->num[i], f) != 0) {
		free(text);
		return -1;
	}
	if (k->type == CONF_PATH || k->type == CONF_URL)
		trim_slashes(text);
	if (k->type == CONF_LIST) {
		list = list_from_text(text);
		free(text);
		if ((text = list) == NULL)
			return fault_sys(f, 0, "key %s", k->name);
	}
	free(c->value[i]);
	c->value[i] = text;
	return 0;
}

/* Default, file, environment: the last one that is there counts. */
static int
read_key(struct conf *c, int i, struct fault *f)
{
	const struct conf_key *k = &keys[i];
	const struct js *v = in_file(c, k->name);
	const char *env = from_env(k->name);
	char *text;

	if (env == NULL && v != NULL) {
		c->source[i] = js_get(v, "file") != NULL ? SRC_FILE :
		    SRC_CONFIG;
		text = from_json(c, k, v, f);
	} else {
		c->source[i] = env != NULL ? SRC_ENV : SRC_DEFAULT;
		text = strdup(env != NULL ? env : k->def);
		if (text == NULL)
			fault_sys(f, 0, "key %s", k->name);
	}
	return text != NULL ? take(c, i, text, f) : -1;
}

/* Where relative paths start; see conf.h.  Reads the key dataDir. */
static int
find_data_dir(struct conf *c, struct fault *f)
{
	char dir[PATH_MAX], *slash;
	const char *set;
	int n;

	if (read_key(c, must_find("dataDir"), f) != 0)
		return -1;
	set = c->value[must_find("dataDir")];
	if (realpath(*c->file != '\0' ? c->file : ".", dir) == NULL)
		return fault_sys(f, EX_CONFIG, "%s", c->file);
	if (*c->file == '\0')
		;			/* no file: the working directory */
	else if ((slash = strrchr(dir, '/')) != dir)
		*slash = '\0';
	else
		dir[1] = '\0';
	if (strcmp(dir, "/etc/das") == 0)
		snprintf(dir, sizeof(dir), "/var/lib/das");
	else if ((slash = strrchr(dir, '/')) != dir &&
	    strcmp(slash, "/etc") == 0)
		*slash = '\0';
	n = *set == '/' ? snprintf(c->data, sizeof(c->data), "%s", set) :
	    snprintf(c->data, sizeof(c->data), "%s%s%s", dir,
	    *set != '\0' ? "/" : "", set);
	if (n < 0 || (size_t)n >= sizeof(c->data))
		return fault_set(f, EX_CONFIG, "key dataDir: path too long");
	trim_slashes(c->data);
	return 0;
}

static int
make_absolute(struct conf *c, int i, struct fault *f)
{
	char path[PATH_MAX];

	if (*c->value[i] == '/' || *c->value[i] == '\0')
		return 0;
	if (file_join(path, sizeof(path), c->data, c->value[i], f) != 0)
		return -1;
	free(c->value[i]);
	if ((c->value[i] = strdup(path)) == NULL)
		return fault_sys(f, 0, "key %s", keys[i].name);
	return 0;
}

/* True when the file itself holds a secret that is not its placeholder. */
static bool
holds_secret(const struct conf *c)
{
	const char *s;

	for (int i = 0; i < NKEYS; i++)
		if ((keys[i].flags & CONF_SECRET) &&
		    (s = js_str(in_file(c, keys[i].name))) != NULL &&
		    strcmp(s, keys[i].def) != 0)
			return true;
	return false;
}

/* The path of the file into c->file; "" where there is none and that is fine. */
static int
locate(struct conf *c, const char *path, bool none_ok, struct fault *f)
{
	static const char *const places[] = {
		"etc/dasConfig.json", "/etc/das/dasConfig.json"
	};

	if (path == NULL && (path = getenv("DAS_CONFIG")) != NULL &&
	    *path == '\0')
		path = NULL;
	for (size_t i = 0; path == NULL && i < 2; i++)
		if (access(places[i], F_OK) == 0)
			path = places[i];
	if (path == NULL && none_ok)
		return 0;
	if (path == NULL)
		return fault_set(f, EX_CONFIG, "no configuration: neither -c, "
		    "$DAS_CONFIG, ./%s nor %s; 'das-config init' makes one",
		    places[0], places[1]);
	if ((size_t)snprintf(c->file, sizeof(c->file), "%s", path) >=
	    sizeof(c->file))
		return fault_set(f, EX_CONFIG, "%s: path too long", path);
	return 0;
}

/* The JSON of a text, which an editor on Windows begins with a mark. */
static struct js *
parse(const struct buf *text, struct fault *f)
{
	size_t mark = strncmp(text->p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	return js_parse(text->p + mark, text->len - mark, f);
}

/* The document of the file, whose owner alone can read its secrets. */
static int
read_document(struct conf *c, struct fault *f)
{
	struct buf text = { 0 };
	struct fault why;
	struct stat st;
	int rc = -1;

	if (file_slurp(c->file, FILE_MAX, &text, &why) != 0)
		fault_set(f, EX_CONFIG, "%s", why.text);
	else if (stat(c->file, &st) != 0)
		fault_sys(f, EX_CONFIG, "%s", c->file);
	else if ((c->doc = parse(&text, &why)) == NULL)
		fault_set(f, EX_CONFIG, "%s: %s", c->file, why.text);
	else if (strcmp(js_type(c->doc), "object") != 0)
		fault_set(f, EX_CONFIG, "%s: is a JSON %s, want an object",
		    c->file, js_type(c->doc));
	else if ((st.st_mode & 077) != 0 && holds_secret(c))
		fault_set(f, EX_CONFIG, "%s: holds secrets and others can "
		    "read it; run: chmod 600 %s", c->file, c->file);
	else
		rc = 0;
	if (text.p != NULL)
		explicit_bzero(text.p, text.len);
	buf_free(&text);
	return rc;
}

/* Is there a key "name.something"? */
static bool
is_group(const char *name)
{
	size_t n = strlen(name);

	for (int i = 0; i < NKEYS; i++)
		if (strncmp(keys[i].name, name, n) == 0 &&
		    keys[i].name[n] == '.')
			return true;
	return false;
}

struct no_object { char name[64]; const char *type; };

/* Finds a key that must be an object and is none. */
static void
look_for_group(const char *key, const struct js *v, void *arg)
{
	struct no_object *bad = arg;

	if (strcmp(js_type(v), "object") != 0 && is_group(key)) {
		snprintf(bad->name, sizeof(bad->name), "%s", key);
		bad->type = js_type(v);
	}
}

static int
load(struct conf *c, struct fault *f)
{
	struct no_object bad = { .type = NULL };
	const char *where = "configuration";
	struct fault why;

	if (*c->file != '\0' && read_document(c, f) != 0)
		return -1;
	js_each(c->doc, look_for_group, &bad);
	if (bad.type != NULL)
		return fault_set(f, EX_CONFIG, "%s: key %s: is a JSON %s, want "
		    "an object", c->file, bad.name, bad.type);
	if (*c->file != '\0')
		where = c->file;
	if (find_data_dir(c, &why) != 0)
		return fault_set(f, EX_CONFIG, "%s: %s", where, why.text);
	for (int i = 0; i < NKEYS; i++)
		if (read_key(c, i, &why) != 0 || (keys[i].type == CONF_PATH &&
		    make_absolute(c, i, &why) != 0))
			return fault_set(f, EX_CONFIG, "%s: %s%s", where,
			    why.text, c->source[i] == SRC_ENV ?
			    " (from the environment)" : "");
	return 0;
}

static int
open_conf(struct conf **out, const char *path, bool none_ok, struct fault *f)
{
	struct conf *c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return fault_sys(f, 0, "configuration");
	if (locate(c, path, none_ok, f) != 0 || load(c, f) != 0) {
		conf_close(c);
		return -1;
	}
	*out = c;
	return 0;
}

int
conf_open(struct conf **out, const char *path, struct fault *f)
{
	return open_conf(out, path, false, f);
}

int
conf_open_any(struct conf **out, const char *path, struct fault *f)
{
	return open_conf(out, path, true, f);
}

void
conf_close(struct conf *c)
{
	if (c == NULL)
		return;
	for (int i = 0; i < NKEYS; i++) {
		if (c->value[i] != NULL && (keys[i].flags & CONF_SECRET))
			explicit_bzero(c->value[i], strlen(c->value[i]));
		free(c->value[i]);
	}
	js_free(c->doc);
	free(c);
}

const char *
conf_file(const struct conf *c)
{
	return c->file;
}

const char *
conf_str(const struct conf *c, const char *key)
{
	int i = must_find(key);

	if (strcmp(key, "dataDir") == 0 && *c->data != '\0')
		return c->data;
	return c->value[i];
}

int64_t
conf_int(const struct conf *c, const char *key)
{
	int i = must_find(key);

	if (keys[i].type != CONF_INT)
		abort();
	return c->num[i];
}

double
conf_real(const struct conf *c, const char *key)
{
	int i = must_find(key);
	double x = NAN;

	if (keys[i].type != CONF_REAL)
		abort();
	(void)num_double(c->value[i], (double)keys[i].min,
	    (double)keys[i].max, &x);	/* "": not set */
	return x;
}

bool
conf_true(const struct conf *c, const char *key)
{
	int i = must_find(key);

	if (keys[i].type != CONF_BOOL)
		abort();
	return strcmp(c->value[i], "true") == 0;
}

const char *
conf_item(const struct conf *c, const char *key, size_t i)
{
	const char *p = c->value[must_find(key)];

	for (; *p != '\0' && i > 0; i--)
		p += strlen(p) + 1;
	return *p != '\0' ? p : NULL;
}

const char *
conf_extra(const struct conf *c, const char *key)
{
	int i = find(key);

	return i != -1 ? c->value[i] : js_str(in_file(c, key));
}

const char *
conf_source(const struct conf *c, const char *key)
{
	return c->source[must_find(key)];
}

const char *
conf_store(const struct conf *c)
{
	const char *s = conf_str(c, "store");
	int host = must_find("mysqlHost");

	if (*s != '\0')
		return s;
	return *c->value[host] != '\0' &&
	    strcmp(c->value[host], keys[host].def) != 0 ? "mysql" : "sqlite";
}

/* True for the documented default and for nothing at all.  In a list of
 * addresses one default is enough; a password may be empty where no login is
 * needed, but the broker always wants one. */
static bool
left_open(const struct conf_key *k, const char *s)
{
	if (*s == '\0')
		return !(k->flags & CONF_SECRET) || (k->flags & CONF_BROKER);
	if (k->flags & CONF_SECRET)
		return strcmp(s, k->def) == 0;
	for (; s != NULL; s = strchr(s, ',')) {
		s += strspn(s, ", ");
		if (strncmp(s, "Your_", 5) == 0)
			return true;
	}
	return false;
}

bool
conf_is_placeholder(const struct conf *c, const char *key)
{
	const struct conf_key *k = &keys[must_find(key)];

	if (!(k->flags & (CONF_BROKER | CONF_MAIL | CONF_MYSQL)) ||
	    !left_open(k, conf_str(c, key)))
		return false;
	if ((k->flags & CONF_MAIL) && strcmp(conf_str(c, "mail"), "spool") == 0)
		return false;
	return !(k->flags & CONF_MYSQL) || strcmp(conf_store(c), "mysql") == 0;
}

int
conf_shipped(const struct conf *c, const char *name, char *out, size_t size,
    struct fault *f)
{
	/* in the source; installed; from build-san/bin and build/tests */
	static const char *const beside[] = {
		"../lookup", "../share/das/lookup", "../../lookup"
	};
	char exe[PATH_MAX], dir[PATH_MAX + 32];
	ssize_t n;

	if (c != NULL) {
		if (file_join(out, size, conf_str(c, "lookupDir"), name,
		    f) != 0)
			return -1;
		if (access(out, R_OK) == 0)
			return 0;
	}
	if ((n = readlink("/proc/self/exe", exe, sizeof(exe) - 1)) == -1)
		return fault_sys(f, EX_OSERR, "/proc/self/exe");
	exe[n] = '\0';
	*strrchr(exe, '/') = '\0';
	for (size_t i = 0; i < 3; i++) {
		snprintf(dir, sizeof(dir), "%s/%s", exe, beside[i]);
		if (file_join(out, size, dir, name, f) == 0 &&
		    access(out, R_OK) == 0)
			return 0;
	}
	return fault_set(f, EX_CONFIG, "%s: neither in %s nor in %s/%s", name,
	    c != NULL ? conf_str(c, "lookupDir") : beside[0], exe, beside[1]);
}

struct unknown {
	void	(*fn)(const char *, void *);
	void	*arg;
	const char *group;	/* the object that is looked at, or NULL */
};

static void
is_unknown(const char *key, const struct js *v, void *arg)
{
	struct unknown *u = arg;
	char name[256];

	snprintf(name, sizeof(name), "%.100s%s%.100s",
	    u->group != NULL ? u->group : "", u->group != NULL ? "." : "", key);
	if (u->group == NULL && is_group(key)) {
		u->group = key;
		js_each(v, is_unknown, u);
		u->group = NULL;
	} else if (find(name) == -1 || (u->group == NULL &&
	    strchr(key, '.') != NULL))
		u->fn(name, u->arg);
}

void
conf_unknown(const struct conf *c, void (*fn)(const char *key, void *arg),
    void *arg)
{
	struct unknown u = { fn, arg, NULL };

	js_each(c->doc, is_unknown, &u);
}
