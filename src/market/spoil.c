#include <string.h>

#include "kite.h"
#include "spoil.h"

enum {
	STRANGERS	= 0xf0000000,	/* their tokens; none is so large */
	DAY_S		= 86400,
	EVERY		= 50,		/* for spoil_thin() */
	LONG_TEXT	= 60 * 1024
};

/* The frame being made. */
struct made {
	struct buf	*out;
	size_t		 at;		/* where in out it begins */
	uint32_t	 count;
	int		 rc;
};

static struct made
begin(struct buf *out)
{
	struct made m = { .out = out, .at = out->len };

	m.rc = buf_add(out, "\0", 2);
	return m;
}

/* A packet that says it has len bytes and has n, from p on. */
static void
add_as(struct made *m, size_t len, const void *p, size_t n)
{
	const char head[2] = { (char)(len >> 8), (char)len };

	if (m->rc == 0)
		m->rc = buf_add(m->out, head, sizeof(head));
	if (m->rc == 0)
		m->rc = buf_add(m->out, p, n);
	m->count++;
}

static void
add(struct made *m, const void *p, size_t n)
{
	add_as(m, n, p, n);
}

static void
add_tick(struct made *m, const struct tick *t)
{
	uint8_t packet[KITE_FULL_LEN];

	add(m, packet, kite_encode(packet, t, t->kind));
}

static int
end(struct made *m, uint32_t count)
{
	if (m->rc == 0) {
		m->out->p[m->at] = (char)(count >> 8);
		m->out->p[m->at + 1] = (char)count;
	}
	return m->rc;
}

/* ---- what is put between and behind the good packets ---- */

static void
add_unknown(struct made *m, uint64_t turn)
{
	static const size_t odd[] = { 1, 7, 9, 12, 29, 45, 183, 185, 200 };
	char bytes[200];

	memset(bytes, 'x', sizeof(bytes));
	add(m, bytes, odd[(turn + m->count) % (sizeof(odd) / sizeof(*odd))]);
}

static void
add_stranger(struct made *m, const struct tick *last, uint64_t turn)
{
	struct tick t = *last;

	t.token = STRANGERS | (uint32_t)(turn % 16) << 8 | (last->token & 0xff);
	add_tick(m, &t);
}

static void
add_wrong_kinds(struct made *m)
{
	uint8_t packet[KITE_FULL_LEN];
	struct tick t = { .kind = TICK_INDEX_FULL,
	    .token = 1 << 8 | KITE_INDICES };
	size_t n = kite_encode(packet, &t, t.kind);

	packet[3] = KITE_NSE;
	add(m, packet, n);
	t.kind = TICK_FULL;
	t.token = 1 << 8 | KITE_NSE;
	n = kite_encode(packet, &t, t.kind);
	packet[3] = KITE_INDICES;
	add(m, packet, n);
}

static void
before_all(struct made *m, enum spoil_kind how, uint64_t turn)
{
	if (how == SPOIL_UNKNOWN)
		add_unknown(m, turn);
	else if (how == SPOIL_ZERO)
		add(m, "", 0);
}

static void
behind_all(struct made *m, enum spoil_kind how, uint64_t turn,
    const struct tick *last)
{
	char bytes[100];

	memset(bytes, 'x', sizeof(bytes));
	if (how == SPOIL_UNKNOWN)
		add_unknown(m, turn);
	else if (how == SPOIL_ZERO)
		add(m, "", 0);
	else if (how == SPOIL_HUGE)
		add_as(m, 65535, bytes, sizeof(bytes));
	else if (how == SPOIL_STRANGER && last->token != 0)
		add_stranger(m, last, turn);
	else if (how == SPOIL_WRONGKIND)
		add_wrong_kinds(m);
	else if (how == SPOIL_TRAILING && m->rc == 0)
		m->rc = buf_add(m->out, bytes, 7);
}

/* ---- what is done to the good packets ---- */

static void
change_time(struct tick *t, enum spoil_kind how, uint64_t turn)
{
	if (t->exch_s == 0)
		return;			/* none in a packet of this kind */
	if (how == SPOIL_NOTIME)
		t->exch_s = 0;
	else if (how == SPOIL_FUTURE)
		t->exch_s += 3600;
	else if (how == SPOIL_BACKWARDS)
		t->exch_s -= 60 * (1 + (uint32_t)(turn % 60));
	else if (how == SPOIL_STALE)
		t->exch_s -= 3 * DAY_S;
}

static void
add_good(struct made *m, enum spoil_kind how, uint64_t turn, struct tick *t,
    const struct kite_frame *k)
{
	switch (how) {
	case SPOIL_NOTIME:
	case SPOIL_FUTURE:
	case SPOIL_BACKWARDS:
	case SPOIL_STALE:
		change_time(t, how, turn);
		add_tick(m, t);
		break;
	case SPOIL_REPEAT:
		add(m, k->packet, k->packet_len);
		/* FALLTHROUGH */
	default:
		add(m, k->packet, k->packet_len);
	}
	if (how == SPOIL_UNKNOWN && k->seen == k->count / 2 + 1)
		add_unknown(m, turn);
}

int
spoil_frame(struct buf *out, enum spoil_kind how, uint64_t turn,
    const uint8_t *frame, size_t n)
{
	struct made m = begin(out);
	struct kite_frame k;
	struct tick t, last = { .token = 0 };
	enum kite_rc rc = kite_begin(&k, frame, n);
	uint32_t count;

	before_all(&m, how, turn);
	while (m.rc == 0 && rc > KITE_END && (rc = kite_next(&k, &t)) >
	    KITE_END) {
		if (rc == KITE_TICK)
			last = t;
		add_good(&m, rc == KITE_TICK ? how : SPOIL_KINDS, turn, &t,
		    &k);
	}
	behind_all(&m, how, turn, &last);
	count = m.count;
	if (how == SPOIL_SHORT && m.rc == 0 && m.count > 0)
		out->len -= k.packet_len / 2 + 1;
	else if (how == SPOIL_LIAR)
		count = turn % 2 == 0 ? count + 3 : count > 0 ? count - 1 : 0;
	return end(&m, count);
}

int
spoil_thin(struct buf *out, uint64_t *seen, const uint8_t *frame, size_t n)
{
	struct made m = begin(out);
	struct kite_frame k;
	struct tick t;
	enum kite_rc rc = kite_begin(&k, frame, n);

	while (m.rc == 0 && rc > KITE_END && (rc = kite_next(&k, &t)) >
	    KITE_END)
		if (++*seen % EVERY != 0)
			add(&m, k.packet, k.packet_len);
	return end(&m, m.count);
}

int
spoil_is_stranger(uint32_t token)
{
	return token >= STRANGERS;
}

/* ---- texts ---- */

static int
long_text(struct buf *out)
{
	char xs[1024];
	int rc = buf_adds(out, "{\"type\":\"message\",\"data\":\"");

	memset(xs, 'x', sizeof(xs));
	for (int i = 0; rc == 0 && i < LONG_TEXT; i += (int)sizeof(xs))
		rc = buf_add(out, xs, sizeof(xs));
	return rc == 0 ? buf_adds(out, "\"}") : -1;
}

int
spoil_text(struct buf *out, size_t i)
{
	static const char *const text[] = {
		/* what could hurt a terminal, and a row of a table */
		"\033[2J\033]0;title\a\tone\ttwo\r\nthree\\\177 \302\233"
		    "31m \342\200\256 \233",
		"{\"type\":\"order\",\"id\":\"\",\"data\":{\"order_id\":"
		    "\"261123000000001\",\"status\":\"COMPLETE\"}}",
		"{\"type\":\"error\",\"data\":\"Too many requests\"}",
		"{\"type\":\"message\",\"data\":\"Markets close at 15:40\"}",
		"{\"type\":\"instruments_meta\",\"data\":{\"count\":-1}}",
		"{\"type\":\"tomorrow\"}",
		"{\"type\":7,\"type\":null}",
		"{\"type\":\"order\",\"data\":{",
		"[]",
		"no JSON",
		"{\"type\":\"\\u001b[2J\\t\\n\"}",
	};
	enum { TEXTS = sizeof(text) / sizeof(*text) };

	if (i < TEXTS)
		return buf_adds(out, text[i]) == 0 ? 1 : -1;
	if (i == TEXTS)
		return long_text(out) == 0 ? 1 : -1;
	if (i == TEXTS + 1)		/* no UTF-8, and a NUL */
		return buf_add(out, "\200\377\0\233", 4) == 0 ? 1 : -1;
	return 0;
}
