/*
 * das-sim - the other end of every connection of a day, simulated
 *
 * Answers on 127.0.0.1 as the broker's login, REST interface and ticker, as the
 * exchange's and Upstox's lists and as a mail server do: das-sim(1).  Runs until
 * it is asked to stop, then exits 0.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "cert.h"
#include "clk.h"
#include "conf.h"
#include "file.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "serve.h"
#include "simconf.h"
#include "simdump.h"
#include "simfault.h"
#include "simfeed.h"
#include "simkite.h"
#include "simlist.h"
#include "simmail.h"
#include "simreply.h"
#include "simsrc.h"
#include "stop.h"

static int64_t http_port, smtp_port = -1;	/* -1: no mail server */
static const char *port_file, *config_file, *data_dir = ".", *stats_file;
static const char *instruments, *nifty500, *holidays, *mail_dir;
static const char *tls_cert, *tls_key;		/* NULL: no TLS */
static bool tls;
static struct simfault faults;
static struct simsrc_spec market = { .day = -1, .seed = 1, .rate = 20 };

enum {				/* of the server */
	CONNS_MAX = 128,
	BODY_MAX = 64 * 1024,
	MESSAGE_MAX = 1 << 20,	/* a subscription of very many tokens */
	QUEUE_MAX = 1 << 20,
	TURN_MS = 100
};

enum { REPEAT_MAX = 1000000 };

enum { O_SMTP = 256, O_PORT_FILE, O_WRITE_CONFIG, O_DATA_DIR, O_STATS,
	O_INSTRUMENTS, O_NIFTY500, O_HOLIDAYS, O_DAY, O_SEED, O_RATE,
	O_MAIL_DIR, O_FAULT, O_REPEAT, O_TLS, O_TLS_CERT, O_TLS_KEY };

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
	{ "seed", required_argument, NULL, O_SEED },
	{ "rate", required_argument, NULL, O_RATE },
	{ "mail-dir", required_argument, NULL, O_MAIL_DIR },
	{ "fault", required_argument, NULL, O_FAULT },
	{ "repeat", required_argument, NULL, O_REPEAT },
	{ "tls", no_argument, NULL, O_TLS },
	{ "tls-cert", required_argument, NULL, O_TLS_CERT },
	{ "tls-key", required_argument, NULL, O_TLS_KEY },
	{ NULL, 0, NULL, 0 }
};

struct sim {
	struct serve	*serve;
	struct simkite	*kite;
	struct simlist	*list;
	struct simdump	*dump;
	struct simsrc	*src;
	struct simfeed	*feed;
	struct simmail	*mail;
	int		 http, smtp;	/* ports; smtp 0: none */
};

/* ---- figures ---- */

static const char *
state(const struct sim *s)
{
	return stop_asked() ? "done" : simfeed_over(s->feed) ? "closed" :
	    "running";
}

/* Calls add for every figure. */
static int
figures(const struct sim *s, struct buf *b,
    int (*add)(struct buf *, const char *key, uint64_t value))
{
	const struct simfeed_stats *t = simfeed_stats(s->feed);
	const struct {
		const char	*key;
		uint64_t	 value;
	} list[] = {
		{ "instruments", simdump_set(s->dump)->n },
		{ "logins", simkite_logins(s->kite) },
		{ "connections", t->connections },
		{ "connections_total", t->connections_total },
		{ "subscribed", t->subscribed },
		{ "subscribed_most", t->subscribed_most },
		{ "ticks_sent", t->ticks_sent },
		{ "cached_sent", t->cached_sent },
		{ "cached_old", t->cached_old },
		{ "pairs", t->pairs },
		{ "frames_sent", t->frames_sent },
		{ "bytes_sent", t->bytes_sent },
		{ "holds", t->holds },
		{ "texts_sent", t->texts_sent },
		{ "packets_bad_sent", t->packets_bad_sent },
		{ "frames_bad_sent", t->frames_bad_sent },
		{ "faults", t->faults },
		{ "mails", simmail_count(s->mail) },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		if (add(b, list[i].key, list[i].value) != 0)
			return -1;
	return 0;
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
write_stats(const struct sim *s)
{
	char now[CLK_TEXT];
	struct buf b = { 0 };
	struct fault f;

	if (stats_file == NULL)
		return;
	if (buf_addf(&b, "key\tvalue\nstate\t%s\nmarket_time\t%s\n", state(s),
	    clk_to_ist(simsrc_now(s->src), now)) != 0 ||
	    figures(s, &b, add_tsv) != 0)
		msg_warn("%s", stats_file);
	else if (file_put(stats_file, 0666, b.p, b.len, &f) != 0)
		msg_warnx("%s", f.text);
	buf_free(&b);
}

static void
answer_stats(const struct sim *s, struct serve_conn *c)
{
	struct serve_reply r = { .status = 200, .type = "application/json" };
	char now[CLK_TEXT];
	struct buf b = { 0 };

	if (buf_addf(&b, "{\"state\":\"%s\",\"market_time\":\"%s\"", state(s),
	    clk_to_ist(simsrc_now(s->src), now)) == 0 &&
	    figures(s, &b, add_json) == 0 && buf_adds(&b, "}") == 0) {
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
		answer_stats(s, c);
	else if (!simkite_request(s->kite, c, q) &&
	    !simdump_request(s->dump, c, q) &&
	    !simlist_request(s->list, c, q))
		simreply_error(c, 404, "GeneralException", "Route not found");
}

static int
upgrade(struct serve_conn *c, const struct serve_req *q, void *arg)
{
	struct sim *s = arg;

	return simfeed_upgrade(s->feed, c, q);
}

static void
opened(struct serve_conn *c, void *arg)
{
	struct sim *s = arg;

	if (serve_is_lines(c))
		simmail_opened(s->mail, c);
	else
		simfeed_opened(s->feed, c);
}

static void
message(struct serve_conn *c, enum serve_kind kind, const char *p, size_t n,
    void *arg)
{
	struct sim *s = arg;

	simfeed_message(s->feed, c, kind, p, n);
}

static void
line(struct serve_conn *c, const char *p, size_t n, bool whole, void *arg)
{
	struct sim *s = arg;

	simmail_line(s->mail, c, p, n, whole);
}

static void
sent(struct serve_conn *c, const void *p, size_t n, unsigned tag, void *arg)
{
	struct sim *s = arg;

	if (!serve_is_lines(c))
		simfeed_sent(s->feed, p, n, tag);
}

static void
closed(struct serve_conn *c, void *arg)
{
	struct sim *s = arg;

	if (serve_is_lines(c))
		simmail_closed(s->mail, c);
	else
		simfeed_closed(s->feed, c);
}

/* ---- start and end ---- */

static void
open_lists(struct sim *s)
{
	char sessions[4096];
	struct simlist_spec spec = { .day = market.day, .holidays = holidays,
	    .sessions = sessions };
	struct fault f;
	const char *why;
	long bad;

	if (conf_shipped(NULL, "sessions.tsv", sessions, sizeof(sessions),
	    &f) != 0 || simlist_open(&s->list, &spec, &f) != 0 ||
	    simdump_open(&s->dump, instruments, simlist_cal(s->list),
	    market.day, &f) != 0 || simlist_nifty500(s->list, nifty500,
	    simdump_set(s->dump), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if ((bad = simdump_bad(s->dump, &why)) > 0)
		msg_warnx("%ld rows are no instruments, the first: %s", bad,
		    why);
	msg_info("%zu instruments", simdump_set(s->dump)->n);
}

static void
open_market(struct sim *s)
{
	char date[CLK_DAY];
	struct fault f;

	market.set = simdump_set(s->dump);
	market.cal = simlist_cal(s->list);
	if (simsrc_open(&s->src, &market, &f) != 0 ||
	    simfeed_open(&s->feed, s->src, s->kite, market.set->n, &faults,
	    &f) != 0 ||
	    simmail_open(&s->mail, mail_dir, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (simsrc_over(s->src))
		msg_warnx("%s: there is no session, or it is over: the ticker "
		    "has no ticks", clk_day_to(simsrc_day(s->src), date));
}

/* The certificate and key that were given, or new ones in the data folder. */
static void
open_cert(void)
{
	static char cert[4096], key[4096];
	struct fault f;
	int rc;

	if (tls_cert != NULL) {
		rc = cert_check(tls_cert, tls_key, &f);
	} else {
		tls_cert = cert;
		tls_key = key;
		if ((rc = file_mkdirs(data_dir, &f)) == 0 &&
		    (rc = file_join(cert, sizeof(cert), data_dir,
		    "sim-cert.pem", &f)) == 0 &&
		    (rc = file_join(key, sizeof(key), data_dir, "sim-key.pem",
		    &f)) == 0)
			rc = cert_make(cert, key, &f);
	}
	if (rc != 0)
		msg_diex(f.ex, "%s", f.text);
}

static void
open_server(struct sim *s)
{
	const struct serve_spec spec = {
		.calls = { .request = request, .upgrade = upgrade,
		    .opened = opened, .message = message, .line = line,
		    .sent = sent, .closed = closed },
		.arg = s,
		.conns_max = CONNS_MAX,
		.body_max = BODY_MAX,
		.message_max = MESSAGE_MAX,
		.line_max = SIMMAIL_LINE,
		.queue_max = QUEUE_MAX,
		.cert = tls_cert,
		.key = tls_key,
	};
	struct fault f;

	if (serve_open(&s->serve, &spec, &f) != 0 ||
	    serve_http(s->serve, "127.0.0.1", (int)http_port, &s->http,
	    &f) != 0 || (smtp_port != -1 && serve_lines(s->serve, "127.0.0.1",
	    (int)smtp_port, &s->smtp, &f) != 0))
		msg_diex(f.ex, "%s", f.text);
}

/* Tells where we are, when all is ready. */
static void
announce(const struct sim *s, const struct simkite_spec *account)
{
	const struct simconf_place at = { .http = s->http, .smtp = s->smtp,
	    .dir = data_dir, .cert = tls_cert };
	struct buf b = { 0 };
	struct fault f;

	if (config_file != NULL && simconf_write(config_file, account, &at,
	    &f) != 0)
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
	struct fault f;
	int ms;

	stop_catch();
	while (!stop_asked()) {
		if (clk_mono() >= next) {
			write_stats(s);
			next += US_PER_SEC;
		}
		if ((ms = simfeed_turn(s->feed, &f)) < 0)
			msg_diex(f.ex, "%s", f.text);
		if (serve_turn(s->serve, ms) != 0)
			msg_diex(EX_OSERR, "the server gave up");
	}
	write_stats(s);
}

static void
port_option(const char *name, const char *arg, int64_t *port)
{
	if (num_i64(arg, 0, 65535, port) != 0)
		msg_diex(EX_USAGE, "%s %s: not 0 to 65535", name, arg);
}

static void
fault_option(void)
{
	struct buf names = { 0 };
	const char *name;
	struct fault f;

	if (simfault_add(&faults, optarg, &f) == 0)
		return;
	msg_warnx("--fault %s", f.text);
	for (size_t i = 0; (name = simfault_name(i)) != NULL; i++)
		if (buf_addf(&names, " %s", name) != 0)
			msg_die(EX_OSERR, "--fault");
	msg_diex(f.ex, "faults are:%s", names.p);
}

static void
long_option(int c)
{
	int64_t n;

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
		if (clk_day_from(optarg, &market.day) != 0)
			msg_diex(EX_USAGE, "--day %s: not YYYY-MM-DD", optarg);
		break;
	case O_SEED:
		if (num_i64(optarg, 0, INT64_MAX, &n) != 0)
			msg_diex(EX_USAGE, "--seed %s: not a number", optarg);
		market.seed = (uint64_t)n;
		break;
	case O_RATE:
		if (num_double(optarg, 0.01, 600, &market.rate) != 0)
			msg_diex(EX_USAGE, "--rate %s: not 0.01 to 600", optarg);
		break;
	case O_MAIL_DIR:
		mail_dir = optarg;
		break;
	case O_FAULT:
		fault_option();
		break;
	case O_REPEAT:
		if (num_i64(optarg, 1, REPEAT_MAX, &n) != 0)
			msg_diex(EX_USAGE, "--repeat %s: not 1 to %d", optarg,
			    REPEAT_MAX);
		market.repeat = (uint64_t)n;
		break;
	case O_TLS:
		tls = true;
		break;
	case O_TLS_CERT:
		tls_cert = optarg;
		break;
	case O_TLS_KEY:
		tls_key = optarg;
		break;
	}
}

static void
options(int argc, char *argv[])
{
	int c;

	opt_longs(longs);
	while ((c = opt_next(argc, argv, "p:r:t:x:")) != -1)
		switch (c) {
		case 'p':
			port_option("-p", optarg, &http_port);
			break;
		case 'r':
			market.capture = optarg;
			break;
		case 't':
			market.rows = optarg;
			break;
		case 'x':
			if (strcmp(optarg, "max") == 0)
				market.speed = SIMSRC_MAX;
			else if (num_double(optarg, 0.1, 1000,
			    &market.speed) != 0)
				msg_diex(EX_USAGE, "-x %s: neither max nor 0.1 "
				    "to 1000", optarg);
			break;
		default:
			long_option(c);
		}
	if (optind != argc || (market.capture != NULL && market.rows != NULL) ||
	    (market.capture == NULL && market.repeat > 0) ||
	    (tls_cert == NULL) != (tls_key == NULL))
		opt_usage();
}

int
main(int argc, char *argv[])
{
	struct sim s = { 0 };
	struct simkite_spec account;
	struct fault f;

	opt_init("das-sim", "[-p port] [-r capture | -t rows] [-x speed] "
	    "[--data-dir dir] [--day date] [--fault name@time[+seconds]] "
	    "[--holidays file] "
	    "[--instruments file] [--mail-dir dir] [--nifty500 file] "
	    "[--port-file file] [--rate n] [--repeat n] [--seed n] "
	    "[--smtp port] [--stats file] [--tls] [--tls-cert file --tls-key file] "
	    "[--write-config file]");
	options(argc, argv);
	if (port_file != NULL && unlink(port_file) == -1 && errno != ENOENT)
		msg_die(EX_CANTCREAT, "%s", port_file);	/* an old one */
	if (market.day == -1)
		market.day = clk_day_of(clk_now());
	if (simconf_account(&account, opt_config(), &f) != 0 ||
	    simkite_open(&s.kite, &account, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (tls || tls_cert != NULL)
		open_cert();
	open_lists(&s);
	open_market(&s);
	open_server(&s);
	announce(&s, &account);
	run(&s);
	serve_close(s.serve);
	simmail_close(s.mail);
	simfeed_close(s.feed);
	simsrc_close(s.src);
	simdump_close(s.dump);
	simlist_close(s.list);
	simkite_close(s.kite);
	return 0;
}
