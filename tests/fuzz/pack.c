/*
 * pack - a packed segment that somebody may have made: it is refused with a
 * word or gives text, within its bounds; what it gives packs and unpacks to the
 * same; and any text behind the header comes back
 */
#include <string.h>

#include "clk.h"
#include "feed.h"
#include "fuzz.h"
#include "pack.h"

enum { ROOM = 8192, TEXT_MAX = 64 << 20 };

/*
 * Unpacks p[n]: 0, and its text is in *out; 1 it is none.  A block says how many
 * rows it has, at most PACK_BLOCK_ROWS, so the text is bounded by their number.
 */
static int
unpack(const uint8_t *p, size_t n, struct buf *out)
{
	struct fault f = { 0 };
	struct unpack *u;
	char text[ROOM];
	size_t want;
	long got;
	void *to;
	int rc = 1;

	MUST(unpack_new(&u, &f) == 0);
	for (;;) {
		while ((got = unpack_text(u, text, sizeof(text), &f)) > 0) {
			MUST((size_t)got <= sizeof(text));
			MUST(buf_add(out, text, (size_t)got) == 0);
			if (out->len > TEXT_MAX)
				goto out;
		}
		if (got < 0 || ((to = unpack_want(u, &want, &f)) == NULL &&
		    want > 0)) {
			MUST(f.ex == EX_DATAERR && f.text[0] != '\0');
			goto out;
		}
		if (to == NULL || want > n) {
			rc = to != NULL;
			goto out;
		}
		MUST(want <= PACK_RECORD_MAX);
		memcpy(to, p, want);
		p += want;
		n -= want;
	}
out:
	unpack_delete(u);
	return rc;
}

/* Packs the text and looks whether it comes back, when it can be packed. */
static void
again(const char *text, size_t n)
{
	struct buf packed = { 0 }, back = { 0 };
	struct fault f = { 0 };
	struct pack *p;

	MUST(pack_new(&p, &f) == 0);
	if (pack_put(p, text, n, &packed, &f) == 0 &&
	    pack_end(p, &packed, &f) == 0) {
		MUST(unpack((uint8_t *)packed.p, packed.len, &back) == 0);
		MUST(back.len == n && memcmp(back.p, text, n) == 0);
	} else {
		MUST(f.ex == EX_DATAERR && f.text[0] != '\0');
	}
	pack_delete(p);
	buf_free(&packed);
	buf_free(&back);
}

/* A mutation would never meet the checksum: it is put right in the records. */
static uint8_t *
mend(const uint8_t *p, size_t n)
{
	uint8_t *q = malloc(n + 1);
	size_t at = 8, len;

	MUST(q != NULL);
	memcpy(q, p, n);
	while (at + 9 <= n) {
		uint32_t c = UINT32_MAX;

		len = q[at + 1] | (size_t)q[at + 2] << 8 |
		    (size_t)q[at + 3] << 16 | (size_t)q[at + 4] << 24;
		if (len > n - at - 9)
			break;
		for (size_t i = 0; i < len; i++) {
			c ^= q[at + 9 + i];
			for (int k = 0; k < 8; k++)
				c = c & 1 ? c >> 1 ^ UINT32_C(0xedb88320) :
				    c >> 1;
		}
		for (int i = 0; i < 4; i++)
			q[at + 5 + (size_t)i] = (uint8_t)(~c >> 8 * i);
		at += 9 + len;
	}
	return q;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf b = { 0 };
	uint8_t *q;

	if (n > 0 && *p == 'D') {
		q = mend(p, n);
		if (unpack(q, n, &b) == 0)
			again(b.p, b.len);
		free(q);
	} else {
		MUST(buf_addf(&b, "%s\n", tick_header) == 0 &&
		    buf_add(&b, p, n) == 0);
		again(b.p, b.len);
	}
	buf_free(&b);
	return 0;
}

/* ---- seeds: rows of the frames, and these packed ---- */

static struct feed feed;
static struct buf all;

static void
frame(const void *p, size_t n)
{
	struct capture_frame c = { .recv_us = INT64_C(1795578300500001),
	    .conn = 1, .kind = CAPTURE_BINARY, .p = p, .len = n };

	(void)feed_frame(&feed, &c);
	if (feed.rows.len > 0)
		MUST(buf_add(&all, feed.rows.p, feed.rows.len) == 0);
	buf_reset(&feed.rows);
}

void
fuzz_seeds(fuzz_add *add)
{
	struct buf packed = { 0 };
	struct pack *p;
	struct fault f;

	MUST(feed_init(&feed, NULL, &f) == 0);
	for (int i = 0; i < 3; i++)	/* so that there is something before */
		seed_frames(frame);
	feed_free(&feed);
	add(all.p, all.len < 2000 ? all.len : 2000);
	MUST(pack_new(&p, &f) == 0);
	MUST(pack_put(p, tick_header, strlen(tick_header), &packed, &f) == 0 &&
	    pack_put(p, "\n", 1, &packed, &f) == 0 &&
	    pack_put(p, all.p, all.len, &packed, &f) == 0 &&
	    pack_put(p, "torn", 4, &packed, &f) == 0 &&
	    pack_end(p, &packed, &f) == 0);
	pack_delete(p);
	add(packed.p, packed.len);
	buf_free(&packed);
	buf_free(&all);
}
