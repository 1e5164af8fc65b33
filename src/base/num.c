#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "num.h"

int
num_i64(const char *s, int64_t min, int64_t max, int64_t *out)
{
	uint64_t v = 0, limit;
	bool neg = *s == '-';
	const char *p = s + neg;

	if (*p == '\0')
		return -1;
	limit = neg ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
	for (; *p != '\0'; p++) {
		unsigned d = (unsigned)(*p - '0');

		if (d > 9 || v > (limit - d) / 10)
			return -1;
		v = v * 10 + d;
	}
	int64_t r = neg ? (int64_t)(0 - v) : (int64_t)v;
	if (r < min || r > max)
		return -1;
	*out = r;
	return 0;
}

int
num_u32(const char *s, uint32_t *out)
{
	int64_t v;

	if (num_i64(s, 0, UINT32_MAX, &v) != 0)
		return -1;
	*out = (uint32_t)v;
	return 0;
}

int
num_double(const char *s, double min, double max, double *out)
{
	char *end;
	double v;

	if (*s == '\0' || s[strspn(s, "0123456789.eE+-")] != '\0' || *s == '+')
		return -1;
	errno = 0;
	v = strtod(s, &end);
	if (*end != '\0' || end == s || errno != 0 || !isfinite(v) ||
	    v < min || v > max)
		return -1;
	*out = v;
	return 0;
}

int
num_e7(const char *s, int64_t *out)
{
	enum { WHOLE_MAX = 100000000 };	/* ten crore rupees: no price is higher */
	int64_t v = 0, unit = E7;
	bool neg = *s == '-';
	const char *p = s + neg;

	if (*p < '0' || *p > '9')
		return -1;
	for (; *p >= '0' && *p <= '9'; p++)
		if ((v = v * 10 + (*p - '0')) > WHOLE_MAX * INT64_C(100))
			return -1;
	v *= E7;
	if (*p == '.') {
		if (p[1] == '\0')
			return -1;
		for (p++; *p >= '0' && *p <= '9'; p++) {
			if ((unit /= 10) == 0 && *p != '0')
				return -1;
			v += (*p - '0') * unit;
		}
	}
	if (*p != '\0')
		return -1;
	*out = neg ? -v : v;
	return 0;
}

bool
num_json(const char *s)
{
	s += *s == '-';
	if (!isdigit((unsigned char)*s))
		return false;
	if (*s == '0')
		s++;
	else
		while (isdigit((unsigned char)*s))
			s++;
	if (*s == '.') {
		if (!isdigit((unsigned char)*++s))
			return false;
		while (isdigit((unsigned char)*s))
			s++;
	}
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '-' || *s == '+';
		if (!isdigit((unsigned char)*s))
			return false;
		while (isdigit((unsigned char)*s))
			s++;
	}
	return *s == '\0';
}

static bool
field_ends(char c)
{
	return c == '\t' || c == '\n' || c == '\0';
}

/* Digits from p on, behind those of *v; where they end.  With more than 19 in all
 * *v is of no use. */
static inline const char *
digits(const char *p, uint64_t *v)
{
	uint64_t n = *v;
	unsigned d;

	for (; (d = (unsigned)(unsigned char)*p - '0') <= 9; p++)
		n = n * 10 + d;
	*v = n;
	return p;
}

const char *
num_field_i64(const char *s, int64_t *out)
{
	const char *p = s + (*s == '-'), *end;
	uint64_t v = 0;

	end = digits(p, &v);
	if (end == p || end - p > 18 || !field_ends(*end))
		return NULL;
	*out = *s == '-' ? -(int64_t)v : (int64_t)v;
	return end;
}

/* Digits / 10^decimals with both exact in a double is the nearest double. Longer
 * ones, and what is no such decimal, go the slow way. */
const char *
num_field_double(const char *s, double *out)
{
	static const double ten[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
	    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
	const char *first = s + (*s == '-'), *p;
	ptrdiff_t n, decimals = 0;
	uint64_t m = 0;
	char copy[64];
	double v;

	p = digits(first, &m);
	n = p - first;
	if (*p == '.') {
		first = p + 1;
		p = digits(first, &m);
		decimals = p - first;
		n += decimals;
	}
	if (field_ends(*p) && n > 0 && n <= 15) {
		v = (double)m / ten[decimals];
		*out = *s == '-' ? -v : v;
		return p;
	}
	while (!field_ends(*p))
		p++;
	if ((size_t)(p - s) >= sizeof(copy))
		return NULL;
	memcpy(copy, s, (size_t)(p - s));
	copy[p - s] = '\0';
	return num_double(copy, -1e300, 1e300, out) == 0 ? p : NULL;
}
