#include <stdio.h>
#include <string.h>

#include "dbs.h"
#include "inst.h"

/* nifty500DB first: its server is number 0. */
static const char *const group[DBS_MAX] = { "nifty500DB", "niftyOptionsDB",
    "bankNiftyOptionsDB", "sensexOptionsDB", "accessTokenDB" };
enum { TOKENS = DBS_MAX - 1 };

/* The key of a member of an object: valid as long as the table of keys. */
static const char *
key_of(const char *object, const char *member)
{
	const struct conf_key *k;
	char name[64];
	size_t n;

	snprintf(name, sizeof(name), "%s.%s", object, member);
	k = conf_keys(&n);
	while (n-- > 0 && strcmp(k->name, name) != 0)
		k++;
	return k->name;
}

/* The value of a member, or of the mysql key where it has none. */
static const char *
value(const struct conf *c, const char *object, const char *member,
    const char *all)
{
	const char *s = conf_str(c, key_of(object, member));

	return *s != '\0' ? s : conf_str(c, all);
}

static struct dbs_server
server_of(const struct conf *c, const char *object)
{
	const char *host = key_of(object, "host");
	int64_t port = conf_int(c, key_of(object, "port"));
	struct dbs_server s = {
		.key = *conf_str(c, host) != '\0' ? host : "mysqlHost",
		.host = value(c, object, "host", "mysqlHost"),
		.user = value(c, object, "user", "mysqlUser"),
		.pass = value(c, object, "pass", "mysqlPass"),
		.ca = value(c, object, "caFile", "mysqlCaFile"),
		.port = (unsigned)(port != 0 ? port :
		    conf_int(c, "mysqlPort"))
	};

	return s;
}

/* The number of such a server, which is added when it is new. */
static size_t
number_of(struct dbs *d, const struct dbs_server *s)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->server[i].host, s->host) == 0 &&
		    strcmp(d->server[i].user, s->user) == 0 &&
		    strcmp(d->server[i].pass, s->pass) == 0 &&
		    strcmp(d->server[i].ca, s->ca) == 0 &&
		    d->server[i].port == s->port)
			return i;
	d->server[d->n] = *s;
	return d->n++;
}

int
dbs_init(struct dbs *d, const struct conf *c, struct fault *f)
{
	char key[DBS_MAX][64];

	*d = (struct dbs){ .n = 0 };
	for (size_t i = 0; i < DBS_MAX; i++) {
		struct dbs_server s = server_of(c, group[i]);

		if (i == TOKENS)
			d->ndata = d->n;
		snprintf(key[i], sizeof(key[i]), "%sName", group[i]);
		d->db[i].name = conf_str(c, key[i]);
		d->db[i].server = number_of(d, &s);
		/* it becomes a part of statements */
		if (!inst_name_ok(d->db[i].name))
			return fault_set(f, EX_CONFIG, "key %s: '%s' cannot be "
			    "a database name", key[i], d->db[i].name);
		/* tokens are no rows of instruments: they may be apart */
		for (size_t j = 0; j < i && i != TOKENS; j++)
			if (strcmp(d->db[i].name, d->db[j].name) == 0 &&
			    d->db[i].server != d->db[j].server)
				return fault_set(f, EX_CONFIG, "keys %s and "
				    "%s: '%s' cannot be on two servers",
				    key[j], key[i], d->db[i].name);
	}
	d->tokens = d->db[TOKENS].server;
	return 0;
}

size_t
dbs_of(const struct dbs *d, const char *db)
{
	for (size_t i = 0; i < TOKENS; i++)
		if (strcmp(d->db[i].name, db) == 0)
			return d->db[i].server;
	return 0;
}
