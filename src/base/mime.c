#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "clk.h"
#include "mime.h"

enum {
	PLAIN_MAX = 200,	/* an ASCII subject up to here goes out as is */
	WORD_MAX = 75,		/* an encoded word, RFC 2047 section 2 */
	BODY_LINE = 900,	/* longer lines need an encoding: 998 is the end */
	QP_LINE = 75,		/* RFC 2045 section 6.7 (5), without the "=" */
	B64_IN = 57, B64_OUT = 76	/* bytes of a base64 line */
};

static const char hex[] = "0123456789ABCDEF";
static const char b64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* n bytes (at most B64_IN) as base64; gives out, NUL-terminated. */
static char *
to_b64(const unsigned char *p, size_t n, char out[B64_OUT + 1])
{
	char *to = out;

	for (; n > 0; p += 3) {
		unsigned a = p[0], b = n > 1 ? p[1] : 0, c = n > 2 ? p[2] : 0;

		*to++ = b64[a >> 2];
		*to++ = b64[(a & 3) << 4 | b >> 4];
		*to++ = n > 1 ? b64[(b & 15) << 2 | c >> 6] : '=';
		*to++ = n > 2 ? b64[c & 63] : '=';
		n -= n > 3 ? 3 : n;
	}
	*to = '\0';
	return out;
}

/* Bytes of the UTF-8 character at p (n > 0 left), 0 when it is none. */
static size_t
utf8_len(const unsigned char *p, size_t n)
{
	size_t want = *p < 0x80 ? 1 : *p >= 0xC2 && *p < 0xE0 ? 2 :
	    (*p & 0xF0) == 0xE0 ? 3 : *p >= 0xF0 && *p < 0xF5 ? 4 : 0;

	if (want > n)
		return 0;
	for (size_t i = 1; i < want; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	return want;
}

/* s as clean UTF-8 of one line, at most max bytes; true when all of it is
 * ASCII. */
static int
clean(struct buf *out, const char *s, size_t max, bool *ascii)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t left = strlen(s), n;

	*ascii = true;
	for (; left > 0; p += n, left -= n) {
		bool bad = (n = utf8_len(p, left)) == 0;

		if (bad)
			n = 1;
		if (out->len + n > max)
			break;
		if (n > 1)
			*ascii = false;
		if (buf_add(out, bad ? "?" : *p < ' ' || *p == 0x7F ? " " :
		    (const char *)p, n) != 0)
			return -1;
	}
	return buf_room(out, 0);	/* an empty one is "" */
}

int
mime_header(struct buf *out, const char *value, size_t col)
{
	enum { HEAD = 10, TAIL = 2 };	/* =?UTF-8?B? and ?= */
	struct buf text = { 0 };
	char word[B64_OUT + 1];
	const unsigned char *p;
	size_t left, n, room, len;
	bool ascii;
	int rc = -1;

	if (clean(&text, value, MIME_SUBJECT_MAX, &ascii) != 0)
		goto out;
	if (ascii && text.len <= PLAIN_MAX && strstr(text.p, "=?") == NULL) {
		rc = buf_add(out, text.p, text.len);
		goto out;
	}
	p = (const unsigned char *)text.p;
	for (left = text.len; left > 0; p += n, left -= n, col = 1) {
		room = (WORD_MAX - HEAD - TAIL - col) / 4 * 3;
		for (n = 0; n < left; n += len)	/* whole characters */
			if ((len = utf8_len(p + n, left - n)) > room - n)
				break;
		if (buf_addf(out, "%s=?UTF-8?B?%s?=", p == (unsigned char *)
		    text.p ? "" : "\n ", to_b64(p, n, word)) != 0)
			goto out;
	}
	rc = 0;
out:
	buf_free(&text);
	return rc;
}

int
mime_address_ok(const char *s)
{
	const char *at = strrchr(s, '@');

	if (at == NULL || at == s || at[1] == '\0' || strlen(s) > 254 ||
	    *s == '-')
		return 0;
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~' || strchr("<>(),;:\\\"[]", *s) != NULL)
			return 0;
	return 1;
}

int
mime_addresses(char *list, const char **to, struct fault *f)
{
	size_t n = 0;
	char *next, *end;

	for (char *p = list; p != NULL; p = next) {
		if ((next = strchr(p, ',')) != NULL)
			*next++ = '\0';
		p += strspn(p, " \t");
		for (end = p + strlen(p); end > p && strchr(" \t", end[-1]);)
			*--end = '\0';
		if (*p == '\0')
			continue;
		if (!mime_address_ok(p))
			return fault_set(f, EX_CONFIG, "'%.60s' is no mail "
			    "address (name@host)", p);
		if (n == MIME_TO_MAX)
			return fault_set(f, EX_CONFIG, "more than %d "
			    "recipients", MIME_TO_MAX);
		to[n++] = p;
	}
	to[n] = NULL;
	return n > 0 ? 0 : fault_set(f, EX_CONFIG, "no recipient");
}

const char *
mime_type(const char *name)
{
	static const char *const types[][2] = {
		{ ".csv", "text/csv; charset=utf-8" },
		{ ".gz", "application/gzip" },
		{ ".htm", "text/html; charset=utf-8" },
		{ ".html", "text/html; charset=utf-8" },
		{ ".json", "application/json" },
		{ ".log", "text/plain; charset=utf-8" },
		{ ".pdf", "application/pdf" },
		{ ".png", "image/png" },
		{ ".svg", "image/svg+xml" },
		{ ".tsv", "text/tab-separated-values; charset=utf-8" },
		{ ".txt", "text/plain; charset=utf-8" },
		{ ".zip", "application/zip" },
		{ ".zst", "application/zstd" },
	};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot != NULL && i < sizeof(types) / sizeof(*types);
	    i++)
		if (strcasecmp(dot, types[i][0]) == 0)
			return types[i][1];
	return "application/octet-stream";
}

/* ; filename="..." for plain names, filename*=UTF-8''%.. (RFC 2231) for
 * others. */
static int
file_name(struct buf *out, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct buf name = { 0 };
	bool ascii;
	int rc;

	rc = clean(&name, slash != NULL ? slash + 1 : path, 200, &ascii);
	if (rc == 0 && ascii && strpbrk(name.p, "\"\\") == NULL) {
		rc = buf_addf(out, ";\n filename=\"%s\"", name.p);
	} else if (rc == 0) {
		rc = buf_adds(out, ";\n filename*=UTF-8''");
		for (const char *p = name.p; rc == 0 && *p != '\0'; p++) {
			unsigned char c = (unsigned char)*p;

			rc = (c >= '0' && c <= '9') || strchr("-._~", c) ||
			    ((c | 32) >= 'a' && (c | 32) <= 'z') ?
			    buf_add(out, p, 1) : buf_addf(out, "%%%c%c",
			    hex[c >> 4], hex[c & 15]);
		}
	}
	buf_free(&name);
	return rc;
}

/* "Wed, 18 Nov 2026 15:45:03 +0530" */
static int
date(struct buf *out, int64_t us)
{
	static const char names[][4] = {
		"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat",
		"Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
	};
	int32_t day = clk_day_of(us);
	char ist[CLK_TEXT];
	int y, m, d;

	clk_day_split(day, &y, &m, &d);
	clk_to_ist(us, ist);
	ist[19] = '\0';			/* without the fraction */
	return buf_addf(out, "%s, %d %s %d %s +0530", names[clk_weekday(day)],
	    d, names[6 + m], y, ist + 11);
}

/* All headers of the mail itself, with the empty line behind them when there
 * is one part only. */
static int
headers(struct buf *b, const struct mime *m)
{
	const char *at = strrchr(m->from, '@');

	if (buf_addf(b, "From: %s\nTo: ", m->from) != 0)
		return -1;
	for (size_t i = 0; m->to[i] != NULL; i++)
		if (buf_addf(b, "%s%s", i > 0 ? ",\n " : "", m->to[i]) != 0)
			return -1;
	if (buf_adds(b, "\nSubject: ") != 0 ||
	    mime_header(b, m->subject, sizeof("Subject: ") - 1) != 0 ||
	    buf_adds(b, "\nDate: ") != 0 || date(b, m->date_us) != 0)
		return -1;
	return buf_addf(b, "\nMessage-ID: <%s@%s>\nAuto-Submitted: "
	    "auto-generated\nMIME-Version: 1.0\n", m->id,
	    at != NULL ? at + 1 : "localhost");
}

/* True when the text can go as it is: ASCII without other control characters
 * than tab and newline, in lines that are not too long. */
static bool
is_7bit(const char *p, size_t n)
{
	size_t line = 0;

	for (; n > 0; n--, p++) {
		line = *p == '\n' ? 0 : line + 1;
		if (line > BODY_LINE || (*p < ' ' && *p != '\n' && *p != '\t') ||
		    *p == 0x7F)
			return false;
	}
	return true;
}

static void
put_qp(FILE *out, const char *p, size_t n)
{
	size_t line = 0;

	for (; n > 0; n--, p++) {
		unsigned char c = (unsigned char)*p;
		bool last = n == 1 || p[1] == '\n';
		bool plain = (c > ' ' && c < 0x7F && c != '=') ||
		    ((c == ' ' || c == '\t') && !last);

		if (c == '\n') {
			putc('\n', out);
			line = 0;
			continue;
		}
		if (line + (plain ? 1 : 3) > QP_LINE) {
			fputs("=\n", out);
			line = 0;
		}
		if (plain)
			putc(c, out);
		else
			fprintf(out, "=%c%c", hex[c >> 4], hex[c & 15]);
		line += plain ? 1 : 3;
	}
	if (line > 0)
		putc('\n', out);
}

static void
put_text(FILE *out, const struct mime *m)
{
	bool plain = is_7bit(m->text, m->len);

	fprintf(out, "Content-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: %s\n\n", plain ? "7bit" :
	    "quoted-printable");
	if (!plain) {
		put_qp(out, m->text, m->len);
	} else if (m->len > 0) {
		fwrite(m->text, 1, m->len, out);
		if (m->text[m->len - 1] != '\n')
			putc('\n', out);
	}
}

static int
put_file(FILE *out, const struct mime_file *file, struct fault *f)
{
	unsigned char in[B64_IN];
	char line[B64_OUT + 1];
	struct buf name = { 0 };
	size_t n;

	if (file_name(&name, file->name) != 0) {
		buf_free(&name);
		return fault_sys(f, EX_TEMPFAIL, "mail");
	}
	fprintf(out, "Content-Type: %s\nContent-Disposition: attachment%s\n"
	    "Content-Transfer-Encoding: base64\n\n", mime_type(file->name),
	    name.p);
	buf_free(&name);
	while ((n = fread(in, 1, B64_IN, file->in)) > 0)
		fprintf(out, "%s\n", to_b64(in, n, line));
	if (ferror(file->in))
		return fault_sys(f, EX_IOERR, "%s", file->name);
	return 0;
}

int
mime_write(FILE *out, const struct mime *m, struct fault *f)
{
	struct buf head = { 0 };

	if (headers(&head, m) != 0) {
		buf_free(&head);
		return fault_sys(f, EX_TEMPFAIL, "mail");
	}
	fwrite(head.p, 1, head.len, out);
	buf_free(&head);
	if (m->nfile == 0) {
		put_text(out, m);
		return 0;
	}
	/* The id is random, so no part can have the boundary in it: base64 has
	 * no "=_" in a line and a body could only by knowing it. */
	fprintf(out, "Content-Type: multipart/mixed; boundary=\"=_%.60s\"\n\n"
	    "--=_%.60s\n", m->id, m->id);
	put_text(out, m);
	for (size_t i = 0; i < m->nfile; i++) {
		fprintf(out, "--=_%.60s\n", m->id);
		if (put_file(out, &m->file[i], f) != 0)
			return -1;
	}
	fprintf(out, "--=_%.60s--\n", m->id);
	return 0;
}
