#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "aseg.h"
#include "asums.h"
#include "buf.h"
#include "file.h"
#include "spool.h"
#include "sum.h"

enum { SUMS_MAX = 8 << 20 };

/* The sum of name in the lines "SUM  NAME" of text, which is taken apart; NULL:
 * it has none. */
static const char *
find(char *text, const char *name)
{
	char *line;

	while ((line = strsep(&text, "\n")) != NULL) {
		if (strlen(line) < SUM_HEX + 1 ||
		    strcmp(line + SUM_HEX + 1, name) != 0)
			continue;
		line[SUM_HEX - 1] = '\0';
		return line;
	}
	return NULL;
}

static int
compare(const char *path, const char *want, struct fault *f)
{
	char sum[SUM_HEX];
	uint64_t n;

	if (sum_file(path, sum, &n, f) != 0)
		return -1;
	if (strcmp(sum, want) == 0)
		return 0;
	/* What is damaged in it says more. */
	return aseg_test(path, &n, f) != 0 ? -1 : fault_set(f, EX_DATAERR,
	    "%s: its SHA-256 is not the one in SHA256SUMS", path);
}

int
asums_check(const char *dir, const char *name, struct fault *f)
{
	char path[SPOOL_PATH + ASEG_NAME];
	struct buf b = { 0 };
	const char *want;
	int rc;

	snprintf(path, sizeof(path), "%s/SHA256SUMS", dir);
	if (access(path, F_OK) != 0)
		return 0;
	if ((rc = file_slurp(path, SUMS_MAX, &b, f)) == 0 &&
	    (want = find(b.p, name)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, name);
		rc = compare(path, want, f);
	}
	buf_free(&b);
	return rc;
}
