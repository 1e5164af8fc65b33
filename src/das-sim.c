/*
 * das-sim - the other end of every connection of a day, simulated
 *
 * Answers on 127.0.0.1 as the broker's login, REST interface and ticker, as the
 * exchange's and Upstox's lists and as a mail server do: das-sim(1).  Runs until
 * it is asked to stop, then exits 0.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clk.h"
#include "conf.h"
#include "file.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "serve.h"
#include "simconf.h"
#include "simdump.h"
#include "simkite.h"
#include "simlist.h"
#include "stop.h"

static int64_t http_port, smtp_port = -1;	/* -1: no mail server */
static const char *port_file, *config_file, *data_dir = ".", *stats_file;
static const char *instruments, *nifty500, *holidays;
static int32_t day = -1;

enum {				/* of the server */
	CONNS_MAX = 128,
	BODY_MAX = 64 * 1024,
	MESSAGE_MAX = 1 << 20,	/* a subscription of very many tokens */
	QUEUE_MAX = 1 << 20,
	TURN_MS = 100
};

enum { O_SMTP = 256, O_PORT_FILE, O_WRITE_CONFIG, O_DATA_DIR, O_STATS,
	O_INSTRUMENTS, O_NIFTY500, O_HOLIDAYS, O_DAY };

static const struct option longs[] = {
	{ "smtp", required_argument, NULL, O_SMTP },
	{ "port-file", required_argument, NULL, O_PORT_FILE },
	{ "write-config", required_argument, NULL, O_WRITE_CONFIG },
	{ "data-dir", required_argument, NULL, O_DATA_DIR },
	{ "stats", required_argument, NULL, O_STATS },
	{ "instruments", required_argument, NULL, O_INSTRUMENTS },
	{ "nifty500", required_argument, NULL, O_NIFTY500 },
	{ "holidays", required_argument, NULL, O_HOLIDAYS },
	{ "day", required_argument, NULL, O_DAY },
	{ NULL, 0, NULL, 0 }
};

struct sim {
	struct serve	*serve;
	struct simkite	*kite;
	struct simlist	*list;
	struct simdump	*dump;
	int		 http, smtp;	/* ports; smtp 0: none */
};

/* ---- figures ---- */

/* Calls add for every figure. */
static int
figures(const struct sim *s, const char *state, struct buf *b,
    int (*add)(struct buf *, const char *key, uint64_t value))
{
	(void)state;
	return add(b, "logins", simkite_logins(s->kite));
}

static int
add_tsv(struct buf *b, const char *key, uint64_t value)
{
	return buf_addf(b, "%s\t%" PRIu64 "\n", key, value);
}

static int
add_json(struct buf *b, const char *key, uint64_t value)
{
	return buf_addf(b, ",\"%s\":%" PRIu64, key, value);
}

static void
write_stats(const struct sim *s, const char *state)
{
	struct buf b = { 0 };
	struct fault f;

	if (stats_file == NULL)
		return;
	if (buf_addf(&b, "key\tvalue\nstate\t%s\n", state) != 0 ||
	    figures(s, state, &b, add_tsv) != 0)
		msg_warn("%s", stats_file);
	else if (file_put(stats_file, 0666, b.p, b.len, &f) != 0)
		msg_warnx("%s", f.text);
	buf_free(&b);
}

static void
answer_stats(const struct sim *s, struct serve_conn *c, const char *state)
{
	struct buf b = { 0 };
	struct serve_reply r = { .status = 200, .type = "application/json" };

	if (buf_addf(&b, "{\"state\":\"%s\"", state) == 0 &&
	    figures(s, state, &b, add_json) == 0 && buf_adds(&b, "}") == 0) {
		r.body = b.p;
		r.len = b.len;
	} else {
		r.status = 500;
	}
	serve_answer(c, &r);
	buf_free(&b);
}

/* ---- requests ---- */

static void
request(struct serve_conn *c, const struct serve_req *q, void *arg)
{
	struct sim *s = arg;

	msg_info("%s %s", q->method, q->path);
	if (strcmp(q->path, "/sim/stats") == 0)
		answer_stats(s, c, "running");
	else if (!simkite_request(s->kite, c, q) &&
	    !simdump_request(s->dump, c, q) &&
	    !simlist_request(s->list, c, q))
		simkite_error(c, 404, "GeneralException", "Route not found");
}

/* ---- start and end ---- */

static void
open_lists(struct sim *s)
{
	char sessions[4096];
	struct simlist_spec spec = { .day = day, .holidays = holidays,
	    .sessions = sessions };
	struct fault f;
	const char *why;
	long bad;

	if (conf_shipped(NULL, "sessions.tsv", sessions, sizeof(sessions),
	    &f) != 0 || simlist_open(&s->list, &spec, &f) != 0 ||
	    simdump_open(&s->dump, instruments, simlist_cal(s->list), day,
	    &f) != 0 || simlist_nifty500(s->list, nifty500,
	    simdump_set(s->dump), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if ((bad = simdump_bad(s->dump, &why)) > 0)
		msg_warnx("%ld rows are no instruments, the first: %s", bad,
		    why);
	msg_info("%zu instruments", simdump_set(s->dump)->n);
}

static void
open_server(struct sim *s)
{
	const struct serve_spec spec = {
		.calls = { .request = request },
		.arg = s,
		.conns_max = CONNS_MAX,
		.body_max = BODY_MAX,
		.message_max = MESSAGE_MAX,
		.queue_max = QUEUE_MAX,
	};
	struct fault f;

	if (serve_open(&s->serve, &spec, &f) != 0 ||
	    serve_http(s->serve, "127.0.0.1", (int)http_port, &s->http,
	    &f) != 0)
		msg_diex(f.ex, "%s", f.text);
}

/* Tells where we are, when all is ready. */
static void
announce(const struct sim *s, const struct simkite_spec *account)
{
	struct buf b = { 0 };
	struct fault f;

	if (config_file != NULL && simconf_write(config_file, account, s->http,
	    s->smtp, data_dir, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (port_file != NULL) {
		if (buf_addf(&b, "http\t%d\n", s->http) != 0 ||
		    (s->smtp != 0 && buf_addf(&b, "smtp\t%d\n", s->smtp) != 0))
			msg_die(EX_OSERR, "%s", port_file);
		if (file_put(port_file, 0666, b.p, b.len, &f) != 0)
			msg_diex(f.ex, "%s", f.text);
		buf_free(&b);
	}
	msg_info("listening on 127.0.0.1 port %d", s->http);
}

static void
run(struct sim *s)
{
	int64_t next = clk_mono();

	stop_catch();
	while (!stop_asked()) {
		if (clk_mono() >= next) {
			write_stats(s, "running");
			next += US_PER_SEC;
		}
		if (serve_turn(s->serve, TURN_MS) != 0)
			msg_diex(EX_OSERR, "the server gave up");
	}
	write_stats(s, "done");
}

static void
port_option(const char *name, const char *arg, int64_t *port)
{
	if (num_i64(arg, 0, 65535, port) != 0)
		msg_diex(EX_USAGE, "%s %s: not 0 to 65535", name, arg);
}

static void
long_option(int c)
{
	switch (c) {
	case O_SMTP:
		port_option("--smtp", optarg, &smtp_port);
		break;
	case O_PORT_FILE:
		port_file = optarg;
		break;
	case O_WRITE_CONFIG:
		config_file = optarg;
		break;
	case O_DATA_DIR:
		data_dir = optarg;
		break;
	case O_STATS:
		stats_file = optarg;
		break;
	case O_INSTRUMENTS:
		instruments = optarg;
		break;
	case O_NIFTY500:
		nifty500 = optarg;
		break;
	case O_HOLIDAYS:
		holidays = optarg;
		break;
	case O_DAY:
		if (clk_day_from(optarg, &day) != 0)
			msg_diex(EX_USAGE, "--day %s: not YYYY-MM-DD", optarg);
		break;
	}
}

int
main(int argc, char *argv[])
{
	struct sim s = { 0 };
	struct simkite_spec account;
	struct fault f;
	int c;

	opt_init("das-sim", "[-p port] [--port-file file] "
	    "[--write-config file] [--data-dir dir] [--stats file] "
	    "[--day date] [--instruments file] [--nifty500 file] "
	    "[--holidays file]");
	opt_longs(longs);
	while ((c = opt_next(argc, argv, "p:")) != -1)
		if (c == 'p')
			port_option("-p", optarg, &http_port);
		else
			long_option(c);
	if (optind != argc)
		opt_usage();
	if (day == -1)
		day = clk_day_of(clk_now());
	if (simconf_account(&account, opt_config(), &f) != 0 ||
	    simkite_open(&s.kite, &account, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	open_lists(&s);
	open_server(&s);
	announce(&s, &account);
	run(&s);
	serve_close(s.serve);
	simdump_close(s.dump);
	simlist_close(s.list);
	simkite_close(s.kite);
	return 0;
}
