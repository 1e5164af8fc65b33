#include <stdbool.h>
#include <string.h>

#include "crc.h"
#include "rowimage.h"

enum {
	DIGITS_MAX = 18,	/* of the whole part of a number */
	WORD = 1000000000,	/* a packed decimal has 9 digits in 4 bytes */
	IMAGE_MAX = 512		/* a row has some 320 bytes */
};

/* The columns (of rowsum.c, in that order), by type. */
enum type { TIME, PRICE, CHANGE, INT4, INT8, OI };
#define LEVEL	INT4, PRICE, INT4
#define SIDE	LEVEL, LEVEL, LEVEL, LEVEL, LEVEL
static const enum type type[ROWSUM_NCOL] = {
	TIME, PRICE, INT4, PRICE, INT8, INT4, INT4, PRICE, PRICE, PRICE, PRICE,
	CHANGE, TIME, OI, OI, OI, SIDE, SIDE
};

/* Two digits, whatever they are. */
static uint64_t
two(const char *s)
{
	return (uint64_t)(s[0] - '0') * 10 + (uint64_t)(s[1] - '0');
}

/* n bytes of v, the high one first. */
static uint8_t *
put_high(uint8_t *p, uint64_t v, int n)
{
	for (int i = n - 1; i >= 0; i--, v >>= 8)
		p[i] = (uint8_t)v;
	return p + n;
}

static uint8_t *
put_low(uint8_t *p, uint64_t v, int n)
{
	for (int i = 0; i < n; i++, v >>= 8)
		p[i] = (uint8_t)v;
	return p + n;
}

/* "2026-11-23 09:15:01": 17 bits of months and days, then as many of seconds. */
static uint8_t *
put_time(uint8_t *p, const char *s)
{
	uint64_t day, sec;

	if (strlen(s) != 19)
		return p;
	day = ((two(s) * 100 + two(s + 2)) * 13 + two(s + 5)) << 5 | two(s + 8);
	sec = two(s + 11) << 12 | two(s + 14) << 6 | two(s + 17);
	return put_high(p, UINT64_C(1) << 39 | day << 17 | sec, 5);
}

struct number { uint64_t whole, part; bool minus; };

/* A decimal number; part has so many digits of what is behind the point, rounded
 * half away from zero. */
static struct number
number(const char *s, int decimals)
{
	struct number n = { .minus = *s == '-' };
	int i = 0;

	s += n.minus;
	for (; *s >= '0' && *s <= '9' && i < DIGITS_MAX; s++, i++)
		n.whole = n.whole * 10 + (uint64_t)(*s - '0');
	if (*s == '.')
		s++;
	for (i = 0; i < decimals; i++) {
		n.part *= 10;
		if (*s >= '0' && *s <= '9')
			n.part += (uint64_t)(*s++ - '0');
	}
	if (*s >= '5' && *s <= '9') {
		uint64_t one = 1;

		for (; i > 0; i--)
			one *= 10;
		n.whole += n.part + 1 == one;
		n.part = (n.part + 1) % one;
	}
	n.minus &= n.whole != 0 || n.part != 0;
	return n;
}

/* DECIMAL(19,2), of 8 + 9 digits and 2, or (60,10), of 5 + 5 * 9 and 9 + 1, each
 * group in bytes of its own.  A negative one has every bit turned over, and every
 * one its first bit once more. */
static uint8_t *
put_decimal(uint8_t *p, const char *s, enum type as)
{
	struct number n = number(s, as == CHANGE ? 10 : 2);
	uint8_t *q = p;

	if (as == CHANGE)
		q = put_high(q, 0, 15);
	q = put_high(q, n.whole / WORD, 4);
	q = put_high(q, n.whole % WORD, 4);
	if (as == CHANGE) {
		q = put_high(q, n.part / 10, 4);
		n.part %= 10;
	}
	q = put_high(q, n.part, 1);
	for (uint8_t *b = p; n.minus && b < q; b++)
		*b = (uint8_t)~*b;
	*p ^= 0x80;
	return q;
}

static uint8_t *
put_value(const struct rowsum *r, uint8_t *p, const char *s, enum type as)
{
	struct number n;

	switch (as) {
	case TIME:
		return put_time(p, s);
	case PRICE:
	case CHANGE:
		return put_decimal(p, s, as);
	case INT4:
	case INT8:
	case OI:
		break;
	}
	n = number(s, 0);
	if (as == OI && r->cut_oi && !n.minus && n.whole > INT32_MAX)
		n.whole = INT32_MAX;
	return put_low(p, n.minus ? -n.whole : n.whole, as == INT4 ? 4 : 8);
}

uint32_t
rowimage_of(const struct rowsum *r, char *const *field, int n)
{
	uint8_t image[IMAGE_MAX] = { 1 }, *p = image + n / 8 + 1;

	/* timestamp is the key and cannot be null: it has no bit */
	for (int i = 0; i < n; i++) {
		const char *s = field[r->field[i]];

		if (!tsv_null(s))
			p = put_value(r, p, s, type[i]);
		else if (i > 0)
			image[i / 8] |= (uint8_t)(1 << i % 8);
	}
	image[n / 8] |= (uint8_t)(0xff << n % 8);
	return crc32_add(0, image, (size_t)(p - image));
}
