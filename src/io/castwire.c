#include <stdbool.h>
#include <string.h>

#include "castwire.h"
#include "js.h"
#include "wsfs.h"

enum { ID_MAX = 20, NAME_MAX = 32 };	/* digits; letters */

/* Of {...,"seq":123} the digits, with the brace behind them; NULL. */
static const char *
find_id(const char *p, size_t n, size_t *len)
{
	static const char key[] = ",\"seq\":";
	size_t i = n - 1;

	if (n < sizeof(key) + 2 || p[n - 1] != '}')
		return NULL;
	while (i > sizeof(key) && n - i <= ID_MAX && p[i - 1] >= '0' &&
	    p[i - 1] <= '9')
		i--;
	*len = n - 1 - i;
	if (*len == 0 || memcmp(p + i - (sizeof(key) - 1), key,
	    sizeof(key) - 1) != 0)
		return NULL;
	return p + i;
}

/* Of {"type":"status",... the word; NULL. */
static const char *
find_type(const char *p, size_t n, size_t *len)
{
	static const char key[] = "{\"type\":\"";
	const char *at = p + sizeof(key) - 1;

	if (n < sizeof(key) + NAME_MAX / 4 ||
	    memcmp(p, key, sizeof(key) - 1) != 0)
		return NULL;
	for (*len = 0; at + *len < p + n && *len < NAME_MAX; ++*len)
		if (at[*len] == '"')
			return at;
	return NULL;
}

static int
put_event(struct buf *b, const char *p, size_t n)
{
	const char *word;
	size_t len, before = b->len;

	if ((word = find_type(p, n, &len)) != NULL) {
		if (buf_addf(b, "event: %.*s\n", (int)len, word) != 0)
			goto bad;
	} else if ((word = find_id(p, n, &len)) != NULL) {
		if (buf_addf(b, "id: %.*s\n", (int)len, word) != 0)
			goto bad;
	}
	if (buf_adds(b, "data: ") == 0 && buf_add(b, p, n) == 0 &&
	    buf_adds(b, "\n\n") == 0)
		return 0;
bad:
	b->len = before;
	return -1;
}

int
castwire_put(struct buf *b, enum castwire w, enum wsf_op op, const void *p,
    size_t n)
{
	if (w == CASTWIRE_WS)
		return wsfs_put(b, op, p, n);
	if (op != WSF_TEXT)
		return w == CASTWIRE_EVENTS && op == WSF_PING ?
		    buf_adds(b, ":\n\n") : 0;
	if (w == CASTWIRE_EVENTS)
		return put_event(b, p, n);
	if (buf_room(b, n + 1) != 0)
		return -1;
	(void)buf_add(b, p, n);		/* there is room */
	return buf_add(b, "\n", 1);
}

int
castwire_put_close(struct buf *b, enum castwire w, unsigned code,
    const char *why)
{
	struct buf text = { 0 };
	int rc;

	if (w == CASTWIRE_WS)
		return wsfs_put_close(b, code, why);
	rc = buf_addf(&text, "{\"type\":\"closed\",\"code\":%u,\"message\":",
	    code) == 0 && js_add(&text, why) == 0 && buf_adds(&text, "}") == 0 ?
	    castwire_put(b, w, WSF_TEXT, text.p, text.len) : -1;
	buf_free(&text);
	return rc;
}

enum ring_ends
castwire_ends(enum castwire w)
{
	return w == CASTWIRE_WS ? RING_FRAMES : w == CASTWIRE_EVENTS ?
	    RING_BLANK : RING_NEWLINE;
}
