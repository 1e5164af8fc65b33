#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mariadb/mysql.h>

#include "my_part.h"
#include "num.h"

struct my_stmt {
	struct my	*m;
	MYSQL_STMT	*st;
	MYSQL_BIND	*in, *out;
	int64_t		*number;	/* values of in that are integers */
	unsigned	 nin, nout;
	char		*text;		/* MY_TEXT and NUL for each column */
	unsigned long	*len;
	my_bool		*null;
	MYSQL_RES	*meta;		/* names and types of the columns */
	bool		 running, stream;
};

static int
stmt_fault(struct my_stmt *st, struct fault *f)
{
	unsigned e = mysql_stmt_errno(st->st);
	char text[256];

	st->running = false;
	if (e == 0)			/* a row that did not come says it there */
		return st->m->db != NULL ? my_fault(st->m, f) :
		    my_gone(st->m, f);
	snprintf(text, sizeof(text), "%s", mysql_stmt_error(st->st));
	return my_trouble(st->m, e, text, f);
}

/* Memory for the values of the question and the columns of the answer. */
static int
make_room(struct my_stmt *st)
{
	size_t in = st->nin + 1, out = st->nout + 1;

	if ((st->in = calloc(in, sizeof(*st->in))) == NULL ||
	    (st->number = calloc(in, sizeof(*st->number))) == NULL ||
	    (st->out = calloc(out, sizeof(*st->out))) == NULL ||
	    (st->text = calloc(out, MY_TEXT + 1)) == NULL ||
	    (st->len = calloc(out, sizeof(*st->len))) == NULL ||
	    (st->null = calloc(out, sizeof(*st->null))) == NULL)
		return -1;
	for (unsigned i = 0; i < st->nout; i++) {
		st->out[i].buffer_type = MYSQL_TYPE_STRING;
		st->out[i].buffer = st->text + i * (MY_TEXT + 1);
		st->out[i].buffer_length = MY_TEXT;
		st->out[i].length = &st->len[i];
		st->out[i].is_null = &st->null[i];
	}
	return 0;
}

struct my_stmt *
my_prep(struct my *m, const char *sql, struct fault *f)
{
	struct my_stmt *st;

	if (m->db == NULL) {
		my_gone(m, f);
		return NULL;
	}
	if ((st = calloc(1, sizeof(*st))) == NULL) {
		my_nomem(m, f);
		return NULL;
	}
	st->m = m;
	if ((st->st = mysql_stmt_init(m->db)) == NULL) {
		my_nomem(m, f);
		goto bad;
	}
	if (mysql_stmt_prepare(st->st, sql, strlen(sql)) != 0) {
		stmt_fault(st, f);
		goto bad;
	}
	st->nin = (unsigned)mysql_stmt_param_count(st->st);
	st->nout = mysql_stmt_field_count(st->st);
	st->meta = mysql_stmt_result_metadata(st->st);
	if (make_room(st) != 0) {
		my_nomem(m, f);
		goto bad;
	}
	for (unsigned i = 1; i <= st->nin; i++)
		my_null(st, i);
	return st;
bad:
	my_done(st);
	return NULL;
}

void
my_done(struct my_stmt *st)
{
	if (st == NULL)
		return;
	if (st->meta != NULL)
		mysql_free_result(st->meta);
	if (st->st != NULL)
		mysql_stmt_close(st->st);
	free(st->in);
	free(st->number);
	free(st->out);
	free(st->text);
	free(st->len);
	free(st->null);
	free(st);
}

void
my_null(struct my_stmt *st, unsigned i)
{
	st->in[i - 1].buffer_type = MYSQL_TYPE_NULL;
}

void
my_int(struct my_stmt *st, unsigned i, int64_t v)
{
	st->number[i - 1] = v;
	st->in[i - 1].buffer_type = MYSQL_TYPE_LONGLONG;
	st->in[i - 1].buffer = &st->number[i - 1];
}

void
my_text(struct my_stmt *st, unsigned i, const char *s, long n)
{
	MYSQL_BIND *b = &st->in[i - 1];

	b->buffer_type = MYSQL_TYPE_STRING;
	b->buffer = (void *)(uintptr_t)s;	/* only read from */
	b->buffer_length = n < 0 ? strlen(s) : (unsigned long)n;
}

static int
execute(struct my_stmt *st, struct fault *f)
{
	if (st->m->db == NULL)
		return my_gone(st->m, f);
	if ((st->nin > 0 && mysql_stmt_bind_param(st->st, st->in) != 0) ||
	    mysql_stmt_execute(st->st) != 0)
		return stmt_fault(st, f);
	if (st->nout > 0 && (mysql_stmt_bind_result(st->st, st->out) != 0 ||
	    (!st->stream && mysql_stmt_store_result(st->st) != 0)))
		return stmt_fault(st, f);
	st->running = true;
	return 0;
}

int
my_step(struct my_stmt *st, struct fault *f)
{
	if (!st->running && execute(st, f) != 0)
		return -1;
	switch (mysql_stmt_fetch(st->st)) {
	case 0:
		for (unsigned i = 0; i < st->nout; i++)
			((char *)st->out[i].buffer)[st->null[i] ? 0 :
			    st->len[i]] = '\0';
		return 1;
	case MYSQL_NO_DATA:
		st->running = false;
		return 0;
	case MYSQL_DATA_TRUNCATED:
		st->running = false;
		return fault_set(f, EX_DATAERR, "%s: a value of more than %d "
		    "bytes", st->m->where, MY_TEXT);
	default:
		return stmt_fault(st, f);
	}
}

int
my_do(struct my_stmt *st, struct fault *f)
{
	if (execute(st, f) != 0)
		return -1;
	st->running = false;
	return 0;
}

int64_t
my_changes(const struct my_stmt *st)
{
	return (int64_t)mysql_stmt_affected_rows(st->st);
}

unsigned
my_nvalue(const struct my_stmt *st)
{
	return st->nin;
}

unsigned
my_ncol(const struct my_stmt *st)
{
	return st->nout;
}

void
my_stream(struct my_stmt *st)
{
	st->stream = true;
}

const char *
my_col_name(const struct my_stmt *st, unsigned i)
{
	return st->meta != NULL ? mysql_fetch_field_direct(st->meta, i)->name :
	    "";
}

bool
my_col_number(const struct my_stmt *st, unsigned i)
{
	return st->meta != NULL &&
	    IS_NUM(mysql_fetch_field_direct(st->meta, i)->type);
}

bool
my_col_null(const struct my_stmt *st, unsigned i)
{
	return st->null[i] != 0;
}

const char *
my_col_text(const struct my_stmt *st, unsigned i)
{
	return st->out[i].buffer;
}

size_t
my_col_len(const struct my_stmt *st, unsigned i)
{
	return st->len[i];
}

int64_t
my_col_int(const struct my_stmt *st, unsigned i)
{
	int64_t v = 0;

	(void)num_i64(my_col_text(st, i), INT64_MIN, INT64_MAX, &v);
	return v;
}
