#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "rows.h"

static void
take_state(struct rows *r)
{
	r->pos = r->spool.pos;
	r->header = r->spool.header;
}

int
rows_open(struct rows *r, const struct conf *c, const char *day,
    const char *topic, const struct spool_pos *from, struct fault *f)
{
	int rc;

	*r = (struct rows){ .dir = r->spool.dir };
	rc = spool_r_open(&r->spool, conf_str(c, "spoolDir"), day, topic, from,
	    f);
	take_state(r);
	return rc;
}

int
rows_next(struct rows *r, char **rows, size_t *len, struct fault *f)
{
	int rc = spool_r_next(&r->spool, rows, len, f);

	take_state(r);
	return rc;
}

int
rows_sync(const struct rows *r, uint32_t first, struct fault *f)
{
	return spool_r_sync(&r->spool, first, f);
}

void
rows_wait(struct rows *r, int ms)
{
	spool_r_wait(&r->spool, ms);
}

void
rows_close(struct rows *r)
{
	spool_r_close(&r->spool);
}

int
rows_check(const struct rows *r, struct fault *f)
{
	char path[SPOOL_PATH + 16], c;
	int fd, rc = 0;

	snprintf(path, sizeof(path), "%s/%06u.tsv", r->dir,
	    (unsigned)r->pos.segment);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return fault_sys(f, EX_NOINPUT, "%s", path);
	if (r->pos.offset > 0 && (pread(fd, &c, 1, (off_t)r->pos.offset - 1)
	    != 1 || c != '\n'))
		rc = fault_set(f, EX_DATAERR, "%s: no row begins at byte %ju",
		    path, (uintmax_t)r->pos.offset);
	close(fd);
	return rc;
}

int
rows_exist(const struct conf *c, const char *day, const char *topic)
{
	char dir[SPOOL_PATH];

	return spool_dir(dir, conf_str(c, "spoolDir"), day, topic, NULL) == 0
	    && access(dir, F_OK) == 0;
}

int
rows_are_closed(const struct conf *c, const char *day, const char *topic)
{
	return spool_is_closed(conf_str(c, "spoolDir"), day, topic);
}
