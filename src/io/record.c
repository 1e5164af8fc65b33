#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "js.h"
#include "msg.h"
#include "num.h"
#include "record.h"

enum {
	REJECT_HOLD_MAX = 1 << 20,
	TEXT_HOLD_MAX = 1 << 20,
	KINDS_MAX = 32,			/* of text messages */
	SHOWN_MAX = 20			/* orders, errors and messages shown */
};

/* ---- where rows go ---- */

int
record_init(struct record *r, const struct inst_set *set,
    const struct plan *plan, struct fault *f)
{
	*r = (struct record){ .fd = -1 };
	if (feed_init(&r->feed, set, f) != 0)
		return -1;
	if (plan == NULL || feed_plan(&r->feed, plan, f) == 0)
		return 0;
	feed_free(&r->feed);
	return -1;
}

static int
write_file(struct record *r, const char *p, size_t n, struct fault *f)
{
	ssize_t got;

	for (; n > 0; p += got, n -= (size_t)got)
		if ((got = write(r->fd, p, n)) == -1) {
			if (errno != EINTR)
				return fault_sys(f, EX_IOERR, "%s", r->name);
			got = 0;
		}
	return 0;
}

int
record_to_file(struct record *r, const char *path, struct fault *f)
{
	r->name = path;
	if (strcmp(path, "-") == 0) {
		r->fd = STDOUT_FILENO;
		r->name = "standard output";
	} else if ((r->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC |
	    O_CLOEXEC, 0666)) == -1)
		return fault_sys(f, EX_CANTCREAT, "%s", path);
	if (write_file(r, tick_header, strlen(tick_header), f) != 0)
		return -1;
	return write_file(r, "\n", 1, f);
}

/* Errno says that the disk is full: gives up the reserve, true when that may
 * have helped. */
static bool
relieve(struct record *r, const char *why)
{
	if ((errno != ENOSPC && errno != EDQUOT) ||
	    !reserve_release(&r->reserve))
		return false;
	msg_warnx("%s; its reserve is given up", why);
	r->released++;
	return true;
}

static size_t
put_spool(void *arg, const void *p, size_t n, struct fault *f)
{
	struct record *r = arg;
	size_t done;

	if (spool_w_put(&r->spool, p, n, f) == 0)
		return n;
	done = r->spool.taken;
	if (!relieve(r, f->text))
		return done;
	if (spool_w_put(&r->spool, (const char *)p + done, n - done, f) == 0)
		return n;
	return done + r->spool.taken;
}

/* seq goes on behind the last row of a run before this one. */
static int
go_on(struct record *r, struct fault *f)
{
	char first[24];
	int64_t seq;

	if (r->spool.last == NULL)
		return 0;
	snprintf(first, sizeof(first), "%.*s",
	    (int)strcspn(r->spool.last, "\t"), r->spool.last);
	if (num_i64(first, 1, INT64_MAX, &seq) != 0)
		return fault_set(f, EX_DATAERR, "%s/ticks: the last row does "
		    "not begin with its number", r->dir);
	r->feed.seq = (uint64_t)seq;
	return 0;
}

int
record_to_spool(struct record *r, const struct conf *conf, const char *day,
    struct fault *f)
{
	const char *spool = conf_str(conf, "spoolDir");

	if (spool_dir(r->dir, spool, day, "", f) != 0)
		return -1;
	r->dir[strlen(r->dir) - 1] = '\0';
	snprintf(r->rejects_path, sizeof(r->rejects_path), "%s/rejects.bin",
	    r->dir);
	snprintf(r->texts_path, sizeof(r->texts_path), "%s/texts.tsv", r->dir);
	if (spool_w_open(&r->spool, spool, day, "ticks", tick_header, f) != 0 &&
	    (!relieve(r, f->text) || spool_w_open(&r->spool, spool, day,
	    "ticks", tick_header, f) != 0))
		return -1;
	r->rows = (struct hold){ .put = put_spool, .arg = r,
	    .max = (size_t)conf_int(conf, "holdMegabytes") << 20 };
	keep_init(&r->rejects, r->rejects_path, REJECT_HOLD_MAX, 0);
	texts_init(&r->texts, r->texts_path, TEXT_HOLD_MAX);
	if (r->spool.torn > 0)
		msg_warnx("%s/ticks: cut off %ju bytes behind the last whole "
		    "row", r->dir, (uintmax_t)r->spool.torn);
	if (spool_w_sync_start(&r->spool, f) != 0)
		return -1;
	return go_on(r, f);
}

/* Says once that the disk is full, and once that it no longer is. */
static void
disk_state(struct record *r, bool full)
{
	if (full && !r->disk_full)
		msg_warnx("%s; rows are held and written later, at most %zu MB",
		    r->rows.why.text, r->rows.max >> 20);
	if (!full && r->disk_full)
		msg_warnx("%s: takes rows again, none is lost", r->dir);
	r->disk_full = full;
}

/* Writes some of what is held; the rest, while it goes well, with the next
 * flush. */
static void
retry_rows(struct record *r)
{
	int rc = hold_retry(&r->rows);

	r->draining = rc == 1;
	if (rc == 0)
		disk_state(r, false);
}

/* 0: the rows made so far are where they go; 1: they are held; -1. */
static int
put_rows(struct record *r, struct fault *f)
{
	const struct buf *rows = &r->feed.rows;
	int rc;

	if (r->name != NULL)
		return write_file(r, rows->p, rows->len, f);
	if ((rc = hold_put(&r->rows, rows->p, rows->len)) == -1)
		return fault_set(f, EX_TEMPFAIL, "%s", r->rows.why.text);
	disk_state(r, rc == 1);
	return rc;
}

int
record_flush(struct record *r, struct fault *f)
{
	int rc = 0;

	if (r->draining)
		retry_rows(r);
	if (r->feed.rows.len > 0)
		rc = put_rows(r, f);
	buf_reset(&r->feed.rows);
	if (rc == 0 && r->rows.len == 0)
		r->written_us = r->feed.last_us;
	return rc == -1 ? -1 : 0;
}

void
record_retry(struct record *r)
{
	if (r->name != NULL)
		return;
	(void)keep_retry(&r->rejects);		/* both: again next second */
	(void)texts_retry(&r->texts);
	retry_rows(r);
}

bool
record_over(const struct record *r)
{
	return r->name == NULL && hold_over(&r->rows);
}

/* ---- messages ---- */

/* Text is shown as it came but for what could hurt a terminal. */
static void
show(const char *kind, const char *text, size_t n)
{
	static unsigned shown;
	char line[300];
	size_t len = n < sizeof(line) - 1 ? n : sizeof(line) - 1;

	if (shown++ > SHOWN_MAX)
		return;
	memcpy(line, text, len);
	line[len] = '\0';
	for (char *s = line; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || (unsigned char)*s >= 0x7f)
			*s = ' ';
	msg_warnx("the ticker sends %s: %s%s", kind, line,
	    shown > SHOWN_MAX ? " (more are not shown)" : "");
}

/* Of what is held beside the rows some was lost: only the first time. */
static void
say_once(bool *said, const char *text)
{
	if (!*said)
		msg_warnx("%s", text);
	*said = true;
}

/* True when a text message of this kind was never seen before. */
static bool
new_kind(const char *kind)
{
	static char seen[KINDS_MAX][32];
	static int n;

	for (int i = 0; i < n; i++)
		if (strncmp(seen[i], kind, sizeof(seen[i]) - 1) == 0)
			return false;
	if (n == KINDS_MAX)
		return false;
	snprintf(seen[n++], sizeof(seen[0]), "%s", kind);
	return true;
}

static void
take_text(struct record *r, const struct capture_frame *c)
{
	const char *text = (const char *)c->p, *type;
	struct fault f;
	struct js *doc = js_parse(text, c->len, &f);

	type = js_str(js_get(doc, "type"));	/* or NULL */
	if (r->name != NULL)
		r->texts.count++;
	else if (texts_put(&r->texts, c, type) == -1)
		say_once(&r->said_texts, r->texts.hold.why.text);
	if (doc == NULL)
		type = "something that is no JSON";
	else if (type == NULL)
		type = "JSON without a type";
	if (strcmp(type, "order") == 0 || strcmp(type, "error") == 0 ||
	    strcmp(type, "message") == 0)
		show(type, text, c->len);
	else if (new_kind(type))
		show("a text message, the first of its kind", text, c->len);
	js_free(doc);
}

static void
say_reject(const char *what, void *arg)
{
	const struct record *r = arg;

	msg_warnx("%s; %s%s", what, r->name == NULL ? "the frame is kept in " :
	    "with -o the frame is not kept",
	    r->name == NULL ? r->rejects_path : "");
}

static void
keep_reject(struct record *r, const struct capture_frame *c)
{
	if (r->name == NULL && keep_put(&r->rejects, c) == -1)
		say_once(&r->said_rejects, r->rejects.hold.why.text);
}

static void
reject(struct record *r, const struct capture_frame *c, bool broken)
{
	rejects_add(&r->why, c->p, c->len, broken, say_reject, r);
	keep_reject(r, c);
}

int
record_take(struct record *r, const struct capture_frame *c, bool broken,
    struct fault *f)
{
	int rc;

	if (c->kind == CAPTURE_TEXT) {
		take_text(r, c);
		return 0;
	}
	if (c->kind == CAPTURE_FRAGMENT) {
		r->fragments++;
		keep_reject(r, c);
		return 0;
	}
	/* the beginning of a frame has packets too */
	rc = feed_frame(&r->feed, c);
	if (rc == 0 && broken) {
		r->feed.count.rejects++;
		rc = 1;
	}
	if (rc == 1)
		reject(r, c, broken);
	if (rc != -1)
		return 0;
	fault_sys(f, 0, "a frame of %zu bytes", c->len);
	(void)record_flush(r, NULL);	/* what was made of it is written */
	return -1;
}

/* ---- the end ---- */

int
record_drain(struct record *r, int wait_s, struct fault *f)
{
	if (record_flush(r, f) != 0)
		return -1;
	for (int i = 0, rc; (rc = hold_retry(&r->rows)) != 0; i += rc == -1) {
		if (rc == -1 && i >= wait_s)
			break;
		if (rc == -1)
			sleep(1);
	}
	if (r->rows.len == 0)
		return 0;
	return fault_set(f, r->rows.why.ex, "%s; %zu bytes of rows up to "
	    "number %" PRIu64 " are lost", r->rows.why.text, r->rows.len,
	    r->feed.seq);
}

int
record_close(struct record *r, bool done, struct fault *f)
{
	int rc;

	if (r->name == NULL) {
		rc = keep_close(&r->rejects, f);
		if (texts_close(&r->texts, rc == 0 ? f : NULL) != 0)
			rc = -1;
		if (spool_w_close(&r->spool, done && rc == 0, rc == 0 ? f :
		    NULL) != 0)
			rc = -1;
		return rc;
	}
	if (r->fd != -1 && close(r->fd) == -1)
		return fault_sys(f, EX_IOERR, "%s", r->name);
	r->fd = -1;
	return 0;
}

void
record_free(struct record *r)
{
	feed_free(&r->feed);
	hold_free(&r->rows);
}
