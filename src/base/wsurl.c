#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "num.h"
#include "wsurl.h"

bool
wsurl_loopback(const struct wsurl *u)
{
	const char *host = u->host;

	return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
	    (strncmp(host, "127.", 4) == 0 &&
	    host[strspn(host, "0123456789.")] == '\0');
}

/* ":port" or nothing at s, up to end. */
static int
read_port(struct wsurl *p, const char *s, const char *end)
{
	char text[8];
	int64_t n;

	p->port = p->tls ? 443 : 80;
	if (s == end)
		return 0;
	if (*s != ':' || (size_t)(end - s) > sizeof(text))
		return -1;
	memcpy(text, s + 1, (size_t)(end - s - 1));
	text[end - s - 1] = '\0';
	if (num_i64(text, 1, 65535, &n) != 0)
		return -1;
	p->port = (int)n;
	return 0;
}

int
wsurl_read(struct wsurl *p, const char *url)
{
	const char *s, *end, *host_end;
	size_t n;

	*p = (struct wsurl){ .tls = strncasecmp(url, "wss://", 6) == 0 };
	if (!p->tls && strncasecmp(url, "ws://", 5) != 0)
		return -1;
	s = strchr(url, '/') + 2;
	end = s + strcspn(s, "/?#");
	if (memchr(s, '@', (size_t)(end - s)) != NULL)
		return -1;		/* user:password */
	p->rest = end;
	snprintf(p->origin, sizeof(p->origin), "%s://%.*s", p->tls ? "wss" :
	    "ws", (int)(end - s < 280 ? end - s : 280), s);
	if (*s == '[') {
		s++;
		if ((host_end = memchr(s, ']', (size_t)(end - s))) == NULL)
			return -1;
		n = (size_t)(host_end++ - s);
	} else {
		if ((host_end = memchr(s, ':', (size_t)(end - s))) == NULL)
			host_end = end;
		n = (size_t)(host_end - s);
	}
	if (n == 0 || n >= sizeof(p->host))
		return -1;
	memcpy(p->host, s, n);
	return read_port(p, host_end, end);
}
