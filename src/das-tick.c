/*
 * das-tick - capture the broker's ticker
 *
 * Subscribes every instrument of lookup/instruments.tsv in full mode and
 * appends a row for each tick to topic ticks of the spool, until
 * marketCloseHour:marketCloseMinute, or to the end of the session where
 * marketClose says so; then it marks the day CLOSED.  Connections are made again
 * for ever; what was missed meanwhile is in gaps.tsv, what did not decode in
 * rejects.bin, how it goes in status.tsv (das-spool(5)).  With -r it decodes a
 * raw capture instead, with the same code; with -n it only looks whether a
 * capture would work.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "capture.h"
#include "clk.h"
#include "conf.h"
#include "file.h"
#include "live.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "plan.h"
#include "record.h"
#include "stop.h"
#include "verdict.h"

enum {
	FLUSH = 64 * 1024		/* -r: rows of one write */
};

static bool only_look;
static const char *out_name, *capture_name, *raw_name;
static int64_t raw_mb = 1024;		/* of a segment of it */

static struct conf *conf;
static struct inst_set set;
static struct plan plan;
static struct record record;

/* ---- -r: a capture instead of the ticker ---- */

/* Makes rows of all its frames.  1: asked to stop; 0 or -1 as
 * capture_next(). */
static int
decode_frames(struct capture_r *in, struct fault *f)
{
	struct capture_frame c;
	struct fault own;
	char day[CLK_DAY];
	bool begun = out_name != NULL;
	int rc;

	while ((rc = capture_next(in, &c, f)) == 1 && !stop_asked()) {
		if (!begun && record_to_spool(&record, conf,
		    clk_day_to(clk_day_of(c.recv_us), day), &own) != 0)
			msg_diex(own.ex, "%s", own.text);
		begun = true;
		if (record_take(&record, &c, false, &own) != 0 ||
		    (record.feed.rows.len >= FLUSH &&
		    record_flush(&record, &own) != 0))
			msg_diex(own.ex, "%s", own.text);
	}
	return rc;
}

static void
decode(void)
{
	const struct feed_count *n = &record.feed.count;
	struct capture_r in;
	struct fault f, own;
	int rc;

	if (capture_r_open(&in, capture_name, &f) != 0)
		msg_diex(f.ex == EX_NOINPUT ? EX_DATAERR : f.ex, "%s", f.text);
	if (out_name != NULL && record_to_file(&record, out_name, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	rc = decode_frames(&in, &f);
	if (rc == -1)
		msg_warnx("%s", f.text);
	if (in.cut)
		msg_warnx("%s", in.cut_why.text);
	if (n->rejects > 0)
		msg_warnx("%" PRIu64 " of %" PRIu64 " frames did not decode, or "
		    "not wholly", n->rejects, n->frames);
	msg_info("%" PRIu64 " ticks of %" PRIu64 " instruments", n->ticks,
	    n->seen);
	capture_r_close(&in);
	if (record_drain(&record, 0, &own) != 0 ||
	    record_close(&record, rc == 0, &own) != 0)
		msg_diex(own.ex, "%s", own.text);
	if (rc != 0)
		exit(rc == -1 ? f.ex : EX_TEMPFAIL);
}

/* ---- set-up ---- */

/* Which connection carries which of them; of a capture that was recorded on two
 * connections each packet is to be decoded once. */
static void
make_plan(const char *path)
{
	unsigned copies = (unsigned)conf_int(conf, "captureLines");
	struct fault f;

	if ((capture_name == NULL || copies > 1) &&
	    plan_make(&plan, set.n, copies, &f) != 0)
		msg_diex(f.ex, "%s: holds %s", path, f.text);
}

static void
load_instruments(void)
{
	char path[SPOOL_PATH];
	struct fault f;

	if (file_join(path, sizeof(path), conf_str(conf, "lookupDir"),
	    "instruments.tsv", &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (inst_load(&set, path, &f) != 0) {
		if (capture_name != NULL && f.ex == EX_NOINPUT)
			msg_warnx("%s; rows have no names", f.text);
		else
			msg_diex(EX_DATAERR, "%s; run das-lookup", f.text);
	} else if (set.n == 0 && capture_name == NULL)
		msg_diex(EX_DATAERR, "%s: holds no instruments; run das-lookup",
		    path);
	else
		make_plan(path);
}

/* A capture can be decoded to -o without a configuration, but then nothing
 * tells the names. */
static void
load_config(void)
{
	struct fault f;

	if (conf_open(&conf, opt_config(), &f) == 0)
		load_instruments();
	else if (capture_name != NULL && out_name != NULL &&
	    opt_config() == NULL && getenv("DAS_CONFIG") == NULL)
		msg_info("%s; rows have no names", f.text);
	else
		msg_diex(f.ex, "%s", f.text);
	if (record_init(&record, &set, plan.n > 0 ? &plan : NULL, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

static void
live(void)
{
	const struct live_spec spec = { .conf = conf, .set = &set,
	    .plan = &plan, .record = &record, .out = out_name, .raw = raw_name,
	    .raw_limit = (uint64_t)raw_mb << 20 };
	struct fault f;

	if (live_run(&spec, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

/* -n: would a capture work? */
static void
look(void)
{
	struct status s = { 0 };
	struct fault f;
	size_t missing;

	if (verdict_make(conf, &set, &plan, &s, &missing, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (missing > 0)
		msg_warnx("%zu instruments did not come in full mode in %d s; "
		    "a capture asks for them again; are they of today? run "
		    "das-lookup", missing, VERDICT_LOOK_S);
	fwrite(s.b.p, 1, s.b.len, stdout);	/* msg_close_stdout() tells */
	buf_free(&s.b);
	msg_close_stdout();
}

int
main(int argc, char *argv[])
{
	int c;

	opt_init("das-tick", "[-n] [-o file] [-r capture] [-w capture] "
	    "[-W megabytes]");
	while ((c = opt_next(argc, argv, "no:r:w:W:")) != -1)
		switch (c) {
		case 'n':
			only_look = true;
			break;
		case 'o':
			out_name = optarg;
			break;
		case 'r':
			capture_name = optarg;
			break;
		case 'w':
			raw_name = optarg;
			break;
		case 'W':
			if (num_i64(optarg, 1, 1 << 20, &raw_mb) != 0)
				msg_diex(EX_USAGE, "-W %s: not 1 to %d",
				    optarg, 1 << 20);
			break;
		}
	if (optind != argc || (capture_name != NULL && raw_name != NULL) ||
	    (only_look && (out_name != NULL || capture_name != NULL ||
	    raw_name != NULL)))
		opt_usage();
	stop_catch();
	load_config();
	if (only_look)
		look();
	else if (capture_name != NULL)
		decode();
	else
		live();
	record_free(&record);
	inst_free(&set);
	conf_close(conf);
	return 0;
}
