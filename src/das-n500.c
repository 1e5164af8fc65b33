/*
 * das-n500 - keep the list of captured symbols and their tables current
 *
 * Reads NSE's list of the Nifty 500 and the broker's instrument dump, and makes,
 * extends and rolls lookup/lookupTables_Nifty500.csv: a row for the spot and
 * the nearest future of every index in "underlyings", for each share of the
 * 500, and for each share that has options.  Rows are only added; those of the
 * futures change their symbol.  What changed goes to stdout as rows and into
 * nifty500_SymbolsChanged.log; the old list is kept under its date.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clk.h"
#include "conf.h"
#include "csv.h"
#include "dump.h"
#include "fetch.h"
#include "file.h"
#include "indices.h"
#include "inst.h"
#include "list.h"
#include "msg.h"
#include "names.h"
#include "opt.h"
#include "stop.h"
#include "tsv.h"

enum {
	NSE_MIN = 450, NSE_MAX = 550,	/* rows of "500" that we believe */
	NSE_BYTES = 1 << 20,
	UNDERLYINGS = 64,
	NAMED = 10			/* names in a warning */
};

struct share {			/* a row of NSE's list */
	char	 symbol[64];
	char	 series[8];
};

struct nse {
	struct share v[NSE_MAX];
	int	 n;
};

struct underlying {
	const struct index_def *def;
	char	 future[64];		/* tradingsymbol of the nearest; "" none */
	int32_t	 expiry;		/* its day */
	bool	 spot;			/* the dump has it */
};

static const char *list_arg, *dump_arg;	/* -l, -i */
static bool dry;			/* -n */
static int32_t day;			/* today, or -d */
static char today[CLK_DAY];

static struct conf *conf;
static struct indices indices;
static struct underlying under[UNDERLYINGS];
static size_t nunder;
static struct names shares;		/* every NSE share in the dump */
static struct names optioned;		/* names that have options */
static struct nse nse;
static struct buf nse_text;		/* NSE's list as it came */
static struct list list;
static struct buf changes;		/* rows for stdout */
static struct buf changelog;		/* lines for the log */
static size_t added, rolled;

/* ---- NSE's list ---- */

static int
nse_row(struct nse *to, const struct csv *c, int symbol, int series,
    struct fault *f)
{
	struct share *s = &to->v[to->n];
	size_t n = strlen(c->f[symbol]);

	if (to->n == NSE_MAX)
		return fault_set(f, EX_DATAERR, "%s:%ld: has more than %d rows "
		    "for \"500\"", c->name, c->line, NSE_MAX);
	if (n == 0 || n + strlen("-BE") >= sizeof(s->symbol))
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
nse_rows(struct nse *to, struct csv *c, struct fault *f)
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
		if (nse_row(to, c, symbol, series, f) != 0)
			return -1;
	if (rc != CSV_END)
		return fault_set(f, ferror(c->in) ? EX_IOERR : EX_DATAERR,
		    "%s:%ld: %s", c->name, c->line, c->why);
	if (to->n < NSE_MIN)
		return fault_set(f, EX_DATAERR, "%s: has %d rows, want %d to "
		    "%d for \"500\"", c->name, to->n, NSE_MIN, NSE_MAX);
	return 0;
}

/* Reads the list from a stream into arg; for fetch. */
static int
nse_read(FILE *in, const char *name, void *arg, struct fault *f)
{
	struct csv c;
	int rc;

	if (csv_open(&c, in, name) != 0)
		return fault_sys(f, EX_TEMPFAIL, "%s", name);
	rc = nse_rows(arg, &c, f);
	csv_close(&c);
	return rc;
}

static int
nse_file(const char *path, struct fault *f)
{
	FILE *in;
	int rc;

	buf_reset(&nse_text);
	if (file_slurp(path, NSE_BYTES, &nse_text, f) != 0)
		return -1;
	if (nse_text.len == 0)
		return fault_set(f, EX_DATAERR, "%s: is empty", path);
	if ((in = fmemopen(nse_text.p, nse_text.len, "r")) == NULL)
		return fault_sys(f, 0, "%s", path);
	rc = nse_read(in, path, &nse, f);
	fclose(in);			/* only read from: nothing to lose */
	return rc;
}

/* From the net, else the one that was kept, with a warning. */
static void
nse_get(void)
{
	/* NSE answers browsers only. */
	static const char *const headers[] = { "Accept: text/csv,*/*;q=0.8",
	    "Accept-Language: en-US,en;q=0.5", NULL };
	struct fetch w = { .key = "nseListUrl", .check = nse_read, .arg = &nse,
	    .say = msg_warnx };
	struct fault f, g;
	char kept[4096];

	if (file_join(kept, sizeof(kept), conf_str(conf, "lookupDir"),
	    "ind_nifty500list.csv", &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	w.req = (struct http_req){ .url = conf_str(conf, "nseListUrl"),
	    .agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) "
	    "Gecko/20100101 Firefox/128.0", .headers = headers,
	    .max = NSE_BYTES,
	    .seconds = (long)conf_int(conf, "httpTimeoutSeconds") };
	if (fetch(conf, &w, &nse_text, &f) == 0) {
		if (!dry && (file_mkdirs(conf_str(conf, "lookupDir"), &f) != 0 ||
		    file_put(kept, 0666, nse_text.p, nse_text.len, &f) != 0))
			msg_diex(f.ex, "%s", f.text);
		return;
	}
	if (f.ex == EX_CONFIG)
		msg_diex(f.ex, "nseListUrl: %s", f.text);
	if (nse_file(kept, &g) != 0)
		msg_diex(f.ex, "%s; and no list from before: %s", f.text,
		    g.text);
	msg_warnx("%s; going on with the list from before, %s", f.text, kept);
}

/* ---- the instrument dump ---- */

static void
nearest_future(struct underlying *u, const struct inst *i)
{
	if (i->kind != INST_FUT || i->expiry < day ||
	    strcmp(i->segment, u->def->future_segment) != 0 ||
	    strcmp(i->name, u->def->underlying) != 0)
		return;
	if (*u->future == '\0' || i->expiry < u->expiry) {
		u->expiry = i->expiry;
		strcpy(u->future, i->tradingsymbol);
	}
}

static void
look_at(const struct inst *i)
{
	int rc = 0;

	if (i->kind == INST_EQ && strcmp(i->exchange, "NSE") == 0 &&
	    strcmp(i->segment, "NSE") == 0)
		rc = names_add(&shares, i->tradingsymbol);
	else if (i->kind >= INST_CE && i->expiry >= day &&
	    strcmp(i->segment, "NFO-OPT") == 0 && (optioned.n == 0 ||
	    strcmp(optioned.v[optioned.n - 1], i->name) != 0))
		rc = names_add(&optioned, i->name);
	if (rc != 0)
		msg_die(EX_TEMPFAIL, "names");
	for (size_t n = 0; n < nunder; n++) {
		nearest_future(&under[n], i);
		if (i->kind == INST_INDEX &&
		    strcmp(i->tradingsymbol, under[n].def->spot) == 0 &&
		    strcmp(i->exchange, under[n].def->spot_exchange) == 0)
			under[n].spot = true;
	}
}

static void
read_dump(void)
{
	char path[4096];
	struct fault f;
	struct dump d;
	struct inst i;
	int rc, good;

	if (dump_arg == NULL && dump_get(conf, path, sizeof(path), msg_warnx,
	    &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (dump_open(&d, dump_arg != NULL ? dump_arg : path, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	while ((rc = dump_next(&d, &f)) == 1) {
		if ((good = dump_inst(&d, &i, &f)) == -1)
			break;
		if (good)
			look_at(&i);
	}
	if (rc != 0)
		msg_diex(f.ex, "%s", f.text);
	if (d.bad > 0)
		msg_warnx("passed over %ld of the dump's rows, the first: %s",
		    d.bad, d.first.text);
	dump_close(&d);
	names_sort(&shares);
	names_sort(&optioned);
	if (shares.n == 0)
		msg_warnx("the dump has no NSE shares: their symbols follow "
		    "the list's Series");
}

static void
find_underlyings(void)
{
	const struct index_def *def;
	const char *name;
	char path[4096];
	struct fault f;

	if (conf_shipped(conf, "indices.tsv", path, sizeof(path), &f) != 0 ||
	    indices_load(&indices, path, &f) != 0)
		msg_diex(f.ex == EX_NOINPUT ? EX_CONFIG : f.ex, "%s", f.text);
	for (nunder = 0; (name = conf_item(conf, "underlyings", nunder)) !=
	    NULL; nunder++) {
		if (nunder == UNDERLYINGS)
			msg_diex(EX_CONFIG, "underlyings: more than %d",
			    UNDERLYINGS);
		if ((def = indices_find(&indices, name, day)) == NULL)
			msg_diex(EX_CONFIG, "underlyings: %s has no row for %s "
			    "in %s", name, today, path);
		under[nunder] = (struct underlying){ .def = def };
	}
}

/* ---- the list ---- */

static void log_line(const char *fmt, ...) MSG_FMT(1, 2);

static void
log_line(const char *fmt, ...)
{
	char now[CLK_TEXT], text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);		/* may be cut: words */
	va_end(ap);
	if (buf_addf(&changelog, "%s    %s\n", clk_to_ist(clk_now(), now),
	    text) != 0)
		msg_die(EX_TEMPFAIL, "changes");
}

/* Notes a change for stdout and the log. */
static void
note(const char *change, const char *symbol, const char *table,
    const char *why)
{
	if (buf_addf(&changes, "%s\t", change) != 0 ||
	    tsv_add(&changes, symbol) != 0 || buf_adds(&changes, "\t") != 0 ||
	    tsv_add(&changes, table) != 0 || buf_adds(&changes, "\t") != 0 ||
	    tsv_add(&changes, why) != 0 || buf_adds(&changes, "\n") != 0)
		msg_die(EX_TEMPFAIL, "changes");
	log_line("%s %s, table %s: %s", change, symbol, table, why);
}

static void
add_row(const char *symbol, const char *table, const char *why)
{
	if (list_add(&list, symbol, table) == NULL)
		msg_diex(EX_TEMPFAIL, "%s: cannot be added: out of memory, or "
		    "the name is too long", symbol);
	note("added", symbol, table, why);
	added++;
}

/* A table for a share without one: its name by the rule, and "_2", "_3" ...
 * behind it when that is another's already.  False: it can have none. */
static bool
new_table(const char *symbol, char *table, size_t size)
{
	const struct list_row *other;
	struct fault f;
	size_t n;

	if (inst_table_name(symbol, table, size, &f) != 0) {
		msg_warnx("%s; left out", f.text);
		return false;
	}
	n = strlen(table);
	for (int i = 2; (other = list_table(&list, table)) != NULL; i++) {
		if (i == 2)
			msg_warnx("%s: table %s is that of %s already", symbol,
			    table, other->symbol);
		if (i > 99 || n + 4 > size)
			msg_diex(EX_DATAERR, "%s: no table name is free",
			    symbol);
		snprintf(table + n, size - n, "_%d", i);
	}
	if (table[n] != '\0')
		msg_warnx("%s: its table is %s", symbol, table);
	return true;
}

/* The form of a share that trades: by the dump, else by NSE's series; NULL
 * when neither knows. */
static const char *
form_of(const char *base, const char *series)
{
	char symbol[80];

	for (int i = 0; i < LIST_FORMS; i++) {
		snprintf(symbol, sizeof(symbol), "%s%s", base, list_form[i]);
		if (names_has(&shares, symbol))
			return list_form[i];
	}
	if (series == NULL)
		return NULL;
	return strcmp(series, "BE") == 0 ? "-BE" : "";
}

/* Makes sure that the form of the share that trades has its row. */
static void
add_share(const char *base, const char *series, const char *why)
{
	const char *form = form_of(base, series);
	const struct list_row *row;
	char symbol[80], table[65];

	if (form == NULL)
		return;
	snprintf(symbol, sizeof(symbol), "%s%s", base, form);
	if (list_symbol(&list, symbol) != NULL)
		return;
	if ((row = list_base_row(&list, base)) != NULL) {
		memcpy(table, row->table, sizeof(table));
		add_row(symbol, table, "the share trades under this symbol now");
	} else if (new_table(base, table, sizeof(table))) {
		add_row(symbol, table, why);
	}
}

static void
add_spot(const struct underlying *u)
{
	const struct index_def *d = u->def;
	const struct list_row *row;

	if (!u->spot)
		msg_warnx("%s: the dump has no index %s on %s", d->underlying,
		    d->spot, d->spot_exchange);
	if (list_symbol(&list, d->spot) != NULL)
		return;
	if ((row = list_table(&list, d->table)) != NULL)
		msg_warnx("%s: table %s is that of %s already; the index is "
		    "left out", d->spot, d->table, row->symbol);
	else
		add_row(d->spot, d->table, "index");
}

static void
roll_future(const struct underlying *u)
{
	const struct index_def *d = u->def;
	struct list_row *row = list_table(&list, d->future_table);
	const struct list_row *other;
	char why[128];

	if (*u->future == '\0') {
		msg_warnx("%s: the dump has no future that expires on %s or "
		    "later", d->underlying, today);
		return;
	}
	if (row != NULL && strcmp(row->symbol, u->future) == 0)
		return;
	if ((other = list_symbol(&list, u->future)) != NULL) {
		msg_warnx("%s: has a row with table %s, so table %s stays with "
		    "%s; delete that row", u->future, other->table,
		    d->future_table, row != NULL ? row->symbol : "nothing");
		return;
	}
	if (row == NULL) {
		add_row(u->future, d->future_table, "nearest future");
		return;
	}
	snprintf(why, sizeof(why), "nearest future, in place of %s",
	    row->symbol);
	strcpy(row->symbol, u->future);
	note("rolled", u->future, row->table, why);
	rolled++;
}

/* Shares of the list that moved between series, wherever they came from. */
static void
follow_moves(void)
{
	size_t n = list.n;
	char base[64];

	for (size_t i = 0; i < n; i++) {
		list_base(list.v[i].symbol, base);
		if (!names_has(&shares, list.v[i].symbol))
			add_share(base, NULL, "");
	}
}

static void
extend(void)
{
	for (size_t i = 0; i < nunder; i++) {
		add_spot(&under[i]);
		roll_future(&under[i]);
	}
	for (int i = 0; i < nse.n; i++)
		add_share(nse.v[i].symbol, nse.v[i].series, "in NSE's list");
	for (size_t i = 0; i < optioned.n; i++)
		add_share(optioned.v[i], NULL, "has options");
	follow_moves();
}

/* Says which of NSE's 500 nobody can subscribe to. */
static void
warn_missing(void)
{
	struct buf b = { 0 };
	int missing = 0;
	char symbol[80];

	for (int i = 0; i < nse.n && shares.n > 0; i++) {
		snprintf(symbol, sizeof(symbol), "%s%s", nse.v[i].symbol,
		    form_of(nse.v[i].symbol, ""));
		if (names_has(&shares, symbol))
			continue;
		msg_info("not in the dump: %s", nse.v[i].symbol);
		if (missing++ < NAMED && buf_addf(&b, "%s%s", b.len > 0 ?
		    ", " : "", nse.v[i].symbol) != 0)
			msg_die(EX_TEMPFAIL, "names");
	}
	if (missing > 0)
		msg_warnx("%d of NSE's %d are not in the dump: %s%s", missing,
		    nse.n, b.p, missing > NAMED ? " ... (-v names all)" : "");
	buf_free(&b);
}

/* ---- writing ---- */

/* lookupDir/NAME, or NAME with the date before its ".csv". */
static void
path_of(char *out, size_t size, const char *stem, const char *date,
    const char *end)
{
	char name[256];
	struct fault f;

	snprintf(name, sizeof(name), "%s%s%s%s", stem, *date != '\0' ? "_" : "",
	    date, end);
	if (file_join(out, size, conf_str(conf, "lookupDir"), name, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

/* Keeps the list as it was: the first copy of a day stays. */
static void
keep_old(const char *path)
{
	struct buf old = { 0 };
	char copy[4096];
	struct fault f;

	path_of(copy, sizeof(copy), "lookupTables_Nifty500", today, ".csv");
	if (access(copy, F_OK) == 0)
		return;
	if (file_slurp(path, 64 << 20, &old, &f) != 0 ||
	    file_put(copy, 0666, old.p, old.len, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	buf_free(&old);
}

static void
append_log(void)
{
	char path[4096];
	ssize_t n;
	int fd;

	path_of(path, sizeof(path), "nifty500_SymbolsChanged", "", ".log");
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (fd == -1)
		msg_die(EX_CANTCREAT, "%s", path);
	for (size_t at = 0; at < changelog.len; at += (size_t)n)
		if ((n = write(fd, changelog.p + at, changelog.len - at)) == -1)
			msg_die(errno == ENOSPC ? EX_TEMPFAIL : EX_IOERR, "%s",
			    path);
	if (fsync(fd) == -1 || close(fd) == -1)
		msg_die(EX_IOERR, "%s", path);
}

static void
write_list(const char *path, bool isnew)
{
	struct buf text = { 0 };
	char copy[4096];
	struct fault f;

	if (list_text(&list, &text) != 0)
		msg_die(EX_TEMPFAIL, "%s", path);
	if (file_mkdirs(conf_str(conf, "lookupDir"), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (!isnew) {
		keep_old(path);
	} else {		/* not 700 lines of "added" */
		buf_reset(&changelog);
		log_line("made %s with %zu symbols", path, list.n);
	}
	path_of(copy, sizeof(copy), "ind_nifty500_list", today, ".csv");
	if (file_put(copy, 0666, nse_text.p, nse_text.len, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	append_log();		/* first: no change may be missing in it */
	if (file_put(path, 0666, text.p, text.len, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	buf_free(&text);
}

static void
read_options(int argc, char *argv[])
{
	int c;

	opt_init("das-n500", "[-n] [-d date] [-i dump] [-l list]");
	day = clk_day_of(clk_now());
	while ((c = opt_next(argc, argv, "d:i:l:n")) != -1)
		switch (c) {
		case 'd':
			if (clk_day_from(optarg, &day) != 0)
				msg_diex(EX_USAGE, "-d %s: want YYYY-MM-DD",
				    optarg);
			break;
		case 'i':
			dump_arg = optarg;
			break;
		case 'l':
			list_arg = optarg;
			break;
		case 'n':
			dry = true;
			break;
		}
	if (optind != argc)
		opt_usage();
	clk_day_to(day, today);
	stop_catch();
}

int
main(int argc, char *argv[])
{
	char path[4096];
	struct fault f;
	bool isnew;

	read_options(argc, argv);
	if (conf_open(&conf, opt_config(), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	find_underlyings();
	path_of(path, sizeof(path), "lookupTables_Nifty500", "", ".csv");
	isnew = access(path, F_OK) == -1 && errno == ENOENT;
	if (!isnew && list_read(&list, path, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (list_arg == NULL)
		nse_get();
	else if (nse_file(list_arg, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	read_dump();
	extend();
	warn_missing();
	puts("change\tSymbol\tTableName\twhy");
	if (changes.len > 0) {
		if (!dry)
			write_list(path, isnew);
		fputs(changes.p, stdout);
	}
	msg_warnx("%zu symbols, %zu added, %zu rolled%s", list.n, added, rolled,
	    dry ? "; nothing written (-n)" : "");
	msg_close_stdout();
	return 0;
}
