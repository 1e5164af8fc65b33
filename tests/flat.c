/*
 * flat.c - flat: what a JSON object of texts and numbers is, and what is none
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "flat.h"

/* The members as "key=kind:value ...", then what it ended with. */
static char *
members(const char *json)
{
	static char out[512];
	size_t n = strlen(json), at = 0;
	char *copy = malloc(n + 1);	/* so that a sanitizer sees its end */
	struct flat_member m;
	enum flat_kind kind;
	struct flat o;

	assert_non_null(copy);
	memcpy(copy, json, n);
	flat_open(&o, copy, n);
	while ((kind = flat_next(&o, &m)) > FLAT_END) {
		assert_int_equal(strlen(m.value), m.len);
		at += (size_t)snprintf(out + at, sizeof(out) - at, "%s=%d:%s ",
		    m.key, kind, m.value);
	}
	snprintf(out + at, sizeof(out) - at, "%d", kind);
	free(copy);
	return out;
}

static void
test_good(void **state)
{
	(void)state;
	assert_string_equal(members("{}"), "0");
	assert_string_equal(members(" { } \n"), "0");
	assert_string_equal(members("{\"a\":1,\"b\":\"x\",\"c\":null,"
	    "\"d\":true,\"e\":false}"), "a=2:1 b=1:x c=3:null d=4:true "
	    "e=4:false 0");
	assert_string_equal(members("{ \"a\" : -1.50e+7 , \"\" : \"\" }"),
	    "a=2:-1.50e+7 =1: 0");
	assert_string_equal(members("{\"a\":0,\"b\":-0.0,\"c\":10E5}"),
	    "a=2:0 b=2:-0.0 c=2:10E5 0");
}

static void
test_escapes(void **state)
{
	(void)state;
	assert_string_equal(members("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}"),
	    "a=1:\"\\/\b\f\n\r\t 0");
	assert_string_equal(members("{\"\\u0061\":\"\\u00e9\\u20AC"
	    "\\ud83d\\ude00x\"}"), "a=1:\xc3\xa9\xe2\x82\xac"
	    "\xf0\x9f\x98\x80x 0");
}

static void
test_bad(void **state)
{
	static const char *const bad[] = {
		"", " ", "[]", "{", "{\"a\"", "{\"a\":", "{\"a\":1",
		"{\"a\":\"", "{\"a\":\"x", "{\"a\":\"x\"", "{,}", "{\"a\":1,}",
		"{\"a\":1 \"b\":2}", "{\"a\":1}x", "{a:1}", "{'a':1}",
		"{\"a\":01}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}",
		"{\"a\":-}", "{\"a\":1e}", "{\"a\":nul}", "{\"a\":nullx}",
		"{\"a\":{}}", "{\"a\":[1]}", "{\"a\":\"\\x\"}",
		"{\"a\":\"\\\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\u12g4\"}",
		"{\"a\":\"\\ud800\"}", "{\"a\":\"\\ud800\\u0041\"}",
		"{\"a\":\"\\udc00\"}", "{\"a\":\"\t\"}", "{\"\\u0000\":1}",
		"{\"a\":NaN}", "{\"a\"}"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const char *s = members(bad[i]);

		if (strcmp(s + strlen(s) - 2, "-1") != 0)
			fail_msg("%s: %s", bad[i], s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
