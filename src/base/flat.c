#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "flat.h"

void
flat_open(struct flat *o, char *text, size_t n)
{
	*o = (struct flat){ .p = text, .end = text + n, .n = -1 };
	text[n] = '\0';		/* ends every scan below */
}

static void
blanks(struct flat *o)
{
	while (*o->p == ' ' || *o->p == '\t' || *o->p == '\n' ||
	    *o->p == '\r')
		o->p++;
}

/* Takes a character that must be there. */
static bool
take(struct flat *o, char c)
{
	blanks(o);
	if (o->p == o->end || *o->p != c)
		return false;
	o->p++;
	return true;
}

/* Four hexadecimal digits; -1: they are none. */
static int32_t
hex4(const char *p)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	int32_t v = 0;
	const char *d;

	for (int i = 0; i < 4; i++) {
		if (p[i] == '\0' || (d = strchr(digits, p[i])) == NULL)
			return -1;
		v = v << 4 | (int32_t)((d - digits) % 16);
	}
	return v;
}

/* UTF-8 of a code point; the end. */
static char *
put_utf8(char *to, int32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
		return to;
	}
	if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*to++ = (char)(0xe0 | c >> 12);
		} else {
			*to++ = (char)(0xf0 | c >> 18);
			*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (c & 0x3f));
	return to;
}

/* What stands behind a backslash at o->p, into to; its end, NULL: nothing. */
static char *
escape(struct flat *o, char *to)
{
	static const char from[] = "\"\\/bfnrt", as[] = "\"\\/\b\f\n\r\t";
	const char *at;
	int32_t c, low;

	if (*o->p != 'u') {
		if (*o->p == '\0' || (at = strchr(from, *o->p)) == NULL)
			return NULL;
		o->p++;
		*to = as[at - from];
		return to + 1;
	}
	if ((c = hex4(o->p + 1)) == -1)
		return NULL;
	o->p += 5;
	if (c >= 0xdc00 && c <= 0xdfff)
		return NULL;
	if (c >= 0xd800 && c <= 0xdbff) {	/* the first of a pair */
		if (o->p[0] != '\\' || o->p[1] != 'u' ||
		    (low = hex4(o->p + 2)) < 0xdc00 || low > 0xdfff)
			return NULL;
		o->p += 6;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	return put_utf8(to, c);
}

/* The text whose quote has been taken: without escapes, in its own place. */
static char *
text(struct flat *o, size_t *len)
{
	char *start = o->p, *to = o->p;

	while (*o->p != '"') {
		if ((unsigned char)*o->p < ' ')	/* the end too */
			return NULL;
		if (*o->p != '\\') {
			*to++ = *o->p++;
		} else {
			o->p++;
			if ((to = escape(o, to)) == NULL)
				return NULL;
		}
	}
	o->p++;
	*to = '\0';
	*len = (size_t)(to - start);
	return start;
}

static const char *
digits(const char *p)
{
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

/* The end of the number at p; NULL: there is none. */
static const char *
number(const char *p)
{
	const char *q;

	p += *p == '-';
	if ((q = digits(p)) == p || (*p == '0' && q > p + 1))
		return NULL;
	p = q;
	if (*p == '.') {
		p++;
		if ((q = digits(p)) == p)
			return NULL;
		p = q;
	}
	if (*p == 'e' || *p == 'E') {
		p++;
		p += *p == '+' || *p == '-';
		if ((q = digits(p)) == p)
			return NULL;
		p = q;
	}
	return p;
}

/* A value that is no text: what it is, and its end. */
static enum flat_kind
bare(const char *p, const char **end)
{
	static const struct { const char *word; enum flat_kind kind; } words[] =
	{ { "null", FLAT_NULL }, { "true", FLAT_BOOL }, { "false", FLAT_BOOL } };

	for (size_t i = 0; i < 3; i++)
		if (strncmp(p, words[i].word, strlen(words[i].word)) == 0) {
			*end = p + strlen(words[i].word);
			return words[i].kind;
		}
	*end = number(p);
	return *end != NULL ? FLAT_NUMBER : FLAT_BAD;
}

/*
 * The NUL behind a bare value goes where the comma or brace was, which is
 * therefore taken here: *last says which it was.
 */
static enum flat_kind
bare_member(struct flat *o, struct flat_member *m, char *last)
{
	const char *end;
	enum flat_kind kind = bare(o->p, &end);

	if (kind == FLAT_BAD)
		return FLAT_BAD;
	m->value = o->p;
	m->len = (size_t)(end - o->p);
	o->p += m->len;
	blanks(o);
	*last = *o->p;
	if (*last != '\0')
		o->p++;
	m->value[m->len] = '\0';
	return kind;
}

enum flat_kind
flat_next(struct flat *o, struct flat_member *m)
{
	enum flat_kind kind = FLAT_TEXT;
	size_t n;
	char last;

	if (o->n == -1) {
		o->n = 0;
		if (!take(o, '{'))
			return FLAT_BAD;
		if (take(o, '}'))
			o->n = -2;
	}
	if (o->n == -2) {		/* the brace was taken */
		blanks(o);
		return o->p == o->end ? FLAT_END : FLAT_BAD;
	}
	if (!take(o, '"') || (m->key = text(o, &n)) == NULL ||
	    strlen(m->key) != n || !take(o, ':'))
		return FLAT_BAD;
	blanks(o);
	if (*o->p == '"') {
		o->p++;
		if ((m->value = text(o, &m->len)) == NULL)
			return FLAT_BAD;
		blanks(o);
		last = *o->p;
		if (last != '\0')
			o->p++;
	} else {
		kind = bare_member(o, m, &last);
	}
	if (kind == FLAT_BAD || (last != ',' && last != '}'))
		return FLAT_BAD;
	o->n = last == '}' ? -2 : o->n + 1;
	return kind;
}
