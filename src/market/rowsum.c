#include <stdio.h>
#include <string.h>

#include "crc.h"
#include "num.h"
#include "rowsum.h"
#include "valsum.h"

enum {
	FIELD_MAX = 128		/* longest that is a number; ours have 24 bytes */
};

/* The columns, and how many decimals they have. */
enum { PLAIN = -1 /* as it stands */, OI = -2, TIME = -3 };
#define LEVEL(s, i) \
	{ s "q" i, PLAIN }, { s "p" i, 2 }, { s "o" i, PLAIN }
#define SIDE(s) \
	LEVEL(s, "0"), LEVEL(s, "1"), LEVEL(s, "2"), LEVEL(s, "3"), LEVEL(s, "4")
static const struct {
	const char	*name;
	int		 as;
} column[ROWSUM_NCOL] = {
	{ "timestamp", TIME }, { "price", 2 }, { "qty", PLAIN },
	{ "avgPrice", 2 }, { "volume", PLAIN }, { "bQty", PLAIN },
	{ "sQty", PLAIN }, { "open", 2 }, { "high", 2 }, { "low", 2 },
	{ "close", 2 }, { "changeper", 10 }, { "lastTradeTime", TIME },
	{ "oi", OI }, { "oiHigh", OI }, { "oiLow", OI },
	SIDE("b"), SIDE("s")
};

int
rowsum_head(struct rowsum *r, struct tsv *t, struct fault *f)
{
	for (int i = 0; i < ROWSUM_NCOL; i++)
		if ((r->field[i] = tsv_col(t, column[i].name)) == -1)
			return fault_set(f, EX_DATAERR, "no column %s",
			    column[i].name);
	return 0;
}

/* Adds one to the last digit of a number of n characters; true when it became
 * one digit longer, of which the first is then missing. */
static bool
add_one(char *s, size_t n)
{
	while (n-- > 0) {
		if (s[n] == '.')
			continue;
		if (s[n] != '9') {
			s[n]++;
			return false;
		}
		s[n] = '0';
	}
	return true;
}

/* A decimal number with so many decimals, into out (FIELD_MAX + 16 bytes); its
 * length.  What is no number stays as it is. */
static size_t
put_decimal(char *out, const char *s, size_t len, int decimals)
{
	bool minus = *s == '-', nil;
	const char *p = s + minus;
	size_t whole = strspn(p, "0123456789"), have = 0, n, take;
	char *q = out + 2;		/* room for a minus and a 1 */

	if (p[whole] == '.')
		have = strspn(p + whole + 1, "0123456789");
	if (whole == 0 || len > FIELD_MAX ||
	    p[whole + (have > 0 ? have + 1 : 0)] != '\0') {
		len = len > FIELD_MAX ? FIELD_MAX : len;
		memcpy(out, s, len);
		return len;
	}
	take = have < (size_t)decimals ? have : (size_t)decimals;
	memcpy(q, p, whole);
	q[whole] = '.';
	memcpy(q + whole + 1, p + whole + 1, take);
	memset(q + whole + 1 + take, '0', (size_t)decimals - take);
	n = whole + 1 + (size_t)decimals;
	if (have > take && p[whole + 1 + take] >= '5' && add_one(q, n)) {
		*--q = '1';
		n++;
	}
	q[n] = '\0';
	nil = strspn(q, "0.") == n;
	if (minus && !nil) {
		*--q = '-';
		n++;
	}
	memmove(out, q, n);
	return n;
}

/* A value of a column, into out (FIELD_MAX + 16 bytes); its length. */
static size_t
put_value(const struct rowsum *r, char *out, const char *s, int as)
{
	size_t len = strlen(s);
	int64_t v;

	if (as >= 0 && !tsv_null(s)) {
		const char *dot = memchr(s, '.', len);

		/* most have as many as they must */
		if (dot == NULL || s + len - dot - 1 != as || *s == '-' ||
		    len > FIELD_MAX)
			return put_decimal(out, s, len, as);
	}
	if (as == OI && r->cut_oi && num_i64(s, INT32_MAX, INT64_MAX, &v) == 0)
		return (size_t)snprintf(out, FIELD_MAX, "%d", INT32_MAX);
	len = len > FIELD_MAX ? FIELD_MAX : len;
	memcpy(out, s, len);
	return len;
}

/* The sum with a value of a column; what is no number is a text. */
static uint64_t
add_value(uint64_t h, const char *s, int as)
{
	int64_t n;
	double v;

	if (tsv_null(s))
		return valsum_null(h);
	if (as >= 0 && num_field_double(s, &v) != NULL)
		return valsum_real(h, v);
	if (as != TIME && num_field_i64(s, &n) != NULL)
		return valsum_int(h, n);
	return valsum_text(h, s, strlen(s));
}

static uint32_t
of_values(const struct rowsum *r, char *const *field, int n)
{
	uint64_t h = VALSUM_BEGIN;

	for (int i = 0; i < n; i++)
		h = add_value(h, field[r->field[i]], column[i].as);
	return valsum_end(h);
}

uint32_t
rowsum_of(const struct rowsum *r, char *const *field, int n)
{
	char text[ROWSUM_NCOL * (FIELD_MAX + 16)], *p = text;

	if (r->values)
		return of_values(r, field, n);
	for (int i = 0; i < n; i++) {
		if (i > 0)
			*p++ = '\t';
		p += put_value(r, p, field[r->field[i]], column[i].as);
	}
	return crc32_add(0, text, (size_t)(p - text));
}
