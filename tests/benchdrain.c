/*
 * benchdrain - counts the rows of topic ticks while they are written
 *
 *	benchdrain SPOOL DAY ROWS IDLE
 *
 * Reads as every reader does (spool.h), until ROWS rows came or none for IDLE
 * seconds, and prints rows, holes (rows whose seq is not one more than that of
 * the row before, the first one's 1), bytes, and the seconds between the first
 * rows and the last, with tabs.  It deletes every segment that is two behind:
 * so a minute of half a gigabyte a second needs little of the disk, but all of
 * it was written there.  Status 1: fewer rows, or holes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clk.h"
#include "msg.h"
#include "num.h"
#include "spool.h"

static uint64_t rows, holes, bytes, seq;

/* The number that a row begins with; 0: it begins with none. */
static uint64_t
number(const char *p, const char *end)
{
	uint64_t v = 0;

	for (; p < end && *p >= '0' && *p <= '9'; p++)
		v = v * 10 + (uint64_t)(*p - '0');
	return v;
}

static void
count(const char *p, size_t n)
{
	const char *end = p + n;

	bytes += n;
	while (p < end) {
		uint64_t v = number(p, end);

		rows++;
		holes += v != seq + 1;
		seq = v;
		p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
	}
}

static void
forget(const struct spool_r *r, uint32_t segment)
{
	char path[SPOOL_PATH + 32];

	snprintf(path, sizeof(path), "%s/%06u.tsv", r->dir,
	    (unsigned)segment);
	(void)unlink(path);		/* a disk that fills up says so itself */
}

int
main(int argc, char *argv[])
{
	struct spool_r r;
	struct fault f;
	int64_t want, idle, first = 0, last = clk_mono();
	uint32_t kept = 1;
	size_t n;
	char *p;
	int rc = 0;

	msg_init("benchdrain");
	if (argc != 5 || num_i64(argv[3], 1, INT64_MAX, &want) != 0 ||
	    num_i64(argv[4], 1, 3600, &idle) != 0)
		msg_diex(EX_USAGE, "usage: benchdrain spool day rows idle");
	if (spool_r_open(&r, argv[1], argv[2], "ticks", NULL, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	while (rows < (uint64_t)want &&
	    clk_mono() - last < idle * US_PER_SEC) {
		if ((rc = spool_r_next(&r, &p, &n, &f)) == 1) {
			last = clk_mono();
			if (first == 0)
				first = last;
			count(p, n);
		} else if (rc == 0) {
			spool_r_wait(&r, 100);
		} else {
			break;
		}
		while (kept + 2 <= r.pos.segment)
			forget(&r, kept++);
	}
	if (rc == -1)
		msg_diex(f.ex, "%s", f.text);
	spool_r_close(&r);
	printf("%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%.6f\n", rows, holes,
	    bytes, (double)(last - first) / 1e6);
	msg_close_stdout();
	return rows < (uint64_t)want || holes > 0;
}
