#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "casthost.h"
#include "num.h"
#include "tlss.h"

enum { HOST = 256 };

/* The name in "name", "name:port" or "[address]:port". */
static int
name_of(const char *host, char out[HOST])
{
	size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	int64_t port;

	if (n == 0 || n >= HOST || n > strlen(host) ||
	    (host[n] != '\0' && (host[n] != ':' ||
	    num_i64(host + n + 1, 1, 65535, &port) != 0)))
		return -1;
	if (*host == '[') {
		host++;
		n -= 2;
	}
	memcpy(out, host, n);
	out[n] = '\0';
	return 0;
}

/* Names can be made to point anywhere, digits cannot. */
static bool
is_address(const char *name)
{
	struct in6_addr a;

	return inet_pton(AF_INET, name, &a) == 1 ||
	    inet_pton(AF_INET6, name, &a) == 1;
}

/* The host of one of castOrigins. */
static bool
listed(const struct cast *k, const char *name)
{
	char other[HOST];
	const char *s;

	for (size_t i = 0; (s = conf_item(k->conf, "castOrigins", i)) != NULL;
	    i++)
		if ((s = strstr(s, "://")) != NULL &&
		    name_of(s + 3, other) == 0 && strcasecmp(other, name) == 0)
			return true;
	return false;
}

bool
casthost_ours(const struct cast *k, const char *host)
{
	char name[HOST], own[HOST] = "";

	if (*host == '\0')
		return true;
	if (name_of(host, name) != 0)
		return false;
	if (is_address(name) || strcasecmp(name, "localhost") == 0)
		return true;
	if (gethostname(own, sizeof(own) - 1) == 0 && *own != '\0' &&
	    strcasecmp(name, own) == 0)
		return true;
	return listed(k, name) || (k->tls != NULL && tlss_named(k->tls, name));
}

/* What stands behind "http://" or "https://"; NULL. */
static const char *
behind_scheme(const char *origin)
{
	if (strncasecmp(origin, "http://", 7) == 0)
		return origin + 7;
	return strncasecmp(origin, "https://", 8) == 0 ? origin + 8 : NULL;
}

bool
casthost_origin(const struct cast *k, const char *origin, const char *host)
{
	static const char *const hosts[] = { "localhost", "127.0.0.1",
	    "[::1]" };
	const char *at = behind_scheme(origin), *s;
	char own[64];

	if (*origin == '\0')
		return true;
	if (at != NULL && strcasecmp(at, host) == 0)
		return casthost_ours(k, host);
	for (size_t i = 0; at != NULL && i < sizeof(hosts) / sizeof(*hosts);
	    i++) {
		snprintf(own, sizeof(own), "%s:%d", hosts[i], k->port);
		if (strcasecmp(own, at) == 0)
			return true;
	}
	for (size_t i = 0; (s = conf_item(k->conf, "castOrigins", i)) != NULL;
	    i++)
		if (strcasecmp(s, origin) == 0)
			return true;
	return false;
}
