#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clk.h"
#include "dump.h"
#include "fetch.h"
#include "file.h"
#include "stop.h"

/* The longest answer, a real dump has 7 to 10 MB; it may take so many times
 * httpTimeoutSeconds. */
enum { DUMP_MAX = 30 << 20, DUMP_PATIENCE = 4 };

/* Columns of inst_dump_cols that nothing of ours needs. */
static bool
may_lack(const char *col)
{
	return strcmp(col, "exchange_token") == 0 ||
	    strcmp(col, "last_price") == 0;
}

int
dump_begin(struct dump *d, FILE *in, const char *name, struct fault *f)
{
	struct csv *c = &d->csv;

	*d = (struct dump){ .in = in };
	if (csv_open(c, in, name) != 0)
		return fault_sys(f, EX_TEMPFAIL, "%s", name);
	for (int i = 0; i < INST_DUMP_COLS; i++) {
		d->col[i] = csv_col(c, inst_dump_cols[i]);
		if (c->html)
			fault_set(f, EX_DATAERR, "%s:1: is HTML, not an "
			    "instrument dump", name);
		else if (c->why != NULL)
			fault_set(f, ferror(in) ? EX_IOERR : EX_DATAERR,
			    "%s:%ld: %s", name, c->line, c->why);
		else if (d->col[i] == -1 && !may_lack(inst_dump_cols[i]))
			fault_set(f, EX_DATAERR, "%s:%ld: no column %s", name,
			    c->line, inst_dump_cols[i]);
		else
			continue;
		dump_close(d);
		return -1;
	}
	return 0;
}

int
dump_open(struct dump *d, const char *path, struct fault *f)
{
	struct stat st;
	FILE *in;

	*d = (struct dump){ 0 };
	if ((in = fopen(path, "re")) == NULL)
		return fault_sys(f, EX_NOINPUT, "%s", path);
	if (fstat(fileno(in), &st) == 0 && S_ISDIR(st.st_mode)) {
		fclose(in);
		return fault_set(f, EX_NOINPUT, "%s: is a directory", path);
	}
	if (dump_begin(d, in, path, f) != 0) {
		fclose(in);		/* only read from: nothing to lose */
		return -1;
	}
	d->ours = true;
	return 0;
}

void
dump_close(struct dump *d)
{
	csv_close(&d->csv);
	if (d->ours)
		fclose(d->in);		/* only read from: nothing to lose */
	d->ours = false;
}

/* Counts a bad row: 0, or -1 when there are too many. */
static int
bad_row(struct dump *d, const char *why, struct fault *f)
{
	struct csv *c = &d->csv;

	if (d->bad++ == 0)
		fault_set(&d->first, EX_DATAERR, "%s:%ld: %s", c->name, c->line,
		    why);
	if (d->bad <= DUMP_BAD + d->rows / 100)
		return 0;
	return fault_set(f, EX_DATAERR, "%s:%ld: %s; %ld rows are bad: no dump",
	    c->name, c->line, why, d->bad);
}

/* True when a row before had this exchange; remembers it. */
static bool
seen(struct dump *d, const char *exchange)
{
	for (int i = 0; i < DUMP_EXCHANGES; i++) {
		if (strcmp(d->exchange[i], exchange) == 0)
			return true;
		if (*d->exchange[i] == '\0' &&
		    strlen(exchange) < sizeof(d->exchange[i])) {
			strcpy(d->exchange[i], exchange);
			return false;
		}
	}
	return false;
}

/* After the last row: 0, or -1 when there was none. */
static int
at_end(struct dump *d, struct fault *f)
{
	if (d->rows > d->bad)
		return 0;
	return fault_set(f, EX_DATAERR, "%s: has no instruments",
	    d->csv.name);
}

int
dump_next(struct dump *d, struct fault *f)
{
	struct csv *c = &d->csv;
	enum csv_rc rc;
	bool known;

	for (;;) {
		if ((rc = csv_next(c)) == CSV_END)
			return at_end(d, f);
		if (rc == CSV_FAIL)
			return fault_set(f, ferror(d->in) ? EX_IOERR :
			    EX_DATAERR, "%s:%ld: %s", c->name, c->line, c->why);
		d->rows++;
		if (c->torn && rc == CSV_BAD)
			break;
		if (rc == CSV_OK)
			break;
		if (bad_row(d, c->why, f) != 0)
			return -1;
	}
	if (rc == CSV_OK) {
		for (int i = 0; i < INST_DUMP_COLS; i++)
			d->field[i] = d->col[i] != -1 ? c->f[d->col[i]] : "";
		known = seen(d, d->field[INST_DUMP_COLS - 1]);
		if (!c->torn || known)
			return 1;
	}
	return fault_set(f, EX_DATAERR, "%s:%ld: is truncated: the last line "
	    "is not whole", c->name, c->line);
}

int
dump_inst(struct dump *d, struct inst *i, struct fault *f)
{
	struct fault why;

	if (inst_from_dump(i, d->field, &why) == 0)
		return 1;
	return bad_row(d, why.text, f);
}

/* Reads it to its end; look may be NULL. */
static int
read_all(struct dump *d, void (*look)(const struct inst *), struct fault *f)
{
	struct inst i;
	int rc, good;

	while ((rc = dump_next(d, f)) == 1) {
		if ((good = dump_inst(d, &i, f)) == -1)
			return -1;
		if (good && look != NULL)
			look(&i);
	}
	return rc;
}

int
dump_each(const char *path, void (*look)(const struct inst *i),
    void (*say)(const char *fmt, ...), struct fault *f)
{
	struct dump d;
	int rc;

	if (dump_open(&d, path, f) != 0)
		return -1;
	rc = read_all(&d, look, f);
	if (rc == 0 && d.bad > 0)
		say("passed over %ld of the dump's rows, the first: %s", d.bad,
		    d.first.text);
	dump_close(&d);
	return rc;
}

/* Whether a kept one can be used. */
static bool
is_good(const char *path)
{
	struct fault f;
	struct dump d;
	int rc;

	if (dump_open(&d, path, &f) != 0)
		return false;
	rc = read_all(&d, NULL, &f);
	dump_close(&d);
	return rc == 0;
}

/* ---- by net ---- */

static int
check_answer(FILE *in, const char *name, void *arg, struct fault *f)
{
	struct dump d;
	int rc;

	(void)arg;
	if (dump_begin(&d, in, name, f) != 0)
		return -1;
	if ((rc = read_all(&d, NULL, f)) == 0 && d.rows - d.bad < DUMP_ROWS)
		rc = fault_set(f, EX_DATAERR, "%s: has only %ld instruments",
		    name, d.rows - d.bad);
	dump_close(&d);
	return rc;
}

/* Sets its time to the clock's, which may be a simulated one. */
static int
stamp(const char *path, struct fault *f)
{
	int64_t now = clk_now();
	struct timespec t[2];

	t[0].tv_sec = t[1].tv_sec = (time_t)(now / US_PER_SEC);
	t[0].tv_nsec = t[1].tv_nsec = (long)(now % US_PER_SEC) * 1000;
	return utimensat(AT_FDCWD, path, t, 0) == 0 ? 0 :
	    fault_sys(f, 0, "%s", path);
}

static int
fetch_to(const struct conf *c, const char *path,
    void (*say)(const char *fmt, ...), struct fault *f)
{
	static const char *const headers[] = { "X-Kite-Version: 3", NULL };
	struct fetch w = { .key = "kiteApiUrl", .check = check_answer,
	    .say = say };
	struct buf body = { 0 };
	char url[2048];
	int rc;

	if (file_join(url, sizeof(url), conf_str(c, "kiteApiUrl"),
	    "instruments", f) != 0)
		return -1;
	w.req = (struct http_req){ .url = url, .headers = headers,
	    .max = DUMP_MAX,
	    .seconds = DUMP_PATIENCE *
	    (long)conf_int(c, "httpTimeoutSeconds") };
	if ((rc = fetch(c, &w, &body, f)) == 0 &&
	    (rc = file_mkdirs(conf_str(c, "lookupDir"), f)) == 0 &&
	    (rc = file_put(path, 0666, body.p, body.len, f)) == 0)
		rc = stamp(path, f);
	buf_free(&body);
	return rc;
}

int
dump_get(const struct conf *c, char *out, size_t size,
    void (*say)(const char *fmt, ...), struct fault *f)
{
	int64_t now = clk_now(), at = INT64_MIN, age = 0;
	struct fault why;
	char day[CLK_DAY];
	struct stat st;

	if (file_join(out, size, conf_str(c, "lookupDir"), DUMP_NAME, f) != 0)
		return -1;
	if (stat(out, &st) == 0) {
		at = (int64_t)st.st_mtim.tv_sec * US_PER_SEC;
		age = now - at;
		if (age >= 0 && age < DUMP_FRESH_S * US_PER_SEC &&
		    clk_day_of(at) == clk_day_of(now) &&
		    is_good(out))
			return 0;
	}
	if (fetch_to(c, out, say, &why) == 0)
		return 0;
	if (at != INT64_MIN && llabs(age) <= DUMP_OLD_DAYS * US_PER_DAY &&
	    why.ex != EX_CONFIG && !stop_asked() && is_good(out)) {
		say("%s; going on with the dump of %s", why.text,
		    clk_day_to(clk_day_of(at), day));
		return 0;
	}
	*f = why;
	return -1;
}
