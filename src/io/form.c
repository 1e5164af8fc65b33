#include <ctype.h>
#include <string.h>

#include "form.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decodes from[n] into out; 1 or -1. */
static int
decode(const char *from, size_t n, char *out, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		int c = (unsigned char)from[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			if (n - i < 3 || hex(from[i + 1]) == -1 ||
			    hex(from[i + 2]) == -1)
				return -1;
			c = hex(from[i + 1]) * 16 + hex(from[i + 2]);
			i += 2;
		}
		if (c == '\0' || len + 1 >= size)
			return -1;
		out[len++] = (char)c;
	}
	out[len] = '\0';
	return 1;
}

int
form_get(const char *text, const char *name, char *out, size_t size)
{
	size_t len = strlen(name);

	for (;;) {
		size_t n = strcspn(text, "&");

		if (n > len && text[len] == '=' &&
		    strncmp(text, name, len) == 0)
			return decode(text + len + 1, n - len - 1, out, size);
		if (text[n] == '\0')
			return 0;
		text += n + 1;
	}
}

int
form_cookie(const char *header, const char *name, char *out, size_t size)
{
	size_t len = strlen(name);

	for (;;) {
		size_t n;

		header += strspn(header, "; ");
		n = strcspn(header, ";");
		if (n > len && header[len] == '=' &&
		    strncmp(header, name, len) == 0) {
			if (n - len - 1 >= size)
				return -1;
			memcpy(out, header + len + 1, n - len - 1);
			out[n - len - 1] = '\0';
			return 1;
		}
		if (header[n] == '\0')
			return 0;
		header += n;
	}
}

int
form_escape(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		int rc;

		if ((c < 128 && isalnum(c)) || strchr("-._~", c) != NULL)
			rc = buf_add(b, s, 1);
		else
			rc = buf_addf(b, "%%%02X", c);
		if (rc != 0)
			return -1;
	}
	return 0;
}
