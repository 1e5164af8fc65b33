/*
 * cast - what a client of das-cast sends, from its first byte on: the server lives,
 * every client that is not being closed is answered, and a new one is served
 *
 * The first byte of the input says what it is: bytes as they are on a new
 * connection, messages of a WebSocket (a line each), frames behind the upgrade,
 * lines on a Unix socket, or a query of /events.
 */
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cast.h"
#include "castchan.h"
#include "castclient.h"
#include "castfill.h"
#include "castline.h"
#include "clk.h"
#include "dayinst.h"
#include "fuzz.h"
#include "wsf.h"

static struct cast k;

static const char upgrade[] = "GET / HTTP/1.1\r\nHost: localhost\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: "
    "permessage-deflate\r\n\r\n";

/* A server with rows, as das-cast has it, but for the spool. */
static void
set_up(void)
{
	static const char config[] = "{\"store\": \"sqlite\"}";
	static const char *const rows[] = {
		"NIFTY 50\t256265\t2026-01-02T08:13:05+00:00\t25000.5\t\\N\t"
		"\\N\t0\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\tws",
		"NIFTYCE\t258\t2026-01-02T08:13:05+00:00\t1.5\t1\t2\t3\t4\t"
		"0.5\t0.1\t-1\t2\t12.5\tws" };
	static const struct dayinst inst;	/* none */
	static const struct indices indices;
	char path[] = "/tmp/fuzz-cast.XXXXXX", row[200];
	struct conf *conf;
	struct fault f;
	int fd = mkstemp(path);

	MUST(fd != -1 && write(fd, config, strlen(config)) ==
	    (ssize_t)strlen(config));
	close(fd);
	MUST(conf_open(&conf, path, &f) == 0);
	unlink(path);
	k.conf = conf;
	k.ltp.name = "ltp";
	k.live.name = "live";
	k.inst = &inst;
	k.indices = &indices;
	snprintf(k.day, sizeof(k.day), "2026-01-02");
	k.queue = 65536;
	k.max = 100;
	k.token = "";
	k.port = 8765;
	k.interval_us = 5 * US_PER_SEC;
	LIST_INIT(&k.chans);
	TAILQ_INIT(&k.clients);
	TAILQ_INIT(&k.fresh);
	TAILQ_INIT(&k.again);
	TAILQ_INIT(&k.gone);
	TAILQ_INIT(&k.fills);
	MUST((k.epoll = epoll_create1(EPOLL_CLOEXEC)) != -1);
	k.now = clk_mono();
	MUST(castbook_header(&k.ltp.book, "symbol\ttoken\tts\tltp\tbid\task\t"
	    "volume\toi\tdelta\tgamma\ttheta\tvega\tiv\tsource", &f) == 0);
	for (size_t i = 0; i < 2; i++) {
		snprintf(row, sizeof(row), "%s", rows[i]);
		MUST(castbook_row(&k.ltp.book, row, i + 1) != NULL);
		k.ltp.book.v[i].watched = true;
	}
}

/* A connection; *other is the client's end. */
static struct castclient *
dial(int *other)
{
	struct castclient *c;
	int s[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s) == 0);
	*other = s[1];
	MUST((c = castclient_new(&k, s[0], false)) != NULL);
	return c;
}

/* Takes what was answered, the beginning of it in out. */
static void
drain(int fd, char *out, size_t size)
{
	static char rest[65536];
	ssize_t n;
	size_t len = 0;

	while ((n = recv(fd, rest, sizeof(rest), MSG_DONTWAIT)) > 0) {
		size_t take = (size_t)n < size - 1 - len ? (size_t)n :
		    size - 1 - len;

		memcpy(out + len, rest, take);
		len += take;
	}
	for (size_t i = 0; i < len; i++)
		if (out[i] == '\0')
			out[i] = '.';
	out[len] = '\0';
}

/* As the loop does: a second's worth of turns. */
static void
turns(void)
{
	struct epoll_event ev[16];

	for (int i = 0; i < 4; i++) {
		int n = epoll_wait(k.epoll, ev, 16, 0);

		k.now += US_PER_SEC / 4;
		for (int e = 0; e < n; e++)
			castclient_event(ev[e].data.ptr, ev[e].events);
		castclient_again(&k);
		castclient_fresh(&k);
		castchan_snapshots(&k);
		castchan_flush(&k);
		castfill_turn(&k);
		castclient_bury(&k);
	}
}

/* Sends it in pieces; false: the server has closed. */
static bool
say(int fd, const void *p, size_t n)
{
	char text[64];

	for (int tries = 0; n > 0 && tries < 64; tries++) {
		ssize_t did = send(fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (did > 0) {
			p = (const char *)p + did;
			n -= (size_t)did;
		}
		turns();
		drain(fd, text, sizeof(text));
		if (k.nclient == 0)
			return false;
	}
	return true;
}

/* Lines of the input, each a masked frame. */
static void
say_frames(int fd, const uint8_t *p, size_t n)
{
	struct buf b = { 0 };

	while (n > 0) {
		const uint8_t *nl = memchr(p, '\n', n);
		size_t len = nl != NULL ? (size_t)(nl - p) : n;

		MUST(wsf_put(&b, WSF_TEXT, p, len, 0x1020304) == 0);
		p += len + (nl != NULL);
		n -= len + (nl != NULL);
	}
	(void)say(fd, b.p, b.len);
	buf_free(&b);
}

/* Who is in no trouble gets an answer; so does a new one. */
static void
still_serves(void)
{
	static char text[65536];
	int fd;

	(void)dial(&fd);
	MUST(send(fd, upgrade, strlen(upgrade), 0) == (ssize_t)strlen(upgrade));
	turns();
	drain(fd, text, sizeof(text));
	MUST(strncmp(text, "HTTP/1.1 101", 12) == 0);
	MUST(strstr(text, "{\"type\":\"welcome\"") != NULL);
	MUST(send(fd, "\x81\x8f\0\0\0\0{\"type\":\"ping\"}", 21, 0) == 21);
	turns();
	drain(fd, text, sizeof(text));
	MUST(strstr(text, "{\"type\":\"pong\"") != NULL);
	close(fd);
}

enum kind { BYTES, MESSAGES, FRAMES, LINES, QUERY, KINDS };

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char get[] = "GET /events?", rest[] = " HTTP/1.1\r\n\r\n";
	struct castclient *c;
	char text[64];
	int fd, kind;

	if (k.conf == NULL)
		set_up();
	if (n == 0)
		return 0;
	kind = p[0] % 8;
	if (kind >= KINDS)
		kind = MESSAGES;
	p++;
	n--;
	c = dial(&fd);
	if (kind == LINES)
		castline_open(c);
	if (kind == QUERY)
		(void)say(fd, get, strlen(get));
	else if (kind == MESSAGES || kind == FRAMES)
		(void)say(fd, upgrade, strlen(upgrade));
	turns();
	drain(fd, text, sizeof(text));
	if (kind == MESSAGES)
		say_frames(fd, p, n);
	else
		(void)say(fd, p, n);
	if (kind == QUERY)
		(void)say(fd, rest, strlen(rest));
	still_serves();
	close(fd);
	turns();
	turns();
	MUST(k.nclient == 0 && k.nopen == 0 && k.nchan == 0 && k.logs == 0);
	return 0;
}

void
fuzz_seeds(fuzz_add *add)
{
	static const char *const t[] = {
		"\1{\"type\":\"ping\",\"id\":7}\n{\"type\":\"get_latest\","
		"\"symbol\":\"NIFTY 50\"}\n{\"type\":\"get_latest_all\","
		"\"limit\":3}\n{\"type\":\"get_symbols\"}\n"
		"{\"type\":\"get_instruments\",\"symbols\":[\"*\"]}\n"
		"{\"type\":\"subscribe\",\"since\":536870912,\"day\":"
		"\"2026-01-02\",\"mode\":\"tick\"}\n"
		"{\"type\":\"query\",\"sql\":\"SELECT 1\",\"params\":[]}\n"
		"{\"type\":\"get_depth\",\"symbol\":\"NIFTYCE\"}\n"
		"{\"type\":\"subscribe\",\"symbols\":[\"*\",\"N?F*\"],\"mode\":"
		"\"tick\",\"fields\":[\"ltp\",\"iv\"],\"seq\":true,"
		"\"snapshot\":true}\n{\"type\":\"unsubscribe\"}",
		"\1{\"type\":\"subscribe\",\"index\":\"NIFTY\",\"expiry\":"
		"\"2026-01-06\",\"shape\":\"batch\",\"status\":true}\n"
		"{\"type\":\"subscribe\",\"shape\":\"flat\"}\n[[[[[[[[\n\n"
		"{\"type\":{\"type\":[1e999,null,true]}}\n\"\\ud800\"",
		"\3{\"type\":\"ping\"}\r\n\n{\"type\":\"subscribe\","
		"\"symbols\":\"N*\",\"mode\":\"tick\"}\n{\"type\":",
		"\4symbols=N*,%2A&fields=ltp,iv&index=NIFTY&expiry=2026-01-06"
		"&mode=tick&seq=0&status=1&snapshot=1&shape=flat",
		"\4shape=batch&symbols=NIFTY+50&snapshot=1",
	};
	static const char frames[] = "\2\x81\x8f\0\0\0\0{\"type\":\"ping\"}"
	    "\x89\x80\1\2\3\4";
	static const char head[] = "\0GET /metrics?token=x HTTP/1.1\r\n"
	    "Host: localhost:8765\r\nOrigin: http://localhost:8765\r\n\r\n";
	struct buf b = { 0 };

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++)
		add(t[i], strlen(t[i]));
	add(frames, sizeof(frames) - 1);
	add(head, sizeof(head) - 1);
	MUST(buf_add(&b, "\0", 1) == 0 && buf_adds(&b, upgrade) == 0);
	add(b.p, b.len);
	buf_free(&b);
}
