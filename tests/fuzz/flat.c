/*
 * flat - a JSON object of texts and numbers: what jansson takes for one, flat
 * takes too, with the same texts
 */
#include <stdbool.h>
#include <string.h>

#include "flat.h"
#include "fuzz.h"
#include "js.h"

static bool nested;

static void
look(const char *key, const struct js *v, void *arg)
{
	(void)key;
	(void)arg;
	if (strcmp(js_type(v), "object") == 0 || strcmp(js_type(v), "array") == 0)
		nested = true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	/* jansson takes a zero byte for the end of a number */
	struct js *doc = memchr(p, 0, n) != NULL ? NULL :
	    js_parse((const char *)p, n, NULL);
	char *text = malloc(n + 1);
	struct flat_member m;
	enum flat_kind kind;
	struct flat o;
	size_t members = 0;
	const char *s;

	MUST(text != NULL);
	memcpy(text, p, n);
	flat_open(&o, text, n);
	while ((kind = flat_next(&o, &m)) > FLAT_END) {
		MUST(m.key > text && m.value + m.len <= text + n);
		MUST(m.value[m.len] == '\0');
		members++;
		if (kind == FLAT_TEXT && doc != NULL &&
		    (s = js_str(js_get(doc, m.key))) != NULL)
			MUST(strlen(s) == m.len && memcmp(s, m.value,
			    m.len) == 0);
	}
	nested = false;
	js_each(doc, look, NULL);
	if (doc != NULL && strcmp(js_type(doc), "object") == 0 && !nested)
		MUST(kind == FLAT_END && members == js_len(doc));
	free(text);
	js_free(doc);
	return 0;
}

void
fuzz_seeds(fuzz_add *add)
{
	static const char *const text[] = {
		"{}", "{\"symbol\":\"NIFTY06JAN2626500CE\",\"token\":\"11059714\","
		"\"ts\":\"2026-01-02T08:13:05+00:00\",\"ltp\":81.5,\"bid\":null,"
		"\"volume\":1234575,\"gamma\":1.1e-3,\"seq\":7}",
		" { \"a\" : \"\\u00e9\\ud83d\\ude00\\n\\\"\\\\\\/\" , \"b\" : "
		"-0.5E+7 , \"c\" : true,\"d\":false } ",
		"{\"a\":{\"b\":[1,2]}}", "{\"a\":\"\\u0000\"}", "{\"a\":01}"
	};

	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++)
		add(text[i], strlen(text[i]));
}
