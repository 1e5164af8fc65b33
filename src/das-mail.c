/*
 * das-mail - send a mail with attachments, or keep it until it can be sent
 *
 * Reads the text from stdin.  A mail is first written to spoolDir/outbox, then
 * sent, then removed: a file in outbox/ is a mail that nobody took yet, one in
 * outbox/refused/ is one that the server does not want.  -f sends what is in
 * outbox.  A crash between the server's yes and the removal sends a mail
 * twice, under the same Message-ID; none is lost.  With mail = spool a mail
 * stays in outbox.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "buf.h"
#include "clk.h"
#include "conf.h"
#include "file.h"
#include "lock.h"
#include "mime.h"
#include "msg.h"
#include "opt.h"
#include "smtp.h"
#include "stop.h"

enum {
	FILES_MAX = 20,			/* attachments of a mail */
	TEXT_MAX = 1 << 20,		/* bytes of its text */
	ATTACH_MAX = 20 << 20,		/* bytes of all its attachments */
	QUEUE_MAX = 500,		/* mails in outbox; then the oldest go */
	LOCK_TRIES = 600, LOCK_WAIT_MS = 100
};
static const off_t QUEUE_BYTES = (off_t)256 << 20;	/* the same, in bytes */

static struct conf *conf;
static char outbox[PATH_MAX - 300];	/* leaves room for a file's name */
static bool smtp_wanted;		/* else mail = spool */
static const char *from, *to[MIME_TO_MAX + 1];
static char *to_list;			/* what to points into */
static struct smtp *server;

/* ---- configuration ---- */

/* Sender and recipients; with mail = spool they may still be placeholders. */
static void
read_addresses(void)
{
	static const char *const needed[] = {
		"destinationEmailAddress", "senderEmailAddress",
		"senderEmailPass"
	};
	struct fault f;

	for (size_t i = 0; i < 3; i++)
		if (conf_is_placeholder(conf, needed[i]))
			msg_diex(EX_CONFIG, "%s: key %s: is still the "
			    "placeholder; fill it in or set \"mail\": "
			    "\"spool\"", conf_file(conf), needed[i]);
	from = conf_str(conf, "senderEmailAddress");
	to_list = strdup(conf_str(conf, "destinationEmailAddress"));
	if (to_list == NULL)
		msg_die(EX_TEMPFAIL, "recipients");
	if (!mime_address_ok(from)) {
		if (smtp_wanted)
			msg_diex(EX_CONFIG, "%s: key senderEmailAddress: is "
			    "no mail address (name@host)", conf_file(conf));
		from = "das@localhost";
	}
	if (mime_addresses(to_list, to, &f) != 0) {
		if (smtp_wanted)
			msg_diex(f.ex, "%s: key destinationEmailAddress: %s",
			    conf_file(conf), f.text);
		to[0] = "das@localhost";
		to[1] = NULL;
	}
}

static void
setup(void)
{
	struct smtp_server s;
	struct fault f;

	if (conf_open(&conf, opt_config(), &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	smtp_wanted = strcmp(conf_str(conf, "mail"), "smtp") == 0;
	read_addresses();
	if (file_join(outbox, sizeof(outbox), conf_str(conf, "spoolDir"),
	    "outbox", &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	s.url = conf_str(conf, "smtpUrl");
	s.cafile = conf_str(conf, "caFile");
	s.user = from;
	s.pass = conf_str(conf, "senderEmailPass");
	if (smtp_wanted && smtp_open(&server, &s, &f) != 0)
		msg_diex(f.ex, "%s: %s", conf_file(conf), f.text);
}

/* ---- the queue ---- */

static int
is_mail(const struct dirent *d)
{
	const char *dot = strrchr(d->d_name, '.');

	return *d->d_name != '.' && dot != NULL && strcmp(dot, ".eml") == 0;
}

/* What a writer that died left: ".NAME.eml.PID" of no living process. */
static int
is_leftover(const struct dirent *d)
{
	const char *dot = strrchr(d->d_name, '.');
	char *end;
	long pid;

	if (*d->d_name != '.' || strstr(d->d_name, ".eml.") == NULL)
		return 0;
	pid = strtol(dot + 1, &end, 10);
	return pid > 0 && pid <= INT_MAX && *end == '\0' &&
	    kill((pid_t)pid, 0) == -1 && errno == ESRCH;
}

/* Removes name in dir; true when it is gone. */
static bool
drop(const char *dir, const char *name)
{
	char path[PATH_MAX];
	struct fault f;

	if (file_join(path, sizeof(path), dir, name, &f) != 0)
		return false;
	return remove(path) == 0 || errno == ENOENT;
}

static void
free_list(struct dirent **list, int n)
{
	while (n > 0)
		free(list[--n]);
	free(list);
}

/* Removes the oldest mails of dir until it holds its bound, but never the one
 * called keep, and leftovers. */
static void
trim(const char *dir, const char *keep)
{
	struct dirent **list;
	struct stat st;
	char path[PATH_MAX];
	off_t bytes = 0;
	int n, first;

	if ((n = scandir(dir, &list, is_leftover, NULL)) > 0)
		for (int i = 0; i < n; i++)
			(void)drop(dir, list[i]->d_name);	/* next time */
	if (n >= 0)
		free_list(list, n);
	if ((n = scandir(dir, &list, is_mail, alphasort)) < 0)
		return;		/* not there yet: nothing to trim */
	for (first = n; first > 0 && n - first < QUEUE_MAX; first--) {
		if (snprintf(path, sizeof(path), "%s/%s", dir,
		    list[first - 1]->d_name) < (int)sizeof(path) &&
		    stat(path, &st) == 0)
			bytes += st.st_size;
		if (bytes > QUEUE_BYTES)
			break;
	}
	for (int i = 0; i < first; i++)
		if (strcmp(list[i]->d_name, keep) != 0 &&
		    drop(dir, list[i]->d_name))
			msg_warnx("%s: is full, its oldest mail %s was "
			    "removed", dir, list[i]->d_name);
	free_list(list, n);
}

/* One process sends at a time; -1 when the other one takes too long. */
static int
lock_outbox(struct fault *f)
{
	char path[PATH_MAX];
	int fd = -1;

	if (file_join(path, sizeof(path), outbox, ".lock", f) != 0)
		return -1;
	for (int i = 0; i < LOCK_TRIES; i++) {
		errno = 0;
		fd = lock_take(path, f);
		if (fd != -1 || f->ex != EX_TEMPFAIL || errno != EWOULDBLOCK ||
		    stop_sleep(LOCK_WAIT_MS * US_PER_MS))
			break;
	}
	return fd;
}

/* ---- sending ---- */

/* Puts a mail that the server does not want aside. */
static void
set_aside(const char *path)
{
	char dir[PATH_MAX], to_path[PATH_MAX];
	struct fault f;

	if (file_join(dir, sizeof(dir), outbox, "refused", &f) != 0 ||
	    file_mkdirs(dir, &f) != 0 || file_join(to_path, sizeof(to_path),
	    dir, strrchr(path, '/') + 1, &f) != 0)
		msg_warnx("%s", f.text);
	else if (rename(path, to_path) == -1)
		msg_warn("%s", to_path);
	trim(dir, strrchr(path, '/') + 1);
}

/* Sends mail, which is queued at path (NULL: nowhere).  0 or f's code. */
static int
send_mail(FILE *mail, const char *path, struct fault *f)
{
	struct buf refused = { 0 };
	char *line, *rest;
	int rc;

	rc = smtp_send(server, mail, from, to, &refused, f) == 0 ? 0 : f->ex;
	rest = rc == 0 ? refused.p : NULL;
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0')
		msg_warnx("recipient refused: %s", line);
	buf_free(&refused);
	if (rc == EX_DATAERR && path != NULL)
		set_aside(path);
	if (rc == 0 && path != NULL && remove(path) == -1 && errno != ENOENT)
		msg_warn("%s: was sent and cannot be removed", path);
	return rc;
}

/* Sends all of outbox, the oldest first.  0, or the code of what went wrong. */
static int
flush(void)
{
	struct dirent **list;
	struct fault f = { 0 };
	char path[PATH_MAX];
	int n, ex, rc = 0, lock;
	FILE *mail;

	if ((n = scandir(outbox, &list, is_mail, alphasort)) < 0) {
		if (errno == ENOENT)
			return 0;	/* nothing was ever queued */
		msg_die(EX_IOERR, "%s", outbox);
	}
	if ((lock = n > 0 ? lock_outbox(&f) : -1) == -1 && n > 0) {
		msg_warnx("%s", f.text);
		rc = f.ex;
	}
	for (int i = 0; i < n && (rc == 0 || rc == EX_DATAERR); i++) {
		if (file_join(path, sizeof(path), outbox, list[i]->d_name,
		    &f) != 0 || (mail = fopen(path, "re")) == NULL)
			continue;	/* somebody took it meanwhile */
		if ((ex = send_mail(mail, path, &f)) != 0) {
			msg_warnx("%s: %s", list[i]->d_name, f.text);
			rc = ex;	/* 65 is about that mail only */
		} else {
			msg_info("%s: sent", list[i]->d_name);
		}
		fclose(mail);		/* only read from: nothing to lose */
	}
	free_list(list, n);
	if (lock != -1)
		close(lock);
	return rc;
}

/* ---- writing ---- */

/* The text: all of stdin. */
static void
read_text(struct buf *text)
{
	char block[16384];
	size_t n;

	while ((n = fread(block, 1, sizeof(block), stdin)) > 0) {
		if (text->len + n > TEXT_MAX)
			msg_diex(EX_DATAERR, "text is longer than %d bytes: "
			    "attach it with -a", TEXT_MAX);
		if (buf_add(text, block, n) != 0)
			msg_die(EX_TEMPFAIL, "text");
	}
	if (ferror(stdin))
		msg_die(EX_IOERR, "standard input");
}

/* Opens an attachment and adds its bytes to *total. */
static void
open_file(struct mime_file *file, const char *name, off_t *total)
{
	struct stat st;

	file->name = name;
	if ((file->in = fopen(name, "re")) == NULL ||
	    fstat(fileno(file->in), &st) == -1)
		msg_die(EX_IOERR, "%s", name);
	if (!S_ISREG(st.st_mode))
		msg_diex(EX_DATAERR, "%s: is no regular file", name);
	if ((*total += st.st_size) > ATTACH_MAX)
		msg_diex(EX_DATAERR, "%s: with it the attachments are more "
		    "than %d MiB, compress it", name, ATTACH_MAX >> 20);
}

/* The mail as a file in memory: what is sent even when the disk is full. */
static FILE *
compose(struct mime *m)
{
	unsigned char salt[8];
	char id[64];
	struct fault f;
	FILE *mail;
	int fd, n;

	if (getrandom(salt, sizeof(salt), 0) != sizeof(salt))
		msg_die(EX_TEMPFAIL, "getrandom");
	n = snprintf(id, sizeof(id), "%" PRId64 ".", m->date_us);
	for (size_t i = 0; i < sizeof(salt); i++)
		n += snprintf(id + n, sizeof(id) - (size_t)n, "%02x", salt[i]);
	m->id = id;
	if ((fd = memfd_create("mail", MFD_CLOEXEC)) == -1 ||
	    (mail = fdopen(fd, "w+")) == NULL)
		msg_die(EX_TEMPFAIL, "mail");
	if (mime_write(mail, m, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	if (fflush(mail) == EOF || ferror(mail))
		msg_die(EX_TEMPFAIL, "mail");
	return mail;
}

/* Copies mail to outbox under a name that sorts by time; path has PATH_MAX
 * bytes. */
static int
enqueue(FILE *mail, int64_t now, char *path, struct fault *f)
{
	char ist[CLK_TEXT], name[80], block[16384];
	struct file out;
	size_t n;

	clk_to_ist(now, ist);		/* 2026-11-18 15:45:03.123456 */
	ist[10] = 'T';
	snprintf(name, sizeof(name), "%s.%ld.eml", ist, (long)getpid());
	if (file_mkdirs(outbox, f) != 0 ||
	    file_join(path, PATH_MAX, outbox, name, f) != 0 ||
	    file_begin(&out, path, 0600, f) != 0)
		return -1;
	rewind(mail);
	while ((n = fread(block, 1, sizeof(block), mail)) > 0)
		if (fwrite(block, 1, n, out.fp) != n) {
			fault_sys(f, 0, "%s", path);
			file_abort(&out);
			return -1;
		}
	if (file_commit(&out, f) != 0)
		return -1;
	trim(outbox, name);
	return 0;
}

/* Queues and sends one mail.  0 or what went wrong; *queued: it is safe. */
static int
post(struct mime *m, bool *queued)
{
	char path[PATH_MAX] = "";
	struct fault f = { 0 };
	FILE *mail = compose(m);
	int rc = 0, lock = -1;

	*queued = enqueue(mail, m->date_us, path, &f) == 0;
	if (!*queued)
		msg_warnx("cannot be queued: %s", f.text);
	if (!smtp_wanted)
		return *queued ? 0 : f.ex;
	if (*queued && (lock = lock_outbox(&f)) == -1)
		rc = f.ex;
	else if (!*queued || access(path, F_OK) == 0)
		rc = send_mail(mail, *queued ? path : NULL, &f);
	/* else das-mail -f was faster */
	if (rc == EX_DATAERR)
		*queued = false;
	if (rc != 0)
		msg_warnx("%s: %s", *queued ? "queued" : "not sent", f.text);
	if (lock != -1)
		close(lock);
	fclose(mail);			/* memory: nothing to lose */
	return rc;
}

/* Would a mail go out?  0 or why not. */
static int
try_server(void)
{
	struct fault f;

	if (!smtp_wanted || smtp_try(server, &f) == 0)
		return 0;
	msg_warnx("%s", f.text);
	return f.ex;
}

int
main(int argc, char *argv[])
{
	struct mime_file files[FILES_MAX];
	struct mime m = { .file = files };
	struct buf text = { 0 };
	const char *names[FILES_MAX];
	bool flush_it = false, only_try = false, quiet = false, queued = true;
	off_t total = 0;
	int c, rc;

	opt_init("das-mail", "-s subject [-q] [-a file] ...\n"
	    "       das-mail [-hVv] [-c file] -f [-q]\n"
	    "       das-mail [-hVv] [-c file] -n");
	while ((c = opt_next(argc, argv, "a:fnqs:")) != -1)
		switch (c) {
		case 'a':
			if (m.nfile == FILES_MAX)
				msg_diex(EX_USAGE, "more than %d attachments",
				    FILES_MAX);
			names[m.nfile++] = optarg;
			break;
		case 'f':
			flush_it = true;
			break;
		case 'n':
			only_try = true;
			break;
		case 'q':
			quiet = true;
			break;
		case 's':
			m.subject = optarg;
			break;
		}
	if (optind < argc || flush_it + only_try + (m.subject != NULL) != 1 ||
	    (m.subject == NULL && m.nfile > 0))
		opt_usage();
	setup();
	stop_catch();
	if (only_try) {
		rc = try_server();
	} else if (flush_it) {
		rc = smtp_wanted ? flush() : 0;
	} else {
		for (size_t i = 0; i < m.nfile; i++)
			open_file(&files[i], names[i], &total);
		read_text(&text);
		m.from = from;
		m.to = to;
		m.date_us = clk_now();
		m.text = text.p;
		m.len = text.len;
		rc = post(&m, &queued);
	}
	smtp_close(server);
	conf_close(conf);
	free(to_list);
	buf_free(&text);
	return rc != 0 && quiet && queued ? 0 : rc;
}
