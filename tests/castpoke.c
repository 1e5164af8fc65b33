/*
 * castpoke - bytes to a port as they are, for tests of das-cast
 *
 *	castpoke PORT SECONDS WORD...
 *
 * Connects to 127.0.0.1, does what the words say, and prints what comes until
 * SECONDS are over or the connection ends; a byte that is not printable as
 * \xNN, a CR not at all.  "END" stands on a line of its own at the end where
 * the other side closed, "RESET" where it broke off.
 * Words: wait=MS (reads meanwhile), mute=MS (does not), until=FILE (neither, until
 * that is there, a minute at most), upgrade (the request of a
 * WebSocket), shut (no more will be sent), frame=TEXT (a masked text frame of it),
 * idle=N (opens N connections more and leaves them), storm=N (N messages made
 * at random, most of them malformed, on as many connections as that takes, and
 * each read by the other side; then prints how it went); any other is sent as it is, with \r \n
 * \xNN and \\ in it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "clk.h"
#include "msg.h"
#include "num.h"
#include "wsf.h"

static const char upgrade[] = "GET / HTTP/1.1\r\nHost: localhost\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";

static uint32_t seed = 1;
static int port;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 8) % n;
}

static int
dial(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || connect(fd, (struct sockaddr *)&a, sizeof(a)) == -1)
		msg_die(EX_UNAVAILABLE, "connect");
	return fd;
}

static void
print(const unsigned char *p, ssize_t n)
{
	for (ssize_t i = 0; i < n; i++)
		if (p[i] == '\n' || (p[i] >= ' ' && p[i] < 0x7f))
			putchar(p[i]);
		else if (p[i] != '\r')
			printf("\\x%02x", p[i]);
}

/* Reads until mono; true: the connection is over. */
static bool
listen_until(int fd, int64_t mono, bool show)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	unsigned char piece[65536];
	int64_t left;
	ssize_t n;

	while ((left = mono - clk_mono()) >= 0) {
		if (poll(&pfd, 1, (int)(left / US_PER_MS)) < 1)
			break;
		if ((n = read(fd, piece, sizeof(piece))) <= 0) {
			if (show)
				printf("\n%s\n", n == 0 ? "END" : "RESET");
			return true;
		}
		if (show)
			print(piece, n);
	}
	return false;
}

static bool
put(int fd, const char *p, size_t n)
{
	ssize_t got;

	for (; n > 0; p += got, n -= (size_t)got)
		if ((got = send(fd, p, n, MSG_NOSIGNAL)) <= 0)
			return false;
	return true;
}

static void
put_escaped(int fd, const char *s)
{
	struct buf b = { 0 };
	unsigned v;
	char c;

	for (; *s != '\0'; s++) {
		c = *s;
		if (c == '\\' && *++s == 'x' && sscanf(s + 1, "%2x", &v) == 1) {
			c = (char)v;
			s += 2;
		} else if (c == '\\') {
			c = *s == 'r' ? '\r' : *s == 'n' ? '\n' : *s;
		}
		if (buf_add(&b, &c, 1) != 0)
			msg_die(EX_OSERR, "memory");
	}
	(void)put(fd, b.p, b.len);	/* the other side may have closed */
	buf_free(&b);
}

static void
put_frame(int fd, const char *s)
{
	struct buf b = { 0 };

	if (wsf_put(&b, WSF_TEXT, s, strlen(s), 0x1234567) != 0)
		msg_die(EX_OSERR, "memory");
	(void)put(fd, b.p, b.len);
	buf_free(&b);
}

/* A message: a request, some bytes of it changed; now and then its frame too. */
static void
wild(struct buf *b)
{
	static const char *const t[] = { "{\"type\":\"ping\"}",
	    "{\"type\":\"get_latest\",\"symbol\":\"NIFTY 50\"}",
	    "{\"type\":\"subscribe\",\"symbols\":[\"*\",\"N?F*\"],\"mode\":"
	    "\"tick\",\"fields\":[\"ltp\"],\"snapshot\":true}",
	    "{\"type\":\"unsubscribe\",\"symbols\":\"*\"}",
	    "{\"type\":\"get_latest_all\",\"limit\":3}", "[[[[[[[[", "",
	    "{\"type\":{\"type\":[1e999,null,true]}}", "\"\\ud800\"" };
	char text[256];
	size_t n, at = b->len;
	unsigned op = rnd(300) == 0 ? rnd(16) : WSF_TEXT;

	n = (size_t)snprintf(text, sizeof(text), "%s",
	    t[rnd(sizeof(t) / sizeof(*t))]);
	for (uint32_t i = rnd(4); i > 0 && n > 0; i--)
		text[rnd((uint32_t)n)] = (char)(rnd(20) == 0 ? rnd(256) :
		    32 + rnd(95));
	if (wsf_put(b, op, text, n, rnd(UINT32_MAX)) != 0)
		msg_die(EX_OSERR, "memory");
	if (rnd(300) == 0)
		b->p[at + rnd(6)] ^= (char)(1 << rnd(8));
}

/* Until it has answered a ping: 1; 0 it does not, 2 it has closed. */
static int
wait_pong(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	static unsigned char piece[65536];
	ssize_t n;

	while (poll(&pfd, 1, 100) == 1) {
		if ((n = read(fd, piece, sizeof(piece))) <= 0)
			return 2;
		if (n >= 6 && memmem(piece, (size_t)n, "\x8a\4<->", 5) != NULL)
			return 1;
	}
	return 0;
}

/* Each batch ends in a ping: the messages before its answer have been read. */
static void
storm(int64_t messages)
{
	long connections = 0, answered = 0, closed = 0, stuck = 0;
	struct buf b = { 0 };

	while (messages > 0) {
		int fd = dial(), rc = 1;

		connections++;
		(void)put(fd, upgrade, strlen(upgrade));
		for (int k = 0; k < 20 && rc == 1 && messages > 0; k++) {
			buf_reset(&b);
			for (int i = 0; i < 20; i++, messages--)
				wild(&b);
			if (wsf_put(&b, WSF_PING, "<->", 4, 5) != 0)
				msg_die(EX_OSERR, "memory");
			rc = put(fd, b.p, b.len) ? wait_pong(fd) : 2;
			answered += rc == 1;
			closed += rc == 2;
			stuck += rc == 0;
		}
		close(fd);
	}
	buf_free(&b);
	printf("%ld connections, %ld batches answered, %ld closed, %ld "
	    "without an end\n", connections, answered, closed, stuck);
}

int
main(int argc, char *argv[])
{
	int64_t secs, n, p, end;
	bool over = false;
	int fd;

	msg_init("castpoke");
	if (argc < 3 || num_i64(argv[1], 1, 65535, &p) != 0 ||
	    num_i64(argv[2], 0, 600, &secs) != 0)
		msg_diex(EX_USAGE, "castpoke PORT SECONDS WORD...");
	port = (int)p;
	end = clk_mono() + secs * US_PER_SEC;
	fd = dial();
	for (int i = 3; i < argc && !over; i++) {
		const char *w = argv[i];

		if (strncmp(w, "wait=", 5) == 0 && num_i64(w + 5, 0, 60000,
		    &n) == 0)
			over = listen_until(fd, clk_mono() + n * US_PER_MS,
			    true);
		else if (strncmp(w, "mute=", 5) == 0 && num_i64(w + 5, 0,
		    60000, &n) == 0)
			usleep((useconds_t)(n * US_PER_MS));
		else if (strncmp(w, "until=", 6) == 0)
			for (n = 0; n < 1200 && access(w + 6, F_OK) != 0; n++)
				usleep(50000);
		else if (strncmp(w, "idle=", 5) == 0 && num_i64(w + 5, 0,
		    60000, &n) == 0)
			while (n-- > 0)
				(void)dial();
		else if (strncmp(w, "storm=", 6) == 0 && num_i64(w + 6, 1,
		    INT32_MAX, &n) == 0)
			storm(n);
		else if (strncmp(w, "frame=", 6) == 0)
			put_frame(fd, w + 6);
		else if (strcmp(w, "upgrade") == 0)
			(void)put(fd, upgrade, strlen(upgrade));
		else if (strcmp(w, "shut") == 0)
			shutdown(fd, SHUT_WR);
		else
			put_escaped(fd, w);
	}
	if (!over)
		(void)listen_until(fd, end, true);
	msg_close_stdout();
	return 0;
}
