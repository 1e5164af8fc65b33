#include <errno.h>

#include "packfile.h"

static uint32_t crc_table[256];

__attribute__((constructor)) static void
make_crc_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ UINT32_C(0xedb88320) : c >> 1;
		crc_table[i] = c;
	}
}

uint32_t
packfile_crc(const uint8_t *p, size_t n)
{
	uint32_t c = UINT32_MAX;

	while (n-- > 0)
		c = c >> 8 ^ crc_table[(c ^ *p++) & 0xff];
	return ~c;
}

void
packfile_put(void *to, uint64_t v, int n)
{
	uint8_t *p = to;

	for (int i = 0; i < n; i++, v >>= 8)
		p[i] = (uint8_t)v;
}

uint64_t
packfile_get(const uint8_t *p, int n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

int
packfile_nomem(struct fault *f)
{
	errno = ENOMEM;
	return fault_sys(f, EX_TEMPFAIL, "packing");
}
