#include <stdlib.h>
#include <string.h>

#include <csv.h>	/* libcsv: -iquote keeps our own apart */

#include "csv.h"

struct csv_own {
	struct csv_parser parser;
	struct buf line;		/* as it was read, its end included */
	struct buf text;		/* the row's fields, NUL behind each */
	size_t	 start[CSV_COLS];	/* of each field in text */
	char	*fields[CSV_COLS];
	int	 n;			/* fields of the row so far */
	size_t	 bytes;			/* of the row so far */
	bool	 row, many, nomem;	/* row is whole; too many; no memory */
	struct buf head;		/* the header's fields */
	int	 ncol;
	size_t	 hstart[CSV_COLS];
	bool	 head_done, failed;
	long	 at;			/* line read last */
};

/* ---- what libcsv calls ---- */

static void
on_field(void *s, size_t len, void *arg)
{
	struct csv_own *o = arg;

	if (o->n == CSV_COLS) {
		o->many = true;
		return;
	}
	o->start[o->n++] = o->text.len;
	if (buf_add(&o->text, s != NULL ? s : "", s != NULL ? len : 0) != 0 ||
	    buf_add(&o->text, "", 1) != 0)
		o->nomem = true;
}

static void
on_row(int end, void *arg)
{
	(void)end;
	((struct csv_own *)arg)->row = true;
}

/* ---- reading ---- */

int
csv_open(struct csv *c, FILE *in, const char *name)
{
	*c = (struct csv){ .in = in, .name = name };
	if ((c->own = calloc(1, sizeof(*c->own))) == NULL)
		return -1;
	c->f = c->own->fields;
	if (csv_init(&c->own->parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
		free(c->own);
		c->own = NULL;
		return -1;
	}
	return 0;
}

void
csv_close(struct csv *c)
{
	if (c->own == NULL)
		return;
	csv_free(&c->own->parser);
	buf_free(&c->own->line);
	buf_free(&c->own->text);
	buf_free(&c->own->head);
	free(c->own);
	c->own = NULL;
}

static enum csv_rc
fail(struct csv *c, const char *why)
{
	c->own->failed = true;
	c->why = why;
	return CSV_FAIL;
}

/* Reads one line with its end, whichever of the three: CSV_OK, _END, _FAIL. */
static enum csv_rc
read_line(struct csv *c)
{
	struct buf *b = &c->own->line;
	int ch, next;
	char one;

	buf_reset(b);
	for (;;) {
		if ((ch = getc_unlocked(c->in)) == EOF) {
			if (ferror(c->in))
				return fail(c, "cannot be read");
			if (b->len == 0)
				return CSV_END;
			c->torn = true;
			break;
		}
		if (++c->own->bytes > CSV_ROW)
			return fail(c, "the row is too long: no CSV, or a "
			    "quote that is not closed");
		if (ch == '\0')
			return fail(c, "a NUL byte: no CSV");
		one = (char)ch;
		if (buf_add(b, &one, 1) != 0)
			return fail(c, "out of memory");
		if (ch == '\n')
			break;
		if (ch == '\r') {
			if ((next = getc_unlocked(c->in)) == '\n') {
				if (buf_add(b, "\n", 1) != 0)
					return fail(c, "out of memory");
			} else if (next != EOF) {
				ungetc(next, c->in);
			}
			break;
		}
	}
	c->own->at++;
	return CSV_OK;
}

/* After a row that does not parse: libcsv begins anew with the next line. */
static enum csv_rc
bad_row(struct csv *c, const char *why)
{
	csv_free(&c->own->parser);
	if (csv_init(&c->own->parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
		return fail(c, "out of memory");
	c->why = why;
	return CSV_BAD;
}

/* Lines of the header: a BOM is no part of it, and HTML is noticed. */
static void
look_at_start(struct csv *c)
{
	struct buf *b = &c->own->line;
	size_t skip = c->own->at == 1 && b->len >= 3 &&
	    memcmp(b->p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	memmove(b->p, b->p + skip, b->len - skip + 1);
	b->len -= skip;
	if (b->p[strspn(b->p, " \t\r\n")] == '<')
		c->html = true;
}

/* Parses until a row is whole. */
static enum csv_rc
parse_row(struct csv *c)
{
	struct csv_own *o = c->own;
	struct buf *b = &o->line;
	enum csv_rc rc;

	o->n = 0;
	o->bytes = 0;
	o->row = o->many = false;
	buf_reset(&o->text);
	c->line = o->at + 1;
	while (!o->row) {
		if ((rc = read_line(c)) == CSV_FAIL)
			return rc;
		if (rc == CSV_END) {
			if (csv_fini(&o->parser, on_field, on_row, o) != 0) {
				c->torn = true;
				return bad_row(c, "a quote is not closed");
			}
			if (!o->row)
				return CSV_END;
			break;
		}
		if (o->ncol == 0)
			look_at_start(c);
		if (csv_parse(&o->parser, b->p, b->len, on_field, on_row,
		    o) != b->len)
			return csv_error(&o->parser) == CSV_ENOMEM ?
			    fail(c, "out of memory") :
			    bad_row(c, "a quote inside of a field");
		if (c->line == o->at && b->p[strspn(b->p, " \t\r\n")] == '\0') {
			c->line = o->at + 1;	/* empty lines are no rows */
			o->bytes = 0;
		}
	}
	if (o->nomem)
		return fail(c, "out of memory");
	return o->many ? bad_row(c, "too many columns") : CSV_OK;
}

static int
need_head(struct csv *c)
{
	struct csv_own *o = c->own;
	enum csv_rc rc;

	if (o->head_done)
		return o->ncol > 0 ? 0 : -1;
	o->head_done = true;
	if ((rc = parse_row(c)) != CSV_OK) {
		fail(c, rc == CSV_END ? "is empty: no header line" : c->why);
		return -1;
	}
	o->head = o->text;
	o->text = (struct buf){ 0 };
	memcpy(o->hstart, o->start, sizeof(o->hstart));
	o->ncol = o->n;
	return 0;
}

int
csv_col(struct csv *c, const char *name)
{
	if (need_head(c) != 0)
		return -1;
	for (int i = 0; i < c->own->ncol; i++)
		if (strcmp(c->own->head.p + c->own->hstart[i], name) == 0)
			return i;
	return -1;
}

int
csv_columns(struct csv *c)
{
	return need_head(c) == 0 ? c->own->ncol : 0;
}

enum csv_rc
csv_next(struct csv *c)
{
	struct csv_own *o = c->own;
	enum csv_rc rc;

	if (o->failed || need_head(c) != 0)
		return CSV_FAIL;
	if ((rc = parse_row(c)) != CSV_OK)
		return rc;
	for (int i = 0; i < o->n; i++)
		c->f[i] = o->text.p + o->start[i];
	c->nf = o->n;
	if (o->n != o->ncol) {
		c->why = o->n < o->ncol ? "fewer fields than columns" :
		    "more fields than columns";
		return CSV_BAD;
	}
	return CSV_OK;
}

static bool
must_quote(const char *s, size_t n)
{
	if (n > 0 && (s[0] == ' ' || s[0] == '\t' || s[n - 1] == ' ' ||
	    s[n - 1] == '\t'))
		return true;
	for (; n > 0; n--, s++)
		if (*s == ',' || *s == '"' || *s == '\r' || *s == '\n')
			return true;
	return false;
}

int
csv_fieldn(struct buf *b, const char *s, size_t n)
{
	const char *end = s + n;
	size_t was = b->len;

	if (!must_quote(s, n))
		return buf_add(b, s, n);
	if (buf_add(b, "\"", 1) != 0)
		return -1;
	for (; s < end; s++)
		if (buf_add(b, *s == '"' ? "\"\"" : s, *s == '"' ? 2 : 1) != 0)
			goto undo;
	if (buf_add(b, "\"", 1) == 0)
		return 0;
undo:
	b->p[b->len = was] = '\0';
	return -1;
}

int
csv_field(struct buf *b, const char *s)
{
	return csv_fieldn(b, s, strlen(s));
}
