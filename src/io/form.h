/*
 * form - what requests carry: form bodies, cookies; and the way back
 */
#ifndef FORM_H
#define FORM_H

#include <stddef.h>

#include "buf.h"

/* A field of an application/x-www-form-urlencoded text, decoded, into out: 1;
 * 0 not there; -1 it does not fit, or has a NUL or a broken escape in it. */
int	form_get(const char *text, const char *name, char *out, size_t size);
/* A cookie of a Cookie header, as it is: 1, 0, or -1 it does not fit. */
int	form_cookie(const char *header, const char *name, char *out,
	    size_t size);
/* Appends s percent-encoded: all but letters, digits and "-._~".  0, or -1 with
 * ENOMEM. */
int	form_escape(struct buf *b, const char *s);

#endif
