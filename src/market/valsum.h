/*
 * valsum - a checksum of a row's values, one after the other
 *
 * Of what a value says, not of how it is kept: 100, 100.0 and "100.00" read as a
 * number are one, -0 is 0; a text, null and a number are different things.  Any
 * one value that is another gives another sum but in one of 2^32 cases.
 */
#ifndef VALSUM_H
#define VALSUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { VALSUM_BEGIN = 1 };

/* Each: the sum so far, then the value; gives the sum with it. */
static inline uint64_t
valsum_bits(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

static inline uint64_t
valsum_null(uint64_t h)
{
	return valsum_bits(h, UINT64_C(0x8d2f6e1c3b5a4907));
}

static inline uint64_t
valsum_int(uint64_t h, int64_t v)
{
	return valsum_bits(h, (uint64_t)v);
}

static inline uint64_t
valsum_real(uint64_t h, double v)
{
	const double most = 9007199254740992;	/* 2^53: these are whole */
	uint64_t bits;

	if (v > -most && v < most && (double)(int64_t)v == v)
		return valsum_int(h, (int64_t)v);
	memcpy(&bits, &v, sizeof(bits));
	return valsum_bits(h, bits);
}

static inline uint64_t
valsum_text(uint64_t h, const char *s, size_t n)
{
	uint64_t part = 0;

	h = valsum_bits(h, ~(uint64_t)n);
	for (; n >= sizeof(part); n -= sizeof(part), s += sizeof(part)) {
		memcpy(&part, s, sizeof(part));
		h = valsum_bits(h, part);
	}
	part = 0;
	memcpy(&part, s, n);
	return valsum_bits(h, part);
}

/* The half of it that all bits of the last value have come to. */
static inline uint32_t
valsum_end(uint64_t h)
{
	return (uint32_t)(h * UINT64_C(0xd6e8feb86659fd93) >> 32);
}

#endif
