#include <stdlib.h>
#include <string.h>

#include "tsv.h"

void
tsv_init(struct tsv *t, FILE *in, const char *name)
{
	*t = (struct tsv){ .in = in, .name = name };
	t->f = t->fields;
}

void
tsv_free(struct tsv *t)
{
	free(t->text);
	free(t->head);
	t->text = t->head = NULL;
}

/* Splits line at tabs; the number of fields, or -1 when there are too many. */
static int
split(char *line, char **field)
{
	int n = 0;
	char *tab;

	for (;; line = tab + 1) {
		if (n == TSV_MAX)
			return -1;
		field[n++] = line;
		if ((tab = strchr(line, '\t')) == NULL)
			return n;
		*tab = '\0';
	}
}

int
tsv_head(struct tsv *t, const char *line, size_t len)
{
	t->head_done = true;
	free(t->head);
	t->ncol = 0;
	t->head = NULL;
	if (memchr(line, '\0', len) != NULL) {
		t->why = "a NUL byte in the header";
		return -1;
	}
	if ((t->head = strndup(line, len)) == NULL) {
		t->why = "out of memory";
		return -1;
	}
	if ((t->ncol = split(t->head, t->cols)) == -1) {
		t->ncol = 0;
		t->why = "too many columns";
		return -1;
	}
	return 0;
}

int
tsv_row(struct tsv *t, char *line)
{
	t->nf = split(line, t->f);
	if (t->nf != t->ncol) {
		t->why = t->nf != -1 && t->nf < t->ncol ?
		    "fewer fields than columns" : "more fields than columns";
		return -1;
	}
	return 0;
}

/* Reads one line without its newline: 1, 0 at the end, -1. */
static int
read_line(struct tsv *t, size_t *len)
{
	ssize_t n = getline(&t->text, &t->cap, t->in);

	if (n <= 0) {
		t->why = ferror(t->in) ? "cannot be read" : NULL;
		return ferror(t->in) ? -1 : 0;
	}
	t->line++;
	if (t->text[n - 1] != '\n') {
		t->why = "the line is torn: no newline at its end";
		return -1;
	}
	t->text[n - 1] = '\0';
	*len = (size_t)n - 1;
	if (memchr(t->text, '\0', *len) != NULL) {
		t->why = "a NUL byte in the line";
		return -1;
	}
	return 1;
}

static int
need_head(struct tsv *t)
{
	size_t len;
	int rc;

	if (t->head_done)
		return t->head != NULL ? 0 : -1;
	t->head_done = true;
	if ((rc = read_line(t, &len)) != 1) {
		if (rc == 0)
			t->why = "no header line";
		return -1;
	}
	return tsv_head(t, t->text, len);
}

int
tsv_col(struct tsv *t, const char *name)
{
	if (need_head(t) != 0)
		return -1;
	for (int i = 0; i < t->ncol; i++)
		if (strcmp(t->cols[i], name) == 0)
			return i;
	return -1;
}

int
tsv_next(struct tsv *t)
{
	size_t len;
	int rc;

	if (need_head(t) != 0)
		return -1;
	if ((rc = read_line(t, &len)) != 1)
		return rc;
	return tsv_row(t, t->text) == 0 ? 1 : -1;
}

bool
tsv_null(const char *field)
{
	return field[0] == '\\' && field[1] == 'N' && field[2] == '\0';
}

char *
tsv_decode(char *s)
{
	char *to = s;

	for (char *p = s; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0') {
			p++;
			*to++ = *p == 't' ? '\t' : *p == 'n' ? '\n' : *p;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	return s;
}

int
tsv_addn(struct buf *b, const char *s, size_t n)
{
	const char *end = s + n, *from;

	while (s < end) {
		for (from = s; s < end && *s != '\t' && *s != '\n' &&
		    *s != '\\' && *s != '\0'; s++)
			;
		if (buf_add(b, from, (size_t)(s - from)) != 0)
			return -1;
		if (s < end && buf_add(b, *s == '\t' ? "\\t" : *s == '\n' ?
		    "\\n" : *s == '\\' ? "\\\\" : "\\0", 2) != 0)
			return -1;
		s++;
	}
	return 0;
}

int
tsv_add(struct buf *b, const char *s)
{
	return s == NULL ? buf_add(b, "\\N", 2) : tsv_addn(b, s, strlen(s));
}
