#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clk.h"
#include "file.h"
#include "load.h"
#include "lock.h"
#include "num.h"
#include "stop.h"

enum {
	TEXT_MAX = 24 << 20,		/* bytes of a batch */
	INST_FILE_MAX = 64 << 20,
	LOOK_US = 1000000		/* between two looks at set_path */
};

struct load_mark {		/* where a block of the batch is from */
	const char	*text;
	struct spool_pos at;
};

struct load_item {		/* a row, for sorting */
	uint64_t	 key;	/* token, second of the day */
	size_t		 i;	/* its number in the batch */
};

/* ---- instruments ---- */

/* Keeps the bytes of from as to, when they are others. */
static int
keep_copy(const char *from, const char *to, struct fault *f)
{
	struct buf a = { 0 }, b = { 0 };
	int rc = file_slurp(from, INST_FILE_MAX, &a, f);

	if (rc == 0 && (file_slurp(to, INST_FILE_MAX, &b, NULL) != 0 ||
	    a.len != b.len || memcmp(a.p, b.p, a.len) != 0))
		rc = file_put(to, 0666, a.p, a.len, f);
	buf_free(&a);
	buf_free(&b);
	return rc;
}

int
load_instruments(struct inst_set *set, const struct conf *c, const char *day,
    bool *other_day, char *path, struct fault *f)
{
	char today[CLK_DAY], kept[SPOOL_PATH];

	*other_day = false;
	clk_day_to(clk_day_of(clk_now()), today);
	if (spool_dir(kept, conf_str(c, "spoolDir"), day, LOAD_INST, f) != 0 ||
	    file_join(path, SPOOL_PATH, conf_str(c, "lookupDir"), LOAD_INST, f)
	    != 0)
		return -1;
	if (strcmp(day, today) == 0) {
		if (access(path, R_OK) == 0 && keep_copy(path, kept, f) != 0)
			return -1;
	} else if (access(kept, F_OK) == 0) {
		memcpy(path, kept, sizeof(kept));
	} else {
		*other_day = true;
	}
	return inst_load(set, path, f);
}

/* Takes the instruments of the day, in the place of those that are there. */
static int
take_instruments(struct load *l, struct fault *f)
{
	struct inst_set set = { 0 };

	if (load_instruments(&set, l->conf, l->day, &l->other_day, l->set_path,
	    f) != 0 || stat(l->set_path, &l->set_stat) != 0) {
		inst_free(&set);
		return -1;
	}
	inst_free(&l->set);
	l->set = set;
	l->set_changed = false;
	return 0;
}

/* Looks whether das-lookup has run since, once a second at most. */
static bool
has_changed(struct load *l)
{
	struct stat st;
	int64_t now = clk_mono();

	if (now - l->set_looked < LOOK_US)
		return l->set_changed;
	l->set_looked = now;
	if (stat(l->set_path, &st) == 0 && (st.st_ino != l->set_stat.st_ino ||
	    st.st_size != l->set_stat.st_size ||
	    st.st_mtim.tv_sec != l->set_stat.st_mtim.tv_sec ||
	    st.st_mtim.tv_nsec != l->set_stat.st_mtim.tv_nsec))
		l->set_changed = true;
	return l->set_changed;
}

/* ---- the batch ---- */

static int
nomem(const struct load *l, struct fault *f)
{
	errno = ENOMEM;
	return fault_sys(f, 0, "%s", l->r.dir);
}

static void
empty_batch(struct load *l)
{
	buf_reset(&l->text);
	l->n = l->nmark = 0;
}

/* Ends the batch before *at, so that the reader comes there again. */
static int
cut_at(struct load *l, struct spool_pos at, struct fault *f)
{
	l->to.pos = at;
	spool_r_close(&l->r);
	return spool_r_open(&l->r, conf_str(l->conf, "spoolDir"), l->day,
	    LOAD_TOPIC, &at, f);
}

/* "segment file:byte: " of a row in the batch. */
static int
bad_row(const struct load *l, const char *row, const char *why,
    struct fault *f)
{
	size_t i = l->nmark;

	while (i > 0 && l->mark[i - 1].text > row)
		i--;
	if (i == 0)
		abort();	/* not a row of this batch */
	return fault_set(f, EX_DATAERR, "%s/%06u.tsv:%ju: %s", l->r.dir,
	    (unsigned)l->mark[i - 1].at.segment,
	    (uintmax_t)(l->mark[i - 1].at.offset +
	    (uint64_t)(row - l->mark[i - 1].text)), why);
}

/* Finds the columns of the segment that begins. */
static int
take_head(struct load *l, const char *head, struct fault *f)
{
	bool have[TSV_MAX] = { false };
	const char *name;
	char *copy, *p;

	l->ncol = 0;
	free(l->head);
	l->head = strdup(head);
	if (l->head == NULL || (copy = p = strdup(head)) == NULL)
		return nomem(l, f);
	while ((name = strsep(&p, "\t")) != NULL && l->ncol < TSV_MAX) {
		int c = store_column(name);

		if (c >= 0 && have[c])
			c = -1;
		if (c >= 0)
			have[c] = true;
		if (strcmp(name, store_column_name(0)) == 0)
			l->c_token = l->ncol;
		else if (strcmp(name, store_column_name(1)) == 0)
			l->c_symbol = l->ncol;
		else if (strcmp(name, "timestamp") == 0)
			l->c_time = l->ncol;
		l->col[l->ncol++] = c;
	}
	free(copy);
	if (name != NULL)
		return fault_set(f, EX_DATAERR, "%s/%06u.tsv: more than %d "
		    "columns", l->r.dir, (unsigned)l->r.pos.segment, TSV_MAX);
	for (int i = 0; (name = store_column_name(i)) != NULL; i++)
		if (!have[i] && (i < 2 || i >= STORE_OF_INST))
			return fault_set(f, EX_DATAERR, "%s/%06u.tsv: no "
			    "column %s", l->r.dir,
			    (unsigned)l->r.pos.segment, name);
	return 0;
}

/* ---- rows ---- */

struct judged {			/* a row */
	enum { TAKE, KEEP_OUT, UNKNOWN, BAD } as;
	uint32_t	 token;
	const struct inst *in;
	int		 sec;		/* of the day */
	const char	*why;		/* it is BAD */
};

struct fields { const char *token, *symbol, *time; size_t nsymbol, ntime; };

/* Finds the fields that matter here; false when their number is wrong. */
static bool
split(const struct load *l, const char *row, const char *nl, struct fields *x)
{
	const char *tab;
	int j = 0;

	for (const char *p = row;; p = tab + 1, j++) {
		if ((tab = memchr(p, '\t', (size_t)(nl - p))) == NULL)
			tab = nl;
		if (j == l->c_token) {
			x->token = p;
		} else if (j == l->c_symbol) {
			x->symbol = p;
			x->nsymbol = (size_t)(tab - p);
		} else if (j == l->c_time) {
			x->time = p;
			x->ntime = (size_t)(tab - p);
		}
		if (tab == nl)
			return j + 1 == l->ncol;
	}
}

/* Two digits below max; -1. */
static int
two(const char *p, int max)
{
	int v = (p[0] - '0') * 10 + (p[1] - '0');

	return p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9' &&
	    v < max ? v : -1;
}

/* Second of the day of an exchange time; -1 none or another day's; -2 it is no
 * time. */
static int
second_of(const struct load *l, const struct fields *x)
{
	const char *t = x->time;
	char day[CLK_DAY];
	int32_t other;
	int h, m, s;

	if (x->ntime == 2 && memcmp(t, "\\N", 2) == 0)
		return -1;
	if (x->ntime != 19 || t[10] != ' ' || t[13] != ':' || t[16] != ':' ||
	    (h = two(t + 11, 24)) == -1 || (m = two(t + 14, 60)) == -1 ||
	    (s = two(t + 17, 60)) == -1)
		return -2;
	if (memcmp(t, l->day, 10) == 0)
		return (h * 60 + m) * 60 + s;
	memcpy(day, t, 10);
	day[10] = '\0';
	return clk_day_from(day, &other) == 0 ? -1 : -2;
}

static bool
token_of(const char *p, uint32_t *token)
{
	uint64_t v = 0;

	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++)
		if ((v = v * 10 + (uint64_t)(*p - '0')) > UINT32_MAX)
			return false;
	*token = (uint32_t)v;
	return *p == '\t' || *p == '\n';
}

/* Is the row's symbol the instrument's?  That of another day may have the same
 * token. */
static bool
same_symbol(const struct inst *in, const struct fields *x)
{
	if (x->nsymbol == 2 && memcmp(x->symbol, "\\N", 2) == 0)
		return true;
	return x->nsymbol < sizeof(in->tradingsymbol) &&
	    in->tradingsymbol[x->nsymbol] == '\0' &&
	    memcmp(in->tradingsymbol, x->symbol, x->nsymbol) == 0;
}

static struct judged
judge(const struct load *l, const char *row, const char *nl)
{
	struct judged j = { .as = BAD };
	struct fields x = { 0 };

	if (!split(l, row, nl, &x))
		j.why = "the number of fields is not that of the columns";
	else if (!token_of(x.token, &j.token))
		j.why = "instrument_token is no number";
	else if ((j.sec = second_of(l, &x)) == -2)
		j.why = "timestamp is no time";
	else if ((j.in = inst_find(&l->set, j.token)) == NULL)
		j.as = UNKNOWN;
	else if (!same_symbol(j.in, &x))
		j.why = "tradingsymbol is not what " LOAD_INST " has for this "
		    "token; is that of another day?";
	else
		j.as = j.sec == -1 ? KEEP_OUT : TAKE;
	return j;
}

/* Room for as many rows as n bytes can hold, and a mark. */
static int
room(struct load *l, size_t n, struct fault *f)
{
	size_t need = l->n + n / (size_t)l->ncol + 1;
	size_t marks = l->markcap != 0 ? l->markcap * 2 : 64;
	void *p;

	if (l->nmark == l->markcap) {
		if ((p = realloc(l->mark, marks * sizeof(*l->mark))) == NULL)
			return nomem(l, f);
		l->mark = p;
		l->markcap = marks;
	}
	if (need <= l->cap)
		return 0;
	need += need / 4;
	if ((p = realloc(l->row, need * sizeof(*l->row))) == NULL)
		return nomem(l, f);
	l->row = p;
	if ((p = realloc(l->sorted, need * sizeof(*l->sorted))) == NULL)
		return nomem(l, f);
	l->sorted = p;
	if ((p = realloc(l->item, need * sizeof(*l->item))) == NULL)
		return nomem(l, f);
	l->item = p;
	l->cap = need;
	return 0;
}

static void
take_row(struct load *l, const struct judged *j, const char *row)
{
	if (j->as == TAKE) {
		l->row[l->n] = (struct store_row){ row, j->in };
		l->item[l->n] = (struct load_item){
		    (uint64_t)j->token << 32 | (uint32_t)j->sec, l->n };
		l->n++;
	} else {
		l->to.kept_out++;
		if (j->as == UNKNOWN && l->unknown++ == 0)
			l->stranger = j->token;
	}
	l->to.rows++;
}

/*
 * Adds a block to the batch: 0; LOAD_MORE when the batch must be in the store
 * before the rest can be judged; -1.
 */
static int
take_block(struct load *l, const char *rows, size_t len, struct fault *f)
{
	struct spool_pos at = l->r.pos;
	const char *p, *end, *nl;

	at.offset -= len;
	if (room(l, len, f) != 0)
		return -1;
	if (buf_add(&l->text, rows, len) != 0)
		return nomem(l, f);
	p = l->text.p + l->text.len - len;
	end = p + len;
	l->mark[l->nmark++] = (struct load_mark){ p, at };
	while (p < end) {
		struct judged j;
		bool again;

		nl = memchr(p, '\n', (size_t)(end - p));
		j = judge(l, p, nl);
		again = j.as == UNKNOWN && has_changed(l);
		if ((j.as == BAD || again) && l->to.rows > l->from.rows)
			return cut_at(l, at, f) == 0 ? LOAD_MORE : -1;
		if (j.as == BAD)
			return bad_row(l, p, j.why, f);
		if (again) {
			if (take_instruments(l, f) != 0)
				return -1;
			continue;	/* judge it again */
		}
		take_row(l, &j, p);
		at.offset += (uint64_t)(nl + 1 - p);
		p = nl + 1;
	}
	l->to.pos = l->r.pos;
	return 0;
}

/* ---- batches ---- */

/* Collects a batch; what load_some() is to give when it is in the store. */
static int
collect(struct load *l, int64_t interval_us, struct fault *f)
{
	int64_t start = clk_mono(), left;
	char *rows;
	size_t len;
	int rc;

	while (l->text.len + SPOOL_BLOCK <= TEXT_MAX) {
		if ((rc = spool_r_next(&l->r, &rows, &len, f)) == -1)
			return -1;
		if (rc == SPOOL_END)
			return LOAD_END;
		left = start + interval_us - clk_mono();
		if (rc == 0) {
			bool empty = l->to.rows == l->from.rows;

			if (interval_us < 0 || stop_asked() || left <= 0)
				return empty ? LOAD_IDLE : LOAD_MORE;
			if (empty)
				spool_r_wait(&l->r, (int)(left / US_PER_MS) + 1);
			else	/* more comes: do not wake for every row */
				stop_sleep(left);
			continue;
		}
		if (l->head == NULL || strcmp(l->head, l->r.header) != 0) {
			if (l->to.rows > l->from.rows) {
				struct spool_pos at = l->r.pos;

				at.offset -= len;
				return cut_at(l, at, f) == 0 ? LOAD_MORE : -1;
			}
			if (take_head(l, l->r.header, f) != 0)
				return -1;
		}
		if ((rc = take_block(l, rows, len, f)) != 0)
			return rc;
		if (interval_us >= 0 && left <= 0)
			break;
	}
	return LOAD_MORE;
}

static int
by_key(const void *a, const void *b)
{
	const struct load_item *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->i < y->i ? -1 : x->i > y->i;
}

/* Rows by token and second into sorted, the latest of each; their number. */
static size_t
sort_rows(struct load *l)
{
	size_t n = 0;

	qsort(l->item, l->n, sizeof(*l->item), by_key);
	for (size_t i = 0; i < l->n; i++)
		if (i + 1 == l->n || l->item[i].key != l->item[i + 1].key)
			l->sorted[n++] = l->row[l->item[i].i];
	return n;
}

static int
commit(struct load *l, struct fault *f)
{
	struct store_batch b = {
		.day = l->day, .topic = LOAD_TOPIC,
		.col = l->col, .nfield = l->ncol,
		.row = l->sorted, .n = sort_rows(l),
		.from = l->from, .to = l->to
	};

	/*
	 * The store must not know rows that a power cut can still take out of
	 * the spool: they would be counted there and not here.
	 */
	if (!spool_is_closed(conf_str(l->conf, "spoolDir"), l->day, LOAD_TOPIC)
	    && spool_r_sync(&l->r, l->from.pos.segment, f) != 0)
		return -1;
	if (store_load(l->store, &b, f) != 0) {
		struct fault why = *f;

		l->rival = b.moved;
		return f->ex == EX_DATAERR && b.bad < b.n ?
		    bad_row(l, b.row[b.bad].text, why.text, f) : -1;
	}
	l->rows += l->to.rows - l->from.rows;
	l->kept_out += l->to.kept_out - l->from.kept_out;
	l->batches++;
	l->from = l->to;
	empty_batch(l);
	return 0;
}

int
load_some(struct load *l, int64_t interval_us, struct fault *f)
{
	if (!l->pending) {
		if ((l->after = collect(l, interval_us, f)) == -1)
			return -1;
		l->pending = true;
	}
	if (l->to.rows > l->from.rows && commit(l, f) != 0)
		return -1;
	l->pending = false;
	return l->after;
}

int
load_open(struct load *l, struct store *s, const struct conf *c,
    const char *day, struct fault *f)
{
	const char *spool = conf_str(c, "spoolDir");
	char dir[SPOOL_PATH], lock[SPOOL_PATH];

	*l = (struct load){ .store = s, .conf = c, .lockfd = -1 };
	snprintf(l->day, sizeof(l->day), "%s", day);
	if (clk_day_from(day, &l->dayno) != 0)
		return fault_set(f, EX_USAGE, "%s: no day", day);
	if (file_join(dir, sizeof(dir), spool, day, f) != 0 ||
	    file_mkdirs(dir, f) != 0 ||
	    file_join(lock, sizeof(lock), dir, ".load", f) != 0 ||
	    (l->lockfd = lock_take(lock, f)) == -1) {
		l->rival = f->ex == EX_TEMPFAIL;
		return -1;
	}
	if (take_instruments(l, f) != 0 ||
	    store_pos_get(s, day, LOAD_TOPIC, &l->from, f) != 0)
		return -1;
	l->to = l->from;
	if (buf_room(&l->text, TEXT_MAX) != 0)	/* rows stay where they are */
		return nomem(l, f);
	return spool_r_open(&l->r, spool, day, LOAD_TOPIC, &l->from.pos, f);
}

void
load_keep_lock(struct load *l)
{
	l->lockfd = -1;		/* closed by exit() */
	load_close(l);
}

void
load_close(struct load *l)
{
	spool_r_close(&l->r);
	inst_free(&l->set);
	free(l->head);
	buf_free(&l->text);
	free(l->row);
	free(l->sorted);
	free(l->item);
	free(l->mark);
	if (l->lockfd > 0)
		close(l->lockfd);
	*l = (struct load){ .lockfd = -1 };
}
