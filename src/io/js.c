#include <jansson.h>
#include <string.h>

#include "js.h"

/* struct js is never defined: the pointers are jansson's. */
static const json_t *
j(const struct js *v)
{
	return (const json_t *)v;
}

struct js *
js_parse(const char *text, size_t len, struct fault *f)
{
	json_error_t e;
	json_t *doc;
	char *near;

	doc = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);
	if (doc == NULL) {
		/* What it is near to may be a secret with a quote in it. */
		if ((near = strstr(e.text, " near '")) != NULL)
			*near = '\0';
		fault_set(f, EX_DATAERR, "not JSON: line %d, column %d: %s",
		    e.line, e.column, e.text);
	}
	return (struct js *)doc;
}

void
js_free(struct js *doc)
{
	json_decref((json_t *)doc);
}

const struct js *
js_get(const struct js *v, const char *key)
{
	return (const struct js *)json_object_get(j(v), key);
}

const struct js *
js_at(const struct js *v, size_t i)
{
	return (const struct js *)json_array_get(j(v), i);
}

size_t
js_len(const struct js *v)
{
	return json_is_array(j(v)) ? json_array_size(j(v)) :
	    json_object_size(j(v));
}

const char *
js_str(const struct js *v)
{
	const char *s = json_string_value(j(v));

	/* A NUL inside would hide what follows it. */
	return s != NULL && strlen(s) == json_string_length(j(v)) ? s : NULL;
}

int
js_int(const struct js *v, int64_t *out)
{
	if (!json_is_integer(j(v)))
		return -1;
	*out = json_integer_value(j(v));
	return 0;
}

int
js_double(const struct js *v, double *out)
{
	if (!json_is_number(j(v)))
		return -1;
	*out = json_number_value(j(v));
	return 0;
}

bool
js_true(const struct js *v)
{
	return json_is_true(j(v));
}

const char *
js_type(const struct js *v)
{
	if (v == NULL)
		return "nothing";
	switch (json_typeof(j(v))) {
	case JSON_OBJECT:
		return "object";
	case JSON_ARRAY:
		return "array";
	case JSON_STRING:
		return "string";
	case JSON_INTEGER:
		return "integer";
	case JSON_REAL:
		return "real";
	case JSON_TRUE:
	case JSON_FALSE:
		return "boolean";
	default:
		return "null";
	}
}

void
js_each(const struct js *v,
    void (*fn)(const char *key, const struct js *v, void *arg), void *arg)
{
	json_t *o = (json_t *)j(v);	/* jansson's iterators want no const */

	for (void *i = json_object_iter(o); i != NULL;
	    i = json_object_iter_next(o, i))
		fn(json_object_iter_key(i),
		    (const struct js *)json_object_iter_value(i), arg);
}

int
js_addn(struct buf *b, const char *s, size_t n)
{
	const size_t before = b->len;
	const char *end = s + n;
	int rc = buf_add(b, "\"", 1);

	for (; rc == 0 && s < end; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			rc = buf_addf(b, "\\%c", c);
		else if (c < ' ')
			rc = buf_addf(b, "\\u%04x", c);
		else
			rc = buf_add(b, s, 1);
	}
	if (rc == 0)
		rc = buf_add(b, "\"", 1);
	if (rc != 0 && b->p != NULL)
		b->p[b->len = before] = '\0';
	return rc;
}

int
js_add(struct buf *b, const char *s)
{
	return js_addn(b, s, strlen(s));
}
