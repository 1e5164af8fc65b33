/*
 * simkite - the broker's login and REST, simulated
 *
 * GET /, POST /api/login, POST /api/twofa, GET /connect/login, GET
 * /connect/finish, POST and DELETE /session/token, GET /user/profile.  Answers,
 * cookies, errors and their HTTP codes are as observed at the broker's;
 * das-sim(1) lists them.
 * The one-time password is checked against the market's clock (clk), access
 * tokens die at 06:00 IST of the next day.
 */
#ifndef SIMKITE_H
#define SIMKITE_H

#include <stdbool.h>
#include <stdint.h>

#include "fault.h"
#include "serve.h"

enum { SIMKITE_TEXT = 128 };	/* longest credential, NUL included */

struct simkite_spec {		/* what the one account knows */
	char	 user[SIMKITE_TEXT];
	char	 password[SIMKITE_TEXT];
	char	 seed[SIMKITE_TEXT];	/* of the one-time passwords, base32 */
	char	 api_key[SIMKITE_TEXT];
	char	 api_secret[SIMKITE_TEXT];
};

struct simkite;

/* EX_CONFIG: the seed is no base32; EX_OSERR. */
int	simkite_open(struct simkite **k, const struct simkite_spec *spec,
	    struct fault *f);
void	simkite_close(struct simkite *k);

/* Answers the request and gives true when it is for one of the paths above. */
bool	simkite_request(struct simkite *k, struct serve_conn *c,
	    const struct serve_req *q);

/* Is that a pair of key and access token that is good now? */
bool	simkite_token_ok(const struct simkite *k, const char *api_key,
	    const char *token);

/* All access tokens given out so far die now. */
void	simkite_kill_tokens(struct simkite *k);

uint64_t simkite_logins(const struct simkite *k);	/* tokens given out */

#endif
