#include "buf.h"
#include "clk.h"
#include "texts.h"
#include "tsv.h"

/* Opens the file when it is not, and appends. */
static size_t
put(void *arg, const void *p, size_t n, struct fault *f)
{
	struct texts *t = arg;

	if (t->file.path == NULL && append_open(&t->file, t->path,
	    "recvTime\tconn\ttype\ttext", f) != 0)
		return 0;
	return append_put(&t->file, p, n, f) == 0 ? n : 0;
}

void
texts_init(struct texts *t, const char *path, size_t max)
{
	*t = (struct texts){ .path = path, .hold = { .max = max, .put = put,
	    .arg = t } };
}

static int
add_row(struct buf *b, const struct capture_frame *c, const char *type)
{
	char at[CLK_TEXT];

	if (buf_addf(b, "%s\t%u\t", clk_to_ist(c->recv_us, at),
	    (unsigned)c->conn) != 0 || tsv_add(b, type) != 0 ||
	    buf_add(b, "\t", 1) != 0 ||
	    tsv_addn(b, (const char *)c->p, c->len) != 0)
		return -1;
	return buf_add(b, "\n", 1);
}

int
texts_put(struct texts *t, const struct capture_frame *c, const char *type)
{
	struct buf row = { 0 };
	int rc = -1;

	t->count++;
	if (hold_over(&t->hold))
		fault_set(&t->hold.why, EX_TEMPFAIL, "%s: %zu bytes wait for "
		    "the disk, no more are held", t->path, t->hold.len);
	else if (add_row(&row, c, type) != 0)
		fault_sys(&t->hold.why, 0, "%s", t->path);
	else
		rc = hold_put(&t->hold, row.p, row.len);
	buf_free(&row);
	t->lost += rc == -1;
	return rc;
}

int
texts_retry(struct texts *t)
{
	return hold_retry(&t->hold);
}

int
texts_close(struct texts *t, struct fault *f)
{
	int rc;

	while ((rc = hold_retry(&t->hold)) == 1)
		;
	if (rc != 0 && f != NULL)
		*f = t->hold.why;
	hold_free(&t->hold);
	if (append_close(&t->file, rc == 0 ? f : NULL) != 0)
		rc = -1;
	return rc;
}
