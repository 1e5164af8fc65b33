#include <stdlib.h>
#include <string.h>

#include "arbiter.h"
#include "clk.h"

struct kept {
	int64_t		 at;		/* when it came first */
	uint32_t	 no;		/* in the order of coming */
	uint8_t		 by;		/* connections that brought it, bit 0 the
					 * first */
	uint8_t		 owed;		/* by these others, at that time */
	uint8_t		 len;		/* 0: empty */
};

/* A ring of the last packets; its memory begins with the first one. */
struct arbiter_token {
	struct kept	*kept;		/* [slots], then their packets */
	uint32_t	 no;		/* of the newest */
	uint8_t		 slots;
	uint8_t		 room;		/* of a packet */
	uint8_t		 carried;	/* connections that have brought anything
					 * since they were opened */
};

int
arbiter_init(struct arbiter *a, size_t n, struct fault *f)
{
	*a = (struct arbiter){ .n = n };
	if ((a->token = calloc(n + 1, sizeof(*a->token))) == NULL)
		return fault_sys(f, EX_TEMPFAIL, "instruments");
	return 0;
}

void
arbiter_free(struct arbiter *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->token[i].kept);
	free(a->token);
	*a = (struct arbiter){ 0 };
}

static uint8_t *
packet_of(const struct arbiter_token *t, const struct kept *k)
{
	return (uint8_t *)(t->kept + t->slots) + (k - t->kept) * t->room;
}

/* Room for packets of that length; a ring of shorter ones is forgotten, which
 * happens when an instrument comes in another mode. */
static int
make_ring(struct arbiter_token *t, size_t len)
{
	size_t room = len <= KITE_INDEX_FULL_LEN ? KITE_INDEX_FULL_LEN :
	    KITE_FULL_LEN;
	size_t slots = room == KITE_FULL_LEN ? ARBITER_RING :
	    ARBITER_SHORT_RING;
	struct kept *kept;

	if (len <= t->room)
		return 0;
	if ((kept = calloc(slots, sizeof(*kept) + room)) == NULL)
		return -1;
	free(t->kept);
	t->kept = kept;
	t->slots = (uint8_t)slots;
	t->room = (uint8_t)room;
	return 0;
}

/* What the connection has brought so far says nothing about what comes. */
static void
forget(struct arbiter *a, uint32_t conn, int64_t since)
{
	a->since[conn - 1] = since;
	for (size_t i = 0; i < a->n; i++)
		a->token[i].carried &= (uint8_t)~(1u << (conn - 1));
}

void
arbiter_opened(struct arbiter *a, uint32_t conn, int64_t at_us)
{
	forget(a, conn, at_us);
}

void
arbiter_lost(struct arbiter *a, uint32_t conn)
{
	forget(a, conn, 0);
}

/* Whoever has not brought it by now has missed it, unless it was away
 * meanwhile. */
static void
close_account(struct arbiter *a, struct kept *k)
{
	for (unsigned c = 0; c < KITE_CONNS_MAX; c++)
		if ((k->owed & ~k->by) >> c & 1 && a->since[c] != 0 &&
		    a->since[c] <= k->at)
			a->missed[c]++;
	k->owed = 0;
}

static bool
is_fresh(const struct kept *k, int64_t now)
{
	return now - k->at <= ARBITER_WINDOW_MS * US_PER_MS;
}

/*
 * What is kept of that content and the connection has not brought yet: the
 * oldest that is fresh, else any, else NULL.  Of a first packet all counts.
 */
static struct kept *
match(struct arbiter_token *t, uint8_t bit, const uint8_t *p, size_t len,
    int64_t now)
{
	bool first = (t->carried & bit) == 0;
	struct kept *best = NULL;

	for (size_t i = 0; i < t->slots; i++) {
		struct kept *k = &t->kept[i];

		if (k->len != len || (!first && (k->by & bit) != 0) ||
		    memcmp(packet_of(t, k), p, len) != 0)
			continue;
		if (best == NULL || (is_fresh(k, now) &&
		    (!is_fresh(best, now) || k->no < best->no)))
			best = k;
	}
	return best;
}

bool
arbiter_look(struct arbiter *a, uint32_t conn, size_t i, const uint8_t *p,
    size_t len, int64_t at_us)
{
	uint8_t bit = (uint8_t)(1u << (conn - 1));
	struct arbiter_token *t;
	struct kept *k;
	bool first, late;

	t = &a->token[i];
	if (make_ring(t, len) != 0)
		return true;		/* without memory all is new */
	k = match(t, bit, p, len, at_us);
	first = (t->carried & bit) == 0;
	t->carried |= bit;
	if (k != NULL && (first || is_fresh(k, at_us))) {
		k->by |= bit;
		return false;
	}
	if ((late = k != NULL)) {	/* the others have had it long ago */
		close_account(a, k);
		k->by |= bit;
	}
	k = &t->kept[++t->no % t->slots];
	close_account(a, k);		/* the oldest, it has to go */
	*k = (struct kept){ .at = at_us, .no = t->no, .by = bit,
	    .owed = late ? 0 : (uint8_t)(t->carried & ~bit),
	    .len = (uint8_t)len };
	memcpy(packet_of(t, k), p, len);
	return true;
}

void
arbiter_sweep(struct arbiter *a, int64_t now_us)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j < a->token[i].slots; j++) {
			struct kept *k = &a->token[i].kept[j];

			if ((k->owed & ~k->by) != 0 && !is_fresh(k, now_us))
				close_account(a, k);
		}
}
