#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ring.h"

enum { LENGTH = 0x7f, LENGTH_16 = 126, LENGTH_64 = 127 };

static const uint64_t NO_FRAME = UINT64_MAX;

void
ring_init(struct ring *r, size_t max)
{
	*r = (struct ring){ .max = max };
}

void
ring_free(struct ring *r)
{
	free(r->p);
	free(r->mark);
	*r = (struct ring){ .max = r->max };
}

void
ring_forget(struct ring *r)
{
	free(r->p);
	free(r->mark);
	r->p = NULL;
	r->mark = NULL;
	r->cap = 0;
	r->tail = r->last = r->head;
}

static struct ring_mark *
mark_of(const struct ring *r, uint64_t card)
{
	return &r->mark[card & (2 * r->cap / RING_CARD - 1)];
}

static void
copy_in(struct ring *r, uint64_t at, const void *p, size_t n)
{
	size_t i = at & (r->cap - 1), first = r->cap - i;

	if (n == 0)
		return;
	if (first > n)
		first = n;
	memcpy(r->p + i, p, first);
	memcpy(r->p, (const uint8_t *)p + first, n - first);
}

static int
resize(struct ring *r, size_t cap)
{
	struct ring n = *r;
	struct iovec iov[2];
	uint64_t at = r->tail;
	int parts;

	n.cap = cap;
	n.p = malloc(cap);
	n.mark = malloc(2 * cap / RING_CARD * sizeof(*n.mark));
	if (n.p == NULL || n.mark == NULL) {
		free(n.p);
		free(n.mark);
		errno = ENOMEM;
		return -1;
	}
	for (size_t i = 0; i < 2 * cap / RING_CARD; i++)
		n.mark[i].at = NO_FRAME;
	parts = ring_iov(r, r->tail, r->head, iov);
	for (int i = 0; i < parts; at += iov[i++].iov_len)
		copy_in(&n, at, iov[i].iov_base, iov[i].iov_len);
	for (size_t i = 0; i < 2 * r->cap / RING_CARD; i++)
		if (r->mark[i].at != NO_FRAME && r->mark[i].at >= r->tail)
			*mark_of(&n, r->mark[i].at / RING_CARD) = r->mark[i];
	free(r->p);
	free(r->mark);
	*r = n;
	return 0;
}

int
ring_room(struct ring *r, size_t n, uint64_t low, uint64_t *lost)
{
	size_t cap = r->cap > 0 ? r->cap : RING_MIN, max = r->max;

	if (n > SIZE_MAX / 4) {
		errno = ENOMEM;
		return -1;
	}
	n += RING_CARD;
	if (max < n)
		max = n;
	while (cap < r->head - low + n && (cap * 2 <= max || cap < n))
		cap *= 2;
	if (cap != r->cap && resize(r, cap) != 0)
		return -1;
	*lost = r->head + n > r->cap ? r->head + n - r->cap : 0;
	if (*lost < r->tail)
		*lost = r->tail;
	return 0;
}

void
ring_put(struct ring *r, const void *head, size_t nhead, const void *p,
    size_t n, uint64_t version)
{
	uint64_t at = r->head, first = at / RING_CARD, last;
	struct ring_mark *m = mark_of(r, first);

	copy_in(r, at, head, nhead);
	copy_in(r, at + nhead, p, n);
	r->head += nhead + n;
	if (r->head - r->tail > r->cap)
		r->tail = r->head - r->cap;
	if (m->at == NO_FRAME || m->at / RING_CARD != first)
		*m = (struct ring_mark){ at, r->frames, version };
	/* A card that this frame fills up to its end has no frame of its own;
	 * what was there the last time round is overwritten. */
	last = (r->head - 1) / RING_CARD;
	for (uint64_t card = first + 1; card <= last; card++)
		mark_of(r, card)->at = NO_FRAME;
	r->last = at;
	r->version = version;
	r->frames++;
}

static uint8_t
byte(const struct ring *r, uint64_t at)
{
	return r->p[at & (r->cap - 1)];
}

/* Behind the text that begins at at. */
static uint64_t
end_of_text(const struct ring *r, uint64_t at)
{
	while (at < r->head && (byte(r, at) != '\n' ||
	    (r->ends == RING_BLANK && at + 1 < r->head &&
	    byte(r, at + 1) != '\n')))
		at++;
	at += r->ends == RING_BLANK ? 2 : 1;
	return at < r->head ? at : r->head;
}

/* Where the frame ends that begins at at. */
static uint64_t
end_of(const struct ring *r, uint64_t at)
{
	unsigned len, more;
	uint64_t n;

	if (r->ends != RING_FRAMES)
		return end_of_text(r, at);
	len = byte(r, at + 1) & LENGTH;
	more = len == LENGTH_64 ? 8 : len == LENGTH_16 ? 2 : 0;
	n = more == 0 ? len : 0;
	for (unsigned i = 0; i < more; i++)
		n = n << 8 | byte(r, at + 2 + i);
	return at + 2 + more + n;
}

/* The mark of a card, NULL where no frame begins there that is still whole. */
static const struct ring_mark *
look(const struct ring *r, uint64_t card)
{
	const struct ring_mark *m = mark_of(r, card);

	return m->at != NO_FRAME && m->at / RING_CARD == card &&
	    m->at >= r->tail && m->at < r->head ? m : NULL;
}

struct ring_mark
ring_next(const struct ring *r, uint64_t at)
{
	const struct ring_mark *m = NULL;
	struct ring_mark found = { r->head, r->frames, r->version };
	uint64_t card = at / RING_CARD, from = r->tail / RING_CARD;

	if (at >= r->head)
		return found;
	for (uint64_t c = card + 1; c-- > from;)
		if ((m = look(r, c)) != NULL && m->at <= at)
			break;
		else
			m = NULL;
	/* at is in a frame whose beginning is lost: the next one will do. */
	for (; m == NULL && card <= (r->head - 1) / RING_CARD; card++)
		if ((m = look(r, card)) != NULL && m->at < at)
			m = NULL;
	if (m == NULL)
		return found;
	for (found = *m; found.at < at; found.frame++)
		found.at = end_of(r, found.at);
	return found;
}

int
ring_iov(const struct ring *r, uint64_t from, uint64_t to, struct iovec iov[2])
{
	size_t n = (size_t)(to - from), i, first;

	if (n == 0)
		return 0;
	i = from & (r->cap - 1);
	first = r->cap - i;
	iov[0] = (struct iovec){ r->p + i, n < first ? n : first };
	if (n <= first)
		return 1;
	iov[1] = (struct iovec){ r->p, n - first };
	return 2;
}
