/*
 * dbs - which server each database is on
 *
 * All are where the mysql keys say, but those that have an object of their own:
 * "niftyOptionsDB": {"host": ..., "port", "user", "pass", "caFile"} for the
 * database that niftyOptionsDBName names; what it has not is taken from the
 * mysql keys.  Equal servers are one.  das-config(5).
 */
#ifndef DBS_H
#define DBS_H

#include <stddef.h>

#include "conf.h"
#include "fault.h"

enum { DBS_MAX = 5 };

struct dbs_server {
	const char	*key;		/* where its host stands, for messages */
	const char	*host;		/* one or several nodes, as mysqlHost */
	const char	*user, *pass;
	const char	*ca;		/* path of its certificates, or "" */
	unsigned	 port;
};

struct dbs {
	struct dbs_server server[DBS_MAX];	/* 0: that of nifty500DBName */
	size_t		 n;
	size_t		 ndata;		/* those of instruments come first */
	size_t		 tokens;	/* server of accessTokenDBName */
	struct {
		const char *name;	/* of a database */
		size_t	 server;
	} db[DBS_MAX];
};

/* EX_CONFIG: no name of a database, or one database on two servers.  Texts are
 * the configuration's, which must stay. */
int	dbs_init(struct dbs *d, const struct conf *c, struct fault *f);
/* The number of the server of a database: 0 for one that is not configured. */
size_t	dbs_of(const struct dbs *d, const char *db);

#endif
