#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "aseg.h"
#include "buf.h"
#include "dayinst.h"
#include "file.h"
#include "spool.h"
#include "stop.h"
#include "sum.h"
#include "zst.h"

enum { NAME = 32, SUMS_MAX = 8 << 20 };

struct part {				/* a segment */
	uint32_t	 n;
	bool		 raw;		/* it is in the spool */
	char		 sum[SUM_HEX];	/* "": not in SHA256SUMS */
	char		 name[ASEG_NAME];	/* of it in the archive */
};

struct parts {
	struct part	*v;		/* by number */
	size_t		 n, cap;
	char		 spool[SPOOL_PATH], dir[SPOOL_PATH];
};

/* ---- which segments there are ---- */

static struct part *
part_of(struct parts *p, uint32_t n)
{
	size_t i = 0;

	while (i < p->n && p->v[i].n < n)
		i++;
	if (i < p->n && p->v[i].n == n)
		return &p->v[i];
	if (p->n == p->cap) {
		size_t cap = p->cap != 0 ? p->cap * 2 : 16;
		struct part *v = realloc(p->v, cap * sizeof(*v));

		if (v == NULL)
			return NULL;
		p->v = v;
		p->cap = cap;
	}
	memmove(p->v + i + 1, p->v + i, (p->n - i) * sizeof(*p->v));
	p->v[i] = (struct part){ .n = n };
	p->n++;
	return &p->v[i];
}

static int
find_raw(struct parts *p, struct fault *f)
{
	struct dirent *e;
	struct part *part;
	uint32_t n;
	DIR *d;
	int rc = 0;

	if ((d = opendir(p->spool)) == NULL)
		return errno == ENOENT && p->n > 0 ? 0 :	/* pruned */
		    fault_sys(f, EX_NOINPUT, "%s", p->spool);
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if ((n = spool_segment(e->d_name, "")) == 0)
			continue;
		if ((part = part_of(p, n)) == NULL)
			rc = fault_sys(f, 0, "%s", p->spool);
		else
			part->raw = true;
	}
	closedir(d);
	return rc;
}

/* Reads SHA256SUMS: "SUM  NAME" lines. */
static int
find_sums(struct parts *p, struct fault *f)
{
	char path[SPOOL_PATH + NAME], *line, *at;
	struct buf b = { 0 };
	struct part *part;
	uint32_t n;
	int rc = 0;

	snprintf(path, sizeof(path), "%s/SHA256SUMS", p->dir);
	if (access(path, F_OK) != 0)
		return 0;
	if (file_slurp(path, SUMS_MAX, &b, f) != 0) {
		buf_free(&b);
		return -1;
	}
	at = b.p;
	while (rc == 0 && (line = strsep(&at, "\n")) != NULL && *line != '\0')
		if (strlen(line) < SUM_HEX + 1 ||
		    strncmp(line + SUM_HEX - 1, "  ", 2) != 0 ||
		    (n = aseg_number(line + SUM_HEX + 1)) == 0)
			rc = fault_set(f, EX_DATAERR, "%s: '%.40s' is no sum of "
			    "a segment", path, line);
		else if ((part = part_of(p, n)) == NULL)
			rc = fault_sys(f, 0, "%s", path);
		else {
			snprintf(part->sum, sizeof(part->sum), "%.64s", line);
			snprintf(part->name, sizeof(part->name), "%s",
			    line + SUM_HEX + 1);
		}
	buf_free(&b);
	return rc;
}

/* Removes what a killed run has left: .NAME.PID of files of ours.  Only one runs
 * at a time: das-backup holds a lock. */
static void
sweep(const char *dir)
{
	char path[SPOOL_PATH + 256];
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d != NULL && (e = readdir(d)) != NULL)
		if (e->d_name[0] == '.' &&
		    (strstr(e->d_name, ".zst.") != NULL ||
		    strstr(e->d_name, ".pack.") != NULL) &&
		    snprintf(path, sizeof(path), "%s/%s", dir, e->d_name) <
		    (int)sizeof(path))
			(void)unlink(path);	/* in nobody's way */
	if (d != NULL)
		closedir(d);
}

/* ---- one file ---- */

/* So that what is read back comes from the disk.  Only a hint. */
static void
forget_cached(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd != -1) {
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		close(fd);
	}
}

/* Makes packed, with zstd, from raw, unless it is that already. */
static int
keep(const char *raw, const char *packed, struct fault *f)
{
	struct file out;
	uint64_t n;
	int rc;

	if (access(packed, F_OK) == 0 && (rc = zst_same(packed, raw, f)) != 0 &&
	    (rc == 1 || f->ex != EX_DATAERR))
		return rc == 1 ? 0 : -1;
	if (file_begin(&out, packed, 0666, f) != 0)
		return -1;
	if (zst_pack(raw, out.fp, &n, f) != 0) {
		file_abort(&out);
		return -1;
	}
	if (file_commit(&out, f) != 0)
		return -1;
	forget_cached(packed);
	if ((rc = zst_same(packed, raw, f)) == 0)
		rc = fault_set(f, EX_IOERR, "%s: does not read back as %s",
		    packed, raw);
	return rc == 1 ? 0 : -1;
}

/* The path of a segment's file in the archive, whose name goes to the part. */
static void
path_of(const struct parts *p, struct part *part, const char *suffix,
    char *path)
{
	snprintf(part->name, sizeof(part->name), "%06u.tsv%s",
	    (unsigned)part->n, suffix);
	snprintf(path, SPOOL_PATH + NAME, "%s/%s", p->dir, part->name);
}

/* Packs the segment, as rows of ticks or, where it has others, with zstd. */
static int
pack(const struct parts *p, struct part *part, const char *raw, char *packed,
    struct fault *f)
{
	struct file out;
	uint64_t n;
	int rc;

	path_of(p, part, ".pack", packed);
	if (file_begin(&out, packed, 0666, f) != 0)
		return -1;
	if ((rc = aseg_pack(raw, out.fp, f)) == 0)
		return file_commit(&out, f);
	file_abort(&out);
	if (rc == -1)
		return -1;
	path_of(p, part, ".zst", packed);
	if (file_begin(&out, packed, 0666, f) != 0)
		return -1;
	if (zst_pack(raw, out.fp, &n, f) == 0)
		return file_commit(&out, f);
	file_abort(&out);
	return -1;
}

/*
 * Is the segment in the archive as it is in the spool?  1; 0 no, or damaged; -1.
 * What is there whole and other was once a segment of this number: that is not
 * overwritten.
 */
static int
is_there(const struct parts *p, struct part *part, const char *raw,
    char *packed, struct fault *f)
{
	char sum[SUM_HEX], name[ASEG_NAME];
	uint64_t n;
	int rc;

	if (!aseg_find(p->dir, part->n, name))
		return 0;
	snprintf(packed, SPOOL_PATH + NAME, "%s/%s", p->dir, name);
	if ((rc = aseg_same(packed, raw, f)) == -1)
		return f->ex == EX_DATAERR ? 0 : -1;
	if (rc == 0 && strcmp(name, part->name) == 0) {
		if (sum_file(packed, sum, &n, f) != 0)
			return -1;
		if (strcmp(sum, part->sum) == 0)
			return fault_set(f, EX_DATAERR, "%s is another segment "
			    "than %s; move one of them away", packed, raw);
	}
	memcpy(part->name, name, sizeof(name));
	return rc;
}

/* Brings one segment into the archive, or checks the one that is there. */
static int
do_part(struct parts *p, struct part *part, struct archive *a, struct fault *f)
{
	char raw[SPOOL_PATH + NAME], packed[SPOOL_PATH + NAME], sum[SUM_HEX];
	uint64_t n_raw, n_packed;
	struct stat st;
	int rc;

	snprintf(raw, sizeof(raw), "%s/%06u.tsv", p->spool, (unsigned)part->n);
	snprintf(packed, sizeof(packed), "%s/%s", p->dir, part->name);
	if (part->raw) {
		if ((rc = is_there(p, part, raw, packed, f)) == 0) {
			if (pack(p, part, raw, packed, f) != 0)
				return -1;
			forget_cached(packed);
			if ((rc = aseg_same(packed, raw, f)) == 0)
				rc = fault_set(f, EX_IOERR, "%s: does not read "
				    "back as %s", packed, raw);
		}
		if (rc != 1)
			return -1;
		if (stat(raw, &st) == -1)
			return fault_sys(f, EX_IOERR, "%s", raw);
		n_raw = (uint64_t)st.st_size;
	} else if (aseg_test(packed, &n_raw, f) != 0) {
		return -1;
	}
	if (sum_file(packed, sum, &n_packed, f) != 0)
		return -1;
	if (!part->raw && strcmp(sum, part->sum) != 0)
		return fault_set(f, EX_DATAERR, "%s: its SHA-256 is not the one "
		    "in SHA256SUMS", packed);
	memcpy(part->sum, sum, sizeof(sum));
	a->raw += n_raw;
	a->packed += n_packed;
	a->segments++;
	return 0;
}

static int
write_sums(const struct parts *p, struct fault *f)
{
	char path[SPOOL_PATH + NAME];
	struct buf b = { 0 }, old = { 0 };
	int rc = 0;

	snprintf(path, sizeof(path), "%s/SHA256SUMS", p->dir);
	for (size_t i = 0; rc == 0 && i < p->n; i++)
		if (buf_addf(&b, "%s  %s\n", p->v[i].sum, p->v[i].name) != 0)
			rc = fault_sys(f, 0, "%s", path);
	if (rc == 0 && b.len > 0 && (file_slurp(path, SUMS_MAX, &old, NULL) != 0
	    || old.len != b.len || memcmp(old.p, b.p, b.len) != 0))
		rc = file_put(path, 0666, b.p, b.len, f);
	buf_free(&b);
	buf_free(&old);
	return rc;
}

/* What the rows are not understood without, where it is there. */
static int
keep_beside(const struct conf *c, const char *day, struct fault *f)
{
	static const char *const names[] = { DAYINST_NAME, "gaps.tsv" };
	char raw[SPOOL_PATH], packed[SPOOL_PATH], zst[NAME];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(zst, sizeof(zst), "%s.zst", names[i]);
		if (spool_dir(raw, conf_str(c, "spoolDir"), day, names[i],
		    f) != 0 || spool_dir(packed, conf_str(c, "archiveDir"),
		    day, zst, f) != 0 ||
		    (access(raw, F_OK) == 0 && keep(raw, packed, f) != 0))
			return -1;
	}
	return 0;
}

static void
sweep_day(const struct conf *c, const char *day, const struct parts *p)
{
	char dir[SPOOL_PATH];

	sweep(p->dir);
	if (spool_dir(dir, conf_str(c, "archiveDir"), day, ".", NULL) == 0)
		sweep(dir);
}

int
archive_day(const struct conf *c, const char *day, const char *topic,
    struct archive *a, struct fault *f)
{
	struct parts p = { 0 };
	int rc = -1;

	*a = (struct archive){ 0 };
	if (spool_dir(p.spool, conf_str(c, "spoolDir"), day, topic, f) != 0 ||
	    spool_dir(p.dir, conf_str(c, "archiveDir"), day, topic, f) != 0 ||
	    file_mkdirs(p.dir, f) != 0 || find_sums(&p, f) != 0 ||
	    find_raw(&p, f) != 0)
		goto out;
	sweep_day(c, day, &p);
	for (size_t i = 0; i < p.n; i++) {
		if (stop_asked()) {
			fault_set(f, EX_TEMPFAIL, "stopped");
			goto out;
		}
		if (p.v[i].n != i + 1) {
			fault_set(f, EX_DATAERR, "%s/%06zu.tsv is missing, and "
			    "is not in %s", p.spool, i + 1, p.dir);
			goto out;
		}
		if (do_part(&p, &p.v[i], a, f) != 0)
			goto out;
	}
	if (keep_beside(c, day, f) == 0)
		rc = write_sums(&p, f);
out:
	free(p.v);
	return rc;
}

int
archive_prune(const struct conf *c, const char *day, const char *topic,
    struct fault *f)
{
	struct parts p = { 0 };
	char path[SPOOL_PATH + NAME];
	int rc;

	if (spool_dir(p.spool, conf_str(c, "spoolDir"), day, topic, f) != 0)
		return -1;
	rc = find_raw(&p, f);
	for (size_t i = 0; rc == 0 && i < p.n; i++) {
		snprintf(path, sizeof(path), "%s/%06u.tsv", p.spool,
		    (unsigned)p.v[i].n);
		if (unlink(path) == -1 && errno != ENOENT)
			rc = fault_sys(f, 0, "%s", path);
	}
	free(p.v);
	return rc;
}
