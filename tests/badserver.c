/*
 * badserver - a web server that misbehaves in one way, for the tests
 *
 *	badserver PORTFILE MODE [FILE [LOG]]
 *
 * Listens on a loopback port of the kernel's choice and, once it does, writes
 * PORTFILE ("http", tab, port).  Modes:
 *
 *	refuse-after-accept	closes every connection at once
 *	hang		reads the request, never answers
 *	slow		answers FILE, a byte every half second
 *	status500	500 and a page
 *	garbage		bytes that are no HTTP
 *	html		200 and an HTML page where data was wanted
 *	redirect-other	302 to another host with a request_token
 *	truncate	promises more bytes than it sends
 *	file		200 and FILE, whatever is asked
 *	routes		FILE says what: see below
 *
 * FILE of routes: rows of path, status, location, body file, times (tabs
 * between, "-" for none or unlimited); the first row whose path begins the
 * request's (its query left out) and which has times left answers; else 404.
 * With LOG every request is appended to it: method, target, body, a line each.
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "msg.h"
#include "num.h"

enum { REQUEST_MAX = 65536, FILE_MAX = 64 << 20, ROUTES_MAX = 64 };

struct route {
	char	 path[200], location[500], body[500];
	int64_t	 status, times;		/* times -1: unlimited */
};

static struct route routes[ROUTES_MAX];
static int nroutes;
static const char page[] = "<!DOCTYPE html><html><head><title>502 Bad Gateway"
    "</title></head><body>try again</body></html>\n";

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

static void
read_routes(const char *path)
{
	FILE *in = fopen(path, "r");
	char line[1400], times[20], status[20];

	if (in == NULL)
		msg_die(EX_NOINPUT, "%s", path);
	while (nroutes < ROUTES_MAX && fgets(line, sizeof(line), in) != NULL) {
		struct route *r = &routes[nroutes++];

		if (sscanf(line, "%199[^\t]\t%19[^\t]\t%499[^\t]\t%499[^\t]\t"
		    "%19[^\t\n]", r->path, status, r->location, r->body,
		    times) != 5 || num_i64(status, 100, 599, &r->status) != 0)
			msg_diex(EX_DATAERR, "%s:%d: bad row", path, nroutes);
		if (num_i64(times, 0, 1000000, &r->times) != 0)
			r->times = -1;
	}
	fclose(in);		/* only read from: nothing to lose */
}

static void
put(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t did = write(fd, at, n);

		if (did <= 0)
			return;		/* the client has gone */
		at += did;
		n -= (size_t)did;
	}
}

/* Head and body of the request into b; false when there is none. */
static bool
get_request(int fd, struct buf *b)
{
	char block[4096], *end = NULL, *length;
	size_t want = 0;
	ssize_t n;

	while (end == NULL || b->len < want) {
		if (b->len > REQUEST_MAX ||
		    (n = read(fd, block, sizeof(block))) <= 0)
			return false;
		if (buf_add(b, block, (size_t)n) != 0)
			msg_die(EX_TEMPFAIL, "request");
		if (end == NULL && (end = strstr(b->p, "\r\n\r\n")) != NULL) {
			length = strcasestr(b->p, "\r\nContent-Length:");
			want = (size_t)(end + 4 - b->p);
			if (length != NULL && length < end)
				want += strtoul(length + 17, NULL, 10);
		}
	}
	return true;
}

static void
log_request(const char *path, const struct buf *b)
{
	FILE *log = fopen(path, "a");
	const char *body = strstr(b->p, "\r\n\r\n") + 4;

	if (log == NULL)
		msg_die(EX_CANTCREAT, "%s", path);
	fprintf(log, "%.*s\t%s\n", (int)strcspn(b->p, "\r"), b->p, body);
	if (fclose(log) == EOF)
		msg_die(EX_IOERR, "%s", path);
}

/* status, headers and body in one; more: bytes promised beyond the body. */
static void
answer(int fd, int64_t status, const char *location, const char *path,
    size_t more)
{
	struct buf head = { 0 }, body = { 0 };
	const char *dot = path != NULL ? strrchr(path, '.') : NULL;
	struct fault f;

	if (path == NULL)
		buf_adds(&body, page);
	else if (strcmp(path, "-") != 0 &&
	    file_slurp(path, FILE_MAX, &body, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	buf_addf(&head, "HTTP/1.1 %d Status\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\nContent-Type: %s\r\n", (int)status,
	    body.len + more, path == NULL || dot == NULL ? "text/html" :
	    strcmp(dot, ".json") == 0 ? "application/json" :
	    strcmp(dot, ".csv") == 0 ? "text/csv" : "text/html");
	if (location != NULL && strcmp(location, "-") != 0)
		buf_addf(&head, "Location: %s\r\n", location);
	buf_adds(&head, "Set-Cookie: kf_session=1; path=/\r\n\r\n");
	put(fd, head.p, head.len);
	put(fd, body.p, body.len);
	buf_free(&head);
	buf_free(&body);
}

static void
answer_route(int fd, const char *request)
{
	const char *path = strchr(request, ' ') + 1;

	for (int i = 0; i < nroutes; i++) {
		struct route *r = &routes[i];

		if (strncmp(path, r->path, strlen(r->path)) != 0 ||
		    r->times == 0)
			continue;
		if (r->times > 0)
			r->times--;
		answer(fd, r->status, r->location, r->body, 0);
		return;
	}
	answer(fd, 404, NULL, NULL, 0);
}

/* In a child: one answer, a byte every half second. */
static void
answer_slowly(int fd, const char *path)
{
	struct buf b = { 0 };
	struct fault f;

	if (path == NULL || file_slurp(path, FILE_MAX, &b, &f) != 0)
		buf_adds(&b, page);
	dprintf(fd, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", b.len);
	for (size_t i = 0; i < b.len; i++) {
		put(fd, b.p + i, 1);
		usleep(500 * 1000);
	}
}

static void
serve(int fd, const char *mode, const char *file, const char *log)
{
	static const char noise[] = "\x16\x03\x01 \xff\xfe what? \x01\n\n\n";
	struct buf b = { 0 };

	if (strcmp(mode, "refuse-after-accept") == 0 || !get_request(fd, &b))
		goto out;
	if (log != NULL)
		log_request(log, &b);
	if (strcmp(mode, "hang") == 0)
		pause();
	else if (strcmp(mode, "slow") == 0)
		answer_slowly(fd, file);
	else if (strcmp(mode, "status500") == 0)
		answer(fd, 500, NULL, NULL, 0);
	else if (strcmp(mode, "garbage") == 0)
		put(fd, noise, sizeof(noise));
	else if (strcmp(mode, "html") == 0)
		answer(fd, 200, NULL, NULL, 0);
	else if (strcmp(mode, "redirect-other") == 0)
		answer(fd, 302, "https://kite.zerodha.com.evil.example/finish?"
		    "request_token=Stolen0123456789&status=success", NULL, 0);
	else if (strcmp(mode, "truncate") == 0)
		answer(fd, 200, NULL, file, 1000);
	else if (strcmp(mode, "file") == 0)
		answer(fd, 200, NULL, file, 0);
	else
		answer_route(fd, b.p);
out:
	buf_free(&b);
}

int
main(int argc, char *argv[])
{
	static const char *const modes = " refuse-after-accept hang slow "
	    "status500 garbage html redirect-other truncate file routes ";
	const char *mode, *file = argc > 3 ? argv[3] : NULL;
	char word[40];
	bool apart;
	int fd, c;

	msg_init("badserver");
	if (argc < 3 || argc > 5 || (size_t)snprintf(word, sizeof(word),
	    " %s ", argv[2]) >= sizeof(word) || strstr(modes, word) == NULL)
		msg_diex(EX_USAGE, "usage: badserver portfile mode [file [log]]");
	mode = argv[2];
	prctl(PR_SET_PDEATHSIG, SIGTERM);	/* not to outlive the test */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	if (strcmp(mode, "routes") == 0)
		read_routes(file);
	apart = strcmp(mode, "hang") == 0 || strcmp(mode, "slow") == 0;
	fd = listen_on_loopback(argv[1]);
	while ((c = accept(fd, NULL, NULL)) != -1) {
		if (!apart || fork() == 0) {
			if (apart)
				prctl(PR_SET_PDEATHSIG, SIGTERM);
			serve(c, mode, file, argc > 4 ? argv[4] : NULL);
			if (apart)
				return 0;
		}
		close(c);
	}
	msg_die(EX_OSERR, "accept");
}
