/* One-time passwords against RFC 6238, sums against FIPS 180. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sum.h"
#include "totp.h"

/* "12345678901234567890", the seed of RFC 6238, appendix B */
#define SEED "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

static void
codes(void **state)
{
	static const struct { int64_t at; const char *code; } rfc[] = {
		{ 59, "287082" }, { 1111111109, "081804" },
		{ 1111111111, "050471" }, { 1234567890, "005924" },
		{ 2000000000, "279037" }, { 20000000000, "353130" },
	};
	struct totp t;
	struct fault f;
	char code[TOTP_CODE];

	(void)state;
	assert_int_equal(totp_seed(&t, SEED, &f), 0);
	for (size_t i = 0; i < sizeof(rfc) / sizeof(*rfc); i++) {
		assert_int_equal(totp_code(&t, rfc[i].at, code), 0);
		assert_string_equal(code, rfc[i].code);
	}
	assert_int_equal(totp_left(59), 1);
	assert_int_equal(totp_left(60), 30);
	assert_int_equal(totp_left(61), 29);
}

static void
checks(void **state)
{
	struct totp t;
	struct fault f;

	(void)state;
	assert_int_equal(totp_seed(&t, SEED, &f), 0);
	assert_true(totp_check(&t, 59, 0, "287082"));
	assert_false(totp_check(&t, 60, 0, "287082"));
	assert_true(totp_check(&t, 60, 1, "287082"));
	assert_true(totp_check(&t, 29, 1, "287082"));
	assert_false(totp_check(&t, 90, 1, "287082"));
	assert_false(totp_check(&t, 59, 1, "287083"));
	assert_false(totp_check(&t, 59, 1, "28708"));
	assert_false(totp_check(&t, 59, 1, "2870820"));
	assert_false(totp_check(&t, 59, 1, ""));
	totp_wipe(&t);
	assert_int_equal(t.len, 0);
}

static void
seeds(void **state)
{
	static const char *const good[] = {
		"gezdgnbvgy3tqojqgezdgnbvgy3tqojq",
		"GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
		" gezd-gnbv-gy3t-qojq-gezd-gnbv-gy3t-qojq ",
		SEED "====",
	};
	static const char *const bad[] = {
		"", "Your_TOTP_seed", "GEZDGNBV", "GEZD0NBVGY3TQOJQ",
		"GEZDGNBVGY3TQOJ1", "GEZDGNBVGY3TQOJQ=A", "123456",
	};
	char code[TOTP_CODE], longest[1000];
	struct totp t;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(totp_seed(&t, good[i], &f), 0);
		assert_int_equal(totp_code(&t, 59, code), 0);
		assert_string_equal(code, "287082");
	}
	/* 26 letters: no whole number of eights, and no padding */
	assert_int_equal(totp_seed(&t, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", &f), 0);
	assert_int_equal(t.len, 16);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(totp_seed(&t, bad[i], &f), -1);
		assert_int_equal(f.ex, EX_CONFIG);
		if (*bad[i] != '\0')
			assert_null(strstr(f.text, bad[i]));
	}
	memset(longest, 'A', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(totp_seed(&t, longest, &f), -1);
}

static void
sums(void **state)
{
	static const char abc[] = "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad";
	static const char empty[] = "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855";
	char path[] = "/tmp/das-sum-XXXXXX", hex[SUM_HEX];
	int fd = mkstemp(path);
	struct sum *s;
	struct fault f;
	uint64_t size = 1;

	(void)state;
	assert_int_equal(sum_bytes("abc", 3, hex), 0);
	assert_string_equal(hex, abc);
	assert_non_null(s = sum_new());
	sum_add(s, "a", 1);
	sum_add(s, "bc", 2);
	assert_int_equal(sum_end(s, hex), 0);
	assert_string_equal(hex, abc);
	assert_int_equal(sum_end(NULL, hex), -1);

	assert_int_not_equal(fd, -1);
	assert_int_equal(sum_file(path, hex, &size, &f), 0);
	assert_string_equal(hex, empty);
	assert_int_equal(size, 0);
	assert_int_equal(write(fd, "abc", 3), 3);
	assert_int_equal(sum_file(path, hex, &size, &f), 0);
	assert_string_equal(hex, abc);
	assert_int_equal(size, 3);
	close(fd);
	unlink(path);
	assert_int_equal(sum_file(path, hex, NULL, &f), -1);
	assert_int_equal(f.ex, EX_NOINPUT);
	assert_int_equal(sum_file("/tmp", hex, NULL, &f), -1);
	assert_int_equal(f.ex, EX_IOERR);
	assert_true(sum_equal("abc", "abd", 2));
	assert_false(sum_equal("abc", "abd", 3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes),
		cmocka_unit_test(checks),
		cmocka_unit_test(seeds),
		cmocka_unit_test(sums),
	};

	return cmocka_run_group_tests_name("totp", tests, NULL, NULL);
}
