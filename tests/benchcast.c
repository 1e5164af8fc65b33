/*
 * benchcast - many clients of das-cast at once, and how long rows take to them
 *
 *	benchcast PORT CLIENTS SECONDS SUBSCRIPTION [SPOOLFILE RATE [ROWS]]
 *
 * Opens CLIENTS WebSockets, sends each of them SUBSCRIPTION (or nothing, where
 * that is -), and then for SECONDS appends rows of topic ltp to SPOOLFILE: RATE
 * rows a second, a few at a time, or with ROWS that many at once, RATE times a
 * second (0.2: every 5 s).  A row's volume is the number of the microsecond at
 * which it was written; a client reads it there.  Prints, with tabs:
 *
 *	messages	rows that came to all clients
 *	wanted		what CLIENTS times the rows written are
 *	seconds		from the first row written to the last that came
 *	p50 p99 max	ms from the write to each client having read the row;
 *			of one row of a write, the last
 *	skipped		messages of "skipped"
 *
 * With SPOOLFILE - it writes none, and waits until RATE rows have come to each
 * client, or SECONDS are over; seconds are then from the subscription on.
 *
 * With a SUBSCRIPTION that begins with CONNECT it is a client of nats-server: rows
 * are counted wherever they stand in a frame, and have no latency.
 *
 * With SECONDS 0 it only connects, prints "ready" and waits for its end of
 * input.  One thread: what it takes to read is the other side's limit too.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "clk.h"
#include "msg.h"
#include "num.h"
#include "wsf.h"

enum { PIECE = 256 * 1024, EVENTS = 1024, SYMBOLS = 2000, HEAD_MAX = 1024,
	LATENCIES = 4 << 20 };

struct client {
	int	 fd;
	bool	 open;			/* behind the upgrade */
	uint64_t left;			/* bytes of a frame that are to come */
	unsigned nhead;
	uint8_t	 head[HEAD_MAX];	/* of a frame, and what follows that is
					 * looked at: cut by a piece */
};

static struct client *v;
static size_t n, opened;
static int epoll;
static uint8_t piece[PIECE];
static uint64_t messages, wanted, written, skipped;
static uint32_t *latency;		/* us */
static size_t nlatency;
static int64_t first_us, last_us;

static const char upgrade[] = "GET / HTTP/1.1\r\nHost: localhost\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";
static struct buf subscription;
static bool plain;

/* ---- in ---- */

/* A whole text at hand, or as much of it as is in one piece. */
static void
text(const uint8_t *p, size_t len, int64_t now)
{
	static const char row[] = "{\"symbol\"", skip[] = "{\"type\":\"skipped";
	static const char mark[] = "\"volume\":";
	const uint8_t *at;
	int64_t sent = 0;

	if (len >= sizeof(skip) - 1 && memcmp(p, skip, sizeof(skip) - 1) == 0)
		skipped++;
	if (len < sizeof(row) - 1 || memcmp(p, row, sizeof(row) - 1) != 0)
		return;
	messages++;
	/* One row of a write is looked at: that of the last symbol. */
	if (len < 13 || p[11] != 'Z' || (at = memmem(p, len, mark,
	    sizeof(mark) - 1)) == NULL)
		return;
	for (at += sizeof(mark) - 1; *at >= '0' && *at <= '9'; at++)
		sent = sent * 10 + (*at - '0');
	if (nlatency < LATENCIES && sent >= first_us && first_us > 0)
		latency[nlatency++] = (uint32_t)(now - sent);
}

/* Bytes of a client's stream: frames, of which rows are counted. */
static void
frames(struct client *c, const uint8_t *p, size_t len, int64_t now)
{
	while (len > 0) {
		size_t head = 2, want, take;
		const uint8_t *f = p;
		uint64_t size;

		if (c->left > 0) {
			take = len < c->left ? len : (size_t)c->left;
			p += take;
			len -= take;
			c->left -= take;
			continue;
		}
		if (c->nhead > 0) {	/* what was cut, and some more */
			take = HEAD_MAX - c->nhead;
			if (take > len)
				take = len;
			memcpy(c->head + c->nhead, p, take);
			f = c->head;
			want = c->nhead + take;
		} else {
			want = len;
		}
		if (want >= 2)
			head = (f[1] & 0x7f) == 127 ? 10 :
			    (f[1] & 0x7f) == 126 ? 4 : 2;
		if (want < head)
			size = UINT64_MAX;
		else {
			size = head == 2 ? f[1] & 0x7f : 0;
			for (size_t i = 2; i < head; i++)
				size = size << 8 | f[i];
		}
		if (size == UINT64_MAX || (size + head > want &&
		    want < HEAD_MAX && size + head <= HEAD_MAX)) {
			if (c->nhead == 0)
				memcpy(c->head, p, len);
			c->nhead = (unsigned)want;
			return;
		}
		if (f[0] == 0x81)
			text(f + head, size < want - head ? (size_t)size :
			    want - head, now);
		size += head - c->nhead;	/* bytes of p that are its */
		take = size < len ? (size_t)size : len;
		c->left = size - take;
		c->nhead = 0;
		p += take;
		len -= take;
	}
}

/* Rows in bytes of any framing, also cut ones. */
static void
count_rows(struct client *c, const uint8_t *p, size_t len)
{
	static const char row[] = "{\"symbol\"";
	enum { ROW = sizeof(row) - 1 };
	uint8_t seam[2 * ROW];
	size_t take = len < ROW - 1 ? len : ROW - 1;
	const uint8_t *at = p;

	memcpy(seam, c->head, c->nhead);
	memcpy(seam + c->nhead, p, take);
	if (memmem(seam, c->nhead + take, row, ROW) != NULL)
		messages++;
	while ((at = memmem(at, len - (size_t)(at - p), row, ROW)) != NULL) {
		messages++;
		at += ROW;
	}
	if (len >= ROW - 1) {
		c->nhead = ROW - 1;
		memcpy(c->head, p + len - c->nhead, c->nhead);
	} else {			/* a row's beginning in three pieces */
		take += c->nhead;
		c->nhead = take < ROW - 1 ? (unsigned)take : ROW - 1;
		memcpy(c->head, seam + take - c->nhead, c->nhead);
	}
}

static void
opened_now(struct client *c)
{
	c->open = true;
	opened++;
	if (subscription.len > 0 && send(c->fd, subscription.p,
	    subscription.len, MSG_NOSIGNAL) != (ssize_t)subscription.len)
		msg_die(EX_IOERR, "send");
}

static void
take(struct client *c)
{
	uint8_t *end;
	ssize_t got = read(c->fd, piece, sizeof(piece));
	int64_t now = clk_mono();

	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0)
		msg_diex(EX_UNAVAILABLE, "a connection was closed");
	last_us = now;
	if (c->open) {
		if (plain)
			count_rows(c, piece, (size_t)got);
		else
			frames(c, piece, (size_t)got, now);
		return;
	}
	end = memmem(piece, (size_t)got, "\r\n\r\n", 4);
	if (end == NULL || memcmp(piece, "HTTP/1.1 101", 12) != 0)
		msg_diex(EX_PROTOCOL, "no upgrade: %.40s", (char *)piece);
	opened_now(c);
	if (plain)
		return;			/* what nats-server says first */
	frames(c, end + 4, (size_t)(piece + got - end - 4), now);
}

/* What has come, or comes within ms. */
static bool
turn(int ms)
{
	static struct epoll_event ev[EVENTS];
	int k = epoll_wait(epoll, ev, EVENTS, ms);

	for (int i = 0; i < k; i++)
		take(ev[i].data.ptr);
	return k > 0;
}

static void
dial(struct client *c, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port) };
	struct epoll_event e = { .events = EPOLLIN };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	e.data.ptr = c;
	if ((c->fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    connect(c->fd, (struct sockaddr *)&a, sizeof(a)) == -1 ||
	    fcntl(c->fd, F_SETFL, O_NONBLOCK) == -1 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &e) == -1)
		msg_die(EX_UNAVAILABLE, "connect");
	if (send(c->fd, upgrade, strlen(upgrade), MSG_NOSIGNAL) !=
	    (ssize_t)strlen(upgrade))
		msg_die(EX_IOERR, "send");
}

/* ---- rows ---- */

static void
append(int fd, unsigned rows, bool burst)
{
	static struct buf b;
	static unsigned symbol;
	int64_t now = clk_mono();

	buf_reset(&b);
	if (first_us == 0)
		first_us = now;
	for (unsigned i = 0; i < rows; i++)
		if (buf_addf(&b, "%c%04uNIFTY06JAN26500CE\t%u\t"
		    "2026-01-02T08:13:05+00:00\t%u.5\t81.45\t81.55\t%" PRId64
		    "\t5600025\t0.41233126\t0.0011204511\t-12.412345\t"
		    "9.812345\t11.21234567\tws\n", i + 1 == rows ? 'Z' : 'S',
		    i + 1 == rows ? 0 : burst ? i : symbol++ % SYMBOLS, 1000 + i,
		    80 + i % 40, now) != 0)
			msg_die(EX_OSERR, "memory");
	if (write(fd, b.p, b.len) != (ssize_t)b.len)
		msg_die(EX_IOERR, "rows");
	written += rows;
	wanted += rows * n;
}

static void
run(const char *path, int64_t seconds, double rate, unsigned rows)
{
	int fd = open(path, O_WRONLY | O_APPEND);
	int64_t from = clk_mono() + US_PER_SEC / 2, now, end, idle;
	uint64_t writes = 0, due;

	if (fd == -1)
		msg_die(EX_NOINPUT, "%s", path);
	while (clk_mono() < from)	/* subscriptions */
		(void)turn(10);
	messages = 0;
	end = from + seconds * US_PER_SEC;
	while ((now = clk_mono()) < end) {
		due = (uint64_t)((double)(now - from) / 1e6 * rate) + 1;
		if (rows > 0 && due > writes) {
			append(fd, rows, true);
			writes++;
		} else if (rows == 0 && due > written) {
			append(fd, (unsigned)(due - written), false);
		}
		(void)turn(rows > 0 ? 10 : 0);
	}
	for (idle = clk_mono(); clk_mono() - idle < US_PER_SEC &&
	    messages < wanted;)
		if (turn(50))
			idle = clk_mono();
	close(fd);
}

static void
wait_for_rows(int64_t seconds, double rows)
{
	int64_t end = clk_mono() + seconds * US_PER_SEC;

	wanted = (uint64_t)rows * n;
	while (messages < wanted && clk_mono() < end)
		(void)turn(50);
}

static int
by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double
percentile(double p)
{
	size_t i = (size_t)((double)nlatency * p);

	if (nlatency == 0)
		return -1;
	return latency[i < nlatency ? i : nlatency - 1] / 1e3;
}

static void
wait_for_end(void)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };

	puts("ready");
	fflush(stdout);
	while (poll(&pfd, 1, 0) == 0)
		(void)turn(100);
}

int
main(int argc, char *argv[])
{
	struct rlimit lim;
	int64_t port, clients, seconds, rows = 0;
	double rate = 1;

	msg_init("benchcast");
	if ((argc != 5 && argc != 7 && argc != 8) ||
	    num_i64(argv[1], 1, 65535, &port) != 0 ||
	    num_i64(argv[2], 1, 100000, &clients) != 0 ||
	    num_i64(argv[3], 0, 600, &seconds) != 0 ||
	    (argc > 6 && num_double(argv[6], 0.01, 1e7, &rate) != 0) ||
	    (argc > 7 && num_i64(argv[7], 1, 100000, &rows) != 0))
		msg_diex(EX_USAGE, "benchcast PORT CLIENTS SECONDS "
		    "SUBSCRIPTION [SPOOLFILE RATE [ROWS]]");
	if (getrlimit(RLIMIT_NOFILE, &lim) == 0) {
		lim.rlim_cur = lim.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &lim);
	}
	if (strcmp(argv[4], "-") != 0 && wsf_put(&subscription, WSF_TEXT,
	    argv[4], strlen(argv[4]), 0x1020304) != 0)
		msg_die(EX_OSERR, "memory");
	plain = strncmp(argv[4], "CONNECT", 7) == 0;
	n = (size_t)clients;
	if ((v = calloc(n, sizeof(*v))) == NULL || (latency =
	    malloc(LATENCIES * sizeof(*latency))) == NULL ||
	    (epoll = epoll_create1(0)) == -1)
		msg_die(EX_OSERR, "memory");
	for (size_t i = 0; i < n; i++) {
		dial(&v[i], (int)port);
		(void)turn(0);
	}
	if (argc > 6 && strcmp(argv[5], "-") == 0)
		first_us = clk_mono();
	while (opened < n)
		(void)turn(100);
	if (seconds == 0) {
		wait_for_end();
		return 0;
	}
	if (first_us > 0)
		wait_for_rows(seconds, rate);
	else
		run(argc > 5 ? argv[5] : "", seconds, rate, (unsigned)rows);
	qsort(latency, nlatency, sizeof(*latency), by_size);
	printf("%" PRIu64 "\t%" PRIu64 "\t%.3f\t%.3f\t%.3f\t%.3f\t%" PRIu64
	    "\n", messages, wanted, (double)(last_us - first_us) / 1e6,
	    percentile(0.5), percentile(0.99), percentile(1), skipped);
	msg_close_stdout();
	return 0;
}
