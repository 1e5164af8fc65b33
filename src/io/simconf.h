/*
 * simconf - the simulator's account, and a configuration that leads to it
 */
#ifndef SIMCONF_H
#define SIMCONF_H

#include "fault.h"
#include "simkite.h"

/*
 * The account: built in; what the configuration file has set counts more (path
 * NULL: none), and the environment (DAS_ and the upper-cased key) still more.
 * EX_CONFIG as conf_open(), or a value is too long.
 */
int	simconf_account(struct simkite_spec *a, const char *path,
	    struct fault *f);

/*
 * Writes a dasConfig.json, mode 0600, with that account and all URLs pointing
 * at the ports of 127.0.0.1.
 */
struct simconf_place {
	int		 http;		/* port */
	int		 smtp;		/* port; 0: mail stays in the spool */
	const char	*dir;		/* dataDir; made when absent */
	const char	*cert;		/* caFile, and https and wss; NULL: plain */
};

int	simconf_write(const char *path, const struct simkite_spec *a,
	    const struct simconf_place *at, struct fault *f);

#endif
