/*
 * totp - six-digit one-time passwords from a seed and the time (liboath)
 *
 * RFC 6238 as the broker uses it: SHA-1, 6 digits, a new code every 30 s.
 * Times are seconds since the epoch and always an argument.
 */
#ifndef TOTP_H
#define TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"

enum {
	TOTP_CODE = 7,		/* six digits and NUL */
	TOTP_STEP_S = 30,
	TOTP_SEED_MIN = 10,	/* bytes: 80 bits, 16 letters */
	TOTP_SEED_MAX = 128
};

struct totp {
	unsigned char	 seed[TOTP_SEED_MAX];	/* a secret: see totp_wipe() */
	size_t		 len;
};

/*
 * Decodes a base32 seed as people paste it: either case, blanks and hyphens
 * anywhere, with or without "=" at the end.  -1 (EX_CONFIG) when it is none or
 * is shorter than TOTP_SEED_MIN; the message has nothing of the seed in it.
 */
int	totp_seed(struct totp *t, const char *base32, struct fault *f);
void	totp_wipe(struct totp *t);

/* The code that holds at that second, into out (TOTP_CODE bytes); -1 only when
 * memory is short. */
int	totp_code(const struct totp *t, int64_t at_s, char *out);
/* Seconds for which that code still holds, 1 to 30. */
int	totp_left(int64_t at_s);

/* True when code holds at that second or up to window steps before or after
 * it.  Takes the same time for every wrong code. */
bool	totp_check(const struct totp *t, int64_t at_s, int window,
	    const char *code);

#endif
