/*
 * das-n500 - keep the list of captured symbols and their tables current
 *
 * Reads NSE's list of the Nifty 500 and the broker's instrument dump and makes,
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
#include "dump.h"
#include "extend.h"
#include "file.h"
#include "inst.h"
#include "listfile.h"
#include "msg.h"
#include "names.h"
#include "nse.h"
#include "opt.h"
#include "stop.h"
#include "tsv.h"
#include "underlyings.h"

enum { NAMED = 10, PATH = 4096 };	/* names in a warning; bytes */

struct seen {			/* what the dump has of an underlying */
	char	 future[64];	/* tradingsymbol of the nearest; "": none */
	int32_t	 expiry;	/* its day */
	bool	 spot;
};

static const char *list_arg, *dump_arg;	/* -l, -i */
static bool dry;			/* -n */
static int32_t day;			/* today, or -d */
static char today[CLK_DAY];

static struct conf *conf;
static struct underlyings under;
static struct seen seen[UNDERLYINGS_MAX];
static struct names shares;		/* every NSE share in the dump */
static struct names optioned;		/* names that have options */
static struct nse nse;
static struct list list;
static struct buf changes;		/* rows for stdout */
static struct buf changelog;		/* lines for the log */

/* lookupDir/STEM_DATE.END, without the date when it is "". */
static void
path_of(char *out, const char *stem, const char *date, const char *end)
{
	char name[256];
	struct fault f;

	snprintf(name, sizeof(name), "%s%s%s.%s", stem,
	    *date != '\0' ? "_" : "", date, end);
	if (file_join(out, PATH, conf_str(conf, "lookupDir"), name, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

/* NSE's list from the net, else the one that was kept, with a warning. */
static void
get_nse(void)
{
	struct fault f, g;
	char kept[PATH];

	path_of(kept, "ind_nifty500list", "", "csv");
	if (nse_get(&nse, conf, msg_warnx, &f) == 0) {
		if (!dry && (file_mkdirs(conf_str(conf, "lookupDir"), &f) ||
		    file_put(kept, 0666, nse.text.p, nse.text.len, &f)))
			msg_diex(f.ex, "%s", f.text);
		return;
	}
	if (f.ex == EX_CONFIG)
		msg_diex(f.ex, "nseListUrl: %s", f.text);
	if (stop_asked())
		msg_diex(EX_TEMPFAIL, "%s", f.text);
	if (nse_file(&nse, kept, &g) != 0)
		msg_diex(f.ex, "%s; and no list from before: %s", f.text,
		    g.text);
	msg_warnx("%s; going on with the list from before, %s", f.text, kept);
}

/* ---- the instrument dump ---- */

static void
see_underlying(struct seen *s, const struct index_def *d, const struct inst *i)
{
	if (i->kind == INST_INDEX && strcmp(i->tradingsymbol, d->spot) == 0 &&
	    strcmp(i->exchange, d->spot_exchange) == 0)
		s->spot = true;
	if (i->kind == INST_FUT && i->expiry >= day &&
	    strcmp(i->segment, d->future_segment) == 0 &&
	    strcmp(i->name, d->underlying) == 0 &&
	    (*s->future == '\0' || i->expiry < s->expiry)) {
		s->expiry = i->expiry;
		strcpy(s->future, i->tradingsymbol);
	}
}

static void
see(const struct inst *i)
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
	for (size_t n = 0; n < under.n; n++)
		see_underlying(&seen[n], under.def[n], i);
}

static void
read_dump(void)
{
	char path[PATH];
	struct fault f;

	if (dump_arg == NULL &&
	    dump_get(conf, path, sizeof(path), msg_warnx, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (dump_each(dump_arg != NULL ? dump_arg : path, see, msg_warnx,
	    &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	names_sort(&shares);
	names_sort(&optioned);
	if (shares.n == 0)
		msg_warnx("the dump has no NSE shares: their symbols follow "
		    "the list's Series");
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
static int
changed(const char *what, const struct list_row *row, const char *why)
{
	if (buf_addf(&changes, "%s\t", what) != 0 ||
	    tsv_add(&changes, row->symbol) != 0 ||
	    buf_adds(&changes, "\t") != 0 ||
	    tsv_add(&changes, row->table) != 0 ||
	    buf_addf(&changes, "\t%s\n", why) != 0)
		return -1;
	log_line("%s %s, table %s: %s", what, row->symbol, row->table, why);
	return 0;
}

static int
extend_underlyings(struct extend *e, struct fault *f)
{
	for (size_t i = 0; i < under.n; i++) {
		const struct index_def *d = under.def[i];

		if (!seen[i].spot)
			msg_warnx("%s: the dump has no index %s on %s",
			    d->underlying, d->spot, d->spot_exchange);
		if (extend_spot(e, d, f) != 0)
			return -1;
		if (*seen[i].future == '\0')
			msg_warnx("%s: the dump has no future that expires on "
			    "%s or later", d->underlying, today);
		else if (extend_future(e, d, seen[i].future, f) != 0)
			return -1;
	}
	return 0;
}

static int
extend_all(struct extend *e, struct fault *f)
{
	if (extend_underlyings(e, f) != 0)
		return -1;
	for (int i = 0; i < nse.n; i++)
		if (extend_share(e, nse.v[i].symbol, nse.v[i].series,
		    "in NSE's list", f) != 0)
			return -1;
	for (size_t i = 0; i < optioned.n; i++)
		if (extend_share(e, optioned.v[i], NULL, "has options",
		    f) != 0)
			return -1;
	return extend_moves(e, f);
}

/* Says which of NSE's 500 nobody can subscribe to. */
static void
warn_missing(const struct extend *e)
{
	struct buf b = { 0 };
	int missing = 0;

	for (int i = 0; i < nse.n && shares.n > 0; i++) {
		if (extend_form(e, nse.v[i].symbol) != NULL)
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

/* Keeps the list as it was: the first copy of a day stays. */
static void
keep_old(const char *path)
{
	struct buf old = { 0 };
	char copy[PATH];
	struct fault f;

	path_of(copy, "lookupTables_Nifty500", today, "csv");
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
	char path[PATH];
	struct fault f;
	ssize_t n;
	int fd;

	path_of(path, "nifty500_SymbolsChanged", "", "log");
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (fd == -1)
		goto fail;
	for (size_t at = 0; at < changelog.len; at += (size_t)n)
		if ((n = write(fd, changelog.p + at, changelog.len - at)) == -1)
			goto fail;
	if (fsync(fd) == 0 && close(fd) == 0)
		return;
fail:
	fault_sys(&f, 0, "%s", path);
	msg_diex(f.ex, "%s", f.text);
}

static void
write_list(const char *path, bool isnew)
{
	struct buf text = { 0 };
	char copy[PATH];
	struct fault f;

	if (listfile_text(&list, &text) != 0)
		msg_die(EX_TEMPFAIL, "%s", path);
	if (file_mkdirs(conf_str(conf, "lookupDir"), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (!isnew) {
		keep_old(path);
	} else {			/* not 700 lines of "added" */
		buf_reset(&changelog);
		log_line("made %s with %zu symbols", path, list.n);
	}
	path_of(copy, "ind_nifty500_list", today, "csv");
	if (file_put(copy, 0666, nse.text.p, nse.text.len, &f) != 0)
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
			day = opt_day(optarg);
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
	struct extend e = { .list = &list, .shares = &shares,
	    .changed = changed, .say = msg_warnx };
	char path[PATH];
	struct fault f;
	bool isnew;

	read_options(argc, argv);
	if (conf_open(&conf, opt_config(), &f) != 0 ||
	    underlyings_load(&under, conf, day, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	path_of(path, "lookupTables_Nifty500", "", "csv");
	isnew = access(path, F_OK) == -1 && errno == ENOENT;
	if (!isnew && listfile_read(&list, path, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (list_arg == NULL)
		get_nse();
	else if (nse_file(&nse, list_arg, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	read_dump();
	if (extend_all(&e, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	warn_missing(&e);
	puts("change\tSymbol\tTableName\twhy");
	if (changes.len > 0) {
		if (!dry)
			write_list(path, isnew);
		fputs(changes.p, stdout);
	}
	msg_warnx("%zu symbols, %zu added, %zu rolled%s", list.n, e.added,
	    e.rolled, dry ? "; nothing written (-n)" : "");
	msg_close_stdout();
	return 0;
}
