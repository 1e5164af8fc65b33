#include "keep.h"

/* Opens the file when it is not, and appends. */
static size_t
put(void *arg, const void *p, size_t n, struct fault *f)
{
	struct keep *k = arg;

	if (!k->open && keep_open(k, f) != 0)
		return 0;
	return capture_write(&k->w, p, n, f) == 0 ? n : 0;
}

void
keep_init(struct keep *k, const char *path, size_t max, uint64_t limit)
{
	*k = (struct keep){ .path = path, .limit = limit, .hold = { .max = max, .put = put,
	    .arg = k } };
}

int
keep_open(struct keep *k, struct fault *f)
{
	if (capture_w_open(&k->w, k->path, k->limit, f) != 0)
		return -1;
	k->open = true;
	return 0;
}

int
keep_put(struct keep *k, const struct capture_frame *c)
{
	int rc = -1;

	k->frames++;
	buf_reset(&k->one);
	if (hold_over(&k->hold))
		fault_set(&k->hold.why, EX_TEMPFAIL, "%s: %zu bytes wait for "
		    "the disk, no more are held", k->path, k->hold.len);
	else if (capture_add(&k->one, c) != 0)
		fault_sys(&k->hold.why, 0, "%s", k->path);
	else
		rc = hold_put(&k->hold, k->one.p, k->one.len);
	k->lost += rc == -1;
	return rc;
}

int
keep_retry(struct keep *k)
{
	return hold_retry(&k->hold);
}

int
keep_close(struct keep *k, struct fault *f)
{
	int rc;

	while ((rc = hold_retry(&k->hold)) == 1)
		;
	if (rc != 0) {
		if (f != NULL)
			*f = k->hold.why;
	}
	if (k->open && capture_w_close(&k->w, rc == 0 ? f : NULL) != 0)
		rc = -1;
	k->open = false;
	hold_free(&k->hold);
	buf_free(&k->one);
	return rc;
}
