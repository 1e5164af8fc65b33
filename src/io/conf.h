/*
 * conf - the one configuration file: keys, defaults, placeholders, secrets
 *
 * JSON; the keys of the original keep names and meaning.  Searched: the
 * argument, $DAS_CONFIG, ./etc/dasConfig.json, /etc/das/dasConfig.json.  A key
 * can also come from the environment (DAS_ and the upper-cased name) or from
 * a file: "apisec": {"file": "/run/credentials/apisec"}, of which the first
 * line counts.  An empty variable counts as not set.  A key "a.b" is the member
 * b of the object a; its variable is DAS_A_B.
 *
 * A path in it that is relative belongs to dataDir, whose default is the
 * directory of the config file, or the one above when that is called "etc"
 * (/var/lib/das for /etc/das).  das-config(5) documents every key.
 */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"

enum conf_type { CONF_STR, CONF_INT, CONF_REAL, CONF_BOOL, CONF_PATH, CONF_URL,
    CONF_LIST };
enum {				/* flags */
	CONF_SECRET	= 1,	/* masked by show, never in a message */
	CONF_MAIL	= 2,	/* its placeholder is fine when mail = spool */
	CONF_MYSQL	= 4,	/* its placeholder is fine when store = sqlite */
	CONF_BROKER	= 8,	/* its placeholder is never fine */
	CONF_OPTIONAL	= 16	/* a path or number that may be empty */
};

enum { CONF_ORIGINALS = 20 };	/* the first keys of conf_keys(): the
				 * original's */

struct conf_key {
	const char	*name;
	enum conf_type	 type;
	const char	*def;		/* default, as text; lists with commas */
	int		 flags;		/* CONF_MAIL, _MYSQL, _BROKER: def is an
					 * invalid placeholder */
	int64_t		 min, max;	/* of CONF_INT, CONF_REAL */
	const char	*words;		/* allowed values, "a|b"; NULL: any */
};

struct conf;

/* path NULL: search.  EX_CONFIG: no file, not JSON, a value of a wrong type or
 * range, secrets readable by others (with the chmod to run). */
int	 conf_open(struct conf **c, const char *path, struct fault *f);
/* The same, but where nothing names a file and none is found that is as one with
 * nothing in it: defaults, the environment, paths from the working directory. */
int	 conf_open_any(struct conf **c, const char *path, struct fault *f);
void	 conf_close(struct conf *c);
const char *conf_file(const struct conf *c);	/* the path that was read */

/* Values of known keys; asking for an unknown one is a bug and aborts.  Valid
 * until conf_close().  Paths come absolute (or empty where they may), paths
 * and URLs never with a trailing slash. */
const char *conf_str(const struct conf *c, const char *key);
int64_t	 conf_int(const struct conf *c, const char *key);
double	 conf_real(const struct conf *c, const char *key);	/* NAN: not set */
bool	 conf_true(const struct conf *c, const char *key);
/* Element i of a list, NULL behind its end. */
const char *conf_item(const struct conf *c, const char *key, size_t i);

/* Where it came from: "default", "config", "file", "environment". */
const char *conf_source(const struct conf *c, const char *key);

/* A string key that no table knows, e.g. the options database of an index
 * that was added to lookup/indices.tsv; NULL when it is not in the file. */
const char *conf_extra(const struct conf *c, const char *key);

/* True while the key still has its invalid placeholder, or nothing, and that
 * matters. */
bool	 conf_is_placeholder(const struct conf *c, const char *key);

/* "sqlite" or "mysql", by store or, when that is unset, by mysqlHost. */
const char *conf_store(const struct conf *c);

/*
 * A file shipped with the programs (lookup/indices.tsv ...): the user's own in
 * lookupDir when there is one, else the one installed beside the programs.
 * c may be NULL: only that one.
 */
int	 conf_shipped(const struct conf *c, const char *name, char *out,
	    size_t size, struct fault *f);

/* All keys, for das-config. */
const struct conf_key *conf_keys(size_t *n);
/* Keys in the file that no table knows, in their order: fn for each, "a.b" for
 * a member of an object. */
void	 conf_unknown(const struct conf *c,
	    void (*fn)(const char *key, void *arg), void *arg);

#endif
