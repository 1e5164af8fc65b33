#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "conf.h"
#include "file.h"
#include "js.h"
#include "simconf.h"

static const struct {
	const char	*key, *env;
	size_t		 at;		/* in struct simkite_spec */
	const char	*value;		/* built in, no secret to anybody */
} account[] = {
	{ "ZerodhaLoginName", "DAS_ZERODHALOGINNAME",
	    offsetof(struct simkite_spec, user), "DAS001" },
	{ "ZerodhaPass", "DAS_ZERODHAPASS",
	    offsetof(struct simkite_spec, password), "open & shut=100% +1" },
	{ "TOTP_seed", "DAS_TOTP_SEED",
	    offsetof(struct simkite_spec, seed),
	    "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" },
	{ "apiKey", "DAS_APIKEY",
	    offsetof(struct simkite_spec, api_key), "simulatedapikey1" },
	{ "apisec", "DAS_APISEC",
	    offsetof(struct simkite_spec, api_secret),
	    "simulatedapisecret00000000000001" },
};
enum { NACCOUNT = sizeof(account) / sizeof(*account) };

static int
set(struct simkite_spec *a, size_t i, const char *value, struct fault *f)
{
	char *to = (char *)a + account[i].at;

	if (strlen(value) >= SIMKITE_TEXT)
		return fault_set(f, EX_CONFIG, "%s: longer than %d characters",
		    account[i].key, SIMKITE_TEXT - 1);
	memcpy(to, value, strlen(value) + 1);
	return 0;
}

int
simconf_account(struct simkite_spec *a, const char *path, struct fault *f)
{
	struct conf *c = NULL;
	int rc = 0;

	if (path != NULL && conf_open(&c, path, f) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < NACCOUNT; i++) {
		const char *value = account[i].value, *env;

		if (c != NULL && !conf_is_placeholder(c, account[i].key))
			value = conf_str(c, account[i].key);
		else if ((env = getenv(account[i].env)) != NULL)
			value = env;
		rc = set(a, i, value, f);
	}
	conf_close(c);
	return rc;
}

static int
add_str(struct buf *b, const char *key, const char *value)
{
	if (buf_addf(b, "%s\n\t\"%s\": ", b->len > 1 ? "," : "", key) != 0)
		return -1;
	return js_add(b, value);
}

static int
add_url(struct buf *b, const char *key, const char *scheme, int port,
    const char *path)
{
	char url[128];

	snprintf(url, sizeof(url), "%s://127.0.0.1:%d%s", scheme, port, path);
	return add_str(b, key, url);
}

/* dir and cert are those of at, as whole paths. */
static int
compose(struct buf *b, const struct simkite_spec *a,
    const struct simconf_place *at, const char *dir, const char *cert)
{
	const char *web = cert != NULL ? "https" : "http";
	const char *ws = cert != NULL ? "wss" : "ws";
	int http = at->http, smtp = at->smtp, rc = buf_adds(b, "{");

	for (size_t i = 0; rc == 0 && i < NACCOUNT; i++)
		rc = add_str(b, account[i].key,
		    (const char *)a + account[i].at);
	if (rc != 0 ||
	    add_url(b, "kiteApiUrl", web, http, "") != 0 ||
	    add_url(b, "kiteLoginUrl", web, http, "") != 0 ||
	    add_url(b, "kiteTickerUrl", ws, http, "") != 0 ||
	    add_url(b, "nseListUrl", web, http,
	    "/content/indices/ind_nifty500list.csv") != 0 ||
	    add_url(b, "nseHolidayUrl", web, http,
	    "/api/holiday-master?type=trading") != 0 ||
	    add_url(b, "upstoxHolidayUrl", web, http,
	    "/v2/market/holidays") != 0 ||
	    (smtp != 0 && add_url(b, "smtpUrl", "smtp", smtp, "") != 0) ||
	    (cert != NULL && add_str(b, "caFile", cert) != 0) ||
	    add_str(b, "mail", smtp != 0 ? "smtp" : "spool") != 0 ||
	    add_str(b, "destinationEmailAddress", "trader@example.com") != 0 ||
	    add_str(b, "senderEmailAddress", "das@example.com") != 0 ||
	    add_str(b, "senderEmailPass", "simulated mail password") != 0 ||
	    add_str(b, "store", "sqlite") != 0 ||
	    add_str(b, "dataDir", dir) != 0)
		return -1;
	return buf_adds(b, ",\n\t\"retryCount\": 2,"
	    "\n\t\"retryDelaySeconds\": 0\n}\n");
}

int
simconf_write(const char *path, const struct simkite_spec *a,
    const struct simconf_place *at, struct fault *f)
{
	char dir[PATH_MAX], cert[PATH_MAX];
	struct buf b = { 0 };
	int rc;

	if (file_mkdirs(at->dir, f) != 0)
		return -1;
	if (realpath(at->dir, dir) == NULL)
		return fault_sys(f, 0, "%s", at->dir);
	if (at->cert != NULL && realpath(at->cert, cert) == NULL)
		return fault_sys(f, 0, "%s", at->cert);
	if (compose(&b, a, at, dir, at->cert != NULL ? cert : NULL) != 0)
		rc = fault_sys(f, EX_OSERR, "%s", path);
	else
		rc = file_put(path, 0600, b.p, b.len, f);
	buf_free(&b);
	return rc;
}
