/*
 * text - messages of the ticker as das-tick takes them: text is counted, each,
 * and no row, and can be read again in texts.tsv; what does not decode is
 * counted once, and has one kind; so is what broke off
 *
 * The first byte of the input is the kind: text, binary, or one that broke off.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "file.h"
#include "fuzz.h"
#include "record.h"
#include "tsv.h"

/* The row of a text in a file without a place on a disk reads back. */
static void
keep(const struct capture_frame *c)
{
	int fd = memfd_create("texts", MFD_CLOEXEC);
	struct buf b = { 0 };
	struct texts t;
	struct fault f;
	struct tsv row;
	char path[64];
	FILE *in;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	texts_init(&t, path, 1 << 20);
	MUST(fd != -1 && texts_put(&t, c, NULL) == 0);
	MUST(texts_close(&t, &f) == 0);
	MUST(file_slurp(path, SIZE_MAX, &b, &f) == 0);
	in = fuzz_stream(b.p, b.len);
	tsv_init(&row, in, "texts.tsv");
	MUST(tsv_next(&row) == 1 && row.nf == 4);
	if (memchr(c->p, '\0', c->len) == NULL) {
		tsv_decode(row.f[3]);
		MUST(strlen(row.f[3]) == c->len);
		MUST(memcmp(row.f[3], c->p, c->len) == 0);
	}
	MUST(tsv_next(&row) == 0);
	tsv_free(&row);
	fclose(in);
	buf_free(&b);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct capture_frame c = { .recv_us = INT64_C(1795578300500001),
	    .conn = 1, .p = p + 1, .len = n - 1 };
	struct record r = { 0 };
	struct fault f;
	uint64_t kinds = 0;
	bool broken;

	if (n == 0)
		return 0;
	c.kind = p[0] % 4 < 2 ? CAPTURE_TEXT : CAPTURE_BINARY;
	broken = p[0] % 4 == 3;
	MUST(record_init(&r, NULL, NULL, &f) == 0);
	MUST(record_to_file(&r, "/dev/null", &f) == 0);
	MUST(record_take(&r, &c, broken, &f) == 0);
	MUST(r.texts.count == (c.kind == CAPTURE_TEXT));
	MUST(r.feed.seq == 0 || c.kind == CAPTURE_BINARY);
	for (int i = 0; i < REJECT_KINDS; i++)
		kinds += r.why.count[i];
	MUST(kinds == r.feed.count.rejects);
	MUST(!broken || r.feed.count.rejects == 1);
	MUST(record_flush(&r, &f) == 0 && r.feed.rows.len == 0);
	MUST(record_close(&r, true, &f) == 0);
	record_free(&r);
	if (c.kind == CAPTURE_TEXT)
		keep(&c);
	return 0;
}

/* ---- seeds ---- */

static fuzz_add *give;

static void
frame(const void *p, size_t n)
{
	struct buf b = { 0 };

	MUST(buf_add(&b, "\2", 1) == 0 && buf_add(&b, p, n) == 0);
	give(b.p, b.len);
	b.p[0] = 3;
	give(b.p, b.len);
	buf_free(&b);
}

void
fuzz_seeds(fuzz_add *add)
{
	static const char *const text[] = {
		"", "x", "{}", "[]", "null", "1e999", "\"\\u0000\"",
		"{\"type\":\"instruments_meta\",\"data\":{\"count\":1,"
		"\"etag\":\"W/\\\"1\\\"\"}}",
		"{\"type\":\"error\",\"data\":\"Invalid \\u001b[31m message\"}",
		"{\"type\":\"message\",\"data\":\"\x1b]0;x\x07\"}",
		"{\"type\":\"order\",\"id\":\"\",\"data\":{\"order_id\":\"1\","
		"\"status\":\"COMPLETE\",\"price\":26105.25}}",
		"{\"type\":1,\"type\":2}", "{\"type\":\"a\\u0000b\"}",
		"{\"type\":{\"type\":[]}}", "{\"type\":\"\xff\xfe\"}"
	};
	struct buf b = { 0 };

	give = add;
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++) {
		buf_reset(&b);
		MUST(buf_add(&b, "\0", 1) == 0 && buf_adds(&b, text[i]) == 0);
		add(b.p, b.len);
	}
	buf_reset(&b);
	MUST(buf_add(&b, "\0", 1) == 0);
	for (int i = 0; i < 5000; i++)		/* deeper than a parser goes */
		MUST(buf_adds(&b, "[") == 0);
	add(b.p, b.len);
	buf_free(&b);
	seed_frames(frame);
}
