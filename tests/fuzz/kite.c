/*
 * kite - a frame of the ticker: no read behind it, an end to it, and every
 * packet that decodes encodes to the same bytes
 */
#include <stdbool.h>
#include <string.h>

#include "fuzz.h"
#include "kite.h"

/* Bytes of a packet that the decoder does not look at. */
static bool
ignored(const struct tick *t, size_t at)
{
	switch (t->kind) {
	case TICK_INDEX_QUOTE:
	case TICK_INDEX_FULL:
		return at >= 24 && at < 28;		/* the change */
	case TICK_FULL:
		return at >= 64 && (at - 64) % 12 >= 10;	/* padding */
	default:
		return false;
	}
}

static void
same_packet(const struct tick *t, const uint8_t *p, size_t n)
{
	uint8_t out[KITE_FULL_LEN];

	MUST(kite_encode(out, t, t->kind) == n);
	for (size_t i = 0; i < n; i++)
		MUST(out[i] == p[i] || ignored(t, i));
}

/* The packet that k gave is inside of the frame, behind the one before. */
static const uint8_t *
inside(const struct kite_frame *k, const uint8_t *from, const uint8_t *end)
{
	MUST(k->packet == from + 2);
	MUST(k->packet_len <= (size_t)(end - k->packet));
	return k->packet + k->packet_len;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const uint8_t *at = p + 2, *end = p + n;
	struct kite_frame k;
	struct tick t;
	enum kite_rc rc = kite_begin(&k, p, n), last;
	uint32_t seen = 0, bad = 0;

	if (n < 2) {
		MUST(rc == (n == 1 ? KITE_HEARTBEAT : KITE_CUT));
		return 0;
	}
	MUST(rc == KITE_TICK);
	MUST(k.count == ((uint32_t)p[0] << 8 | p[1]));
	while ((rc = kite_next(&k, &t)) == KITE_TICK || rc == KITE_BAD) {
		MUST(k.seen == ++seen && seen <= k.count);
		at = inside(&k, at, end);
		if (rc == KITE_TICK)
			same_packet(&t, k.packet, k.packet_len);
		else
			bad++;
		MUST(kite_packet(k.packet, k.packet_len, &t) == rc);
	}
	MUST(k.bad == bad && k.seen == seen);
	MUST(rc == KITE_END || rc == KITE_CUT);
	MUST(rc != KITE_END || (seen == k.count && at == end));
	last = rc;
	MUST(kite_next(&k, &t) == last);	/* and stays at its end */
	return 0;
}

void
fuzz_seeds(fuzz_add *add)
{
	seed_frames(add);
}
