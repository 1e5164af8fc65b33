#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "access.h"
#include "clk.h"
#include "tsv.h"

/* When the token of a row was made; 0 where that is not said. */
static int64_t
made_at(struct tsv *row)
{
	int col = tsv_col(row, "timestamp");
	int64_t us;

	return col != -1 && clk_from_ist(row->f[col], &us) == 0 ? us : 0;
}

int
access_read(const char *path, char out[ACCESS_MAX], int64_t *made_us,
    struct fault *f)
{
	struct tsv row;
	FILE *in;
	int col, rc, found = 0;

	if ((in = fopen(path, "re")) == NULL)
		return errno == ENOENT ? fault_set(f, EX_NOPERM, "%s: no "
		    "access token; run das-token", path) :
		    fault_sys(f, EX_NOPERM, "%s", path);
	tsv_init(&row, in, path);
	if ((col = tsv_col(&row, "access_token")) == -1) {
		rc = fault_set(f, EX_DATAERR, "%s: %s; run das-token", path,
		    row.why != NULL ? row.why : "no column access_token");
		goto out;
	}
	while ((rc = tsv_next(&row)) == 1) {
		if (strlen(row.f[col]) >= ACCESS_MAX || tsv_null(row.f[col]))
			continue;
		snprintf(out, ACCESS_MAX, "%s", row.f[col]);
		found = *out != '\0';
		if (made_us != NULL)
			*made_us = made_at(&row);
	}
	if (rc == -1)
		fault_set(f, EX_DATAERR, "%s:%ld: %s; run das-token", path,
		    row.line, row.why);
	else if (!found)
		rc = fault_set(f, EX_NOPERM, "%s: holds no access token; run "
		    "das-token", path);
out:
	tsv_free(&row);
	fclose(in);			/* only read from: nothing to lose */
	return rc;
}

struct access_stamp
access_stamp(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return (struct access_stamp){ 0 };
	return (struct access_stamp){ .ns = st.st_mtim.tv_nsec +
	    st.st_mtim.tv_sec * INT64_C(1000000000), .ino = st.st_ino,
	    .size = (uint64_t)st.st_size };
}

bool
access_same(const struct access_stamp *a, const struct access_stamp *b)
{
	return a->ns == b->ns && a->ino == b->ino && a->size == b->size;
}
