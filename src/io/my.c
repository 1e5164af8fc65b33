#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mariadb/mysql.h>
#include <mariadb/mysqld_error.h>
#include <mariadb/errmsg.h>

#include "my_part.h"
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

int
my_trouble(struct my *m, unsigned e, const char *text, struct fault *f)
{
	int ex = is_lost(e) ? EX_TEMPFAIL : code_of(e);

	if (m->reader && e == ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION)
		ex = EX_DATAERR;	/* a question that is none */
	m->error = e;
	fault_set(f, ex, "%s: %s", m->where, text);
	if (is_lost(e) && m->db != NULL) {
		mysql_close(m->db);
		m->db = NULL;
	}
	return -1;
}

int
my_fault(struct my *m, struct fault *f)
{
	char text[256];

	snprintf(text, sizeof(text), "%s", mysql_error(m->db));
	return my_trouble(m, mysql_errno(m->db), text, f);
}

int
my_gone(struct my *m, struct fault *f)
{
	return my_trouble(m, CR_SERVER_GONE_ERROR, "the connection is lost", f);
}

int
my_nomem(const struct my *m, struct fault *f)
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
		return my_nomem(m, f);
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
		return my_gone(m, f);
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
		return my_gone(m, f);
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
