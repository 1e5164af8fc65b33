/*
 * das-lookup - from the instrument dump and the list to what is captured today
 *
 * Every symbol of lookupTables_Nifty500.csv is looked up on its own exchange,
 * and for every index in "underlyings" all options of the current and the next
 * expiry are chosen from the dump alone.  Writes the token lists, the
 * token-to-table maps and instruments.tsv, all or none of them, and then makes
 * the store's databases, tables and views.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "choose.h"
#include "clk.h"
#include "conf.h"
#include "dump.h"
#include "file.h"
#include "inst.h"
#include "listfile.h"
#include "msg.h"
#include "opt.h"
#include "plan.h"
#include "stop.h"
#include "store.h"
#include "underlyings.h"

enum { PATH = 4096 };

/* Groups of instruments, each with a token list: everything in the list, the
 * indices of it, and from G_OPTIONS on the options of each underlying. */
enum { G_LIST, G_INDEX, G_OPTIONS };
enum { FILES_MAX = 2 * (G_OPTIONS + UNDERLYINGS_MAX) + 1 };

static const char *list_arg, *dump_arg;	/* -l, -i */
static bool dry;			/* -n */
static int32_t day;			/* today, or -d */

static struct conf *conf;
static struct underlyings under;
static struct list list;
static struct choose_index options[UNDERLYINGS_MAX];
static struct choose chosen = { .index = options, .list = &list,
	.say = msg_warnx, .whisper = msg_info };
static struct file out[FILES_MAX];
static size_t nout;

/* ---- choosing ---- */

static void
prepare(void)
{
	char path[PATH];
	struct fault f;

	if (underlyings_load(&under, conf, day, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	for (size_t i = 0; i < under.n; i++) {
		options[i].def = under.def[i];
		options[i].db = underlyings_db(conf, under.def[i], &f);
		if (options[i].db == NULL)
			msg_diex(f.ex, "%s", f.text);
	}
	if (!inst_name_ok(conf_str(conf, "nifty500DBName")))
		msg_diex(EX_CONFIG, "%s: nifty500DBName is '%.70s', want "
		    "letters, digits, _", conf_file(conf),
		    conf_str(conf, "nifty500DBName"));
	if (file_join(path, sizeof(path), conf_str(conf, "lookupDir"),
	    LISTFILE_NAME, &f) != 0 || listfile_read(&list,
	    list_arg != NULL ? list_arg : path, &f) != 0)
		msg_diex(f.ex, "%s%s", f.text, f.ex == EX_NOINPUT ?
		    "; das-n500 makes it" : "");
	chosen.day = day;
	chosen.nindex = under.n;
	chosen.db = conf_str(conf, "nifty500DBName");
	if (choose_open(&chosen, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

static void
first_look(const struct inst *i)
{
	choose_first(&chosen, i);
}

static void
second_look(const struct inst *i)
{
	struct fault f;

	if (choose_second(&chosen, i, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

/* Of the first look, so that bad rows are told of once. */
static void
say_nothing(const char *fmt, ...)
{
	(void)fmt;
}

static void
choose_all(void)
{
	const char *dump = dump_arg;
	char path[PATH];
	struct fault f;

	if (dump == NULL) {
		if (dump_get(conf, path, sizeof(path), msg_warnx, &f) != 0)
			msg_diex(f.ex, "%s", f.text);
		dump = path;
	}
	if (dump_each(dump, first_look, say_nothing, &f) != 0 ||
	    dump_each(dump, second_look, msg_warnx, &f) != 0 ||
	    choose_end(&chosen, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

static void
tell_expiries(const struct choose_index *x)
{
	const char *name = x->def->underlying;
	char a[CLK_DAY], b[CLK_DAY];

	if (x->expiry[0] == INST_NO_EXPIRY)
		msg_warnx("%s: the dump has no option that expires on %s or "
		    "later", name, clk_day_to(day, a));
	else if (x->expiry[1] == INST_NO_EXPIRY)
		msg_warnx("%s: the dump has only one expiry, %s", name,
		    clk_day_to(x->expiry[0], a));
	else
		msg_info("%s: %zu options of %s, %zu of %s", name,
		    x->options[0], clk_day_to(x->expiry[0], a), x->options[1],
		    clk_day_to(x->expiry[1], b));
	if (x->odd > 0)
		msg_warnx("%s: options left out for their names: %zu", name,
		    x->odd);
}

static void
check_size(size_t n)
{
	struct plan plan;
	struct fault f;

	if (n == 0)
		msg_diex(EX_DATAERR, "nothing of the list or of "
		    "\"underlyings\" is in the dump");
	if (plan_make(&plan, n, (unsigned)conf_int(conf, "captureLines"),
	    &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (plan.conns > plan.copies)
		msg_warnx("%zu instruments: %u connections are needed", n,
		    plan.conns);
}

/* ---- what there is to say ---- */

static size_t
count(enum inst_kind from, enum inst_kind to)
{
	size_t n = 0;

	for (size_t i = 0; i < chosen.all.n; i++)
		n += chosen.all.v[i].kind >= from && chosen.all.v[i].kind <= to;
	return n;
}

/* -n: how many of what, as rows. */
static void
print_counts(void)
{
	char d[CLK_DAY];

	puts("group\texpiry\tinstruments");
	printf("shares\t\\N\t%zu\n", count(INST_EQ, INST_EQ));
	printf("indices\t\\N\t%zu\n", count(INST_INDEX, INST_INDEX));
	printf("futures\t\\N\t%zu\n", count(INST_FUT, INST_FUT));
	for (size_t n = 0; n < under.n; n++)
		for (int e = 0; e < CHOOSE_EXPIRIES; e++)
			if (options[n].expiry[e] != INST_NO_EXPIRY)
				printf("%s\t%s\t%zu\n",
				    options[n].def->underlying,
				    clk_day_to(options[n].expiry[e], d),
				    options[n].options[e]);
	printf("all\t\\N\t%zu\n", chosen.all.n);
}

static void
summarize(void)
{
	msg_warnx("%zu instruments: %zu shares, %zu indices, %zu futures, %zu "
	    "options; %zu of the list's %zu tables have none today%s",
	    chosen.all.n, count(INST_EQ, INST_EQ),
	    count(INST_INDEX, INST_INDEX), count(INST_FUT, INST_FUT),
	    count(INST_CE, INST_PE), chosen.missing, chosen.tables,
	    dry ? "; nothing written (-n)" : "");
}

/* ---- writing: all files, or none ---- */

/* Undoes what was begun, also on the way out of a failure. */
static void
abort_files(void)
{
	for (size_t i = 0; i < nout; i++)
		file_abort(&out[i]);
}

static FILE *
begin(const char *stem, const char *end)
{
	char name[256], path[PATH];
	struct stat st;
	struct fault f;

	snprintf(name, sizeof(name), "%s%s", stem, end);
	if (file_join(path, sizeof(path), conf_str(conf, "lookupDir"), name,
	    &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		msg_diex(EX_CANTCREAT, "%s: is a directory", path);
	if (file_begin(&out[nout], path, 0666, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	return out[nout++].fp;
}

/* Token list and token-to-table map of a group; errors are seen later. */
static void
write_group(size_t g)
{
	const struct inst_set *from = g >= G_OPTIONS ? &chosen.options :
	    &chosen.listed;
	const char *stem = g == G_LIST ? "nifty500" : g == G_INDEX ? "index" :
	    under.def[g - G_OPTIONS]->file_stem;
	FILE *tokens = begin(stem, "TokenList.csv");
	FILE *map = begin(stem, "TokenTable.tsv");

	fputs("instrument_token\n", tokens);
	fputs("instrument_token\tTableName\n", map);
	for (size_t i = 0; i < from->n; i++) {
		const struct inst *v = &from->v[i];

		if ((g == G_INDEX && v->kind != INST_INDEX) ||
		    (g >= G_OPTIONS &&
		    !choose_is_option(&options[g - G_OPTIONS], v)))
			continue;
		fprintf(tokens, "%" PRIu32 "\n", v->token);
		fprintf(map, "%" PRIu32 "\t%s\n", v->token, v->table);
	}
}

static void
write_instruments(void)
{
	FILE *fp = begin("instruments", ".tsv");
	struct buf b = { 0 };

	fprintf(fp, "%s\n", inst_header);
	for (size_t i = 0; i < chosen.all.n; i++) {
		buf_reset(&b);
		if (inst_format(&b, &chosen.all.v[i]) != 0)
			msg_die(EX_TEMPFAIL, "instruments.tsv");
		fwrite(b.p, 1, b.len, fp);	/* errors are seen later */
	}
	buf_free(&b);
}

/* Everything is on the disk under its dot-name before the first file gets its
 * final one; instruments.tsv, which the programs read, is the last. */
static void
write_files(void)
{
	struct fault f;

	if (file_mkdirs(conf_str(conf, "lookupDir"), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	atexit(abort_files);
	for (size_t g = 0; g < G_OPTIONS + under.n; g++)
		write_group(g);
	write_instruments();
	for (size_t i = 0; i < nout; i++)
		if (fflush(out[i].fp) == EOF || ferror(out[i].fp) ||
		    fsync(fileno(out[i].fp)) == -1) {
			fault_sys(&f, 0, "%s", out[i].path);
			msg_diex(f.ex, "%s", f.text);
		}
	for (size_t i = 0; i < nout; i++)
		if (file_commit(&out[i], &f) != 0)
			msg_diex(f.ex, "%s", f.text);
}

static void
prepare_store(void)
{
	struct store *s;
	struct fault f;

	if (store_open(&s, conf, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (store_prepare(s, &chosen.all, &f) != 0)
		msg_diex(f.ex, "%s: %s", store_where(s), f.text);
	store_close(s);
}

static void
read_options(int argc, char *argv[])
{
	int c;

	opt_init("das-lookup", "[-n] [-d date] [-i dump] [-l list]");
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
	stop_catch();
}

int
main(int argc, char *argv[])
{
	struct fault f;

	read_options(argc, argv);
	if (conf_open(&conf, opt_config(), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	prepare();
	choose_all();
	for (size_t i = 0; i < under.n; i++)
		tell_expiries(&options[i]);
	check_size(chosen.all.n);
	if (dry)
		print_counts();
	else
		write_files();
	summarize();
	if (!dry)
		prepare_store();
	msg_close_stdout();
	return 0;
}
