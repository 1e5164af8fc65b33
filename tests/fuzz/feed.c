/*
 * feed - messages of several connections to rows: as many rows as ticks, whole,
 * numbered without a hole, and each reads back as what the wire said
 *
 * The input is cut into messages, each behind a head: connection and kind (1
 * byte), seconds since the message before (1), length (2).
 */
#include <stdbool.h>
#include <string.h>

#include "clk.h"
#include "feed.h"
#include "fuzz.h"
#include "num.h"
#include "tickin.h"

enum { HEAD = 4, OPENED = 0x80, ROW_MAX = TICK_ROW_MAX };

static struct inst_set set;
static struct tsv rows;			/* with the header of the topic */
static struct tickin in;

/* What every input needs, once. */
static void
set_up(void)
{
	static const struct {
		uint32_t token;
		const char *name;
	} i[] = { { 408065, "INFY" }, { 884737, "TATA\tMOTORS\\" },
	    { 256265, "NIFTY 50" } };

	struct fault f;

	if (set.n > 0)
		return;
	tsv_init(&rows, NULL, "rows");
	MUST(tsv_head(&rows, tick_header, strlen(tick_header)) == 0);
	MUST(tickin_open(&in, &rows, &f) == 0);
	for (size_t k = 0; k < 3; k++) {
		struct inst *p = inst_add(&set);

		MUST(p != NULL);
		p->token = i[k].token;
		snprintf(p->tradingsymbol, sizeof(p->tradingsymbol), "%s",
		    i[k].name);
	}
	inst_sort(&set);
}

/* What a row keeps of a tick: all but the kind, and of levels all. */
static void
same(const struct tick *a, const struct tick *b)
{
	MUST(a->token == b->token && a->price_e7 == b->price_e7);
	MUST(a->open_e7 == b->open_e7 && a->high_e7 == b->high_e7);
	MUST(a->low_e7 == b->low_e7 && a->close_e7 == b->close_e7);
	MUST(a->avg_e7 == b->avg_e7 && a->qty == b->qty);
	MUST(a->volume == b->volume && a->buy_qty == b->buy_qty);
	MUST(a->sell_qty == b->sell_qty && a->oi == b->oi);
	MUST(a->oi_high == b->oi_high && a->oi_low == b->oi_low);
	MUST(a->trade_s == b->trade_s && a->exch_s == b->exch_s);
	for (int i = 0; i < TICK_DEPTH; i++) {
		MUST(a->buy[i].qty == b->buy[i].qty);
		MUST(a->buy[i].price_e7 == b->buy[i].price_e7);
		MUST(a->buy[i].orders == b->buy[i].orders);
		MUST(a->sell[i].qty == b->sell[i].qty);
		MUST(a->sell[i].price_e7 == b->sell[i].price_e7);
		MUST(a->sell[i].orders == b->sell[i].orders);
	}
}

/* Looks at the row at *at and moves behind it. */
static void
look_at_row(char **at, const struct tick *want, uint64_t seq,
    const struct capture_frame *c)
{
	char *nl = strchr(*at, '\n'), number[24];
	struct fault f;
	struct tick t;
	int64_t recv_us;

	MUST(nl != NULL && nl - *at < ROW_MAX);
	*nl = '\0';
	MUST(tsv_row(&rows, *at) == 0);		/* the right number of fields */
	snprintf(number, sizeof(number), "%ju", (uintmax_t)seq);
	MUST(strcmp(rows.f[tsv_col(&rows, "seq")], number) == 0);
	snprintf(number, sizeof(number), "%u", (unsigned)c->conn);
	MUST(strcmp(rows.f[tsv_col(&rows, "conn")], number) == 0);
	MUST(*rows.f[tsv_col(&rows, "flag")] != '\0');
	MUST(tickin_row(&in, &rows, &t, &recv_us, &f) == 0);
	MUST(recv_us == c->recv_us);
	same(&t, want);
	*at = nl + 1;
}

/* The rows of one message: those of its packets that decode, in their order. */
static void
look_at_rows(struct feed *d, uint64_t seq, const struct capture_frame *c)
{
	struct kite_frame k;
	struct tick t;
	enum kite_rc rc;
	char *at = d->rows.p;

	rc = kite_begin(&k, c->p, c->len);
	while (rc == KITE_TICK || rc == KITE_BAD)
		if ((rc = kite_next(&k, &t)) == KITE_TICK)
			look_at_row(&at, &t, ++seq, c);
	MUST(d->seq == seq);
	MUST(d->rows.len == (size_t)(at - d->rows.p));
	buf_reset(&d->rows);
}

static void
take(struct feed *d, const struct capture_frame *c)
{
	struct feed_count was = d->count;
	uint64_t seq = d->seq;
	int rc = feed_frame(d, c);

	MUST(rc == 0 || rc == 1);
	MUST(d->seq - seq == d->count.ticks - was.ticks);
	MUST(d->count.rejects - was.rejects == (uint64_t)rc);
	if (c->kind == CAPTURE_BINARY)
		look_at_rows(d, seq, c);
	else
		MUST(d->seq == seq && rc == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const uint8_t *end = p + n;
	struct capture_frame c = { .recv_us = INT64_C(1795578300500001) };
	struct feed d;
	struct fault f;

	set_up();
	MUST(feed_init(&d, &set, &f) == 0);
	for (; end - p >= HEAD; p = c.p + c.len) {
		size_t room = (size_t)(end - p) - HEAD;

		c.conn = (p[0] & 0x7f) % (KITE_CONNS_MAX + 1) + 1;
		c.kind = p[0] & OPENED ? CAPTURE_OPEN : CAPTURE_BINARY;
		c.recv_us += p[1] * US_PER_SEC;
		c.len = (size_t)p[2] << 8 | p[3];
		c.len = c.kind == CAPTURE_OPEN ? 0 : c.len < room ? c.len : room;
		c.p = p + HEAD;
		take(&d, &c);
	}
	MUST(d.seq == d.count.ticks);
	MUST(d.count.cached <= d.seq && d.count.repeats <= d.seq &&
	    d.count.older <= d.seq && d.count.strangers <= d.seq);
	feed_free(&d);
	return 0;
}

/* ---- seeds ---- */

static struct buf all;
static fuzz_add *give;

static void
add_message(struct buf *b, uint8_t conn, const void *p, size_t n)
{
	uint8_t head[HEAD] = { conn, 1, (uint8_t)(n >> 8), (uint8_t)n };

	MUST(buf_add(b, head, HEAD) == 0 && buf_add(b, p, n) == 0);
}

/* A frame by itself, twice on two connections, and behind all the others. */
static void
frame(const void *p, size_t n)
{
	struct buf b = { 0 };

	add_message(&b, OPENED, "", 0);
	add_message(&b, 0, p, n);
	add_message(&b, 1, p, n);
	add_message(&b, OPENED | 1, "", 0);
	add_message(&b, 1, p, n);
	give(b.p, b.len);
	buf_free(&b);
	add_message(&all, (uint8_t)(n % 4), p, n);
}

void
fuzz_seeds(fuzz_add *add)
{
	give = add;
	seed_frames(frame);
	add(all.p, all.len);
	buf_free(&all);
}
