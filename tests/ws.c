/*
 * ws - a client of servers that behave, and of servers that do not
 *
 * Every case is a server of its own, a process on a loopback port, and all are
 * clients of one loop at once: what waits for a time limit, waits together.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/ws.c"			/* to see what it keeps */

#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72
#endif

enum { MAX = 1000, NOTES = 400, ALL_S = 20 };

/* ---- a name server, as far as the module knows ---- */

int
getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
    struct addrinfo **out)
{
	static int (*real)(const char *, const char *, const struct addrinfo *,
	    struct addrinfo **);
	bool name = hints == NULL || (hints->ai_flags & AI_NUMERICHOST) == 0;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (name && strcmp(host, "mute.example") == 0) {
		sleep(WIRE_STEP_S + 2);
		return EAI_AGAIN;
	}
	if (name && strcmp(host, "none.example") == 0)
		return EAI_NONAME;
	return real(host, port, hints, out);
}

/* ---- servers ---- */

static void
put(int fd, const void *p, size_t n)
{
	if (send(fd, p, n, MSG_NOSIGNAL) != (ssize_t)n)
		_exit(0);
}
#define PUT(fd, s) put(fd, s, sizeof(s) - 1)

/* Reads to the end of the request; key gets the client's. */
static void
request(int fd, char key[WSHS_KEY])
{
	char s[4096] = "", *at;
	size_t n = 0;
	ssize_t got;

	while (strstr(s, "\r\n\r\n") == NULL) {
		if ((got = read(fd, s + n, sizeof(s) - 1 - n)) <= 0)
			_exit(0);
		n += (size_t)got;
	}
	if ((at = strstr(s, "Sec-WebSocket-Key: ")) == NULL)
		_exit(1);
	memcpy(key, at + 19, WSHS_KEY - 1);
	key[WSHS_KEY - 1] = '\0';
}

static size_t
answer(const char *key, char *out, size_t size)
{
	char text[WSHS_KEY + sizeof(WSHS_GUID)], accept[WSHS_ACCEPT];
	uint8_t hash[SUM_SHA1];

	snprintf(text, sizeof(text), "%s%s", key, WSHS_GUID);
	sum_sha1(text, strlen(text), hash);
	wshs_base64(hash, sizeof(hash), accept);
	return (size_t)snprintf(out, size, "HTTP/1.1 101 Switching Protocols"
	    "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
}

static void
upgrade_it(int fd)
{
	char key[WSHS_KEY], s[500];

	request(fd, key);
	put(fd, s, answer(key, s, sizeof(s)));
}

/* Reads what comes until the client goes. */
static void
hold(int fd)
{
	char s[4096];

	while (read(fd, s, sizeof(s)) > 0)
		;
}

/* Reads a client's frame of less than 126 bytes; its op. */
static int
client_frame(int fd, uint8_t *p, size_t *n)
{
	uint8_t h[6];

	if (recv(fd, h, sizeof(h), MSG_WAITALL) != (ssize_t)sizeof(h))
		_exit(0);
	*n = h[1] & 127;
	if (*n > 0 && recv(fd, p, *n, MSG_WAITALL) != (ssize_t)*n)
		_exit(0);
	for (size_t i = 0; i < *n; i++)
		p[i] ^= h[2 + i % 4];
	return (h[1] & 128) != 0 ? h[0] : -1;
}

static void
good(int fd)
{
	char key[WSHS_KEY], s[600];
	size_t n;

	request(fd, key);
	n = answer(key, s, sizeof(s));
	memcpy(s + n, "\x82\x01" "a\x01\x01" "b", 6);	/* with the answer */
	put(fd, s, n + 6);
	PUT(fd, "\x80\x02" "cd\x81\x00\x88\x05\x03\xe9" "bye");
	hold(fd);
}

static void
byte_by_byte(int fd)
{
	char key[WSHS_KEY], s[600];
	size_t n;

	request(fd, key);
	n = answer(key, s, sizeof(s));
	memcpy(s + n, "\x82\x01" "a", 3);
	for (size_t i = 0; i < n + 3; i++) {
		put(fd, s + i, 1);
		usleep(200);
	}
	usleep(1000);
	PUT(fd, "\x88\x02\x03\xe8");
	hold(fd);
}

/* Gets its pings and texts back; says what it got. */
static void
echo(int fd)
{
	uint8_t p[128], reply[132];
	size_t n;
	int op;

	upgrade_it(fd);
	PUT(fd, "\x89\x03xyz\x89\x00");
	for (int i = 0; i < 3; i++) {
		op = client_frame(fd, p, &n);
		reply[0] = 0x81;
		reply[1] = (uint8_t)(n + 2);
		snprintf((char *)reply + 2, 4, "%02x", op);
		memcpy(reply + 4, p, n);
		put(fd, reply, n + 4);
	}
	PUT(fd, "\x88\x00");
	op = client_frame(fd, p, &n);
	if (op != 0x88 || n != 2 || p[0] != 3 || p[1] != 0xe8)
		_exit(1);
	hold(fd);
}

static void
goodbye(int fd)
{
	uint8_t p[128];
	size_t n;

	upgrade_it(fd);
	if (client_frame(fd, p, &n) != 0x88)
		_exit(1);
	PUT(fd, "\x82\x01z\x88\x02\x03\xe8");
	hold(fd);
}

static void
mute_to_goodbye(int fd)
{
	upgrade_it(fd);
	hold(fd);
}

static void
flood_of_pings(int fd)
{
	static char s[127 * 1000];
	uint8_t p[128];
	size_t n;

	upgrade_it(fd);
	for (size_t i = 0; i < sizeof(s); i += 127)
		memcpy(s + i, "\x89\x7d", 2);
	for (int i = 0; i < 200; i++)
		put(fd, s, sizeof(s));
	PUT(fd, "\x82\x01" "a\x88\x02\x03\xe8");
	while (client_frame(fd, p, &n) == 0x8a)
		;
	hold(fd);
}

#define AFTER_UPGRADE(name, bytes) \
static void \
name(int fd) \
{ \
	upgrade_it(fd); \
	PUT(fd, bytes); \
	hold(fd); \
}
AFTER_UPGRADE(masked, "\x82\x01" "a\x82\x81\x01\x02\x03\x04\x05")
AFTER_UPGRADE(reserved, "\x82\x01" "a\xc2\x01z")
AFTER_UPGRADE(unknown, "\x83\x01z")
AFTER_UPGRADE(continuation, "\x80\x01z")
AFTER_UPGRADE(inside, "\x02\x02" "ab\x82\x01z")
AFTER_UPGRADE(long_ping, "\x89\x7e\x00\x7e")

static void
too_long(int fd)
{
	static char s[MAX + 5];

	upgrade_it(fd);
	PUT(fd, "\x82\x7e\xff\xff");
	put(fd, s, sizeof(s));
	hold(fd);
}

static void
cut(int fd)
{
	upgrade_it(fd);
	PUT(fd, "\x82\x01" "a\x82\x05xyz");
}

static void
no_upgrade(int fd)
{
	char key[WSHS_KEY];

	request(fd, key);
	PUT(fd, "HTTP/1.1 403 Forbidden\r\nContent-Length: 99\r\n\r\n");
	hold(fd);
}

static void
not_ours(int fd)
{
	char key[WSHS_KEY], s[500];

	request(fd, key);
	put(fd, s, answer("dGhlIHNhbXBsZSBub25jZQ==", s, sizeof(s)));
	hold(fd);
}

static void
garbage(int fd)
{
	PUT(fd, "SSH-2.0-OpenSSH_9.2\r\n");
	hold(fd);
}

static void
endless_head(int fd)
{
	PUT(fd, "HTTP/1.1 101 x\r\nX: ");
	for (;;)
		PUT(fd, "0123456789abcdef");
}

static void
goes_at_once(int fd)
{
	char key[WSHS_KEY];

	request(fd, key);
}

static void
dribbles_answer(int fd)
{
	static const char s[] = "HTTP/1.1 101 Switching Protocols\r\n";

	for (size_t i = 0; i < sizeof(s) - 1; i++) {
		put(fd, s + i, 1);
		sleep(1);
	}
}

static void
dribbles_message(int fd)
{
	upgrade_it(fd);
	PUT(fd, "\x82\x7d");
	for (int i = 0; i < 100; i++) {
		PUT(fd, "x");
		sleep(1);
	}
}

/* Two messages that overlap the ends of pieces: nothing wrong with that. */
static void
slow_but_sound(int fd)
{
	upgrade_it(fd);
	PUT(fd, "\x82\x02" "a");
	for (int i = 0; i < WS_MESSAGE_S + 2; i++) {
		sleep(1);
		PUT(fd, "b\x82\x02" "a");
	}
	PUT(fd, "b\x88\x02\x03\xe8");
	hold(fd);
}

static void
only_pongs(int fd)
{
	uint8_t p[128];
	size_t n;

	upgrade_it(fd);
	for (int i = 0; i < 5; i++) {
		if (client_frame(fd, p, &n) != 0x89 || n != 0)
			_exit(1);
		PUT(fd, "\x8a\x00");
	}
	PUT(fd, "\x88\x02\x03\xe8");
	hold(fd);
}

/* ---- cases ---- */

static const struct {
	const char *name;
	void	(*server)(int fd);	/* NULL: see url */
	const char *url;		/* with @ for the port */
	int	 ex, status;
	const char *why;		/* is somewhere in the text */
	const char *events;		/* "..." : anything before */
} cases[] = {
	{ "good", good, "ws://127.0.0.1:@/?token=SECRET", EX_TEMPFAIL, 101,
	    "closed by the server (1001: bye)", "O Ba Tbcd T C" },
	{ "by name", good, "ws://localhost:@", EX_TEMPFAIL, 101,
	    "closed by the server (1001: bye)", "O Ba Tbcd T C" },
	{ "byte by byte", byte_by_byte, "ws://127.0.0.1:@?token=SECRET",
	    EX_TEMPFAIL, 101, "closed by the server (1000)", "... Ba C" },
	{ "what we send", echo, "ws://127.0.0.1:@/", EX_TEMPFAIL, 101,
	    "closed by the server", "O P P T81hello T8axyz T8a C" },
	{ "goodbye", goodbye, "ws://127.0.0.1:@/bye", EX_TEMPFAIL, 101,
	    "closed", "O Bz C" },
	{ "goodbye to nobody", mute_to_goodbye, "ws://127.0.0.1:@/bye",
	    EX_TEMPFAIL, 101, "closed", "O C" },
	{ "a flood of pings", flood_of_pings, "ws://127.0.0.1:@/",
	    EX_TEMPFAIL, 101, "closed by the server", NULL },
	{ "masked", masked, "ws://127.0.0.1:@/", EX_PROTOCOL, 101,
	    "sent a masked frame", "O Ba F\x82\x81\x01\x02\x03\x04\x05 C" },
	{ "reserved bits", reserved, "ws://127.0.0.1:@/", EX_PROTOCOL, 101,
	    "sent a frame with reserved bits set", "O Ba F\xc2\x01z C" },
	{ "unknown kind", unknown, "ws://127.0.0.1:@/", EX_PROTOCOL, 101,
	    "sent a frame of an unknown kind", "O F\x83\x01z C" },
	{ "continuation", continuation, "ws://127.0.0.1:@/", EX_PROTOCOL, 101,
	    "sent the continuation of no message", "O F\x80\x01z C" },
	{ "inside", inside, "ws://127.0.0.1:@/", EX_PROTOCOL, 101,
	    "sent a message inside of another", "O Xab F\x82\x01z C" },
	{ "long ping", long_ping, "ws://127.0.0.1:@/", EX_PROTOCOL, 101,
	    "sent a control frame of more than 125 bytes", NULL },
	{ "too long", too_long, "ws://127.0.0.1:@/", EX_PROTOCOL, 101,
	    "sent a message of more than 1000 bytes", NULL },
	{ "cut", cut, "ws://127.0.0.1:@/", EX_TEMPFAIL, 101,
	    "connection lost", "... Xxyz C" },
	{ "refused", no_upgrade, "ws://127.0.0.1:@/", EX_NOPERM, 403,
	    "refuses the credentials (HTTP 403)", "C" },
	{ "another's answer", not_ours, "ws://127.0.0.1:@/", EX_PROTOCOL, 101,
	    "answers with a wrong Sec-WebSocket-Accept", "C" },
	{ "garbage", garbage, "ws://127.0.0.1:@/", EX_TEMPFAIL, 0,
	    "answers with what is no HTTP", "C" },
	{ "endless head", endless_head, "ws://127.0.0.1:@/", EX_PROTOCOL, 101,
	    "answers with a head of more than 16 KB", "C" },
	{ "goes", goes_at_once, "ws://127.0.0.1:@/", EX_TEMPFAIL, 0,
	    "connection lost before the upgrade was answered", "C" },
	{ "mute", hold, "ws://127.0.0.1:@/?token=SECRET", EX_TEMPFAIL, 0,
	    "connected, but no answer to the upgrade for 7 s", "C" },
	{ "dribbles", dribbles_answer, "ws://127.0.0.1:@/", EX_TEMPFAIL, 0,
	    "the answer to the upgrade is not whole after 7 s", "C" },
	{ "no TLS", garbage, "wss://127.0.0.1:@/", EX_TEMPFAIL, 0, "TLS: ",
	    "C" },
	{ "mute to TLS", hold, "wss://localhost:@/?token=SECRET", EX_TEMPFAIL,
	    0, "TLS is not agreed on within 7 s", "C" },
	{ "full backlog", NULL, "ws://127.0.0.1:@/", EX_TEMPFAIL, 0,
	    "no connection within 7 s", "C" },
	{ "nobody there", NULL, "ws://127.0.0.1:@/", EX_TEMPFAIL, 0,
	    "no connection: Connection refused", "C" },
	{ "mute name server", NULL, "wss://mute.example:@/?token=SECRET",
	    EX_TEMPFAIL, 0, "resolving mute.example: no answer for 7 s", "C" },
	{ "no such name", NULL, "wss://none.example:@/", EX_TEMPFAIL, 0,
	    "resolving none.example: ", "C" },
	{ "dribbles a message", dribbles_message, "ws://127.0.0.1:@/",
	    EX_TEMPFAIL, 101, "a message that is not whole after 10 s", NULL },
	{ "slow but sound", slow_but_sound, "ws://127.0.0.1:@/", EX_TEMPFAIL,
	    101, "closed by the server (1000)", NULL },
	{ "silent", mute_to_goodbye, "ws://127.0.0.1:@/", EX_TEMPFAIL, 101,
	    "silent for 10 s, and no answer to a ping", "O C" },
	{ "only pongs", only_pongs, "ws://127.0.0.1:@/", EX_TEMPFAIL, 101,
	    "closed by the server (1000)", "O P P P P P C" },
};
enum { N = sizeof(cases) / sizeof(cases[0]) };

static struct ran {
	struct ws	*ws;
	pid_t		 pid;
	char		 events[NOTES];
	size_t		 len, out_max;
	unsigned	 messages, parts;
	int		 lost_ms, room, locked;	/* of the socket */
	size_t		 part_bytes;
	bool		 over;
} ran[N];
static struct ws_loop *loop;

static void
note(struct ran *r, char kind, const uint8_t *p, size_t n)
{
	if (r->len + n + 3 > NOTES)
		return;
	if (r->len > 0)
		r->events[r->len++] = ' ';
	r->events[r->len++] = kind;
	if (n > 0)
		memcpy(r->events + r->len, p, n);
	r->len += n;
}

static int
option(const struct ws *w, int level, int name)
{
	socklen_t len = sizeof(int);
	int v = -1;

	(void)getsockopt(w->wire.fd, level, name, &v, &len);
	return v;
}

static void
on(struct ws *w, enum ws_event e, const uint8_t *p, size_t n, void *arg)
{
	static const char kind[] = "OBTXFAPC";
	struct ran *r = arg;
	struct fault f;

	assert_false(r->over);
	if (e == WS_OPEN) {
		r->lost_ms = option(w, IPPROTO_TCP, TCP_USER_TIMEOUT);
		r->room = option(w, SOL_SOCKET, SO_RCVBUF);
		r->locked = option(w, SOL_SOCKET, SO_BUF_LOCK);
	}
	if (e != WS_ALIVE)
		note(r, kind[e], p, n);
	r->messages += e == WS_BINARY;
	r->parts += e == WS_PART || e == WS_FRAGMENT;
	r->part_bytes += e == WS_PART || e == WS_FRAGMENT ? n : 0;
	if (w->out.cap > r->out_max)
		r->out_max = w->out.cap;
	if (e == WS_OPEN && cases[r - ran].server == echo)
		assert_int_equal(ws_send_text(w, "hello", 5, &f), 0);
	if (e == WS_OPEN && strstr(cases[r - ran].url, "bye") != NULL)
		ws_goodbye(w);
	r->over = e == WS_CLOSED;
}

static int
listener(int backlog, int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

/* A port whose connections are never accepted, nor do more wait. */
static int
full_backlog(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int port;

	(void)listener(0, &port);
	a.sin_port = htons((uint16_t)port);
	for (int i = 0; i < 4; i++)
		(void)connect(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0),
		    (struct sockaddr *)&a, sizeof(a));
	return port;
}

static int
begin(size_t i)
{
	int fd, port;

	if (cases[i].server == NULL)
		return strcmp(cases[i].name, "full backlog") == 0 ?
		    full_backlog() : 1;
	fd = listener(5, &port);
	if ((ran[i].pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		cases[i].server(accept(fd, NULL, NULL));
		_exit(0);
	}
	close(fd);
	return port;
}

/* All cases, to their ends. */
static int
run_all(void **state)
{
	struct ws_spec spec = { .max = MAX, .on = on };
	int64_t end = clk_mono() + ALL_S * US_PER_SEC;
	struct fault f;
	char url[100];
	size_t left = N, n;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	if (ws_loop_open(&loop, "", &f) != 0)
		return -1;
	for (size_t i = 0; i < N; i++) {
		n = strcspn(cases[i].url, "@");
		snprintf(url, sizeof(url), "%.*s%d%s", (int)n, cases[i].url,
		    begin(i), cases[i].url + n + (cases[i].url[n] == '@'));
		spec.url = url;
		spec.arg = &ran[i];
		if (ws_connect(&ran[i].ws, loop, &spec, &f) != 0)
			return -1;
	}
	while (left > 0 && clk_mono() < end) {
		if (ws_turn(loop, 100, &f) != 0)
			return -1;
		left = 0;
		for (size_t i = 0; i < N; i++)
			left += !ran[i].over;
	}
	return 0;
}

static int
end_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++) {
		ws_delete(ran[i].ws);
		if (ran[i].pid > 0) {
			kill(ran[i].pid, SIGKILL);
			waitpid(ran[i].pid, NULL, 0);
		}
	}
	ws_loop_close(loop);
	return 0;
}

/* Whether a case came out as it should; says how it did where not. */
static bool
as_wanted(size_t i)
{
	const struct fault *why = ws_why(ran[i].ws);
	const char *want = cases[i].events, *got = ran[i].events;

	if (want != NULL && strncmp(want, "... ", 4) == 0) {
		want += 4;
		got += strlen(got) > strlen(want) ? strlen(got) -
		    strlen(want) : 0;
	}
	if (ran[i].over && why->ex == cases[i].ex &&
	    ws_status(ran[i].ws) == cases[i].status &&
	    strstr(why->text, cases[i].why) != NULL &&
	    strstr(why->text, "SECRET") == NULL &&
	    (want == NULL || strcmp(want, got) == 0))
		return true;
	printf("# %s: %s, %d %s, HTTP %d, events %s\n", cases[i].name,
	    ran[i].over ? "over" : "not over", why->ex, why->text,
	    ws_status(ran[i].ws), ran[i].events);
	return false;
}

static void
ends_as_it_should(void **state)
{
	unsigned bad = 0;

	(void)state;
	for (size_t i = 0; i < N; i++)
		bad += !as_wanted(i);
	assert_int_equal(bad, 0);
}

static struct ran *
ran_of(void (*server)(int))
{
	size_t i = 0;

	while (cases[i].server != server)
		i++;
	return &ran[i];
}

static void
keeps_what_was_received(void **state)
{
	(void)state;
	assert_int_equal(ran_of(too_long)->part_bytes, MAX + 5);
	assert_int_equal(ran_of(too_long)->messages, 0);
	assert_true(ran_of(dribbles_message)->part_bytes > 5);
	assert_int_equal(ran_of(flood_of_pings)->messages, 1);
	assert_int_equal(ran_of(slow_but_sound)->messages, WS_MESSAGE_S + 3);
	assert_int_equal(ran_of(slow_but_sound)->parts, 0);
}

static void
sockets_are_prepared(void **state)
{
	const struct ran *r = ran_of(good);

	(void)state;
	assert_int_equal(r->lost_ms, WIRE_LOST_S * 1000);
	/* All that was asked for, or it may still grow by itself. */
	assert_true(r->room >= WIRE_BUFFER || r->locked <= 0);
}

static void
pongs_are_bounded(void **state)
{
	(void)state;
	assert_in_range(ran_of(flood_of_pings)->out_max, 1, 4 * PONG_ROOM);
}

static void
secrets_are_wiped(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++) {
		const struct buf *b = &ran[i].ws->out;

		if (b->p != NULL)
			assert_null(memmem(b->p, b->cap, "SECRET", 6));
	}
}

static void
urls(void **state)
{
	static const struct { const char *url; int ex; } t[] = {
		{ "http://127.0.0.1/", EX_CONFIG },
		{ "ws://192.0.2.1/", EX_CONFIG },
		{ "ws://127.0.0.1.example/", EX_CONFIG },
		{ "ws://user:pass@127.0.0.1/", EX_CONFIG },
		{ "wss://h:0/", EX_CONFIG }, { "wss://h:65536/", EX_CONFIG },
		{ "wss://h:1x/", EX_CONFIG }, { "wss://", EX_CONFIG },
		{ "wss://[::1/", EX_CONFIG }, { "", EX_CONFIG },
		{ "ws://127.0.0.1/a b", EX_CONFIG },
		{ "ws://127.0.0.1/a\r\nX: y", EX_CONFIG },
	};
	struct ws_spec spec = { .max = MAX, .on = on };
	struct ws_loop *l;
	struct ws *w;
	struct fault f;

	(void)state;
	assert_int_equal(ws_loop_open(&l, "", &f), 0);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		spec.url = t[i].url;
		assert_int_equal(ws_connect(&w, l, &spec, &f), -1);
		assert_int_equal(f.ex, t[i].ex);
		assert_null(w);
	}
	ws_loop_close(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_as_it_should),
		cmocka_unit_test(keeps_what_was_received),
		cmocka_unit_test(sockets_are_prepared),
		cmocka_unit_test(pongs_are_bounded),
		cmocka_unit_test(secrets_are_wiped),
		cmocka_unit_test(urls),
	};

	return cmocka_run_group_tests_name("ws", tests, run_all, end_all);
}
