/*
 * zst - what is packed reads back, and nothing else passes for it
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "buf.h"
#include "file.h"
#include "zst.h"

static char dir[] = "/tmp/das-zst.XXXXXX";
static char raw[64], packed[64], other[64];
static struct fault f;

static void
put(const char *path, const void *p, size_t n)
{
	FILE *fp = fopen(path, "w");

	assert_non_null(fp);
	assert_int_equal(fwrite(p, 1, n, fp), n);
	assert_int_equal(fclose(fp), 0);
}

/* Packs n bytes that are neither all alike nor all different. */
static void
pack(size_t n)
{
	unsigned char *p = malloc(n + 1);
	struct file out;
	uint64_t len;

	assert_non_null(p);
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(i * i >> 7 ^ i % 13);
	put(raw, p, n);
	free(p);
	assert_int_equal(file_begin(&out, packed, 0600, &f), 0);
	assert_int_equal(zst_pack(raw, out.fp, &len, &f), 0);
	assert_int_equal(len, n);
	assert_int_equal(file_commit(&out, &f), 0);
}

/* Reads the whole, and with it checks the checksum: its length into *len. */
static int
reads(const char *path, uint64_t *len)
{
	char block[5000];
	struct zst *z;
	ssize_t n;

	*len = 0;
	if (zst_open(&z, path, &f) != 0)
		return -1;
	while ((n = zst_read(z, block, sizeof(block), &f)) > 0)
		*len += (uint64_t)n;
	zst_close(z);
	return n == 0 ? 0 : -1;
}

static void
reads_back(void **state)
{
	static const size_t size[] = { 0, 1, 1000, 262144, 262145, 3000000 };

	(void)state;
	for (size_t i = 0; i < sizeof(size) / sizeof(*size); i++) {
		uint64_t len;

		pack(size[i]);
		assert_int_equal(zst_same(packed, raw, &f), 1);
		assert_int_equal(reads(packed, &len), 0);
		assert_int_equal(len, size[i]);
	}
}

static void
sees_any_difference(void **state)
{
	struct buf b = { 0 };

	(void)state;
	pack(600000);
	assert_int_equal(file_slurp(raw, 1 << 20, &b, &f), 0);
	for (size_t at = 0; at < b.len; at += 99999) {
		b.p[at] ^= 1;
		put(other, b.p, b.len);
		assert_int_equal(zst_same(packed, other, &f), 0);
		b.p[at] ^= 1;
	}
	put(other, b.p, b.len - 1);
	assert_int_equal(zst_same(packed, other, &f), 0);
	assert_int_equal(buf_add(&b, "x", 1), 0);
	put(other, b.p, b.len);
	assert_int_equal(zst_same(packed, other, &f), 0);
	buf_free(&b);
}

/* Every shorter file, and one with a changed byte. */
static void
refuses_damage(void **state)
{
	struct buf b = { 0 };
	uint64_t len;

	(void)state;
	pack(5000);
	assert_int_equal(file_slurp(packed, 1 << 20, &b, &f), 0);
	for (size_t n = 0; n < b.len; n++) {
		put(other, b.p, n);
		assert_int_equal(reads(other, &len), -1);
		assert_int_equal(f.ex, EX_DATAERR);
		assert_non_null(strstr(f.text, other));
		assert_int_equal(zst_same(other, raw, &f), -1);
	}
	/* Behind the magic number and the frame's description. */
	for (size_t at = 8; at < b.len; at += 7) {
		b.p[at] ^= 0x10;
		put(other, b.p, b.len);
		assert_int_not_equal(zst_same(other, raw, &f), 1);
		b.p[at] ^= 0x10;
	}
	put(other, "no zstd at all", 14);
	assert_int_equal(reads(other, &len), -1);
	assert_int_equal(f.ex, EX_DATAERR);
	buf_free(&b);
}

static void
is_what_zstd_writes(void **state)
{
	char cmd[512];

	(void)state;
	if (system("command -v zstd >/dev/null") != 0) {
		puts("# no zstd: left out");	/* skip() is no TAP */
		return;
	}
	pack(300000);
	snprintf(cmd, sizeof(cmd), "zstd -dcq %s | cmp - %s", packed, raw);
	assert_int_equal(system(cmd), 0);
	/* two frames are one file */
	snprintf(cmd, sizeof(cmd), "zstd -cq %s >>%s; cat %s %s >%s", raw,
	    packed, raw, raw, other);
	assert_int_equal(system(cmd), 0);
	assert_int_equal(zst_same(packed, other, &f), 1);
}

static void
says_what_is_missing(void **state)
{
	uint64_t len;

	(void)state;
	assert_int_equal(unlink(packed), 0);
	assert_int_equal(reads(packed, &len), -1);
	assert_int_equal(f.ex, EX_NOINPUT);
	assert_int_equal(zst_pack(packed, stdout, &len, &f), -1);
	assert_int_equal(f.ex, EX_NOINPUT);
	assert_int_equal(zst_same(raw, packed, &f), -1);
	assert_int_equal(f.ex, EX_NOINPUT);
}

static int
set_up(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(raw, sizeof(raw), "%s/raw", dir);
	snprintf(packed, sizeof(packed), "%s/packed", dir);
	snprintf(other, sizeof(other), "%s/other", dir);
	return 0;
}

static int
tear_down(void **state)
{
	char cmd[64];

	(void)state;
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_back),
		cmocka_unit_test(sees_any_difference),
		cmocka_unit_test(refuses_damage),
		cmocka_unit_test(is_what_zstd_writes),
		cmocka_unit_test(says_what_is_missing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
