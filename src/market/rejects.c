#include <stdarg.h>
#include <stdio.h>

#include "kite.h"
#include "rejects.h"

const char *const reject_name[REJECT_KINDS] = {
	"rejects_length", "rejects_kind", "rejects_cut", "rejects_behind",
	"rejects_count", "rejects_empty", "rejects_broken"
};

struct look {				/* at one frame */
	struct rejects	*r;
	bool		 counted;
	void		(*say)(const char *what, void *arg);
	void		*arg;
};

/* True once for each kind and length, as long as there is room to remember. */
static bool
is_new(struct rejects *r, enum reject_kind kind, size_t len)
{
	for (int i = 0; i < r->nknown; i++)
		if (r->known[i].kind == kind && r->known[i].len == len)
			return false;
	if (r->nknown == REJECTS_NEW_MAX)
		return false;
	r->known[r->nknown].kind = kind;
	r->known[r->nknown++].len = len;
	return true;
}

static void trouble(struct look *, enum reject_kind, size_t len,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void
trouble(struct look *l, enum reject_kind kind, size_t len, const char *fmt, ...)
{
	char what[160];
	va_list ap;

	if (!l->counted)
		l->r->count[kind]++;
	l->counted = true;
	if (!is_new(l->r, kind, len) || l->say == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	l->say(what, l->arg);
}

static void
bad_packet(struct look *l, const struct kite_frame *k)
{
	uint32_t n = k->packet_len;
	const uint8_t *p = k->packet;

	switch (n) {
	case KITE_LTP_LEN:
	case KITE_INDEX_QUOTE_LEN:
	case KITE_INDEX_FULL_LEN:
	case KITE_QUOTE_LEN:
	case KITE_FULL_LEN:
		trouble(l, REJECT_KIND, n, "a packet of %u bytes for token "
		    "%u, whose segment has none of that length", (unsigned)n,
		    (unsigned)p[0] << 24 | (unsigned)p[1] << 16 |
		    (unsigned)p[2] << 8 | p[3]);
		break;
	default:
		trouble(l, REJECT_LENGTH, n, "a packet of %u bytes, a length "
		    "that is not known", (unsigned)n);
	}
}

/* Why the walk over the packets of a frame did not come to a good end. */
static void
bad_end(struct look *l, const struct kite_frame *k, size_t len)
{
	size_t left = (size_t)(k->end - k->p);

	if (k->seen == k->count)
		trouble(l, REJECT_BEHIND, 0, "%zu bytes behind the last of %u "
		    "packets, in a frame of %zu", left, (unsigned)k->count,
		    len);
	else if (left == 0)
		trouble(l, REJECT_COUNT, 0, "a frame of %zu bytes announces %u "
		    "packets and has %u", len, (unsigned)k->count,
		    (unsigned)k->seen);
	else
		trouble(l, REJECT_CUT, 0, "a frame of %zu bytes ends inside of "
		    "packet %u of %u", len, (unsigned)k->seen + 1,
		    (unsigned)k->count);
}

void
rejects_add(struct rejects *r, const uint8_t *frame, size_t len, bool broken,
    void (*say)(const char *what, void *arg), void *arg)
{
	struct look l = { .r = r, .say = say, .arg = arg };
	struct kite_frame k;
	struct tick t;
	enum kite_rc rc;

	if (broken) {
		trouble(&l, REJECT_BROKEN, 0, "only the first %zu bytes of a "
		    "message are there: it is too long, or the connection "
		    "ended", len);
		return;
	}
	if (len == 0) {
		trouble(&l, REJECT_EMPTY, 0, "an empty frame");
		return;
	}
	rc = kite_begin(&k, frame, len);
	while (rc > KITE_END && (rc = kite_next(&k, &t)) > KITE_END)
		if (rc == KITE_BAD)
			bad_packet(&l, &k);
	if (rc == KITE_CUT)
		bad_end(&l, &k, len);
}
