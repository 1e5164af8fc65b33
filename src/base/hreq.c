#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "hreq.h"

enum { KEY_LEN = 24 };		/* 16 bytes in base64 */

size_t
hreq_end(const char *p, size_t n)
{
	const char *end = p + n, *at = p;

	while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		at++;
		if (at < end && *at == '\n')
			return (size_t)(at + 1 - p);
		if (end - at >= 2 && at[0] == '\r' && at[1] == '\n')
			return (size_t)(at + 2 - p);
	}
	return 0;
}

/* A character of a token, RFC 9110 section 5.6.2. */
static bool
is_token(char c)
{
	return isalnum((unsigned char)c) ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
all_token(const char *s)
{
	const char *from = s;

	while (is_token(*s))
		s++;
	return *s == '\0' && s > from;
}

/* Cuts the next line off, without its end; NULL: there is none, or it has what
 * no line may have. */
static char *
line(char **p, char *end)
{
	char *s = *p, *nl = memchr(s, '\n', (size_t)(end - s));

	if (nl == NULL)
		return NULL;
	*p = nl + 1;
	if (nl > s && nl[-1] == '\r')
		nl--;
	*nl = '\0';
	for (char *c = s; c < nl; c++)
		if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
			return NULL;
	return s;
}

/* "GET /path?query HTTP/1.1" */
static int
request_line(struct hreq *q, char *s)
{
	char *path = strchr(s, ' '), *version, *mark;

	if (path == NULL)
		return 400;
	*path++ = '\0';
	if ((version = strchr(path, ' ')) == NULL)
		return 400;
	*version++ = '\0';
	if (!all_token(s) || *path != '/' || strncmp(version, "HTTP/", 5) != 0)
		return 400;
	if (strcmp(version, "HTTP/1.1") != 0 &&
	    strcmp(version, "HTTP/1.0") != 0)
		return 505;
	if ((mark = strchr(path, '?')) != NULL)
		*mark++ = '\0';
	q->method = s;
	q->path = path;
	q->query = mark != NULL ? mark : version + strlen(version);
	return 0;
}

/* "Name: value" */
static int
header(struct hreq *q, char *s)
{
	const struct { const char *name; char **to; bool many; } known[] = {
		{ "Host", &q->host, false },
		{ "Upgrade", &q->upgrade, false },
		{ "Connection", &q->connection, true },
		{ "Origin", &q->origin, false },
		{ "Authorization", &q->auth, false },
		{ "Sec-WebSocket-Key", &q->key, false },
		{ "Sec-WebSocket-Version", &q->version, false },
		{ "Sec-WebSocket-Extensions", &q->extensions, true },
		{ "Content-Length", &q->length, false },
		{ "Transfer-Encoding", &q->encoding, false },
		{ "If-None-Match", &q->if_none_match, true },
		{ "Last-Event-ID", &q->last_id, false },
	};
	char *value = strchr(s, ':'), *end;

	if (value == NULL)
		return 400;
	*value++ = '\0';
	if (!all_token(s))
		return 400;
	value += strspn(value, " \t");
	end = value + strlen(value);
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strcasecmp(s, known[i].name) != 0)
			continue;
		if (**known[i].to != '\0')
			return known[i].many ? 0 : 400;
		*known[i].to = value;
	}
	return 0;
}

int
hreq_read(struct hreq *q, char *head, size_t n)
{
	static char none[] = "";
	char *end = head + n, *s = line(&head, end);
	int rc;

	*q = (struct hreq){ none, none, none, none, none, none, none, none,
	    none, none, none, none, none, none, none };
	if (s == NULL)
		return 400;
	if ((rc = request_line(q, s)) != 0)
		return rc;
	while (head < end) {
		if ((s = line(&head, end)) == NULL)
			return 400;
		if (*s == '\0')
			return 0;
		if ((rc = header(q, s)) != 0)
			return rc;
	}
	return 400;
}

bool
hreq_lists(const char *list, const char *word)
{
	size_t n = strlen(word);

	while (*(list += strspn(list, ", \t")) != '\0') {
		size_t len = strcspn(list, ", \t");

		if (len == n && strncasecmp(list, word, n) == 0)
			return true;
		list += len;
	}
	return false;
}

static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ?
	    c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* s[n] decoded into out. */
static int
decode(const char *s, size_t n, char *out, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++, len++) {
		int high, low, c = s[i] == '+' ? ' ' : s[i];

		if (c == '%') {
			if (n - i < 3 || (high = digit(s[i + 1])) < 0 ||
			    (low = digit(s[i + 2])) < 0)
				return -1;
			c = high * 16 + low;
			i += 2;
		}
		if (c == '\0' || len + 1 >= size)
			return -1;
		out[len] = (char)c;
	}
	out[len] = '\0';
	return 1;
}

int
hreq_arg(const struct hreq *q, const char *name, char *out, size_t size)
{
	size_t n = strlen(name);
	const char *s = q->query;

	while (*s != '\0') {
		size_t len = strcspn(s, "&");

		if (len > n && s[n] == '=' && strncmp(s, name, n) == 0)
			return decode(s + n + 1, len - n - 1, out, size);
		s += len + (s[len] == '&');
	}
	return 0;
}

int
hreq_websocket(const struct hreq *q)
{
	if (strcmp(q->method, "GET") != 0 ||
	    strcasecmp(q->upgrade, "websocket") != 0 ||
	    !hreq_lists(q->connection, "upgrade") ||
	    strlen(q->key) != KEY_LEN ||
	    strspn(q->key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789+/") != KEY_LEN - 2 || strcmp(q->key + KEY_LEN - 2,
	    "==") != 0)
		return 400;
	return strcmp(q->version, "13") == 0 ? 0 : 426;
}
