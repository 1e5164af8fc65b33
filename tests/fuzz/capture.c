/*
 * capture - a file of raw frames, damaged anyhow: it reads up to its last whole
 * frame, and a writer that goes on behind that loses none of them
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture.h"
#include "fuzz.h"

/* The input as a file without a place on a disk. */
static int
in_memory(const uint8_t *p, size_t n, char *path, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	MUST(fd != -1 && write(fd, p, n) == (ssize_t)n);
	snprintf(path, size, "/proc/self/fd/%d", fd);
	return fd;
}

/* All frames of a file, put again into b; how it ended: 0, or -1. */
static int
read_all(const char *path, struct buf *b, size_t *frames, size_t max)
{
	struct capture_frame c;
	struct capture_r r;
	struct fault f = { 0 };
	int rc;

	*frames = 0;
	if (capture_r_open(&r, path, &f) != 0) {
		MUST(f.text[0] != '\0');
		return -1;
	}
	while ((rc = capture_next(&r, &c, &f)) == 1) {
		MUST(c.len <= CAPTURE_FRAME_MAX && c.len <= max);
		MUST(c.p[c.len] == '\0');
		MUST(capture_add(b, &c) == 0);
		++*frames;
	}
	MUST(rc == 0 || f.text[0] != '\0');
	capture_r_close(&r);
	return rc;
}

/* A writer opens it and appends a frame; the frames of before are still there,
 * and whole. */
static void
go_on(const char *path, const struct buf *was, size_t frames, size_t max)
{
	static const uint8_t last[] = { 0, 0 };
	struct capture_frame c = { .recv_us = 1, .conn = 1, .p = last,
	    .len = sizeof(last) };
	struct capture_w w;
	struct buf now = { 0 };
	struct fault f;
	size_t n;

	if (capture_w_open(&w, path, 0, &f) != 0)
		return;
	MUST(capture_put(&w, &c, &f) == 0);
	MUST(capture_w_close(&w, &f) == 0);
	MUST(read_all(path, &now, &n, max + sizeof(last)) == 0);
	MUST(n == frames + 1 && now.len > was->len);
	MUST(was->len == 0 || memcmp(now.p, was->p, was->len) == 0);
	buf_free(&now);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf b = { 0 };
	char path[64];
	size_t frames;
	int fd = in_memory(p, n, path, sizeof(path)), rc;

	rc = read_all(path, &b, &frames, n);
	MUST(b.len <= n);
	MUST(b.len == 0 || memcmp(b.p, p + 8, b.len) == 0);
	if (rc == 0)
		go_on(path, &b, frames, n);
	close(fd);
	buf_free(&b);
	return 0;
}

/* ---- seeds ---- */

static struct buf all;
static fuzz_add *give;

static void
frame(const void *p, size_t n)
{
	struct capture_frame c = { .recv_us = INT64_C(1795578300500001) +
	    (int64_t)all.len, .conn = 1, .p = p, .len = n };
	struct buf b = { 0 };

	MUST(buf_adds(&b, "DAScapt1") == 0 && capture_add(&b, &c) == 0);
	give(b.p, b.len);
	buf_free(&b);
	c.kind = all.len % 3 == 0 ? CAPTURE_TEXT : CAPTURE_BINARY;
	MUST(capture_add(&all, &c) == 0);
}

void
fuzz_seeds(fuzz_add *add)
{
	struct capture_frame opened = { .recv_us = 1, .conn = 1,
	    .kind = CAPTURE_OPEN, .p = (const uint8_t *)"" };

	give = add;
	MUST(buf_adds(&all, "DAScapt1") == 0);
	add(all.p, all.len);
	MUST(capture_add(&all, &opened) == 0);
	seed_frames(frame);
	add(all.p, all.len);
	buf_free(&all);
}
