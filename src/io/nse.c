#include <string.h>

#include "csv.h"
#include "fetch.h"
#include "file.h"
#include "nse.h"

enum { NSE_BYTES = 1 << 20 };		/* a real one has 32 KB */

void
nse_free(struct nse *n)
{
	buf_free(&n->text);
	n->n = 0;
}

static int
take_row(struct nse *to, const struct csv *c, int symbol, int series,
    struct fault *f)
{
	struct nse_share *s = &to->v[to->n];
	size_t n = strlen(c->f[symbol]);

	if (to->n == NSE_MAX)
		return fault_set(f, EX_DATAERR, "%s:%ld: has more than %d rows "
		    "for \"500\"", c->name, c->line, NSE_MAX);
	if (n == 0 || n >= sizeof(s->symbol))
		return fault_set(f, EX_DATAERR, "%s:%ld: Symbol is '%.70s'",
		    c->name, c->line, c->f[symbol]);
	if (strlen(c->f[series]) >= sizeof(s->series))
		return fault_set(f, EX_DATAERR, "%s:%ld: Series is '%.70s'",
		    c->name, c->line, c->f[series]);
	strcpy(s->symbol, c->f[symbol]);
	strcpy(s->series, c->f[series]);
	to->n++;
	return 0;
}

static int
take_rows(struct nse *to, struct csv *c, struct fault *f)
{
	int symbol = csv_col(c, "Symbol"), series = csv_col(c, "Series");
	enum csv_rc rc;

	to->n = 0;
	if (c->html)
		return fault_set(f, EX_DATAERR, "%s:1: is HTML, not NSE's list",
		    c->name);
	if (c->why == NULL && (symbol == -1 || series == -1))
		return fault_set(f, EX_DATAERR, "%s:%ld: no column %s",
		    c->name, c->line, symbol == -1 ? "Symbol" : "Series");
	while ((rc = csv_next(c)) == CSV_OK)
		if (take_row(to, c, symbol, series, f) != 0)
			return -1;
	if (rc != CSV_END)
		return fault_set(f, ferror(c->in) ? EX_IOERR : EX_DATAERR,
		    "%s:%ld: %s", c->name, c->line, c->why);
	if (to->n < NSE_MIN)
		return fault_set(f, EX_DATAERR, "%s: has %d rows, want %d to "
		    "%d for \"500\"", c->name, to->n, NSE_MIN, NSE_MAX);
	return 0;
}

/* Reads the list from a stream into arg, a struct nse. */
static int
take(FILE *in, const char *name, void *arg, struct fault *f)
{
	struct csv c;
	int rc;

	if (csv_open(&c, in, name) != 0)
		return fault_sys(f, EX_TEMPFAIL, "%s", name);
	rc = take_rows(arg, &c, f);
	csv_close(&c);
	return rc;
}

int
nse_file(struct nse *n, const char *path, struct fault *f)
{
	FILE *in;
	int rc;

	buf_reset(&n->text);
	if (file_slurp(path, NSE_BYTES, &n->text, f) != 0)
		return -1;
	if (n->text.len == 0)
		return fault_set(f, EX_DATAERR, "%s: is empty", path);
	if ((in = fmemopen(n->text.p, n->text.len, "r")) == NULL)
		return fault_sys(f, 0, "%s", path);
	rc = take(in, path, n, f);
	fclose(in);			/* only read from: nothing to lose */
	return rc;
}

int
nse_get(struct nse *n, const struct conf *c,
    void (*say)(const char *fmt, ...), struct fault *f)
{
	/* NSE answers browsers only. */
	static const char *const headers[] = { "Accept: text/csv,*/*;q=0.8",
	    "Accept-Language: en-US,en;q=0.5", NULL };
	struct fetch w = { .key = "nseListUrl", .check = take, .arg = n,
	    .say = say };

	w.req = (struct http_req){ .url = conf_str(c, "nseListUrl"),
	    .agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) "
	    "Gecko/20100101 Firefox/128.0", .headers = headers,
	    .max = NSE_BYTES,
	    .seconds = (long)conf_int(c, "httpTimeoutSeconds") };
	buf_reset(&n->text);
	return fetch(c, &w, &n->text, f);
}
