/*
 * ticker - connections to the broker's ticker that are made again for ever
 *
 * Subscribes the instruments in full mode, each connection its share, watches each for silence (heartbeats come every second) and
 * dials again after 0.2 to 15 s.  The access token is read afresh before every
 * attempt; one that was refused is tried again only after minutes, a newer one
 * in the file at once.  What to write down is the caller's affair.
 */
#ifndef TICKER_H
#define TICKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture.h"
#include "fault.h"
#include "kite.h"
#include "ledger.h"
#include "plan.h"

enum {
	TICKER_SILENT_S = 5,		/* longest without a byte */
	TICKER_DIAL_S = 30,		/* longest from dialling to open */
	TICKER_REFUSED_S = 300,		/* from a refused token to the next try */
	TICKER_CHUNK = 500,		/* tokens of one message */
	TICKER_MESSAGE_MAX = KITE_FRAME_MAX
};

struct ticker;

/* conn is 1 to KITE_CONNS_MAX and stays the same when it is dialled again. */
struct ticker_calls {
	/* Open, and its subscriptions are on their way. */
	void	(*opened)(uint32_t conn, void *arg);
	/* A message, heartbeats too.  broken: the beginning of one longer
	 * than TICKER_MESSAGE_MAX, or that never ended. */
	void	(*frame)(uint32_t conn, enum capture_kind kind,
		    const uint8_t *p, size_t n, bool broken, void *arg);
	/* An attempt failed (open is false) or a connection ended. */
	void	(*lost)(uint32_t conn, bool open, enum ledger_cause cause,
		    const struct fault *why, void *arg);
};

struct ticker_spec {
	const char	*url;		/* wss://ws.kite.trade */
	const char	*api_key;
	const char	*token_file;	/* of das-token */
	const char	*cafile;	/* "": the system's */
	const uint32_t	*token;		/* to be subscribed, as many as: */
	const struct plan *plan;	/* which connection carries which */
	struct ticker_calls calls;
	void		*arg;
};

/* What the spec points to outlives the ticker.  EX_CONFIG, EX_OSERR,
 * EX_DATAERR nothing to subscribe. */
int	ticker_open(struct ticker **t, const struct ticker_spec *spec,
	    struct fault *f);
/* Waits at most ms milliseconds and does what is due.  -1: EX_OSERR. */
int	ticker_turn(struct ticker *t, int ms, struct fault *f);
/* Subscribes n tokens on a connection, once more: for what it does not bring.
 * -1: it is not open, or too much waits to be sent. */
int	ticker_ask(struct ticker *t, uint32_t conn, const uint32_t *token,
	    size_t n, struct fault *f);
/* Gives a connection up for a reason of the caller's, as if it had been lost:
 * lost() is called, and it is dialled again.  Nothing when it is not open. */
void	ticker_give_up(struct ticker *t, uint32_t conn, enum ledger_cause cause,
	    const struct fault *why);
/* Drops all connections (no lost() for that) and dials no more; or again. */
void	ticker_pause(struct ticker *t, bool pause);
/* Says goodbye, waits for it at most ms milliseconds, frees.  Frames that still
 * come are delivered.  NULL is fine. */
void	ticker_close(struct ticker *t, int ms);

unsigned ticker_conns(const struct ticker *t);		/* wanted */
unsigned ticker_open_conns(const struct ticker *t);	/* open now */
/* True while a connection waits for another access token than the file has. */
bool	ticker_refused(const struct ticker *t);
bool	ticker_is_open(const struct ticker *t, uint32_t conn);
size_t	ticker_tokens(const struct ticker *t, uint32_t conn);	/* its share */

/* Sets f, and gives -1, for the refusal of a token that is good elsewhere. */
int	ticker_no_plan(const struct fault *refusal, struct fault *f);

#endif
