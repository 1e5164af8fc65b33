/*
 * text - messages of the ticker as das-tick takes them: text is counted, each,
 * and no row; what does not decode is counted once, and has one kind
 *
 * The first byte of the input is the kind: text, binary, or one that broke off.
 */
#include <string.h>

#include "fuzz.h"
#include "record.h"

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
