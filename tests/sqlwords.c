/* Names in SQL, also in what is hardly SQL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqlwords.h"

/* "a b. c": the words of a statement, those before a dot with one. */
static const char *
words(const char *sql)
{
	static char out[4096];
	const char *p = sql;
	struct sqlword w;
	size_t n = 0;

	out[0] = '\0';
	while (sqlword_next(&p, &w) == 1) {
		assert_true(w.p >= sql && w.p + w.len <= sql + strlen(sql));
		assert_ptr_equal(w.p + w.len, p);
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s%s",
		    n > 0 ? " " : "", w.name, w.dot ? "." : "");
	}
	assert_int_equal(*p, '\0');
	return out;
}

static void
finds_names(void **state)
{
	static const struct { const char *sql, *want; } t[] = {
		{ "", "" }, { " \n", "" }, { "SELECT 1", "SELECT" },
		{ "a.b", "a. b" }, { "a . b", "a. b" }, { "a/* . */.b", "a. b" },
		{ "a -- x.y\n.b", "a. b" }, { "a -- x.y", "a" },
		{ "\"a b\".[c d].`e f`", "a b. c d. e f" },
		{ "\"a\"\"b\"", "a\"b" }, { "`a``b`", "a`b" },
		{ "'a.b' c", "c" }, { "'it''s' c", "c" },
		{ "1.5e3 x1 1x", "x1" }, { "$a _b c$d", "$a _b c$d" },
		{ "f(x,y)>z", "f x y z" }, { "a.b.c", "a. b. c" },
		/* without an end */
		{ "'a.b", "" }, { "\"a", "" }, { "[a", "" }, { "a /* b", "a" },
		{ "\"", "" }, { "`", "" }, { "[", "" }, { "'", "" }, { "/*", "" },
		{ "--", "" }, { "\"\"", "" }, { "a.", "a." }, { "/", "" },
		{ "-", "" }, { "\xff\xfe", "\xff\xfe" }
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++)
		assert_string_equal(words(t[i].sql), t[i].want);
}

/* A name that is too long is none; no text makes it read beyond its end. */
static void
is_bounded(void **state)
{
	static const char some[] = "\"`['a.1-/* \n]";
	char name[200], *text;

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[79] = '\0';
	assert_string_equal(words(name), name);
	name[79] = 'a';
	name[80] = '\0';
	assert_string_equal(words(name), "");
	srand(1);
	for (int i = 0; i < 20000; i++) {
		size_t n = (size_t)rand() % 40;

		text = malloc(n + 1);	/* exactly: what is beyond is found */
		assert_non_null(text);
		for (size_t k = 0; k < n; k++)
			text[k] = some[(size_t)rand() % (sizeof(some) - 1)];
		text[n] = '\0';
		(void)words(text);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_names),
		cmocka_unit_test(is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
