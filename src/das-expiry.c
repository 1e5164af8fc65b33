/*
 * das-expiry - what the contracts of an index are called on a day
 *
 * Prints the beginning of Kite's symbols of the options that expire next, on DAY
 * or after: by rule, from lookup/expiries.tsv and the holidays, so for any day
 * since 2019 and without an instrument dump.  For the symbols of today's
 * contracts lookup/instruments.tsv is the better source: it is the broker's.
 */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cal.h"
#include "clk.h"
#include "conf.h"
#include "days.h"
#include "expiry.h"
#include "file.h"
#include "msg.h"
#include "num.h"
#include "opt.h"

enum { DAYS = 400, LIST_MAX = 3660, MAX = 1024, NTH_MAX = 52 };

static struct cal cal;
static struct expiry_rules rules;
static struct expiry_ask ask = { .days = DAYS };
static struct inst inst = { .kind = INST_INDEX };	/* of -f and -o; none */
static int64_t list;		/* days; 0: none */
static int64_t nth = 1;
static int first_known = INT_MAX, last_known;	/* years with holidays */

/* ---- what is known ---- */

/* The user's own list of this year, where there is a configuration. */
static int
own_holidays(const struct conf *conf, struct fault *f)
{
	char path[PATH_MAX];

	if (conf == NULL)
		return 0;
	if (file_join(path, sizeof(path), conf_str(conf, "lookupDir"),
	    DAYS_HOLIDAYS, f) != 0)
		return -1;
	return access(path, F_OK) == 0 ? cal_holidays(&cal, path, f) : 0;
}

static void
load(void)
{
	char path[PATH_MAX];
	struct conf *conf = NULL;
	struct fault f;
	int m, d;

	if (conf_open(&conf, opt_config(), &f) != 0) {
		if (opt_config() != NULL)
			msg_diex(f.ex, "%s", f.text);
		msg_info("going by what is shipped alone: %s", f.text);
	}
	if (conf_shipped(conf, "expiries.tsv", path, sizeof(path), &f) != 0 ||
	    expiry_load(&rules, path, &f) != 0 ||
	    conf_shipped(conf, "holidays.tsv", path, sizeof(path), &f) != 0 ||
	    cal_past(&cal, path, &f) != 0 || own_holidays(conf, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (conf != NULL)
		conf_close(conf);
	if (cal.nholiday > 0) {
		clk_day_split(cal.holiday[0], &first_known, &m, &d);
		clk_day_split(cal.holiday[cal.nholiday - 1], &last_known, &m,
		    &d);
	}
}

static void
check_year(int32_t day)
{
	static bool told;
	int y, m, d;

	clk_day_split(day, &y, &m, &d);
	if ((y < first_known || y > last_known) && !told) {
		msg_warnx("the holidays of %d are not known: an expiry may be "
		    "earlier", y);
		told = true;
	}
}

/* ---- what is asked ---- */

static void
operand(const char *s)
{
	bool right = strcmp(s, "CE") == 0 || strcmp(s, "PE") == 0;

	if (right && inst.kind == INST_CE && *inst.tradingsymbol == '\0') {
		inst_kind_from(s, &inst.kind);
		inst.tradingsymbol[0] = *s;	/* said */
	} else if (isdigit((unsigned char)*s)) {
		if (ask.day != 0 || clk_day_from(s, &ask.day) != 0)
			msg_diex(EX_USAGE, "%s: not one day, YYYY-MM-DD", s);
	} else if (ask.underlying == NULL) {
		ask.underlying = s;
	} else {
		opt_usage();
	}
}

static void
options(int argc, char *argv[])
{
	int c;

	opt_init("das-expiry", "[-fm] [-l days] [-n number] [-o strike CE|PE] "
	    "[day] index");
	while ((c = opt_next(argc, argv, "fl:mn:o:")) != -1)
		switch (c) {
		case 'f':
			inst.kind = INST_FUT;
			ask.monthly = true;
			break;
		case 'l':
			if (num_i64(optarg, 1, LIST_MAX, &list) != 0)
				msg_diex(EX_USAGE, "-l %s: not 1 to %d days",
				    optarg, LIST_MAX);
			break;
		case 'm':
			ask.monthly = true;
			break;
		case 'n':
			if (num_i64(optarg, 1, NTH_MAX, &nth) != 0)
				msg_diex(EX_USAGE, "-n %s: not 1 to %d", optarg,
				    NTH_MAX);
			break;
		case 'o':
			if (num_e7(optarg, &inst.strike_e7) != 0 ||
			    inst.strike_e7 <= 0)
				msg_diex(EX_USAGE, "-o %s: not a strike",
				    optarg);
			inst.kind = INST_CE;
			break;
		}
	for (; optind < argc; optind++)
		operand(argv[optind]);
	if (ask.underlying == NULL || (inst.kind >= INST_CE &&
	    *inst.tradingsymbol == '\0') ||
	    (list > 0 && (inst.kind != INST_INDEX || nth > 1)) ||
	    (inst.strike_e7 != 0 && inst.kind == INST_FUT))
		opt_usage();
	if (ask.day == 0)
		ask.day = clk_day_of(clk_now());
}

/* ---- the answer ---- */

static void
print_list(const struct expiry *e, size_t n)
{
	char prefix[EXPIRY_PREFIX], day[CLK_DAY];

	puts("expiry\tcycle\tprefix");
	for (size_t i = 0; i < n; i++) {
		check_year(e[i].rule_day);
		expiry_prefix(prefix, ask.underlying, &e[i]);
		printf("%s\t%s\t%s\n", clk_day_to(e[i].day, day),
		    e[i].monthly ? "monthly" : "weekly", prefix);
	}
}

static void
print_one(const struct expiry *e)
{
	char prefix[EXPIRY_PREFIX];

	if (!e->monthly || inst.kind != INST_INDEX)
		check_year(e->rule_day);
	if (inst.kind == INST_INDEX) {
		expiry_prefix(prefix, ask.underlying, e);
		puts(prefix);
		return;
	}
	expiry_symbols(&inst, e);
	printf("%s\t%s\n", inst.tradingsymbol, inst.symbol);
}

int
main(int argc, char *argv[])
{
	static struct expiry e[MAX];
	char day[CLK_DAY];
	size_t n;

	options(argc, argv);
	load();
	if (!expiry_knows(&rules, ask.underlying) ||
	    strlen(ask.underlying) >= sizeof(inst.name))
		msg_diex(EX_USAGE, "%s: no rule for its expiries; it would be "
		    "a row of lookup/expiries.tsv", ask.underlying);
	strcpy(inst.name, ask.underlying);
	if (list > 0)
		ask.days = (int32_t)list;
	n = expiry_list(&rules, &cal, &ask, e, MAX);
	if (n < (size_t)nth)
		msg_diex(1, "%s: no %sexpiry is known on %s",
		    ask.underlying, nth > 1 ? "such " : "",
		    clk_day_to(ask.day, day));
	if (list > 0)
		print_list(e, n);
	else
		print_one(&e[nth - 1]);
	msg_close_stdout();
	return 0;
}
