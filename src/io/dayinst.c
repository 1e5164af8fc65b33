#include <string.h>
#include <unistd.h>

#include "clk.h"
#include "dayinst.h"
#include "file.h"
#include "rows.h"
#include "zst.h"

enum { FILE_MAX = 64 << 20 };

/* Brings those that the copy at path has besides into set. */
static int
take_earlier(struct inst_set *set, const char *path, struct fault *f)
{
	struct inst_set old = { 0 };
	struct inst *in;
	size_t n = set->n;
	int rc = 0;

	if (access(path, F_OK) != 0)
		return 0;
	if ((rc = inst_load(&old, path, f)) != 0)
		goto out;
	for (size_t i = 0; i < old.n; i++) {
		struct inst_set sorted = { .v = set->v, .n = n };

		if (inst_find(&sorted, old.v[i].token) != NULL)
			continue;
		if ((in = inst_add(set)) == NULL) {
			rc = fault_sys(f, EX_TEMPFAIL, "%s", path);
			goto out;
		}
		*in = old.v[i];
	}
	inst_sort(set);
out:
	inst_free(&old);
	return rc;
}

static int
format(struct buf *b, const struct inst_set *set, struct fault *f)
{
	int rc = buf_addf(b, "%s\n", inst_header);

	for (size_t i = 0; rc == 0 && i < set->n; i++)
		rc = inst_format(b, &set->v[i]);
	return rc == 0 ? 0 : fault_sys(f, EX_TEMPFAIL, DAYINST_NAME);
}

/* Keeps a copy of the n of das-lookup's file from, and of what set has besides,
 * when it is another one than there is. */
static int
keep_copy(const char *from, size_t n, const struct inst_set *set,
    const char *path, struct fault *f)
{
	struct buf a = { 0 }, b = { 0 };
	int rc = set->n == n ? file_slurp(from, FILE_MAX, &a, f) :
	    format(&a, set, f);

	if (rc == 0 && (file_slurp(path, FILE_MAX, &b, NULL) != 0 ||
	    a.len != b.len || memcmp(a.p, b.p, a.len) != 0))
		rc = file_put(path, 0666, a.p, a.len, f);
	buf_free(&a);
	buf_free(&b);
	return rc;
}

/* Brings back the copy of a day whose spool is gone from the archive, if it is
 * there. */
static int
bring_back(const struct conf *c, const char *day, const char *kept,
    struct fault *f)
{
	char packed[SPOOL_PATH], dir[SPOOL_PATH];
	struct buf b = { 0 };
	int rc;

	if (spool_dir(packed, conf_str(c, "archiveDir"), day,
	    DAYINST_NAME ".zst", f) != 0)
		return -1;
	if (access(packed, F_OK) != 0)
		return 0;
	if ((rc = zst_slurp(packed, FILE_MAX, &b, f)) == 0 &&
	    (rc = file_join(dir, sizeof(dir), conf_str(c, "spoolDir"), day, f))
	    == 0 && (rc = file_mkdirs(dir, f)) == 0)
		rc = file_put(kept, 0666, b.p, b.len, f);
	buf_free(&b);
	return rc;
}

/* Which file has them, into d->path, and where their copy is, or "" when they
 * are that. */
static int
find(struct dayinst *d, const struct conf *c, const char *day, char *copy,
    struct fault *f)
{
	const char *spool = conf_str(c, "spoolDir");
	char today[CLK_DAY], kept[SPOOL_PATH], dir[SPOOL_PATH];
	bool have;

	*copy = '\0';
	if (spool_dir(kept, spool, day, DAYINST_NAME, f) != 0 ||
	    file_join(d->path, sizeof(d->path), conf_str(c, "lookupDir"),
	    DAYINST_NAME, f) != 0 ||
	    file_join(dir, sizeof(dir), spool, day, f) != 0)
		return -1;
	if (access(kept, F_OK) != 0 && bring_back(c, day, kept, f) != 0)
		return -1;
	have = access(kept, F_OK) == 0;
	clk_day_to(clk_day_of(clk_now()), today);
	if (strcmp(day, today) != 0)
		d->other_day = !have;
	else if (have && rows_are_closed(c, day, "ticks"))
		;	/* das-lookup may have gone on to tomorrow */
	else if (access(d->path, R_OK) == 0) {
		if (access(dir, F_OK) == 0)
			memcpy(copy, kept, sizeof(kept));
		return 0;
	}
	if (have)
		memcpy(d->path, kept, sizeof(kept));
	return 0;
}

int
dayinst_load(struct dayinst *d, const struct conf *c, const char *day,
    struct fault *f)
{
	struct dayinst n = { .looked = clk_mono() };
	char copy[SPOOL_PATH];
	size_t own = 0;
	int rc;

	if (find(&n, c, day, copy, f) != 0)
		return -1;
	if (stat(n.path, &n.st) == -1)
		return fault_sys(f, EX_NOINPUT, "%s", n.path);
	if ((rc = inst_load(&n.set, n.path, f)) == 0 && *copy != '\0') {
		own = n.set.n;
		if ((rc = take_earlier(&n.set, copy, f)) == 0)
			rc = keep_copy(n.path, own, &n.set, copy, f);
	}
	if (rc != 0) {
		inst_free(&n.set);
		return -1;
	}
	inst_free(&d->set);
	*d = n;
	return 0;
}

bool
dayinst_changed(struct dayinst *d)
{
	struct stat st;
	int64_t now = clk_mono();

	if (now - d->looked < US_PER_SEC)
		return d->changed;
	d->looked = now;
	if (stat(d->path, &st) == 0 && (st.st_ino != d->st.st_ino ||
	    st.st_size != d->st.st_size ||
	    st.st_mtim.tv_sec != d->st.st_mtim.tv_sec ||
	    st.st_mtim.tv_nsec != d->st.st_mtim.tv_nsec))
		d->changed = true;
	return d->changed;
}

void
dayinst_free(struct dayinst *d)
{
	inst_free(&d->set);
	*d = (struct dayinst){ 0 };
}
