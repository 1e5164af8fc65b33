#include <ctype.h>
#include <liboath/oath.h>
#include <stdlib.h>
#include <string.h>

#include "totp.h"

enum { TEXT_MAX = TOTP_SEED_MAX * 8 / 5 + 8 };	/* base32, padded */

static const char none[] = "is no base32 seed: want letters A-Z and digits 2-7";

/* The letters alone, in upper case, padded to eights; -1 when it is no
 * base32. */
static int
normalize(const char *s, char *out, size_t *len)
{
	size_t n = 0;

	for (; *s != '\0' && *s != '='; s++) {
		int c = toupper((unsigned char)*s);

		if (c == ' ' || c == '-' || c == '\t')
			continue;
		if ((c < 'A' || c > 'Z') && (c < '2' || c > '7'))
			return -1;
		if (n == TEXT_MAX - 8)
			return -1;
		out[n++] = (char)c;
	}
	if (s[strspn(s, "= \t")] != '\0')
		return -1;
	while (n % 8 != 0)
		out[n++] = '=';
	*len = n;
	return 0;
}

int
totp_seed(struct totp *t, const char *base32, struct fault *f)
{
	char text[TEXT_MAX], *seed = NULL;
	size_t n, len = 0;
	int rc = -1;

	if (normalize(base32, text, &n) != 0 ||
	    oath_base32_decode(text, n, &seed, &len) != OATH_OK) {
		fault_set(f, EX_CONFIG, "%s", none);
	} else if (len < TOTP_SEED_MIN || len > TOTP_SEED_MAX) {
		fault_set(f, EX_CONFIG, "is %zu bytes long, want %d to %d: "
		    "the whole base32 seed", len, (int)TOTP_SEED_MIN,
		    (int)TOTP_SEED_MAX);
	} else {
		memcpy(t->seed, seed, len);
		t->len = len;
		rc = 0;
	}
	if (seed != NULL)
		explicit_bzero(seed, len);
	free(seed);
	explicit_bzero(text, sizeof(text));
	return rc;
}

void
totp_wipe(struct totp *t)
{
	explicit_bzero(t, sizeof(*t));
}

int
totp_code(const struct totp *t, int64_t at_s, char *out)
{
	return oath_totp_generate((const char *)t->seed, t->len, (time_t)at_s,
	    TOTP_STEP_S, OATH_TOTP_DEFAULT_START_TIME, TOTP_CODE - 1, out) ==
	    OATH_OK ? 0 : -1;
}

int
totp_left(int64_t at_s)
{
	int in = (int)(at_s % TOTP_STEP_S);

	return TOTP_STEP_S - (in < 0 ? in + TOTP_STEP_S : in);
}

bool
totp_check(const struct totp *t, int64_t at_s, int window, const char *code)
{
	char want[TOTP_CODE];
	bool good = false;

	if (strlen(code) != TOTP_CODE - 1)
		return false;
	for (int i = -window; i <= window; i++) {
		unsigned char diff = 0;

		if (totp_code(t, at_s + i * TOTP_STEP_S, want) != 0)
			return false;
		for (int k = 0; k < TOTP_CODE - 1; k++)
			diff |= (unsigned char)(want[k] ^ code[k]);
		good |= diff == 0;
	}
	explicit_bzero(want, sizeof(want));
	return good;
}
