/*
 * glob - patterns of symbols, and that none takes long
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clk.h"
#include "glob.h"

static void
pairs(void **state)
{
	static const struct { const char *pattern, *text; bool want; } t[] = {
		{ "", "", true }, { "", "a", false }, { "*", "", true },
		{ "*", "NIFTY 50", true }, { "?", "", false },
		{ "?", "a", true }, { "?", "ab", false },
		{ "NIFTY 50", "NIFTY 50", true },
		{ "NIFTY 50", "nifty 50", false },
		{ "NIFTY*CE", "NIFTY06JAN2626500CE", true },
		{ "NIFTY*CE", "NIFTY06JAN2626500PE", false },
		{ "NIFTY*CE", "BANKNIFTY06JAN2626500CE", false },
		{ "*NIFTY*", "BANKNIFTY06JAN2626500CE", true },
		{ "*?E", "E", false }, { "*?E", "CE", true },
		{ "a*b*c", "abbc", true }, { "a*b*c", "ab", false },
		{ "a**c", "ac", true }, { "a*c", "abcab", false },
		{ "*ab", "aab", true }, { "*aab", "aaab", true },
		{ "???", "ab", false }, { "[a]", "a", false },
		{ "[a]", "[a]", true }, { "\\*", "*", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++)
		if (glob_match(t[i].pattern, t[i].text) != t[i].want)
			fail_msg("'%s' of '%s'", t[i].pattern, t[i].text);
}

/* What takes 2^60 steps where each star is gone back to. */
static void
no_explosion(void **state)
{
	char pattern[121], text[61];
	int64_t from = clk_mono();

	(void)state;
	memset(text, 'a', 60);
	text[60] = '\0';
	for (int i = 0; i < 59; i++)
		memcpy(pattern + 2 * i, "*a", 2);
	memcpy(pattern + 118, "*b", 3);
	for (int i = 0; i < 1000; i++)
		assert_false(glob_match(pattern, text));
	assert_true(clk_mono() - from < 5 * US_PER_SEC);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs),
		cmocka_unit_test(no_explosion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
