#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "wshs.h"

enum { SWITCHING = 101, VERSION_LEN = 7 };

static const char version[] = "HTTP/1.";

void
wshs_base64(const uint8_t *p, size_t n, char *out)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3, out += 4) {
		uint32_t v = (uint32_t)p[i] << 16 |
		    (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) |
		    (i + 2 < n ? p[i + 2] : 0);

		for (int k = 0; k < 4; k++)
			out[k] = set[v >> (18 - 6 * k) & 63];
		if (i + 1 >= n)
			out[2] = '=';
		if (i + 2 >= n)
			out[3] = '=';
	}
	*out = '\0';
}

/* ---- the request ---- */

static bool
has_control(const char *s, const char *also)
{
	for (; *s != '\0'; s++)
		if (iscntrl((unsigned char)*s) || strchr(also, *s) != NULL)
			return true;
	return false;
}

int
wshs_request(struct buf *b, const struct wshs_request *r)
{
	static const char *const none[] = { NULL };
	const char *const *h = r->headers != NULL ? r->headers : none;
	size_t n = 200 + strlen(r->host) + strlen(r->path) + strlen(r->key);

	if (has_control(r->host, " /") || has_control(r->path, " "))
		goto invalid;
	for (size_t i = 0; h[i] != NULL; i++) {
		if (has_control(h[i], i % 2 == 0 ? " :" : ""))
			goto invalid;
		n += strlen(h[i]) + 4;
	}
	/* At once, so that no copy of what is secret is left behind. */
	if (buf_room(b, n) != 0 ||
	    buf_addf(b, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
	    "Sec-WebSocket-Version: 13\r\n", r->path, r->host, r->key) != 0)
		return -1;
	for (; h[0] != NULL; h += 2)
		if (buf_addf(b, "%s: %s\r\n", h[0], h[1]) != 0)
			return -1;
	return buf_adds(b, "\r\n");
invalid:
	errno = EINVAL;
	return -1;
}

/* ---- the answer ---- */

void
wshs_init(struct wshs *h, const uint8_t hash[WSHS_HASH])
{
	*h = (struct wshs){ 0 };
	wshs_base64(hash, WSHS_HASH, h->accept);
}

static enum wshs_rc
bad(struct wshs *h, const char *why)
{
	h->why = why;
	return WSHS_BAD;
}

/* Whether a list "a, b" has the word. */
static bool
lists(const char *s, const char *word)
{
	size_t n = strlen(word);

	while (*(s += strspn(s, ", \t")) != '\0') {
		size_t len = strcspn(s, ", \t");

		if (len == n && strncasecmp(s, word, n) == 0)
			return true;
		s += len;
	}
	return false;
}

/* "HTTP/1.1 101 Switching Protocols" */
static enum wshs_rc
status_line(struct wshs *h)
{
	const char *s = h->line + VERSION_LEN;

	if (strncmp(h->line, version, VERSION_LEN) != 0 ||
	    !isdigit((unsigned char)s[0]) || s[1] != ' ' ||
	    s[2] < '1' || s[2] > '5' || !isdigit((unsigned char)s[3]) ||
	    !isdigit((unsigned char)s[4]) || (s[5] != ' ' && s[5] != '\0'))
		return bad(h, "what is no HTTP");
	h->status = (s[2] - '0') * 100 + (s[3] - '0') * 10 + (s[4] - '0');
	return WSHS_MORE;
}

static void
header(struct wshs *h)
{
	char *value = strchr(h->line, ':'), *end;

	if (value == NULL)
		return;
	*value++ = '\0';
	value += strspn(value, " \t");
	end = value + strlen(value);
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	if (strcasecmp(h->line, "Upgrade") == 0)
		h->upgrade |= strcasecmp(value, "websocket") == 0;
	else if (strcasecmp(h->line, "Connection") == 0)
		h->connection |= lists(value, "upgrade");
	else if (strcasecmp(h->line, "Sec-WebSocket-Accept") == 0)
		h->accepted = strcmp(value, h->accept) == 0;
	else if (strcasecmp(h->line, "Sec-WebSocket-Extensions") == 0)
		h->extension |= *value != '\0';
}

/* The empty line.  An answer of 1xx announces another one. */
static enum wshs_rc
end_of_head(struct wshs *h)
{
	if (h->status != SWITCHING) {
		if (h->status >= 200)
			return WSHS_DONE;
		h->status = 0;
		h->upgrade = h->connection = h->accepted = h->extension = false;
		return WSHS_MORE;
	}
	if (!h->upgrade)
		return bad(h, "an upgrade to something that is no WebSocket");
	if (!h->connection)
		return bad(h, "HTTP 101 without \"Connection: Upgrade\"");
	if (!h->accepted)
		return bad(h, "a wrong Sec-WebSocket-Accept");
	if (h->extension)
		return bad(h, "an extension that nobody asked for");
	return WSHS_DONE;
}

static enum wshs_rc
end_of_line(struct wshs *h)
{
	size_t n = h->len < WSHS_LINE ? h->len : WSHS_LINE - 1;

	if (n > 0 && h->len == n && h->line[n - 1] == '\r')
		n--;
	h->line[n] = '\0';
	h->len = 0;
	if (h->status == 0)
		return status_line(h);
	if (n == 0)
		return end_of_head(h);
	header(h);
	return WSHS_MORE;
}

enum wshs_rc
wshs_feed(struct wshs *h, const uint8_t *p, size_t n, size_t *used)
{
	enum wshs_rc rc = WSHS_MORE;

	for (*used = 0; *used < n && rc == WSHS_MORE; ++*used) {
		char c = (char)p[*used];

		if (++h->total > WSHS_MAX)
			rc = bad(h, "a head of more than 16 KB");
		else if (c == '\n')
			rc = end_of_line(h);
		else {
			if (h->len < WSHS_LINE)
				h->line[h->len] = c;
			h->len++;
			if (h->status == 0 && h->len <= VERSION_LEN &&
			    c != version[h->len - 1])
				rc = bad(h, "what is no HTTP");
		}
	}
	return rc;
}
