/*
 * das-load - a topic of a day from the spool into the store
 *
 * Loads what the spool has behind the position in das_position, in batches that
 * are one transaction with the position behind them.  With -f it goes on until
 * the topic is CLOSED.  A store that is locked, down or full is waited for: the
 * spool keeps everything.  Exit 0 says that all there is has been loaded.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clk.h"
#include "conf.h"
#include "load.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "rows.h"
#include "stop.h"
#include "store.h"

enum {
	WAIT_MAX_S = 30,	/* longest between two tries of a store */
	REMIND_S = 300		/* between two words about one that is away */
};

static struct conf *conf;
static struct store *store;
static struct load load;
static char day[CLK_DAY];
static const char *topic = LOAD_TOPIC;
static bool follow, opened;
static int64_t interval_us = US_PER_SEC;

/* Loading may begin more than once: where it began first, batches before. */
static struct store_pos first;
static bool begun;
static uint64_t batches;

/* The store is away: since when, how often tried, when last told. */
static int64_t away_since, told, tries;

/* While the market runs there is no hurry, the spool grows. */
static bool
patient(void)
{
	return follow && !rows_are_closed(conf, day, topic);
}

/* To be opened again, where the store's position is now. */
static void
begin_anew(void)
{
	batches += load.batches;
	load_close(&load);
	opened = false;
}

/* Opens what is not open yet and loads a batch. */
static int
load_batch(struct fault *f)
{
	if (store == NULL && store_open_topic(&store, conf, topic, f) != 0)
		return -1;
	store_leave(store, patient());
	if (opened && store_behind(store) == STORE_BACK)
		begin_anew();
	if (!opened) {
		if (load_open(&load, store, conf, day, topic, f) != 0) {
			load_close(&load);
			return -1;
		}
		opened = true;
		if (!begun)
			first = load.from;
		begun = true;
		if (load.inst.other_day)
			msg_warnx("%s of %s was not kept: taking that of "
			    "today", DAYINST_NAME, day);
	}
	return load_some(&load, follow ? interval_us : -1, f);
}

/* Waits after EX_TEMPFAIL; dies when it is not worth it: after the close somebody
 * waits for our end. */
static void
wait_for_store(const struct fault *f)
{
	bool hurry = !patient();
	int64_t now = clk_mono(), wait_s = WAIT_MAX_S;

	if (load.rival)
		msg_diex(f->ex, "%s", f->text);
	if (tries++ == 0) {
		away_since = now;
		told = 0;
	}
	if (hurry && tries >= conf_int(conf, "retryCount"))
		msg_diex(f->ex, "%s; given up after %" PRId64 " tries", f->text,
		    tries);
	if (told == 0 || now - told >= REMIND_S * US_PER_SEC) {
		msg_warnx("%s; waiting, nothing is lost", f->text);
		told = now;
	}
	if (tries < 6)
		wait_s = INT64_C(1) << (tries - 1);
	if (hurry && wait_s > conf_int(conf, "retryDelaySeconds"))
		wait_s = conf_int(conf, "retryDelaySeconds");
	stop_sleep(wait_s * US_PER_SEC);
}

/* A batch went in: says once what was new about it. */
static void
tell(void)
{
	static bool strangers;

	if (tries > 0 && told != 0)
		msg_warnx("%s: back after %" PRId64 " s", store_where(store),
		    (clk_mono() - away_since) / US_PER_SEC);
	tries = 0;
	if (load.unknown > 0 && !strangers) {
		strangers = true;
		msg_warnx("token %" PRIu32 " is not in %s: kept out of "
		    "dailytable, as are others that are not", load.stranger,
		    DAYINST_NAME);
	}
}

/* True when all there is has been loaded, false when a stop was asked for. */
static bool
run(void)
{
	struct fault f;
	int rc;

	while (!stop_asked()) {
		if ((rc = load_batch(&f)) == -1) {
			if (f.ex == EX_TEMPFAIL && !stop_asked())
				wait_for_store(&f);
			else if (f.ex != EX_TEMPFAIL)
				msg_diex(f.ex, "%s%s", f.text,
				    f.ex == EX_NOINPUT ?
				    "; das-lookup makes it" : "");
			continue;
		}
		tell();
		if (rc == LOAD_END && store_behind(store) != STORE_LEVEL)
			begin_anew();	/* now all of them are needed */
		else if (rc == LOAD_END || (rc == LOAD_IDLE && !follow))
			return true;
	}
	return false;
}

static void
options(int argc, char *argv[])
{
	int64_t s;
	int c;

	clk_day_to(clk_day_of(clk_now()), day);
	while ((c = opt_next(argc, argv, "d:fi:")) != -1)
		switch (c) {
		case 'd':
			clk_day_to(opt_day(optarg), day);
			break;
		case 'f':
			follow = true;
			break;
		case 'i':
			if (num_i64(optarg, 0, 3600, &s) != 0)
				msg_diex(EX_USAGE, "-i %s: not 0 to 3600",
				    optarg);
			interval_us = s * US_PER_SEC;
			break;
		}
	if (optind < argc)
		topic = argv[optind++];
	if (!load_knows(topic))
		msg_diex(EX_USAGE, "%s: only topics ticks and ltp can be "
		    "loaded", topic);
	if (optind < argc)
		opt_usage();
}

int
main(int argc, char *argv[])
{
	char dir[SPOOL_PATH];
	struct fault f;
	bool drained;

	opt_init("das-load", "[-f] [-d day] [-i seconds] [ticks | ltp]");
	options(argc, argv);
	if (conf_open(&conf, opt_config(), &f) != 0 || spool_dir(dir,
	    conf_str(conf, "spoolDir"), day, topic, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	stop_catch();
	if (!follow && !rows_exist(conf, day, topic))
		msg_die(EX_NOINPUT, "%s", dir);
	if (load_lock(conf, day, topic, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	drained = run();
	if (opened)
		msg_warnx("%s: %" PRIu64 " rows%s, %" PRIu64 " kept out, %" PRIu64
		    " batches; %" PRIu64 " rows of the day in all%s", day,
		    load.from.rows - first.rows, strcmp(topic, LOAD_TOPIC) == 0 ? "" : " of ltp",
		    load.from.kept_out - first.kept_out,
		    batches + load.batches, load.from.rows,
		    drained ? "" : "; stopped before the end");
	load_close(&load);
	store_close(store);
	conf_close(conf);
	return drained ? 0 : EX_TEMPFAIL;
}
