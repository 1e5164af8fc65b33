/*
 * js - JSON from outside, read with distrust (jansson)
 *
 * A struct js is a value inside a document; values live as long as the
 * document that js_parse() gave.  Every getter accepts NULL and a value of
 * another type and then gives "not there", so that a chain of them needs one
 * check at its end.
 */
#ifndef JS_H
#define JS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "fault.h"

struct js;

/* The document in text[len]; duplicate keys are refused.  NULL and EX_DATAERR
 * with line and column when it is not JSON.  End with js_free(). */
struct js *js_parse(const char *text, size_t len, struct fault *f);
void	 js_free(struct js *doc);

const struct js *js_get(const struct js *v, const char *key);	/* member */
const struct js *js_at(const struct js *v, size_t i);	/* array element */
size_t	 js_len(const struct js *v);		/* elements or members, else 0 */
const char *js_str(const struct js *v);		/* NULL: not a string */
int	 js_int(const struct js *v, int64_t *out);	/* -1: no integer */
int	 js_double(const struct js *v, double *out); /* -1: no number */
bool	 js_true(const struct js *v);
/* "object", "array", "string", "integer", "real", "boolean", "null", or
 * "nothing" for NULL. */
const char *js_type(const struct js *v);
/* Calls fn for every member of an object, in the order of the text. */
void	 js_each(const struct js *v,
	    void (*fn)(const char *key, const struct js *v, void *arg),
	    void *arg);

/* Appends s as a JSON string, quotes included: 0, or -1 with ENOMEM and b as it
 * was. */
int	 js_add(struct buf *b, const char *s);
int	 js_addn(struct buf *b, const char *s, size_t n);	/* with NULs */

#endif
