#include <stdlib.h>

#include "buf.h"
#include "clk.h"
#include "kite.h"
#include "msg.h"
#include "simclient.h"
#include "spoil.h"

enum {
	RESET_US	= 1000000,	/* longest to wait for a client that is to
					 * have all that was sent before */
	BIG		= 64 << 20,	/* bytes of the message, */
	BIG_CHUNK	= 64 * 1024,	/* at a time */
	DRIP_US		= 1000000,	/* a byte so often */
	DRIP_LEN	= 0x4000,	/* of a message that will not end */
	INSIDE_MAX	= 3		/* ticks of simclient_close_inside() */
};

struct simclient *
simclient_new(struct serve_conn *c, struct simfault *faults)
{
	struct simclient *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	k->conn = c;
	k->faults = faults;
	k->opened = k->beat = clk_mono();
	return k;
}

/* ---- messages ---- */

static void
send_message(struct simclient *k, enum serve_kind kind, const void *p, size_t n,
    enum simclient_tag tag)
{
	/* it fails when the connection ends or memory does; the queue has room
	 * for more than is ever put into it */
	if (serve_send(k->conn, kind, p, n, tag) != 0)
		msg_info("a ticker client lost a message");
}

void
simclient_text(struct simclient *k, const char *p, size_t n)
{
	send_message(k, SERVE_TEXT, p, n, SIMCLIENT_TEXT);
}

void
simclient_beat(struct simclient *k)
{
	send_message(k, SERVE_BINARY, "", 1, SIMCLIENT_OTHER);
}

/* The frame as a fault wants it, into b: 1; 0: as it is; -1 no memory. */
static int
spoil(struct simclient *k, struct buf *b, const void *p, size_t n)
{
	enum spoil_kind how;
	uint64_t turn;

	if (k->thin)
		return spoil_thin(b, &k->thinned, p, n) == 0 ? 1 : -1;
	if (!simfault_spoils(k->faults, &how, &turn))
		return 0;
	if (how == SPOIL_EMPTY)
		send_message(k, SERVE_BINARY, "", 0, SIMCLIENT_LIVE);
	return spoil_frame(b, how, turn, p, n) == 0 ? 1 : -1;
}

void
simclient_frame(struct simclient *k, const void *p, size_t n,
    enum simclient_tag tag)
{
	struct buf b = { 0 };
	int rc = tag == SIMCLIENT_LIVE && k->faults->begun > 0 ?
	    spoil(k, &b, p, n) : 0;

	if (rc == 1)
		send_message(k, SERVE_BINARY, b.p, b.len, tag);
	else if (rc == 0)
		send_message(k, SERVE_BINARY, p, n, tag);
	else
		msg_warn("a frame is not sent");
	buf_free(&b);
}

void
simclient_flush(struct simclient *k)
{
	if (k->len == 0)
		return;
	k->frame[0] = (uint8_t)(k->count >> 8);
	k->frame[1] = (uint8_t)k->count;
	simclient_frame(k, k->frame, k->len, k->tag);
	k->len = 0;
}

void
simclient_packet(struct simclient *k, const struct tick *t, enum tick_kind kind,
    enum simclient_tag tag)
{
	size_t n;

	if (k->len + 2 + KITE_FULL_LEN > SIMCLIENT_FRAME || k->tag != tag)
		simclient_flush(k);
	if (k->len == 0) {
		k->len = 2;
		k->count = 0;
		k->tag = tag;
	}
	n = kite_encode(k->frame + k->len + 2, t, kind);
	k->frame[k->len] = (uint8_t)(n >> 8);
	k->frame[k->len + 1] = (uint8_t)n;
	k->len += 2 + n;
	k->count++;
}

/* ---- faults ---- */

void
simclient_reset(struct simclient *k)
{
	simclient_flush(k);
	k->ending = true;
	if (k->reset_by == 0)
		k->reset_by = clk_mono() + RESET_US;
}

void
simclient_close(struct simclient *k)
{
	simclient_flush(k);
	k->ending = true;
	serve_end(k->conn, 1001, "going away");
}

void
simclient_close_inside(struct simclient *k, const struct tick *t, size_t n)
{
	uint8_t m[SIMCLIENT_HEAD + 2 + INSIDE_MAX * (2 + KITE_FULL_LEN)] = {
	    0x82, 0x7e };		/* a binary message, u16 length follows */
	size_t len = 0, at = SIMCLIENT_HEAD + 2;

	simclient_flush(k);
	m[SIMCLIENT_HEAD + 1] = (uint8_t)n;
	for (size_t i = 0; i < n; i++) {
		len = kite_encode(m + at + 2, &t[i], t[i].kind);
		m[at + 1] = (uint8_t)len;
		at += 2 + len;
	}
	m[2] = (uint8_t)((at - SIMCLIENT_HEAD) >> 8);
	m[3] = (uint8_t)(at - SIMCLIENT_HEAD);
	send_message(k, SERVE_RAW, m, at - len / 2, SIMCLIENT_PART);
	k->ending = true;
	serve_cut(k->conn);
}

void
simclient_texts(struct simclient *k)
{
	struct buf b = { 0 };

	for (size_t i = 0; spoil_text(&b, i) == 1; i++) {
		simclient_text(k, b.p, b.len);
		buf_reset(&b);
	}
	buf_free(&b);
}

/* Goes on with the big message. */
static void
send_big(struct simclient *k)
{
	static const char nothing[BIG_CHUNK];

	while (k->big_left > 0 && serve_queued(k->conn) < SIMCLIENT_HIGH) {
		send_message(k, SERVE_RAW, nothing, sizeof(nothing),
		    SIMCLIENT_OTHER);
		k->big_left -= sizeof(nothing);
	}
}

void
simclient_big(struct simclient *k)
{
	/* a binary message, u64 length follows */
	static const uint8_t head[10] = { 0x82, 0x7f, [6] = BIG >> 24 };

	simclient_flush(k);
	send_message(k, SERVE_RAW, head, sizeof(head), SIMCLIENT_PART);
	k->big_left = BIG;
	send_big(k);
}

/* The next byte of a message that comes slowly; at first its head and that it
 * has a packet. */
static void
send_drip(struct simclient *k, int64_t now)
{
	static const uint8_t head[SIMCLIENT_HEAD + 2] = { 0x82, 0x7e,
	    DRIP_LEN >> 8, 0, 0, 1 };

	if (now < k->drip)
		return;
	if (k->drip == 0)
		send_message(k, SERVE_RAW, head, sizeof(head), SIMCLIENT_PART);
	else
		send_message(k, SERVE_RAW, "", 1, SIMCLIENT_OTHER);
	k->drip = now + DRIP_US;
}

bool
simclient_busy(const struct simclient *k)
{
	return k->ending || k->big_left > 0 || k->drip != 0;
}

bool
simclient_turn(struct simclient *k, int64_t now)
{
	if (k->reset_by != 0) {
		if (now >= k->reset_by || serve_unreceived(k->conn) == 0)
			serve_reset(k->conn);
	} else if (k->big_left > 0) {
		send_big(k);
	} else if (k->ending) {
		return true;
	} else if (simfault_is(k->faults, SIMFAULT_TRICKLE)) {
		simclient_flush(k);
		send_drip(k, now);
	} else if (k->drip != 0) {
		simclient_reset(k);
	} else if (simfault_is(k->faults, SIMFAULT_MUTE)) {
		k->beat = now;
	} else {
		return false;
	}
	return true;
}
