/*
 * das-lookup - from the instrument dump and the list to what is captured today
 *
 * Every symbol of lookupTables_Nifty500.csv is looked up on its own exchange,
 * and for every index in "underlyings" all options of the current and the next
 * expiry are chosen from the dump alone.  Writes the token lists, the
 * token-to-table maps and instruments.tsv, all or none of them, and then makes
 * the store's databases, tables and views.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "clk.h"
#include "conf.h"
#include "dump.h"
#include "file.h"
#include "indices.h"
#include "inst.h"
#include "kite.h"
#include "list.h"
#include "msg.h"
#include "opt.h"
#include "stop.h"
#include "store.h"

enum {
	UNDERLYINGS = 64,
	TOKENS_MAX = KITE_TOKENS_MAX * KITE_CONNS_MAX,
	EXPIRIES = 2,			/* the current and the next */
	PATH = 4096
};

/* How good a row of the dump is for a table: the lowest wins. */
enum rank {
	RANK_SHARE = 0,			/* + the number of its form */
	RANK_INDEX = LIST_FORMS,	/* of NSE */
	RANK_OTHER,			/* anything but a BSE share */
	RANK_NONE
};

struct underlying {
	const struct index_def *def;
	const char *db;			/* of its options */
	int32_t	 expiry[EXPIRIES];	/* INST_NO_EXPIRY: none */
	size_t	 options[EXPIRIES];	/* how many */
	size_t	 odd;			/* options with unusable names */
};

/* A table of the list and the instrument that fills it today. */
struct slot {
	const struct list_row *row;	/* the first with this table */
	const struct underlying *spot, *future;	/* whose it is, or NULL */
	enum rank rank;
	struct inst inst;
};

struct want {			/* a symbol that is looked for */
	char	 symbol[64];
	size_t	 slot;
	bool	 implied;	/* not in the list, another form is */
};

static const char *list_arg, *dump_arg;	/* -l, -i */
static bool dry;			/* -n */
static int32_t day;			/* today, or -d */
static char today[CLK_DAY];

static struct conf *conf;
static struct indices indices;
static struct underlying under[UNDERLYINGS];
static size_t nunder;
static struct list list;
static struct slot *slot;
static size_t nslot;
static struct want *want;
static size_t nwant;
static struct inst_set listed;		/* what was chosen for the list, */
static struct inst_set options;		/* and of options; no token in both */
static struct inst_set set;		/* all of it, sorted by token */

/* ---- preparation ---- */

static void
find_underlyings(void)
{
	const struct index_def *def;
	const char *name, *db;
	char path[PATH];
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
		db = conf_extra(conf, def->db_key);
		if (db != NULL && !inst_name_ok(db))
			msg_diex(EX_CONFIG, "%s: %s: is '%.70s', want letters, "
			    "digits, _", conf_file(conf), def->db_key, db);
		under[nunder] = (struct underlying){ .def = def,
		    .db = db != NULL ? db : def->db_default,
		    .expiry = { INST_NO_EXPIRY, INST_NO_EXPIRY } };
	}
}

static void *
grown(void *v, size_t n, size_t size)
{
	if ((v = reallocarray(v, n, size)) == NULL)
		msg_die(EX_TEMPFAIL, "symbols");
	return v;
}

/* The slot of a row's table, made when it is the first. */
static size_t
slot_of(const struct list_row *row)
{
	struct slot *s;

	for (size_t i = 0; i < nslot; i++)
		if (strcasecmp(slot[i].row->table, row->table) == 0)
			return i;
	slot = grown(slot, nslot + 1, sizeof(*slot));
	s = &slot[nslot];
	*s = (struct slot){ .row = row, .rank = RANK_NONE };
	for (size_t n = 0; n < nunder; n++) {
		const struct index_def *d = under[n].def;

		if (strcmp(row->symbol, d->spot) == 0)
			s->spot = &under[n];
		else if (strcasecmp(row->table, d->future_table) == 0)
			s->future = &under[n];
	}
	return nslot++;
}

static void
add_want(const char *symbol, size_t at, bool implied)
{
	want = grown(want, nwant + 1, sizeof(*want));
	want[nwant].slot = at;
	want[nwant].implied = implied;
	snprintf(want[nwant].symbol, sizeof(want->symbol), "%s", symbol);
	nwant++;
}

static int
by_symbol(const void *a, const void *b)
{
	return strcmp(((const struct want *)a)->symbol,
	    ((const struct want *)b)->symbol);
}

/* All symbols to look for: the list's, and the other forms of its shares. */
static void
make_wants(void)
{
	char base[64], other[80];

	for (size_t i = 0; i < list.n; i++)
		add_want(list.v[i].symbol, slot_of(&list.v[i]), false);
	for (size_t i = 0; i < list.n; i++) {
		list_base(list.v[i].symbol, base);
		for (int form = 0; form < LIST_FORMS; form++) {
			snprintf(other, sizeof(other), "%s%s", base,
			    list_form[form]);
			if (strlen(other) < sizeof(want->symbol) &&
			    list_symbol(&list, other) == NULL)
				add_want(other, slot_of(&list.v[i]), true);
		}
	}
	if (nwant > 1)
		qsort(want, nwant, sizeof(*want), by_symbol);
}

/* ---- choosing ---- */

static bool
is_option_of(const struct underlying *u, const struct inst *i)
{
	return i->kind >= INST_CE &&
	    strcmp(i->segment, u->def->option_segment) == 0 &&
	    strcmp(i->name, u->def->underlying) == 0;
}

/* Keeps the two nearest expiries from today on. */
static void
see_expiry(struct underlying *u, int32_t expiry)
{
	if (expiry < day || expiry == u->expiry[0] || expiry == u->expiry[1])
		return;
	if (u->expiry[0] == INST_NO_EXPIRY || expiry < u->expiry[0]) {
		u->expiry[1] = u->expiry[0];
		u->expiry[0] = expiry;
	} else if (u->expiry[1] == INST_NO_EXPIRY || expiry < u->expiry[1]) {
		u->expiry[1] = expiry;
	}
}

static void
first_look(const struct inst *i)
{
	for (size_t n = 0; n < nunder; n++)
		if (is_option_of(&under[n], i))
			see_expiry(&under[n], i->expiry);
}

/* What row i of the dump is worth for the slot that wants its symbol. */
static enum rank
rank_of(const struct slot *s, const struct want *w, const struct inst *i)
{
	char base[64];
	bool nse = strcmp(i->exchange, "NSE") == 0;

	if (s->spot != NULL)
		return i->kind == INST_INDEX && !w->implied &&
		    strcmp(i->exchange, s->spot->def->spot_exchange) == 0 ?
		    RANK_INDEX : RANK_NONE;
	if (s->future != NULL)
		return i->kind == INST_FUT && !w->implied &&
		    strcmp(i->segment, s->future->def->future_segment) == 0 ?
		    RANK_OTHER : RANK_NONE;
	if (nse && strcmp(i->segment, "NSE") == 0)
		return (enum rank)(RANK_SHARE +
		    list_base(i->tradingsymbol, base));
	if (w->implied || strcmp(i->segment, "BSE") == 0)
		return RANK_NONE;
	return nse && i->kind == INST_INDEX ? RANK_INDEX : RANK_OTHER;
}

/* Two that trade today and want one table: never both.  That an index has a
 * share's name is no clash. */
static void
tell_clash(const struct slot *s, enum rank rank, const struct inst *i)
{
	const struct inst *better = rank < s->rank ? i : &s->inst;
	const struct inst *worse = rank < s->rank ? &s->inst : i;

	if (rank == s->rank || (rank < RANK_INDEX && s->rank < RANK_INDEX))
		msg_warnx("table %s: %s (%s, %" PRIu32 ") is taken, %s (%s, %"
		    PRIu32 ") is not", s->row->table, better->tradingsymbol,
		    better->segment, better->token, worse->tradingsymbol,
		    worse->segment, worse->token);
}

/* A row of the dump whose symbol is wanted: takes the place of a worse one. */
static void
offer(const struct want *w, const struct inst *i)
{
	struct slot *s = &slot[w->slot];
	enum rank rank = rank_of(s, w, i);

	if (rank == RANK_NONE)
		return;
	if (s->rank != RANK_NONE && s->inst.token != i->token)
		tell_clash(s, rank, i);
	if (rank >= s->rank)
		return;
	s->rank = rank;
	s->inst = *i;
}

static void
take(struct inst_set *s, const struct inst *i, const char *table,
    const char *db)
{
	struct inst *to = inst_add(s);

	if (to == NULL)
		msg_die(EX_TEMPFAIL, "instruments");
	*to = *i;
	inst_make_symbol(to);
	snprintf(to->table, sizeof(to->table), "%s", table);
	snprintf(to->db, sizeof(to->db), "%s", db);
}

/* An option of one of the chosen expiries: its table is its symbol. */
static void
take_option(struct underlying *u, const struct inst *i)
{
	char table[65];
	struct fault f;

	for (int e = 0; e < EXPIRIES; e++) {
		if (i->expiry != u->expiry[e])
			continue;
		if (inst_table_name(i->tradingsymbol, table, sizeof(table),
		    &f) != 0) {
			if (u->odd++ == 0)
				msg_warnx("%s; left out", f.text);
			return;
		}
		u->options[e]++;
		take(&options, i, table, u->db);
		return;
	}
}

static void
second_look(const struct inst *i)
{
	struct want key = { .slot = 0 }, *w;

	for (size_t n = 0; n < nunder; n++)
		if (is_option_of(&under[n], i))
			take_option(&under[n], i);
	if (strlen(i->tradingsymbol) >= sizeof(key.symbol))
		return;
	strcpy(key.symbol, i->tradingsymbol);
	w = nwant == 0 ? NULL :
	    bsearch(&key, want, nwant, sizeof(*want), by_symbol);
	if (w != NULL)
		offer(w, i);
}

/* Gives every good row of the dump to look(). */
static void
walk(const char *path, void (*look)(const struct inst *), bool tell)
{
	struct fault f;
	struct dump d;
	struct inst i;
	int rc, good;

	if (dump_open(&d, path, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	while ((rc = dump_next(&d, &f)) == 1) {
		if ((good = dump_inst(&d, &i, &f)) == -1)
			break;
		if (good)
			look(&i);
	}
	if (rc != 0)
		msg_diex(f.ex, "%s", f.text);
	if (tell && d.bad > 0)
		msg_warnx("passed over %ld of the dump's rows, the first: %s",
		    d.bad, d.first.text);
	dump_close(&d);
}

/* ---- what there is to say ---- */

static void
tell_expiries(const struct underlying *u)
{
	const char *name = u->def->underlying;
	char a[CLK_DAY], b[CLK_DAY];

	if (u->expiry[0] == INST_NO_EXPIRY)
		msg_warnx("%s: the dump has no option that expires on %s or "
		    "later", name, today);
	else if (u->expiry[1] == INST_NO_EXPIRY)
		msg_warnx("%s: the dump has only one expiry, %s", name,
		    clk_day_to(u->expiry[0], a));
	else
		msg_info("%s: %zu options of %s, %zu of %s", name,
		    u->options[0], clk_day_to(u->expiry[0], a), u->options[1],
		    clk_day_to(u->expiry[1], b));
	if (u->odd > 0)
		msg_warnx("%s: options left out for their names: %zu", name,
		    u->odd);
}

static bool
list_has(const struct underlying *u, bool spot)
{
	for (size_t i = 0; i < nslot; i++)
		if ((spot ? slot[i].spot : slot[i].future) == u)
			return true;
	return false;
}

/* Takes what the slots got; gives how many tables have nothing. */
static size_t
take_slots(void)
{
	const char *db = conf_str(conf, "nifty500DBName");
	size_t missing = 0;

	if (!inst_name_ok(db))
		msg_diex(EX_CONFIG, "%s: nifty500DBName: is '%.70s', want "
		    "letters, digits, _", conf_file(conf), db);

	for (size_t n = 0; n < nunder; n++)
		for (int spot = 0; spot < 2; spot++)
			if (!list_has(&under[n], spot))
				msg_warnx("%s: its %s is not in the list; run "
				    "das-n500", under[n].def->underlying,
				    spot ? "index" : "future");
	for (size_t i = 0; i < nslot; i++) {
		const struct slot *s = &slot[i];

		if (s->rank != RANK_NONE) {
			take(&listed, &s->inst, s->row->table, db);
			continue;
		}
		missing++;
		if (s->spot != NULL || s->future != NULL)
			msg_warnx("%s (table %s) is not in the dump",
			    s->row->symbol, s->row->table);
		else
			msg_info("not in the dump: %s", s->row->symbol);
	}
	return missing;
}

/* A token that the dump has twice can fill one table only. */
static void
drop_twins(struct inst_set *s)
{
	size_t n = 0;

	inst_sort(s);
	for (size_t i = 0; i < s->n; i++) {
		if (n > 0 && s->v[i].token == s->v[n - 1].token)
			msg_warnx("instrument_token %" PRIu32 ": %s is taken, "
			    "%s has the same", s->v[i].token,
			    s->v[n - 1].tradingsymbol, s->v[i].tradingsymbol);
		else
			s->v[n++] = s->v[i];
	}
	s->n = n;
}

/* An option that is also in the list goes where the list says. */
static void
join_sets(void)
{
	size_t n = 0;
	struct inst *to;

	drop_twins(&listed);
	drop_twins(&options);
	for (size_t i = 0; i < options.n; i++)
		if (inst_find(&listed, options.v[i].token) == NULL)
			options.v[n++] = options.v[i];
	options.n = n;
	for (size_t i = 0; i < listed.n + options.n; i++) {
		if ((to = inst_add(&set)) == NULL)
			msg_die(EX_TEMPFAIL, "instruments");
		*to = i < listed.n ? listed.v[i] : options.v[i - listed.n];
	}
	inst_sort(&set);
}

static size_t
count(enum inst_kind from, enum inst_kind to)
{
	size_t n = 0;

	for (size_t i = 0; i < set.n; i++)
		n += set.v[i].kind >= from && set.v[i].kind <= to;
	return n;
}

static void
check_size(void)
{
	if (set.n == 0)
		msg_diex(EX_DATAERR, "nothing of the list or of \"underlyings\" "
		    "is in the dump");
	if (set.n > TOKENS_MAX)
		msg_diex(EX_DATAERR, "%zu instruments: more than the %d that "
		    "the broker's %d connections carry; take some out of the "
		    "list or out of \"underlyings\"", set.n, TOKENS_MAX,
		    KITE_CONNS_MAX);
	if (set.n > KITE_TOKENS_MAX)
		msg_warnx("%zu instruments: more than %d, so %zu connections "
		    "are needed", set.n, KITE_TOKENS_MAX,
		    (set.n + KITE_TOKENS_MAX - 1) / KITE_TOKENS_MAX);
}

/* ---- writing: all files, or none ---- */

enum group { G_LIST, G_INDEX, G_OPTIONS };	/* G_OPTIONS + underlying */
enum { FILES_MAX = 2 * (G_OPTIONS + UNDERLYINGS) + 1 };

static struct file out[FILES_MAX];
static size_t nout;

/* Undoes what was begun, also on the way out of a failure. */
static void
abort_files(void)
{
	for (size_t i = 0; i < nout; i++)
		file_abort(&out[i]);
}

static bool
in_group(const struct inst *i, size_t g)
{
	return g >= G_OPTIONS ? is_option_of(&under[g - G_OPTIONS], i) :
	    g == G_LIST || i->kind == INST_INDEX;
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

/* Token list and token-to-table map of a group. */
static void
write_group(size_t g)
{
	const char *stem = g == G_LIST ? "nifty500" : g == G_INDEX ? "index" :
	    under[g - G_OPTIONS].def->file_stem;
	const struct inst_set *from = g >= G_OPTIONS ? &options : &listed;
	FILE *tokens = begin(stem, "TokenList.csv");
	FILE *map = begin(stem, "TokenTable.tsv");

	fputs("instrument_token\n", tokens);
	fputs("instrument_token\tTableName\n", map);
	for (size_t i = 0; i < from->n; i++) {
		const struct inst *v = &from->v[i];

		if (!in_group(v, g))
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
	for (size_t i = 0; i < set.n; i++) {
		buf_reset(&b);
		if (inst_format(&b, &set.v[i]) != 0)
			msg_die(EX_TEMPFAIL, "instruments.tsv");
		fwrite(b.p, 1, b.len, fp);	/* commit sees errors */
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
	for (size_t g = 0; g < G_OPTIONS + nunder; g++)
		write_group(g);
	write_instruments();
	for (size_t i = 0; i < nout; i++)
		if (fflush(out[i].fp) == EOF || ferror(out[i].fp) ||
		    fsync(fileno(out[i].fp)) == -1) {
			fault_sys(&f, 0, "%s", out[i].name);
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
	if (store_prepare(s, &set, &f) != 0)
		msg_diex(f.ex, "%s: %s", store_where(s), f.text);
	store_close(s);
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
	for (size_t n = 0; n < nunder; n++)
		for (int e = 0; e < EXPIRIES; e++)
			if (under[n].expiry[e] != INST_NO_EXPIRY)
				printf("%s\t%s\t%zu\n",
				    under[n].def->underlying,
				    clk_day_to(under[n].expiry[e], d),
				    under[n].options[e]);
	printf("all\t\\N\t%zu\n", set.n);
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
	char path[PATH];
	struct fault f;
	size_t missing;

	read_options(argc, argv);
	if (conf_open(&conf, opt_config(), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	find_underlyings();
	if (file_join(path, sizeof(path), conf_str(conf, "lookupDir"),
	    LIST_NAME, &f) != 0 || list_read(&list, list_arg != NULL ?
	    list_arg : path, &f) != 0)
		msg_diex(f.ex, "%s%s", f.text, f.ex == EX_NOINPUT ?
		    "; das-n500 makes it" : "");
	make_wants();
	if (dump_arg == NULL && dump_get(conf, path, sizeof(path), msg_warnx,
	    &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	walk(dump_arg != NULL ? dump_arg : path, first_look, false);
	walk(dump_arg != NULL ? dump_arg : path, second_look, true);
	missing = take_slots();
	join_sets();
	for (size_t n = 0; n < nunder; n++)
		tell_expiries(&under[n]);
	check_size();
	if (dry)
		print_counts();
	else
		write_files();
	msg_warnx("%zu instruments: %zu shares, %zu indices, %zu futures, %zu "
	    "options; %zu of the list's %zu tables have none today%s", set.n,
	    count(INST_EQ, INST_EQ), count(INST_INDEX, INST_INDEX),
	    count(INST_FUT, INST_FUT), count(INST_CE, INST_PE), missing, nslot,
	    dry ? "; nothing written (-n)" : "");
	if (!dry)
		prepare_store();
	msg_close_stdout();
	return 0;
}
