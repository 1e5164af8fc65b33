/*
 * login - Kite's login without a browser
 *
 * Password, one-time password, redirects to the app's address (which is read,
 * not visited), exchange of the request token for an access token.  The web
 * part is not documented by the broker; this is what its own page does.
 *
 * Nothing of a Location, a body or a token gets into a message.
 */
#ifndef LOGIN_H
#define LOGIN_H

#include <stdint.h>

#include "conf.h"
#include "fault.h"
#include "http.h"
#include "totp.h"

enum { LOGIN_TOKEN = 256, LOGIN_USER = 64 };

struct login {
	const struct conf *conf;	/* outlives the struct */
	struct http	*http;
	struct totp	 seed;
	int64_t		 step;		/* 30-second step whose code was sent
					 * last: a code works once */
};

struct login_token {
	char	 access_token[LOGIN_TOKEN];
	char	 user_id[LOGIN_USER];
};

/* EX_CONFIG when the seed is none.  End with login_close(), also after -1. */
int	login_open(struct login *l, const struct conf *conf, struct fault *f);
void	login_close(struct login *l);

/*
 * One login, all of it; may sleep until a one-time password has some seconds
 * to live.  Faults: EX_NOPERM the broker refuses password, code, key or secret,
 * or wants the user's consent: do not try again; EX_TEMPFAIL not there, server
 * trouble, a page where JSON was wanted, or a stop was asked for; EX_PROTOCOL
 * anything else, such as a redirect to another host; EX_UNAVAILABLE,
 * EX_CONFIG as http_do().
 */
int	login_run(struct login *l, struct login_token *t, struct fault *f);

/* Whether the broker takes the token: 1, 0 it does not, -1 it cannot be
 * asked. */
int	login_check(struct login *l, const char *access_token,
	    struct fault *f);

/* True when s looks like a token: 8 or more letters, digits, - and _. */
bool	login_is_token(const char *s);

#endif
