#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "file.h"
#include "msg.h"
#include "num.h"
#include "simmail.h"
#include "tsv.h"

enum { ERRORS_MAX = 20, PATH_LEN = 4096 };

enum stage {
	GREETED,
	AUTH_PLAIN, AUTH_USER, AUTH_PASSWORD,	/* waits for that */
	DATA
};

struct talk {			/* one connection */
	enum stage	 stage;
	bool		 hello, from;	/* both were said */
	unsigned	 rcpts, errors;
	struct buf	 envelope;	/* rows */
	struct file	 out;		/* of DATA; fp NULL: not kept */
	size_t		 size;		/* bytes of DATA so far */
	bool		 tail;		/* the next piece continues a line */
	bool		 lost;		/* it cannot be kept */
	uint64_t	 number;
};

struct simmail {
	char		*dir;		/* NULL: nothing is kept */
	uint64_t	 number;	/* of the last message begun */
	uint64_t	 count;
};

int
simmail_open(struct simmail **out, const char *dir, struct fault *f)
{
	struct simmail *m = calloc(1, sizeof(*m));
	struct dirent *e;
	int64_t n;
	DIR *d;

	if (m == NULL || (dir != NULL && (m->dir = strdup(dir)) == NULL)) {
		free(m);
		return fault_sys(f, EX_OSERR, "the mail server");
	}
	*out = m;
	if (dir == NULL)
		return 0;
	if (file_mkdirs(dir, f) != 0)
		goto fail;
	if ((d = opendir(dir)) == NULL) {
		fault_sys(f, 0, "%s", dir);
		goto fail;
	}
	while ((e = readdir(d)) != NULL) {
		char *dot = strrchr(e->d_name, '.');

		if (dot == NULL || strcmp(dot, ".eml") != 0)
			continue;
		*dot = '\0';
		if (num_i64(e->d_name, 0, INT32_MAX, &n) == 0 &&
		    (uint64_t)n > m->number)
			m->number = (uint64_t)n;
	}
	closedir(d);
	return 0;
fail:
	simmail_close(m);
	return -1;
}

void
simmail_close(struct simmail *m)
{
	if (m == NULL)
		return;
	free(m->dir);
	free(m);
}

uint64_t
simmail_count(const struct simmail *m)
{
	return m->count;
}

/* ---- answers ---- */

static void
say(struct serve_conn *c, const char *text)
{
	if (serve_send(c, SERVE_TEXT, text, strlen(text), 0) != 0)
		serve_end(c, 0, NULL);	/* it does not read what it asked for */
}

static void
refuse(struct serve_conn *c, struct talk *t, const char *text)
{
	say(c, text);
	if (++t->errors >= ERRORS_MAX) {
		say(c, "421 too many errors\r\n");
		serve_end(c, 0, NULL);
	}
}

static void
forget(struct talk *t)
{
	t->stage = GREETED;
	t->from = false;
	t->rcpts = 0;
	buf_free(&t->envelope);
	file_abort(&t->out);
}

/* ---- messages ---- */

static int
path_of(const struct simmail *m, uint64_t number, const char *kind, char *out)
{
	int n = snprintf(out, PATH_LEN, "%s/%06llu.%s", m->dir,
	    (unsigned long long)number, kind);

	return n < PATH_LEN ? 0 : -1;
}

static void
begin_data(struct simmail *m, struct serve_conn *c, struct talk *t)
{
	char path[PATH_LEN];
	struct fault f;

	if (t->rcpts == 0) {
		refuse(c, t, "503 say MAIL and RCPT first\r\n");
		return;
	}
	if (m->dir != NULL) {
		t->number = ++m->number;
		if (path_of(m, t->number, "eml", path) != 0 ||
		    file_begin(&t->out, path, 0666, &f) != 0) {
			refuse(c, t, "451 no place for it\r\n");
			return;
		}
	}
	t->stage = DATA;
	t->size = 0;
	t->tail = t->lost = false;
	say(c, "354 end it with a line of one dot\r\n");
}

/* Puts message and envelope under their names; false: it could not be kept. */
static bool
keep(struct simmail *m, struct talk *t)
{
	char path[PATH_LEN];
	struct fault f;

	if (m->dir == NULL)
		return !t->lost;
	if (t->lost || path_of(m, t->number, "tsv", path) != 0 ||
	    file_put(path, 0666, t->envelope.p, t->envelope.len, &f) != 0)
		return false;
	return file_commit(&t->out, &f) == 0;
}

static void
end_data(struct simmail *m, struct serve_conn *c, struct talk *t)
{
	if (t->size > SIMMAIL_SIZE) {
		refuse(c, t, "552 the message is too long\r\n");
	} else if (!keep(m, t)) {
		refuse(c, t, "451 it could not be kept\r\n");
	} else {
		m->count++;
		say(c, "250 kept\r\n");
	}
	forget(t);
}

static void
data_line(struct simmail *m, struct serve_conn *c, struct talk *t,
    const char *p, size_t n, bool whole)
{
	if (!t->tail && whole && n == 1 && *p == '.') {
		end_data(m, c, t);
		return;
	}
	if (!t->tail && n > 0 && *p == '.') {
		p++;
		n--;
	}
	t->tail = !whole;
	t->size += n + (whole ? 2 : 0);
	if (t->out.fp == NULL || t->size > SIMMAIL_SIZE)
		return;
	if (fwrite(p, 1, n, t->out.fp) != n ||
	    (whole && fputs("\r\n", t->out.fp) == EOF))
		t->lost = true;
}

/* ---- commands ---- */

/* The address in "FROM:<a@b> ..." into out; -1: there is none. */
static int
address(const char *arg, const char *word, char *out, size_t size)
{
	size_t n = strlen(word);
	const char *end;

	if (strncasecmp(arg, word, n) != 0)
		return -1;
	arg += n;
	arg += strspn(arg, " ");
	if (*arg++ != '<' || (end = strchr(arg, '>')) == NULL ||
	    (size_t)(end - arg) >= size)
		return -1;
	memcpy(out, arg, (size_t)(end - arg));
	out[end - arg] = '\0';
	return 0;
}

static int
note(struct talk *t, const char *field, const char *value)
{
	if (buf_addf(&t->envelope, "%s%s\t", t->envelope.len == 0 ?
	    "field\tvalue\n" : "", field) != 0 ||
	    tsv_add(&t->envelope, value) != 0)
		return -1;
	return buf_adds(&t->envelope, "\n");
}

/* Does MAIL announce more than we take, or nonsense? */
static bool
too_long(const char *arg)
{
	const char *p = strcasestr(arg, " SIZE=");
	char digits[24];
	int64_t size;

	if (p == NULL)
		return false;
	p += 6;
	snprintf(digits, sizeof(digits), "%.*s", (int)strcspn(p, " "), p);
	return num_i64(digits, 0, SIMMAIL_SIZE, &size) != 0;
}

static void
cmd_mail(struct serve_conn *c, struct talk *t, const char *arg)
{
	char from[512];

	if (!t->hello) {
		refuse(c, t, "503 say EHLO first\r\n");
	} else if (t->from) {
		refuse(c, t, "503 one sender only\r\n");
	} else if (address(arg, "FROM:", from, sizeof(from)) != 0) {
		refuse(c, t, "501 that is no MAIL FROM:<address>\r\n");
	} else if (too_long(arg)) {
		refuse(c, t, "552 the message is too long\r\n");
	} else if (note(t, "from", from) != 0) {
		refuse(c, t, "451 out of memory\r\n");
	} else {
		t->from = true;
		say(c, "250 ok\r\n");
	}
}

static void
cmd_rcpt(struct serve_conn *c, struct talk *t, const char *arg)
{
	char to[512];

	if (!t->from) {
		refuse(c, t, "503 say MAIL first\r\n");
	} else if (t->rcpts == SIMMAIL_RCPTS) {
		refuse(c, t, "452 too many recipients\r\n");
	} else if (address(arg, "TO:", to, sizeof(to)) != 0 || *to == '\0') {
		refuse(c, t, "501 that is no RCPT TO:<address>\r\n");
	} else if (note(t, "to", to) != 0) {
		refuse(c, t, "451 out of memory\r\n");
	} else {
		t->rcpts++;
		say(c, "250 ok\r\n");
	}
}

static void
cmd_auth(struct serve_conn *c, struct talk *t, const char *arg)
{
	if (strncasecmp(arg, "PLAIN ", 6) == 0) {
		say(c, "235 welcome\r\n");
	} else if (strcasecmp(arg, "PLAIN") == 0) {
		t->stage = AUTH_PLAIN;
		say(c, "334 \r\n");
	} else if (strncasecmp(arg, "LOGIN ", 6) == 0) {
		t->stage = AUTH_PASSWORD;
		say(c, "334 UGFzc3dvcmQ6\r\n");
	} else if (strcasecmp(arg, "LOGIN") == 0) {
		t->stage = AUTH_USER;
		say(c, "334 VXNlcm5hbWU6\r\n");
	} else {
		refuse(c, t, "504 PLAIN or LOGIN\r\n");
	}
}

/* A line of what AUTH began. */
static void
auth_line(struct serve_conn *c, struct talk *t, const char *p)
{
	if (strcmp(p, "*") == 0) {
		t->stage = GREETED;
		refuse(c, t, "501 as you like\r\n");
	} else if (t->stage == AUTH_USER) {
		t->stage = AUTH_PASSWORD;
		say(c, "334 UGFzc3dvcmQ6\r\n");
	} else {
		t->stage = GREETED;
		say(c, "235 welcome\r\n");
	}
}

static void
cmd_hello(struct serve_conn *c, struct talk *t, const char *text)
{
	forget(t);
	t->hello = true;
	say(c, text);
}

static void
command(struct simmail *m, struct serve_conn *c, struct talk *t,
    const char *p)
{
	static const char ehlo[] = "250-das-sim\r\n250-SIZE 26214400\r\n"
	    "250-8BITMIME\r\n250 AUTH PLAIN LOGIN\r\n";
	const char *arg = p + strcspn(p, " ");
	size_t n = (size_t)(arg - p);

	arg += strspn(arg, " ");
#define IS(word) (n == sizeof(word) - 1 && strncasecmp(p, word, n) == 0)
	if (IS("EHLO")) {
		cmd_hello(c, t, ehlo);
	} else if (IS("HELO")) {
		cmd_hello(c, t, "250 das-sim\r\n");
	} else if (IS("AUTH")) {
		cmd_auth(c, t, arg);
	} else if (IS("MAIL")) {
		cmd_mail(c, t, arg);
	} else if (IS("RCPT")) {
		cmd_rcpt(c, t, arg);
	} else if (IS("DATA")) {
		begin_data(m, c, t);
	} else if (IS("RSET")) {
		forget(t);
		say(c, "250 ok\r\n");
	} else if (IS("NOOP") || IS("VRFY")) {
		say(c, IS("NOOP") ? "250 ok\r\n" : "252 try it\r\n");
	} else if (IS("QUIT")) {
		say(c, "221 bye\r\n");
		serve_end(c, 0, NULL);
	} else {
		refuse(c, t, "500 what?\r\n");
	}
#undef IS
}

void
simmail_line(struct simmail *m, struct serve_conn *c, const char *p, size_t n,
    bool whole)
{
	struct talk *t = serve_user(c);

	if (t == NULL)
		return;
	if (t->stage == DATA) {
		data_line(m, c, t, p, n, whole);
	} else if (!whole || strlen(p) != n || t->tail) {
		if (whole)
			refuse(c, t, "500 the line is no command\r\n");
		t->tail = !whole;
	} else if (t->stage == GREETED) {
		command(m, c, t, p);
	} else {
		auth_line(c, t, p);
	}
}

void
simmail_opened(struct simmail *m, struct serve_conn *c)
{
	struct talk *t = calloc(1, sizeof(*t));

	(void)m;
	if (t == NULL) {
		serve_end(c, 0, NULL);
		return;
	}
	t->out.dirfd = -1;
	serve_set_user(c, t);
	say(c, "220 das-sim ESMTP\r\n");
}

void
simmail_closed(struct simmail *m, struct serve_conn *c)
{
	struct talk *t = serve_user(c);

	(void)m;
	if (t == NULL)
		return;
	forget(t);
	serve_set_user(c, NULL);
	free(t);
}
