/*
 * num - strict numbers: the whole string or nothing
 *
 * No blanks, no "+", no trailing text; a value outside of the range is an
 * error.  On -1 *out is left alone.
 */
#ifndef NUM_H
#define NUM_H

#include <stdbool.h>
#include <stdint.h>

enum { E7 = 10000000 };		/* units of 1e-7 in one: prices, strikes */

int	num_i64(const char *s, int64_t min, int64_t max, int64_t *out);
int	num_u32(const char *s, uint32_t *out);
/* A finite decimal as double, e.g. an option's argument; "nan" and hex are
 * refused. */
int	num_double(const char *s, double min, double max, double *out);
/* "12", "-0.05", "26310.55": decimal to units of 1e-7; more than 7 decimals
 * are refused unless they are zeros. */
int	num_e7(const char *s, int64_t *out);
/* Is it a number as JSON has it (RFC 8259, section 6)? */
bool	num_json(const char *s);

/*
 * The same for fields of rows, which end in a tab, a newline or NUL: gives that
 * end, or NULL.  An integer of up to 18 digits; a decimal as the nearest double,
 * as num_double() but faster.
 */
const char *num_field_i64(const char *s, int64_t *out);
const char *num_field_double(const char *s, double *out);

#endif
