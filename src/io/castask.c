#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "castask.h"
#include "castout.h"
#include "castsay.h"
#include "castsub.h"
#include "clk.h"
#include "ltp.h"
#include "num.h"
#include "store.h"
#include "wsfs.h"

enum {
	JOBS = 4,		/* questions at a time */
	ROWS = 10000,		/* of an answer, and */
	BYTES = 8 << 20,
	SECONDS = 10,		/* for the store, and */
	GRACE_S = 5,		/* more, then it is killed */
	ARGS = 32		/* values of a query */
};

struct job {
	pid_t	 pid;		/* 0: none */
	int	 fd;
	struct castclient *client;
	int64_t	 end_us;
	struct buf said;
	char	 id[sizeof(((struct cast *)NULL)->id)];
};

static struct job jobs[JOBS];

/* What a process is asked, and what it makes of it. */
struct question {
	struct store_ask ask;
	const char	*symbol;	/* of get_historical; NULL: a query */
	struct buf	*out;
	size_t		 n;		/* rows so far */
	bool		 full;		/* BYTES are there */
};

/* ---- in the process ---- */

/* A time of the store, as topic ltp has it: MariaDB's is of India. */
static int
put_time(struct buf *b, const char *s)
{
	char text[48];
	int64_t us;

	if (strchr(s, 'T') != NULL || clk_from_ist(s, &us) != 0)
		return js_add(b, s);
	ltp_ts(text, us);
	return buf_addf(b, "\"%s\"", text);
}

/* Text that is no UTF-8 would end the connection: bytes beyond ASCII are ? then. */
static int
put_text(struct buf *b, const char *s, size_t n)
{
	const size_t from = b->len;

	if (js_addn(b, s, n) != 0)
		return -1;
	if (!wsfs_utf8((const uint8_t *)b->p + from, b->len - from))
		for (size_t i = from; i < b->len; i++)
			if ((b->p[i] & 0x80) != 0)
				b->p[i] = '?';
	return 0;
}

static int
put_cell(struct buf *b, const struct store_cell *c)
{
	if (c->text == NULL)
		return buf_adds(b, "null");
	return c->number && num_json(c->text) ? buf_adds(b, c->text) :
	    put_text(b, c->text, c->len);
}

static const char *const members[] = { "symbol", "token", "ts", "ltp", "bid",
    "ask", "volume", "oi", "delta", "gamma", "theta", "vega", "iv", "source" };

static int
put_row(struct question *q, const struct store_cell *cell, size_t n)
{
	struct buf *b = q->out;
	int rc = buf_adds(b, q->n > 0 ? "," : "");

	rc |= buf_adds(b, q->symbol != NULL ? "{" : "[");
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = buf_adds(b, i > 0 ? "," : "");
		if (q->symbol != NULL)
			rc |= buf_addf(b, "\"%s\":", members[i]);
		rc |= q->symbol != NULL && i == 2 && cell[i].text != NULL ?
		    put_time(b, cell[i].text) : put_cell(b, &cell[i]);
	}
	return rc | buf_adds(b, q->symbol != NULL ? "}" : "]");
}

static int
take_row(void *arg, const struct store_cell *cell, size_t n, bool names)
{
	struct question *q = arg;
	size_t before = q->out->len;
	int rc = 0;

	if (names && q->symbol != NULL)
		return n == sizeof(members) / sizeof(*members) ? 0 : -1;
	if (names) {
		for (size_t i = 0; rc == 0 && i < n; i++)
			rc = buf_adds(q->out, i > 0 ? "," : "") != 0 ? -1 :
			    put_text(q->out, cell[i].text, cell[i].len);
		return rc | buf_adds(q->out, "],\"rows\":[");
	}
	rc = put_row(q, cell, n);
	q->n++;
	if ((q->full = q->out->len > BYTES))	/* a row may have many */
		q->out->p[q->out->len = before] = '\0';
	return rc != 0 || q->full ? -1 : 0;
}

static int
put_error(struct buf *b, const struct fault *f)
{
	const char *code = f->ex == EX_DATAERR ? "bad_request" :
	    f->ex == EX_NOINPUT ? "no_data" : "busy";

	buf_reset(b);
	if (buf_addf(b, "{\"type\":\"error\",\"code\":\"%s\",\"message\":",
	    code) != 0 || put_text(b, f->text, strlen(f->text)) != 0)
		return -1;
	return buf_adds(b, "}");
}

static int
answer(struct question *q, const struct conf *conf)
{
	struct store *s = NULL;
	struct fault f = { 0 };
	int rc = q->symbol == NULL ? buf_adds(q->out,
	    "{\"type\":\"query_result\",\"columns\":[") :
	    buf_adds(q->out, "{\"type\":\"historical\",\"symbol\":") != 0 ||
	    js_add(q->out, q->symbol) != 0 ||
	    buf_adds(q->out, ",\"data\":[") != 0;

	if (rc != 0)
		return -1;
	q->ask.user = q;
	if (store_open_read(&s, conf, &f) != 0 ||
	    (rc = store_ask(s, &q->ask, &f)) == -1)
		return put_error(q->out, &f);
	store_close(s);
	return buf_addf(q->out, "],\"truncated\":%s}", rc == 1 || q->full ?
	    "true" : "false");
}

static void
run(struct question *q, const struct conf *conf, int fd)
{
	static struct buf out;
	const char *p;
	ssize_t n;

	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(fd, 3) == -1 || close_range(4, ~0U, 0) == -1)
		_exit(1);
	alarm(SECONDS + GRACE_S);
	q->out = &out;
	/* a newline, which no text of JSON has, behind what is whole */
	if (answer(q, conf) != 0 || buf_adds(&out, "\n") != 0)
		_exit(1);
	for (p = out.p; out.len > 0; p += n, out.len -= (size_t)n)
		if ((n = write(3, p, out.len)) <= 0)
			_exit(1);
	_exit(0);
}

/* ---- the processes ---- */

static void
end_job(struct job *j)
{
	if (j->pid != 0) {
		kill(j->pid, SIGKILL);
		while (waitpid(j->pid, NULL, 0) == -1 && errno == EINTR)
			;
		close(j->fd);
	}
	buf_free(&j->said);
	*j = (struct job){ 0 };
}

static void
start(struct castclient *c, struct question *q)
{
	struct job *j = NULL;
	int fd[2];

	for (int i = 0; i < JOBS; i++) {
		if (jobs[i].pid == 0) {
			j = &jobs[i];
		} else if (jobs[i].client == c) {
			castsay_error(c, "busy", "your question before is not "
			    "answered yet");
			return;
		}
	}
	if (j == NULL) {
		castsay_error(c, "busy", "others are asking");
		return;
	}
	if (!castsay_room(c))
		return;
	if (pipe2(fd, O_CLOEXEC) == -1) {
		castsay_error(c, "busy", "no pipe");
		return;
	}
	if ((j->pid = fork()) == 0)
		run(q, c->cast->conf, fd[1]);
	close(fd[1]);
	if (j->pid == -1) {
		close(fd[0]);
		j->pid = 0;
		castsay_error(c, "busy", "no process");
		return;
	}
	(void)fcntl(fd[0], F_SETFL, O_NONBLOCK);	/* a read end of ours */
	j->fd = fd[0];
	j->client = c;
	j->end_us = c->cast->now + (SECONDS + 2 * GRACE_S) * US_PER_SEC;
	snprintf(j->id, sizeof(j->id), "%s", c->cast->id);
}

static void
say(struct job *j)
{
	struct castclient *c = j->client;
	struct buf b = j->said;

	memcpy(c->cast->id, j->id, sizeof(j->id));
	j->said = (struct buf){ 0 };
	if (b.len > 0 && b.p[b.len - 1] == '\n') {
		b.p[--b.len] = '\0';
		castsay_answer(c, &b, 0);
	} else {
		castsay_error(c, "busy", "the question took too long");
		buf_free(&b);
	}
	*c->cast->id = '\0';
	castout_flush(c);
}

/* Has it said all? */
static bool
listen_to(struct job *j, int64_t now)
{
	char piece[65536];
	ssize_t n;

	while ((n = read(j->fd, piece, sizeof(piece))) > 0)
		if (j->said.len > BYTES + sizeof(piece) ||
		    buf_add(&j->said, piece, (size_t)n) != 0) {
			buf_reset(&j->said);
			return true;
		}
	return n == 0 || (errno != EAGAIN && errno != EINTR) ||
	    now > j->end_us;
}

void
castask_turn(struct cast *k)
{
	for (struct job *j = jobs; j < jobs + JOBS; j++)
		if (j->pid != 0 && listen_to(j, k->now)) {
			say(j);
			end_job(j);
		}
}

bool
castask_busy(void)
{
	for (int i = 0; i < JOBS; i++)
		if (jobs[i].pid != 0)
			return true;
	return false;
}

void
castask_forget(const struct castclient *c)
{
	for (int i = 0; i < JOBS; i++)
		if (jobs[i].pid != 0 && (c == NULL || jobs[i].client == c))
			end_job(&jobs[i]);
}

/* ---- the requests ---- */

/* A time of a request as the store compares it; NULL: it is none. */
static const char *
read_time(const struct js *doc, const char *key, const char *otherwise,
    bool sqlite, char out[48])
{
	const struct js *v = js_get(doc, key);
	const char *s = js_str(v);
	int64_t us;

	if (v == NULL || strcmp(js_type(v), "null") == 0)
		s = otherwise;
	if (s == NULL || clk_from_iso(s, &us) != 0)
		return NULL;
	if (sqlite)
		ltp_ts(out, us);
	else
		clk_to_ist(us, out);
	return out;
}

void
castask_historical(struct castclient *c, const struct js *doc)
{
	static const char sql[] = "SELECT symbol, token, ts, ltp, bid, ask, "
	    "volume, oi, delta, gamma, theta, vega, iv, source FROM (SELECT * "
	    "FROM ltp_ticks WHERE symbol = ? AND ts >= ? AND ts <= ? ORDER BY "
	    "ts DESC LIMIT ?) AS newest ORDER BY ts";
	bool sqlite = strcmp(conf_store(c->cast->conf), "sqlite") == 0;
	char from[48], to[48], rows[24];
	const char *arg[4] = { js_str(js_get(doc, "symbol")),
	    read_time(doc, "start_ts", "1970-01-01T00:00:00+00:00", sqlite,
	    from), read_time(doc, "end_ts", "9999-01-01T00:00:00+00:00",
	    sqlite, to), rows };
	struct question q = { .symbol = arg[0], .ask = { .sql = sql,
	    .arg = arg, .narg = 4, .rows = ROWS, .seconds = SECONDS,
	    .row = take_row } };
	size_t n = ROWS;

	if (arg[0] == NULL || arg[1] == NULL || arg[2] == NULL ||
	    !castsub_limit(doc, &n)) {
		castsay_error(c, "bad_request", "get_historical wants a "
		    "symbol; times are like 2026-01-02T08:13:05+00:00, limit "
		    "is a number from 1 on");
		return;
	}
	snprintf(rows, sizeof(rows), "%zu", n);
	start(c, &q);
}

/* The values of a query; -1: they are none. */
static int
read_params(const struct js *v, const char *arg[], char text[][32], size_t *n)
{
	int64_t i;
	double d;

	*n = 0;
	if (v == NULL || strcmp(js_type(v), "null") == 0)
		return 0;
	if (strcmp(js_type(v), "array") != 0 || js_len(v) > ARGS)
		return -1;
	for (; *n < js_len(v); ++*n) {
		const struct js *p = js_at(v, *n);

		arg[*n] = js_str(p);
		if (js_int(p, &i) == 0)
			snprintf(text[*n], 32, "%" PRId64, i);
		else if (js_double(p, &d) == 0)
			snprintf(text[*n], 32, "%.17g", d);
		else if (arg[*n] == NULL && strcmp(js_type(p), "null") != 0)
			return -1;
		else
			continue;
		arg[*n] = text[*n];
	}
	return 0;
}

void
castask_query(struct castclient *c, const struct js *doc)
{
	const char *arg[ARGS];
	char text[ARGS][32];
	struct question q = { .ask = { .sql = js_str(js_get(doc, "sql")),
	    .arg = arg, .rows = ROWS, .seconds = SECONDS, .row = take_row } };

	if (!conf_true(c->cast->conf, "castQuery"))
		castsay_error(c, "unknown_type", "queries are off: key "
		    "castQuery of the configuration");
	else if (q.ask.sql == NULL || read_params(js_get(doc, "params"), arg,
	    text, &q.ask.narg) != 0)
		castsay_error(c, "bad_request", "query wants sql, and params "
		    "as an array of at most 32 strings, numbers and nulls");
	else
		start(c, &q);
}
