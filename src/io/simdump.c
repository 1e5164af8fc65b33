#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "csv.h"
#include "file.h"
#include "gz.h"
#include "simdump.h"
#include "simreply.h"
#include "universe.h"

enum { FILE_MAX = 64 << 20 };

struct simdump {
	struct inst_set	 set;
	struct buf	 text, packed;	/* packed: made when first asked for */
	long		 bad;
	char		 why[256];	/* about the first bad row */
};

/* ---- a file ---- */

static void
note_bad(struct simdump *d, const char *path, long line, const char *why)
{
	if (d->bad++ == 0)
		snprintf(d->why, sizeof(d->why), "%s:%ld: %s", path, line, why);
}

static int
take_row(struct simdump *d, const struct csv *c, const int *col)
{
	const char *field[INST_DUMP_COLS];
	struct inst i, *to;
	struct fault f;

	for (int n = 0; n < INST_DUMP_COLS; n++)
		field[n] = col[n] == -1 ? "" : c->f[col[n]];
	if (inst_from_dump(&i, field, &f) != 0) {
		note_bad(d, c->name, c->line, f.text);
		return 0;
	}
	if ((to = inst_add(&d->set)) == NULL)
		return -1;
	*to = i;
	return 0;
}

/* Sorts, and keeps the first of the same token. */
static void
make_unique(struct inst_set *s)
{
	size_t n = 0;

	inst_sort(s);
	for (size_t i = 0; i < s->n; i++)
		if (n == 0 || s->v[i].token != s->v[n - 1].token)
			s->v[n++] = s->v[i];
	s->n = n;
}

static int
read_rows(struct simdump *d, struct csv *c, struct fault *f)
{
	int col[INST_DUMP_COLS];
	enum csv_rc rc;

	for (int n = 0; n < INST_DUMP_COLS; n++)
		col[n] = csv_col(c, inst_dump_cols[n]);
	while ((rc = csv_next(c)) == CSV_OK || rc == CSV_BAD) {
		if (rc == CSV_BAD)
			note_bad(d, c->name, c->line, c->why);
		else if (take_row(d, c, col) != 0)
			return fault_sys(f, EX_OSERR, "%s", c->name);
	}
	if (rc == CSV_FAIL)
		note_bad(d, c->name, c->line, c->why);
	make_unique(&d->set);
	return 0;
}

static int
read_file(struct simdump *d, const char *path, struct fault *f)
{
	struct csv c = { 0 };
	FILE *in;
	int rc;

	if (file_slurp(path, FILE_MAX, &d->text, f) != 0)
		return -1;
	if (d->text.len == 0) {
		note_bad(d, path, 1, "it is empty");
		return 0;
	}
	if ((in = fmemopen(d->text.p, d->text.len, "r")) == NULL)
		return fault_sys(f, EX_OSERR, "%s", path);
	if (csv_open(&c, in, path) != 0)
		rc = fault_sys(f, EX_OSERR, "%s", path);
	else
		rc = read_rows(d, &c, f);
	csv_close(&c);
	fclose(in);		/* only read from: nothing to lose */
	return rc;
}

/* ---- the whole ---- */

int
simdump_open(struct simdump **out, const char *path, const struct cal *cal,
    int32_t day, struct fault *f)
{
	struct simdump *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return fault_sys(f, EX_OSERR, "the instruments");
	if (path != NULL) {
		if (read_file(d, path, f) != 0)
			goto fail;
	} else {
		if (universe_make(&d->set, cal, day, f) != 0)
			goto fail;
		if (universe_dump(&d->text, &d->set, NULL) != 0) {
			fault_sys(f, EX_OSERR, "the instruments");
			goto fail;
		}
	}
	*out = d;
	return 0;
fail:
	simdump_close(d);
	return -1;
}

void
simdump_close(struct simdump *d)
{
	if (d == NULL)
		return;
	inst_free(&d->set);
	buf_free(&d->text);
	buf_free(&d->packed);
	free(d);
}

const struct inst_set *
simdump_set(const struct simdump *d)
{
	return &d->set;
}

long
simdump_bad(const struct simdump *d, const char **why)
{
	*why = d->why;
	return d->bad;
}

/* ---- requests ---- */

/* The header and the lines that end in ",EXCHANGE": it is the last column in
 * every form of the dump. */
static int
of_exchange(struct buf *out, const struct buf *text, const char *exchange)
{
	const char *p = text->p, *end = text->p + text->len, *nl;
	size_t n = strlen(exchange);
	bool first = true;

	for (; p < end; p = nl + 1, first = false) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			nl = end;	/* a torn last line */
		if (!first && (nl - p < (ptrdiff_t)n + 1 ||
		    nl[-(ptrdiff_t)n - 1] != ',' ||
		    memcmp(nl - n, exchange, n) != 0))
			continue;
		if (buf_add(out, p, (size_t)(nl - p)) != 0 ||
		    buf_adds(out, "\n") != 0)
			return -1;
	}
	return 0;
}

static void
answer(struct serve_conn *c, const struct serve_req *q, const struct buf *plain,
    struct buf *packed, bool keep)
{
	static const char *const gzip[] = { "Content-Encoding: gzip",
		"Vary: Accept-Encoding", NULL };
	struct serve_reply r = { .status = 200, .type = "text/csv",
	    .body = plain->p, .len = plain->len, .keep = keep };

	if (strstr(q->encoding, "gzip") != NULL && plain->len > 0 &&
	    (packed->len > 0 || gz_pack(packed, plain->p, plain->len) == 0)) {
		r.body = packed->p;
		r.len = packed->len;
		r.headers = gzip;
	}
	serve_answer(c, &r);
}

bool
simdump_request(struct simdump *d, struct serve_conn *c,
    const struct serve_req *q)
{
	static const char base[] = "/instruments";
	struct buf plain = { 0 }, packed = { 0 };
	const char *exchange;

	if (strncmp(q->path, base, sizeof(base) - 1) != 0 ||
	    (strcmp(q->method, "GET") != 0 &&
	    strcmp(q->method, "HEAD") != 0))
		return false;
	exchange = q->path + sizeof(base) - 1;
	if (*exchange == '\0') {
		answer(c, q, &d->text, &d->packed, true);
		return true;
	}
	if (*exchange++ != '/' || *exchange == '\0' ||
	    strchr(exchange, '/') != NULL)
		return false;
	if (of_exchange(&plain, &d->text, exchange) != 0)
		simreply_error(c, 500, "GeneralException", "Out of memory.");
	else
		answer(c, q, &plain, &packed, false);
	buf_free(&plain);
	buf_free(&packed);
	return true;
}
