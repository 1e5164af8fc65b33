/*
 * benchpack - how small and how fast the archive is
 *
 *	benchpack FILE...
 *
 * Packs segments in memory, 256 KB at a time, as aseg.c does, unpacks what came
 * of it, and looks whether that is the same.  Prints rows, bytes, rows packed and
 * unpacked in a second of CPU time, with tabs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "file.h"
#include "msg.h"
#include "pack.h"

enum { BLOCK = 256 * 1024, FILE_MAX = 300 << 20 };

static double pack_s, unpack_s;
static uint64_t rows, bytes;

static double
cpu(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0)
		abort();
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
count_rows(const struct buf *text)
{
	const char *p = text->p, *end = p + text->len;

	for (rows--; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		rows++;
}

static void
pack_it(const struct buf *text, struct buf *out)
{
	double from = cpu();
	struct pack *p;
	struct fault f;
	size_t n;
	int rc;

	rc = pack_new(&p, &f);
	for (size_t at = 0; rc == 0 && at < text->len; at += n) {
		n = text->len - at < BLOCK ? text->len - at : BLOCK;
		rc = pack_put(p, text->p + at, n, out, &f);
	}
	if (rc != 0 || pack_end(p, out, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	pack_delete(p);
	pack_s += cpu() - from;
}

static void
unpack_it(const struct buf *packed, const struct buf *text)
{
	static char out[BLOCK];
	size_t at = 0, done = 0, want;
	double from = cpu();
	struct unpack *u;
	struct fault f;
	void *to;
	long n;

	if (unpack_new(&u, &f) != 0)
		msg_diex(f.ex, "%s", f.text);
	for (;;) {
		while ((n = unpack_text(u, out, sizeof(out), &f)) > 0) {
			if ((size_t)n > text->len - done ||
			    memcmp(out, text->p + done, (size_t)n) != 0)
				msg_diex(EX_SOFTWARE, "other bytes");
			done += (size_t)n;
		}
		to = n == 0 ? unpack_want(u, &want, &f) : NULL;
		if (n != 0 || (to == NULL && want > 0))
			msg_diex(f.ex, "%s", f.text);
		if (to == NULL)
			break;
		if (want > packed->len - at)
			msg_diex(EX_SOFTWARE, "cut short");
		memcpy(to, packed->p + at, want);
		at += want;
	}
	unpack_delete(u);
	unpack_s += cpu() - from;
	if (done != text->len || at != packed->len)
		msg_diex(EX_SOFTWARE, "not all of it");
}

int
main(int argc, char *argv[])
{
	struct fault f;

	msg_init("benchpack");
	for (int i = 1; i < argc; i++) {
		struct buf text = { 0 }, packed = { 0 };

		if (file_slurp(argv[i], FILE_MAX, &text, &f) != 0)
			msg_diex(f.ex, "%s", f.text);
		count_rows(&text);
		pack_it(&text, &packed);
		unpack_it(&packed, &text);
		bytes += packed.len;
		buf_free(&text);
		buf_free(&packed);
	}
	if (rows == 0)
		msg_diex(EX_USAGE, "usage: benchpack file ...");
	printf("%" PRIu64 "\t%" PRIu64 "\t%.0f\t%.0f\n", rows, bytes,
	    (double)rows / pack_s, (double)rows / unpack_s);
	return 0;
}
