/*
 * ring - the log of frames: against a plain array of all that was ever put
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ring.h"
#include "wsfs.h"

enum { FRAMES = 4000, ALL = 64 << 20 };

static uint8_t *all;			/* every byte that was put */
static uint64_t begins[FRAMES + 1];	/* of each frame, and the end */
static uint32_t seed;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 8) % n;
}

/* Text that ends as the log's does, and nowhere before. */
static void
fill_text(uint8_t *p, size_t n, enum ring_ends ends)
{
	size_t tail = ends == RING_BLANK ? 2 : 1;

	for (size_t i = 0; i < n; i++)
		p[i] = i + tail >= n || (ends == RING_BLANK && i > 0 &&
		    i + tail + 1 < n && p[i - 1] != '\n' && rnd(9) == 0) ?
		    '\n' : 'a';
}

static void
put(struct ring *r, size_t n, uint64_t low, uint64_t *lost)
{
	uint8_t head[WSFS_HEAD_MAX];
	size_t len = wsfs_head(head, WSF_TEXT, false, n);
	uint64_t at = r->head;

	if (r->ends != RING_FRAMES) {
		len = 0;
		n += 3;
	}
	assert_int_equal(ring_room(r, len + n, low, lost), 0);
	memcpy(all + at, head, len);
	for (size_t i = 0; i < n; i++)
		all[at + len + i] = (uint8_t)rnd(256);
	if (r->ends != RING_FRAMES)
		fill_text(all + at, n, r->ends);
	begins[r->frames] = at;
	/* the version of a frame is ten times its number */
	ring_put(r, head, len, all + at + len, n, r->frames * 10);
	begins[r->frames] = r->head;
	assert_int_equal(r->head, at + len + n);
	assert_int_equal(r->last, at);
}

static void
same(const struct ring *r, uint64_t from, uint64_t to)
{
	struct iovec iov[2];
	int n = ring_iov(r, from, to, iov);

	for (int i = 0; i < n; from += iov[i++].iov_len)
		assert_memory_equal(iov[i].iov_base, all + from,
		    iov[i].iov_len);
	assert_int_equal(from, to);
}

/* What ring_next() must find. */
static void
next_is(const struct ring *r, uint64_t at)
{
	struct ring_mark m = ring_next(r, at);
	uint64_t i = 0;

	while (i < r->frames && begins[i] < at)
		i++;
	assert_int_equal(m.at, begins[i]);
	assert_int_equal(m.frame, i);
	assert_true(m.version <= i * 10);
	assert_true(m.at > at || i == r->frames || m.version + 10 * RING_CARD /
	    2 > i * 10);	/* a frame of the same card */
}

/* Frames of up to most bytes past readers of whom the slowest is overtaken. */
static void
run(size_t max, uint32_t most, int frames, enum ring_ends ends)
{
	struct ring r;
	uint64_t low = 0, lost;

	ring_init(&r, max);
	r.ends = ends;
	for (int i = 0; i < frames; i++) {
		size_t n = rnd(4) == 0 ? rnd(most) : rnd(most < 600 ? most :
		    600);

		put(&r, n, low, &lost);
		assert_true(r.cap <= max || r.cap < 2 * (most + 20 + RING_CARD));
		if (low < lost)
			low = lost;	/* who was there is behind */
		if (rnd(40) == 0)
			low = r.head;
		assert_true(low >= r.tail);
		same(&r, low, r.head);
		next_is(&r, low);
		for (int k = 0; k < 8; k++)
			next_is(&r, low + rnd((uint32_t)(r.head - low) + 1));
	}
	same(&r, r.tail, r.head);
	ring_forget(&r);
	assert_int_equal(r.cap, 0);
	assert_int_equal(ring_next(&r, r.head).frame, frames);
	put(&r, 100, r.head, &lost);
	same(&r, r.last, r.head);
	next_is(&r, r.last);
	ring_free(&r);
}

static void
model(void **state)
{
	(void)state;
	all = malloc(ALL);
	assert_non_null(all);
	for (uint32_t i = 1; i <= 6; i++) {
		seed = i * 7919;
		for (enum ring_ends e = RING_FRAMES; e <= RING_BLANK; e++) {
			run(RING_MIN, 300, 1500, e);
			run(65536, 5000, 1500, e);
			run(65536, 90000, 300, e);	/* longer than the log */
		}
	}
	free(all);
}

/* Nobody is slow: the log stays as short as it began. */
static void
short_log(void **state)
{
	struct ring r;
	uint64_t lost;
	char text[300] = "";

	(void)state;
	ring_init(&r, 1 << 20);
	for (int i = 0; i < 10000; i++) {
		assert_int_equal(ring_room(&r, sizeof(text), r.head, &lost), 0);
		assert_true(lost <= r.head);
		ring_put(&r, "\x81\x7e\x01\x28", 4, text, 296, 0);
	}
	assert_int_equal(r.cap, RING_MIN);
	/* One is: it grows up to its bound, and he is lost then. */
	for (uint64_t low = r.head;; ) {
		assert_int_equal(ring_room(&r, sizeof(text), low, &lost), 0);
		if (lost > low)
			break;
		ring_put(&r, "\x81\x7e\x01\x28", 4, text, 296, 0);
	}
	assert_int_equal(r.cap, 1 << 20);
	ring_free(&r);
	ring_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(model),
		cmocka_unit_test(short_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
