#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "castout.h"
#include "castpage.h"
#include "sum.h"
#include "wshs.h"

/* The file as it is; no compiler's string may be that long. */
__asm__(
    ".pushsection .rodata\n"
    "castpage_from:\n"
    ".incbin \"src/clients/page/das.html\"\n"
    "castpage_to:\n"
    ".byte 0\n"
    ".balign 4\n"
    "castpage_size:\n"
    ".long castpage_to - castpage_from\n"
    ".popsection\n");
extern const char castpage_from[];
extern const uint32_t castpage_size;

enum {
	SHA256 = 32,
	HASH = (SHA256 + 2) / 3 * 4 + 1,	/* in base64, with NUL */
	TAG = 16			/* digits of the sum */
};

/* What stands between the first of two words and the second one. */
static const char *
between(const char *first, const char *last, size_t *n)
{
	const char *p, *end;

	if ((p = memmem(castpage_from, castpage_size, first, strlen(first))) ==
	    NULL)
		return NULL;
	p += strlen(first);
	end = memmem(p, castpage_size - (size_t)(p - castpage_from), last,
	    strlen(last));
	*n = end != NULL ? (size_t)(end - p) : 0;
	return end != NULL ? p : NULL;
}

static int
hash(const char *first, const char *last, char out[HASH])
{
	char hex[SUM_HEX];
	uint8_t raw[SHA256];
	unsigned v;
	size_t n;
	const char *p = between(first, last, &n);

	if (p == NULL || sum_bytes(p, n, hex) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(raw); i++) {
		if (sscanf(hex + 2 * i, "%2x", &v) != 1)
			return -1;
		raw[i] = (uint8_t)v;
	}
	wshs_base64(raw, sizeof(raw), out);
	return 0;
}

/* The headers of any answer, made once; NULL: out of memory. */
static const char *
headers(const char **tag)
{
	static char text[1024], sum[SUM_HEX];
	char script[HASH], style[HASH];

	*tag = sum;
	if (text[0] != '\0')
		return text;
	if (sum_bytes(castpage_from, castpage_size,
	    sum) != 0 || hash("<script>", "</script>", script) != 0 ||
	    hash("<style>", "</style>", style) != 0)
		return NULL;
	sum[TAG] = '\0';
	snprintf(text, sizeof(text), "ETag: \"%s\"\r\n"
	    "Cache-Control: no-cache\r\n"
	    "Content-Security-Policy: default-src 'none'; "
	    "script-src 'sha256-%s'; style-src 'sha256-%s'; img-src data:; "
	    "connect-src 'self'; base-uri 'none'; form-action 'none'; "
	    "frame-ancestors 'none'\r\n"
	    "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"
	    "Referrer-Policy: no-referrer\r\n"
	    "Cross-Origin-Opener-Policy: same-origin\r\n"
	    "Cross-Origin-Resource-Policy: same-origin\r\n"
	    "Connection: close\r\n", sum, script, style);
	return text;
}

void
castpage_answer(struct castclient *c, const struct hreq *q)
{
	const char *tag, *common = headers(&tag);
	char head[1400], quoted[SUM_HEX + 2];
	bool has;

	if (common == NULL) {
		castclient_end(c);
		return;
	}
	snprintf(quoted, sizeof(quoted), "\"%s\"", tag);
	has = hreq_lists(q->if_none_match, quoted);
	if (has)
		snprintf(head, sizeof(head), "HTTP/1.1 304 Not Modified\r\n"
		    "%s\r\n", common);
	else
		snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\n"
		    "Content-Type: text/html; charset=utf-8\r\n"
		    "Content-Length: %" PRIu32 "\r\n%s\r\n", castpage_size,
		    common);
	castout_raw(c, head, strlen(head));
	if (!has && c->state == CASTCLIENT_HEAD)
		castout_raw(c, castpage_from, castpage_size);
	castout_close(c, 0, "");
}
