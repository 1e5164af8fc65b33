/*
 * badticker - a ticker that does what a script says, for the tests
 *
 *	badticker PORTFILE SCRIPT LOG
 *
 * Listens on a loopback port of the kernel's choice and, once it does, writes
 * PORTFILE ("http", tab, port).  Every connection gets a process of its own,
 * which answers the upgrade and then goes through its part of SCRIPT: the
 * parts are separated by lines "next", connections beyond the last part get
 * that one.  Commands, a line each:
 *
 *	wait N		until N messages have come since the upgrade
 *	sleep MS
 *	binary HEX	a message
 *	text WORDS	a message
 *	raw HEX		bytes as they are, e.g. half a message
 *	fill N		N bytes of 0, as they are
 *	ticks N TOKEN ...	N messages, each with a full packet per token; the
 *			exchange time is now (DAS_CLOCK), volume counts up
 *			from 1000, oi is the number of the connection
 *	storm N MS TOKEN ...	the same for ever, with a pause behind each N
 *	old TOKEN ...	the same, once, with an exchange time of 2001
 *	beat N MS	N heartbeats, one every MS
 *	close CODE	a close message; then the end
 *	drop		the end, without a word
 *	hold		until the client goes
 *
 * LOG gets a row for what came: number of the connection, tab, and the request
 * line, a header or a message.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "clk.h"
#include "file.h"
#include "kite.h"
#include "msg.h"
#include "num.h"

enum { MESSAGE_MAX = 1 << 20, FRAME_ROOM = 600000 };
enum { OP_TEXT = 1, OP_BINARY = 2, OP_CLOSE = 8, OP_PING = 9, OP_PONG = 10 };

static int number;			/* of this process's connection */
static int sock, log_fd;
static int64_t messages;		/* that have come */
static uint32_t volume = 1000;
static struct buf in;			/* bytes that are no message yet */

/* ---- Sec-WebSocket-Accept: SHA-1 (FIPS 180-4) in base64 ---- */

static uint32_t
rol(uint32_t v, int n)
{
	return v << n | v >> (32 - n);
}

static void
sha1_block(uint32_t h[5], const uint8_t *p)
{
	uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];

	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 |
		    (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
	for (int i = 16; i < 80; i++)
		w[i] = rol(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (int i = 0; i < 80; i++) {
		uint32_t f = i < 20 ? (b & c) | (~b & d) :
		    i < 40 || i >= 60 ? b ^ c ^ d :
		    (b & c) | (b & d) | (c & d);
		uint32_t k = i < 20 ? 0x5a827999 : i < 40 ? 0x6ed9eba1 :
		    i < 60 ? 0x8f1bbcdc : 0xca62c1d6;
		uint32_t t = rol(a, 5) + f + e + k + w[i];

		e = d;
		d = c;
		c = rol(b, 30);
		b = a;
		a = t;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

/* Of a text shorter than 119 bytes: two blocks. */
static void
sha1(const char *s, uint8_t out[20])
{
	uint32_t h[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
	    0xc3d2e1f0 };
	uint8_t block[128] = { 0 };
	size_t n = strlen(s), end = n < 56 ? 64 : 128;

	if (n >= 119)
		msg_diex(EX_DATAERR, "Sec-WebSocket-Key is too long");
	memcpy(block, s, n);
	block[n] = 0x80;
	block[end - 2] = (uint8_t)(n * 8 >> 8);
	block[end - 1] = (uint8_t)(n * 8);
	for (size_t i = 0; i < end; i += 64)
		sha1_block(h, block + i);
	for (int i = 0; i < 20; i++)
		out[i] = (uint8_t)(h[i / 4] >> (24 - i % 4 * 8));
}

static void
base64(const uint8_t *p, size_t n, char *out)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3, out += 4) {
		uint32_t v = (uint32_t)p[i] << 16 |
		    (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) |
		    (i + 2 < n ? p[i + 2] : 0);

		for (int k = 0; k < 4; k++)
			out[k] = set[v >> (18 - 6 * k) & 63];
		if (i + 1 >= n)
			out[2] = '=';
		if (i + 2 >= n)
			out[3] = '=';
	}
	*out = '\0';
}

/* ---- the wire ---- */

static void
note(const char *s, size_t n)
{
	struct buf b = { 0 };

	if (buf_addf(&b, "%d\t%.*s\n", number, (int)n, s) != 0 ||
	    write(log_fd, b.p, b.len) != (ssize_t)b.len)
		msg_die(EX_IOERR, "log");
	buf_free(&b);
}

static void
put(const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t did = write(sock, at, n);

		if (did <= 0)
			exit(0);	/* the client has gone */
		at += did;
		n -= (size_t)did;
	}
}

static void
put_message(int op, const void *p, size_t n)
{
	uint8_t head[10] = { (uint8_t)(0x80 | op) };
	size_t len = 2;

	if (n < 126)
		head[1] = (uint8_t)n;
	else {
		len = n < 65536 ? 4 : 10;
		head[1] = len == 4 ? 126 : 127;
		for (size_t i = 0; i < len - 2; i++)
			head[len - 1 - i] = (uint8_t)(n >> 8 * i);
	}
	put(head, len);
	put(p, n);
}

/* Takes whole messages off the front of in. */
static void
take_messages(void)
{
	for (;;) {
		uint8_t *p = (uint8_t *)in.p;
		size_t n, head = 6;		/* a client's are masked */

		if (in.len < 2)
			return;
		n = p[1] & 127;
		if (n == 126 && in.len >= 4) {
			n = (size_t)p[2] << 8 | p[3];
			head = 8;
		} else if (n >= 126)
			return;
		if (in.len < head + n)
			return;
		for (size_t i = 0; i < n; i++)
			p[head + i] ^= p[head - 4 + i % 4];
		if ((p[0] & 15) == OP_TEXT) {
			messages++;
			note((char *)p + head, n);
		} else if ((p[0] & 15) == OP_CLOSE) {
			note("close", 5);
			put_message(OP_CLOSE, p + head, n);
			exit(0);
		} else if ((p[0] & 15) == OP_PING)
			put_message(OP_PONG, p + head, n);
		memmove(in.p, in.p + head + n, in.len - head - n);
		in.len -= head + n;
	}
}

/* Reads what comes for ms milliseconds; ends with the client. */
static void
listen_for(int64_t ms, int64_t until)
{
	int64_t end = clk_mono() + ms * US_PER_MS, left;
	struct pollfd fd = { .fd = sock, .events = POLLIN };
	char block[8192];
	ssize_t n;

	while (messages < until && (left = end - clk_mono()) > 0) {
		if (poll(&fd, 1, (int)(left / US_PER_MS) + 1) <= 0)
			continue;
		if ((n = read(sock, block, sizeof(block))) <= 0) {
			note("gone", 4);
			exit(0);
		}
		if (buf_add(&in, block, (size_t)n) != 0 ||
		    in.len > MESSAGE_MAX)
			msg_diex(EX_PROTOCOL, "message");
		take_messages();
	}
}

static void
upgrade(void)
{
	char key[200] = "", text[32], block[4096];
	struct buf head = { 0 };
	uint8_t sum[20];
	ssize_t n;

	while (head.p == NULL || strstr(head.p, "\r\n\r\n") == NULL) {
		if ((n = read(sock, block, sizeof(block))) <= 0 ||
		    buf_add(&head, block, (size_t)n) != 0 || head.len > 65536)
			exit(0);
	}
	for (char *s = head.p, *end; (end = strstr(s, "\r\n")) != s;
	    s = end + 2) {
		if (strncasecmp(s, "Sec-WebSocket-Key:", 18) == 0)
			snprintf(key, 100, "%.*s", (int)(end - s - 19), s + 19);
		if (s == head.p || strncasecmp(s, "X-Kite", 6) == 0)
			note(s, (size_t)(end - s));
	}
	strcat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
	sha1(key, sum);
	base64(sum, sizeof(sum), text);
	dprintf(sock, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket"
	    "\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
	    text);
	buf_free(&head);
}

/* ---- the script ---- */

static size_t
from_hex(const char *s, uint8_t *out, size_t max)
{
	unsigned v;
	size_t n = 0;

	for (; *s != '\0'; s += 2) {
		while (*s == ' ')
			s++;
		if (*s == '\0')
			break;
		if (n == max || sscanf(s, "%2x", &v) != 1)
			msg_diex(EX_DATAERR, "bad hex: %.20s", s);
		out[n++] = (uint8_t)v;
	}
	return n;
}

/* One message with a packet for every token of the list. */
static void
send_ticks(const char *list, uint32_t exch_s)
{
	static uint8_t frame[FRAME_ROOM];
	struct tick t = { .kind = TICK_FULL, .price_e7 = 1573700000,
	    .close_e7 = 1567800000, .exch_s = exch_s, .trade_s = exch_s,
	    .oi = (uint32_t)number };
	size_t n = 2, count = 0, len;
	char *end;

	for (; *list != '\0'; list = end, count++) {
		t.token = (uint32_t)strtoul(list, &end, 10);
		t.volume = volume++;
		if (end == list || n + 2 + KITE_FULL_LEN > sizeof(frame))
			msg_diex(EX_DATAERR, "bad tokens: %.20s", list);
		len = kite_encode(frame + n + 2, &t, TICK_FULL);
		frame[n] = 0;
		frame[n + 1] = (uint8_t)len;
		n += 2 + len;
	}
	frame[0] = (uint8_t)(count >> 8);
	frame[1] = (uint8_t)count;
	put_message(OP_BINARY, frame, n);
}

/* The number at s, and what follows it into *rest. */
static int64_t
number_at(const char *s, const char **rest)
{
	char *end;
	int64_t n = strtoll(s, &end, 10);

	if (end == s)
		msg_diex(EX_DATAERR, "want a number: %.20s", s);
	*rest = end + (*end == ' ');
	return n;
}

static void
obey(const char *word, const char *arg)
{
	static uint8_t bytes[MESSAGE_MAX];
	const char *rest;
	int64_t n, ms;

	if (strcmp(word, "wait") == 0)
		listen_for(20000, number_at(arg, &rest));
	else if (strcmp(word, "sleep") == 0)
		listen_for(number_at(arg, &rest), INT64_MAX);
	else if (strcmp(word, "binary") == 0)
		put_message(OP_BINARY, bytes, from_hex(arg, bytes,
		    sizeof(bytes)));
	else if (strcmp(word, "text") == 0)
		put_message(OP_TEXT, arg, strlen(arg));
	else if (strcmp(word, "raw") == 0)
		put(bytes, from_hex(arg, bytes, sizeof(bytes)));
	else if (strcmp(word, "fill") == 0) {
		memset(bytes, 0, sizeof(bytes));
		for (n = number_at(arg, &rest); n > 0;
		    n -= (int64_t)sizeof(bytes))
			put(bytes, n < (int64_t)sizeof(bytes) ? (size_t)n :
			    sizeof(bytes));
	} else if (strcmp(word, "ticks") == 0) {
		for (n = number_at(arg, &rest); n > 0; n--)
			send_ticks(rest, (uint32_t)(clk_now() / US_PER_SEC));
	} else if (strcmp(word, "storm") == 0) {
		n = number_at(arg, &rest);
		for (ms = number_at(rest, &rest);; listen_for(ms, INT64_MAX))
			for (int64_t i = 0; i < n; i++)
				send_ticks(rest, (uint32_t)(clk_now() /
				    US_PER_SEC));
	} else if (strcmp(word, "old") == 0)
		send_ticks(arg, 1000000000);
	else if (strcmp(word, "beat") == 0) {
		ms = number_at((number_at(arg, &rest), rest), &rest);
		for (n = number_at(arg, &rest); n > 0; n--) {
			put_message(OP_BINARY, "", 1);
			listen_for(ms, INT64_MAX);
		}
	} else if (strcmp(word, "close") == 0) {
		n = number_at(arg, &rest);
		bytes[0] = (uint8_t)(n >> 8);
		bytes[1] = (uint8_t)n;
		put_message(OP_CLOSE, bytes, 2);
		exit(0);
	} else if (strcmp(word, "drop") == 0)
		exit(0);
	else if (strcmp(word, "hold") == 0)
		listen_for(60000, INT64_MAX);
	else
		msg_diex(EX_DATAERR, "no such command: %s", word);
}

/* Goes through the part of the script for this connection. */
static void
play(const char *script)
{
	FILE *f = fopen(script, "r");
	char *line = NULL, *arg;
	size_t cap = 0;
	long from = 0;

	if (f == NULL)
		msg_die(EX_NOINPUT, "%s", script);
	for (int part = 1; part < number && getline(&line, &cap, f) > 0;)
		if (strcmp(line, "next\n") == 0) {
			part++;
			from = ftell(f);
		}
	fseek(f, from, SEEK_SET);
	while (getline(&line, &cap, f) > 0 && strcmp(line, "next\n") != 0) {
		line[strcspn(line, "\n")] = '\0';
		arg = line + strcspn(line, " ");
		if (*arg != '\0')
			*arg++ = '\0';
		obey(line, arg);
	}
	fclose(f);		/* only read from: nothing to lose */
	free(line);
}

static int
listen_on_loopback(const char *port_file)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	struct fault f;
	char text[40];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&a, sizeof(a)) == -1 ||
	    listen(fd, 64) == -1 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) == -1)
		msg_die(EX_OSERR, "socket");
	snprintf(text, sizeof(text), "http\t%u\n", ntohs(a.sin_port));
	if (file_put(port_file, 0644, text, strlen(text), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	return fd;
}

int
main(int argc, char *argv[])
{
	struct fault f;
	int fd;

	msg_init("badticker");
	if (argc != 4)
		msg_diex(EX_USAGE, "usage: badticker portfile script log");
	if (clk_setup(&f) != 0)
		msg_diex(f.ex, "%s", f.text);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	if ((log_fd = open(argv[3], O_WRONLY | O_CREAT | O_APPEND, 0644)) == -1)
		msg_die(EX_CANTCREAT, "%s", argv[3]);
	fd = listen_on_loopback(argv[1]);
	while ((sock = accept(fd, NULL, NULL)) != -1) {
		number++;
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGTERM);
			upgrade();
			play(argv[2]);
			return 0;
		}
		close(sock);
	}
	msg_die(EX_OSERR, "accept");
}
