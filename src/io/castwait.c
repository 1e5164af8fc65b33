#include "casthttp.h"
#include "castout.h"
#include "castsock.h"
#include "castwait.h"

/* Real time, us. */
static const int64_t HEAD_US = 10 * US_PER_SEC,	/* for the request to come */
    PART_US = 30 * US_PER_SEC,	/* for a message to end */
    STALL_US = 30 * US_PER_SEC,	/* takes nothing */
    PING_US = 30 * US_PER_SEC;	/* says nothing: is asked; then as long again */
static const unsigned SKIPS_MAX = 3;	/* a minute */

static bool
has_more(const struct castclient *c)
{
	return c->out.len > c->out_at || castsock_held(c) || c->behind ||
	    c->sweeping ||
	    (c->ch != NULL && !c->held && c->pos < c->ch->log.head);
}

static void
slow(struct castclient *c, const char *why)
{
	c->cast->count.closed_slow++;
	castout_close(c, WSFS_POLICY, why);
}

static void
tick_open(struct castclient *c)
{
	int64_t now = c->cast->now;

	if (c->blocked && has_more(c) && now - c->moved_us > STALL_US) {
		slow(c, "took nothing for 30 s");
	} else if (c->skips > SKIPS_MAX) {
		slow(c, "too slow: skipped more than 3 times in a minute");
	} else if (c->part_us != 0 && !c->paused && !c->again &&
	    now - c->part_us > PART_US) {
		c->cast->count.closed_bad++;
		castout_close(c, WSFS_POLICY, "a message did not end in 30 s");
	} else if (c->wire != CASTWIRE_WS) {
		return;		/* need not say anything */
	} else if (now - c->heard_us > 2 * PING_US && c->pinged) {
		c->cast->count.closed_dead++;
		castclient_end(c);
	} else if (now - c->heard_us > PING_US && !c->pinged) {
		c->pinged = true;
		castout_frame(c, WSF_PING, "", 0);
		castout_flush(c);
	}
}

/* A handshake that has not ended cannot be answered. */
static void
out_of_time(struct castclient *c)
{
	if (castsock_ready(c))
		casthttp_refuse(c, 408);
	else
		castclient_end(c);
}

void
castwait_tick(struct cast *k)
{
	struct castclient *c, *next;

	for (c = TAILQ_FIRST(&k->clients); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		if (c->state == CASTCLIENT_OPEN)
			tick_open(c);
		else if (c->state == CASTCLIENT_HEAD &&
		    k->now - c->born_us > HEAD_US)
			out_of_time(c);
		else if (c->state > CASTCLIENT_HEAD && k->now > c->end_us)
			castclient_end(c);
	}
}
