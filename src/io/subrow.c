#include <string.h>

#include "flat.h"
#include "num.h"
#include "subrow.h"
#include "tsv.h"

int
subrow_column(const char *name)
{
	return strcmp(name, "seq") == 0 ? SUBROW_SEQ : castbook_field(name);
}

const char *
subrow_name(int column)
{
	return column == SUBROW_SEQ ? "seq" : castbook_fields[column];
}

bool
subrow_is(const char *p, size_t n)
{
	static const char start[] = "{\"symbol\":";

	return n > sizeof(start) && memcmp(p, start, sizeof(start) - 1) == 0;
}

const char *
subrow_read(struct subrow *r, const char *p, size_t n)
{
	struct flat o;
	struct flat_member m;
	enum flat_kind kind;
	int64_t seq;
	int col, next = 0;	/* they come in the order of the topic */

	memset(r->value, 0, sizeof(r->value));
	r->seq = 0;
	buf_reset(&r->text);
	if (buf_add(&r->text, p, n) != 0)
		return "out of memory";
	flat_open(&o, r->text.p, n);
	while ((kind = flat_next(&o, &m)) > FLAT_END) {
		col = next < SUBROW_COLS && strcmp(m.key, subrow_name(next)) ==
		    0 ? next : subrow_column(m.key);
		if (col == -1)
			continue;
		next = col + 1;
		if (kind == FLAT_NULL)
			continue;
		r->value[col] = m.value;
		r->len[col] = m.len;
	}
	if (kind == FLAT_BAD)
		return "a row that is no flat JSON object";
	if (r->value[0] == NULL)
		return "a row without a symbol";
	if (r->value[SUBROW_SEQ] != NULL) {
		if (num_i64(r->value[SUBROW_SEQ], 1, INT64_MAX, &seq) != 0)
			return "a row whose seq is no number";
		r->seq = (uint64_t)seq;
	}
	return NULL;
}

int
subrow_tsv(const struct subrow *r, const int *col, int ncol, struct buf *out)
{
	for (int i = 0; i < ncol; i++) {
		const char *v = r->value[col[i]];

		if ((i > 0 && buf_add(out, "\t", 1) != 0) ||
		    (v == NULL ? tsv_add(out, NULL) :
		    tsv_addn(out, v, r->len[col[i]])) != 0)
			return -1;
	}
	return buf_add(out, "\n", 1);
}

void
subrow_free(struct subrow *r)
{
	buf_free(&r->text);
}

int
subrow_json(const char *p, size_t n, struct buf *out)
{
	const size_t from = out->len;

	if (buf_add(out, p, n) != 0 || buf_add(out, "\n", 1) != 0)
		return -1;
	for (size_t i = from; i < out->len - 1; i++)
		if ((unsigned char)out->p[i] < ' ')
			out->p[i] = ' ';	/* between two members */
	return 0;
}
