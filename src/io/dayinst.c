#include <string.h>
#include <unistd.h>

#include "clk.h"
#include "dayinst.h"
#include "file.h"

enum { FILE_MAX = 64 << 20 };

/* Keeps the bytes of from as to, when they are others. */
static int
keep_copy(const char *from, const char *to, struct fault *f)
{
	struct buf a = { 0 }, b = { 0 };
	int rc = file_slurp(from, FILE_MAX, &a, f);

	if (rc == 0 && (file_slurp(to, FILE_MAX, &b, NULL) != 0 ||
	    a.len != b.len || memcmp(a.p, b.p, a.len) != 0))
		rc = file_put(to, 0666, a.p, a.len, f);
	buf_free(&a);
	buf_free(&b);
	return rc;
}

/* Which file has them, into d->path; today's are copied first. */
static int
find(struct dayinst *d, const struct conf *c, const char *day, struct fault *f)
{
	const char *spool = conf_str(c, "spoolDir");
	char today[CLK_DAY], kept[SPOOL_PATH];
	bool have;

	if (spool_dir(kept, spool, day, DAYINST_NAME, f) != 0 ||
	    file_join(d->path, sizeof(d->path), conf_str(c, "lookupDir"),
	    DAYINST_NAME, f) != 0)
		return -1;
	have = access(kept, F_OK) == 0;
	clk_day_to(clk_day_of(clk_now()), today);
	if (strcmp(day, today) != 0)
		d->other_day = !have;
	else if (have && spool_is_closed(spool, day, "ticks"))
		;	/* das-lookup may have gone on to tomorrow */
	else if (access(d->path, R_OK) == 0)
		return keep_copy(d->path, kept, f);
	if (have)
		memcpy(d->path, kept, sizeof(kept));
	return 0;
}

int
dayinst_load(struct dayinst *d, const struct conf *c, const char *day,
    struct fault *f)
{
	struct dayinst n = { .looked = clk_mono() };

	if (find(&n, c, day, f) != 0)
		return -1;
	if (stat(n.path, &n.st) == -1)
		return fault_sys(f, EX_NOINPUT, "%s", n.path);
	if (inst_load(&n.set, n.path, f) != 0) {
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
