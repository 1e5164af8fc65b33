#include <ctype.h>
#include <string.h>

#include "sqlwords.h"

static bool
is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' ||
	    (unsigned char)c >= 0x80;
}

/* Behind a quoted thing that begins at p; the end of the text when it has no
 * end.  Two quotes are one of the text. */
static const char *
behind_quoted(const char *p)
{
	char end = *p == '[' ? ']' : *p;

	for (p++; *p != '\0'; p++)
		if (*p == end) {
			if (end == ']' || p[1] != end)
				return p + 1;
			p++;
		}
	return p;
}

static const char *
behind_comment(const char *p)
{
	const char *end = *p == '-' ? strchr(p, '\n') : strstr(p + 2, "*/");

	if (end == NULL)
		return p + strlen(p);
	return end + (*p == '-' ? 1 : 2);
}

static const char *
skip(const char *p)
{
	for (;;) {
		p += strspn(p, " \t\r\n\f\v");
		if ((p[0] != '-' || p[1] != '-') &&
		    (p[0] != '/' || p[1] != '*'))
			return p;
		p = behind_comment(p);
	}
}

/* The text of a word of n bytes, quoted or not. */
static void
take(struct sqlword *w, const char *p, size_t n)
{
	char quote = strchr("\"`[", *p) != NULL ? *p : '\0';
	size_t k = 0, i = quote != '\0';
	size_t end = quote != '\0' && n > 1 ? n - 1 : n;

	for (; i < end; i++) {
		if (k == sizeof(w->name) - 1) {
			k = 0;
			break;
		}
		w->name[k++] = p[i];
		if (p[i] == quote && quote != '[')
			i++;		/* the second of two */
	}
	w->name[k] = '\0';
}

int
sqlword_next(const char **p, struct sqlword *w)
{
	const char *s = *p, *end;

	for (;; s = end) {
		s = skip(s);
		if (*s == '\0') {
			*p = s;
			return 0;
		}
		end = s + 1;
		if (*s == '\'') {
			end = behind_quoted(s);
		} else if (isdigit((unsigned char)*s)) {
			while (is_word(*end) || *end == '.')
				end++;
		} else if (*s == '"' || *s == '`' || *s == '[') {
			end = behind_quoted(s);
			break;
		} else if (is_word(*s)) {
			while (is_word(*end))
				end++;
			break;
		}
	}
	w->p = s;
	w->len = (size_t)(end - s);
	take(w, s, w->len);
	w->dot = *skip(end) == '.';
	*p = end;
	return 1;
}
