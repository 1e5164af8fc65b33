/*
 * csv - rows from outside, well-behaved and not
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "csv.h"

static struct csv c;
static FILE *in;

static void
begin(const char *text, size_t n)
{
	in = tmpfile();
	assert_non_null(in);
	assert_int_equal(fwrite(text, 1, n, in), n);
	rewind(in);
	assert_int_equal(csv_open(&c, in, "x.csv"), 0);
}

static void
end(void)
{
	csv_close(&c);
	fclose(in);
}

#define BEGIN(s)	begin(s, sizeof(s) - 1)

static void
columns_by_name(void **state)
{
	(void)state;
	BEGIN("\xef\xbb\xbf,b,a,b\r\n0,1,2,3\r\n");
	assert_int_equal(csv_col(&c, "a"), 2);
	assert_int_equal(csv_col(&c, "b"), 1);
	assert_int_equal(csv_col(&c, ""), 0);
	assert_int_equal(csv_col(&c, "c"), -1);
	assert_int_equal(csv_next(&c), CSV_OK);
	assert_int_equal(c.nf, 4);
	assert_string_equal(c.f[2], "2");
	assert_int_equal(c.line, 2);
	assert_int_equal(csv_next(&c), CSV_END);
	assert_false(c.torn);
	assert_false(c.html);
	end();
}

static void
quotes(void **state)
{
	(void)state;
	BEGIN("a,b\n\"x, \"\"y\"\"\",\"1\n\n2\"\n\n  p  , q r \n");
	assert_int_equal(csv_next(&c), CSV_OK);
	assert_string_equal(c.f[0], "x, \"y\"");
	assert_string_equal(c.f[1], "1\n\n2");
	assert_int_equal(c.line, 2);
	assert_int_equal(csv_next(&c), CSV_OK);
	assert_string_equal(c.f[0], "p");
	assert_string_equal(c.f[1], "q r");
	assert_int_equal(c.line, 6);
	end();
}

static void
line_ends(void **state)
{
	(void)state;
	BEGIN("a,b\r1,2\r3,4\r\n5,\xc3\xa9\xff");
	assert_int_equal(csv_next(&c), CSV_OK);
	assert_string_equal(c.f[1], "2");
	assert_int_equal(csv_next(&c), CSV_OK);
	assert_string_equal(c.f[0], "3");
	assert_int_equal(c.line, 3);
	assert_false(c.torn);
	assert_int_equal(csv_next(&c), CSV_OK);
	assert_string_equal(c.f[1], "\xc3\xa9\xff");
	assert_true(c.torn);
	assert_int_equal(csv_next(&c), CSV_END);
	assert_int_equal(csv_next(&c), CSV_END);
	end();
}

static void
bad_rows(void **state)
{
	(void)state;
	BEGIN("a,b\n1\n1,2,3\n\"x\"y,2\n7,8\n");
	assert_int_equal(csv_next(&c), CSV_BAD);
	assert_string_equal(c.why, "fewer fields than columns");
	assert_int_equal(c.line, 2);
	assert_int_equal(csv_next(&c), CSV_BAD);
	assert_string_equal(c.why, "more fields than columns");
	assert_int_equal(csv_next(&c), CSV_BAD);
	assert_string_equal(c.why, "a quote inside of a field");
	assert_int_equal(c.line, 4);
	assert_int_equal(csv_next(&c), CSV_OK);
	assert_string_equal(c.f[0], "7");
	assert_int_equal(c.line, 5);
	end();
}

static void
no_csv(void **state)
{
	char *big;

	(void)state;
	BEGIN("");
	assert_int_equal(csv_col(&c, "a"), -1);
	assert_int_equal(csv_next(&c), CSV_FAIL);
	assert_string_equal(c.why, "is empty: no header line");
	end();
	BEGIN("\n <!DOCTYPE html>\n");
	assert_int_equal(csv_col(&c, "a"), -1);
	assert_true(c.html);
	end();
	BEGIN("a,b\n1,\0\n");
	assert_int_equal(csv_next(&c), CSV_FAIL);
	assert_int_equal(csv_next(&c), CSV_FAIL);
	assert_string_equal(c.why, "a NUL byte: no CSV");
	end();
	BEGIN("a,b\n1,2\n3,\"4\n5,6\n");
	assert_int_equal(csv_next(&c), CSV_OK);
	assert_int_equal(csv_next(&c), CSV_BAD);
	assert_string_equal(c.why, "a quote is not closed");
	assert_int_equal(c.line, 3);
	assert_int_equal(csv_next(&c), CSV_END);
	end();
	assert_non_null(big = malloc(2 * CSV_ROW));
	memset(big, '\n', 2 * CSV_ROW);
	memcpy(big, "a\n\"", 3);
	begin(big, 2 * CSV_ROW);
	assert_int_equal(csv_next(&c), CSV_FAIL);
	assert_int_equal(c.line, 2);
	assert_non_null(strstr(c.why, "too long"));
	end();
	memset(big, ',', CSV_COLS + 9);
	memcpy(big + CSV_COLS + 9, "\n", 1);
	begin(big, CSV_COLS + 10);
	assert_int_equal(csv_next(&c), CSV_FAIL);
	assert_string_equal(c.why, "too many columns");
	end();
	free(big);
}

/* What csv_field() writes comes back as it was. */
static void
there_and_back(void **state)
{
	static const char *const v[] = {
		"M&M", "", "a,b", "say \"x\"", "two\nlines", " blank ", "\t"
	};
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(buf_adds(&b, "h,h\n"), 0);
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		assert_int_equal(csv_field(&b, v[i]), 0);
		assert_int_equal(buf_adds(&b, ",x\n"), 0);
	}
	begin(b.p, b.len);
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		assert_int_equal(csv_next(&c), CSV_OK);
		assert_string_equal(c.f[0], v[i]);
	}
	assert_int_equal(csv_next(&c), CSV_END);
	end();
	buf_reset(&b);
	assert_int_equal(csv_field(&b, "M&M"), 0);
	assert_string_equal(b.p, "M&M");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest t[] = {
		cmocka_unit_test(columns_by_name),
		cmocka_unit_test(quotes),
		cmocka_unit_test(line_ends),
		cmocka_unit_test(bad_rows),
		cmocka_unit_test(no_csv),
		cmocka_unit_test(there_and_back),
	};

	return cmocka_run_group_tests(t, NULL, NULL);
}
