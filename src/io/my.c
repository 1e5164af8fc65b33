#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mariadb/mysql.h>
#include <mariadb/mysqld_error.h>
#include <mariadb/errmsg.h>

#include "my.h"
#include "num.h"

enum {
	CONNECT_S = 10,		/* longest for a node to answer */
	ANSWER_S = 600,		/* longest for a statement: tables are large */
	NODES_MAX = 16,
	NOT_ALLOWED_8 = 3948,	/* MySQL 8: loading local data is disabled; */
	NOT_ALLOWED_11 = 4166,	/* MariaDB 11 says it so */
	NOT_PRIMARY = 1047,	/* Galera: this node is cut off */
	READ_ONLY_8 = 1836
};

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

/* ---- faults ---- */

static int
code_of(unsigned e)
{
	switch (e) {
	case ER_ACCESS_DENIED_ERROR:
	case ER_DBACCESS_DENIED_ERROR:
	case ER_TABLEACCESS_DENIED_ERROR:
	case ER_COLUMNACCESS_DENIED_ERROR:
	case ER_SPECIFIC_ACCESS_DENIED_ERROR:
	case ER_ACCESS_DENIED_NO_PASSWORD_ERROR:
	case ER_HOST_NOT_PRIVILEGED:
		return EX_NOPERM;
	case CR_SSL_CONNECTION_ERROR:
		return EX_UNAVAILABLE;
	case CR_CONNECTION_ERROR:
	case CR_CONN_HOST_ERROR:
	case CR_UNKNOWN_HOST:
	case CR_SERVER_GONE_ERROR:
	case CR_SERVER_LOST:
	case CR_SERVER_HANDSHAKE_ERR:
	case CR_OUT_OF_MEMORY:
	case ER_CON_COUNT_ERROR:
	case ER_TOO_MANY_USER_CONNECTIONS:
	case ER_USER_LIMIT_REACHED:
	case ER_HOST_IS_BLOCKED:
	case ER_SERVER_SHUTDOWN:
	case ER_NEW_ABORTING_CONNECTION:
	case ER_CONNECTION_KILLED:
	case ER_QUERY_INTERRUPTED:
	case ER_LOCK_WAIT_TIMEOUT:
	case ER_LOCK_DEADLOCK:
	case ER_LOCK_TABLE_FULL:
	case ER_STATEMENT_TIMEOUT:
	case ER_OUTOFMEMORY:
	case ER_OUT_OF_RESOURCES:
	case ER_DISK_FULL:
	case ER_RECORD_FILE_FULL:
	case ER_ERROR_ON_WRITE:
	case ER_GET_ERRNO:
	case ER_OPTION_PREVENTS_STATEMENT:	/* --read-only */
	case ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION:
	case NOT_PRIMARY:
	case READ_ONLY_8:
		return EX_TEMPFAIL;
	default:
		return EX_DATAERR;
	}
}

static bool
is_lost(unsigned e)
{
	return e == CR_SERVER_GONE_ERROR || e == CR_SERVER_LOST ||
	    e == ER_SERVER_SHUTDOWN || e == ER_CONNECTION_KILLED ||
	    e == NOT_PRIMARY || e == CR_COMMANDS_OUT_OF_SYNC;
}

/* "WHERE: trouble"; lets a connection go that is of no use any more. */
static int
trouble(struct my *m, unsigned e, const char *text, struct fault *f)
{
	m->error = e;
	fault_set(f, is_lost(e) ? EX_TEMPFAIL : code_of(e), "%s: %s", m->where,
	    text);
	if (is_lost(e) && m->db != NULL) {
		mysql_close(m->db);
		m->db = NULL;
	}
	return -1;
}

static int
my_fault(struct my *m, struct fault *f)
{
	char text[256];

	snprintf(text, sizeof(text), "%s", mysql_error(m->db));
	return trouble(m, mysql_errno(m->db), text, f);
}

static int
gone(struct my *m, struct fault *f)
{
	return trouble(m, CR_SERVER_GONE_ERROR, "the connection is lost", f);
}

static int
nomem(const struct my *m, struct fault *f)
{
	errno = ENOMEM;
	return fault_sys(f, 0, "%s", m->where);
}

/* ---- connection ---- */

/* A node: "host", "host:port", "[addr]:port", or the path of a socket. */
struct node {
	char	 host[256];
	unsigned port;
};

static int
node_of(const char *s, unsigned port, struct node *n)
{
	const char *end = s + strlen(s), *colon = strrchr(s, ':');
	int64_t own;

	if (*s == '[' && (end = strchr(s, ']')) != NULL) {
		s++;
		colon = end[1] == ':' ? end + 1 : NULL;
	} else if (*s != '/' && colon != NULL && strchr(s, ':') == colon) {
		end = colon;
	} else {
		colon = NULL;
		end = s + strlen(s);
	}
	n->port = port;
	if (colon != NULL) {
		if (num_i64(colon + 1, 1, 65535, &own) != 0)
			return -1;
		n->port = (unsigned)own;
	}
	if (end == s || (size_t)(end - s) >= sizeof(n->host))
		return -1;
	memcpy(n->host, s, (size_t)(end - s));
	n->host[end - s] = '\0';
	return 0;
}

/* The nodes of a server; how many, or -1. */
static int
nodes_of(const struct dbs_server *server, struct node *node, struct fault *f)
{
	char list[2048], *s = list, *word;
	int n = 0;

	if (snprintf(list, sizeof(list), "%s", server->host) >=
	    (int)sizeof(list))
		return fault_set(f, EX_CONFIG, "key %s: too long",
		    server->key);
	while ((word = strsep(&s, ", ")) != NULL) {
		if (*word == '\0')
			continue;
		if (n == NODES_MAX ||
		    node_of(word, server->port, &node[n]) != 0)
			return fault_set(f, EX_CONFIG, "key %s: '%s' is "
			    "no host, host:port or path of a socket, or one "
			    "too many", server->key, word);
		n++;
	}
	return n > 0 ? n : fault_set(f, EX_CONFIG, "key %s: empty",
	    server->key);
}

static int
set_options(MYSQL *db, const char *ca)
{
	unsigned connect_s = CONNECT_S, answer_s = ANSWER_S, on = 1;
	my_bool verify = *ca != '\0';

	return mysql_options(db, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s) != 0 ||
	    mysql_options(db, MYSQL_OPT_READ_TIMEOUT, &answer_s) != 0 ||
	    mysql_options(db, MYSQL_OPT_WRITE_TIMEOUT, &answer_s) != 0 ||
	    mysql_options(db, MYSQL_OPT_LOCAL_INFILE, &on) != 0 ||
	    mysql_options(db, MYSQL_SET_CHARSET_NAME, "utf8mb4") != 0 ||
	    (verify && (mysql_ssl_set(db, NULL, NULL, ca, NULL, NULL) != 0 ||
	    mysql_options(db, MYSQL_OPT_SSL_ENFORCE, &verify) != 0 ||
	    mysql_options(db, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify) !=
	    0)) ? -1 : 0;
}

/* The same rows whatever the server's own settings are. */
static const char session[] = "SET SESSION sql_mode = "
    "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+05:30', "
    "sql_notes = 0, lock_wait_timeout = 60";
static const char read_only[] = "SET SESSION TRANSACTION READ ONLY";

static int
connect_node(struct my *m, const struct node *n, struct fault *f)
{
	bool local = *n->host == '/';
	MYSQL *db;

	snprintf(m->where, sizeof(m->where), local ? "MariaDB server %s" :
	    strchr(n->host, ':') != NULL ? "MariaDB server [%s]:%u" :
	    "MariaDB server %s:%u", n->host, n->port);
	if ((db = mysql_init(NULL)) == NULL)
		return nomem(m, f);
	m->db = db;
	if (set_options(db, m->server.ca) != 0 || mysql_real_connect(db,
	    local ? NULL : n->host, m->server.user, m->server.pass, NULL, n->port,
	    local ? n->host : NULL, CLIENT_FOUND_ROWS) == NULL ||
	    mysql_real_query(db, session, sizeof(session) - 1) != 0 ||
	    (m->reader && mysql_real_query(db, read_only,
	    sizeof(read_only) - 1) != 0)) {
		my_fault(m, f);
		if (m->db != NULL)
			mysql_close(db);
		m->db = NULL;
		return -1;
	}
	m->error = 0;
	return 0;
}

int
my_ready(struct my *m, struct fault *f)
{
	struct node node[NODES_MAX];
	int n;

	if (m->db != NULL)
		return 0;
	if ((n = nodes_of(&m->server, node, f)) == -1)
		return -1;
	for (int i = 0; i < n; i++) {
		size_t k = (m->node + (size_t)i) % (size_t)n;
		struct fault why;

		if (connect_node(m, &node[k], &why) == 0) {
			m->node = k;
			return 0;
		}
		if (f != NULL)
			*f = why;
		if (why.ex == EX_NOPERM)
			break;		/* no storm of wrong passwords */
	}
	return -1;
}

int
my_open(struct my *m, const struct dbs_server *server, bool write,
    struct fault *f)
{
	*m = (struct my){ .server = *server, .reader = !write };
	return my_ready(m, f);
}

void
my_close(struct my *m)
{
	if (m->db != NULL)
		mysql_close(m->db);
	m->db = NULL;
}

/* ---- statements ---- */

int
my_run(struct my *m, const char *sql, struct fault *f)
{
	MYSQL_RES *res;

	if (m->db == NULL)
		return gone(m, f);
	if (mysql_real_query(m->db, sql, strlen(sql)) != 0)
		return my_fault(m, f);
	if ((res = mysql_store_result(m->db)) != NULL)
		mysql_free_result(res);
	return 0;
}

int
my_begin(struct my *m, struct fault *f)
{
	struct fault why;

	if (my_ready(m, f) != 0)
		return -1;
	if (my_run(m, "START TRANSACTION", &why) == 0)
		return 0;
	/* lost since it was used last: nothing is begun, so once again */
	if (m->db == NULL && my_ready(m, f) == 0)
		return my_run(m, "START TRANSACTION", f);
	if (f != NULL)
		*f = why;
	return -1;
}

int
my_end(struct my *m, int rc, struct fault *f)
{
	if (rc == 0)
		return my_run(m, "COMMIT", f);
	if (m->db != NULL)
		(void)my_run(m, "ROLLBACK", NULL);	/* f says what was wrong */
	return -1;
}

static int
stmt_fault(struct my_stmt *st, struct fault *f)
{
	unsigned e = mysql_stmt_errno(st->st);
	char text[256];

	st->running = false;
	if (e == 0)			/* a row that did not come says it there */
		return st->m->db != NULL ? my_fault(st->m, f) :
		    gone(st->m, f);
	snprintf(text, sizeof(text), "%s", mysql_stmt_error(st->st));
	return trouble(st->m, e, text, f);
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
		gone(m, f);
		return NULL;
	}
	if ((st = calloc(1, sizeof(*st))) == NULL) {
		nomem(m, f);
		return NULL;
	}
	st->m = m;
	if ((st->st = mysql_stmt_init(m->db)) == NULL) {
		nomem(m, f);
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
		nomem(m, f);
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
		return gone(st->m, f);
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

int64_t
my_col_int(const struct my_stmt *st, unsigned i)
{
	int64_t v = 0;

	(void)num_i64(my_col_text(st, i), INT64_MIN, INT64_MAX, &v);
	return v;
}

/* ---- bulk load ---- */

struct source {
	my_source	*read;
	void		*arg;
};

static int
source_init(void **out, const char *name, void *arg)
{
	(void)name;
	*out = arg;
	return 0;
}

static int
source_read(void *arg, char *out, unsigned size)
{
	struct source *s = arg;

	return (int)s->read(s->arg, out, size);
}

static void
source_end(void *arg)
{
	(void)arg;
}

static int
source_error(void *arg, char *text, unsigned size)
{
	(void)arg;
	snprintf(text, size, "no more rows");
	return CR_UNKNOWN_ERROR;
}

int
my_load(struct my *m, const char *sql, my_source *read, void *arg,
    unsigned *warnings, struct fault *f)
{
	struct source s = { read, arg };
	unsigned e;

	*warnings = 0;
	if (m->db == NULL)
		return gone(m, f);
	mysql_set_local_infile_handler(m->db, source_init, source_read,
	    source_end, source_error, &s);
	if (mysql_real_query(m->db, sql, strlen(sql)) != 0) {
		e = mysql_errno(m->db);
		if (e == ER_NOT_ALLOWED_COMMAND || e == NOT_ALLOWED_8 ||
		    e == NOT_ALLOWED_11) {
			m->error = e;
			return fault_set(f, EX_UNAVAILABLE, "%s: does not "
			    "allow LOAD DATA LOCAL", m->where);
		}
		return my_fault(m, f);
	}
	*warnings = mysql_warning_count(m->db);
	return 0;
}
